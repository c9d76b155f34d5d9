//! One element at a time by arkworks' 64-bit arithmetic: the reference of the vector back ends.

use ark_bls12_381::Fq;
use ark_ff::{AdditiveGroup, BigInt, Field, Fp};

use super::{Base, Places};
use crate::lanes::{Lanes, Limbs, Task};

/// One element of Fq, always canonical.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Portable(Fq);

#[inline(always)]
fn pack(value: Fq) -> Limbs {
    let [a, b, c, d, e, f] = value.0.0;
    Limbs([a, b, c, d, e, f, 0, 0])
}

#[inline(always)]
fn unpack(limbs: &Limbs) -> Fq {
    let [a, b, c, d, e, f, ..] = limbs.0;
    Fp::new_unchecked(BigInt([a, b, c, d, e, f]))
}

impl Base for Portable {
    const WIDTH: usize = 1;

    #[inline(always)]
    fn zero() -> Self {
        Self(Fq::ZERO)
    }

    #[inline(always)]
    fn one() -> Self {
        Self(Fq::ONE)
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        Self(self.0 * other.0)
    }

    #[inline(always)]
    fn square(&self) -> Self {
        Self(self.0.square())
    }

    #[inline(always)]
    fn dot(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        Self(Fq::sum_of_products(&[a.0, c.0], &[b.0, d.0]))
    }

    #[inline(always)]
    fn complex([a0, a1]: [&Self; 2], [b0, b1]: [&Self; 2]) -> [Self; 2] {
        [Self::dot(a0, b0, &a1.neg(), b1), Self::dot(a0, b1, a1, b0)]
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        Self(self.0 + other.0)
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        Self(self.0 - other.0)
    }

    #[inline(always)]
    fn neg(&self) -> Self {
        Self(-self.0)
    }

    #[inline(always)]
    fn sub_stored(&self, other: &Self) -> Self {
        Self(self.0 - other.0)
    }

    #[inline(always)]
    fn sub_sub(&self, b: &Self, c: &Self) -> Self {
        Self(self.0 - b.0 - c.0)
    }

    #[inline(always)]
    fn negate_if(&self, mask: u32) -> Self {
        if mask & 1 == 1 { Self(-self.0) } else { *self }
    }

    #[inline(always)]
    fn zero_mask(&self) -> u32 {
        u32::from(self.0 == Fq::ZERO)
    }

    #[inline(always)]
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self {
        if mask & 1 == 1 { *then } else { *otherwise }
    }

    #[inline(always)]
    fn load(source: &[Limbs], at: &Places) -> Self {
        Self(unpack(&source[at[0]]))
    }

    #[inline(always)]
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize) {
        if count > 0 {
            target[at[0]] = pack(self.0);
        }
    }

    #[inline(always)]
    fn import(values: &[Fq]) -> Self {
        Self(values.first().copied().unwrap_or(Fq::ZERO))
    }

    #[inline(always)]
    fn export(&self, out: &mut [Fq]) {
        if let Some(value) = out.first_mut() {
            *value = self.0;
        }
    }

    #[inline(always)]
    fn negate_limbs(limbs: &Limbs) -> Limbs {
        pack(-unpack(limbs))
    }
}

/// The portable back end.
pub(crate) struct Scalar;

impl Lanes for Scalar {
    type Base = Portable;

    #[inline(always)]
    fn enter<T: Task<Portable>>(task: T) -> T::Output {
        task.run()
    }
}
