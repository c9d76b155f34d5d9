//! Multiples of one point, and tables put back from their copies, against arkworks.

use ark_bls12_381::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_arith::{Backend, BackendError, FixedBaseG1, FixedBaseG2, Kind, TableG1, TableG2, TableSetting};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// The back ends that run here, the emulated ones among them.
fn backends() -> Vec<Backend> {
    let kinds = [Kind::Portable, Kind::Avx512Ifma, Kind::EmulatedIfma];
    let available = kinds.into_iter().filter_map(|kind| match Backend::forced(kind) {
        Ok(backend) => Some(backend),
        Err(BackendError::Unavailable(_)) => None,
        Err(error) => panic!("{error}"),
    });
    available.collect()
}

/// Both edges of each digit width, of the centred range and of the field, and ordinary ones.
fn scalars(seed: u64) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let half = Fr::from(2).inverse().unwrap();
    let mut scalars = vec![half, half - Fr::ONE, half + Fr::ONE];
    for power in (0..254).step_by(5).chain([252, 253]) {
        let value = Fr::from(2).pow([power]);
        scalars.extend([value, value - Fr::ONE, value + Fr::ONE]);
    }
    scalars.extend((0..20).map(|_| Fr::rand(&mut rng)));
    let negated: Vec<Fr> = scalars.iter().map(|k| -*k).collect();
    [scalars, negated, vec![Fr::ZERO]].concat()
}

#[test]
fn multiples_are_arkworks() {
    // So many multiples are announced that windows of several widths are taken.
    for (count, backend) in backends().into_iter().flat_map(|backend| [(0, backend), (300, backend), (9_000, backend)])
    {
        if count > 300 && backend.kind() == Kind::EmulatedIfma {
            continue;
        }
        let scalars = scalars(count as u64);
        let base = (G1Affine::generator() * Fr::from(7u64)).into_affine();
        let expected: Vec<G1Affine> = scalars.iter().map(|k| (base * k).into_affine()).collect();
        assert_eq!(FixedBaseG1::new(base, count, backend).multiply(&scalars), expected, "{backend}, {count}");
        let base = (G2Affine::generator() * Fr::from(7u64)).into_affine();
        let expected: Vec<G2Affine> = scalars.iter().map(|k| (base * k).into_affine()).collect();
        assert_eq!(FixedBaseG2::new(base, count, backend).multiply(&scalars), expected, "{backend}, {count}");
        assert!(FixedBaseG2::new(base, count, backend).multiply(&[]).is_empty());
    }
}

/// −10501·6·G is one entry of a table, negated, whose y is stored as a little more than 2p on lanes of 52 bits.
#[test]
fn an_entry_near_the_bound_of_stored_values_is_negated() {
    let base = (G1Affine::generator() * Fr::from(6u64)).into_affine();
    let scalar = -Fr::from(10_501u64);
    for kind in [Kind::Portable, Kind::Avx2, Kind::Avx512Ifma] {
        let Ok(backend) = Backend::forced(kind) else {
            continue;
        };
        let found = FixedBaseG1::new(base, 1 << 20, backend).multiply(&[scalar]);
        assert_eq!(found, [(base * scalar).into_affine()], "{backend}");
    }
}

/// A table that one back end made serves another; infinity among the bases stays infinity in each copy.
#[test]
fn copies_travel_between_back_ends() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut g1: Vec<G1Affine> = (0..40).map(|_| G1Projective::rand(&mut rng).into_affine()).collect();
    let mut g2: Vec<G2Affine> = (0..40).map(|_| G2Projective::rand(&mut rng).into_affine()).collect();
    let scalars: Vec<Fr> = (0..40).map(|_| Fr::rand(&mut rng)).collect();
    for infinite in [false, true] {
        if infinite {
            (g1[3], g2[39]) = (G1Affine::identity(), G2Affine::identity());
        }
        for copies in [1, 2, 3, 50] {
            let setting = TableSetting { copies };
            let [layout1, layout2] = [TableG1::layout(40, setting), TableG2::layout(40, setting)];
            let (first, second) = (
                TableG1::new(&g1, setting, Backend::PORTABLE).copies(),
                TableG2::new(&g2, setting, Backend::PORTABLE).copies(),
            );
            assert_eq!((first.len(), second.len()), (40 * layout1.levels as usize, 40 * layout2.levels as usize));
            assert_eq!((&first[..40], &second[..40]), (&g1[..], &g2[..]));
            if layout1.levels > 1 {
                let shifted = g1[7] * Fr::from(2).pow([u64::from(layout1.bits)]);
                assert_eq!(first[47], shifted.into_affine());
            }
            for backend in backends() {
                assert_eq!(TableG1::new(&g1, setting, backend).copies(), first, "{backend}");
                assert_eq!(TableG2::new(&g2, setting, backend).copies(), second, "{backend}");
                let table = TableG1::from_copies(&first, 40, setting, backend).unwrap();
                assert_eq!(table.msm(&scalars), G1Projective::msm_unchecked(&g1, &scalars));
                let table = TableG2::from_copies(&second, 40, setting, backend).unwrap();
                assert_eq!(table.msm(&scalars), G2Projective::msm_unchecked(&g2, &scalars));
                assert!(TableG1::from_copies(&first[1..], 40, setting, backend).is_none());
            }
        }
    }
}
