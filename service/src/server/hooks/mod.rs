//! Webhooks: what happened, told to an address that the caller registered.
//!
//! News is written in the same transaction as what it tells of ([`post`]), so none is lost; it is sent at least once, in no promised
//! order, signed, tried again with growing pauses, and kept as a dead letter when all attempts failed. Where it may go is
//! [`target`]'s to say, once more at every connection.

mod client;
mod dispatch;
mod outbox;
pub mod routes;
mod sign;
pub mod target;

pub use dispatch::Dispatcher;
pub(crate) use dispatch::change;
pub use outbox::{Delivery, Hook, HookId, forget, post, post_to_all, post_to_party};
pub use sign::{Key, SIGNATURE_HEADERS};
pub use target::{Names, Network, Target, TargetError, Targets};
