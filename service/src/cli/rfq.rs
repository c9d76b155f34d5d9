//! `privity rfq …`

use super::deal::Terms;
use crate::clock;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Sealed quotes and their award.
#[derive(Debug, Subcommand)]
pub enum Rfq {
    /// Buyer: ask the operator for a key to one request
    Key {
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Operator: grant a key, to be opened after the request closes
    Grant {
        /// What `rfq key` wrote
        request: PathBuf,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Buyer: log the request that the documents make
    Open(Open),
    /// Every request in the log and where it stands
    List,
    /// One request: what is asked, its quotes, what became of it
    Show {
        /// The request: 64 hexadecimal digits
        rfq: String,
    },
    /// Supplier: log a sealed quote, the total that the documents make
    Quote {
        /// The request: 64 hexadecimal digits
        rfq: String,
        /// Days from closing until the goods are due
        #[arg(long, value_name = "DAYS")]
        lead: u16,
        /// What the total is made from.
        #[command(flatten)]
        terms: Box<Terms>,
    },
    /// Operator: publish the secret of a request's key after it closed
    Reveal {
        /// The request: 64 hexadecimal digits
        rfq: String,
    },
    /// Buyer: read the quotes, and exclude those that do not open
    Close {
        /// The request: 64 hexadecimal digits
        rfq: String,
    },
    /// Buyer: prove and log which quote is best
    Award {
        /// The request: 64 hexadecimal digits
        rfq: String,
    },
    /// Anybody: verify quotes, exclusions and award again, from the log alone
    Verify {
        /// The request: 64 hexadecimal digits
        rfq: String,
    },
    /// Winner or buyer: show the bidders that a settled deal is the winning quote's
    Link {
        /// The request: 64 hexadecimal digits
        rfq: String,
        /// The deal's terms
        #[arg(long, value_name = "ID")]
        terms: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Bidder: check what `rfq link` wrote
    CheckLink {
        /// The link
        file: PathBuf,
    },
}

/// What is asked for, and by when.
#[derive(Clone, Debug, Args)]
pub struct Open {
    /// A folder with the documents and deal.toml
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// What `rfq grant` wrote
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// Weight of a minor unit of price, below 32768
    #[arg(long, value_name = "WEIGHT", default_value_t = 1)]
    pub price_weight: u16,
    /// Weight of a day of lead time, below 32768
    #[arg(long, value_name = "WEIGHT", default_value_t = 0)]
    pub lead_weight: u16,
    /// From when on quotes are accepted [default: now]
    #[arg(long, value_name = "TIME", value_parser = clock::instant)]
    pub opens: Option<u64>,
    /// From when on no quote is accepted
    #[arg(long, value_name = "TIME", value_parser = clock::instant)]
    pub closes: u64,
    /// Seconds after closing within which the operator opens and the buyer awards
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub delay: u64,
    /// The token of the quotes, by name or asset id [default: the one that deal.toml names]
    #[arg(long, value_name = "ASSET")]
    pub currency: Option<String>,
}
