//! A key made ready for the engine: tables of the transforms and of the sums, without the identities that most queries are full of.

use super::queries::Queries;
use crate::ProvingKey;
use ark_bls12_381::{G1Affine, G1Projective, G2Projective};
use ark_ec::AffineRepr;
use privity_arith::ntt::Coset;
use privity_arith::{Backend, TableG1, TableG2, TableSetting};
use privity_circuits::Fr;
use zeroize::Zeroizing;

/// All that proofs under one key share.
pub(crate) struct Prepared {
    pub(crate) coset: Coset,
    pub(crate) fast: Option<Fast>,
}

/// The fast form's bases.
pub(crate) struct Fast {
    /// a_j in G₁, and α.
    a: Query<TableG1>,
    /// b_j in G₂, then β and δ.
    b: Query<TableG2>,
    /// L'_j and the corrections of public inputs, then the coset's elements by position.
    c: Query<TableG1>,
}

/// Bases of some variables, followed by others.
struct Query<T> {
    variables: Vec<u32>,
    table: T,
}

impl Prepared {
    pub(crate) fn new(key: &ProvingKey, lanes: Backend, setting: TableSetting) -> Self {
        let coset = Coset::new(key.domain().clone(), lanes);
        let fast = key.queries().map(|queries| Fast::new(key, queries, &coset, lanes, setting));
        Self { coset, fast }
    }
}

impl Fast {
    fn new(key: &ProvingKey, queries: &Queries, coset: &Coset, lanes: Backend, setting: TableSetting) -> Self {
        let mut by_position = vec![G1Affine::identity(); queries.coset.len()];
        for (index, point) in queries.coset.iter().enumerate() {
            by_position[coset.position(index)] = *point;
        }
        let (p, vk) = (key.parameters(), &key.parameters().vk);
        let g1 = |points: &[_]| TableG1::new(points, setting, lanes);
        Self {
            a: Query::new(&p.a_query, &[vk.alpha_g1], g1),
            b: Query::new(&p.b_g2_query, &[vk.beta_g2, vk.delta_g2], |points| TableG2::new(points, setting, lanes)),
            c: Query::new(&queries.linear, &by_position, g1),
        }
    }

    /// α + Σ z_j·a_j.
    pub(crate) fn a(&self, z: &[Fr]) -> G1Projective {
        self.a.table.msm(&self.a.scalars(z, &[Fr::from(1u64)]))
    }

    /// β + Σ z_j·b_j + σ·δ.
    pub(crate) fn b(&self, z: &[Fr], sigma: Fr) -> G2Projective {
        self.b.table.msm(&self.b.scalars(z, &[Fr::from(1u64), sigma]))
    }

    /// Σ z_j·L'_j + Σ products·H, these by position.
    pub(crate) fn c(&self, z: &[Fr], products: &[Fr]) -> G1Projective {
        self.c.table.msm(&self.c.scalars(z, products))
    }
}

impl<T> Query<T> {
    fn new<P: AffineRepr>(points: &[P], others: &[P], table: impl FnOnce(&[P]) -> T) -> Self {
        let variables: Vec<u32> = (0u32..).zip(points).filter(|(_, p)| !p.is_zero()).map(|(index, _)| index).collect();
        let used = variables.iter().map(|index| points[*index as usize]);
        let table = table(&used.chain(others.iter().copied()).collect::<Vec<_>>());
        Self { variables, table }
    }

    /// The scalars of the used variables, then `others`.
    fn scalars(&self, z: &[Fr], others: &[Fr]) -> Zeroizing<Vec<Fr>> {
        let used = self.variables.iter().map(|index| z[*index as usize]);
        Zeroizing::new(used.chain(others.iter().copied()).collect())
    }
}
