//! A node that follows another.

use crate::app::{Shared, TestApp, settings};
use crate::world::World;
use privity_ledger::{Ledger, MemoryStore};
use privity_service::server::{Scope, Settings};
use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Settings of a node that follows `leader`, its home in `folder`.
fn following(leader: &TestApp, folder: &TempDir) -> Settings {
    let mut settings = settings();
    fs::write(folder.path().join("token"), leader.token(Scope::Auditor)).unwrap();
    settings.home = folder.path().to_owned();
    settings.node.sign = false;
    settings.follow.url = format!("http://{}", leader.address);
    settings.follow.token_file = "token".into();
    settings.follow.seconds = 1;
    settings
}

fn eventually(what: &str, holds: impl Fn() -> bool) {
    let found = (0..200).any(|_| {
        thread::sleep(Duration::from_millis(100));
        holds()
    });
    assert!(found, "{what}");
}

#[test]
fn a_follower_replays_and_reports_two_histories() {
    let (mut leader, mut fork) = (TestApp::start(), TestApp::start());
    let (first, second) = (leader.transfer(), leader.transfer());
    leader.submit(first, None).ok();
    let store = Arc::new(MemoryStore::new());
    drop(Ledger::create(Box::new(Shared(store.clone())), &World::new(1).genesis, None).unwrap());
    let folder = TempDir::new().unwrap();
    {
        let follower = TestApp::on(World::new(1), following(&leader, &folder), store.clone());
        let state = |app: &TestApp| app.get("/v1/ledger").ok();
        eventually("it does not follow", || state(&follower) == state(&leader));
        leader.submit(second.clone(), None).ok();
        eventually("it does not go on", || state(&follower) == state(&leader));
        assert_eq!(follower.submit(second, None).problem(), "refused");
        assert_eq!(follower.connect().call("GET", "/readyz", &[], &[]).unwrap().status, 200);
    }
    // The same operator, another history of the same ledger.
    for _ in 0..3 {
        let other = fork.transfer();
        fork.submit(other, None).ok();
    }
    let follower = TestApp::on(World::new(1), following(&fork, &folder), store);
    eventually("it does not notice", || follower.connect().call("GET", "/readyz", &[], &[]).unwrap().status == 503);
    let ready = follower.connect().call("GET", "/readyz", &[], &[]).unwrap();
    assert_eq!(ready.json()["rule"], "L10");
    let evidence = fs::read_to_string(folder.path().join("split-view.json")).unwrap();
    assert!(evidence.contains("signature"), "{evidence}");
}
