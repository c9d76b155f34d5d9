//! Fr over six signed limbs of 44 bits, each a double that carries its weight 2^(44i), four elements per vector, in
//! arkworks' Montgomery form: a factor is a plain integer and leaves that form as it is.
//!
//! A product with one element for all lanes uses the six multiples of it by 2^(44i) mod r: no column lies above the limbs. A
//! product with different elements replaces its columns 6 to 11 by multiples of 2^(44k) mod r. Either ends by taking away
//! the nearest multiple of r. Bounds: `docs/engine/transforms.md`.
#![allow(clippy::needless_range_loop, reason = "limbs of several values are walked by one index")]

use super::lane::Lane;
use crate::field::radix48::{INTEGER, power, spread};
use crate::lanes::{Double, Quad};
use ark_bls12_381::{Fr, FrConfig};
use ark_ff::{BigInt, MontConfig, PrimeField};

const LOW: u64 = (1 << 44) - 1;
/// r.
const MODULUS: [u64; 4] = FrConfig::MODULUS.0;
const R: [f64; 6] = weighted(cut(MODULUS));
/// 1/r, to a few units in the last place.
const INVERSE: f64 = 1.0 / (R[5] + R[4] + R[3]);
static R_TABLE: [Quad; 6] = spread(R);
/// Row k: 2^(44(k + 6)) mod r, nearest to 0, over 2^(44(k + 6)).
static FOLD: [[Quad; 6]; 6] = fold();

/// 2⁻²⁵⁶ mod r: what as an element of arkworks has the Montgomery form 1, as an integer.
static EXCESS: [Quad; 6] = spread(weighted(centred(inverse_power(256))));

/// Where the high part of column k starts, and what rounds column k to the unit of column k + 1.
const fn offset(column: usize) -> f64 {
    1.5 * power(52 + 44 * (column as i32 + 1))
}

/// 256 bits as six limbs of 44.
const fn cut(words: [u64; 4]) -> [i64; 6] {
    let mut limbs = [0; 6];
    let mut i = 0;
    while i < 6 {
        let (word, shift) = (44 * i / 64, 44 * i % 64);
        let mut limb = words[word] >> shift;
        if shift > 20 && word < 3 {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[i] = (limb & LOW).cast_signed();
        i += 1;
    }
    limbs
}

/// Limbs in [−2⁴³, 2⁴³), the top one excepted, with their weights.
const fn weighted(mut limbs: [i64; 6]) -> [f64; 6] {
    let mut weighted = [0.0; 6];
    let mut i = 0;
    while i < 6 {
        if i < 5 {
            let carry = (limbs[i] + (1 << 43)) >> 44;
            limbs[i] -= carry << 44;
            limbs[i + 1] += carry;
        }
        weighted[i] = limbs[i] as f64 * power(44 * i as i32);
        i += 1;
    }
    weighted
}

/// The limbs of x − r if that is nearer to 0.
const fn centred(x: [u64; 4]) -> [i64; 6] {
    let (mut limbs, r) = (cut(x), cut(MODULUS));
    if 2 * limbs[5] > r[5] {
        let mut i = 0;
        while i < 6 {
            limbs[i] -= r[i];
            i += 1;
        }
    }
    limbs
}

/// 2x mod r for x < r.
const fn double(x: [u64; 4]) -> [u64; 4] {
    let (mut twice, mut less) = ([0; 4], [0; 4]);
    let (mut i, mut borrow) = (0, false);
    while i < 4 {
        twice[i] = x[i] << 1 | if i > 0 { x[i - 1] >> 63 } else { 0 };
        let (difference, first) = twice[i].overflowing_sub(MODULUS[i]);
        let (difference, second) = difference.overflowing_sub(borrow as u64);
        less[i] = difference;
        borrow = first || second;
        i += 1;
    }
    if borrow { twice } else { less }
}

/// 2^(−exponent) mod r.
const fn inverse_power(exponent: u32) -> [u64; 4] {
    let (mut x, mut halvings) = ([1, 0, 0, 0], 0);
    while halvings < exponent {
        // Half of x, or of x + r, which fits.
        let mut carry = 0;
        let mut i = 0;
        let odd = x[0] & 1 == 1;
        while i < 4 {
            carry += x[i] as u128 + if odd { MODULUS[i] as u128 } else { 0 };
            x[i] = carry as u64;
            carry >>= 64;
            i += 1;
        }
        x = [x[0] >> 1 | x[1] << 63, x[1] >> 1 | x[2] << 63, x[2] >> 1 | x[3] << 63, x[3] >> 1 | (carry as u64) << 63];
        halvings += 1;
    }
    x
}

const fn fold() -> [[Quad; 6]; 6] {
    let mut rows = [[Quad([0.0; 4]); 6]; 6];
    let (mut x, mut exponent) = ([1, 0, 0, 0], 0);
    while exponent < 12 * 44 {
        if exponent >= 6 * 44 && exponent % 44 == 0 {
            let mut limbs = weighted(centred(x));
            let mut i = 0;
            while i < 6 {
                limbs[i] *= power(-exponent);
                i += 1;
            }
            rows[(exponent / 44 - 6) as usize] = spread(limbs);
        }
        x = double(x);
        exponent += 1;
    }
    rows
}

/// For each limb i of `a`, steps by limbs j of a row `b` into columns i·slope + j − base.
macro_rules! rows {
    ($w:ident, $step:ident, $high:ident, $low:ident, $a:expr, $slope:literal, $base:literal; $($i:literal $b:expr, [$($j:literal)*])*) => {
        $(
            let limb = $w::fetch::<$i, 6>($a);
            $({
                const COLUMN: usize = $i * $slope + $j - $base;
                $w::$step::<$j, 6>(&mut $high[COLUMN], &mut $low[COLUMN], limb, $b);
            })*
        )*
    };
}

/// For each limb i, the limbs of 2^(44i)·s mod r over 2^(44i).
pub(super) type Multiples = [[f64; 6]; 6];

/// Words that the field's kernels are compiled for.
pub(super) trait Radix44: Double {
    /// a·b.
    fn times(a: &[Self; 6], b: &[Self; 6]) -> [Self; 6];
    /// a·s for all lanes.
    fn scaled(a: &[Self; 6], s: &Multiples) -> [Self; 6];
}

impl Radix44 for Quad {
    fn times(a: &[Self; 6], b: &[Self; 6]) -> [Self; 6] {
        times(a, b)
    }

    fn scaled(a: &[Self; 6], s: &Multiples) -> [Self; 6] {
        scaled(a, s)
    }
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
mod avx2 {
    use super::{Multiples, Radix44, scaled, times};
    use crate::lanes::avx2::Avx2;

    impl Radix44 for Avx2 {
        #[inline(always)]
        fn times(a: &[Self; 6], b: &[Self; 6]) -> [Self; 6] {
            // SAFETY: AVX2 and FMA are there, as for every value of `Avx2`.
            unsafe { times_out_of_line(a, b) }
        }

        #[inline(always)]
        fn scaled(a: &[Self; 6], s: &Multiples) -> [Self; 6] {
            // SAFETY: AVX2 and FMA are there, as for every value of `Avx2`.
            unsafe { scaled_out_of_line(a, s) }
        }
    }

    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn times_out_of_line(a: &[Avx2; 6], b: &[Avx2; 6]) -> [Avx2; 6] {
        times(a, b)
    }

    #[inline(never)]
    #[target_feature(enable = "avx2,fma")]
    fn scaled_out_of_line(a: &[Avx2; 6], s: &Multiples) -> [Avx2; 6] {
        scaled(a, s)
    }
}

#[inline(always)]
fn starts<W: Double>(first: usize) -> [W; 6] {
    let mut starts = [W::splat(0.0); 6];
    for i in 0..6 {
        starts[i] = W::splat(offset(first + i));
    }
    starts
}

/// Columns from their parts, and what the next one gets: the high part of a column, less its start, belongs to the next.
#[inline(always)]
fn joined<W: Double, const N: usize>(high: &[W; N], low: &[W; N], first: usize, from_below: W) -> ([W; N], W) {
    let (mut sum, mut above) = (*low, from_below);
    for i in 0..N {
        sum[i] = if first + i > 0 { sum[i].add(above) } else { sum[i] };
        above = high[i].sub(W::splat(offset(first + i)));
    }
    (sum, above)
}

/// Rounds the columns to 44 bits, the last one excepted; carries go one column up.
#[inline(always)]
fn carried<W: Double>(columns: &[W; 6], first: usize) -> [W; 6] {
    let (mut limbs, mut from_below) = (*columns, W::splat(0.0));
    for i in 0..6 {
        let carry = if i < 5 {
            let round = W::splat(offset(first + i));
            columns[i].add(round).sub(round)
        } else {
            W::splat(0.0)
        };
        limbs[i] = if i < 5 { limbs[i].sub(carry) } else { limbs[i] };
        limbs[i] = if i > 0 { limbs[i].add(from_below) } else { limbs[i] };
        from_below = carry;
    }
    limbs
}

/// The columns less the multiple of r next to their value.
#[inline(always)]
fn reduced<W: Double>((mut sum, top): ([W; 6], W)) -> [W; 6] {
    let integer = W::splat(INTEGER);
    // What lies below the two highest columns does not matter for the quotient.
    let quotient = top.add(sum[5]).mul(W::splat(INVERSE)).add(integer).sub(integer);
    let r = W::table(&R_TABLE);
    let mut above = W::splat(0.0);
    for i in 0..6 {
        let start = W::splat(offset(i));
        // The multiple's part above this column, and what is left of it here, negative.
        let high = start.sub(start.fnma(quotient, r[i]));
        sum[i] = sum[i].add(high.fnma(quotient, r[i]));
        sum[i] = if i > 0 { sum[i].sub(above) } else { sum[i] };
        above = high;
    }
    sum[5] = sum[5].add(top.sub(above));
    carried(&sum, 0)
}

#[inline(always)]
fn scaled<W: Double>(a: &[W; 6], s: &Multiples) -> [W; 6] {
    let (mut high, mut low) = (starts::<W>(0), [W::splat(0.0); 6]);
    rows!(W, accumulate_scalar, high, low, a, 0, 0;
        0 &s[0], [0 1 2 3 4 5] 1 &s[1], [0 1 2 3 4 5] 2 &s[2], [0 1 2 3 4 5]
        3 &s[3], [0 1 2 3 4 5] 4 &s[4], [0 1 2 3 4 5] 5 &s[5], [0 1 2 3 4 5]);
    reduced(joined(&high, &low, 0, low[0]))
}

#[inline(always)]
fn times<W: Double>(a: &[W; 6], b: &[W; 6]) -> [W; 6] {
    let zero = W::splat(0.0);
    let ([h6, h7, h8, h9, h10, _], mut low) = (starts::<W>(6), [zero; 5]);
    let mut high = [h6, h7, h8, h9, h10];
    rows!(W, accumulate, high, low, a, 1, 6; 1 b, [5] 2 b, [4 5] 3 b, [3 4 5] 4 b, [2 3 4 5] 5 b, [1 2 3 4 5]);
    let upper = (high, low);
    let (mut high, mut low) = (starts::<W>(0), [zero; 6]);
    rows!(W, accumulate, high, low, a, 1, 0;
        0 b, [0 1 2 3 4 5] 1 b, [0 1 2 3 4] 2 b, [0 1 2 3] 3 b, [0 1 2] 4 b, [0 1] 5 b, [0]);
    let (mut low, above) = joined(&high, &low, 0, zero);
    let ([c6, c7, c8, c9, c10], c11) = joined(&upper.0, &upper.1, 6, above);
    let settled = carried(&[c6, c7, c8, c9, c10, c11], 6);
    let mut high = starts::<W>(0);
    rows!(W, accumulate, high, low, &settled, 0, 0;
        0 W::table(&FOLD[0]), [0 1 2 3 4 5] 1 W::table(&FOLD[1]), [0 1 2 3 4 5] 2 W::table(&FOLD[2]), [0 1 2 3 4 5]
        3 W::table(&FOLD[3]), [0 1 2 3 4 5] 4 W::table(&FOLD[4]), [0 1 2 3 4 5] 5 W::table(&FOLD[5]), [0 1 2 3 4 5]);
    reduced(joined(&high, &low, 0, zero))
}

/// Four elements of Fr.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Fr4<W>([W; 6]);

/// The bits of limbs from 0 to 2⁴⁴ − 1, each added to 2⁵² units of its weight.
#[inline(always)]
fn biased(limbs: [i64; 6]) -> [u64; 8] {
    let mut bits = [0; 8];
    for i in 0..6 {
        bits[i] = power(52 + 44 * i as i32).to_bits() | limbs[i].cast_unsigned();
    }
    bits
}

/// An element below r from limbs of a value in (−r, r).
fn canonical(bits: &[u64; 8]) -> Fr {
    let mut limbs = [0_i64; 6];
    for i in 0..6 {
        limbs[i] = (f64::from_bits(bits[i]) * power(-44 * i as i32)) as i64;
    }
    let propagate = |limbs: &mut [i64; 6]| {
        for i in 0..5 {
            limbs[i + 1] += limbs[i] >> 44;
            limbs[i] &= LOW.cast_signed();
        }
    };
    propagate(&mut limbs);
    if limbs[5] < 0 {
        let r = cut(MODULUS);
        for i in 0..6 {
            limbs[i] += r[i];
        }
        propagate(&mut limbs);
    }
    let [a, b, c, d, e, f] = limbs.map(i64::cast_unsigned);
    Fr::new_unchecked(BigInt([a | b << 44, b >> 20 | c << 24, c >> 40 | d << 4 | e << 48, e >> 16 | f << 28]))
}

impl<W: Radix44> Fr4<W> {
    #[inline(always)]
    fn integers(rows: [[i64; 6]; 4]) -> Self {
        let rows = [biased(rows[0]), biased(rows[1]), biased(rows[2]), biased(rows[3])];
        let columns = W::transpose([&rows[0], &rows[1], &rows[2], &rows[3]]);
        let mut limbs = [columns[0]; 6];
        for i in 0..6 {
            limbs[i] = columns[i].sub(W::splat(power(52 + 44 * i as i32)));
        }
        Self(limbs)
    }
}

impl<W: Radix44> Lane for Fr4<W> {
    const WIDTH: usize = 4;
    const LOADED: u64 = 1;
    type Scalar = Multiples;

    #[inline(always)]
    fn load(values: &[Fr]) -> Self {
        let mut rows = [[0; 6]; 4];
        for (row, value) in rows.iter_mut().zip(values) {
            *row = cut(value.0.0);
        }
        Self::integers(rows)
    }

    fn table(values: &[Fr]) -> Self {
        let mut rows = [[0; 8]; 4];
        for (row, value) in rows.iter_mut().zip(values) {
            row[..6].copy_from_slice(&weighted(centred(value.into_bigint().0)).map(f64::to_bits));
        }
        let [a, b, c, d, e, f, ..] = W::transpose(rows.each_ref());
        Self([a, b, c, d, e, f])
    }

    fn scalar(value: Fr) -> Multiples {
        let shift = Fr::from(1_u64 << 44);
        let mut multiple = value;
        core::array::from_fn(|i| {
            let limbs = weighted(centred(multiple.into_bigint().0));
            multiple *= shift;
            limbs.map(|limb| limb * power(-44 * i as i32))
        })
    }

    #[inline(always)]
    fn store(self, out: &mut [Fr]) {
        let [a, b, c, d, e, f] = self.reduce().0;
        let zero = W::splat(0.0);
        for (value, row) in out.iter_mut().zip(W::rows(&[a, b, c, d, e, f, zero, zero])) {
            *value = canonical(&row.0);
        }
    }

    #[inline(always)]
    fn product(a: Self, b: Self, out: &mut [Fr]) {
        // Both are in Montgomery form: 2²⁵⁶ is there once too often.
        let excess = W::table(&EXCESS);
        Self(W::times(&W::times(&a.reduce().0, &b.reduce().0), excess)).store(out);
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut limbs = self.0;
        for i in 0..6 {
            limbs[i] = limbs[i].add(other.0[i]);
        }
        Self(limbs)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut limbs = self.0;
        for i in 0..6 {
            limbs[i] = limbs[i].sub(other.0[i]);
        }
        Self(limbs)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(W::times(&self.0, &other.0))
    }

    #[inline(always)]
    fn scale(self, s: Multiples) -> Self {
        Self(W::scaled(&self.0, &s))
    }

    #[inline(always)]
    fn butterfly(x: Self, y: Self, w: Self) -> (Self, Self) {
        let t = y.mul(w);
        (x.add(t), x.sub(t))
    }

    #[inline(always)]
    fn butterfly_scalar(x: Self, y: Self, s: Multiples) -> (Self, Self) {
        let t = y.scale(s);
        (x.add(t), x.sub(t))
    }

    #[inline(always)]
    fn reduce(self) -> Self {
        Self(reduced((self.0, W::splat(0.0))))
    }

    #[inline(always)]
    fn transpose(square: &mut [Self]) {
        let [a, b, c, d] = square else {
            return;
        };
        for i in 0..6 {
            [a.0[i], b.0[i], c.0[i], d.0[i]] = W::flip([a.0[i], b.0[i], c.0[i], d.0[i]]);
        }
    }
}
