//! The only error that a route answers: a problem of RFC 9457.

use super::frame::RequestId;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::http::{ConnectionType, StatusCode};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

macro_rules! kinds {
    ($($name:ident = $path:literal, $status:ident, $title:literal, $remedy:literal;)*) => {
        /// What went wrong; the stable last part of a problem's `type`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $(#[doc = $title] $name,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in `type`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $path,)* }
            }

            /// Its status.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// Its title, the same in every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What to do if the occurrence does not say.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

kinds! {
    Malformed = "malformed", BAD_REQUEST, "the request cannot be read", "send what the route's schema says";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "no valid credential", "send `Authorization: Bearer` with a token that is neither expired nor revoked";
    Forbidden = "forbidden", FORBIDDEN, "the credential lacks the route's scope", "ask the operator for a token with that scope";
    NotFound = "not-found", NOT_FOUND, "there is no such thing", "check the path and its identifiers";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "the path does not take this method", "use a method that `Allow` lists";
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "no acceptable form", "accept application/json";
    TooSlow = "too-slow", REQUEST_TIMEOUT, "the request took too long to arrive", "send it faster, or in smaller parts";
    Conflict = "conflict", CONFLICT, "the state forbids it", "read the state and decide anew";
    Gone = "gone", GONE, "it was there and is no longer kept", "begin again";
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "a precondition does not hold", "read the resource and send its present ETag";
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "the body is longer than this route takes", "send less at once";
    UnsupportedMedia = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "the body's form is not supported", "send application/json in UTF-8";
    Refused = "refused", UNPROCESSABLE_ENTITY, "a rule forbids it", "make it anew so that it keeps the rule";
    KeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY, "the idempotency key belongs to another request", "repeat the first request unchanged, or take a new key";
    TooMany = "too-many-requests", TOO_MANY_REQUESTS, "over the caller's limit", "wait as long as `Retry-After` says";
    HeadersTooLarge = "headers-too-large", REQUEST_HEADER_FIELDS_TOO_LARGE, "the header is too long", "send fewer or shorter fields";
    Internal = "internal", INTERNAL_SERVER_ERROR, "the service failed", "tell the operator the request id";
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "the service is full", "wait as long as `Retry-After` says";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "the store does not answer", "repeat the request with its idempotency key after `Retry-After`";
    Stopping = "stopping", SERVICE_UNAVAILABLE, "the service is stopping", "repeat the request with its idempotency key after `Retry-After`";
    Timeout = "timeout", GATEWAY_TIMEOUT, "the work took longer than the route's limit", "repeat the request with its idempotency key, or ask for a job";
}

/// One occurrence of a problem. By construction it carries no secret: its parts are what the caller sent and what is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub kind: Kind,
    /// What exactly, in this case.
    pub detail: String,
    /// The rule that says so, as `L7` or `T4`.
    pub rule: Option<String>,
    /// The ledger's stable number of a rejection.
    pub rejection: Option<u16>,
    /// What to do in this case.
    pub remedy: Option<String>,
    /// Seconds after which a repetition makes sense.
    pub retry_after: Option<u64>,
    /// Methods that the path takes.
    pub allow: Option<String>,
}

impl Problem {
    /// A problem of this kind; a `; remedy` at the end of the text, as errors here are written, is taken apart.
    pub fn new(kind: Kind, text: impl fmt::Display) -> Self {
        let text = text.to_string();
        let (detail, remedy) = match text.rsplit_once("; ") {
            Some((detail, remedy)) => (detail.to_owned(), Some(remedy.to_owned())),
            None => (text, None),
        };
        Self { kind, detail, rule: None, rejection: None, remedy, retry_after: None, allow: None }
    }

    /// Of this kind, with the kind's own words.
    pub fn of(kind: Kind) -> Self {
        Self::new(kind, kind.title())
    }

    /// The same, saying which rule; the rule's id in front of the text goes.
    pub fn rule(mut self, rule: &str) -> Self {
        if let Some(rest) = self.detail.strip_prefix(rule).and_then(|rest| rest.strip_prefix(": ")) {
            self.detail = rest.to_owned();
        }
        self.rule = Some(rule.to_owned());
        self
    }

    /// The same, with this remedy.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The same, saying when to come again, in seconds.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The problem that stands for a status which the framework chose, if it is one.
    pub fn for_status(status: StatusCode) -> Option<Self> {
        let known = Kind::ALL.iter().find(|kind| kind.status() == status).copied();
        match known {
            _ if status.is_success() || status.is_informational() || status.is_redirection() => None,
            Some(kind) => Some(Self::of(kind)),
            None if status.is_client_error() => Some(Self::of(Kind::Malformed)),
            None => Some(Self::of(Kind::Internal)),
        }
    }

    /// As it goes over the wire.
    pub fn body(&self, request: &RequestId) -> ProblemBody {
        ProblemBody {
            kind: format!("/problems/{}", self.kind.name()),
            title: self.kind.title().to_owned(),
            status: self.kind.status().as_u16(),
            detail: self.detail.clone(),
            rule: self.rule.clone(),
            rejection: self.rejection,
            remedy: self.remedy.clone().unwrap_or_else(|| self.kind.remedy().to_owned()),
            request_id: request.to_string(),
        }
    }

    /// The response, its body written by [`frame`](super::frame), which knows the request's id.
    pub fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.kind.status());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == Kind::Unauthenticated {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"privity\""));
        }
        if let Some(allow) = self.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
            headers.insert(actix_web::http::header::ALLOW, allow);
        }
        if matches!(self.kind, Kind::TooSlow | Kind::TooLarge) {
            // What is still to come is not read.
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        response.extensions_mut().insert(self.clone());
        response
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.response()
    }
}

/// A problem of RFC 9457 as JSON.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What went wrong, a path on this server that explains it; stable.
    #[serde(rename = "type")]
    #[schema(example = "/problems/refused")]
    pub kind: String,
    /// The type in words; stable.
    pub title: String,
    /// The response's status.
    pub status: u16,
    /// What exactly, in this case.
    pub detail: String,
    /// The rule of the protocol that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "L7")]
    pub rule: Option<String>,
    /// The ledger's stable number of the rejection.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 420)]
    pub rejection: Option<u16>,
    /// What to do.
    pub remedy: String,
    /// The request's id, as in the log and in `X-Request-Id`.
    pub request_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct_and_every_error_status_has_a_problem() {
        let names: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), Kind::ALL.len());
        for code in 100..600 {
            let status = StatusCode::from_u16(code).unwrap();
            let problem = Problem::for_status(status);
            assert_eq!(problem.is_some(), code >= 400, "{code}");
            assert!(problem.is_none_or(|problem| (problem.kind.status().as_u16() >= 500) == (code >= 500)), "{code}");
        }
    }

    #[test]
    fn the_manual_lists_every_kind() {
        let manual = include_str!("../../../docs/http.md");
        for kind in Kind::ALL {
            let row = format!("| `/problems/{}` | {} | {} |", kind.name(), kind.status().as_u16(), kind.remedy());
            assert!(manual.contains(&row), "{row}");
        }
    }

    #[test]
    fn texts_are_taken_apart() {
        let problem = Problem::new(Kind::Refused, "L3: it is spent; choose other notes").rule("L3");
        assert_eq!(problem.detail, "it is spent");
        assert_eq!(problem.remedy.as_deref(), Some("choose other notes"));
        assert_eq!(problem.body(&RequestId::for_test()).kind, "/problems/refused");
    }
}
