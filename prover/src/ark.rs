//! ark-groth16 as an engine; the reference of any other.

use crate::engine::{FittingReduction, check};
use crate::{Backend, BackendError, Control, Job, ProvingKey, Stage};
use ark_bls12_381::Bls12_381;
use ark_groth16::Groth16;
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use ark_relations::gr1cs::Result as Synthesis;
use privity_arith::ntt::Domain;
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
    let (z, [r, s]) = (job.assignment(), job.blinding());
    check(key, z)?;
    let size = key.num_constraints() + key.num_inputs() + 1;
    let proof = if Domain::power_of_two(size).as_ref() == Some(key.domain()) {
        create::<LibsnarkReduction>(key, r, s, z)
    } else {
        create::<FittingReduction>(key, r, s, z)
    };
    let proof = proof.map_err(|error| BackendError::Engine(error.to_string()))?;
    let points = Points { a: proof.a, b: proof.b, c: proof.c };
    Proof::from_points(points).map_err(|error| BackendError::Engine(error.to_string()))
}

fn create<Q: R1CSToQAP>(key: &ProvingKey, r: Fr, s: Fr, z: &[Fr]) -> Synthesis<ark_groth16::Proof<Bls12_381>> {
    Groth16::<Bls12_381, Q>::create_proof_with_reduction_and_matrices(
        key.parameters(),
        r,
        s,
        key.matrices(),
        key.num_inputs() + 1,
        key.num_constraints(),
        z,
    )
}
