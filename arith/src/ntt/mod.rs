//! Number-theoretic transforms over Fr, on domains that fit a circuit.
//!
//! Groth16 wants one thing of them: the values on the coset g·D of polynomials known by their values on D. [`Coset`] gives just that, in an
//! order of its own ([`Coset::position`]) that costs no permutation.

mod domain;
mod kernel;
mod lane;
mod odd;
#[cfg(feature = "std")]
mod radix44;
mod radix52;
mod transform;

pub use domain::{Domain, ODD_PARTS};

use crate::Backend;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use ark_bls12_381::Fr;
use ark_ff::AdditiveGroup;
use kernel::Kernel;
use transform::Plan;

/// From D to g·D, with all tables made.
pub struct Coset {
    domain: Domain,
    kernel: Box<dyn Kernel>,
}

impl Coset {
    /// Tables for `domain`, for the lanes of `backend`.
    pub fn new(domain: Domain, backend: Backend) -> Self {
        Self { kernel: kernel::kernel(&domain, backend), domain }
    }

    /// The domain D.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// Where the value at ω^i, or at g·ω^i, lies: [`Domain::position`].
    pub fn position(&self, index: usize) -> usize {
        self.domain.position(index)
    }

    /// Values of a polynomial of degree < n on D, by [`position`](Self::position), become its values on g·D. `values` has length n.
    pub fn evaluate(&self, values: &mut [Fr]) {
        self.kernel.evaluate(values);
    }

    /// A·B on g·D, for polynomials of degree < n given by their values on D; all by [`position`](Self::position), all of length n.
    pub fn product(&self, mut a: Vec<Fr>, b: &[Fr]) -> Vec<Fr> {
        self.kernel.product(&mut a, b);
        a
    }

    /// Coefficients, lowest first, of the polynomial of degree < n with these values on g·D by [`position`](Self::position).
    ///
    /// Portable, and its tables are made for the call: the reference of the rest, and what ark-groth16's form takes.
    pub fn coefficients(&self, mut values: Vec<Fr>) -> Vec<Fr> {
        Plan::<Fr>::new(&self.domain).coset_coefficients(&self.domain, &mut values)
    }

    /// Values in the domain's order, ω⁰ first, put where [`position`](Self::position) says; missing ones are 0.
    pub fn place(&self, values: impl IntoIterator<Item = Fr>) -> Vec<Fr> {
        let mut placed = vec![Fr::ZERO; self.domain.size()];
        for (index, value) in values.into_iter().enumerate().take(placed.len()) {
            placed[self.position(index)] = value;
        }
        placed
    }
}
