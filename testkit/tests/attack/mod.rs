//! What an attacker does to every relation: he forges hints, and states whatever outputs follow from them.
//!
//! Each test file uses its share of this.
#![allow(dead_code)]

use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use privity_circuits::jubjub::Point;
use privity_circuits::keys::PublicKey;
use privity_circuits::r1cs::{Cs, Lc, Row, Shape, Variable};
use privity_circuits::schnorr::Signature;
use privity_circuits::{Circuit, Domain, Fr, hash};
use rand::Rng;
use rand::seq::SliceRandom;
use std::collections::BTreeMap;

/// Values for variables, in place of the honest ones.
pub type Forgery = Vec<(Variable, Fr)>;

/// Whether *some* statement satisfies the rows under this forgery. Of `x` only what no row defines is kept; roots, commitments and
/// tags become what the circuit computes, as a cheat would state them.
pub fn accepted<C: Circuit>(shape: &Shape, x: &C::Statement, w: &C::Witness, forgery: &[(Variable, Fr)]) -> bool {
    restated::<C>(shape, x, w, forgery).is_some_and(|z| shape.first_violation(&z).is_none())
}

/// The assignment in which every public input that a row defines is what the circuit computes; none if that has no end.
pub fn restated<C: Circuit>(
    shape: &Shape,
    x: &C::Statement,
    w: &C::Witness,
    forgery: &[(Variable, Fr)],
) -> Option<Vec<Fr>> {
    let mut stated = BTreeMap::new();
    for _ in 0..8 {
        let mut cs = Cs::without_rows();
        for (variable, value) in forgery.iter().copied().chain(stated.clone()) {
            cs.forge(variable, value);
        }
        let z = cs.synthesize::<C>(x, w).into_assignment();
        let wanted = demands(shape, &z);
        if wanted.is_empty() {
            return Some(z);
        }
        stated.extend(wanted);
    }
    None
}

/// The forgery is refused, and accepted once the row b·b = b of `guard` is taken out: that row alone stands against it.
pub fn stands_on<C: Circuit>(
    shape: &Shape,
    (x, w): (&C::Statement, &C::Witness),
    forgery: &[(Variable, Fr)],
    guard: Variable,
) {
    assert!(!accepted::<C>(shape, x, w, forgery), "{}: accepted", C::NAME);
    let open = unguarded::<C>(&[guard], 1);
    let z = restated::<C>(&open, x, w, forgery).expect("a statement");
    assert_eq!(open.first_violation(&z), None, "{}: more than one row refuses it", C::NAME);
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

/// e = H(SIG; R.x, R.y, prefix, m) for R = s·G − c·pk.
pub fn digest(pk: &PublicKey, prefix: Fr, m: Fr, signature: &Signature) -> Fr {
    let Signature { c, s } = signature;
    let r = Point::generator().mul(s) + pk.point().mul_integer(&[*c as u64, (*c >> 64) as u64]).neg();
    hash(Domain::Sig, &[r.x, r.y, prefix, m])
}

/// A signature without a key: any c and s make some R, and one bit of h that is no bit makes up for e. The bits are those of c + 2^128·h;
/// also the bit on which this stands.
pub fn sign_without_key(bits: &[Variable], e: Fr, c: u128) -> (Forgery, Variable) {
    assert_eq!(bits.len(), 255);
    let mut forgery: Forgery = bits[128..].iter().map(|bit| (*bit, Fr::ZERO)).collect();
    // r − 1 has ones at 254, 253 and 252: with bit 254 = 0 the integer is below it whatever follows.
    let place = 253;
    forgery[place - 128].1 = (e - Fr::from(c)) * Fr::from(2u64).pow([place as u64]).inverse().expect("not 0");
    (forgery, bits[place])
}

/// The bits of e + r where e is the digest, if they fit 255.
pub fn beyond_the_order(e: Fr) -> Option<Vec<bool>> {
    let mut wide = e.into_bigint();
    wide.add_with_carry(&Fr::MODULUS);
    (wide.num_bits() <= 255).then(|| (0..255).map(|i| wide.get_bit(i)).collect())
}

/// The first level of the `index`-th path: its two bits, and its four children.
pub fn bottom(cs: &Cs, index: usize) -> ([Variable; 2], [Variable; 4]) {
    let children = hints(cs, "child");
    let first = 64 * index;
    let place = cs.hints().iter().position(|(variable, _)| *variable == children[first]).expect("a hint");
    let bits = [cs.hints()[place - 2].0, cs.hints()[place - 1].0];
    (bits, core::array::from_fn(|child| children[first + child]))
}

/// A leaf that is in no tree, mixed of two that are: a bit of (leaf − c₀)/(c − c₀), which is none, selects it. Also that bit.
pub fn mix_leaf(cs: &Cs, index: usize, honest: [Fr; 4], leaf: Fr) -> (Forgery, Variable) {
    let ([low, high], children) = bottom(cs, index);
    let mut forgery: Forgery = children.into_iter().zip(honest).collect();
    let other = (1..4).find(|child| honest[*child] != honest[0]).expect("two leaves");
    let share = (leaf - honest[0]) * (honest[other] - honest[0]).inverse().expect("not 0");
    let (guard, values) = match other {
        1 => (low, [share, Fr::ZERO]),
        2 => (high, [Fr::ZERO, share]),
        _ => (high, [Fr::ONE, share]),
    };
    forgery.extend([low, high].into_iter().zip(values));
    (forgery, guard)
}
