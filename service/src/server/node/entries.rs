//! Reading the log: entries by page and by position, heads, and the chain between two of them.

use super::ready::Lasts;
use super::views::{EntryView, HeadView};
use crate::files;
use crate::server::problem::{Kind, Problem};
use crate::server::state::Service;
use actix_web::{HttpRequest, HttpResponse, get, web};
use privity_ledger::{Record, State, StoreError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

/// Links of one answer about the chain.
const LINKS: u64 = 4_096;

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
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is the schema of what `answer_entries` writes")]
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
async fn get_entries(
    service: web::Data<Service>,
    request: HttpRequest,
    page: web::Query<Page>,
) -> Result<HttpResponse, Problem> {
    let limit = page.limit.unwrap_or(service.settings.node.page);
    if limit == 0 {
        return Err(Problem::new(Kind::Malformed, "limit is at least 1"));
    }
    let (from, limit) = (page.cursor.unwrap_or(0), limit.min(service.settings.node.page));
    service.node.answer_entries(&request, from, from.saturating_add(limit as u64))
}

/// The records from one position to before another, as far as there are any.
fn records(state: &State<'_>, from: u64, to: u64) -> Result<Vec<Record>, StoreError> {
    (from..to.min(state.position())).filter_map(|position| state.record_at(position).transpose()).collect()
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
    service.node.answer(&request, Lasts::Forever, |state| {
        let record = state.record_at(*position)?;
        record.map(|record| EntryView::new(&record, state.ledger())).transpose()
    })
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
    service.node.answer(&request, Lasts::Forever, |state| Ok(state.head_at(*length)?.as_ref().map(HeadView::from)))
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
async fn get_consistency(
    service: web::Data<Service>,
    request: HttpRequest,
    between: web::Query<Between>,
) -> Result<HttpResponse, Problem> {
    let Between { from, to } = *between;
    if from > to || to - from > LINKS {
        let text = format!("from is at most to, and at most {LINKS} below it; ask in steps");
        return Err(Problem::new(Kind::Malformed, text));
    }
    service.node.answer(&request, Lasts::Forever, |state| {
        if to > state.position() {
            return Ok(None);
        }
        let links = records(state, from, to)?.into_iter().map(|record| Link {
            position: record.position,
            time: record.time,
            body_sha256: files::hex(&Sha256::digest(&record.body)),
        });
        Ok(Some(Chain { ledger: state.ledger().to_string(), links: links.collect() }))
    })
}
