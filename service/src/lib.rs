//! The `privity` command: everything that a member, an operator, a certifier, an inspector or an arbiter does, and the demo.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod answer;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod demo;
pub mod directory;
pub mod env;
pub mod error;
pub mod files;
pub mod home;
pub mod keyring;
pub mod progress;
pub mod purse;
pub mod secret;
pub mod server;
pub mod terms;
pub mod view;
