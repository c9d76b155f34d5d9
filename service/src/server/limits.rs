//! How much one caller may ask: requests per second, requests at a time.

use super::caller::Caller;
use super::problem::{Kind, Problem};
use super::settings;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use prometheus::IntGauge;
use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The limits of one service.
pub struct Limits {
    callers: DefaultKeyedRateLimiter<String>,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
    at_a_time: Arc<AtomicUsize>,
    most: usize,
    streams: Arc<Mutex<HashMap<String, usize>>>,
    most_streams: usize,
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
            streams: Arc::default(),
            most_streams: limits.streams,
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

    /// A place among this caller's streams, until it is dropped; `gauge` counts those of all.
    ///
    /// # Errors
    /// [`Kind::TooMany`].
    pub fn stream(&self, caller: &Caller, gauge: IntGauge) -> Result<Streaming, Problem> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        let count = streams.entry(caller.name.clone()).or_default();
        if *count >= self.most_streams {
            return Err(Problem::of(Kind::TooMany).retry_after(60));
        }
        *count += 1;
        gauge.inc();
        Ok(Streaming { streams: self.streams.clone(), caller: caller.name.as_str().into(), gauge })
    }

    /// Forgets who has not called for long.
    pub fn sweep(&self) {
        self.callers.retain_recent();
        self.strangers.retain_recent();
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

/// One stream's place.
#[derive(Debug)]
pub struct Streaming {
    streams: Arc<Mutex<HashMap<String, usize>>>,
    caller: Box<str>,
    gauge: IntGauge,
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.gauge.dec();
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = streams.get_mut(&*self.caller) {
            *count -= 1;
            if *count == 0 {
                streams.remove(&*self.caller);
            }
        }
    }
}

fn too_many(wait: std::time::Duration) -> Problem {
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
    }
}
