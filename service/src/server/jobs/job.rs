//! A job as its caller sees it and as the store keeps it: never with a witness.

use super::fair::Priority;
use super::wire::Relation;
use crate::server::id::timed_id;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

timed_id!(
    /// A job's id.
    JobId
);

/// Where a job stands. All but the first two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = JobState)]
pub enum State {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// The proof is in `result`.
    Done,
    /// There is no proof; `fault` says why.
    Failed,
    /// Its caller cancelled it.
    Cancelled,
    /// It waited longer than the limit.
    Expired,
    /// The service stopped before it was done, and the witness was in memory alone: resubmit.
    Interrupted,
}

impl State {
    /// Whether nothing changes it any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// How far a running job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// `witness`, `prove` or `verify`.
    pub stage: String,
    /// Things of this stage that are done, in the batch that the job is part of.
    pub done: usize,
    /// Things of this stage in all.
    pub total: usize,
}

/// A proof that the service's own verifier accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proved {
    /// Id of the verifying key, 64 hexadecimal digits.
    pub key: String,
    /// The 192 bytes of the proof in hexadecimal digits.
    pub proof: String,
}

/// Why there is no proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What happened.
    pub detail: String,
    /// The rule that the witness breaks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<String>,
    /// What to do.
    pub remedy: String,
}

/// An order for one proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its id.
    #[schema(value_type = String)]
    pub id: JobId,
    /// What is proved, as `transfer-2x3.v1`.
    #[schema(value_type = String)]
    pub relation: Relation,
    /// Its class.
    pub priority: Priority,
    /// Where it stands.
    pub state: State,
    /// When it came, Unix seconds.
    pub submitted: u64,
    /// Until when it waits for a worker; once it is final, until when it can be read. Unix seconds.
    pub expires: u64,
    /// When it became final.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended: Option<u64>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub progress: Option<JobProgress>,
    /// The proof.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub result: Option<Proved>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fault: Option<Fault>,
}

impl Job {
    /// The job as it ended.
    pub(super) fn ended(mut self, outcome: Outcome, now: u64, kept: u64) -> Self {
        self.progress = None;
        self.ended = Some(now);
        self.expires = now.saturating_add(kept);
        (self.state, self.result, self.fault) = match outcome {
            Outcome::Done(proved) => (State::Done, Some(proved), None),
            Outcome::Failed(fault) => (State::Failed, None, Some(fault)),
            Outcome::Cancelled => (State::Cancelled, None, None),
            Outcome::Expired => {
                let fault =
                    fault("the job waited longer than the queue lets one wait", "resubmit when the queue is shorter");
                (State::Expired, None, Some(fault))
            }
            Outcome::Interrupted => {
                let what = "interrupted: the service stopped before the proof was made, and keeps no witness on disk";
                (State::Interrupted, None, Some(fault(what, "resubmit")))
            }
        };
        self
    }
}

/// How a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done(Proved),
    Failed(Fault),
    Cancelled,
    Expired,
    Interrupted,
}

pub(super) fn fault(detail: &str, remedy: &str) -> Fault {
    Fault { detail: detail.to_owned(), rule: None, remedy: remedy.to_owned() }
}
