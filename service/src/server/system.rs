//! Health, metrics, the document, and what a problem means.

use super::problem::{Kind, Problem};
use super::state::Service;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_live).service(get_ready).service(get_metrics).service(get_document).service(get_problem);
}

/// Whether the service can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// `ready`, or what is in the way.
    status: String,
}

/// Whether the process runs.
#[utoipa::path(tag = "system", security(()), responses((status = 200, body = Health, description = "It runs")))]
#[get("/livez")]
async fn get_live() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "live".into() })
}

/// Whether requests should be sent here.
#[utoipa::path(tag = "system", security(()), responses((status = 200, body = Health, description = "It takes requests")))]
#[get("/readyz")]
async fn get_ready(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    service.ready()?;
    Ok(HttpResponse::Ok().json(Health { status: "ready".into() }))
}

/// Metrics in Prometheus' text form.
#[utoipa::path(
    tag = "system",
    security(("token" = ["operator"])),
    responses((status = 200, content_type = "text/plain; version=0.0.4", body = String, description = "Metrics"))
)]
#[get("/metrics")]
async fn get_metrics(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let text = service.metrics.text().map_err(|error| Problem::new(Kind::Internal, error))?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text))
}

/// This document.
#[utoipa::path(
    tag = "system",
    security(()),
    responses((status = 200, content_type = "application/json", body = Object, description = "OpenAPI 3.1"))
)]
#[get("/openapi.json")]
async fn get_document(service: web::Data<Service>, request: HttpRequest) -> HttpResponse {
    let tag = etag(&Sha256::digest(&service.document.text)[..16]);
    unchanged(&request, &tag).unwrap_or_else(|| {
        let mut response = HttpResponse::Ok();
        response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "no-cache"));
        response.content_type("application/json").body(service.document.text.clone())
    })
}

/// What a problem's `type` means.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meaning {
    /// The `type`.
    #[serde(rename = "type")]
    kind: String,
    /// In words.
    title: String,
    /// The status with which it comes.
    status: u16,
    /// What to do, if the occurrence does not say.
    remedy: String,
}

/// What a problem's `type` means.
#[utoipa::path(
    tag = "system",
    security(()),
    params(("kind" = String, Path, description = "The last part of a problem's `type`", example = "refused")),
    responses((status = 200, body = Meaning, description = "Its meaning"), (status = 404, description = "No such type"))
)]
#[get("/problems/{kind}")]
async fn get_problem(kind: web::Path<String>) -> Result<HttpResponse, Problem> {
    let found = Kind::ALL.iter().find(|known| known.name() == *kind);
    let kind = found.ok_or_else(|| Problem::of(Kind::NotFound))?;
    let meaning = Meaning {
        kind: format!("/problems/{}", kind.name()),
        title: kind.title().into(),
        status: kind.status().as_u16(),
        remedy: kind.remedy().into(),
    };
    Ok(HttpResponse::Ok().json(meaning))
}

/// A strong entity tag.
pub fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", crate::files::hex(bytes))
}

/// 304 if the caller has what this tag names.
pub fn unchanged(request: &HttpRequest, tag: &str) -> Option<HttpResponse> {
    let known = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let same = |one: &str| one.trim().trim_start_matches("W/") == tag || one.trim() == "*";
    known
        .flat_map(|list| list.split(','))
        .any(same)
        .then(|| HttpResponse::NotModified().insert_header((ETAG, tag)).finish())
}
