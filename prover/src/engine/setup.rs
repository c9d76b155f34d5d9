//! Set-up elements from a trapdoor.

use super::queries::Queries;
use super::rows::Rows;
use crate::key::Parameters;
use ark_bls12_381::{G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_arith::ntt::Domain;
use privity_arith::{Backend, FixedBaseG1, FixedBaseG2};
use privity_circuits::Fr;
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What nobody may know afterwards.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Trapdoor {
    pub(crate) alpha: Fr,
    pub(crate) beta: Fr,
    pub(crate) gamma: Fr,
    pub(crate) delta: Fr,
    pub(crate) tau: Fr,
}

impl Trapdoor {
    /// Uniform, without zeros, τ outside `domain`.
    pub(crate) fn random(domain: &Domain, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut draw = |usable: &dyn Fn(Fr) -> bool| loop {
            let k = Fr::rand(rng);
            if usable(k) {
                return k;
            }
        };
        let nonzero = |k: Fr| k != Fr::ZERO;
        let [alpha, beta, gamma, delta] = core::array::from_fn(|_| draw(&nonzero));
        let tau = draw(&|k| domain.vanishing(k) != Fr::ZERO && k != Fr::ZERO);
        Self { alpha, beta, gamma, delta, tau }
    }
}

/// Values at τ of each variable's polynomials, and what follows from them; a scalar for every element of a key.
#[derive(Zeroize, ZeroizeOnDrop)]
struct Scalars {
    a: Vec<Fr>,
    b: Vec<Fr>,
    c: Vec<Fr>,
    /// β·a + α·b + c.
    combined: Vec<Fr>,
    /// τ^i·Z(τ)/δ for i < n − 1.
    powers: Vec<Fr>,
    /// L_i(τ)·Z(τ)/(Zc·δ), L_i being the coset's Lagrange polynomials.
    coset: Vec<Fr>,
}

impl Scalars {
    fn new(rows: &Rows, domain: &Domain, trapdoor: &Trapdoor) -> Self {
        let u = Zeroizing::new(domain.lagrange(Fr::ONE, trapdoor.tau));
        let (mut a, (b, c)) = rayon::join(
            || rows.combine(&rows.a, &u),
            || rayon::join(|| rows.combine(&rows.b, &u), || rows.combine(&rows.c, &u)),
        );
        for (a, u) in a.iter_mut().zip(&u[rows.count..rows.size()]) {
            *a += u;
        }
        let combined = a.iter().zip(&b).zip(&c).map(|((a, b), c)| trapdoor.beta * a + trapdoor.alpha * b + c).collect();
        let first = domain.vanishing(trapdoor.tau) * inverse(trapdoor.delta);
        let next = |power: &Fr| Some(*power * trapdoor.tau);
        let powers = core::iter::successors(Some(first), next).take(domain.size() - 1).collect();
        let factor = first * inverse(domain.coset_vanishing());
        let mut coset = domain.lagrange(domain.shift(), trapdoor.tau);
        coset.iter_mut().for_each(|l| *l *= factor);
        Self { a, b, c, combined, powers, coset }
    }
}

/// ark's queries, and those of the fast form, of a circuit of `rows` on `domain`, with the standard generators.
pub(crate) fn elements(rows: &Rows, domain: &Domain, trapdoor: &Trapdoor) -> (Parameters, Queries) {
    let scalars = Scalars::new(rows, domain, trapdoor);
    let inputs = rows.num_inputs + 1;
    let count = scalars.powers.len() + scalars.coset.len() + 4 * rows.num_variables;
    let lanes = Backend::detect();
    let g1 = FixedBaseG1::new(G1Affine::generator(), count, lanes);
    let g2 = FixedBaseG2::new(G2Affine::generator(), rows.num_variables, lanes);
    let scale = |values: &[Fr], by: Fr| Zeroizing::new(values.iter().map(|value| *value * by).collect::<Vec<_>>());
    let one = |k: Fr| g1.multiply(&[k])[0];
    let b_g2_query = g2.multiply(&scalars.b);
    let fixed = g2.multiply(&[trapdoor.beta, trapdoor.gamma, trapdoor.delta]);
    let (ic, l) = scalars.combined.split_at(inputs);
    let vk = ark_groth16::VerifyingKey {
        alpha_g1: one(trapdoor.alpha),
        beta_g2: fixed[0],
        gamma_g2: fixed[1],
        delta_g2: fixed[2],
        gamma_abc_g1: g1.multiply(&scale(ic, inverse(trapdoor.gamma))),
    };
    let l = scale(l, inverse(trapdoor.delta));
    let parameters = Parameters {
        vk,
        beta_g1: one(trapdoor.beta),
        delta_g1: one(trapdoor.delta),
        a_query: g1.multiply(&scalars.a),
        b_g1_query: g1.multiply(&scalars.b),
        b_g2_query,
        h_query: g1.multiply(&scalars.powers),
        l_query: g1.multiply(&l),
    };
    let queries = Queries::new(linear(&scalars, &l, domain, trapdoor, &g1), g1.multiply(&scalars.coset));
    (parameters, queries)
}

/// L'_j for the witness, and the correction alone for the constant and the public inputs.
fn linear(scalars: &Scalars, l: &[Fr], domain: &Domain, trapdoor: &Trapdoor, g1: &FixedBaseG1) -> Vec<G1Affine> {
    let factor = domain.vanishing(trapdoor.tau) * inverse(domain.coset_vanishing() * trapdoor.delta);
    let inputs = scalars.c.len() - l.len();
    let plain = core::iter::repeat_n(&Fr::ZERO, inputs).chain(l);
    let corrected: Vec<_> = plain.zip(&scalars.c).map(|(l, c)| *l - factor * c).collect();
    let corrected = Zeroizing::new(corrected);
    g1.multiply(&corrected)
}

fn inverse(k: Fr) -> Fr {
    k.inverse().unwrap_or_default()
}
