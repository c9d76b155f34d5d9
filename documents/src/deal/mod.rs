//! The inputs of a deal: documents, a price row and what no document carries, checked against each other and
//! expressed as the integers that the terms hold.

mod config;
mod inputs;
mod receipts;

pub use config::{
    ConfigError, DealConfig, Fee, Goods, Keys, Ledger, Mode, Price, Remedy, Rounding, Signers, Stage, Swap, Token,
};
pub use inputs::{DealError, DealInputs, DealSources, References};
pub use receipts::Receipt;
