//! From bucket sums to one sum: Σ i·Bᵢ.
//!
//! With i = h·2ᵏ + l the sum is 2ᵏ·Σ h·Hₕ + Σ l·Lₗ, where Hₕ sums the buckets of one h and Lₗ those of one l: buckets
//! again, two affine additions per point, in batches. A few rounds leave sets so small that plain sums serve.

use alloc::vec;
use alloc::vec::Vec;

use ark_ec::AffineRepr;
use ark_ff::AdditiveGroup;

use super::digits::Sorted;
use super::points::{export, is_infinity, stride};
use super::tree::sum;
use crate::buffer::Buffer;
use crate::count::Counters;
use crate::curve::Curve;
use crate::lanes::{Lanes, Limbs};
use crate::pool;

/// Sets of at most 2^SMALL − 1 points are summed one by one.
const SMALL: u32 = 3;

/// The sums of buckets of the weights 1, 2, …, one set after another.
pub(crate) struct Sets<'a> {
    pub(crate) points: &'a [Limbs],
    /// Buckets of each set.
    pub(crate) lengths: Vec<usize>,
}

/// Σ i·Bᵢ of each set.
pub(crate) fn weigh<C: Curve, L: Lanes>(all: &Sets<'_>, counters: &mut Counters) -> Vec<C::Projective> {
    let Sets { points, lengths } = all;
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let bits = usize::BITS - longest.leading_zeros();
    if bits <= SMALL {
        let mut points = &export::<C, L>(points)[..];
        let mut take = |length: usize| {
            let (set, rest) = points.split_at(length);
            points = rest;
            descending::<C>(set)
        };
        return lengths.iter().map(|length| take(*length)).collect();
    }
    let low_bits = bits.div_ceil(2);
    // Two new sets for each: by the high half of the weight, then by the low half; both of the weights 1 to new.
    let new = (1 << low_bits) - 1;
    let halves = |set: usize, weight: usize| {
        let bucket = move |half: usize, part: usize| (part > 0).then(|| (2 * set + half) * new + part - 1);
        [bucket(0, weight >> low_bits), bucket(1, weight & new)]
    };
    let weights =
        || lengths.iter().enumerate().flat_map(|(set, length)| (1..=*length).map(move |weight| (set, weight)));
    let entries = || {
        let buckets = weights().enumerate();
        buckets.flat_map(|(place, (set, weight))| halves(set, weight).into_iter().flatten().map(move |b| (b, place)))
    };
    let buckets = 2 * lengths.len() * new;
    let sorted = sort::<C, _>(buckets, points, entries);
    let sums = pool::with(|sums: &mut Buffer| {
        let sums = sums.resize(buckets * stride::<C>());
        *counters += sum::<C, L>(points, &[sorted], sums);
        weigh::<C, L>(&Sets { points: sums, lengths: vec![new; 2 * lengths.len()] }, counters)
    });
    let shifted = |high: &C::Projective| (0..low_bits).fold(*high, |point, _| point.double());
    sums.chunks(2).map(|pair| shifted(&pair[0]) + pair[1]).collect()
}

/// Sorts points by bucket, the entries being (bucket, point); infinity is left out.
fn sort<C: Curve, E: Iterator<Item = (usize, usize)>>(
    buckets: usize,
    points: &[Limbs],
    entries: impl Fn() -> E,
) -> Sorted {
    let finite: Vec<bool> = points.chunks(stride::<C>()).map(|point| !is_infinity(point)).collect();
    let entries = || entries().filter(|(_, point)| finite[*point]);
    let mut starts = vec![0_u32; buckets + 1];
    for (bucket, _) in entries() {
        starts[bucket + 1] += 1;
    }
    for bucket in 0..buckets {
        starts[bucket + 1] += starts[bucket];
    }
    let mut next = starts.clone();
    let mut references = vec![0; starts[buckets] as usize];
    for (bucket, point) in entries() {
        references[next[bucket] as usize] = (point as u32) << 1;
        next[bucket] += 1;
    }
    Sorted { starts, references }
}

/// Σ i·Bᵢ by running sums from the top.
fn descending<C: Curve>(points: &[C::Affine]) -> C::Projective {
    let mut running = C::Projective::ZERO;
    let mut total = C::Projective::ZERO;
    for point in points.iter().rev() {
        if !point.is_zero() {
            running += point;
        }
        total += running;
    }
    total
}
