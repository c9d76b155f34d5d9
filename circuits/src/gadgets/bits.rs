//! Booleans, ranges, comparisons.

use super::Num;
use crate::Fr;
use crate::r1cs::Cs;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use privity_arith::inverse_fr;

/// A variable with b·b = b.
pub fn boolean(cs: &mut Cs, value: bool) -> Num {
    let bit = cs.hint("bit", Fr::from(value));
    cs.enforce(&bit, &bit, &bit);
    bit
}

/// The `width` low bits of `x`'s integer, low first, with Σ 2^i·b_i = x: proves 0 ≤ x < 2^`width`. `width` ≤ 254.
pub fn to_bits(cs: &mut Cs, x: &Num, width: u32) -> Vec<Num> {
    let integer = x.value().into_bigint();
    let bits: Vec<Num> = (0..width as usize).map(|i| boolean(cs, integer.get_bit(i))).collect();
    cs.equal(&Num::from_bits(&bits), x);
    bits
}

/// 0 ≤ x < 2^`width`.
pub fn range(cs: &mut Cs, x: &Num, width: u32) {
    Ranged::of(cs, x, width);
}

/// A value below 2^w, w the number of its bits. None is made without the rows that say so.
#[derive(Clone)]
pub struct Ranged {
    num: Num,
    bits: Vec<Num>,
}

impl Ranged {
    /// A value that is *defined* as the sum of `width` booleans: no row for the equality.
    ///
    /// What a wider value has above its low bits goes into the top one, so that the sum is still the value and a row is violated.
    pub fn witness(cs: &mut Cs, value: impl Into<Fr>, width: u32) -> Self {
        let value = value.into();
        cs.gadget("range", |cs| {
            let integer = value.into_bigint();
            let low = width.saturating_sub(1) as usize;
            let mut bits: Vec<Num> = (0..low).map(|i| boolean(cs, integer.get_bit(i))).collect();
            let top = cs.hint("bit", above(value, low));
            cs.enforce(&top, &top, &top);
            bits.push(top);
            Self { num: Num::from_bits(&bits), bits }
        })
    }

    /// A value that exists: 0 ≤ x < 2^`width`, and its bits.
    pub fn of(cs: &mut Cs, x: &Num, width: u32) -> Self {
        cs.gadget("range", |cs| Self { bits: to_bits(cs, x, width), num: x.clone() })
    }

    /// The value.
    pub fn num(&self) -> &Num {
        &self.num
    }

    /// Its bits, low first.
    pub fn bits(&self) -> &[Num] {
        &self.bits
    }

    /// value ≤ `bound`.
    pub fn at_most(&self, cs: &mut Cs, bound: u64) {
        let bound: Vec<bool> = (0..self.bits.len()).map(|i| bound >> i & 1 == 1).collect();
        bits_at_most(cs, &self.bits, &bound);
    }
}

/// (value − its `low` low bits)/2^low: 0 or 1, the bit there, unless the value is wider.
fn above(value: Fr, low: usize) -> Fr {
    let integer = value.into_bigint();
    if integer.num_bits() as usize <= low + 1 {
        return Fr::from(integer.get_bit(low));
    }
    let lower = (0..low).rev().fold(Fr::ZERO, |sum, i| sum.double() + Fr::from(integer.get_bit(i)));
    (value - lower) * inverse_fr(&Fr::from(2u64).pow([low as u64])).unwrap_or_default()
}

/// 1 if x = 0, else 0: x·i = 1 − z and x·z = 0.
pub fn is_zero(cs: &mut Cs, x: &Num) -> Num {
    let value = x.value();
    let hint = cs.hint("inverse or 0", inverse_fr(&value).unwrap_or_default());
    let zero = cs.alloc(Fr::from(value == Fr::ZERO));
    cs.enforce(x, &hint, &Num::one().minus(&zero));
    cs.enforce(x, &zero, &Num::zero());
    zero
}

/// x ≠ 0.
pub fn nonzero(cs: &mut Cs, x: &Num) {
    let hint = cs.hint("inverse", inverse_fr(&x.value()).unwrap_or_default());
    cs.enforce(x, &hint, &Num::one());
}

/// 1 if a ≥ b, else 0, for a, b < 2^`width` that are ranged already: the top bit of 2^`width` + a − b.
pub fn at_least(cs: &mut Cs, a: &Num, b: &Num, width: u32) -> Num {
    let shifted = (a - b).plus(Fr::from(2u64).pow([width.into()]));
    cs.gadget("compare", |cs| {
        let mut bits = to_bits(cs, &shifted, width + 1);
        bits.pop().unwrap_or_else(Num::zero)
    })
}

/// c ? a : b for a boolean c; one row.
pub fn select(cs: &mut Cs, c: &Num, a: &Num, b: &Num) -> Num {
    &cs.mul(c, &(a - b)) + b
}

/// Proves that the integer with these bits (low first, each boolean but for those at zeros of `bound`, whose booleanity is
/// proven here) is ≤ `bound`.
///
/// Scanning from the top, `run` is 1 while all bits so far equal the bound's. Where the bound has a 0, (1 − run − b)·b = 0
/// forces b = 0 during the run and b boolean after it; a run over the bound's ones ends where a bit is 0.
pub fn bits_at_most(cs: &mut Cs, bits: &[Num], bound: &[bool]) {
    let mut run = Num::one();
    let mut ones: Vec<&Num> = Vec::new();
    for (bit, limit) in bits.iter().zip(bound).rev() {
        if *limit {
            ones.push(bit);
            continue;
        }
        if !ones.is_empty() {
            run = all(cs, &run, &ones);
            ones.clear();
        }
        cs.enforce(&Num::one().minus(&run).minus(bit), bit, &Num::zero());
    }
}

/// run ∧ every bit of `ones`.
fn all(cs: &mut Cs, run: &Num, ones: &[&Num]) -> Num {
    if let [bit] = ones {
        return cs.mul(run, bit);
    }
    let count = Fr::from(ones.len() as u64 + 1);
    let mut terms: Vec<(Fr, &Num)> = ones.iter().map(|bit| (-Fr::ONE, *bit)).collect();
    terms.push((-Fr::ONE, run));
    let missing = Num::linear(&terms, count);
    is_zero(cs, &missing)
}

/// The canonical bits of x's integer, low first: 255 of them, at most r − 1.
pub fn canonical(cs: &mut Cs, x: &Num) -> Vec<Num> {
    let integer = x.value().into_bigint();
    let mut bits = Canonical::default();
    bits.extend(cs, FIELD_BITS, |i| integer.get_bit(i));
    bits.close(cs, x)
}

/// Bits of a canonical integer, allocated in parts and tied to a field element at the end.
#[derive(Default)]
pub struct Canonical(Vec<Num>);

/// Bits of r.
const FIELD_BITS: usize = Fr::MODULUS_BIT_SIZE as usize;

impl Canonical {
    /// Allocates bits up to `end`; `bit` gives the value of each.
    pub fn extend(&mut self, cs: &mut Cs, end: usize, bit: impl Fn(usize) -> bool) -> &[Num] {
        let bound = (-Fr::ONE).into_bigint();
        for i in self.0.len()..end.min(FIELD_BITS) {
            let variable = cs.hint("bit", Fr::from(bit(i)));
            // Where r − 1 has a 0, `bits_at_most` proves the booleanity.
            if bound.get_bit(i) {
                cs.enforce(&variable, &variable, &variable);
            }
            self.0.push(variable);
        }
        &self.0
    }

    /// Completes the integer and proves that it is at most r − 1 and congruent to `x`.
    pub fn close(self, cs: &mut Cs, x: &Num) -> Vec<Num> {
        self.close_if(cs, &Num::one(), x)
    }

    /// The same, but congruent to `x` only if `condition` is not 0.
    pub fn close_if(self, cs: &mut Cs, condition: &Num, x: &Num) -> Vec<Num> {
        let order = (-Fr::ONE).into_bigint();
        let bound: Vec<bool> = (0..FIELD_BITS).map(|i| order.get_bit(i)).collect();
        bits_at_most(cs, &self.0, &bound);
        cs.enforce(condition, &(&Num::from_bits(&self.0) - x), &Num::zero());
        self.0
    }
}
