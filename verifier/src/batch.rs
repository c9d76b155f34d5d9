//! Many proofs at once, of several relations and keys.
//!
//! For random 128-bit ρᵢ the equations of all proofs collapse into one,
//!
//! Π e(ρᵢ·Aᵢ, Bᵢ) · Π_k e(−Σρᵢ·α, β) · e(Σρᵢ·IC(xᵢ), −γ) · e(Σρᵢ·Cᵢ, −δ) = 1
//!
//! with k over the keys and the sums over the proofs under k. If any proof is false, it holds with probability 2^−128 over the ρᵢ,
//! which nobody knew when the proofs were made: they are hashes of 32 fresh bytes *and* of all claims, so that a generator that
//! repeats itself, or fails and gives zeros, still gives nobody a batch to aim at. If the equation fails, halves are tried until every culprit is named; the Miller loops of the
//! proofs are done once, so that k culprits among n cost about k·log n final exponentiations.

use crate::groth16::{Bls12_381, Fr, G1Affine};
use crate::prepared::G2Prepared;
use crate::{PreparedKey, Proof, Refusal, Verified};
use alloc::sync::Arc;
use alloc::vec::Vec;
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, One};
use core::ops::Range;
use privity_circuits::{Relation, field};
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};

type G1 = <Bls12_381 as Pairing>::G1;
type TargetField = <Bls12_381 as Pairing>::TargetField;

/// Claims to verify together.
#[derive(Default)]
pub struct Batch {
    /// Ties tickets and outcome to this batch.
    identity: Arc<()>,
    keys: Vec<PreparedKey>,
    claims: Vec<Claim>,
}

struct Claim {
    key: usize,
    inputs: Vec<Fr>,
    proof: Proof,
}

/// A claim's place in a [`Batch`], to be exchanged for a [`Verified`] at its [`Outcome`].
pub struct Ticket<R: Relation> {
    identity: Arc<()>,
    index: usize,
    statement: R::Statement,
}

impl<R: Relation> Ticket<R> {
    /// The claim's number in its batch, counted from 0 in the order of [`Batch::add`].
    pub fn index(&self) -> usize {
        self.index
    }
}

/// What became of a [`Batch`].
pub struct Outcome {
    identity: Arc<()>,
    keys: Vec<PreparedKey>,
    key_of: Vec<usize>,
    culprits: Vec<usize>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Claims in the batch.
    pub fn len(&self) -> usize {
        self.claims.len()
    }

    /// Whether there are no claims.
    pub fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Adds the claim that `proof` proves `statement` under `key`.
    ///
    /// # Errors
    /// [`Refusal::Relation`] or [`Refusal::Inputs`] if the key is of another relation or shape; the batch is unchanged then.
    pub fn add<R: Relation>(
        &mut self,
        key: &PreparedKey,
        statement: R::Statement,
        proof: &Proof,
    ) -> Result<Ticket<R>, Refusal> {
        let inputs = key.inputs::<R>(&statement)?;
        let index = self.push(key, inputs, proof);
        Ok(Ticket { identity: self.identity.clone(), index, statement })
    }

    /// Adds the claim that `proof` proves whatever relation `key` is of for these public inputs; its number. It says nothing
    /// that a [`Verified`] says: look for the number in [`Outcome::culprits`].
    ///
    /// # Errors
    /// [`Refusal::Inputs`] if the key takes more or fewer; the batch is unchanged then.
    pub fn add_inputs(&mut self, key: &PreparedKey, inputs: Vec<Fr>, proof: &Proof) -> Result<usize, Refusal> {
        if inputs.len() != key.key().num_inputs() {
            return Err(Refusal::Inputs { expected: key.key().num_inputs(), found: inputs.len() });
        }
        Ok(self.push(key, inputs, proof))
    }

    fn push(&mut self, key: &PreparedKey, inputs: Vec<Fr>, proof: &Proof) -> usize {
        let known = self.keys.iter().position(|other| other.id() == key.id());
        let position = known.unwrap_or_else(|| {
            self.keys.push(key.clone());
            self.keys.len() - 1
        });
        self.claims.push(Claim { key: position, inputs, proof: *proof });
        self.claims.len() - 1
    }

    /// Verifies all claims; the randomisers ρᵢ come from `rng` and the claims.
    pub fn verify<G: RngCore + CryptoRng + ?Sized>(self, rng: &mut G) -> Outcome {
        let combined = Combined::new(&self, rng);
        let mut culprits = Vec::new();
        if !combined.holds() {
            let loops = combined.loops();
            combined.bisect(0..self.len(), &loops, true, &mut culprits);
        }
        Outcome {
            identity: self.identity,
            key_of: self.claims.iter().map(|claim| claim.key).collect(),
            keys: self.keys,
            culprits,
        }
    }
}

impl Batch {
    /// SHA-256 over label ‖ 32 random bytes ‖ per claim its key's id, its inputs and its proof.
    fn seed<G: RngCore + CryptoRng + ?Sized>(&self, rng: &mut G) -> [u8; 32] {
        let mut fresh = [0; 32];
        rng.fill_bytes(&mut fresh);
        let mut hash = Sha256::new().chain_update(b"privity.v1 batch").chain_update(fresh);
        for claim in &self.claims {
            hash.update(self.keys[claim.key].id().0);
            claim.inputs.iter().for_each(|input| hash.update(field::to_bytes(input)));
            hash.update(claim.proof.to_bytes());
        }
        hash.finalize().into()
    }
}

/// The limbs of ρᵢ: the first 16 bytes of SHA-256(seed ‖ i).
fn randomiser(seed: &[u8; 32], index: usize) -> [u64; 2] {
    let digest = Sha256::new().chain_update(seed).chain_update((index as u64).to_be_bytes()).finalize();
    let limb = |bytes: &[u8]| bytes.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
    [limb(&digest[..8]), limb(&digest[8..16])]
}

impl Outcome {
    /// The verified claim.
    ///
    /// # Errors
    /// [`Refusal::Equation`] if this claim's proof is false, [`Refusal::Ticket`] if the ticket is of another batch.
    pub fn claim<R: Relation>(&self, ticket: Ticket<R>) -> Result<Verified<R>, Refusal> {
        if !Arc::ptr_eq(&self.identity, &ticket.identity) {
            return Err(Refusal::Ticket);
        }
        if self.culprits.binary_search(&ticket.index).is_ok() {
            return Err(Refusal::Equation);
        }
        let key = self.key_of.get(ticket.index).and_then(|key| self.keys.get(*key));
        let key = key.ok_or(Refusal::Ticket)?;
        Ok(Verified::new(ticket.statement, key.id()))
    }

    /// Numbers of the claims whose proofs are false, ascending.
    pub fn culprits(&self) -> &[usize] {
        &self.culprits
    }
}

/// The claims with their randomisers.
struct Combined<'a> {
    batch: &'a Batch,
    rho: Vec<Fr>,
    /// ρᵢ·Aᵢ.
    left: Vec<G1Affine>,
}

impl<'a> Combined<'a> {
    fn new<G: RngCore + CryptoRng + ?Sized>(batch: &'a Batch, rng: &mut G) -> Self {
        let seed = batch.seed(rng);
        let limbs: Vec<[u64; 2]> = (0..batch.len()).map(|i| randomiser(&seed, i)).collect();
        let field = |limbs: &[u64; 2]| Fr::from(u128::from(limbs[0]) | u128::from(limbs[1]) << 64);
        let rho = limbs.iter().map(field).collect();
        let left = map(batch.len(), |i| batch.claims[i].proof.points().a.mul_bigint(limbs[i]));
        let left = G1::normalize_batch(&left);
        Self { batch, rho, left }
    }

    /// The equation over all claims, in one Miller loop.
    fn holds(&self) -> bool {
        let (mut g1, mut g2) = self.key_pairs(0..self.batch.len());
        g1.extend_from_slice(&self.left);
        g2.extend(map(self.batch.len(), |i| self.right(i)));
        is_one(Bls12_381::multi_miller_loop(g1, g2))
    }

    fn right(&self, i: usize) -> G2Prepared {
        self.batch.claims[i].proof.points().b.into()
    }

    /// Each proof's own Miller loop.
    fn loops(&self) -> Vec<TargetField> {
        map(self.batch.len(), |i| Bls12_381::miller_loop(self.left[i], self.right(i)).0)
    }

    /// The pairs of each key for the claims in `range`.
    fn key_pairs(&self, range: Range<usize>) -> (Vec<G1Affine>, Vec<G2Prepared>) {
        let (mut g1, mut g2) = (Vec::new(), Vec::new());
        for (k, key) in self.batch.keys.iter().enumerate() {
            let elements = key.key().elements();
            let mut scalars = alloc::vec![Fr::ZERO; elements.ic.len()];
            let (mut rho, mut outputs) = (Vec::new(), Vec::new());
            for i in range.clone() {
                let claim = &self.batch.claims[i];
                if claim.key != k {
                    continue;
                }
                rho.push(self.rho[i]);
                outputs.push(claim.proof.points().c);
                scalars[0] += self.rho[i];
                for (scalar, input) in scalars[1..].iter_mut().zip(&claim.inputs) {
                    *scalar += self.rho[i] * input;
                }
            }
            if rho.is_empty() {
                continue;
            }
            g1.extend(G1::normalize_batch(&[
                elements.alpha * -scalars[0],
                G1::msm_unchecked(&elements.ic, &scalars),
                G1::msm_unchecked(&outputs, &rho),
            ]));
            g2.extend([key.beta(), key.minus_gamma(), key.minus_delta()].map(G2Prepared::clone));
        }
        (g1, g2)
    }

    /// Adds the culprits in `range`, ascending; whether there are any. `failed`: the equation over `range` is known to fail.
    fn bisect(&self, range: Range<usize>, loops: &[TargetField], failed: bool, culprits: &mut Vec<usize>) -> bool {
        if !failed && self.holds_over(range.clone(), loops) {
            return false;
        }
        if range.len() == 1 {
            culprits.push(range.start);
            return true;
        }
        let middle = range.start + range.len() / 2;
        let lower = self.bisect(range.start..middle, loops, false, culprits);
        // If the lower half holds, the upper one must fail, and need not be tried.
        self.bisect(middle..range.end, loops, !lower, culprits);
        true
    }

    fn holds_over(&self, range: Range<usize>, loops: &[TargetField]) -> bool {
        let (g1, g2) = self.key_pairs(range.clone());
        let keys = Bls12_381::multi_miller_loop(g1, g2).0;
        let product = loops[range].iter().fold(keys, |product, f| product * f);
        is_one(MillerLoopOutput(product))
    }
}

fn is_one(output: MillerLoopOutput<Bls12_381>) -> bool {
    Bls12_381::final_exponentiation(output).is_some_and(|pairing| pairing.0.is_one())
}

#[cfg(feature = "parallel")]
fn map<T: Send>(length: usize, f: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    use rayon::prelude::*;
    (0..length).into_par_iter().map(f).collect()
}

#[cfg(not(feature = "parallel"))]
fn map<T>(length: usize, f: impl Fn(usize) -> T) -> Vec<T> {
    (0..length).map(f).collect()
}
