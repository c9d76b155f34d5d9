//! A proof and its 192 bytes.

use crate::Pairings;
use crate::groth16::Points;
use crate::pairing::{Library, check_g1, check_g2, with_library};
use crate::point::{self, G1_BYTES, G2_BYTES, PointError};

/// Bytes of an encoded proof: A (48) ‖ B (96) ‖ C (48), compressed.
pub const PROOF_BYTES: usize = 2 * G1_BYTES + G2_BYTES;

/// A Groth16 proof (A, B, C); its points are on the curve and in the subgroup.
///
/// Identity points are allowed, as Groth16 allows them: they satisfy the equation only where any other proof would.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Proof(Points);

/// Why bytes are not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not exactly [`PROOF_BYTES`].
    #[error("a proof has {PROOF_BYTES} bytes, found {found}; send A, B, C compressed and nothing else")]
    Length {
        /// Bytes that were given.
        found: usize,
    },
    /// One of the three elements is no point of its group.
    #[error("{element} of the proof: {source}; have the transaction proved again")]
    Point {
        /// `A`, `B` or `C`.
        element: &'static str,
        /// What is wrong with it.
        source: PointError,
    },
}

impl Proof {
    /// Decodes A ‖ B ‖ C.
    ///
    /// # Errors
    /// [`ProofError`] for another length, a non-canonical encoding, a point off the curve or off the subgroup.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        Self::from_bytes_with(Pairings::FASTEST, bytes)
    }

    /// [`from_bytes`](Self::from_bytes) with a given library.
    ///
    /// # Errors
    /// The same.
    pub fn from_bytes_with(pairings: Pairings, bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() != PROOF_BYTES {
            return Err(ProofError::Length { found: bytes.len() });
        }
        let (a, rest) = bytes.split_at(G1_BYTES);
        let (b, c) = rest.split_at(G2_BYTES);
        with_library!(pairings, L => Ok(Self(Points {
            a: L::g1(a).map_err(at("A"))?,
            b: L::g2(b).map_err(at("B"))?,
            c: L::g1(c).map_err(at("C"))?,
        })))
    }

    /// A ‖ B ‖ C.
    pub fn to_bytes(&self) -> [u8; PROOF_BYTES] {
        let mut bytes = [0; PROOF_BYTES];
        let (a, rest) = bytes.split_at_mut(G1_BYTES);
        let (b, c) = rest.split_at_mut(G2_BYTES);
        a.copy_from_slice(&point::encode(&self.0.a));
        b.copy_from_slice(&point::encode(&self.0.b));
        c.copy_from_slice(&point::encode(&self.0.c));
        bytes
    }

    /// A proof from its points, as a prover makes it.
    ///
    /// # Errors
    /// [`ProofError::Point`] for a point off the curve or off the subgroup.
    pub fn from_points(points: Points) -> Result<Self, ProofError> {
        check_g1(&points.a).map_err(at("A"))?;
        check_g2(&points.b).map_err(at("B"))?;
        check_g1(&points.c).map_err(at("C"))?;
        Ok(Self(points))
    }

    /// The points.
    pub fn points(&self) -> &Points {
        &self.0
    }
}

fn at(element: &'static str) -> impl Fn(PointError) -> ProofError {
    move |source| ProofError::Point { element, source }
}

impl core::fmt::Debug for Proof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Proof(..)")
    }
}
