//! Claims of the form Σ scalar·point = 0, and their sums.

use super::generators;
use crate::commit::pedersen;
use alloc::vec;
use alloc::vec::Vec;
use core::iter;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};

/// `base`·B + `blinding`·B̃ + Σ gᵢ·Gᵢ + Σ hᵢ·Hᵢ + Σ sᵢ·Pᵢ, claimed to be the identity.
///
/// Several claims become one when each is multiplied by a weight that was drawn after all of them were fixed: a false one stays
/// false but with probability 1/ℓ.
#[derive(Clone, Default)]
pub(crate) struct Equation {
    /// Of B.
    pub(crate) base: Scalar,
    /// Of B̃.
    pub(crate) blinding: Scalar,
    /// Of G; empty, or 64 for each of a power of two of parties.
    pub(crate) g: Vec<Scalar>,
    /// Of H, as many.
    pub(crate) h: Vec<Scalar>,
    /// Of the points that follow.
    pub(crate) scalars: Vec<Scalar>,
    /// Points of the statement and the proof.
    pub(crate) points: Vec<RistrettoPoint>,
}

impl Equation {
    /// Adds `scalar`·`point`.
    pub(crate) fn push(&mut self, scalar: Scalar, point: RistrettoPoint) {
        self.scalars.push(scalar);
        self.points.push(point);
    }

    /// self + `weight`·`other`.
    pub(crate) fn add(&mut self, weight: &Scalar, other: &Self) {
        self.base += weight * other.base;
        self.blinding += weight * other.blinding;
        for (sums, terms) in [(&mut self.g, &other.g), (&mut self.h, &other.h)] {
            let length = sums.len().max(terms.len());
            sums.resize(length, Scalar::ZERO);
            sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
        }
        self.scalars.extend(other.scalars.iter().map(|scalar| weight * scalar));
        self.points.extend_from_slice(&other.points);
    }

    /// Whether the sum is the identity: one multi-scalar multiplication.
    pub(crate) fn holds(&self) -> bool {
        let pedersen = pedersen();
        let parties = self.g.len() / super::BITS;
        let (g, h) = if parties == 0 {
            (vec![], vec![])
        } else {
            (generators::g(parties).collect(), generators::h(parties).collect())
        };
        let scalars = [&self.base, &self.blinding].into_iter().chain(&self.g).chain(&self.h).chain(&self.scalars);
        let points =
            iter::once(&pedersen.B).chain(iter::once(&pedersen.B_blinding)).chain(g).chain(h).chain(&self.points);
        RistrettoPoint::vartime_multiscalar_mul(scalars, points).is_identity()
    }
}
