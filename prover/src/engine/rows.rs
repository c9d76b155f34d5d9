//! A circuit's matrices for evaluation: terms in one array, distinct coefficients in another.

use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::Matrix;
use privity_circuits::Fr;
use privity_circuits::r1cs::{Lc, Row, Shape};
use std::collections::HashMap;

/// A, B and C of a circuit.
pub(crate) struct Rows {
    pub(crate) a: Sparse,
    pub(crate) b: Sparse,
    pub(crate) c: Sparse,
    /// The distinct coefficients; the first is 1, the second −1.
    pub(crate) coefficients: Vec<Fr>,
    pub(crate) count: usize,
    pub(crate) num_inputs: usize,
    pub(crate) num_variables: usize,
}

/// A sparse matrix: row i is `terms[starts[i]..starts[i + 1]]`, a term being (variable, coefficient's number).
pub(crate) struct Sparse {
    pub(crate) starts: Vec<u32>,
    pub(crate) terms: Vec<(u32, u32)>,
}

impl Rows {
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut numbers = HashMap::from([(Fr::ONE, 0u32), (-Fr::ONE, 1)]);
        let mut coefficients = vec![Fr::ONE, -Fr::ONE];
        let mut sparse = |side: fn(&Row) -> &Lc| {
            let (mut starts, mut terms) = (vec![0], Vec::new());
            for row in &shape.rows {
                for (variable, coefficient) in side(row).terms() {
                    let number = *numbers.entry(*coefficient).or_insert_with(|| {
                        coefficients.push(*coefficient);
                        coefficients.len() as u32 - 1
                    });
                    terms.push((*variable, number));
                }
                starts.push(terms.len() as u32);
            }
            Sparse { starts, terms }
        };
        let [a, b, c] = [sparse(|row| &row.a), sparse(|row| &row.b), sparse(|row| &row.c)];
        Self {
            a,
            b,
            c,
            coefficients,
            count: shape.rows.len(),
            num_inputs: shape.num_inputs,
            num_variables: shape.num_variables,
        }
    }

    /// Rows and one more per public input, the constant among them: what a domain has to hold.
    pub(crate) fn size(&self) -> usize {
        self.count + self.num_inputs + 1
    }

    /// ⟨row, z⟩ for each row of `matrix`.
    pub(crate) fn evaluate<'a>(&'a self, matrix: &'a Sparse, z: &'a [Fr]) -> impl Iterator<Item = Fr> + 'a {
        (0..self.count).map(move |row| {
            let mut sum = Fr::ZERO;
            for (variable, number) in matrix.row(row) {
                let value = z[*variable as usize];
                match number {
                    0 => sum += value,
                    1 => sum -= value,
                    _ => sum += value * self.coefficients[*number as usize],
                }
            }
            sum
        })
    }

    /// A's values on the domain, ω⁰ first: those of the rows, then a row of its own for each public input and the constant.
    pub(crate) fn evaluate_a<'a>(&'a self, z: &'a [Fr]) -> impl Iterator<Item = Fr> + 'a {
        self.evaluate(&self.a, z).chain(z[..=self.num_inputs].iter().copied())
    }

    /// Σ_i weights[i]·matrix[i][j] for each variable j.
    pub(crate) fn combine(&self, matrix: &Sparse, weights: &[Fr]) -> Vec<Fr> {
        let mut sums = vec![Fr::ZERO; self.num_variables];
        for (row, weight) in weights.iter().enumerate().take(self.count) {
            for (variable, number) in matrix.row(row) {
                let sum = &mut sums[*variable as usize];
                match number {
                    0 => *sum += weight,
                    1 => *sum -= weight,
                    _ => *sum += self.coefficients[*number as usize] * weight,
                }
            }
        }
        sums
    }

    /// A, B, C in ark's form: rows of (coefficient, variable).
    pub(crate) fn to_ark(&self) -> Vec<Matrix<Fr>> {
        let term = |(variable, number): &(u32, u32)| (self.coefficients[*number as usize], *variable as usize);
        let matrix = |sparse: &Sparse| (0..self.count).map(|row| sparse.row(row).iter().map(term).collect()).collect();
        [&self.a, &self.b, &self.c].map(matrix).into()
    }
}

impl Sparse {
    fn row(&self, row: usize) -> &[(u32, u32)] {
        &self.terms[self.starts[row] as usize..self.starts[row + 1] as usize]
    }
}
