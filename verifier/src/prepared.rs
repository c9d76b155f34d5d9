//! A key made ready for pairings, and the verification of one proof.

use crate::groth16::{Bls12_381, Fr, G1Affine};
use crate::{KeyId, Proof, Refusal, Verified, VerifyingKey};
use alloc::sync::Arc;
use alloc::vec::Vec;
use ark_ec::pairing::{Pairing, PairingOutput};
use ark_ec::{CurveGroup, VariableBaseMSM};
use privity_circuits::{Relation, Statement};

type G1 = <Bls12_381 as Pairing>::G1;
pub(crate) type G2Prepared = <Bls12_381 as Pairing>::G2Prepared;

/// A verifying key with its pairing constants; cheap to clone.
#[derive(Clone)]
pub struct PreparedKey(Arc<Inner>);

struct Inner {
    key: VerifyingKey,
    alpha_beta: PairingOutput<Bls12_381>,
    beta: G2Prepared,
    minus_gamma: G2Prepared,
    minus_delta: G2Prepared,
}

impl PreparedKey {
    /// Prepares `key`.
    pub fn new(key: VerifyingKey) -> Self {
        let elements = key.elements();
        Self(Arc::new(Inner {
            alpha_beta: Bls12_381::pairing(elements.alpha, elements.beta),
            beta: elements.beta.into(),
            minus_gamma: (-elements.gamma).into(),
            minus_delta: (-elements.delta).into(),
            key,
        }))
    }

    /// The key itself.
    pub fn key(&self) -> &VerifyingKey {
        &self.0.key
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.0.key.id()
    }

    /// Verifies that `proof` proves `statement`.
    ///
    /// # Errors
    /// [`Refusal`] if the key is of another relation or shape, or if e(A, B) ≠ e(α, β)·e(IC(x), γ)·e(C, δ).
    pub fn verify<R: Relation>(&self, statement: R::Statement, proof: &Proof) -> Result<Verified<R>, Refusal> {
        let inputs = self.inputs::<R>(&statement)?;
        let points = proof.points();
        let pairing = Bls12_381::multi_pairing(
            [points.a, self.ic(&inputs), points.c],
            [points.b.into(), self.minus_gamma().clone(), self.minus_delta().clone()],
        );
        if pairing == self.0.alpha_beta { Ok(Verified::new(statement, self.id())) } else { Err(Refusal::Equation) }
    }

    /// The public inputs of `statement`, if this key is for `R` and takes so many.
    pub(crate) fn inputs<R: Relation>(&self, statement: &R::Statement) -> Result<Vec<Fr>, Refusal> {
        if self.key().relation() != R::NAME {
            return Err(Refusal::Relation { expected: R::NAME, found: self.key().relation().into() });
        }
        let inputs = statement.public_inputs();
        if inputs.len() != self.key().num_inputs() {
            return Err(Refusal::Inputs { expected: self.key().num_inputs(), found: inputs.len() });
        }
        Ok(inputs)
    }

    fn ic(&self, inputs: &[Fr]) -> G1Affine {
        let [constant, rest @ ..] = self.key().elements().ic.as_slice() else {
            return G1Affine::identity();
        };
        (G1::msm_unchecked(rest, inputs) + constant).into_affine()
    }

    pub(crate) fn beta(&self) -> &G2Prepared {
        &self.0.beta
    }

    pub(crate) fn minus_gamma(&self) -> &G2Prepared {
        &self.0.minus_gamma
    }

    pub(crate) fn minus_delta(&self) -> &G2Prepared {
        &self.0.minus_delta
    }
}

impl core::fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PreparedKey({}, {})", self.key().relation(), self.id())
    }
}
