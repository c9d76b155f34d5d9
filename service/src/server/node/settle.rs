//! The queue before the ledger: what waits is verified together and settled in one write.

use super::Inner;
use crate::server::problem::{Kind, Problem};
use privity_ledger::{Acknowledgement, Item, Memo, Submission, SubmitError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// Threads that verify and settle: while one waits for the disk, the other verifies.
const THREADS: usize = 2;

type Reply = Result<Acknowledgement, SubmitError>;

struct Waiting {
    submission: Submission,
    now: u64,
    reply: oneshot::Sender<Reply>,
}

/// A bounded queue with its threads. First come, first settled, as far as one submission does not wait for another; what was
/// taken is answered, or its caller learns that the outcome is unknown.
pub(super) struct Batcher {
    queue: SyncSender<Waiting>,
    inner: Arc<Inner>,
    threads: Vec<JoinHandle<()>>,
}

impl Batcher {
    pub(super) fn start(inner: Arc<Inner>, batch: usize, most: usize) -> Self {
        let (queue, receiver) = sync_channel(most);
        let receiver = Arc::new(Mutex::new(receiver));
        let threads = (0..THREADS).map(|_| {
            let (inner, receiver) = (inner.clone(), receiver.clone());
            thread::spawn(move || work(&inner, &receiver, batch))
        });
        Self { queue, threads: threads.collect(), inner }
    }

    pub(super) fn push(&self, item: Item, memo: Option<Memo>, now: u64) -> Result<oneshot::Receiver<Reply>, Problem> {
        let (reply, outcome) = oneshot::channel();
        let waiting = Waiting { submission: Submission { item, memo }, now, reply };
        self.inner.metrics.waiting.inc();
        self.queue.try_send(waiting).map_err(|error| {
            self.inner.metrics.waiting.dec();
            match error {
                TrySendError::Full(_) => Problem::of(Kind::Overloaded).retry_after(1),
                TrySendError::Disconnected(_) => Problem::of(Kind::Stopping).retry_after(5),
            }
        })?;
        Ok(outcome)
    }

    /// Takes nothing more, settles what waits.
    pub(super) fn finish(self) {
        drop(self.queue);
        for thread in self.threads {
            // A panic was logged where it was caught.
            let _ = thread.join();
        }
    }
}

fn work(inner: &Inner, receiver: &Mutex<Receiver<Waiting>>, most: usize) {
    loop {
        let mut waiting = Vec::new();
        {
            let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
            match receiver.recv() {
                Ok(first) => waiting.push(first),
                Err(_) => return,
            }
            waiting.extend(receiver.try_iter().take(most - 1));
        }
        inner.metrics.waiting.sub(i64::try_from(waiting.len()).unwrap_or(0));
        // A panic drops the replies: their callers learn that the outcome is unknown, the next batch is settled.
        if catch_unwind(AssertUnwindSafe(|| settle(inner, waiting))).is_err() {
            tracing::error!("settling panicked");
        }
    }
}

fn settle(inner: &Inner, waiting: Vec<Waiting>) {
    let now = waiting.iter().map(|one| one.now).max().unwrap_or(0);
    let (submissions, replies): (Vec<_>, Vec<_>) = waiting.into_iter().map(|one| (one.submission, one.reply)).unzip();
    let outcomes = match inner.open_ledger() {
        Ok(ledger) => ledger.acknowledge(submissions, now),
        // The replies are dropped: nothing was tried.
        Err(_) => return,
    };
    inner.after(&outcomes);
    for (reply, outcome) in replies.into_iter().zip(outcomes) {
        // A caller that is gone asks again under its key.
        let _ = reply.send(outcome);
    }
}
