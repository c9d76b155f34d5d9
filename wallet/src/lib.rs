//! Keys, notes, scanning and deals of one member.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[macro_use]
mod redact;

pub mod address;
pub mod build;
pub mod certify;
pub mod deal;
pub mod delivery;
pub mod disclosure;
pub mod envelope;
pub mod escrow;
pub mod evidence;
pub mod file;
mod hex;
pub mod history;
pub mod keys;
pub mod leg;
pub mod prove;
pub mod quotes;
mod random;
mod record;
pub mod scan;
pub mod seed;
pub mod select;
pub mod store;
pub mod swap;
mod treasury;
pub mod tree;
mod unseal;
mod vault;
pub mod view;
pub mod viewing;
mod wallet;

pub use address::Address;
pub use keys::{Account, Signer};
pub use prove::{Prove, ProveError, Prover};
pub use random::random_field;
pub use scan::Scanner;
pub use seed::Seed;
pub use treasury::Fee;
pub use view::{LedgerView, Member};
pub use viewing::ViewingKey;
pub use wallet::{Wallet, WalletError};
