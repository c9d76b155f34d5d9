//! **price** — a deal's notes follow its hidden terms.

use crate::Fr;
use crate::context::{Context, LedgerId};
use crate::jubjub::Point;
use crate::note::{Commitment, Party};
use crate::terms::{AwardTag, TermsId};
use crate::tree::Anchor;
use alloc::vec::Vec;

/// The relation `price.v1`.
pub struct Price;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The ledger's id.
    pub ledger: LedgerId,
    /// H(TERMS; …).
    pub terms: TermsId,
    /// The payment's commitment: the buyer's leg's first output.
    pub out_payment: Commitment,
    /// The fee's commitment: the buyer's leg's second output.
    pub out_fee: Commitment,
    /// The capacity's commitment: the supplier's leg's first output.
    pub out_capacity: Commitment,
    /// H(PAIR; out_payment, out_capacity), or 0 without escrow.
    pub pair: Commitment,
    /// total·V + H(VOLUME; s₃, terms)·W.
    pub volume: Point,
    /// H(POLICY; flat, rate, treasury, delivery key).
    pub policy: Fr,
    /// Root of the member tree.
    pub members: Anchor,
    /// H(PARTY; buyer, ρ₀).
    pub party_buyer: Party,
    /// H(PARTY; supplier, ρ₁).
    pub party_supplier: Party,
    /// H(AWARDED; supplier, rfq id, offer, ρ₂).
    pub award: AwardTag,
    /// The transaction's context.
    pub context: Context,
}

impl crate::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        alloc::vec![
            self.ledger.field(),
            self.terms.field(),
            self.out_payment.field(),
            self.out_fee.field(),
            self.out_capacity.field(),
            self.pair.field(),
            self.volume.x,
            self.volume.y,
            self.policy,
            self.members.field(),
            self.party_buyer.field(),
            self.party_supplier.field(),
            self.award.field(),
            self.context.field(),
        ]
    }
}
