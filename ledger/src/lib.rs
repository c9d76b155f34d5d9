//! The shared ledger as a pure state machine, and its stores.
//!
//! [`apply`] takes a [`State`], a [`Checked`] transaction or entry, and the time: no clock, no randomness, no input or output. A
//! [`Checked`] holds [`Verified`](privity_verifier::Verified) claims, which the verifier alone can make. [`Ledger`] puts the state
//! machine on a [`Store`]: it verifies proofs outside its lock, settles many transactions per durable write, and keeps a
//! hash-chained log from which [`audit`](audit::audit) rebuilds the same state.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod apply;
pub mod aside;
pub mod audit;
mod bytes;
mod check;
mod ciphertexts;
mod claims;
pub mod context;
mod docket;
mod effects;
mod entry;
mod genesis;
mod ledger;
mod memo;
mod record;
mod registered;
mod rejection;
mod rules;
mod state;
pub mod store;
mod tender;
mod tendering;
mod transaction;
pub mod tree;

pub use apply::{ApplyError, Item, Receipt, apply, screen, validate};
pub use bytes::{Codec, CodecError, MAX_NAME, Name, Reader};
pub use check::{CheckError, Checked, check};
pub use ciphertexts::{Ciphertexts, ENVELOPE_BYTES, Envelope, SEALED_NOTE_BYTES, SealedNote};
pub use claims::{Claim, Claims, Encoded, Form, Proofs, Proven, Settled, Statements, Stating, Unproven};
pub use context::{Frame, Kind};
pub use docket::Docket;
pub use effects::{Effects, Withdrawal};
pub use entry::{Admission, Entry, EntryBody, NO_END, Registration, Revocation};
pub use genesis::{Genesis, LedgerHash};
pub use ledger::{Ledger, LocalOperator, Operator, Submission, SubmitError};
pub use memo::{Acknowledgement, Memo};
pub use record::{Head, Record, SplitView};
pub use rejection::Rejection;
pub use state::{Member, State, Token, state_root};
pub use store::{Changes, MemoryStore, Read, RedbStore, Store, StoreError};
pub use tender::Tender;
pub use tendering::{Phase, Tendering};
pub use transaction::{Body, Delivery, Leg, Spend, Stated, Transaction, TransactionId};
