//! Crashes and failures at every sync point: nothing acknowledged is lost, nothing half applied, nothing applied twice (pitfall 23).

mod common;
#[path = "common/disk.rs"]
mod disk;

use common::*;
use disk::{Disk, FAULTS, Fault};
use privity_ledger::store::Options;
use privity_ledger::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const NOW: u64 = START + 10;

fn options() -> Options {
    Options { cache_bytes: 1 << 20, ..Options::default() }
}

fn open(disk: &Disk) -> Result<Ledger, SubmitError> {
    let store = RedbStore::on(disk.clone(), options())?;
    Ledger::open(Box::new(store), Some(Box::new(FixedOperator)))
}

/// What came of settling on a copy of a disk.
struct Attempt {
    outcome: Result<(), StoreError>,
    /// Sync points that were reached, and whether the fault struck.
    syncs: usize,
    struck: bool,
    /// What a restarted machine finds, and the state root in it.
    left: Disk,
    root: [u8; 32],
}

/// Settles on a copy of `disk`.
fn attempt(disk: &Disk, item: &Checked, fault: Option<(usize, Fault)>) -> Attempt {
    let disk = disk.restart();
    let store = RedbStore::on(disk.clone(), options()).unwrap();
    if let Some((point, fault)) = fault {
        disk.fail_at(point, fault);
    }
    let opened = disk.syncs();
    let changes = {
        let snapshot = store.read().unwrap();
        let mut state = State::load(&*snapshot).unwrap();
        apply(&mut state, item, NOW).unwrap();
        state.into_changes()
    };
    let (outcome, syncs) = (store.write(&changes), disk.syncs() - opened);
    let struck = fault.is_some() && !disk.disarm();
    drop(store);
    let left = disk.restart();
    let store = RedbStore::on(left.clone(), options()).unwrap();
    let root = state_root(&*store.read().unwrap()).unwrap();
    Attempt { outcome, syncs, struck, left, root }
}

/// Each settlement meets each kind of failure at each of its sync points, each time on a copy of the same disk; the next settlement
/// goes on with one of the disks that failed. Counts sync points, failures, and how many came after the point of no return.
fn every_failure_of_each(settlements: usize, seed: u64) -> [usize; 3] {
    let (mut world, mut disk) = (World::new(seed), Disk::new(seed));
    let ledger = world.ledger_on(Box::new(RedbStore::on(disk.clone(), options()).unwrap()));
    let (empty, mut before) = (anchor(&ledger), ledger.state_root().unwrap());
    let keys = world.keys.verifying().into_iter().map(privity_verifier::PreparedKey::new).collect();
    let transfers = (0..settlements).map(|_| world.any_transfer(empty, NOW).into()).collect();
    let [mut points, mut failures, mut survived] = [0; 3];
    let checked = {
        let snapshot = ledger.store().read().unwrap();
        check(&State::load(&*snapshot).unwrap(), &keys, transfers, &mut world.rng)
    };
    drop(ledger);
    for (count, item) in checked.into_iter().enumerate() {
        let item = item.unwrap();
        let Attempt { outcome, syncs, root: after, .. } = attempt(&disk, &item, None);
        assert!(outcome.is_ok() && after != before && syncs >= 2);
        points += syncs;
        let mut failed = Vec::new();
        for fault in FAULTS.iter().flat_map(|fault| (0..syncs).map(move |point| (point, *fault))) {
            let attempt = attempt(&disk, &item, Some(fault));
            if !attempt.struck {
                // Nothing is written in front of some syncs, so no write can find the disk full there.
                assert!(matches!(fault.1, Fault::Full | Fault::Short) && attempt.root == after);
                continue;
            }
            assert!(attempt.outcome.is_err(), "{fault:?} was not noticed");
            assert!(attempt.root == after || attempt.root == before, "half applied: {fault:?}");
            failures += 1;
            survived += usize::from(attempt.root == after);
            failed.push(attempt);
        }
        let last = failed.swap_remove(count % failed.len());
        disk = if last.root == after { last.left } else { attempt(&last.left, &item, None).left };
        before = after;
    }
    [points, failures, survived]
}

#[test]
fn every_sync_point_of_every_settlement_fails_in_every_way() {
    let settlements = size(500, 2_000);
    let halves = std::thread::scope(|scope| {
        let start = |seed| scope.spawn(move || every_failure_of_each(settlements / 2, seed));
        [20, 21].map(start).map(|half| half.join().unwrap())
    });
    let [points, failures, survived] = [0, 1, 2].map(|index| halves[0][index] + halves[1][index]);
    println!(
        "{settlements} settlements, {points} sync points, {failures} failures, {survived} after the point of no return"
    );
    assert!(points >= 2 * settlements && failures >= 4 * points && survived > settlements);
}

/// Settles transfers one by one; in turn they meet every kind of failure at the first, the second and no sync point of their
/// settlement. A twin in memory, which never fails, says what the state must be.
#[test]
fn a_ledger_goes_on_after_failures_one_upon_the_other() {
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

/// A store that fails once and then works as if nothing had been.
struct Flaky {
    rows: MemoryStore,
    fails: Arc<AtomicBool>,
}

impl Store for Flaky {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.rows.read()
    }

    fn write(&self, changes: &privity_ledger::store::Changes) -> Result<(), StoreError> {
        if self.fails.swap(false, Ordering::SeqCst) {
            return Err(StoreError::Io("injected".into()));
        }
        self.rows.write(changes)
    }
}

#[test]
fn after_a_failed_write_nothing_is_acknowledged_until_it_is_opened_again() {
    let (mut world, fails) = (World::new(23), Arc::new(AtomicBool::new(false)));
    let ledger = world.ledger_on(Box::new(Flaky { rows: MemoryStore::new(), fails: fails.clone() }));
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    fails.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        assert!(matches!(ledger.submit(transfer.clone(), NOW), Err(SubmitError::Store(StoreError::Io(_)))));
        assert!(!fails.load(Ordering::SeqCst), "the store works again, the ledger does not know what it holds");
    }
    let entry = ledger.enter(EntryBody::Policy(policy(3)), NOW);
    assert!(matches!(entry, Err(SubmitError::Store(StoreError::Io(_)))));
}
