//! The HTTP service: a server per test on a free port, its ledger on simulated keys.

mod annex;
mod app;
mod client;
mod daemon;
mod deal;
mod faults;
mod follow;
mod home;
mod hostile;
mod ledger;
mod pages;
mod process;
mod races;
mod system;
mod tls;
#[path = "../../../ledger/tests/common/mod.rs"]
mod world;
