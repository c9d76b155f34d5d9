//! Rows by variable, so that a changed variable costs only the rows that contain it.

use ark_ff::AdditiveGroup;
use privity_circuits::Fr;
use privity_circuits::r1cs::{Shape, Variable};
use std::collections::BTreeSet;

/// For each variable its rows, in order: (row, side a, b or c, coefficient).
pub struct Columns {
    start: Vec<usize>,
    entries: Vec<(u32, u8, Fr)>,
}

impl Columns {
    /// The index of a shape.
    pub fn of(shape: &Shape) -> Self {
        let mut start = vec![0usize; shape.num_variables + 1];
        let sides = |row: usize| {
            let row = &shape.rows[row];
            [&row.a, &row.b, &row.c]
        };
        for row in 0..shape.rows.len() {
            for lc in sides(row) {
                for (variable, _) in lc.terms() {
                    start[*variable as usize + 1] += 1;
                }
            }
        }
        for variable in 0..shape.num_variables {
            start[variable + 1] += start[variable];
        }
        let mut next = start.clone();
        let mut entries = vec![(0, 0, Fr::ZERO); start[shape.num_variables]];
        for row in 0..shape.rows.len() {
            for (side, lc) in sides(row).into_iter().enumerate() {
                for (variable, coefficient) in lc.terms() {
                    let slot = &mut next[*variable as usize];
                    entries[*slot] = (row as u32, side as u8, *coefficient);
                    *slot += 1;
                }
            }
        }
        Self { start, entries }
    }

    /// Occurrences of a variable.
    pub fn of_variable(&self, variable: Variable) -> &[(u32, u8, Fr)] {
        let variable = variable as usize;
        &self.entries[self.start[variable]..self.start[variable + 1]]
    }

    /// The first row that contains the variable.
    pub fn first_row(&self, variable: Variable) -> Option<usize> {
        self.of_variable(variable).first().map(|(row, ..)| *row as usize)
    }
}

/// An assignment with the values of all linear combinations, kept up to date.
pub struct Evaluated<'a> {
    columns: &'a Columns,
    z: Vec<Fr>,
    sides: Vec<[Fr; 3]>,
    violated: BTreeSet<u32>,
}

fn holds([a, b, c]: &[Fr; 3]) -> bool {
    *a * b == *c
}

impl<'a> Evaluated<'a> {
    /// Evaluates every row at `z`.
    pub fn new(shape: &Shape, columns: &'a Columns, z: Vec<Fr>) -> Self {
        let sides: Vec<[Fr; 3]> =
            shape.rows.iter().map(|row| [&row.a, &row.b, &row.c].map(|lc| lc.evaluate(&z))).collect();
        let violated = (0u32..).zip(&sides).filter(|(_, sides)| !holds(sides)).map(|(row, _)| row).collect();
        Self { columns, z, sides, violated }
    }

    /// The assignment.
    pub fn assignment(&self) -> &[Fr] {
        &self.z
    }

    /// The rows that it violates.
    pub fn violated(&self) -> &BTreeSet<u32> {
        &self.violated
    }

    /// ⟨a, z⟩·⟨b, z⟩ − ⟨c, z⟩ of a row.
    pub fn residue(&self, row: u32) -> Fr {
        let [a, b, c] = self.sides[row as usize];
        a * b - c
    }

    /// Adds `delta` to a variable.
    pub fn change(&mut self, variable: Variable, delta: Fr) {
        self.z[variable as usize] += delta;
        for (row, side, coefficient) in self.columns.of_variable(variable) {
            let sides = &mut self.sides[*row as usize];
            sides[*side as usize] += delta * coefficient;
            if holds(sides) {
                self.violated.remove(row);
            } else {
                self.violated.insert(*row);
            }
        }
    }

    /// Whether every row that contains the variable would still hold with `delta` added to it.
    pub fn tolerates(&self, variable: Variable, delta: Fr) -> bool {
        let occurrences = self.columns.of_variable(variable);
        occurrences.chunk_by(|one, other| one.0 == other.0).all(|chunk| {
            let mut sides = self.sides[chunk[0].0 as usize];
            for (_, side, coefficient) in chunk {
                sides[*side as usize] += delta * coefficient;
            }
            holds(&sides)
        })
    }
}
