//! `H(tag; …)` as constraints: three rows per S-box, linear layers free, constant lanes folded.

use super::Num;
use crate::Fr;
use crate::hash::{Domain, tag};
use crate::poseidon::{Matrix, RATE, WIDTH, sparse};
use crate::r1cs::Cs;
use ark_ff::{AdditiveGroup, Field};

/// H(domain; inputs).
pub fn hash(cs: &mut Cs, domain: Domain, inputs: &[Num]) -> Num {
    hash_tagged(cs, &Num::from_constant(tag(domain, inputs.len())), inputs)
}

/// H with a tag chosen inside the circuit; the caller ties `tag` to one of the table's with this number of inputs.
pub fn hash_tagged(cs: &mut Cs, tag: &Num, inputs: &[Num]) -> Num {
    let mut state: [Num; WIDTH] = core::array::from_fn(|_| Num::zero());
    state[0] = tag.clone();
    for chunk in inputs.chunks(RATE) {
        for (lane, input) in state[1..].iter_mut().zip(chunk) {
            *lane = &*lane + input;
        }
        state = cs.gadget("poseidon", |cs| permute(cs, &state));
    }
    let [_, output, ..] = state;
    output
}

/// An input whose S-box of the first round is taken once, for all hashes that have it in the same place.
#[derive(Clone)]
pub struct Shared {
    input: Num,
    lane: usize,
    boxed: Num,
}

impl Shared {
    /// The input with this index, from 0, of first blocks to come: three rows, which each use of it saves.
    pub fn new<const INDEX: usize>(cs: &mut Cs, input: &Num) -> Self {
        const { assert!(INDEX < RATE) };
        let lane = INDEX + 1;
        let constant = sparse::schedule().first[0][lane];
        cs.gadget("poseidon", |cs| Self { input: input.clone(), lane, boxed: sbox(cs, &input.plus(constant)) })
    }

    /// The input.
    pub fn input(&self) -> &Num {
        &self.input
    }
}

/// One input of a single block.
pub enum Lane<'a> {
    /// Of this hash alone.
    Own(&'a Num),
    /// In the same place of several hashes.
    Shared(&'a Shared),
}

/// H(domain; inputs) for at most [`RATE`] inputs, some of them shared with other hashes.
pub fn hash_block<const N: usize>(cs: &mut Cs, domain: Domain, inputs: [Lane; N]) -> Num {
    const { assert!(N <= RATE) };
    let constants = &sparse::schedule().first[0];
    cs.gadget("poseidon", |cs| {
        let boxed = core::array::from_fn(|lane| {
            let own = match lane.checked_sub(1).map(|index| inputs.get(index)) {
                None => Num::from_constant(tag(domain, N)),
                Some(None) => Num::zero(),
                Some(Some(Lane::Shared(shared))) if shared.lane == lane => return shared.boxed.clone(),
                Some(Some(Lane::Shared(shared))) => shared.input.clone(),
                Some(Some(Lane::Own(input))) => (*input).clone(),
            };
            sbox(cs, &own.plus(constants[lane]))
        });
        let [_, output, ..] = permute_boxed(cs, &boxed);
        output
    })
}

/// x⁵ by s = x·x, t = s·s, t·x: only x and s occur in B.
fn sbox(cs: &mut Cs, x: &Num) -> Num {
    let square = cs.mul(x, x);
    let fourth = cs.mul(&square, &square);
    cs.mul(&fourth, x)
}

fn dense(matrix: &Matrix, state: &[Num; WIDTH]) -> [Num; WIDTH] {
    core::array::from_fn(|row| {
        let terms: [(Fr, &Num); WIDTH] = core::array::from_fn(|i| (matrix[row][i], &state[i]));
        Num::linear(&terms, Fr::ZERO)
    })
}

fn full(cs: &mut Cs, state: &[Num; WIDTH], constants: &[Fr; WIDTH], mds: &Matrix) -> [Num; WIDTH] {
    let boxed = core::array::from_fn(|i| sbox(cs, &state[i].plus(constants[i])));
    dense(mds, &boxed)
}

/// The permutation, by the same schedule as [`crate::poseidon::permute`].
fn permute(cs: &mut Cs, state: &[Num; WIDTH]) -> [Num; WIDTH] {
    let constants = &sparse::schedule().first[0];
    let boxed = core::array::from_fn(|i| sbox(cs, &state[i].plus(constants[i])));
    permute_boxed(cs, &boxed)
}

/// The permutation after the S-boxes of its first round.
fn permute_boxed(cs: &mut Cs, boxed: &[Num; WIDTH]) -> [Num; WIDTH] {
    let schedule = sparse::schedule();
    let mut state = dense(&schedule.mds, boxed);
    for constants in &schedule.first[1..] {
        state = full(cs, &state, constants, &schedule.mds);
    }
    for round in &schedule.partial {
        let x = sbox(cs, &state[0].plus(round.constant));
        let first: [(Fr, &Num); WIDTH] = core::array::from_fn(|i| (round.row[i], if i == 0 { &x } else { &state[i] }));
        let first = Num::linear(&first, Fr::ZERO);
        for (lane, k) in state[1..].iter_mut().zip(&round.column) {
            *lane = Num::linear(&[(Fr::ONE, &*lane), (*k, &x)], Fr::ZERO);
        }
        state[0] = first;
    }
    state = dense(&schedule.exit, &state);
    for constants in &schedule.last {
        state = full(cs, &state, constants, &schedule.mds);
    }
    state
}
