//! More accounts of one phrase, the treasury's fees, books at rest, and notes that look alike.

mod common;

use common::{DUE, MONDAY, Town, seed};
use privity_circuits::note::Note;
use privity_circuits::terms::{Policy, Terms};
use privity_circuits::{Fr, field};
use privity_ledger::{EntryBody, Record};
use privity_testkit::rng;
use privity_wallet::build::{Make, MintOrder, Payment, ReleaseOrder, mint};
use privity_wallet::certify::{AttestationRequest, CertifierBook, WeekEntry};
use privity_wallet::delivery::Memo;
use privity_wallet::evidence::{Delivery, InspectionBrief, InspectorBook};
use privity_wallet::file::{Document, FileError, MAX_FILE_BYTES};
use privity_wallet::history::Reference;
use privity_wallet::store::{BookError, Cost, StoreError, load_book, save_book, seal_book, unseal_book};
use privity_wallet::{Account, Address, Wallet, WalletError};

const CHEAP: Cost = Cost { memory: 64, passes: 1 };

macro_rules! make {
    ($town:ident) => {
        Make { when: $town.when(), prover: &mut $town.prover, rng: &mut $town.rng }
    };
}

fn log(town: &Town) -> impl Iterator<Item = Result<Record, WalletError>> {
    town.records().into_iter().map(Ok)
}

/// A deal with `buyer` for the buyer's address.
fn deal(town: &mut Town, to: Address) -> Terms {
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
fn a_new_account_reads_its_past() {
    let mut town = Town::new();
    let currency = town.currency;
    // A deal whose releases the buyer understands by evidence alone, and one receipt that is not released yet.
    let mut to = town.buyer.member().unwrap().address();
    to.delivery = town.treasury.member().unwrap().address().delivery;
    let terms = deal(&mut town, to);
    let (id, brief) = (terms.id(), InspectionBrief::of(&terms));
    let mut book = InspectorBook::default();
    town.time = DUE;
    for delivered in [400_000, 700_000] {
        let delivery = Delivery { delivered, time: DUE, last: false };
        let receipt = book.sign(&town.inspector, &brief, delivery, &mut town.rng).unwrap();
        let evidence = town.supplier.file_evidence(id, |terms| receipt.evidence(terms)).unwrap();
        town.buyer.file_evidence(id, |terms| receipt.evidence(terms)).unwrap();
        if delivered == 400_000 {
            let release = town.supplier.release(id, &ReleaseOrder::Evidence(evidence), &mut make!(town)).unwrap();
            town.submit(release).unwrap();
        }
    }
    // Something arrives at an account that is not open, and is passed on from there by a wallet that has it.
    let third = Account::derive(&seed(10), 2).unwrap();
    let pay = [Payment { to: third.address(), value: 900, unlock: 0, memo: Memo::EMPTY }];
    let payment = town.buyer.send(0, currency, &pay, &mut make!(town)).unwrap();
    town.submit(payment).unwrap();
    assert!(matches!(town.buyer.account(2), Err(WalletError::Account(2))));
    let before = town.buyer.scanner().balances()[&currency];

    let opened = town.buyer.with_accounts(&town.genesis, 3, log(&town)).unwrap();
    assert_eq!(opened.scanner().balances()[&currency], before + 900);
    assert_eq!(opened.accounts().count(), 3);
    let known = |wallet: &Wallet| {
        let deal = &wallet.scanner().deals()[&id];
        (deal.releases.len(), deal.claims.len(), deal.escrow.as_ref().unwrap().position)
    };
    assert_eq!(known(&opened), known(&town.buyer));
    assert_eq!((known(&opened).0, known(&opened).1), (1, 1));
    let paid = opened.spendable(2, currency, town.time);
    assert_eq!(paid.iter().map(|coin| coin.value).collect::<Vec<_>>(), [900]);
    let pay = [Payment { to: town.buyer.member().unwrap().address(), value: 899, unlock: 0, memo: Memo::EMPTY }];
    let payment = opened.send(2, currency, &pay, &mut make!(town)).unwrap();
    town.submit(payment).unwrap();
    // It never closes an account, and takes no other ledger's log.
    assert_eq!(opened.with_accounts(&town.genesis, 1, log(&town)).unwrap().accounts().count(), 3);
    let mut foreign = town.genesis.clone();
    foreign.max_bytes += 1;
    assert!(matches!(opened.with_accounts(&foreign, 4, log(&town)), Err(WalletError::Scan(_))));
    let gap = log(&town).skip(1);
    assert!(matches!(opened.with_accounts(&town.genesis, 4, gap), Err(WalletError::Scan(_))));
}

#[test]
fn the_treasury_names_deals_whose_fee_does_not_open() {
    let mut town = Town::new();
    let to = town.buyer.member().unwrap().address();
    deal(&mut town, to);
    assert_eq!(town.treasury.fees().len(), 1);
    let (asset, fee) = town.treasury.fees()[0].opened.unwrap();
    assert_eq!((asset, u128::from(fee)), (town.currency, town.treasury.scanner().balances()[&town.currency]));
    assert!(town.buyer.fees().is_empty() && town.supplier.fees().is_empty());

    // The same treasury, but what is sealed to it goes to a key that it does not have.
    let treasury = town.treasury.member().unwrap().owner;
    let delivery_key = town.supplier.member().unwrap().address().delivery;
    let policy = |flat, rate| Policy { flat, rate, treasury, delivery_key };
    town.mint(2_000_000);
    let enter = |town: &mut Town, policy| {
        town.time += 1;
        town.ledger.enter(EntryBody::Policy(policy), town.time).unwrap();
        town.catch_up();
    };
    enter(&mut town, policy(5, 0));
    deal(&mut town, to);
    let last = &town.treasury.fees()[1];
    assert_eq!((last.opened, last.time), (None, town.time));
    assert_eq!(town.treasury.scanner().balances()[&town.currency], u128::from(fee), "it holds no such note");
    // Who charges nothing misses nothing.
    town.mint(2_000_000);
    town.issue();
    enter(&mut town, policy(0, 0));
    deal(&mut town, to);
    assert_eq!(town.treasury.fees().len(), 2);
    // At rest and restored it knows the same.
    let sealed = town.treasury.seal("secret", CHEAP, &mut town.rng).unwrap();
    let restored = Wallet::restore(seed(6), &town.genesis, 1, &town.records()).unwrap();
    for wallet in [Wallet::unseal(&sealed, "secret").unwrap(), restored] {
        assert!(wallet.fees() == town.treasury.fees());
    }
}

#[test]
fn books_are_sealed_and_outgrow_messages() {
    let (mut town, mut rng) = (Town::empty(), rng(4));
    let supplier = town.supplier.member().unwrap().owner;
    let (ledger, resource) = (town.genesis.ledger().id(), town.resource);
    let mut book = CertifierBook::default();
    for week in 0..800 {
        let bucket = MONDAY + 7 * week;
        book.set_actual(supplier, resource, bucket, 100).unwrap();
        let (_, serial) = town.supplier.next_serial();
        let request = AttestationRequest {
            ledger,
            supplier,
            resource,
            weeks: vec![WeekEntry { bucket, quantity: 60 }],
            serial: serial.id(),
        };
        book.certify(&town.certifier, &request, &mut rng).unwrap();
    }
    let text = book.to_json().unwrap();
    assert!(text.len() > MAX_FILE_BYTES, "{}", text.len());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("certifier.book");
    save_book(&book, &path, "secret", CHEAP, &mut rng).unwrap();
    let read: CertifierBook = load_book(&path, "secret").unwrap();
    assert_eq!(read.to_json().unwrap(), text);
    let bytes = std::fs::read(&path).unwrap();
    let shown = supplier.to_string();
    assert!(text.contains(&shown) && !bytes.windows(32).any(|window| window == &shown.as_bytes()[2..34]));

    let open = |bytes: &[u8], password| unseal_book::<CertifierBook>(bytes, password).err();
    assert!(matches!(open(&bytes, "guess"), Some(BookError::Store(StoreError::Password))));
    assert!(matches!(open(&bytes[..bytes.len() - 1], "secret"), Some(BookError::Store(StoreError::Corrupted))));
    assert!(matches!(open(text.as_bytes(), "secret"), Some(BookError::Store(StoreError::Magic("book")))));
    let other = unseal_book::<InspectorBook>(&bytes, "secret").err();
    assert!(matches!(other, Some(BookError::File(FileError::Kind { .. }))));
    let wallet = town.buyer.seal("secret", CHEAP, &mut rng).unwrap();
    assert!(matches!(open(&wallet, "secret"), Some(BookError::Store(StoreError::Magic("book")))));
    let sealed = seal_book(&book, "secret", CHEAP, &mut rng).unwrap();
    assert!(matches!(Wallet::unseal(&sealed, "secret"), Err(StoreError::Magic("wallet"))));
}

/// Pitfall 6: two notes equal in every field lie at two positions, have two nullifiers, and both can be spent.
#[test]
fn row_6_equal_notes_are_both_spendable() {
    let mut town = Town::empty();
    let (to, ledger) = (town.buyer.member().unwrap().address(), town.genesis.ledger());
    for expiry in [600, 601] {
        let order = MintOrder { name: "EUR".into(), value: 70, to, unlock: 0, memo: Memo::EMPTY };
        let mut when = town.when();
        when.expiry = town.time + expiry;
        // The same random numbers for both: another expiry alone makes it another transaction (L7).
        let mut make = Make { when, prover: &mut town.prover, rng: &mut rng(3) };
        let transaction = mint(ledger, &town.issuer, &town.issuer.signer, &order, &mut make).unwrap();
        town.submit(transaction).unwrap();
    }
    let notes: Vec<Note> = town.buyer.scanner().notes().iter().map(|own| own.note.clone()).collect();
    assert!(notes.len() == 2 && notes[0] == notes[1] && notes[0].commitment() == notes[1].commitment());
    let pay = |value| [Payment { to, value, unlock: 0, memo: Memo::EMPTY }];
    let both = town.buyer.send(0, town.currency, &pay(140), &mut make!(town)).unwrap();
    let nullifiers = both.spends()[0].nullifiers.to_vec();
    assert_ne!(nullifiers[0], nullifiers[1]);
    let first = town.buyer.send(0, town.currency, &pay(70), &mut make!(town)).unwrap();
    town.submit(first).unwrap();
    let second = town.buyer.scanner().notes().iter().filter(|own| own.spent.is_none()).map(|own| own.position);
    assert_eq!(second.min(), Some(1), "one of the twins is left");
    assert!(town.submit(both).is_err(), "the spent one is spent");
    let second = town.buyer.send(0, town.currency, &pay(140), &mut make!(town)).unwrap();
    assert!(second.spends()[0].nullifiers.contains(&nullifiers[1]));
    town.submit(second).unwrap();
    assert_eq!(town.buyer.scanner().balances()[&town.currency], 140);
}

/// Pitfall 22: whatever commits to a price, a quantity or a value carries a salt or blinding of full width. Each of the low 248 bits
/// takes both values within a few dozen drafts, salts never repeat, and equal contents never give equal commitments.
#[test]
fn row_22_commitments_carry_248_bits_of_blinding() {
    let mut town = Town::new();
    let (terms, to) = (town.terms(), town.buyer.member().unwrap().address());
    let mut blindings: Vec<Vec<Fr>> = Vec::new();
    let mut parts: Vec<Vec<Fr>> = Vec::new();
    for _ in 0..48 {
        let Town { ledger, supplier, buyer, rng, .. } = &mut town;
        let (draft, request) = ledger
            .read(|view| {
                let draft = supplier.draft(0, &terms, &to, Reference::default(), view, rng).unwrap();
                Ok((draft.clone(), buyer.request(0, &draft, view, rng).unwrap()))
            })
            .unwrap();
        let agreed = &draft.terms;
        supplier.end(agreed.id()).unwrap();
        buyer.end(agreed.id()).unwrap();
        let Terms { parties, goods, money, remedy } = agreed;
        let policy = &request.policy;
        let deal = privity_circuits::price::Deal::of(agreed, policy).unwrap();
        let notes = deal.notes(agreed, policy).map(|note| note.blinding);
        blindings.push([&[parties.salt, goods.salt, money.salt, remedy.salt][..], &notes].concat());
        let committed = draft.outputs.commitments().into_iter().chain(request.outputs.commitments());
        let hashes = [parties.hash(), goods.hash(), money.hash(), remedy.hash(), agreed.id().field()];
        parts.push(hashes.into_iter().chain(committed.map(|cm| cm.field())).collect());
    }
    for place in 0..blindings[0].len() {
        let (mut ones, mut zeros) = ([0u8; 32], [0u8; 32]);
        for bytes in blindings.iter().map(|drawn| field::to_bytes(&drawn[place])) {
            for (index, byte) in bytes.iter().enumerate() {
                ones[index] |= byte;
                zeros[index] |= !byte;
            }
        }
        assert_eq!((&ones[1..], &zeros[1..]), (&[0xff; 31][..], &[0xff; 31][..]), "blinding {place} has fixed bits");
    }
    let mut all: Vec<[u8; 32]> = parts.concat().iter().chain(&blindings.concat()).map(field::to_bytes).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "something was committed to, or blinded, alike");
}
