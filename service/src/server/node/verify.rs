//! Verification without settlement: under registered keys, and under a key that the caller brings.

use crate::server::caller::Caller;
use crate::server::input::Input;
use crate::server::problem::{Kind, Problem};
use crate::server::state::Service;
use actix_web::{HttpResponse, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_circuits::{Fr, field};
use privity_verifier::{Batch, KeyId, PreparedKey, Proof, VerifyingKey};
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// Claims of one call.
const CLAIMS: usize = 256;
/// Public inputs of a key that the caller brings: its work per claim grows with them.
const FOREIGN_INPUTS: usize = 256;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(post_verifications).service(post_foreign_verifications);
}

/// That a proof proves a statement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    /// Id of a registered key, 64 hexadecimal digits.
    key: String,
    /// The statement's public inputs in the key's order, each `0x` and 64 hexadecimal digits, below r.
    inputs: Vec<String>,
    /// 192 bytes, base64.
    proof: String,
}

/// That a proof proves a statement under the key of this call.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Bare {
    /// The statement's public inputs in the key's order, each `0x` and 64 hexadecimal digits, below r.
    inputs: Vec<String>,
    /// 192 bytes, base64.
    proof: String,
}

/// Claims to verify together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    /// 1 to 256 of them.
    #[schema(min_items = 1, max_items = 256)]
    claims: Vec<Claim>,
}

/// Claims under a key that nobody registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Foreign {
    /// The verifying key's bytes, base64; at most 256 public inputs.
    key: String,
    /// 1 to 256 of them.
    #[schema(min_items = 1, max_items = 256)]
    claims: Vec<Bare>,
}

/// What became of one claim.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdict {
    /// Whether the proof proves the statement under the key.
    valid: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// What became of the claims.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdicts {
    /// Whether all are valid.
    valid: bool,
    /// In the order of the claims.
    verdicts: Vec<Verdict>,
}

/// Verifies proofs under keys that the ledger registered; one or many, at the price of a batch.
///
/// It says that the equation holds, not that the key is accepted still: see `/v1/keys`.
#[utoipa::path(
    tag = "verification",
    security(("token" = ["auditor"])),
    request_body(content = Claims, description = "The claims"),
    responses((status = 200, body = Verdicts, description = "What became of each"))
)]
#[post("/v1/verifications")]
async fn post_verifications(
    service: web::Data<Service>,
    caller: Caller,
    input: Input<Claims>,
) -> Result<HttpResponse, Problem> {
    let claims = input.value.claims;
    count(claims.len())?;
    let keys = service.node.ledger()?.keys();
    verified(&service, &caller, move || {
        let claims = claims.iter().map(|claim| {
            let id: Option<KeyId> = claim.key.parse().ok();
            let key = id.and_then(|id| keys.get(&id)).ok_or("no such key is registered")?;
            parse(&claim.inputs, &claim.proof).map(|(inputs, proof)| (key, inputs, proof))
        });
        verdicts(claims)
    })
    .await
}

/// Verifies proofs under a key that the caller brings; stateless.
///
/// A key whose shape lets anybody forge is refused. Whether its set-up was honest nobody can tell from it.
#[utoipa::path(
    tag = "verification",
    security(("token" = ["auditor"])),
    request_body(content = Foreign, description = "The key and the claims"),
    responses((status = 200, body = Verdicts, description = "What became of each"))
)]
#[post("/v1/verifications/foreign")]
async fn post_foreign_verifications(
    service: web::Data<Service>,
    caller: Caller,
    input: Input<Foreign>,
) -> Result<HttpResponse, Problem> {
    let Foreign { key, claims } = input.value;
    count(claims.len())?;
    let bytes = STANDARD.decode(key).map_err(|_| Problem::new(Kind::Malformed, "`key` is no base64"))?;
    verified(&service, &caller, move || {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|error| Problem::new(Kind::Malformed, error))?;
        if key.num_inputs() > FOREIGN_INPUTS {
            let text =
                format!("a foreign key takes at most {FOREIGN_INPUTS} public inputs; verify it with the library");
            return Err(Problem::new(Kind::Refused, text));
        }
        let key = PreparedKey::new(key);
        let claims =
            claims.iter().map(|claim| parse(&claim.inputs, &claim.proof).map(|(inputs, proof)| (&key, inputs, proof)));
        verdicts(claims)
    })
    .await
}

fn count(claims: usize) -> Result<(), Problem> {
    if (1..=CLAIMS).contains(&claims) {
        return Ok(());
    }
    Err(Problem::new(Kind::Malformed, format!("a call takes 1 to {CLAIMS} claims; make several calls")))
}

/// On a thread where it may take its time, few at a time.
async fn verified(
    service: &Service,
    caller: &Caller,
    work: impl FnOnce() -> Result<Verdicts, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let patience = Duration::from_secs(service.settings.http.request_seconds);
    let place = service.limits.verification(caller, patience).await?;
    let work = move || {
        let _place = place;
        work()
    };
    let verdicts = web::block(work).await.map_err(|_| Problem::of(Kind::Unavailable).retry_after(1))??;
    Ok(HttpResponse::Ok().json(verdicts))
}

type Parsed = (Vec<Fr>, Proof);

fn parse(inputs: &[String], proof: &str) -> Result<Parsed, &'static str> {
    let inputs: Result<Vec<Fr>, _> = inputs.iter().map(|text| field::from_hex(text)).collect();
    let inputs = inputs.map_err(|_| "a public input is not 0x and 64 hexadecimal digits below r")?;
    let bytes = STANDARD.decode(proof).map_err(|_| "the proof is no base64")?;
    let proof = Proof::from_bytes(&bytes).map_err(|_| "the proof is not 192 bytes of points on the curve")?;
    Ok((inputs, proof))
}

fn verdicts<'a>(
    claims: impl Iterator<Item = Result<(&'a PreparedKey, Vec<Fr>, Proof), &'static str>>,
) -> Result<Verdicts, Problem> {
    let mut batch = Batch::new();
    let added: Vec<Result<usize, String>> = claims
        .map(|claim| {
            let (key, inputs, proof) = claim.map_err(str::to_owned)?;
            batch.add_inputs(key, inputs, &proof).map_err(|refusal| refusal.to_string())
        })
        .collect();
    let outcome = batch.verify(&mut OsRng);
    let verdicts = added.into_iter().map(|added| {
        let reason = match added {
            Ok(index) if outcome.culprits().contains(&index) => Some("the equation does not hold".to_owned()),
            Ok(_) => None,
            Err(reason) => Some(reason),
        };
        Verdict { valid: reason.is_none(), reason }
    });
    let verdicts: Vec<Verdict> = verdicts.collect();
    Ok(Verdicts { valid: verdicts.iter().all(|verdict| verdict.valid), verdicts })
}
