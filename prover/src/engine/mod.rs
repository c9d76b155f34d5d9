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

use crate::{Backend, BackendError, Control, Job, ProvingKey, Stage};
use prepared::Prepared;
use privity_arith::{Backend as Lanes, TableSetting};
use privity_circuits::Fr;
use privity_verifier::{KeyId, Proof};
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
        Self { form, lanes, tables, prepared: Mutex::default() }
    }

    /// The lanes that its arithmetic runs on.
    pub fn lanes(&self) -> Lanes {
        self.lanes
    }

    /// Makes the tables of `key` now instead of at its first proof.
    pub fn prepare(&self, key: &ProvingKey) {
        self.prepared(key);
    }

    fn prepared(&self, key: &ProvingKey) -> Arc<Prepared> {
        let mut all = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Prepared::new(key, self.lanes, self.tables));
        Arc::clone(all.entry((key.id(), key.is_fast())).or_insert_with(make))
    }

    fn prove(&self, key: &ProvingKey, prepared: &Prepared, job: &Job) -> Result<Proof, BackendError> {
        let (z, blinding) = (job.assignment(), job.blinding());
        check(key, z)?;
        let fast = match (self.form, &prepared.fast) {
            (Form::Fast, Some(bases)) => prove::fast(key.rows(), &prepared.coset, bases, z, blinding),
            _ => None,
        };
        let points = fast.unwrap_or_else(|| prove::plain(key, &prepared.coset, self.lanes, z, blinding));
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
        for (done, job) in jobs.iter().enumerate() {
            control.enter(Stage::Prove { done, total })?;
            proofs.push(self.prove(key, &prepared, job)?);
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
