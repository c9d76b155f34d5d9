//! What tests share: a scene with its parties, the record of challenges, and the harness that attacks every proof type alike.

mod harness;
mod scene;

pub(crate) use harness::{Kind, Part, Subject, Verify, attack, part, range_parts};
pub(crate) use scene::{Scene, Supplier, rng};

use core::cell::RefCell;
use std::vec::Vec;

/// A named change of one field.
pub(crate) type Edit<'a, T> = (&'static str, &'a dyn Fn(&mut T));

/// `original` with each of `edits` alone.
pub(crate) fn edited<T: Clone>(original: &T, edits: &[Edit<'_, T>]) -> Vec<(&'static str, T)> {
    let apply = |(name, edit): &Edit<'_, T>| {
        let mut other = original.clone();
        edit(&mut other);
        (*name, other)
    };
    edits.iter().map(apply).collect()
}

std::thread_local! {
    static CHALLENGES: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// Called for every challenge that a transcript of this crate gives.
pub(crate) fn record(challenge: &[u8]) {
    CHALLENGES.with(|log| log.borrow_mut().push(challenge.to_vec()));
}

/// The challenges that `run` draws on this thread, in order.
pub(crate) fn challenges<T>(run: impl FnOnce() -> T) -> (T, Vec<Vec<u8>>) {
    CHALLENGES.with(|log| log.borrow_mut().clear());
    let result = run();
    (result, CHALLENGES.with(|log| core::mem::take(&mut *log.borrow_mut())))
}
