//! A hostile log, hostile ciphertexts, and a neighbour on the same machine against one wallet; `docs/attacks.md` lists the attempts.

mod attack;
mod common;

use attack::{address, forged_plaintext, settled};
use common::{DUE, START, Town};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::note::Note;
use privity_circuits::release::Claim;
use privity_ledger::{Codec, Item, Record, SealedNote, Transaction};
use privity_wallet::build::{Make, ReleaseOrder};
use privity_wallet::deal::Draft;
use privity_wallet::delivery::Channel;
use privity_wallet::envelope::Enclosed;
use privity_wallet::evidence::{Delivery, InspectionBrief, InspectorBook};
use privity_wallet::file::{Document, FileError};
use privity_wallet::scan::ScanError;
use privity_wallet::store::Cost;
use privity_wallet::{Scanner, Wallet};
use serde_json::json;

macro_rules! make {
    ($town:ident) => {
        Make { when: $town.when(), prover: &mut $town.prover, rng: &mut $town.rng }
    };
}

/// The last record of the log with another transaction in it.
fn replaced(town: &Town, edit: impl FnOnce(&mut Transaction)) -> (Vec<Record>, Record) {
    let mut log = town.records();
    let mut last = log.pop().unwrap();
    let Item::Transaction(mut transaction) = Item::from_bytes(&last.body).unwrap() else { panic!("a transaction") };
    edit(&mut transaction);
    last.body = Item::Transaction(transaction).to_bytes();
    (log, last)
}

fn reading(town: &Town, wallet: &Wallet, log: &[Record]) -> Scanner {
    let mut scanner = Scanner::new(&town.genesis, [(0, wallet.member().unwrap().viewing_key())]);
    for record in log.iter() {
        scanner.read(record).unwrap();
    }
    scanner
}

/// Whoever deals may seal his terms to anybody. A stranger who follows them would carry a deal that is not his in his books, and
/// every later leaf of the ledger while it waits for evidence.
#[test]
fn a_strangers_deal_is_not_followed() {
    let mut town = Town::new();
    let terms = settled(&mut town);
    let target = address(&town.treasury);
    let channel = Channel::new(&town.genesis.ledger().0);
    let (buyer_key, supplier_key) = (address(&town.buyer).delivery, address(&town.supplier).delivery);
    let enclosed = Enclosed { terms: terms.clone(), buyer_key, supplier_key };
    let envelope = channel.seal_envelope(&target.delivery, &enclosed, &mut town.rng).unwrap();
    let (log, last) = replaced(&town, |transaction| transaction.ciphertexts.envelopes[0] = envelope);
    let mut scanner = reading(&town, &town.treasury, &log);
    let report = scanner.read(&last).unwrap();
    assert_eq!((report.deal, report.received), (None, 1), "the fee, and no deal");
    assert!(scanner.deals().is_empty());
    assert!(scanner.history().iter().all(|line| line.terms.is_none()));
}

/// A release whose memos claim what was not: numbers at every edge. The scanner believes commitments, not memos.
#[test]
fn memos_that_lie_about_a_release() {
    let mut town = Town::new();
    let terms = settled(&mut town);
    let (id, brief) = (terms.id(), InspectionBrief::of(&terms));
    town.time = DUE;
    let delivery = Delivery { delivered: 400_000, time: DUE, last: false };
    let receipt = InspectorBook::default().sign(&town.inspector, &brief, delivery, &mut town.rng).unwrap();
    let evidence = town.supplier.file_evidence(id, |terms| receipt.evidence(terms)).unwrap();
    let held = town.buyer.scanner().deals()[&id].escrow.clone().unwrap();
    let settlement = town.supplier.preview(id, &receipt.claim(), town.time).unwrap();
    let release = town.supplier.release(id, &ReleaseOrder::Evidence(evidence), &mut make!(town)).unwrap();
    town.submit(release).unwrap();
    let note = settlement.notes(&terms, held.nullifier(&terms))[1].clone();
    let (channel, to) = (Channel::new(&town.genesis.ledger().0), address(&town.buyer));
    let extremes = [0, 1, 1 << 40, u64::MAX];
    for branch in 0..5u8 {
        for (first, second) in extremes.iter().flat_map(|first| extremes.map(|second| (*first, second))) {
            let mut text = b"rel1".to_vec();
            text.push(branch);
            text.extend_from_slice(&first.to_be_bytes());
            text.extend_from_slice(&second.to_be_bytes());
            text.push(3);
            if first == second && (first == 0 || first == u64::MAX) {
                let memo = privity_wallet::delivery::Memo::new(&text).unwrap();
                let lie = channel.seal_note(&to.delivery, &note, &memo, &mut town.rng).unwrap();
                let (log, last) = replaced(&town, |transaction| {
                    let sealed = &mut transaction.ciphertexts;
                    sealed.recipients[0] = SealedNote(lie);
                    sealed.recipients[2] = SealedNote(lie);
                    sealed.recipients[1] = SealedNote(lie);
                });
                let mut scanner = reading(&town, &town.buyer, &log);
                let report = scanner.read(&last).unwrap();
                assert!(report.unexplained, "the memo explains nothing");
                assert_eq!(scanner.deals()[&id].releases.len(), 0);
                assert!(scanner.add_claim(id, receipt.claim()), "the receipt does");
                assert_eq!(scanner.deals()[&id].escrow.as_ref().unwrap().holding.done, 400_000);
            }
            let claim = match branch {
                0 => Claim::Delivered { delivered: first, time: second, last: true },
                1 => Claim::Lapsed,
                2 => Claim::Awarded { pay: first, used: second },
                _ => Claim::Agreed { pay: first, used: second },
            };
            let other = privity_circuits::release::Settlement::of(&terms, &held.holding, &claim, town.time);
            assert!(other.is_err() || other.unwrap() != settlement);
        }
    }
}

/// A log with a record left out, repeated, of another ledger, or from before.
#[test]
fn a_log_that_is_not_the_ledgers() {
    let mut town = Town::new();
    town.mint(5);
    let log = town.records();
    let fresh = || reading(&town, &town.buyer, &log[..log.len() - 1]);
    let last = log.last().unwrap();
    assert!(matches!(fresh().read(&log[log.len() - 2]), Err(ScanError::Position { .. })));
    let mut other = last.clone();
    other.previous[0] ^= 1;
    assert_eq!(fresh().read(&other), Err(ScanError::Chain(last.position)));
    let mut other = last.clone();
    other.time = START - 1;
    assert!(matches!(fresh().read(&other), Err(ScanError::Time { .. })));
    let mut other = last.clone();
    other.body.push(0);
    assert!(matches!(fresh().read(&other), Err(ScanError::Codec(_))));
    let mut scanner = fresh();
    scanner.read(last).unwrap();
    assert!(matches!(scanner.read(last), Err(ScanError::Position { .. })));
}

/// A note delivered with another value, asset, owner or unlock time than its commitment's is no note; a commitment that stands
/// in two leaves is two notes with two nullifiers.
#[test]
fn notes_that_are_not_what_they_say() {
    let mut town = Town::new();
    let (channel, to) = (Channel::new(&town.genesis.ledger().0), address(&town.buyer));
    town.mint(7);
    let note = town.buyer.scanner().notes().last().unwrap().note.clone();
    type Change = fn(&mut Note);
    let lies: [Change; 4] = [
        |note| note.value += 1,
        |note| note.asset = AssetId::new(Fr::from(3u64)),
        |note| note.unlock += 1,
        |note| note.blinding += Fr::from(1u64),
    ];
    for (index, lie) in lies.iter().enumerate() {
        let mut other = note.clone();
        lie(&mut other);
        // Sealed under the right commitment, as a liar would.
        let plain = forged_plaintext(&other);
        let sealed = channel.seal(&to.delivery, &note.commitment().to_bytes(), &plain, &mut town.rng).unwrap();
        let sealed: [u8; 304] = sealed.try_into().unwrap();
        let (log, last) = replaced(&town, |transaction| {
            transaction.ciphertexts.recipients[0] = SealedNote(sealed);
            transaction.ciphertexts.senders[0] = SealedNote(sealed);
        });
        let mut scanner = reading(&town, &town.buyer, &log);
        assert_eq!(scanner.read(&last).unwrap().received, 0, "lie {index}");
    }
    let before = town.buyer.scanner().notes().len();
    let mut last = town.records().pop().unwrap();
    let hash = last.hash(town.genesis.ledger());
    (last.position, last.previous) = (last.position + 1, hash);
    town.buyer.read(&last).unwrap();
    let notes = town.buyer.scanner().notes();
    assert_eq!(notes.len(), before + 1);
    assert_eq!(notes[before].note, notes[before - 1].note);
    assert_ne!(notes[before].position, notes[before - 1].position);
}

/// Text of a counterparty that a terminal would obey does not come back in an error.
#[test]
fn errors_repeat_no_control_characters() {
    let file = json!({ "kind": "\u{1b}]0;owned\u{7}draft\r\n", "version": 1, "body": {} });
    match Draft::from_json(&file.to_string()) {
        Err(error @ FileError::Kind { .. }) => assert!(!error.to_string().chars().any(char::is_control)),
        other => panic!("{:?}", other.err()),
    }
}

/// Somebody else on the machine has put a link, or a file that all may read, where the wallet's next state is written first.
#[cfg(unix)]
#[test]
fn a_wallet_is_not_written_through_a_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mut town = Town::empty();
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("wallet"), folder.path().join("elsewhere"));
    std::fs::write(&target, "untouched").unwrap();
    symlink(&target, folder.path().join("wallet.new")).unwrap();
    let cost = Cost { memory: 64, passes: 1 };
    town.buyer.save(&path, "password", cost, &mut town.rng).unwrap();
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched");
    std::fs::write(folder.path().join("wallet.new"), "bait").unwrap();
    std::fs::set_permissions(folder.path().join("wallet.new"), PermissionsExt::from_mode(0o666)).unwrap();
    town.buyer.save(&path, "password", cost, &mut town.rng).unwrap();
    assert_eq!(std::fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}
