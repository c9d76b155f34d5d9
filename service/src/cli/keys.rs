//! `privity keys …`

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// A relation of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Relation {
    /// Public supply, hidden holder.
    Mint,
    /// Two notes in, three out.
    Transfer,
    /// Seven notes in, two out.
    Consolidation,
    /// A certifier's attestation becomes notes.
    Capacity,
    /// A deal's notes follow its hidden terms.
    Price,
    /// An escrow is settled.
    Release,
    /// Funds or capacity shown, not moved.
    Disclose,
}

/// Proving keys and circuits.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make development keys that are not there yet
    Generate {
        /// Which relations; all if none is named
        relations: Vec<Relation>,
    },
    /// Which keys are there
    List,
    /// Write a verifying key for other tools
    Export {
        /// Which relation
        relation: Relation,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// snarkjs-like JSON, or the ledger's bytes
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// Rows, inputs and sizes of the circuits, by rule and by gadget
    Circuits {
        /// Which relations; all if none is named
        relations: Vec<Relation>,
        /// The table rule → rows that the protocol pages show
        #[arg(long)]
        markdown: bool,
    },
}

/// How a verifying key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// snarkjs-like.
    Json,
    /// As the ledger registers it.
    Bytes,
}
