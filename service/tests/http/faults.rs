//! Stores that fail.

use crate::app::{Setup, Shared, TestApp, settings};
use crate::world::START;
use privity_ledger::{Changes, MemoryStore, Read, Store, StoreError};
use privity_service::server::Scope;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A store on a disk that may be full.
struct Disk {
    rows: MemoryStore,
    full: AtomicBool,
}

impl Store for Disk {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.rows.read()
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        match self.full.load(Ordering::Acquire) {
            true => Err(StoreError::Io("no space left on device".into())),
            false => self.rows.write(changes),
        }
    }
}

#[test]
fn a_full_disk_refuses_writes_serves_reads_and_recovers() {
    let disk = Arc::new(Disk { rows: MemoryStore::new(), full: AtomicBool::new(false) });
    let mut app = TestApp::with(settings(), disk.clone());
    let before = app.get("/v1/ledger").ok();
    let transfer = app.transfer();
    disk.full.store(true, Ordering::Release);
    let answer = app.submit(transfer.clone(), Some("key"));
    assert_eq!((answer.status, answer.problem().as_str()), (503, "unavailable"));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(app.get("/v1/ledger").ok(), before, "reads go on");
    assert_eq!(app.connect().call("GET", "/readyz", &[], &[]).unwrap().status, 503);
    disk.full.store(false, Ordering::Release);
    let deadline = Instant::now() + Duration::from_secs(20);
    let settled = loop {
        let answer = app.submit(transfer.clone(), Some("key"));
        if answer.status == 201 {
            break answer;
        }
        assert!(answer.status == 503 && Instant::now() < deadline, "{answer:?}");
        thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(app.submit(transfer, Some("key")).body, settled.body);
    assert_eq!(app.connect().call("GET", "/readyz", &[], &[]).unwrap().status, 200);
}

#[test]
fn a_store_that_is_only_read_serves_reads() {
    let store = Arc::new(MemoryStore::new());
    drop(TestApp::with(settings(), store.clone()));
    let mut settings = settings();
    (settings.node.read_only, settings.node.sign) = (true, false);
    let mut app = TestApp::on(crate::world::World::new(2), settings, Arc::new(Shared(store)));
    let transfer = app.transfer();
    assert_eq!(app.submit(transfer, None).problem(), "unavailable");
    assert_eq!(app.get("/v1/entries/0").status, 200);
}

#[test]
fn a_clock_that_jumps_stops_settling_until_it_is_right() {
    let ahead = Arc::new(AtomicU64::new(0));
    let (shown, start) = (ahead.clone(), Instant::now());
    let clock = move || START + start.elapsed().as_secs() + shown.load(Ordering::Relaxed);
    let mut settings = settings();
    settings.clock.jump_seconds = 60;
    let mut app = TestApp::of(Setup { clock: Some(Box::new(clock)), ..Setup::fresh(settings) });
    let (first, second) = (app.transfer(), app.transfer());
    assert_eq!(app.submit(first, None).status, 201);
    ahead.store(7_200, Ordering::Relaxed);
    let refused = app.submit(second.clone(), Some("key"));
    assert_eq!((refused.problem().as_str(), refused.json()["rule"].as_str()), ("unavailable", Some("L4")));
    assert!(refused.header("retry-after").is_some());
    let ready = app.connect().call("GET", "/readyz", &[], &[]).unwrap();
    assert_eq!((ready.status, ready.json()["rule"].as_str()), (503, Some("L4")));
    assert_eq!(app.get("/v1/ledger").status, 200, "reads go on");
    let operation = serde_json::json!({ "operation": "revoke-member", "owner": format!("0x{:064x}", 7) });
    assert_eq!(app.post(Scope::Operator, "/v1/operations", &operation).json()["rule"], "L4");
    ahead.store(0, Ordering::Relaxed);
    assert_eq!(app.submit(second, Some("key")).status, 201);
}
