//! `POST /v1/transactions`, and where a transaction stands.

use super::memo;
use super::views::SettledView;
use crate::files;
use crate::server::input::{Octets, json};
use crate::server::once::Reply;
use crate::server::problem::{Kind, Problem, ProblemBody};
use crate::server::state::Service;
use actix_web::{HttpResponse, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_ledger::{Codec, Item, TransactionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(post_transaction).service(get_transaction);
}

/// A transaction, a member's entry, or an entry that an operator signed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Submission {
    /// Its canonical bytes, base64.
    transaction: String,
}

/// Settles a transaction.
///
/// The answer is durable. What waits at the same time is verified together and settled in one write. A repetition with the same
/// `Idempotency-Key` gets the same answer; without one it is refused as a duplicate, which names the position.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["submitter"])),
    request_body(content(
        (Submission = "application/json"),
        (Vec<u8> = "application/octet-stream")
    ), description = "The canonical bytes, as base64 in JSON or as they are"),
    responses(
        (status = 201, body = SettledView, description = "It settled"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It, or a note of it, is spent or settled already"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "A rule of the ledger or of a relation forbids it")
    )
)]
#[post("/v1/transactions")]
async fn post_transaction(service: web::Data<Service>, input: Octets) -> Result<HttpResponse, Problem> {
    let item = match input.media.as_str() {
        "application/octet-stream" => Item::from_bytes(&input.bytes)?,
        "application/json" => {
            let body: Submission = json(&input.bytes, service.settings.http.json_depth)?;
            let bytes = STANDARD.decode(body.transaction);
            Item::from_bytes(&bytes.map_err(|_| Problem::new(Kind::Malformed, "`transaction` is no base64"))?)?
        }
        _ => return Err(Problem::of(Kind::UnsupportedMedia)),
    };
    service.settles()?;
    let now = service.clock.now()?;
    let told = service.node.settle(item, memo(&input.once, now), now).await?;
    let view = SettledView::new(&told, &*service.node.ledger()?)?;
    let location = format!("/v1/entries/{}", view.position);
    Ok(Reply::new(201, &view)?.at(location).into())
}

/// Where a transaction stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    /// Its identity, hexadecimal.
    id: String,
    /// Position in the log.
    position: u64,
}

/// Where a transaction stands in the log.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(("id" = String, Path, description = "Its identity, 64 hexadecimal digits")),
    responses((status = 200, body = Status, description = "It settled"), (status = 404, description = "It has not settled"))
)]
#[get("/v1/transactions/{id}")]
async fn get_transaction(service: web::Data<Service>, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let bytes = files::unhex(&id).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let found = TransactionId(bytes.ok_or_else(|| Problem::of(Kind::NotFound))?);
    let position = service.node.ledger()?.read(|state| state.settled(found))?;
    let position = position.ok_or_else(|| Problem::of(Kind::NotFound))?;
    Ok(HttpResponse::Ok().json(Status { id: found.to_string(), position }))
}
