//! Independent work, on the caller's rayon pool with the feature `parallel`.

use alloc::vec::Vec;

#[cfg(feature = "parallel")]
pub(crate) fn map<T: Send>(length: usize, f: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
    use rayon::prelude::*;
    (0..length).into_par_iter().map(f).collect()
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn map<T>(length: usize, f: impl Fn(usize) -> T) -> Vec<T> {
    (0..length).map(f).collect()
}
