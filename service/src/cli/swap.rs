//! `privity swap …`

use super::Settle;
use clap::Subcommand;
use std::path::PathBuf;

/// A swap in four steps.
#[derive(Debug, Subcommand)]
pub enum Swap {
    /// Say what is given and wanted; nothing is signed
    Propose {
        /// AMOUNT ASSET, minor units
        #[arg(long, num_args = 2, value_names = ["AMOUNT", "ASSET"])]
        give: Vec<String>,
        /// AMOUNT ASSET, minor units
        #[arg(long, num_args = 2, value_names = ["AMOUNT", "ASSET"])]
        want: Vec<String>,
        /// Address of the other party
        #[arg(long, value_name = "ADDRESS")]
        with: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check a proposal and add one's outputs; nothing is signed
    Answer {
        /// The proposal
        proposal: PathBuf,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check the answer and sign one's leg, firm until expiry
    Offer {
        /// The answer
        answer: PathBuf,
        /// Seconds for which the offer is firm
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        expires_in: u64,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check the offer, sign the other leg, and settle both
    Accept {
        /// The offer
        offer: PathBuf,
        /// Write the transaction to a file instead of settling it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Forget a swap in which nothing was signed
    End {
        /// The swap's id
        swap: String,
    },
    /// Spend what was promised to oneself: whoever settles first wins
    Revoke {
        /// The swap's id
        swap: String,
        /// Where it goes.
        #[command(flatten)]
        settle: Settle,
    },
}
