//! The wallet daemon: an ERP drives wallets over HTTP, whose spend keys stay in this process.
//!
//! It has a listener of its own, on loopback unless the operator says otherwise, is off unless asked for, and takes one token that opens
//! nothing else. What it does is what the command does: the same code, with messages in bodies instead of files.

mod calls;
mod desk;
mod listen;
mod routes;
mod views;

pub use desk::{Counter, Denied, Desk};
pub use listen::{Daemon, Drawer};
