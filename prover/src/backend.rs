//! The seam between the prover and an engine.

use crate::{Cancelled, Control, ProvingKey};
use ark_ff::UniformRand;
use privity_circuits::Fr;
use privity_verifier::Proof;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// One proof to make: the assignment z = (1, public inputs, witness) and the two scalars that hide it.
///
/// The prover draws the scalars, so that an engine needs no randomness and its output does not depend on its threads.
pub struct Job {
    assignment: Zeroizing<Vec<Fr>>,
    blinding: Zeroizing<[Fr; 2]>,
}

impl Job {
    /// A job with fresh blinding.
    pub fn new<G: RngCore + CryptoRng + ?Sized>(assignment: Vec<Fr>, rng: &mut G) -> Self {
        Self { assignment: Zeroizing::new(assignment), blinding: Zeroizing::new([Fr::rand(rng), Fr::rand(rng)]) }
    }

    /// z = (1, public inputs, witness).
    pub fn assignment(&self) -> &[Fr] {
        &self.assignment
    }

    /// Groth16's r and s, uniform and used once.
    pub fn blinding(&self) -> [Fr; 2] {
        *self.blinding
    }
}

impl core::fmt::Debug for Job {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Job(..)")
    }
}

/// Why an engine made no proofs.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The assignment does not fit the key.
    #[error("the assignment has {found} variables, the key takes {expected}; synthesise the relation this key is for")]
    Length {
        /// Variables of the key's circuit.
        expected: usize,
        /// Variables given.
        found: usize,
    },
    /// z₀ ≠ 1.
    #[error("the assignment does not start with the constant 1; put it before the public inputs")]
    Constant,
    /// The engine failed.
    #[error("proving engine: {0}; try again, or use another back end")]
    Engine(String),
}

/// A Groth16 engine.
///
/// It proves, it does not judge: an assignment that violates the circuit gives a proof that does not verify, or an error, never a
/// panic. The [`Prover`](crate::Prover) verifies whatever comes out.
pub trait Backend: Send + Sync {
    /// Its name, for logs and benches.
    fn name(&self) -> &'static str;

    /// One proof per job, in order. Announces [`Stage::Prove`](crate::Stage::Prove) and stops between stages if `control` says so.
    ///
    /// # Errors
    /// [`BackendError`]; then there is no proof at all.
    fn prove_batch(&self, key: &ProvingKey, jobs: &[Job], control: &Control<'_>) -> Result<Vec<Proof>, BackendError>;
}
