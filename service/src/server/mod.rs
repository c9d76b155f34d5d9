//! The HTTP service: a ledger node, and what is built on it.
//!
//! [`Application::build`] takes [`Settings`] and gives a server that listens; [`Service`] is what its handlers share. There is one
//! list of routes, [`routes::configure`]: from it come the application, the OpenAPI document and, read back from that document, the
//! scope that each route demands. What is not in the list cannot be reached.

pub mod annex;
pub mod app;
pub mod backup;
pub mod blocking;
pub mod browse;
pub mod caller;
pub mod client;
pub mod clock;
pub mod daemon;
pub mod database;
pub mod document;
pub mod follow;
pub mod frame;
pub mod gate;
pub mod hooks;
pub(crate) mod id;
pub mod input;
pub mod jobs;
pub mod limits;
pub mod metrics;
pub mod node;
pub mod once;
pub mod page;
pub mod pieces;
pub mod problem;
pub mod process;
pub mod redacted;
pub mod room;
pub mod routes;
pub mod settings;
pub mod state;
pub mod system;
pub mod tls;
pub mod tokens;

pub use app::Application;
pub use caller::{Caller, Scope};
pub use database::{Database, Edit, RedbDatabase, Rows, Table};
pub use input::Input;
pub use once::{Once, Reply};
pub use problem::{Kind, Problem};
pub use redacted::Redacted;
pub use settings::Settings;
pub use state::Service;
