//! A key made ready for the engine: tables of the transforms and of the sums.

use super::sums::{Sum, Summed, Sums};
use crate::ProvingKey;
use crate::points::Coordinate;
use ark_bls12_381::{G1Projective, G2Projective};
use privity_arith::ntt::Coset;
use privity_arith::{Backend, Counters, TableG1, TableG2, TableSetting};
use privity_circuits::Fr;
use zeroize::Zeroizing;

/// All that proofs under one key share.
pub(crate) struct Prepared {
    pub(crate) coset: Coset,
    pub(crate) fast: Option<Fast>,
}

/// The fast form's bases.
pub(crate) struct Fast {
    a: Query<TableG1>,
    b: Query<TableG2>,
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
        let fast = key.sums().map(|Sums { a, b, c }| Fast {
            a: Query::new(a, lanes, setting),
            b: Query::new(b, lanes, setting),
            c: Query::new(c, lanes, setting),
        });
        Self { coset, fast }
    }
}

impl Fast {
    /// α + Σ z_j·a_j.
    pub(crate) fn a(&self, z: &[Fr]) -> (G1Projective, Counters) {
        self.a.table.msm_counted(&self.a.scalars(z, &[Fr::from(1u64)]))
    }

    /// β + Σ z_j·b_j + σ·δ.
    pub(crate) fn b(&self, z: &[Fr], sigma: Fr) -> (G2Projective, Counters) {
        self.b.table.msm_counted(&self.b.scalars(z, &[Fr::from(1u64), sigma]))
    }

    /// Σ z_j·L'_j + Σ products·H, these by position.
    pub(crate) fn c(&self, z: &[Fr], products: &[Fr]) -> (G1Projective, Counters) {
        self.c.table.msm_counted(&self.c.scalars(z, products))
    }
}

impl<T> Query<T> {
    fn new<P: Summed<Table = T>>(sum: &Sum<P>, lanes: Backend, setting: TableSetting) -> Self
    where
        P::BaseField: Coordinate,
    {
        Self { variables: sum.variables.clone(), table: sum.table(setting, lanes) }
    }

    /// The scalars of the used variables, then `others`.
    fn scalars(&self, z: &[Fr], others: &[Fr]) -> Zeroizing<Vec<Fr>> {
        let used = self.variables.iter().map(|index| z[*index as usize]);
        Zeroizing::new(used.chain(others.iter().copied()).collect())
    }
}
