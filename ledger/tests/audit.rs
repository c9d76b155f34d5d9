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

/// One transaction less, what follows renumbered: the chain says so before any rule does.
#[test]
fn a_record_that_is_left_out_breaks_the_chain() {
    let (mut world, ledger) = history(47);
    let mut records = ledger.records(0, usize::MAX).unwrap();
    let left_out = records.len() - 3;
    records.remove(left_out);
    for record in &mut records[left_out..] {
        record.position -= 1;
    }
    let genesis = world.genesis.to_bytes();
    let mut file = exported(&ledger)[..16 + genesis.len()].to_vec();
    file.extend((records.len() as u64).to_be_bytes());
    for record in records.iter().map(Codec::to_bytes) {
        file.extend((record.len() as u32).to_be_bytes());
        file.extend(record);
    }
    file.push(0);
    let outcome = audited(&mut world, &file);
    assert!(matches!(outcome, Err(AuditError::Chain { position }) if position == left_out as u64), "{outcome:?}");
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
    let alter: [fn(&mut Head); 4] =
        [|head| head.ledger.0[0] ^= 1, |head| head.position += 1, |head| head.time += 1, |head| head.hash[0] ^= 1];
    for change in alter {
        let mut altered = new.clone();
        change(&mut altered);
        assert!(!altered.is_signed_by(&world.operator.public));
    }
    assert!(!new.is_signed_by(&world.issuer.public));
    assert_eq!(Head::from_bytes(&new.to_bytes()).unwrap(), new);
}

/// What settles without the operator's key has no head: the last one that was signed is served, exported and checked, until the key
/// is at hand again.
#[test]
fn a_log_longer_than_its_last_head() {
    let (mut world, ledger) = history(43);
    let (signed, root) = (ledger.head().unwrap().unwrap(), anchor(&ledger));
    let copy = |file: &[u8], operator: Option<Box<dyn Operator>>, world: &mut World| {
        let store = MemoryStore::new();
        import(&mut &*file, &store, &mut world.rng).unwrap();
        Ledger::open(Box::new(store), operator).unwrap()
    };
    let alone = copy(&exported(&ledger), None, &mut world);
    for _ in 0..2 {
        let transfer = world.any_transfer(root, NOW + 6);
        alone.submit(transfer, NOW + 6).unwrap();
        assert_eq!(alone.head().unwrap().as_ref(), Some(&signed));
    }
    let file = exported(&alone);
    let report = audited(&mut world, &file).unwrap();
    assert_eq!((report.records, report.head.as_ref()), (signed.position + 2, Some(&signed)));
    let between = alone.records(signed.position, 10).unwrap();
    let operated = copy(&file, Some(Box::new(FixedOperator)), &mut world);
    let whole = operated.head().unwrap().unwrap();
    assert_eq!(whole.position, signed.position + 2);
    assert!(whole.is_signed_by(&world.operator.public));
    assert_eq!(signed.leads_to(&whole, &between), Ok(()));

    let behind = file.len() - Head::LIMIT;
    let resigned = |change: fn(&mut Head), signer: &Person| {
        let mut head = signed.clone();
        change(&mut head);
        head.operator = signer.id;
        head.signature = signer.sign(Head::message(head.ledger, head.position, head.time, &head.hash));
        [&file[..behind], &head.to_bytes()].concat()
    };
    let operator = Person::new(1);
    assert!(audited(&mut world, &resigned(|_| {}, &operator)).is_ok());
    let forged: [fn(&mut Head); 5] = [
        |head| head.time += 1,
        |head| head.hash[0] ^= 1,
        |head| head.position += 1,
        |head| head.position += 3,
        |head| head.ledger = LedgerHash([1; 32]),
    ];
    for change in forged {
        assert!(matches!(audited(&mut world, &resigned(change, &operator)), Err(AuditError::Head)));
    }
    let issuer = Person::new(2);
    assert!(matches!(audited(&mut world, &resigned(|_| {}, &issuer)), Err(AuditError::Head)));
}

#[test]
fn a_head_before_the_first_record_and_one_by_a_revoked_operator() {
    let mut world = World::new(44);
    let ledger = Ledger::create(Box::new(MemoryStore::new()), &world.genesis, Some(Box::new(FixedOperator))).unwrap();
    let first = ledger.head().unwrap().unwrap();
    assert_eq!((first.position, first.hash), (0, world.genesis.ledger().0));
    ledger.enter(EntryBody::Policy(policy(30)), NOW).unwrap();
    let second = ledger.head().unwrap().unwrap();
    let next = Person::new(9);
    ledger.enter(EntryBody::Register(Registration::Operator(next.public)), NOW).unwrap();
    let revoke = EntryBody::Revoke(Revocation::Operator(world.operator.id));
    ledger.enter(revoke, NOW).unwrap();
    let file = exported(&ledger);
    let body = &file[..file.len() - Head::LIMIT];
    for earlier in [first, second] {
        let report = audited(&mut world, &[body, &earlier.to_bytes()].concat()).unwrap();
        assert_eq!(report.head, Some(earlier));
    }
    // Of the end only an active operator's head counts.
    assert!(matches!(audited(&mut world, &file), Err(AuditError::Head)));
}

#[test]
fn every_field_of_a_record_is_in_its_hash() {
    let (world, ledger) = history(45);
    let hash = world.genesis.ledger();
    let record = ledger.records(20, 1).unwrap().remove(0);
    let alter: [fn(&mut Record); 4] = [
        |record| record.position += 1,
        |record| record.time += 1,
        |record| record.previous[31] ^= 1,
        |record| record.body[5] ^= 1,
    ];
    for change in alter {
        let mut altered = record.clone();
        change(&mut altered);
        assert_ne!(altered.hash(hash), record.hash(hash));
    }
    assert_ne!(record.hash(LedgerHash([1; 32])), record.hash(hash));
}

#[test]
fn heads_do_not_agree_over_forged_records_or_backwards_in_time() {
    let (world, ledger) = history(46);
    let end = ledger.head().unwrap().unwrap();
    let records = ledger.records(0, usize::MAX).unwrap();
    let first = end.position - 3;
    let at = |position: u64, time| Head { position, hash: records[position as usize].previous, time, ..end.clone() };
    let start = at(first, records[first as usize - 1].time);
    let mut between = records[first as usize..].to_vec();
    assert_eq!(start.leads_to(&end, &between), Ok(()));
    assert_eq!(at(first, end.time + 1).leads_to(&end, &between), Err(SplitView::Time));
    // The last record is the true one, what stands before it is not.
    between[1].body.push(0);
    assert_eq!(start.leads_to(&end, &between), Err(SplitView::Broken { position: first + 2 }));
    between.remove(1);
    assert_eq!(start.leads_to(&end, &between), Err(SplitView::Broken { position: first + 1 }));

    // A head that names another operator than the one whose key is asked about.
    let mut other = end.clone();
    other.operator = world.issuer.id;
    let message = Head::message(other.ledger, other.position, other.time, &other.hash);
    let rng = &mut <rand_chacha::ChaCha20Rng as rand_chacha::rand_core::SeedableRng>::seed_from_u64(1);
    other.signature =
        privity_circuits::schnorr::Signature::sign(&world.operator.key, world.issuer.id.field(), message, rng);
    assert!(!other.is_signed_by(&world.operator.public));
}
