//! A hint to the cache.

use crate::lanes::Limbs;

/// Has the line at place `at` fetched, if there is one and the CPU takes hints.
#[inline(always)]
pub(crate) fn prefetch(source: &[Limbs], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(line) = source.get(at) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: SSE, which has the instruction, is part of x86-64; a prefetch changes nothing but the cache.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(line).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (source, at);
}
