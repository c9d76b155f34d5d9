//! docs/engine/forms.md in scalars, with a trapdoor in hand.

use super::*;
use crate::engine::reduction::quotient;
use privity_arith::Backend;
use privity_arith::ntt::Coset;

struct Setting {
    rows: Rows,
    domain: Domain,
    z: Vec<Fr>,
    tau: Fr,
    delta: Fr,
}

fn settings() -> impl Iterator<Item = Setting> {
    [(0, 3), (2, 20), (3, 40), (1, 61)].into_iter().flat_map(|(inputs, rows)| {
        let mut rng = rng(rows as u64);
        let (shape, z) = random_system(inputs, rows, &mut rng);
        let [tau, delta] = core::array::from_fn(|_| Fr::rand(&mut rng));
        domains(&shape).map(|domain| Setting { rows: Rows::new(&shape), domain, z: z.clone(), tau, delta })
    })
}

impl Setting {
    /// Z(τ)/(Zc·δ).
    fn factor(&self) -> Fr {
        self.domain.vanishing(self.tau) / (self.domain.coset_vanishing() * self.delta)
    }

    fn values(&self) -> [Vec<Fr>; 3] {
        let Self { rows, z, .. } = self;
        let [b, c] = [&rows.b, &rows.c].map(|side| rows.evaluate(side, z).collect());
        [rows.evaluate_a(z).collect(), b, c]
    }

    fn at_tau(&self, values: &[Fr]) -> Fr {
        self.domain.lagrange(Fr::ONE, self.tau).iter().zip(values).map(|(l, v)| *l * v).sum()
    }
}

/// A·B = C + H·Z at τ, with H of degree ≤ n − 2.
#[test]
fn the_quotient_is_a_polynomial() {
    for s in settings() {
        let [a, b, c] = s.values();
        let [at_a, at_b, at_c] = [&a, &b, &c].map(|values| s.at_tau(values));
        let h = quotient(&Coset::new(s.domain.clone(), Backend::PORTABLE), [a, b, c]);
        let at_h = h.iter().rev().fold(Fr::ZERO, |sum, k| sum * s.tau + k);
        assert_eq!(at_a * at_b, at_c + at_h * s.domain.vanishing(s.tau));
        assert_eq!(h.last(), Some(&Fr::ZERO));
    }
}

/// (a): H(τ)·Z(τ)/δ = Σ A(g·ω^i)·B(g·ω^i)·H_i − Σ z_j·c_j(τ)·Z(τ)/(Zc·δ).
#[test]
fn two_transforms_suffice() {
    for s in settings() {
        let coset = Coset::new(s.domain.clone(), Backend::PORTABLE);
        let h = quotient(&coset, s.values());
        let left = h.iter().rev().fold(Fr::ZERO, |sum, k| sum * s.tau + k) * s.domain.vanishing(s.tau) / s.delta;
        let [a, b, _] = s.values().map(|values| {
            let mut values = coset.place(values);
            coset.evaluate(&mut values);
            values
        });
        let lagrange = s.domain.lagrange(s.domain.shift(), s.tau);
        let products: Fr = (0..s.domain.size())
            .map(|i| (i, coset.position(i)))
            .map(|(i, at)| a[at] * b[at] * lagrange[i] * s.factor())
            .sum();
        let c = s.rows.combine(&s.rows.c, &s.domain.lagrange(Fr::ONE, s.tau));
        let correction: Fr = c.iter().zip(&s.z).map(|(c, z)| *c * z * s.factor()).sum();
        assert_eq!(left, products - correction);
    }
}

/// (d): the coset's elements are the powers τ^i·Z(τ)/δ for i < n, one more than ark's, in another basis: the constant 1 and τ^{n−1}
/// interpolate, and the corrections are combinations of them with public coefficients.
#[test]
fn the_coset_query_is_the_powers_in_another_basis() {
    for s in settings() {
        let (n, g, root) = (s.domain.size(), s.domain.shift(), s.domain.root());
        let lagrange = s.domain.lagrange(g, s.tau);
        for power in [0, 1, n as u64 - 1] {
            let points = core::iter::successors(Some(g), |x| Some(*x * root)).map(|x| x.pow([power]));
            assert_eq!(points.zip(&lagrange).map(|(v, l)| v * l).sum::<Fr>(), s.tau.pow([power]));
        }
        let coset = Coset::new(s.domain.clone(), Backend::PORTABLE);
        for variable in 0..s.rows.num_variables.min(5) {
            let mut unit = vec![Fr::ZERO; s.rows.num_variables];
            unit[variable] = Fr::ONE;
            let c = s.rows.combine(&s.rows.c, &s.domain.lagrange(Fr::ONE, s.tau))[variable];
            let mut values = coset.place(s.rows.evaluate(&s.rows.c, &unit));
            coset.evaluate(&mut values);
            let combined: Fr = (0..n).map(|i| values[coset.position(i)] * lagrange[i]).sum();
            assert_eq!(combined, c);
        }
    }
}
