//! The proving keys of all relations: loaded when first used, made on the spot if there are none.

use crate::progress::Progress;
use privity_circuits::Circuit;
use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_prover::{Control, EngineChoice, KeyFileError, KeyStore, Prover, ProvingKey, Stage};
use privity_verifier::PreparedKey;
use privity_wallet::{Prove, ProveError};
use rand::rngs::OsRng;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// Relations that the ledger and its members use.
pub const RELATIONS: usize = 7;

/// Keys in a directory, and a prover that holds those used so far.
pub struct KeyRing {
    store: KeyStore,
    prover: Prover,
    progress: Progress,
    times: BTreeMap<&'static str, (usize, usize, Vec<f64>)>,
}

/// What proving one relation took.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Its name.
    pub relation: &'static str,
    /// Rows of its circuit.
    pub constraints: usize,
    /// Constraints and input rows, the constant's among them.
    pub size: usize,
    /// Median time from witness to verified proof.
    pub milliseconds: f64,
}

impl KeyRing {
    /// Keys in `directory`, which need not exist, and `engine` to prove with them.
    pub fn new(directory: impl Into<PathBuf>, engine: EngineChoice, progress: Progress) -> Self {
        let (store, prover) = (KeyStore::new(directory), Prover::with_backend(engine.backend()));
        Self { store, prover, progress, times: BTreeMap::new() }
    }

    /// The directory and its files.
    pub fn store(&self) -> &KeyStore {
        &self.store
    }

    /// The prover with the keys used so far.
    pub fn prover(&self) -> &Prover {
        &self.prover
    }

    /// What proving took so far, by relation.
    pub fn timings(&self) -> Vec<Timing> {
        let timing = |(relation, (constraints, size, times)): (&&'static str, &(usize, usize, Vec<f64>))| {
            let mut times = times.clone();
            times.sort_by(f64::total_cmp);
            let milliseconds = times.get(times.len() / 2).copied().unwrap_or_default();
            Timing { relation, constraints: *constraints, size: *size, milliseconds }
        };
        self.times.iter().map(timing).collect()
    }

    /// The key of `C`, loaded or made if need be.
    ///
    /// # Errors
    /// [`KeyFileError`] names the file, what is wrong with it and how to make it anew.
    pub fn key<C: Circuit>(&mut self) -> Result<Arc<ProvingKey>, KeyFileError> {
        if let Ok(key) = self.prover.key::<C>() {
            return Ok(key.clone());
        }
        let bar = self.progress.task(C::NAME);
        let report = |stage: Stage| bar.stage(&stage);
        let key = Arc::new(self.store.load_or_generate::<C>(&mut OsRng, &Control::progress(&report))?);
        self.prover.insert(key.clone());
        Ok(key)
    }

    /// Every relation's key, made if need be; the verifying keys in the order of the protocol's page.
    ///
    /// # Errors
    /// As [`KeyRing::key`].
    pub fn all(&mut self) -> Result<[PreparedKey; RELATIONS], KeyFileError> {
        Ok([
            self.key::<Mint>()?.verifying().clone(),
            self.key::<Transfer2x3>()?.verifying().clone(),
            self.key::<Transfer7x2>()?.verifying().clone(),
            self.key::<Capacity>()?.verifying().clone(),
            self.key::<Price>()?.verifying().clone(),
            self.key::<Release>()?.verifying().clone(),
            self.key::<Disclose>()?.verifying().clone(),
        ])
    }
}

impl<C: Circuit> Prove<C> for KeyRing
where
    C::Statement: Clone,
{
    fn prove(
        &mut self,
        x: &C::Statement,
        w: &C::Witness,
    ) -> Result<(privity_verifier::KeyId, privity_verifier::Proof), ProveError> {
        let key = self.key::<C>().map_err(|error| ProveError::Prover(Box::new(error)))?;
        let started = Instant::now();
        let bar = self.progress.task(C::NAME);
        bar.stage(&Stage::Prove { done: 0, total: 1 });
        match self.prover.prove::<C>(x, w, &mut OsRng) {
            Ok(proof) => {
                let size = key.num_constraints() + key.num_inputs() + 1;
                let entry = self.times.entry(C::NAME).or_insert((key.num_constraints(), size, Vec::new()));
                entry.2.push(started.elapsed().as_secs_f64() * 1_000.0);
                Ok((key.id(), proof))
            }
            Err(privity_prover::ProveError::Violation { violation, .. }) => Err(violation.into()),
            Err(error) => Err(ProveError::Prover(Box::new(error))),
        }
    }
}
