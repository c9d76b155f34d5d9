//! Jubjub, the curve inside the circuits: −x² + y² = 1 + d·x²y² over F, cofactor 8, prime subgroup of order l.

use crate::{DecodeError, Fr};
use alloc::vec::Vec;
use ark_ec::twisted_edwards::{MontCurveConfig, TECurveConfig};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ed_on_bls12_381::{EdwardsAffine, EdwardsProjective, JubjubConfig};
use ark_ff::{AdditiveGroup, Field, MontFp, PrimeField};

pub use ark_ed_on_bls12_381::Fr as Scalar;

/// Bits of the order l.
pub const ORDER_BITS: usize = 252;
/// d of the curve equation.
pub const D: Fr = <JubjubConfig as TECurveConfig>::COEFF_D;
/// A of the Montgomery form v² = u³ + A·u² + u (B scaled to 1).
pub const MONTGOMERY_A: Fr = <JubjubConfig as MontCurveConfig>::COEFF_A;
/// √(−40 964): v = `MONTGOMERY_SCALE`·u/x.
pub const MONTGOMERY_SCALE: Fr =
    MontFp!("17814886934372412843466061268024708274627479829237077604635722030778476050649");
/// y² of the four points of order 8; with x·y ≠ 0 it tells every small-order point from the others.
pub const ORDER_8_Y_SQUARED: Fr =
    MontFp!("1983703325708396111542115069965237606343319864890909434545756845198222115423");

/// A point on Jubjub in affine coordinates; equality is not constant-time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    /// x.
    pub x: Fr,
    /// y.
    pub y: Fr,
}

impl Point {
    /// (0, 1).
    pub const IDENTITY: Self = Self { x: Fr::ZERO, y: Fr::ONE };

    /// The generator G of the prime subgroup.
    pub fn generator() -> Self {
        JubjubConfig::GENERATOR.into()
    }

    /// Whether the curve equation holds.
    pub fn is_on_curve(&self) -> bool {
        EdwardsAffine::new_unchecked(self.x, self.y).is_on_curve()
    }

    /// Whether the point is on the curve, of order l, hence not the identity.
    pub fn is_in_prime_subgroup(&self) -> bool {
        let point = EdwardsAffine::new_unchecked(self.x, self.y);
        point.is_on_curve() && point.is_in_correct_subgroup_assuming_on_curve() && !point.is_zero()
    }

    /// Whether the order is 1, 2, 4 or 8; the point is on the curve.
    pub fn has_small_order(&self) -> bool {
        self.x * self.y * (self.y.square() - ORDER_8_Y_SQUARED) == Fr::ZERO
    }

    /// `scalar`·self. Not constant-time.
    pub fn mul(&self, scalar: &Scalar) -> Self {
        self.mul_integer(&scalar.into_bigint().0)
    }

    /// `limbs`·self, little-endian 64-bit limbs.
    pub fn mul_integer(&self, limbs: &[u64]) -> Self {
        EdwardsAffine::from(*self).mul_bigint(limbs).into_affine().into()
    }

    /// The sum of `points`.
    pub fn sum(points: &[Self]) -> Self {
        let sum: EdwardsProjective = points.iter().map(|p| EdwardsAffine::from(*p).into_group()).sum();
        sum.into_affine().into()
    }

    /// −self.
    pub fn neg(&self) -> Self {
        Self { x: -self.x, y: self.y }
    }

    /// (u, v) of the Montgomery form; (0, 0) for the two points that have none.
    pub fn to_montgomery(&self) -> (Fr, Fr) {
        let u = (Fr::ONE + self.y) * (Fr::ONE - self.y).inverse().unwrap_or_default();
        (u, MONTGOMERY_SCALE * u * self.x.inverse().unwrap_or_default())
    }

    /// Multiples 1·self, 2·self, …, `count`·self.
    pub fn multiples(&self, count: usize) -> Vec<Self> {
        let base = EdwardsAffine::from(*self).into_group();
        let mut sums = Vec::with_capacity(count);
        let mut next = base;
        for _ in 0..count {
            sums.push(next);
            next += base;
        }
        EdwardsProjective::normalize_batch(&sums).into_iter().map(Self::from).collect()
    }

    /// A point of the prime subgroup from its coordinates.
    ///
    /// # Errors
    /// [`DecodeError::OffCurve`], or [`DecodeError::OffSubgroup`] for the identity and foreign subgroups.
    pub fn checked(x: Fr, y: Fr) -> Result<Self, DecodeError> {
        let point = Self { x, y };
        if !point.is_on_curve() {
            Err(DecodeError::OffCurve)
        } else if !point.is_in_prime_subgroup() {
            Err(DecodeError::OffSubgroup)
        } else {
            Ok(point)
        }
    }
}

impl core::ops::Add for Point {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        (EdwardsAffine::from(self) + EdwardsAffine::from(other)).into_affine().into()
    }
}

impl From<EdwardsAffine> for Point {
    fn from(point: EdwardsAffine) -> Self {
        Self { x: point.x, y: point.y }
    }
}

impl From<Point> for EdwardsAffine {
    fn from(point: Point) -> Self {
        EdwardsAffine::new_unchecked(point.x, point.y)
    }
}

/// 64 big-endian bytes as an integer mod l.
pub fn scalar_from_wide(bytes: &[u8; 64]) -> Scalar {
    Scalar::from_be_bytes_mod_order(bytes)
}

/// The 32-byte big-endian encoding of a scalar.
pub fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
    let mut out = [0u8; 32];
    for (chunk, limb) in out.rchunks_mut(8).zip(scalar.into_bigint().0) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    out
}

/// Decodes 32 big-endian bytes below l.
///
/// # Errors
/// [`DecodeError::Scalar`] if the integer is ≥ l.
pub fn scalar_from_bytes(bytes: &[u8; 32]) -> Result<Scalar, DecodeError> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(8)) {
        *limb = chunk.iter().fold(0, |acc, byte| (acc << 8) | u64::from(*byte));
    }
    Scalar::from_bigint(ark_ff::BigInt(limbs)).ok_or(DecodeError::Scalar)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn montgomery_constants() {
        assert_eq!(MONTGOMERY_SCALE.square(), <JubjubConfig as MontCurveConfig>::COEFF_B);
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let point = Point::generator().mul(&Scalar::rand(&mut rng));
        let (u, v) = point.to_montgomery();
        assert_eq!(v.square(), u.square() * u + MONTGOMERY_A * u.square() + u);
    }

    /// The eight torsion points are exactly those that `has_small_order` names.
    #[test]
    fn small_orders() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(2);
        let (mut eighth, l) = (Point::IDENTITY, Scalar::MODULUS.0);
        while eighth.mul_integer(&[4]) == Point::IDENTITY {
            let y = Fr::rand(&mut rng);
            let square = (y.square() - Fr::ONE) * (Fr::ONE + D * y.square()).inverse().unwrap_or_default();
            if let Some(x) = square.sqrt() {
                eighth = Point { x, y }.mul_integer(&l);
            }
        }
        assert_eq!(eighth.y.square(), ORDER_8_Y_SQUARED);
        for k in 0..8u64 {
            let torsion = eighth.mul_integer(&[k]);
            assert!(torsion.has_small_order());
            assert!(!torsion.is_in_prime_subgroup());
            assert!(!(torsion + Point::generator()).has_small_order());
        }
        assert!(Point::generator().is_in_prime_subgroup());
        assert_eq!(Point::checked(eighth.x, eighth.y), Err(DecodeError::OffSubgroup));
        assert_eq!(Point::checked(Fr::ONE, Fr::ONE), Err(DecodeError::OffCurve));
    }
}
