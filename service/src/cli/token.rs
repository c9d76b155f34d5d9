//! `privity mint`, `send`, `consolidate`, `withdraw`

use super::Settle;
use crate::clock;
use clap::Args;

/// Mint.
#[derive(Clone, Debug, Args)]
pub struct Mint {
    /// The token's registered name
    pub token: String,
    /// Minor units
    pub amount: u64,
    /// Who receives them
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
    /// From when they may be spent
    #[arg(long, value_name = "TIME", value_parser = clock::instant, default_value = "0")]
    pub unlock: u64,
    /// Text that the recipient reads
    #[arg(long, default_value = "")]
    pub memo: String,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}

/// Send.
#[derive(Clone, Debug, Args)]
pub struct Send {
    /// A token's name, or an asset id
    pub asset: String,
    /// Minor units; millionths of the unit for capacity
    pub amount: u64,
    /// Who receives them
    #[arg(long, value_name = "ADDRESS")]
    pub to: String,
    /// From when they may be spent
    #[arg(long, value_name = "TIME", value_parser = clock::instant, default_value = "0")]
    pub unlock: u64,
    /// Text that the recipient reads
    #[arg(long, default_value = "")]
    pub memo: String,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}

/// Consolidate.
#[derive(Clone, Debug, Args)]
pub struct Consolidate {
    /// A token's name, or an asset id
    pub asset: String,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}

/// Withdraw.
#[derive(Clone, Debug, Args)]
pub struct Withdraw {
    /// A token's name, or an asset id
    pub asset: String,
    /// Minor units
    pub amount: u64,
    /// Signer id of the recipient; without one the value is burnt
    #[arg(long, value_name = "ID")]
    pub recipient: Option<String>,
    /// Where it goes.
    #[command(flatten)]
    pub settle: Settle,
}
