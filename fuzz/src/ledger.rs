//! What the ledger reads, and what it does with what it read.

#[path = "../../ledger/tests/common/market.rs"]
pub mod market;
#[path = "../../ledger/tests/common/mod.rs"]
pub mod world;
use world as common;

use market::{CLOSES, Market, OPENED, QUOTING};

use privity_ledger::{
    Body, Checked, Codec, Item, Ledger, LedgerHash, Leg, Reader, Record, State, Tender, Transaction, apply, audit,
    check,
};
use privity_verifier::{Keys, PreparedKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, PoisonError};
use world::{START, World};

/// A value with one encoding: what is read is written as it was.
pub fn codec<T: Codec>(data: &[u8]) {
    if let Ok(value) = T::from_bytes(data) {
        assert_eq!(value.to_bytes(), data);
    }
    let mut reader = Reader::new(data);
    if let Ok(value) = T::read(&mut reader) {
        assert!(data.starts_with(&value.to_bytes()));
        assert!(value.to_bytes().len() <= T::LIMIT);
    }
}

/// The same, of a value that can be compared and printed.
pub fn printed<T: Codec + Debug>(data: &[u8]) {
    codec::<T>(data);
    if let Ok(value) = T::from_bytes(data) {
        let _ = format!("{value:?}");
    }
}

/// A transaction, on its own and as a scanner reads it.
pub fn transaction(data: &[u8]) {
    codec::<Transaction>(data);
    scanned(data.to_vec());
}

/// A record of the log, and what it holds as a scanner reads it.
pub fn record(data: &[u8]) {
    printed::<Record>(data);
    if let Ok(record) = Record::from_bytes(data) {
        scanned(record.body);
    }
}

/// What the ledger reads, a scanner reads alike, although it passes over the proofs.
fn scanned(body: Vec<u8>) {
    let record = Record { position: 0, time: 0, previous: [0; 32], body };
    let light = Item::from_log(&record);
    if let Ok(full) = Item::from_bytes(&record.body) {
        let light = light.expect("what a ledger reads, a scanner reads");
        let ledger = LedgerHash([0; 32]);
        assert_eq!(full.id(ledger), light.id(ledger));
        if let (Item::Transaction(full), Item::Transaction(light)) = (full, light) {
            assert_eq!(full.leaves(), light.leaves());
        }
    }
}

/// A log file, from which a ledger is rebuilt.
pub fn log(data: &[u8]) {
    let mut file = data;
    let report = audit::audit(&mut file, &mut ChaCha20Rng::seed_from_u64(7));
    match report {
        Ok(_) => assert!(file.is_empty()),
        Err(error) => drop(error.to_string()),
    }
}

struct Founded {
    ledger: Ledger,
    keys: Keys,
    world: Mutex<World>,
}

/// A ledger on which keys, an issuer with a token, and a certifier are registered.
static FOUNDED: LazyLock<Founded> = LazyLock::new(|| {
    let world = World::new(1);
    let keys = world.keys.verifying().into_iter().map(PreparedKey::new).collect();
    Founded { ledger: world.ledger(), keys, world: Mutex::new(world) }
});

/// When the items of [`settle`] arrive.
pub const NOW: u64 = START + 10;

/// Applies transactions and entries, each behind its length (2 bytes), one after the other. Odd first byte: contexts and proofs are
/// made anew, so that what the fuzzer changes reaches the rules behind them.
pub fn settle(data: &[u8]) {
    let Some((mode, mut rest)) = data.split_first() else { return };
    let mut world = FOUNDED.world.lock().unwrap_or_else(PoisonError::into_inner);
    world.rng = ChaCha20Rng::seed_from_u64(2);
    let snapshot = FOUNDED.ledger.store().read().expect("a snapshot");
    let mut state = State::load(&*snapshot).expect("a state");
    while let Some((length, behind)) = rest.split_at_checked(2) {
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])).min(behind.len());
        let (bytes, behind) = behind.split_at(length);
        rest = behind;
        let Ok(mut item) = Item::from_bytes(bytes) else { continue };
        if mode & 1 == 1 {
            complete(&mut world, &mut item);
        }
        let Some(Ok(checked)) = check(&state, &FOUNDED.keys, vec![item], &mut world.rng).pop() else { continue };
        apply_twice(&mut state, &checked, NOW);
    }
}

/// A tender, on its own and as a scanner reads it, then applied to a ledger with a request that takes quotes and one that is opened,
/// at a time that the first byte chooses; if that is odd, it is signed anew.
pub fn tender(data: &[u8]) {
    let Some((mode, bytes)) = data.split_first() else { return };
    printed::<Tender>(bytes);
    scanned(bytes.to_vec());
    let Ok(mut tender) = Tender::from_bytes(bytes) else { return };
    static MARKET: LazyLock<Mutex<Market>> = LazyLock::new(|| {
        let mut market = Market::new(1, 2);
        market.story();
        market.asked_until(2, 10 * CLOSES);
        Mutex::new(market)
    });
    let market = MARKET.lock().unwrap_or_else(PoisonError::into_inner);
    if mode & 1 == 1 {
        tender = match tender {
            Tender::Rfq { rfq, .. } => market.request(rfq),
            Tender::Quote { quote, .. } => market.signed(quote, usize::from(mode >> 4) % 3),
            other => other,
        };
    }
    let now = [QUOTING, OPENED, 10 * CLOSES, u64::MAX][usize::from(mode >> 1 & 3)];
    let snapshot = market.ledger.store().read().expect("a snapshot");
    let mut state = State::load(&*snapshot).expect("a state");
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let checked = check(&state, &FOUNDED.keys, vec![tender.into()], &mut rng).pop();
    if let Some(Ok(checked)) = checked {
        apply_twice(&mut state, &checked, now.max(OPENED));
    }
}

fn complete(world: &mut World, item: &mut Item) {
    let Item::Transaction(transaction) = item else { return };
    let keys = world.keys;
    let leg = |leg: &mut Leg| match leg {
        Leg::Payment(claim) => claim.key = keys.payment.key().id(),
        Leg::Consolidation(claim) => claim.key = keys.consolidation.key().id(),
    };
    match &mut transaction.body {
        Body::Issue { capacity } => capacity.key = keys.capacity.key().id(),
        Body::Mint { mint, .. } => mint.key = keys.mint.key().id(),
        Body::Transfer { leg: one, .. } => leg(one),
        Body::Swap { legs } => legs.iter_mut().for_each(leg),
        Body::Deal { price, buyer, supplier } => {
            price.key = keys.price.key().id();
            [buyer, supplier].into_iter().for_each(|claim| claim.key = keys.payment.key().id());
        }
        Body::Release { release } => release.key = keys.release.key().id(),
    }
    world.prove(transaction);
}

/// L1: refused means unchanged. L7: accepted once.
fn apply_twice(state: &mut State<'_>, checked: &Checked, now: u64) {
    let of = |state: &State<'_>| (state.position(), state.hash(), state.notes(), state.anchor(), state.time());
    let before = of(state);
    match apply(state, checked, now) {
        Ok(receipt) => {
            assert_eq!((receipt.position, state.position()), (before.0, before.0 + 1));
            let after = of(state);
            assert!(apply(state, checked, now).is_err(), "settled twice");
            assert_eq!(of(state), after);
        }
        Err(error) => {
            let _ = error.to_string();
            assert_eq!(of(state), before);
        }
    }
}
