//! Scalars as signed digits, sorted by bucket.

use alloc::vec;
use alloc::vec::Vec;

use ark_bls12_381::Fr;
use ark_ff::AdditiveGroup;

use crate::curve::{Curve, Part};
use crate::parallel;

/// How a table of shifted copies and the windows of a scalar fit together: window w of a part lies in level w / sets,
/// which holds 2^(bits · sets · level)·P, and falls into bucket set w mod sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Windows {
    /// Bits of a window, 2 to 20.
    pub(crate) bits: u32,
    /// Bucket sets per part.
    pub(crate) sets: usize,
    /// Copies of each base point.
    pub(crate) levels: usize,
}

impl Windows {
    /// Buckets of a set: the magnitudes 1 to 2^(bits − 1).
    pub(crate) fn buckets(&self) -> usize {
        1 << (self.bits - 1)
    }
}

/// The digits of all scalars, laid out [part][window][scalar].
pub(crate) struct Digits {
    windows: Windows,
    /// Windows of a part.
    count: usize,
    length: usize,
    digits: Vec<i32>,
}

/// Points sorted by bucket: bucket b holds `references[starts[b]..starts[b + 1]]`, each index · 2 + sign.
pub(crate) struct Sorted {
    pub(crate) starts: Vec<u32>,
    pub(crate) references: Vec<u32>,
}

/// Scalars handled at a time.
const STRIPE: usize = 1024;

impl Digits {
    /// Splits each scalar along the endomorphism and writes each part in signed digits.
    pub(crate) fn new<C: Curve>(scalars: &[Fr], windows: Windows) -> Self {
        let count = C::PART_BITS.div_ceil(windows.bits) as usize;
        let length = scalars.len();
        let stripes = parallel::map(scalars.chunks(STRIPE).collect(), |stripe: &[Fr]| {
            let mut digits = vec![0; C::PARTS * count * stripe.len()];
            for (index, scalar) in stripe.iter().enumerate().filter(|(_, scalar)| **scalar != Fr::ZERO) {
                for (part, magnitude) in C::split(scalar).iter().take(C::PARTS).enumerate() {
                    let row = &mut digits[part * count * stripe.len()..];
                    recode(magnitude, windows.bits, row.iter_mut().skip(index).step_by(stripe.len()).take(count));
                }
            }
            digits
        });
        let mut digits = vec![0; C::PARTS * count * length];
        for (stripe, part) in stripes.iter().enumerate() {
            let width = part.len() / (C::PARTS * count);
            for (row, values) in part.chunks(width).enumerate() {
                let start = row * length + stripe * STRIPE;
                digits[start..start + width].copy_from_slice(values);
            }
        }
        Self { windows, count, length, digits }
    }

    /// The points of one bucket set of one part, sorted. Point n of level l has index l · `stride` + n.
    pub(crate) fn sort(&self, part: usize, set: usize, stride: usize) -> Sorted {
        let rows = (0..self.windows.levels).filter_map(|level| {
            let window = level * self.windows.sets + set;
            let start = (part * self.count + window) * self.length;
            (window < self.count).then(|| (level * stride, &self.digits[start..start + self.length]))
        });
        let mut starts = vec![0_u32; self.windows.buckets() + 1];
        for (_, row) in rows.clone() {
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
        for (base, row) in rows {
            for (index, digit) in row.iter().enumerate().filter(|(_, digit)| **digit != 0) {
                let place = &mut next[digit.unsigned_abs() as usize - 1];
                references[*place as usize] = ((base + index) as u32) << 1 | u32::from(*digit < 0);
                *place += 1;
            }
        }
        Sorted { starts, references }
    }
}

/// Signed digits in [−2^(bits−1), 2^(bits−1)], lowest first.
fn recode<'a>(part: &Part, bits: u32, digits: impl Iterator<Item = &'a mut i32>) {
    let (mask, half) = ((1_u32 << bits) - 1, 1_u32 << (bits - 1));
    let mut rest = part.magnitude;
    let mut carry = 0;
    for digit in digits {
        let value = (rest as u32 & mask) + carry;
        rest >>= bits;
        carry = u32::from(value > half);
        let signed = value.cast_signed() - (carry << bits).cast_signed();
        *digit = if part.negative { -signed } else { signed };
    }
}
