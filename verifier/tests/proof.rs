//! Proof bytes and single verification: pitfalls 5, 11, 12, 13, 14, 18, 26.

mod common;

use ark_bls12_381::{Bls12_381, Fq, Fq2, G1Affine, G2Affine};
use ark_ec::CurveGroup;
use ark_ec::pairing::Pairing;
use ark_ff::{Field, PrimeField};
use ark_serialize::CanonicalSerialize;
use common::{One, Product, Square, Three, product_key, proved, rng};
use privity_verifier::groth16::{Fr, Points};
use privity_verifier::{Keys, PROOF_BYTES, PointError, Proof, ProofError, Refusal};
use proptest::prelude::*;

#[test]
fn verifies_and_hands_out_the_statement() {
    let (key, statement, proof) = proved(1);
    let claim = key.verify::<Product>(statement.clone(), &proof).unwrap();
    assert_eq!(claim.statement(), &statement);
    assert_eq!(claim.key_id(), key.id());
    assert_eq!(claim.into_statement(), statement);
}

#[test]
fn each_input_changed_alone_fails() {
    let (key, statement, proof) = proved(2);
    for i in 0..3 {
        let mut other = statement.clone();
        other.0[i] += 1;
        assert_eq!(key.verify::<Product>(other, &proof).unwrap_err(), Refusal::Equation);
    }
}

#[test]
fn another_relation_another_shape_another_key() {
    let (key, statement, proof) = proved(3);
    let refusal = key.verify::<Square>(One(4), &proof).unwrap_err();
    assert!(matches!(refusal, Refusal::Relation { expected: "square.v1", .. }));

    let other = product_key(4).key().clone();
    let refusal = other.verify::<Product>(statement.clone(), &proof).unwrap_err();
    assert_eq!(refusal, Refusal::Equation);

    let narrow = privity_testkit::simulate::SimulatedKey::<Product>::generate(2, [7; 32], &mut rng(5));
    let refusal = narrow.unwrap().key().verify::<Product>(statement.clone(), &proof).unwrap_err();
    assert_eq!(refusal, Refusal::Inputs { expected: 2, found: 3 });

    let keys: Keys = [key.clone()].into_iter().collect();
    assert!(keys.verify::<Product>(&key.id(), statement.clone(), &proof).is_ok());
    let refusal = keys.verify::<Product>(&other.id(), statement, &proof).unwrap_err();
    assert_eq!(refusal, Refusal::UnknownKey(other.id()));
    assert_eq!((keys.of::<Product>().count(), keys.of::<Square>().count()), (1, 0));
}

/// A proof can be re-randomised by anyone; the ledger therefore identifies a transaction by its statements, never by proof bytes.
#[test]
fn a_rerandomised_proof_still_verifies() {
    let (key, statement, proof) = proved(6);
    let (r, s) = (Fr::from(11u64), Fr::from(13u64));
    let Points { a, b, c } = *proof.points();
    let inverse = r.inverse().unwrap();
    let again = Proof::from_points(Points {
        a: (a * inverse).into_affine(),
        b: (b * r + key.key().elements().delta * (r * s)).into_affine(),
        c: (c + a * s).into_affine(),
    })
    .unwrap();
    assert_ne!(again.to_bytes(), proof.to_bytes());
    assert!(key.verify::<Product>(statement, &again).is_ok());
}

#[test]
fn every_other_length_is_refused() {
    let bytes = proved(7).2.to_bytes();
    for length in 0..PROOF_BYTES {
        assert_eq!(Proof::from_bytes(&bytes[..length]), Err(ProofError::Length { found: length }));
    }
    let mut longer = bytes.to_vec();
    for _ in 0..3 {
        longer.push(0);
        assert!(matches!(Proof::from_bytes(&longer), Err(ProofError::Length { .. })));
    }
}

#[test]
fn off_curve_and_off_subgroup_points_are_refused() {
    let proof = proved(8).2;
    let offsets = [("A", 0, 48), ("B", 48, 144), ("C", 144, 192)];
    for (element, start, end) in offsets {
        let g2 = element == "B";
        for (bytes, source) in [(off_curve(g2), PointError::NotOnCurve), (off_subgroup(g2), PointError::OffSubgroup)] {
            let mut forged = proof.to_bytes();
            forged[start..end].copy_from_slice(&bytes);
            let refused = Proof::from_bytes(&forged);
            assert_eq!(refused, Err(ProofError::Point { element, source }));
        }
    }
    let mut points = *proof.points();
    points.a = small_g1();
    assert!(Proof::from_points(points).is_err());
    points.a = G1Affine::new_unchecked(Fq::from(1u64), Fq::from(1u64));
    assert!(Proof::from_points(points).is_err());
}

/// x + p, a set sign bit at infinity, stray bits beside the infinity flag, an uncompressed flag: one point, one encoding.
#[test]
fn other_encodings_of_a_point_are_refused() {
    let mut points = *proved(9).2.points();
    points.a = G1Affine::identity();
    let bytes = Proof::from_points(points).unwrap().to_bytes();
    assert!(Proof::from_bytes(&bytes).is_ok());
    for (at, bit) in [(0, 0x20), (0, 0x80), (0, 0x01), (47, 0x01)] {
        let mut other = bytes;
        other[at] ^= bit;
        assert!(Proof::from_bytes(&other).is_err(), "byte {at} bit {bit:#x}");
    }
    let (mut small, x) = small_x();
    let mut carry = 0u16;
    for (byte, limb) in small.iter_mut().rev().zip(modulus_bytes().iter().rev()) {
        let sum = u16::from(*byte) + u16::from(*limb) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    small[0] |= 0x80;
    let mut other = bytes;
    other[..48].copy_from_slice(&small);
    assert!(matches!(Proof::from_bytes(&other), Err(ProofError::Point { element: "A", .. })), "{x}");
}

/// Identity points are decoded and fail in the equation, as any false proof.
#[test]
fn identity_points_prove_nothing() {
    let (key, statement, _) = proved(10);
    let points = Points { a: G1Affine::identity(), b: G2Affine::identity(), c: G1Affine::identity() };
    let proof = Proof::from_points(points).unwrap();
    assert_eq!(Proof::from_bytes(&proof.to_bytes()), Ok(proof));
    assert_eq!(key.verify::<Product>(statement, &proof).unwrap_err(), Refusal::Equation);
}

/// The verifier's equation against three independent pairings.
#[test]
fn agrees_with_separate_pairings() {
    let (key, Three(x), proof) = proved(11);
    let (vk, points) = (key.key().elements(), proof.points());
    let ic: ark_bls12_381::G1Projective =
        vk.ic[0] + vk.ic[1..].iter().zip(x).map(|(ic, x)| *ic * Fr::from(x)).sum::<ark_bls12_381::G1Projective>();
    let right = Bls12_381::pairing(vk.alpha, vk.beta)
        + Bls12_381::pairing(ic, vk.gamma)
        + Bls12_381::pairing(points.c, vk.delta);
    assert_eq!(Bls12_381::pairing(points.a, points.b), right);
}

#[test]
fn debug_of_a_proof_shows_no_bytes() {
    assert_eq!(format!("{:?}", proved(12).2), "Proof(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        prop_assert!(Proof::from_bytes(&bytes).is_err());
    }

    #[test]
    fn a_flipped_bit_is_refused_or_another_proof(seed in 0u64..8, bit in 0usize..8 * PROOF_BYTES) {
        let (key, statement, proof) = proved(seed);
        let mut bytes = proof.to_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = Proof::from_bytes(&bytes) {
            prop_assert_eq!(other.to_bytes(), bytes);
            prop_assert!(key.verify::<Product>(statement, &other).is_err());
        }
    }
}

fn modulus_bytes() -> Vec<u8> {
    let limbs = Fq::MODULUS.0;
    limbs.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
}

/// The smallest x of a point on the curve, whose x + p still fits 381 bits; its bytes.
fn small_x() -> (Vec<u8>, u64) {
    let on_curve = |x: &u64| G1Affine::get_point_from_x_unchecked(Fq::from(*x), false).is_some();
    let x = (0..).find(on_curve).unwrap();
    let mut bytes = vec![0; 40];
    bytes.extend(x.to_be_bytes());
    (bytes, x)
}

fn small_g1() -> G1Affine {
    let outside = |point: &G1Affine| !point.is_in_correct_subgroup_assuming_on_curve();
    (0u64..).filter_map(|x| G1Affine::get_point_from_x_unchecked(Fq::from(x), false)).find(outside).unwrap()
}

fn off_subgroup(g2: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    if g2 {
        let point = (0u64..)
            .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::from(x), false))
            .find(|point: &G2Affine| !point.is_in_correct_subgroup_assuming_on_curve());
        point.unwrap().serialize_compressed(&mut bytes).unwrap();
    } else {
        small_g1().serialize_compressed(&mut bytes).unwrap();
    }
    bytes
}

fn off_curve(g2: bool) -> Vec<u8> {
    let size = if g2 { 96 } else { 48 };
    (0u8..)
        .map(|x| {
            let mut bytes = vec![0; size];
            bytes[0] = 0x80;
            bytes[size - 1] = x;
            bytes
        })
        .find(|bytes| {
            let x = u64::from(bytes[size - 1]);
            if g2 {
                G2Affine::get_point_from_x_unchecked(Fq2::from(x), false).is_none()
            } else {
                G1Affine::get_point_from_x_unchecked(Fq::from(x), false).is_none()
            }
        })
        .unwrap()
}
