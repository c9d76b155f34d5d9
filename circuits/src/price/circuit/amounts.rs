//! P5, P6 and P9: total, capacity used, fee.
//!
//! Both divisions have constant divisors: instead of dividing by 10^(6−s) the numerator is multiplied by 10^s, which scales
//! remainder and divisor alike and leaves every decision about halves as it was.

use super::PolicyVar;
use crate::Fr;
use crate::field::split_128;
use crate::gadgets::bits::Ranged;
use crate::gadgets::terms::{GoodsVar, MoneyVar};
use crate::gadgets::{Num, bits};
use crate::price::pricing::{FACTOR_SCALE, LINE_DIVISOR, Rounded, UNIT_DIVISOR};
use crate::r1cs::Cs;
use crate::terms::{BASIS_POINTS, Rounding};
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field as _};

/// A rounded unit price: 2^48·75 535·10⁴·10⁶/10^14 < 2^51.
const UNIT_BITS: u32 = 51;

/// The terms' rounding mode by what it decides.
struct RoundingVar {
    up: Num,
    nearest: Num,
    half_even: Num,
    mode: Rounding,
}

impl RoundingVar {
    fn new(cs: &mut Cs, rounding: &Ranged) -> Self {
        let (low, high) = (&rounding.bits()[0], &rounding.bits()[1]);
        let half_even = cs.mul(low, high);
        let mode = match (low.value() == Fr::ZERO, high.value() == Fr::ZERO) {
            (true, true) => Rounding::Down,
            (false, true) => Rounding::Up,
            (true, false) => Rounding::HalfUp,
            (false, false) => Rounding::HalfEven,
        };
        Self { up: low - &half_even, nearest: high.clone(), half_even, mode }
    }

    /// What rounding a·b/`divisor` gives, for hints; all zero where it does not fit.
    fn hint(&self, a: &Num, b: &Num, divisor: u128) -> Rounded {
        let numerator = integer(a).checked_mul(integer(b)).unwrap_or_default();
        Rounded::of(numerator, divisor, self.mode)
    }

    /// `value` = round(a·b/`divisor`), where `odd` is value's lowest bit and `divisor` is even.
    ///
    /// a·b = (value − up)·D + half·D/2 + rest with 0 ≤ rest < D/2. The caller keeps a·b below 2^160 and value between −2^48 and
    /// 2^64, so that nothing wraps: were value − up negative, so would be the right side, which a·b is not. Hence it is the quotient
    /// and half·D/2 + rest the remainder.
    fn enforce(&self, cs: &mut Cs, (a, b): (&Num, &Num), divisor: u128, value: &Num, odd: &Num) {
        let rounded = self.hint(a, b, divisor);
        let middle = divisor / 2;
        let width = u128::BITS - (middle - 1).leading_zeros();
        let up = bits::boolean(cs, rounded.up);
        let half = bits::boolean(cs, rounded.half);
        let rest = Ranged::witness(cs, rounded.rest as u64, width);
        rest.at_most(cs, (middle - 1) as u64);
        let quotient =
            [(Fr::from(divisor), value), (-Fr::from(divisor), &up), (Fr::from(middle), &half), (Fr::ONE, rest.num())];
        cs.enforce(a, b, &Num::linear(&quotient, Fr::ZERO));
        let exact = bits::is_zero(cs, rest.num());
        let middle = cs.mul(&half, &exact);
        let zero = &exact - &middle;
        let by_up = cs.mul(&self.up, &Num::one().minus(&zero));
        let by_half = cs.mul(&self.nearest, &half);
        // In the middle half-even alone does not follow `half`: it makes the result even.
        let tie = cs.mul(&self.half_even, &middle);
        let decided = &by_up + &by_half;
        cs.enforce(&Num::one().minus(&tie), &(&up - &decided), &Num::zero());
        cs.enforce(&tie, odd, &Num::zero());
    }
}

/// P5: the total, ranged.
pub(super) fn total(cs: &mut Cs, money: &MoneyVar, quantities: &[Num]) -> Ranged {
    let exponent = power_of_ten(cs, &money.exponent, false);
    let decimals = power_of_ten(cs, &money.decimals, false);
    let place = power_of_ten(cs, &money.decimals, true);
    let surcharged = money.surcharge.num().plus(Fr::from(BASIS_POINTS));
    let allowed = Num::from_constant(BASIS_POINTS).minus(money.allowance.num());
    let factor = cs.mul(&surcharged, &allowed);
    let scaled = cs.mul(&factor, &decimals);
    let rounding = RoundingVar::new(cs, &money.rounding);

    // Stage unit price: Σ n_k·v_k at 10^(6−s) each; stage line: Σ n_k·p_k at f each.
    let mut sum = Num::zero();
    for (tier, quantity) in money.tiers.iter().zip(quantities) {
        let price = tier.price.num();
        let unit = cs.gadget("unit price", |cs| {
            let unit = rounding.hint(price, &scaled, UNIT_DIVISOR).value() as u64;
            let unit = Ranged::witness(cs, unit, UNIT_BITS);
            rounding.enforce(cs, (price, &scaled), UNIT_DIVISOR, unit.num(), &unit.bits()[0]);
            unit.num().clone()
        });
        let price = bits::select(cs, &money.stage, &unit, price);
        sum = &sum + &cs.mul(quantity, &price);
    }
    let multiplier = bits::select(cs, &money.stage, &place.scale(FACTOR_SCALE), &factor);
    let multiplier = cs.mul(&multiplier, &exponent);
    cs.gadget("line", |cs| {
        let line = rounding.hint(&sum, &multiplier, LINE_DIVISOR).value();
        let total = line.wrapping_add(integer(money.set_up.num())) as u64;
        let total = Ranged::witness(cs, total, 64);
        // The line's parity is that of total − set-up. That total ≥ set-up follows as for value − up: Σ n_k·… is not negative.
        let odd = odd(cs, &total.bits()[0], &money.set_up.bits()[0]);
        let line = total.num() - money.set_up.num();
        rounding.enforce(cs, (&sum, &multiplier), LINE_DIVISOR, &line, &odd);
        total
    })
}

/// a ⊕ b.
fn odd(cs: &mut Cs, a: &Num, b: &Num) -> Num {
    let both = cs.mul(a, b);
    Num::linear(&[(Fr::ONE, a), (Fr::ONE, b), (-Fr::from(2u64), &both)], Fr::ZERO)
}

/// 10^x for a three-bit x, or 10^(6−x) for x ≤ 6: Π (1 + b_i·(10^(±2^i) − 1)), two rows.
fn power_of_ten(cs: &mut Cs, x: &Ranged, complement: bool) -> Num {
    let ten = Fr::from(10u64);
    let (base, start) = match complement {
        true => (ten.inverse().unwrap_or_default(), ten.pow([6])),
        false => (ten, Fr::ONE),
    };
    let factors: Vec<Num> =
        (x.bits().iter().enumerate()).map(|(i, bit)| bit.scale(base.pow([1 << i]) - Fr::ONE).plus(Fr::ONE)).collect();
    let start = Num::from_constant(start);
    factors.iter().fold(start, |product, factor| cs.mul(&product, factor))
}

/// P6: quantity·load factor, 64 bits; below 2^72, so nothing wraps.
pub(super) fn used(cs: &mut Cs, goods: &GoodsVar) -> Ranged {
    let (quantity, load_factor) = (goods.quantity.num(), goods.load_factor.num());
    let used = integer(quantity).wrapping_mul(integer(load_factor)) as u64;
    let used = Ranged::witness(cs, used, 64);
    cs.enforce(quantity, load_factor, used.num());
    used
}

/// P9: total·rate = (fee − flat)·10⁴ − short with 0 ≤ short < 10⁴, so that fee − flat is the quotient rounded up; fee 64 bits. A
/// negative fee − flat would make the right side negative, which total·rate < 2^78 is not.
pub(super) fn fee(cs: &mut Cs, policy: &PolicyVar, total: &Ranged) -> Ranged {
    let basis = u128::from(BASIS_POINTS);
    let product = integer(total.num()).wrapping_mul(integer(policy.rate.num()));
    let share = product.div_ceil(basis);
    let fee = share.wrapping_add(integer(policy.flat.num())) as u64;
    let fee = Ranged::witness(cs, fee, 64);
    let short = share.wrapping_mul(basis).wrapping_sub(product) as u64;
    let short = Ranged::witness(cs, short, 14);
    short.at_most(cs, BASIS_POINTS - 1);
    let share = fee.num() - policy.flat.num();
    let right = Num::linear(&[(Fr::from(BASIS_POINTS), &share), (-Fr::ONE, short.num())], Fr::ZERO);
    cs.enforce(total.num(), policy.rate.num(), &right);
    fee
}

/// The low 128 bits of a value's integer, for hints.
fn integer(x: &Num) -> u128 {
    split_128(&x.value()).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Policy;

    const MODES: [Rounding; 4] = [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven];

    /// Rounds a·b/10^14 with `forged` (value, up, half) in place of the prover's, and the rest that the equation then asks for.
    fn violated(mode: Rounding, (a, b): (u64, u64), forged: (u64, bool, bool)) -> bool {
        let (value, up, half) = forged;
        let mut cs = Cs::with_rows();
        let factors = [a, b].map(|factor| cs.hint("factor", Fr::from(factor)));
        let field = Ranged::witness(&mut cs, mode as u64, 2);
        let rounding = RoundingVar::new(&mut cs, &field);
        let value = Ranged::witness(&mut cs, value, UNIT_BITS);
        let big = |x: u128| Fr::from(x);
        let quotient = value.num().value() - Fr::from(up);
        let divisor = big(UNIT_DIVISOR);
        let rest = Fr::from(a) * Fr::from(b) - quotient * divisor - Fr::from(half) * big(UNIT_DIVISOR / 2);
        let first = cs.assignment().len() as u32;
        cs.forge(first, Fr::from(up));
        cs.forge(first + 1, Fr::from(half));
        let low = integer(&Num::from_constant(rest));
        let mut sum = Fr::ZERO;
        for i in 0..45 {
            let bit = Fr::from(low >> i & 1);
            sum += bit * big(1 << i);
            cs.forge(first + 2 + i, bit);
        }
        // The top bit takes what is left, so that the equation holds.
        let top = (rest - sum) * big(1 << 45).inverse().unwrap_or_default();
        cs.forge(first + 47, top);
        let [a, b] = &factors;
        rounding.enforce(&mut cs, (a, b), UNIT_DIVISOR, value.num(), &value.bits()[0]);
        cs.first_violation().is_some()
    }

    /// Each other solution of the division's equation, remainders of D and more or below 0 among them, is refused.
    #[test]
    fn quotients_have_one_solution() {
        let divisor = UNIT_DIVISOR as u64;
        let remainders = [0, 1, divisor / 2 - 1, divisor / 2, divisor / 2 + 1, divisor - 1];
        let numerators = (0..3).flat_map(|q| remainders.map(|remainder| (1, q * divisor + remainder)));
        for (a, b) in numerators.chain([(2 * divisor, 3), ((1 << 48) - 1, 755_350_000)]) {
            for mode in MODES {
                let honest = Rounded::of(u128::from(a) * u128::from(b), UNIT_DIVISOR, mode);
                let value = honest.value() as u64;
                for other in value.saturating_sub(2)..=value + 2 {
                    for (up, half) in [(false, false), (false, true), (true, false), (true, true)] {
                        let is_honest = (other, up, half) == (value, honest.up, honest.half);
                        let refused = violated(mode, (a, b), (other, up, half));
                        assert_eq!(refused, !is_honest, "{mode:?} {a}·{b}: {other} {up} {half}");
                    }
                }
            }
        }
    }

    #[test]
    fn powers_of_ten() {
        for x in 0..=6 {
            let mut cs = Cs::with_rows();
            let field = Ranged::witness(&mut cs, x, 3);
            let power = power_of_ten(&mut cs, &field, false);
            let complement = power_of_ten(&mut cs, &field, true);
            assert_eq!(power.value(), Fr::from(10u64.pow(x as u32)));
            assert_eq!(complement.value(), Fr::from(10u64.pow(6 - x as u32)));
            assert_eq!(cs.first_violation(), None);
        }
    }

    /// The fee by other hints: a unit less or more, with the shortfall that the equation then asks for.
    #[test]
    fn fees_have_one_solution() {
        for (total, flat, rate) in [(0, 0, 0), (1, 0, 1), (10_000, 3, 25), (9_999, 0, 10_000)] {
            let policy = Policy { flat, rate, treasury: Default::default(), delivery_key: [0; 32] };
            let honest = policy.fee(total).unwrap_or_default();
            for fee in honest.saturating_sub(1)..=honest + 1 {
                let mut cs = Cs::with_rows();
                let policy = PolicyVar::witness(&mut cs, &policy);
                let total_var = Ranged::witness(&mut cs, total, 64);
                let first = cs.assignment().len() as u32;
                (0..64).for_each(|i| cs.forge(first + i, Fr::from(fee >> i & 1)));
                let share = Fr::from(fee) - Fr::from(flat);
                let short = share * Fr::from(BASIS_POINTS) - Fr::from(total) * Fr::from(rate);
                let low = integer(&Num::from_constant(short)) & 0x1fff;
                (0..13).for_each(|i| cs.forge(first + 64 + i, Fr::from(low >> i & 1)));
                let top = (short - Fr::from(low)) * Fr::from(8192u64).inverse().unwrap_or_default();
                cs.forge(first + 77, top);
                super::fee(&mut cs, &policy, &total_var);
                assert_eq!(cs.first_violation().is_some(), fee != honest, "{total} {rate} {fee}");
            }
        }
    }
}
