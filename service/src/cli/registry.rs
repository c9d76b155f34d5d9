//! `privity register …`, `revoke …`, `member …`, `policy …`

use super::keys::Relation;
use crate::clock;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Enter something into the ledger.
#[derive(Debug, Subcommand)]
pub enum Register {
    /// A signer: issuer, certifier, inspector, arbiter
    Signer {
        /// Public key: 128 hexadecimal digits, as `wallet address` shows it
        key: String,
    },
    /// A token of a registered issuer
    Token {
        /// Its name
        name: String,
        /// Signer id of the issuer
        #[arg(long)]
        issuer: String,
    },
    /// Verifying keys under which proofs are accepted
    Key {
        /// Relations whose keys lie in the key directory; made if need be
        relations: Vec<Relation>,
        /// Those of all relations
        #[arg(long, conflicts_with_all = ["relations", "file"])]
        all: bool,
        /// A verifying key's bytes
        #[arg(long, value_name = "FILE", conflicts_with = "relations")]
        file: Option<PathBuf>,
        /// Until when it is accepted [default: for ever]
        #[arg(long, value_name = "TIME", value_parser = clock::instant)]
        ends: Option<u64>,
    },
    /// Approve a registered signer as certifier
    Certifier {
        /// Signer id
        id: String,
    },
    /// One more operator key
    Operator {
        /// Public key: 128 hexadecimal digits
        key: String,
    },
}

/// Strike something out.
#[derive(Debug, Subcommand)]
pub enum Revoke {
    /// A signer
    Signer {
        /// Signer id
        id: String,
    },
    /// A token
    Token {
        /// Its name or asset id
        asset: String,
    },
    /// A verifying key
    Key {
        /// Key id: 64 hexadecimal digits
        id: String,
    },
    /// A certifier
    Certifier {
        /// Signer id
        id: String,
    },
    /// An operator key; the last one stays
    Operator {
        /// Signer id
        id: String,
    },
    /// A member
    Member {
        /// Address or owner
        owner: String,
    },
}

/// Members.
#[derive(Debug, Subcommand)]
pub enum Member {
    /// Operator: admit an address with a signer of its own, or change its signer
    Admit {
        /// Address or owner
        owner: String,
        /// The signer's public key: 128 hexadecimal digits
        #[arg(long, value_name = "KEY")]
        signer: String,
        /// What `member consent` printed; without it a change waits
        #[arg(long, value_name = "SIGNATURE")]
        consent: Option<String>,
    },
    /// Member: sign over to a new signer
    Consent {
        /// The new signer's public key: 128 hexadecimal digits
        signer: String,
    },
}

/// The fee policy.
#[derive(Debug, Subcommand)]
pub enum Policy {
    /// Operator: set the fee from now on
    Set(Fee),
}

/// The community's fee per deal.
#[derive(Clone, Debug, Args)]
pub struct Fee {
    /// Minor units per deal
    #[arg(long, default_value_t = 0)]
    pub flat: u64,
    /// Basis points of the total, rounded up
    #[arg(long, default_value_t = 0)]
    pub rate: u64,
    /// Address that receives the fees [default: the operator's own]
    #[arg(long, value_name = "ADDRESS")]
    pub treasury: Option<String>,
}
