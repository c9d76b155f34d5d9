//! From statement and witness to a proof that verifies.

use crate::{Backend, BackendError, Cancelled, Control, EngineChoice, Job, ProvingKey, Stage};
use privity_circuits::r1cs::Cs;
use privity_circuits::{Circuit, Fr, Violation};
use privity_verifier::{Batch, Proof, Refusal};
use rand::{CryptoRng, RngCore};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// Witness number `index` breaks a rule of its relation.
    #[error("witness {index}: {violation}")]
    Violation {
        /// Place in the call, from 0.
        index: usize,
        /// The rule, by its id.
        violation: Violation,
    },
    /// No key for the relation.
    #[error("no proving key for {0}; load or generate one and insert it")]
    NoKey(&'static str),
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The engine failed.
    #[error(transparent)]
    Backend(BackendError),
    /// A finished proof does not verify: key, circuit or engine is broken. It is not handed out.
    #[error("the finished proof {index} does not verify ({refusal}); regenerate the key with `privity keys generate`")]
    Unsound {
        /// Place in the call, from 0.
        index: usize,
        /// What the verifier said.
        refusal: Refusal,
    },
}

impl From<BackendError> for ProveError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Backend(other),
        }
    }
}

/// Proves relations whose keys it holds.
pub struct Prover {
    backend: Box<dyn Backend>,
    keys: BTreeMap<String, Arc<ProvingKey>>,
}

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}

impl Prover {
    /// A prover with the default engine and no keys.
    pub fn new() -> Self {
        Self::with_backend(EngineChoice::default().backend())
    }

    /// A prover with the engine `backend`.
    pub fn with_backend(backend: Box<dyn Backend>) -> Self {
        Self { backend, keys: BTreeMap::new() }
    }

    /// The same prover with one more key; a key of the same relation is replaced.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<Arc<ProvingKey>>) -> Self {
        self.insert(key);
        self
    }

    /// Adds a key; a key of the same relation is replaced.
    pub fn insert(&mut self, key: impl Into<Arc<ProvingKey>>) {
        let key = key.into();
        self.keys.insert(key.relation().into(), key);
    }

    /// The engine's name.
    pub fn backend(&self) -> &'static str {
        self.backend.name()
    }

    /// The key of `C`.
    ///
    /// # Errors
    /// [`ProveError::NoKey`] if there is none.
    pub fn key<C: Circuit>(&self) -> Result<&Arc<ProvingKey>, ProveError> {
        self.keys.get(C::NAME).ok_or(ProveError::NoKey(C::NAME))
    }

    /// Proves that `witness` satisfies `C` with `statement`.
    ///
    /// # Errors
    /// [`ProveError::Violation`] names the rule that a bad witness breaks; otherwise as [`prove_many`](Self::prove_many).
    pub fn prove<C: Circuit>(
        &self,
        statement: &C::Statement,
        witness: &C::Witness,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Proof, ProveError>
    where
        C::Statement: Clone,
    {
        only(self.prove_many::<C, _>(&[(statement, witness)], rng, &Control::default())?)
    }

    /// One proof per pair, in order. All witnesses are checked before the first proof is begun, all proofs verified before one is
    /// handed out.
    ///
    /// # Errors
    /// [`ProveError`]; then there is no proof at all.
    pub fn prove_many<C: Circuit, G: RngCore + CryptoRng>(
        &self,
        pairs: &[(&C::Statement, &C::Witness)],
        rng: &mut G,
        control: &Control<'_>,
    ) -> Result<Vec<Proof>, ProveError>
    where
        C::Statement: Clone,
    {
        let key = self.key::<C>()?;
        let total = pairs.len();
        let mut jobs = Vec::with_capacity(total);
        for (index, (statement, witness)) in pairs.iter().enumerate() {
            control.enter(Stage::Witness { done: index, total })?;
            C::check(statement, witness).map_err(|violation| ProveError::Violation { index, violation })?;
            let cs = Cs::without_rows().synthesize::<C>(statement, witness);
            jobs.push(Job::new(cs.into_assignment(), rng));
        }
        let proofs = self.backend.prove_batch(key, &jobs, control)?;
        if proofs.len() != total {
            return Err(count(proofs.len(), total));
        }
        control.enter(Stage::Verify)?;
        if let ([(statement, _)], [proof]) = (pairs, proofs.as_slice()) {
            // Three pairs and no randomisers: cheaper than a batch of one.
            let verified = key.verifying().verify::<C>((*statement).clone(), proof);
            verified.map_err(|refusal| ProveError::Unsound { index: 0, refusal })?;
            return Ok(proofs);
        }
        let mut batch = Batch::new();
        let mut tickets = Vec::with_capacity(total);
        for (index, ((statement, _), proof)) in pairs.iter().zip(&proofs).enumerate() {
            let ticket = batch.add::<C>(key.verifying(), (*statement).clone(), proof);
            tickets.push(ticket.map_err(|refusal| ProveError::Unsound { index, refusal })?);
        }
        let outcome = batch.verify(rng);
        for (index, ticket) in tickets.into_iter().enumerate() {
            outcome.claim(ticket).map_err(|refusal| ProveError::Unsound { index, refusal })?;
        }
        Ok(proofs)
    }

    /// Runs the engine on any assignment z = (1, public inputs, witness) of `C`'s circuit, for attack tests and foreign witness
    /// generators. Nothing is checked and nothing verified: if z violates the circuit, the result is a proof that does not verify.
    ///
    /// # Errors
    /// [`ProveError::Backend`] if z has another length or does not start with 1.
    pub fn prove_assignment<C: Circuit>(
        &self,
        assignment: Vec<Fr>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Proof, ProveError> {
        let jobs = [Job::new(assignment, rng)];
        only(self.backend.prove_batch(self.key::<C>()?, &jobs, &Control::default())?)
    }
}

fn only(proofs: Vec<Proof>) -> Result<Proof, ProveError> {
    match proofs.as_slice() {
        [proof] => Ok(*proof),
        _ => Err(count(proofs.len(), 1)),
    }
}

fn count(found: usize, expected: usize) -> ProveError {
    BackendError::Engine(format!("{found} proofs came back for {expected} jobs")).into()
}
