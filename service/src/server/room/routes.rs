//! `/v1/deals` and `/v1/documents`.

use super::letter::Aspect;
use super::machine::Act;
use super::store::{self, Deal, DealId, NewDeal, NewEnvelope, missing};
use crate::files::unhex;
use crate::server::blocking::blocking;
use crate::server::input::Octets;
use crate::server::page::{self, After, PAGE};
use crate::server::system::{etag, unchanged};
use crate::server::{Caller, Edit, Input, Kind, Problem, Reply, Service};
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use privity_circuits::keys::Owner;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::server) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(open_deal)
        .service(list_deals)
        .service(read_deal)
        .service(add_envelope)
        .service(read_envelope)
        .service(keep_attachment)
        .service(read_attachment);
    config.service(check_document);
}

/// A deal to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenDeal {
    /// 32 random hexadecimal digits of your choice. The deal's id follows: the first 16 bytes of SHA-256(`privity.room.v1` ‖ your owner id ‖
    /// nonce), so that the first envelope can be sealed for it.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    nonce: String,
    /// Owner id of the other party, a member of the ledger.
    #[schema(pattern = "^0x[0-9a-f]{64}$")]
    counterparty: String,
    /// `request` opens it as the buyer, `offer` as the supplier.
    act: Act,
    /// When the negotiation ends by itself, Unix seconds.
    expires: u64,
    /// The sealed envelope, base64.
    envelope: String,
}

/// An envelope to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddEnvelope {
    /// What you do.
    act: Act,
    /// The number that it is sealed for: envelopes so far, and one.
    sequence: u64,
    /// The sealed envelope, base64.
    envelope: String,
    /// SHA-256 of the encrypted parts of attachments that it refers to.
    #[serde(default)]
    attachments: Vec<String>,
}

/// Deals.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Deals {
    /// By id.
    deals: Vec<Deal>,
    /// Give it as `after` to read on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<DealId>,
}

/// A part of an attachment that was kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Kept {
    /// Its SHA-256.
    sha256: String,
}

/// The party for which the caller acts: the operator binds it to the credential, and it is an active member.
fn party(service: &Service, caller: &Caller) -> Result<Owner, Problem> {
    let none = || {
        let text = "the credential acts for no member; have the operator make one with `privity token new --party`";
        Problem::new(Kind::Refused, text).rule("party")
    };
    let owner = caller.party.as_deref().and_then(|party| crate::directory::owner(party).ok()).ok_or_else(none)?;
    if is_member(service, owner)? { Ok(owner) } else { Err(none()) }
}

fn is_member(service: &Service, owner: Owner) -> Result<bool, Problem> {
    Ok(service.node.ledger()?.read(|state| Ok(state.member(owner)?.is_some_and(|member| member.active)))?)
}

fn id(text: &str) -> Result<DealId, Problem> {
    DealId::named(text).ok_or_else(missing)
}

fn bytes(text: &str) -> Result<Vec<u8>, Problem> {
    let wrong = |_| Problem::new(Kind::Malformed, "the envelope is not base64; encode it with padding");
    BASE64_STANDARD.decode(text).map_err(wrong)
}

/// Open a deal with its first envelope.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])), request_body = OpenDeal,
    responses((status = 201, body = Deal, description = "It is open"), (status = 409, description = "The nonce was used"),
        (status = 422, description = "The counterparty is no member, or a limit is passed"))
)]
#[post("/v1/deals")]
async fn open_deal(
    service: web::Data<Service>,
    caller: Caller,
    input: Input<OpenDeal>,
) -> Result<HttpResponse, Problem> {
    let party = party(&service, &caller)?;
    let OpenDeal { nonce, counterparty, act, expires, envelope } = input.value;
    let wrong = |what: &str| Problem::new(Kind::Malformed, format!("{what} is not what the schema says; correct it"));
    let nonce = unhex(&nonce).and_then(|nonce| nonce.try_into().ok()).ok_or_else(|| wrong("nonce"))?;
    let counterparty: Owner = counterparty.parse().map_err(|_| wrong("counterparty"))?;
    if !is_member(&service, counterparty)? {
        let text = "the counterparty is no active member of this ledger; check its owner id";
        return Err(Problem::new(Kind::Refused, text).rule("L11"));
    }
    let envelope = NewEnvelope { act, sequence: 1, bytes: bytes(&envelope)?, attachments: Vec::new() };
    let new = NewDeal { nonce, counterparty, expires, envelope };
    let open = move |rows: &mut dyn Edit, now| {
        let deal = store::open(rows, party, &new, now)?;
        Ok(Reply::new(201, &deal)?.at(format!("/v1/deals/{}", deal.id)))
    };
    input.once.answer(service, open).await
}

/// The party's deals.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])), params(After),
    responses((status = 200, body = Deals, description = "The party's deals"))
)]
#[get("/v1/deals")]
async fn list_deals(
    service: web::Data<Service>,
    caller: Caller,
    after: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    let deals = blocking(move || {
        let party = party(&service, &caller)?;
        let after = after.id(id)?;
        store::list(&*service.database.read()?, party, after.as_ref(), PAGE, service.clock.rough())
    });
    let deals = deals.await?;
    let next = page::next(&deals, |deal| deal.id.clone());
    Ok(HttpResponse::Ok().json(Deals { deals, next }))
}

/// A deal: its state and the headers of its envelopes.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])), params(("id" = String, Path, description = "The deal's id")),
    responses((status = 200, body = Deal, description = "The deal"), (status = 404, description = "No such deal of this party"))
)]
#[get("/v1/deals/{id}")]
async fn read_deal(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let deal = blocking(move || {
        let party = party(&service, &caller)?;
        store::get(&*service.database.read()?, party, &id(&path)?, service.clock.rough())
    });
    Ok(HttpResponse::Ok().json(deal.await?))
}

/// Add an envelope, which moves the deal on.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])), params(("id" = String, Path, description = "The deal's id")),
    request_body = AddEnvelope,
    responses((status = 201, body = Deal, description = "The deal behind it"),
        (status = 404, description = "No such deal of this party"),
        (status = 409, description = "It is not this party's turn, or another envelope came first"))
)]
#[post("/v1/deals/{id}/envelopes")]
async fn add_envelope(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
    input: Input<AddEnvelope>,
) -> Result<HttpResponse, Problem> {
    let (party, id) = (party(&service, &caller)?, id(&path)?);
    let AddEnvelope { act, sequence, envelope, attachments } = input.value;
    let new = NewEnvelope { act, sequence, bytes: bytes(&envelope)?, attachments };
    let add = move |rows: &mut dyn Edit, now| {
        let deal = store::act(rows, party, &id, &new, now)?;
        Ok(Reply::new(201, &deal)?.at(format!("/v1/deals/{id}/envelopes/{}", new.sequence)))
    };
    input.once.answer(service, add).await
}

/// An envelope's bytes.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])),
    params(("id" = String, Path, description = "The deal's id"), ("sequence" = u64, Path, description = "The envelope's number")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "The sealed bytes"),
        (status = 404, description = "No such envelope of this party"))
)]
#[get("/v1/deals/{id}/envelopes/{sequence}")]
async fn read_envelope(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let bytes = blocking(move || {
        let party = party(&service, &caller)?;
        let sequence = path.1.parse().map_err(|_| missing())?;
        store::envelope(&*service.database.read()?, party, &id(&path.0)?, sequence, service.clock.rough())
    });
    Ok(immutable(&request, bytes.await?))
}

/// Keep an encrypted part of an attachment under its SHA-256.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])),
    params(("id" = String, Path, description = "The deal's id"), ("sha256" = String, Path, description = "SHA-256 of the body")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The encrypted part"),
    responses((status = 201, body = Kept, description = "It is kept"), (status = 404, description = "No such deal of this party"),
        (status = 422, description = "The hash is another"))
)]
#[put("/v1/deals/{id}/attachments/{sha256}")]
async fn keep_attachment(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<(String, String)>,
    body: Octets,
) -> Result<HttpResponse, Problem> {
    let (party, id) = (party(&service, &caller)?, id(&path.0)?);
    let (once, bytes, sha256) = (body.once, body.bytes, path.into_inner().1);
    let keep = move |rows: &mut dyn Edit, now| {
        store::attach(rows, party, &id, &sha256, &bytes, now)?;
        Ok(Reply::new(201, &Kept { sha256: sha256.clone() })?.at(format!("/v1/deals/{id}/attachments/{sha256}")))
    };
    once.answer(service, keep).await
}

/// An encrypted part of an attachment.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])),
    params(("id" = String, Path, description = "The deal's id"), ("sha256" = String, Path, description = "The part's SHA-256")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "The encrypted part"),
        (status = 404, description = "No such part of this party"))
)]
#[get("/v1/deals/{id}/attachments/{sha256}")]
async fn read_attachment(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let bytes = blocking(move || {
        let party = party(&service, &caller)?;
        store::part(&*service.database.read()?, party, &id(&path.0)?, &path.1, service.clock.rough())
    });
    Ok(immutable(&request, bytes.await?))
}

/// Bytes that never change under their path.
fn immutable(request: &HttpRequest, bytes: Vec<u8>) -> HttpResponse {
    let tag = etag(&<sha2::Sha256 as sha2::Digest>::digest(&bytes)[..16]);
    unchanged(request, &tag).unwrap_or_else(|| {
        let mut response = HttpResponse::Ok();
        response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"));
        response.content_type("application/octet-stream").body(bytes)
    })
}

/// Check a Catena-X document against its schema; the answer is the document as this library writes it. Nothing is kept.
#[utoipa::path(
    tag = "deals", security(("token" = ["submitter"])),
    params(("aspect" = String, Path, description = "WeekBasedCapacityGroup, WeekBasedMaterialDemand, RequestForQuotation or DeliveryInformation",
        example = "RequestForQuotation")),
    request_body(content = Object, content_type = "application/json", description = "The document"),
    responses((status = 200, body = Object, content_type = "application/json", description = "The document"),
        (status = 404, description = "No such aspect"), (status = 422, description = "It breaks its schema; the detail names the place"))
)]
#[post("/v1/documents/{aspect}")]
async fn check_document(path: web::Path<String>, body: Octets) -> Result<HttpResponse, Problem> {
    let unknown = || {
        Problem::new(Kind::NotFound, "there is no such aspect; the route's description names the four that there are")
    };
    let aspect = Aspect::named(&path).ok_or_else(unknown)?;
    if body.media != "application/json" {
        return Err(Problem::of(Kind::UnsupportedMedia));
    }
    let text =
        blocking(move || aspect.normalise(&body.bytes).map_err(|error| Problem::new(Kind::Refused, error))).await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text))
}
