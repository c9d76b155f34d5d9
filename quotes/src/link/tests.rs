//! Attacks on the link, and its zero-knowledge at bounds where a bias would show.

use super::bounds::{BOUNDS, Bounds};
use super::group;
use super::integer::Integer;
use super::proof::{LINK_BYTES, Link, Nonces, Response, Statement, Witness};
use crate::award::{Award, Field};
use crate::commit::pedersen;
use crate::test_support::{Kind, Scene, Subject, Supplier, attack, part, rng};
use crate::{CodecError, Error, Message, Open, Point, SealedQuote, Verified};
use ark_ff::{Field as _, PrimeField, UniformRand};
use curve25519_dalek::Scalar;
use privity_circuits::jubjub::{self, Point as JubjubPoint};
use privity_circuits::{DecodeError, Fr, terms};
use rand_chacha::ChaCha20Rng;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

const PRICE: u64 = 123_456_789;
const TRANSACTION: [u8; 32] = [42; 32];

/// A quote that won alone, and the secrets of its supplier's deal.
struct Settled {
    scene: Scene,
    quote: Verified<SealedQuote>,
    award: Verified<Award>,
    witness: Witness,
    blinding: Fr,
}

fn settled(number: u8, price: u64) -> Settled {
    let (scene, supplier) = (Scene::new(number), Supplier::new(1));
    let quote = scene.quote(&supplier, price, 7).verify(&scene.rfq).unwrap();
    let opening = supplier.opening(&scene.rfq, price, 7);
    let open = Open { rfq: scene.rfq.hash(), secret: scene.operator.clone() }.verify(&scene.rfq).unwrap();
    let award = {
        let field = Field::new(&scene.rfq, [&quote], &open, []).unwrap();
        let award = Award::prove(&field, core::slice::from_ref(&opening), &scene.buyer, &mut rng(1)).unwrap();
        award.verify(&field).unwrap()
    };
    let blinding = Fr::rand(&mut rng(2));
    Settled { witness: Witness::new(&opening, blinding), scene, quote, award, blinding }
}

impl Settled {
    fn statement(&self, total: u64) -> Statement {
        let volume = volume(total, &self.blinding);
        Statement::new(&self.scene.rfq, &self.award, &self.quote, TRANSACTION, &volume).unwrap()
    }
}

fn volume(total: u64, blinding: &Fr) -> JubjubPoint {
    let [v, w] = terms::volume_generators();
    v.mul_integer(&[total]) + w.mul_integer(&blinding.into_bigint().0)
}

fn verify(bytes: &[u8], statement: &Statement) -> Result<(), Error> {
    Link::from_bytes(bytes)?.verify(statement).map(drop)
}

#[test]
fn links_the_winning_quote_to_its_deal() {
    for price in [0, 1, PRICE, (1 << 48) - 1] {
        let settled = settled(1, price);
        let statement = settled.statement(price);
        let link = Link::prove(&statement, &settled.witness, &mut rng(3)).unwrap();
        let bytes = link.to_bytes();
        assert_eq!(bytes.len(), LINK_BYTES);
        assert_eq!(Link::from_bytes(&bytes), Ok(link.clone()));
        assert_eq!(link.clone().verify(&statement).unwrap().into_inner(), link);
    }
}

/// The volume of a real deal is the one that is linked: same generators, same blinding.
#[test]
fn blinding_is_that_of_the_terms() {
    let (salt, id) = (Fr::rand(&mut rng(1)), terms::TermsId::new(Fr::rand(&mut rng(2))));
    let blinding = privity_circuits::hash(privity_circuits::Domain::Volume, &[salt, id.field()]);
    assert_eq!(terms::volume(PRICE, salt, id), volume(PRICE, &blinding));
}

#[test]
fn every_part_is_bound() {
    let settled = settled(1, PRICE);
    let statement = settled.statement(PRICE);
    let bytes = Link::prove(&statement, &settled.witness, &mut rng(3)).unwrap().to_bytes();
    let others = other_statements(&statement)
        .into_iter()
        .map(|(name, other)| {
            let mut renamed = bytes.clone();
            renamed[..32].copy_from_slice(&other.quote.0);
            renamed[32..64].copy_from_slice(&other.transaction);
            let verifier: crate::test_support::Verify<'_> = Box::new(move |bytes| verify(bytes, &other));
            (name, renamed, verifier)
        })
        .collect();
    let subject = Subject {
        name: "link",
        bytes,
        parts: vec![
            part("quote", 32, Kind::Id, 0),
            part("transaction", 32, Kind::Id, 0),
            part("challenge", 16, Kind::Bytes, 0),
            part("high byte of z", 1, Kind::Id, 0),
            part("z", 31, Kind::Bytes, 0),
            part("blinding of the price", 32, Kind::Scalar, 0),
            part("high byte of the volume's blinding", 1, Kind::Id, 0),
            part("blinding of the volume", 31, Kind::Bytes, 0),
        ],
        verify: Box::new(|bytes| verify(bytes, &statement)),
        others,
    };
    let damaged = if std::env::var_os("PRIVITY_LONG").is_some() { 100_000 } else { 3_000 };
    attack(&subject, damaged, &mut rng(4));
}

/// Every statement that differs from `statement` in one element.
fn other_statements(statement: &Statement) -> Vec<(&'static str, Statement)> {
    let edits: [crate::test_support::Edit<'_, Statement>; 7] = [
        ("ledger", &|x| x.ledger[31] ^= 1),
        ("rfq", &|x| x.rfq.0[0] ^= 1),
        ("quote", &|x| x.quote.0[5] ^= 1),
        ("transaction", &|x| x.transaction[9] ^= 1),
        ("price", &|x| x.price = Point::new(x.price.point() + pedersen().B).unwrap()),
        ("price's blinding", &|x| x.price = Point::new(x.price.point() + pedersen().B_blinding).unwrap()),
        ("volume", &|x| x.volume = x.volume + terms::volume_generators()[0]),
    ];
    let edited = edits.iter().map(|(name, edit)| {
        let mut other = statement.clone();
        edit(&mut other);
        (*name, other)
    });
    edited.collect()
}

/// total ± 1: no honest prover links it, and a prover past the check fails.
#[test]
fn another_total_is_refused() {
    let settled = settled(1, PRICE);
    for total in [PRICE - 1, PRICE + 1, 0, PRICE + (1 << 48)] {
        let statement = settled.statement(total);
        assert_eq!(Link::prove(&statement, &settled.witness, &mut rng(3)).unwrap_err(), Error::Total);
        for claimed in [PRICE, total] {
            let mut forger = settled.witness.clone();
            forger.total = claimed;
            let response = Response::attempt(&BOUNDS, &statement, &forger, &mut rng(4)).unwrap();
            assert_eq!(response.check(&BOUNDS, &statement), Err(Error::Total));
        }
    }
}

/// v plus either group's order is the same commitment there, but no longer the same integer.
///
/// Over Jubjub PRICE + ℓ (Ristretto's order) is another total, over Ristretto PRICE + l is. What opens one group's equation with the
/// sum z = k + c·(v + order) leaves the interval, and reduced into it breaks the other group's equation.
#[test]
fn orders_do_not_hide_in_the_response() {
    let settled = settled(1, PRICE);
    let [v, _] = terms::volume_generators();
    // 2^252 + 27742317777372353535851937790883648493
    let order = [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000];
    let shifted = v.mul_integer(&order) + volume(PRICE, &settled.blinding);
    let statement = Statement::new(&settled.scene.rfq, &settled.award, &settled.quote, TRANSACTION, &shifted).unwrap();
    assert_eq!(Link::prove(&statement, &settled.witness, &mut rng(3)).unwrap_err(), Error::Total);
    let response = Response::attempt(&BOUNDS, &statement, &settled.witness, &mut rng(4)).unwrap();
    assert_eq!(response.check(&BOUNDS, &statement), Err(Error::Total));
    for limbs in [order, jubjub::Scalar::MODULUS.0] {
        let honest = settled.statement(PRICE);
        let good = Response::attempt(&BOUNDS, &honest, &settled.witness, &mut rng(4)).unwrap();
        assert_eq!(good.check(&BOUNDS, &honest), Ok(()));
        let (mut sum, mut carry) = (good.z.limbs(), 0u128);
        for (limb, add) in sum.iter_mut().zip(limbs) {
            let total = u128::from(*limb) + u128::from(add) + carry;
            (*limb, carry) = (total as u64, total >> 64);
        }
        let mut bytes = [0u8; 32];
        bytes.chunks_exact_mut(8).zip(sum).for_each(|(chunk, limb)| chunk.copy_from_slice(&limb.to_le_bytes()));
        let wrapped = Response { z: Integer::from_le_bytes(&bytes), ..good };
        assert_eq!(wrapped.check(&BOUNDS, &honest), Err(Error::Response));
    }
}

/// P + V-like swaps: commitments made with value and blinding generators exchanged.
#[test]
fn swapped_generators_are_refused() {
    let settled = settled(1, PRICE);
    let [v, w] = terms::volume_generators();
    let swapped = w.mul_integer(&[PRICE]) + v.mul_integer(&settled.blinding.into_bigint().0);
    let statement = Statement::new(&settled.scene.rfq, &settled.award, &settled.quote, TRANSACTION, &swapped).unwrap();
    let response = Response::attempt(&BOUNDS, &statement, &settled.witness, &mut rng(3)).unwrap();
    assert_eq!(response.check(&BOUNDS, &statement), Err(Error::Total));
    let mut statement = settled.statement(PRICE);
    let blinding = settled.witness.price_blinding;
    statement.price = Point::new(pedersen().commit(blinding, Scalar::from(PRICE))).unwrap();
    let response = Response::attempt(&BOUNDS, &statement, &settled.witness, &mut rng(3)).unwrap();
    assert_eq!(response.check(&BOUNDS, &statement), Err(Error::Total));
}

/// First messages computed from a challenge chosen first, zero among them.
#[test]
fn a_challenge_chosen_first_does_not_help() {
    let settled = settled(1, PRICE);
    let statement = settled.statement(PRICE + 1);
    let mut rng = rng(5);
    for c in [0, 1, u128::MAX, 77] {
        let z = power(192).add_product(c, u64::MAX);
        let t = jubjub::Scalar::rand(&mut rng);
        let response = Response { c, z, s: Scalar::random(&mut rng), t };
        assert_eq!(response.check(&BOUNDS, &statement), Err(Error::Total));
    }
    let zeros = Response { c: 0, z: Integer::default(), s: Scalar::ZERO, t: jubjub::Scalar::from(0u64) };
    assert_eq!(zeros.check(&BOUNDS, &statement), Err(Error::Response));
}

/// A commitment solved for after the challenge: volume + W/c takes the response t + 1 for the same first messages, and P + B̃/c takes
/// s + 1. Only that the challenge depends on both commitments refuses them.
#[test]
fn a_commitment_chosen_last_does_not_help() {
    let settled = settled(1, PRICE);
    let statement = settled.statement(PRICE);
    let good = Response::attempt(&BOUNDS, &statement, &settled.witness, &mut rng(5)).unwrap();
    let [_, w] = terms::volume_generators();
    let mut other = statement.clone();
    other.volume = statement.volume + w.mul(&jubjub::Scalar::from(good.c).inverse().unwrap());
    let solved = Response { t: good.t + jubjub::Scalar::from(1u64), ..good };
    assert_eq!(solved.check(&BOUNDS, &other), Err(Error::Total));
    let mut other = statement.clone();
    let shift = pedersen().B_blinding * Scalar::from(good.c).invert();
    other.price = Point::new(statement.price.point() + shift).unwrap();
    let solved = Response { s: good.s + Scalar::ONE, ..good };
    assert_eq!(solved.check(&BOUNDS, &other), Err(Error::Total));
}

#[test]
fn foreign_and_degenerate_statements_are_refused() {
    let (one, two) = (settled(1, PRICE), settled(2, PRICE));
    let good = volume(PRICE, &one.blinding);
    let of = |rfq, award, quote, volume: &JubjubPoint| Statement::new(rfq, award, quote, TRANSACTION, volume).map(drop);
    assert_eq!(of(&one.scene.rfq, &one.award, &one.quote, &good), Ok(()));
    assert_eq!(of(&two.scene.rfq, &one.award, &one.quote, &good), Err(Error::Foreign));
    assert_eq!(of(&one.scene.rfq, &two.award, &one.quote, &good), Err(Error::Foreign));
    assert_eq!(of(&one.scene.rfq, &one.award, &two.quote, &good), Err(Error::Foreign));
    // A quote of the same RFQ that did not win.
    let loser = one.scene.quote(&Supplier::new(2), PRICE, 9).verify(&one.scene.rfq).unwrap();
    assert_eq!(of(&one.scene.rfq, &one.award, &loser, &good), Err(Error::Foreign));
    // The identity, points of low order and honest ones with a low-order part, points off the curve.
    let off_subgroup = Err(Error::Codec(CodecError::Value(DecodeError::OffSubgroup)));
    let order_two = JubjubPoint { x: Fr::from(0u64), y: -Fr::from(1u64) };
    for point in [JubjubPoint::IDENTITY, order_two, good + order_two] {
        assert_eq!(of(&one.scene.rfq, &one.award, &one.quote, &point), off_subgroup);
    }
    let off_curve = JubjubPoint { x: good.x, y: good.x };
    assert_eq!(
        of(&one.scene.rfq, &one.award, &one.quote, &off_curve),
        Err(Error::Codec(CodecError::Value(DecodeError::OffCurve)))
    );
}

fn nonces(k: Integer, rng: &mut ChaCha20Rng) -> Nonces {
    Nonces { k, s: Scalar::random(rng), t: group::scalar(&Fr::rand(rng)) }
}

fn power(exponent: u32) -> Integer {
    let mut bytes = [0u8; 32];
    bytes[exponent as usize / 8] = 1 << (exponent % 8);
    Integer::from_le_bytes(&bytes)
}

/// 2^`exponent` − 1.
fn below(exponent: u32) -> Integer {
    Integer::from_le_bytes(&[0xff; 32]).low(exponent)
}

/// A total of 0 makes z = k, so every edge can be hit exactly: prover and verifier draw the line at the same place. The response is
/// otherwise honest: wider bounds take it.
#[test]
fn edges_of_the_interval() {
    let settled = settled(1, 0);
    let statement = settled.statement(0);
    let wide = Bounds { floor: 0, ceiling: 252, ..BOUNDS };
    let edges = [
        (below(192), Err(Error::Response)),
        (power(192), Ok(())),
        (below(251), Ok(())),
        (power(251), Err(Error::Response)),
    ];
    for (k, verdict) in edges {
        let nonces = nonces(k, &mut rng(6));
        let honest = Response::with_nonces(&BOUNDS, &statement, &settled.witness, &nonces);
        assert_eq!(honest.is_some(), verdict.is_ok());
        let forced = Response::with_nonces(&wide, &statement, &settled.witness, &nonces).unwrap();
        assert_eq!(forced.z, k);
        assert_eq!(forced.check(&wide, &statement), Ok(()));
        assert_eq!(forced.check(&BOUNDS, &statement), verdict);
    }
}

/// k far above its range: the equations hold, so the interval alone refuses.
#[test]
fn a_nonce_out_of_range_is_refused() {
    let settled = settled(1, PRICE);
    let statement = settled.statement(PRICE);
    let wide = Bounds { floor: 0, ceiling: 252, ..BOUNDS };
    for k in [power(251), power(191), below(251).add_product(1, 1 << 60), Integer::default()] {
        let forced = Response::with_nonces(&wide, &statement, &settled.witness, &nonces(k, &mut rng(7))).unwrap();
        assert_eq!(forced.check(&wide, &statement), Ok(()));
        assert_eq!(forced.check(&BOUNDS, &statement), Err(Error::Response));
    }
}

/// c < 2^4 and v < 2^4, so c·v < 2^8; k < 2^10.
const TOY: Bounds = Bounds { nonce: 10, challenge: 4, floor: 8, ceiling: 10 };
/// The same with the restart removed.
const NO_RESTART: Bounds = Bounds { floor: 0, ceiling: 12, ..TOY };

/// How often each z is shown over all k, for one c·v.
fn histogram(bounds: &Bounds, c: u128, v: u64) -> Vec<u32> {
    let mut counts = vec![0; 1 << 12];
    for k in 0..1u64 << bounds.nonce {
        let z = Integer::default().add_product(1, k).add_product(c, v);
        if bool::from(bounds.admit(&z)) {
            counts[z.limbs()[0] as usize] += 1;
        }
    }
    counts
}

/// The exact distance from uniform on the interval, over all challenges and totals: 0 with the restart, not without.
#[test]
fn responses_are_exactly_uniform() {
    let uniform: Vec<u32> = (0..1 << 12).map(|z| u32::from((1 << 8..1 << 10).contains(&z))).collect();
    for (c, v) in (0..16).flat_map(|c| (0..16).map(move |v| (c, v))) {
        assert_eq!(histogram(&TOY, c, v), uniform, "c = {c}, v = {v}");
    }
    assert_ne!(histogram(&NO_RESTART, 15, 0), histogram(&NO_RESTART, 15, 15));
    // A floor below the greatest c·v is not enough either: some z come from no k.
    let low = Bounds { floor: 7, ..TOY };
    assert_ne!(histogram(&low, 15, 0), histogram(&low, 15, 15));
}

/// The prover itself at toy bounds: z for the totals 0 and 15 is told apart without the restart, and is not with it.
#[test]
fn the_prover_shows_no_bias() {
    let samples = if std::env::var_os("PRIVITY_LONG").is_some() { 20_000 } else { 1_000 };
    let quarters = |bounds: &Bounds, total: u64| {
        let settled = settled(1, total);
        let statement = settled.statement(total);
        let (mut counts, mut rng) = ([0u64; 64], rng(8 + total));
        let mut shown = 0;
        while shown < samples {
            if let Some(response) = Response::attempt(bounds, &statement, &settled.witness, &mut rng) {
                assert_eq!(response.check(bounds, &statement), Ok(()));
                counts[response.z.limbs()[0] as usize >> 6] += 1;
                shown += 1;
            }
        }
        counts
    };
    // χ² of two samples of one size: Σ (a − b)²/(a + b), about the number of bins, with deviation √(2·bins).
    let distance = |bounds: &Bounds| {
        let (a, b) = (quarters(bounds, 0), quarters(bounds, 15));
        let bins = a.iter().zip(&b).filter(|(a, b)| **a + **b > 0);
        bins.map(|(a, b)| a.abs_diff(*b).pow(2) * 1000 / (a + b)).sum::<u64>() / 1000
    };
    // 12 bins with the restart, 20 without: mean 12, five deviations above is 37.
    assert!(distance(&TOY) < 37);
    assert!(distance(&NO_RESTART) > 37);
}

#[test]
fn secrets_do_not_print() {
    assert_eq!(std::format!("{:?}", settled(1, PRICE).witness), "Witness(redacted)");
}
