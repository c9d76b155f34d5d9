//! The service's clock: never back, and no jump beyond a bound.
//!
//! The machine's clock is compared with the monotonic one. If the two drift apart by more than the bound, somebody or something
//! set the clock; nothing is settled until it is right again, since a ledger's time never goes back.

use super::problem::{Kind, Problem};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of Unix seconds.
pub type Source = Box<dyn Fn() -> u64 + Send + Sync>;

/// Time for settlements.
pub struct Clock {
    source: Source,
    jump: u64,
    last: Mutex<Last>,
}

struct Last {
    /// The latest time given out.
    time: u64,
    /// A wall time that was believed, and when.
    wall: u64,
    at: Instant,
}

impl Clock {
    /// The machine's clock, bound to `jump` seconds.
    pub fn system(jump: u64) -> Self {
        Self::new(Box::new(system), jump)
    }

    /// A clock on another source.
    pub fn new(source: Source, jump: u64) -> Self {
        let wall = source();
        Self { source, jump, last: Mutex::new(Last { time: wall, wall, at: Instant::now() }) }
    }

    /// The time for a settlement, Unix seconds.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] if the machine's clock jumped.
    pub fn now(&self) -> Result<u64, Problem> {
        self.at(Instant::now())
    }

    fn at(&self, instant: Instant) -> Result<u64, Problem> {
        let wall = (self.source)();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = instant.saturating_duration_since(last.at);
        let expected = last.wall.saturating_add(passed.as_secs());
        if wall.abs_diff(expected) > self.jump {
            let text = format!(
                "the machine's clock is {} s off what the monotonic clock says; an operator corrects it or starts the service again",
                wall.abs_diff(expected)
            );
            return Err(Problem::new(Kind::Unavailable, text).rule("L4").retry_after(60));
        }
        // A slow drift is followed, hour by hour; a jump in steps within one hour is not.
        if passed > Duration::from_secs(3_600) {
            (last.wall, last.at) = (wall, instant);
        }
        last.time = last.time.max(wall);
        Ok(last.time)
    }

    /// The time for what is no settlement: tokens, expiry, logs.
    pub fn rough(&self) -> u64 {
        (self.source)()
    }
}

/// The machine's time, 0 before 1970.
fn system() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn time_never_goes_back_and_does_not_jump() {
        let wall = Arc::new(AtomicU64::new(1_000));
        let source = wall.clone();
        let clock = Clock::new(Box::new(move || source.load(Ordering::Relaxed)), 60);
        let start = Instant::now();
        let at = |seconds: u64, says: u64| {
            wall.store(says, Ordering::Relaxed);
            clock.at(start + Duration::from_secs(seconds)).map_err(|problem| problem.kind)
        };
        assert_eq!(at(10, 1_010), Ok(1_010));
        assert_eq!(at(11, 1_005), Ok(1_010), "a step back within the bound gives the latest time again");
        assert_eq!(at(12, 1_080), Err(Kind::Unavailable));
        assert_eq!(at(13, 900), Err(Kind::Unavailable));
        assert_eq!(at(14, 1_014), Ok(1_014));
        let mut said = 1_014;
        let refused = (15..60).find(|second| {
            said += 30;
            at(*second, said).is_err()
        });
        assert_eq!(refused, Some(17), "steps add up");
        assert_eq!(at(5_000, 6_050), Ok(6_050), "drift is followed");
        assert_eq!(at(5_001, 6_100), Ok(6_100));
    }
}
