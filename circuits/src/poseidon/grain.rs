//! The reference Grain LFSR in self-shrinking mode, which fixes Poseidon's constants.

use super::{FULL_ROUNDS, Matrix, PARTIAL_ROUNDS, Parameters, WIDTH};
use crate::Fr;
use alloc::vec::Vec;
use ark_ff::{BigInteger, Field, PrimeField};

const BITS: usize = 255;

struct Grain {
    state: [bool; 80],
    at: usize,
}

impl Grain {
    /// Field type 1 (prime), S-box 0 (x^α), n, t, R_F, R_P, thirty ones; the first 160 bits are dropped.
    fn new() -> Self {
        let mut state = [true; 80];
        let mut at = 0;
        let mut push = |value: usize, width: usize| {
            for bit in (0..width).rev() {
                state[at] = value >> bit & 1 == 1;
                at += 1;
            }
        };
        push(1, 2);
        push(0, 4);
        push(BITS, 12);
        push(WIDTH, 12);
        push(FULL_ROUNDS, 10);
        push(PARTIAL_ROUNDS, 10);
        let mut grain = Self { state, at: 0 };
        for _ in 0..160 {
            grain.step();
        }
        grain
    }

    fn step(&mut self) -> bool {
        let tap = |offset: usize| self.state[(self.at + offset) % 80];
        let bit = tap(62) ^ tap(51) ^ tap(38) ^ tap(23) ^ tap(13) ^ tap(0);
        self.state[self.at] = bit;
        self.at = (self.at + 1) % 80;
        bit
    }

    /// Bits come in pairs; a pair's second bit is used iff its first is 1.
    fn bit(&mut self) -> bool {
        while !self.step() {
            self.step();
        }
        self.step()
    }

    fn integer(&mut self) -> ark_ff::BigInt<4> {
        let mut bits = [false; BITS];
        bits.fill_with(|| self.bit());
        ark_ff::BigInt::from_bits_be(&bits)
    }

    /// Integers ≥ r are drawn again.
    fn element(&mut self) -> Fr {
        loop {
            if let Some(x) = Fr::from_bigint(self.integer()) {
                return x;
            }
        }
    }

    /// For the matrix the reference reduces instead.
    fn reduced(&mut self) -> Fr {
        let integer = self.integer();
        Fr::from_bigint(integer).unwrap_or_else(|| {
            let mut integer = integer;
            integer.sub_with_borrow(&Fr::MODULUS);
            Fr::from_bigint(integer).unwrap_or_default()
        })
    }
}

/// Constants round by round, then the Cauchy matrix 1/(x_i + y_j).
pub(super) fn generate() -> Parameters {
    let mut grain = Grain::new();
    let constants: Vec<[Fr; WIDTH]> =
        (0..FULL_ROUNDS + PARTIAL_ROUNDS).map(|_| core::array::from_fn(|_| grain.element())).collect();
    let xs: [Fr; WIDTH] = core::array::from_fn(|_| grain.reduced());
    let ys: [Fr; WIDTH] = core::array::from_fn(|_| grain.reduced());
    let mds: Matrix = xs.map(|x| ys.map(|y| (x + y).inverse().unwrap_or_default()));
    Parameters { constants, mds }
}
