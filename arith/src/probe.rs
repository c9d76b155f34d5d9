//! The fields' multiplications by themselves, to be timed by benchmarks.

use ark_bls12_381::Fq;
use ark_ff::{AdditiveGroup, Field};

use crate::backend::{Backend, dispatch};
use crate::field::Base;
use crate::lanes::{Lanes, MAX_WIDTH, Task};

/// Vectors that do not depend on each other.
const VECTORS: usize = 16;

/// What to repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// ab in Fq.
    Multiply,
    /// a² in Fq.
    Square,
    /// ab in Fq².
    MultiplyQuadratic,
}

/// Repeats an operation until at least `count` elements went through it, and gives back how many did, with a sum that keeps the
/// compiler from leaving any out.
pub fn repeat(backend: Backend, operation: Operation, count: usize) -> (usize, Fq) {
    dispatch!(backend, L => L::enter(Repeat { operation, count }))
}

struct Repeat {
    operation: Operation,
    count: usize,
}

impl<B: Base> Task<B> for Repeat {
    type Output = (usize, Fq);

    #[inline(always)]
    fn run(self) -> (usize, Fq) {
        let mut values = [B::one(); VECTORS];
        for (index, value) in values.iter_mut().enumerate() {
            let seed = Fq::from(index as u64 + 3).inverse().unwrap_or(Fq::ONE);
            *value = B::import(&[seed; MAX_WIDTH][..B::WIDTH]);
        }
        let factor = values[0];
        let rounds = self.count.div_ceil(VECTORS * B::WIDTH);
        for _ in 0..rounds {
            match self.operation {
                Operation::Multiply => values.iter_mut().for_each(|value| *value = value.mul(&factor)),
                Operation::Square => values.iter_mut().for_each(|value| *value = value.square()),
                Operation::MultiplyQuadratic => {
                    for pair in values.chunks_exact_mut(2) {
                        let [a, b] = B::complex([&pair[0], &pair[1]], [&factor, &factor]);
                        (pair[0], pair[1]) = (a, b);
                    }
                }
            }
        }
        let elements = if self.operation == Operation::MultiplyQuadratic { VECTORS / 2 } else { VECTORS };
        let mut sum = Fq::ZERO;
        for value in &values {
            let mut out = [Fq::ZERO; MAX_WIDTH];
            value.export(&mut out[..B::WIDTH]);
            sum += out.iter().sum::<Fq>();
        }
        (rounds * elements * B::WIDTH, sum)
    }
}
