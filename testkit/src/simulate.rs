//! Proofs made from a verifying key's trapdoor, without a witness.
//!
//! Whoever knows α, β, γ, δ and the discrete logarithms of IC can choose A = a·G₁, B = b·G₂ and solve the verifier's equation for
//! C = (ab − αβ − IC(x)·γ)/δ·G₁. Such proofs pass the ordinary verifier at a fraction of a prover's cost. The key is an ordinary key,
//! marked *development*: nothing in the verifier knows about simulation.

use ark_ec::scalar_mul::BatchMulPreprocessing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{Field, UniformRand};
use core::marker::PhantomData;
use privity_circuits::{Fr, Relation, Statement};
use privity_verifier::groth16::{Elements, G1Affine, G2Affine, Points};
use privity_verifier::{KeyError, PreparedKey, Proof, ProofError, VerifyingKey};
use rand::{CryptoRng, RngCore};

/// Proofs that the fixed-base tables are tuned for.
const TABLE_SIZE: usize = 1 << 12;

/// A verifying key of `R` whose trapdoor is known.
pub struct SimulatedKey<R> {
    alpha_beta: Fr,
    gamma: Fr,
    delta_inverse: Fr,
    ic: Vec<Fr>,
    g1: BatchMulPreprocessing<<G1Affine as AffineRepr>::Group>,
    g2: BatchMulPreprocessing<<G2Affine as AffineRepr>::Group>,
    key: PreparedKey,
    relation: PhantomData<fn() -> R>,
}

impl<R: Relation> SimulatedKey<R> {
    /// A fresh key for `inputs` public inputs that claims matrices of digest `matrices`.
    ///
    /// # Errors
    /// [`KeyError`] for a relation whose name or number of inputs no key may have.
    pub fn generate<G: RngCore + CryptoRng>(inputs: usize, matrices: [u8; 32], rng: &mut G) -> Result<Self, KeyError> {
        let [alpha, beta, gamma, delta] = core::array::from_fn(|_| nonzero(rng));
        let ic: Vec<Fr> = (0..=inputs).map(|_| nonzero(rng)).collect();
        let g1 = BatchMulPreprocessing::new(G1Affine::generator().into_group(), TABLE_SIZE);
        let g2 = BatchMulPreprocessing::new(G2Affine::generator().into_group(), TABLE_SIZE);
        let second = |k: Fr| (G2Affine::generator() * k).into_affine();
        let elements = Elements {
            alpha: (G1Affine::generator() * alpha).into_affine(),
            beta: second(beta),
            gamma: second(gamma),
            delta: second(delta),
            ic: g1.batch_mul(&ic),
        };
        let key = VerifyingKey::new(R::NAME, matrices, true, inputs, elements)?;
        Ok(Self {
            alpha_beta: alpha * beta,
            gamma,
            delta_inverse: delta.inverse().unwrap_or_default(),
            ic,
            g1,
            g2,
            key: PreparedKey::new(key),
            relation: PhantomData,
        })
    }

    /// The key, ready to verify; an ordinary one.
    pub fn key(&self) -> &PreparedKey {
        &self.key
    }

    /// A valid proof of `statement`, true or not. A statement of another shape gets a proof that does not verify.
    ///
    /// # Errors
    /// None in practice: the points are multiples of the generators.
    pub fn simulate<G: RngCore + CryptoRng>(&self, statement: &R::Statement, rng: &mut G) -> Result<Proof, ProofError> {
        let (a, b) = (nonzero(rng), nonzero(rng));
        let inputs = core::iter::once(Fr::from(1u64)).chain(statement.public_inputs());
        let ic: Fr = self.ic.iter().zip(inputs).map(|(k, x)| *k * x).sum();
        let c = (a * b - self.alpha_beta - ic * self.gamma) * self.delta_inverse;
        let first = self.g1.batch_mul(&[a, c]);
        let second = self.g2.batch_mul(&[b]);
        Proof::from_points(Points { a: first[0], b: second[0], c: first[1] })
    }
}

fn nonzero<G: RngCore + CryptoRng>(rng: &mut G) -> Fr {
    loop {
        let k = Fr::rand(rng);
        if k != Fr::from(0u64) {
            return k;
        }
    }
}
