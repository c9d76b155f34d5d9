//! `check` and the constraint system agree on valid and on named-false pairs.

use crate::subject::{Subject, rng};
use ark_ff::AdditiveGroup;
use privity_circuits::{Circuit, Fr};
use std::collections::{BTreeMap, BTreeSet};

/// What was compared.
#[derive(Debug, Default)]
pub struct Counts {
    /// Valid pairs.
    pub valid: usize,
    /// False pairs, by the rule that each breaks.
    pub falsified: BTreeMap<&'static str, usize>,
}

/// Draws `n` valid and `n` false pairs.
///
/// # Panics
/// If `check` and the rows disagree, `check` names another rule than the broken one or none of that rule's rows fails, or an assignment has
/// another length than the shape.
pub fn run<C: Circuit>(subject: &Subject<C>, n: usize, seed: u64) -> Counts {
    let mut rng = rng(seed);
    let mut counts = Counts::default();
    let (shape, layout) = (subject.shape(), subject.layout());
    for index in 0..n {
        let (x, w) = (subject.valid)(&mut rng);
        let z = subject.assignment(&x, &w);
        assert_eq!(z.len(), shape.num_variables, "{}: length", C::NAME);
        assert_eq!(C::check(&x, &w), Ok(()), "{}: valid pair {index}", C::NAME);
        assert_eq!(shape.first_violation(&z), None, "{}: rows refuse valid pair {index}", C::NAME);
        counts.valid += 1;
    }
    for _ in 0..n {
        let (x, w, rule, way) = subject.falsified(&mut rng);
        let z = subject.assignment(&x, &w);
        assert_eq!(z.len(), shape.num_variables, "{}: length", C::NAME);
        let named = C::check(&x, &w).err().map(|violation| violation.rule);
        assert_eq!(named, Some(rule), "{}: {way}", C::NAME);
        // Rows stand input by input, so that a later rule of one note may fail before an earlier rule of the next.
        let refused = shape.rows.iter().enumerate().filter(|(_, row)| row.residue(&z) != Fr::ZERO);
        let refusing: BTreeSet<_> = refused.filter_map(|(row, _)| layout.rule_of(row)).collect();
        assert!(refusing.contains(rule), "{}: rows of {refusing:?} refuse, not of {rule}: {way}", C::NAME);
        *counts.falsified.entry(rule).or_default() += 1;
    }
    counts
}
