//! The bases of the fast form's three sums, without the identities that most queries are full of.

use super::queries::Queries;
use crate::key::Parameters;
use crate::points::{Coordinate, Raw};
use crate::stored::Stored;
use ark_bls12_381::{G1Affine, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use privity_arith::ntt::Domain;
use privity_arith::{Backend, Layout, TableG1, TableG2, TableSetting};

/// All three.
pub(crate) struct Sums {
    /// a_j in G₁, and α.
    pub(crate) a: Sum<g1::Config>,
    /// b_j in G₂, then β and δ.
    pub(crate) b: Sum<g2::Config>,
    /// L'_j and the corrections of public inputs, then the coset's elements by position.
    pub(crate) c: Sum<g1::Config>,
}

/// Bases of some variables, followed by others.
pub(crate) struct Sum<P: Raw>
where
    P::BaseField: Coordinate,
{
    /// The variables that have a base, ascending.
    pub(crate) variables: Vec<u32>,
    /// Bases beyond those.
    pub(crate) others: usize,
    /// Which copies `points` holds.
    pub(crate) layout: Layout,
    /// The bases, copy by copy.
    pub(crate) points: Stored<P>,
}

/// A group with tables.
pub(crate) trait Summed: Raw
where
    Self::BaseField: Coordinate,
{
    /// Its tables.
    type Table;
    /// As the tables'.
    fn layout(length: usize, setting: TableSetting) -> Layout;
    /// As the tables'.
    fn table(bases: &[Affine<Self>], setting: TableSetting, lanes: Backend) -> Self::Table;
    /// As the tables'.
    fn restore(copies: &[Affine<Self>], length: usize, setting: TableSetting, lanes: Backend) -> Option<Self::Table>;
    /// As the tables'.
    fn copies(table: &Self::Table) -> Vec<Affine<Self>>;
}

macro_rules! summed {
    ($curve:ty, $table:ty) => {
        impl Summed for $curve {
            type Table = $table;

            fn layout(length: usize, setting: TableSetting) -> Layout {
                <$table>::layout(length, setting)
            }

            fn table(bases: &[Affine<Self>], setting: TableSetting, lanes: Backend) -> $table {
                <$table>::new(bases, setting, lanes)
            }

            fn restore(
                copies: &[Affine<Self>],
                length: usize,
                setting: TableSetting,
                lanes: Backend,
            ) -> Option<$table> {
                <$table>::from_copies(copies, length, setting, lanes)
            }

            fn copies(table: &$table) -> Vec<Affine<Self>> {
                table.copies()
            }
        }
    };
}

summed!(g1::Config, TableG1);
summed!(g2::Config, TableG2);

impl Sums {
    /// From ark's queries and those of the fast form.
    pub(crate) fn new(p: &Parameters, queries: &Queries, domain: &Domain) -> Self {
        let mut by_position = vec![G1Affine::identity(); queries.coset.len()];
        for (index, point) in queries.coset.iter().enumerate() {
            by_position[domain.position(index)] = *point;
        }
        Self {
            a: Sum::new(&p.a_query, &[p.vk.alpha_g1]),
            b: Sum::new(&p.b_g2_query, &[p.vk.beta_g2, p.vk.delta_g2]),
            c: Sum::new(&queries.linear, &by_position),
        }
    }
}

impl<P: Summed> Sum<P>
where
    P::BaseField: Coordinate,
{
    fn new(points: &[Affine<P>], others: &[Affine<P>]) -> Self {
        let variables: Vec<u32> = (0u32..).zip(points).filter(|(_, p)| !p.is_zero()).map(|(index, _)| index).collect();
        let used = variables.iter().map(|index| points[*index as usize]);
        let bases: Vec<_> = used.chain(others.iter().copied()).collect();
        let layout = Layout { levels: 1, ..P::layout(bases.len(), TableSetting { copies: 1 }) };
        Self { variables, others: others.len(), layout, points: Stored::Memory(bases) }
    }

    /// Bases.
    pub(crate) fn length(&self) -> usize {
        self.variables.len() + self.others
    }

    /// The table: from the copies that are there if they are what `setting` asks for.
    pub(crate) fn table(&self, setting: TableSetting, lanes: Backend) -> P::Table {
        let made = || P::table(&self.points.read(0..self.length()), setting, lanes);
        if P::layout(self.length(), setting) != self.layout {
            return made();
        }
        P::restore(&self.points.all(), self.length(), setting, lanes).unwrap_or_else(made)
    }
}
