//! Rank of the constraints' Jacobian at a valid point.
//!
//! Row ⟨a, z⟩⟨b, z⟩ − ⟨c, z⟩ has the gradient ⟨a, z⟩·b + ⟨b, z⟩·a − c. Most rows define one new variable, so [`Elimination`] *peels*: a
//! row with one unresolved variable resolves it. When no such row is left, the first unresolved variable is *torn*: assumed known, to
//! be examined later. Rows that resolved nothing, reduced by the others, form a small core over the torn variables (and the public
//! inputs, where these vary), and the core is eliminated as it is.
//!
//! A row that says k·t² = 0 of its last unresolved variable t has gradient 0 there, yet determines t; it counts as t = 0.

use crate::subject::{Subject, rng};
use ark_ff::{AdditiveGroup, Field};
use privity_circuits::r1cs::{Row, Shape, Variable};
use privity_circuits::{Circuit, Fr};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type Sparse = Vec<(Variable, Fr)>;
/// A reduced row of the core, by column, and the core rows that it is made of.
type Reduced = (BTreeMap<Variable, Fr>, BTreeMap<usize, Fr>);

/// Marks a public input among the columns of the core.
const PUBLIC: Variable = 1 << 31;

/// The Jacobian at a point, most of it eliminated.
pub struct Elimination {
    gradients: Vec<Sparse>,
    /// (row, variable), in the order in which rows resolved variables.
    pivots: Vec<(usize, Variable)>,
    /// Rows that resolved nothing.
    core: Vec<usize>,
    /// Variables that were assumed known.
    torn: Vec<Variable>,
    num_inputs: usize,
    num_variables: usize,
}

/// Progress of peeling.
struct Peeling<'a> {
    rows: &'a [Row],
    rows_of: Vec<Vec<u32>>,
    unresolved: Vec<u32>,
    resolved: Vec<bool>,
    queue: VecDeque<usize>,
    used: Vec<bool>,
}

impl Peeling<'_> {
    fn resolve(&mut self, variable: usize) {
        if core::mem::replace(&mut self.resolved[variable], true) {
            return;
        }
        for row in &self.rows_of[variable] {
            let row = *row as usize;
            self.unresolved[row] -= 1;
            if self.unresolved[row] == 1 {
                self.queue.push_back(row);
            }
        }
    }

    fn run(&mut self, gradients: &mut [Sparse], pivots: &mut Vec<(usize, Variable)>) {
        while let Some(row) = self.queue.pop_front() {
            let gradient = &mut gradients[row];
            let open = gradient.iter().copied().find(|(variable, _)| !self.resolved[*variable as usize]);
            let Some((variable, derivative)) = open else {
                continue;
            };
            if derivative == Fr::ZERO {
                if !is_square(&self.rows[row], variable) {
                    continue;
                }
                *gradient = vec![(variable, Fr::ONE)];
            }
            self.used[row] = true;
            pivots.push((row, variable));
            self.resolve(variable as usize);
        }
    }
}

/// Whether the variable is in both factors.
fn is_square(row: &Row, variable: Variable) -> bool {
    let within = |terms: &[(Variable, Fr)]| terms.iter().any(|(v, _)| *v == variable);
    within(row.a.terms()) && within(row.b.terms())
}

/// The gradient, structural zeros included, without the constant 1.
fn gradient(row: &Row, z: &[Fr]) -> Sparse {
    let (a, b) = (row.a.evaluate(z), row.b.evaluate(z));
    let mut terms: Sparse = Vec::new();
    for (lc, scale) in [(&row.a, b), (&row.b, a), (&row.c, -Fr::ONE)] {
        terms.extend(lc.terms().iter().map(|(v, k)| (*v, scale * k)));
    }
    terms.retain(|(variable, _)| *variable != 0);
    terms.sort_unstable_by_key(|(variable, _)| *variable);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms
}

impl Elimination {
    /// Peels the Jacobian at `z`. Witness variables in `fixed` do not vary, and public inputs only if they are in `varying`.
    pub fn new(shape: &Shape, z: &[Fr], fixed: &[Variable], varying: &[Variable]) -> Self {
        let mut gradients: Vec<Sparse> = shape.rows.iter().map(|row| gradient(row, z)).collect();
        let mut rows_of = vec![Vec::new(); shape.num_variables];
        for (row, gradient) in (0u32..).zip(&gradients) {
            for (variable, _) in gradient {
                rows_of[*variable as usize].push(row);
            }
        }
        let mut peeling = Peeling {
            rows: &shape.rows,
            rows_of,
            unresolved: gradients.iter().map(|g| g.len() as u32).collect(),
            resolved: vec![false; shape.num_variables],
            queue: VecDeque::new(),
            used: vec![false; shape.rows.len()],
        };
        let alone = (0..shape.rows.len()).filter(|row| peeling.unresolved[*row] == 1);
        peeling.queue = alone.collect();
        let (mut pivots, mut torn) = (Vec::new(), Vec::new());
        let publics = 0..=shape.num_inputs as Variable;
        torn.extend(publics.clone().filter(|variable| varying.contains(variable)));
        for variable in publics.chain(fixed.iter().copied()) {
            peeling.resolve(variable as usize);
        }
        peeling.run(&mut gradients, &mut pivots);
        for variable in 0..shape.num_variables {
            if !peeling.resolved[variable] {
                torn.push(variable as Variable);
                peeling.resolve(variable);
                peeling.run(&mut gradients, &mut pivots);
            }
        }
        let core = (0..shape.rows.len()).filter(|row| !peeling.used[*row]).collect();
        Self { gradients, pivots, core, torn, num_inputs: shape.num_inputs, num_variables: shape.num_variables }
    }

    /// Adds multiples of the peeled rows to `sum` until no resolved variable is left in it; the multiples.
    fn reduce(&self, sum: &mut [Fr]) -> Vec<(usize, Fr)> {
        let mut multiples = Vec::new();
        for (row, variable) in self.pivots.iter().rev() {
            let value = sum[*variable as usize];
            if value == Fr::ZERO {
                continue;
            }
            let gradient = &self.gradients[*row];
            let own = gradient.iter().find(|(v, _)| v == variable);
            let inverse = own.and_then(|(_, k)| k.inverse()).unwrap_or_default();
            let scale = -value * inverse;
            for (v, k) in gradient {
                sum[*v as usize] += scale * k;
            }
            multiples.push((*row, scale));
        }
        multiples
    }

    fn sum_of(&self, rows: &[(usize, Fr)]) -> Vec<Fr> {
        let mut sum = vec![Fr::ZERO; self.num_variables];
        for (row, scale) in rows {
            for (variable, k) in &self.gradients[*row] {
                sum[*variable as usize] += *scale * k;
            }
        }
        sum
    }

    /// Eliminates the core: its rank's columns, and its dependencies as combinations of core rows.
    fn solve_core(&self) -> (BTreeSet<Variable>, Vec<BTreeMap<usize, Fr>>) {
        // Public inputs rank above all: a row determines one before it determines a witness variable.
        let public = |v: Variable| v as usize <= self.num_inputs;
        let key = |v: Variable| if public(v) { v | PUBLIC } else { v };
        let mut pivots: BTreeMap<Variable, Reduced> = BTreeMap::new();
        let mut dependencies = Vec::new();
        for row in &self.core {
            let mut sum = self.sum_of(&[(*row, Fr::ONE)]);
            self.reduce(&mut sum);
            let mut reduced: BTreeMap<Variable, Fr> =
                self.torn.iter().map(|v| (key(*v), sum[*v as usize])).filter(|(_, k)| *k != Fr::ZERO).collect();
            let mut combination = BTreeMap::from([(*row, Fr::ONE)]);
            // Pivots are the largest variables of their rows, so going down clears each for good.
            let mut top = Variable::MAX;
            while let Some((variable, value)) = reduced.range(..top).next_back() {
                let (variable, value) = (*variable, *value);
                top = variable;
                let Some((other, other_combination)) = pivots.get(&variable) else {
                    continue;
                };
                let own = other[&variable];
                let scale = -value * own.inverse().unwrap_or_default();
                add(&mut reduced, other, scale);
                add(&mut combination, other_combination, scale);
            }
            match reduced.keys().next_back() {
                Some(variable) => {
                    pivots.insert(*variable, (reduced, combination));
                }
                None => dependencies.push(combination),
            }
        }
        (pivots.into_keys().map(|key| key & !PUBLIC).collect(), dependencies)
    }

    /// Witness variables that the rows do not determine locally; empty if the Jacobian has full rank in their columns.
    pub fn undetermined(&self) -> Vec<Variable> {
        let (determined, _) = self.solve_core();
        let witness = self.torn.iter().filter(|variable| **variable as usize > self.num_inputs);
        witness.filter(|variable| !determined.contains(*variable)).copied().collect()
    }

    /// Rows that are combinations of other rows: without one of them the rank stays what it is.
    pub fn redundant_rows(&self) -> BTreeSet<usize> {
        let (_, dependencies) = self.solve_core();
        let mut redundant = BTreeSet::new();
        for dependency in dependencies {
            let core: Vec<(usize, Fr)> = dependency.into_iter().collect();
            let mut sum = self.sum_of(&core);
            let peeled = self.reduce(&mut sum);
            redundant.extend(core.into_iter().map(|(row, _)| row));
            redundant.extend(peeled.into_iter().map(|(row, _)| row));
        }
        redundant
    }
}

fn add<K: Copy + Ord>(to: &mut BTreeMap<K, Fr>, from: &BTreeMap<K, Fr>, scale: Fr) {
    for (key, value) in from {
        let sum = to.entry(*key).or_insert(Fr::ZERO);
        *sum += scale * value;
        if *sum == Fr::ZERO {
            to.remove(key);
        }
    }
}

/// What was examined.
#[derive(Debug, Default)]
pub struct Counts {
    /// Valid points.
    pub points: usize,
    /// Witness variables at each.
    pub variables: usize,
    /// Free and chosen inputs that were fixed, by name, over all points.
    pub chosen: BTreeMap<&'static str, usize>,
}

/// Shows at `n` valid points that the prover's choices and the statement, without what derives from the witness, determine every other
/// witness variable locally.
///
/// # Panics
/// If a variable is undetermined.
pub fn run<C: Circuit>(subject: &Subject<C>, n: usize, seed: u64) -> Counts {
    let mut rng = rng(seed);
    let shape = subject.shape();
    let mut counts = Counts { variables: shape.num_variables - shape.num_inputs - 1, ..Counts::default() };
    for _ in 0..n {
        let (x, w) = (subject.valid)(&mut rng);
        let z = subject.assignment(&x, &w);
        let chosen = subject.chosen_at(&z);
        let fixed: Vec<Variable> = chosen.iter().map(|(variable, _)| *variable).collect();
        let derived: Vec<Variable> = subject.derived.iter().map(|index| index + 1).collect();
        let undetermined = Elimination::new(shape, &z, &fixed, &derived).undetermined();
        let names: Vec<_> = subject.hints().iter().filter(|(variable, _)| undetermined.contains(variable)).collect();
        assert!(undetermined.is_empty(), "{}: undetermined variables {undetermined:?}, hints {names:?}", C::NAME);
        for (_, name) in chosen {
            *counts.chosen.entry(name).or_default() += 1;
        }
        counts.points += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use privity_circuits::gadgets::{Num, bits};
    use privity_circuits::r1cs::Cs;

    fn shape(cs: &Cs) -> Shape {
        Shape { num_inputs: 0, num_variables: cs.assignment().len(), rows: cs.rows().to_vec() }
    }

    #[test]
    fn sees_a_missing_row() {
        let mut cs = Cs::with_rows();
        let x = cs.hint("x", Fr::from(9u64));
        let root = cs.hint("root", Fr::from(3u64));
        cs.enforce(&root, &root, &x);
        let loose = cs.alloc(Fr::from(1u64));
        let shape = shape(&cs);
        let undetermined = |fixed: &[Variable]| Elimination::new(&shape, cs.assignment(), fixed, &[]).undetermined();
        assert_eq!(undetermined(&[1]), vec![3]);
        assert_eq!(undetermined(&[1, 3]), Vec::<Variable>::new());
        assert_eq!(undetermined(&[]).len(), 2);
        assert_eq!(loose.value(), Fr::from(1u64));
    }

    #[test]
    fn sees_which_rows_repeat_others() {
        let mut cs = Cs::with_rows();
        let x = cs.hint("x", Fr::from(5u64));
        let y = cs.hint("y", Fr::from(25u64));
        cs.enforce(&x, &x, &y);
        cs.equal(&x, &Num::from_constant(5u64));
        cs.equal(&y, &Num::from_constant(25u64));
        let z = cs.hint("z", Fr::from(1u64));
        cs.equal(&z, &x.scale(2u64).plus(-Fr::from(9u64)));
        let shape = shape(&cs);
        let redundant = Elimination::new(&shape, cs.assignment(), &[], &[]).redundant_rows();
        assert_eq!(redundant, BTreeSet::from([0, 1, 2]));
    }

    /// The bits of a fixed integer are overdetermined locally: any one booleanity may go.
    #[test]
    fn booleanity_of_a_fixed_sum_is_redundant_locally() {
        let mut cs = Cs::with_rows();
        bits::to_bits(&mut cs, &Num::from_constant(5u64), 4);
        let shape = shape(&cs);
        let elimination = Elimination::new(&shape, cs.assignment(), &[], &[]);
        assert!(elimination.undetermined().is_empty());
        assert_eq!(elimination.redundant_rows().len(), 5);
    }
}
