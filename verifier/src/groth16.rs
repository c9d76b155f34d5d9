//! The group elements behind keys and proofs, for provers and set-up tools; verifying needs none of it.

use alloc::vec::Vec;

pub use ark_bls12_381::{Bls12_381, Fr, G1Affine, G2Affine};

/// The elements of a verifying key, in Groth16's notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elements {
    /// α·G₁.
    pub alpha: G1Affine,
    /// β·G₂.
    pub beta: G2Affine,
    /// γ·G₂.
    pub gamma: G2Affine,
    /// δ·G₂.
    pub delta: G2Affine,
    /// ICᵢ = (β·uᵢ(τ) + α·vᵢ(τ) + wᵢ(τ))/γ·G₁ for the constant 1 and each public input.
    pub ic: Vec<G1Affine>,
}

/// The elements of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Points {
    /// A.
    pub a: G1Affine,
    /// B.
    pub b: G2Affine,
    /// C.
    pub c: G1Affine,
}
