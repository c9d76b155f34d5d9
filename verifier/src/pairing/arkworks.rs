//! arkworks: the reference, for every target.

use super::{KeyPairs, Library, Prepared};
use crate::groth16::{Bls12_381, Fr, G1Affine, G2Affine};
use crate::point::{self, PointError};
use alloc::vec::Vec;
use ark_bls12_381::{Config, Fq2, Fq12, G1Projective};
use ark_ec::bls12::Bls12Config;
use ark_ec::pairing::{MillerLoopOutput, Pairing};
use ark_ec::{AffineRepr, VariableBaseMSM};
use ark_ff::{BitIteratorBE, CyclotomicMultSubgroup, Field, One};
use core::slice::Iter;

/// The library's name as a type.
#[derive(Clone)]
pub(crate) struct Arkworks;

type G2Prepared = <Bls12_381 as Pairing>::G2Prepared;

impl Library for Arkworks {
    type G2 = G2Prepared;
    type Target = Fq12;

    fn g1(bytes: &[u8]) -> Result<G1Affine, PointError> {
        point::decode(bytes)
    }

    fn g2(bytes: &[u8]) -> Result<G2Affine, PointError> {
        point::decode(bytes)
    }

    fn in_g1(point: &G1Affine) -> bool {
        point.is_in_correct_subgroup_assuming_on_curve()
    }

    fn in_g2(point: &G2Affine) -> bool {
        point.is_in_correct_subgroup_assuming_on_curve()
    }

    fn sum(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
        G1Projective::msm_unchecked(points, scalars)
    }

    fn short_sum(points: &[G1Affine], scalars: &[u64]) -> G1Projective {
        G1Projective::msm_u64(points, scalars)
    }

    fn prepare(point: &G2Affine) -> G2Prepared {
        (*point).into()
    }

    /// One squaring per step for all pairs: arkworks' own loop makes one for each four of them.
    fn miller(pairs: &[(G1Affine, G2Prepared)]) -> Fq12 {
        let finite = |(p, q): &&(G1Affine, G2Prepared)| !p.is_zero() && !q.is_zero();
        let mut lines: Vec<_> = pairs.iter().filter(finite).map(|(p, q)| (p, q.ell_coeffs.iter())).collect();
        let mut f = Fq12::one();
        for bit in BitIteratorBE::without_leading_zeros(Config::X).skip(1) {
            f.square_in_place();
            for _ in 0..=u8::from(bit) {
                lines.iter_mut().for_each(|(p, lines)| multiply_by_line(&mut f, p, lines));
            }
        }
        if Config::X_IS_NEGATIVE {
            f.cyclotomic_inverse_in_place();
        }
        f
    }

    fn multiply(one: &Fq12, other: &Fq12) -> Fq12 {
        *one * other
    }

    fn is_one(value: &Fq12) -> bool {
        Bls12_381::final_exponentiation(MillerLoopOutput(*value)).is_some_and(|pairing| pairing.0.is_one())
    }

    fn held(prepared: &Prepared) -> Option<&KeyPairs<Self>> {
        match prepared {
            Prepared::Arkworks(pairs) => Some(&**pairs),
            #[cfg(all(feature = "blst", not(target_family = "wasm")))]
            Prepared::Blst(..) => None,
        }
    }
}

/// Multiplies `f` by the next line's value at `p`.
fn multiply_by_line(f: &mut Fq12, p: &G1Affine, lines: &mut Iter<(Fq2, Fq2, Fq2)>) {
    let Some((constant, by_x, by_y)) = lines.next() else { return };
    let (mut by_x, mut by_y) = (*by_x, *by_y);
    by_x.mul_assign_by_fp(&p.x);
    by_y.mul_assign_by_fp(&p.y);
    f.mul_by_014(constant, &by_x, &by_y);
}
