//! `privity serve`, `privity config …`, `privity token …`, `privity backup`, `privity restore`

use crate::server::Scope;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Serve.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Settings; without them a ledger with development keys is served on loopback
    #[arg(long, value_name = "FILE", env = "PRIVITY_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Settings of `serve`.
#[derive(Debug, Subcommand)]
pub enum Config {
    /// Every key with its default
    Example,
    /// Read settings and environment as `serve` would, and say what does not fit
    Check {
        /// Settings
        #[arg(value_name = "FILE", env = "PRIVITY_CONFIG")]
        file: Option<PathBuf>,
    },
}

/// Credentials of `serve`.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token, which is shown once, or let a client certificate be one
    New(NewToken),
    /// Who has which
    List {
        /// The file of tokens [default: tokens.json in the home]
        #[arg(long, value_name = "FILE")]
        tokens: Option<PathBuf>,
    },
    /// Refuse a credential from now on
    Revoke {
        /// Its id, as `token list` shows it
        id: String,
        /// The file of tokens [default: tokens.json in the home]
        #[arg(long, value_name = "FILE")]
        tokens: Option<PathBuf>,
    },
}

/// A new credential.
#[derive(Clone, Debug, Args)]
pub struct NewToken {
    /// Who calls; credentials of one name share quotas, jobs and deals
    #[arg(long)]
    pub name: String,
    /// What it may do: submitter, prover, auditor, operator
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub scopes: Vec<Scope>,
    /// The member address or owner for which it acts in deals
    #[arg(long, value_name = "ADDRESS")]
    pub party: Option<String>,
    /// Days until it is refused
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub days: u64,
    /// A client certificate in PEM that is the credential, instead of a token
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The file of tokens [default: tokens.json in the home]
    #[arg(long, value_name = "FILE")]
    pub tokens: Option<PathBuf>,
}

/// Back up a node that runs.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// The node's address
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8380")]
    pub url: String,
    /// File with a token of scope operator
    #[arg(long, value_name = "FILE")]
    pub token_file: PathBuf,
    /// Copy what the service keeps beside the log as well: jobs, deals, webhooks, idempotency keys, tokens, heads
    #[arg(long, value_name = "FILE")]
    pub service: Option<PathBuf>,
    /// Where to; what is written is verified by replay
    pub file: PathBuf,
}

/// Rebuild a node from copies.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// The copy that `privity backup --service` made, for the home: its files must not exist yet
    #[arg(long, value_name = "FILE")]
    pub service: Option<PathBuf>,
    /// The copy of the log
    pub file: PathBuf,
}
