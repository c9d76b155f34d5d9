//! Evaluation domains: the subgroups D of order n = m·2^k with m in {1, 3, 11, 19, 33, 57}, all of which divide r − 1.

use alloc::vec::Vec;
use ark_bls12_381::Fr;
use ark_ff::{AdditiveGroup, FftField, Field, batch_inversion};

/// Odd parts of a domain's size. Each divides r − 1 = 2^32·3·11·19·…, so that a circuit is cut to the domain, not padded to a power of
/// two.
pub const ODD_PARTS: [usize; 6] = [1, 3, 11, 19, 33, 57];

/// Powers of two in r − 1.
const TWO_ADICITY: u32 = 32;

/// D = {ω^i : 0 ≤ i < n}, and its coset g·D by the field's generator g. For powers of two ω is arkworks'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    odd: usize,
    log: u32,
    root: Fr,
}

impl Domain {
    /// The smallest domain of at least `size` elements; none beyond an odd part times 2^32.
    pub fn fitting(size: usize) -> Option<Self> {
        let multiple = |odd: &usize| size.div_ceil(*odd).checked_next_power_of_two()?.checked_mul(*odd);
        ODD_PARTS.iter().filter_map(multiple).min().and_then(Self::of_size)
    }

    /// The smallest power of two of at least `size` elements, as arkworks would choose; none beyond 2^32.
    pub fn power_of_two(size: usize) -> Option<Self> {
        Self::of_size(size.checked_next_power_of_two()?)
    }

    /// The domain of exactly `size` elements, if there is one.
    pub fn of_size(size: usize) -> Option<Self> {
        if size == 0 {
            return None;
        }
        let log = size.trailing_zeros();
        let odd = size >> log;
        if log > TWO_ADICITY || !ODD_PARTS.contains(&odd) {
            return None;
        }
        Some(Self { odd, log, root: root_of_unity(odd, log) })
    }

    /// n.
    pub fn size(&self) -> usize {
        self.odd << self.log
    }

    /// m, the odd part of n.
    pub fn odd(&self) -> usize {
        self.odd
    }

    /// k, the power of two in n.
    pub fn log(&self) -> u32 {
        self.log
    }

    /// ω, of order n.
    pub fn root(&self) -> Fr {
        self.root
    }

    /// Where a [`Coset`](super::Coset) keeps the value at ω^index, or at g·ω^index: place ⌊index/m⌋ of row index mod m.
    pub fn position(&self, index: usize) -> usize {
        ((index % self.odd) << self.log) + index / self.odd
    }

    /// g, which is in no domain.
    pub fn shift(&self) -> Fr {
        Fr::GENERATOR
    }

    /// Z(x) = x^n − 1, which vanishes on D.
    pub fn vanishing(&self, x: Fr) -> Fr {
        x.pow([self.size() as u64]) - Fr::ONE
    }

    /// Zc = g^n − 1: on g·D the polynomial Z is this constant, and not zero.
    pub fn coset_vanishing(&self) -> Fr {
        self.vanishing(self.shift())
    }

    /// L_i(x) for all i, where L_i is the polynomial of degree < n that is 1 at shift·ω^i and 0 on the rest of shift·D:
    /// L_i(x) = ω^i·((x/shift)^n − 1)/(n·(x/shift − ω^i)). `shift` must not be zero.
    pub fn lagrange(&self, shift: Fr, x: Fr) -> Vec<Fr> {
        let y = shift.inverse().unwrap_or_default() * x;
        let points = powers(self.root, self.size());
        let vanishing = self.vanishing(y);
        if vanishing == Fr::ZERO {
            return points.iter().map(|point| Fr::from(u64::from(*point == y))).collect();
        }
        let mut inverses: Vec<Fr> = points.iter().map(|point| y - point).collect();
        batch_inversion(&mut inverses);
        let factor = vanishing * self.size_inverse();
        points.iter().zip(&inverses).map(|(point, inverse)| factor * point * inverse).collect()
    }

    /// 1/n.
    pub(super) fn size_inverse(&self) -> Fr {
        Fr::from(self.size() as u64).inverse().unwrap_or_default()
    }
}

/// ω of order odd·2^log: the generator to the power (r − 1)/n.
fn root_of_unity(odd: usize, log: u32) -> Fr {
    let mut root = Fr::TWO_ADIC_ROOT_OF_UNITY;
    if odd > 1 {
        // r − 1 = 2^32·T with 57·11 | T: long division of the characteristic's limbs, as −1 = r − 1.
        let mut exponent = ark_ff::PrimeField::into_bigint(-Fr::ONE).0;
        divide(&mut exponent, (odd as u64) << TWO_ADICITY);
        root = Fr::GENERATOR.pow(exponent);
    }
    for _ in log..TWO_ADICITY {
        root.square_in_place();
    }
    root
}

/// Little-endian limbs divided by a divisor that divides them.
fn divide(limbs: &mut [u64], divisor: u64) {
    let mut rest = 0u128;
    for limb in limbs.iter_mut().rev() {
        let value = rest << 64 | u128::from(*limb);
        *limb = (value / u128::from(divisor)) as u64;
        rest = value % u128::from(divisor);
    }
}

/// 1, x, x², … (`count` of them).
pub(super) fn powers(x: Fr, count: usize) -> Vec<Fr> {
    core::iter::successors(Some(Fr::ONE), |power| Some(*power * x)).take(count).collect()
}
