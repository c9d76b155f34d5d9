//! Bodies of requests: JSON of one type, within limits, told apart from everything else.

use super::caller::Caller;
use super::once::Once;
use super::problem::{Kind, Problem};
use super::state::Service;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::timeout;
use actix_web::web::{self, Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Bytes that are made ready before any has arrived.
const BEGINNING: usize = 16 << 10;

/// A JSON body of type `T`, which refuses unknown members, and what makes the request the same as another.
pub struct Input<T> {
    /// The body.
    pub value: T,
    /// For [`Once::run`].
    pub once: Once,
}

/// A body as it came.
pub struct Octets {
    /// The body.
    pub bytes: Bytes,
    /// Its media type without parameters, in lower case.
    pub media: String,
    /// For [`Once::run`].
    pub once: Once,
}

/// What was sent stays out of logs and panics, whatever it is.
impl<T> fmt::Debug for Input<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Input(redacted)")
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Octets({} bytes of {})", self.bytes.len(), self.media)
    }
}

impl FromRequest for Octets {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let caller = request.extensions().get::<Caller>().cloned();
            let caller = caller.ok_or_else(|| Problem::of(Kind::Unauthenticated))?;
            let patience = request.app_data::<web::Data<Service>>().map_or(0, |one| one.settings.http.request_seconds);
            let whole = timeout(Duration::from_secs(patience), body(&request, payload)).await;
            let bytes = whole.map_err(|_| Problem::of(Kind::TooSlow))??;
            let once = Once::new(&request, &caller, &bytes)?;
            Ok(Self { bytes, media: media(&request)?, once })
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Input<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let octets = Octets::from_request(request, payload);
        let depth = request.app_data::<web::Data<Service>>().map_or(0, |service| service.settings.http.json_depth);
        Box::pin(async move {
            let octets = octets.await?;
            if octets.media != "application/json" {
                return Err(Problem::of(Kind::UnsupportedMedia));
            }
            let value = json(&octets.bytes, depth)?;
            Ok(Self { value, once: octets.once })
        })
    }
}

/// JSON of type `T`, nested at most `depth` deep.
///
/// # Errors
/// [`Kind::Malformed`]; the text says where, and repeats no value of the body.
pub fn json<T: DeserializeOwned>(bytes: &[u8], depth: usize) -> Result<T, Problem> {
    if nesting(bytes) > depth {
        let text = format!("the body is nested deeper than {depth}; flatten it");
        return Err(Problem::new(Kind::Malformed, text));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = match error.classify() {
            serde_json::error::Category::Data => "a member is missing, unknown, twice there or of the wrong type",
            serde_json::error::Category::Eof => "the JSON text is truncated",
            _ => "that is no JSON text in UTF-8",
        };
        Problem::new(Kind::Malformed, format!("{what}: {place}"))
    })
}

/// How deep brackets are nested, strings aside.
fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut text, mut escaped) = (0usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The media type, if its charset is UTF-8 or unsaid and nothing is encoded.
fn media(request: &HttpRequest) -> Result<String, Problem> {
    if request.headers().contains_key("content-encoding") {
        let text = "an encoded body is not supported; send it without Content-Encoding";
        return Err(Problem::new(Kind::UnsupportedMedia, text));
    }
    let text = request.headers().get(CONTENT_TYPE).map_or(Ok(""), |value| value.to_str());
    let text = text.map_err(|_| Problem::of(Kind::UnsupportedMedia))?.to_ascii_lowercase();
    let (media, parameters) = text.split_once(';').unwrap_or((&text, ""));
    let charset = parameters.split(';').filter_map(|part| part.trim().strip_prefix("charset="));
    if charset.into_iter().any(|charset| charset.trim_matches('"') != "utf-8") {
        return Err(Problem::new(Kind::UnsupportedMedia, "the charset is not UTF-8; send UTF-8"));
    }
    Ok(media.trim().to_owned())
}

/// The whole body, within the limit.
async fn body(request: &HttpRequest, mut payload: Payload) -> Result<Bytes, Problem> {
    let limit = request.app_data::<web::Data<Service>>().map_or(0, |service| service.settings.http.body_bytes);
    let stated = request.headers().get("content-length").and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let too_large =
        || Problem::new(Kind::TooLarge, format!("the body is longer than {limit} bytes; send less at once"));
    if stated.is_some_and(|stated| stated > limit) {
        return Err(too_large());
    }
    let mut bytes = BytesMut::with_capacity(stated.unwrap_or(0).min(BEGINNING));
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| Problem::new(Kind::Malformed, "the body broke off; send it whole"))?;
        if bytes.len() + part.len() > limit {
            return Err(too_large());
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct One {
        a: u8,
    }

    #[test]
    fn json_is_whole_known_and_flat() {
        assert_eq!(json::<One>(br#" {"a": 1} "#, 1).unwrap().a, 1);
        let wrong: [&[u8]; 8] =
            [b"", b"{", b"{\"a\":1}x", b"{\"a\":1,\"a\":1}", b"{\"a\":1,\"b\":1}", b"{}", b"{\"a\":\"1\"}", b"\xff"];
        for text in wrong {
            assert_eq!(json::<One>(text, 1).unwrap_err().kind, Kind::Malformed, "{text:?}");
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(json::<serde_json::Value>(deep.as_bytes(), 32).unwrap_err().detail.contains("nested"));
        assert_eq!(nesting(br#"{"a": "[[[[\"[[", "b": [1]}"#), 2);
    }

    #[test]
    fn a_body_does_not_print() {
        let once = Once { key: None, digest: [0; 32] };
        let octets = Octets { bytes: Bytes::from_static(b"canary"), media: "a/b".into(), once: once.clone() };
        let input = Input { value: "canary", once };
        for text in [format!("{octets:?}"), format!("{octets:#?}"), format!("{input:?}")] {
            assert!(!text.contains("canary") && !text.contains("99, 97"), "{text}");
        }
    }

    #[test]
    fn an_error_repeats_no_value() {
        let text = json::<One>(br#"{"a": "secret-canary"}"#, 4).unwrap_err();
        assert!(!text.to_string().contains("canary"));
    }
}
