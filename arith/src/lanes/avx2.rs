//! AVX2 with FMA: one instruction per operation, and the step of a product in a fixed order.
//!
//! A value of [`Avx2`] is made only inside kernels that the back end enters after the CPU was found to have AVX2 and
//! FMA; every `unsafe` below rests on that. Steps are assembly because the compiler, left to schedule 136 of them over
//! sixteen registers, spills accumulators and takes twice the time.

use core::arch::asm;
use core::arch::x86_64::*;

use super::{Double, Lanes, Limbs, Quad, Task};
use crate::field::doubles::Doubles;
use crate::field::radix48::{complex, dot, multiply, square};

/// Four doubles in one register.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Avx2(__m256d);

/// Whether this CPU has what the kernels use.
pub(crate) fn available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

impl Double for Avx2 {
    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: AVX is there (module text).
        Self(unsafe { _mm256_set1_pd(value) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: AVX is there (module text).
        Self(unsafe { _mm256_add_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: AVX is there (module text).
        Self(unsafe { _mm256_sub_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: AVX is there (module text).
        Self(unsafe { _mm256_mul_pd(self.0, other.0) })
    }

    #[inline(always)]
    fn fma(self, a: Self, b: Self) -> Self {
        // SAFETY: FMA is there (module text).
        Self(unsafe { _mm256_fmadd_pd(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn fnma(self, a: Self, b: Self) -> Self {
        // SAFETY: FMA is there (module text).
        Self(unsafe { _mm256_fnmadd_pd(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn fetch<const I: usize, const N: usize>(from: &[Self; N]) -> Self {
        // SAFETY: AVX is there (module text).
        unsafe { fetch::<I, N>(from) }
    }

    #[inline(always)]
    fn accumulate<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[Self; N]) {
        // SAFETY: AVX and FMA are there (module text).
        unsafe { accumulate::<J, N>(high, low, a, b) }
    }

    #[inline(always)]
    fn begin<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[Self; N]) {
        // SAFETY: AVX and FMA are there (module text).
        unsafe { begin::<J, N>(high, low, a, b) }
    }

    #[inline(always)]
    fn accumulate_scalar<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[f64; N]) {
        // SAFETY: AVX and FMA are there (module text).
        unsafe { accumulate_scalar::<J, N>(high, low, a, b) }
    }

    #[inline(always)]
    fn table<const N: usize>(quads: &'static [Quad; N]) -> &'static [Self; N] {
        // SAFETY: both are N times four doubles at 32 bytes' alignment: `Quad` by its attributes, `Avx2` as the register it wraps.
        unsafe { &*core::ptr::from_ref(quads).cast() }
    }

    #[inline(always)]
    fn negate_if(self, mask: u8) -> Self {
        // SAFETY: AVX2 is there (module text).
        Self(unsafe { _mm256_xor_pd(self.0, _mm256_and_pd(lanes(mask), _mm256_set1_pd(-0.0))) })
    }

    #[inline(always)]
    fn zero_mask(self) -> u8 {
        // SAFETY: AVX is there (module text).
        unsafe { _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_EQ_OQ>(self.0, _mm256_setzero_pd())) as u8 }
    }

    #[inline(always)]
    fn select(mask: u8, then: Self, otherwise: Self) -> Self {
        // SAFETY: AVX2 is there (module text).
        Self(unsafe { _mm256_blendv_pd(otherwise.0, then.0, lanes(mask)) })
    }

    #[inline(always)]
    fn transpose(rows: [&[u64; 8]; 4]) -> [Self; 8] {
        let [a, b, c, d] = rows;
        // SAFETY: AVX is there (module text).
        let ([s, t, u, v], [w, x, y, z]) = unsafe { (flip(halves::<0>(a, b, c, d)), flip(halves::<4>(a, b, c, d))) };
        [s, t, u, v, w, x, y, z]
    }

    #[inline(always)]
    fn rows(columns: &[Self; 8]) -> [Limbs; 4] {
        let [s, t, u, v, w, x, y, z] = *columns;
        let mut rows = [Limbs::default(); 4];
        // SAFETY: AVX is there (module text).
        let (low, high) = unsafe { (flip([s, t, u, v]), flip([w, x, y, z])) };
        for lane in 0..4 {
            let row = rows[lane].0.as_mut_ptr().cast::<f64>();
            // SAFETY: AVX is there (module text); the stores write the first and the second 32 bytes of 64, aligned.
            unsafe {
                _mm256_store_pd(row, low[lane].0);
                _mm256_store_pd(row.add(4), high[lane].0);
            }
        }
        rows
    }

    #[inline(always)]
    fn flip(square: [Self; 4]) -> [Self; 4] {
        // SAFETY: AVX is there (module text).
        unsafe { flip(square) }
    }

    #[inline(always)]
    fn multiply(a: &[Self; 8], b: &[Self; 8]) -> [Self; 8] {
        // SAFETY: AVX2 and FMA are there (module text).
        unsafe { multiply_out_of_line(a, b) }
    }

    #[inline(always)]
    fn square(a: &[Self; 8]) -> [Self; 8] {
        // SAFETY: AVX2 and FMA are there (module text).
        unsafe { square_out_of_line(a) }
    }

    #[inline(always)]
    fn dot(a: &[Self; 8], b: &[Self; 8], c: &[Self; 8], d: &[Self; 8]) -> [Self; 8] {
        // SAFETY: AVX2 and FMA are there (module text).
        unsafe { dot_out_of_line(a, b, c, d) }
    }

    #[inline(always)]
    fn complex(a: [&[Self; 8]; 2], b: [&[Self; 8]; 2]) -> [[Self; 8]; 2] {
        // SAFETY: AVX2 and FMA are there (module text).
        unsafe { complex_out_of_line(a, b) }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn fetch<const I: usize, const N: usize>(from: &[Avx2; N]) -> Avx2 {
    const { assert!(I < N) };
    let value: __m256d;
    // SAFETY: reads 32 bytes inside the array, as I < N.
    unsafe {
        asm!(
            "vmovapd {value}, [{from} + {at}]",
            value = lateout(ymm_reg) value,
            from = in(reg) from.as_ptr(),
            at = const 32 * I,
            options(readonly, nostack, preserves_flags)
        );
    }
    Avx2(value)
}

/// The old high part minus the new one is exact, and so is the product minus that: see docs/engine/arith.md. The exception
/// flags of MXCSR change, which is why the compiler is not told that flags stay.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn accumulate<const J: usize, const N: usize>(high: &mut Avx2, low: &mut Avx2, a: Avx2, b: &[Avx2; N]) {
    const { assert!(J < N) };
    // SAFETY: reads 32 bytes inside the array, as J < N.
    unsafe {
        asm!(
            "vmovapd {rest}, {high}",
            "vfmadd231pd {high}, {a}, [{b} + {at}]",
            "vsubpd {rest}, {rest}, {high}",
            "vfmadd231pd {rest}, {a}, [{b} + {at}]",
            "vaddpd {low}, {low}, {rest}",
            high = inout(ymm_reg) high.0,
            low = inout(ymm_reg) low.0,
            rest = out(ymm_reg) _,
            a = in(ymm_reg) a.0,
            b = in(reg) b.as_ptr(),
            at = const 32 * J,
            options(readonly, nostack)
        );
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn begin<const J: usize, const N: usize>(high: &mut Avx2, low: &mut Avx2, a: Avx2, b: &[Avx2; N]) {
    const { assert!(J < N) };
    // SAFETY: reads 32 bytes inside the array, as J < N.
    unsafe {
        asm!(
            "vmovapd {low}, {high}",
            "vfmadd231pd {high}, {a}, [{b} + {at}]",
            "vsubpd {low}, {low}, {high}",
            "vfmadd231pd {low}, {a}, [{b} + {at}]",
            high = inout(ymm_reg) high.0,
            low = out(ymm_reg) low.0,
            a = in(ymm_reg) a.0,
            b = in(reg) b.as_ptr(),
            at = const 32 * J,
            options(readonly, nostack)
        );
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn accumulate_scalar<const J: usize, const N: usize>(high: &mut Avx2, low: &mut Avx2, a: Avx2, b: &[f64; N]) {
    const { assert!(J < N) };
    // SAFETY: reads 8 bytes inside the array, as J < N.
    unsafe {
        asm!(
            "vbroadcastsd {factor}, qword ptr [{b} + {at}]",
            "vmovapd {rest}, {high}",
            "vfmadd231pd {high}, {a}, {factor}",
            "vsubpd {rest}, {rest}, {high}",
            "vfmadd231pd {rest}, {a}, {factor}",
            "vaddpd {low}, {low}, {rest}",
            high = inout(ymm_reg) high.0,
            low = inout(ymm_reg) low.0,
            factor = out(ymm_reg) _,
            rest = out(ymm_reg) _,
            a = in(ymm_reg) a.0,
            b = in(reg) b.as_ptr(),
            at = const 8 * J,
            options(readonly, nostack)
        );
    }
}

/// All bits of the lanes of `mask`.
#[inline(always)]
unsafe fn lanes(mask: u8) -> __m256d {
    // SAFETY: AVX2 is there (module text).
    unsafe {
        let bits = _mm256_set_epi64x(8, 4, 2, 1);
        let chosen = _mm256_and_si256(_mm256_set1_epi64x(i64::from(mask)), bits);
        _mm256_castsi256_pd(_mm256_cmpeq_epi64(chosen, bits))
    }
}

/// Four words from `AT` on of each row. No closures here: they would be compiled without the instructions.
#[inline(always)]
unsafe fn halves<const AT: usize>(a: &[u64; 8], b: &[u64; 8], c: &[u64; 8], d: &[u64; 8]) -> [Avx2; 4] {
    const { assert!(AT + 4 <= 8) };
    // SAFETY: AVX is there (module text); each load reads 32 bytes inside a row, as AT ≤ 4, and needs no alignment.
    unsafe {
        [
            Avx2(_mm256_loadu_pd(a.as_ptr().add(AT).cast())),
            Avx2(_mm256_loadu_pd(b.as_ptr().add(AT).cast())),
            Avx2(_mm256_loadu_pd(c.as_ptr().add(AT).cast())),
            Avx2(_mm256_loadu_pd(d.as_ptr().add(AT).cast())),
        ]
    }
}

#[inline(always)]
unsafe fn flip([a, b, c, d]: [Avx2; 4]) -> [Avx2; 4] {
    // SAFETY: AVX is there (module text).
    unsafe {
        let (e, f) = (_mm256_unpacklo_pd(a.0, b.0), _mm256_unpackhi_pd(a.0, b.0));
        let (g, h) = (_mm256_unpacklo_pd(c.0, d.0), _mm256_unpackhi_pd(c.0, d.0));
        [
            Avx2(_mm256_permute2f128_pd::<0x20>(e, g)),
            Avx2(_mm256_permute2f128_pd::<0x20>(f, h)),
            Avx2(_mm256_permute2f128_pd::<0x31>(e, g)),
            Avx2(_mm256_permute2f128_pd::<0x31>(f, h)),
        ]
    }
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn multiply_out_of_line(a: &[Avx2; 8], b: &[Avx2; 8]) -> [Avx2; 8] {
    multiply(a, b)
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn square_out_of_line(a: &[Avx2; 8]) -> [Avx2; 8] {
    square(a)
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn dot_out_of_line(a: &[Avx2; 8], b: &[Avx2; 8], c: &[Avx2; 8], d: &[Avx2; 8]) -> [Avx2; 8] {
    dot(a, b, c, d)
}

#[inline(never)]
#[target_feature(enable = "avx2,fma")]
fn complex_out_of_line(a: [&[Avx2; 8]; 2], b: [&[Avx2; 8]; 2]) -> [[Avx2; 8]; 2] {
    complex(a, b)
}

/// The AVX2 back end. Whoever enters it has seen [`available`] say yes.
pub(crate) struct Fma;

impl Lanes for Fma {
    type Base = Doubles<Avx2>;

    fn enter<T: Task<Self::Base>>(task: T) -> T::Output {
        // SAFETY: `Fma` is entered only through a `Backend` that found AVX2 and FMA on this CPU.
        unsafe { compiled(task) }
    }
}

#[target_feature(enable = "avx2,fma")]
fn compiled<T: Task<Doubles<Avx2>>>(task: T) -> T::Output {
    task.run()
}
