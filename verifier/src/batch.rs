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

use crate::groth16::{Fr, G1Affine};
use crate::pairing::{KeyPairs, Library, miller, with_library};
use crate::parallel::map;
use crate::{Pairings, PreparedKey, Proof, Refusal, Verified};
use alloc::sync::Arc;
use alloc::vec::Vec;
use ark_bls12_381::{G1Projective, g1::Config};
use ark_ec::CurveGroup;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::AdditiveGroup;
use core::marker::PhantomData;
use core::ops::Range;
use privity_circuits::{Relation, field};
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};

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
        self.verify_with(Pairings::FASTEST, rng)
    }

    /// [`verify`](Self::verify) with a given library.
    pub fn verify_with<G: RngCore + CryptoRng + ?Sized>(self, pairings: Pairings, rng: &mut G) -> Outcome {
        let seed = self.seed(rng);
        let culprits = with_library!(pairings, L => Combined::<L>::new(&self, &seed).culprits());
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

/// ρ = low + high·λ with λ the eigenvalue of the endomorphism φ, −x² mod r. As low and high are below 2⁶⁴ < x² and x²·2⁶⁴ + 2⁶⁴ < r, each
/// of the 2¹²⁸ pairs is another ρ; and ρ·P = low·P + high·φ(P) takes half the doublings.
#[derive(Clone, Copy)]
struct Randomiser {
    low: u64,
    high: u64,
}

impl Randomiser {
    /// From the first 16 bytes of SHA-256(seed ‖ i).
    fn new(seed: &[u8; 32], index: usize) -> Self {
        let digest = Sha256::new().chain_update(seed).chain_update((index as u64).to_be_bytes()).finalize();
        let limb = |bytes: &[u8]| bytes.iter().fold(0, |limb, byte| limb << 8 | u64::from(*byte));
        Self { low: limb(&digest[..8]), high: limb(&digest[8..16]) }
    }

    fn scalar(self) -> Fr {
        Fr::from(self.low) + Fr::from(self.high) * Config::LAMBDA
    }

    /// ρ·`point`, given `sum` = point + φ(point).
    fn multiply(self, point: &G1Affine, sum: &G1Affine) -> G1Projective {
        let image = Config::endomorphism_affine(point);
        let mut product = G1Projective::ZERO;
        for bit in (0..u64::BITS).rev() {
            product.double_in_place();
            match (self.low >> bit & 1, self.high >> bit & 1) {
                (0, 0) => {}
                (1, 0) => product += point,
                (0, _) => product += image,
                _ => product += sum,
            }
        }
        product
    }
}

/// The claims with their randomisers.
struct Combined<'a, L> {
    batch: &'a Batch,
    rho: Vec<Randomiser>,
    /// ρᵢ·Aᵢ.
    left: Vec<G1Affine>,
    library: PhantomData<L>,
}

impl<'a, L: Library> Combined<'a, L> {
    fn new(batch: &'a Batch, seed: &[u8; 32]) -> Self {
        let n = batch.len();
        let rho: Vec<_> = (0..n).map(|i| Randomiser::new(seed, i)).collect();
        let a = |i: usize| &batch.claims[i].proof.points().a;
        let sums = map(n, |i| Config::endomorphism_affine(a(i)) + a(i));
        let sums = G1Projective::normalize_batch(&sums);
        let left = map(n, |i| rho[i].multiply(a(i), &sums[i]));
        let left = G1Projective::normalize_batch(&left);
        Self { batch, rho, left, library: PhantomData }
    }

    /// The equation over all claims, in one set of Miller loops.
    fn holds(&self) -> bool {
        let mut pairs = self.key_pairs(0..self.batch.len());
        pairs.extend(map(self.batch.len(), |i| self.pair(i)));
        L::is_one(&miller::<L>(&pairs))
    }

    fn pair(&self, i: usize) -> (G1Affine, L::G2) {
        (self.left[i], L::prepare(&self.batch.claims[i].proof.points().b))
    }

    /// Each proof's own Miller loop.
    fn loops(&self) -> Vec<L::Target> {
        map(self.batch.len(), |i| L::miller(&[self.pair(i)]))
    }

    /// The pairs of each key for the claims in `range`.
    fn key_pairs(&self, range: Range<usize>) -> Vec<(G1Affine, L::G2)> {
        let mut pairs = Vec::new();
        for (k, key) in self.batch.keys.iter().enumerate() {
            let mine: Vec<usize> = range.clone().filter(|i| self.batch.claims[*i].key == k).collect();
            if !mine.is_empty() {
                let KeyPairs { beta, minus_gamma, minus_delta, .. } = key.pairs::<L>();
                pairs.extend(self.sums(key, &mine).into_iter().zip([beta, minus_gamma, minus_delta]));
            }
        }
        pairs
    }

    /// −Σρᵢ·α, Σρᵢ·IC(xᵢ), Σρᵢ·Cᵢ over the claims `mine`, all under `key`.
    fn sums(&self, key: &PreparedKey, mine: &[usize]) -> Vec<G1Affine> {
        let elements = key.key().elements();
        let mut scalars = alloc::vec![Fr::ZERO; elements.ic.len()];
        let (mut points, mut words) = (Vec::new(), Vec::new());
        for i in mine {
            let (claim, rho) = (&self.batch.claims[*i], self.rho[*i]);
            let scalar = rho.scalar();
            scalars[0] += scalar;
            for (sum, input) in scalars[1..].iter_mut().zip(&claim.inputs) {
                *sum += scalar * input;
            }
            let c = claim.proof.points().c;
            points.extend([c, Config::endomorphism_affine(&c)]);
            words.extend([rho.low, rho.high]);
        }
        G1Projective::normalize_batch(&[
            elements.alpha * -scalars[0],
            L::sum(&elements.ic, &scalars),
            L::short_sum(&points, &words),
        ])
    }

    /// Numbers of the false claims, ascending.
    fn culprits(&self) -> Vec<usize> {
        let mut culprits = Vec::new();
        if !self.holds() {
            self.bisect(0..self.batch.len(), &self.loops(), true, &mut culprits);
        }
        culprits
    }

    /// Adds the culprits in `range`, ascending; whether there are any. `failed`: the equation over `range` is known to fail.
    fn bisect(&self, range: Range<usize>, loops: &[L::Target], failed: bool, culprits: &mut Vec<usize>) -> bool {
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

    fn holds_over(&self, range: Range<usize>, loops: &[L::Target]) -> bool {
        let keys = miller::<L>(&self.key_pairs(range.clone()));
        L::is_one(&loops[range].iter().fold(keys, |product, value| L::multiply(&product, value)))
    }
}
