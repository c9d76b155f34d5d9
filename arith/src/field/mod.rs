//! Vectors of field elements: the base field Fq and what the curves' coordinates need of it.

#[cfg(feature = "std")]
pub(crate) mod doubles;
#[cfg(all(test, feature = "std"))]
mod extremes;
pub(crate) mod portable;
pub(crate) mod quadratic;
#[cfg(feature = "std")]
pub(crate) mod radix48;
pub(crate) mod radix52;
#[cfg(test)]
mod tests;

use ark_bls12_381::Fq;

use crate::lanes::{Limbs, MAX_WIDTH};

/// Places of one vector's elements in a slice of [`Limbs`]; only the first `WIDTH` count.
pub(crate) type Places = [usize; MAX_WIDTH];

/// `WIDTH` independent elements of Fq.
///
/// Values are in one of three states. *Stored*: what `load` reads and `store` writes, and what products are. *Wide*: the sum or
/// difference of at most three stored values, as `add`, `sub` and `neg` give it; a factor of products, where the numbers of
/// stored values in two factors multiply to at most 4. *Signed*: limbs not yet carried, as `negate_if` of a stored value gives
/// them; only `sub` and `sub_stored` take them. The bounds of each back end stand in `docs/engine/arith.md`.
pub(crate) trait Base: Copy + Send + 'static {
    /// Elements per vector, at most [`MAX_WIDTH`].
    const WIDTH: usize;
    /// 0 in each lane.
    fn zero() -> Self;
    /// 1 in each lane.
    fn one() -> Self;
    /// ab.
    fn mul(&self, other: &Self) -> Self;
    /// a².
    fn square(&self) -> Self;
    /// ab + cd.
    fn dot(a: &Self, b: &Self, c: &Self, d: &Self) -> Self;
    /// (a₀ + a₁u)(b₀ + b₁u) for u² = −1.
    fn complex(a: [&Self; 2], b: [&Self; 2]) -> [Self; 2];
    /// a + b.
    fn add(&self, other: &Self) -> Self;
    /// a − b, wide.
    fn sub(&self, other: &Self) -> Self;
    /// −a, wide.
    fn neg(&self) -> Self;
    /// a − b, stored.
    fn sub_stored(&self, other: &Self) -> Self;
    /// a − b − c, stored.
    fn sub_sub(&self, b: &Self, c: &Self) -> Self;
    /// −a in the lanes of `mask`, signed.
    fn negate_if(&self, mask: u32) -> Self;
    /// Bit i tells whether lane i of a wide value is 0 mod p.
    fn zero_mask(&self) -> u32;
    /// `then` in the lanes of `mask`.
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self;
    /// Elements out of a slice.
    fn load(source: &[Limbs], at: &Places) -> Self;
    /// The first `count` elements into a slice.
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize);
    /// From elements of arkworks; missing ones are 0.
    fn import(values: &[Fq]) -> Self;
    /// To elements of arkworks: the first `out.len()`.
    fn export(&self, out: &mut [Fq]);
    /// −a for a stored value.
    fn negate_limbs(limbs: &Limbs) -> Limbs;
}

/// `WIDTH` independent coordinates: elements of Fq (G1) or Fq² (G2).
pub(crate) trait Coordinate: Copy + Send + 'static {
    /// The base field.
    type Base: Base;
    /// Degree over the base field: 1 or 2, also the number of [`Limbs`] of one coordinate.
    const DEGREE: usize;
    /// 0 in each lane.
    fn zero() -> Self;
    /// ab.
    fn mul(&self, other: &Self) -> Self;
    /// a².
    fn square(&self) -> Self;
    /// a + b.
    fn add(&self, other: &Self) -> Self;
    /// a − b, wide.
    fn sub(&self, other: &Self) -> Self;
    /// a − b, stored.
    fn sub_stored(&self, other: &Self) -> Self;
    /// a − b − c, stored.
    fn sub_sub(&self, b: &Self, c: &Self) -> Self;
    /// −a in the lanes of `mask`, signed.
    fn negate_if(&self, mask: u32) -> Self;
    /// Bit i tells whether lane i is 0.
    fn zero_mask(&self) -> u32;
    /// `then` in the lanes of `mask`.
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self;
    /// 1 in each lane.
    fn one() -> Self;
    /// The norm over the base field.
    fn norm(&self) -> Self::Base;
    /// a⁻¹ from the inverse of its norm.
    fn inverse(&self, norm_inverse: &Self::Base) -> Self;
    /// The conjugate over the base field, wide.
    fn conjugate(&self) -> Self;
    /// Coordinates whose first limbs are at the given places.
    fn load(source: &[Limbs], at: &Places) -> Self;
    /// The first `count` coordinates to the given places.
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize);
    /// The same coordinate in each lane.
    fn splat(value: [Fq; 2]) -> Self;
}
