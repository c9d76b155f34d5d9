//! Half an hour of everything at a moderate rate, and what it does to resident memory.

use crate::client::Connection;
use crate::home::{Home, Serving, call};
use crate::load::{load, resident};
use std::env;
use std::fmt::Write;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Transactions per second.
const SETTLED: u64 = 10;
/// Reads of each of four clients per second.
const READ: u32 = 25;
/// Streams at a time.
const STREAMS: usize = 20;

/// Runs `each` again and again, about so many times a second.
fn paced(stop: &AtomicBool, per_second: u32, mut each: impl FnMut(u64)) {
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let due = Instant::now() + Duration::from_secs(1) / per_second;
        each(count);
        count += 1;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

pub fn soak() {
    let mut home = Home::new();
    // The store's page cache is bounded; it is small here, so that it is full before anything is measured.
    let caches = "[node]\ncache_bytes = 8388608\n";
    home.settings(&format!("{}{caches}[jobs]\nkept_seconds = 60\n", crate::LIMITS));
    let serving = home.serve();
    fill(&mut home, &serving);
    let (length, begun) = (Duration::from_secs(privity_testkit::size(60, 1_800) as u64), Instant::now());
    let (stop, calls, transfers) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::new(Vec::new()));
    let mut samples: Vec<(f64, u64)> = Vec::new();
    thread::scope(|scope| {
        let (serving, stop, calls, transfers) = (&serving, &stop, &calls, &transfers);
        let token = home.token.clone();
        scope.spawn(move || settle(serving, &token, stop, calls, transfers));
        for client in 0..4 {
            let token = home.token.clone();
            scope.spawn(move || read(serving, &token, client, stop, calls));
        }
        let token = home.token.clone();
        scope.spawn(move || follow(serving, &token, stop));
        while begun.elapsed() < length {
            let wanted = 20 * SETTLED as usize;
            let missing = wanted.saturating_sub(transfers.lock().unwrap().len());
            let more = home.transfers(missing);
            transfers.lock().unwrap().extend(more);
            samples.push((begun.elapsed().as_secs_f64(), resident(serving.child.id())));
            thread::sleep(Duration::from_secs(5));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let mut text = String::from("seconds,resident_kib\n");
    samples.iter().for_each(|(time, kib)| writeln!(text, "{time:.0},{kib}").unwrap());
    let file = env::var("PRIVITY_SAMPLES").unwrap_or_else(|_| home.path("soak.csv").display().to_string());
    fs::write(&file, text).unwrap();
    let late: Vec<_> = samples.iter().filter(|(time, _)| *time >= length.as_secs_f64() / 3.0).copied().collect();
    println!(
        "soak: {:.0} s, {} calls; resident {} KiB at first, {} KiB at last; over the last two thirds {:+.2} MiB/h; samples in {file}",
        length.as_secs_f64(),
        calls.load(Ordering::Relaxed),
        samples.first().map_or(0, |sample| sample.1),
        samples.last().map_or(0, |sample| sample.1),
        slope(&late) * 3_600.0 / 1_024.0,
    );
}

/// Settles and reads until caches hold what they may.
fn fill(home: &mut Home, serving: &Serving) {
    let all = home.transfers(4_000);
    let token = &home.token;
    let each = |connection: &mut Connection, index: usize| {
        let answer = call(connection, token, "POST", "/v1/transactions", Some(&index.to_string()), &all[index]);
        assert_eq!(answer.unwrap().status, 201);
    };
    load(serving, 64, all.len(), None, each);
    let each = |connection: &mut Connection, index: usize| {
        assert_eq!(call(connection, token, "GET", &format!("/v1/entries/{index}"), None, &[]).unwrap().status, 200);
    };
    load(serving, 8, all.len(), None, each);
}

/// Settles, every tenth twice under its key, every hundredth as something that is refused.
fn settle(serving: &Serving, token: &str, stop: &AtomicBool, calls: &AtomicU64, transfers: &Mutex<Vec<Vec<u8>>>) {
    let mut connection = Connection::open(serving.address).unwrap();
    paced(stop, SETTLED as u32, |count| {
        let Some(bytes) = transfers.lock().unwrap().pop() else { return };
        let key = format!("soak-{count}");
        for _ in 0..1 + u64::from(count % 10 == 0) {
            let answer = call(&mut connection, token, "POST", "/v1/transactions", Some(&key), &bytes).unwrap();
            assert_eq!(answer.status, 201, "{answer:?}");
            calls.fetch_add(1, Ordering::Relaxed);
        }
        if count % 100 == 0 {
            let answer = call(&mut connection, token, "POST", "/v1/transactions", None, &bytes).unwrap();
            assert_eq!(answer.status, 409);
        }
    });
}

/// Reads of every kind; every hundredth on a new connection.
fn read(serving: &Serving, token: &str, client: u64, stop: &AtomicBool, calls: &AtomicU64) {
    let mut connection = Connection::open(serving.address).unwrap();
    paced(stop, READ, |count| {
        let at = count * 7 + client;
        let path = match count % 6 {
            0 => "/v1/ledger".to_owned(),
            1 => format!("/v1/entries/{}", at % 4_000),
            2 => format!("/v1/entries?cursor={}&limit=32", at % 4_000),
            3 => format!("/v1/paths/{}", at % 4_000),
            4 => format!("/v1/nullifiers/0x{at:064x}"),
            _ => "/metrics".to_owned(),
        };
        if count % 100 == 0 {
            connection = Connection::open(serving.address).unwrap();
        }
        assert_eq!(call(&mut connection, token, "GET", &path, None, &[]).unwrap().status, 200, "{path}");
        calls.fetch_add(1, Ordering::Relaxed);
    });
}

/// Streams that come and go.
fn follow(serving: &Serving, token: &str, stop: &AtomicBool) {
    let authorization = format!("Bearer {token}");
    let mut open: Vec<Connection> = Vec::new();
    paced(stop, 2, |count| {
        let mut connection = Connection::open(serving.address).unwrap();
        let path = format!("/v1/stream?from={}", count % 4_000);
        let head = connection.call_head("GET", &path, &[("authorization", authorization.as_str())]).unwrap();
        assert_eq!(head.status, 200);
        (0..50).for_each(|_| drop(connection.event()));
        open.push(connection);
        if open.len() > STREAMS {
            open.remove(0);
        }
    });
}

/// The slope of the line of least squares.
fn slope(samples: &[(f64, u64)]) -> f64 {
    let count = samples.len().max(1) as f64;
    let (x, y) = samples.iter().fold((0.0, 0.0), |(x, y), (time, kib)| (x + time / count, y + *kib as f64 / count));
    let (over, under) = samples.iter().fold((0.0, 0.0), |(over, under), (time, kib)| {
        (over + (time - x) * (*kib as f64 - y), under + (time - x) * (time - x))
    });
    if under > 0.0 { over / under } else { 0.0 }
}
