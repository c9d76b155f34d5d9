//! Parallel work under a lock.

use std::panic::resume_unwind;
use std::thread;

/// Runs `work` on threads of its own, as many as the caller's pool has, and waits without taking up anything else.
///
/// What is made once, while others wait for it, must not wait for the caller's pool: its threads may be those others, and a thread that
/// waits in a pool takes up other tasks, which may want the same thing.
pub(crate) fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(rayon::current_num_threads()).build();
    let run = || match pool {
        Ok(pool) => pool.install(work),
        // The machine gives no threads: then in the pool that there is.
        Err(_) => work(),
    };
    thread::scope(|scope| scope.spawn(run).join()).unwrap_or_else(|panic| resume_unwind(panic))
}
