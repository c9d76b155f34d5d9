//! Acknowledgements that are remembered with what settles.

mod common;

use common::{START, World, anchor};
use privity_ledger::*;
use rand_chacha::rand_core::SeedableRng;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn memo(key: u8, digest: u8, until: u64) -> Option<Memo> {
    Some(Memo { key: [key; 32], digest: [digest; 32], until })
}

fn one(ledger: &Ledger, item: &Transaction, memo: Option<Memo>) -> Result<Acknowledgement, SubmitError> {
    let submission = Submission { item: item.clone().into(), memo };
    ledger.acknowledge(vec![submission], START).pop().unwrap()
}

#[test]
fn a_repetition_is_told_the_same_and_settles_nothing() {
    let mut world = World::new(1);
    let ledger = world.ledger();
    let root = anchor(&ledger);
    let (first, other) = (world.any_transfer(root, START), world.any_transfer(root, START));
    let told = one(&ledger, &first, memo(1, 1, START + 10)).unwrap();
    assert_eq!(told.head, Some(told.position + 1));
    one(&ledger, &other, memo(2, 2, START + 20)).unwrap();
    assert_eq!(one(&ledger, &first, memo(1, 1, START + 99)).unwrap(), told, "later heads change nothing");
    assert!(matches!(one(&ledger, &other, memo(1, 9, START)), Err(SubmitError::MemoReused)));
    assert!(matches!(one(&ledger, &first, None), Err(SubmitError::Rejected(Rejection::Duplicate { .. }))));
    assert!(matches!(one(&ledger, &first, memo(3, 1, START)), Err(SubmitError::Rejected(Rejection::Duplicate { .. }))));
    let head = ledger.head_at(told.position + 1).unwrap().unwrap();
    assert_eq!(head.hash, told.hash);
}

#[test]
fn repetitions_within_one_submission_settle_once() {
    let mut world = World::new(2);
    let ledger = world.ledger();
    let transfer = world.any_transfer(anchor(&ledger), START);
    let length = ledger.read(|state| Ok(state.position())).unwrap();
    let submission = Submission { item: transfer.clone().into(), memo: memo(1, 1, START) };
    let clash = Submission { item: transfer.into(), memo: memo(1, 2, START) };
    let mut told = ledger.acknowledge(vec![submission.clone(), submission.clone(), clash, submission], START);
    assert!(matches!(told.remove(2), Err(SubmitError::MemoReused)));
    let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
    assert!(told.iter().all(|one| *one == told[0]));
    assert_eq!(told[0].head, Some(length + 1));
    assert_eq!(ledger.read(|state| Ok(state.position())).unwrap(), length + 1);
}

#[test]
fn a_refusal_is_not_remembered() {
    let mut world = World::new(3);
    let ledger = world.ledger();
    let root = anchor(&ledger);
    let late = world.any_transfer(root, START - 4 * 86_400);
    assert!(one(&ledger, &late, memo(1, 1, START)).is_err());
    let good = world.any_transfer(root, START);
    assert!(one(&ledger, &good, memo(1, 2, START)).is_ok());
}

#[test]
fn memos_are_no_state_and_are_forgotten_when_due() {
    let mut world = World::new(4);
    let (with, without) = (world.ledger(), world.ledger());
    let transfer = world.any_transfer(anchor(&with), START);
    one(&with, &transfer, memo(1, 1, START + 10)).unwrap();
    one(&without, &transfer, None).unwrap();
    assert_eq!(with.state_root().unwrap(), without.state_root().unwrap());
    assert_eq!(with.forget(START + 9, 10).unwrap(), 0);
    assert!(one(&with, &transfer, memo(1, 1, START)).is_ok());
    assert_eq!(with.forget(START + 10, 10).unwrap(), 1);
    assert!(one(&with, &transfer, memo(1, 1, START)).is_err());
    let mut log = Vec::new();
    audit::export(with.store(), &mut log).unwrap();
    audit::audit(&mut log.as_slice(), &mut rand_chacha::ChaCha20Rng::from_seed([1; 32])).unwrap();
}

#[test]
fn an_entry_of_the_operator_is_made_once() {
    let world = World::new(5);
    let ledger = world.ledger();
    let body = EntryBody::Policy(common::policy(77));
    let told = ledger.enter_once(body.clone(), START, memo(1, 1, START)).unwrap();
    assert_eq!(ledger.enter_once(body.clone(), START, memo(1, 1, START)).unwrap(), told);
    assert!(matches!(ledger.enter_once(body, START, memo(1, 2, START)), Err(SubmitError::MemoReused)));
    assert_eq!(told.head, Some(told.position + 1));
}

/// A store that fails at its nth write.
struct Failing(Arc<MemoryStore>, AtomicUsize);

impl Store for Failing {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.0.read()
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        match self.1.fetch_sub(1, Ordering::Relaxed) {
            1 => Err(StoreError::Io("full".into())),
            _ => self.0.write(changes),
        }
    }
}

#[test]
fn what_was_not_written_is_not_remembered() {
    let mut world = World::new(6);
    let rows = Arc::new(MemoryStore::new());
    let setup = 1 + world.registrations().len();
    let ledger = world.ledger_on(Box::new(Failing(rows.clone(), AtomicUsize::new(setup + 1))));
    let transfer = world.any_transfer(anchor(&ledger), START);
    assert!(matches!(one(&ledger, &transfer, memo(1, 1, START)), Err(SubmitError::Store(_))));
    let again = Ledger::open(Box::new(Failing(rows, AtomicUsize::new(99))), None).unwrap();
    let told = one(&again, &transfer, memo(1, 1, START)).unwrap();
    assert_eq!(told.head, None, "nobody signs here");
    assert_eq!(one(&again, &transfer, memo(1, 1, START)).unwrap(), told);
}

#[test]
fn another_nodes_log_is_replayed_and_a_break_is_noticed() {
    let mut world = World::new(7);
    let leader = world.ledger();
    for _ in 0..3 {
        let transfer = world.any_transfer(anchor(&leader), START);
        leader.submit(transfer, START).unwrap();
    }
    let follower = || Ledger::create(Box::new(MemoryStore::new()), &world.genesis, None).unwrap();
    let records = leader.records(0, 100).unwrap();
    let whole = follower();
    whole.replay(records[..4].to_vec()).unwrap();
    whole.replay(records[4..].to_vec()).unwrap();
    assert_eq!(whole.state_root().unwrap(), leader.state_root().unwrap());
    let last = records.len() - 1;
    let gap = [&records[..last - 1], &records[last..]].concat();
    assert!(matches!(follower().replay(gap), Err(audit::AuditError::Chain { .. })));
    for spoil in [
        (|record: &mut Record| record.time += 1) as fn(&mut Record),
        |record| record.previous[0] ^= 1,
        |record| record.body[40] ^= 1,
    ] {
        let mut records = records.clone();
        spoil(&mut records[last - 1]);
        assert!(follower().replay(records).is_err());
    }
}

/// What lies beside the log of a ledger.
fn beside(ledger: &Ledger) -> Changes {
    let mut rows = Changes::new();
    aside::rows(ledger.store(), &mut |key, value| {
        rows.insert(key.to_vec(), value.to_vec());
        true
    })
    .unwrap();
    rows
}

#[test]
fn a_ledger_rebuilt_from_its_log_answers_repetitions_once_they_are_restored() {
    let mut world = World::new(6);
    let ledger = world.ledger();
    let root = anchor(&ledger);
    let (first, second) = (world.any_transfer(root, START), world.any_transfer(root, START));
    let told = [one(&ledger, &first, memo(1, 1, START + 10)), one(&ledger, &second, memo(2, 2, START + 20))];
    let (mut log, rows) = (Vec::new(), beside(&ledger));
    audit::export(ledger.store(), &mut log).unwrap();
    let rebuilt = || {
        let store = MemoryStore::new();
        audit::import(&mut log.as_slice(), &store, &mut rand_chacha::ChaCha20Rng::seed_from_u64(1)).unwrap();
        store
    };
    let (store, bare) = (rebuilt(), rebuilt());
    aside::restore(&store, &rows).unwrap();
    let restored = Ledger::open(Box::new(store), None).unwrap();
    assert_eq!(beside(&restored), rows);
    for ((item, key), told) in [(&first, 1), (&second, 2)].into_iter().zip(told) {
        assert_eq!(one(&restored, item, memo(key, key, START)).unwrap(), told.unwrap());
    }
    // Nothing that the log does not bear out is taken, whichever byte of it is another.
    for (key, value) in &rows {
        for at in [0, key.len() / 2, key.len() - 1] {
            let mut other = rows.clone();
            let mut moved = key.clone();
            moved[at] ^= 1;
            let value = other.remove(key).unwrap();
            other.insert(moved, value);
            let kept = key[0] == 40 || key[0] == 41 && (1..9).contains(&at);
            assert!(kept || aside::restore(&bare, &other).is_err(), "{key:?} at {at}");
        }
        for at in [40, value.len().saturating_sub(9), value.len().saturating_sub(1)] {
            let mut other = rows.clone();
            let Some(byte) = other.get_mut(key).and_then(|value| value.get_mut(at)) else { continue };
            *byte ^= 1;
            // Which head an acknowledgement names is the node's own business.
            let head_of_memo = key[0] == 40 && at + 8 >= value.len();
            assert!(head_of_memo || aside::restore(&bare, &other).is_err(), "{key:?} at {at} of the value");
        }
    }
}
