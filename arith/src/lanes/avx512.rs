//! AVX-512 with IFMA: one instruction per operation.
//!
//! A value of [`Avx512`] is made only inside kernels that the back end enters after the CPU was found to have
//! AVX-512 F, DQ and IFMA; every `unsafe` below rests on that.
#![allow(
    clippy::needless_range_loop,
    reason = "limb i of several arrays, without closures: those would not be inlined"
)]

use core::arch::x86_64::*;

use super::{Lanes, Limbs, Task, Word};
use crate::field::radix52::{Radix52, complex, dot, multiply, square};

/// Eight words in one register.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Avx512(__m512i);

/// Whether this CPU has what the kernels use.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
}

impl Word for Avx512 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_add_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_sub_epi64(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_and_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_or_si512(self.0, other.0) })
    }

    #[inline(always)]
    fn madd_lo(self, a: Self, b: Self) -> Self {
        // SAFETY: AVX-512 IFMA is there (module text).
        Self(unsafe { _mm512_madd52lo_epu64(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn madd_hi(self, a: Self, b: Self) -> Self {
        // SAFETY: AVX-512 IFMA is there (module text).
        Self(unsafe { _mm512_madd52hi_epu64(self.0, a.0, b.0) })
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_srli_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn sar<const BITS: u32>(self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_srai_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn lookup(self, table: &[u64; 8]) -> Self {
        // SAFETY: AVX-512 F is there (module text); the load reads the 64 bytes of `table`, which needs no alignment.
        Self(unsafe { _mm512_permutexvar_epi64(self.0, _mm512_loadu_si512(table.as_ptr().cast())) })
    }

    #[inline(always)]
    fn zero_mask(self) -> u8 {
        // SAFETY: AVX-512 F is there (module text).
        unsafe { _mm512_testn_epi64_mask(self.0, self.0) }
    }

    #[inline(always)]
    fn select(mask: u8, then: Self, otherwise: Self) -> Self {
        // SAFETY: AVX-512 F is there (module text).
        Self(unsafe { _mm512_mask_blend_epi64(mask, otherwise.0, then.0) })
    }

    #[inline(always)]
    fn transpose(rows: [&[u64; 8]; 8]) -> [Self; 8] {
        // SAFETY: AVX-512 F is there (module text); each load reads the 64 bytes of one row.
        unsafe {
            let mut square = [Self(_mm512_setzero_si512()); 8];
            for i in 0..8 {
                square[i] = Self(_mm512_loadu_si512(rows[i].as_ptr().cast()));
            }
            Self::flip(square)
        }
    }

    #[inline(always)]
    fn rows(columns: &[Self; 8]) -> [Limbs; 8] {
        let square = Self::flip(*columns);
        let mut rows = [Limbs::default(); 8];
        for i in 0..8 {
            // SAFETY: AVX-512 F is there (module text); the store writes the 64 bytes of one row, which are aligned.
            unsafe { _mm512_store_si512(rows[i].0.as_mut_ptr().cast(), square[i].0) };
        }
        rows
    }

    #[inline(always)]
    fn flip(square: [Self; 8]) -> [Self; 8] {
        // SAFETY: AVX-512 F is there (module text).
        unsafe { transpose(square) }
    }

    #[inline(always)]
    fn multiply(a: &[Self; 8], b: &[Self; 8]) -> [Self; 8] {
        // SAFETY: AVX-512 IFMA is there (module text).
        unsafe { multiply_out_of_line(a, b) }
    }

    #[inline(always)]
    fn square(a: &[Self; 8]) -> [Self; 8] {
        // SAFETY: AVX-512 IFMA is there (module text).
        unsafe { square_out_of_line(a) }
    }

    #[inline(always)]
    fn dot(a: &[Self; 8], b: &[Self; 8], c: &[Self; 8], d: &[Self; 8]) -> [Self; 8] {
        // SAFETY: AVX-512 IFMA is there (module text).
        unsafe { dot_out_of_line(a, b, c, d) }
    }

    #[inline(always)]
    fn complex(a: [&[Self; 8]; 2], b: [&[Self; 8]; 2]) -> [[Self; 8]; 2] {
        // SAFETY: AVX-512 IFMA is there (module text).
        unsafe { complex_out_of_line(a, b) }
    }
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn multiply_out_of_line(a: &[Avx512; 8], b: &[Avx512; 8]) -> [Avx512; 8] {
    multiply(a, b)
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn square_out_of_line(a: &[Avx512; 8]) -> [Avx512; 8] {
    square(a)
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn dot_out_of_line(a: &[Avx512; 8], b: &[Avx512; 8], c: &[Avx512; 8], d: &[Avx512; 8]) -> [Avx512; 8] {
    dot(a, b, c, d)
}

#[inline(never)]
#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn complex_out_of_line(a: [&[Avx512; 8]; 2], b: [&[Avx512; 8]; 2]) -> [[Avx512; 8]; 2] {
    complex(a, b)
}

/// 8 × 8 words, rows to columns, in 24 shuffles. No closures here: they would be compiled without the instructions.
#[inline(always)]
unsafe fn transpose(r: [Avx512; 8]) -> [Avx512; 8] {
    // SAFETY: AVX-512 F is there (module text).
    unsafe {
        let even = quad([
            _mm512_unpacklo_epi64(r[0].0, r[1].0),
            _mm512_unpacklo_epi64(r[2].0, r[3].0),
            _mm512_unpacklo_epi64(r[4].0, r[5].0),
            _mm512_unpacklo_epi64(r[6].0, r[7].0),
        ]);
        let odd = quad([
            _mm512_unpackhi_epi64(r[0].0, r[1].0),
            _mm512_unpackhi_epi64(r[2].0, r[3].0),
            _mm512_unpackhi_epi64(r[4].0, r[5].0),
            _mm512_unpackhi_epi64(r[6].0, r[7].0),
        ]);
        [even[0], odd[0], even[1], odd[1], even[2], odd[2], even[3], odd[3]]
    }
}

/// 4 × 4 lanes of 128 bits, rows to columns.
#[inline(always)]
unsafe fn quad(r: [__m512i; 4]) -> [Avx512; 4] {
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    // SAFETY: AVX-512 F is there (module text).
    unsafe {
        let (e0, e1) = (_mm512_shuffle_i64x2::<EVEN>(r[0], r[1]), _mm512_shuffle_i64x2::<EVEN>(r[2], r[3]));
        let (o0, o1) = (_mm512_shuffle_i64x2::<ODD>(r[0], r[1]), _mm512_shuffle_i64x2::<ODD>(r[2], r[3]));
        [
            Avx512(_mm512_shuffle_i64x2::<EVEN>(e0, e1)),
            Avx512(_mm512_shuffle_i64x2::<EVEN>(o0, o1)),
            Avx512(_mm512_shuffle_i64x2::<ODD>(e0, e1)),
            Avx512(_mm512_shuffle_i64x2::<ODD>(o0, o1)),
        ]
    }
}

/// The AVX-512 IFMA back end. Whoever enters it has seen [`available`] say yes.
pub(crate) struct Ifma;

impl Lanes for Ifma {
    type Base = Radix52<Avx512>;

    fn enter<T: Task<Self::Base>>(task: T) -> T::Output {
        // SAFETY: `Ifma` is entered only through a `Backend` that found AVX-512 F, DQ and IFMA on this CPU.
        unsafe { compiled(task) }
    }
}

#[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
fn compiled<T: Task<Radix52<Avx512>>>(task: T) -> T::Output {
    task.run()
}
