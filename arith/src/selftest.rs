//! Each vector back end against the portable one, once per process, before its first use.

use alloc::vec::Vec;

use ark_bls12_381::{Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field};

use crate::backend::Backend;
use crate::curve::{Curve, G1, G2};
use crate::table::variable;

/// Whether the back end gives the portable results. The answer is kept.
#[cfg(feature = "std")]
pub(crate) fn passed(backend: Backend) -> bool {
    use std::sync::OnceLock;

    use crate::backend::Kind;

    static ANSWERS: [OnceLock<bool>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let place = Kind::ALL.iter().position(|kind| *kind == backend.kind()).unwrap_or_default();
    *ANSWERS[place]
        .get_or_init(|| agrees::<G1>(backend, G1Affine::generator()) && agrees::<G2>(backend, G2Affine::generator()))
}

/// Whether the back end gives the portable results.
#[cfg(not(feature = "std"))]
pub(crate) fn passed(backend: Backend) -> bool {
    agrees::<G1>(backend, G1Affine::generator()) && agrees::<G2>(backend, G2Affine::generator())
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
