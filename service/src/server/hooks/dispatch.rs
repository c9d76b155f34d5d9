//! Sends what is due, until the service stops.

use super::client::Sender;
use super::outbox::{self, Attempt, Due};
use super::target::Targets;
use crate::server::blocking::blocking;
use crate::server::{Database, Edit, Problem};
use futures_util::future::join_all;
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

    /// Sends what is due until `stopping` is true. An attempt that a stop cuts off is made again by the next process.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let sender = Sender::new(self.targets.clone());
        while !*stopping.borrow() {
            let sent = self.round(&sender).await.unwrap_or_else(|problem| {
                tracing::warn!(%problem, "webhooks");
                0
            });
            if sent == 0 {
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
                    _ = stopping.wait_for(|stopping| *stopping) => {}
                }
            }
        }
    }

    /// Sends what is due now; how many.
    async fn round(&self, sender: &Sender) -> Result<usize, Problem> {
        let (database, now) = (self.database.clone(), (self.clock)());
        let due = blocking(move || outbox::due(&*database.read()?, now, AT_ONCE)).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let attempts = join_all(due.iter().map(|due| sender.send(due, now))).await;
        for (due, attempt) in due.iter().zip(&attempts) {
            let (delivery, outcome) = (&due.parcel.delivery, matches!(attempt, Attempt::Delivered));
            tracing::debug!(delivery = %delivery.id, attempt = delivery.attempts + 1, delivered = outcome, "webhook");
        }
        let (database, now) = (self.database.clone(), (self.clock)());
        let outcomes: Vec<(Due, Attempt)> = due.into_iter().zip(attempts).collect();
        blocking(move || {
            change(&*database, &mut |rows| {
                outcomes.iter().try_for_each(|(due, attempt)| outbox::settle(rows, due, attempt, now))?;
                Ok(outcomes.len())
            })
        })
        .await
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
