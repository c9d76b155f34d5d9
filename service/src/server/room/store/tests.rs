//! Two parties, a stranger, and rows.

use super::*;
use crate::server::hooks::change;
use crate::server::{Database, RedbDatabase};
use privity_circuits::Fr;
use proptest::prelude::*;

fn owner(number: u64) -> Owner {
    Owner::new(Fr::from(number))
}

struct World(RedbDatabase);

impl World {
    fn new() -> Self {
        Self(RedbDatabase::memory().unwrap())
    }

    fn edit<T>(&self, mut work: impl FnMut(&mut dyn Edit) -> Result<T, Problem>) -> Result<T, Problem> {
        change(&self.0, &mut work)
    }

    fn open(&self, nonce: u8) -> Deal {
        let envelope = envelope_of(Act::Request, 1);
        let new = NewDeal { nonce: [nonce; 16], counterparty: owner(2), expires: 1_000, envelope };
        self.edit(|rows| open(rows, owner(1), &new, 10)).unwrap()
    }

    fn act(&self, party: u64, deal: &Deal, kind: Act, sequence: u64) -> Result<Deal, Problem> {
        self.edit(|rows| act(rows, owner(party), &deal.id, &envelope_of(kind, sequence), 20))
    }
}

fn envelope_of(act: Act, sequence: u64) -> NewEnvelope {
    NewEnvelope { act, sequence, bytes: vec![sequence as u8; 3], attachments: Vec::new() }
}

#[test]
fn a_deal_goes_its_way_and_keeps_every_envelope_in_order() {
    let world = World::new();
    let deal = world.open(1);
    assert_eq!(deal.id, DealId::of(owner(1), &[1; 16]));
    let way = [
        (2, Act::Offer),
        (1, Act::Accept),
        (2, Act::Agree),
        (1, Act::Verify),
        (1, Act::Finalize),
        (1, Act::CallOff),
        (2, Act::Despatch),
        (1, Act::Receive),
        (2, Act::Settle),
        (2, Act::Despatch),
        (1, Act::Receive),
        (2, Act::Settle),
    ];
    for (index, (party, kind)) in way.into_iter().enumerate() {
        world.act(party, &deal, kind, index as u64 + 2).unwrap();
    }
    let rows = world.0.read().unwrap();
    let deal = get(&*rows, owner(2), &deal.id, 5_000).unwrap();
    assert_eq!((deal.state, deal.envelopes.len()), (State::Settled, 13));
    assert!(deal.envelopes.iter().enumerate().all(|(index, header)| header.sequence == index as u64 + 1));
    for header in &deal.envelopes {
        let bytes = envelope(&*rows, owner(1), &deal.id, header.sequence, 20).unwrap();
        assert_eq!(hex(&Sha256::digest(&bytes)), header.sha256);
    }
}

#[test]
fn what_is_not_ones_own_is_not_there() {
    let world = World::new();
    let deal = world.open(1);
    let absent = DealId::named(&"0".repeat(32)).unwrap();
    let rows = world.0.read().unwrap();
    let of = |id: &DealId| {
        [
            get(&*rows, owner(3), id, 20).map(drop).unwrap_err(),
            envelope(&*rows, owner(3), id, 1, 20).map(drop).unwrap_err(),
            part(&*rows, owner(3), id, &"0".repeat(64), 20).map(drop).unwrap_err(),
        ]
    };
    assert_eq!(of(&deal.id), of(&absent), "a deal of others and no deal are one answer");
    let acts = |id: &DealId| {
        let envelope = envelope_of(Act::Terminate, 2);
        let act = world.edit(|rows| act(rows, owner(3), id, &envelope, 20)).unwrap_err();
        (act, world.edit(|rows| attach(rows, owner(3), id, &"0".repeat(64), b"x", 20)).unwrap_err())
    };
    assert_eq!(acts(&deal.id), acts(&absent));
    assert!(list(&*rows, owner(3), None, 10, 20).unwrap().is_empty());
    // Nobody else can take, or ask for, the id of another's deal.
    let new =
        NewDeal { nonce: [1; 16], counterparty: owner(2), expires: 1_000, envelope: envelope_of(Act::Request, 1) };
    let other = world.edit(|rows| open(rows, owner(3), &new, 10)).unwrap();
    assert_ne!(other.id, deal.id);
}

#[test]
fn one_envelope_per_place() {
    let world = World::new();
    let deal = world.open(1);
    for wrong in [0, 1, 3, u64::MAX] {
        assert_eq!(world.act(2, &deal, Act::Offer, wrong).unwrap_err().kind, Kind::Conflict);
    }
    assert_eq!(world.act(1, &deal, Act::Offer, 2).unwrap_err().kind, Kind::Conflict, "not the buyer's to do");
    world.act(2, &deal, Act::Offer, 2).unwrap();
    assert_eq!(world.act(1, &deal, Act::Terminate, 2).unwrap_err().kind, Kind::Conflict, "that place is taken");
    for bytes in [Vec::new(), vec![0; MAX_ENVELOPE + 1]] {
        let envelope = NewEnvelope { bytes, ..envelope_of(Act::Accept, 3) };
        assert_eq!(world.edit(|rows| act(rows, owner(1), &deal.id, &envelope, 20)).unwrap_err().kind, Kind::TooLarge);
    }
}

#[test]
fn a_negotiation_ends_when_its_time_is_over() {
    let world = World::new();
    let (deal, other) = (world.open(1), world.open(2));
    for (party, kind, sequence) in [(2, Act::Offer, 2), (1, Act::Accept, 3), (2, Act::Agree, 4), (1, Act::Verify, 5)] {
        world.act(party, &other, kind, sequence).unwrap();
    }
    let seen = |id: &DealId, now| get(&*world.0.read().unwrap(), owner(1), id, now).unwrap().state;
    assert_eq!((seen(&deal.id, 999), seen(&deal.id, 1_000)), (State::Requested, State::Terminated));
    assert_eq!(seen(&other.id, 5_000), State::Verified, "it may be settled already");
    let envelope = envelope_of(Act::Offer, 2);
    let late = world.edit(|rows| act(rows, owner(2), &deal.id, &envelope, 1_000)).unwrap_err();
    assert_eq!(late.kind, Kind::Conflict);
    assert_eq!(world.edit(|rows| lapse_all(rows, 999)).unwrap(), 0);
    assert_eq!(world.edit(|rows| lapse_all(rows, 1_000)).unwrap(), 1);
    assert_eq!(world.edit(|rows| lapse_all(rows, 1_000)).unwrap(), 0);
}

#[test]
fn attachments_are_bound_by_their_hash() {
    let world = World::new();
    let deal = world.open(1);
    let hash = hex(&Sha256::digest(b"sealed part"));
    let attach = |party: u64, hash: &str, bytes: &[u8]| {
        world.edit(|rows| attach(rows, owner(party), &deal.id, hash, bytes, 20)).map_err(|problem| problem.kind)
    };
    let mut named = envelope_of(Act::Offer, 2);
    named.attachments = vec![hash.clone()];
    let offer = || world.edit(|rows| act(rows, owner(2), &deal.id, &named, 20)).map_err(|problem| problem.kind);
    assert_eq!(offer().unwrap_err(), Kind::Refused, "it is not there yet");
    assert_eq!(attach(2, &hash, b"other"), Err(Kind::Refused));
    assert_eq!(attach(2, "..", b"sealed part"), Err(Kind::Refused));
    assert_eq!(attach(2, &hash, &[]), Err(Kind::TooLarge));
    assert_eq!(attach(2, &hash, b"sealed part"), Ok(()));
    assert_eq!(attach(2, &hash, b"sealed part"), Ok(()));
    assert!(offer().is_ok());
    let rows = world.0.read().unwrap();
    assert_eq!(part(&*rows, owner(1), &deal.id, &hash, 20).unwrap(), b"sealed part");
}

#[test]
fn lists_go_on_where_they_ended() {
    let world = World::new();
    (0..7).for_each(|nonce| drop(world.open(nonce)));
    let rows = world.0.read().unwrap();
    let first = list(&*rows, owner(2), None, 4, 20).unwrap();
    let rest = list(&*rows, owner(2), first.last().map(|deal| &deal.id), 4, 20).unwrap();
    let mut ids: Vec<_> = first.iter().chain(&rest).map(|deal| deal.id.clone()).collect();
    ids.dedup();
    assert_eq!((first.len(), rest.len(), ids.len()), (4, 3, 7));
}

proptest! {
    /// The store goes exactly where the machine goes, whoever tries what.
    #[test]
    fn the_store_follows_the_machine(tries in proptest::collection::vec((0..11usize, 1..4u64), 0..30)) {
        const ACTS: [Act; 11] = [
            Act::Request, Act::Offer, Act::Accept, Act::Agree, Act::Verify, Act::Finalize, Act::Terminate, Act::CallOff,
            Act::Despatch, Act::Receive, Act::Settle,
        ];
        let world = World::new();
        let deal = world.open(1);
        let (mut state, mut sequence) = (State::Requested, 2);
        for (kind, party) in tries {
            let role = match party { 1 => Some(Role::Buyer), 2 => Some(Role::Supplier), _ => None };
            let expected = role.and_then(|role| State::after(Some(state), ACTS[kind], role).ok());
            let found = world.act(party, &deal, ACTS[kind], sequence).ok().map(|deal| deal.state);
            prop_assert_eq!(found, expected);
            if let Some(next) = expected {
                (state, sequence) = (next, sequence + 1);
            }
        }
    }
}
