//! Of several broken rules the first in the order of `Rejection`'s list is named.

mod common;

use common::*;
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::keys::Owner;
use privity_circuits::note::{Commitment, Nullifier, Party};
use privity_circuits::price;
use privity_circuits::terms::TermsId;
use privity_circuits::transfer;
use privity_circuits::tree::Anchor;
use privity_ledger::*;
use privity_verifier::KeyId;

const NOW: u64 = START + 10;

type Spend = transfer::Statement<2, 3>;

/// What an earlier deal used up.
struct Used {
    nullifier: Nullifier,
    terms: TermsId,
}

/// Breaks one rule of a deal, and no other that stands before it.
type Break = fn(&mut price::Statement, &mut Spend, &mut Spend, &Used);

/// From the ledger's id on, in the order of the list.
const STATED: [(&str, Break); 12] = [
    ("ForeignLedger", |x, _, _, _| x.ledger = LedgerHash([1; 32]).id()),
    ("NowNotHourly", |_, _, s, _| s.now += 1),
    ("NowOutOfWindow", |_, b, _, _| b.now -= 25 * HOUR),
    ("UnknownAnchor", |_, _, s, _| s.anchor = Anchor::new(Fr::from(5u64))),
    ("NullifierRepeated", |_, _, s, _| s.nullifiers[1] = s.nullifiers[0]),
    ("NullifierSpent", |_, b, _, used| b.nullifiers[0] = used.nullifier),
    ("ExposureNotAllowed", |_, _, s, _| s.exposed_value = 1),
    ("OutputMismatch", |x, _, _, _| x.out_capacity = Commitment::new(Fr::from(6u64))),
    ("PartyMismatch", |x, _, _, _| x.party_buyer = Party::new(Fr::from(7u64))),
    ("TermsUsed", |x, _, _, used| x.terms = used.terms),
    ("MembersStale", |x, _, _, _| x.members = Anchor::new(Fr::from(8u64))),
    ("PolicyStale", |x, _, _, _| x.policy = Fr::from(9u64)),
];

/// Broken in what surrounds the statements, in the order of the list; each breaks with all of [`STATED`].
const AROUND: [&str; 6] = ["ClockBackwards", "TooLong", "Expired", "KeyNotAccepted", "CiphertextShape", "WrongContext"];

fn name_of(code: u16) -> &'static str {
    Rejection::CODES.iter().find(|(known, ..)| *known == code).map_or("", |(.., name)| name)
}

fn named(ledger: &Ledger, item: Item, now: u64) -> &'static str {
    let refused = ledger.read(|state| Ok(screen(state, &item, now))).unwrap();
    match refused {
        Ok(()) => "",
        Err(ApplyError::Rejected(rejection)) => name_of(rejection.code()),
        Err(error) => panic!("{error}"),
    }
}

/// Sets what surrounds the statements: contexts right, then broken from the rule `AROUND[first]` on.
fn around(mut deal: Transaction, world: &World, first: usize) -> (Transaction, u64) {
    let context = deal.context(world.genesis.ledger());
    let breaks = |rule: usize| first <= rule;
    if breaks(1) {
        let more = deal.ciphertexts.senders[0];
        deal.ciphertexts.senders.extend([more; 4]);
    }
    if breaks(2) {
        deal.expiry = NOW;
    }
    if breaks(4) {
        deal.ciphertexts.recipients.pop();
    }
    let Body::Deal { price, buyer, supplier } = &mut deal.body else { panic!("a deal") };
    (price.statement.context, buyer.statement.context, supplier.statement.context) = (context, context, context);
    if breaks(3) {
        buyer.key = KeyId([9; 32]);
    }
    if breaks(5) {
        supplier.statement.context = Context::default();
    }
    (deal, if breaks(0) { START } else { NOW })
}

#[test]
fn a_deal_that_breaks_many_rules_names_the_first() {
    let mut world = World::new(90);
    let whole = {
        let ledger = world.ledger();
        world.deal(&ledger, NOW, true).to_bytes().len()
    };
    world.genesis.max_bytes = whole as u32 + SEALED_NOTE_BYTES as u32;
    let ledger = world.ledger();
    let statements = world.deal_statements(&ledger, NOW, true);
    let used = Used { nullifier: statements.1.nullifiers[0], terms: statements.0.terms };
    let settled = world.deal_of(statements);
    ledger.submit(settled, NOW).unwrap();
    for first in 0..=AROUND.len() + STATED.len() {
        let (mut x, mut b, mut s) = world.deal_statements(&ledger, NOW, true);
        let stated = first.saturating_sub(AROUND.len());
        STATED[stated..].iter().for_each(|(_, break_it)| break_it(&mut x, &mut b, &mut s, &used));
        let deal = world.deal_of((x, b, s));
        let (deal, now) = around(deal, &world, first);
        let expected = AROUND.iter().chain(STATED.iter().map(|(name, _)| name)).nth(first).copied().unwrap_or("");
        assert_eq!(named(&ledger, deal.into(), now), expected);
    }
    // The names above stand in the list in this order.
    let all = AROUND.iter().chain(STATED.iter().map(|(name, _)| name));
    let places: Vec<usize> =
        all.map(|name| Rejection::CODES.iter().position(|(.., known)| known == name).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn other_transactions_name_the_first_too() {
    let mut world = World::new(91);
    let ledger = world.ledger();
    let empty = anchor(&ledger);
    let unknown = AssetId::new(Fr::from(4u64));
    for (asset, value, recipient, expected) in [
        (unknown, 0, Fr::from(1u64), "HalfExposure"),
        (AssetId::default(), 0, Fr::from(1u64), "RecipientOfNothing"),
        (unknown, 1, Fr::default(), "TokenNotRegistered"),
        (world.token, 1, Fr::default(), "SupplyNegative"),
    ] {
        let mut x = world.spend::<2, 3>(empty, NOW);
        (x.exposed_asset, x.exposed_value) = (asset, value);
        let leg = world.pay(x);
        let transfer = world.complete(Body::Transfer { leg, recipient }, NOW + 100);
        assert_eq!(named(&ledger, transfer.into(), NOW), expected);
    }
    let first = world.issue(NOW + 100);
    ledger.submit(first.clone(), NOW).unwrap();
    let Body::Issue { capacity: old } = &first.body else { panic!("an issue") };
    let mut again = world.issue(NOW + 100);
    if let Body::Issue { capacity } = &mut again.body {
        capacity.statement.issued = old.statement.issued;
    }
    world.prove(&mut again);
    let certifier = EntryBody::Revoke(Revocation::Certifier(world.certifier.id));
    assert_eq!(named(&ledger, again.clone().into(), NOW), "SerialIssued");
    ledger.enter(certifier, NOW).unwrap();
    assert_eq!(named(&ledger, again.into(), NOW), "CertifierNotApproved");
}

#[test]
fn an_entry_that_breaks_many_rules_names_the_first() {
    let mut world = World::new(92);
    let ledger = world.ledger();
    let (first, second) = (world.admission(60), world.admission(61));
    for admission in [&first, &second] {
        ledger.enter(EntryBody::Member(admission.clone()), NOW).unwrap();
    }
    let (hash, position) = ledger.read(|state| Ok((state.ledger(), state.position()))).unwrap();
    let body = EntryBody::Member(first.clone());
    let wrong = world.issuer.sign(body.message(hash, position));
    let signature = world.operator.sign(body.message(hash, position));
    let mut entry = Entry { position: position + 1, operator: world.issuer.id, body, signature: wrong };
    let submit = |entry: &Entry| named(&ledger, entry.clone().into(), NOW);
    assert_eq!(submit(&entry), "WrongPosition");
    entry.position = position;
    assert_eq!(submit(&entry), "NotAnOperator");
    entry.operator = world.operator.id;
    assert_eq!(submit(&entry), "OperatorSignature");
    entry.signature = signature;
    assert_eq!(submit(&entry), "AlreadyRegistered");

    let enter = |admission: Admission| name_of(rejected(ledger.enter(EntryBody::Member(admission), NOW)).code());
    let nobody = Owner::default();
    let consent = Some(world.issuer.sign(Fr::default()));
    let taken = Admission { owner: second.owner, signer: first.signer, consent };
    assert_eq!(enter(Admission { owner: nobody, ..taken.clone() }), "NoOwner");
    assert_eq!(enter(taken), "SignerTaken");
    let foreign = Admission { signer: Person::new(62).public, consent, ..second };
    assert_eq!(enter(foreign), "Consent");
    let signer = EntryBody::Revoke(Revocation::Signer(Person::new(60).id));
    ledger.enter(signer, NOW).unwrap();
    assert_eq!(enter(first.clone()), "AlreadyRegistered");
    assert_eq!(enter(Admission { owner: nobody, ..first }), "NotRegistered");
}
