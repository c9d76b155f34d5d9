//! A real process on a real file, killed while it settles: what it acknowledged is there, and the log replays to the same state.

mod common;

use common::*;
use privity_ledger::audit::{audit, export};
use privity_ledger::*;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const NOW: u64 = START + 10;
const STORE: &str = "PRIVITY_KILL_STORE";
const WORK: &str = "PRIVITY_KILL_WORK";
/// Batches, of three transfers each, that a process finds to settle: more than it lives to.
const BATCHES: usize = 8;
const BATCH: usize = 3;

fn open(path: &Path) -> Ledger {
    let store = RedbStore::open(path, Default::default()).unwrap();
    Ledger::open(Box::new(store), Some(Box::new(FixedOperator))).unwrap()
}

/// The process that is killed: settles what it finds, says so, and waits. Without its variables it does nothing.
#[test]
fn child() {
    let (Ok(path), Ok(work)) = (std::env::var(STORE), std::env::var(WORK)) else { return };
    let ledger = open(Path::new(&path));
    let work: Vec<Item> = std::fs::read(work)
        .unwrap()
        .chunks_exact(TRANSFER)
        .map(|transfer| Transaction::from_bytes(transfer).unwrap().into())
        .collect();
    for batch in work.chunks(BATCH) {
        for (settlement, item) in ledger.submit_many(batch.to_vec(), NOW).iter().zip(batch) {
            assert!(settlement.is_ok());
            writeln!(std::io::stdout(), "settled {}", item.id(LedgerHash([0; 32]))).unwrap();
        }
    }
    std::thread::sleep(std::time::Duration::from_secs(600));
}

/// Bytes of a 2→3 transfer.
const TRANSFER: usize = 2_394;

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let kills = size(200, 1_000);
    let folder = tempfile::tempdir().unwrap();
    let (path, work) = (folder.path().join("ledger.redb"), folder.path().join("work"));
    let mut world = World::new(80);
    let empty = {
        let ledger = world.ledger_on(Box::new(RedbStore::open(&path, Default::default()).unwrap()));
        anchor(&ledger)
    };
    let first = world.registrations().len() as u64;
    let (mut acknowledged, mut settled, mut unheard) = (BTreeSet::new(), Vec::new(), 0);
    for kill in 0..kills {
        let transfers = (0..BATCHES * BATCH).flat_map(|_| world.any_transfer(empty, NOW).to_bytes());
        std::fs::write(&work, transfers.collect::<Vec<u8>>()).unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child", "--exact", "--nocapture"])
            .env(STORE, &path)
            .env(WORK, &work)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said: Vec<String> = lines.by_ref().take(2 + kill % 9).map(Result::unwrap).collect();
        // Not always just after a word of it: some way into what it does next.
        std::thread::sleep(std::time::Duration::from_micros(700 * (kill as u64 % 17)));
        child.kill().unwrap();
        child.wait().unwrap();
        said.extend(lines.map_while(Result::ok));
        let heard = said.iter().filter_map(|line| line.split("settled ").nth(1)).filter(|id| id.len() == 64);
        acknowledged.extend(heard.map(String::from));
        let ledger = open(&path);
        for record in ledger.records(first + settled.len() as u64, usize::MAX).unwrap() {
            settled.push(Item::from_log(&record).unwrap().id(world.genesis.ledger()).to_string());
        }
        let once: BTreeSet<&String> = settled.iter().collect();
        assert_eq!(once.len(), settled.len(), "settled twice");
        assert!(acknowledged.iter().all(|id| once.contains(id)), "an acknowledged settlement is lost");
        unheard = settled.len() - acknowledged.len();
    }
    assert!(acknowledged.len() > kills);
    let ledger = open(&path);
    let mut file = Vec::new();
    export(ledger.store(), &mut file).unwrap();
    let report = audit(&mut file.as_slice(), &mut world.rng).unwrap();
    assert_eq!(report.state_root, ledger.state_root().unwrap());
    let (heard, records) = (acknowledged.len(), report.records);
    println!("{kills} kills, {heard} acknowledged, {unheard} settled unheard, {records} records replayed");
}
