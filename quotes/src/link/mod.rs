//! Link: the winner's price commitment and the deal's `volume` hide the same total, in two groups of different order.
//!
//! P = v·B + r·B̃ over Ristretto and `volume` = v·V + h·W over Jubjub. One integer response z = k + c·v serves both groups; because v
//! is small (the quote's range proof) and z never wraps, the same equation modulo two orders is one equation over the integers.
//! The proof is (c, z, s, t); the first messages are recomputed and hashed to c again. See `docs/protocol/link.md`.

mod bounds;
mod group;
mod integer;
mod proof;

#[cfg(test)]
mod tests;

pub use proof::{LINK_BYTES, Link, Statement, Witness};
