//! `privity ledger …`

use crate::clock;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The ledger.
#[derive(Debug, Subcommand)]
pub enum Ledger {
    /// Found a ledger with a new operator key
    Create(Create),
    /// Its state, and what is registered
    Show,
    /// Its log
    Log {
        /// First position
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// Most records
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Write genesis and log to a file
    Export {
        /// Where to
        file: PathBuf,
    },
    /// Rebuild a ledger from a log file, checking everything
    Import {
        /// The log file
        file: PathBuf,
    },
    /// Check every proof, signature and rule of a log file, offline
    Audit {
        /// The log file
        file: PathBuf,
    },
    /// Public supply of the tokens
    Supply {
        /// A token's name or asset id; all if none is named
        asset: Option<String>,
    },
    /// The last head that the operator signed; compare it with another party's
    Head {
        /// Write it to a file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// A head that another party was shown
        #[arg(long, value_name = "FILE")]
        compare: Option<PathBuf>,
    },
    /// Settle a transaction from a file
    Submit {
        /// The transaction
        file: PathBuf,
    },
}

/// What a ledger starts from.
#[derive(Clone, Debug, Args)]
pub struct Create {
    /// What people call it
    #[arg(long)]
    pub name: String,
    /// Refuse development keys
    #[arg(long)]
    pub production: bool,
    /// Seconds for which a replaced member root or fee policy is still accepted
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub grace: u64,
    /// Seconds until a member's new signer counts that the old one did not sign
    #[arg(long, value_name = "SECONDS", default_value_t = 604_800)]
    pub signer_delay: u64,
    /// Most bytes of one transaction or entry
    #[arg(long, value_name = "BYTES", default_value_t = 32_768)]
    pub max_bytes: u32,
    /// Ledger time before the first entry [default: the last full hour]
    #[arg(long, value_name = "TIME", value_parser = clock::instant)]
    pub genesis: Option<u64>,
    /// The community's fee.
    #[command(flatten)]
    pub fee: super::registry::Fee,
    /// Write the operator's phrase to this new file instead of the terminal
    #[arg(long, value_name = "FILE")]
    pub phrase_file: Option<PathBuf>,
}
