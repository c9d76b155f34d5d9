//! `POST /v1/operations`: entries that this node's operator key signs; and a copy of the log.

use super::memo;
use super::views::SettledView;
use crate::commands::rfq;
use crate::directory;
use crate::error::Failure;
use crate::files;
use crate::server::input::Input;
use crate::server::once::Reply;
use crate::server::pieces::streamed;
use crate::server::problem::{Kind, Problem, ProblemBody};
use crate::server::state::Service;
use actix_web::{HttpResponse, get, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::Policy;
use privity_ledger::{Admission, Codec, EntryBody, NO_END, Name, Registration, Rejection, Revocation, audit};
use privity_quotes::Open;
use privity_verifier::VerifyingKey;
use serde::Deserialize;
use std::str::FromStr;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(post_operation).service(get_log);
}

/// What the operator enters. Keys are 128 hexadecimal digits, ids 64.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "operation", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Operation {
    /// A signer becomes known.
    #[schema(title = "RegisterSigner")]
    RegisterSigner {
        /// Its public key.
        #[schema(pattern = "^[0-9a-f]{128}$")]
        key: String,
    },
    /// A token becomes known.
    #[schema(title = "RegisterToken")]
    RegisterToken {
        /// Signer id of who mints it.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        issuer: String,
        /// Its name.
        name: String,
    },
    /// A verifying key becomes accepted, or its end moves.
    #[schema(title = "RegisterKey")]
    RegisterKey {
        /// Its bytes, base64.
        key: String,
        /// First second in which it is refused, Unix seconds; never if absent.
        #[serde(default)]
        ends: Option<u64>,
    },
    /// A signer may certify capacity.
    #[schema(title = "RegisterCertifier")]
    RegisterCertifier {
        /// Its id.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        signer: String,
    },
    /// One more operator key.
    #[schema(title = "RegisterOperator")]
    RegisterOperator {
        /// The public key.
        #[schema(pattern = "^[0-9a-f]{128}$")]
        key: String,
    },
    /// A signer mints and certifies no more.
    #[schema(title = "RevokeSigner")]
    RevokeSigner {
        /// Its id.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        signer: String,
    },
    /// A token is minted and exposed no more.
    #[schema(title = "RevokeToken")]
    RevokeToken {
        /// Its asset id.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        asset: String,
    },
    /// A verifying key is accepted no more.
    #[schema(title = "RevokeKey")]
    RevokeKey {
        /// Its id.
        key: String,
    },
    /// A signer certifies no more.
    #[schema(title = "RevokeCertifier")]
    RevokeCertifier {
        /// Its id.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        signer: String,
    },
    /// An operator key signs no more; the last one stays.
    #[schema(title = "RevokeOperator")]
    RevokeOperator {
        /// Its signer id.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        operator: String,
    },
    /// A member leaves.
    #[schema(title = "RevokeMember")]
    RevokeMember {
        /// Owner of its address.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        owner: String,
    },
    /// A member is admitted, or changes its signer.
    #[schema(title = "Admit")]
    Admit {
        /// Owner of its address.
        #[schema(pattern = "^0x[0-9a-f]{64}$")]
        owner: String,
        /// Its signer's public key.
        #[schema(pattern = "^[0-9a-f]{128}$")]
        signer: String,
        /// The present signer's consent to a change, hexadecimal; without it the change waits.
        #[serde(default)]
        consent: Option<String>,
    },
    /// A request for quotation has closed: the secret of its key, which this node's operator granted, is published.
    #[schema(title = "OpenRfq")]
    OpenRfq {
        /// The request: 64 hexadecimal digits.
        #[schema(pattern = "^[0-9a-f]{64}$")]
        rfq: String,
    },
    /// The fee policy from now on.
    #[schema(title = "Policy")]
    Policy {
        /// Minor units.
        #[schema(pattern = "^[0-9]{1,15}$")]
        flat: String,
        /// Basis points of the total.
        rate: u64,
        /// Address to which fees go.
        treasury: String,
    },
}

impl Operation {
    fn body(self, service: &Service) -> Result<EntryBody, Problem> {
        let key = |text: &str| -> Result<PublicKey, Problem> { Ok(directory::public_key(text)?) };
        Ok(match self {
            Self::RegisterSigner { key: text } => EntryBody::Register(Registration::Signer(key(&text)?)),
            Self::RegisterToken { issuer, name } => {
                EntryBody::Register(Registration::Token { issuer: id(&issuer)?, name: Name::new(&name)? })
            }
            Self::RegisterKey { key, ends } => {
                let bytes = STANDARD.decode(key).map_err(|_| Problem::new(Kind::Malformed, "`key` is no base64"))?;
                let key = VerifyingKey::from_bytes(&bytes).map_err(|error| Problem::new(Kind::Malformed, error))?;
                EntryBody::Register(Registration::Key { key: Box::new(key), ends: ends.unwrap_or(NO_END) })
            }
            Self::RegisterCertifier { signer } => EntryBody::Register(Registration::Certifier(id(&signer)?)),
            Self::RegisterOperator { key: text } => EntryBody::Register(Registration::Operator(key(&text)?)),
            Self::RevokeSigner { signer } => EntryBody::Revoke(Revocation::Signer(id(&signer)?)),
            Self::RevokeToken { asset } => EntryBody::Revoke(Revocation::Token(id(&asset)?)),
            Self::RevokeKey { key } => EntryBody::Revoke(Revocation::Key(id(&key)?)),
            Self::RevokeCertifier { signer } => EntryBody::Revoke(Revocation::Certifier(id(&signer)?)),
            Self::RevokeOperator { operator } => EntryBody::Revoke(Revocation::Operator(id::<SignerId>(&operator)?)),
            Self::RevokeMember { owner } => EntryBody::Revoke(Revocation::Member(id(&owner)?)),
            Self::Admit { owner, signer, consent } => {
                let consent = consent.map(|text| {
                    let bytes = files::unhex(&text)
                        .ok_or_else(|| Problem::new(Kind::Malformed, "`consent` is no hexadecimal text"))?;
                    Ok::<_, Problem>(<Signature as Codec>::from_bytes(&bytes)?)
                });
                let (owner, signer): (Owner, _) = (id(&owner)?, key(&signer)?);
                EntryBody::Member(Admission { owner, signer, consent: consent.transpose()? })
            }
            Self::OpenRfq { rfq } => EntryBody::Open(opened(service, &rfq)?),
            Self::Policy { flat, rate, treasury } => {
                let flat = flat
                    .parse()
                    .map_err(|_| Problem::new(Kind::Malformed, "`flat` is a number of minor units, as text"))?;
                let to = directory::address(&treasury)?;
                let policy = Policy { flat, rate, treasury: to.owner, delivery_key: to.delivery };
                // The ledger's own decoder says what is out of range.
                EntryBody::Policy(Policy::from_bytes(&policy.to_bytes())?)
            }
        })
    }
}

/// The opening of a request whose key this node's operator granted.
fn opened(service: &Service, text: &str) -> Result<Open, Problem> {
    let rfq = rfq::hash(text)?;
    let none = || Problem::new(Kind::Refused, "this node holds no operator key; ask the operator that granted the key");
    let key = service.quoting.as_ref().ok_or_else(none)?;
    let found = service.node.ledger()?.read(|state| state.rfq(rfq))?;
    Ok(rfq::opening(&found.ok_or(Rejection::UnknownRfq { rfq })?.rfq, key))
}

fn id<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error| Problem::new(Kind::Malformed, error))
}

impl From<Failure> for Problem {
    /// Of what a caller wrote.
    fn from(failure: Failure) -> Self {
        let problem = Self::new(Kind::Malformed, &failure.what);
        match failure.remedy {
            Some(remedy) => problem.remedy(remedy),
            None => problem,
        }
    }
}

/// Signs an entry with this node's operator key and settles it.
#[utoipa::path(
    tag = "operator",
    security(("token" = ["operator"])),
    request_body(content = Operation, description = "What is entered"),
    responses(
        (status = 201, body = SettledView, description = "It settled"),
        (status = 409, body = ProblemBody, content_type = "application/problem+json", description = "It is so already"),
        (status = 422, body = ProblemBody, content_type = "application/problem+json", description = "A rule of the ledger forbids it")
    )
)]
#[post("/v1/operations")]
async fn post_operation(service: web::Data<Service>, input: Input<Operation>) -> Result<HttpResponse, Problem> {
    service.settles()?;
    let (body, now) = (input.value.body(&service)?, service.clock.now()?);
    let memo = memo(&input.once, now);
    let shared = service.clone();
    let told = web::block(move || shared.node.enter(body, memo, now)).await;
    let told = told.map_err(|_| Problem::of(Kind::Unavailable).retry_after(1))??;
    let view = SettledView::new(&told, &*service.node.ledger()?)?;
    let location = format!("/v1/entries/{}", view.position);
    Ok(Reply::new(201, &view)?.at(location).into())
}

/// The whole log, as `privity ledger export` writes it and `privity restore` reads it: a back-up of the ledger while it runs.
#[utoipa::path(
    tag = "operator",
    security(("token" = ["operator"])),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "A log file; cut short if the store fails, which its reader notices"))
)]
#[get("/v1/log")]
async fn get_log(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let ledger = service.node.ledger()?;
    Ok(streamed(move |mut out| audit::export(ledger.store(), &mut out)))
}
