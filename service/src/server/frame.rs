//! What surrounds every request: its id, the log line, the metrics, the time limit, and the body of a problem.

use super::problem::{Kind, Problem};
use super::state::Service;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use rand::RngCore;
use rand::rngs::OsRng;
use std::fmt;
use std::time::Instant;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of one request: the caller's if it sent a plain one, else random.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    fn of(request: &ServiceRequest) -> Self {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        match given.filter(|text| (1..=64).contains(&text.len()) && text.bytes().all(plain)) {
            Some(text) => Self(text.to_owned()),
            None => {
                let mut bytes = [0; 12];
                OsRng.fill_bytes(&mut bytes);
                Self(crate::files::hex(&bytes))
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        Self("test".to_owned())
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The outermost middleware.
pub async fn frame<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let id = RequestId::of(&request);
    request.extensions_mut().insert(id.clone());
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let service = request.app_data::<web::Data<Service>>().cloned();
    // Handlers, extractors and the gate answer with a problem; an error is the framework's own.
    let response = next.call(request).await?.map_into_left_body();
    let mut response = explained(response, &id);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    if service.as_ref().is_some_and(|service| service.is_stopping()) {
        // Who keeps its connection would keep the service from ending.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let (status, took) = (response.status().as_u16(), started.elapsed());
    if let Some(service) = service {
        service.metrics.request(method.as_str(), &route, status, took);
    }
    let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(request_id = %id, method = %method, route, status, microseconds, "request");
    Ok(response)
}

/// Writes the body of a problem; a bare error of the framework becomes one.
fn explained<B: MessageBody + 'static>(
    response: ServiceResponse<EitherBody<B, BoxBody>>,
    id: &RequestId,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let known = response.response().extensions().get::<Problem>().cloned();
    let Some(problem) = known.or_else(|| Problem::for_status(response.status())) else { return response };
    if problem.kind == Kind::Internal {
        tracing::error!(request_id = %id, detail = problem.detail, "internal");
    }
    let (request, old) = response.into_parts();
    let (mut new, _) = problem.response().into_parts();
    for (name, value) in old.headers() {
        if !new.headers().contains_key(name) && *name != CONTENT_TYPE {
            new.headers_mut().insert(name.clone(), value.clone());
        }
    }
    let text = serde_json::to_vec(&problem.body(id)).unwrap_or_default();
    let body = EitherBody::right(BoxBody::new(text));
    ServiceResponse::new(request, new.set_body(body))
}
