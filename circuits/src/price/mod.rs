//! **price** — a deal's notes follow its hidden terms.
//!
//! P1 terms opens, on this ledger. P2 widths ([`limits`]). P3 tiers in order, quantity reached and a multiple of the increment.
//! P4 n_k, P5 line and total, P6 capacity used, P9 fee ([`pricing`]). P7 payment and capacity open to these amounts, escrowed as a
//! pair or paid outright. P8 blindings derive from the terms. P10 the volume commits to the total. P11 both parties are members.
//! P12 tags of the parties and of the award.
//!
//! Everything but the terms, the policy and two paths is computed; a wallet that knows the terms rebuilds the deal.

use crate::context::{Context, LedgerId};
use crate::jubjub::Point;
use crate::note::{self, Commitment, Party};
use crate::terms::{self, AwardTag, Policy, Terms, TermsId};
use crate::tree::{Anchor, MemberPath};
use crate::{Fr, Relation, Violation};
use alloc::vec::Vec;

#[cfg(feature = "constraints")]
mod circuit;
mod deal;
pub mod limits;
pub mod pricing;

pub use deal::{Deal, award, notes};
pub use pricing::Quote;

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

/// What the parties know.
#[derive(Clone)]
pub struct Witness {
    /// All that was agreed.
    pub terms: Terms,
    /// What the community charges.
    pub policy: Policy,
    /// The buyer's place among the members.
    pub buyer_path: MemberPath,
    /// The supplier's place among the members.
    pub supplier_path: MemberPath,
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

impl Relation for Price {
    const NAME: &'static str = "price.v1";
    type Statement = Statement;
    type Witness = Witness;

    fn check(x: &Statement, w: &Witness) -> Result<(), Violation> {
        let unless = Violation::unless;
        let (terms, policy) = (&w.terms, &w.policy);
        deal::check_ledger(terms, x.ledger)?;
        unless(terms.id() == x.terms, "P1", "the terms do not open; use the very terms that were agreed")?;
        limits::check(terms, policy)?;
        terms.money.check_tiers(&terms.goods)?;
        let total = terms.money.price(terms.goods.quantity)?.total;
        let used = terms.goods.capacity_used()?;
        check_settlement(x, terms, total, used)?;
        check_fee(x, w, total)?;
        unless(
            terms::volume(total, terms.money.salt, x.terms) == x.volume,
            "P10",
            "the volume does not commit to the total",
        )?;
        deal::check_parties(terms)?;
        let member = |path: &MemberPath, owner: Fr| path.root(owner) == x.members;
        unless(
            member(&w.buyer_path, terms.parties.buyer.field())
                && member(&w.supplier_path, terms.parties.supplier.field()),
            "P11",
            "a party is not a member under this root; refresh its path",
        )?;
        unless(
            note::party(terms.parties.buyer, terms.rho(0)) == x.party_buyer
                && note::party(terms.parties.supplier, terms.rho(1)) == x.party_supplier,
            "P12",
            "a party's tag is not that of the terms",
        )?;
        unless(award(terms) == x.award, "P12", "the award does not open to the offer")
    }
}

/// P7, with the blindings of P8.
fn check_settlement(x: &Statement, terms: &Terms, total: u64, used: u64) -> Result<(), Violation> {
    let unless = Violation::unless;
    unless(
        deal::payment(terms, total).commitment() == x.out_payment,
        "P7",
        "the payment is not the note that the terms make",
    )?;
    unless(
        deal::capacity(terms, used).commitment() == x.out_capacity,
        "P7",
        "the capacity is not the note that the terms make",
    )?;
    let pair = match terms.remedy.escrow {
        true => note::pair(x.out_payment, x.out_capacity),
        false => note::NO_COMMITMENT,
    };
    unless(pair == x.pair, "P7", "pair is not that of payment and capacity; without escrow it is 0")
}

/// P9.
fn check_fee(x: &Statement, w: &Witness, total: u64) -> Result<(), Violation> {
    let fee = w.policy.fee(total)?;
    Violation::unless(w.policy.id() == x.policy, "P9", "the policy does not open; use the one in force")?;
    Violation::unless(
        deal::fee(&w.terms, &w.policy, fee).commitment() == x.out_fee,
        "P9",
        "the fee is not the note that the policy makes",
    )
}
