//! Forged witnesses: every hint replaced by its other solutions, what is computed from it following.

use crate::columns::Columns;
use crate::subject::{Subject, TestRng, rng};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_circuits::r1cs::Variable;
use privity_circuits::{Circuit, Fr};
use rand::seq::SliceRandom;
use std::collections::BTreeMap;

/// What was forged.
#[derive(Debug, Default)]
pub struct Counts {
    /// Forged assignments by hint name.
    pub forged: BTreeMap<&'static str, usize>,
    /// Accepted ones by declared free input.
    pub survivors: BTreeMap<&'static str, usize>,
}

/// Forges up to `per_class` hints of each class (name, rule) in each of `n` valid pairs.
///
/// # Panics
/// If the rows accept a forgery of a hint that is not declared free.
pub fn run<C: Circuit>(subject: &Subject<C>, n: usize, per_class: usize, seed: u64) -> Counts {
    let mut rng = rng(seed);
    let shape = subject.shape();
    let columns = Columns::of(shape);
    let layout = subject.layout();
    let mut classes: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, (variable, name)) in subject.hints().iter().enumerate() {
        let rule = columns.first_row(*variable).and_then(|row| layout.rule_of(row));
        classes.entry((*name, rule)).or_default().push(index);
    }
    let mut counts = Counts::default();
    for _ in 0..n {
        let (x, w) = (subject.valid)(&mut rng);
        let z = subject.assignment(&x, &w);
        let (other_x, other_w) = (subject.valid)(&mut rng);
        let other = subject.assignment(&other_x, &other_w);
        let free: BTreeMap<_, _> = subject.free_at(&z).into_iter().collect();
        for members in classes.values() {
            for index in members.choose_multiple(&mut rng, per_class) {
                let (variable, name) = subject.hints()[*index];
                for forged in alternatives(subject, *index, &z, &other, &mut rng) {
                    let lie = subject.forged(&x, &w, &forged);
                    if lie == z {
                        continue;
                    }
                    *counts.forged.entry(name).or_default() += 1;
                    // The rows before the first forged variable hold; look there last.
                    let start = columns.first_row(variable).unwrap_or(0);
                    let refused =
                        shape.rows[start..].iter().chain(&shape.rows[..start]).any(|row| row.residue(&lie) != Fr::ZERO);
                    if !refused {
                        assert!(
                            free.contains_key(&variable),
                            "{}: accepted a forged {name}, variable {variable}: {forged:?}",
                            C::NAME
                        );
                        *counts.survivors.entry(name).or_default() += 1;
                    }
                }
            }
        }
    }
    counts
}

/// Other values that a cheat might give to hint `index`, alone or with its neighbours; `other` is another pair's assignment.
fn alternatives<C: Circuit>(
    subject: &Subject<C>,
    index: usize,
    z: &[Fr],
    other: &[Fr],
    rng: &mut TestRng,
) -> Vec<Vec<(Variable, Fr)>> {
    let hints = subject.hints();
    let (variable, name) = hints[index];
    let value = z[variable as usize];
    let foreign = other[variable as usize];
    let neighbour = hints.get(index + 1).copied();
    let one = |value: Fr| vec![(variable, value)];
    let two = |first: Fr, next: Variable, second: Fr| vec![(variable, first), (next, second)];
    let random = Fr::rand(rng);
    match (name, neighbour) {
        ("bit", next) => {
            let mut forged = vec![one(Fr::ONE - value), one(Fr::from(2u64)), one(-Fr::ONE)];
            if let Some((next, "bit")) = next {
                let above = z[next as usize];
                forged.push(two(value + Fr::from(2u64), next, above - Fr::ONE));
                forged.push(two(value - Fr::from(2u64), next, above + Fr::ONE));
            }
            forged
        }
        ("inverse or 0", _) => {
            // The flag comes right after its inverse.
            let flag = z[variable as usize + 1];
            let inverse = if flag == Fr::ZERO { Fr::ZERO } else { random };
            vec![one(value + Fr::ONE), one(random), two(inverse, variable + 1, Fr::ONE - flag)]
        }
        ("child", Some((next, "child"))) => {
            vec![two(z[next as usize], next, value), one(value + Fr::ONE), one(foreign)]
        }
        ("window u", Some((next, _))) => {
            vec![two(foreign, next, other[next as usize]), two(value, next, -z[next as usize]), one(random)]
        }
        ("window x", Some((next, _))) => {
            vec![one(-value), two(foreign, next, other[next as usize]), two(-value, next, -z[next as usize])]
        }
        ("pk.x", Some((next, _))) => {
            vec![one(-value), two(-value, next, -z[next as usize]), two(foreign, next, other[next as usize])]
        }
        _ => vec![one(value + Fr::ONE), one(-value), one(Fr::ZERO), one(random), one(foreign)],
    }
}
