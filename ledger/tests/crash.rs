//! Crashes and failures at every sync point: nothing acknowledged is lost, nothing half applied, nothing applied twice (pitfall 23).

mod common;
#[path = "common/disk.rs"]
mod disk;

use common::*;
use disk::{Disk, FAULTS, Fault};
use privity_ledger::store::Options;
use privity_ledger::*;

const NOW: u64 = START + 10;

fn options() -> Options {
    Options { cache_bytes: 1 << 20, ..Options::default() }
}

fn open(disk: &Disk) -> Result<Ledger, SubmitError> {
    let store = RedbStore::on(disk.clone(), options())?;
    Ledger::open(Box::new(store), Some(Box::new(FixedOperator)))
}

/// Settles transfers one by one; each in turn meets every kind of failure at every sync point of its own settlement. A twin in
/// memory, which never fails, says what the state must be.
#[test]
fn every_sync_point_of_every_settlement_fails_in_every_way() {
    let settlements = size(100, 500);
    let (mut world, mut disk) = (World::new(20), Disk::new(1));
    drop(world.ledger_on(Box::new(RedbStore::on(disk.clone(), options()).unwrap())));
    let twin = world.ledger();
    let mut ledger = open(&disk).unwrap();
    let (mut settled, mut failures, mut survived) = (0, 0, 0);
    // A write syncs twice; the third point never comes, and the settlement goes through.
    let mut points = FAULTS.iter().cycle().flat_map(|fault| (0..3).map(move |point| (point, *fault)));
    let mut transfer = world.any_transfer(anchor(&ledger), NOW);
    while settled < settlements {
        let (point, fault) = points.next().unwrap();
        disk.fail_at(point, fault);
        let outcome = ledger.submit(transfer.clone(), NOW);
        let happened = !disk.disarm();
        failures += usize::from(happened);
        match &outcome {
            Ok(_) | Err(SubmitError::Store(StoreError::Io(_))) => {}
            Err(error) => panic!("{error}"),
        }
        if happened && outcome.is_err() {
            let again = ledger.submit(transfer.clone(), NOW);
            assert!(matches!(again, Err(SubmitError::Store(_))), "a store whose write failed goes on");
        }
        if happened {
            drop(ledger);
            disk = disk.restart();
            ledger = open(&disk).unwrap();
        }
        let position = ledger.read(|state| state.settled(transfer.id())).unwrap();
        assert!(position.is_some() || outcome.is_err(), "an acknowledged settlement is lost");
        if let Some(position) = position {
            assert_eq!(twin.submit(transfer.clone(), NOW).unwrap().position, position);
            survived += usize::from(outcome.is_err());
            settled += 1;
            assert_eq!(rejected(ledger.submit(transfer, NOW)), Rejection::Duplicate { position });
            transfer = world.any_transfer(anchor(&ledger), NOW);
        }
        assert_eq!(ledger.state_root().unwrap(), twin.state_root().unwrap(), "half applied, lost or applied twice");
    }
    println!("{settled} settlements, {failures} failures, {survived} of them after the point of no return");
    assert!(failures > settlements && survived > 0);
}

#[test]
fn a_crash_while_opening_after_a_crash() {
    let (mut world, mut disk) = (World::new(21), Disk::new(2));
    let ledger = world.ledger_on(Box::new(RedbStore::on(disk.clone(), options()).unwrap()));
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    let id = transfer.id();
    ledger.submit(transfer, NOW).unwrap();
    let root = ledger.state_root().unwrap();
    disk.fail_at(0, Fault::PowerCut);
    let lost = world.any_transfer(anchor(&ledger), NOW);
    assert!(ledger.submit(lost, NOW).is_err());
    drop(ledger);
    for point in 0..4 {
        disk = disk.restart();
        disk.fail_at(point, Fault::PowerCut);
        drop(open(&disk));
        disk.disarm();
    }
    disk = disk.restart();
    let ledger = open(&disk).unwrap();
    assert_eq!(ledger.state_root().unwrap(), root);
    assert!(ledger.read(|state| state.settled(id)).unwrap().is_some());
}

#[test]
fn two_openings_of_one_file_and_foreign_formats() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.redb");
    let first = RedbStore::open(&path, options()).unwrap();
    assert_eq!(RedbStore::open(&path, options()).err(), Some(StoreError::InUse));
    drop(first);
    for (version, error) in [(2, StoreError::Newer { found: 2 }), (0, StoreError::Older { found: 0 })] {
        let database = redb::Database::open(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        let format = redb::TableDefinition::<&str, u32>::new("format");
        transaction.open_table(format).unwrap().insert("version", version).unwrap();
        transaction.commit().unwrap();
        drop(database);
        assert_eq!(RedbStore::open(&path, options()).err(), Some(error));
    }
    std::fs::write(&path, b"not a store").unwrap();
    assert!(RedbStore::open(&path, options()).is_err());
    assert!(matches!(RedbStore::open(folder.path(), options()).err(), Some(StoreError::Io(_))));
}

#[test]
fn a_store_without_a_ledger_and_one_with() {
    let world = World::new(22);
    let empty = Ledger::open(Box::new(MemoryStore::new()), None);
    assert!(matches!(empty.err(), Some(SubmitError::Store(StoreError::Empty))));
    let disk = Disk::new(3);
    drop(world.ledger_on(Box::new(RedbStore::on(disk.clone(), options()).unwrap())));
    let store = Box::new(RedbStore::on(disk.restart(), options()).unwrap());
    let again = Ledger::create(store, &world.genesis, None);
    assert!(matches!(again.err(), Some(SubmitError::Store(StoreError::Occupied))));
}
