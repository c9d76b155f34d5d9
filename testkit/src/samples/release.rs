//! Pairs of release.

mod case;
mod mutations;

use crate::{Breakable, Drawn, Subject, TestRng};
use case::Case;
use privity_circuits::release::{Claim, Holding, Release, Statement, Witness};
use privity_circuits::terms::Terms;

/// Hints that public inputs do not determine, and need not: the openings of the terms and of the pair, which hashes hide.
const FREE: &[&str] = &[
    "ledger",
    "buyer",
    "supplier",
    "buyer's signer",
    "supplier's signer",
    "inspector",
    "arbiter",
    "auditor",
    "certifier",
    "origin",
    "resource",
    "document",
    "currency",
    "money lane",
    "salt 1",
    "salt 2",
    "salt 3",
    "salt 4",
    "payment blinding",
    "capacity blinding",
];

/// A pair that holds: all four branches, partial, closing, late, capped, final, with much, little and nothing left.
pub fn valid(rng: &mut TestRng) -> Drawn<Release> {
    Case::valid(rng)
}

/// The relation, for the harness.
pub fn subject() -> Subject<Release> {
    Subject::of::<Case>(FREE)
}

/// A random pair after `change` of its terms, its holding and the statement's time, released by `claim`, duly signed.
pub fn settled(
    claim: Claim,
    change: impl FnOnce(&mut Terms, &mut Holding, &mut u64),
    rng: &mut TestRng,
) -> (Statement, Witness) {
    let mut case = Case::new(rng);
    change(&mut case.w.terms, &mut case.w.held, &mut case.x.now);
    case.claim(claim, rng);
    (case.x, case.w)
}

/// The usual deal partly delivered three weeks late, to which an attacker makes outputs of his own: `moved` minor units more for
/// the supplier, `left` more that stay in escrow, both taken from the buyer, and `capacity` millionths more that stay.
pub fn skewed(moved: i128, left: i128, capacity: i128, rng: &mut TestRng) -> (Statement, Witness) {
    let mut case = Case::new(rng);
    mutations::late(&mut case, rng);
    case.replace(|outputs| {
        outputs[0].value += moved;
        outputs[1].value -= moved + left;
        outputs[3].value += left;
        outputs[4].value += capacity;
    });
    (case.x, case.w)
}
