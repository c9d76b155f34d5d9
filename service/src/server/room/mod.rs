//! The deal room: what two parties exchange before and after a deal, in the words integrators know.
//!
//! The service keeps who deals with whom, in which state, and envelopes in their order; what is in an envelope or an attachment only
//! the two parties read ([`letter`]). [`State::after`] is the whole state machine; the module `store` keeps it; a deal of another party and no
//! deal are one answer.

pub mod letter;
mod machine;
pub mod routes;
mod store;

pub use letter::{Aspect, Letter, LetterError};
pub use machine::{Act, Role, State};
pub use store::{Deal, DealId, Header, MAX_ENVELOPE, MAX_PART, NewDeal, NewEnvelope, is_any_over, lapse_all};
