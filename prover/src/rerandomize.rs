//! Groth16 proofs are malleable.

use ark_bls12_381::Bls12_381;
use ark_groth16::Groth16;
use privity_verifier::groth16::Points;
use privity_verifier::{Proof, ProofError, VerifyingKey};
use rand::{CryptoRng, RngCore};

/// Another proof of the same statement, unlinkable to `proof`: (A/ρ, ρB + ρσδ, C + σA), BKSV20.
///
/// Anyone can do this without a witness, which is why the ledger's identities never look at proof bytes.
///
/// # Errors
/// [`ProofError`] in no case where `proof` came from a verifier.
pub fn rerandomize(
    key: &VerifyingKey,
    proof: &Proof,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Proof, ProofError> {
    let (elements, points) = (key.elements(), proof.points());
    let vk = ark_groth16::VerifyingKey::<Bls12_381> {
        alpha_g1: elements.alpha,
        beta_g2: elements.beta,
        gamma_g2: elements.gamma,
        delta_g2: elements.delta,
        gamma_abc_g1: elements.ic.clone(),
    };
    let proof = ark_groth16::Proof::<Bls12_381> { a: points.a, b: points.b, c: points.c };
    let fresh = Groth16::<Bls12_381>::rerandomize_proof(&vk, &proof, rng);
    Proof::from_points(Points { a: fresh.a, b: fresh.b, c: fresh.c })
}
