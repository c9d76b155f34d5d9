//! The verified claim, and why a claim is refused.

use crate::KeyId;
use alloc::string::String;
use privity_circuits::Relation;

/// A statement for which a proof was verified under the key [`key_id`](Self::key_id).
///
/// Made by this crate alone, after the pairing equation held:
///
/// ```compile_fail,E0451
/// # use {privity_circuits::Relation, privity_verifier::{KeyId, Verified}};
/// fn forge<R: Relation>(statement: R::Statement, key_id: KeyId) -> Verified<R> {
///     Verified { statement, key_id }
/// }
/// ```
pub struct Verified<R: Relation> {
    statement: R::Statement,
    key_id: KeyId,
}

impl<R: Relation> Verified<R> {
    /// Call only where the proof of exactly this statement has just been verified under this key.
    pub(crate) fn new(statement: R::Statement, key_id: KeyId) -> Self {
        Self { statement, key_id }
    }

    /// The statement.
    pub fn statement(&self) -> &R::Statement {
        &self.statement
    }

    /// The key under which the proof was verified.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The statement, for good.
    pub fn into_statement(self) -> R::Statement {
        self.statement
    }
}

impl<R: Relation> core::fmt::Debug for Verified<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Verified<{}>({})", R::NAME, self.key_id)
    }
}

/// Why there is no [`Verified`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The key belongs to another relation.
    #[error("the key is for {found}, the claim is {expected}; use the key of the claimed relation")]
    Relation {
        /// The claim's relation.
        expected: &'static str,
        /// The key's relation.
        found: String,
    },
    /// The statement has more or fewer public inputs than the key.
    #[error("the key takes {expected} public inputs, the statement has {found}; use the key of this statement's shape")]
    Inputs {
        /// Public inputs of the key.
        expected: usize,
        /// Public inputs of the statement.
        found: usize,
    },
    /// No key of this id is registered.
    #[error("no key {0} is known here; the proof was made for another version or ledger")]
    UnknownKey(KeyId),
    /// The pairing equation does not hold.
    #[error("the proof does not prove this statement under this key; prove exactly the statement that is submitted")]
    Equation,
    /// The ticket is of another batch.
    #[error("the ticket belongs to another batch; redeem it at the outcome of its own")]
    Ticket,
}
