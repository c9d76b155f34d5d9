//! Integers a little above their bounds.
//!
//! `bits_at_most` scans from the top with a flag `run`: where the bound has a 0, (1 − run − b)·b = 0. A liar takes the smallest integer
//! that only the row of one such 0 refuses, and then denies the run.

use super::{Forgery, Integer, Liar, Lie, Pair, slope};
use ark_ff::{AdditiveGroup, Field};
use privity_circuits::r1cs::{Row, Variable};
use privity_circuits::{Circuit, Fr};
use std::collections::BTreeSet;

/// The row of a bound's 0: its bit, and the run's variable unless the run is 1.
fn zero_of_bound(row: &Row) -> Option<(Variable, Option<Variable>)> {
    let [(bit, one)] = row.b.terms() else { return None };
    let a = row.a.terms();
    let minus = |(variable, k): &(Variable, Fr)| *k == -Fr::ONE && variable != bit;
    let run = match a {
        [(v, k)] if v == bit && *k == -Fr::ONE => None,
        [(0, one), rest @ ..] if *one == Fr::ONE && rest.len() == 2 && rest.contains(&(*bit, -Fr::ONE)) => {
            Some(rest.iter().find(|term| minus(term))?.0)
        }
        _ => return None,
    };
    (*one == Fr::ONE && row.c.terms().is_empty()).then_some((*bit, run))
}

impl<C: Circuit> Liar<'_, C> {
    /// Integers above their bound that only one row refuses, for every bound with a row that is `wanted`.
    pub fn exceed(&self, pair: Pair<C>, wanted: &BTreeSet<usize>) -> Vec<Lie> {
        let rows = &self.subject.shape().rows;
        let zeros: Vec<(usize, Variable, Option<Variable>)> = (rows.iter().enumerate())
            .filter_map(|(index, row)| zero_of_bound(row).map(|(bit, run)| (index, bit, run)))
            .filter(|(_, bit, _)| self.of_bit.contains_key(bit))
            .collect();
        let defines = |run: Variable| {
            let has = |row: &Row| [&row.b, &row.c].iter().any(|lc| lc.terms().iter().any(|(v, _)| *v == run));
            wanted.iter().any(|index| has(&rows[*index]))
        };
        let mut lies = Vec::new();
        for (row, bit, run) in &zeros {
            if !wanted.contains(row) && !run.is_some_and(defines) {
                continue;
            }
            let integer = &self.integers[self.of_bit[bit]];
            let is_zero = |other: Variable| zeros.iter().any(|(_, zero, _)| *zero == other);
            self.repair(pair, above(integer, *bit, is_zero), Some(*row), 1, &mut lies);
        }
        lies
    }

    /// The same lie told by another variable of the row that refuses it: one that a `wanted` row defines.
    pub fn pass_on(&self, (x, w): Pair<C>, lie: &Lie, wanted: &BTreeSet<usize>) -> Vec<Lie> {
        let shape = self.subject.shape();
        let row = &shape.rows[lie.row];
        let inputs = (1..=shape.num_inputs as Variable).map(|input| (input, lie.z[input as usize]));
        let variables: BTreeSet<Variable> =
            [&row.a, &row.b, &row.c].into_iter().flat_map(|lc| lc.terms()).map(|(variable, _)| *variable).collect();
        let computed = variables.into_iter().filter(|v| *v as usize > shape.num_inputs && !self.of_bit.contains_key(v));
        let told = computed.filter_map(|variable| {
            let missing = -row.residue(&lie.z) * slope(row, variable, &lie.z).inverse()?;
            let mut forgery = lie.forgery.clone();
            forgery.insert(variable, lie.z[variable as usize] + missing);
            let forged: Vec<(Variable, Fr)> = forgery.clone().into_iter().chain(inputs.clone()).collect();
            let z = self.subject.forged(x, w, &forged);
            match self.violated(&z)[..] {
                [row] if wanted.contains(&row) => Some(Lie { row, z, forgery }),
                _ => None,
            }
        });
        told.collect()
    }
}

/// The bound's bits above `bit`, 1 instead of 0 there, 0 below.
fn above(integer: &Integer, bit: Variable, is_zero: impl Fn(Variable) -> bool) -> Forgery {
    let value = |other: Variable| other == bit || (other > bit && !is_zero(other));
    integer.bits().map(|other| (other, if value(other) { Fr::ONE } else { Fr::ZERO })).collect()
}
