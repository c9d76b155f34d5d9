//! What can be typed: one file per group of commands.

pub mod capacity;
pub mod deal;
pub mod documents;
pub mod escrow;
pub mod keys;
pub mod ledger;
pub mod registry;
pub mod rfq;
pub mod serve;
pub mod swap;
pub mod token;
pub mod wallet;

use crate::clock;
use clap::{Args, Parser, Subcommand};
use privity_prover::EngineChoice;
use std::path::PathBuf;

/// Confidential contracts: certified capacity, private payments, deals in escrow.
#[derive(Debug, Parser)]
#[command(name = "privity", version, arg_required_else_help = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// Where wallets, keys and the ledger lie [default: ~/.privity]
    #[arg(long, global = true, value_name = "DIR", env = "PRIVITY_HOME")]
    pub home: Option<PathBuf>,
    /// The ledger's store [default: ledger.redb in the home]
    #[arg(long, global = true, value_name = "FILE", env = "PRIVITY_LEDGER")]
    pub ledger: Option<PathBuf>,
    /// The proving keys [default: keys/ in the home]
    #[arg(long, global = true, value_name = "DIR", env = "PRIVITY_KEYS")]
    pub keys: Option<PathBuf>,
    /// What proves: fast, plain or ark; the first two with lanes, as fast:portable [default: fast]
    #[arg(long, global = true, value_name = "ENGINE", env = "PRIVITY_ENGINE")]
    pub engine: Option<EngineChoice>,
    /// Which wallet; `operator` is the operator's own
    #[arg(long, global = true, value_name = "NAME", env = "PRIVITY_WALLET", default_value = "main")]
    pub wallet: String,
    /// Which account of the wallet; 0 is the member address
    #[arg(long, global = true, value_name = "INDEX", default_value_t = 0)]
    pub account: u32,
    /// The time: RFC 3339 with offset, or Unix seconds [default: the machine's clock]
    #[arg(long, global = true, value_name = "TIME", env = "PRIVITY_NOW", value_parser = clock::instant)]
    pub now: Option<u64>,
    /// The wallet's password is the first line of this file; else PRIVITY_PASSWORD, else a prompt
    #[arg(long, global = true, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// The operator key's password, if it is another; else PRIVITY_OPERATOR_PASSWORD
    #[arg(long, global = true, value_name = "FILE")]
    pub operator_password_file: Option<PathBuf>,
    /// The password of the books, if it is not the wallet's; else PRIVITY_BOOK_PASSWORD
    #[arg(long, global = true, value_name = "FILE")]
    pub book_password_file: Option<PathBuf>,
    /// Answer with one JSON object; errors are JSON on standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Show no progress
    #[arg(long, global = true)]
    pub quiet: bool,
}

/// Where a transaction goes, and until when it may settle.
#[derive(Clone, Debug, Args)]
pub struct Settle {
    /// Write the transaction to a file instead of settling it; `ledger submit` settles it later
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Seconds from now after which the ledger refuses it
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub expires_in: u64,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The demonstration: a whole deal, and attacks on it
    Demo(DemoArgs),
    /// Serve the ledger over HTTP
    Serve(serve::Serve),
    /// Settings of `serve`
    #[command(subcommand)]
    Config(serve::Config),
    /// Credentials of `serve`
    #[command(subcommand)]
    Token(serve::Token),
    /// Copy the log of a node that runs, and verify it by replay
    Backup(serve::Backup),
    /// Rebuild a ledger from a copy of its log, checking everything
    Restore(serve::Restore),
    /// Proving keys and circuits
    #[command(subcommand)]
    Keys(keys::Keys),
    /// The ledger: found, look, export, audit, submit
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Operator: enter a signer, token, key, certifier or operator
    #[command(subcommand)]
    Register(registry::Register),
    /// Operator: strike out what was entered
    #[command(subcommand)]
    Revoke(registry::Revoke),
    /// Admit members, change their signers
    #[command(subcommand)]
    Member(registry::Member),
    /// The community's fee
    #[command(subcommand)]
    Policy(registry::Policy),
    /// Wallets: make, restore, look
    #[command(subcommand)]
    Wallet(wallet::Wallet),
    /// Read Catena-X documents, price tables and deal.toml
    Import(documents::Import),
    /// Compare demand with capacity, as CX-0128 does
    Match(documents::Match),
    /// Price a deal without keys, notes or proofs
    Quote(documents::Quote),
    /// Certify capacity: ask, sign, show what was issued
    #[command(subcommand)]
    Certify(capacity::Certify),
    /// Turn an attestation into capacity notes
    Issue(capacity::Issue),
    /// Mint a token of this wallet's signer
    Mint(token::Mint),
    /// Send a token or capacity
    Send(token::Send),
    /// Make up to seven notes one
    Consolidate(token::Consolidate),
    /// Take a token out in the open, or burn it
    Withdraw(token::Withdraw),
    /// Swap two assets, both or neither
    #[command(subcommand)]
    Swap(swap::Swap),
    /// A deal: draft, request, offer, accept, settle, revoke
    #[command(subcommand)]
    Deal(deal::Deal),
    /// Sealed quotes: ask, quote, close, award, verify, link
    #[command(subcommand)]
    Rfq(rfq::Rfq),
    /// Inspector: sign what was delivered, or that nothing more will be signed
    #[command(subcommand)]
    Receipt(escrow::Receipt),
    /// Release an escrow by a receipt or an award
    Release(escrow::Release),
    /// Buyer: take back what nobody claimed
    Refund(escrow::Refund),
    /// Arbiter: decide over what is left in escrow
    Arbitrate(escrow::Arbitrate),
    /// Both parties: settle what is left
    #[command(subcommand)]
    Agree(escrow::Agree),
    /// Prove funds or capacity without moving them
    Disclose(escrow::Disclose),
    /// Audience: check a disclosure
    CheckDisclosure(escrow::CheckDisclosure),
    /// Shell completions
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// `demo`; keys are taken from `--keys`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// The deal's documents and deal.toml, with price_breaks.csv in the folder above
    #[arg(long, value_name = "DIR", default_value = "examples/data/deal")]
    pub data: PathBuf,
}
