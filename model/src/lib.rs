//! An integer model of price, release and capacity, written from the protocol page alone.
//!
//! The circuits compute with remainders and range checks; this crate computes what those are meant to say, with
//! exact fractions, and imports nothing of theirs. Where the two disagree on one input, one of them is wrong.
//!
//! | module | protocol |
//! | --- | --- |
//! | [`price`] | P4, P5 and the part of P2, P3 that speaks of a price schedule |
//! | [`terms`] | P2, P3, P6, P9: everything numeric that a deal accepts |
//! | [`release`] | R1 to R4: what an escrow pays, returns and keeps |
//! | [`notes`] | the ranges of section 3, T2, T5 to T7 of a transfer, C2 of an attestation |
//! | [`sample`] | generators: valid terms, terms false by one named rule, remainders on purpose |
//!
//! Money is in minor units of the currency, unit prices in 10⁻⁶ of its major unit, quantities in thousandths of the
//! unit, capacity in millionths, time in Unix seconds. Fields are wider than the protocol allows, so that a value
//! outside its range can be written down and refused.
//!
//! ```
//! use privity_model::{Mode, Rounding, Schedule, Stage};
//!
//! // 0.5133 from 100 pieces, 0.087 from 1 000; a currency of two decimals.
//! let schedule = Schedule {
//!     tiers: vec![(100_000, 513_300), (1_000_000, 87_000)],
//!     mode: Mode::AllUnits,
//!     stage: Stage::Line,
//!     rounding: Rounding::HalfUp,
//!     exponent: 2,
//!     decimals: 4,
//!     surcharge_bp: 0,
//!     allowance_bp: 0,
//!     set_up: 0,
//! };
//! // 999 × 0.5133 = 512.7867, yet one piece more costs 1 000 × 0.087 = 87.00.
//! assert_eq!(schedule.total(999_000)?.total, 51_279);
//! assert_eq!(schedule.total(1_000_000)?.total, 8_700);
//! # Ok::<(), privity_model::Refusal>(())
//! ```
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod exact;
pub mod notes;
pub mod price;
mod refusal;
pub mod release;
pub mod sample;
pub mod terms;

pub use exact::Rounding;
pub use price::{Mode, Schedule, Stage, Total, capacity_used, fee};
pub use refusal::Refusal;
pub use release::{Escrow, Receipt, Release, replay};
pub use terms::{Deal, Terms};
