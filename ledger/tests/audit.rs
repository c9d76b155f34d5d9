//! The log: export, import, offline audit, heads that disagree (L10).

mod common;

use common::*;
use privity_ledger::audit::{AuditError, Report, audit, export, import};
use privity_ledger::*;

const NOW: u64 = START + 10;

/// A ledger with every kind of transaction and entry in its log.
fn history(seed: u64) -> (World, Ledger) {
    let mut world = World::new(seed);
    let ledger = world.ledger();
    let admission = world.admission(60);
    let owner = admission.owner;
    ledger.enter(EntryBody::Member(admission), NOW).unwrap();
    let empty = anchor(&ledger);
    let all = [
        world.mint(500, NOW + 100),
        world.issue(NOW + 100),
        world.any_transfer(empty, NOW),
        world.swap(empty, NOW),
        world.deal(&ledger, NOW, true),
        world.deal(&ledger, NOW, false),
        world.release(empty, NOW),
        world.withdraw(empty, NOW, 20, Default::default()),
    ];
    for settlement in ledger.submit_many(all.into_iter().map(Item::from).collect(), NOW) {
        settlement.unwrap();
    }
    ledger.enter(EntryBody::Policy(policy(30)), NOW + 5).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Member(owner)), NOW + 6).unwrap();
    (world, ledger)
}

fn exported(ledger: &Ledger) -> Vec<u8> {
    let mut file = Vec::new();
    export(ledger.store(), &mut file).unwrap();
    file
}

fn audited(world: &mut World, file: &[u8]) -> Result<Report, AuditError> {
    audit(&mut &*file, &mut world.rng)
}

#[test]
fn a_replay_from_genesis_and_log_ends_in_the_same_state() {
    let (mut world, ledger) = history(40);
    let file = exported(&ledger);
    let report = audited(&mut world, &file).unwrap();
    let position = ledger.read(|state| Ok(state.position())).unwrap();
    assert_eq!(report.records, position);
    assert_eq!(report.state_root, ledger.state_root().unwrap());
    assert_eq!(report.head, ledger.head().unwrap());
    assert_eq!(report.ledger, world.genesis.ledger());
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::open(&folder.path().join("copy.redb"), Default::default()).unwrap();
    import(&mut file.as_slice(), &store, &mut world.rng).unwrap();
    let occupied = import(&mut file.as_slice(), &store, &mut world.rng);
    assert!(matches!(occupied, Err(AuditError::Store(StoreError::Occupied))));
    let copy = Ledger::open(Box::new(store), Some(Box::new(FixedOperator))).unwrap();
    assert_eq!(copy.state_root().unwrap(), ledger.state_root().unwrap());
    assert_eq!(exported(&copy), file);
    let next = world.any_transfer(anchor(&copy), NOW + 6);
    copy.submit(next, NOW + 6).unwrap();
}

#[test]
fn no_byte_of_a_log_file_can_change() {
    let (mut world, ledger) = history(41);
    let file = exported(&ledger);
    let step = if size(0, 1) == 1 { 37 } else { 997 };
    for at in (0..file.len()).step_by(step) {
        let mut altered = file.clone();
        altered[at] ^= 0x10;
        assert!(audited(&mut world, &altered).is_err(), "byte {at}");
    }
    for length in [0, 7, 40, file.len() / 2, file.len() - 1] {
        assert!(audited(&mut world, &file[..length]).is_err());
    }
    let longer = [file.as_slice(), &[0]].concat();
    assert!(matches!(audited(&mut world, &longer), Err(AuditError::Codec(CodecError::Trailing { .. }))));
    let mut newer = file.clone();
    newer[11] = 2;
    let newer = audited(&mut world, &newer);
    assert!(matches!(newer, Err(AuditError::Codec(CodecError::Version { found: 2, .. }))));
}

#[test]
fn heads_of_one_history_agree_and_a_split_view_shows() {
    let (mut world, ledger) = history(42);
    let old = ledger.head().unwrap().unwrap();
    let mut fork = World::new(42);
    let twin = {
        let store = MemoryStore::new();
        import(&mut exported(&ledger).as_slice(), &store, &mut world.rng).unwrap();
        Ledger::open(Box::new(store), Some(Box::new(FixedOperator))).unwrap()
    };
    let root = anchor(&ledger);
    fork.rng.set_stream(9);
    let (left, right) = (world.any_transfer(root, NOW + 6), fork.any_transfer(root, NOW + 6));
    ledger.submit(left, NOW + 6).unwrap();
    twin.submit(right, NOW + 6).unwrap();
    let (new, forked) = (ledger.head().unwrap().unwrap(), twin.head().unwrap().unwrap());
    let between = ledger.records(old.position, 10).unwrap();
    assert_eq!(old.leads_to(&new, &between), Ok(()));
    assert_eq!(old.leads_to(&new, &[]), Err(SplitView::Broken { position: old.position }));
    assert_eq!(new.leads_to(&forked, &[]), Err(SplitView::Forked));
    assert_eq!(old.leads_to(&forked, &between), Err(SplitView::Forked));
    let mut elsewhere = new.clone();
    elsewhere.ledger = LedgerHash([1; 32]);
    assert_eq!(old.leads_to(&elsewhere, &between), Err(SplitView::OtherLedger));
    assert!(new.is_signed_by(&world.operator.public) && forked.is_signed_by(&world.operator.public));
    assert!(!elsewhere.is_signed_by(&world.operator.public));
    assert!(!new.is_signed_by(&world.issuer.public));
    assert_eq!(Head::from_bytes(&new.to_bytes()).unwrap(), new);
}
