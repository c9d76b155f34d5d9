//! Who may pass: every request is matched with the one list of routes, its credential found, its scope and limits checked.

use super::caller::{Caller, Scope};
use super::document::Access;
use super::limits::{Counted, Place};
use super::problem::{Kind, Problem};
use super::state::Service;
use super::tls::Certificate;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use std::net::{IpAddr, Ipv4Addr};

/// Answered by a full service too: a supervisor that hears nothing else would end it.
const LIVE: &str = "/livez";

/// The middleware before every handler.
pub async fn gate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let Some(service) = request.app_data::<web::Data<Service>>().cloned() else {
        return Ok(request.error_response(Problem::of(Kind::Internal)).map_into_right_body());
    };
    match pass(&service, &request) {
        // The places are kept until the answer begins.
        Ok(_places) => Ok(next.call(request).await?.map_into_left_body()),
        Err(problem) => Ok(request.error_response(problem).map_into_right_body()),
    }
}

/// A place among all requests, and one among the caller's if the route takes a credential.
fn pass(service: &Service, request: &ServiceRequest) -> Result<(Option<Place>, Option<Counted>), Problem> {
    let place = if request.path() == LIVE { None } else { Some(service.limits.place()?) };
    let Access::Scope(scope) = access(service, request)? else { return Ok((place, None)) };
    let caller = admit(service, request, scope)?;
    let share = service.limits.share(&caller)?;
    request.extensions_mut().insert(caller);
    Ok((place, Some(share)))
}

/// What the list says about this method and path; what is not in it is not there.
fn access(service: &Service, request: &ServiceRequest) -> Result<Access, Problem> {
    let pattern = request.match_pattern().ok_or_else(|| Problem::of(Kind::NotFound))?;
    let methods = service.document.methods(&pattern).ok_or_else(|| Problem::of(Kind::NotFound))?;
    methods.get(request.method().as_str()).copied().ok_or_else(|| {
        let allow = methods.keys().cloned().collect::<Vec<_>>().join(", ");
        Problem { allow: Some(allow), ..Problem::of(Kind::MethodNotAllowed) }
    })
}

fn admit(service: &Service, request: &ServiceRequest, scope: Scope) -> Result<Caller, Problem> {
    let Some(caller) = identify(service, request) else {
        let address = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        service.limits.stranger(address)?;
        return Err(Problem::of(Kind::Unauthenticated));
    };
    service.limits.caller(&caller)?;
    if !caller.scopes.contains(&scope) {
        return Err(Problem::new(
            Kind::Forbidden,
            format!("this route takes the scope `{scope}`, which the credential lacks"),
        ));
    }
    Ok(caller)
}

/// Whom the credential stands for: a bearer token if one is sent, else the client's certificate.
fn identify(service: &Service, request: &ServiceRequest) -> Option<Caller> {
    let now = service.clock.rough();
    let mut sent = request.headers().get_all(AUTHORIZATION);
    match (sent.next(), sent.next()) {
        (Some(value), None) => {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| service.tokens.bearer(token.trim(), now))?
        }
        (None, _) => service.tokens.certificate(&request.conn_data::<Certificate>()?.0, now),
        (Some(_), Some(_)) => None,
    }
}
