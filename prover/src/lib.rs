//! Set-up, proving keys and the Groth16 prover of Privity.
//!
//! A [`Prover`] runs a relation's `check` first, so that a bad witness fails with the name of the rule it breaks; then it computes
//! the assignment, has a [`Backend`] prove it, and verifies each proof with the ordinary verifier before handing it out. Keys come
//! from a [`KeyStore`]. Randomness is the caller's; nothing here keeps global state, prints, or starts a thread pool of its own.
#![deny(unsafe_code)]
#![deny(missing_docs)]

mod apart;
mod ark;
mod backend;
mod body;
mod choice;
mod control;
mod engine;
mod export;
mod file;
mod key;
mod map;
mod points;
mod problem;
mod prover;
mod rerandomize;
mod setup;
mod store;
mod stored;

pub use ark::ArkBackend;
pub use backend::{Backend, BackendError, Job};
pub use choice::{ChoiceError, EngineChoice};
pub use control::{Cancelled, Control, Stage};
pub use engine::{Engine, FittingReduction, Form};
pub use export::{proof_json, public_inputs_json, verifying_key_json};
pub use key::{ImportError, ProvingKey};
pub use problem::{KeyFileError, KeyProblem};
pub use prover::{ProveError, Prover};
pub use rerandomize::rerandomize;
pub use setup::{SetupError, generate};
pub use store::{KeyStore, Pin};

pub use privity_arith::{Backend as Lanes, Counters, TableSetting, cpu_features};
