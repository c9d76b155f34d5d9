//! Fr over five limbs of 52 bits, eight elements per vector, Montgomery form with R = 2^260.
//!
//! R is 35.3·r, and nothing is reduced but by a product: a·b/R + r < 2·r for a < 35·r and b < r. Limbs are below 2^52 wherever a value is
//! kept; between the rows of a product columns grow to at most 20·2^52.
#![allow(clippy::needless_range_loop, reason = "limbs of several values are walked by one index")]

use super::lane::Lane;
use crate::lanes::Word;
use ark_bls12_381::{Fr, FrConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, MontConfig};

const LOW: u64 = (1 << 52) - 1;
/// r.
const P: [u64; 5] = slice(FrConfig::MODULUS.0, 1);
/// 2·r and 16·r, above what is subtracted.
const P2: [u64; 5] = slice(FrConfig::MODULUS.0, 2);
const P16: [u64; 5] = slice(FrConfig::MODULUS.0, 16);
/// −1/r mod 2^52.
const K: u64 = <FrConfig as MontConfig<4>>::INV & LOW;
/// R mod r, which is 1 here.
const ONE: [u64; 5] = slice(Fr::new(BigInt([16, 0, 0, 0])).0.0, 1);
/// 2^256 mod r: a product with it has arkworks' Montgomery form.
const ARK: [u64; 5] = slice(Fr::ONE.0.0, 1);

/// 256 bits times a small factor as five limbs of 52.
const fn slice(words: [u64; 4], factor: u64) -> [u64; 5] {
    let mut limbs = [0; 5];
    let mut carry = 0;
    let mut i = 0;
    while i < 5 {
        let (word, shift) = (52 * i / 64, 52 * i % 64);
        let mut limb = words[word] >> shift;
        if shift > 12 && word < 3 {
            limb |= words[word + 1] << (64 - shift);
        }
        carry += (limb & LOW) * factor;
        limbs[i] = carry & LOW;
        carry >>= 52;
        i += 1;
    }
    limbs
}

/// Inverse of [`slice`] for values below 2^256.
fn join(limbs: &[u64; 8]) -> [u64; 4] {
    let [a, b, c, d, e, ..] = limbs;
    [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | e << 16]
}

/// Eight elements of Fr.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Fr8<W>([W; 5]);

#[inline(always)]
fn splat<W: Word>(limbs: &[u64; 5]) -> [W; 5] {
    [W::splat(limbs[0]), W::splat(limbs[1]), W::splat(limbs[2]), W::splat(limbs[3]), W::splat(limbs[4])]
}

/// Words that the field's three kernels are compiled for: inlined where they are instructions, out of line where they are emulated.
pub(super) trait Radix52: Word + Send + Sync {
    /// Columns, possibly negative, of a value that is not: limbs of 52 bits.
    fn carry(columns: [Self; 5]) -> [Self; 5];
    /// Columns of a·b/R.
    fn times(a: &[Self; 5], b: &[Self; 5]) -> [Self; 5];
    /// (x + t, x − t) for columns t of a value below 2·r.
    fn both(x: &[Self; 5], t: &[Self; 5]) -> ([Self; 5], [Self; 5]);
}

macro_rules! radix52 {
    ($word:ty, $inline:ident) => {
        impl Radix52 for $word {
            #[inline($inline)]
            fn carry(columns: [Self; 5]) -> [Self; 5] {
                carry(columns)
            }

            #[inline($inline)]
            fn times(a: &[Self; 5], b: &[Self; 5]) -> [Self; 5] {
                multiply(a, b)
            }

            #[inline($inline)]
            fn both(x: &[Self; 5], t: &[Self; 5]) -> ([Self; 5], [Self; 5]) {
                both(x, t)
            }
        }
    };
}

#[cfg(all(target_arch = "x86_64", feature = "std"))]
radix52!(crate::lanes::avx512::Avx512, always);
radix52!(crate::lanes::emulated::Emulated, never);

#[inline(always)]
fn carry<W: Word>(mut columns: [W; 5]) -> [W; 5] {
    for i in 0..4 {
        columns[i + 1] = columns[i + 1].add(columns[i].sar::<52>());
        columns[i] = columns[i].and(W::splat(LOW));
    }
    columns
}

#[inline(always)]
fn multiply<W: Word>(a: &[W; 5], b: &[W; 5]) -> [W; 5] {
    let zero = W::splat(0);
    let mut t = [zero; 6];
    for i in 0..5 {
        for j in 0..5 {
            t[j] = t[j].madd_lo(a[i], b[j]);
        }
        let q = zero.madd_lo(t[0], W::splat(K));
        // t₀ + lo(q·r₀) is 0 mod 2^52: what it carries is t₀/2^52, rounded up.
        let up = t[0].add(W::splat(LOW)).shr::<52>();
        t[0] = t[1].add(up);
        for j in 1..5 {
            t[j] = t[j + 1];
        }
        t[5] = zero;
        for j in 0..5 {
            t[j] = t[j].madd_hi(a[i], b[j]);
        }
        for j in 0..5 {
            if j > 0 {
                t[j - 1] = t[j - 1].madd_lo(q, W::splat(P[j]));
            }
            t[j] = t[j].madd_hi(q, W::splat(P[j]));
        }
    }
    [t[0], t[1], t[2], t[3], t[4]]
}

#[inline(always)]
fn both<W: Word>(x: &[W; 5], t: &[W; 5]) -> ([W; 5], [W; 5]) {
    let (mut sum, mut difference) = (*x, *x);
    for i in 0..5 {
        sum[i] = sum[i].add(t[i]);
        difference[i] = difference[i].add(W::splat(P2[i])).sub(t[i]);
    }
    (carry(sum), carry(difference))
}

impl<W: Radix52> Fr8<W> {
    /// The limbs of 8 elements, one per row.
    #[inline(always)]
    fn rows(values: &[Fr]) -> Self {
        let mut rows = [[0; 8]; 8];
        for (row, value) in rows.iter_mut().zip(values) {
            row[..5].copy_from_slice(&slice(value.0.0, 1));
        }
        let [a, b, c, d, e, f, g, h] = &rows;
        let [l0, l1, l2, l3, l4, ..] = W::transpose([a, b, c, d, e, f, g, h]);
        Self([l0, l1, l2, l3, l4])
    }

    /// In arkworks' Montgomery form, reduced.
    #[inline(always)]
    fn export(columns: &[W; 5], out: &mut [Fr]) {
        let value = W::carry(W::times(columns, &splat(&ARK)));
        let mut less = value;
        for i in 0..5 {
            less[i] = less[i].sub(W::splat(P[i]));
        }
        let less = W::carry(less);
        let keep = !less[4].sar::<63>().zero_mask();
        let zero = W::splat(0);
        let mut words = [zero; 8];
        for i in 0..5 {
            words[i] = W::select(keep, value[i], less[i]);
        }
        for (value, row) in out.iter_mut().zip(W::rows(&words)) {
            *value = Fr::new_unchecked(BigInt(join(&row.0)));
        }
    }
}

impl<W: Radix52> Lane for Fr8<W> {
    const WIDTH: usize = 8;
    /// The limbs of x·2^256, read with R = 2^260, are x/16.
    const LOADED: u64 = 16;
    type Scalar = [u64; 5];

    #[inline(always)]
    fn load(values: &[Fr]) -> Self {
        Self::rows(values)
    }

    fn table(values: &[Fr]) -> Self {
        let mut scaled = [Fr::ZERO; 8];
        for (scaled, value) in scaled.iter_mut().zip(values) {
            *scaled = *value * Fr::from(Self::LOADED);
        }
        Self::rows(&scaled)
    }

    fn scalar(value: Fr) -> [u64; 5] {
        slice((value * Fr::from(Self::LOADED)).0.0, 1)
    }

    #[inline(always)]
    fn store(self, out: &mut [Fr]) {
        Self::export(&self.0, out);
    }

    #[inline(always)]
    fn product(a: Self, b: Self, out: &mut [Fr]) {
        Self::export(&W::carry(W::times(&a.0, &b.0)), out);
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let mut sum = self.0;
        for i in 0..5 {
            sum[i] = sum[i].add(other.0[i]);
        }
        Self(W::carry(sum))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let mut difference = self.0;
        for i in 0..5 {
            difference[i] = difference[i].add(W::splat(P16[i])).sub(other.0[i]);
        }
        Self(W::carry(difference))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(W::carry(W::times(&self.0, &other.0)))
    }

    #[inline(always)]
    fn scale(self, s: [u64; 5]) -> Self {
        Self(W::carry(W::times(&self.0, &splat(&s))))
    }

    #[inline(always)]
    fn butterfly(x: Self, y: Self, w: Self) -> (Self, Self) {
        let (sum, difference) = W::both(&x.0, &W::times(&y.0, &w.0));
        (Self(sum), Self(difference))
    }

    #[inline(always)]
    fn butterfly_scalar(x: Self, y: Self, s: [u64; 5]) -> (Self, Self) {
        let (sum, difference) = W::both(&x.0, &W::times(&y.0, &splat(&s)));
        (Self(sum), Self(difference))
    }

    #[inline(always)]
    fn reduce(self) -> Self {
        self.scale(ONE)
    }

    #[inline(always)]
    fn transpose(square: &mut [Self]) {
        let [a, b, c, d, e, f, g, h] = square else {
            return;
        };
        for i in 0..5 {
            let flipped = W::flip([a.0[i], b.0[i], c.0[i], d.0[i], e.0[i], f.0[i], g.0[i], h.0[i]]);
            [a.0[i], b.0[i], c.0[i], d.0[i], e.0[i], f.0[i], g.0[i], h.0[i]] = flipped;
        }
    }
}
