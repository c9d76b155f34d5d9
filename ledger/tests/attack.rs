//! Transactions taken apart, put together otherwise, sent twice, or sent under a key of something else; `docs/attacks.md` lists
//! the attempts. Every proof here is valid for its statement: only the ledger's rules stand against what is sent.

mod common;

use common::*;
use privity_circuits::Fr;
use privity_circuits::keys::SignerId;
use privity_circuits::note::{Commitment, Nullifier};
use privity_ledger::audit::{AuditError, audit, export};
use privity_ledger::*;
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::groth16::Points;
use privity_verifier::{KeyError, MAX_INPUTS, Proof, Refusal, VerifyingKey};

const NOW: u64 = START + 10;

fn setup(seed: u64) -> (World, Ledger) {
    let world = World::new(seed);
    let ledger = world.ledger();
    (world, ledger)
}

fn refused_proof(settlement: Result<Receipt, SubmitError>) -> Refusal {
    match settlement {
        Err(SubmitError::Proof(refusal)) => refusal,
        other => panic!("expected a false proof, found {other:?}"),
    }
}

/// The two claims of a deal, and of a swap, that somebody copies out of them.
fn legs(transaction: &Transaction) -> [Leg; 2] {
    match &transaction.body {
        Body::Deal { buyer, supplier, .. } => [Leg::Payment(buyer.clone()), Leg::Payment(supplier.clone())],
        Body::Swap { legs } => legs.clone(),
        _ => panic!("a transaction of two legs"),
    }
}

/// Bytes are no identity: (−A, −B, C), a re-randomised proof, another signature of the issuer are the same transaction.
#[test]
fn other_bytes_of_a_settled_transaction() {
    let (mut world, ledger) = setup(101);
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    let position = ledger.submit(transfer.clone(), NOW).unwrap().position;
    let mut negated = transfer.clone();
    if let Body::Transfer { leg: Leg::Payment(claim), .. } = &mut negated.body {
        let Points { a, b, c } = *claim.proof.points();
        claim.proof = Proof::from_points(Points { a: -a, b: -b, c }).unwrap();
    }
    assert_ne!(negated.to_bytes(), transfer.to_bytes());
    assert_eq!(rejected(ledger.submit(negated, NOW)), Rejection::Duplicate { position });
    let mint = world.mint(5, NOW + 1_000);
    let position = ledger.submit(mint.clone(), NOW).unwrap().position;
    let mut signed = mint.clone();
    if let Body::Mint { mint, signature } = &mut signed.body {
        let fresh = &mut world.rng;
        let key = &world.issuer.key;
        *signature =
            privity_circuits::schnorr::Signature::sign(key, world.issuer.id.field(), mint.statement.message(), fresh);
    }
    assert_ne!(signed.to_bytes(), mint.to_bytes());
    assert_eq!(rejected(ledger.submit(signed, NOW)), Rejection::Duplicate { position });
}

/// One leg of a swap or a deal sent alone, both as a swap, exchanged, or beside a leg of the attacker's: each is bound to the whole.
#[test]
fn legs_do_not_come_apart() {
    let (mut world, ledger) = setup(102);
    let root = anchor(&ledger);
    let swap = world.swap(root, NOW);
    let deal = world.deal(&ledger, NOW, true);
    let own = world.swap(root, NOW);
    for whole in [&swap, &deal] {
        let [first, second] = legs(whole);
        let notes = |side: usize, leg: &Leg| {
            let count = leg.spend().outputs.len();
            let start = if side == 0 { 0 } else { first.spend().outputs.len() };
            let range = start..start + count;
            let sealed = &whole.ciphertexts;
            Ciphertexts {
                recipients: sealed.recipients[range.clone()].to_vec(),
                senders: sealed.senders[range].to_vec(),
                envelopes: Vec::new(),
            }
        };
        for (side, leg) in [&first, &second].into_iter().enumerate() {
            let body = Body::Transfer { leg: leg.clone(), recipient: Fr::default() };
            let alone = Transaction { expiry: whole.expiry, body, ciphertexts: notes(side, leg) };
            assert_eq!(rejected(ledger.submit(alone, NOW)), Rejection::WrongContext { index: 0 }, "a leg alone");
        }
        let pairs = [[&second, &first], [&first, &legs(&own)[1]], [&legs(&own)[0], &second]];
        for (index, legs) in pairs.into_iter().enumerate() {
            let body = Body::Swap { legs: legs.map(Leg::clone) };
            let mut torn = Transaction { expiry: whole.expiry, body, ciphertexts: whole.ciphertexts.clone() };
            let outputs = torn.outputs().len();
            let spare = whole.ciphertexts.recipients[0];
            torn.ciphertexts.recipients.resize(outputs, spare);
            torn.ciphertexts.senders.resize(outputs, spare);
            torn.ciphertexts.envelopes.clear();
            let refused = rejected(ledger.submit(torn, NOW));
            assert!(matches!(refused, Rejection::WrongContext { .. }), "pair {index}: {refused:?}");
        }
    }
    let body = Body::Swap { legs: legs(&deal) };
    let mut without = Transaction { expiry: deal.expiry, body, ciphertexts: deal.ciphertexts.clone() };
    without.ciphertexts.envelopes.clear();
    assert_eq!(rejected(ledger.submit(without, NOW)), Rejection::WrongContext { index: 0 }, "a deal without its price");
    ledger.submit(swap, NOW).unwrap();
    ledger.submit(deal, NOW).unwrap();
}

/// A deal in which both legs are one, a leg serves two deals, or the legs stand in each other's place: bound again as its author would.
#[test]
fn a_deal_has_two_legs_of_its_own() {
    let (mut world, ledger) = setup(103);
    let (mut price, buyer, _) = world.deal_statements(&ledger, NOW, true);
    (price.out_capacity, price.party_supplier) = (buyer.outputs[0], buyer.party);
    let nullifier = buyer.nullifiers[0];
    let one = world.deal_of((price, buyer.clone(), buyer));
    assert_eq!(rejected(ledger.submit(one, NOW)), Rejection::NullifierRepeated { nullifier });
    let (price, buyer, supplier) = world.deal_statements(&ledger, NOW, true);
    let exchanged = world.deal_of((price.clone(), supplier.clone(), buyer.clone()));
    assert_eq!(rejected(ledger.submit(exchanged, NOW)), Rejection::OutputMismatch { output: "payment" });
    let first = world.deal_of((price, buyer.clone(), supplier));
    let (mut price, _, supplier) = world.deal_statements(&ledger, NOW, true);
    (price.out_payment, price.out_fee, price.party_buyer) = (buyer.outputs[0], buyer.outputs[1], buyer.party);
    let nullifier = buyer.nullifiers[0];
    let second = world.deal_of((price, buyer, supplier));
    let settled = ledger.submit_many(vec![first.into(), second.into()], NOW);
    let [first, second] = <[_; 2]>::try_from(settled).unwrap();
    first.unwrap();
    assert_eq!(rejected(second), Rejection::NullifierSpent { nullifier });
}

/// A batch that races against itself: the same transaction twice, two spends of one note, one serial, one deal's terms; the ones in
/// between settle.
#[test]
fn a_batch_against_itself() {
    let (mut world, ledger) = setup(104);
    let root = anchor(&ledger);
    let transfer = world.any_transfer(root, NOW);
    let x = world.spend::<2, 3>(root, NOW);
    let mut y = world.spend::<2, 3>(root, NOW);
    y.nullifiers[1] = x.nullifiers[1];
    let (spend, double) = (world.transfer(x), world.transfer(y));
    let issue = world.issue(NOW + 100);
    let mut again = world.issue(NOW + 100);
    if let (Body::Issue { capacity: first }, Body::Issue { capacity: second }) = (&issue.body, &mut again.body) {
        second.statement.issued = first.statement.issued;
    }
    world.prove(&mut again);
    let statements = world.deal_statements(&ledger, NOW, true);
    let mut other = world.deal_statements(&ledger, NOW, true);
    other.0.terms = statements.0.terms;
    let (deal, twin) = (world.deal_of(statements), world.deal_of(other));
    let honest = world.any_transfer(root, NOW);
    let all = [transfer.clone(), spend, transfer, double, issue, again, deal, twin, honest];
    let settled = ledger.submit_many(all.map(Item::from).into(), NOW);
    let rules: Vec<&str> =
        settled.into_iter().map(|one| one.map_or_else(|error| rejected(Err(error)).rule(), |_| "")).collect();
    assert_eq!(rules, ["", "", "L7", "L3", "", "L7", "", "L7", ""]);
}

/// A false proof in the middle of a batch refuses its own transaction only; two proofs exchanged refuse both.
#[test]
fn false_proofs_among_good_ones() {
    let (mut world, ledger) = setup(105);
    let root = anchor(&ledger);
    let mut transfers: Vec<Transaction> = (0..6).map(|_| world.any_transfer(root, NOW)).collect();
    let proof = |transaction: &mut Transaction| match &mut transaction.body {
        Body::Transfer { leg: Leg::Payment(claim), .. } => claim.proof,
        _ => panic!("a payment"),
    };
    let [first, second] = [1, 3].map(|i| proof(&mut transfers[i]));
    for (index, other) in [(1, second), (3, first)] {
        if let Body::Transfer { leg: Leg::Payment(claim), .. } = &mut transfers[index].body {
            claim.proof = other;
        }
    }
    let settled = ledger.submit_many(transfers.into_iter().map(Item::from).collect(), NOW);
    for (index, one) in settled.into_iter().enumerate() {
        match index {
            1 | 3 => assert_eq!(refused_proof(one), Refusal::Equation),
            _ => drop(one.unwrap()),
        }
    }
}

/// Claims under keys of another relation, of another shape, or of a set-up that the ledger has not registered.
#[test]
fn a_key_serves_its_own_relation() {
    let (mut world, ledger) = setup(106);
    let root = anchor(&ledger);
    let price = world.keys.price.key().id();
    let mut under = |id| {
        let mut transfer = world.any_transfer(root, NOW);
        if let Body::Transfer { leg: Leg::Payment(claim), .. } = &mut transfer.body {
            claim.key = id;
        }
        transfer
    };
    let other = under(price);
    assert!(matches!(refused_proof(ledger.submit(other, NOW)), Refusal::Relation { .. }));
    let foreign =
        SimulatedKey::<privity_circuits::transfer::Transfer2x3>::generate(11, [9; 32], &mut privity_testkit::rng(1));
    let foreign = foreign.unwrap();
    let id = foreign.key().id();
    let other = under(id);
    assert_eq!(rejected(ledger.submit(other, NOW)), Rejection::KeyNotAccepted { key: id });
    // Registered under the relation's name with fewer inputs: no statement fits, none is cut to fit.
    let narrow =
        SimulatedKey::<privity_circuits::transfer::Transfer2x3>::generate(10, [9; 32], &mut privity_testkit::rng(2));
    let narrow = narrow.unwrap().key().key().clone();
    let id = narrow.id();
    let body = EntryBody::Register(Registration::Key { key: Box::new(narrow), ends: NO_END });
    ledger.enter(body, NOW).unwrap();
    let other = under(id);
    assert!(matches!(refused_proof(ledger.submit(other, NOW)), Refusal::Inputs { expected: 10, found: 11 }));
}

/// The largest key that can be registered leaves a log that can still be read, exported and audited.
#[test]
fn the_largest_key_stays_readable() {
    let (mut world, ledger) = setup(107);
    let large = SimulatedKey::<privity_circuits::mint::Mint>::generate(MAX_INPUTS, [9; 32], &mut world.rng).unwrap();
    let body = EntryBody::Register(Registration::Key { key: Box::new(large.key().key().clone()), ends: NO_END });
    let position = ledger.enter(body, NOW).unwrap().position;
    let record = ledger.records(position, 1).unwrap().pop().unwrap();
    assert!(Item::from_bytes(&record.body).is_ok());
    let mut file = Vec::new();
    export(ledger.store(), &mut file).unwrap();
    assert_eq!(audit(&mut file.as_slice(), &mut world.rng).unwrap().records, position + 1);
}

/// A key under which everything can be proved does not decode, so no entry, however signed, brings it in.
#[test]
fn an_entry_cannot_bring_in_a_key_that_proves_everything() {
    let (world, ledger) = setup(108);
    let key = world.keys.mint.key().key().clone();
    let mut elements = key.elements().clone();
    elements.beta = elements.gamma;
    let refused = VerifyingKey::new(key.relation(), [1; 32], true, key.num_inputs(), elements);
    assert_eq!(refused.unwrap_err(), KeyError::BetaIs { element: "gamma" });
    let position = ledger.read(|state| Ok(state.position())).unwrap();
    let body = EntryBody::Register(Registration::Key { key: Box::new(key.clone()), ends: NO_END });
    let signature = world.operator.sign(body.message(world.genesis.ledger(), position));
    let bytes = Entry { position, operator: world.operator.id, body, signature }.to_bytes();
    // β and γ stand behind the header and α; the forger overwrites β.
    let points = bytes.windows(8).position(|window| window == b"PRIVITYV").unwrap();
    let beta = points + 8 + 2 + 1 + key.relation().len() + 32 + 1 + 4 + 48;
    let mut forged = bytes.clone();
    forged.copy_within(beta + 96..beta + 192, beta);
    assert!(Item::from_bytes(&bytes).is_ok());
    assert!(matches!(Item::from_bytes(&forged), Err(CodecError::Key(KeyError::BetaIs { element: "gamma" }))));
}

/// An operator's entry copied out of the log and sent again, to this position, the next one, or a fork of the ledger.
#[test]
fn entries_are_good_for_one_place() {
    let (world, ledger) = setup(109);
    let mut genesis = world.genesis.clone();
    genesis.time -= 1;
    let fork = Ledger::create(Box::new(MemoryStore::new()), &genesis, Some(Box::new(FixedOperator))).unwrap();
    ledger.enter(EntryBody::Policy(policy(20)), NOW).unwrap();
    ledger.enter(EntryBody::Policy(policy(10)), NOW).unwrap();
    let log = ledger.records(0, 100).unwrap();
    let state = || ledger.state_root().unwrap();
    let before = state();
    for record in &log {
        let Item::Entry(entry) = Item::from_bytes(&record.body).unwrap() else { panic!("an entry") };
        let again = rejected(ledger.submit((*entry).clone(), NOW));
        assert_eq!(again, Rejection::Duplicate { position: record.position });
        let mut moved = (*entry).clone();
        moved.position = log.len() as u64;
        assert_eq!(rejected(ledger.submit(moved, NOW)), Rejection::OperatorSignature);
        if record.position == 0 {
            assert_eq!(rejected(fork.submit(*entry, NOW)), Rejection::OperatorSignature, "another genesis");
        }
    }
    assert_eq!(state(), before, "nothing half applied");
}

/// A member's hand-over signed once is not good twice: not after the signer came back, nor for another member, key or ledger.
#[test]
fn a_consent_is_good_once() {
    let (mut world, ledger) = setup(110);
    let (first, second) = (world.admission(60), world.admission(61));
    let (old, new) = (Person::new(60), Person::new(62));
    let enter = |admission: &Admission| ledger.enter(EntryBody::Member(admission.clone()), NOW);
    enter(&first).unwrap();
    enter(&second).unwrap();
    let hash = world.genesis.ledger();
    let consent = |ledger, owner, changes, to: &Person, by: &Person| {
        Some(by.sign(Admission::consent(ledger, owner, changes, &to.public)))
    };
    let change = |signed| Admission { signer: new.public, consent: signed, ..first.clone() };
    let elsewhere = consent(LedgerHash([7; 32]), first.owner, 0, &new, &old);
    assert_eq!(rejected(enter(&change(elsewhere))), Rejection::Consent, "another ledger");
    let for_other = consent(hash, second.owner, 0, &new, &old);
    assert_eq!(rejected(enter(&change(for_other))), Rejection::Consent, "another member");
    let other_key = consent(hash, first.owner, 0, &Person::new(63), &old);
    assert_eq!(rejected(enter(&change(other_key))), Rejection::Consent, "another key");
    let by_new = consent(hash, first.owner, 0, &new, &new);
    assert_eq!(rejected(enter(&change(by_new))), Rejection::Consent, "the new signer itself");
    let good = change(consent(hash, first.owner, 0, &new, &old));
    enter(&good).unwrap();
    let back = Admission { signer: old.public, consent: consent(hash, first.owner, 1, &old, &new), ..first.clone() };
    enter(&back).unwrap();
    assert_eq!(rejected(enter(&good)), Rejection::Consent, "replayed after the old signer came back");
}

/// The signatures of mints, entries, heads and consents are not good for each other, though one key may sign them all.
#[test]
fn signatures_do_not_change_their_kind() {
    let mut world = World::new(111);
    // The worst case: the operator is also the issuer.
    world.issuer = Person::new(1);
    world.token = privity_circuits::asset::AssetId::token(world.issuer.id, "Thaler");
    let ledger = world.ledger();
    let (hash, position) = (world.genesis.ledger(), ledger.read(|state| Ok(state.position())).unwrap());
    let head = ledger.head().unwrap().unwrap();
    let body = EntryBody::Policy(policy(30));
    let owner = world.admission(5).owner;
    let consent = world.operator.sign(Admission::consent(hash, owner, 0, &world.operator.public));
    for signature in [head.signature, consent] {
        let entry = Entry { position, operator: world.operator.id, body: body.clone(), signature };
        assert_eq!(rejected(ledger.submit(entry, NOW)), Rejection::OperatorSignature);
        let mut mint = world.mint(5, NOW + 100);
        if let Body::Mint { signature: by, .. } = &mut mint.body {
            *by = signature;
        }
        assert_eq!(rejected(ledger.submit(mint, NOW)), Rejection::IssuerSignature);
    }
    let mint = world.mint(5, NOW + 100);
    let Body::Mint { signature, .. } = &mint.body else { panic!("a mint") };
    let entry = Entry { position, operator: world.operator.id, body, signature: *signature };
    assert_eq!(rejected(ledger.submit(entry, NOW)), Rejection::OperatorSignature);
    let mut forged = head.clone();
    forged.signature = *signature;
    assert!(!forged.is_signed_by(&world.operator.public));
}

/// Ciphertexts moved between outputs, between recipient and sender, or between two transactions.
#[test]
fn ciphertexts_keep_their_places() {
    let (mut world, ledger) = setup(112);
    let deal = world.deal(&ledger, NOW, true);
    let other = world.deal(&ledger, NOW, true);
    type Move = fn(&mut Ciphertexts, &Ciphertexts);
    let moves: [(&str, Move); 5] = [
        ("two outputs", |own, _| own.recipients.swap(0, 3)),
        ("recipient and sender", |own, _| std::mem::swap(&mut own.recipients, &mut own.senders)),
        ("last recipient, first sender", |own, _| std::mem::swap(&mut own.recipients[5], &mut own.senders[0])),
        ("another's envelope", |own, other| own.envelopes[0].0[7] ^= other.envelopes[0].0[8] | 1),
        ("another's note", |own, other| own.senders[2] = other.senders[2]),
    ];
    for (what, change) in moves {
        let mut moved = deal.clone();
        change(&mut moved.ciphertexts, &other.ciphertexts);
        assert_eq!(rejected(ledger.submit(moved, NOW)), Rejection::WrongContext { index: 0 }, "{what}");
    }
    let mut short = deal.clone();
    let last = short.ciphertexts.recipients.pop().unwrap();
    assert_eq!(rejected(ledger.submit(short.clone(), NOW)), Rejection::CiphertextShape);
    // The same bytes in the same order, counted otherwise.
    short.ciphertexts.senders.insert(0, last);
    assert_eq!(rejected(ledger.submit(short, NOW)), Rejection::CiphertextShape);
    ledger.submit(deal, NOW).unwrap();
}

/// A member that is revoked and readmitted brings a root back; what lay between keeps its own end.
#[test]
fn an_old_member_root_does_not_live_on() {
    let (mut world, ledger) = setup(113);
    let [first, second] = [60, 61].map(|signer| world.admission(signer));
    let root = || ledger.read(|state| Ok(state.member_root())).unwrap();
    let end = |root| ledger.read(|state| state.member_root_end(root)).unwrap();
    let enter = |body, now| drop(ledger.enter(body, now).unwrap());
    enter(EntryBody::Member(first.clone()), NOW);
    let alone = root();
    enter(EntryBody::Member(second.clone()), NOW);
    let both = root();
    enter(EntryBody::Revoke(Revocation::Member(second.owner)), NOW + 10);
    assert_eq!(root(), alone, "the leaf is 0 again");
    assert_eq!((end(alone), end(both)), (Some(u64::MAX), Some(NOW + 10 + GRACE)));
    // Whatever else happens, the root that has the revoked member ends when it was said to end.
    enter(EntryBody::Revoke(Revocation::Member(first.owner)), NOW + 20);
    enter(EntryBody::Member(first.clone()), NOW + 30);
    assert_eq!(end(both), Some(NOW + 10 + GRACE));
    let late = NOW + 11 + GRACE;
    let mut statements = world.deal_statements(&ledger, late, true);
    statements.0.members = both;
    let deal = world.deal_of(statements);
    assert_eq!(rejected(ledger.submit(deal, late)), Rejection::MembersStale { members: both });
}

/// A log file cut at a record with its head taken off is a shorter log that holds: it says so by having no head. Heads tell.
#[test]
fn a_log_cut_short_has_no_head() {
    let (mut world, ledger) = setup(114);
    let mut file = Vec::new();
    export(ledger.store(), &mut file).unwrap();
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    ledger.submit(transfer, NOW).unwrap();
    let mut whole = Vec::new();
    export(ledger.store(), &mut whole).unwrap();
    let last = Head::LIMIT + 1;
    let mut bare = file[..file.len() - last].to_vec();
    bare.push(0);
    let report = audit(&mut bare.as_slice(), &mut world.rng).unwrap();
    assert_eq!(report.head, None, "nobody vouches for this end");
    let head = ledger.head().unwrap().unwrap();
    assert!(head.position > report.records, "who holds a head sees what is missing");
    let crossed = |log: &[u8], head: &[u8]| [&log[..log.len() - last], &head[head.len() - last..]].concat();
    let (short, long) = (crossed(&file, &whole), crossed(&whole, &file));
    assert!(
        matches!(audit(&mut short.as_slice(), &mut world.rng), Err(AuditError::Head)),
        "a head of what is not there"
    );
    // An earlier head vouches for the log up to its position, and the report says which that is.
    let report = audit(&mut long.as_slice(), &mut world.rng).unwrap();
    assert_eq!(report.head.map(|head| head.position + 1), Some(report.records));
}

/// Nobody's outputs, dummies' nullifiers and zero commitments are leaves and marks like others: what was spent stays spent.
#[test]
fn nullifiers_of_every_place_are_marked() {
    let (mut world, ledger) = setup(115);
    let root = anchor(&ledger);
    let (transfer, swap) = (world.any_transfer(root, NOW), world.swap(root, NOW));
    let (deal, release) = (world.deal(&ledger, NOW, true), world.release(root, NOW));
    let mut marks: Vec<Nullifier> = Vec::new();
    for one in [transfer, swap, deal] {
        marks.extend(one.spends().iter().flat_map(|spend| spend.nullifiers.to_vec()));
        ledger.submit(one, NOW).unwrap();
    }
    if let Body::Release { release } = &release.body {
        marks.push(release.statement.nullifier);
    }
    ledger.submit(release, NOW).unwrap();
    assert_eq!(marks.len(), 2 + 9 + 4 + 1);
    for nullifier in marks {
        let mut x = world.spend::<2, 3>(root, NOW);
        x.nullifiers[1] = nullifier;
        let again = world.transfer(x);
        assert_eq!(rejected(ledger.submit(again, NOW)), Rejection::NullifierSpent { nullifier });
        let mut release = world.release(root, NOW);
        if let Body::Release { release } = &mut release.body {
            release.statement.nullifier = nullifier;
        }
        world.prove(&mut release);
        assert_eq!(rejected(ledger.submit(release, NOW)), Rejection::NullifierSpent { nullifier });
    }
}

/// A recipient exchanged by a watcher, an exposure moved into another kind, value without a recipient's word.
#[test]
fn a_withdrawal_is_not_redirected() {
    let (mut world, ledger) = setup(116);
    let mint = world.mint(1_000, NOW + 100);
    ledger.submit(mint, NOW).unwrap();
    let to = world.certifier.id.field();
    let honest = world.withdraw(anchor(&ledger), NOW, 10, to);
    for recipient in [world.issuer.id.field(), Fr::default(), SignerId::NONE.field() + Fr::from(1u64)] {
        let mut stolen = honest.clone();
        if let Body::Transfer { recipient: named, .. } = &mut stolen.body {
            *named = recipient;
        }
        assert_eq!(rejected(ledger.submit(stolen, NOW)), Rejection::WrongContext { index: 0 });
    }
    let mut other = honest.clone();
    if let Body::Transfer { leg: Leg::Payment(claim), .. } = &mut other.body {
        claim.statement.outputs[2] = Commitment::new(world.fresh());
    }
    assert!(matches!(rejected(ledger.submit(other, NOW)), Rejection::WrongContext { .. }));
    let receipt = ledger.submit(honest, NOW).unwrap();
    assert_eq!(receipt.effects.withdrawal.map(|withdrawal| withdrawal.recipient), Some(to));
}
