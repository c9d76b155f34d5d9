//! Every back end's multi-scalar multiplication against arkworks.

use ark_bls12_381::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_arith::{Backend, BackendError, Counters, Kind, TableG1, TableG2, TableSetting, msm_g1, msm_g2};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// The back ends that run here, the emulated ones among them.
fn backends() -> Vec<Backend> {
    Kind::ALL
        .into_iter()
        .filter_map(|kind| match Backend::forced(kind) {
            Ok(backend) => Some(backend),
            Err(BackendError::Unavailable(_)) => None,
            Err(error) => panic!("{error}"),
        })
        .collect()
}

/// `length` points with infinity, repetitions and opposite points among them.
fn points<P: CurveGroup>(rng: &mut ChaCha20Rng, length: usize) -> Vec<P::Affine> {
    let mut points: Vec<P::Affine> = Vec::new();
    for index in 0..length {
        let earlier = if index == 0 { P::Affine::zero() } else { points[rng.gen_range(0..index)] };
        points.push(match rng.gen_range(0..12) {
            0 => P::Affine::zero(),
            1 => earlier,
            2 => (-earlier.into_group()).into_affine(),
            _ => P::rand(rng).into_affine(),
        });
    }
    points
}

/// `length` scalars: full, short, zero, one, and the edges of r.
fn scalars(rng: &mut ChaCha20Rng, length: usize) -> Vec<Fr> {
    (0..length)
        .map(|_| match rng.gen_range(0..10) {
            0 => Fr::ZERO,
            1 => Fr::ONE,
            2 => -Fr::ONE,
            3 => Fr::from(rng.gen_range(0..256_u64)),
            4 => Fr::from(rng.r#gen::<u64>()),
            5 => -Fr::from(rng.r#gen::<u64>()),
            6 => Fr::from(2).inverse().unwrap() + Fr::from(rng.gen_range(0..3_u64)) - Fr::ONE,
            _ => Fr::rand(rng),
        })
        .collect()
}

fn check(bases: (&[G1Affine], &[G2Affine]), scalars: &[Fr]) {
    let length = bases.0.len().min(scalars.len());
    let g1 = G1Projective::msm_unchecked(&bases.0[..length], &scalars[..length]);
    let g2 = G2Projective::msm_unchecked(&bases.1[..length], &scalars[..length]);
    for backend in backends() {
        assert_eq!(msm_g1(backend, bases.0, scalars), g1, "{backend}, G1, {length}");
        assert_eq!(msm_g2(backend, bases.1, scalars), g2, "{backend}, G2, {length}");
        // Emulated instructions are slow.
        let emulated = matches!(backend.kind(), Kind::EmulatedIfma | Kind::EmulatedAvx2);
        for copies in if emulated { 3..=3 } else { 1..=4 } {
            let copies = if copies == 4 { 64 } else { copies };
            let setting = TableSetting { copies };
            let table = TableG1::new(bases.0, setting, backend);
            assert_eq!(table.msm(scalars), g1, "{backend}, G1 table of {copies}, {length}");
            let table = TableG2::new(bases.1, setting, backend);
            assert_eq!(table.msm(scalars), g2, "{backend}, G2 table of {copies}, {length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_points_and_scalars(seed: u64, length in 0_usize..80, more in 0_usize..3) {
        let rng = &mut ChaCha20Rng::seed_from_u64(seed);
        let (g1, g2) = (points::<G1Projective>(rng, length), points::<G2Projective>(rng, length));
        check((&g1, &g2), &scalars(rng, length + more));
    }
}

#[test]
fn lengths_around_powers_of_two() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    for length in [0, 1, 2, 3, 7, 8, 9, 31, 32, 33, 63, 64, 65] {
        let (g1, g2) = (points::<G1Projective>(rng, length), points::<G2Projective>(rng, length));
        check((&g1, &g2), &scalars(rng, length));
    }
}

#[test]
fn one_scalar_for_all_and_one_point_for_all() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let (g1, g2) = (points::<G1Projective>(rng, 100), points::<G2Projective>(rng, 100));
    let (one1, one2) = (vec![G1Affine::generator(); 100], vec![G2Affine::generator(); 100]);
    let half = Fr::from(2).inverse().unwrap();
    for scalar in [Fr::ZERO, Fr::ONE, Fr::from(2), -Fr::ONE, half, -half, half - Fr::ONE, Fr::rand(rng)] {
        check((&g1, &g2), &[scalar; 100]);
        check((&one1, &one2), &[scalar; 100]);
    }
    check((&one1, &one2), &scalars(rng, 100));
    check((&[G1Affine::zero(); 9], &[G2Affine::zero(); 9]), &scalars(rng, 9));
}

#[test]
fn sums_that_vanish_half_way() {
    // In bucket 1: P − P + P − P …, and (P − P) + Q: infinity meets infinity and a point.
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let (mut g1, mut g2) = (Vec::new(), Vec::new());
    for index in 0..24 {
        let (p, q) = (G1Projective::rand(rng), G2Projective::rand(rng));
        g1.extend([p, if index % 3 == 0 { G1Projective::rand(rng) } else { -p }]);
        g2.extend([q, if index % 3 == 0 { G2Projective::rand(rng) } else { -q }]);
    }
    let (g1, g2) = (G1Projective::normalize_batch(&g1), G2Projective::normalize_batch(&g2));
    check((&g1, &g2), &[Fr::ONE; 48]);
    check((&g1, &g2), &[Fr::from(0x1_0001_0001_u64); 48]);
    check((&g1[2..6], &g2[2..6]), &[Fr::ONE; 4]);
}

/// More than one batch and more than one group of buckets.
#[test]
fn many_points() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    let length = if std::env::var_os("PRIVITY_LONG").is_some() { (1 << 16) + 1 } else { (1 << 12) + 1 };
    let some = points::<G1Projective>(rng, 500);
    let g1: Vec<_> = (0..length).map(|index| some[(index * index) % some.len()]).collect();
    let random: Vec<Fr> = (0..length).map(|_| Fr::rand(rng)).collect();
    let ones = vec![Fr::ONE; length];
    for values in [&random, &ones, &scalars(rng, length)] {
        let expected = G1Projective::msm_unchecked(&g1, values);
        for backend in backends() {
            assert_eq!(msm_g1(backend, &g1, values), expected, "{backend}");
        }
    }
}

/// Additions and inversions per multiplication: a change of the algorithm shows here, not on a clock.
#[test]
fn operations_stay_few() {
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let bases: Vec<_> = (0..1 << 12).map(|_| G1Projective::rand(rng)).collect();
    let bases = G1Projective::normalize_batch(&bases);
    let scalars: Vec<Fr> = bases.iter().map(|_| Fr::rand(rng)).collect();
    let (sum, counters) = TableG1::new(&bases, TableSetting::default(), Backend::PORTABLE).msm_counted(&scalars);
    assert_eq!(sum, G1Projective::msm_unchecked(&bases, &scalars));
    let Counters { additions, multiplications, inversions, complete_batches } = counters;
    assert_eq!((multiplications, complete_batches), (6 * additions, 0));
    assert!(additions < 24 << 12, "{additions}");
    assert!(inversions < additions / 1_000, "{inversions} for {additions}");
    for backend in backends() {
        let table = TableG1::new(&bases, TableSetting::default(), backend);
        assert_eq!(table.msm_counted(&scalars).1, counters, "{backend}");
    }
}

#[test]
fn names_and_refusals() {
    for kind in Kind::ALL {
        assert_eq!(kind.name().parse(), Ok(kind));
    }
    assert_eq!("neon".parse::<Kind>(), Err(BackendError::Unknown("neon".into())));
    assert!(backends().contains(&Backend::detect()));
    assert!(Backend::detect_with_warnings().refused.is_none());
}
