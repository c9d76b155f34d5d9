//! Random pairs per relation. Each module has `valid(rng)`, a numbered list of ways to break a pair, each with its rule, and `subject()`,
//! which hands both to the harness together with the declared free inputs.

pub mod capacity;
pub mod common;
pub mod disclose;
pub mod mint;
pub mod price;
pub mod release;
pub mod transfer;
