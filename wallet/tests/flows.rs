//! Transfers, swaps, awards, disclosures, evidence and the store.

mod common;

use common::{DUE, MONDAY, START, Town, seed, signer};
use privity_circuits::asset::AssetId;
use privity_circuits::disclose::Scope;
use privity_circuits::release::Claim;
use privity_ledger::Leg;
use privity_wallet::build::{Make, MintOrder, Payment, ReleaseOrder, Withdrawal, mint};
use privity_wallet::certify::{AttestationRequest, CertifierBook, CertifyError, WeekEntry};
use privity_wallet::delivery::Memo;
use privity_wallet::disclosure::{AudienceBook, DisclosureError, DisclosureOrder, week_scope};
use privity_wallet::evidence::{ArbiterBook, Decision, Delivery, EvidenceError, InspectionBrief, InspectorBook};
use privity_wallet::file::{Document, FileError};
use privity_wallet::history::Reference;
use privity_wallet::store::{Cost, StoreError};
use privity_wallet::swap::{Amount, SwapAnswer, SwapError, SwapOffer, SwapProposal};
use privity_wallet::{Scanner, Wallet, WalletError};

const CHEAP: Cost = Cost { memory: 64, passes: 1 };

macro_rules! make {
    ($town:ident) => {
        Make { when: $town.when(), prover: &mut $town.prover, rng: &mut $town.rng }
    };
}

fn balance(wallet: &Wallet, asset: AssetId) -> u128 {
    wallet.scanner().balances().get(&asset).copied().unwrap_or(0)
}

#[test]
fn payments_consolidations_and_withdrawals() {
    let mut town = Town::empty();
    for value in 1..=9 {
        town.mint(value);
    }
    let currency = town.currency;
    let to = town.supplier.member().unwrap().address();
    let pay = |value| [Payment { to, value, unlock: 0, memo: Memo::new(b"thanks").unwrap() }];
    let many = town.buyer.send(0, currency, &pay(40), &mut make!(town));
    assert!(matches!(many, Err(privity_wallet::build::BuildError::Wallet(WalletError::Consolidate))));
    let consolidation = town.buyer.consolidate(0, currency, &mut make!(town)).unwrap().unwrap();
    town.submit(consolidation).unwrap();
    assert_eq!(balance(&town.buyer, currency), 45);
    let payment = town.buyer.send(0, currency, &pay(40), &mut make!(town)).unwrap();
    let again = payment.clone();
    town.submit(payment).unwrap();
    assert!(town.submit(again).is_err(), "settled once");
    assert_eq!((balance(&town.buyer, currency), balance(&town.supplier, currency)), (5, 40));
    assert_eq!(town.supplier.scanner().notes().last().unwrap().memo.text(), Some("thanks"));
    let short = town.supplier.send(0, currency, &pay(41), &mut make!(town));
    let Err(privity_wallet::build::BuildError::Wallet(WalletError::Select(short))) = short else { panic!() };
    assert!(!format!("{short} {short:?}").contains("40"), "no balance in an error's text");
    let withdrawal = Withdrawal { value: 15, recipient: Some(town.issuer.signer.id) };
    let out = town.supplier.withdraw(0, currency, withdrawal, &mut make!(town)).unwrap();
    town.submit(out).unwrap();
    assert_eq!(balance(&town.supplier, currency), 25);
    // A viewing key sees the same, without spending.
    let key = town.supplier.member().unwrap().viewing_key();
    let mut scanner = Scanner::new(&town.genesis, [(0, key)]);
    for record in town.records() {
        scanner.read(&record).unwrap();
    }
    assert_eq!(scanner.balances(), town.supplier.scanner().balances());
    assert!(scanner.read(&town.records()[0]).is_err(), "not the next record");
}

fn with_app(town: &mut Town, value: u64) -> AssetId {
    let to = town.supplier.member().unwrap().address();
    let order = MintOrder { name: "APP".into(), value, to, unlock: 0, memo: Memo::EMPTY };
    let ledger = town.genesis.ledger();
    let minted = mint(ledger, &town.issuer, &town.issuer.signer, &order, &mut make!(town)).unwrap();
    town.submit(minted).unwrap();
    AssetId::token(town.issuer.signer.id, "APP")
}

#[test]
fn a_swap_of_two_tokens() {
    let mut town = Town::empty();
    town.mint(100);
    let app = with_app(&mut town, 50);
    let currency = town.currency;
    let taker = town.supplier.member().unwrap().address();
    let (give, want) = (Amount { asset: currency, value: 30 }, Amount { asset: app, value: 20 });
    let proposal = town.buyer.propose_swap(0, give, want, taker, town.time, &mut town.rng).unwrap();
    let answer = town.supplier.answer_swap(0, &proposal, town.time, &mut town.rng).unwrap();
    let offer = town.buyer.offer_swap(&answer, None, town.time, &mut town.prover, &mut town.rng).unwrap();
    let again = town.buyer.offer_swap(&answer, None, town.time, &mut town.prover, &mut town.rng);
    assert!(again.is_err(), "not twice at once");
    let Town { ledger, supplier, rng, prover, keys, .. } = &mut town;
    let swap = ledger.read(|view| Ok(supplier.accept_swap(&offer, view, keys, prover, rng))).unwrap().unwrap();
    town.submit(swap).unwrap();
    assert_eq!((balance(&town.buyer, currency), balance(&town.buyer, app)), (70, 20));
    assert_eq!((balance(&town.supplier, currency), balance(&town.supplier, app)), (30, 30));
    // A proposal that gives less than it says is not answered.
    let mut lying = town.buyer.propose_swap(0, give, want, taker, town.time, &mut town.rng).unwrap();
    lying.give.value += 1;
    assert!(town.supplier.answer_swap(0, &lying, town.time, &mut town.rng).is_err());
}

/// Section 4: a leg of a swap takes seven notes where two do not suffice.
#[test]
fn a_swap_of_many_small_notes() {
    let mut town = Town::empty();
    for value in 1..=9 {
        town.mint(value);
    }
    let app = (0..5).map(|_| with_app(&mut town, 10)).last().unwrap();
    let currency = town.currency;
    let taker = town.supplier.member().unwrap().address();
    let (give, want) = (Amount { asset: currency, value: 41 }, Amount { asset: app, value: 45 });
    let proposal = town.buyer.propose_swap(0, give, want, taker, town.time, &mut town.rng).unwrap();
    let proposal: SwapProposal = Document::from_json(&proposal.to_json().unwrap()).unwrap();
    assert_eq!(proposal.outputs.commitments().len(), 2);
    // What is promised can be taken back whole.
    let mut lost = town.supplier.answer_swap(0, &proposal, town.time, &mut town.rng).unwrap();
    assert_eq!(lost.outputs.commitments().len(), 2);
    let revoked = town.supplier.revoke_swap(&lost.swap, &mut make!(town)).unwrap();
    town.submit(revoked).unwrap();
    assert!(town.supplier.end_swap(&lost.swap).is_err(), "over");
    assert_eq!(balance(&town.supplier, app), 50);
    // A shape of another swap's does not read.
    let text = lost.to_json().unwrap();
    lost = town.supplier.answer_swap(0, &proposal, town.time, &mut town.rng).unwrap();
    let empty = without_change(&text);
    assert!(SwapAnswer::from_json(&empty).is_err(), "one output is no leg");

    let offer = town.buyer.offer_swap(&lost, None, town.time, &mut town.prover, &mut town.rng).unwrap();
    let offer: SwapOffer = Document::from_json(&offer.to_json().unwrap()).unwrap();
    let Town { ledger, supplier, rng, prover, keys, .. } = &mut town;
    let mut forged = offer.clone();
    let Leg::Consolidation(claim) = &mut forged.leg else { panic!("two notes would do") };
    claim.statement.outputs.swap(0, 1);
    let mut accept = |offer: &SwapOffer| ledger.read(|view| Ok(supplier.accept_swap(offer, view, keys, prover, rng)));
    assert!(matches!(accept(&forged).unwrap(), Err(SwapError::Offer("outputs"))));
    let mut forged = offer.clone();
    let Leg::Consolidation(claim) = &mut forged.leg else { panic!("two notes would do") };
    claim.statement.now -= 3_600;
    assert!(matches!(accept(&forged).unwrap(), Err(SwapError::Proof(_))));
    let swap = accept(&offer).unwrap().unwrap();
    town.submit(swap).unwrap();
    assert_eq!((balance(&town.buyer, currency), balance(&town.buyer, app)), (4, 45));
    assert_eq!((balance(&town.supplier, currency), balance(&town.supplier, app)), (41, 5));
    // More than seven notes have to be consolidated first.
    for _ in 0..8 {
        town.mint(1);
    }
    let give = Amount { asset: currency, value: 12 };
    let many = town.buyer.propose_swap(0, give, want, taker, town.time, &mut town.rng);
    let Err(SwapError::Build(many)) = many else { panic!("seven notes do not suffice") };
    assert!(many.to_string().contains("consolidate"), "{many}");
}

/// The JSON of an answer with its second output left out.
fn without_change(text: &str) -> String {
    let mut value: serde_json::Value = serde_json::from_str(text).unwrap();
    value["body"]["outputs"].as_array_mut().unwrap().pop();
    value.to_string()
}

/// A deal whose supplier was given a wrong delivery key: the buyer learns of releases by evidence alone.
fn deaf_deal(town: &mut Town) -> privity_circuits::terms::Terms {
    let mut to = town.buyer.member().unwrap().address();
    to.delivery = town.treasury.member().unwrap().address().delivery;
    let terms = town.terms();
    let Town { ledger, supplier, buyer, rng, prover, keys, .. } = town;
    let transaction = ledger.read(|view| {
        let draft = supplier.draft(0, &terms, &to, Reference::default(), view, rng).unwrap();
        let request = buyer.request(0, &draft, view, rng).unwrap();
        let offer = supplier.offer(&request, None, view, prover, rng).unwrap();
        Ok((draft.terms.clone(), buyer.accept(&offer, view, keys, prover, rng).unwrap()))
    });
    let (terms, transaction) = transaction.unwrap();
    town.submit(transaction).unwrap();
    terms
}

#[test]
fn evidence_explains_what_ciphertexts_hide() {
    let mut town = Town::new();
    let terms = deaf_deal(&mut town);
    let (id, brief) = (terms.id(), InspectionBrief::of(&terms));
    assert_eq!(brief.terms(), id);
    let (mut book, mut receipts) = (InspectorBook::default(), Vec::new());
    town.time = DUE;
    for delivered in [400_000, 700_000] {
        let delivery = Delivery { delivered, time: DUE, last: false };
        let receipt = book.sign(&town.inspector, &brief, delivery, &mut town.rng).unwrap();
        let evidence = town.supplier.file_evidence(id, |terms| receipt.evidence(terms)).unwrap();
        let release = town.supplier.release(id, &ReleaseOrder::Evidence(evidence), &mut make!(town)).unwrap();
        town.submit(release).unwrap();
        receipts.push(receipt);
    }
    assert_eq!(town.buyer.scanner().deals()[&id].releases.len(), 0);
    // In any order: the second release is understood once the first one is.
    for receipt in receipts.iter().rev() {
        town.buyer.file_evidence(id, |terms| receipt.evidence(terms)).unwrap();
    }
    assert_eq!(town.buyer.scanner().deals()[&id].releases.len(), 2);

    // The arbiter closes the rest, once the inspector has acknowledged.
    let mut arbiter = ArbiterBook::default();
    let decision = Decision { done: 700_000, pay: 1_000, used: 7 };
    let early = arbiter.sign(&town.arbiter, &brief, None, decision, &mut town.rng);
    assert_eq!(early.err(), Some(EvidenceError::Unacknowledged));
    let acknowledged = book.acknowledge(&town.inspector, &brief, &mut town.rng).unwrap();
    let late = Delivery { delivered: 900_000, time: DUE, last: false };
    assert_eq!(book.sign(&town.inspector, &brief, late, &mut town.rng).err(), Some(EvidenceError::Ended));
    let award = arbiter.sign(&town.arbiter, &brief, Some(&acknowledged), decision, &mut town.rng).unwrap();
    let other = Decision { pay: 999, ..decision };
    let twice = arbiter.sign(&town.arbiter, &brief, Some(&acknowledged), other, &mut town.rng);
    assert_eq!(twice.err(), Some(EvidenceError::Twice(700_000)));
    let evidence = town.buyer.file_evidence(id, |terms| award.evidence(terms)).unwrap();
    let before = balance(&town.buyer, town.currency);
    let rest = town.buyer.scanner().deals()[&id].escrow.as_ref().unwrap().holding.payment;
    let release = town.buyer.release(id, &ReleaseOrder::Evidence(evidence), &mut make!(town)).unwrap();
    town.submit(release).unwrap();
    assert_eq!(balance(&town.buyer, town.currency), before + u128::from(rest - 1_000));
}

#[test]
fn receipts_form_one_chain() {
    let town = Town::empty();
    let mut rng = common::Town::empty().rng;
    let brief = InspectionBrief::of(&town.terms());
    let mut book = InspectorBook::default();
    let mut sign = |signer: &privity_wallet::Signer, delivered, time, last| {
        book.sign(signer, &brief, Delivery { delivered, time, last }, &mut rng)
    };
    assert_eq!(sign(&signer(50), 1, 1, false).err(), Some(EvidenceError::Signer("inspector")));
    assert_eq!(sign(&town.inspector, 0, 1, false).err(), Some(EvidenceError::Range));
    let first = sign(&town.inspector, 400_000, 5, false).unwrap();
    assert!(sign(&town.inspector, 400_000, 5, false).unwrap() == first, "the same again");
    assert_eq!(sign(&town.inspector, 400_000, 6, false).err(), Some(EvidenceError::Range));
    assert_eq!(sign(&town.inspector, 300_000, 6, false).err(), Some(EvidenceError::Twice(300_000)));
    let second = sign(&town.inspector, 1_000_000, 9, false).unwrap();
    assert_eq!((second.done, second.delivered), (400_000, 1_000_000));
    assert_eq!(sign(&town.inspector, 1_100_000, 9, false).err(), Some(EvidenceError::Ended));
    let mut forged = first.clone();
    forged.time = 4;
    assert_eq!(forged.evidence(&town.terms()).err(), Some(EvidenceError::Signature("inspector")));
    let mut other = town.terms();
    other.goods.quantity += 1_000;
    assert_eq!(first.evidence(&other).err(), Some(EvidenceError::Terms));
    assert_eq!(first.claim(), Claim::Delivered { delivered: 400_000, time: 5, last: false });
}

#[test]
fn a_certifier_keeps_its_book() {
    let mut town = Town::empty();
    let supplier = town.supplier.member().unwrap().owner;
    let (ledger, resource) = (town.genesis.ledger().id(), town.resource);
    let mut book = CertifierBook::default();
    assert_eq!(book.set_actual(supplier, resource, MONDAY + 1, 5), Err(CertifyError::Monday(MONDAY + 1)));
    book.set_actual(supplier, resource, MONDAY, 100).unwrap();
    let mut ask = |book: &mut CertifierBook, serial: u32, bucket, quantity| {
        let serial = town.supplier.serial(serial).id();
        let weeks = vec![WeekEntry { bucket, quantity }];
        book.certify(&town.certifier, &AttestationRequest { ledger, supplier, resource, weeks, serial }, &mut town.rng)
    };
    assert_eq!(ask(&mut book, 0, MONDAY + 1, 5).err(), Some(CertifyError::Monday(MONDAY + 1)));
    let first = ask(&mut book, 0, MONDAY, 60).unwrap();
    first.check().unwrap();
    ask(&mut book, 0, MONDAY, 50).unwrap();
    let over = CertifyError::Overbooked { bucket: MONDAY, attested: 101, actual: 100 };
    assert_eq!(ask(&mut book, 1, MONDAY, 41).err(), Some(over), "the largest of a serial counts");
    let small = ask(&mut book, 0, MONDAY, 50).unwrap();
    let serial = town.supplier.serial(0);
    let outputs = small.attestation().notes(&serial).map(|note| note.commitment().field());
    let issued = serial.issued(town.certifier.id);
    let wrong = town.supplier.serial(1).issued(town.certifier.id);
    let of = town.certifier.id;
    assert_eq!(book.settle(of, &small, &serial, wrong, &outputs), Err(CertifyError::Mark));
    assert_eq!(book.settle(of, &first, &serial, issued, &outputs), Err(CertifyError::Unknown));
    book.settle(of, &small, &serial, issued, &outputs).unwrap();
    ask(&mut book, 1, MONDAY, 50).unwrap();
    let over = CertifyError::Overbooked { bucket: MONDAY, attested: 101, actual: 100 };
    assert_eq!(ask(&mut book, 2, MONDAY, 1).err(), Some(over));
}

/// Pitfall 37.
#[test]
fn one_note_is_pledged_once_per_scope() {
    let mut town = Town::empty();
    let to = town.buyer.member().unwrap().address();
    let unlock = START + 86_400;
    let order = MintOrder { name: "EUR".into(), value: 500, to, unlock, memo: Memo::EMPTY };
    let ledger = town.genesis.ledger();
    let minted = mint(ledger, &town.issuer, &town.issuer.signer, &order, &mut make!(town)).unwrap();
    town.submit(minted).unwrap();
    let audience = signer(60).id;
    let order =
        DisclosureOrder { asset: town.currency, threshold: 400, hold: unlock, scope: week_scope(MONDAY), audience };
    let Town { ledger, buyer, supplier, rng, prover, keys, .. } = &mut town;
    let shown = buyer.disclose(0, &order, prover, rng).unwrap();
    let shown: privity_wallet::disclosure::Disclosure = Document::from_json(&shown.to_json().unwrap()).unwrap();
    let mut book = AudienceBook::default();
    let mut accept = |shown: &_, order: &_| ledger.read(|view| Ok(book.accept(shown, order, view, keys))).unwrap();
    let elsewhere = DisclosureOrder { audience: signer(61).id, ..order };
    assert!(matches!(accept(&shown, &elsewhere), Err(DisclosureError::Proof(_))), "for another audience");
    let more = DisclosureOrder { threshold: 401, ..order };
    assert_eq!(accept(&shown, &more), Err(DisclosureError::Order));
    let mut stolen = shown.clone();
    stolen.claimant = supplier.member().unwrap().owner;
    assert!(matches!(accept(&stolen, &order), Err(DisclosureError::Proof(_))), "rented funds");
    accept(&shown, &order).unwrap();
    let again = buyer.disclose(0, &order, prover, rng).unwrap();
    assert_eq!(accept(&again, &order), Err(DisclosureError::Pledged));
    let other = DisclosureOrder { scope: Scope::new(7u64.into()), ..order };
    let elsewhere = buyer.disclose(0, &other, prover, rng).unwrap();
    accept(&elsewhere, &other).unwrap();
    // A hold that ends at this very second is none.
    let now = DisclosureOrder { hold: START + 60, scope: Scope::new(8u64.into()), ..order };
    let shown = buyer.disclose(0, &now, prover, rng).unwrap();
    assert!(matches!(accept(&shown, &now), Err(DisclosureError::Hold { .. })));
}

#[test]
fn a_wallet_at_rest() {
    let mut town = Town::new();
    let sealed = town.buyer.seal("correct horse", CHEAP, &mut town.rng).unwrap();
    let opened = Wallet::unseal(&sealed, "correct horse").unwrap();
    assert_eq!(opened.scanner().balances(), town.buyer.scanner().balances());
    assert!(matches!(Wallet::unseal(&sealed, "wrong"), Err(StoreError::Password)));
    for damage in [40, sealed.len() / 2, sealed.len() - 1] {
        let mut bad = sealed.clone();
        bad[damage] ^= 1;
        assert!(matches!(Wallet::unseal(&bad, "correct horse"), Err(StoreError::Corrupted)), "{damage}");
    }
    assert!(matches!(Wallet::unseal(&sealed[..60], "x"), Err(StoreError::Corrupted)));
    assert!(matches!(Wallet::unseal(b"nonsense", "x"), Err(StoreError::Magic("wallet"))));
    let mut newer = sealed.clone();
    newer[11] = 2;
    assert!(matches!(Wallet::unseal(&newer, "x"), Err(StoreError::Newer(2))));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wallet");
    town.buyer.save(&path, "one", CHEAP, &mut town.rng).unwrap();
    town.buyer.save(&path, "two", CHEAP, &mut town.rng).unwrap();
    let mut loaded = Wallet::load(&path, "two").unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    let nowhere = folder.path().join("missing").join("wallet");
    assert!(matches!(town.buyer.save(&nowhere, "one", CHEAP, &mut town.rng), Err(StoreError::Io { .. })));
    // It goes on where it was.
    let before = town.records().len();
    town.mint(7);
    for record in &town.records()[before..] {
        loaded.read(record).unwrap();
    }
    assert_eq!(loaded.scanner().balances(), town.buyer.scanner().balances());
    let to = town.supplier.member().unwrap().address();
    let payments = [Payment { to, value: 2_000_003, unlock: 0, memo: Memo::EMPTY }];
    let payment = loaded.send(0, town.currency, &payments, &mut make!(town)).unwrap();
    town.submit(payment).unwrap();
}

#[test]
fn files_are_versioned() {
    let town = Town::empty();
    let text = InspectionBrief::of(&town.terms()).to_json().unwrap();
    let read = |text: &str| InspectionBrief::from_json(text).err();
    assert_eq!(read(&text), None);
    let newer = text.replace("\"version\": 1", "\"version\": 2");
    assert_eq!(read(&newer), Some(FileError::Newer { kind: InspectionBrief::KIND, known: 1, found: 2 }));
    let other = text.replace("inspection-brief", "receipt");
    assert!(matches!(read(&other), Some(FileError::Kind { .. })));
    let extra = text.replacen("\"money\"", "\"extra\": 1, \"money\"", 1);
    assert!(matches!(read(&extra), Some(FileError::Body { .. })));
    assert!(matches!(read(&text[..text.len() - 2]), Some(FileError::Body { .. })));
    assert!(matches!(read(&" ".repeat(300 * 1024)), Some(FileError::TooLong { .. })));
}

/// Pitfalls 27 and 41: no message, no error and no debug output holds a key, or a counterparty's nullifier key.
#[test]
fn no_secret_leaves_the_wallet() {
    let mut town = Town::new();
    let to = town.buyer.member().unwrap().address();
    let terms = town.terms();
    let Town { ledger, supplier, buyer, rng, prover, keys, .. } = &mut town;
    let mut texts = Vec::new();
    ledger
        .read(|view| {
            let draft = supplier.draft(0, &terms, &to, Reference::default(), view, rng).unwrap();
            let request = buyer.request(0, &draft, view, rng).unwrap();
            let offer = supplier.offer(&request, None, view, prover, rng).unwrap();
            texts.extend([draft.to_json().unwrap(), request.to_json().unwrap(), offer.to_json().unwrap()]);
            texts.push(format!("{draft:?} {request:?} {offer:?}"));
            let again = supplier.offer(&request, None, view, prover, rng);
            texts.push(format!("{again:?}"));
            let deal = buyer.accept(&offer, view, keys, prover, rng).unwrap();
            texts.push(format!("{deal:?}"));
            Ok(())
        })
        .unwrap();
    texts.push(format!("{:?} {:?} {:?}", town.buyer, town.buyer.member().unwrap(), town.buyer.scanner()));
    texts.push(format!("{:?}", town.buyer.sessions()));
    texts.push(format!("{:?}", privity_wallet::Seed::from_phrase("canary canary")));
    let sealed = town.buyer.seal("password", CHEAP, &mut town.rng).unwrap();
    texts.push(sealed.iter().map(|byte| format!("{byte:02x}")).collect());

    let mut canaries: Vec<String> = Vec::new();
    for (byte, wallet) in [(10, &town.buyer), (11, &town.supplier)] {
        let account = wallet.member().unwrap();
        let viewing = account.viewing_key().to_bytes();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        canaries.extend([hex(&viewing[65..97]), hex(&viewing[97..]), hex(&[byte; 32])]);
        canaries.push(seed(byte).phrase().split(' ').take(3).collect::<Vec<_>>().join(" "));
        canaries.extend(
            wallet
                .scanner()
                .notes()
                .iter()
                .map(|own| privity_circuits::field::to_hex(&own.note.blinding)[2..].to_owned()),
        );
    }
    canaries.push("canary".into());
    assert!(canaries.len() > 10);
    for text in &texts {
        for canary in &canaries {
            assert!(!text.contains(canary.as_str()), "{canary} in {}", &text[..text.len().min(80)]);
        }
    }
}
