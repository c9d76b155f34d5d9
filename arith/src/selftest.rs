//! Each vector back end against the portable one, once per process, before its first use.

use alloc::vec::Vec;

use ark_bls12_381::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field};

use crate::backend::Backend;
use crate::curve::{Curve, G1, G2};
use crate::ntt::{Coset, Domain};
use crate::table::variable;

/// Whether the back end gives the portable results. The answer is kept.
#[cfg(feature = "std")]
pub(crate) fn passed(backend: Backend) -> bool {
    use std::sync::OnceLock;

    use crate::backend::Kind;

    static ANSWERS: [OnceLock<bool>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let place = Kind::ALL.iter().position(|kind| *kind == backend.kind()).unwrap_or_default();
    // Not within `get_or_init`: a thread of a pool that waits for a part of this test may take up a task that asks for the same answer.
    if let Some(answer) = ANSWERS[place].get() {
        return *answer;
    }
    let answer = all_agree(backend);
    *ANSWERS[place].get_or_init(|| answer)
}

/// Whether the back end gives the portable results.
#[cfg(not(feature = "std"))]
pub(crate) fn passed(backend: Backend) -> bool {
    all_agree(backend)
}

fn all_agree(backend: Backend) -> bool {
    agrees::<G1>(backend, G1Affine::generator())
        && agrees::<G2>(backend, G2Affine::generator())
        && transforms_agree(backend)
}

/// Products of polynomials on a domain long enough for every lane, with an odd part; values at the edges among them.
fn transforms_agree(backend: Backend) -> bool {
    let Some(domain) = Domain::of_size(3 << 7) else {
        return false;
    };
    let next = |value: &Fr| Some(value.square() + Fr::from(5_u64));
    let value = |(index, value): (usize, Fr)| match index % 8 {
        5 => Fr::ZERO,
        6 => -Fr::ONE,
        7 => Fr::ONE,
        _ => value,
    };
    let values = |seed: u64| -> Vec<Fr> {
        let powers = core::iter::successors(Some(Fr::from(seed).inverse().unwrap_or(Fr::ONE)), next);
        powers.take(domain.size()).enumerate().map(value).collect()
    };
    let (a, b) = (values(3), values(7));
    let product = |lanes| Coset::new(domain.clone(), lanes).product(a.clone(), &b);
    product(backend) == product(Backend::PORTABLE)
}

/// Sums over points that meet each other, their negatives and infinity, with scalars at the edges.
fn agrees<C: Curve>(backend: Backend, generator: C::Affine) -> bool {
    let mut bases = Vec::new();
    let mut scalars = Vec::new();
    let mut point = generator.into_group();
    let mut scalar = Fr::from(0x9e37_79b9_7f4a_7c15_u64).inverse().unwrap_or(Fr::ONE);
    for index in 0..96_u64 {
        bases.push(match index % 16 {
            13 => C::Affine::zero(),
            14 => (-point).into_affine(),
            15 => generator,
            _ => point.into_affine(),
        });
        scalars.push(match index % 12 {
            8 => Fr::ZERO,
            9 => Fr::ONE,
            10 => -Fr::ONE,
            11 => Fr::from(index),
            _ => scalar,
        });
        point = point.double() + generator;
        scalar = scalar.square() + Fr::from(index);
    }
    variable::<C>(backend, &bases, &scalars).0 == variable::<C>(Backend::PORTABLE, &bases, &scalars).0
}
