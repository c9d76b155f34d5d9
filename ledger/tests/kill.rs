//! A real process on a real file, killed while it settles: what it acknowledged is there, and the log replays to the same state.

mod common;

use common::*;
use privity_ledger::audit::{audit, export};
use privity_ledger::*;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const NOW: u64 = START + 10;
const STORE: &str = "PRIVITY_KILL_STORE";
const SEED: &str = "PRIVITY_KILL_SEED";

fn open(path: &Path) -> Ledger {
    let store = RedbStore::open(path, Default::default()).unwrap();
    Ledger::open(Box::new(store), Some(Box::new(FixedOperator))).unwrap()
}

/// The process that is killed: settles and says so, for ever. Without its variables it does nothing.
#[test]
fn child() {
    let (Ok(path), Ok(seed)) = (std::env::var(STORE), std::env::var(SEED)) else { return };
    let mut world = World::new(seed.parse().unwrap());
    let ledger = open(Path::new(&path));
    loop {
        let batch: Vec<Transaction> = (0..3).map(|_| world.any_transfer(anchor(&ledger), NOW)).collect();
        let ids: Vec<TransactionId> = batch.iter().map(Transaction::id).collect();
        for (settlement, id) in ledger.submit_many(batch.into_iter().map(Item::from).collect(), NOW).iter().zip(ids) {
            assert!(settlement.is_ok());
            writeln!(std::io::stdout(), "settled {id}").unwrap();
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let kills = size(4, 200);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.redb");
    let mut world = World::new(80);
    drop(world.ledger_on(Box::new(RedbStore::open(&path, Default::default()).unwrap())));
    let mut acknowledged = Vec::new();
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(STORE, &path)
            .env(SEED, (1_000 + kill).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said: Vec<String> = lines.by_ref().take(2 + kill % 9).map(Result::unwrap).collect();
        child.kill().unwrap();
        child.wait().unwrap();
        said.extend(lines.map_while(Result::ok));
        acknowledged.extend(said.iter().filter_map(|line| line.split("settled ").nth(1)).map(String::from));
        let ledger = open(&path);
        let registrations = world.registrations().len();
        let settled: Vec<String> = ledger
            .records(registrations as u64, usize::MAX)
            .unwrap()
            .iter()
            .map(|record| Item::from_bytes(&record.body).unwrap().id(world.genesis.ledger()).to_string())
            .collect();
        for id in acknowledged.iter().filter(|id| id.len() == 64) {
            assert_eq!(settled.iter().filter(|other| *other == id).count(), 1, "{id}");
        }
    }
    assert!(acknowledged.len() > kills);
    let ledger = open(&path);
    let mut file = Vec::new();
    export(ledger.store(), &mut file).unwrap();
    let report = audit(&mut file.as_slice(), &mut world.rng).unwrap();
    assert_eq!(report.state_root, ledger.state_root().unwrap());
    println!("{kills} kills, {} acknowledged, {} records replayed", acknowledged.len(), report.records);
}
