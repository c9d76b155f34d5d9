//! A key made ready for pairings, and the verification of one proof.

use crate::groth16::{Fr, G1Affine};
use crate::pairing::{KeyPairs, Library, Prepared};
use crate::{KeyId, Pairings, Proof, Refusal, Verified, VerifyingKey};
use alloc::sync::Arc;
use alloc::vec::Vec;
use ark_ec::CurveGroup;
use privity_circuits::{Relation, Statement};

/// A verifying key with its pairing constants; cheap to clone.
#[derive(Clone)]
pub struct PreparedKey(Arc<Inner>);

struct Inner {
    key: VerifyingKey,
    prepared: Prepared,
}

impl PreparedKey {
    /// Prepares `key`.
    pub fn new(key: VerifyingKey) -> Self {
        Self::with(Pairings::FASTEST, key)
    }

    /// Prepares `key` for a given library.
    pub fn with(pairings: Pairings, key: VerifyingKey) -> Self {
        let prepared = Prepared::new(pairings, &key);
        Self(Arc::new(Inner { key, prepared }))
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
        if self.holds(&inputs, proof) { Ok(Verified::new(statement, self.id())) } else { Err(Refusal::Equation) }
    }

    /// e(−α, β)·e(A, B)·e(IC(x), −γ)·e(C, −δ) = 1.
    fn holds(&self, inputs: &[Fr], proof: &Proof) -> bool {
        match &self.0.prepared {
            Prepared::Arkworks(pairs) => self.equation(pairs, inputs, proof),
            #[cfg(all(feature = "blst", not(target_family = "wasm")))]
            Prepared::Blst(pairs) => self.equation(pairs, inputs, proof),
        }
    }

    fn equation<L: Library>(&self, key: &KeyPairs<L>, inputs: &[Fr], proof: &Proof) -> bool {
        let points = proof.points();
        let product = L::miller(&[
            (points.a, L::prepare(&points.b)),
            (self.ic::<L>(inputs), key.minus_gamma.clone()),
            (points.c, key.minus_delta.clone()),
        ]);
        L::is_one(&L::multiply(&key.minus_alpha_beta, &product))
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

    fn ic<L: Library>(&self, inputs: &[Fr]) -> G1Affine {
        let [constant, rest @ ..] = self.key().elements().ic.as_slice() else {
            return G1Affine::identity();
        };
        (L::sum(rest, inputs) + constant).into_affine()
    }

    /// The key's points of G₂, ready for `L`: as prepared, or prepared now.
    pub(crate) fn pairs<L: Library>(&self) -> KeyPairs<L> {
        L::held(&self.0.prepared).cloned().unwrap_or_else(|| KeyPairs::new(self.key()))
    }
}

impl core::fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PreparedKey({}, {})", self.key().relation(), self.id())
    }
}
