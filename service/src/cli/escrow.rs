//! `privity receipt …`, `release`, `refund`, `arbitrate`, `agree …`, `disclose`, `check-disclosure`

use super::Settle;
use crate::clock;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The inspector's word.
#[derive(Debug, Subcommand)]
pub enum Receipt {
    /// Sign the next receipt of a deal
    Sign {
        /// The deal's brief
        #[arg(long, value_name = "FILE")]
        brief: PathBuf,
        /// Delivered in all, earlier deliveries included, in units
        #[arg(long, value_name = "UNITS", required_unless_present = "delivery_information")]
        delivered: Option<String>,
        /// When it arrived
        #[arg(long, value_name = "TIME", value_parser = clock::instant, required_unless_present = "delivery_information")]
        at: Option<u64>,
        /// Nothing more will be delivered
        #[arg(long)]
        last: bool,
        /// Prefill quantity and time from the arrivals of a DeliveryInformation behind the last receipt
        #[arg(long, value_name = "FILE", conflicts_with_all = ["delivered", "at"])]
        delivery_information: Option<PathBuf>,
        /// The inspector's book [default: inspector.book in the home]
        #[arg(long, value_name = "FILE")]
        book: Option<PathBuf>,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Sign that no more receipts will be signed, so that an arbiter may decide
    Acknowledge {
        /// The deal's brief
        #[arg(long, value_name = "FILE")]
        brief: PathBuf,
        /// The inspector's book [default: inspector.book in the home]
        #[arg(long, value_name = "FILE")]
        book: Option<PathBuf>,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Release.
#[derive(Clone, Debug, Args)]
pub struct Release {
    /// A receipt or an award
    pub evidence: PathBuf,
    /// Show the amounts only
    #[arg(long)]
    pub preview: bool,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}

/// Refund.
#[derive(Clone, Debug, Args)]
pub struct Refund {
    /// The terms' id
    pub terms: String,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}

/// Arbitrate.
#[derive(Clone, Debug, Args)]
pub struct Arbitrate {
    /// The deal's brief
    #[arg(long, value_name = "FILE")]
    pub brief: PathBuf,
    /// The inspector's acknowledgement, if the terms name an inspector
    #[arg(long, value_name = "FILE")]
    pub acknowledgement: Option<PathBuf>,
    /// Settled before, in units
    #[arg(long, value_name = "UNITS")]
    pub done: String,
    /// Minor units to the supplier
    #[arg(long)]
    pub pay: u64,
    /// Millionths of capacity used
    #[arg(long)]
    pub used: u64,
    /// The arbiter's book [default: arbiter.book in the home]
    #[arg(long, value_name = "FILE")]
    pub book: Option<PathBuf>,
    /// Where to
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// An agreement of both parties.
#[derive(Debug, Subcommand)]
pub enum Agree {
    /// Propose a settlement and sign it
    Propose {
        /// The terms' id
        terms: String,
        /// Minor units to the supplier
        #[arg(long)]
        pay: u64,
        /// Millionths of capacity used
        #[arg(long)]
        used: u64,
        /// Seconds within which it must settle
        #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
        expires_in: u64,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check the other party's proposal and sign it too
    Sign {
        /// The proposal
        proposal: PathBuf,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Settle what both parties signed
    Settle {
        /// The agreement
        agreement: PathBuf,
        /// Write the transaction to a file instead of settling it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// What is shown, and to whom.
#[derive(Clone, Debug, Args)]
pub struct Pledge {
    /// A token's name, or an asset id
    #[arg(long)]
    pub asset: String,
    /// At least this much in one note, minor units (millionths for capacity)
    #[arg(long, value_name = "AMOUNT")]
    pub at_least: u64,
    /// Locked at least until then
    #[arg(long, value_name = "TIME", value_parser = clock::instant)]
    pub hold: u64,
    /// Within what it is pledged once: the Monday of a week (YYYY-MM-DD), or an RFQ id
    #[arg(long)]
    pub scope: String,
    /// Signer id of the audience
    #[arg(long, value_name = "ID")]
    pub audience: String,
}

/// Disclose.
#[derive(Clone, Debug, Args)]
pub struct Disclose {
    /// What is shown.
    #[command(flatten)]
    pub pledge: Pledge,
    /// Where to
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Check a disclosure.
#[derive(Clone, Debug, Args)]
pub struct CheckDisclosure {
    /// The disclosure
    pub disclosure: PathBuf,
    /// What was asked for.
    #[command(flatten)]
    pub pledge: Pledge,
    /// Tags accepted so far [default: audience.book in the home]
    #[arg(long, value_name = "FILE")]
    pub book: Option<PathBuf>,
}
