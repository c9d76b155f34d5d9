//! `/v1/webhooks` and `/v1/dead-letters`.

use super::client::resolve;
use super::outbox::{self, Delivery, Hook, HookId};
use super::target::TargetError;
use crate::server::input::Octets;
use crate::server::page::{self, After};
use crate::server::{Caller, Edit, Input, Kind, Problem, Redacted, Reply, Service};
use actix_web::{HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::server) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register_webhook)
        .service(list_webhooks)
        .service(remove_webhook)
        .service(list_dead_letters)
        .service(replay_dead_letter);
}

/// An address to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWebhook {
    /// Where news goes, https.
    #[schema(example = "https://erp.example.com/privity", max_length = 2048)]
    url: String,
    /// Which news: `entries.settled`, `job.done`, `deal.offered` and so on, or `job.` for all of jobs.
    #[schema(min_items = 1, max_items = 16)]
    events: Vec<String>,
}

/// A registered address with its key.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Registered {
    /// The webhook.
    webhook: Hook,
    /// What its deliveries are signed with; shown this once.
    #[schema(value_type = String)]
    key: Redacted<String>,
}

/// Webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Webhooks {
    /// Oldest first.
    webhooks: Vec<Hook>,
}

/// Dead letters.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadLetters {
    /// Oldest first.
    deliveries: Vec<Delivery>,
    /// Give it as `after` to read on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<HookId>,
}

fn id(text: &str) -> Result<HookId, Problem> {
    HookId::named(text).ok_or_else(|| Problem::new(Kind::NotFound, "there is no such webhook or delivery; list yours"))
}

/// Register an address for news.
#[utoipa::path(
    tag = "webhooks", security(("token" = ["submitter"])), request_body = NewWebhook,
    responses((status = 201, body = Registered, description = "Registered; the key is shown this once"),
        (status = 422, description = "The address is not allowed, or an event is unknown"))
)]
#[post("/v1/webhooks")]
async fn register_webhook(
    service: web::Data<Service>,
    caller: Caller,
    input: Input<NewWebhook>,
) -> Result<HttpResponse, Problem> {
    let NewWebhook { url, events } = input.value;
    let (host, port) = service.targets.check(&url)?.host();
    // A name that points inside is refused now rather than at every delivery; one that does not resolve may do so later.
    match resolve(&service.targets, &host, port).await {
        Ok(_) | Err(TargetError::Unknown) => {}
        Err(error) => return Err(error.into()),
    }
    let targets = service.targets.clone();
    let register = move |rows: &mut dyn Edit, now| {
        let owner = (caller.name.as_str(), caller.party.as_deref());
        let (webhook, key) = outbox::register(rows, &targets, owner, (&url, &events), now)?;
        let location = format!("/v1/webhooks/{}", webhook.id);
        Ok(Reply::new(201, &Registered { webhook, key: Redacted::new(key.to_text().to_string()) })?.at(location))
    };
    input.once.answer(service, register).await
}

/// The caller's webhooks.
#[utoipa::path(
    tag = "webhooks", security(("token" = ["submitter"])),
    responses((status = 200, body = Webhooks, description = "The caller's webhooks"))
)]
#[get("/v1/webhooks")]
async fn list_webhooks(service: web::Data<Service>, caller: Caller) -> Result<HttpResponse, Problem> {
    let webhooks = outbox::list(&*service.database.read()?, &caller.name)?;
    Ok(HttpResponse::Ok().json(Webhooks { webhooks }))
}

/// Remove a webhook; what waits for it is not sent.
#[utoipa::path(
    tag = "webhooks", security(("token" = ["submitter"])), params(("id" = String, Path, description = "The webhook's id")),
    responses((status = 200, body = Hook, description = "It was removed"), (status = 404, description = "No such webhook"))
)]
#[delete("/v1/webhooks/{id}")]
async fn remove_webhook(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
    body: Octets,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let remove = move |rows: &mut dyn Edit, _| Reply::new(200, &outbox::remove(rows, &caller.name, &id)?);
    body.once.answer(service, remove).await
}

/// Deliveries whose attempts all failed.
#[utoipa::path(
    tag = "webhooks", security(("token" = ["submitter"])), params(After),
    responses((status = 200, body = DeadLetters, description = "The caller's dead letters"))
)]
#[get("/v1/dead-letters")]
async fn list_dead_letters(
    service: web::Data<Service>,
    caller: Caller,
    after: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    let after = after.id(id)?;
    let deliveries = outbox::dead(&*service.database.read()?, &caller.name, after.as_ref())?;
    let next = page::next(&deliveries, |delivery| delivery.id.clone());
    Ok(HttpResponse::Ok().json(DeadLetters { deliveries, next }))
}

/// Send a dead letter again.
#[utoipa::path(
    tag = "webhooks", security(("token" = ["submitter"])), params(("id" = String, Path, description = "The delivery's id")),
    responses((status = 202, body = Delivery, description = "It waits to be sent"),
        (status = 404, description = "No such dead letter, or its webhook was removed"))
)]
#[post("/v1/dead-letters/{id}/replay")]
async fn replay_dead_letter(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
    body: Octets,
) -> Result<HttpResponse, Problem> {
    let id = id(&path)?;
    let replay = move |rows: &mut dyn Edit, now| Reply::new(202, &outbox::replay(rows, &caller.name, &id, now)?);
    body.once.answer(service, replay).await
}
