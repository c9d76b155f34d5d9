//! `/v1/proofs/{relation}` and `/v1/jobs`.

use super::fair::Priority;
use super::job::{Job, JobId};
use super::queue::{NewJob, Queue};
use super::wire::{Encoding, MAX_PAIR_BYTES, MAX_PAIR_JSON, PairError, Relation, Secret};
use crate::server::blocking::blocking;
use crate::server::input::Octets;
use crate::server::page::{self, After, PAGE};
use crate::server::{Caller, Kind, Once, Problem, Scope, Service, Table};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use zeroize::Zeroize;

/// Most seconds that a caller may wait for its proof.
const MAX_WAIT: u64 = 60;

pub(in crate::server) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(order_proof).service(list_jobs).service(read_job).service(cancel_job);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Order {
    /// `high` (operators), `normal` or `low`.
    priority: Option<Priority>,
}

/// Jobs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Jobs {
    /// Oldest first.
    jobs: Vec<Job>,
    /// Give it as `after` to read on; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<JobId>,
}

/// Statement and witness; docs/http/jobs.md lists the members per relation. Integers are decimal text, field elements `0x` and 64
/// digits. No witness has a member for a signing key.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it is the schema of what `wire` reads")]
pub(super) struct StatementAndWitness {
    /// What everyone will see.
    #[schema(value_type = Object)]
    statement: serde_json::Value,
    /// What only the prover knows.
    #[schema(value_type = Object)]
    witness: serde_json::Value,
}

/// Have a statement proved. With `Prefer: wait=30` the answer waits that long for the proof.
#[utoipa::path(
    tag = "proofs", security(("token" = ["prover"])), params(
        ("relation" = String, Path, description = "Name and version", example = "transfer-2x3.v1"), Order,
        ("prefer" = Option<String>, Header, description = "`wait=` and the seconds to wait for the proof", example = "wait=30"),
    ),
    request_body(content(
        (StatementAndWitness = "application/json"), (String = "application/octet-stream")), description = "Statement and witness"),
    responses((status = 200, body = Job, description = "It is final within the time asked for"),
        (status = 202, body = Job, description = "It is under way; see Location"),
        (status = 422, description = "The witness breaks the rule that the problem names"))
)]
#[post("/v1/proofs/{relation}")]
async fn order_proof(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
    order: web::Query<Order>,
    request: HttpRequest,
    body: Octets,
) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(Kind::NotFound, "there is no such relation; GET /v1/keys names those that there are");
    let relation = Relation::named(&path).ok_or_else(unknown)?;
    let priority = order.priority.unwrap_or_default();
    if priority == Priority::High && !caller.scopes.contains(&Scope::Operator) {
        return Err(Problem::new(Kind::Forbidden, "high priority takes the scope `operator` as well; leave it out"));
    }
    let wait = wait(&request)?;
    let (jobs, name) = (service.jobs.clone(), caller.name);
    let mut changes = jobs.changes();
    let owner = name.clone();
    // A full queue refuses before it reads, and waits for no thread to say so; a repetition is answered all the same.
    let full = service.jobs.refuses(&owner);
    if body.once.key.is_none()
        && let Some(problem) = full
    {
        wipe(body.bytes);
        return Err(problem);
    }
    let accepted = blocking(move || {
        let Octets { bytes, media, once } = body;
        if let Some(problem) = full
            && !is_known(&service, &once)?
        {
            wipe(bytes);
            return Err(problem);
        }
        let secret = read(relation, &media, &bytes);
        wipe(bytes);
        let new = NewJob { priority, secret: secret? };
        service.jobs.submit(&owner, new, &once, service.clock.rough())
    });
    let reply = accepted.await?;
    let id = reply.body["id"].as_str().and_then(JobId::named);
    if let (Some(id), Some(wait)) = (id, wait) {
        let until = tokio::time::Instant::now() + Duration::from_secs(wait);
        let ended = async {
            loop {
                changes.mark_unchanged();
                let job = find(&jobs, &name, &id).await?;
                if job.state.is_final() {
                    return Ok::<Job, Problem>(job);
                }
                if changes.changed().await.is_err() {
                    return Err(Problem::of(Kind::Stopping));
                }
            }
        };
        if let Ok(job) = tokio::time::timeout_at(until, ended).await {
            return Ok(HttpResponse::Ok().json(job?));
        }
    }
    Ok(reply.into())
}

/// Overwrites a body; whoever else held the buffer is done with it.
fn wipe(bytes: Bytes) {
    if let Ok(mut bytes) = bytes.try_into_mut() {
        bytes.as_mut().zeroize();
    }
}

/// Whether a repetition of this request was answered before.
fn is_known(service: &Service, once: &Once) -> Result<bool, Problem> {
    let Some(key) = once.key else { return Ok(false) };
    Ok(service.database.read()?.get(Table::Once, &key)?.is_some())
}

fn read(relation: Relation, media: &str, body: &[u8]) -> Result<Secret, Problem> {
    let (encoding, limit) = match media {
        "application/json" => (Encoding::Json, MAX_PAIR_JSON),
        "application/octet-stream" => (Encoding::Bytes, MAX_PAIR_BYTES),
        _ => {
            let text = "a witness is application/json or application/octet-stream; say which with Content-Type";
            return Err(Problem::new(Kind::UnsupportedMedia, text));
        }
    };
    if body.len() > limit {
        return Err(Problem::new(
            Kind::TooLarge,
            format!("statement and witness take at most {limit} bytes; send one pair"),
        ));
    }
    relation.read(encoding, body).map_err(|error| match error {
        PairError::Violation(violation) => {
            Problem::new(Kind::Refused, violation).rule(violation.rule).remedy("build statement and witness anew")
        }
        error => Problem::new(Kind::Malformed, error),
    })
}

/// The seconds of `Prefer: wait=`, RFC 7240.
fn wait(request: &HttpRequest) -> Result<Option<u64>, Problem> {
    let Some(value) = request.headers().get("prefer") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let Some(wait) = text.split([',', ';']).find_map(|part| part.trim().strip_prefix("wait=")) else { return Ok(None) };
    let seconds: Option<u64> = wait.trim().parse().ok();
    let wrong =
        || Problem::new(Kind::Malformed, format!("Prefer: wait= takes whole seconds up to {MAX_WAIT}; correct it"));
    seconds.filter(|seconds| *seconds <= MAX_WAIT).map(Some).ok_or_else(wrong)
}

async fn find(jobs: &Arc<dyn Queue>, caller: &str, id: &JobId) -> Result<Job, Problem> {
    let (jobs, caller, id) = (jobs.clone(), caller.to_owned(), id.clone());
    blocking(move || jobs.get(&caller, &id)).await
}

fn named(text: &str) -> Result<JobId, Problem> {
    let text_of = "there is no such job; it was never yours, or is no longer kept";
    JobId::named(text).ok_or_else(|| Problem::new(Kind::NotFound, text_of))
}

/// The caller's jobs.
#[utoipa::path(
    tag = "proofs", security(("token" = ["prover"])), params(After),
    responses((status = 200, body = Jobs, description = "The caller's jobs"))
)]
#[get("/v1/jobs")]
async fn list_jobs(
    service: web::Data<Service>,
    caller: Caller,
    after: web::Query<After>,
) -> Result<HttpResponse, Problem> {
    let after = after.id(named)?;
    let jobs = blocking(move || service.jobs.list(&caller.name, after.as_ref(), PAGE)).await?;
    let next = page::next(&jobs, |job| job.id.clone());
    Ok(HttpResponse::Ok().json(Jobs { jobs, next }))
}

/// A job: where it stands, how far it is, and its proof.
#[utoipa::path(
    tag = "proofs", security(("token" = ["prover"])), params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, body = Job, description = "The job"), (status = 404, description = "No such job of this caller"))
)]
#[get("/v1/jobs/{id}")]
async fn read_job(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let job = find(&service.jobs, &caller.name, &named(&path)?).await?;
    Ok(HttpResponse::build(StatusCode::OK).json(job))
}

/// Cancel a job; a final one stays as it is.
#[utoipa::path(
    tag = "proofs", security(("token" = ["prover"])), params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, body = Job, description = "The job, final"), (status = 404, description = "No such job of this caller"))
)]
#[delete("/v1/jobs/{id}")]
async fn cancel_job(
    service: web::Data<Service>,
    caller: Caller,
    path: web::Path<String>,
    body: Octets,
) -> Result<HttpResponse, Problem> {
    let id = named(&path)?;
    let reply = blocking(move || service.jobs.cancel(&caller.name, &id, &body.once, service.clock.rough()));
    Ok(reply.await?.into())
}
