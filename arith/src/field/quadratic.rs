//! Coordinates over a base field: Fq itself, and Fq² = Fq\[u\]/(u² + 1).

use ark_bls12_381::Fq;

use super::{Base, Coordinate, Places};
use crate::lanes::{Limbs, MAX_WIDTH};

/// A coordinate in Fq.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Prime<B>(B);

impl<B: Base> Coordinate for Prime<B> {
    type Base = B;
    const DEGREE: usize = 1;

    #[inline(always)]
    fn zero() -> Self {
        Self(B::zero())
    }

    #[inline(always)]
    fn one() -> Self {
        Self(B::one())
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        Self(self.0.mul(&other.0))
    }

    #[inline(always)]
    fn square(&self) -> Self {
        Self(self.0.square())
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        Self(self.0.add(&other.0))
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self(self.0.sub(&other.0))
    }

    #[inline(always)]
    fn sub_stored(&self, other: &Self) -> Self {
        Self(self.0.sub_stored(&other.0))
    }

    #[inline(always)]
    fn sub_sub(&self, b: &Self, c: &Self) -> Self {
        Self(self.0.sub_sub(&b.0, &c.0))
    }

    #[inline(always)]
    fn negate_if(&self, mask: u32) -> Self {
        Self(self.0.negate_if(mask))
    }

    #[inline(always)]
    fn zero_mask(&self) -> u32 {
        self.0.zero_mask()
    }

    #[inline(always)]
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self {
        Self(B::select(mask, &then.0, &otherwise.0))
    }

    #[inline(always)]
    fn norm(&self) -> B {
        self.0
    }

    #[inline(always)]
    fn inverse(&self, norm_inverse: &B) -> Self {
        Self(*norm_inverse)
    }

    #[inline(always)]
    fn conjugate(&self) -> Self {
        *self
    }

    #[inline(always)]
    fn load(source: &[Limbs], at: &Places) -> Self {
        Self(B::load(source, at))
    }

    #[inline(always)]
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize) {
        self.0.store(target, at, count);
    }

    #[inline(always)]
    fn splat(value: [Fq; 2]) -> Self {
        Self(B::import(&[value[0]; MAX_WIDTH]))
    }
}

/// A coordinate c₀ + c₁u in Fq².
#[derive(Clone, Copy)]
pub(crate) struct Quadratic<B>([B; 2]);

impl<B: Base> Coordinate for Quadratic<B> {
    type Base = B;
    const DEGREE: usize = 2;

    #[inline(always)]
    fn zero() -> Self {
        Self([B::zero(); 2])
    }

    #[inline(always)]
    fn one() -> Self {
        Self([B::one(), B::zero()])
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        Self(B::complex(self.0.each_ref(), other.0.each_ref()))
    }

    #[inline(always)]
    fn square(&self) -> Self {
        let [a, b] = &self.0;
        Self([a.add(b).mul(&a.sub(b)), a.add(a).mul(b)])
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        Self([self.0[0].add(&other.0[0]), self.0[1].add(&other.0[1])])
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self([self.0[0].sub(&other.0[0]), self.0[1].sub(&other.0[1])])
    }

    #[inline(always)]
    fn sub_stored(&self, other: &Self) -> Self {
        Self([self.0[0].sub_stored(&other.0[0]), self.0[1].sub_stored(&other.0[1])])
    }

    #[inline(always)]
    fn sub_sub(&self, b: &Self, c: &Self) -> Self {
        Self([self.0[0].sub_sub(&b.0[0], &c.0[0]), self.0[1].sub_sub(&b.0[1], &c.0[1])])
    }

    #[inline(always)]
    fn negate_if(&self, mask: u32) -> Self {
        Self([self.0[0].negate_if(mask), self.0[1].negate_if(mask)])
    }

    #[inline(always)]
    fn zero_mask(&self) -> u32 {
        self.0[0].zero_mask() & self.0[1].zero_mask()
    }

    #[inline(always)]
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self {
        Self([B::select(mask, &then.0[0], &otherwise.0[0]), B::select(mask, &then.0[1], &otherwise.0[1])])
    }

    #[inline(always)]
    fn norm(&self) -> B {
        let [a, b] = &self.0;
        B::dot(a, a, b, b)
    }

    #[inline(always)]
    fn inverse(&self, norm_inverse: &B) -> Self {
        Self([self.0[0].mul(norm_inverse), self.0[1].neg().mul(norm_inverse)])
    }

    #[inline(always)]
    fn conjugate(&self) -> Self {
        Self([self.0[0], self.0[1].neg()])
    }

    #[inline(always)]
    fn load(source: &[Limbs], at: &Places) -> Self {
        Self([B::load(source, at), B::load(source, &at.map(|place| place + 1))])
    }

    #[inline(always)]
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize) {
        self.0[0].store(target, at, count);
        self.0[1].store(target, &at.map(|place| place + 1), count);
    }

    #[inline(always)]
    fn splat(value: [Fq; 2]) -> Self {
        Self([B::import(&[value[0]; MAX_WIDTH]), B::import(&[value[1]; MAX_WIDTH])])
    }
}
