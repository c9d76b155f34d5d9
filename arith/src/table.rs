//! Multi-scalar multiplication over given bases, or over bases prepared once.

use alloc::vec::Vec;

use ark_bls12_381::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};

use crate::backend::{Backend, dispatch};
use crate::count::Counters;
use crate::curve::{Curve, G1, G2};
use crate::lanes::Limbs;
use crate::msm::{self, Prepared, Windows};
use crate::parallel;

/// Points converted at a time.
const STRIPE: usize = 4096;

/// How many shifted copies of its bases a table may hold.
///
/// One copy takes 128 bytes per point in G1 and 256 in G2, 4/3 of the plain coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSetting {
    /// Copies of each base, at least 1; more than the windows of a scalar are never made.
    pub copies: usize,
}

impl Default for TableSetting {
    /// Three copies: 4 times the bytes of the plain coordinates.
    fn default() -> Self {
        Self { copies: 3 }
    }
}

/// How many copies a table has, and how they fit together: copy l holds 2^(bits · sets · l) times the bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bits of a window.
    pub bits: u32,
    /// Windows that have copies of their own.
    pub sets: u32,
    /// Copies.
    pub levels: u32,
}

/// Copies of one set of bases, in the form of one back end.
struct Copies<C> {
    backend: Backend,
    points: Vec<Limbs>,
    length: usize,
    windows: Windows,
    curve: core::marker::PhantomData<C>,
}

impl<C: Curve> Copies<C> {
    fn new(bases: &[C::Affine], setting: TableSetting, backend: Backend) -> Self {
        let windows = msm::choose::<C>(bases.len(), setting.copies);
        let points = dispatch!(backend, L => msm::copies::<C, L>(bases, windows));
        Self { backend, points, length: bases.len(), windows, curve: core::marker::PhantomData }
    }

    /// From copies that were made before, one after another.
    fn from_copies(copies: &[C::Affine], length: usize, setting: TableSetting, backend: Backend) -> Option<Self> {
        let windows = msm::choose::<C>(length, setting.copies);
        if Some(copies.len()) != length.checked_mul(windows.levels) {
            return None;
        }
        let points = dispatch!(backend, L => msm::import::<C, L>(copies));
        Some(Self { backend, points, length, windows, curve: core::marker::PhantomData })
    }

    fn copies(&self) -> Vec<C::Affine> {
        let stripes = self.points.chunks(STRIPE * msm::stride::<C>()).collect();
        dispatch!(self.backend, L => parallel::map(stripes, |points: &[Limbs]| msm::export::<C, L>(points))).concat()
    }

    fn multiply(&self, scalars: &[Fr]) -> (C::Projective, Counters) {
        let bases = Prepared { points: &self.points, length: self.length, windows: self.windows };
        dispatch!(self.backend, L => msm::multiply::<C, L>(&bases, scalars))
    }
}

/// Σ scalarᵢ · baseᵢ over the shorter length of both.
pub(crate) fn variable<C: Curve>(backend: Backend, bases: &[C::Affine], scalars: &[Fr]) -> (C::Projective, Counters) {
    let length = bases.len().min(scalars.len());
    Copies::<C>::new(&bases[..length], TableSetting { copies: 1 }, backend).multiply(&scalars[..length])
}

/// Σ scalarᵢ · baseᵢ in G1 over the shorter length of both. The bases are on the curve and in the subgroup, or infinity.
pub fn msm_g1(backend: Backend, bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    variable::<G1>(backend, bases, scalars).0
}

/// Σ scalarᵢ · baseᵢ in G2 over the shorter length of both. The bases are on the curve and in the subgroup, or infinity.
pub fn msm_g2(backend: Backend, bases: &[G2Affine], scalars: &[Fr]) -> G2Projective {
    variable::<G2>(backend, bases, scalars).0
}

macro_rules! table {
    ($name:ident, $curve:ident, $affine:ident, $projective:ident, $text:literal) => {
        #[doc = $text]
        pub struct $name(Copies<$curve>);

        impl $name {
            /// Prepares `bases`, which are on the curve and in the subgroup, or infinity.
            pub fn new(bases: &[$affine], setting: TableSetting, backend: Backend) -> Self {
                Self(Copies::new(bases, setting, backend))
            }

            /// The layout of a table of `length` bases.
            pub fn layout(length: usize, setting: TableSetting) -> Layout {
                let Windows { bits, sets, levels } = msm::choose::<$curve>(length, setting.copies);
                Layout { bits, sets: sets as u32, levels: levels as u32 }
            }

            /// The table that gave these [`copies`](Self::copies) of `length` bases, in the same setting; `None` if their number is
            /// another. They are believed: a wrong copy gives wrong sums.
            pub fn from_copies(
                copies: &[$affine],
                length: usize,
                setting: TableSetting,
                backend: Backend,
            ) -> Option<Self> {
                Copies::from_copies(copies, length, setting, backend).map(Self)
            }

            /// All copies, those of a level after one another, the bases first.
            pub fn copies(&self) -> Vec<$affine> {
                self.0.copies()
            }

            /// Σ scalarᵢ · baseᵢ over the shorter length of both.
            pub fn msm(&self, scalars: &[Fr]) -> $projective {
                self.msm_counted(scalars).0
            }

            /// The same, with what it took.
            pub fn msm_counted(&self, scalars: &[Fr]) -> ($projective, Counters) {
                self.0.multiply(&scalars[..scalars.len().min(self.0.length)])
            }

            /// Bases.
            pub fn len(&self) -> usize {
                self.0.length
            }

            /// Whether there is no base.
            pub fn is_empty(&self) -> bool {
                self.0.length == 0
            }

            /// Bytes that the copies take.
            pub fn bytes(&self) -> usize {
                core::mem::size_of_val(self.0.points.as_slice())
            }
        }
    };
}

table!(TableG1, G1, G1Affine, G1Projective, "Bases of G1, prepared for many multiplications.");
table!(TableG2, G2, G2Affine, G2Projective, "Bases of G2, prepared for many multiplications.");
