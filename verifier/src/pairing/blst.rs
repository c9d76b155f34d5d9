//! blst. Both libraries keep an element of Fq as six words in Montgomery form with R = 2³⁸⁴ and a point in Jacobian coordinates, so
//! that points pass from one to the other word for word. Its loops know no identity: pairs and summands with one are dropped here.

use super::{KeyPairs, Library, Prepared};
use crate::groth16::{Fr, G1Affine, G2Affine};
use crate::point::PointError;
use alloc::vec::Vec;
use ark_bls12_381::{Fq, Fq2, G1Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use blst::{BLST_ERROR, MultiPoint, blst_fp, blst_fp2, blst_fp12, blst_p1_affine, blst_p2_affine, min_pk, min_sig};

/// The library's name as a type.
#[derive(Clone)]
pub(crate) struct Blst;

impl Library for Blst {
    type G2 = blst_p2_affine;
    type Target = blst_fp12;

    fn g1(bytes: &[u8]) -> Result<G1Affine, PointError> {
        let signature = min_sig::Signature::uncompress(bytes).map_err(refusal)?;
        if !signature.subgroup_check() {
            return Err(PointError::OffSubgroup);
        }
        let point = blst_p1_affine::from(signature);
        let (x, y) = (from_fp(point.x), from_fp(point.y));
        Ok(if is_identity(bytes) { G1Affine::identity() } else { G1Affine::new_unchecked(x, y) })
    }

    fn g2(bytes: &[u8]) -> Result<G2Affine, PointError> {
        let signature = min_pk::Signature::uncompress(bytes).map_err(refusal)?;
        if !signature.subgroup_check() {
            return Err(PointError::OffSubgroup);
        }
        let point = blst_p2_affine::from(signature);
        let (x, y) = (from_fp2(point.x), from_fp2(point.y));
        Ok(if is_identity(bytes) { G2Affine::identity() } else { G2Affine::new_unchecked(x, y) })
    }

    fn in_g1(point: &G1Affine) -> bool {
        min_sig::Signature::from(p1(point)).subgroup_check()
    }

    fn in_g2(point: &G2Affine) -> bool {
        min_pk::Signature::from(Self::prepare(point)).subgroup_check()
    }

    fn sum(points: &[G1Affine], scalars: &[Fr]) -> G1Projective {
        let words = scalars.iter().map(|scalar| scalar.into_bigint().0);
        sum(points, words, Fr::MODULUS_BIT_SIZE as usize)
    }

    fn short_sum(points: &[G1Affine], scalars: &[u64]) -> G1Projective {
        sum(points, scalars.iter().map(|word| [*word]), u64::BITS as usize)
    }

    fn prepare(point: &G2Affine) -> blst_p2_affine {
        point.xy().map_or_else(Default::default, |(x, y)| blst_p2_affine { x: fp2(x), y: fp2(y) })
    }

    fn miller(pairs: &[(G1Affine, blst_p2_affine)]) -> blst_fp12 {
        let finite = pairs.iter().filter(|(p, q)| !p.is_zero() && *q != blst_p2_affine::default());
        let (p, q): (Vec<_>, Vec<_>) = finite.map(|(p, q)| (p1(p), *q)).unzip();
        if p.is_empty() { blst_fp12::default() } else { blst_fp12::miller_loop_n(&q, &p) }
    }

    fn multiply(one: &blst_fp12, other: &blst_fp12) -> blst_fp12 {
        *one * *other
    }

    fn is_one(value: &blst_fp12) -> bool {
        value.final_exp() == blst_fp12::default()
    }

    fn held(prepared: &Prepared) -> Option<&KeyPairs<Self>> {
        match prepared {
            Prepared::Blst(pairs) => Some(&**pairs),
            Prepared::Arkworks(..) => None,
        }
    }
}

/// Σ scalarᵢ·pointᵢ, the scalars being little-endian words with `bits` bits in use.
fn sum<const N: usize>(points: &[G1Affine], scalars: impl Iterator<Item = [u64; N]>, bits: usize) -> G1Projective {
    let finite = points.iter().zip(scalars).filter(|(point, _)| !point.is_zero());
    let (points, scalars): (Vec<_>, Vec<_>) = finite.map(|(point, scalar)| (p1(point), scalar)).unzip();
    if points.is_empty() {
        return G1Projective::ZERO;
    }
    let bytes: Vec<u8> = scalars.iter().flatten().flat_map(|word| word.to_le_bytes()).collect();
    let sum = points.as_slice().mult(&bytes, bits);
    G1Projective::new_unchecked(from_fp(sum.x), from_fp(sum.y), from_fp(sum.z))
}

/// Whether a decoded encoding was the identity's, by its flag.
fn is_identity(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & 0x40 != 0)
}

fn refusal(error: BLST_ERROR) -> PointError {
    match error {
        // (0, ±2), which blst refuses while decoding.
        BLST_ERROR::BLST_POINT_NOT_IN_GROUP => PointError::OffSubgroup,
        _ => PointError::NotOnCurve,
    }
}

fn p1(point: &G1Affine) -> blst_p1_affine {
    point.xy().map_or_else(Default::default, |(x, y)| blst_p1_affine { x: fp(x), y: fp(y) })
}

fn fp(a: Fq) -> blst_fp {
    blst_fp { l: a.0.0 }
}

fn fp2(a: Fq2) -> blst_fp2 {
    blst_fp2 { fp: [fp(a.c0), fp(a.c1)] }
}

fn from_fp(a: blst_fp) -> Fq {
    Fq::new_unchecked(BigInt(a.l))
}

fn from_fp2(a: blst_fp2) -> Fq2 {
    let [c0, c1] = a.fp;
    Fq2::new(from_fp(c0), from_fp(c1))
}
