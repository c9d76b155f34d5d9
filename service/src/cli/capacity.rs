//! `privity certify …`, `issue`

use super::Settle;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Certified capacity.
#[derive(Debug, Subcommand)]
pub enum Certify {
    /// What a capacity group would have attested; no wallet needed
    Check {
        /// A WeekBasedCapacityGroup
        #[arg(long, value_name = "FILE")]
        capacity_group: PathBuf,
    },
    /// Supplier: ask for an attestation
    Request {
        /// A WeekBasedCapacityGroup
        #[arg(long, value_name = "FILE")]
        capacity_group: PathBuf,
        /// Which of its attestations, eight weeks each
        #[arg(long, default_value_t = 1)]
        part: usize,
        /// Ask for another quantity in every week, in units
        #[arg(long, value_name = "UNITS")]
        quantity: Option<String>,
        /// A correction keeps the serial of the request that it corrects
        #[arg(long, value_name = "INDEX")]
        serial: Option<u32>,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Certifier: sign a request within what the capacity group states
    Sign {
        /// The request
        request: PathBuf,
        /// The WeekBasedCapacityGroup, as the certifier knows it
        #[arg(long, value_name = "FILE")]
        capacity_group: PathBuf,
        /// The book that all certifiers of the resource share [default: certifier.book in the home]
        #[arg(long, value_name = "FILE")]
        book: Option<PathBuf>,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Supplier: show the certifier which attestation issued, by opening its serial
    Open {
        /// The attestation
        attestation: PathBuf,
        /// A new file, for the certifier alone
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Certifier: enter which attestation issued, so that the others count no more
    Settle {
        /// The attestation
        attestation: PathBuf,
        /// What `certify open` wrote
        #[arg(long, value_name = "FILE")]
        opening: PathBuf,
        /// The shared book [default: certifier.book in the home]
        #[arg(long, value_name = "FILE")]
        book: Option<PathBuf>,
    },
}

/// Issue.
#[derive(Clone, Debug, Args)]
pub struct Issue {
    /// The attestation
    pub attestation: PathBuf,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}
