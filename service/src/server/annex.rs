//! What works beside the handlers: workers that prove, webhooks that are sent, negotiations that run out.

use super::blocking::blocking;
use super::database::Table;
use super::hooks::{self, Dispatcher, change};
use super::jobs::{Proving, StoredProver, Workers};
use super::problem::Problem;
use super::process::forbid_core_dumps;
use super::room;
use super::state::Service;
use crate::error::{Code, Failure};
use actix_web::rt;
use privity_prover::KeyStore;
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Under which name it is kept how far the news of entries has come.
const ENTRIES: &[u8] = b"webhooks.entries";

/// The workers of one process.
pub struct Annex {
    workers: Option<Workers>,
}

impl Annex {
    /// Starts the workers, if this process proves.
    ///
    /// # Errors
    /// [`Code::Store`] if the machine gives no threads.
    pub fn start(service: &Arc<Service>) -> Result<Self, Failure> {
        forbid_core_dumps();
        let jobs = &service.settings.jobs;
        if !jobs.enabled {
            return Ok(Self { workers: None });
        }
        let proving: Arc<dyn Proving> = Arc::new(StoredProver::new(KeyStore::new(service.settings.path(&jobs.keys))));
        Self::with(service, &proving)
    }

    /// As [`Annex::start`] with another prover.
    ///
    /// # Errors
    /// As [`Annex::start`].
    pub fn with(service: &Arc<Service>, proving: &Arc<dyn Proving>) -> Result<Self, Failure> {
        let jobs = &service.settings.jobs;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers = if jobs.workers == 0 { cores } else { jobs.workers };
        let timed = service.clone();
        let clock: Arc<dyn Fn() -> u64 + Send + Sync> = Arc::new(move || timed.clock.rough());
        let started = Workers::start(&service.jobs, proving, &clock, [workers, jobs.threads, jobs.batch]);
        let failed = |error| Failure::new(Code::Store, format!("no threads to prove with: {error}; free some"));
        Ok(Self { workers: Some(started.map_err(failed)?) })
    }

    /// What is done until the service stops: deliveries, news of entries, what runs out. Within a runtime of actix.
    pub fn errands(&self, service: &Arc<Service>) -> impl Future<Output = ()> + use<> {
        let mut tasks = vec![rt::spawn(tidy(service.clone())), rt::spawn(tell_entries(service.clone()))];
        if service.settings.webhooks.enabled {
            let timed = service.clone();
            let clock = Arc::new(move || timed.clock.rough());
            let dispatcher = Dispatcher::new(service.database.clone(), service.targets.clone(), clock);
            tasks.push(rt::spawn(dispatcher.run(service.stopping())));
        }
        async move {
            for task in tasks {
                // They end by themselves once the service stops; a panic of one is no reason to stop the others.
                let _ = task.await;
            }
        }
    }

    /// Ends what waits as interrupted, finishes what runs within the time for stopping, and gives up the rest.
    pub async fn stop(self, service: &Arc<Service>) {
        let (jobs, now) = (service.jobs.clone(), service.clock.rough());
        let grace = Duration::from_secs(service.settings.http.stop_seconds);
        let stopped = blocking(move || {
            jobs.stop(now);
            if let Some(workers) = self.workers {
                workers.stop(grace);
            }
            // What the store refused before, it may take now.
            jobs.tick(now)
        });
        if let Err(problem) = stopped.await {
            tracing::error!(%problem, "jobs");
        }
    }
}

/// Every second: jobs that waited too long. Every ten: negotiations whose time is over. Every hour: dead letters.
async fn tidy(service: Arc<Service>) {
    let mut stopping = service.stopping();
    let mut count = 0u64;
    while !*stopping.borrow() {
        let (service, beat) = (service.clone(), count);
        let outcome = blocking(move || {
            let now = service.clock.rough();
            count_jobs(&service);
            service.jobs.tick(now)?;
            if beat.is_multiple_of(10) && room::is_any_over(&*service.database.read()?, now)? {
                change(&*service.database, &mut |rows| room::lapse_all(rows, now))?;
            }
            if beat.is_multiple_of(3_600) {
                change(&*service.database, &mut |rows| hooks::forget(rows, now))?;
            }
            Ok(())
        });
        if let Err(problem) = outcome.await {
            tracing::warn!(%problem, "errands");
        }
        count += 1;
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
    // At once, so that callers who wait for a job that will not run get their answer before their connection is closed.
    let ended = blocking(move || {
        service.jobs.stop(service.clock.rough());
        Ok(())
    });
    if let Err(problem) = ended.await {
        tracing::warn!(%problem, "errands");
    }
}

/// Brings the metrics of jobs up to date.
fn count_jobs(service: &Service) {
    let (waiting, running) = service.jobs.depth();
    for (state, count) in [("waiting", waiting), ("running", running)] {
        service.metrics.queue.with_label_values(&[state]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    for ((relation, state), count) in service.jobs.tally() {
        let counter = service.metrics.jobs.with_label_values(&[relation.name(), state]);
        counter.inc_by(count.saturating_sub(counter.get()));
    }
}

/// Tells webhooks that the log grew: from which record to which, at most once a second.
async fn tell_entries(service: Arc<Service>) {
    let (mut stopping, mut height) = (service.stopping(), service.node.height());
    height.mark_changed();
    while !*stopping.borrow() {
        tokio::select! {
            changed = height.changed() => if changed.is_err() { return },
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        let (service, reached) = (service.clone(), *height.borrow_and_update());
        if let Err(problem) = blocking(move || tell(&service, reached)).await {
            tracing::warn!(%problem, "news of entries");
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn tell(service: &Service, reached: u64) -> Result<(), Problem> {
    let told = |rows: &dyn super::database::Rows| -> Result<Option<u64>, Problem> {
        let row = rows.get(Table::Cursors, ENTRIES)?;
        Ok(row.and_then(|row| row.try_into().ok()).map(u64::from_be_bytes))
    };
    let before = told(&*service.database.read()?)?;
    if before == Some(reached) {
        return Ok(());
    }
    change(&*service.database, &mut |rows| {
        // A service that starts tells of nothing that settled before its first start.
        let from = before.unwrap_or(reached);
        rows.put(Table::Cursors, ENTRIES, &reached.to_be_bytes())?;
        if from >= reached {
            return Ok(());
        }
        let data = json!({ "from": from, "to": reached });
        hooks::post_to_all(rows, "entries.settled", &data, service.clock.rough())
    })
}
