//! Multi-scalar multiplication over given bases, or over bases prepared once.

use alloc::vec::Vec;

use ark_bls12_381::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};

use crate::backend::{Backend, dispatch};
use crate::buffer::Buffer;
use crate::count::Counters;
use crate::curve::{Curve, G1, G2};
use crate::lanes::Limbs;
use crate::msm::{self, Prepared, Windows};
use crate::parallel;

/// Points converted at a time.
const STRIPE: usize = 4096;

/// How many shifted copies of its bases a table may hold.
///
/// One copy takes 128 bytes per point in G1 and 256 in G2, 4/3 of the plain coordinates. Tables in G2 may hold a third more, as a
/// scalar has four windows there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSetting {
    /// Copies of each base of G1, at least 1; more than the windows of a scalar are never made.
    pub copies: usize,
}

impl Default for TableSetting {
    /// Three copies, four in G2: below 4 times the bytes of a proving key's queries in arkworks' form.
    fn default() -> Self {
        Self { copies: 3 }
    }
}

/// How many copies a table has, and how they fit together: copy l holds 2^(bits · l) times the bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Bits of a scalar from a copy to the next.
    pub bits: u32,
    /// Windows into which a sum cuts those bits.
    pub sets: u32,
    /// Copies.
    pub levels: u32,
}

/// Copies of one set of bases, in the form of one back end.
struct Copies<C> {
    backend: Backend,
    points: Buffer,
    finite: Vec<bool>,
    windows: Windows,
    curve: core::marker::PhantomData<C>,
}

impl<C: Curve> Copies<C> {
    fn new(bases: &[C::Affine], setting: TableSetting, backend: Backend) -> Self {
        let windows = windows::<C>(bases.len(), setting);
        let points = dispatch!(backend, L => msm::copies::<C, L>(bases, windows));
        Self::finished(backend, points, bases.len(), windows)
    }

    /// From copies that were made before, one after another.
    fn from_copies(copies: &[C::Affine], length: usize, setting: TableSetting, backend: Backend) -> Option<Self> {
        let windows = windows::<C>(length, setting);
        if Some(copies.len()) != length.checked_mul(windows.levels) {
            return None;
        }
        let mut points = Buffer::zeroed(copies.len() * msm::stride::<C>());
        dispatch!(backend, L => msm::import::<C, L>(copies, &mut points));
        Some(Self::finished(backend, points, length, windows))
    }

    fn finished(backend: Backend, points: Buffer, length: usize, windows: Windows) -> Self {
        let finite = points.chunks(msm::stride::<C>()).take(length).map(|point| !msm::is_infinity(point)).collect();
        Self { backend, points, finite, windows, curve: core::marker::PhantomData }
    }

    fn copies(&self) -> Vec<C::Affine> {
        let stripes = self.points.chunks(STRIPE * msm::stride::<C>()).collect();
        dispatch!(self.backend, L => parallel::map(stripes, |points: &[Limbs]| msm::export::<C, L>(points))).concat()
    }

    fn multiply(&self, scalars: &[Fr]) -> (C::Projective, Counters) {
        let bases = Prepared { points: &self.points, finite: &self.finite, windows: self.windows };
        dispatch!(self.backend, L => msm::multiply::<C, L>(&bases, scalars))
    }
}

fn windows<C: Curve>(length: usize, setting: TableSetting) -> Windows {
    let more = if C::DEGREE > 1 { setting.copies / 3 } else { 0 };
    msm::choose::<C>(length, setting.copies.saturating_add(more))
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
                let windows = windows::<$curve>(length, setting);
                Layout { bits: windows.span(), sets: windows.sets as u32, levels: windows.levels as u32 }
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
                self.0.multiply(&scalars[..scalars.len().min(self.len())])
            }

            /// Bases.
            pub fn len(&self) -> usize {
                self.0.finite.len()
            }

            /// Whether there is no base.
            pub fn is_empty(&self) -> bool {
                self.0.finite.is_empty()
            }

            /// Bytes that the copies take.
            pub fn bytes(&self) -> usize {
                core::mem::size_of_val(&*self.0.points)
            }
        }
    };
}

table!(TableG1, G1, G1Affine, G1Projective, "Bases of G1, prepared for many multiplications.");
table!(TableG2, G2, G2Affine, G2Projective, "Bases of G2, prepared for many multiplications.");
