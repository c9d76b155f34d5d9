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
    /// Write a key for other tools
    Export {
        /// Which relation
        relation: Relation,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Verifying key for snarkjs or the ledger, or proving key for ark-groth16
        #[arg(long, value_enum, default_value_t = Format::Snarkjs)]
        format: Format,
    },
    /// Take a proving key that ark-groth16 made or that was exported for it
    Import {
        /// Which relation
        relation: Relation,
        /// The key, uncompressed
        file: PathBuf,
        /// Made by a ceremony, not by one party alone: without this it is marked a development key
        #[arg(long)]
        ceremony: bool,
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

/// Which key is written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The verifying key as snarkjs' JSON.
    #[value(alias = "json")]
    Snarkjs,
    /// The verifying key as the ledger registers it.
    Bytes,
    /// The proving key as ark-groth16 writes it, uncompressed.
    Ark,
}
