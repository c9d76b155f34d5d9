//! From bucket sums to one sum: Σ i·Bᵢ.
//!
//! With i = h·2ᵏ + l the sum is 2ᵏ·Σ h·Hₕ + Σ l·Lₗ, where Hₕ sums the buckets of one h and Lₗ those of one l: buckets
//! again, two affine additions per point, in batches. A few rounds leave sets so small that plain sums serve.

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use ark_ec::AffineRepr;
use ark_ff::AdditiveGroup;

use super::digits::Sorted;
use super::points::{Map, export, is_infinity, stride};
use super::tree::sum;
use crate::count::Counters;
use crate::curve::Curve;
use crate::lanes::{Lanes, Limbs};

/// Sets of at most 2^SMALL − 1 points are summed one by one.
const SMALL: u32 = 3;

/// `sets` bucket sets, one after another, of the weights 1 to `points per set`.
pub(crate) struct Sets {
    pub(crate) points: Vec<Limbs>,
    pub(crate) sets: usize,
}

/// Adds the parts of a scalar: the sets come part by part, those of part e are multiplied by the e-th power of the
/// endomorphism.
pub(crate) fn combine<C: Curve, L: Lanes>(mut all: Sets, counters: &mut Counters) -> Sets {
    let sets = all.sets / C::PARTS;
    let part = all.points.len() / C::PARTS;
    for (times, points) in all.points.chunks_mut(part).enumerate().skip(1) {
        L::enter(Map::<C> { points, times, curve: PhantomData });
    }
    let places = part / stride::<C>();
    let sorted = sort(places, places * C::PARTS, &all.points, stride::<C>(), |place| Some(place % places));
    let (points, counted) = sum::<C, L>(&all.points, &sorted);
    *counters += counted;
    Sets { points, sets }
}

/// Σ i·Bᵢ of each set.
pub(crate) fn weigh<C: Curve, L: Lanes>(all: Sets, counters: &mut Counters) -> Vec<C::Projective> {
    let Sets { points, sets } = all;
    if sets == 0 {
        return Vec::new();
    }
    let stride = stride::<C>();
    let length = points.len() / stride / sets;
    let bits = usize::BITS - length.leading_zeros();
    if bits <= SMALL {
        let points = export::<C, L>(&points);
        return points.chunks(length.max(1)).map(|set| descending::<C>(set)).collect();
    }
    let low_bits = bits.div_ceil(2);
    // Two new sets for each: by the high half of the weight, then by the low half; both of the weights 1 to new.
    let new = (1 << low_bits) - 1;
    let half = |place: usize, high: bool| {
        let (set, weight) = (place / length, place % length + 1);
        let part = if high { weight >> low_bits } else { weight & new };
        (part > 0).then(|| (2 * set + usize::from(!high)) * new + part - 1)
    };
    let places = sets * length;
    let sorted = sort(2 * sets * new, 2 * places, &points, stride, |place| half(place % places, place < places));
    let (points, counted) = sum::<C, L>(&points, &sorted);
    *counters += counted;
    let halves = weigh::<C, L>(Sets { points, sets: 2 * sets }, counters);
    halves
        .chunks(2)
        .map(|pair| {
            let mut high = pair[0];
            for _ in 0..low_bits {
                high.double_in_place();
            }
            high + pair[1]
        })
        .collect()
}

/// Sorts `count` references, place mod the number of points each, into buckets; infinity and `None` are left out.
fn sort(
    buckets: usize,
    count: usize,
    points: &[Limbs],
    stride: usize,
    bucket: impl Fn(usize) -> Option<usize>,
) -> Sorted {
    let length = points.len() / stride;
    let entries = || {
        (0..count).filter_map(|place| {
            let index = place % length;
            let bucket = bucket(place)?;
            (!is_infinity(&points[index * stride..(index + 1) * stride])).then_some((bucket, index))
        })
    };
    let mut starts = vec![0_u32; buckets + 1];
    for (bucket, _) in entries() {
        starts[bucket + 1] += 1;
    }
    for bucket in 0..buckets {
        starts[bucket + 1] += starts[bucket];
    }
    let mut next = starts.clone();
    let mut references = vec![0; starts[buckets] as usize];
    for (bucket, index) in entries() {
        references[next[bucket] as usize] = (index as u32) << 1;
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
