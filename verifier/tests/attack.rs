//! A prover who sends several crafted proofs at once, a broken source of randomness, and keys that prove everything;
//! `docs/attacks.md` lists the attempts.

mod common;

use ark_bls12_381::{Bls12_381, Fq, G1Affine, G2Affine};
use ark_ec::pairing::{Pairing, PairingOutput};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, Field};
use common::{Product, Three, product_key, proved, rng};
use privity_circuits::Statement;
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::groth16::{Elements, Fr, Points};
use privity_verifier::{Batch, KeyError, PointError, PreparedKey, Proof, ProofError, Refusal, VerifyingKey};
use rand::{CryptoRng, RngCore};

/// A proof whose C is off by `shift`.
fn shifted(key: &SimulatedKey<Product>, x: &Three, shift: G1Affine, seed: u64) -> Proof {
    let mut points = *key.simulate(x, &mut rng(seed)).unwrap().points();
    points.c = (points.c + shift).into();
    Proof::from_points(points).unwrap()
}

/// A source that always says the same.
struct Stuck(u8);

impl RngCore for Stuck {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes([self.0; 4])
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes([self.0; 8])
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand::Error> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl CryptoRng for Stuck {}

/// With randomisers of 0 any batch holds, with equal ones errors that cancel do: a source that fails must not accept either.
#[test]
fn a_stuck_source_accepts_nothing() {
    let key = product_key(1);
    let shift = key.key().key().elements().alpha;
    for stuck in [0, 1, 0xff] {
        let mut batch = Batch::new();
        for (i, shift) in [shift, (-shift).into_group().into_affine()].into_iter().enumerate() {
            let x = Three([i as u64, 1, 1]);
            let proof = shifted(&key, &x, shift, i as u64);
            batch.add::<Product>(key.key(), x, &proof).unwrap();
        }
        let good = Three([5, 5, 5]);
        let proof = key.simulate(&good, &mut rng(9)).unwrap();
        batch.add::<Product>(key.key(), good, &proof).unwrap();
        assert_eq!(batch.verify(&mut Stuck(stuck)).culprits(), [0, 1], "source stuck at {stuck}");
    }
}

/// Errors D, D and −2D, and then under small factors of each other: no subset is taken for true.
#[test]
fn errors_in_a_line_are_all_named() {
    let key = product_key(2);
    let shift = key.key().key().elements().ic[1].into_group();
    let mut batch = Batch::new();
    for (i, factor) in [1i64, 1, -2, 0, 3, -3, 0].into_iter().enumerate() {
        let factor = if factor < 0 { -Fr::from(factor.unsigned_abs()) } else { Fr::from(factor.unsigned_abs()) };
        let x = Three([i as u64, 2, 2]);
        let proof = shifted(&key, &x, (shift * factor).into_affine(), i as u64);
        batch.add::<Product>(key.key(), x, &proof).unwrap();
    }
    assert_eq!(batch.verify(&mut rng(3)).culprits(), [0, 1, 2, 4, 5]);
}

/// Two keys of one set-up under different digests share δ: an error under the one cancels one under the other.
#[test]
fn errors_do_not_cancel_across_keys() {
    let key = product_key(3);
    let elements = key.key().key().elements().clone();
    let shift = elements.alpha;
    let twin = PreparedKey::new(VerifyingKey::new("product.v1", [9; 32], true, 3, elements).unwrap());
    assert_ne!(twin.id(), key.key().id());
    let (x, y) = (Three([1, 1, 1]), Three([2, 2, 2]));
    let mut batch = Batch::new();
    let first = batch.add::<Product>(key.key(), x.clone(), &shifted(&key, &x, shift, 1)).unwrap();
    let second = batch.add::<Product>(&twin, y.clone(), &shifted(&key, &y, -shift, 2)).unwrap();
    let honest = key.simulate(&y, &mut rng(3)).unwrap();
    let third = batch.add::<Product>(&twin, y, &honest).unwrap();
    let outcome = batch.verify(&mut rng(4));
    assert_eq!(outcome.claim(first).unwrap_err(), Refusal::Equation);
    assert_eq!(outcome.claim(second).unwrap_err(), Refusal::Equation);
    assert_eq!(outcome.claim(third).unwrap().key_id(), twin.id(), "the claim names the key it was verified under");
}

/// One false claim many times over, and beside its own negation: (−A, B) and (A, B) of the same proof.
#[test]
fn copies_of_a_false_proof_are_all_named() {
    let key = product_key(4);
    let x = Three([4, 4, 4]);
    let good = key.simulate(&x, &mut rng(1)).unwrap();
    let Points { a, b, c } = *good.points();
    let half = Proof::from_points(Points { a: -a, b, c }).unwrap();
    let both = Proof::from_points(Points { a: -a, b: -b, c }).unwrap();
    let mut batch = Batch::new();
    for proof in [&half, &half, &good, &half, &both] {
        batch.add::<Product>(key.key(), x.clone(), proof).unwrap();
    }
    // (−A, −B) is the same proof in other bytes: whoever keys anything by proof bytes is fooled, the ledger does not.
    assert_eq!(batch.verify(&mut rng(2)).culprits(), [0, 1, 3]);
    assert_ne!(both.to_bytes(), good.to_bytes());
}

/// (0, 2) has order 3: a pairing does not see it, so C + T would be a second proof for whoever skips the subgroup check.
#[test]
fn small_torsion_is_refused_in_every_element() {
    let (key, x, proof) = proved(5);
    let torsion = G1Affine::new_unchecked(Fq::ZERO, Fq::ONE.double());
    assert!(torsion.is_on_curve() && (torsion + torsion + torsion).into_affine().is_zero());
    let Points { a, b, c } = *proof.points();
    let elements = key.key().elements();
    let ic =
        elements.ic[1..].iter().zip(x.public_inputs()).fold(elements.ic[0].into_group(), |sum, (p, k)| sum + *p * k);
    let right = |c: G1Affine| {
        let [first, second] =
            [Bls12_381::pairing(elements.alpha, elements.beta), Bls12_381::pairing(ic, elements.gamma)];
        first + second + Bls12_381::pairing(c, elements.delta)
    };
    let twisted: G1Affine = (c + torsion).into();
    assert_eq!(Bls12_381::pairing(a, b), right(twisted), "the equation alone would take it");
    let refused = ProofError::Point { element: "C", source: PointError::OffSubgroup };
    assert_eq!(Proof::from_points(Points { a, b, c: twisted }), Err(refused));
    let refused = ProofError::Point { element: "A", source: PointError::OffSubgroup };
    assert_eq!(Proof::from_points(Points { a: (a + torsion).into(), b, c }), Err(refused));
}

fn elements() -> Elements {
    product_key(6).key().key().elements().clone()
}

fn ic_of(key: &Elements, x: &Three) -> G1Affine {
    let terms = key.ic[1..].iter().zip(x.public_inputs());
    terms.fold(key.ic[0].into_group(), |sum, (point, k)| sum + *point * k).into_affine()
}

/// e(A, B) = e(α, β)·e(IC, γ)·e(C, δ), taken literally.
fn holds(key: &Elements, x: &Three, proof: &Points) -> bool {
    let right: PairingOutput<Bls12_381> = Bls12_381::pairing(key.alpha, key.beta)
        + Bls12_381::pairing(ic_of(key, x), key.gamma)
        + Bls12_381::pairing(proof.c, key.delta);
    Bls12_381::pairing(proof.a, proof.b) == right
}

/// Where any two of β, γ, δ are equal up to sign, two of the three terms merge and one pairing matches them: δ = ±γ is not alone.
/// β = γ: A = α + IC(x), B = β, C = 0. β = δ: A = IC(x), B = γ, C = −α.
#[test]
fn a_key_with_two_equal_elements_proves_everything() {
    let x = Three([2, 3, 7]);
    let load = |key: Elements| VerifyingKey::new("product.v1", [7; 32], true, 3, key);
    for sign in [false, true] {
        let signed = |point: G2Affine| if sign { -point } else { point };
        let mut key = elements();
        key.beta = signed(key.gamma);
        let ic = ic_of(&key, &x);
        let forged =
            Points { a: (key.alpha + if sign { -ic } else { ic }).into(), b: key.beta, c: G1Affine::identity() };
        assert!(holds(&key, &x, &forged) && Proof::from_points(forged).is_ok());
        assert!(!holds(&elements(), &x, &forged));
        assert_eq!(load(key).unwrap_err(), KeyError::BetaIs { element: "gamma" });

        let mut key = elements();
        key.beta = signed(key.delta);
        let c = if sign { key.alpha } else { -key.alpha };
        let forged = Points { a: ic, b: key.gamma, c };
        assert!(holds(&key, &x, &forged) && Proof::from_points(forged).is_ok());
        assert_eq!(load(key).unwrap_err(), KeyError::BetaIs { element: "delta" });
    }
}

/// A proof of a statement is none of the statement with an input moved by a multiple of another's element, as far as a key shows.
#[test]
fn inputs_are_not_traded() {
    let (key, x, proof) = proved(7);
    for (i, j) in [(0, 1), (1, 2), (2, 0)] {
        let mut other = x.clone();
        other.0.swap(i, j);
        let moved = other != x;
        assert_eq!(key.verify::<Product>(other, &proof).is_err(), moved);
    }
    let ic = &key.key().elements().ic;
    for (index, point) in ic.iter().enumerate() {
        assert!(ic[..index].iter().all(|other| other != point && *other != -*point), "IC has two equal elements");
    }
}
