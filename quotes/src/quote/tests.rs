//! Attacks on quotes, boxes and ranges.

mod published;

use super::*;
use crate::Weights;
use crate::commit::{PRICE_BITS, pedersen};
use crate::test_support::{Edit, Kind, Part, Scene, Subject, Supplier, Verify, attack, edited, part, range_parts, rng};
use curve25519_dalek::ristretto::RistrettoPoint;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use std::vec;

/// The layout of a quote; (Schnorr challenge, closing challenge) are drawn.
pub(crate) fn layout() -> Vec<Part> {
    let mut parts = vec![
        part("rfq", 32, Kind::Id, 0),
        part("supplier", 32, Kind::Field, 0),
        part("price commitment", 32, Kind::Point, 0),
        part("lead commitment", 32, Kind::Point, 0),
        part("ephemeral", 32, Kind::Point, 0),
        part("box", SEALED_BYTES, Kind::Bytes, 0),
        part("announcement", 32, Kind::Point, 0),
        part("response", 32, Kind::Scalar, 1),
    ];
    parts.extend(range_parts(QUOTE_PARTIES, 1));
    parts
}

/// What a hostile supplier or operator makes.
impl SealedQuote {
    /// A quote of `opening` with any sealed bytes.
    pub(crate) fn with_seal(
        rfq: &Rfq,
        supplier: Owner,
        ephemeral: &SecretScalar,
        opening: &Opening,
        sealed: [u8; SEALED_BYTES],
        rng: &mut ChaCha20Rng,
    ) -> Result<Self, Error> {
        Self::prove(rfq.hash(), supplier, opening.commitments()?, ephemeral, sealed, opening.scaled(), rng)
    }

    /// This quote with a box of `boxed`, sealed by somebody who does not know e.
    pub(crate) fn with_box(&self, rfq: &Rfq, boxed: &Opening, own: &SecretScalar, rng: &mut ChaCha20Rng) -> Self {
        let inner = InnerBox::seal(boxed, &self.id(), &self.ephemeral, &own.shared(&rfq.key)).unwrap();
        let sealed = open::seal_outer(rfq, &self.rfq, &self.id(), &inner, rng).unwrap();
        Self { sealed, ..self.clone() }
    }
}

fn verify(bytes: &[u8], rfq: &Rfq) -> Result<(), Error> {
    SealedQuote::from_bytes(bytes)?.verify(rfq).map(drop)
}

/// Every RFQ that differs from `rfq` in one field.
pub(crate) fn other_requests(rfq: &Rfq) -> Vec<(&'static str, Rfq)> {
    let foreign = Scene::new(2).rfq;
    let edits: [Edit<'_, Rfq>; 14] = [
        ("ledger", &|rfq| rfq.ledger[31] ^= 1),
        ("buyer", &|rfq| rfq.buyer = foreign.buyer),
        ("document", &|rfq| rfq.document = privity_circuits::terms::DocumentHash::new(rfq.buyer.field())),
        ("currency", &|rfq| rfq.currency = privity_circuits::asset::AssetId::new(rfq.buyer.field())),
        ("exponent", &|rfq| rfq.exponent += 1),
        ("quantity", &|rfq| rfq.quantity -= 1),
        ("price weight", &|rfq| rfq.weights.price += 1),
        ("lead weight", &|rfq| rfq.weights.lead += 1),
        ("opens", &|rfq| rfq.opens += 1),
        ("closes", &|rfq| rfq.closes += 1),
        ("delay", &|rfq| rfq.delay += 1),
        ("key", &|rfq| rfq.key = foreign.key),
        ("operator key", &|rfq| rfq.operator_key = foreign.operator_key),
        ("nonce", &|rfq| rfq.nonce = foreign.nonce),
    ];
    edited(rfq, &edits)
}

#[test]
fn every_part_is_bound() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let bytes = scene.quote(&supplier, 123_456, 21).to_bytes();
    assert_eq!(bytes.len(), SealedQuote::BYTES);
    let others = other_requests(&scene.rfq).into_iter().map(|(name, other)| {
        let mut renamed = bytes.clone();
        renamed[..32].copy_from_slice(&other.hash().0);
        (name, renamed, Box::new(move |bytes: &[u8]| verify(bytes, &other)) as Verify<'_>)
    });
    let others = others.collect();
    let subject =
        Subject { name: "quote", bytes, parts: layout(), verify: Box::new(|bytes| verify(bytes, &scene.rfq)), others };
    let damaged = if std::env::var_os("PRIVITY_LONG").is_some() { 100_000 } else { 4_000 };
    attack(&subject, damaged, &mut rng(1));
}

#[test]
fn opens_for_buyer_and_supplier_and_for_nobody_else() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    for (price, lead) in [(0, 0), (1, 1), ((1 << PRICE_BITS) - 1, u16::MAX), (987_654_321, 42)] {
        let quote = scene.quote(&supplier, price, lead);
        let quote = quote.verify(&scene.rfq).unwrap().into_inner();
        let by_buyer = quote.open(&scene.operator, &scene.buyer.shared(&quote.ephemeral)).unwrap();
        assert_eq!((by_buyer.price(), by_buyer.lead()), (price, lead));
        let by_supplier = quote.open(&scene.operator, &supplier.ephemeral(&scene.rfq).shared(&scene.rfq.key)).unwrap();
        assert!(by_supplier.opens(&quote.commitments));

        let stranger = Scene::new(2);
        assert_eq!(quote.unseal(&stranger.operator), Err(Error::Seal));
        let wrong = stranger.buyer.shared(&quote.ephemeral);
        assert_eq!(quote.open(&scene.operator, &wrong).unwrap_err(), Error::Box);
    }
}

#[test]
fn prices_at_the_bound_are_no_openings() {
    let key = crate::QuotingKey::from_wide(&[5; 64]);
    let rfq = Scene::new(1).rfq.hash();
    assert!(key.opening(&rfq, 0, (1 << PRICE_BITS) - 1, u16::MAX).is_ok());
    assert_eq!(key.opening(&rfq, 0, 1 << PRICE_BITS, 0).unwrap_err(), Error::Range);
    assert_eq!(key.opening(&rfq, 0, u64::MAX, 0).unwrap_err(), Error::Range);
}

/// Powers of two by which an honest range proof scales price, price, lead, lead.
const SCALED: [u32; 4] = [0, 16, 0, 48];

/// A quote by somebody who proves `values` where the commitments hold `price` and `lead`, scaled by `powers`.
fn forged(price: Scalar, lead: Scalar, values: [u64; 4], powers: [u32; 4]) -> Result<(), Error> {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let mut rng = rng(7);
    let blindings = [Scalar::random(&mut rng), Scalar::random(&mut rng)];
    let commitments = Commitments {
        price: Point::new(pedersen().commit(price, blindings[0])).unwrap(),
        lead: Point::new(pedersen().commit(lead, blindings[1])).unwrap(),
    };
    let blindings = [0, 1, 2, 3].map(|index| blindings[index / 2] * Scalar::from(1u64 << powers[index]));
    let quote = SealedQuote::prove(
        scene.rfq.hash(),
        supplier.owner,
        commitments,
        &supplier.ephemeral(&scene.rfq),
        [0; SEALED_BYTES],
        (Zeroizing::new(values), Zeroizing::new(blindings)),
        &mut rng,
    )?;
    quote.verify(&scene.rfq).map(drop)
}

#[test]
fn values_out_of_range_are_refused() {
    let integer = |x: u64| Scalar::from(x);
    // The forger's own control: within the bounds he passes.
    let (top, days) = ((1u64 << 48) - 1, (1u64 << 16) - 1);
    assert_eq!(forged(integer(top), integer(days), [top, top << 16, days, days << 48], SCALED), Ok(()));
    assert_eq!(forged(integer(0), integer(0), [0; 4], SCALED), Ok(()));
    for price in [1 << 48, (1 << 48) + 1, 1 << 63, u64::MAX] {
        // The scaled commitment proven modulo 2^64, and the plain one in its place.
        assert_eq!(forged(integer(price), integer(1), [price, price << 16, 1, 1 << 48], SCALED), Err(Error::Range));
        assert_eq!(forged(integer(price), integer(1), [price, price, 1, 1 << 48], [0, 0, 0, 48]), Err(Error::Range));
    }
    for lead in [1 << 16, (1 << 16) + 1, u64::MAX] {
        assert_eq!(forged(integer(1), integer(lead), [1, 1 << 16, lead, lead << 48], SCALED), Err(Error::Range));
        assert_eq!(forged(integer(1), integer(lead), [1, 1 << 16, lead, lead], [0, 16, 0, 0]), Err(Error::Range));
    }
    let minus_one = -Scalar::ONE;
    for value in [0, 1, u64::MAX] {
        assert_eq!(forged(minus_one, integer(1), [value, value, 1, 1 << 48], SCALED), Err(Error::Range));
        assert_eq!(forged(integer(1), minus_one, [1, 1 << 16, value, value], SCALED), Err(Error::Range));
    }
}

/// A price of t/2^16 mod ℓ wraps: its scaled commitment holds the small t, the plain one a number near ℓ.
#[test]
fn wrapped_commitments_are_refused() {
    for small in [1u64, 3, (1 << 16) - 1] {
        let price = Scalar::from(small) * Scalar::from(1u64 << 16).invert();
        assert_eq!(forged(price, Scalar::ONE, [small >> 16, small, 1, 1 << 48], SCALED), Err(Error::Range));
        // The scaled commitment in place of the plain one.
        assert_eq!(forged(price, Scalar::ONE, [small, small, 1, 1 << 48], [16, 16, 0, 48]), Err(Error::Range));
        let lead = Scalar::from(small) * Scalar::from(1u64 << 48).invert();
        assert_eq!(forged(Scalar::ONE, lead, [1, 1 << 16, 0, small], SCALED), Err(Error::Range));
        assert_eq!(forged(Scalar::ONE, lead, [1, 1 << 16, small, small], [0, 16, 48, 48]), Err(Error::Range));
    }
}

/// Pitfalls 16, 45, 46: what an honest supplier made, used by another.
#[test]
fn copies_are_refused() {
    let (scene, honest, thief) = (Scene::new(1), Supplier::new(1), Supplier::new(2));
    let quote = scene.quote(&honest, 500, 5);
    // Under another name.
    let copy = SealedQuote { supplier: thief.owner, ..quote.clone() };
    assert_eq!(copy.verify(&scene.rfq).unwrap_err(), Error::Ephemeral);
    // The commitments with an own box, the box with own commitments, E alone.
    let own = scene.quote(&thief, 600, 6);
    for mixed in [
        SealedQuote { commitments: quote.commitments, ..own.clone() },
        SealedQuote { sealed: quote.sealed, ..own.clone() },
        SealedQuote { ephemeral: quote.ephemeral, ..own.clone() },
        SealedQuote { sealed: own.sealed, ..quote.clone() },
    ] {
        assert!(mixed.verify(&scene.rfq).is_err());
    }
    // Commitments that the thief cannot open, proven with openings of his own.
    let opening = thief.opening(&scene.rfq, 500, 5);
    let ephemeral = thief.ephemeral(&scene.rfq);
    let stolen = SealedQuote::prove(
        scene.rfq.hash(),
        thief.owner,
        quote.commitments,
        &ephemeral,
        own.sealed,
        opening.scaled(),
        &mut rng(3),
    );
    assert_eq!(stolen.unwrap().verify(&scene.rfq).unwrap_err(), Error::Range);
    // An answer to one request is none to another.
    assert_eq!(quote.verify(&Scene::new(2).rfq).unwrap_err(), Error::Foreign);
}

/// Without e: A = s·B − c·E for a challenge chosen first, 0 included. All else is honest, so nothing but the proof of e refuses it.
#[test]
fn a_challenge_chosen_first_does_not_help() {
    let (scene, thief) = (Scene::new(1), Supplier::new(2));
    let copied = scene.quote(&Supplier::new(1), 500, 5).ephemeral;
    let opening = thief.opening(&scene.rfq, 400, 4);
    let (hash, commitments, sealed) = (scene.rfq.hash(), opening.commitments().unwrap(), [0; SEALED_BYTES]);
    for c in [Scalar::ZERO, Scalar::ONE, Scalar::random(&mut rng(1))] {
        let response = Scalar::random(&mut rng(2));
        let announcement = RistrettoPoint::mul_base(&response) - copied.point() * c;
        let bytes = [announcement.compress().to_bytes(), response.to_bytes()].concat();
        let proof = Sigma::read(&mut Reader::new(&bytes)).unwrap();

        let mut transcript = statement(&hash, thief.owner, &commitments, &copied, &sealed);
        let drawn = proof.challenge(&mut transcript);
        let (values, blindings) = opening.scaled();
        let range = range::prove(&mut transcript, &values[..], &blindings[..], &mut rng(3)).unwrap();
        let range = range.try_into().unwrap();
        let quote =
            SealedQuote { rfq: hash, supplier: thief.owner, commitments, ephemeral: copied, sealed, proof, range };
        assert_ne!(drawn, c);
        let culprit = crate::batch::Culprit { index: 0, error: Error::Ephemeral };
        assert_eq!(crate::batch::verify(&scene.rfq, vec![quote.clone()]), Err(vec![culprit]));
        assert_eq!(quote.verify(&scene.rfq).unwrap_err(), Error::Ephemeral);
    }
}

/// Two attempts share neither commitments nor E, and other contents never share a blinding, whatever the counter says.
#[test]
fn attempts_share_nothing() {
    let key = crate::QuotingKey::from_wide(&[5; 64]);
    let rfq = Scene::new(1).rfq.hash();
    assert_ne!(key.ephemeral(&rfq, 0).public(), key.ephemeral(&rfq, 1).public());
    let blindings = [(0, 500, 5), (1, 500, 5), (0, 501, 5), (0, 500, 6)].map(|(attempt, price, lead)| {
        let opening = key.opening(&rfq, attempt, price, lead).unwrap();
        (*opening.price_blinding(), *opening.lead_blinding())
    });
    for (index, one) in blindings.iter().enumerate() {
        assert_ne!(one.0, one.1);
        assert!(blindings[index + 1..].iter().all(|other| one.0 != other.0 && one.1 != other.1));
    }
    let again = key.opening(&rfq, 0, 500, 5).unwrap();
    assert_eq!((*again.price_blinding(), *again.lead_blinding()), blindings[0]);
}

/// The box says nothing without both secrets: neither operator nor buyer alone opens it.
#[test]
fn neither_operator_nor_buyer_reads_alone() {
    let (scene, stranger) = (Scene::new(1), Scene::new(2));
    let quote = scene.quote(&Supplier::new(1), 500, 5);
    let inner = quote.unseal(&scene.operator).unwrap();
    assert_eq!(inner.open(&quote, &stranger.buyer.shared(&quote.ephemeral)).unwrap_err(), Error::Box);
    assert_eq!(quote.open(&stranger.operator, &scene.buyer.shared(&quote.ephemeral)).unwrap_err(), Error::Seal);
    let seen = format!("{quote:?} {inner:?} {:?} {:?}", scene.buyer, scene.operator);
    assert!(seen.contains("redacted"));
}

#[test]
fn nobody_is_no_supplier() {
    let scene = Scene::new(1);
    let mut bytes = scene.quote(&Supplier::new(1), 500, 5).to_bytes();
    bytes[32..64].fill(0);
    assert_eq!(SealedQuote::from_bytes(&bytes), Err(CodecError::Range("supplier")));
}

#[test]
fn keys_of_small_order_are_refused() {
    let (mut scene, supplier) = (Scene::new(1), Supplier::new(1));
    scene.rfq.operator_key = [0; 32];
    let opening = supplier.opening(&scene.rfq, 1, 1);
    let sealed = SealedQuote::seal(&scene.rfq, supplier.owner, &supplier.ephemeral(&scene.rfq), &opening, &mut rng(1));
    assert_eq!(sealed.unwrap_err(), Error::Request("operator key"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn every_quote_in_range_verifies_and_opens(price in 0u64..1 << 48, lead: u16) {
        let (scene, supplier) = (Scene::new(1), Supplier::new(1));
        let quote = scene.quote(&supplier, price, lead);
        let quote = SealedQuote::from_bytes(&quote.to_bytes()).unwrap().verify(&scene.rfq).unwrap().into_inner();
        let opening = quote.open(&scene.operator, &scene.buyer.shared(&quote.ephemeral)).unwrap();
        prop_assert_eq!((opening.price(), opening.lead()), (price, lead));
        let weights = Weights { price: (1 << 15) - 1, lead: (1 << 15) - 1 };
        let exact = u128::from(weights.price) * u128::from(price) + u128::from(weights.lead) * u128::from(lead);
        prop_assert_eq!(u128::from(weights.score(price, lead)), exact);
    }
}
