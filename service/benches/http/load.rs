//! Calls in numbers, and what they cost.

use crate::client::Connection;
use crate::home::Serving;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Times of single calls.
pub struct Times(pub Vec<Duration>);

impl Times {
    /// The time that this part of the calls did not exceed.
    pub fn share(&mut self, part: f64) -> Duration {
        self.0.sort();
        let index = (self.0.len() as f64 * part) as usize;
        self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    pub fn print(mut self, what: &str, took: Duration) {
        let rate = self.0.len() as f64 / took.as_secs_f64();
        let (median, p99, most) = (self.share(0.5), self.share(0.99), self.share(1.0));
        println!(
            "{what}: {rate:.0}/s over {} calls; median {median:.1?}, p99 {p99:.1?}, most {most:.1?}",
            self.0.len()
        );
    }
}

/// Runs `each` over `count` items on `threads` connections, item i not before i/rate; the times from when it was due.
pub fn load(
    serving: &Serving,
    threads: usize,
    count: usize,
    rate: Option<f64>,
    each: impl Fn(&mut Connection, usize) + Sync,
) -> (Times, Duration) {
    let (next, begun) = (AtomicUsize::new(0), Instant::now());
    let times = thread::scope(|scope| {
        let run = || {
            let (mut connection, mut times) = (Connection::open(serving.address).unwrap(), Vec::new());
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    return times;
                }
                let due = rate.map_or_else(Instant::now, |rate| begun + Duration::from_secs_f64(index as f64 / rate));
                thread::sleep(due.saturating_duration_since(Instant::now()));
                each(&mut connection, index);
                times.push(due.elapsed());
            }
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    (Times(times), begun.elapsed())
}

/// Resident memory of a process, KiB.
pub fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Processor time of a process so far, its threads' together.
pub fn processor(process: &str) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in brackets may hold anything; behind it come numbers, the 12th and 13th in hundredths of a second.
    let numbers = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    Duration::from_millis(numbers.filter_map(|number| number.parse::<u64>().ok()).sum::<u64>() * 10)
}
