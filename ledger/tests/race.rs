//! Threads that race: one note spends once.

mod common;

use common::*;
use privity_circuits::note::Nullifier;
use privity_ledger::*;
use std::sync::Barrier;

const NOW: u64 = START + 10;
const THREADS: usize = 64;

#[test]
fn one_note_raced_by_64_threads_is_spent_once_per_round() {
    let rounds = size(200, 1_000);
    let mut world = World::new(30);
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(&folder.path().join("race.redb"), Default::default()).unwrap();
    let ledger = world.ledger_on(Box::new(store));
    let mut spent = 0;
    for _ in 0..rounds {
        let (root, note) = (anchor(&ledger), Nullifier::new(world.fresh()));
        let racers: Vec<Transaction> = (0..THREADS)
            .map(|_| {
                let mut x = world.spend::<2, 3>(root, NOW);
                x.nullifiers[1] = note;
                world.transfer(x)
            })
            .collect();
        let barrier = Barrier::new(THREADS);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let run = |transfer| {
                let (ledger, barrier) = (&ledger, &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    ledger.submit(transfer, NOW)
                })
            };
            let threads: Vec<_> = racers.into_iter().map(run).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        for outcome in lost {
            assert_eq!(rejected(outcome), Rejection::NullifierSpent { nullifier: note });
        }
        spent += won.len();
    }
    assert_eq!(spent, rounds);
    let (notes, position) = ledger.read(|state| Ok((state.notes(), state.position()))).unwrap();
    assert_eq!(notes, 3 * rounds as u64);
    assert_eq!(position, (world.registrations().len() + rounds) as u64);
    println!("{rounds} rounds of {THREADS} threads, {spent} spends");
}

#[test]
fn different_notes_all_settle_and_the_log_is_one_chain() {
    let mut world = World::new(31);
    let ledger = world.ledger();
    let root = anchor(&ledger);
    let transfers: Vec<Transaction> = (0..48).map(|_| world.any_transfer(root, NOW)).collect();
    std::thread::scope(|scope| {
        for chunk in transfers.chunks(6) {
            let ledger = &ledger;
            scope.spawn(move || {
                let items = chunk.iter().cloned().map(Item::from).collect();
                assert!(ledger.submit_many(items, NOW).iter().all(Result::is_ok));
            });
        }
    });
    let records = ledger.records(0, usize::MAX).unwrap();
    let head = ledger.head().unwrap().unwrap();
    assert_eq!(head.position, records.len() as u64);
    let mut hash = world.genesis.ledger().0;
    for record in &records {
        assert_eq!(record.previous, hash);
        hash = record.hash(world.genesis.ledger());
    }
    assert_eq!(hash, head.hash);
    assert!(head.is_signed_by(&world.operator.public));
}
