//! The queue: what is taken, in which order, and that nothing taken is lost or silent.

use super::fair::{Priority, Turns};
use super::job::{Fault, Job, JobId, JobProgress, Outcome, Proved, State};
use super::wire::{Relation, Secret};
use crate::server::hooks;
use crate::server::{Database, Edit, Kind, Once, Problem, Reply, Table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Rows of old jobs that are looked at in one pass.
const SWEEP: usize = 1_000;

/// What a queue takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Jobs that are not final, of all callers.
    pub jobs: usize,
    /// Jobs that are not final, of one caller.
    pub per_caller: usize,
    /// Seconds for which a job waits for a worker.
    pub wait: u64,
    /// Seconds for which a final job can be read.
    pub kept: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { jobs: 256, per_caller: 32, wait: 600, kept: 86_400 }
    }
}

/// A job to be.
#[derive(Debug)]
pub struct NewJob {
    /// Its class.
    pub priority: Priority,
    /// What to prove; it has passed the relation's check.
    pub secret: Secret,
}

/// A job that a worker has.
#[derive(Debug)]
pub struct Taken {
    /// Its id.
    pub id: JobId,
    /// What to prove.
    pub secret: Secret,
    /// Set once nobody wants the proof.
    pub cancelled: Arc<AtomicBool>,
}

/// Proving jobs in order. What every implementation promises:
///
/// - **ordering**: of eight turns five go to jobs of high priority, two to normal, one to low, and a class without jobs yields; within a
///   class callers take turns; a caller's jobs of one relation go first in, first out. A batch is filled with jobs of its relation, which
///   may overtake others;
/// - **durability**: when [`submit`](Self::submit) answers, what the store keeps of the job survives a crash. The witness does not: it is
///   never written, or written [sealed](super::Sealed) only. A job whose witness is gone becomes `interrupted` when the service starts
///   again; no accepted job disappears without a final state;
/// - **idempotency**: the same [`Once`] makes one job and answers the same, also while the queue is full; a final state is never
///   changed, and finishing a final job changes nothing;
/// - **delivery**: a job is with one worker at a time. The embedded queue hands it out once; a shared one hands it out again if its
///   worker is lost, which is harmless: two proofs of one statement are both good, and the first to finish counts;
/// - **isolation**: a job of another caller and no job are one answer.
pub trait Queue: Send + Sync {
    /// Whether a job of `caller` would be refused now, and how.
    fn refuses(&self, caller: &str) -> Option<Problem>;

    /// Takes a job: 202, the [`Job`], and where it is.
    ///
    /// # Errors
    /// [`Kind::Overloaded`] if the queue is full, [`Kind::TooMany`] if the caller has too many, [`Kind::Stopping`], or the store's.
    fn submit(&self, caller: &str, job: NewJob, once: &Once, now: u64) -> Result<Reply, Problem>;

    /// The next jobs, of one relation; waits for them. None when the queue stops.
    fn take(&self, most: usize) -> Option<Vec<Taken>>;

    /// Says how far a job is.
    fn progress(&self, id: &JobId, progress: &JobProgress);

    /// Ends a job, unless it is final.
    fn finish(&self, id: &JobId, result: Result<Proved, Option<Fault>>, now: u64);

    /// A caller's job.
    ///
    /// # Errors
    /// [`Kind::NotFound`], or the store's.
    fn get(&self, caller: &str, id: &JobId) -> Result<Job, Problem>;

    /// A caller's jobs behind `after`, oldest first.
    ///
    /// # Errors
    /// The store's.
    fn list(&self, caller: &str, after: Option<&JobId>, limit: usize) -> Result<Vec<Job>, Problem>;

    /// Cancels a job; a final one stays as it is. A job that runs is final at once, and its worker is told. The answer is the [`Job`].
    ///
    /// # Errors
    /// [`Kind::NotFound`], [`Kind::KeyReused`], or the store's.
    fn cancel(&self, caller: &str, id: &JobId, once: &Once, now: u64) -> Result<Reply, Problem>;

    /// Changes whenever a job becomes final.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Expires what waited too long, repeats writes that failed, forgets what was kept long enough.
    ///
    /// # Errors
    /// The store's.
    fn tick(&self, now: u64) -> Result<(), Problem>;

    /// Takes nothing more, and ends what waits as interrupted. What runs is left to its workers.
    fn stop(&self, now: u64);

    /// Jobs that wait, and jobs that run.
    fn depth(&self) -> (usize, usize);

    /// Jobs that became final since the queue was opened, by relation and state.
    fn tally(&self) -> BTreeMap<(Relation, &'static str), u64>;
}

/// What the store keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    caller: String,
    job: Job,
}

struct Live {
    row: Row,
    /// None while a worker has it.
    secret: Option<Secret>,
    cancelled: Arc<AtomicBool>,
}

#[derive(Default)]
struct Inner {
    turns: Turns<JobId>,
    live: HashMap<JobId, Live>,
    /// Admitted and not final, by caller.
    held: BTreeMap<String, usize>,
    /// Final, not yet written.
    unsaved: BTreeMap<JobId, Row>,
    stopping: bool,
    tally: BTreeMap<(Relation, &'static str), u64>,
}

/// The queue of one process.
pub struct Embedded {
    database: Arc<dyn Database>,
    limits: Limits,
    inner: Mutex<Inner>,
    wake: Condvar,
    ended: watch::Sender<u64>,
}

impl Embedded {
    /// The queue over a store; jobs that the last process left become interrupted.
    ///
    /// # Errors
    /// The store's.
    pub fn open(database: Arc<dyn Database>, limits: Limits, now: u64) -> Result<Self, Problem> {
        let queue =
            Self { database, limits, inner: Mutex::default(), wake: Condvar::new(), ended: watch::Sender::new(0) };
        let mut left = Vec::new();
        queue.database.read()?.scan(Table::Jobs, &[], &mut |_, value| {
            left.extend(serde_json::from_slice::<Row>(value).ok().filter(|row| !row.job.state.is_final()));
            true
        })?;
        for row in left {
            queue.end(row, Outcome::Interrupted, now);
        }
        Ok(queue)
    }

    /// The lock is never held over a write of the store: the store's own comes first.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What it guards is changed in steps that cannot panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, caller: &str) -> Result<Admitted<'_>, Problem> {
        let mut inner = self.lock();
        if let Some(problem) = refusal(&inner, &self.limits, caller) {
            return Err(problem);
        }
        *inner.held.entry(caller.to_owned()).or_default() += 1;
        Ok(Admitted { queue: self, caller: caller.to_owned(), kept: false })
    }

    fn ended(&self, row: Row, outcome: Outcome, now: u64) -> Row {
        Row { job: row.job.ended(outcome, now, self.limits.kept), caller: row.caller }
    }

    /// Makes a job final: readers see it from here on, whether or not the store takes it at once.
    fn end(&self, row: Row, outcome: Outcome, now: u64) -> Job {
        let row = self.ended(row, outcome, now);
        let job = row.job.clone();
        self.lock().unsaved.insert(job.id.clone(), row.clone());
        if self.save(&row, now).is_ok() {
            self.lock().unsaved.remove(&job.id);
        }
        self.count(&job);
        job
    }

    /// Counts a job that became final and wakes who waits for one.
    fn count(&self, job: &Job) {
        *self.lock().tally.entry((job.relation, job.state.name())).or_default() += 1;
        self.ended.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Takes a job that is not final out of the queue; none if it is final.
    fn withdraw(&self, caller: &str, id: &JobId) -> Result<Option<Live>, Problem> {
        let mut inner = self.lock();
        match inner.live.get(id) {
            Some(live) if live.row.caller != caller => Err(missing()),
            Some(_) => {
                inner.turns.remove(id);
                release(&mut inner, caller);
                Ok(inner.live.remove(id))
            }
            None => Ok(None),
        }
    }

    /// The final job and the news of it, in one write.
    fn save(&self, row: &Row, now: u64) -> Result<(), Problem> {
        hooks::change(&*self.database, &mut |rows| tell(rows, row, now))
    }

    fn stored(&self, caller: &str, id: &JobId) -> Result<Job, Problem> {
        let row = self.database.read()?.get(Table::Jobs, id.as_str().as_bytes())?;
        let row: Option<Row> = row.and_then(|row| serde_json::from_slice(&row).ok());
        row.filter(|row| row.caller == caller).map(|row| row.job).ok_or_else(missing)
    }
}

/// A place in the queue until the job is final, or given back.
struct Admitted<'a> {
    queue: &'a Embedded,
    caller: String,
    kept: bool,
}

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        if !self.kept {
            release(&mut self.queue.lock(), &self.caller);
        }
    }
}

fn release(inner: &mut Inner, caller: &str) {
    if let Some(held) = inner.held.get_mut(caller) {
        *held -= 1;
        if *held == 0 {
            inner.held.remove(caller);
        }
    }
}

fn refusal(inner: &Inner, limits: &Limits, caller: &str) -> Option<Problem> {
    if inner.stopping {
        return Some(Problem::of(Kind::Stopping).retry_after(5));
    }
    let held: usize = inner.held.values().sum();
    if held >= limits.jobs {
        let text = format!("the queue holds {} jobs and takes no more; come again", limits.jobs);
        return Some(Problem::new(Kind::Overloaded, text).retry_after(1));
    }
    if inner.held.get(caller).is_some_and(|held| *held >= limits.per_caller) {
        let text = format!("a caller has at most {} jobs under way; wait until one is final", limits.per_caller);
        return Some(Problem::new(Kind::TooMany, text).retry_after(1));
    }
    None
}

fn missing() -> Problem {
    Problem::new(Kind::NotFound, "there is no such job; it was never yours, or is no longer kept")
}

fn by_caller(caller: &str, id: &str) -> Vec<u8> {
    [caller.as_bytes(), b"\0", id.as_bytes()].concat()
}

fn put(rows: &mut dyn Edit, row: &Row) -> Result<(), privity_ledger::StoreError> {
    let id = row.job.id.as_str();
    let value = serde_json::to_vec(row).map_err(|error| privity_ledger::StoreError::Damaged(error.to_string()))?;
    rows.put(Table::Jobs, id.as_bytes(), &value)?;
    rows.put(Table::JobsOf, &by_caller(&row.caller, id), &[])
}

/// Writes a final job, and the news of it.
fn tell(rows: &mut dyn Edit, row: &Row, now: u64) -> Result<(), Problem> {
    put(rows, row)?;
    hooks::post(rows, &row.caller, &format!("job.{}", row.job.state.name()), &row.job, now)
}

impl Queue for Embedded {
    fn refuses(&self, caller: &str) -> Option<Problem> {
        refusal(&self.lock(), &self.limits, caller)
    }

    fn submit(&self, caller: &str, new: NewJob, once: &Once, now: u64) -> Result<Reply, Problem> {
        let (mut made, mut admitted) = (None, None);
        let reply = once.run(&*self.database, now, &mut |rows| {
            if admitted.is_none() {
                admitted = Some(self.admit(caller)?);
            }
            let job = Job {
                id: JobId::fresh(now),
                relation: new.secret.relation(),
                priority: new.priority,
                state: State::Queued,
                submitted: now,
                expires: now.saturating_add(self.limits.wait),
                ended: None,
                progress: None,
                result: None,
                fault: None,
            };
            let row = Row { caller: caller.to_owned(), job };
            put(rows, &row)?;
            let reply = Reply::new(202, &row.job)?.at(format!("/v1/jobs/{}", row.job.id));
            made = Some(row);
            Ok(reply)
        })?;
        // A repetition makes nothing, and `admitted` gives the place back.
        let (Some(row), Some(mut admitted)) = (made, admitted) else { return Ok(reply) };
        let mut inner = self.lock();
        admitted.kept = true;
        if inner.stopping {
            release(&mut inner, caller);
            drop(inner);
            self.end(row, Outcome::Interrupted, now);
            return Ok(reply);
        }
        let (id, relation) = (row.job.id.clone(), row.job.relation);
        inner.turns.push(row.job.priority, caller, relation, id.clone());
        inner.live.insert(id, Live { row, secret: Some(new.secret), cancelled: Arc::default() });
        drop(inner);
        self.wake.notify_one();
        Ok(reply)
    }

    fn take(&self, most: usize) -> Option<Vec<Taken>> {
        let mut inner = self.lock();
        loop {
            if inner.stopping {
                return None;
            }
            let ids = inner.turns.take(most);
            let mut taken = Vec::with_capacity(ids.len());
            for id in ids {
                let Some(live) = inner.live.get_mut(&id) else { continue };
                let Some(secret) = live.secret.take() else { continue };
                live.row.job.state = State::Running;
                taken.push(Taken { id, secret, cancelled: live.cancelled.clone() });
            }
            if !taken.is_empty() {
                return Some(taken);
            }
            inner = self.wake.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn progress(&self, id: &JobId, progress: &JobProgress) {
        if let Some(live) = self.lock().live.get_mut(id) {
            live.row.job.progress = Some(progress.clone());
        }
    }

    fn finish(&self, id: &JobId, result: Result<Proved, Option<Fault>>, now: u64) {
        let live = {
            let mut inner = self.lock();
            let Some(live) = inner.live.remove(id) else { return };
            release(&mut inner, &live.row.caller);
            live
        };
        let outcome = match result {
            Ok(proved) => Outcome::Done(proved),
            Err(Some(fault)) => Outcome::Failed(fault),
            Err(None) => Outcome::Interrupted,
        };
        self.end(live.row, outcome, now);
    }

    fn get(&self, caller: &str, id: &JobId) -> Result<Job, Problem> {
        {
            let inner = self.lock();
            let row = inner.live.get(id).map(|live| &live.row).or_else(|| inner.unsaved.get(id));
            if let Some(row) = row {
                return if row.caller == caller { Ok(row.job.clone()) } else { Err(missing()) };
            }
        }
        self.stored(caller, id)
    }

    fn list(&self, caller: &str, after: Option<&JobId>, limit: usize) -> Result<Vec<Job>, Problem> {
        let prefix = by_caller(caller, "");
        // Behind an id comes the id with one more byte.
        let from = after.map_or_else(|| prefix.clone(), |id| [by_caller(caller, id.as_str()), vec![0]].concat());
        let mut ids = Vec::new();
        self.database.read()?.scan(Table::JobsOf, &from, &mut |key, _| {
            let id = key.strip_prefix(prefix.as_slice()).and_then(|id| JobId::named(std::str::from_utf8(id).ok()?));
            let more = id.is_some() && ids.len() < limit;
            ids.extend(id.filter(|_| more));
            more
        })?;
        let jobs = ids.iter().map(|id| self.get(caller, id));
        // One that was forgotten meanwhile is left out.
        jobs.filter(|job| !matches!(job, Err(problem) if problem.kind == Kind::NotFound)).collect()
    }

    fn cancel(&self, caller: &str, id: &JobId, once: &Once, now: u64) -> Result<Reply, Problem> {
        let mut withdrawn: Option<Live> = None;
        let told = once.run(&*self.database, now, &mut |rows| {
            if withdrawn.is_none() {
                withdrawn = self.withdraw(caller, id)?;
            }
            let Some(live) = &withdrawn else { return Reply::new(200, &self.get(caller, id)?) };
            let row = self.ended(live.row.clone(), Outcome::Cancelled, now);
            tell(rows, &row, now)?;
            Reply::new(200, &row.job)
        });
        if let Some(live) = withdrawn {
            live.cancelled.store(true, Ordering::Release);
            match &told {
                Ok(_) => self.count(&self.ended(live.row, Outcome::Cancelled, now).job),
                // It is final all the same; `tick` writes it once the store takes it.
                Err(_) => drop(self.end(live.row, Outcome::Cancelled, now)),
            }
        }
        told
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.ended.subscribe()
    }

    fn tick(&self, now: u64) -> Result<(), Problem> {
        let (expired, unsaved) = {
            let mut inner = self.lock();
            let late = |live: &&Live| live.secret.is_some() && live.row.job.expires <= now;
            let late: Vec<JobId> = inner.live.values().filter(late).map(|live| live.row.job.id.clone()).collect();
            let mut expired = Vec::new();
            for id in late {
                inner.turns.remove(&id);
                if let Some(live) = inner.live.remove(&id) {
                    release(&mut inner, &live.row.caller);
                    expired.push(live.row);
                }
            }
            (expired, inner.unsaved.values().cloned().collect::<Vec<_>>())
        };
        for row in expired {
            self.end(row, Outcome::Expired, now);
        }
        for row in unsaved {
            self.save(&row, now)?;
            self.lock().unsaved.remove(&row.job.id);
        }
        self.forget(now)
    }

    fn stop(&self, now: u64) {
        let left: Vec<Row> = {
            let mut inner = self.lock();
            inner.stopping = true;
            inner.turns = Turns::default();
            let waiting = |live: &&Live| live.secret.is_some();
            let ids: Vec<JobId> = inner.live.values().filter(waiting).map(|live| live.row.job.id.clone()).collect();
            let gone = ids.iter().filter_map(|id| inner.live.remove(id)).map(|live| live.row).collect::<Vec<_>>();
            gone.iter().for_each(|row| release(&mut inner, &row.caller));
            gone
        };
        for row in left {
            self.end(row, Outcome::Interrupted, now);
        }
        self.wake.notify_all();
    }

    fn depth(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.turns.len(), inner.live.len().saturating_sub(inner.turns.len()))
    }

    fn tally(&self) -> BTreeMap<(Relation, &'static str), u64> {
        self.lock().tally.clone()
    }
}

impl Embedded {
    /// Removes final jobs that were kept long enough, oldest first.
    fn forget(&self, now: u64) -> Result<(), Problem> {
        let mut old = Vec::new();
        let kept = self.limits.kept;
        let mut seen = 0;
        self.database.read()?.scan(Table::Jobs, &[], &mut |_, value| {
            seen += 1;
            let Ok(row) = serde_json::from_slice::<Row>(value) else { return true };
            if row.job.state.is_final() && row.job.expires <= now {
                old.push(row.clone());
            }
            // Later ones came later, so none of them is due.
            seen < SWEEP && row.job.submitted.saturating_add(kept) <= now
        })?;
        if old.is_empty() {
            return Ok(());
        }
        Ok(self.database.write(&mut |rows| {
            for row in &old {
                let id = row.job.id.as_str();
                rows.remove(Table::Jobs, id.as_bytes())?;
                rows.remove(Table::JobsOf, &by_caller(&row.caller, id))?;
            }
            Ok(true)
        })?)
    }
}

impl State {
    /// The state's name in events.
    fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Interrupted => "interrupted",
        }
    }
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (waiting, running) = self.depth();
        write!(f, "Embedded({waiting} waiting, {running} running)")
    }
}

#[cfg(test)]
mod tests;
