//! Attacks on exclusions: what is out stays out, what is honest stays in.

use super::*;
use crate::codec::CodecError;
use crate::quote::tests::other_requests;
use crate::test_support::{Edit, Kind, Scene, Subject, Supplier, Verify, attack, edited, part, rng};
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::RistrettoPoint;
use std::boxed::Box;
use std::vec;

fn verify(bytes: &[u8], rfq: &Rfq, quote: &SealedQuote, operator: &OperatorSecret) -> Result<(), Error> {
    Exclusion::from_bytes(bytes)?.verify(rfq, quote, operator).map(drop)
}

/// A quote that verifies, whose box holds the opening of 400 where 500 is committed.
fn lying(scene: &Scene, supplier: &Supplier) -> SealedQuote {
    let (committed, boxed) = (supplier.opening(&scene.rfq, 500, 5), supplier.opening(&scene.rfq, 400, 5));
    SealedQuote::seal_mismatched(
        &scene.rfq,
        supplier.owner,
        &supplier.ephemeral(&scene.rfq),
        &committed,
        &boxed,
        &mut rng(1),
    )
    .unwrap()
    .verify(&scene.rfq)
    .unwrap()
    .into_inner()
}

#[test]
fn a_box_that_opens_to_another_price_is_out() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let quote = lying(&scene, &supplier);
    let shared = scene.buyer.shared(&quote.ephemeral);
    assert_eq!(quote.open(&scene.operator, &shared).unwrap_err(), Error::Box);
    let exclusion = Exclusion::prove(&scene.rfq, &quote, &scene.operator, &scene.buyer, &mut rng(2)).unwrap();
    let bytes = exclusion.to_bytes();
    assert_eq!(bytes.len(), Exclusion::BYTES);
    assert_eq!(exclusion.clone().verify(&scene.rfq, &quote, &scene.operator).unwrap().into_inner(), exclusion);
    assert_eq!(verify(&bytes, &scene.rfq, &quote, &scene.operator), Ok(()));
}

#[test]
fn every_part_is_bound() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let quote = lying(&scene, &supplier);
    let bytes = Exclusion::prove(&scene.rfq, &quote, &scene.operator, &scene.buyer, &mut rng(2)).unwrap().to_bytes();
    let mut others: Vec<(&str, Vec<u8>, Verify<'_>)> = Vec::new();
    for (name, other) in other_requests(&scene.rfq) {
        let mut moved = quote.clone();
        moved.rfq = other.hash();
        let mut renamed = bytes.clone();
        renamed[..32].copy_from_slice(&moved.rfq.0);
        renamed[32..64].copy_from_slice(&moved.id().0);
        let operator = scene.operator.clone();
        others.push((name, renamed, Box::new(move |bytes| verify(bytes, &other, &moved, &operator))));
    }
    for (name, other) in other_quotes(&quote) {
        let mut renamed = bytes.clone();
        renamed[32..64].copy_from_slice(&other.id().0);
        let (rfq, operator) = (scene.rfq.clone(), scene.operator.clone());
        others.push((name, renamed, Box::new(move |bytes| verify(bytes, &rfq, &other, &operator))));
    }
    let subject = Subject {
        name: "exclusion",
        bytes,
        parts: vec![
            part("rfq", 32, Kind::Id, 0),
            part("quote", 32, Kind::Id, 0),
            part("shared point", 32, Kind::Point, 0),
            part("announcement under B", 32, Kind::Point, 0),
            part("announcement under E", 32, Kind::Point, 0),
            part("response", 32, Kind::Scalar, 1),
        ],
        verify: Box::new(|bytes| verify(bytes, &scene.rfq, &quote, &scene.operator)),
        others,
    };
    let damaged = if std::env::var_os("PRIVITY_LONG").is_some() { 100_000 } else { 3_000 };
    attack(&subject, damaged, &mut rng(3));
}

/// Every quote that differs from `quote` in one field of its id.
fn other_quotes(quote: &SealedQuote) -> Vec<(&'static str, SealedQuote)> {
    let double = |point: &Point| Point::new(point.point() + point.point()).unwrap();
    let edits: [Edit<'_, SealedQuote>; 4] = [
        ("supplier", &|quote| quote.supplier = Supplier::new(9).owner),
        ("price commitment", &|quote| quote.commitments.price = double(&quote.commitments.price)),
        ("lead commitment", &|quote| quote.commitments.lead = double(&quote.commitments.lead)),
        ("ephemeral", &|quote| quote.ephemeral = double(&quote.ephemeral)),
    ];
    edited(quote, &edits)
}

#[test]
fn an_honest_quote_cannot_be_excluded() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    for (price, lead) in [(0, 0), (500, 5), ((1 << 48) - 1, u16::MAX)] {
        let quote = scene.quote(&supplier, price, lead);
        let refused = Exclusion::prove(&scene.rfq, &quote, &scene.operator, &scene.buyer, &mut rng(1)).unwrap_err();
        assert_eq!(refused, Error::Honest);
        // The buyer's own valid proof, made past `prove`.
        let exclusion = past_check(&scene, &quote, scene.buyer.shared(&quote.ephemeral), scene.buyer.scalar());
        assert_eq!(exclusion.verify(&scene.rfq, &quote, &scene.operator).unwrap_err(), Error::Honest);
    }
}

/// The box is checked under K, so a buyer would need another one: p′·E for any p′ ≠ p.
#[test]
fn a_wrong_shared_point_is_refused() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let quote = scene.quote(&supplier, 500, 5);
    let stranger = Scene::new(2).buyer;
    let wrong = stranger.shared(&quote.ephemeral);
    for secret in [scene.buyer.scalar(), stranger.scalar()] {
        let exclusion = past_check(&scene, &quote, wrong, secret);
        assert_eq!(exclusion.verify(&scene.rfq, &quote, &scene.operator).unwrap_err(), Error::Shared);
    }
    let other = Exclusion::prove(&scene.rfq, &quote, &scene.operator, &stranger, &mut rng(1));
    assert_eq!(other.unwrap_err(), Error::Shared);
}

/// A proof of the two relations with whatever secret, without a look into the box.
fn past_check(scene: &Scene, quote: &SealedQuote, shared: Point, secret: &Scalar) -> Exclusion {
    let (hash, id) = (scene.rfq.hash(), quote.id());
    let relations = relations(&scene.rfq, quote, shared);
    let proof = Sigma::prove(&mut statement(&hash, &id, &relations), &relations, secret, &mut rng(4)).unwrap();
    Exclusion { rfq: hash, quote: id, shared, proof }
}

/// Both announcements computed from a challenge chosen first.
#[test]
fn a_challenge_chosen_first_does_not_help() {
    let scene = Scene::new(1);
    let quote = scene.quote(&Supplier::new(1), 500, 5);
    let wrong = Point::new(RistrettoPoint::mul_base(&Scalar::from(77u64))).unwrap();
    for c in [Scalar::ZERO, Scalar::ONE, Scalar::random(&mut rng(1))] {
        let s = Scalar::random(&mut rng(2));
        let announcements =
            [RistrettoPoint::mul_base(&s) - scene.rfq.key.point() * c, quote.ephemeral.point() * s - wrong.point() * c];
        let mut bytes = [&scene.rfq.hash().0[..], &quote.id().0, wrong.as_bytes()].concat();
        announcements.iter().for_each(|point| bytes.extend_from_slice(point.compress().as_bytes()));
        bytes.extend_from_slice(s.as_bytes());
        assert_eq!(verify(&bytes, &scene.rfq, &quote, &scene.operator), Err(Error::Shared));
    }
}

/// A wrong K for which both relations are false and their plain sum is true: P_rfq + K = x·(B + E).
#[test]
fn false_relations_do_not_cancel() {
    let scene = Scene::new(1);
    let quote = scene.quote(&Supplier::new(1), 500, 5);
    let [x, nonce] = [7u64, 8].map(Scalar::from);
    let sum = Point::BASE.point() + quote.ephemeral.point();
    let wrong = Point::new(sum * x - scene.rfq.key.point()).unwrap();
    let second = RistrettoPoint::random(&mut rng(1));
    let first = sum * nonce - second;
    let proof = |response: Scalar| {
        let bytes = [first.compress().to_bytes(), second.compress().to_bytes(), response.to_bytes()].concat();
        Sigma::<2>::read(&mut Reader::new(&bytes)).unwrap()
    };
    let (hash, id) = (scene.rfq.hash(), quote.id());
    let relations = relations(&scene.rfq, &quote, wrong);
    let challenge = proof(Scalar::ZERO).challenge(&mut statement(&hash, &id, &relations));
    let response = nonce + challenge * x;
    assert_eq!(sum * response, first + second + (scene.rfq.key.point() + wrong.point()) * challenge);
    let exclusion = Exclusion { rfq: hash, quote: id, shared: wrong, proof: proof(response) };
    assert_eq!(exclusion.verify(&scene.rfq, &quote, &scene.operator).unwrap_err(), Error::Shared);
}

/// Pitfall 45: the box of an honest quote is swapped before it is logged. It has no valid quote then; had the ledger taken it all
/// the same, the evidence would be good, so the quote's proof is what protects the supplier.
#[test]
fn a_swapped_box_is_no_quote() {
    let (scene, honest) = (Scene::new(1), Supplier::new(1));
    let quote = scene.quote(&honest, 500, 5);
    let other = lying(&scene, &Supplier::new(2));
    let mut swapped = quote.clone();
    swapped.sealed = other.sealed;
    assert_eq!(swapped.clone().verify(&scene.rfq).unwrap_err(), Error::Ephemeral);
    // The seal names the quote, so not even the outer one opens.
    assert_eq!(swapped.unseal(&scene.operator).unwrap_err(), Error::Seal);
    // A box sealed anew by somebody who knows the operator's key and the id, as everybody does.
    let ephemeral = Scene::new(3).buyer;
    let forged = quote.with_box(&scene.rfq, &honest.opening(&scene.rfq, 400, 5), &ephemeral, &mut rng(1));
    assert!(forged.unseal(&scene.operator).is_ok());
    assert_eq!(forged.verify(&scene.rfq).unwrap_err(), Error::Ephemeral);
}

/// Out without further proof: everybody sees that the seal does not open. All zeros encapsulate a key of small order.
#[test]
fn a_broken_seal_needs_no_exclusion() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let (ephemeral, opening) = (supplier.ephemeral(&scene.rfq), supplier.opening(&scene.rfq, 500, 5));
    for fill in [0, 3] {
        let owner = supplier.owner;
        let quote = SealedQuote::with_seal(&scene.rfq, owner, &ephemeral, &opening, [fill; _], &mut rng(1)).unwrap();
        let quote = quote.verify(&scene.rfq).unwrap().into_inner();
        assert_eq!(quote.unseal(&scene.operator).unwrap_err(), Error::Seal);
        let refused = Exclusion::prove(&scene.rfq, &quote, &scene.operator, &scene.buyer, &mut rng(1)).unwrap_err();
        assert_eq!(refused, Error::Seal);
        let exclusion = past_check(&scene, &quote, scene.buyer.shared(&quote.ephemeral), scene.buyer.scalar());
        assert_eq!(exclusion.verify(&scene.rfq, &quote, &scene.operator).unwrap_err(), Error::Seal);
    }
}

/// A quote sealed under a wrong K, or with bytes that are no opening, is out like one that lies.
#[test]
fn a_box_that_holds_nothing_is_out() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let quote = scene.quote(&supplier, 500, 5);
    let stranger = Scene::new(2).buyer;
    let forged = quote.with_box(&scene.rfq, &supplier.opening(&scene.rfq, 500, 5), &stranger, &mut rng(1));
    let exclusion = Exclusion::prove(&scene.rfq, &forged, &scene.operator, &scene.buyer, &mut rng(2)).unwrap();
    assert!(exclusion.verify(&scene.rfq, &forged, &scene.operator).is_ok());
}

#[test]
fn another_quote_or_request_is_foreign() {
    let (scene, supplier) = (Scene::new(1), Supplier::new(1));
    let quote = lying(&scene, &supplier);
    let exclusion = Exclusion::prove(&scene.rfq, &quote, &scene.operator, &scene.buyer, &mut rng(2)).unwrap();
    let honest = scene.quote(&Supplier::new(2), 500, 5);
    let of = |rfq: &Rfq, quote: &SealedQuote| exclusion.clone().verify(rfq, quote, &scene.operator).map(drop);
    assert_eq!(of(&scene.rfq, &honest), Err(Error::Foreign));
    assert_eq!(of(&Scene::new(2).rfq, &quote), Err(Error::Foreign));
    // A quote that answers another request, under this one's key.
    let elsewhere = lying(&Scene::new(2), &supplier);
    let refused = Exclusion::prove(&scene.rfq, &elsewhere, &scene.operator, &scene.buyer, &mut rng(2));
    assert_eq!(refused.unwrap_err(), Error::Foreign);
    let moved = past_check(&scene, &elsewhere, scene.buyer.shared(&elsewhere.ephemeral), scene.buyer.scalar());
    assert_eq!(moved.verify(&scene.rfq, &elsewhere, &scene.operator).unwrap_err(), Error::Foreign);
    // The evidence against one quote, renamed to another.
    let renamed = Exclusion { quote: honest.id(), ..exclusion.clone() };
    assert_eq!(renamed.verify(&scene.rfq, &honest, &scene.operator).unwrap_err(), Error::Shared);
    let mut bytes = exclusion.to_bytes();
    bytes[64..96].fill(0);
    assert_eq!(Exclusion::from_bytes(&bytes), Err(CodecError::Identity));
}
