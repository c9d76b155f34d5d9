//! From values on D to values on g·D: one inverse and one forward transform that meet in bit-reversed order, so that nothing is permuted.
//!
//! n = m·N, N = 2^k. Values lie in m rows of N: index i = i₁ + m·i₂ at row i₁, place i₂; coefficients j = j₁·N + j₂ at row j₁. Then
//!
//! ω^{ij} = (ω^m)^{i₂j₂}·ω^{i₁j₂}·(ω^N)^{i₁j₁}
//!
//! so that a transform is one of length N along each row, a twiddle, and one of odd length m along each column.
//!
//! `split` reduces a row modulo X^h ∓ c, halving h (natural to bit-reversed order, one twiddle per block); `merge` is the usual decimation
//! in time back to natural order. Both multiply before they add, so that lazily reduced lanes grow by 2 a stage. With lanes of 8 the last
//! three stages work on transposed squares of 64, which stay transposed in the middle.

use super::domain::{Domain, powers};
use super::lane::Lane;
use super::odd::{MAX_ODD, Odd};
use alloc::vec::Vec;
use ark_bls12_381::Fr;
use ark_ff::{AdditiveGroup, Field};

/// Vectors that a row is cut to before its last stages: what a first-level cache holds.
const CHUNK: usize = 1 << 9;
/// Stages after which lazily reduced elements are reduced.
const PATIENCE: usize = 12;

/// Tables of the transforms of one domain.
pub(super) struct Plan<L: Lane> {
    /// Vectors in a row.
    row: usize,
    odd: usize,
    /// (ω^{−m})^{rev(b)} for block b.
    split: Vec<L::Scalar>,
    /// The same, lane by lane, for the stages inside a square: seven vectors a square.
    tail: Vec<L>,
    /// (ω^m)^{i·N/2h} at h + i, for the stages inside a square.
    head: Vec<L::Scalar>,
    /// The same for the other stages, at h/width.
    merge: Vec<L>,
    columns: Columns<L>,
}

/// What happens in the middle, per vector of a row and then per row.
struct Columns<L: Lane> {
    transforms: Option<[Odd<L>; 2]>,
    /// ω^{−i₁j₂}.
    untwiddle: Vec<L>,
    /// g^j/n.
    scale: Vec<L>,
    /// ω^{i₁j₂}.
    twiddle: Vec<L>,
}

impl<L: Lane> Plan<L> {
    /// Whether rows of the domain can be cut to lanes of this width.
    pub(super) fn fits(domain: &Domain) -> bool {
        1usize << domain.log() >= L::WIDTH * L::WIDTH
    }

    pub(super) fn new(domain: &Domain) -> Self {
        let (n, row) = (1usize << domain.log(), (1usize << domain.log()) / L::WIDTH);
        let root = domain.root().pow([domain.odd() as u64]);
        let forward = powers(root, n);
        let inverse = |exponent: usize| forward[(n - exponent) % n];
        let half = (n / 2).max(1);
        let reversed = |block: usize| inverse(reverse(block, half));
        let squares = if L::WIDTH > 1 { n / (L::WIDTH * L::WIDTH) } else { 0 };
        let tail = (0..squares * (L::WIDTH - 1)).map(|index| {
            let (square, group) = (index / (L::WIDTH - 1), index % (L::WIDTH - 1) + 1);
            // group = blocks per lane at this stage + block within the lane.
            let blocks = 1 << group.ilog2();
            let lane = |lane| reversed((square * L::WIDTH + lane) * blocks + group - blocks);
            L::table(&(0..L::WIDTH).map(lane).collect::<Vec<_>>())
        });
        let stage = |index: usize| {
            let h = 1usize << index.max(1).ilog2();
            forward[(index - h.min(index)) * (n / (2 * h)) % n]
        };
        let merge = |index: usize| {
            let h = L::WIDTH << index.max(1).ilog2();
            let first = index * L::WIDTH - h.min(index * L::WIDTH);
            L::table(&(0..L::WIDTH).map(|lane| forward[(first + lane) * n / (2 * h) % n]).collect::<Vec<_>>())
        };
        Self {
            row,
            odd: domain.odd(),
            split: (0..half.div_ceil(L::WIDTH)).map(|block| L::scalar(reversed(block))).collect(),
            tail: tail.collect(),
            head: (0..L::WIDTH).map(|index| L::scalar(stage(index))).collect(),
            merge: (0..row).map(merge).collect(),
            columns: Columns::new(domain),
        }
    }

    /// Values on D to values on g·D, both by rows.
    #[inline(always)]
    pub(super) fn to_coset(&self, values: &mut [L]) {
        for row in values.chunks_exact_mut(self.row) {
            self.split(row);
        }
        self.columns.apply(self.row, self.odd, values);
        for row in values.chunks_exact_mut(self.row) {
            self.merge(row);
        }
    }

    #[inline(always)]
    fn split(&self, row: &mut [L]) {
        let mut stage = 0;
        let mut length = row.len();
        while length > CHUNK {
            self.split_stage(row, 0, length / 2, stage);
            (length, stage) = (length / 2, stage + 1);
        }
        for (index, chunk) in row.chunks_exact_mut(length).enumerate() {
            let (mut half, mut stage) = (length / 2, stage);
            while half > 0 {
                self.split_stage(chunk, index * length, half, stage);
                (half, stage) = (half / 2, stage + 1);
            }
            if L::WIDTH > 1 {
                for (square, values) in chunk.chunks_exact_mut(L::WIDTH).enumerate() {
                    self.split_square(index * length / L::WIDTH + square, values);
                }
            }
        }
    }

    /// One stage over the blocks of `values`, which start `before` vectors into the row.
    #[inline(always)]
    fn split_stage(&self, values: &mut [L], before: usize, half: usize, stage: usize) {
        let first = before / (2 * half);
        for (block, values) in values.chunks_exact_mut(2 * half).enumerate() {
            let c = self.split[first + block];
            let (low, high) = values.split_at_mut(half);
            for (x, y) in low.iter_mut().zip(high) {
                let from = if stage % PATIENCE == PATIENCE - 1 { x.reduce() } else { *x };
                (*x, *y) = L::butterfly_scalar(from, *y, c);
            }
        }
    }

    #[inline(always)]
    fn split_square(&self, square: usize, values: &mut [L]) {
        L::transpose(values);
        let tail = &self.tail[square * (L::WIDTH - 1)..];
        let mut half = L::WIDTH / 2;
        while half > 0 {
            let blocks = L::WIDTH / (2 * half);
            for block in 0..blocks {
                for x in block * 2 * half..block * 2 * half + half {
                    let c = tail[blocks - 1 + block];
                    (values[x], values[x + half]) = L::butterfly(values[x], values[x + half], c);
                }
            }
            half /= 2;
        }
    }

    #[inline(always)]
    fn merge(&self, row: &mut [L]) {
        let chunk = row.len().min(CHUNK);
        for values in row.chunks_exact_mut(chunk) {
            if L::WIDTH > 1 {
                for square in values.chunks_exact_mut(L::WIDTH) {
                    self.merge_square(square);
                }
            }
            let (mut half, mut stage) = (1, 0);
            while half < chunk {
                self.merge_stage(values, half, stage);
                (half, stage) = (half * 2, stage + 1);
            }
        }
        let (mut half, mut stage) = (chunk, chunk.ilog2() as usize);
        while half < row.len() {
            self.merge_stage(row, half, stage);
            (half, stage) = (half * 2, stage + 1);
        }
    }

    #[inline(always)]
    fn merge_stage(&self, values: &mut [L], half: usize, stage: usize) {
        let twiddles = &self.merge[half..2 * half];
        for values in values.chunks_exact_mut(2 * half) {
            let (low, high) = values.split_at_mut(half);
            for ((x, y), w) in low.iter_mut().zip(high).zip(twiddles) {
                let from = if stage % PATIENCE == PATIENCE - 1 { x.reduce() } else { *x };
                (*x, *y) = L::butterfly(from, *y, *w);
            }
        }
    }

    #[inline(always)]
    fn merge_square(&self, values: &mut [L]) {
        let mut half = 1;
        while half < L::WIDTH {
            for x in (0..L::WIDTH).filter(|x| x & half == 0) {
                let w = self.head[half + x % half];
                (values[x], values[x + half]) = L::butterfly_scalar(values[x], values[x + half], w);
            }
            half *= 2;
        }
        L::transpose(values);
    }
}

impl Plan<Fr> {
    /// Coefficients of the polynomial of degree < n with these values on g·D, lowest first.
    pub(super) fn coset_coefficients(&self, domain: &Domain, values: &mut [Fr]) -> Vec<Fr> {
        for row in values.chunks_exact_mut(self.row) {
            self.split(row);
        }
        let mut column = [Fr::ZERO; MAX_ODD];
        let inverse = domain.shift().inverse().unwrap_or_default();
        let mut coefficients = powers(inverse, domain.size());
        let factor = domain.size_inverse();
        for place in 0..self.row {
            self.columns.untransform(self.row, place, values, &mut column[..self.odd]);
            for (row, value) in column[..self.odd].iter().enumerate() {
                coefficients[row * self.row + reverse(place, self.row)] *= *value * factor;
            }
        }
        coefficients
    }
}

impl<L: Lane> Columns<L> {
    fn new(domain: &Domain) -> Self {
        let (odd, length) = (domain.odd(), 1usize << domain.log());
        let (root, size) = (domain.root(), domain.size());
        let roots = powers(root, if odd > 1 { size } else { 1 });
        let shifts = powers(domain.shift(), size);
        let factor = domain.size_inverse() * Fr::from(L::LOADED);
        let table = |entry: &dyn Fn(usize, usize) -> Fr| {
            let vector = |index: usize| {
                let (place, row) = (index / odd, index % odd);
                L::table(
                    &(0..L::WIDTH).map(|lane| entry(row, coefficient::<L>(place, lane, length))).collect::<Vec<_>>(),
                )
            };
            (0..size / L::WIDTH).map(vector).collect::<Vec<_>>()
        };
        let twiddles = |entry: &dyn Fn(usize, usize) -> Fr| if odd > 1 { table(entry) } else { Vec::new() };
        let small = root.pow([length as u64]);
        Self {
            transforms: (odd > 1).then(|| [Odd::new(odd, small.inverse().unwrap_or_default()), Odd::new(odd, small)]),
            untwiddle: twiddles(&|row, j| roots[(size - row * j % size) % size]),
            scale: table(&|row, j| shifts[row * length + j] * factor),
            twiddle: twiddles(&|row, j| roots[row * j % size]),
        }
    }

    #[inline(always)]
    fn apply(&self, row: usize, odd: usize, values: &mut [L]) {
        let Some([inverse, forward]) = &self.transforms else {
            for (value, scale) in values.iter_mut().zip(&self.scale) {
                *value = value.mul(*scale);
            }
            return;
        };
        for place in 0..row {
            let mut column = [values[place]; MAX_ODD];
            let column = &mut column[..odd];
            self.gather(row, place, values, column);
            inverse.transform(column);
            for (value, scale) in column.iter_mut().zip(&self.scale[place * odd..]) {
                *value = value.mul(*scale);
            }
            forward.transform(column);
            for (index, twiddle) in self.twiddle[place * odd..][..odd].iter().enumerate() {
                values[index * row + place] = column[index].mul(*twiddle);
            }
        }
    }

    /// A column, untwiddled.
    #[inline(always)]
    fn gather(&self, row: usize, place: usize, values: &[L], column: &mut [L]) {
        let odd = column.len();
        for (index, (slot, twiddle)) in column.iter_mut().zip(&self.untwiddle[place * odd..]).enumerate() {
            *slot = values[index * row + place].mul(*twiddle);
        }
    }

    /// A column's coefficients, times n.
    fn untransform(&self, row: usize, place: usize, values: &[L], column: &mut [L]) {
        match &self.transforms {
            Some([inverse, _]) => {
                self.gather(row, place, values, column);
                inverse.transform(column);
            }
            None => column[0] = values[place],
        }
    }
}

/// The coefficient j₂ that lane `lane` of vector `place` of a row of `length` holds in the middle: bit-reversed, squares transposed.
fn coefficient<L: Lane>(place: usize, lane: usize, length: usize) -> usize {
    let (square, within) = (place / L::WIDTH, place % L::WIDTH);
    reverse((square * L::WIDTH + lane) * L::WIDTH + within, length)
}

/// The bits of `index` < `count` in reverse, `count` being a power of two.
fn reverse(index: usize, count: usize) -> usize {
    if count < 2 { 0 } else { index.reverse_bits() >> (usize::BITS - count.ilog2()) }
}
