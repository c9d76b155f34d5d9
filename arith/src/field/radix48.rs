//! Fq over eight signed limbs of 48 bits, each a double that carries its weight 2^(48i − 384): the value of an element is
//! that of its usual Montgomery form (R = 2³⁸⁴) times 2⁻³⁸⁴.
//!
//! A product has columns k = 0 … 15 of weight 2^(48k − 768). It is reduced without a chain of quotients: the eight columns
//! below weight 2⁻³⁸⁴ are replaced by multiples of 2^(48k − 384) mod p, then one multiple of p is taken away. The bounds
//! of every limb, column and value, and why each operation is exact, stand in `docs/engine/arith.md`.
#![allow(
    clippy::needless_range_loop,
    reason = "limb i of several arrays, without closures: those would not be inlined"
)]

use ark_bls12_381::FqConfig;
use ark_ff::MontConfig;

use crate::lanes::{Double, Quad};

/// p.
const MODULUS: [u64; 6] = <FqConfig as MontConfig<6>>::MODULUS.0;
/// p in limbs.
pub(super) const P: [f64; 8] = weighted(cut(MODULUS), 0);
/// 2³⁸⁴/p, to a few units in the last place.
pub(super) const INVERSE: f64 = 1.0 / (P[7] + P[6] + P[5]);
/// Adding it and taking it away again rounds to an integer.
pub(crate) const INTEGER: f64 = 1.5 * power(52);

static P_TABLE: [Quad; 8] = spread(P);
/// Row k: 2^(48k − 384) mod p, nearest to 0, so scaled that its product with column k of a product has limbs' weights.
static FOLD: [[Quad; 8]; 8] = fold();

/// 2^exponent.
pub(crate) const fn power(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// 1.5·2⁵² units of the weight of column k + 1: where the high part of column k starts, and what, added and taken away again, rounds
/// column k to a multiple of that unit.
const fn offset(column: usize) -> f64 {
    1.5 * power(52 + 48 * (column as i32 + 1) - 768)
}

/// 384 bits as eight limbs of 48.
pub(super) const fn cut(words: [u64; 6]) -> [i64; 8] {
    let mut limbs = [0; 8];
    let mut i = 0;
    while i < 8 {
        let (word, shift) = (48 * i / 64, 48 * i % 64);
        let mut limb = words[word] >> shift;
        if shift > 16 && word < 5 {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[i] = (limb & ((1 << 48) - 1)).cast_signed();
        i += 1;
    }
    limbs
}

/// Limbs in [−2⁴⁷, 2⁴⁷), the top one excepted, with their weights times 2^shift.
pub(super) const fn weighted(mut limbs: [i64; 8], shift: i32) -> [f64; 8] {
    let mut weighted = [0.0; 8];
    let mut i = 0;
    while i < 8 {
        if i < 7 {
            let carry = (limbs[i] + (1 << 47)) >> 48;
            limbs[i] -= carry << 48;
            limbs[i + 1] += carry;
        }
        weighted[i] = limbs[i] as f64 * power(48 * i as i32 - 384 + shift);
        i += 1;
    }
    weighted
}

/// Constants for all lanes.
pub(crate) const fn spread<const N: usize>(limbs: [f64; N]) -> [Quad; N] {
    let mut quads = [Quad([0.0; 4]); N];
    let mut i = 0;
    while i < N {
        quads[i] = Quad([limbs[i]; 4]);
        i += 1;
    }
    quads
}

/// x/2 mod p for x < p.
const fn halve(mut x: [u64; 6]) -> [u64; 6] {
    let odd = x[0] & 1 == 1;
    let mut carry = 0;
    let mut i = 0;
    while i < 6 {
        carry += x[i] as u128 + if odd { MODULUS[i] as u128 } else { 0 };
        x[i] = carry as u64;
        carry >>= 64;
        i += 1;
    }
    i = 0;
    while i < 6 {
        x[i] = x[i] >> 1 | (if i < 5 { x[i + 1] } else { carry as u64 }) << 63;
        i += 1;
    }
    x
}

const fn fold() -> [[Quad; 8]; 8] {
    let mut rows = [[Quad([0.0; 4]); 8]; 8];
    let (mut x, p) = ([1, 0, 0, 0, 0, 0], cut(MODULUS));
    let mut k = 8;
    while k > 0 {
        k -= 1;
        let mut halvings = 0;
        while halvings < 48 {
            x = halve(x);
            halvings += 1;
        }
        let mut limbs = cut(x);
        if 2 * limbs[7] > p[7] {
            let mut i = 0;
            while i < 8 {
                limbs[i] -= p[i];
                i += 1;
            }
        }
        rows[k] = spread(weighted(limbs, 768 - 48 * k as i32));
    }
    rows
}

/// For each row i of the factor `a`: products with limbs j of `b` into columns i + j − base, those in the second list being
/// their column's first.
macro_rules! rows {
    ($w:ident, $high:ident, $low:ident, $a:expr, $b:expr, $base:literal; $($i:literal [$($j:literal)*] [$($first:literal)*])*) => {
        $(
            let limb = $w::fetch::<$i, 8>($a);
            $($w::accumulate::<$j, 8>(&mut $high[$i + $j - $base], &mut $low[$i + $j - $base], limb, $b);)*
            $($w::begin::<$first, 8>(&mut $high[$i + $first - $base], &mut $low[$i + $first - $base], limb, $b);)*
        )*
    };
}

/// High and low parts of N columns from `first` on.
#[inline(always)]
fn columns<W: Double, const N: usize>(first: usize) -> ([W; N], [W; N]) {
    let mut high = [W::splat(0.0); N];
    for i in 0..N {
        high[i] = W::splat(offset(first + i));
    }
    (high, [W::splat(0.0); N])
}

/// The columns from their parts: the high part of a column, less its start, belongs to the next, the first one's being `from_below`.
#[inline(always)]
fn joined<W: Double, const N: usize>(high: &[W; N], low: &[W; N], first: usize, from_below: W) -> ([W; N], W) {
    let (mut sum, mut above) = (*low, from_below);
    for i in 0..N {
        sum[i] = if first + i > 0 { sum[i].add(above) } else { sum[i] };
        above = high[i].sub(W::splat(offset(first + i)));
    }
    (sum, above)
}

/// Columns 0 to 7 of ab, and what column 8 gets from them.
#[inline(always)]
fn low_product<W: Double>(a: &[W; 8], b: &[W; 8]) -> ([W; 8], W) {
    let (mut high, mut low) = columns::<W, 2>(0);
    rows!(W, high, low, a, b, 0; 0 [] [0 1] 1 [0] []);
    let ([c0, c1], above) = joined(&high, &low, 0, high[0]);
    let (mut high, mut low) = columns::<W, 6>(2);
    rows!(W, high, low, a, b, 2;
        0 [] [2 3 4 5 6 7] 1 [1 2 3 4 5 6] [] 2 [0 1 2 3 4 5] [] 3 [0 1 2 3 4] [] 4 [0 1 2 3] [] 5 [0 1 2] []
        6 [0 1] [] 7 [0] []);
    let ([c2, c3, c4, c5, c6, c7], above) = joined(&high, &low, 2, above);
    ([c0, c1, c2, c3, c4, c5, c6, c7], above)
}

/// Columns 8 to 15 of ab.
#[inline(always)]
fn high_product<W: Double>(a: &[W; 8], b: &[W; 8], from_below: W) -> [W; 8] {
    let (mut high, mut low) = columns::<W, 6>(8);
    rows!(W, high, low, a, b, 8;
        1 [] [7] 2 [6] [7] 3 [5 6] [7] 4 [4 5 6] [7] 5 [3 4 5 6] [7] 6 [2 3 4 5 6] [7] 7 [1 2 3 4 5 6] []);
    let ([c8, c9, c10, c11, c12, c13], above) = joined(&high, &low, 8, from_below);
    let (mut high, mut low) = columns::<W, 1>(14);
    rows!(W, high, low, a, b, 14; 7 [] [7]);
    let ([c14], above) = joined(&high, &low, 14, above);
    [c8, c9, c10, c11, c12, c13, c14, above]
}

/// Columns 0 to 7 of a² for `two` = 2a, and what column 8 gets from them: each product of two different limbs is taken once, doubled.
#[inline(always)]
fn low_square<W: Double>(a: &[W; 8], two: &[W; 8]) -> ([W; 8], W) {
    let (mut high, mut low) = columns::<W, 2>(0);
    rows!(W, high, low, a, a, 0; 0 [] [0]);
    rows!(W, high, low, two, a, 0; 0 [] [1]);
    let ([c0, c1], above) = joined(&high, &low, 0, high[0]);
    let (mut high, mut low) = columns::<W, 6>(2);
    rows!(W, high, low, two, a, 2; 0 [] [2 3 4 5 6 7] 1 [2 3 4 5 6] [] 2 [3 4 5] [] 3 [4] []);
    rows!(W, high, low, a, a, 2; 1 [1] [] 2 [2] [] 3 [3] []);
    let ([c2, c3, c4, c5, c6, c7], above) = joined(&high, &low, 2, above);
    ([c0, c1, c2, c3, c4, c5, c6, c7], above)
}

/// Columns 8 to 15 of a².
#[inline(always)]
fn high_square<W: Double>(a: &[W; 8], two: &[W; 8], from_below: W) -> [W; 8] {
    let (mut high, mut low) = columns::<W, 6>(8);
    rows!(W, high, low, two, a, 8; 1 [] [7] 2 [6] [7] 3 [5 6] [7] 4 [5 6] [7] 5 [6] [7]);
    rows!(W, high, low, two, a, 8; 6 [] [7]);
    rows!(W, high, low, a, a, 8; 4 [4] [] 5 [5] [] 6 [6] []);
    let ([c8, c9, c10, c11, c12, c13], above) = joined(&high, &low, 8, from_below);
    let (mut high, mut low) = columns::<W, 1>(14);
    rows!(W, high, low, a, a, 14; 7 [] [7]);
    let ([c14], above) = joined(&high, &low, 14, above);
    [c8, c9, c10, c11, c12, c13, c14, above]
}

/// Adds the low column k times its row of [`FOLD`] to the columns of the given limbs.
macro_rules! folds {
    ($w:ident, $high:ident, $low:ident, $columns:expr, $base:literal, $limbs:tt; $($k:literal)*) => {
        $(
            let column = $w::fetch::<$k, 8>($columns);
            folds!(@row $w, $high, $low, column, $k, $base, $limbs);
        )*
    };
    (@row $w:ident, $high:ident, $low:ident, $column:ident, $k:literal, $base:literal, [$($j:literal)*]) => {
        $($w::accumulate::<$j, 8>(&mut $high[$j - $base], &mut $low[$j - $base], $column, $w::table(&FOLD[$k]));)*
    };
}

/// Rounds each column but the last to 48 bits; the carries go one column up, which is far enough.
#[inline(always)]
pub(super) fn carried<W: Double>(columns: &[W; 8], first: usize) -> [W; 8] {
    let (mut limbs, mut carry) = (*columns, W::splat(0.0));
    for i in 0..8 {
        let from_below = carry;
        if i < 7 {
            let round = W::splat(offset(first + i));
            carry = columns[i].add(round).sub(round);
            limbs[i] = columns[i].sub(carry);
        }
        limbs[i] = if i > 0 { limbs[i].add(from_below) } else { limbs[i] };
    }
    limbs
}

/// The eight low columns, carried, and column 8's share of the rest.
#[inline(always)]
fn settled<W: Double>((columns, above): ([W; 8], W)) -> ([W; 8], W) {
    let mut settled = carried(&columns, 0);
    let round = W::splat(offset(7));
    let carry = columns[7].add(round).sub(round);
    settled[7] = settled[7].sub(carry);
    (settled, above.add(carry))
}

/// Limbs of the value of the columns, mod p.
#[inline(always)]
fn reduced<W: Double>(below: &[W; 8], columns: &[W; 8]) -> [W; 8] {
    let [c0, c1, c2, c3, c4, c5, c6, c7] = *columns;
    let (mut high, _) = self::columns::<W, 6>(10);
    let mut low = [c2, c3, c4, c5, c6, c7];
    folds!(W, high, low, below, 2, [2 3 4 5 6 7]; 0 1 2 3 4 5 6 7);
    let mut sum = [low[0]; 8];
    for i in 1..6 {
        sum[2 + i] = low[i].add(high[i - 1].sub(W::splat(offset(9 + i))));
    }
    let top = high[5].sub(W::splat(offset(15)));
    // What lies below the two highest columns does not matter for the quotient.
    let integer = W::splat(INTEGER);
    let quotient = top.add(sum[7]).mul(W::splat(INVERSE)).add(integer).sub(integer);
    // Two chains a column: the latency of one would show.
    let (mut high, _) = self::columns::<W, 2>(8);
    let (mut other_high, _) = self::columns::<W, 2>(8);
    let (mut low, mut other_low) = ([c0, c1], [W::splat(0.0); 2]);
    folds!(W, high, low, below, 0, [0 1]; 0 2 4 6);
    folds!(W, other_high, other_low, below, 0, [0 1]; 1 3 5 7);
    sum[0] = low[0].add(other_low[0]);
    let above = |i: usize| high[i].sub(W::splat(offset(8 + i))).add(other_high[i].sub(W::splat(offset(8 + i))));
    sum[1] = low[1].add(other_low[1]).add(above(0));
    sum[2] = sum[2].add(above(1));
    less(sum, top, quotient)
}

/// The columns, and one above them, less quotient·p.
#[inline(always)]
fn less<W: Double>(mut sum: [W; 8], top: W, quotient: W) -> [W; 8] {
    let p = W::table(&P_TABLE);
    let mut above = W::splat(0.0);
    for i in 0..8 {
        let start = W::splat(offset(8 + i));
        // The multiple's part above this column, and what is left of it here, negative.
        let high = start.sub(start.fnma(quotient, p[i]));
        sum[i] = sum[i].add(high.fnma(quotient, p[i]));
        sum[i] = if i > 0 { sum[i].sub(above) } else { sum[i] };
        above = high;
    }
    sum[7] = sum[7].add(top.sub(above));
    carried(&sum, 8)
}

/// ab/R mod p.
#[inline(always)]
pub(crate) fn multiply<W: Double>(a: &[W; 8], b: &[W; 8]) -> [W; 8] {
    // The high product comes last, so that the CPU has something to do while the low columns are settled.
    let (low, above) = settled(low_product(a, b));
    reduced(&low, &high_product(a, b, above))
}

/// a²/R mod p.
#[inline(always)]
pub(crate) fn square<W: Double>(a: &[W; 8]) -> [W; 8] {
    let two = sum(a, a);
    let (low, above) = settled(low_square(a, &two));
    reduced(&low, &high_square(a, &two, above))
}

/// (ab + cd)/R mod p.
#[inline(always)]
pub(crate) fn dot<W: Double>(a: &[W; 8], b: &[W; 8], c: &[W; 8], d: &[W; 8]) -> [W; 8] {
    let ((first, above), (second, other)) = (low_product(a, b), low_product(c, d));
    let (low, above) = settled((sum(&first, &second), above.add(other)));
    reduced(&low, &sum(&high_product(a, b, above), &high_product(c, d, W::splat(0.0))))
}

/// (a₀ + a₁u)(b₀ + b₁u)/R mod p with three products: a₀b₀ − a₁b₁ and (a₀ + a₁)(b₀ + b₁) − a₀b₀ − a₁b₁.
#[inline(always)]
pub(crate) fn complex<W: Double>([a0, a1]: [&[W; 8]; 2], [b0, b1]: [&[W; 8]; 2]) -> [[W; 8]; 2] {
    let (a, b) = (carried(&sum(a0, a1), 8), carried(&sum(b0, b1), 8));
    let (first, second, third) = (low_product(a0, b0), low_product(a1, b1), low_product(&a, &b));
    let real = settled((difference(&first.0, &second.0), first.1.sub(second.1)));
    let rest = difference(&difference(&third.0, &first.0), &second.0);
    let other = settled((rest, third.1.sub(first.1).sub(second.1)));
    let zero = W::splat(0.0);
    let (first, second) = (high_product(a0, b0, zero), high_product(a1, b1, zero));
    let third = difference(&difference(&high_product(&a, &b, other.1), &first), &second);
    let mut first = difference(&first, &second);
    first[0] = first[0].add(real.1);
    [reduced(&real.0, &first), reduced(&other.0, &third)]
}

#[inline(always)]
fn sum<W: Double>(a: &[W; 8], b: &[W; 8]) -> [W; 8] {
    let mut sum = *a;
    for i in 0..8 {
        sum[i] = sum[i].add(b[i]);
    }
    sum
}

#[inline(always)]
fn difference<W: Double>(a: &[W; 8], b: &[W; 8]) -> [W; 8] {
    let mut difference = *a;
    for i in 0..8 {
        difference[i] = difference[i].sub(b[i]);
    }
    difference
}
