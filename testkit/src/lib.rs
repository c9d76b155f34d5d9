//! Simulated proofs and attack harnesses for tests; never published.
//!
//! A relation is attacked through a [`Subject`]: how to draw a valid pair and a named-false one, and which of its hints are declared
//! free. The parts are [`pairs`], [`forge`], [`mutation`], [`jacobian`] and [`deletion`]; each returns counts, which the tests print.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod columns;
pub mod deletion;
pub mod forge;
pub mod jacobian;
pub mod liar;
pub mod mutation;
pub mod pairs;
pub mod samples;
pub mod simulate;
pub mod subject;
pub mod tree;

pub use subject::{Breakable, Drawn, False, Mutation, Subject, TestRng, rng, size};
