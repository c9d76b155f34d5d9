//! Gadgets under attack: every solution but the honest one is refused, small widths exhaustively.

use ark_ff::{AdditiveGroup, BigInteger, Field, LegendreSymbol, PrimeField, UniformRand};
use privity_circuits::gadgets::curve::{PublicKeyVar, known_multiple_of_generator};
use privity_circuits::gadgets::{Num, bits, poseidon, schnorr};
use privity_circuits::jubjub::{D, MONTGOMERY_A, Point, Scalar};
use privity_circuits::keys::PublicKey;
use privity_circuits::r1cs::{Cs, Variable};
use privity_circuits::schnorr::{Signature, challenge};
use privity_circuits::{Domain, Fr, field, hash};
use privity_testkit::samples::transfer::{Actor, torsion};
use privity_testkit::{rng, size};
use rand::Rng;

/// A system built by `body` in which some variables have forged values.
fn forged(values: &[(Variable, Fr)], body: impl Fn(&mut Cs)) -> Cs {
    let mut cs = Cs::with_rows();
    for (variable, value) in values {
        cs.forge(*variable, *value);
    }
    body(&mut cs);
    cs
}

fn holds(cs: &Cs) -> bool {
    cs.first_violation().is_none()
}

/// Variables of hints called `name`.
fn hints(cs: &Cs, name: &str) -> Vec<Variable> {
    cs.hints().iter().filter(|(_, n)| *n == name).map(|(v, _)| *v).collect()
}

/// `bits_at_most` over all bounds and values of six bits; at zeros of the bound it proves the booleanity too.
#[test]
fn at_most_is_exact() {
    const WIDTH: usize = 6;
    let mut rng = rng(1);
    for bound in 0u32..1 << WIDTH {
        let limits: Vec<bool> = (0..WIDTH).map(|i| bound >> i & 1 == 1).collect();
        let system = |values: &[Fr]| {
            forged(&[], |cs| {
                let bits: Vec<Num> = values.iter().map(|bit| cs.hint("bit", *bit)).collect();
                for (bit, _) in bits.iter().zip(&limits).filter(|(_, limit)| **limit) {
                    cs.enforce(bit, bit, bit);
                }
                bits::bits_at_most(cs, &bits, &limits);
            })
        };
        for value in 0u32..1 << WIDTH {
            let mut values: Vec<Fr> = (0..WIDTH).map(|i| Fr::from(value >> i & 1)).collect();
            assert_eq!(holds(&system(&values)), value <= bound, "{value} ≤ {bound}");
            for i in 0..WIDTH {
                let honest = values[i];
                for bent in [Fr::from(2u64), -Fr::ONE, Fr::rand(&mut rng)] {
                    values[i] = bent;
                    assert!(!holds(&system(&values)), "bit {i} is {bent}");
                }
                values[i] = honest;
            }
        }
    }
}

/// Truth table of ≥ on four bits; the flag forged, and the bits with it.
#[test]
fn comparison_is_exact() {
    const WIDTH: u32 = 4;
    for a in 0u64..1 << WIDTH {
        for b in 0u64..1 << WIDTH {
            let body = |cs: &mut Cs| {
                let (a, b) = (cs.alloc(Fr::from(a)), cs.alloc(Fr::from(b)));
                bits::at_least(cs, &a, &b, WIDTH);
            };
            let honest = forged(&[], body);
            assert!(holds(&honest));
            let bits = hints(&honest, "bit");
            let flag = bits[WIDTH as usize];
            assert_eq!(honest.assignment()[flag as usize], Fr::from(a >= b));
            for pattern in 0u64..1 << (WIDTH + 1) {
                let value = |i: usize| Fr::from(pattern >> i & 1);
                let lie: Vec<(Variable, Fr)> = bits.iter().enumerate().map(|(i, bit)| (*bit, value(i))).collect();
                let shifted = (1u64 << WIDTH) + a - b;
                assert_eq!(holds(&forged(&lie, body)), pattern == shifted);
            }
        }
    }
}

/// 0, 1, 2^k − 1, 2^k and r − 1 against every width (pitfall 8).
#[test]
fn ranges_are_exact() {
    for width in [1u32, 7, 40, 64, 128, 253, 254] {
        let power = Fr::from(2u64).pow([width.into()]);
        let edges = [(Fr::ZERO, true), (Fr::ONE, true), (power - Fr::ONE, true), (power, false), (-Fr::ONE, false)];
        for (value, fits) in edges {
            let cs = forged(&[], |cs| {
                let x = cs.alloc(value);
                bits::range(cs, &x, width);
            });
            assert_eq!(holds(&cs), fits, "{value} in {width} bits");
        }
    }
}

/// The flag of x = 0 forged together with the inverse.
#[test]
fn zero_flag_is_exact() {
    let mut rng = rng(2);
    for value in [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::rand(&mut rng)] {
        let body = |cs: &mut Cs| {
            let x = cs.alloc(value);
            bits::is_zero(cs, &x);
        };
        let honest = forged(&[], body);
        assert!(holds(&honest));
        let flag = Fr::from(value == Fr::ZERO);
        for inverse in [Fr::ZERO, Fr::ONE, value.inverse().unwrap_or_default(), Fr::rand(&mut rng)] {
            for lie in [Fr::ZERO, Fr::ONE, Fr::from(2u64), inverse] {
                let accepted = holds(&forged(&[(2, inverse), (3, lie)], body));
                assert!(!accepted || lie == flag, "{value} is zero: {lie}");
            }
        }
    }
}

/// Bits of x + r, of 2^255 − 1 and of x ± 2^i say nothing about x.
#[test]
fn canonical_bits_are_unique() {
    let mut rng = rng(3);
    for x in [0u64, 1, 2, rng.r#gen()].map(Fr::from) {
        let body = |cs: &mut Cs| {
            let x = cs.alloc(x);
            bits::canonical(cs, &x);
        };
        let honest = forged(&[], body);
        assert!(holds(&honest));
        let variables = hints(&honest, "bit");
        assert_eq!(variables.len(), 255);
        let mut shifted = x.into_bigint();
        assert!(!shifted.add_with_carry(&Fr::MODULUS) && shifted.num_bits() <= 255);
        let lie: Vec<(Variable, Fr)> =
            variables.iter().enumerate().map(|(i, bit)| (*bit, Fr::from(shifted.get_bit(i)))).collect();
        let cs = forged(&lie, body);
        let sum: Fr = lie.iter().rev().fold(Fr::ZERO, |sum, (_, bit)| sum.double() + bit);
        assert_eq!(sum, x, "the lie is congruent to the truth");
        assert!(!holds(&cs));
        // Forging what the comparison computes does not help either.
        for (variable, name) in cs.hints().iter().filter(|(_, name)| *name == "inverse or 0") {
            let mut more = lie.clone();
            more.extend([(*variable, Fr::ZERO), (*variable + 1, Fr::ONE - cs.assignment()[*variable as usize + 1])]);
            assert!(!holds(&forged(&more, body)), "{name}");
        }
        for pair in variables.windows(2) {
            let z = honest.assignment();
            let (low, high) = (z[pair[0] as usize], z[pair[1] as usize]);
            let split = [(pair[0], low + Fr::from(2u64)), (pair[1], high - Fr::ONE)];
            assert!(!holds(&forged(&split, body)));
        }
    }
}

fn verify(cs: &mut Cs, pk: &PublicKey, prefix: Fr, m: Fr, signature: &Signature) {
    let pk = PublicKeyVar::witness(cs, pk);
    schnorr::verify(cs, &pk, &Num::from_constant(prefix), &Num::from_constant(m), signature);
}

/// A signature over e + r in place of e: where both fit 255 bits (one nonce in ten) only the comparison tells them apart.
#[test]
fn second_encoding_of_a_challenge_is_refused() {
    let mut rng = rng(4);
    // The key whose secret is 1.
    let pk = PublicKey::new_unchecked(Point::generator());
    let (prefix, m) = (Fr::rand(&mut rng), Fr::rand(&mut rng));
    let (mut found, mut tried) = (0, 0);
    while found < size(3, 30) {
        tried += 1;
        let k = Scalar::rand(&mut rng);
        let commitment = Point::generator().mul(&k);
        let e = hash(Domain::Sig, &[commitment.x, commitment.y, prefix, m]);
        let mut wide = e.into_bigint();
        wide.add_with_carry(&Fr::MODULUS);
        if wide.num_bits() > 255 {
            continue;
        }
        found += 1;
        let c = u128::from(wide.0[0]) | u128::from(wide.0[1]) << 64;
        assert_ne!(c, challenge(&commitment, prefix, m));
        let signature = Signature { c, s: k + Scalar::from(c) };
        assert!(!signature.verify(&pk, prefix, m));
        let body = |cs: &mut Cs| verify(cs, &pk, prefix, m, &signature);
        let variables = hints(&forged(&[], body), "bit");
        let lie: Vec<(Variable, Fr)> =
            variables.iter().enumerate().map(|(i, bit)| (*bit, Fr::from(wide.get_bit(i)))).collect();
        let cs = forged(&lie, body);
        assert!(!holds(&cs));
        // All else holds: without the comparison this would be a second signature.
        let broken: Vec<_> = cs.rows().iter().filter(|row| row.residue(cs.assignment()) != Fr::ZERO).collect();
        let squares = broken.iter().all(|row| row.c.terms().is_empty() && row.b.terms().len() == 1);
        assert!(squares, "only rows of the comparison refuse it");
    }
    println!("second encodings: {found} in {tried} nonces");
}

/// Every torsion point is refused as a key, and a key with a torsion part multiplies as it should.
#[test]
fn torsion_keys() {
    let mut rng = rng(5);
    let eighth = torsion(1, &mut rng);
    for k in 0..8u64 {
        let small = eighth.mul_integer(&[k]);
        let cs = forged(&[], |cs| {
            PublicKeyVar::witness(cs, &PublicKey::new_unchecked(small));
        });
        assert!(!holds(&cs), "torsion {k}");
        let mixed = PublicKey::new_unchecked(Actor::random(&mut rng).pk.point() + small);
        for scalar in [0u128, 1, 2, 3, 7, 8, u128::MAX, u128::MAX - 1, 1 << 127, rng.r#gen()] {
            let mut out = (Fr::ZERO, Fr::ZERO);
            let mut cs = Cs::with_rows();
            let key = PublicKeyVar::witness(&mut cs, &mixed);
            let scalar_bits: Vec<Num> = (0..128).map(|i| bits::boolean(&mut cs, scalar >> i & 1 == 1)).collect();
            let product = key.mul(&mut cs, &scalar_bits);
            assert!(holds(&cs), "{scalar}·(P + {k}·T)");
            let native = mixed.point().mul_integer(&[scalar as u64, (scalar >> 64) as u64]);
            (out.0, out.1) = (product.x.value(), product.y.value());
            assert_eq!(out, (native.x, native.y));
        }
    }
}

/// Off-curve keys are refused, however the inverse is chosen.
#[test]
fn off_curve_keys() {
    let mut rng = rng(6);
    for _ in 0..size(50, 1000) {
        let point = Point { x: Fr::rand(&mut rng), y: Fr::rand(&mut rng) };
        let cs = forged(&[], |cs| {
            PublicKeyVar::witness(cs, &PublicKey::new_unchecked(point));
        });
        assert!(!holds(&cs));
    }
}

/// What makes the formulas complete: −1 is a square and d is none, so the Edwards addition has no exception; A − 2 is no square, so
/// no point has u = −1.
#[test]
fn completeness_of_the_formulas() {
    assert_eq!((-Fr::ONE).legendre(), LegendreSymbol::QuadraticResidue);
    assert_eq!(D.legendre(), LegendreSymbol::QuadraticNonResidue);
    assert_eq!((MONTGOMERY_A - Fr::from(2u64)).legendre(), LegendreSymbol::QuadraticNonResidue);
    // A² − 4 is no square: (0, 0) is the only point of order 2 on the Montgomery form.
    let four = Fr::from(4u64);
    assert_eq!((MONTGOMERY_A.square() - four).legendre(), LegendreSymbol::QuadraticNonResidue);
}

/// Whatever signs and entries a prover picks in the windows, the result is a multiple of G in the prime subgroup; a point that is in
/// no table is refused.
#[test]
fn fixed_base_yields_multiples_only() {
    let mut rng = rng(7);
    let s = Scalar::rand(&mut rng);
    let result = core::cell::Cell::new((Fr::ZERO, Fr::ZERO));
    let body = |cs: &mut Cs| {
        let point = known_multiple_of_generator(cs, &s);
        result.set((point.x.value(), point.y.value()));
    };
    let honest = forged(&[], body);
    let (u, v) = (hints(&honest, "window u"), hints(&honest, "window v"));
    let z = honest.assignment();
    for window in 0..u.len() {
        let negated = forged(&[(v[window], -z[v[window] as usize])], body);
        assert!(holds(&negated), "the sign of a digit is the prover's");
        let (x, y) = result.get();
        assert!(Point { x, y }.is_in_prime_subgroup());
        // Another point of the curve: twice the window's, as u of an even multiple is in no table of odd ones.
        let other = Point::generator().mul(&Scalar::rand(&mut rng)).to_montgomery();
        assert!(!holds(&forged(&[(u[window], other.0), (v[window], other.1)], body)), "window {window}");
    }
    let (x, y) = (hints(&honest, "window x"), hints(&honest, "window y"));
    let off = Point::generator().mul(&Scalar::rand(&mut rng));
    assert!(!holds(&forged(&[(x[0], off.x), (y[0], off.y)], body)));
    assert!(!holds(&forged(&[(y[0], -z[y[0] as usize])], body)), "−y is another point");
}

/// H in the circuit is H outside, for every number of inputs.
#[test]
fn hashes_agree() {
    let mut rng = rng(8);
    for length in 1..=13 {
        let inputs: Vec<Fr> = (0..length).map(|_| Fr::rand(&mut rng)).collect();
        let mut cs = Cs::with_rows();
        let variables: Vec<Num> = inputs.iter().map(|x| cs.alloc(*x)).collect();
        let digest = poseidon::hash(&mut cs, Domain::Terms, &variables);
        assert!(holds(&cs));
        assert_eq!(digest.value(), hash(Domain::Terms, &inputs));
        assert_eq!(digest.lc().evaluate(cs.assignment()), digest.value(), "the row's form has the value it shows");
    }
}

/// c are the low bits of e, h the others.
#[test]
fn challenge_splits() {
    let mut rng = rng(9);
    for _ in 0..100 {
        let e = Fr::rand(&mut rng);
        let (low, high) = field::split_128(&e);
        assert_eq!(Fr::from(low) + Fr::from(2u64).pow([128]) * Fr::from(high), e);
        assert!(high < 1 << 127);
    }
}
