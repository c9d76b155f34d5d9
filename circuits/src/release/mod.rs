//! **release** — settles part or all of an escrowed pair; the terms stay hidden.

use crate::Fr;
use crate::context::Context;
use crate::note::{Commitment, Nullifier};
use crate::tree::Anchor;
use alloc::vec::Vec;

/// The relation `release.v1`.
pub struct Release;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// A historic root of the note tree.
    pub anchor: Anchor,
    /// H(NULLIFIER; H(ESCROWNK; s₃), pair, position).
    pub nullifier: Nullifier,
    /// What the supplier is paid.
    pub out_supplier: Commitment,
    /// What the buyer gets back.
    pub out_buyer: Commitment,
    /// Capacity that returns to the supplier.
    pub out_capacity: Commitment,
    /// What stays in escrow, H(PAIR; …).
    pub out_pair: Commitment,
    /// Unix seconds, a full hour of the ledger's clock.
    pub now: u64,
    /// The transaction's context.
    pub context: Context,
}

impl crate::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        alloc::vec![
            self.anchor.field(),
            self.nullifier.field(),
            self.out_supplier.field(),
            self.out_buyer.field(),
            self.out_capacity.field(),
            self.out_pair.field(),
            Fr::from(self.now),
            self.context.field(),
        ]
    }
}
