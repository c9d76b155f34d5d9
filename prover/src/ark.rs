//! ark-groth16 as an engine; the reference of any other.

use crate::{Backend, BackendError, Control, Job, ProvingKey, Stage};
use ark_bls12_381::Bls12_381;
use ark_groth16::Groth16;
use privity_circuits::Fr;
use privity_verifier::Proof;
use privity_verifier::groth16::Points;

/// ark-groth16, proof by proof, each parallel in itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct ArkBackend;

impl Backend for ArkBackend {
    fn name(&self) -> &'static str {
        "ark-groth16"
    }

    fn prove_batch(&self, key: &ProvingKey, jobs: &[Job], control: &Control<'_>) -> Result<Vec<Proof>, BackendError> {
        let total = jobs.len();
        let mut proofs = Vec::with_capacity(total);
        for (done, job) in jobs.iter().enumerate() {
            control.enter(Stage::Prove { done, total })?;
            proofs.push(prove(key, job)?);
        }
        Ok(proofs)
    }
}

fn prove(key: &ProvingKey, job: &Job) -> Result<Proof, BackendError> {
    let z = job.assignment();
    // Beyond these two, the engine's arithmetic is total: violated rows give a quotient that is no polynomial, hence a false proof.
    if z.len() != key.num_variables() {
        return Err(BackendError::Length { expected: key.num_variables(), found: z.len() });
    }
    if z.first() != Some(&Fr::from(1u64)) {
        return Err(BackendError::Constant);
    }
    let [r, s] = job.blinding();
    let proof = Groth16::<Bls12_381>::create_proof_with_reduction_and_matrices(
        key.parameters(),
        r,
        s,
        key.matrices(),
        key.num_inputs() + 1,
        key.num_constraints(),
        z,
    )
    .map_err(|error| BackendError::Engine(error.to_string()))?;
    let points = Points { a: proof.a, b: proof.b, c: proof.c };
    Proof::from_points(points).map_err(|error| BackendError::Engine(error.to_string()))
}
