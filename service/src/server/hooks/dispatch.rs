//! Sends what is due, until the service stops.

use super::client::Sender;
use super::outbox::{self, Attempt, Due, HookId};
use super::target::Targets;
use crate::server::blocking::blocking;
use crate::server::{Database, Edit, Problem};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Deliveries at a time.
const AT_ONCE: usize = 32;
/// Between two looks when nothing was due.
const LOOK: Duration = Duration::from_millis(250);

/// The time, Unix seconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Sends deliveries; one per store.
pub struct Dispatcher {
    database: Arc<dyn Database>,
    targets: Arc<Targets>,
    clock: Clock,
}

impl Dispatcher {
    /// A dispatcher over the service's store.
    pub fn new(database: Arc<dyn Database>, targets: Arc<Targets>, clock: Clock) -> Self {
        Self { database, targets, clock }
    }

    /// Sends what is due until `stopping` is true. An attempt that a stop cuts off is made again by the next process. A receiver that is
    /// slow holds up nobody else's news.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let sender = Sender::new(self.targets.clone());
        let (mut flying, mut busy) = (FuturesUnordered::new(), BTreeSet::new());
        while !*stopping.borrow() {
            let due = self.due(busy.clone(), AT_ONCE - flying.len()).await.unwrap_or_else(|problem| {
                tracing::warn!(%problem, "webhooks");
                Vec::new()
            });
            for due in due {
                busy.insert(due.parcel.delivery.hook.clone());
                let (sender, now) = (&sender, (self.clock)());
                flying.push(async move {
                    let attempt = sender.send(&due, now).await;
                    (due, attempt)
                });
            }
            tokio::select! {
                Some((due, attempt)) = flying.next() => {
                    busy.remove(&due.parcel.delivery.hook);
                    if let Err(problem) = self.settle(due, attempt).await {
                        tracing::warn!(%problem, "webhooks");
                    }
                }
                () = tokio::time::sleep(LOOK) => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
        }
    }

    /// What is due now for hooks that nothing is being sent to.
    async fn due(&self, busy: BTreeSet<HookId>, limit: usize) -> Result<Vec<Due>, Problem> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let (database, now) = (self.database.clone(), (self.clock)());
        blocking(move || outbox::due(&*database.read()?, &busy, now, limit)).await
    }

    async fn settle(&self, due: Due, attempt: Attempt) -> Result<(), Problem> {
        let (delivery, delivered) = (&due.parcel.delivery, attempt == Attempt::Delivered);
        tracing::debug!(delivery = %delivery.id, attempt = delivery.attempts + 1, delivered, "webhook");
        let (database, now) = (self.database.clone(), (self.clock)());
        blocking(move || change(&*database, &mut |rows| outbox::settle(rows, &due, &attempt, now))).await
    }
}

/// Runs `work` in one transaction, kept if it succeeds.
///
/// # Errors
/// What `work` refuses, or the store's.
pub(crate) fn change<T>(
    database: &dyn Database,
    work: &mut dyn FnMut(&mut dyn Edit) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut outcome = None;
    database.write(&mut |rows| {
        let result = work(rows);
        let keep = result.is_ok();
        outcome = Some(result);
        Ok(keep)
    })?;
    outcome.unwrap_or_else(|| Err(Problem::of(crate::server::Kind::Internal)))
}
