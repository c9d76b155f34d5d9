//! Terms that a wallet refuses to sign, whoever drafted them (protocol, L11).

use crate::view::LedgerView;
use privity_circuits::Violation;
use privity_circuits::keys::SignerId;
use privity_circuits::price::Deal;
use privity_circuits::terms::{CLAIM_MARGIN, Remedy, Terms, WEEK};
use privity_ledger::store::StoreError;

/// Bits of a total that a link to an RFQ can carry.
const LINKED_BITS: u32 = 48;

/// Why terms are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsRefusal {
    /// The ledger's state cannot be read.
    #[error(transparent)]
    View(#[from] StoreError),
    /// Another ledger.
    #[error("L11: the terms name another ledger; draft them for this one")]
    Ledger,
    /// A rule of the price relation: widths, tiers, increments, amounts. Terms beyond them could never be released.
    #[error(transparent)]
    Rule(#[from] Violation),
    /// A party that is no member.
    #[error("L11: the {0} is no member of this ledger; have it admitted first")]
    Member(&'static str),
    /// Both parties are one.
    #[error("L11: buyer and supplier are the same member; a deal takes two")]
    SameParty,
    /// A party's signer is not the registered one.
    #[error(
        "L11: the {0}'s signer is not the one that the ledger has registered for this member; draft with the registered one"
    )]
    PartySigner(&'static str),
    /// A party would inspect or judge its own deal.
    #[error("L11: the {0} is, was or will be a party's signer; name somebody independent")]
    OwnJudge(&'static str),
    /// Nobody knows this key.
    #[error("L11: the {0} is neither registered nor 0; have it registered, or leave it out")]
    Unregistered(&'static str),
    /// Nobody could ever evidence a delivery.
    #[error("L11: an escrow needs an inspector or an arbiter; name one, or agree without escrow")]
    NobodyToRelease,
    /// The total is too large for a linked deal.
    #[error("L11: a deal that answers an RFQ has a total below 2^48 minor units; split it, or deal without the RFQ")]
    LinkedTotal,
    /// Due in the past.
    #[error("L11: the due time {due} is not after the ledger's {time}; agree a later one")]
    Due {
        /// Unix seconds.
        due: u64,
        /// Ledger time.
        time: u64,
    },
    /// The escrow lapses before a late delivery could be settled.
    #[error(
        "L11: claim_until {claim_until} is before {earliest}: due, the weeks until the lateness cap, and 14 days; agree a later one"
    )]
    ClaimUntil {
        /// Unix seconds.
        claim_until: u64,
        /// The earliest that is accepted.
        earliest: u64,
    },
}

/// The earliest claim_until that a wallet accepts: due + ⌈cap/rate⌉ weeks (0 if rate = 0) + 14 days.
pub fn earliest_claim_until(due: u64, remedy: &Remedy) -> u64 {
    let weeks = if remedy.rate == 0 { 0 } else { remedy.cap.div_ceil(remedy.rate) };
    due.saturating_add(weeks.saturating_mul(WEEK)).saturating_add(CLAIM_MARGIN)
}

/// Everything that L11 asks of terms, in the order of [`TermsRefusal`]; returns what they come to.
///
/// # Errors
/// The first reason to refuse them.
pub fn check_terms(terms: &Terms, view: &impl LedgerView) -> Result<Deal, TermsRefusal> {
    let parties = &terms.parties;
    if parties.ledger != view.ledger().id() {
        return Err(TermsRefusal::Ledger);
    }
    let deal = Deal::of(terms, &view.policy()?)?;
    check_parties(terms, view)?;
    check_judges(terms, view)?;
    if terms.remedy.escrow && parties.inspector.is_zero() && parties.arbiter.is_zero() {
        return Err(TermsRefusal::NobodyToRelease);
    }
    if !terms.money.rfq.is_zero() && deal.quote.total >> LINKED_BITS != 0 {
        return Err(TermsRefusal::LinkedTotal);
    }
    let (due, time) = (terms.goods.due, view.time());
    if due <= time {
        return Err(TermsRefusal::Due { due, time });
    }
    let (claim_until, earliest) = (terms.remedy.claim_until, earliest_claim_until(due, &terms.remedy));
    if terms.remedy.escrow && claim_until < earliest {
        return Err(TermsRefusal::ClaimUntil { claim_until, earliest });
    }
    Ok(deal)
}

fn check_parties(terms: &Terms, view: &impl LedgerView) -> Result<(), TermsRefusal> {
    let parties = &terms.parties;
    if parties.buyer == parties.supplier {
        return Err(TermsRefusal::SameParty);
    }
    let named =
        [(parties.buyer, parties.buyer_signer, "buyer"), (parties.supplier, parties.supplier_signer, "supplier")];
    for (owner, signer, who) in named {
        let member = view.member(owner)?.ok_or(TermsRefusal::Member(who))?;
        if member.signer != signer || signer.is_zero() {
            return Err(TermsRefusal::PartySigner(who));
        }
    }
    Ok(())
}

fn check_judges(terms: &Terms, view: &impl LedgerView) -> Result<(), TermsRefusal> {
    let parties = &terms.parties;
    for (judge, who) in [(parties.inspector, "inspector"), (parties.arbiter, "arbiter")] {
        if judge.is_zero() {
            continue;
        }
        // A key that a party has given up, or is about to take up, is still that party's.
        let owner = view.member_of_signer(judge)?;
        let named = [parties.buyer_signer, parties.supplier_signer].contains(&judge);
        if named || owner.is_some_and(|owner| [parties.buyer, parties.supplier].contains(&owner)) {
            return Err(TermsRefusal::OwnJudge(who));
        }
        // The register takes no key off the curve, off the subgroup, or the identity.
        let registered = view.signer(judge)?.is_some_and(|key| SignerId::of(&key) == judge);
        if !registered {
            return Err(TermsRefusal::Unregistered(who));
        }
    }
    Ok(())
}
