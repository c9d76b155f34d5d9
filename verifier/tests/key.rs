//! Keys that are refused, key bytes and key ids: pitfalls 1, 14, 15, 18, 26.

mod common;

use ark_bls12_381::{Bls12_381, G1Affine, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use common::{Product, Three, product_key, rng};
use privity_circuits::Statement;
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::groth16::{Elements, Points};
use privity_verifier::{KeyError, KeyId, PointError, Proof, Refusal, VerifyingKey};

type Change = fn(&mut Elements);

fn elements() -> Elements {
    product_key(1).key().key().elements().clone()
}

fn load(elements: Elements) -> Result<VerifyingKey, KeyError> {
    VerifyingKey::new("product.v1", [7; 32], true, 3, elements)
}

/// Pitfall 1: A = α, B = β, C = −IC(x).
#[test]
fn the_skipped_phase_2_forgery() {
    let statement = Three([2, 3, 7]);
    let forge = |key: &Elements| {
        let ic = key.ic[1..]
            .iter()
            .zip(statement.public_inputs())
            .fold(key.ic[0].into_group(), |sum, (ic, x)| sum + *ic * x);
        Points { a: key.alpha, b: key.beta, c: (-ic).into_affine() }
    };
    let holds = |key: &Elements, proof: &Points| {
        let ic = -proof.c;
        Bls12_381::pairing(proof.a, proof.b)
            == Bls12_381::pairing(key.alpha, key.beta)
                + Bls12_381::pairing(ic, key.gamma)
                + Bls12_381::pairing(proof.c, key.delta)
    };
    let honest = elements();
    let mut broken = honest.clone();
    broken.delta = broken.gamma;
    let forged = forge(&broken);
    assert!(holds(&broken, &forged), "the forgery works against such a key");
    assert_eq!(load(broken).unwrap_err(), KeyError::DeltaIsGamma);

    assert!(!holds(&honest, &forged));
    let key = product_key(1);
    let proof = Proof::from_points(forged).unwrap();
    let refusal = key.key().verify::<Product>(statement, &proof).unwrap_err();
    assert_eq!(refusal, Refusal::Equation);
}

#[test]
fn refuses_what_section_7_lists() {
    assert!(load(elements()).is_ok());
    let refused = |change: fn(&mut Elements)| {
        let mut key = elements();
        change(&mut key);
        load(key).unwrap_err()
    };
    assert_eq!(refused(|key| key.delta = -key.gamma), KeyError::DeltaIsGamma);
    assert_eq!(refused(|key| key.delta = G2Affine::generator()), KeyError::DeltaIsGenerator);
    assert_eq!(refused(|key| key.delta = -G2Affine::generator()), KeyError::DeltaIsGenerator);
    let beta_is = |element| KeyError::BetaIs { element };
    assert_eq!(refused(|key| key.beta = key.gamma), beta_is("gamma"));
    assert_eq!(refused(|key| key.beta = -key.delta), beta_is("delta"));
    let phase_1 = |element| KeyError::Phase1 { element };
    assert_eq!(refused(|key| key.alpha = -G1Affine::generator()), phase_1("alpha"));
    assert_eq!(refused(|key| key.beta = G2Affine::generator()), phase_1("beta"));
    let identities: [(Change, &str); 6] = [
        (|key| key.alpha = G1Affine::identity(), "alpha"),
        (|key| key.beta = G2Affine::identity(), "beta"),
        (|key| key.gamma = G2Affine::identity(), "gamma"),
        (|key| key.delta = G2Affine::identity(), "delta"),
        (|key| key.ic[0] = G1Affine::identity(), "IC"),
        (|key| key.ic[3] = G1Affine::identity(), "IC"),
    ];
    for (change, element) in identities {
        assert_eq!(refused(change), KeyError::Identity { element });
    }
    assert_eq!(refused(|key| key.ic.truncate(3)), KeyError::IcLength { expected: 4, found: 3 });
    assert_eq!(refused(|key| key.ic.push(key.alpha)), KeyError::IcLength { expected: 4, found: 5 });
    let source = PointError::OffSubgroup;
    assert_eq!(refused(|key| key.alpha = small_g1()), KeyError::Point { element: "alpha", source });
    assert_eq!(refused(|key| key.ic[2] = small_g1()), KeyError::Point { element: "IC", source });
    let source = PointError::NotOnCurve;
    let off = |key: &mut Elements| key.delta.x += key.delta.y;
    assert_eq!(refused(off), KeyError::Point { element: "delta", source });
    // γ = the generator is the convention of some set-ups and lets nobody forge.
    let mut key = elements();
    key.gamma = G2Affine::generator();
    assert!(load(key).is_ok());
}

/// The same refusals on the way in from bytes.
#[test]
fn bytes_are_checked_too() {
    let key = load(elements()).unwrap();
    let bytes = key.to_bytes();
    assert_eq!(VerifyingKey::from_bytes(&bytes).unwrap(), key);
    let header = 8 + 2 + 1 + "product.v1".len() + 32 + 1 + 4;
    let (gamma, delta, ic) = (header + 48 + 96, header + 48 + 192, header + 48 + 288);
    let mut equal = bytes.clone();
    equal.copy_within(gamma..gamma + 96, delta);
    assert_eq!(VerifyingKey::from_bytes(&equal).unwrap_err(), KeyError::DeltaIsGamma);
    let mut identity = bytes.clone();
    identity[ic..ic + 48].fill(0);
    identity[ic] = 0xc0;
    let refusal = VerifyingKey::from_bytes(&identity).unwrap_err();
    assert_eq!(refusal, KeyError::Identity { element: "IC" });
    let mut newer = bytes.clone();
    newer[9] = 2;
    assert_eq!(VerifyingKey::from_bytes(&newer).unwrap_err(), KeyError::Version { found: 2 });
    let mut mark = bytes.clone();
    mark[header - 5] = 2;
    assert_eq!(VerifyingKey::from_bytes(&mark).unwrap_err(), KeyError::Mark);
    let mut many = bytes.clone();
    many[header - 4] = 0xff;
    assert!(matches!(VerifyingKey::from_bytes(&many), Err(KeyError::Inputs { .. })));
}

#[test]
fn truncated_and_overlong_keys_are_refused() {
    let bytes = load(elements()).unwrap().to_bytes();
    for length in 0..bytes.len() {
        assert!(VerifyingKey::from_bytes(&bytes[..length]).is_err(), "{length}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(VerifyingKey::from_bytes(&longer), Err(KeyError::Length { .. })));
}

/// Each bit of the file is either checked or part of the key id.
#[test]
fn no_flipped_bit_keeps_the_key_id() {
    let key = load(elements()).unwrap();
    let bytes = key.to_bytes();
    for bit in 0..8 * bytes.len() {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        if let Ok(other) = VerifyingKey::from_bytes(&other) {
            assert_ne!(other.id(), key.id(), "bit {bit}");
        }
    }
}

/// Pitfall 26: name, matrices, mark and set-up are all in the id.
#[test]
fn the_id_covers_everything() {
    let ids = [
        VerifyingKey::new("product.v1", [7; 32], true, 3, elements()),
        VerifyingKey::new("product.v2", [7; 32], true, 3, elements()),
        VerifyingKey::new("product.v1", [8; 32], true, 3, elements()),
        VerifyingKey::new("product.v1", [7; 32], false, 3, elements()),
        VerifyingKey::new("product.v1", [7; 32], true, 3, product_key(2).key().key().elements().clone()),
    ]
    .map(|key| key.unwrap().id());
    let distinct: std::collections::BTreeSet<KeyId> = ids.into_iter().collect();
    assert_eq!(distinct.len(), ids.len());
    assert_eq!(ids[0].to_string().parse(), Ok(ids[0]));
    assert_eq!("00".parse::<KeyId>(), Err(KeyError::Id));
    assert_eq!(ids[0].to_string().to_uppercase().parse::<KeyId>(), Err(KeyError::Id));
}

#[test]
fn names_are_plain() {
    for name in ["", "Product", "a/b", "../a", "1a", ".a", &"a".repeat(65), "é"] {
        let refused = VerifyingKey::new(name, [7; 32], true, 3, elements());
        assert_eq!(refused.unwrap_err(), KeyError::Name, "{name}");
    }
}

/// A simulated key is an ordinary one, and its proofs bind their statement.
#[test]
fn simulated_keys_pass_the_ordinary_checks() {
    let key: SimulatedKey<Product> = product_key(3);
    let loaded = VerifyingKey::from_bytes(&key.key().key().to_bytes()).unwrap();
    assert!(loaded.is_development());
    let proof = key.simulate(&Three([1, 2, 3]), &mut rng(9)).unwrap();
    let prepared = privity_verifier::PreparedKey::new(loaded);
    assert!(prepared.verify::<Product>(Three([1, 2, 3]), &proof).is_ok());
    assert!(prepared.verify::<Product>(Three([1, 2, 4]), &proof).is_err());
}

fn small_g1() -> G1Affine {
    (0u64..)
        .filter_map(|x| G1Affine::get_point_from_x_unchecked(x.into(), false))
        .find(|point: &G1Affine| !point.is_in_correct_subgroup_assuming_on_curve())
        .unwrap()
}
