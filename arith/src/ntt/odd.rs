//! Transforms of the odd lengths 3, 11, 19, 33 and 57, directly.
//!
//! For a prime p the inputs are paired: with u_j = x_j + x_{p−j} and v_j = x_j − x_{p−j} for 1 ≤ j ≤ (p − 1)/2, and ζ^{jk} = c_{jk} + s_{jk}
//! where c is even and s odd in k,
//!
//! X_k = x_0 + Σ u_j·c_{jk} + Σ v_j·s_{jk}, X_{p−k} = x_0 + Σ u_j·c_{jk} − Σ v_j·s_{jk}:
//!
//! (p − 1)²/2 multiplications. For 3·p the Chinese remainder theorem splits the index without twiddles (Good–Thomas).

use super::lane::Lane;
use alloc::vec::Vec;
use ark_bls12_381::Fr;
use ark_ff::Field;

/// Largest odd part.
pub(super) const MAX_ODD: usize = 57;
/// Largest prime in one.
const MAX_PRIME: usize = 19;

/// Tables of a transform of odd length with root ζ.
pub(super) struct Odd<L: Lane> {
    three: Option<Prime<L>>,
    prime: Option<Prime<L>>,
    /// Where element (a, b) of the grid 3 × p, b fastest, is read and written.
    reads: Vec<usize>,
    writes: Vec<usize>,
}

impl<L: Lane> Odd<L> {
    /// The transform of length `odd` with root `root` of that order.
    pub(super) fn new(odd: usize, root: Fr) -> Self {
        let threes = if odd.is_multiple_of(3) { 3 } else { 1 };
        let p = odd / threes;
        let grid = |index: &dyn Fn(usize, usize) -> usize| (0..threes * p).map(|i| index(i / p, i % p)).collect();
        // ζ^{(p·a + 3·b)·i} = (ζ^p)^{a·i}·(ζ^3)^{b·i}: reads by p·a + 3·b, writes at the i with i = a mod 3, i = b mod p.
        let reads = grid(&|a, b| (p * a + threes * b) % odd);
        let writes = grid(&|a, b| (0..odd).find(|i| i % threes == a && i % p == b).unwrap_or_default());
        let prime = |length: usize, root: Fr| (length > 1).then(|| Prime::new(length, root));
        Self { three: prime(threes, root.pow([p as u64])), prime: prime(p, root.pow([threes as u64])), reads, writes }
    }

    /// Transforms `values` in place; takes elements below 2, gives elements below 32.
    #[inline(always)]
    pub(super) fn transform(&self, values: &mut [L]) {
        let odd = values.len();
        let mut grid = [values[0]; MAX_ODD];
        for (slot, read) in grid.iter_mut().zip(&self.reads) {
            *slot = values[*read];
        }
        let width = self.prime.as_ref().map_or(1, |prime| prime.length);
        if let Some(prime) = &self.prime {
            for row in grid[..odd].chunks_exact_mut(width) {
                prime.transform(row, 0, 1);
            }
        }
        if let Some(three) = &self.three {
            if self.prime.is_some() {
                for value in &mut grid[..odd] {
                    *value = value.reduce();
                }
            }
            for column in 0..width {
                three.transform(&mut grid, column, width);
            }
        }
        for (value, write) in grid.iter().zip(&self.writes) {
            values[*write] = *value;
        }
    }
}

struct Prime<L: Lane> {
    length: usize,
    even: Vec<L::Scalar>,
    odd: Vec<L::Scalar>,
}

impl<L: Lane> Prime<L> {
    fn new(length: usize, root: Fr) -> Self {
        let half = length / 2;
        let inverse = root.inverse().unwrap_or_default();
        let two = Fr::from(2u64).inverse().unwrap_or_default();
        let table = |sign: Fr| {
            let entry = move |index: usize| {
                let exponent = [((index / half + 1) * (index % half + 1)) as u64];
                L::scalar((root.pow(exponent) + sign * inverse.pow(exponent)) * two)
            };
            (0..half * half).map(entry).collect()
        };
        Self { length, even: table(Fr::ONE), odd: table(-Fr::ONE) }
    }

    /// The elements at `first`, `first + step`, …
    #[inline(always)]
    fn transform(&self, values: &mut [L], first: usize, step: usize) {
        let half = self.length / 2;
        let at = |j: usize| first + step * j;
        let zero = values[first];
        let (mut sums, mut differences) = ([zero; MAX_PRIME / 2], [zero; MAX_PRIME / 2]);
        let mut total = zero;
        for j in 1..=half {
            let (x, y) = (values[at(j)], values[at(self.length - j)]);
            sums[j - 1] = x.add(y);
            differences[j - 1] = x.sub(y);
            // Nine sums below 4 each would pass 35.
            total = if j == 5 { total.reduce() } else { total }.add(sums[j - 1]);
        }
        values[first] = total.reduce();
        for k in 1..=half {
            let row = (k - 1) * half..k * half;
            let mut even = zero;
            for (u, c) in sums.iter().zip(&self.even[row.clone()]) {
                even = even.add(u.scale(*c));
            }
            let mut odd = differences[0].scale(self.odd[row.start]);
            for (v, s) in differences.iter().zip(&self.odd[row]).skip(1) {
                odd = odd.add(v.scale(*s));
            }
            values[at(k)] = even.add(odd);
            values[at(self.length - k)] = even.sub(odd);
        }
    }
}
