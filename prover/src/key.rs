//! Proving keys in memory.

use ark_bls12_381::Bls12_381;
use ark_relations::gr1cs::Matrix;
use privity_circuits::Fr;
use privity_circuits::r1cs::{Lc, Row, Shape};
use privity_verifier::groth16::Elements;
use privity_verifier::{KeyError, KeyId, PreparedKey, VerifyingKey};

pub(crate) type Parameters = ark_groth16::ProvingKey<Bls12_381>;

/// Everything that proving one relation takes: the circuit's matrices, the set-up's elements and the verifying key.
///
/// Matrices are made once per key; linear combinations in them are over variables only, so that nothing is inlined per proof.
pub struct ProvingKey {
    matrices: Vec<Matrix<Fr>>,
    num_variables: usize,
    parameters: Parameters,
    verifying: PreparedKey,
}

impl ProvingKey {
    /// The key of a circuit of `shape` with set-up elements `parameters`.
    pub(crate) fn new(
        relation: &str,
        shape: &Shape,
        development: bool,
        parameters: Parameters,
    ) -> Result<Self, KeyError> {
        let elements = Elements {
            alpha: parameters.vk.alpha_g1,
            beta: parameters.vk.beta_g2,
            gamma: parameters.vk.gamma_g2,
            delta: parameters.vk.delta_g2,
            ic: parameters.vk.gamma_abc_g1.clone(),
        };
        let key = VerifyingKey::new(relation, shape.digest(), development, shape.num_inputs, elements)?;
        Ok(Self::assemble(shape, parameters, key))
    }

    /// The parts must belong together: the file's hash or the set-up says so.
    pub(crate) fn assemble(shape: &Shape, parameters: Parameters, key: VerifyingKey) -> Self {
        Self {
            matrices: matrices(shape),
            num_variables: shape.num_variables,
            parameters,
            verifying: PreparedKey::new(key),
        }
    }

    /// The relation's name and version.
    pub fn relation(&self) -> &str {
        self.verifying.key().relation()
    }

    /// The id of the verifying key.
    pub fn id(&self) -> KeyId {
        self.verifying.id()
    }

    /// The verifying key, ready to verify.
    pub fn verifying(&self) -> &PreparedKey {
        &self.verifying
    }

    /// Public inputs, the constant 1 not counted.
    pub fn num_inputs(&self) -> usize {
        self.verifying.key().num_inputs()
    }

    /// Length of z = (1, public inputs, witness).
    pub fn num_variables(&self) -> usize {
        self.num_variables
    }

    /// Rows of the circuit.
    pub fn num_constraints(&self) -> usize {
        self.matrices.first().map_or(0, Vec::len)
    }

    /// Matrices A, B, C, a row being its terms (coefficient, variable). For back ends.
    pub fn matrices(&self) -> &[Matrix<Fr>] {
        &self.matrices
    }

    /// The set-up's elements. For back ends.
    pub fn parameters(&self) -> &ark_groth16::ProvingKey<Bls12_381> {
        &self.parameters
    }
}

impl core::fmt::Debug for ProvingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ProvingKey({}, {})", self.relation(), self.id())
    }
}

/// A, B, C in ark's form.
pub(crate) fn matrices(shape: &Shape) -> Vec<Matrix<Fr>> {
    let terms = |lc: &Lc| lc.terms().iter().map(|(index, k)| (*k, *index as usize)).collect();
    let matrix = |side: fn(&Row) -> &Lc| shape.rows.iter().map(|row| terms(side(row))).collect();
    vec![matrix(|row| &row.a), matrix(|row| &row.b), matrix(|row| &row.c)]
}
