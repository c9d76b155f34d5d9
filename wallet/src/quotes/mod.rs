//! Sealed quotes (protocol, section 6): the buyer asks, opens, excludes and awards; suppliers quote; bidders check the award and,
//! once the deal has settled, that it is with the winner at the winning total.
//!
//! All secrets derive from the seed, so that phrase and ledger restore opened quotes, awards and links.

mod buyer;
mod link;
mod supplier;

pub use buyer::{Ask, KeyGrant, KeyRequest, OpenedQuote};
pub use link::{LinkFile, Linked, check_link};

use crate::wallet::WalletError;
use privity_ledger::{CheckError, StoreError};

/// Why a request, a quote, an award or a link is not made or not accepted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum QuoteError {
    /// A rule of section 6.
    #[error(transparent)]
    Rule(#[from] privity_quotes::Error),
    /// What the log holds.
    #[error(transparent)]
    Log(#[from] CheckError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The wallet.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The request is another member's.
    #[error("the request is not by this account; use the buyer's")]
    NotBuyer,
    /// The key was granted for another request.
    #[error("the operator's grant is for another ledger, buyer or nonce; pass the answer to this very key request")]
    Grant,
    /// No quote of this account.
    #[error("this account has no quote for this request in the log; quote while it is open")]
    NoQuote,
    /// More revisions than a restore would look through.
    #[error(
        "this account has prepared 64 quotes for this request, and a restore looks through no more; log one of them"
    )]
    Attempts,
    /// No award yet.
    #[error("the request has no award; wait for it, or see `void` if its delay is over")]
    NoAward,
    /// The deal does not answer the request.
    #[error("the deal {0}; it does not honour the award, ask its parties")]
    Deal(&'static str),
    /// No such deal of this wallet.
    #[error(
        "this wallet knows no settled deal with these terms; scan the ledger, or pass the terms of a deal of yours"
    )]
    UnknownDeal,
}
