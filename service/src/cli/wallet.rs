//! `privity wallet …`

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// Wallets.
#[derive(Debug, Subcommand)]
pub enum Wallet {
    /// Make a wallet; its phrase is shown once
    Create {
        /// Accounts 0 … n − 1
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
        accounts: u32,
        /// Write the phrase to this new file instead of the terminal
        #[arg(long, value_name = "FILE")]
        phrase_file: Option<PathBuf>,
        /// The node whose ledger the wallet lives on, if this home has none yet; it asks for --token-file
        #[arg(long, value_name = "URL", requires = "token_file")]
        url: Option<String>,
        /// File with a token of that node, scope auditor
        #[arg(long, value_name = "FILE", requires = "url")]
        token_file: Option<PathBuf>,
    },
    /// Rebuild a wallet from its phrase and the ledger
    Restore {
        /// Accounts 0 … n − 1
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
        accounts: u32,
        /// Read the phrase from this file instead of the terminal
        #[arg(long, value_name = "FILE")]
        phrase_file: Option<PathBuf>,
    },
    /// Open more accounts of the wallet and read what the ledger settled for them
    Open {
        /// Accounts 0 … n − 1; those that are open stay open
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1000))]
        accounts: u32,
    },
    /// Address, owner and signer, for others
    Address,
    /// Unspent value by asset
    Balance,
    /// Notes
    Notes {
        /// Spent ones too
        #[arg(long)]
        all: bool,
    },
    /// What happened, with net, fee, lateness and rounding
    History {
        /// Write it to a file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// How the file is written
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
        /// Only lines with this order, RFQ or material number
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
    },
    /// Deals, what their escrows hold, and open negotiations
    Deals,
    /// Treasury: the fees of deals, and the deals whose fee does not open
    Fees,
    /// Write the account's viewing key: it reads everything and spends nothing
    ViewingKey {
        /// A new file; it holds a secret
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Read the ledger with somebody's viewing key
    View {
        /// The viewing key
        file: PathBuf,
    },
}

/// How a history is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// RFC 4180.
    Csv,
    /// An array.
    Json,
}
