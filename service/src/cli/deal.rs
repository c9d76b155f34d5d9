//! `privity deal …`

use super::Settle;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// A deal in four messages, and how it ends without one.
#[derive(Debug, Subcommand)]
pub enum Deal {
    /// Supplier: terms from the documents, one's outputs; nothing is signed
    Draft {
        /// What the terms are made from.
        #[command(flatten)]
        terms: Box<Terms>,
        /// The request whose winning quote this is: 64 hexadecimal digits
        #[arg(long, value_name = "RFQ")]
        rfq: Option<String>,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Buyer: check the draft, add one's outputs; nothing is signed
    Request {
        /// The draft
        draft: PathBuf,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Supplier: check the request and sign one's leg, firm until expiry
    Offer {
        /// The request
        request: PathBuf,
        /// Seconds for which the offer is firm
        #[arg(long, value_name = "SECONDS", default_value_t = 600)]
        expires_in: u64,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Buyer: check the offer, sign and prove the rest; the deal is then settled by its buyer
    Accept {
        /// The offer
        offer: PathBuf,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Buyer: settle the accepted deal on the ledger
    Settle {
        /// What `deal accept` wrote
        file: PathBuf,
    },
    /// Spend what was promised to oneself: whoever settles first wins
    Revoke {
        /// The terms' id
        terms: String,
        /// Where it goes.
        #[command(flatten)]
        settle: Settle,
    },
    /// Forget a negotiation in which nothing was signed
    End {
        /// The terms' id
        terms: String,
    },
    /// Write what an inspector or arbiter is shown: parties and goods, no price
    Brief {
        /// The terms' id
        terms: String,
        /// Where to
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// What terms are made from.
#[derive(Clone, Debug, Args)]
pub struct Terms {
    /// A folder with the documents and deal.toml
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Price breaks [default: price_breaks.csv in the folder or beside it]
    #[arg(long, value_name = "FILE")]
    pub price_table: Option<PathBuf>,
    /// The buyer's address
    #[arg(long, value_name = "ADDRESS")]
    pub buyer: String,
    /// Signer id of the certifier of the capacity
    #[arg(long, value_name = "ID")]
    pub certifier: String,
    /// Address or owner to whom the capacity was attested [default: this account]
    #[arg(long, value_name = "OWNER")]
    pub origin: Option<String>,
    /// Signer id of the inspector, if deal.toml names one
    #[arg(long, value_name = "ID")]
    pub inspector: Option<String>,
    /// Signer id of the arbiter, if deal.toml names one
    #[arg(long, value_name = "ID")]
    pub arbiter: Option<String>,
    /// Signer id of the auditor, if deal.toml names one
    #[arg(long, value_name = "ID")]
    pub auditor: Option<String>,
    /// The token that pays, by name or asset id [default: the one that deal.toml names]
    #[arg(long, value_name = "ASSET")]
    pub currency: Option<String>,
}
