//! Many multiples of one point, for set-up: k·P is a sum of table entries d·2^(bits·w)·P, and all sums go through the buckets' rounds of
//! affine additions, one bucket per k.

use alloc::vec;
use alloc::vec::Vec;

use ark_bls12_381::{Fr, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::AdditiveGroup;

use crate::backend::{Backend, dispatch};
use crate::count::Counters;
use crate::curve::{Curve, G1, G2, centred};
use crate::lanes::{Lanes, Limbs};
use crate::msm::{Add, Addition, Scratch, Sorted, export, import, stride, sum};
use crate::parallel;

/// Bits that signed digits have to hold: one more than the magnitude of a scalar in [−r/2, r/2].
const BITS: u32 = 255;
/// Scalars multiplied at a time.
const STRIPE: usize = 1 << 12;

/// d·2^(bits·w)·P for 1 ≤ d ≤ 2^(bits − 1) and each window w, window by window.
struct Multiples<C> {
    backend: Backend,
    bits: u32,
    points: Vec<Limbs>,
    curve: core::marker::PhantomData<C>,
}

impl<C: Curve> Multiples<C> {
    fn new(base: C::Affine, count: usize, backend: Backend) -> Self {
        // An addition per window and multiple, one per entry, and more for what leaves the cache.
        let cost = |bits: &u32| BITS.div_ceil(*bits) as usize * (count + (3 << (bits - 1)) / 2);
        let bits = (4..=15).min_by_key(cost).unwrap_or(8);
        let step = |base: &C::Projective| Some((0..bits).fold(*base, |point, _| point.double()));
        let windows = BITS.div_ceil(bits) as usize;
        let bases: Vec<C::Projective> = core::iter::successors(Some(base.into_group()), step).take(windows).collect();
        let bases = C::Projective::normalize_batch(&bases);
        let points = dispatch!(backend, L => parallel::map(bases, |base| window::<C, L>(base, bits)).concat());
        Self { backend, bits, points, curve: core::marker::PhantomData }
    }

    fn multiply(&self, scalars: &[Fr]) -> Vec<C::Affine> {
        let stripes = scalars.chunks(STRIPE).collect();
        dispatch!(self.backend, L => parallel::map(stripes, |scalars| {
            let mut sums = vec![Limbs::default(); scalars.len() * stride::<C>()];
            sum::<C, L>(&self.points, &[self.sort(scalars)], &mut sums);
            export::<C, L>(&sums)
        })
        .concat())
    }

    /// One bucket per scalar: the entries that add up to its multiple.
    fn sort(&self, scalars: &[Fr]) -> Sorted {
        let windows = BITS.div_ceil(self.bits);
        let mut sorted = Sorted { starts: vec![0], references: Vec::with_capacity(scalars.len() * windows as usize) };
        for scalar in scalars {
            let (negative, [low, high]) = centred(scalar);
            let mut carry = 0;
            for window in 0..windows {
                let value = bits(low, high, window * self.bits, self.bits) + carry;
                carry = u32::from(value > 1 << (self.bits - 1));
                let digit = value.cast_signed() - (carry << self.bits).cast_signed();
                if digit != 0 {
                    let entry = (window << (self.bits - 1)) + digit.unsigned_abs() - 1;
                    sorted.references.push(entry << 1 | u32::from((digit < 0) != negative));
                }
            }
            sorted.starts.push(sorted.references.len() as u32);
        }
        sorted
    }
}

/// `count` < 32 bits of a number of 256 from bit `from` on.
fn bits(low: u128, high: u128, from: u32, count: u32) -> u32 {
    let value = match from {
        0 => low,
        1..128 => low >> from | high << (128 - from),
        _ => high >> (from - 128),
    };
    value as u32 & ((1 << count) - 1)
}

/// d·base for 1 ≤ d ≤ 2^(bits − 1), each round doubling what there is.
fn window<C: Curve, L: Lanes>(base: C::Affine, bits: u32) -> Vec<Limbs> {
    let mut points = vec![Limbs::default(); stride::<C>()];
    import::<C, L>(&[base], &mut points);
    let mut scratch = Scratch::<C::Coordinate<L::Base>>::new();
    for round in 0..bits - 1 {
        let last = (1_u32 << round) - 1;
        let additions: Vec<Addition> =
            (0..=last).map(|index| Addition { left: index << 1, right: last << 1, target: index }).collect();
        let mut target = vec![Limbs::default(); points.len()];
        // The last one doubles a point, alone on the complete path.
        let (doubling, plain) = (&additions[last as usize..], &additions[..last as usize]);
        for (additions, complete) in [(plain, false), (doubling, true)] {
            L::enter(Add {
                source: &points,
                additions,
                target: &mut target,
                complete,
                scratch: &mut scratch,
                counters: &mut Counters::default(),
            });
        }
        points.extend_from_slice(&target);
    }
    debug_assert_eq!(points.len(), stride::<C>() << (bits - 1));
    points
}

macro_rules! fixed {
    ($name:ident, $curve:ident, $affine:ident, $text:literal) => {
        #[doc = $text]
        pub struct $name(Multiples<$curve>);

        impl $name {
            /// A table of `base`, which is of the subgroup and not infinity, fit for `count` multiples.
            pub fn new(base: $affine, count: usize, backend: Backend) -> Self {
                Self(Multiples::new(base, count, backend))
            }

            /// k·base for each k.
            pub fn multiply(&self, scalars: &[Fr]) -> Vec<$affine> {
                self.0.multiply(scalars)
            }
        }
    };
}

fixed!(FixedBaseG1, G1, G1Affine, "A point of G1, prepared for many multiples.");
fixed!(FixedBaseG2, G2, G2Affine, "A point of G2, prepared for many multiples.");
