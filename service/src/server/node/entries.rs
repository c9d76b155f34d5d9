//! Reading the log: entries by page and by position, heads, and the chain between two of them.

use super::views::{EntryView, HeadView};
use crate::files;
use crate::server::problem::{Kind, Problem};
use crate::server::state::Service;
use crate::server::system::unchanged;
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

/// Links of one answer about the chain.
const LINKS: u64 = 4_096;
/// What never changes may be kept by the caller.
const IMMUTABLE: &str = "private, max-age=31536000, immutable";

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_entries).service(get_entry).service(get_head).service(get_head_at).service(get_consistency);
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Where the page begins: `next` of the page before; the beginning if absent
    #[serde(default)]
    cursor: Option<u64>,
    /// Most entries
    #[serde(default)]
    #[param(minimum = 1)]
    limit: Option<usize>,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entries {
    /// In the order of the log.
    entries: Vec<EntryView>,
    /// The cursor of the next page, good for ever; at the end of the log, of what will settle next.
    next: u64,
    /// Whether there is more now.
    more: bool,
}

/// A page of the log.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(Page),
    responses((status = 200, body = Entries, description = "Entries in order"))
)]
#[get("/v1/entries")]
async fn get_entries(service: web::Data<Service>, page: web::Query<Page>) -> Result<HttpResponse, Problem> {
    let limit = page.limit.unwrap_or(service.settings.node.page);
    if limit == 0 {
        return Err(Problem::new(Kind::Malformed, "limit is at least 1"));
    }
    let (from, limit) = (page.cursor.unwrap_or(0), limit.min(service.settings.node.page));
    let ledger = service.node.ledger()?;
    let (id, length) = ledger.read(|state| Ok((state.ledger(), state.position())))?;
    let records = ledger.records(from, limit)?;
    let entries: Result<Vec<_>, _> = records.iter().map(|record| EntryView::new(record, id)).collect();
    let entries = entries?;
    let next = entries.last().map_or(from, |last| last.position + 1);
    Ok(HttpResponse::Ok().json(Entries { entries, next, more: next < length }))
}

/// One entry of the log.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("position" = u64, Path, description = "Position, from 0")),
    responses(
        (status = 200, body = EntryView, description = "The entry; it never changes"),
        (status = 304, description = "The caller has it"),
        (status = 404, description = "The log is not that long")
    )
)]
#[get("/v1/entries/{position}")]
async fn get_entry(
    service: web::Data<Service>,
    request: HttpRequest,
    position: web::Path<u64>,
) -> Result<HttpResponse, Problem> {
    let found = service.node.ledger()?.read(|state| Ok((state.ledger(), state.record_at(*position)?)))?;
    let (id, Some(record)) = found else { return Err(Problem::of(Kind::NotFound)) };
    let view = EntryView::new(&record, id)?;
    let tag = format!("\"{}\"", view.hash);
    Ok(unchanged(&request, &tag).unwrap_or_else(|| {
        HttpResponse::Ok().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, IMMUTABLE)).json(view)
    }))
}

/// The head of the log as it is.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    responses((status = 200, body = HeadView, description = "Signed by the operator"), (status = 404, description = "Nobody signed one"))
)]
#[get("/v1/head")]
async fn get_head(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let head = service.node.ledger()?.head()?.ok_or_else(|| Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(HeadView::from(&head)))
}

/// The head of the log when it had this length.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("length" = u64, Path, description = "Records in the log")),
    responses(
        (status = 200, body = HeadView, description = "Signed by the operator; it never changes"),
        (status = 304, description = "The caller has it"),
        (status = 404, description = "No head of that length was signed: heads are signed per write")
    )
)]
#[get("/v1/heads/{length}")]
async fn get_head_at(
    service: web::Data<Service>,
    request: HttpRequest,
    length: web::Path<u64>,
) -> Result<HttpResponse, Problem> {
    let head = service.node.ledger()?.head_at(*length)?.ok_or_else(|| Problem::of(Kind::NotFound))?;
    let view = HeadView::from(&head);
    let tag = format!("\"{}\"", view.hash);
    Ok(unchanged(&request, &tag).unwrap_or_else(|| {
        HttpResponse::Ok().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, IMMUTABLE)).json(view)
    }))
}

/// Between which lengths.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Between {
    /// Length of the shorter log
    from: u64,
    /// Length of the longer log
    to: u64,
}

/// One link of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Link {
    /// Position.
    position: u64,
    /// Ledger time, Unix seconds.
    time: u64,
    /// SHA-256 of the entry's canonical bytes, hexadecimal.
    body_sha256: String,
}

/// Why a shorter log is the beginning of a longer one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Chain {
    /// The ledger, hexadecimal.
    ledger: String,
    /// The links in order.
    links: Vec<Link>,
}

/// The chain between two heads.
///
/// With hash h of the shorter head, h := SHA-256(`privity.record.v1` ‖ ledger ‖ position (8 bytes) ‖ time (8) ‖ h ‖ body_sha256) link
/// by link; in the end h is the hash of the longer head, or the operator shows two histories.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(Between),
    responses((status = 200, body = Chain, description = "The links"), (status = 404, description = "The log is not that long"))
)]
#[get("/v1/consistency")]
async fn get_consistency(service: web::Data<Service>, between: web::Query<Between>) -> Result<HttpResponse, Problem> {
    let Between { from, to } = *between;
    if from > to || to - from > LINKS {
        let text = format!("from is at most to, and at most {LINKS} below it; ask in steps");
        return Err(Problem::new(Kind::Malformed, text));
    }
    let ledger = service.node.ledger()?;
    let (id, length) = ledger.read(|state| Ok((state.ledger(), state.position())))?;
    if to > length {
        return Err(Problem::of(Kind::NotFound));
    }
    let records = ledger.records(from, usize::try_from(to - from).unwrap_or(0))?;
    let links = records.into_iter().map(|record| Link {
        position: record.position,
        time: record.time,
        body_sha256: files::hex(&Sha256::digest(&record.body)),
    });
    Ok(HttpResponse::Ok().json(Chain { ledger: id.to_string(), links: links.collect() }))
}
