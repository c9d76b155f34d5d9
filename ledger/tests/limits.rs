//! The ledger at its limits, and with a row that it never wrote: rows written past it put it there.

mod common;

use common::*;
use privity_circuits::asset::AssetId;
use privity_circuits::field;
use privity_circuits::tree::{ARITY, MEMBER_DEPTH, NOTE_DEPTH};
use privity_ledger::tree::{Frontier, NOTE_CAPACITY};
use privity_ledger::*;

const NOW: u64 = START + 10;
/// First bytes of the keys of the core row, of a supply, of a token.
const CORE: u8 = 2;
const SUPPLY: u8 = 9;
const TOKEN: u8 = 11;
/// Where the number of members and the frontier stand in the core row.
const MEMBERS: usize = 8 + 8 + 32;
const FRONTIER: usize = MEMBERS + 4 + 32 + 32 + 4;

fn alter_core(ledger: &Ledger, alter: impl FnOnce(&mut Vec<u8>)) {
    let mut core = ledger.store().read().unwrap().get(&[CORE]).unwrap().unwrap();
    alter(&mut core);
    ledger.store().write(&[(vec![CORE], core)].into()).unwrap();
}

#[test]
fn the_note_tree_takes_4_to_the_16_less_one_leaves() {
    let mut world = World::new(95);
    let ledger = world.ledger();
    let empty = anchor(&ledger);
    let size = NOTE_CAPACITY - 3;
    alter_core(&ledger, |core| {
        core.truncate(FRONTIER);
        core.extend(size.to_be_bytes());
        let waiting = (0..NOTE_DEPTH).map(|level| (size >> (2 * level)) as usize % ARITY).sum();
        core.extend([[0; 32]; NOTE_DEPTH * ARITY][..waiting].concat());
        Frontier::from_bytes(&core[FRONTIER..]).unwrap();
    });
    let swap = world.swap(empty, NOW);
    assert_eq!(rejected(ledger.submit(swap, NOW)), Rejection::TreeFull);
    let last = world.any_transfer(empty, NOW);
    ledger.submit(last, NOW).unwrap();
    assert_eq!(ledger.read(|state| Ok(state.notes())).unwrap(), NOTE_CAPACITY);
    let mint = world.mint(1, NOW + 100);
    assert_eq!(rejected(ledger.submit(mint, NOW)), Rejection::TreeFull);
}

#[test]
fn the_member_tree_takes_4_to_the_10_members() {
    let mut world = World::new(96);
    let ledger = world.ledger();
    let most = 1u32 << (2 * MEMBER_DEPTH);
    alter_core(&ledger, |core| core[MEMBERS..][..4].copy_from_slice(&(most - 1).to_be_bytes()));
    let (last, more) = (world.admission(60), world.admission(61));
    let owner = last.owner;
    ledger.enter(EntryBody::Member(last), NOW).unwrap();
    let position = ledger.read(|state| state.member(owner)).unwrap().map(|member| member.position);
    assert_eq!(position, Some(most - 1));
    assert_eq!(rejected(ledger.enter(EntryBody::Member(more), NOW)), Rejection::MembersFull);
}

#[test]
fn a_supply_stays_below_2_to_the_128() {
    let mut world = World::new(97);
    let ledger = world.ledger();
    let key = [[SUPPLY].as_slice(), &field::to_bytes(&world.token.field())].concat();
    let supply = u128::MAX - 5;
    ledger.store().write(&[(key, supply.to_be_bytes().to_vec())].into()).unwrap();
    let over = world.mint(6, NOW + 100);
    assert_eq!(rejected(ledger.submit(over, NOW)), Rejection::SupplyOverflow { asset: world.token, value: 6 });
    let just = world.mint(5, NOW + 100);
    ledger.submit(just, NOW).unwrap();
    assert_eq!(ledger.read(|state| state.supply(world.token)).unwrap(), u128::MAX);
}

/// M2: the asset of a mint is recomputed, whatever the registry's row says.
#[test]
fn a_token_under_another_assets_key_is_no_token() {
    let mut world = World::new(98);
    let ledger = world.ledger();
    let other = AssetId::token(world.issuer.id, "Dollar");
    let key = |asset: AssetId| [[TOKEN].as_slice(), &asset.to_bytes()].concat();
    let row = ledger.store().read().unwrap().get(&key(world.token)).unwrap().unwrap();
    ledger.store().write(&[(key(other), row)].into()).unwrap();
    let mut mint = world.mint(5, NOW + 100);
    if let Body::Mint { mint, .. } = &mut mint.body {
        mint.statement.asset = other;
    }
    world.prove(&mut mint);
    assert_eq!(rejected(ledger.submit(mint, NOW)), Rejection::TokenNotRegistered { asset: other });
}
