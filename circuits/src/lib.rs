//! The language of the Privity protocol: native values and, beside each, its gadget.
//!
//! A [`Relation`] is a set of pairs (statement, witness); everyone sees the statement, only the prover knows the witness. Each
//! relation is written twice: [`Relation::check`] in plain Rust names the violated rule, [`Circuit::enforce`] says the same as
//! rank-1 constraints. This crate does no IO, reads no clock, starts no thread and holds no proving key.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod asset;
pub mod capacity;
pub mod context;
pub mod disclose;
pub mod field;
pub mod hash;
pub mod jubjub;
pub mod keys;
pub mod mint;
pub mod note;
pub mod poseidon;
pub mod price;
pub mod relation;
pub mod release;
pub mod schnorr;
pub mod terms;
pub mod transfer;
pub mod tree;

#[cfg(feature = "constraints")]
pub mod gadgets;
#[cfg(feature = "constraints")]
pub mod r1cs;

pub use field::{DecodeError, Fr};
pub use hash::{Domain, hash};
#[cfg(feature = "constraints")]
pub use relation::Circuit;
pub use relation::{Relation, Statement, Violation};
