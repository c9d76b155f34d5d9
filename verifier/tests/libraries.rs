//! All libraries of pairings accept the same bytes and the same proofs; refusals name the same reason.

mod common;

use ark_bls12_381::{Fq, G1Affine, G2Affine};
use ark_ff::{BigInteger, PrimeField};
use common::{Product, Square, product_key, proved, rng, square_key};
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::groth16::Points;
use privity_verifier::{Batch, PROOF_BYTES, Pairings, PreparedKey, Proof};
use proptest::prelude::*;
use std::sync::OnceLock;

/// What may happen to an encoded proof.
#[derive(Clone, Debug)]
enum Mutation {
    /// Bits are flipped.
    Flip(Vec<usize>),
    /// The three flag bits of an element are set to these.
    Flags(usize, u8),
    /// An element becomes infinity with these flags and one byte more.
    Infinity(usize, u8, usize, u8),
    /// A coordinate becomes a small number, or p plus or minus one, with these flags.
    Coordinate(usize, i64, bool, u8),
    /// A coordinate grows by p, if 381 bits hold it.
    PlusModulus(usize),
    /// A coordinate becomes random bytes.
    Random(usize, [u8; 48]),
}

/// Where the coordinates lie: A's x; B's x, the part of u first; C's x.
const COORDINATES: [usize; 4] = [0, 48, 96, 144];
/// Where the elements begin and end.
const ELEMENTS: [(usize, usize); 3] = [(0, 48), (48, 144), (144, 192)];

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        prop::collection::vec(0..8 * PROOF_BYTES, 1..4).prop_map(Mutation::Flip),
        (0usize..3, 0u8..8).prop_map(|(element, flags)| Mutation::Flags(element, flags)),
        (0usize..3, 0u8..8, 0usize..96, prop_oneof![Just(0), any::<u8>()])
            .prop_map(|(element, flags, at, byte)| Mutation::Infinity(element, flags, at, byte)),
        (0usize..4, -4i64..12, any::<bool>(), 0u8..8)
            .prop_map(|(coordinate, x, modulus, flags)| Mutation::Coordinate(coordinate, x, modulus, flags)),
        (0usize..4).prop_map(Mutation::PlusModulus),
        (0usize..4, prop::array::uniform32(any::<u8>()), prop::array::uniform16(any::<u8>())).prop_map(
            |(coordinate, low, high)| {
                let mut bytes = [0; 48];
                bytes[..32].copy_from_slice(&low);
                bytes[32..].copy_from_slice(&high);
                Mutation::Random(coordinate, bytes)
            }
        ),
    ]
}

fn set_flags(byte: &mut u8, flags: u8) {
    *byte = *byte & 0x1f | flags << 5;
}

fn big_endian(number: &<Fq as PrimeField>::BigInt) -> Vec<u8> {
    number.to_bytes_be()
}

fn apply(mutation: &Mutation, bytes: &mut [u8; PROOF_BYTES]) {
    match mutation {
        Mutation::Flip(bits) => bits.iter().for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8)),
        Mutation::Flags(element, flags) => set_flags(&mut bytes[ELEMENTS[*element].0], *flags),
        Mutation::Infinity(element, flags, at, byte) => {
            let (start, end) = ELEMENTS[*element];
            bytes[start..end].fill(0);
            bytes[start + at % (end - start)] = *byte;
            set_flags(&mut bytes[start], *flags | 0b110);
        }
        Mutation::Coordinate(coordinate, x, modulus, flags) => {
            let start = COORDINATES[*coordinate];
            let mut number = if *modulus { Fq::MODULUS } else { Default::default() };
            let distance = x.unsigned_abs().into();
            if *x < 0 && *modulus {
                number.sub_with_borrow(&distance)
            } else {
                number.add_with_carry(&distance)
            };
            bytes[start..start + 48].copy_from_slice(&big_endian(&number));
            if start != 96 {
                set_flags(&mut bytes[start], *flags | 0b100);
            }
        }
        Mutation::PlusModulus(coordinate) => {
            let start = COORDINATES[*coordinate];
            let kept = if start == 96 { 0 } else { bytes[start] >> 5 };
            let mut carry = 0;
            for (byte, more) in bytes[start..start + 48].iter_mut().zip(big_endian(&Fq::MODULUS)).rev() {
                let sum = u16::from(*byte) + u16::from(more) + carry;
                (*byte, carry) = (sum as u8, sum >> 8);
            }
            if start != 96 {
                set_flags(&mut bytes[start], kept);
            }
        }
        Mutation::Random(coordinate, random) => {
            let start = COORDINATES[*coordinate];
            bytes[start..start + 48].copy_from_slice(random);
            if start != 96 {
                set_flags(&mut bytes[start], random[0] >> 5 | 0b100);
            }
        }
    }
}

/// Encodings to start from: a proof, and one of identities.
fn honest() -> &'static [[u8; PROOF_BYTES]; 2] {
    static ENCODINGS: OnceLock<[[u8; PROOF_BYTES]; 2]> = OnceLock::new();
    ENCODINGS.get_or_init(|| {
        let nothing = Points { a: G1Affine::identity(), b: G2Affine::identity(), c: G1Affine::identity() };
        [proved(1).2.to_bytes(), Proof::from_points(nothing).unwrap().to_bytes()]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn the_same_encodings_are_proofs(
        which in 0usize..2,
        mutations in prop::collection::vec(mutation(), 1..3),
    ) {
        let mut bytes = honest()[which];
        mutations.iter().for_each(|mutation| apply(mutation, &mut bytes));
        let reference = Proof::from_bytes_with(Pairings::Arkworks, &bytes);
        for pairings in Pairings::ALL {
            prop_assert_eq!(&Proof::from_bytes_with(*pairings, &bytes), &reference, "{}", pairings);
        }
        if let Ok(proof) = reference {
            prop_assert_eq!(proof.to_bytes(), bytes);
        }
    }
}

/// Claims of all kinds: true ones, false ones, proofs with identities, a proof twice.
fn batch(keys: &[PreparedKey; 2], product: &SimulatedKey<Product>, square: &SimulatedKey<Square>, n: u64) -> Batch {
    let mut batch = Batch::new();
    let mut random = rng(n);
    for i in 0..n {
        let x = common::Three([i, 1, 2]);
        let mut points = *product.simulate(&x, &mut random).unwrap().points();
        match i % 7 {
            2 => points.a = G1Affine::identity(),
            3 => points.b = G2Affine::identity(),
            5 => points.c = G1Affine::identity(),
            _ => {}
        }
        let proof = Proof::from_points(points).unwrap();
        batch.add::<Product>(&keys[0], x.clone(), &proof).unwrap();
        let x = common::One(i);
        let proof = square.simulate(&common::One(i + u64::from(i % 5 == 4)), &mut random).unwrap();
        batch.add::<Square>(&keys[1], x, &proof).unwrap();
    }
    batch
}

/// Whatever library verifies, and whichever had prepared the keys.
#[test]
fn the_same_claims_are_false() {
    let (product, square) = (product_key(1), square_key(2));
    let prepare = |pairings| {
        let key = |key: &PreparedKey| PreparedKey::with(pairings, key.key().clone());
        [key(product.key()), key(square.key())]
    };
    let expected = |n: u64| -> Vec<usize> {
        let claims = (0..n).flat_map(|i| [(2 * i, matches!(i % 7, 2 | 3 | 5)), (2 * i + 1, i % 5 == 4)]);
        claims.filter(|(_, wrong)| *wrong).map(|(i, _)| i as usize).collect()
    };
    for n in [0, 1, 2, 3, 21] {
        for of_key in Pairings::ALL {
            for pairings in Pairings::ALL {
                let outcome = batch(&prepare(*of_key), &product, &square, n).verify_with(*pairings, &mut rng(3));
                assert_eq!(outcome.culprits(), expected(n), "{n} claims, {of_key} and {pairings}");
            }
        }
    }
}

#[test]
fn the_same_proofs_verify_alone() {
    let (key, statement, proof) = proved(4);
    let mut other = statement.clone();
    other.0[1] += 1;
    for pairings in Pairings::ALL {
        let key = PreparedKey::with(*pairings, key.key().clone());
        assert!(key.verify::<Product>(statement.clone(), &proof).is_ok(), "{pairings}");
        assert!(key.verify::<Product>(other.clone(), &proof).is_err(), "{pairings}");
        for element in 0..3 {
            let mut points = *proof.points();
            match element {
                0 => points.a = G1Affine::identity(),
                1 => points.b = G2Affine::identity(),
                _ => points.c = G1Affine::identity(),
            }
            let false_one = Proof::from_points(points).unwrap();
            assert!(key.verify::<Product>(statement.clone(), &false_one).is_err(), "{pairings}, {element}");
        }
    }
}
