//! Scalars as signed digits, sorted by bucket.

use alloc::vec;
use alloc::vec::Vec;

use ark_bls12_381::Fr;
use ark_ff::AdditiveGroup;

use crate::curve::{Curve, Part};
use crate::parallel;

/// How a table of shifted copies and the windows of a scalar fit together: window w of a part lies in level w / sets,
/// which holds 2^(span · level)·P, and falls into bucket set w mod sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Windows {
    /// Bits of a window, 2 to 20.
    pub(crate) bits: u32,
    /// Sets, the first ones, whose windows have one bit more.
    pub(crate) wide: usize,
    /// Bucket sets per part.
    pub(crate) sets: usize,
    /// Copies of each base point.
    pub(crate) levels: usize,
}

impl Windows {
    /// Bits of the windows that fall into a set.
    pub(crate) fn width(&self, set: usize) -> u32 {
        self.bits + u32::from(set < self.wide)
    }

    /// Bits from a level to the next.
    pub(crate) fn span(&self) -> u32 {
        self.bits * self.sets as u32 + self.wide as u32
    }

    /// Buckets of a set: the magnitudes 1 to 2^(width − 1).
    pub(crate) fn buckets(&self, set: usize) -> usize {
        1 << (self.width(set) - 1)
    }

    /// Buckets of all sets.
    pub(crate) fn total(&self) -> usize {
        (self.sets + self.wide) << (self.bits - 1)
    }

    /// Windows that hold `bits` bits.
    pub(crate) fn count(&self, bits: u32) -> usize {
        let spans = bits / self.span();
        let mut left = bits - spans * self.span();
        let mut count = spans as usize * self.sets;
        for set in 0..self.sets {
            if left == 0 {
                break;
            }
            left = left.saturating_sub(self.width(set));
            count += 1;
        }
        count
    }
}

/// The digits of all scalars, stripe by stripe.
pub(crate) struct Digits {
    windows: Windows,
    /// Windows of a part.
    count: usize,
    /// Those of each [`STRIPE`] scalars, laid out [part][window][scalar].
    stripes: Vec<Vec<i32>>,
}

/// Points sorted by bucket: bucket b holds `references[starts[b]..starts[b + 1]]`, each index · 2 + sign.
pub(crate) struct Sorted {
    pub(crate) starts: Vec<u32>,
    pub(crate) references: Vec<u32>,
}

/// Scalars handled at a time.
const STRIPE: usize = 1024;

impl Digits {
    /// Splits each scalar along the endomorphism and writes each part in signed digits; none where `finite` says no.
    pub(crate) fn new<C: Curve>(scalars: &[Fr], finite: &[bool], windows: Windows) -> Self {
        let count = windows.count(C::PART_BITS);
        let stripes = scalars.chunks(STRIPE).zip(finite.chunks(STRIPE)).collect();
        let stripes = parallel::map(stripes, |(stripe, finite): (&[Fr], &[bool])| {
            let mut digits = vec![0; C::PARTS * count * stripe.len()];
            let used = |(scalar, finite): (&Fr, &bool)| *finite && *scalar != Fr::ZERO;
            for (index, (scalar, _)) in stripe.iter().zip(finite).enumerate().filter(|(_, pair)| used(*pair)) {
                for (part, magnitude) in C::split(scalar).iter().take(C::PARTS).enumerate() {
                    let row = &mut digits[part * count * stripe.len()..];
                    recode(magnitude, &windows, row.iter_mut().skip(index).step_by(stripe.len()).take(count));
                }
            }
            digits
        });
        Self { windows, count, stripes }
    }

    /// The digits of one set's windows of one part: (index of the first one's point, digits). Point n of level l has index
    /// l · `stride` + n.
    fn rows(&self, part: usize, set: usize, parts: usize, stride: usize) -> impl Iterator<Item = (usize, &[i32])> {
        (set..self.count).step_by(self.windows.sets).enumerate().flat_map(move |(level, window)| {
            self.stripes.iter().enumerate().map(move |(index, stripe)| {
                let width = stripe.len() / (parts * self.count);
                let start = (part * self.count + window) * width;
                (level * stride + index * STRIPE, &stripe[start..start + width])
            })
        })
    }

    /// The points of one bucket set of one part, sorted.
    pub(crate) fn sort<C: Curve>(&self, part: usize, set: usize, stride: usize) -> Sorted {
        let rows = || self.rows(part, set, C::PARTS, stride);
        let mut starts = vec![0_u32; self.windows.buckets(set) + 1];
        for (_, row) in rows() {
            for digit in row {
                starts[digit.unsigned_abs() as usize] += 1;
            }
        }
        // Digit 0 has no bucket: count d becomes the start of bucket d − 1's successor.
        starts[0] = 0;
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let total = starts[starts.len() - 1] as usize;
        let mut references = vec![0; total];
        let mut next = starts.clone();
        for (base, row) in rows() {
            for (index, digit) in row.iter().enumerate().filter(|(_, digit)| **digit != 0) {
                let place = &mut next[digit.unsigned_abs() as usize - 1];
                references[*place as usize] = ((base + index) as u32) << 1 | u32::from(*digit < 0);
                *place += 1;
            }
        }
        Sorted { starts, references }
    }
}

/// Signed digits, lowest first, each within half of its window's range.
fn recode<'a>(part: &Part, windows: &Windows, digits: impl Iterator<Item = &'a mut i32>) {
    let mut rest = part.magnitude;
    let (mut carry, mut set) = (0, 0);
    for digit in digits {
        let bits = windows.width(set);
        let value = (rest as u32 & ((1 << bits) - 1)) + carry;
        rest >>= bits;
        carry = u32::from(value > 1 << (bits - 1));
        let signed = value.cast_signed() - (carry << bits).cast_signed();
        *digit = if part.negative { -signed } else { signed };
        set = if set + 1 == windows.sets { 0 } else { set + 1 };
    }
}
