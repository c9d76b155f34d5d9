//! Each library against arkworks' own functions, in values and in what it refuses.

use super::*;
use crate::groth16::Bls12_381;
use ark_bls12_381::{Fq, Fq12, g1};
use ark_ec::pairing::Pairing;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, PrimeField, UniformRand};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn g1_point(rng: &mut ChaCha20Rng) -> G1Affine {
    (G1Projective::generator() * Fr::rand(rng)).into_affine()
}

fn g2_point(rng: &mut ChaCha20Rng) -> G2Affine {
    (G2Affine::generator() * Fr::rand(rng)).into_affine()
}

/// Any point of the curve; hardly ever of order r.
fn any_point<P: SWCurveConfig>(rng: &mut ChaCha20Rng) -> Affine<P> {
    loop {
        if let Some(point) = Affine::get_point_from_x_unchecked(P::BaseField::rand(rng), rng.gen_bool(0.5)) {
            return point;
        }
    }
}

/// A point whose order is the prime q, given the largest power qᵏ that divides the cofactor.
fn small_order<P: SWCurveConfig<ScalarField = Fr>>(q: u64, k: u32, rng: &mut ChaCha20Rng) -> Affine<P> {
    let order = multiply(P::COFACTOR, &Fr::MODULUS.0);
    let factor = (0..k).fold(order, |words, _| divide(&words, q));
    loop {
        let mut point = any_point::<P>(rng).mul_bigint(&factor).into_affine();
        while !point.is_zero() {
            let next = point.mul_bigint([q]).into_affine();
            if next.is_zero() {
                return point;
            }
            point = next;
        }
    }
}

fn multiply(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut product = alloc::vec![0; a.len() + b.len()];
    for (i, x) in a.iter().enumerate() {
        let mut carry = 0u128;
        for (j, y) in b.iter().enumerate() {
            carry += u128::from(product[i + j]) + u128::from(*x) * u128::from(*y);
            product[i + j] = carry as u64;
            carry >>= 64;
        }
        product[i + b.len()] = carry as u64;
    }
    product
}

fn divide(a: &[u64], q: u64) -> Vec<u64> {
    let mut rest = 0u128;
    let mut quotient: Vec<u64> = a
        .iter()
        .rev()
        .map(|word| {
            rest = rest << 64 | u128::from(*word);
            let digit = rest / u128::from(q);
            rest %= u128::from(q);
            digit as u64
        })
        .collect();
    assert_eq!(rest, 0);
    quotient.reverse();
    quotient
}

fn pairs<L: Library>(points: &[(G1Affine, G2Affine)]) -> Vec<(G1Affine, L::G2)> {
    points.iter().map(|(p, q)| (*p, L::prepare(q))).collect()
}

/// Pairs whose pairings' product is 1, identities among them: (aᵢ·G, bᵢ·H) and (−Σaᵢbᵢ·G, H).
fn balanced(n: usize, rng: &mut ChaCha20Rng) -> Vec<(G1Affine, G2Affine)> {
    let mut sum = Fr::ZERO;
    let mut points: Vec<_> = (0..n)
        .map(|_| {
            let (a, b) = (Fr::rand(rng), Fr::rand(rng));
            sum += a * b;
            ((G1Affine::generator() * a).into(), (G2Affine::generator() * b).into())
        })
        .collect();
    points.push(((G1Affine::generator() * -sum).into(), G2Affine::generator()));
    points.push((G1Affine::identity(), g2_point(rng)));
    points.insert(0, (g1_point(rng), G2Affine::identity()));
    points
}

#[test]
fn the_loop_is_arks() {
    let mut rng = rng(1);
    for n in [0, 1, 2, 5, 17] {
        let points = balanced(n, &mut rng);
        let (p, q): (Vec<_>, Vec<_>) = points.iter().copied().unzip();
        let value: Fq12 = Arkworks::miller(&pairs::<Arkworks>(&points));
        assert_eq!(value, Bls12_381::multi_miller_loop(p, q).0);
    }
}

#[test]
fn balanced_pairs_give_one_and_no_others() {
    for pairings in Pairings::ALL {
        with_library!(*pairings, L => {
            let mut rng = rng(2);
            for n in [0, 1, 2, 15, 16, 17, 40] {
                let mut points = balanced(n, &mut rng);
                assert!(L::is_one(&miller::<L>(&pairs::<L>(&points))), "{pairings}, {n}");
                let last = points.len() - 2;
                points[last].0 = (points[last].0 + G1Affine::generator()).into();
                assert!(!L::is_one(&miller::<L>(&pairs::<L>(&points))), "{pairings}, {n}");
            }
            assert!(L::is_one(&miller::<L>(&[])));
            let only = [(G1Affine::identity(), g2_point(&mut rng)), (g1_point(&mut rng), G2Affine::identity())];
            assert!(only.iter().all(|pair| L::is_one(&L::miller(&pairs::<L>(&[*pair])))));
        });
    }
}

#[test]
fn sums_agree() {
    for pairings in Pairings::ALL {
        with_library!(*pairings, L => {
            let mut rng = rng(3);
            for n in [0, 1, 2, 3, 31, 32, 65, 128] {
                let mut points: Vec<_> = (0..n).map(|_| g1_point(&mut rng)).collect();
                let mut scalars: Vec<_> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
                let mut words: Vec<u64> = (0..n).map(|_| rng.r#gen()).collect();
                if n > 2 {
                    points[0] = G1Affine::identity();
                    (points[1], scalars[1], words[1]) = (points[2], scalars[2], words[2]);
                    (points[n - 1], scalars[n - 1], words[n - 1]) = (-points[2], -Fr::from(1u64), u64::MAX);
                    (scalars[n / 2], words[n / 2]) = (Fr::ZERO, 0);
                }
                let naive = |scalars: &[Fr]| points.iter().zip(scalars).map(|(p, s)| *p * *s).sum::<G1Projective>();
                assert_eq!(L::sum(&points, &scalars), naive(&scalars), "{pairings}, {n}");
                let wide: Vec<_> = words.iter().map(|word| Fr::from(*word)).collect();
                assert_eq!(L::short_sum(&points, &words), naive(&wide), "{pairings}, {n}");
            }
            let point = g1_point(&mut rng);
            assert!(L::short_sum(&[point, -point], &[7, 7]).into_affine().is_zero());
        });
    }
}

/// Order r, small orders, points anywhere on the curve, the identity.
#[test]
fn subgroups_agree() {
    let mut rng = rng(4);
    let torsion = Affine::<g1::Config>::new_unchecked(Fq::ZERO, Fq::from(2u64));
    let mut ones = alloc::vec![(G1Affine::identity(), true), (torsion, false), (-torsion, false)];
    for q in [11, 10_177, 859_267, 52_437_899] {
        let small: G1Affine = small_order(q, 2, &mut rng);
        ones.extend([(small, false), ((small + g1_point(&mut rng)).into(), false)]);
    }
    ones.extend((0..8).map(|_| (g1_point(&mut rng), true)));
    ones.extend((0..8).map(|_| (any_point(&mut rng), false)));
    let mut twos = alloc::vec![(G2Affine::identity(), true)];
    for (q, k) in [(13, 2), (23, 2), (2713, 1), (11_953, 1), (262_069, 1)] {
        let small: G2Affine = small_order(q, k, &mut rng);
        twos.extend([(small, false), ((small + G2Affine::generator()).into(), false)]);
    }
    twos.extend((0..8).map(|_| (g2_point(&mut rng), true)));
    twos.extend((0..8).map(|_| (any_point(&mut rng), false)));
    for pairings in Pairings::ALL {
        with_library!(*pairings, L => {
            for (i, (point, inside)) in ones.iter().enumerate() {
                assert_eq!(L::in_g1(point), *inside, "{pairings}, G1 {i}");
                let decoded = if *inside { Ok(*point) } else { Err(PointError::OffSubgroup) };
                assert_eq!(L::g1(&crate::point::encode(point)), decoded, "{pairings}, G1 {i}");
            }
            for (i, (point, inside)) in twos.iter().enumerate() {
                assert_eq!(L::in_g2(point), *inside, "{pairings}, G2 {i}");
                let decoded = if *inside { Ok(*point) } else { Err(PointError::OffSubgroup) };
                assert_eq!(L::g2(&crate::point::encode(point)), decoded, "{pairings}, G2 {i}");
            }
        });
    }
}
