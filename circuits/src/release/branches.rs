//! Constraints of release: R2, one of four branches, and R3, the amounts.
//!
//! What a branch does not use is 0 in it: outside *delivered* the receipt and the pieces are, hence gross, weeks and penalty too, so
//! that all four share one set of divisions. Both sides of each division k·D + ρ stay below 2^106 in size: nothing wraps.

use super::circuit::{Escrow, StatementVar};
use super::{Claim, Evidence, Signed};
use crate::Fr;
use crate::field::split_128;
use crate::gadgets::bits::Ranged;
use crate::gadgets::curve::PublicKeyVar;
use crate::gadgets::terms::lane;
use crate::gadgets::{Num, bits, poseidon, schnorr};
use crate::hash::{Domain, tag};
use crate::r1cs::Cs;
use crate::terms::{BASIS_POINTS, QUANTITY_BITS, TIME_BITS, WEEK};
use ark_ff::{AdditiveGroup, Field as _};

/// Bits of weeks late: 2^40 / 604 800 < 2^21.
const WEEKS_BITS: u32 = 21;
/// Bits of rate·weeks.
const CHARGE_BITS: u32 = 14 + WEEKS_BITS;

/// Four booleans whose sum is 1.
struct Branch {
    delivered: Num,
    lapsed: Num,
    awarded: Num,
    agreed: Num,
}

/// What the inspector wrote; all 0 outside *delivered*.
struct Receipt {
    /// done′, 40 bits.
    cumulative: Ranged,
    /// Seconds, 40 bits.
    time: Ranged,
    /// One bit.
    last: Ranged,
}

/// What pay and used were decided to be by signature; 0 in *delivered* and *lapsed*.
struct Decided {
    pay: Num,
    used: Num,
}

/// What the branch comes to, before anybody asks whether the pair holds that much.
pub(super) struct Outcome {
    /// g by the division; 0 outside *delivered*.
    gross: Num,
    pay: Num,
    used: Num,
    /// d.
    delivered: Num,
    /// 1 if the escrow goes on: *delivered*, not final and d < q.
    continues: Num,
}

/// Values of the outputs, each below 2^64.
pub(super) struct Amounts {
    pub(super) pay: Num,
    pub(super) refund: Num,
    pub(super) returned: Num,
    pub(super) rest: Num,
    pub(super) kept: Num,
    /// d, or q when closing.
    pub(super) next_done: Num,
}

/// R2: the branch that the evidence names, and the signatures that it takes.
pub(super) fn decide(cs: &mut Cs, x: &StatementVar, escrow: &Escrow, evidence: &Evidence) -> Outcome {
    let claim = evidence.claim();
    let branch = Branch::witness(cs, &claim);
    let receipt = Receipt::witness(cs, &branch, &escrow.done, &claim);

    let quantity = escrow.goods.quantity.num();
    let full = bits::at_least(cs, receipt.cumulative.num(), quantity, QUANTITY_BITS);
    let delivered = bits::select(cs, &full, quantity, receipt.cumulative.num());
    let pieces = cs.mul(&branch.delivered, &(&delivered - &escrow.done));
    let open = cs.mul(&Num::one().minus(receipt.last.num()), &Num::one().minus(&full));
    let continues = cs.mul(&branch.delivered, &open);

    let gross = worth(cs, escrow, &pieces);
    let share = lateness(cs, x, escrow, &branch, &receipt);
    let (pay, decided_pay) = payment(cs, &branch, &claim, &gross, &share);
    let (used, decided_used) = consumption(cs, escrow, &branch, &claim, &pieces);
    let decided = Decided { pay: decided_pay, used: decided_used };

    let message = message(cs, x, escrow, &branch, &receipt, &decided);
    verify(cs, escrow, &branch, &message, &evidence.signatures());
    Outcome { gross, pay, used, delivered, continues }
}

impl Branch {
    fn witness(cs: &mut Cs, claim: &Claim) -> Self {
        let index = match claim {
            Claim::Delivered { .. } => 0,
            Claim::Lapsed => 1,
            Claim::Awarded { .. } => 2,
            Claim::Agreed { .. } => 3,
        };
        let [delivered, lapsed, awarded] =
            core::array::from_fn(|i| cs.hint("selector", Fr::from(u64::from(i == index))));
        let agreed = &(&Num::one().minus(&delivered) - &lapsed) - &awarded;
        for selector in [&delivered, &lapsed, &awarded, &agreed] {
            cs.enforce(selector, selector, selector);
        }
        Self { delivered, lapsed, awarded, agreed }
    }

    /// Whether pay and used come from a signed message.
    fn decided(&self) -> Num {
        &self.awarded + &self.agreed
    }
}

impl Receipt {
    /// Ranges, zeros outside *delivered*, and the chain: done < done′, or final and done′ = done.
    fn witness(cs: &mut Cs, branch: &Branch, done: &Num, claim: &Claim) -> Self {
        let (cumulative, time, last) = match *claim {
            Claim::Delivered { delivered, time, last } => (delivered, time, last),
            Claim::Lapsed | Claim::Awarded { .. } | Claim::Agreed { .. } => (0, 0, false),
        };
        let cumulative = Ranged::witness(cs, cumulative, QUANTITY_BITS);
        let time = Ranged::witness(cs, time, TIME_BITS);
        let last = Ranged::witness(cs, u64::from(last), 1);
        let absent = Num::one().minus(&branch.delivered);
        cs.enforce(&absent, &lane(&[&cumulative, &time]), &Num::zero());

        let advance = cs.mul(&branch.delivered, &(cumulative.num() - done));
        bits::range(cs, &advance, QUANTITY_BITS);
        // Where nothing advances, final = the selector: 1 in *delivered*, 0 elsewhere.
        let idle = bits::is_zero(cs, &advance);
        cs.enforce(&idle, &(&branch.delivered - last.num()), &Num::zero());
        Self { cumulative, time, last }
    }
}

/// g = ⌊v·pieces/(q − done)⌋. R3 ranges v − g, so g is an integer above −2^64, and the equation holds over the integers.
///
/// 0 ≤ ρ ≤ q − done − 1 says two things at once: ρ is a remainder, and done < q (R1).
fn worth(cs: &mut Cs, escrow: &Escrow, pieces: &Num) -> Num {
    let product = cs.mul(&escrow.payment, pieces);
    let (quotient, remainder) = divide(&product, &escrow.undelivered);
    let gross = cs.hint("gross", Fr::from(quotient));
    let remainder = Ranged::witness(cs, remainder as u64, QUANTITY_BITS);
    let room = (&escrow.undelivered - remainder.num()).plus(-Fr::ONE);
    cs.rule("R1", |cs| bits::range(cs, &room, QUANTITY_BITS));
    cs.enforce(&gross, &escrow.undelivered, &(&product - remainder.num()));
    gross
}

/// min(cap, rate·weeks) in basis points, weeks = ⌈max(0, time − due)/604 800⌉; and now ≥ claim_until if lapsed.
fn lateness(cs: &mut Cs, x: &StatementVar, escrow: &Escrow, branch: &Branch, receipt: &Receipt) -> Num {
    let (goods, remedy) = (&escrow.goods, &escrow.remedy);
    let late = cs.mul(&branch.delivered, &(receipt.time.num() - goods.due.num()));
    let waited = cs.mul(&branch.lapsed, &(x.now - remedy.claim_until.num()));
    // One of the two is 0: a single comparison serves both branches.
    let passed = bits::at_least(cs, &(&late + &waited), &Num::zero(), TIME_BITS);
    cs.enforce(&branch.lapsed, &Num::one().minus(&passed), &Num::zero());

    let late = cs.mul(&passed, &late);
    let (full_weeks, part) = divide(&late, &Num::from_constant(WEEK));
    let weeks = full_weeks + u128::from(part > 0);
    let weeks = Ranged::witness(cs, weeks as u64, WEEKS_BITS);
    // 604 800·weeks − late is below 604 800.
    let spare = &weeks.num().scale(WEEK) - &late;
    Ranged::of(cs, &spare, 20).at_most(cs, WEEK - 1);

    let charge = cs.mul(remedy.rate.num(), weeks.num());
    let capped = bits::at_least(cs, &charge, remedy.cap.num(), CHARGE_BITS);
    bits::select(cs, &capped, remedy.cap.num(), &charge)
}

/// pay, and the part of it that was decided by signature: g·share = 10⁴·(g − (pay − decided)) + ρ, ρ < 10⁴.
///
/// R3 ranges pay. If lapsed, g and the decided part are 0 and ρ = 10⁴·pay leaves only pay = 0.
fn payment(cs: &mut Cs, branch: &Branch, claim: &Claim, gross: &Num, share: &Num) -> (Num, Num) {
    let product = Num::from_constant(gross.value() * share.value());
    let (penalty, remainder) = divide(&product, &Num::from_constant(BASIS_POINTS));
    let pay = match *claim {
        Claim::Delivered { .. } => gross.value() - Fr::from(penalty),
        Claim::Lapsed => Fr::ZERO,
        Claim::Awarded { pay, .. } | Claim::Agreed { pay, .. } => Fr::from(pay),
    };
    let pay = cs.hint("pay", pay);
    let decided = cs.mul(&branch.decided(), &pay);
    let remainder = Ranged::witness(cs, remainder as u64, 14);
    remainder.at_most(cs, BASIS_POINTS - 1);
    let penalty = &(gross - &pay) + &decided;
    cs.enforce(gross, share, &(&penalty.scale(BASIS_POINTS) + remainder.num()));
    (pay, decided)
}

/// used = load factor·pieces + the decided part, and that part.
fn consumption(cs: &mut Cs, escrow: &Escrow, branch: &Branch, claim: &Claim, pieces: &Num) -> (Num, Num) {
    let load_factor = escrow.goods.load_factor.num();
    let used = match *claim {
        Claim::Delivered { .. } | Claim::Lapsed => load_factor.value() * pieces.value(),
        Claim::Awarded { used, .. } | Claim::Agreed { used, .. } => Fr::from(used),
    };
    let used = cs.hint("used", used);
    let decided = cs.mul(&branch.decided(), &used);
    cs.enforce(load_factor, pieces, &(&used - &decided));
    (used, decided)
}

/// H(RECEIPT; terms, done + 2^40·done′ + 2^80·time + 2^120·final), H(REFUND; terms, nf, context), H(AWARD; terms, done, pay +
/// 2^64·used) or H(SETTLE; terms, done, pay + 2^64·used, context): the selectors choose tag and lanes, unused lanes are 0.
fn message(
    cs: &mut Cs,
    x: &StatementVar,
    escrow: &Escrow,
    branch: &Branch,
    receipt: &Receipt,
    decided: &Decided,
) -> Num {
    let shift = |bits: u64| Fr::from(2u64).pow([bits]);
    // Without a receipt this is done.
    let delivery = lane(&[&receipt.cumulative, &receipt.time, &receipt.last]);
    let state = &escrow.done + &delivery.scale(shift(40));
    let second = bits::select(cs, &branch.lapsed, x.nullifier, &state);
    let refund_context = cs.mul(&branch.lapsed, x.context);
    let third =
        Num::linear(&[(Fr::ONE, &decided.pay), (shift(64), &decided.used), (Fr::ONE, &refund_context)], Fr::ZERO);
    let fourth = cs.mul(&branch.agreed, x.context);
    let tag = Num::linear(
        &[
            (tag(Domain::Receipt, 2), &branch.delivered),
            (tag(Domain::Refund, 3), &branch.lapsed),
            (tag(Domain::Award, 3), &branch.awarded),
            (tag(Domain::Settle, 4), &branch.agreed),
        ],
        Fr::ZERO,
    );
    poseidon::hash_tagged(cs, &tag, &[escrow.terms.clone(), second, third, fourth])
}

/// The branch's signer signed `message`, and so did the supplier's if agreed; else the first signature is verified again, so that no
/// signature is ever waived.
fn verify(cs: &mut Cs, escrow: &Escrow, branch: &Branch, message: &Num, signatures: &[Signed; 2]) {
    let parties = &escrow.parties;
    let buyer = &parties.buyer_signer;
    let inspector = cs.mul(&branch.delivered, &(&parties.inspector - buyer));
    let arbiter = cs.mul(&branch.awarded, &(&parties.arbiter - buyer));
    let first = &(buyer + &inspector) + &arbiter;
    let second = bits::select(cs, &branch.agreed, &parties.supplier_signer, &first);
    for (signer, signed) in [first, second].iter().zip(signatures) {
        let pk = PublicKeyVar::witness(cs, &signed.pk);
        let opened = poseidon::hash(cs, Domain::Signer, &[pk.point().x.clone(), pk.point().y.clone()]);
        cs.equal(&opened, signer);
        schnorr::verify(cs, &pk, signer, message, &signed.signature);
    }
}

impl Outcome {
    /// R3: pay, used, rest, v − pay − rest and u − used are 64-bit; v − g is, whether it stays or not.
    pub(super) fn settle(self, cs: &mut Cs, escrow: &Escrow) -> Amounts {
        let unpaid = &escrow.payment - &self.gross;
        let rest = cs.mul(&self.continues, &unpaid);
        let refund = &(&escrow.payment - &self.pay) - &rest;
        let left = &escrow.capacity - &self.used;
        for amount in [&self.pay, &self.used, &unpaid, &refund, &left] {
            bits::range(cs, amount, 64);
        }
        let kept = cs.mul(&self.continues, &left);
        let returned = &left - &kept;
        let next_done = bits::select(cs, &self.continues, &self.delivered, escrow.goods.quantity.num());
        Amounts { pay: self.pay, refund, returned, rest, kept, next_done }
    }
}

/// Quotient and remainder of the low 128 bits, for hints; 0 and 0 if the divisor is 0.
fn divide(dividend: &Num, divisor: &Num) -> (u128, u128) {
    let [dividend, divisor] = [dividend, divisor].map(|num| split_128(&num.value()).0);
    (dividend.checked_div(divisor).unwrap_or(0), dividend.checked_rem(divisor).unwrap_or(0))
}
