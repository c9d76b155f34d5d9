//! Multi-scalar multiplication: digits, buckets, weights.

mod batch;
mod digits;
mod double;
mod points;
mod tree;
mod weights;

use alloc::vec::Vec;
use core::marker::PhantomData;

use ark_bls12_381::Fr;
use ark_ff::AdditiveGroup;

use crate::count::Counters;
use crate::curve::Curve;
use crate::lanes::{Lanes, Limbs};
use crate::parallel;
use batch::batch;
use digits::Digits;
use double::Double;
use points::is_infinity;
use weights::Sets;

pub(crate) use batch::{Add, Addition, Scratch};
pub(crate) use digits::{Sorted, Windows};
pub(crate) use points::{export, import, stride};
pub(crate) use tree::sum;

/// What a prepared set of bases is multiplied through: copies of the bases, level by level.
pub(crate) struct Prepared<'a> {
    /// Stored points: level l holds 2^(bits · sets · l) times the bases.
    pub(crate) points: &'a [Limbs],
    /// Points per level.
    pub(crate) length: usize,
    pub(crate) windows: Windows,
}

/// Σ scalarᵢ · baseᵢ over the first `scalars.len()` bases.
pub(crate) fn multiply<C: Curve, L: Lanes>(bases: &Prepared<'_>, scalars: &[Fr]) -> (C::Projective, Counters) {
    let mut counters = Counters::default();
    let scalars = finite::<C>(bases, scalars);
    let digits = Digits::new::<C>(&scalars, bases.windows);
    let windows = bases.windows;
    let tasks: Vec<(usize, usize)> =
        (0..C::PARTS).flat_map(|part| (0..windows.sets).map(move |set| (part, set))).collect();
    let parts =
        parallel::map(tasks, |(part, set)| tree::sum::<C, L>(bases.points, &digits.sort(part, set, bases.length)));
    let mut points = Vec::with_capacity(C::PARTS * windows.sets * windows.buckets() * stride::<C>());
    for (sums, counted) in parts {
        points.extend_from_slice(&sums);
        counters += counted;
    }
    let sets = weights::combine::<C, L>(Sets { points, sets: C::PARTS * windows.sets }, &mut counters);
    let sums = weights::weigh::<C, L>(sets, &mut counters);
    let mut total = C::Projective::ZERO;
    for sum in sums.into_iter().rev() {
        for _ in 0..windows.bits {
            total.double_in_place();
        }
        total += sum;
    }
    (total, counters)
}

/// The scalars, 0 where the base is infinity.
fn finite<C: Curve>(bases: &Prepared<'_>, scalars: &[Fr]) -> Vec<Fr> {
    let points = bases.points.chunks(stride::<C>());
    scalars.iter().zip(points).map(|(scalar, point)| if is_infinity(point) { Fr::ZERO } else { *scalar }).collect()
}

/// The setting that does the fewest additions for `length` scalars with at most `levels` copies of each base.
pub(crate) fn choose<C: Curve>(length: usize, levels: usize) -> Windows {
    let candidates = (2..=16).map(|bits| {
        let count = C::PART_BITS.div_ceil(bits) as usize;
        let sets = count.div_ceil(levels.max(1));
        Windows { bits, sets, levels: count.div_ceil(sets) }
    });
    let cost = |windows: &Windows| {
        let count = C::PART_BITS.div_ceil(windows.bits) as usize;
        // Two additions per bucket to weigh it, and the time to sort and to walk through it.
        length * C::PARTS * count + windows.sets * windows.buckets() * (2 + C::PARTS / 2)
    };
    candidates.min_by_key(cost).unwrap_or(Windows { bits: 2, sets: C::PART_BITS as usize / 2, levels: 1 })
}

/// The bases as stored points, level by level: each level is the one before, doubled bits · sets times.
pub(crate) fn copies<C: Curve, L: Lanes>(bases: &[C::Affine], windows: Windows) -> Vec<Limbs> {
    let mut points = import::<C, L>(bases);
    let size = points.len();
    points.reserve(size * (windows.levels - 1));
    for level in 1..windows.levels {
        let last = &points[(level - 1) * size..];
        let stripes = parallel::map(last.chunks(batch(C::DEGREE) * stride::<C>()).collect(), |stripe: &[Limbs]| {
            doubled::<C, L>(stripe, windows.bits as usize * windows.sets)
        });
        points.extend_from_slice(&stripes.concat());
    }
    points
}

/// As many points as a batch has, doubled `times` times.
fn doubled<C: Curve, L: Lanes>(points: &[Limbs], times: usize) -> Vec<Limbs> {
    let mut source = points.to_vec();
    if L::enter(Double::<C> { points: &mut source, times, curve: PhantomData }) {
        return source;
    }
    // Some point is infinity, so the first inversion failed and nothing was doubled yet.
    let mut target = source.clone();
    let indices = 0..(points.len() / stride::<C>()) as u32;
    let additions: Vec<Addition> =
        indices.map(|index| Addition { left: index << 1, right: index << 1, target: index }).collect();
    let mut scratch = Scratch::<C::Coordinate<L::Base>>::new();
    for _ in 0..times {
        L::enter(Add {
            source: &source,
            additions: &additions,
            target: &mut target,
            complete: true,
            scratch: &mut scratch,
            counters: &mut Counters::default(),
        });
        core::mem::swap(&mut source, &mut target);
    }
    source
}
