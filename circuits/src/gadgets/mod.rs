//! Gadgets: the protocol's values as constraints. Each output is tied to the arguments by rows, not only by assignment.

pub mod bits;
pub mod curve;
pub mod fixed_base;
pub mod note;
mod num;
pub mod poseidon;
pub mod schnorr;
pub mod terms;
pub mod tree;

pub use num::Num;
