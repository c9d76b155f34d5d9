//! The partial rounds with one constant and one sparse matrix each.
//!
//! Only lane 0 passes the S-box S in a partial round, so S commutes with diag(1, X), and a dense N = [[n, v], [w, N̂]] factors
//! as diag(1, N̂)·[[n, v], [N̂⁻¹w, I]]. From the first round on the left factor is moved past S into the next round's matrix;
//! the last round keeps a dense one. Constants of lanes 1–4 move the same way, through the matrix into the next round.

use super::{FULL_ROUNDS, Matrix, PARTIAL_ROUNDS, State, WIDTH, dense, parameters, sbox};
use crate::Fr;
use alloc::boxed::Box;
use alloc::vec::Vec;
use ark_ff::Field;
use once_cell::race::OnceBox;

/// One partial round: lane 0 ← (lane 0 + constant)⁵, then the sparse matrix [[row], [column, I]].
pub(crate) struct PartialRound {
    pub(crate) constant: Fr,
    pub(crate) row: State,
    pub(crate) column: [Fr; WIDTH - 1],
}

impl PartialRound {
    pub(super) fn apply(&self, state: &mut State) {
        let x = sbox(state[0] + self.constant);
        let first = self.row[0] * x + self.row[1..].iter().zip(&state[1..]).map(|(m, y)| *m * y).sum::<Fr>();
        for (y, m) in state[1..].iter_mut().zip(&self.column) {
            *y += *m * x;
        }
        state[0] = first;
    }
}

/// The permutation as [`super::permute`] runs it.
pub(crate) struct Schedule {
    pub(crate) mds: Matrix,
    pub(crate) first: Vec<State>,
    pub(crate) partial: Vec<PartialRound>,
    /// diag(1, N̂) of the last partial round.
    pub(crate) exit: Matrix,
    pub(crate) last: Vec<State>,
}

pub(crate) fn schedule() -> &'static Schedule {
    static SCHEDULE: OnceBox<Schedule> = OnceBox::new();
    SCHEDULE.get_or_init(|| Box::new(derive()))
}

fn derive() -> Schedule {
    let parameters = parameters();
    let mds = parameters.mds;
    let half = FULL_ROUNDS / 2;
    let mut last: Vec<State> = parameters.constants[half + PARTIAL_ROUNDS..].to_vec();
    let mut singles = Vec::with_capacity(PARTIAL_ROUNDS);
    let zero = Fr::from(0u64);
    // `carry` is what earlier rounds owe to this round's input.
    let mut carry = [zero; WIDTH];
    for constants in &parameters.constants[half..half + PARTIAL_ROUNDS] {
        let mut whole: State = core::array::from_fn(|i| constants[i] + carry[i]);
        singles.push(whole[0]);
        whole[0] = zero;
        carry = dense(&mds, &whole);
    }
    for (constant, owed) in last[0].iter_mut().zip(carry) {
        *constant += owed;
    }
    let mut product = mds;
    let mut partial = Vec::with_capacity(PARTIAL_ROUNDS);
    let mut exit = mds;
    for constant in singles {
        let (left, row, column) = factor(&product);
        partial.push(PartialRound { constant, row, column });
        product = multiply(&mds, &left);
        exit = left;
    }
    Schedule { mds, first: parameters.constants[..half].to_vec(), partial, exit, last }
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    core::array::from_fn(|i| core::array::from_fn(|j| (0..WIDTH).map(|k| a[i][k] * b[k][j]).sum()))
}

/// N = diag(1, N̂)·[[row], [column, I]].
fn factor(n: &Matrix) -> (Matrix, State, [Fr; WIDTH - 1]) {
    let mut left = *n;
    let zero = Fr::from(0u64);
    left[0] = [zero; WIDTH];
    for row in left.iter_mut() {
        row[0] = zero;
    }
    left[0][0] = Fr::from(1u64);
    let w: [Fr; WIDTH - 1] = core::array::from_fn(|i| n[i + 1][0]);
    let hat: [[Fr; WIDTH - 1]; WIDTH - 1] = core::array::from_fn(|i| core::array::from_fn(|j| n[i + 1][j + 1]));
    (left, n[0], solve(hat, w))
}

/// x with `a`·x = `b`, by Gauss–Jordan elimination; `a` is invertible, as every square part of an MDS matrix is.
fn solve<const N: usize>(mut a: [[Fr; N]; N], mut b: [Fr; N]) -> [Fr; N] {
    for column in 0..N {
        let pivot = (column..N).find(|row| a[*row][column] != Fr::from(0u64)).unwrap_or(column);
        a.swap(column, pivot);
        b.swap(column, pivot);
        let inverse = a[column][column].inverse().unwrap_or_default();
        a[column].iter_mut().for_each(|x| *x *= inverse);
        b[column] *= inverse;
        for row in 0..N {
            if row != column {
                let scale = a[row][column];
                let pivot_row = a[column];
                for (x, y) in a[row].iter_mut().zip(pivot_row) {
                    *x -= scale * y;
                }
                let known = b[column];
                b[row] -= scale * known;
            }
        }
    }
    b
}
