//! What proves: the library's prover behind a seam, so that the queue can be tested without keys.

use super::job::Proved;
use super::wire::{Provable, Relation, Secret, with_relation};
use crate::files::hex;
use privity_circuits::Violation;
use privity_prover::{Control, KeyStore, ProveError, Prover};
use rand::rngs::OsRng;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Why a batch has no proofs. No text of it repeats a witness: rules have fixed words, engines speak of themselves.
#[derive(Debug, thiserror::Error)]
pub enum ProvingError {
    /// A witness breaks a rule.
    #[error("{violation}")]
    Violation {
        /// Which of the batch.
        index: usize,
        /// The rule.
        violation: Violation,
    },
    /// Everybody who wanted one of these proofs gave up, or the service stops.
    #[error("cancelled")]
    Cancelled,
    /// Keys or engine failed.
    #[error("{0}")]
    Failed(String),
}

/// Proves batches of one relation.
pub trait Proving: Send + Sync {
    /// One proof per secret, in order, each verified.
    ///
    /// # Errors
    /// [`ProvingError`]; then there is no proof at all.
    fn prove(
        &self,
        relation: Relation,
        secrets: &[&Secret],
        control: &Control<'_>,
    ) -> Result<Vec<Proved>, ProvingError>;
}

/// The library's prover, with the keys of a directory, each loaded (or made, for development) when first asked for.
pub struct StoredProver {
    store: KeyStore,
    provers: [OnceLock<Prover>; Relation::ALL.len()],
    loading: Mutex<()>,
}

impl StoredProver {
    /// A prover with the keys in `store`.
    pub fn new(store: KeyStore) -> Self {
        Self { store, provers: std::array::from_fn(|_| OnceLock::new()), loading: Mutex::new(()) }
    }

    /// Loads the key of a relation now.
    ///
    /// # Errors
    /// [`ProvingError::Failed`] names the file and what is wrong with it.
    pub fn load(&self, relation: Relation) -> Result<(), ProvingError> {
        with_relation!(relation, C => self.prover::<C>(relation).map(drop))
    }

    fn prover<C: Provable>(&self, relation: Relation) -> Result<&Prover, ProvingError> {
        let place = &self.provers[relation as usize - 1];
        if place.get().is_none() {
            // It guards nothing but the order of loading.
            let _guard = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
            if place.get().is_none() {
                let key = self.store.load_or_generate::<C>(&mut OsRng, &Control::default());
                let key = key.map_err(|error| ProvingError::Failed(error.to_string()))?;
                // Nobody else sets it: the guard is held.
                let _ = place.set(Prover::new().with_key(key));
            }
        }
        place.get().ok_or_else(|| ProvingError::Failed("the proving key is not there; try again".to_owned()))
    }

    fn prove_all<C: Provable>(
        &self,
        relation: Relation,
        secrets: &[&Secret],
        control: &Control<'_>,
    ) -> Result<Vec<Proved>, ProvingError> {
        let prover = self.prover::<C>(relation)?;
        let key = prover.key::<C>().map_err(failed)?.id();
        let pairs = secrets.iter().map(|secret| secret.open::<C>()).collect::<Result<Vec<_>, _>>();
        let pairs = pairs.map_err(|error| ProvingError::Failed(error.to_string()))?;
        let borrowed: Vec<_> = pairs.iter().map(|pair| (&pair.statement, &pair.witness)).collect();
        let proofs = prover.prove_many::<C, _>(&borrowed, &mut OsRng, control).map_err(failed)?;
        let proved = |proof: privity_verifier::Proof| Proved { key: hex(&key.0), proof: hex(&proof.to_bytes()) };
        Ok(proofs.into_iter().map(proved).collect())
    }
}

fn failed(error: ProveError) -> ProvingError {
    match error {
        ProveError::Violation { index, violation } => ProvingError::Violation { index, violation },
        ProveError::Cancelled(_) => ProvingError::Cancelled,
        error => ProvingError::Failed(error.to_string()),
    }
}

impl Proving for StoredProver {
    fn prove(
        &self,
        relation: Relation,
        secrets: &[&Secret],
        control: &Control<'_>,
    ) -> Result<Vec<Proved>, ProvingError> {
        with_relation!(relation, C => self.prove_all::<C>(relation, secrets, control))
    }
}
