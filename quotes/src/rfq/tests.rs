//! Ranges, ids, endorsement, the opened secret, and damaged bytes.

use super::*;
use crate::quote::tests::other_requests;
use crate::test_support::{Edit, Scene, Supplier, edited, rng};
use crate::{Open, OperatorSecret, SecretScalar};
use privity_circuits::keys::SigningKey;
use rand::Rng;
use std::collections::HashSet;

#[test]
fn bytes_round_trip() {
    let rfq = Scene::new(1).rfq;
    let bytes = rfq.to_bytes();
    assert_eq!(bytes.len(), Rfq::BYTES);
    assert_eq!(Rfq::from_bytes(&bytes), Ok(rfq));
    assert_eq!(Rfq::from_bytes(&[bytes.as_slice(), &[0]].concat()).unwrap_err(), too_long(Rfq::BYTES + 1));
    for length in 0..bytes.len() {
        assert!(matches!(Rfq::from_bytes(&bytes[..length]), Err(CodecError::Truncated { .. })));
    }
}

fn too_long(found: usize) -> CodecError {
    CodecError::TooLong { what: Rfq::NAME, limit: Rfq::BYTES, found }
}

/// Every field is part of the id; the operator's name and signature are not.
#[test]
fn the_id_holds_every_field() {
    let rfq = Scene::new(1).rfq;
    let mut ids: HashSet<RfqHash> = other_requests(&rfq).iter().map(|(_, other)| other.hash()).collect();
    assert_eq!(ids.len(), 14);
    assert!(ids.insert(rfq.hash()));
    let endorsed = Rfq { endorsement: Scene::new(2).rfq.endorsement, ..rfq.clone() };
    assert_eq!(endorsed.hash(), rfq.hash());
    assert_eq!(field::to_bytes(&rfq.hash().id().field())[1..], rfq.hash().0[1..]);
}

#[test]
fn fields_out_of_range_are_refused() {
    let honest = Scene::new(1).rfq;
    let edits: [Edit<'_, Rfq>; 13] = [
        ("buyer", &|rfq| rfq.buyer = Owner::default()),
        ("currency", &|rfq| rfq.currency = AssetId::default()),
        ("exponent", &|rfq| rfq.exponent = 7),
        ("quantity", &|rfq| rfq.quantity = 0),
        ("quantity", &|rfq| rfq.quantity = 1 << 40),
        ("price weight", &|rfq| rfq.weights.price = 1 << 15),
        ("lead weight", &|rfq| rfq.weights.lead = 1 << 15),
        ("closing time", &|rfq| rfq.closes = rfq.opens),
        ("closing time", &|rfq| rfq.closes = 1 << 40),
        ("delay", &|rfq| rfq.delay = 0),
        ("delay", &|rfq| rfq.delay = 1 << 40),
        ("operator key", &|rfq| rfq.operator_key = [0; 32]),
        ("operator key", &|rfq| rfq.operator_key = ORDER_8),
    ];
    for (field, rfq) in edited(&honest, &edits) {
        assert_eq!(rfq.check(), Err(Error::Request(field)));
        assert_eq!(Rfq::from_bytes(&rfq.to_bytes()), Err(CodecError::Range(field)));
    }
    let edges: [&dyn Fn(&mut Rfq); 6] = [
        &|rfq| rfq.exponent = 6,
        &|rfq| rfq.quantity = (1 << 40) - 1,
        &|rfq| rfq.quantity = 1,
        &|rfq| rfq.weights = Weights { price: (1 << 15) - 1, lead: (1 << 15) - 1 },
        &|rfq| rfq.closes = (1 << 40) - 1,
        &|rfq| rfq.delay = 1,
    ];
    for edit in edges {
        let mut rfq = honest.clone();
        edit(&mut rfq);
        assert_eq!(Rfq::from_bytes(&rfq.to_bytes()), Ok(rfq));
    }
}

/// A Montgomery u-coordinate of order 8.
const ORDER_8: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d,
    0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];

#[test]
fn keys_are_decoded_strictly() {
    let bytes = Scene::new(1).rfq.to_bytes();
    let at = 32 * 4 + 1 + 8 + 4 + 24;
    for (fill, error) in [(0, CodecError::Identity), (0xff, CodecError::Point)] {
        let mut bytes = bytes.clone();
        bytes[at..at + 32].fill(fill);
        assert_eq!(Rfq::from_bytes(&bytes), Err(error));
    }
}

/// Pitfall 49: the key is the operator's, for this buyer, ledger and nonce.
#[test]
fn the_operator_endorses_exactly_this_key() {
    let scene = Scene::new(1);
    let key = scene.signer.public_key();
    assert_eq!(scene.rfq.check_endorsement(&key), Ok(()));
    for (name, other) in other_requests(&scene.rfq) {
        let covered = ["ledger", "buyer", "operator key", "nonce"].contains(&name);
        assert_eq!(other.check_endorsement(&key).is_err(), covered, "{name}");
    }
    let stranger = SigningKey::from_wide(&[3; 64]).unwrap();
    assert_eq!(scene.rfq.check_endorsement(&stranger.public_key()), Err(Error::Endorsement));
    // A stranger's own signature, under his own id and under the operator's.
    let message = Rfq::endorsement(&scene.rfq.ledger, scene.rfq.buyer, &scene.rfq.nonce, &scene.rfq.operator_key);
    let id = SignerId::of(&stranger.public_key());
    let own = Rfq {
        operator: id,
        endorsement: Signature::sign(&stranger, id.field(), message, &mut rng(1)),
        ..scene.rfq.clone()
    };
    assert_eq!(own.check_endorsement(&key), Err(Error::Endorsement));
    let posed = Rfq { operator: scene.rfq.operator, ..own.clone() };
    assert_eq!(posed.check_endorsement(&key), Err(Error::Endorsement));
    // The operator's key under the stranger's id.
    let signed = Rfq { endorsement: Signature::sign(&scene.signer, id.field(), message, &mut rng(2)), ..own };
    assert_eq!(signed.check_endorsement(&key), Err(Error::Endorsement));
}

#[test]
fn only_the_right_secret_opens() {
    let (scene, other) = (Scene::new(1), Scene::new(2));
    let open = |rfq: &Rfq, secret: &OperatorSecret| Open { rfq: rfq.hash(), secret: secret.clone() };
    let honest = open(&scene.rfq, &scene.operator);
    assert_eq!(Open::from_bytes(&honest.to_bytes()), Ok(honest.clone()));
    assert_eq!(honest.to_bytes().len(), Open::BYTES);
    assert!(honest.clone().verify(&scene.rfq).is_ok());
    assert_eq!(honest.verify(&other.rfq).unwrap_err(), Error::Foreign);
    assert_eq!(open(&scene.rfq, &other.operator).verify(&scene.rfq).unwrap_err(), Error::Secret);
    // The same secret in another encoding.
    let mut bytes = open(&scene.rfq, &scene.operator).to_bytes();
    bytes[32] ^= 1;
    assert_eq!(Open::from_bytes(&bytes), Err(CodecError::Range("operator secret")));
    bytes[32] ^= 1;
    bytes[63] ^= 0x80;
    assert_eq!(Open::from_bytes(&bytes), Err(CodecError::Range("operator secret")));
}

#[test]
fn times_are_half_open() {
    let rfq = Scene::new(1).rfq;
    let quotes = [rfq.opens - 1, rfq.opens, rfq.closes - 1, rfq.closes].map(|time| rfq.accepts_quotes_at(time));
    assert_eq!(quotes, [false, true, true, false]);
    let end = rfq.closes + rfq.delay;
    let awards = [rfq.closes - 1, rfq.closes, end - 1, end].map(|time| rfq.accepts_award_at(time));
    assert_eq!(awards, [false, true, true, false]);
}

#[test]
fn secrets_derive_and_stay_apart() {
    let (one, two) = (Scene::new(1), Scene::new(2));
    assert_eq!(one.buyer.public(), Scene::new(1).buyer.public());
    assert_ne!(one.buyer.public(), two.buyer.public());
    assert_ne!(one.operator.public(), two.operator.public());
    assert_eq!(OperatorSecret::from_bytes(&one.operator.to_bytes()), Ok(one.operator));
    assert_eq!(SecretScalar::new(curve25519_dalek::Scalar::ZERO).unwrap_err(), CodecError::Identity);
    let key = crate::QuotingKey::from_wide(&[4; 64]);
    let opening = Supplier::new(1).opening(&one.rfq, 77, 3);
    assert_eq!(format!("{key:?} {opening:?}"), "QuotingKey(redacted) Opening(redacted)");
}

/// Damage never panics; what still decodes encodes to the same bytes.
#[test]
fn damaged_bytes_never_panic() {
    let scene = Scene::new(1);
    let (request, opened) =
        (scene.rfq.to_bytes(), Open { rfq: scene.rfq.hash(), secret: scene.operator.clone() }.to_bytes());
    let mut rng = rng(9);
    for _ in 0..3_000 {
        let mut bytes = request.clone();
        for _ in 0..rng.gen_range(1..4) {
            let at = rng.gen_range(0..bytes.len());
            bytes[at] = rng.r#gen();
        }
        if let Ok(rfq) = Rfq::from_bytes(&bytes) {
            assert_eq!(rfq.to_bytes(), bytes);
            assert_eq!(rfq.hash() == scene.rfq.hash(), bytes[..Rfq::HASHED_BYTES] == request[..Rfq::HASHED_BYTES]);
        }
        let mut bytes = opened.clone();
        let at = rng.gen_range(0..bytes.len());
        bytes[at] = rng.r#gen();
        if let Ok(open) = Open::from_bytes(&bytes) {
            assert_eq!(open.to_bytes(), bytes);
            assert_eq!(open.verify(&scene.rfq).is_ok(), bytes == opened);
        }
    }
}
