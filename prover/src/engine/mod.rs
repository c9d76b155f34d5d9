//! Our engine: two forms of one proof system, from one set-up and under one verifying key.
//!
//! The *plain* form computes what ark-groth16 computes, element for element. The *fast* form reaches the same distribution of proofs with
//! four transforms instead of seven and without the sum over B in G₁; docs/engine/forms.md derives it.

mod prepared;
mod prove;
pub(crate) mod queries;
mod reduction;
pub(crate) mod rows;
pub(crate) mod setup;
pub(crate) mod sums;
#[cfg(test)]
mod tests;

pub use reduction::FittingReduction;

use crate::apart::apart;
use crate::{Backend, BackendError, Control, Job, ProvingKey, Stage};
use prepared::Prepared;
use privity_arith::{Backend as Lanes, Counters, TableSetting};
use privity_circuits::Fr;
use privity_verifier::{KeyId, Proof};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How the engine proves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As ark-groth16 does, equal to it for given blinding; what a key imported without the fast form's elements takes.
    Plain,
    /// With fewer transforms and sums, if the key has the elements for it.
    #[default]
    Fast,
}

/// The engine of this library.
///
/// It keeps tables of each key that it has proved with, as long as it lives; [`TableSetting`] says how large.
pub struct Engine {
    form: Form,
    lanes: Lanes,
    tables: TableSetting,
    at_once: Option<usize>,
    /// By key, and whether it had the elements of the fast form.
    prepared: Mutex<BTreeMap<(KeyId, bool), Arc<Prepared>>>,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new(Form::default(), Lanes::detect(), TableSetting::default())
    }
}

impl Engine {
    /// An engine that proves in `form` wherever it can, on `lanes`, with `tables` per key.
    pub fn new(form: Form, lanes: Lanes, tables: TableSetting) -> Self {
        Self { form, lanes, tables, at_once: None, prepared: Mutex::default() }
    }

    /// The same engine with at most so many proofs of a batch under way at a time, each with working memory of its own; the pool's
    /// threads if not set.
    #[must_use]
    pub fn at_once(self, proofs: usize) -> Self {
        Self { at_once: Some(proofs), ..self }
    }

    /// The lanes that its arithmetic runs on.
    pub fn lanes(&self) -> Lanes {
        self.lanes
    }

    /// Makes the tables of `key` now instead of at its first proof.
    pub fn prepare(&self, key: &ProvingKey) {
        self.prepared(key);
    }

    /// What the sums in G₁ and in G₂ of a proof in fast form take, for tests that do not look at a clock; none if the key or the job
    /// wants the plain form.
    ///
    /// # Errors
    /// As [`Backend::prove_batch`].
    pub fn operations(&self, key: &ProvingKey, job: &Job) -> Result<Option<[Counters; 2]>, BackendError> {
        check(key, job.assignment())?;
        let prepared = self.prepared(key);
        let fast = prepared.fast.as_ref();
        let proof =
            fast.and_then(|bases| prove::fast(key.rows(), &prepared.coset, bases, job.assignment(), job.blinding()));
        Ok(proof.map(|(_, counters)| counters))
    }

    fn prepared(&self, key: &ProvingKey) -> Arc<Prepared> {
        let mut all = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(apart(|| Prepared::new(key, self.lanes, self.tables)));
        Arc::clone(all.entry((key.id(), key.is_fast())).or_insert_with(make))
    }

    fn prove(&self, key: &ProvingKey, prepared: &Prepared, job: &Job) -> Result<Proof, BackendError> {
        let (z, blinding) = (job.assignment(), job.blinding());
        check(key, z)?;
        let fast = match (self.form, &prepared.fast) {
            (Form::Fast, Some(bases)) => prove::fast(key.rows(), &prepared.coset, bases, z, blinding),
            _ => None,
        };
        let points = fast
            .map(|(points, _)| points)
            .unwrap_or_else(|| prove::plain(key, &prepared.coset, self.lanes, z, blinding));
        Proof::from_points(points).map_err(|error| BackendError::Engine(error.to_string()))
    }
}

impl Backend for Engine {
    fn name(&self) -> &'static str {
        match self.form {
            Form::Plain => "privity, plain form",
            Form::Fast => "privity, fast form",
        }
    }

    fn prove_batch(&self, key: &ProvingKey, jobs: &[Job], control: &Control<'_>) -> Result<Vec<Proof>, BackendError> {
        let (total, prepared) = (jobs.len(), self.prepared(key));
        let mut proofs = Vec::with_capacity(total);
        // Whole proofs side by side keep threads busier than the parts of one.
        for some in jobs.chunks(self.at_once.unwrap_or_else(rayon::current_num_threads).max(1)) {
            control.enter(Stage::Prove { done: proofs.len(), total })?;
            let made: Result<Vec<Proof>, _> = some.par_iter().map(|job| self.prove(key, &prepared, job)).collect();
            proofs.extend(made?);
        }
        Ok(proofs)
    }
}

/// Beyond these two, an engine's arithmetic is total: violated rows give a quotient that is no polynomial, hence a false proof.
pub(crate) fn check(key: &ProvingKey, z: &[Fr]) -> Result<(), BackendError> {
    if z.len() != key.num_variables() {
        return Err(BackendError::Length { expected: key.num_variables(), found: z.len() });
    }
    if z.first() != Some(&Fr::from(1u64)) {
        return Err(BackendError::Constant);
    }
    Ok(())
}
