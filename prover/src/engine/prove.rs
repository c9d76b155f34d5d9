//! The two forms of a proof.

use super::prepared::Fast;
use super::reduction::quotient;
use super::rows::Rows;
use crate::ProvingKey;
use ark_bls12_381::{G1Affine, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{Field, Zero};
use privity_arith::ntt::Coset;
use privity_arith::{Backend, Counters, msm_g1, msm_g2};
use privity_circuits::Fr;
use privity_verifier::groth16::Points;
use zeroize::Zeroizing;

/// Groth16 as ark-groth16 computes it, equal to it element for element: seven transforms and five sums.
pub(crate) fn plain(key: &ProvingKey, coset: &Coset, lanes: Backend, z: &[Fr], [r, s]: [Fr; 2]) -> Points {
    let (rows, p) = (key.rows(), key.parameters());
    let sum = |points: &[G1Affine], scalars: &[Fr]| msm_g1(lanes, points, scalars);
    let linear = || {
        let b1 = sum(&p.b_g1_query, z) + p.beta_g1 + p.delta_g1 * s;
        let [b, c] = [&rows.b, &rows.c].map(|side| rows.evaluate(side, z).collect());
        let h = Zeroizing::new(quotient(coset, [rows.evaluate_a(z).collect(), b, c]));
        (b1, sum(&p.h_query, &h) + sum(&p.l_query, &z[rows.num_inputs + 1..]))
    };
    let (b2, (a, (b1, c))) = rayon::join(
        || msm_g2(lanes, &p.b_g2_query, z) + p.vk.beta_g2 + p.vk.delta_g2 * s,
        || rayon::join(|| sum(&p.a_query, z) + p.vk.alpha_g1 + p.delta_g1 * r, linear),
    );
    points(a, b2, a * s + b1 * r - p.delta_g1 * (r * s) + c)
}

/// The same distribution with four transforms and three sums: the proof for r = s = 0, re-randomised by ρ and σ; docs/engine/forms.md.
/// With it what the sums in G₁ and in G₂ took. None, with negligible probability, if ρ = 0 or the first element of the unblinded proof is the identity.
pub(crate) fn fast(
    rows: &Rows,
    coset: &Coset,
    bases: &Fast,
    z: &[Fr],
    [rho, sigma]: [Fr; 2],
) -> Option<(Points, [Counters; 2])> {
    let inverse = rho.inverse()?;
    let ((b, in_b), ((a, in_a), (c, in_c))) =
        rayon::join(|| bases.b(z, sigma), || rayon::join(|| bases.a(z), || bases.c(z, &products(rows, coset, z))));
    let mut in_g1 = in_a;
    in_g1 += in_c;
    (!a.is_zero()).then(|| (points(a * inverse, b * rho, c + a * sigma), [in_g1, in_b]))
}

/// A·B on the coset, by position.
fn products(rows: &Rows, coset: &Coset, z: &[Fr]) -> Zeroizing<Vec<Fr>> {
    let (a, b) =
        rayon::join(|| coset.place(rows.evaluate_a(z)), || Zeroizing::new(coset.place(rows.evaluate(&rows.b, z))));
    Zeroizing::new(coset.product(a, &b))
}

fn points(a: G1Projective, b: G2Projective, c: G1Projective) -> Points {
    let [a, c]: [_; 2] = [a, c].map(|point| point.into_affine());
    Points { a, b: b.into_affine(), c }
}
