//! Fq over eight limbs of 52 bits, eight elements per vector, Montgomery form with R = 2⁴¹⁶.
//!
//! The bounds of every limb and value are derived in `docs/engine/arith.md`.
#![allow(
    clippy::needless_range_loop,
    reason = "limb i of several arrays, without closures: those would not be inlined"
)]

use ark_bls12_381::{Fq, FqConfig};
use ark_ff::{BigInt, Field, Fp, MontConfig};

use super::{Base, Places};
use crate::lanes::{Limbs, MAX_WIDTH, Word};

const LOW: u64 = (1 << 52) - 1;
/// p in limbs.
const P: [u64; 8] = slice(<FqConfig as MontConfig<6>>::MODULUS.0);
/// −p⁻¹ mod 2⁵².
const K: u64 = <FqConfig as MontConfig<6>>::INV & LOW;
/// (Kp + 1)/2⁵²: adding t₀·Kp clears the lowest limb t₀, so the row's quotient is t₀ itself.
const M: [u64; 8] = friendly();
/// 8p: makes a difference positive when what is taken away is at most 8p.
const P8: [u64; 8] = multiple(8);
/// 16p: makes the negative of a wide value positive.
const P16: [u64; 8] = multiple(16);
/// 2³⁹⁰p, from the limb of weight 2³⁶⁴ on: above any product of wide values, and below 2⁻²⁵pR.
const ABOVE: [u64; 9] = shifted();
/// For each quotient q mod 8, the limbs of ⌊q·2³⁸¹/p⌋·p, as two's complement per limb.
const MULTIPLES: [[u64; 8]; 8] = multiples();

/// 384 bits as eight limbs of 52.
const fn slice(words: [u64; 6]) -> [u64; 8] {
    let mut limbs = [0; 8];
    let mut i = 0;
    while i < 8 {
        let (word, shift) = (52 * i / 64, 52 * i % 64);
        limbs[i] = words[word] >> shift;
        if shift > 12 && word < 5 {
            limbs[i] |= words[word + 1] << (64 - shift);
        }
        limbs[i] &= LOW;
        i += 1;
    }
    limbs
}

/// Inverse of [`slice`], for limbs of at most 52 bits.
fn join(limbs: [u64; 8]) -> [u64; 6] {
    let mut words = [0; 6];
    for (i, limb) in limbs.into_iter().enumerate() {
        let (word, shift) = (52 * i / 64, 52 * i % 64);
        words[word] |= limb << shift;
        if shift > 12 && word < 5 {
            words[word + 1] |= limb >> (64 - shift);
        }
    }
    words
}

const fn friendly() -> [u64; 8] {
    let mut limbs = [0; 8];
    let mut carry = 1_u128;
    let mut i = 0;
    while i < 8 {
        carry += P[i] as u128 * K as u128;
        if i > 0 {
            limbs[i - 1] = carry as u64 & LOW;
        }
        carry >>= 52;
        i += 1;
    }
    limbs[7] = carry as u64;
    limbs
}

const fn multiple(factor: u64) -> [u64; 8] {
    let mut limbs = [0; 8];
    let mut carry = 0;
    let mut i = 0;
    while i < 8 {
        carry += P[i] * factor;
        limbs[i] = carry & LOW;
        carry >>= 52;
        i += 1;
    }
    limbs[7] += carry << 52;
    limbs
}

const fn shifted() -> [u64; 9] {
    let mut limbs = [0; 9];
    let mut i = 0;
    while i < 9 {
        let below = if i > 0 { P[i - 1] >> 26 } else { 0 };
        limbs[i] = below + if i < 8 { P[i] << 26 & LOW } else { 0 };
        i += 1;
    }
    limbs
}

const fn multiples() -> [[u64; 8]; 8] {
    // ⌊1.2306 q⌋ for q = 0, 1, 2, 3, −4, −3, −2, −1.
    let factors: [i64; 8] = [0, 1, 2, 3, -5, -4, -3, -2];
    let mut table = [[0; 8]; 8];
    let mut q = 0;
    while q < 8 {
        let limbs = multiple(factors[q].unsigned_abs());
        let mut i = 0;
        while i < 8 {
            table[i][q] = if factors[q] < 0 { limbs[i].wrapping_neg() } else { limbs[i] };
            i += 1;
        }
        q += 1;
    }
    table
}

/// Eight signed columns become seven limbs of 52 bits and a top limb.
#[inline(always)]
fn carry<W: Word>(mut columns: [W; 8]) -> [W; 8] {
    for i in 0..7 {
        columns[i + 1] = columns[i + 1].add(columns[i].sar::<52>());
        columns[i] = columns[i].and(W::splat(LOW));
    }
    columns
}

/// One row: adds the low parts of a·b, finds the quotient, drops the lowest column, adds the rest.
/// `products` are the (limb of a, b) pairs of the row. Columns go by value: they are to stay in registers.
#[inline(always)]
fn row<W: Word, const LAST: bool, const N: usize>(mut t: [W; 9], products: [(W, &[W; 8]); N]) -> [W; 9] {
    for (a, b) in products {
        for j in 0..8 {
            t[j] = t[j].madd_lo(a, b[j]);
        }
    }
    let zero = W::splat(0);
    // The last row adds a multiple of p itself: the lowest column becomes 0 mod 2⁵² and carries its ceiling.
    let (q, up) = if LAST {
        (zero.madd_lo(t[0], W::splat(K)), t[0].add(W::splat(LOW)).sar::<52>())
    } else {
        (t[0], t[0].sar::<52>())
    };
    let mut u = [t[1].add(up), t[2], t[3], t[4], t[5], t[6], t[7], t[8], zero];
    for (a, b) in products {
        for j in 0..8 {
            u[j] = u[j].madd_hi(a, b[j]);
        }
    }
    for j in 0..8 {
        if LAST {
            if j > 0 {
                u[j - 1] = u[j - 1].madd_lo(q, W::splat(P[j]));
            }
            u[j] = u[j].madd_hi(q, W::splat(P[j]));
        } else {
            u[j] = u[j].madd_lo(q, W::splat(M[j]));
            u[j + 1] = u[j + 1].madd_hi(q, W::splat(M[j]));
        }
    }
    u
}

#[inline(always)]
fn finish<W: Word>(t: [W; 9]) -> [W; 8] {
    // Column 8 is empty after the last row.
    carry([t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]])
}

/// ab/R mod p, below 1.26 p.
#[inline(always)]
pub(crate) fn multiply<W: Word>(a: &[W; 8], b: &[W; 8]) -> [W; 8] {
    let t = row::<W, false, 1>([W::splat(0); 9], [(a[0], b)]);
    let t = row::<W, false, 1>(t, [(a[1], b)]);
    let t = row::<W, false, 1>(t, [(a[2], b)]);
    let t = row::<W, false, 1>(t, [(a[3], b)]);
    let t = row::<W, false, 1>(t, [(a[4], b)]);
    let t = row::<W, false, 1>(t, [(a[5], b)]);
    let t = row::<W, false, 1>(t, [(a[6], b)]);
    finish(row::<W, true, 1>(t, [(a[7], b)]))
}

/// (ab + cd)/R mod p, below 1.26 p.
#[inline(always)]
pub(crate) fn dot<W: Word>(a: &[W; 8], b: &[W; 8], c: &[W; 8], d: &[W; 8]) -> [W; 8] {
    let t = row::<W, false, 2>([W::splat(0); 9], [(a[0], b), (c[0], d)]);
    let t = row::<W, false, 2>(t, [(a[1], b), (c[1], d)]);
    let t = row::<W, false, 2>(t, [(a[2], b), (c[2], d)]);
    let t = row::<W, false, 2>(t, [(a[3], b), (c[3], d)]);
    let t = row::<W, false, 2>(t, [(a[4], b), (c[4], d)]);
    let t = row::<W, false, 2>(t, [(a[5], b), (c[5], d)]);
    let t = row::<W, false, 2>(t, [(a[6], b), (c[6], d)]);
    finish(row::<W, true, 2>(t, [(a[7], b), (c[7], d)]))
}

/// A row of a product that is there already; the ninth column meets the product's next one.
#[inline(always)]
fn reduce_row<W: Word>(t: [W; 9], next: W) -> [W; 9] {
    let mut u = row::<W, false, 0>(t, []);
    u[8] = u[8].add(next);
    u
}

/// a²/R mod p, below 1.26 p: each product of two different limbs is taken once and doubled.
#[inline(always)]
pub(crate) fn square<W: Word>(a: &[W; 8]) -> [W; 8] {
    let mut t = [W::splat(0); 16];
    for i in 0..8 {
        for j in i + 1..8 {
            t[i + j] = t[i + j].madd_lo(a[i], a[j]);
            t[i + j + 1] = t[i + j + 1].madd_hi(a[i], a[j]);
        }
    }
    for i in 0..8 {
        t[2 * i] = t[2 * i].add(t[2 * i]).madd_lo(a[i], a[i]);
        t[2 * i + 1] = t[2 * i + 1].add(t[2 * i + 1]).madd_hi(a[i], a[i]);
    }
    reduced(&t)
}

/// The value of sixteen columns over R mod p.
#[inline(always)]
fn reduced<W: Word>(t: &[W; 16]) -> [W; 8] {
    let u = [t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8]];
    let u = reduce_row(u, t[9]);
    let u = reduce_row(u, t[10]);
    let u = reduce_row(u, t[11]);
    let u = reduce_row(u, t[12]);
    let u = reduce_row(u, t[13]);
    let u = reduce_row(u, t[14]);
    let u = reduce_row(u, t[15]);
    finish(row::<W, true, 0>(u, []))
}

/// Columns of ab, added to `t`.
#[inline(always)]
fn product<W: Word>(mut t: [W; 16], a: &[W; 8], b: &[W; 8]) -> [W; 16] {
    for i in 0..8 {
        for j in 0..8 {
            t[i + j] = t[i + j].madd_lo(a[i], b[j]);
        }
        for j in 0..8 {
            t[i + j + 1] = t[i + j + 1].madd_hi(a[i], b[j]);
        }
    }
    t
}

/// (a₀ + a₁u)(b₀ + b₁u)/R mod p with three products: a₀b₀ − a₁b₁ and (a₀ + a₁)(b₀ + b₁) − a₀b₀ − a₁b₁. Each below 1.26 p.
#[inline(always)]
pub(crate) fn complex<W: Word>([a0, a1]: [&[W; 8]; 2], [b0, b1]: [&[W; 8]; 2]) -> [[W; 8]; 2] {
    let zero = [W::splat(0); 16];
    let (mut a, mut b) = (*a0, *b0);
    for i in 0..8 {
        a[i] = a[i].add(a1[i]);
        b[i] = b[i].add(b1[i]);
    }
    let (first, second) = (product(zero, a0, b0), product(zero, a1, b1));
    let mut other = product(zero, &carry(a), &carry(b));
    let mut real = first;
    for k in 0..16 {
        other[k] = other[k].sub(first[k].add(second[k]));
        real[k] = real[k].sub(second[k]);
    }
    // A multiple of p that makes the real part positive.
    for k in 7..16 {
        real[k] = real[k].add(W::splat(ABOVE[k - 7]));
    }
    [reduced(&real), reduced(&other)]
}

/// Eight elements of Fq in limbs of 52 bits.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Radix52<W>([W; 8]);

impl<W: Word> Radix52<W> {
    #[inline(always)]
    fn constant(limbs: [u64; 8]) -> Self {
        let mut words = [W::splat(0); 8];
        for i in 0..8 {
            words[i] = W::splat(limbs[i]);
        }
        Self(words)
    }

    /// a − b limb by limb, not carried.
    #[inline(always)]
    fn minus(&self, other: &Self) -> Self {
        let mut words = self.0;
        for i in 0..8 {
            words[i] = words[i].sub(other.0[i]);
        }
        Self(words)
    }

    /// a + b limb by limb, not carried.
    #[inline(always)]
    fn plus(&self, other: &Self) -> Self {
        let mut words = self.0;
        for i in 0..8 {
            words[i] = words[i].add(other.0[i]);
        }
        Self(words)
    }

    #[inline(always)]
    fn carried(self) -> Self {
        Self(carry(self.0))
    }

    /// A signed value between −4.9 p and 4.9 p becomes one from 0 to 2.01 p.
    #[inline(always)]
    fn reduced(self) -> Self {
        let mut columns = self.0;
        // The top limb, lowered by what the lower limbs may lack, gives the quotient by 2³⁸¹.
        let q = columns[7].sub(W::splat(4)).sar::<17>();
        for i in 0..8 {
            columns[i] = columns[i].sub(q.lookup(&MULTIPLES[i]));
        }
        Self(columns).carried()
    }

    /// Canonical limbs of a product.
    #[inline(always)]
    fn canonical(&self) -> Self {
        let less = self.minus(&Self::constant(P)).carried();
        let negative = !less.0[7].sar::<63>().zero_mask();
        Self::select(u32::from(negative), self, &less)
    }
}

impl<W: Word> Base for Radix52<W> {
    const WIDTH: usize = 8;

    #[inline(always)]
    fn zero() -> Self {
        Self::constant([0; 8])
    }

    #[inline(always)]
    fn one() -> Self {
        const ONE: Fq = Fq::new(BigInt([1 << 32, 0, 0, 0, 0, 0]));
        Self::constant(slice(ONE.0.0))
    }

    #[inline(always)]
    fn mul(&self, other: &Self) -> Self {
        Self(W::multiply(&self.0, &other.0))
    }

    #[inline(always)]
    fn square(&self) -> Self {
        Self(W::square(&self.0))
    }

    #[inline(always)]
    fn dot(a: &Self, b: &Self, c: &Self, d: &Self) -> Self {
        Self(W::dot(&a.0, &b.0, &c.0, &d.0))
    }

    #[inline(always)]
    fn complex([a0, a1]: [&Self; 2], [b0, b1]: [&Self; 2]) -> [Self; 2] {
        W::complex([&a0.0, &a1.0], [&b0.0, &b1.0]).map(Self)
    }

    #[inline(always)]
    fn add(&self, other: &Self) -> Self {
        self.plus(other).carried()
    }

    #[inline(always)]
    fn sub(&self, other: &Self) -> Self {
        self.minus(other).plus(&Self::constant(P8)).carried()
    }

    #[inline(always)]
    fn neg(&self) -> Self {
        Self::constant(P16).minus(self).carried()
    }

    #[inline(always)]
    fn sub_stored(&self, other: &Self) -> Self {
        self.minus(other).reduced()
    }

    #[inline(always)]
    fn sub_sub(&self, b: &Self, c: &Self) -> Self {
        self.minus(b).minus(c).reduced()
    }

    #[inline(always)]
    fn negate_if(&self, mask: u32) -> Self {
        let mut words = self.0;
        for word in &mut words {
            *word = W::select(mask as u8, W::splat(0).sub(*word), *word);
        }
        Self(words)
    }

    #[inline(always)]
    fn zero_mask(&self) -> u32 {
        let product = self.mul(&Self::one()).canonical();
        let mut all = product.0[0];
        for word in &product.0[1..] {
            all = all.or(*word);
        }
        u32::from(all.zero_mask())
    }

    #[inline(always)]
    fn select(mask: u32, then: &Self, otherwise: &Self) -> Self {
        let mut words = otherwise.0;
        for i in 0..8 {
            words[i] = W::select(mask as u8, then.0[i], words[i]);
        }
        Self(words)
    }

    #[inline(always)]
    fn load(source: &[Limbs], at: &Places) -> Self {
        let mut rows = [&source[at[0]].0; 8];
        for lane in 1..8 {
            rows[lane] = &source[at[lane]].0;
        }
        Self(W::transpose(rows))
    }

    #[inline(always)]
    fn store(&self, target: &mut [Limbs], at: &Places, count: usize) {
        for (row, place) in W::rows(&self.0).into_iter().zip(at).take(count) {
            target[*place] = row;
        }
    }

    #[inline(always)]
    fn import(values: &[Fq]) -> Self {
        // a·2³⁸⁴ · 2⁴⁴⁸/2⁴¹⁶ = a·2⁴¹⁶.
        const SHIFT: Fq = Fq::new(BigInt([0, 1, 0, 0, 0, 0]));
        let mut rows = [[0; 8]; MAX_WIDTH];
        for (row, value) in rows.iter_mut().zip(values) {
            *row = slice(value.0.0);
        }
        Self(W::transpose(rows.each_ref())).mul(&Self::constant(slice(SHIFT.0.0)))
    }

    #[inline(always)]
    fn export(&self, out: &mut [Fq]) {
        // a·2⁴¹⁶ · 2³⁸⁴/2⁴¹⁶ = a·2³⁸⁴.
        let words = self.mul(&Self::constant(slice(Fq::ONE.0.0))).canonical();
        for (value, row) in out.iter_mut().zip(W::rows(&words.0)) {
            *value = Fp::new_unchecked(BigInt(join(row.0)));
        }
    }

    fn negate_limbs(limbs: &Limbs) -> Limbs {
        // 2p − a, or 3p − a for what lies between 2p and the bound of stored values.
        let less = difference(&multiple(2), &limbs.0);
        Limbs(if less[7].cast_signed() < 0 { difference(&multiple(3), &limbs.0) } else { less })
    }
}

/// a − b, carried; its top limb is negative if the difference is.
fn difference(a: &[u64; 8], b: &[u64; 8]) -> [u64; 8] {
    let mut borrow = 0_i64;
    core::array::from_fn(|i| {
        let column = a[i].cast_signed() - b[i].cast_signed() + borrow;
        borrow = column >> 52;
        if i < 7 { column.cast_unsigned() & LOW } else { column.cast_unsigned() }
    })
}
