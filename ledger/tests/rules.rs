//! Every rule of the ledger, refused one by one beside an honest twin that settles.

mod common;

use common::*;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::SignerId;
use privity_circuits::note::{Commitment, Nullifier, Party};
use privity_circuits::tree::Anchor;
use privity_circuits::{Fr, capacity::Issued};
use privity_ledger::*;

const NOW: u64 = START + 10;

fn setup(seed: u64) -> (World, Ledger) {
    let world = World::new(seed);
    let ledger = world.ledger();
    (world, ledger)
}

#[test]
fn l2_an_anchor_is_a_historic_root_the_empty_one_included() {
    let (mut world, ledger) = setup(1);
    let empty = anchor(&ledger);
    let first = world.any_transfer(empty, NOW);
    let later = ledger.submit(first, NOW).unwrap().anchor;
    for historic in [empty, later] {
        let transfer = world.any_transfer(historic, NOW);
        ledger.submit(transfer, NOW).unwrap();
    }
    let unknown = Anchor::new(Fr::from(5u64));
    let transfer = world.any_transfer(unknown, NOW);
    assert_eq!(rejected(ledger.submit(transfer, NOW)), Rejection::UnknownAnchor { anchor: unknown });
    let release = world.release(unknown, NOW);
    assert_eq!(rejected(ledger.submit(release, NOW)), Rejection::UnknownAnchor { anchor: unknown });
}

#[test]
fn l2_a_root_inside_a_transaction_is_no_anchor() {
    let (mut world, ledger) = setup(19);
    let empty = anchor(&ledger);
    let x = world.spend::<2, 3>(empty, NOW);
    let (mut frontier, outputs) = (privity_ledger::tree::Frontier::default(), x.outputs);
    let transfer = world.transfer(x);
    ledger.submit(transfer, NOW).unwrap();
    for (count, output) in (1..).zip(outputs) {
        frontier.append(output.field(), &mut |_| ());
        let root = frontier.root();
        let size = ledger.read(|state| state.anchor_size(root)).unwrap();
        assert_eq!(size, (count == 3).then_some(3), "after {count} of 3 outputs");
    }
}

#[test]
fn l3_nullifiers_are_new_also_within_the_transaction() {
    let (mut world, ledger) = setup(2);
    let empty = anchor(&ledger);
    let x = world.spend::<2, 3>(empty, NOW);
    let first = world.transfer(x.clone());
    ledger.submit(first, NOW).unwrap();
    let mut again = world.spend::<2, 3>(empty, NOW);
    again.nullifiers[1] = x.nullifiers[0];
    let again = world.transfer(again);
    assert_eq!(rejected(ledger.submit(again, NOW)), Rejection::NullifierSpent { nullifier: x.nullifiers[0] });
    let mut twice = world.spend::<2, 3>(empty, NOW);
    twice.nullifiers[1] = twice.nullifiers[0];
    let nullifier = twice.nullifiers[0];
    let twice = world.transfer(twice);
    assert_eq!(rejected(ledger.submit(twice, NOW)), Rejection::NullifierRepeated { nullifier });
    let (first, mut second) = (world.spend::<2, 3>(empty, NOW), world.spend::<7, 2>(empty, NOW));
    second.nullifiers[6] = first.nullifiers[1];
    let nullifier = first.nullifiers[1];
    let legs = [world.pay(first), world.consolidate(second)];
    let swap = world.complete(Body::Swap { legs }, NOW + 100);
    assert_eq!(rejected(ledger.submit(swap, NOW)), Rejection::NullifierRepeated { nullifier });
    let honest = world.swap(empty, NOW);
    ledger.submit(honest, NOW).unwrap();
}

#[test]
fn l4_hours_window_expiry_and_monotone_time() {
    let (mut world, ledger) = setup(3);
    let empty = anchor(&ledger);
    let now = START + 90_000;
    for (stated, rejection) in [
        (now - 90_000, Some(Rejection::NowOutOfWindow { now: START, time: now })),
        (START + 3_600, None),
        (START + 3_601, Some(Rejection::NowNotHourly { now: START + 3_601 })),
        (START + 90_000, None),
        (START + 93_600, Some(Rejection::NowOutOfWindow { now: START + 93_600, time: now })),
    ] {
        let mut x = world.spend::<2, 3>(empty, now);
        x.now = stated;
        let transfer = world.transfer(x);
        let outcome = ledger.submit(transfer, now);
        match rejection {
            None => drop(outcome.unwrap()),
            Some(rejection) => assert_eq!(rejected(outcome), rejection),
        }
    }
    let (x, y) = (world.spend::<2, 3>(empty, now), world.spend::<2, 3>(empty, now));
    let leg = world.pay(x);
    let late = world.complete(Body::Transfer { leg, recipient: Fr::default() }, now);
    assert_eq!(rejected(ledger.submit(late, now)), Rejection::Expired { expiry: now, now });
    let leg = world.pay(y);
    let just = world.complete(Body::Transfer { leg, recipient: Fr::default() }, now + 1);
    ledger.submit(just, now).unwrap();
    let mut stale = world.release(empty, now);
    if let Body::Release { release } = &mut stale.body {
        release.statement.now = START;
    }
    world.prove(&mut stale);
    assert_eq!(rejected(ledger.submit(stale, now)), Rejection::NowOutOfWindow { now: START, time: now });
}

#[test]
fn l4_the_state_machine_refuses_a_clock_that_runs_backwards() {
    let (mut world, ledger) = setup(4);
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    ledger.submit(transfer.clone(), NOW).unwrap();
    ledger
        .read(|state| {
            let backwards = screen(state, &transfer.into(), NOW - 1);
            assert!(matches!(backwards, Err(ApplyError::Rejected(Rejection::ClockBackwards { now, time }))
                if now == NOW - 1 && time == NOW));
            Ok(())
        })
        .unwrap();
}

#[test]
fn l5_a_deal_names_exactly_its_legs_outputs_and_parties() {
    let (mut world, ledger) = setup(5);
    let other = Commitment::new(Fr::from(1u64));
    let stranger = Party::new(Fr::from(2u64));
    type Statements = (
        privity_circuits::price::Statement,
        privity_circuits::transfer::Statement<2, 3>,
        privity_circuits::transfer::Statement<2, 3>,
    );
    type Break = fn(&mut Statements, Commitment, Party);
    let breaks: [(Break, Rejection); 7] = [
        (|x, other, _| x.0.out_payment = other, Rejection::OutputMismatch { output: "payment" }),
        (|x, other, _| x.0.out_fee = other, Rejection::OutputMismatch { output: "fee" }),
        (|x, other, _| x.0.out_capacity = other, Rejection::OutputMismatch { output: "capacity" }),
        (|x, _, _| x.1.outputs.swap(0, 1), Rejection::OutputMismatch { output: "payment" }),
        (|x, _, _| x.2.outputs.swap(0, 1), Rejection::OutputMismatch { output: "capacity" }),
        (|x, _, stranger| x.1.party = stranger, Rejection::PartyMismatch { party: "buyer" }),
        (|x, _, stranger| x.2.party = stranger, Rejection::PartyMismatch { party: "supplier" }),
    ];
    for (break_it, rejection) in breaks {
        let mut statements = world.deal_statements(&ledger, NOW, true);
        break_it(&mut statements, other, stranger);
        let deal = world.deal_of(statements);
        assert_eq!(rejected(ledger.submit(deal, NOW)), rejection);
    }
    let mut swapped = world.deal_statements(&ledger, NOW, true);
    std::mem::swap(&mut swapped.1.party, &mut swapped.2.party);
    let deal = world.deal_of(swapped);
    assert_eq!(rejected(ledger.submit(deal, NOW)), Rejection::PartyMismatch { party: "buyer" });
    let honest = world.deal(&ledger, NOW, true);
    ledger.submit(honest, NOW).unwrap();
}

#[test]
fn l5_the_pair_stands_in_the_payments_place_and_later_leaves_move_up() {
    let (mut world, ledger) = setup(6);
    let (price, buyer, supplier) = world.deal_statements(&ledger, NOW, true);
    let (pair, b, s) = (price.pair, buyer.outputs, supplier.outputs);
    let deal = world.deal_of((price, buyer, supplier));
    let leaves: Vec<Option<usize>> = deal.deliveries().iter().map(|delivery| delivery.leaf).collect();
    assert_eq!(leaves, [Some(0), Some(1), Some(2), None, Some(3), Some(4)]);
    let receipt = ledger.submit(deal, NOW).unwrap();
    assert_eq!(receipt.effects.leaves, [pair, b[1], b[2], s[1], s[2]]);
    let (price, buyer, supplier) = world.deal_statements(&ledger, NOW, false);
    let (b, s) = (buyer.outputs, supplier.outputs);
    let deal = world.deal_of((price, buyer, supplier));
    let receipt = ledger.submit(deal, NOW).unwrap();
    assert_eq!(receipt.effects.first_leaf, 5);
    assert_eq!(receipt.effects.leaves, [b[0], b[1], b[2], s[0], s[1], s[2]]);
    ledger
        .read(|state| {
            assert_eq!(state.notes(), 11);
            let path = state.note_path(5, 11)?.unwrap();
            assert_eq!(path.root(b[0].field()), receipt.anchor);
            assert_eq!(state.anchor_size(receipt.anchor)?, Some(11));
            assert_eq!(state.note_path(11, 11)?, None);
            Ok(())
        })
        .unwrap();
}

#[test]
fn l6_every_field_of_the_frame_is_bound() {
    let (mut world, ledger) = setup(7);
    let mint = world.mint(1_000, NOW + 1_000);
    ledger.submit(mint, NOW).unwrap();
    let empty = anchor(&ledger);
    let honest = world.withdraw(empty, NOW, 10, Fr::from(8u64));
    let mut redirected = honest.clone();
    if let Body::Transfer { recipient, .. } = &mut redirected.body {
        *recipient = Fr::from(9u64);
    }
    let mut prolonged = honest.clone();
    prolonged.expiry += 1;
    let mut recipients = honest.clone();
    recipients.ciphertexts.recipients[0].0[0] ^= 1;
    let mut senders = honest.clone();
    senders.ciphertexts.senders[2].0[303] ^= 1;
    for forged in [redirected, prolonged, recipients, senders] {
        assert_eq!(rejected(ledger.submit(forged, NOW)), Rejection::WrongContext { index: 0 });
    }
    let mut short = honest.clone();
    short.ciphertexts.senders.pop();
    assert_eq!(rejected(ledger.submit(short, NOW)), Rejection::CiphertextShape);
    let receipt = ledger.submit(honest, NOW).unwrap();
    let withdrawal = Withdrawal { recipient: Fr::from(8u64), asset: world.token, value: 10 };
    assert_eq!(receipt.effects.withdrawal, Some(withdrawal));
    let deal = world.deal(&ledger, NOW, true);
    let mut envelope = deal.clone();
    envelope.ciphertexts.envelopes[1].0[1_000] ^= 1;
    assert_eq!(rejected(ledger.submit(envelope, NOW)), Rejection::WrongContext { index: 0 });
    let mut supplier = deal.clone();
    if let Body::Deal { supplier, .. } = &mut supplier.body {
        supplier.statement.context = Default::default();
    }
    assert_eq!(rejected(ledger.submit(supplier, NOW)), Rejection::WrongContext { index: 2 });
    ledger.submit(deal, NOW).unwrap();
}

#[test]
fn l6_l7_terms_and_volume_are_in_the_context_and_every_statement_in_the_id() {
    let (mut world, ledger) = setup(20);
    let deal = world.deal(&ledger, NOW, true);
    let hash = world.genesis.ledger();
    let altered = |alter: fn(&mut Transaction)| {
        let mut other = deal.clone();
        alter(&mut other);
        assert_ne!(other.id(), deal.id());
        other.context(hash) != deal.context(hash)
    };
    type Parts<'a> = (
        &'a mut privity_circuits::price::Statement,
        &'a mut privity_circuits::transfer::Statement<2, 3>,
        &'a mut privity_circuits::transfer::Statement<2, 3>,
    );
    fn parts(deal: &mut Transaction) -> Parts<'_> {
        let Body::Deal { price, buyer, supplier } = &mut deal.body else { panic!("a deal") };
        (&mut price.statement, &mut buyer.statement, &mut supplier.statement)
    }
    assert!(altered(|deal| parts(deal).0.terms = Default::default()));
    assert!(altered(|deal| parts(deal).0.volume.x += Fr::from(1u64)));
    assert!(altered(|deal| parts(deal).0.volume.y += Fr::from(1u64)));
    assert!(altered(|deal| parts(deal).1.outputs.swap(0, 2)));
    assert!(altered(|deal| parts(deal).2.outputs.swap(1, 2)));
    // What the statements alone hold is in the id.
    assert!(!altered(|deal| parts(deal).1.now += HOUR));
    assert!(!altered(|deal| parts(deal).2.party = Default::default()));
}

#[test]
fn l6_l9_another_ledgers_transaction_is_refused() {
    let (mut world, ledger) = setup(8);
    let mut twin = World::new(8);
    twin.genesis.name = Name::new("twin ledger").unwrap();
    let transfer = twin.any_transfer(anchor(&ledger), NOW);
    assert_eq!(rejected(ledger.submit(transfer, NOW)), Rejection::WrongContext { index: 0 });
    let mut statements = world.deal_statements(&ledger, NOW, true);
    statements.0.ledger = twin.genesis.ledger().id();
    let deal = world.deal_of(statements);
    assert_eq!(rejected(ledger.submit(deal, NOW)), Rejection::ForeignLedger);
    let mut issue = world.issue(NOW + 100);
    if let Body::Issue { capacity } = &mut issue.body {
        capacity.statement.ledger = twin.genesis.ledger().id();
    }
    world.prove(&mut issue);
    assert_eq!(rejected(ledger.submit(issue, NOW)), Rejection::ForeignLedger);
}

#[test]
fn l7_replays_terms_and_serials() {
    let (mut world, ledger) = setup(9);
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    let position = ledger.submit(transfer.clone(), NOW).unwrap().position;
    let mut randomised = transfer.clone();
    world.prove(&mut randomised);
    assert_ne!(randomised.to_bytes(), transfer.to_bytes());
    for replay in [transfer.clone(), randomised] {
        assert_eq!(rejected(ledger.submit(replay, NOW)), Rejection::Duplicate { position });
    }
    assert_eq!(rejected(ledger.submit(transfer, NOW + 1_000_000)), Rejection::Duplicate { position });
    let mint = world.mint(5, NOW + 1_000);
    ledger.submit(mint.clone(), NOW).unwrap();
    assert!(matches!(rejected(ledger.submit(mint, NOW)), Rejection::Duplicate { .. }));
    let statements = world.deal_statements(&ledger, NOW, true);
    let terms = statements.0.terms;
    let deal = world.deal_of(statements);
    ledger.submit(deal, NOW).unwrap();
    let mut again = world.deal_statements(&ledger, NOW, true);
    again.0.terms = terms;
    let again = world.deal_of(again);
    assert_eq!(rejected(ledger.submit(again, NOW)), Rejection::TermsUsed { terms });
    let issue = world.issue(NOW + 100);
    let issued = match &issue.body {
        Body::Issue { capacity } => capacity.statement.issued,
        _ => Issued::default(),
    };
    ledger.submit(issue, NOW).unwrap();
    let mut corrected = world.issue(NOW + 100);
    if let Body::Issue { capacity } = &mut corrected.body {
        capacity.statement.issued = issued;
    }
    world.prove(&mut corrected);
    assert_eq!(rejected(ledger.submit(corrected, NOW)), Rejection::SerialIssued);
}

#[test]
fn l8_exposure_and_supply() {
    let (mut world, ledger) = setup(10);
    let empty = anchor(&ledger);
    let token = world.token;
    let early = world.withdraw(empty, NOW, 1, Fr::default());
    let none = Rejection::SupplyNegative { asset: token, supply: 0, value: 1 };
    assert_eq!(rejected(ledger.submit(early, NOW)), none);
    let mint = world.mint(100, NOW + 1_000);
    ledger.submit(mint, NOW).unwrap();
    let over = world.withdraw(empty, NOW, 101, Fr::default());
    let negative = Rejection::SupplyNegative { asset: token, supply: 100, value: 101 };
    assert_eq!(rejected(ledger.submit(over, NOW)), negative);
    let burn = world.withdraw(empty, NOW, 100, Fr::default());
    ledger.submit(burn, NOW).unwrap();
    assert_eq!(ledger.read(|state| state.supply(token)).unwrap(), 0);
    let again = world.mint(100, NOW + 1_001);
    ledger.submit(again, NOW).unwrap();
    let unknown = AssetId::new(Fr::from(4u64));
    for (asset, value, recipient, rejection) in [
        (token, 0, Fr::default(), Rejection::HalfExposure),
        (AssetId::default(), 1, Fr::default(), Rejection::HalfExposure),
        (AssetId::default(), 0, Fr::from(1u64), Rejection::RecipientOfNothing),
        (unknown, 1, Fr::default(), Rejection::TokenNotRegistered { asset: unknown }),
    ] {
        let mut x = world.spend::<2, 3>(empty, NOW);
        (x.exposed_asset, x.exposed_value) = (asset, value);
        let leg = world.pay(x);
        let transfer = world.complete(Body::Transfer { leg, recipient }, NOW + 100);
        assert_eq!(rejected(ledger.submit(transfer, NOW)), rejection);
    }
    for value in [0, 7] {
        let (mut x, y) = (world.spend::<2, 3>(empty, NOW), world.spend::<2, 3>(empty, NOW));
        (x.exposed_asset, x.exposed_value) = (token, value);
        let legs = [world.pay(y), world.pay(x)];
        let swap = world.complete(Body::Swap { legs }, NOW + 100);
        assert_eq!(rejected(ledger.submit(swap, NOW)), Rejection::ExposureNotAllowed);
        let mut statements = world.deal_statements(&ledger, NOW, true);
        (statements.2.exposed_asset, statements.2.exposed_value) = (token, value);
        let deal = world.deal_of(statements);
        assert_eq!(rejected(ledger.submit(deal, NOW)), Rejection::ExposureNotAllowed);
    }
    ledger.enter(EntryBody::Revoke(Revocation::Token(token)), NOW).unwrap();
    let late = world.withdraw(empty, NOW, 1, Fr::default());
    assert_eq!(rejected(ledger.submit(late, NOW)), Rejection::TokenNotRegistered { asset: token });
}

#[test]
fn m2_only_the_registered_issuer_mints() {
    let (mut world, ledger) = setup(11);
    let honest = world.mint(100, NOW + 1_000);
    let mut forged = honest.clone();
    if let Body::Mint { mint, signature } = &mut forged.body {
        *signature = world.certifier.sign(mint.statement.message());
    }
    assert_eq!(rejected(ledger.submit(forged, NOW)), Rejection::IssuerSignature);
    let other = AssetId::token(world.certifier.id, "Thaler");
    let mut foreign = honest.clone();
    if let Body::Mint { mint, .. } = &mut foreign.body {
        mint.statement.asset = other;
    }
    world.prove(&mut foreign);
    assert_eq!(rejected(ledger.submit(foreign, NOW)), Rejection::TokenNotRegistered { asset: other });
    ledger.submit(honest, NOW).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Signer(world.issuer.id)), NOW).unwrap();
    let revoked = world.mint(100, NOW + 1_000);
    assert_eq!(rejected(ledger.submit(revoked, NOW)), Rejection::IssuerSignature);
    ledger.enter(EntryBody::Revoke(Revocation::Token(world.token)), NOW).unwrap();
    let gone = world.mint(100, NOW + 1_000);
    assert_eq!(rejected(ledger.submit(gone, NOW)), Rejection::TokenNotRegistered { asset: world.token });
}

#[test]
fn l9_keys_end_and_a_false_proof_is_no_proof() {
    let (mut world, ledger) = setup(12);
    let key = world.keys.payment.key().id();
    let registered = world.keys.payment.key().clone();
    let body = |ends| {
        let key = Box::new(registered.key().clone());
        EntryBody::Register(Registration::Key { key, ends })
    };
    ledger.enter(body(NOW + 1), NOW).unwrap();
    let empty = anchor(&ledger);
    let (first, second) = (world.any_transfer(empty, NOW), world.any_transfer(empty, NOW));
    let mut forged = first.clone();
    if let Body::Transfer { leg: Leg::Payment(claim), .. } = &mut forged.body {
        claim.statement.party = Party::new(Fr::from(3u64));
    }
    let batch = vec![forged.into(), first.into(), second.clone().into(), second.clone().into()];
    let mut outcomes = ledger.submit_many(batch, NOW).into_iter();
    assert!(matches!(outcomes.next(), Some(Err(SubmitError::Proof(_)))));
    outcomes.next().unwrap().unwrap();
    let position = outcomes.next().unwrap().unwrap().position;
    assert_eq!(rejected(outcomes.next().unwrap()), Rejection::Duplicate { position });
    let third = world.any_transfer(empty, NOW);
    assert_eq!(rejected(ledger.submit(third.clone(), NOW + 1)), Rejection::KeyNotAccepted { key });
    ledger.enter(body(NO_END), NOW + 1).unwrap();
    ledger.submit(third, NOW + 1).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Key(key)), NOW + 2).unwrap();
    let fourth = world.any_transfer(empty, NOW + 2);
    assert_eq!(rejected(ledger.submit(fourth, NOW + 2)), Rejection::KeyNotAccepted { key });
    let mut stranger = World::new(13);
    stranger.keys = Box::leak(Box::new(Keyring::new(7)));
    let foreign = stranger.any_transfer(empty, NOW + 2);
    assert!(matches!(rejected(ledger.submit(foreign, NOW + 2)), Rejection::KeyNotAccepted { .. }));
}

#[test]
fn l9_members_and_policy_last_the_grace_period() {
    let (mut world, ledger) = setup(14);
    let admission = world.admission(50);
    let owner = admission.owner;
    ledger.enter(EntryBody::Member(admission), NOW).unwrap();
    let old = world.deal_statements(&ledger, NOW, true);
    let just = world.deal_of(old.clone());
    let (members, root) = (old.0.members, |ledger: &Ledger| ledger.read(|state| Ok(state.member_root())).unwrap());
    assert_eq!(root(&ledger), members);
    ledger
        .read(|state| {
            let path = state.member_path(owner)?.unwrap();
            assert_eq!(path.root(owner.field()), members);
            Ok(())
        })
        .unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Member(owner)), NOW).unwrap();
    assert_eq!(ledger.read(|state| state.member_path(owner)).unwrap(), None);
    ledger.submit(just, NOW + GRACE).unwrap();
    let mut late = world.deal_statements(&ledger, NOW, true);
    late.0.members = members;
    let late = world.deal_of(late);
    assert_eq!(rejected(ledger.submit(late, NOW + GRACE + 1)), Rejection::MembersStale { members });
    let now = NOW + GRACE + 1;
    let (old, stale) = (world.deal_statements(&ledger, now, true), world.deal_statements(&ledger, now, true));
    ledger.enter(EntryBody::Policy(policy(20)), now).unwrap();
    let just = world.deal_of(old);
    ledger.submit(just, now + GRACE).unwrap();
    let stale = world.deal_of(stale);
    assert_eq!(rejected(ledger.submit(stale, now + GRACE + 1)), Rejection::PolicyStale);
    let mut nowhere = world.deal_statements(&ledger, now, true);
    nowhere.0.members = Anchor::new(Fr::from(3u64));
    let members = nowhere.0.members;
    let nowhere = world.deal_of(nowhere);
    assert_eq!(rejected(ledger.submit(nowhere, now + GRACE + 1)), Rejection::MembersStale { members });
}

#[test]
fn l9_a_certifier_is_approved() {
    let (mut world, ledger) = setup(15);
    let certifier = SignerId::new(Fr::from(3u64));
    let mut issue = world.issue(NOW + 100);
    if let Body::Issue { capacity } = &mut issue.body {
        capacity.statement.certifier = certifier;
    }
    world.prove(&mut issue);
    assert_eq!(rejected(ledger.submit(issue, NOW)), Rejection::CertifierNotApproved { certifier });
    let (first, second) = (world.issue(NOW + 100), world.issue(NOW + 100));
    ledger.submit(first, NOW).unwrap();
    let certifier = world.certifier.id;
    // Its signer revoked, it certifies nothing, until the signer is back.
    ledger.enter(EntryBody::Revoke(Revocation::Signer(certifier)), NOW).unwrap();
    assert_eq!(rejected(ledger.submit(second.clone(), NOW)), Rejection::CertifierNotApproved { certifier });
    ledger.enter(EntryBody::Register(Registration::Signer(world.certifier.public)), NOW).unwrap();
    let third = world.issue(NOW + 100);
    ledger.submit(third, NOW).unwrap();
    ledger.enter(EntryBody::Revoke(Revocation::Certifier(certifier)), NOW).unwrap();
    assert_eq!(rejected(ledger.submit(second, NOW)), Rejection::CertifierNotApproved { certifier });
}

#[test]
fn dummies_of_a_release_and_a_transfer_share_no_nullifier() {
    let (mut world, ledger) = setup(16);
    let empty = anchor(&ledger);
    let x = world.spend::<2, 3>(empty, NOW);
    let nullifier: Nullifier = x.nullifiers[0];
    let transfer = world.transfer(x);
    ledger.submit(transfer, NOW).unwrap();
    let mut release = world.release(empty, NOW);
    if let Body::Release { release } = &mut release.body {
        release.statement.nullifier = nullifier;
    }
    world.prove(&mut release);
    assert_eq!(rejected(ledger.submit(release, NOW)), Rejection::NullifierSpent { nullifier });
    let honest = world.release(empty, NOW);
    assert_eq!(ledger.submit(honest, NOW).unwrap().effects.leaves.len(), 4);
}

/// Pitfalls 25, 34 and 39: whoever offered a leg takes it back by spending an input to himself; a refund and a receipt release the
/// same escrow; in either order exactly the first settles.
#[test]
fn of_two_transactions_over_one_note_the_first_settles() {
    let (mut world, ledger) = setup(17);
    let empty = anchor(&ledger);
    for revoked_first in [true, false] {
        let statements = world.deal_statements(&ledger, NOW, true);
        let mut back = world.spend::<2, 3>(empty, NOW);
        back.nullifiers[0] = statements.2.nullifiers[1];
        let nullifier = back.nullifiers[0];
        let (deal, back) = (world.deal_of(statements), world.transfer(back));
        let order = if revoked_first { [back, deal] } else { [deal, back] };
        let [first, second] = order.map(|transaction| ledger.submit(transaction, NOW));
        first.unwrap();
        assert_eq!(rejected(second), Rejection::NullifierSpent { nullifier });
    }
    for _ in 0..2 {
        let (receipt, mut refund) = (world.release(empty, NOW), world.release(empty, NOW));
        if let (Body::Release { release: one }, Body::Release { release: other }) = (&receipt.body, &mut refund.body) {
            other.statement.nullifier = one.statement.nullifier;
        }
        world.prove(&mut refund);
        let mut outcomes = ledger.submit_many(vec![refund.into(), receipt.into()], NOW).into_iter();
        outcomes.next().unwrap().unwrap();
        assert_eq!(rejected(outcomes.next().unwrap()).rule(), "L3");
    }
}

#[test]
fn the_genesis_limits_what_the_log_takes() {
    let mut world = World::new(18);
    world.genesis.max_bytes = 3_000;
    let ledger = world.ledger();
    let transfer = world.any_transfer(anchor(&ledger), NOW);
    assert_eq!(transfer.to_bytes().len(), 2_394, "the store's page states it");
    ledger.submit(transfer, NOW).unwrap();
    let swap = world.swap(anchor(&ledger), NOW);
    let found = swap.to_bytes().len();
    assert_eq!(rejected(ledger.submit(swap, NOW)), Rejection::TooLong { limit: 3_000, found });
}
