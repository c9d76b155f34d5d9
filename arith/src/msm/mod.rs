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

use crate::buffer::Buffer;
use crate::count::Counters;
use crate::curve::Curve;
use crate::lanes::{Lanes, Limbs};
use crate::{parallel, pool};
use batch::batch;
use digits::Digits;
use double::Double;
use weights::Sets;

pub(crate) use batch::{Add, Addition, Scratch};
pub(crate) use digits::{Sorted, Windows};
pub(crate) use points::{export, import, is_infinity, stride};
pub(crate) use tree::sum;

/// What a prepared set of bases is multiplied through: copies of the bases, level by level.
pub(crate) struct Prepared<'a> {
    /// Stored points: level l holds 2^(span · l) times the bases.
    pub(crate) points: &'a [Limbs],
    /// Which of the bases are not infinity.
    pub(crate) finite: &'a [bool],
    pub(crate) windows: Windows,
}

/// Σ scalarᵢ · baseᵢ over the first `scalars.len()` bases.
pub(crate) fn multiply<C: Curve, L: Lanes>(bases: &Prepared<'_>, scalars: &[Fr]) -> (C::Projective, Counters) {
    let windows = bases.windows;
    let digits = Digits::new::<C>(scalars, bases.finite, windows);
    let lengths: Vec<usize> = (0..windows.sets).map(|set| windows.buckets(set)).collect();
    pool::with(|buckets: &mut Buffer| {
        let points = buckets.resize(windows.total() * stride::<C>());
        let (mut tasks, mut rest) = (Vec::with_capacity(windows.sets), &mut *points);
        for (set, length) in lengths.iter().enumerate() {
            let (sums, others) = rest.split_at_mut(length * stride::<C>());
            tasks.push((set, sums));
            rest = others;
        }
        let counted = parallel::map(tasks, |(set, sums)| {
            let sort = |part| digits.sort::<C>(part, set, bases.finite.len());
            tree::sum::<C, L>(bases.points, &parallel::map((0..C::PARTS).collect(), sort), sums)
        });
        let mut counters = Counters::default();
        counted.into_iter().for_each(|some| counters += some);
        let sums = weights::weigh::<C, L>(&Sets { points, lengths }, &mut counters);
        let mut total = C::Projective::ZERO;
        for (set, sum) in sums.into_iter().enumerate().rev() {
            for _ in 0..windows.width(set) {
                total.double_in_place();
            }
            total += sum;
        }
        (total, counters)
    })
}

/// The setting that takes the least time for `length` scalars with at most `levels` copies of each base.
pub(crate) fn choose<C: Curve>(length: usize, levels: usize) -> Windows {
    let candidates = (2..=16).flat_map(|bits| {
        let sets = C::PART_BITS.div_ceil(bits).div_ceil(levels.clamp(1, 64) as u32) as usize;
        let narrow = |sets: usize| (0..sets).map(move |wide| Windows { bits, wide, sets, levels: 1 });
        narrow(sets).chain(narrow(sets - 1))
    });
    let count = |windows: &Windows| windows.count(C::PART_BITS);
    let candidates = candidates
        .map(|windows| Windows { levels: count(&windows).div_ceil(windows.sets), ..windows })
        .filter(|windows| windows.levels <= levels.max(1));
    // An addition for each digit, and somewhat more than one for each bucket to weigh it, and the time to walk through it.
    let cost = |windows: &Windows| length * C::PARTS * count(windows) + windows.total() * 2;
    let smallest = Windows { bits: 2, wide: 0, sets: C::PART_BITS as usize / 2, levels: 1 };
    candidates.min_by_key(cost).unwrap_or(smallest)
}

/// The bases as stored points, level by level: each level is the one before, doubled `span` times.
pub(crate) fn copies<C: Curve, L: Lanes>(bases: &[C::Affine], windows: Windows) -> Buffer {
    let size = bases.len() * stride::<C>();
    let mut points = Buffer::zeroed(size * windows.levels);
    import::<C, L>(bases, &mut points[..size]);
    let batch = batch(C::DEGREE) * stride::<C>();
    for level in 1..windows.levels {
        let (last, next) = points[(level - 1) * size..(level + 1) * size].split_at_mut(size);
        let stripes = last.chunks(batch).zip(next.chunks_mut(batch)).collect();
        parallel::map(stripes, |(stripe, target): (&[Limbs], &mut [Limbs])| {
            target.copy_from_slice(stripe);
            doubled::<C, L>(target, windows.span() as usize);
        });
    }
    points
}

/// Doubles as many points as a batch has `times` times, in place.
fn doubled<C: Curve, L: Lanes>(points: &mut [Limbs], times: usize) {
    if L::enter(Double::<C> { points, times, curve: PhantomData }) {
        return;
    }
    // Some point is infinity, so the first inversion failed and nothing was doubled yet.
    let mut source = points.to_vec();
    let indices = 0..(points.len() / stride::<C>()) as u32;
    let additions: Vec<Addition> =
        indices.map(|index| Addition { left: index << 1, right: index << 1, target: index }).collect();
    let mut scratch = Scratch::<C::Coordinate<L::Base>>::new();
    for _ in 0..times {
        L::enter(Add {
            source: &source,
            additions: &additions,
            target: points,
            complete: true,
            scratch: &mut scratch,
            counters: &mut Counters::default(),
        });
        source.copy_from_slice(points);
    }
}
