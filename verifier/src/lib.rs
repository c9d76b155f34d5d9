//! Verifies Privity's Groth16 proofs over BLS12-381; the only place where a verified claim is made.
//!
//! [`Verified<R>`] says: some witness satisfies the relation `R` together with this statement, under the key named by its
//! [`KeyId`]. It has no public constructor; [`PreparedKey::verify`] and [`Batch`] return it after the pairing equation held:
//!
//! e(A, B) = e(α, β) · e(IC(x), γ) · e(C, δ), IC(x) = IC₀ + Σ xᵢ·ICᵢ
//!
//! Whoever holds a key's trapdoor can prove anything under it, so a claim is worth what its key is worth: compare
//! [`Verified::key_id`] with a list of accepted ids, as the ledger does. A proof can be re-randomised by anyone who sees it, into
//! different bytes for the same statement: never identify a transaction by its proofs.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

mod batch;
mod key;
mod keys;
mod pairing;
mod parallel;
mod point;
mod prepared;
mod proof;
mod verified;

pub mod groth16;

pub use batch::{Batch, Outcome, Ticket};
pub use key::{KeyError, KeyId, MAX_INPUTS, MAX_NAME, VerifyingKey, is_relation_name};
pub use keys::Keys;
pub use pairing::Pairings;
pub use point::PointError;
pub use prepared::PreparedKey;
pub use proof::{PROOF_BYTES, Proof, ProofError};
pub use verified::{Refusal, Verified};
