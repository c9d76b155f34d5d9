//! Every witness variable of a valid assignment altered alone: the rows must refuse it.

use crate::columns::{Columns, Evaluated};
use crate::subject::{Subject, rng};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_circuits::{Circuit, Fr};
use std::collections::BTreeMap;

/// What was altered.
#[derive(Debug, Default)]
pub struct Counts {
    /// Valid assignments.
    pub assignments: usize,
    /// Altered assignments.
    pub mutations: usize,
    /// Alterations that the rows accept, by the declared free input.
    pub survivors: BTreeMap<&'static str, usize>,
}

/// Alters every witness variable of `n` valid assignments: + 1, + random, negated (or doubled, if 0), and 0 for 1 or the reverse.
///
/// # Panics
/// If an alteration of a variable that is not declared free survives.
pub fn run<C: Circuit>(subject: &Subject<C>, n: usize, seed: u64) -> Counts {
    let mut rng = rng(seed);
    let shape = subject.shape();
    let columns = Columns::of(shape);
    let mut counts = Counts::default();
    for _ in 0..n {
        let (x, w) = (subject.valid)(&mut rng);
        let z = subject.assignment(&x, &w);
        let free: BTreeMap<_, _> = subject.free_at(&z).into_iter().collect();
        let honest = Evaluated::new(shape, &columns, z);
        assert!(honest.violated().is_empty(), "{}: not valid", C::NAME);
        for variable in shape.num_inputs + 1..shape.num_variables {
            let value = honest.assignment()[variable];
            let negated = if value == Fr::ZERO { Fr::from(2u64) } else { -value.double() };
            let deltas = [Fr::ONE, Fr::rand(&mut rng), negated, Fr::ONE - value.double()];
            for delta in deltas {
                counts.mutations += 1;
                let variable = variable as u32;
                if delta == Fr::ZERO || !honest.tolerates(variable, delta) {
                    continue;
                }
                let name = free.get(&variable).copied();
                assert!(
                    name.is_some(),
                    "{}: variable {variable} (row {:?}) may be anything",
                    C::NAME,
                    columns.first_row(variable)
                );
                *counts.survivors.entry(name.unwrap_or("")).or_default() += 1;
            }
        }
        counts.assignments += 1;
    }
    counts
}
