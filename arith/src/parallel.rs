//! Tasks on rayon's pool, or one after another without the feature `parallel`. Results come in the order of the inputs.

use alloc::vec::Vec;

/// `task` of each input.
#[cfg(feature = "parallel")]
pub(crate) fn map<T: Send, R: Send>(inputs: Vec<T>, task: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    inputs.into_par_iter().map(task).collect()
}

/// `task` of each input.
#[cfg(not(feature = "parallel"))]
pub(crate) fn map<T, R>(inputs: Vec<T>, task: impl Fn(T) -> R) -> Vec<R> {
    inputs.into_iter().map(task).collect()
}

/// Both.
#[cfg(feature = "parallel")]
pub(crate) fn join<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    rayon::join(a, b)
}

/// Both.
#[cfg(not(feature = "parallel"))]
pub(crate) fn join<A, B>(a: impl FnOnce() -> A, b: impl FnOnce() -> B) -> (A, B) {
    (a(), b())
}
