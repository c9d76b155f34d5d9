//! What an attacker does to both relations: he forges hints, and states whatever outputs follow from them.

use ark_ff::Field;
use privity_circuits::r1cs::{Cs, Lc, Row, Shape, Variable};
use privity_circuits::{Circuit, Fr};
use rand::Rng;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;

/// Values for variables, in place of the honest ones.
pub type Forgery = Vec<(Variable, Fr)>;

/// Whether *some* statement satisfies the rows under this forgery. Of `x` only what no row defines is kept; roots, commitments and
/// tags become what the circuit computes, as a cheat would state them.
pub fn accepted<C: Circuit>(shape: &Shape, x: &C::Statement, w: &C::Witness, forgery: &[(Variable, Fr)]) -> bool {
    let mut stated = BTreeMap::new();
    for _ in 0..8 {
        let mut cs = Cs::without_rows();
        for (variable, value) in forgery.iter().copied().chain(stated.clone()) {
            cs.forge(variable, value);
        }
        let z = cs.synthesize::<C>(x, w).into_assignment();
        let wanted = demands(shape, &z);
        if wanted.is_empty() {
            return shape.first_violation(&z).is_none();
        }
        stated.extend(wanted);
    }
    false
}

/// For each public input that a row defines as computed, and does not have that value, the value.
fn demands(shape: &Shape, z: &[Fr]) -> BTreeMap<Variable, Fr> {
    let mut wanted = BTreeMap::new();
    let mut seen = std::collections::BTreeSet::new();
    for row in &shape.rows {
        let Some(input) = defined(row, shape.num_inputs) else { continue };
        if !seen.insert(input) {
            continue;
        }
        let mut other = z.to_vec();
        other[input as usize] += Fr::from(1u64);
        let (here, there) = (row.residue(z), row.residue(&other));
        let slope = (there - here).inverse().expect("the input counts in its row");
        if here != Fr::from(0u64) {
            wanted.insert(input, z[input as usize] - here * slope);
        }
    }
    wanted
}

/// The public input that `row` says to be something: alone in C, or in A beside a constant B.
fn defined(row: &Row, inputs: usize) -> Option<Variable> {
    let of = |lc: &Lc| lc.terms().iter().map(|(variable, _)| *variable).find(|v| (1..=inputs).contains(&(*v as usize)));
    let constant = row.b.terms().iter().all(|(variable, _)| *variable == 0);
    match (of(&row.a), of(&row.b), of(&row.c)) {
        (None, None, input) => input,
        (input, None, None) if constant => input,
        _ => None,
    }
}

/// Hints of this name.
pub fn hints(cs: &Cs, name: &str) -> Vec<Variable> {
    cs.hints().iter().filter(|(_, other)| *other == name).map(|(variable, _)| *variable).collect()
}

/// Bits that are chosen between two hints of these names.
pub fn bits_between(cs: &Cs, first: &str, last: &str) -> Vec<Variable> {
    let (first, last) = (hints(cs, first)[0], hints(cs, last)[0]);
    hints(cs, "bit").into_iter().filter(|bit| first < *bit && *bit < last).collect()
}

/// The shape without the `count` rows b·b = b in which one of these variables stands.
pub fn unguarded<C: Circuit>(variables: &[Variable], count: usize) -> Shape {
    let mut open = Shape::of::<C>();
    let before = open.rows.len();
    let named = |row: &Row| row.a.terms().iter().any(|(variable, _)| variables.contains(variable));
    open.rows.retain(|row| !(row.a == row.b && row.b == row.c && named(row)));
    assert_eq!(before - open.rows.len(), count);
    open
}

/// The integer that these booleans spell, low first.
pub fn read(cs: &Cs, bits: &[Variable]) -> u128 {
    let bit = |variable: &Variable| u128::from(cs.assignment()[*variable as usize] != Fr::from(0u64));
    bits.iter().enumerate().map(|(i, variable)| bit(variable) << i).sum()
}

/// Booleans for the low bits of `value`; the last takes the rest of it, be that 0, 1 or no boolean at all.
pub fn write(bits: &[Variable], value: Fr) -> Forgery {
    use ark_ff::{BigInteger, PrimeField};
    let integer = value.into_bigint();
    let (last, low) = bits.split_last().expect("some bits");
    let mut left = value;
    let mut forgery = Vec::new();
    for (i, variable) in low.iter().enumerate() {
        let bit = Fr::from(u64::from(integer.get_bit(i)));
        left -= bit * Fr::from(2u64).pow([i as u64]);
        forgery.push((*variable, bit));
    }
    let scale = Fr::from(2u64).pow([low.len() as u64]).inverse().expect("not 0");
    forgery.push((*last, left * scale));
    forgery
}

/// One of `edges` every twelfth time.
pub fn perhaps<R: Rng>(field: &mut u64, edges: &[u64], rng: &mut R) {
    if rng.gen_ratio(1, 12) {
        *field = edges.choose(rng).copied().expect("some edges");
    }
}
