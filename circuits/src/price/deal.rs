//! What terms and policy make: amounts, notes, tags. The terms alone rebuild the deal.

use super::{Quote, Statement, limits};
use crate::context::{Context, LedgerId};
use crate::note::{self, NO_COMMITMENT, Note};
use crate::terms::{self, AwardTag, Policy, Terms};
use crate::tree::Anchor;
use crate::{Domain, Violation, hash};

/// The amounts of a deal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// The price and how it came about, minor units.
    pub quote: Quote,
    /// P6, millionths of the unit.
    pub used: u64,
    /// P9, minor units.
    pub fee: u64,
}

impl Deal {
    /// P2 to P6 and P9.
    ///
    /// # Errors
    /// The first of them that terms or policy break.
    pub fn of(terms: &Terms, policy: &Policy) -> Result<Self, Violation> {
        limits::check(terms, policy)?;
        let quote = terms.money.quote(&terms.goods)?;
        let used = terms.goods.capacity_used()?;
        let fee = policy.fee(quote.total)?;
        Ok(Self { quote, used, fee })
    }

    /// The deal's three notes: payment, fee, capacity.
    pub fn notes(&self, terms: &Terms, policy: &Policy) -> [Note; 3] {
        [payment(terms, self.quote.total), fee(terms, policy, self.fee), capacity(terms, self.used)]
    }
}

/// The deal's three notes, payment, fee and capacity, rebuilt from what was agreed.
///
/// # Errors
/// The first of P2 to P6 and P9 that terms or policy break.
pub fn notes(terms: &Terms, policy: &Policy) -> Result<[Note; 3], Violation> {
    Ok(Deal::of(terms, policy)?.notes(terms, policy))
}

impl Statement {
    /// The statement that these terms make under `policy`, for a member root and a context.
    ///
    /// # Errors
    /// P1 if the terms name another ledger, P11 if a party is nobody, else as [`Deal::of`].
    pub fn of(
        terms: &Terms,
        policy: &Policy,
        members: Anchor,
        ledger: LedgerId,
        context: Context,
    ) -> Result<Self, Violation> {
        check_ledger(terms, ledger)?;
        let deal = Deal::of(terms, policy)?;
        check_parties(terms)?;
        let id = terms.id();
        let [out_payment, out_fee, out_capacity] = deal.notes(terms, policy).map(|note| note.commitment());
        Ok(Self {
            ledger,
            terms: id,
            out_payment,
            out_fee,
            out_capacity,
            pair: match terms.remedy.escrow {
                true => note::pair(out_payment, out_capacity),
                false => NO_COMMITMENT,
            },
            volume: terms::volume(deal.quote.total, terms.money.salt, id),
            policy: policy.id(),
            members,
            party_buyer: note::party(terms.parties.buyer, terms.rho(0)),
            party_supplier: note::party(terms.parties.supplier, terms.rho(1)),
            award: award(terms),
            context,
        })
    }
}

/// P1's ledger.
pub(super) fn check_ledger(terms: &Terms, ledger: LedgerId) -> Result<(), Violation> {
    Violation::unless(terms.parties.ledger == ledger, "P1", "the terms name another ledger")
}

/// P11's first half: both parties are somebody.
pub(super) fn check_parties(terms: &Terms) -> Result<(), Violation> {
    Violation::unless(
        !terms.parties.buyer.is_zero() && !terms.parties.supplier.is_zero(),
        "P11",
        "buyer or supplier is 0; name two members",
    )
}

/// P7: what is paid.
pub(super) fn payment(terms: &Terms, total: u64) -> Note {
    let escrow = terms.remedy.escrow;
    Note {
        asset: terms.money.currency,
        value: total,
        unlock: if escrow { 0 } else { terms.money.payment_unlock },
        owner: match escrow {
            true => terms.escrow_owner(0),
            false => terms.parties.supplier,
        },
        blinding: blinding(terms, 0),
    }
}

/// P9: what the treasury receives.
pub(super) fn fee(terms: &Terms, policy: &Policy, fee: u64) -> Note {
    Note { asset: terms.money.currency, value: fee, unlock: 0, owner: policy.treasury, blinding: blinding(terms, 1) }
}

/// P7: the capacity that the deal consumes.
pub(super) fn capacity(terms: &Terms, used: u64) -> Note {
    Note {
        asset: terms.capacity_asset(),
        value: used,
        unlock: 0,
        owner: match terms.remedy.escrow {
            true => terms.escrow_owner(0),
            false => terms.retired_owner(),
        },
        blinding: blinding(terms, 2),
    }
}

/// P8: H(BLIND; s₃, terms, i).
fn blinding(terms: &Terms, index: u64) -> crate::Fr {
    terms.blinding(terms.id().field(), index)
}

/// P12: H(AWARDED; supplier, rfq id, offer, ρ₂).
pub fn award(terms: &Terms) -> AwardTag {
    let (goods, money) = (&terms.goods, &terms.money);
    let offer = terms::offer(money.currency, money.exponent, goods.quantity, goods.due, goods.document);
    let inputs = [terms.parties.supplier.field(), money.rfq.field(), offer, terms.rho(2)];
    AwardTag::new(hash(Domain::Awarded, &inputs))
}
