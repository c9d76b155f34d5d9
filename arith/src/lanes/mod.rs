//! Vectors of eight 64-bit words, or of four doubles, and the few instructions that the fields over them need.
//!
//! A field is written once, the radix-2⁵² one over [`Word`], the radix-2⁴⁸ one over [`Double`]. [`emulated`] and
//! `emulated_fma` give each instruction's meaning in plain numbers, so that the algorithms are tested on any machine;
//! `avx512` and `avx2` map each to one or a few instructions.

pub(crate) mod emulated;
#[cfg(feature = "std")]
pub(crate) mod emulated_fma;

#[cfg(all(target_arch = "x86_64", feature = "std"))]
pub(crate) mod avx2;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
pub(crate) mod avx512;

/// Vectors hold at most this many elements.
pub(crate) const MAX_WIDTH: usize = 8;

/// One element of the base field as a back end stores it: 64 bytes, one cache line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Limbs(pub(crate) [u64; 8]);

/// Eight independent 64-bit words.
pub(crate) trait Word: Copy + Send + 'static {
    /// The same word in each lane.
    fn splat(word: u64) -> Self;
    /// Lane-wise sum mod 2⁶⁴.
    fn add(self, other: Self) -> Self;
    /// Lane-wise difference mod 2⁶⁴.
    fn sub(self, other: Self) -> Self;
    /// Bitwise and.
    fn and(self, other: Self) -> Self;
    /// Bitwise or.
    fn or(self, other: Self) -> Self;
    /// `self` + the low 52 bits of the product of the low 52 bits of `a` and `b`.
    fn madd_lo(self, a: Self, b: Self) -> Self;
    /// `self` + bits 52 to 103 of the product of the low 52 bits of `a` and `b`.
    fn madd_hi(self, a: Self, b: Self) -> Self;
    /// Logical shift to the right.
    fn shr<const BITS: u32>(self) -> Self;
    /// Shift to the right that copies the sign bit.
    fn sar<const BITS: u32>(self) -> Self;
    /// `table[self mod 8]` in each lane.
    fn lookup(self, table: &[u64; 8]) -> Self;
    /// Bit i tells whether lane i is 0.
    fn zero_mask(self) -> u8;
    /// `then` in the lanes of `mask`, `otherwise` elsewhere.
    fn select(mask: u8, then: Self, otherwise: Self) -> Self;
    /// Eight rows of eight words to eight columns: word j of row i becomes lane i of word j.
    fn transpose(rows: [&[u64; 8]; 8]) -> [Self; 8];
    /// Inverse of [`Word::transpose`].
    fn rows(columns: &[Self; 8]) -> [Limbs; 8];
    /// Eight words as a square, transposed: lane j of word i becomes lane i of word j.
    fn flip(square: [Self; 8]) -> [Self; 8];
    /// Products ab/R mod p, out of line.
    fn multiply(a: &[Self; 8], b: &[Self; 8]) -> [Self; 8];
    /// Squares a²/R mod p, out of line.
    fn square(a: &[Self; 8]) -> [Self; 8];
    /// (ab + cd)/R mod p, out of line.
    fn dot(a: &[Self; 8], b: &[Self; 8], c: &[Self; 8], d: &[Self; 8]) -> [Self; 8];
    /// The product (a₀ + a₁u)(b₀ + b₁u)/R, u² = −1, out of line.
    fn complex(a: [&[Self; 8]; 2], b: [&[Self; 8]; 2]) -> [[Self; 8]; 2];
}

/// Four doubles, laid out and aligned as a vector register is in memory: what tables of constants are made of.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug)]
#[repr(C, align(32))]
pub(crate) struct Quad(pub(crate) [f64; 4]);

/// Four independent doubles. Every operation rounds once, to the nearest, ties to even.
#[cfg(feature = "std")]
pub(crate) trait Double: Copy + Send + Sync + 'static {
    /// The same double in each lane.
    fn splat(value: f64) -> Self;
    /// a + b.
    fn add(self, other: Self) -> Self;
    /// a − b.
    fn sub(self, other: Self) -> Self;
    /// ab.
    fn mul(self, other: Self) -> Self;
    /// `self` + ab, rounded once.
    fn fma(self, a: Self, b: Self) -> Self;
    /// `self` − ab, rounded once.
    fn fnma(self, a: Self, b: Self) -> Self;
    /// Vector `I` of an array, read anew: the compiler does not keep it for later, which would cost registers.
    fn fetch<const I: usize, const N: usize>(from: &[Self; N]) -> Self;
    /// Adds a·`b[J]` to the column whose high part is `high` and whose low part is `low`: `high` = fma(a, b, `high`), and
    /// what that rounding lost, which is a double, goes to `low`.
    fn accumulate<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[Self; N]);
    /// The same for a column whose low part is 0.
    fn begin<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[Self; N]);
    /// [`Double::accumulate`] with `b[J]` in each lane.
    fn accumulate_scalar<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[f64; N]);
    /// A table of constants as vectors.
    fn table<const N: usize>(quads: &'static [Quad; N]) -> &'static [Self; N];
    /// The negative in the lanes of `mask`.
    fn negate_if(self, mask: u8) -> Self;
    /// Bit i tells whether lane i is 0.
    fn zero_mask(self) -> u8;
    /// `then` in the lanes of `mask`, `otherwise` elsewhere.
    fn select(mask: u8, then: Self, otherwise: Self) -> Self;
    /// Four rows of eight doubles, as their bits, to eight columns.
    fn transpose(rows: [&[u64; 8]; 4]) -> [Self; 8];
    /// Inverse of [`Double::transpose`].
    fn rows(columns: &[Self; 8]) -> [Limbs; 4];
    /// Four vectors as a square, transposed.
    fn flip(square: [Self; 4]) -> [Self; 4];
    /// Products ab/R mod p, out of line.
    fn multiply(a: &[Self; 8], b: &[Self; 8]) -> [Self; 8];
    /// Squares a²/R mod p, out of line.
    fn square(a: &[Self; 8]) -> [Self; 8];
    /// (ab + cd)/R mod p, out of line.
    fn dot(a: &[Self; 8], b: &[Self; 8], c: &[Self; 8], d: &[Self; 8]) -> [Self; 8];
    /// The product (a₀ + a₁u)(b₀ + b₁u)/R, u² = −1, out of line.
    fn complex(a: [&[Self; 8]; 2], b: [&[Self; 8]; 2]) -> [[Self; 8]; 2];
}

/// A kernel, written for any base field.
pub(crate) trait Task<B> {
    /// What it gives back.
    type Output;
    /// Runs it; always inlined, so that it is compiled for the lanes that it is entered through.
    fn run(self) -> Self::Output;
}

/// A back end: a base field and the way into code compiled for it.
pub(crate) trait Lanes: 'static + Sync {
    /// The base field.
    type Base: crate::field::Base;
    /// Runs `task`, compiled with the instructions of these lanes.
    fn enter<T: Task<Self::Base>>(task: T) -> T::Output;
}
