//! Entries: who may sign them, what they change, what they cannot (L9, pitfalls 26 and 46).

mod common;

use common::*;
use privity_circuits::Fr;
use privity_circuits::keys::Owner;
use privity_ledger::*;

const NOW: u64 = START + 10;

fn signed(world: &World, ledger: &Ledger, body: EntryBody) -> Entry {
    let (hash, position) = ledger.read(|state| Ok((state.ledger(), state.position()))).unwrap();
    let signature = world.operator.sign(body.message(hash, position));
    Entry { position, operator: world.operator.id, body, signature }
}

#[test]
fn only_an_operator_signs_and_only_for_this_ledger_and_position() {
    let world = World::new(50);
    let ledger = world.ledger();
    let body = EntryBody::Policy(policy(40));
    let honest = signed(&world, &ledger, body.clone());
    let mut foreign = honest.clone();
    foreign.signature = world.issuer.sign(foreign.message(world.genesis.ledger()));
    assert_eq!(rejected(ledger.submit(foreign.clone(), NOW)), Rejection::OperatorSignature);
    foreign.operator = world.issuer.id;
    let operator = world.issuer.id;
    assert_eq!(rejected(ledger.submit(foreign, NOW)), Rejection::NotAnOperator { operator });
    let mut elsewhere = honest.clone();
    elsewhere.signature = world.operator.sign(body.message(LedgerHash([3; 32]), honest.position));
    assert_eq!(rejected(ledger.submit(elsewhere, NOW)), Rejection::OperatorSignature);
    let mut moved = honest.clone();
    moved.body = EntryBody::Policy(policy(41));
    assert_eq!(rejected(ledger.submit(moved, NOW)), Rejection::OperatorSignature);
    let (found, expected) = (honest.position + 1, honest.position);
    let mut ahead = honest.clone();
    ahead.position = found;
    assert_eq!(rejected(ledger.submit(ahead, NOW)), Rejection::WrongPosition { found, expected });
    ledger.submit(honest.clone(), NOW).unwrap();
    let position = honest.position;
    assert_eq!(rejected(ledger.submit(honest, NOW)), Rejection::Duplicate { position });
    let settled = ledger.enter(body, NOW);
    assert_eq!(rejected(settled), Rejection::AlreadyRegistered);
}

#[test]
fn operator_keys_change_and_the_last_one_stays() {
    let world = World::new(51);
    let ledger = world.ledger();
    let revoke = |id| EntryBody::Revoke(Revocation::Operator(id));
    assert_eq!(rejected(ledger.enter(revoke(world.operator.id), NOW)), Rejection::LastOperator);
    let next = Person::new(9);
    let register = EntryBody::Register(Registration::Operator(next.public));
    ledger.enter(register, NOW).unwrap();
    ledger.enter(revoke(world.operator.id), NOW).unwrap();
    let operator = world.operator.id;
    assert_eq!(rejected(ledger.enter(EntryBody::Policy(policy(1)), NOW)), Rejection::NotAnOperator { operator });
    let (hash, position) = ledger.read(|state| Ok((state.ledger(), state.position()))).unwrap();
    let body = EntryBody::Policy(policy(1));
    let signature = next.sign(body.message(hash, position));
    ledger.submit(Entry { position, operator: next.id, body, signature }, NOW).unwrap();
}

#[test]
fn a_production_ledger_refuses_development_keys() {
    let mut world = World::new(52);
    world.genesis.production = true;
    let ledger = Ledger::create(Box::new(MemoryStore::new()), &world.genesis, Some(Box::new(FixedOperator))).unwrap();
    let key = Box::new(world.keys.mint.key().key().clone());
    let id = key.id();
    let body = EntryBody::Register(Registration::Key { key, ends: NO_END });
    assert_eq!(rejected(ledger.enter(body, NOW)), Rejection::DevelopmentKey { key: id });
}

#[test]
fn members_and_their_signers() {
    let mut world = World::new(53);
    let ledger = world.ledger();
    let enter = |admission: &Admission, now| ledger.enter(EntryBody::Member(admission.clone()), now);
    let signer = |owner, now| {
        let member = ledger.read(|state| state.member(owner)).unwrap();
        member.map(|member| member.signer_at(now))
    };
    let nobody = Admission { owner: Owner::default(), ..world.admission(60) };
    assert_eq!(rejected(enter(&nobody, NOW)), Rejection::NoOwner);
    let (first, second) = (world.admission(60), world.admission(61));
    let (alice, bob) = (Person::new(60), Person::new(61));
    enter(&first, NOW).unwrap();
    enter(&second, NOW).unwrap();
    assert_eq!(rejected(enter(&first, NOW)), Rejection::AlreadyRegistered);
    let taken = Admission { signer: alice.public, ..second.clone() };
    assert_eq!(rejected(enter(&taken, NOW)), Rejection::SignerTaken { owner: first.owner });
    // Without consent the new signer waits for the delay.
    let change = Admission { signer: Person::new(62).public, ..first.clone() };
    enter(&change, NOW).unwrap();
    assert_eq!(signer(first.owner, NOW + DELAY - 1), Some(alice.id));
    assert_eq!(signer(first.owner, NOW + DELAY), Some(Person::new(62).id));
    // The present signer consents, at once; a stranger's consent or a replayed one does not count.
    let hash = world.genesis.ledger();
    let next = Person::new(63);
    let message = Admission::consent(hash, second.owner, 0, &next.public);
    let by = |person: &Person| Admission { signer: next.public, consent: Some(person.sign(message)), ..second.clone() };
    assert_eq!(rejected(enter(&by(&alice), NOW)), Rejection::Consent);
    enter(&by(&bob), NOW).unwrap();
    assert_eq!(signer(second.owner, NOW), Some(next.id));
    let back = Admission::consent(hash, second.owner, 1, &bob.public);
    let back = Admission { signer: bob.public, consent: Some(next.sign(back)), ..second.clone() };
    enter(&back, NOW).unwrap();
    assert_eq!(rejected(enter(&by(&bob), NOW)), Rejection::Consent);
    // A signer that is revoked consents to nothing.
    ledger.enter(EntryBody::Revoke(Revocation::Signer(bob.id)), NOW).unwrap();
    let third = Admission::consent(hash, second.owner, 2, &Person::new(65).public);
    let third = Admission { signer: Person::new(65).public, consent: Some(bob.sign(third)), ..second.clone() };
    assert_eq!(rejected(enter(&third, NOW)), Rejection::Consent);
    ledger.enter(EntryBody::Register(Registration::Signer(bob.public)), NOW).unwrap();
    // Revoked, the leaf is 0 and the signer cannot be changed at once by readmission.
    let with = ledger.read(|state| Ok(state.member_root())).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Member(second.owner)), NOW).unwrap();
    let revoke = EntryBody::Revoke(Revocation::Member(second.owner));
    assert_eq!(rejected(ledger.enter(revoke, NOW)), Rejection::NotRegistered);
    let readmitted = Admission { signer: Person::new(64).public, consent: None, ..second.clone() };
    enter(&readmitted, NOW).unwrap();
    assert_eq!(signer(second.owner, NOW), Some(bob.id));
    assert_eq!(ledger.read(|state| Ok(state.member_root())).unwrap(), with);
}

#[test]
fn registration_names_what_is_there() {
    let world = World::new(54);
    let ledger = world.ledger();
    let signer = EntryBody::Register(Registration::Signer(world.issuer.public));
    assert_eq!(rejected(ledger.enter(signer, NOW)), Rejection::AlreadyRegistered);
    let twice = [
        EntryBody::Register(Registration::Token { issuer: world.issuer.id, name: Name::new("Thaler").unwrap() }),
        EntryBody::Register(Registration::Certifier(world.certifier.id)),
        EntryBody::Register(Registration::Operator(world.operator.public)),
    ];
    for body in twice {
        assert_eq!(rejected(ledger.enter(body, NOW)), Rejection::AlreadyRegistered);
    }
    let name = Name::new("Dollar").unwrap();
    let unknown = privity_circuits::keys::SignerId::new(Fr::from(4u64));
    let nameless = [
        EntryBody::Register(Registration::Token { issuer: unknown, name }),
        EntryBody::Register(Registration::Certifier(unknown)),
        EntryBody::Revoke(Revocation::Signer(unknown)),
        EntryBody::Revoke(Revocation::Certifier(unknown)),
        EntryBody::Revoke(Revocation::Operator(unknown)),
        EntryBody::Revoke(Revocation::Token(Default::default())),
        EntryBody::Revoke(Revocation::Key(privity_verifier::KeyId([0; 32]))),
        EntryBody::Revoke(Revocation::Member(Owner::new(Fr::from(3u64)))),
    ];
    for body in nameless {
        assert_eq!(rejected(ledger.enter(body, NOW)), Rejection::NotRegistered);
    }
    let stranger = Ledger::create(Box::new(MemoryStore::new()), &world.genesis, None).unwrap();
    let outcome = stranger.enter(EntryBody::Policy(policy(2)), NOW);
    assert!(matches!(outcome, Err(SubmitError::NoOperator)));
}

#[test]
fn what_was_registered_is_listed_revoked_or_not_and_once() {
    let mut world = World::new(55);
    let ledger = world.ledger();
    let admission = world.admission(60);
    let owner = admission.owner;
    ledger.enter(EntryBody::Member(admission), NOW).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Member(owner)), NOW).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Token(world.token)), NOW).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Certifier(world.certifier.id)), NOW).unwrap();
    // One more key of the same id, not yet written: it is still one.
    let key = Box::new(world.keys.mint.key().key().clone());
    let entry = signed(&world, &ledger, EntryBody::Register(Registration::Key { key, ends: NO_END }));
    let snapshot = ledger.store().read().unwrap();
    let mut state = State::load(&*snapshot).unwrap();
    let entry = check(&state, &privity_verifier::Keys::new(), vec![entry.into()], &mut world.rng).pop();
    let entry = entry.unwrap().unwrap();
    apply(&mut state, &entry, NOW).unwrap();
    let name = Name::new("Thaler").unwrap();
    assert_eq!(state.tokens().unwrap(), [(world.token, world.issuer.id, name)]);
    assert_eq!(state.members().unwrap(), [owner]);
    assert_eq!(state.operators().unwrap(), [world.operator.id]);
    assert_eq!(state.certifiers().unwrap(), [world.certifier.id]);
    let mut signers = [world.issuer.id, world.certifier.id, Person::new(60).id];
    signers.sort();
    assert_eq!(state.signers().unwrap(), signers);
    assert_eq!(state.keys().unwrap().len(), world.keys.verifying().len());
}
