//! Who calls: a credential's name, its scopes, and the party that it is bound to.

use super::problem::{Kind, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

/// What a credential may do. No scope includes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Settles transactions; deals, envelopes and webhooks of its own.
    Submitter,
    /// Orders proofs.
    Prover,
    /// Reads the ledger and verifies proofs.
    Auditor,
    /// Makes entries, backs up, reads metrics.
    Operator,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Submitter, Self::Prover, Self::Auditor, Self::Operator];

    /// Its name, as in the OpenAPI document and in tokens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Submitter => "submitter",
            Self::Prover => "prover",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|scope| scope.name() == text);
        found.ok_or_else(|| format!("there is no scope `{text}`; take submitter, prover, auditor or operator"))
    }
}

/// Who calls, as the gate found by the credential. Quotas, idempotency keys, jobs, deals and webhooks belong to `name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name under which the credential was made; several credentials may share it.
    pub name: String,
    /// What the credential may do.
    pub scopes: BTreeSet<Scope>,
    /// The party for which it acts in deals: an owner id in the text form of addresses, as given when the credential was made.
    pub party: Option<String>,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let caller = request.extensions().get::<Self>().cloned();
        ready(caller.ok_or_else(|| Problem::of(Kind::Unauthenticated)))
    }
}
