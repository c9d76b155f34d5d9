//! Builders of transactions: statement and witness, proof, frame.

mod frame;
mod issue;
mod release;
mod transfer;

pub(crate) use frame::Draftable;
pub use issue::{MintOrder, issue, mint};
pub use release::{Agreement, ReleaseOrder};
pub(crate) use transfer::change;
pub use transfer::{Payment, Withdrawal};

use crate::delivery::DeliveryError;
use crate::leg::TooManyInputs;
use crate::prove::ProveError;
use crate::wallet::WalletError;
use privity_circuits::Violation;
use privity_circuits::terms::TermsId;

/// Why a transaction was not built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The wallet cannot.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// Something cannot be sealed.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// More inputs than the shape takes.
    #[error(transparent)]
    Inputs(#[from] TooManyInputs),
    /// No proof.
    #[error(transparent)]
    Prove(#[from] ProveError),
    /// A rule of the protocol.
    #[error(transparent)]
    Rule(#[from] Violation),
    /// A payment has two recipients at the most.
    #[error("{0} recipients in one transaction, at most 2; send the rest in another")]
    Recipients(usize),
    /// Sums overflow.
    #[error("the amounts together are not below 2^64 minor units; send them in several transactions")]
    Amount,
    /// The view is of another ledger.
    #[error("the wallet lives on another ledger; open the wallet of this one")]
    Ledger,
    /// Nothing is known of these terms.
    #[error("no deal {0} of this wallet is on the ledger; scan the log, or ask the party that has it")]
    UnknownDeal(TermsId),
    /// The escrow is closed, or there was none.
    #[error("nothing of deal {0} is in escrow; there is nothing left to release")]
    NoEscrow(TermsId),
    /// A ciphertext that was promised does not open.
    #[error("the ciphertext of the {0} does not open to what was agreed; nothing was signed, ask for a new proposal")]
    Ciphertext(&'static str),
    /// A required signature is by somebody else.
    #[error("{0} is not this wallet's to sign; let the party named in the terms do it")]
    NotOurs(&'static str),
}

/// Where and until when a transaction is to be settled.
#[derive(Clone, Copy, Debug)]
pub struct When {
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// The ledger's time must be below it.
    pub expiry: u64,
}

/// What making a transaction takes: time, a prover, randomness.
pub struct Make<'a, P, R> {
    /// Where it is to be settled.
    pub when: When,
    /// Turns witnesses into proofs.
    pub prover: &'a mut P,
    /// For blindings, signatures and ciphertexts.
    pub rng: &'a mut R,
}
