//! The base field over four doubles per limb.
#![allow(
    clippy::needless_range_loop,
    reason = "limb i of several arrays, without closures: those would not be inlined"
)]

use ark_bls12_381::{Fq, FqConfig};
use ark_ff::{BigInt, Field, Fp, MontConfig};

use super::radix48::{INTEGER, INVERSE, P, carried, cut, power, weighted};
use super::{Base, Places};
use crate::lanes::{Double, Limbs};

/// Four elements of Fq.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Doubles<W>([W; 8]);

impl<W: Double> Doubles<W> {
    #[inline(always)]
    fn plus(&self, other: &Self) -> Self {
        let mut limbs = self.0;
        for i in 0..8 {
            limbs[i] = limbs[i].add(other.0[i]);
        }
        Self(limbs)
    }

    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        let mut limbs = self.0;
        for i in 0..8 {
            limbs[i] = limbs[i].sub(other.0[i]);
        }
        Self(limbs)
    }

    /// The multiple of p nearest to the value is taken away; carries.
    #[inline(always)]
    fn reduced(&self) -> Self {
        let integer = W::splat(INTEGER);
        // The seven lower limbs do not matter for the quotient.
        let quotient = self.0[7].mul(W::splat(INVERSE)).add(integer).sub(integer);
        let mut limbs = self.0;
        for i in 0..8 {
            limbs[i] = limbs[i].fnma(quotient, W::splat(P[i]));
        }
        Self(carried(&limbs, 8))
    }

    #[inline(always)]
    fn constant(limbs: [f64; 8]) -> Self {
        let mut words = [W::splat(0.0); 8];
        for i in 0..8 {
            words[i] = W::splat(limbs[i]);
        }
        Self(words)
    }
}

/// An element below p from limbs of a value in (−p, p).
fn canonical(limbs: &Limbs) -> Fq {
    let mut integers = [0_i64; 8];
    for (i, bits) in limbs.0.into_iter().enumerate() {
        integers[i] = (f64::from_bits(bits) * power(384 - 48 * i as i32)) as i64;
    }
    let propagate = |integers: &mut [i64; 8]| {
        for i in 0..7 {
            integers[i + 1] += integers[i] >> 48;
            integers[i] &= (1 << 48) - 1;
        }
    };
    propagate(&mut integers);
    if integers[7] < 0 {
        let p = cut(<FqConfig as MontConfig<6>>::MODULUS.0);
        for (integer, p) in integers.iter_mut().zip(p) {
            *integer += p;
        }
        propagate(&mut integers);
    }
    let mut words = [0; 6];
    for (i, limb) in integers.into_iter().enumerate() {
        let (word, shift) = (48 * i / 64, 48 * i % 64);
        words[word] |= limb.cast_unsigned() << shift;
        if shift > 16 && word < 5 {
            words[word + 1] |= limb.cast_unsigned() >> (64 - shift);
        }
    }
    Fp::new_unchecked(BigInt(words))
}

impl<W: Double> Base for Doubles<W> {
    const WIDTH: usize = 4;

    #[inline(always)]
    fn zero() -> Self {
        Self([W::splat(0.0); 8])
    }

    #[inline(always)]
    fn one() -> Self {
        const ONE: [f64; 8] = weighted(cut(Fq::ONE.0.0), 0);
        Self::constant(ONE)
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        Self(W::multiply(&self.0, &other.0))
    }

    #[inline(always)]
    fn square(&self) -> Self {
        Self(W::square(&self.0))
    }

    #[inline(always)]
    fn dot(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        Self(W::dot(&a.0, &b.0, &c.0, &d.0))
    }

    #[inline(always)]
    fn complex([a0, a1]: [&Self; 2], [b0, b1]: [&Self; 2]) -> [Self; 2] {
        W::complex([&a0.0, &a1.0], [&b0.0, &b1.0]).map(Self)
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        self.plus(other)
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        self.minus(other)
    }

    #[inline(always)]
    fn neg(&self) -> Self {
        Self::zero().minus(self)
    }

    #[inline(always)]
    fn sub_stored(&self, other: &Self) -> Self {
        self.minus(other).reduced()
    }

    #[inline(always)]
    fn sub_sub(&self, b: &Self, c: &Self) -> Self {
        self.minus(b).minus(c).reduced()
    }

    #[inline(always)]
    fn negate_if(&self, mask: u32) -> Self {
        let mut limbs = self.0;
        for limb in &mut limbs {
            *limb = limb.negate_if(mask as u8);
        }
        Self(limbs)
    }

    #[inline(always)]
    fn zero_mask(&self) -> u32 {
        // A product is nearer to 0 than p, so it is 0 mod p only if it is 0, which has no other limbs.
        let product = self.mul(&Self::one());
        product.0.iter().fold(0xf, |mask, limb| mask & u32::from(limb.zero_mask()))
    }

    #[inline(always)]
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self {
        let mut limbs = otherwise.0;
        for i in 0..8 {
            limbs[i] = W::select(mask as u8, then.0[i], limbs[i]);
        }
        Self(limbs)
    }

    #[inline(always)]
    fn load(source: &[Limbs], at: &Places) -> Self {
        let [a, b, c, d, ..] = *at;
        Self(W::transpose([&source[a].0, &source[b].0, &source[c].0, &source[d].0]))
    }

    #[inline(always)]
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize) {
        for (row, place) in W::rows(&self.0).into_iter().zip(at).take(count) {
            target[*place] = row;
        }
    }

    fn import(values: &[Fq]) -> Self {
        let mut rows = [[0; 8]; 4];
        for (row, value) in rows.iter_mut().zip(values) {
            *row = weighted(cut(value.0.0), 0).map(f64::to_bits);
        }
        Self(W::transpose(rows.each_ref()))
    }

    fn export(&self, out: &mut [Fq]) {
        let product = self.mul(&Self::one());
        for (value, row) in out.iter_mut().zip(W::rows(&product.0)) {
            *value = canonical(&row);
        }
    }

    fn negate_limbs(limbs: &Limbs) -> Limbs {
        // 0 − 0 is +0: infinity keeps its limbs.
        Limbs(limbs.0.map(|bits| (0.0 - f64::from_bits(bits)).to_bits()))
    }
}
