//! Load on the service: settlements, reads and streams, client and server on one machine, in processes of their own.
//!
//! `cargo bench -p privity-service --bench http -- [settle|read|verify|stream]…`, all of them if none is named. `PRIVITY_LONG=1` opens 10 000 streams
//! instead of 500; the limit of open files must allow it in both processes (`ulimit -n 25000`).

#[path = "../tests/http/client.rs"]
mod client;
#[path = "../tests/http/home.rs"]
mod home;
#[path = "../../ledger/tests/common/mod.rs"]
mod world;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use client::Connection;
use home::{Home, Serving, call};
use privity_circuits::{Statement, field};
use privity_ledger::{Body, Codec, Item, Leg};
use serde_json::json;
use std::env;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Times of single calls.
struct Times(Vec<Duration>);

impl Times {
    fn share(&mut self, part: f64) -> Duration {
        self.0.sort();
        let index = (self.0.len() as f64 * part) as usize;
        self.0.get(index.min(self.0.len().saturating_sub(1))).copied().unwrap_or_default()
    }

    fn print(mut self, what: &str, took: Duration) {
        let rate = self.0.len() as f64 / took.as_secs_f64();
        let (median, p99) = (self.share(0.5), self.share(0.99));
        println!("{what}: {rate:.0}/s over {} calls; median {median:.1?}, p99 {p99:.1?}", self.0.len());
    }
}

fn main() {
    let named: Vec<String> = env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    let mut home = Home::new();
    home.settings("[limits]\nper_second = 1000000\nburst = 1000000\n");
    let serving = home.serve();
    if wanted("settle") {
        settle(&mut home, &serving);
    }
    if wanted("read") {
        read(&home, &serving);
    }
    if wanted("verify") {
        verify(&mut home, &serving);
    }
    if wanted("stream") {
        stream(&home, &serving);
    }
}

/// Runs `each` over `count` items on `threads` connections, item i not before i/rate; the times from when it was due.
fn load(
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

fn settle(home: &mut Home, serving: &Serving) {
    let count = privity_testkit::size(4_000, 20_000);
    let all = home.transfers(count + count / 2);
    let token = &home.token;
    let each = |connection: &mut Connection, index: usize| {
        let answer =
            call(connection, token, "POST", "/v1/transactions", Some(&index.to_string()), &all[index]).unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
    };
    let (times, took) = load(serving, 128, count, None, each);
    let rate = count as f64 / took.as_secs_f64();
    times.print("settle, 128 connections, as fast as answered", took);
    let half = |connection: &mut Connection, index: usize| each(connection, count + index);
    let (times, took) = load(serving, 128, count / 2, Some(rate / 2.0), half);
    times.print("settle, half that load", took);
}

fn read(home: &Home, serving: &Serving) {
    let count = privity_testkit::size(60_000, 400_000);
    for path in ["/v1/entries/3", "/v1/ledger", "/v1/head"] {
        let each = |connection: &mut Connection, _: usize| {
            let answer = call(connection, &home.token, "GET", path, None, &[]).unwrap();
            assert!(matches!(answer.status, 200 | 404), "{answer:?}");
        };
        let (times, took) = load(serving, 16, count, None, each);
        times.print(&format!("read {path}, 16 connections"), took);
    }
}

fn verify(home: &mut Home, serving: &Serving) {
    let claims: Vec<serde_json::Value> = home
        .transfers(512)
        .iter()
        .map(|bytes| match Item::from_bytes(bytes).unwrap() {
            Item::Transaction(transaction) => match transaction.body {
                Body::Transfer { leg: Leg::Payment(claim), .. } => {
                    let inputs: Vec<String> = claim.statement.public_inputs().iter().map(field::to_hex).collect();
                    json!({ "key": claim.key.to_string(), "inputs": inputs, "proof": STANDARD.encode(claim.proof.to_bytes()) })
                }
                _ => unreachable!("a payment"),
            },
            _ => unreachable!("a transaction"),
        })
        .collect();
    let mut single = 0.0;
    for size in [1, 64] {
        let calls: Vec<Vec<u8>> =
            claims.chunks(size).map(|part| json!({ "claims": part }).to_string().into_bytes()).collect();
        let each = |connection: &mut Connection, index: usize| {
            let authorization = format!("Bearer {}", home.token);
            let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
            let answer = connection.call("POST", "/v1/verifications", &headers, &calls[index]).unwrap();
            assert_eq!(answer.json()["valid"], true, "{answer:?}");
        };
        let (times, took) = load(serving, 2, calls.len(), None, each);
        let rate = claims.len() as f64 / took.as_secs_f64();
        times.print(&format!("verify, {size} claims per call: {rate:.0} claims/s; calls"), took);
        if size == 1 {
            single = rate;
        } else {
            println!("verify: a batch call has {:.2} times the single calls' throughput", rate / single);
        }
    }
}

fn stream(home: &Home, serving: &Serving) {
    let count = privity_testkit::size(500, 10_000);
    let resident = || {
        let status = fs::read_to_string(format!("/proc/{}/status", serving.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0)
    };
    let idle = resident();
    let authorization = format!("Bearer {}", home.token);
    let open = |_| {
        let mut connection = Connection::open(serving.address).unwrap();
        let head =
            connection.call_head("GET", "/v1/stream?from=0", &[("authorization", authorization.as_str())]).unwrap();
        assert_eq!(head.status, 200);
        connection
    };
    let mut all: Vec<Connection> = (0..count).map(open).collect();
    for connection in &mut all {
        // Past what is in the log: every stream is at its end.
        for _ in 0..9 {
            connection.event();
        }
    }
    let with = resident();
    let each = with.saturating_sub(idle) as f64 / count as f64;
    println!("stream: {count} subscribers; resident {idle} KiB idle, {with} KiB with them, {each:.1} KiB each");
}
