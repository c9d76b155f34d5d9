//! P3 and P4: which tiers are in use, which one the quantity reaches, what each of them prices.

use super::TermsVar;
use crate::Fr;
use crate::gadgets::bits::Ranged;
use crate::gadgets::{Num, bits};
use crate::r1cs::Cs;
use crate::terms::{MAX_TIERS, QUANTITY_BITS};
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field, PrimeField};

/// The tiers' minima, used ones ascending, and the highest tier that the quantity reaches.
pub(super) struct Tiers {
    /// m_k for a used tier, 2^40 for an unused one, and 2^40 once more after the eighth.
    bounds: Vec<Num>,
    /// One boolean is 1: the tier reached.
    top: Vec<Num>,
}

/// P3.
pub(super) fn tiers(cs: &mut Cs, terms: &TermsVar) -> Tiers {
    cs.rule("P3", |cs| {
        let used = used(cs, terms);
        ascend(cs, terms, &used);
        multiple(cs, terms);
        let infinity = Fr::from(2u64).pow([QUANTITY_BITS.into()]);
        let mut bounds: Vec<Num> = (terms.money.tiers.iter().zip(&used))
            .map(|(tier, used)| {
                let unused = Num::one().minus(used);
                tier.minimum.num() + &unused.scale(infinity)
            })
            .collect();
        bounds.push(Num::from_constant(infinity));
        let quantity = terms.goods.quantity.num();
        let top = top(cs, &bounds, quantity);
        let lower = pick(cs, &top, &bounds);
        bits::range(cs, &(quantity - &lower), QUANTITY_BITS);
        Tiers { bounds, top }
    })
}

/// Used tiers come first and the rest are all zero: booleans that fall once, the first of them 1. As minima ascend from m₁ ≥ 1, a
/// tier with a minimum is used and one without is not.
fn used(cs: &mut Cs, terms: &TermsVar) -> Vec<Num> {
    let mut used = alloc::vec![Num::one()];
    for tier in &terms.money.tiers[1..] {
        let minimum = tier.minimum.num();
        let flag = bits::boolean(cs, minimum.value() != Fr::ZERO);
        let unused = Num::one().minus(&flag);
        let contents =
            Num::linear(&[(Fr::ONE, minimum), (Fr::from(1u64 << QUANTITY_BITS), tier.price.num())], Fr::ZERO);
        cs.enforce(&unused, &contents, &Num::zero());
        let previous = Num::one().minus(&used[used.len() - 1]);
        if previous.constant().is_none() {
            cs.enforce(&flag, &previous, &Num::zero());
        }
        used.push(flag);
    }
    used
}

/// used_k·(m_k − m_{k−1} − 1) is in [0, 2^40).
fn ascend(cs: &mut Cs, terms: &TermsVar, used: &[Num]) {
    for (pair, used) in terms.money.tiers.windows(2).zip(&used[1..]) {
        let rise = pair[1].minimum.num() - pair[0].minimum.num();
        let rise = cs.mul(used, &rise.plus(-Fr::ONE));
        bits::range(cs, &rise, QUANTITY_BITS);
    }
}

/// q = c·increment over the integers: c < 2^40.
fn multiple(cs: &mut Cs, terms: &TermsVar) {
    let (quantity, increment) = (&terms.goods.quantity, &terms.goods.increment);
    let count = integer(quantity.num()).checked_div(integer(increment.num())).unwrap_or_default();
    let count = Ranged::witness(cs, count, QUANTITY_BITS);
    cs.enforce(count.num(), increment.num(), quantity.num());
}

/// The one-hot choice of the last bound that is at most `quantity`; P3 and P4 check it from both sides.
fn top(cs: &mut Cs, bounds: &[Num], quantity: &Num) -> Vec<Num> {
    let quantity = integer(quantity);
    let reached = bounds[..MAX_TIERS].iter().rposition(|bound| integer(bound) <= quantity).unwrap_or_default();
    let top: Vec<Num> = (0..MAX_TIERS).map(|k| bits::boolean(cs, k == reached)).collect();
    let all: Vec<(Fr, &Num)> = top.iter().map(|bit| (Fr::ONE, bit)).collect();
    cs.equal(&Num::linear(&all, Fr::ZERO), &Num::one());
    top
}

/// Σ choice_k·values_k.
fn pick(cs: &mut Cs, choice: &[Num], values: &[Num]) -> Num {
    let parts: Vec<Num> = choice.iter().zip(values).map(|(bit, value)| cs.mul(bit, value)).collect();
    let parts: Vec<(Fr, &Num)> = parts.iter().map(|part| (Fr::ONE, part)).collect();
    Num::linear(&parts, Fr::ZERO)
}

impl Tiers {
    /// P4: n_k. With g_k = [k ≤ top] and d_k = [k = top]: all-units n_k = d_k·q, graduated n_k = d_k·q + g_{k+1}·m_{k+1} − g_k·m_k,
    /// where tier 1 counts from zero.
    pub(super) fn quantities(&self, cs: &mut Cs, terms: &TermsVar) -> Vec<Num> {
        let quantity = terms.goods.quantity.num();
        let upper = pick(cs, &self.top, &self.bounds[1..]);
        bits::range(cs, &(&upper - quantity).plus(-Fr::ONE), QUANTITY_BITS);
        let mut reached = Num::zero();
        let mut next = Num::zero();
        let mut quantities = Vec::with_capacity(MAX_TIERS);
        for k in (0..MAX_TIERS).rev() {
            reached = &reached + &self.top[k];
            let own = match k {
                0 => Num::zero(),
                _ => cs.mul(&reached, terms.money.tiers[k].minimum.num()),
            };
            let whole = cs.mul(&self.top[k], quantity);
            let part = cs.mul(&terms.money.mode, &(&next - &own));
            quantities.push(&whole + &part);
            next = own;
        }
        quantities.reverse();
        quantities
    }
}

/// The low 64 bits of a value's integer, for hints.
fn integer(x: &Num) -> u64 {
    x.value().into_bigint().0[0]
}
