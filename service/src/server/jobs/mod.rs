//! The proving service: statement and witness in, a job out, later a proof.
//!
//! [`wire`] is what a caller sends; [`Queue`] holds it in order; [`Workers`] take batches of one relation and have them proved. What
//! the store keeps of a job is [`Job`]: who, which relation, when, how it ended. The witness stays in memory, is overwritten when
//! it is no longer needed, and leaves memory only as a [`Sealed`] box for a worker elsewhere.

mod fair;
mod job;
mod prover;
mod queue;
pub mod routes;
mod sealed;
pub mod wire;
mod workers;

pub use fair::Priority;
pub use job::{Fault, Job, JobId, JobProgress, Proved, State};
pub use prover::{Proving, ProvingError, StoredProver};
pub use queue::{Embedded, Limits, NewJob, Queue, Taken};
pub use sealed::{SealError, Sealed, WorkerKey};
pub use workers::Workers;
