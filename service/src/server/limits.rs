//! How much one caller may ask: requests per second, requests at a time, and of what takes long no more than a share.

use super::caller::Caller;
use super::problem::{Kind, Problem};
use super::settings;
use actix_web::rt::time::timeout;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use prometheus::IntGauge;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The limits of one service.
pub struct Limits {
    callers: DefaultKeyedRateLimiter<String>,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
    at_a_time: Arc<AtomicUsize>,
    most: usize,
    requests: Counts,
    streams: Counts,
    most_streams: usize,
    verifiers: Mutex<HashMap<String, Arc<Semaphore>>>,
    verifying: Arc<Semaphore>,
}

impl Limits {
    /// As the settings say.
    pub fn new(limits: &settings::Limits, most: usize) -> Self {
        let count = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let callers = Quota::per_second(count(limits.per_second)).allow_burst(count(limits.burst));
        let strangers = Quota::per_second(count(limits.anonymous_per_second));
        Self {
            callers: RateLimiter::keyed(callers),
            strangers: RateLimiter::keyed(strangers),
            at_a_time: Arc::default(),
            most,
            requests: Counts::default(),
            streams: Counts::default(),
            most_streams: limits.streams,
            verifiers: Mutex::default(),
            verifying: Arc::new(Semaphore::new(4 * cores())),
        }
    }

    /// Counts a request of this caller.
    ///
    /// # Errors
    /// [`Kind::TooMany`] with the time to wait.
    pub fn caller(&self, caller: &Caller) -> Result<(), Problem> {
        self.callers
            .check_key(&caller.name)
            .map_err(|until| too_many(until.wait_time_from(DefaultClock::default().now())))
    }

    /// Counts a request from this address without a valid credential.
    ///
    /// # Errors
    /// [`Kind::TooMany`] with the time to wait.
    pub fn stranger(&self, address: IpAddr) -> Result<(), Problem> {
        self.strangers
            .check_key(&address)
            .map_err(|until| too_many(until.wait_time_from(DefaultClock::default().now())))
    }

    /// A place among the requests at a time, until it is dropped.
    ///
    /// # Errors
    /// [`Kind::Overloaded`].
    pub fn place(&self) -> Result<Place, Problem> {
        let place = Place(self.at_a_time.clone());
        if self.at_a_time.fetch_add(1, Ordering::Relaxed) < self.most {
            return Ok(place);
        }
        Err(Problem::of(Kind::Overloaded).retry_after(1))
    }

    /// A place among this caller's requests at a time, until it is dropped: half of all, so that nobody fills the service alone.
    ///
    /// # Errors
    /// [`Kind::TooMany`].
    pub fn share(&self, caller: &Caller) -> Result<Counted, Problem> {
        self.requests.take(&caller.name, self.most.div_ceil(2)).ok_or_else(|| Problem::of(Kind::TooMany).retry_after(1))
    }

    /// A place among this caller's streams, until it is dropped; `gauge` counts those of all.
    ///
    /// # Errors
    /// [`Kind::TooMany`].
    pub fn stream(&self, caller: &Caller, gauge: IntGauge) -> Result<Streaming, Problem> {
        let place = self.streams.take(&caller.name, self.most_streams);
        let place = place.ok_or_else(|| Problem::of(Kind::TooMany).retry_after(60))?;
        gauge.inc();
        Ok(Streaming { _place: place, gauge })
    }

    /// A place among the calls that verify, until it is dropped: one per core for a caller, four per core for all, so that one who sends bad
    /// proofs, dear to verify and cheap to send, keeps neither others nor the rest of the service waiting. It is to be kept by the work
    /// itself, which goes on if the caller goes away.
    ///
    /// # Errors
    /// [`Kind::Overloaded`] if none is free within `patience`.
    pub async fn verification(&self, caller: &Caller, patience: Duration) -> Result<Verifying, Problem> {
        let own = {
            let mut verifiers = self.verifiers.lock().unwrap_or_else(PoisonError::into_inner);
            verifiers.entry(caller.name.clone()).or_insert_with(|| Arc::new(Semaphore::new(cores()))).clone()
        };
        let permits = async {
            let own = own.acquire_owned().await.ok()?;
            let all = self.verifying.clone().acquire_owned().await.ok()?;
            Some(Verifying { _permits: [own, all] })
        };
        let permits = timeout(patience, permits).await.ok().flatten();
        permits.ok_or_else(|| Problem::of(Kind::Overloaded).retry_after(1))
    }

    /// Forgets who has not called for long.
    pub fn sweep(&self) {
        self.callers.retain_recent();
        self.strangers.retain_recent();
        self.verifiers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, permits| Arc::strong_count(permits) > 1);
    }
}

/// One request's place.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many of something each caller has.
#[derive(Clone, Debug, Default)]
struct Counts(Arc<Mutex<HashMap<String, usize>>>);

impl Counts {
    /// One more, until it is dropped; none if the caller has `most`.
    fn take(&self, caller: &str, most: usize) -> Option<Counted> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(caller.to_owned()).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Counted { counts: self.clone(), caller: caller.into() })
    }
}

/// One of what a caller has.
#[derive(Debug)]
pub struct Counted {
    counts: Counts,
    caller: Box<str>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&*self.caller) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&*self.caller);
            }
        }
    }
}

/// One stream's place.
#[derive(Debug)]
pub struct Streaming {
    _place: Counted,
    gauge: IntGauge,
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

/// The place of a call that verifies.
#[derive(Debug)]
pub struct Verifying {
    _permits: [OwnedSemaphorePermit; 2],
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn too_many(wait: Duration) -> Problem {
    Problem::of(Kind::TooMany).retry_after(wait.as_secs() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_and_places_run_out_and_come_back() {
        let settings = settings::Limits { per_second: 1, burst: 3, anonymous_per_second: 1, ..Default::default() };
        let limits = Limits::new(&settings, 2);
        let caller = |name: &str| Caller { name: name.into(), scopes: Default::default(), party: None };
        let passed = (0..5).filter(|_| limits.caller(&caller("a")).is_ok()).count();
        assert_eq!(passed, 3);
        let problem = limits.caller(&caller("a")).unwrap_err();
        assert!(problem.kind == Kind::TooMany && problem.retry_after.is_some());
        assert!(limits.caller(&caller("b")).is_ok(), "one caller takes nothing from another");
        assert!(limits.stranger([127, 0, 0, 1].into()).is_ok() && limits.stranger([127, 0, 0, 1].into()).is_err());
        let (first, second) = (limits.place().unwrap(), limits.place().unwrap());
        assert_eq!(limits.place().unwrap_err().kind, Kind::Overloaded);
        drop(first);
        let third = limits.place().unwrap();
        assert!(limits.place().is_err());
        drop((second, third));
        let held = limits.share(&caller("a")).unwrap();
        assert_eq!(limits.share(&caller("a")).unwrap_err().kind, Kind::TooMany, "half of two");
        assert!(limits.share(&caller("b")).is_ok());
        drop(held);
        assert!(limits.share(&caller("a")).is_ok());
    }

    #[test]
    fn who_verifies_much_keeps_nobody_else_from_it() {
        let limits = Limits::new(&settings::Limits::default(), 1);
        let caller = |name: &str| Caller { name: name.into(), scopes: Default::default(), party: None };
        let (greedy, modest, patience) = (caller("greedy"), caller("modest"), Duration::from_millis(1));
        actix_web::rt::System::new().block_on(async {
            let mut held = Vec::new();
            for _ in 0..cores() {
                held.push(limits.verification(&greedy, patience).await.unwrap());
            }
            assert_eq!(limits.verification(&greedy, patience).await.unwrap_err().kind, Kind::Overloaded);
            assert!(limits.verification(&modest, patience).await.is_ok());
            held.pop();
            assert!(limits.verification(&greedy, patience).await.is_ok());
        });
        limits.sweep();
        assert!(limits.verifiers.lock().unwrap().is_empty());
    }
}
