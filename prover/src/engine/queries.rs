//! What the fast form takes beyond ark's queries.

use ark_bls12_381::G1Affine;

/// Elements of the fast form; docs/engine/forms.md derives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Queries {
    /// Per variable: (β·a_j + α·b_j + c_j)/δ − c_j·Z/(Zc·δ) for the witness, the second term alone for constant and public inputs.
    pub(crate) linear: Vec<G1Affine>,
    /// L_i·Z/(Zc·δ) with the coset's Lagrange polynomials L_i, i in the domain's order.
    pub(crate) coset: Vec<G1Affine>,
}

impl Queries {
    pub(crate) fn new(linear: Vec<G1Affine>, coset: Vec<G1Affine>) -> Self {
        Self { linear, coset }
    }
}
