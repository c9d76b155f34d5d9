//! Every decoder: round trips, lengths, trailing bytes, non-canonical elements, bad points (pitfalls 5, 14, 18).

mod common;
#[path = "common/market.rs"]
mod market;

use common::*;
use market::*;
use privity_ledger::*;
use proptest::prelude::*;
use std::sync::LazyLock;

const NOW: u64 = START + 10;

/// Encodings of every kind of item.
static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut world = World::new(70);
    let ledger = world.ledger();
    let empty = anchor(&ledger);
    let mut items: Vec<Item> = vec![
        world.mint(1, NOW).into(),
        world.issue(NOW).into(),
        world.any_transfer(empty, NOW).into(),
        world.swap(empty, NOW).into(),
        world.deal(&ledger, NOW, true).into(),
        world.release(empty, NOW).into(),
    ];
    let mut admission = world.admission(60);
    admission.consent = Some(world.operator.sign(Default::default()));
    let mut bodies = world.registrations();
    bodies.push(EntryBody::Register(Registration::Operator(world.operator.public)));
    bodies.push(EntryBody::Revoke(Revocation::Key(world.keys.mint.key().id())));
    bodies.push(EntryBody::Revoke(Revocation::Member(admission.owner)));
    bodies.push(EntryBody::Member(admission));
    bodies.push(EntryBody::Policy(policy(3)));
    for body in bodies {
        let signature = world.operator.sign(body.message(world.genesis.ledger(), 7));
        items.push(Entry { position: 7, operator: world.operator.id, body, signature }.into());
    }
    let mut market = Market::new(72, 2);
    items.extend(market.story());
    items.iter().map(Codec::to_bytes).collect()
});

#[test]
fn items_round_trip_and_have_one_length() {
    for bytes in SAMPLES.iter() {
        let item = Item::from_bytes(bytes).unwrap();
        assert_eq!(&item.to_bytes(), bytes);
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(matches!(Item::from_bytes(&longer), Err(CodecError::Trailing { extra: 1 })));
        assert!(matches!(Item::from_bytes(&bytes[..bytes.len() - 1]), Err(CodecError::Truncated { needed: 1 })));
        assert!(Item::from_bytes(&[]).is_err());
    }
    let huge = vec![3; Item::LIMIT + 1];
    assert!(matches!(Item::from_bytes(&huge), Err(CodecError::TooLong { .. })));
    for kind in [0, 16, 17, 255] {
        assert!(matches!(Item::from_bytes(&[kind]), Err(CodecError::Variant { .. })), "unknown kinds are refused");
    }
}

/// What a scanner reads of the same bytes.
fn skimmed(bytes: &[u8]) -> Result<Item<Statements>, CodecError> {
    Item::from_log(&Record { position: 0, time: 0, previous: [0; 32], body: bytes.to_vec() })
}

#[test]
fn a_reader_of_the_log_passes_over_proofs_and_nothing_else() {
    let ledger = World::new(70).genesis.ledger();
    for bytes in SAMPLES.iter() {
        assert_eq!(skimmed(bytes).unwrap().id(ledger), Item::from_bytes(bytes).unwrap().id(ledger));
        assert_eq!(skimmed(&[bytes.as_slice(), &[0]].concat()).err(), Some(CodecError::Trailing { extra: 1 }));
        assert_eq!(skimmed(&bytes[..bytes.len() - 1]).err(), Some(CodecError::Truncated { needed: 1 }));
    }
    // The last bytes of a transfer before recipient and ciphertexts are the proof's.
    let mut bytes = SAMPLES[2].clone();
    let last = bytes.len() - 6 * SEALED_NOTE_BYTES - 32 - 1;
    bytes[last] ^= 1;
    assert!(matches!(Item::from_bytes(&bytes), Err(CodecError::Proof(_))));
    assert_eq!(skimmed(&bytes).unwrap().id(ledger), skimmed(&SAMPLES[2]).unwrap().id(ledger));
    assert!(matches!(skimmed(&vec![3; Item::<Proofs>::LIMIT + 1]), Err(CodecError::TooLong { .. })));
}

#[test]
fn a_record_is_identified_without_decoding_what_settled() {
    let ledger = World::new(70).genesis.ledger();
    for bytes in SAMPLES.iter() {
        let item = Item::from_bytes(bytes).unwrap();
        let (kind, position) = match &item {
            Item::Transaction(transaction) => (transaction.kind(), 7),
            Item::Entry(entry) => (entry.body.kind(), entry.position),
            Item::Tender(tender) => (tender.kind(), 7),
        };
        let record = Record { position, time: 0, previous: [0; 32], body: bytes.clone() };
        assert_eq!(record.identity(ledger), Ok((kind, item.id(ledger))));
    }
    for wrong in [vec![], vec![7], vec![0; 200], vec![99; 200]] {
        assert!(Record { position: 0, time: 0, previous: [0; 32], body: wrong }.identity(ledger).is_err());
    }
}

#[test]
fn a_field_element_of_r_or_more_is_refused_wherever_it_stands() {
    let transfer = &SAMPLES[2];
    // Kind, expiry, shape, key id; then the statement: anchor, nullifiers, outputs.
    let statement = 1 + 8 + 1 + 32;
    for element in 0..6 {
        let mut bytes = transfer.clone();
        bytes[statement + 32 * element..][..32].fill(0xff);
        let error = Item::from_bytes(&bytes).err();
        assert!(matches!(error, Some(CodecError::Value(privity_circuits::DecodeError::NotCanonical))));
    }
}

#[test]
fn genesis_policies_and_names() {
    let world = World::new(71);
    let bytes = world.genesis.to_bytes();
    assert_eq!(Genesis::from_bytes(&bytes).unwrap(), world.genesis);
    let mut newer = bytes.clone();
    newer[11] = 2;
    assert!(matches!(Genesis::from_bytes(&newer), Err(CodecError::Version { found: 2, .. })));
    let mut wide = policy(10_001);
    assert!(privity_circuits::terms::Policy::from_bytes(&wide.to_bytes()).is_err());
    (wide.rate, wide.flat) = (10_000, 1 << 48);
    assert!(privity_circuits::terms::Policy::from_bytes(&wide.to_bytes()).is_err());
    wide.flat -= 1;
    assert_eq!(privity_circuits::terms::Policy::from_bytes(&wide.to_bytes()).unwrap(), wide);
    for bad in ["", " x", "x ", "naïve", "a\nb", &"x".repeat(65)] {
        assert!(Name::new(bad).is_err(), "{bad:?}");
    }
    let mut identity = bytes.clone();
    let operator = 8 + 4 + 1 + "test ledger".len();
    identity[operator..operator + 64].fill(0);
    identity[operator + 63] = 1;
    assert!(Genesis::from_bytes(&identity).is_err(), "the identity is no operator key");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: size(400, 20_000) as u32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever decodes encodes to the same bytes: there is one encoding. Nothing panics.
    #[test]
    fn damaged_items_are_refused_or_canonical(
        sample in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = SAMPLES[sample.index(SAMPLES.len())].clone();
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        match (Item::from_bytes(&bytes), skimmed(&bytes)) {
            (Ok(item), Ok(light)) => {
                prop_assert_eq!(item.id(LedgerHash([1; 32])), light.id(LedgerHash([1; 32])));
                prop_assert_eq!(item.to_bytes(), bytes);
            }
            (Err(CodecError::Proof(_)), _) => {}
            (full, light) => prop_assert_eq!(full.err(), light.err()),
        }
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(item) = Item::from_bytes(&bytes) {
            prop_assert_eq!(item.to_bytes(), bytes.clone());
        }
        if let Ok(record) = Record::from_bytes(&bytes) {
            prop_assert_eq!(record.to_bytes(), bytes.clone());
        }
        if let Ok(head) = Head::from_bytes(&bytes) {
            prop_assert_eq!(head.to_bytes(), bytes.clone());
        }
        if let Ok(genesis) = Genesis::from_bytes(&bytes) {
            prop_assert_eq!(genesis.to_bytes(), bytes);
        }
    }
}
