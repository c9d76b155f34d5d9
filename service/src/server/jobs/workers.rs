//! Workers: threads that take batches and have them proved. Each has a pool of its own, so that batches do not wait for each other.

use super::job::{Fault, JobProgress, fault};
use super::prover::{Proving, ProvingError};
use super::queue::{Queue, Taken};
use privity_prover::{Control, Stage};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The time, Unix seconds.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Threads that prove.
pub struct Workers {
    threads: Vec<JoinHandle<()>>,
    giving_up: Arc<AtomicBool>,
}

impl Workers {
    /// Starts `count` workers, each with `threads` threads to prove with, on batches of at most `batch` jobs.
    ///
    /// # Errors
    /// What the machine says if it gives no threads.
    pub fn start(
        queue: &Arc<dyn Queue>,
        proving: &Arc<dyn Proving>,
        clock: &Clock,
        [count, threads, batch]: [usize; 3],
    ) -> std::io::Result<Self> {
        let giving_up = Arc::new(AtomicBool::new(false));
        let mut started = Vec::with_capacity(count);
        for index in 0..count.max(1) {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build();
            let pool = pool.map_err(std::io::Error::other)?;
            let worker = Worker {
                queue: queue.clone(),
                proving: proving.clone(),
                clock: clock.clone(),
                giving_up: giving_up.clone(),
            };
            let work = move || {
                while let Some(jobs) = worker.queue.take(batch.max(1)) {
                    pool.install(|| worker.prove(jobs));
                }
            };
            started.push(thread::Builder::new().name(format!("prover-{index}")).spawn(work)?);
        }
        Ok(Self { threads: started, giving_up })
    }

    /// Waits until the workers are done with what they have, at most `grace`; then has them give up between two stages. The queue was
    /// told to stop before. What is given up ends as interrupted.
    pub fn stop(self, grace: Duration) {
        let until = Instant::now() + grace;
        while Instant::now() < until && self.threads.iter().any(|thread| !thread.is_finished()) {
            thread::sleep(Duration::from_millis(20));
        }
        self.giving_up.store(true, Ordering::Release);
        for thread in self.threads {
            // A worker does not panic: what it runs is caught.
            let _ = thread.join();
        }
    }
}

struct Worker {
    queue: Arc<dyn Queue>,
    proving: Arc<dyn Proving>,
    clock: Clock,
    giving_up: Arc<AtomicBool>,
}

impl Worker {
    /// Proves a batch of one relation and ends every job of it.
    fn prove(&self, jobs: Vec<Taken>) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.attempt(&jobs)));
        match outcome {
            Ok(Ok(proofs)) if proofs.len() == jobs.len() => {
                for (job, proof) in jobs.iter().zip(proofs) {
                    self.queue.finish(&job.id, Ok(proof), (self.clock)());
                }
            }
            Ok(Err(ProvingError::Cancelled)) => self.end(&jobs, None),
            Ok(Err(ProvingError::Violation { index, violation })) if index < jobs.len() => {
                let (rule, remedy) = (Some(violation.rule.to_owned()), "build statement and witness anew".to_owned());
                let fault = Fault { detail: violation.reason.to_owned(), rule, remedy };
                let mut jobs = jobs;
                let bad = jobs.remove(index);
                self.end(&[bad], Some(fault));
                if !jobs.is_empty() {
                    self.prove(jobs);
                }
            }
            // One of them may be at fault: each alone.
            Ok(_) | Err(_) if jobs.len() > 1 => jobs.into_iter().for_each(|job| self.prove(vec![job])),
            Ok(Err(error)) => {
                self.end(&jobs, Some(fault(&error.to_string(), "tell the operator the job's id, and resubmit")))
            }
            Ok(Ok(_)) | Err(_) => {
                self.end(&jobs, Some(fault("the prover failed", "tell the operator the job's id, and resubmit")));
            }
        }
    }

    fn attempt(&self, jobs: &[Taken]) -> Result<Vec<super::Proved>, ProvingError> {
        let Some(first) = jobs.first() else { return Ok(Vec::new()) };
        let progress = |stage: Stage| {
            let (name, done, total) = match stage {
                Stage::Witness { done, total } => ("witness", done, total),
                Stage::Prove { done, total } => ("prove", done, total),
                Stage::Verify => ("verify", 0, jobs.len()),
                _ => ("keys", 0, 1),
            };
            let progress = JobProgress { stage: name.to_owned(), done, total };
            jobs.iter().for_each(|job| self.queue.progress(&job.id, &progress));
        };
        let unwanted = || {
            let gone = |job: &Taken| job.cancelled.load(Ordering::Acquire);
            self.giving_up.load(Ordering::Acquire) || jobs.iter().all(gone)
        };
        let secrets: Vec<_> = jobs.iter().map(|job| &job.secret).collect();
        self.proving.prove(first.secret.relation(), &secrets, &Control::new(&progress, &unwanted))
    }

    /// Ends jobs without a proof: failed if there is a fault, else interrupted. Those cancelled are final already.
    fn end(&self, jobs: &[Taken], fault: Option<Fault>) {
        for job in jobs {
            self.queue.finish(&job.id, Err(fault.clone()), (self.clock)());
        }
    }
}
