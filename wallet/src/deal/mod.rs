//! A deal in four messages (protocol, L11): draft, request, offer, acceptance.
//!
//! One context covers both legs, so nobody can sign before all outputs and ciphertexts are known. The supplier drafts; the buyer
//! adds its outputs and signs nothing; the supplier signs its leg, firm until expiry; the buyer proves the rest and submits the deal
//! itself, because handed to the supplier first it would be a free option.

mod accept;
mod checks;
mod draft;
mod messages;
mod quote;
mod request;
mod supplier;

pub use checks::{TermsRefusal, check_terms, earliest_claim_until};
pub use messages::{Draft, Offer, Outputs, Request};
pub use quote::{DealQuote, quote};

use crate::build::BuildError;
use crate::file::FileError;
use privity_circuits::Violation;
use privity_circuits::terms::{Policy, Terms, TermsId};
use privity_circuits::transfer;
use privity_verifier::Refusal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Seconds for which an offer is firm unless more is granted.
pub const FIRM_SECONDS: u64 = 600;

/// An open negotiation; it holds the inputs that it will spend.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Whose leg this wallet makes: the account's index.
    pub account: u32,
    /// Positions of the notes promised.
    pub inputs: BTreeSet<u32>,
    /// Until when a signature of this wallet stands, Unix seconds; none if nothing was signed.
    pub firm_until: Option<u64>,
    /// The draft.
    pub draft: Draft,
    /// The request, once it is known.
    pub request: Option<Request>,
}

redacted!(Session);

/// Why a deal goes no further.
#[derive(Debug, thiserror::Error)]
pub enum DealError {
    /// The terms are not acceptable.
    #[error(transparent)]
    Terms(#[from] TermsRefusal),
    /// A rule of the price.
    #[error(transparent)]
    Rule(#[from] Violation),
    /// A transaction cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A file is broken.
    #[error(transparent)]
    File(#[from] FileError),
    /// The counterparty's proof does not hold.
    #[error("the counterparty's proof: {0}; nothing was signed, ask for a new offer")]
    Proof(#[from] Refusal),
    /// The terms name somebody else.
    #[error("the terms do not name this wallet's account as {0}; open the right wallet or account")]
    NotParty(&'static str),
    /// An output is not the one that the terms make.
    #[error("the {0} is not the note that the terms make; nothing was signed, ask for the message again")]
    Opening(&'static str),
    /// A ciphertext that was promised does not open.
    #[error(
        "the ciphertext of the {0} does not open to the note that the terms make; nothing was signed, ask for the message again"
    )]
    Ciphertext(&'static str),
    /// The address is not the party's.
    #[error(
        "the message's address is not the {0}'s that the terms name; nothing was signed, ask for the message again"
    )]
    Address(&'static str),
    /// The fee was reckoned under another policy.
    #[error("the message reckons with another fee policy than the one in force; ask for a new request")]
    Policy,
    /// No such negotiation.
    #[error("no negotiation of terms {0} is open in this wallet; it has ended, or is another wallet's")]
    Unknown(TermsId),
    /// These terms are being negotiated.
    #[error("terms {0} are being negotiated; end that negotiation first, or draft anew")]
    Open(TermsId),
    /// A signature over these terms stands.
    #[error("these terms are signed and firm until {until}; wait, or revoke by spending the inputs to yourself")]
    Firm {
        /// Unix seconds.
        until: u64,
    },
    /// The offer's statement is not what it must be.
    #[error("the offer's {0} is not acceptable; nothing was signed, ask for a new offer")]
    Offer(&'static str),
    /// The offer has run out.
    #[error("the offer ran out at {expiry}; ask for a new one")]
    Expired {
        /// Unix seconds.
        expiry: u64,
    },
    /// There is nothing to revoke.
    #[error("nothing was promised in this negotiation; just end it")]
    NothingPromised,
}

impl From<privity_ledger::store::StoreError> for DealError {
    fn from(error: privity_ledger::store::StoreError) -> Self {
        Self::Terms(error.into())
    }
}

impl From<crate::wallet::WalletError> for DealError {
    fn from(error: crate::wallet::WalletError) -> Self {
        Self::Build(error.into())
    }
}

impl From<crate::delivery::DeliveryError> for DealError {
    fn from(error: crate::delivery::DeliveryError) -> Self {
        Self::Build(error.into())
    }
}

impl From<crate::prove::ProveError> for DealError {
    fn from(error: crate::prove::ProveError) -> Self {
        Self::Build(error.into())
    }
}

/// Pins the note that a leg must make at an output.
fn expect(
    statement: &[privity_circuits::note::Commitment],
    index: usize,
    note: &privity_circuits::note::Note,
    what: &'static str,
) -> Result<(), DealError> {
    if statement.get(index) == Some(&note.commitment()) { Ok(()) } else { Err(DealError::Opening(what)) }
}

/// What both parties compute from terms and policy.
struct Agreed {
    id: TermsId,
    notes: [privity_circuits::note::Note; 3],
    total: u64,
    fee: u64,
    used: u64,
}

impl Agreed {
    fn of(terms: &Terms, policy: &Policy) -> Result<Self, Violation> {
        let deal = privity_circuits::price::Deal::of(terms, policy)?;
        let notes = deal.notes(terms, policy);
        Ok(Self { id: terms.id(), notes, total: deal.quote.total, fee: deal.fee, used: deal.used })
    }
}

/// A leg of a deal.
type Leg3 = transfer::Statement<2, 3>;
