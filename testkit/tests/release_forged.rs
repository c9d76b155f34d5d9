//! Provers of release who bypass `check` and the witness generator: each states outputs in his favour and forges the hints that
//! would carry them. One row stands against each.

use privity_circuits::r1cs::{Cs, Variable};
use privity_circuits::release::{Release, Statement, Witness};
use privity_circuits::{Fr, Relation};
use privity_testkit::samples::release::skewed;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeSet;

type Pair = (Statement, Witness);
type Forgery = Vec<(Variable, Fr)>;

/// The late delivery, whose supplier, buyer and escrow hold as much more as stated.
fn pair(moved: i128, left: i128, capacity: i128) -> Pair {
    skewed(moved, left, capacity, &mut ChaCha20Rng::seed_from_u64(1))
}

fn honest((x, w): &Pair) -> Cs {
    Cs::with_rows().synthesize::<Release>(x, w)
}

/// Variables of the hints with this name, and their values.
fn hints(cs: &Cs, name: &str) -> Vec<(Variable, Fr)> {
    let named = cs.hints().iter().filter(|(_, other)| *other == name);
    named.map(|(variable, _)| (*variable, cs.assignment()[*variable as usize])).collect()
}

/// `count` bits from `first` on, as an integer.
fn read(cs: &Cs, first: Variable, count: u32) -> u64 {
    let bit = |i: u32| u64::from(cs.assignment()[(first + i) as usize] != Fr::from(0u64));
    (0..count).map(|i| bit(i) << i).sum()
}

fn write(first: Variable, count: u32, value: u64) -> Forgery {
    (0..count).map(|i| (first + i, Fr::from(value >> i & 1))).collect()
}

/// Rules with a row that the forged assignment violates.
fn violated((x, w): &Pair, forgery: Forgery) -> BTreeSet<&'static str> {
    let mut cs = Cs::with_rows();
    for (variable, value) in forgery {
        cs.forge(variable, value);
    }
    let cs = cs.synthesize::<Release>(x, w);
    let broken = cs.rows().iter().enumerate().filter(|(_, row)| row.residue(cs.assignment()) != Fr::from(0u64));
    broken.map(|(row, _)| cs.rule_of(row).unwrap_or("no rule")).collect()
}

#[test]
fn r4_refuses_the_outputs_alone() {
    for pair in [pair(1, 0, 0), pair(0, 1, 0), pair(0, 0, 1)] {
        assert_eq!(Release::check(&pair.0, &pair.1).map_err(|violation| violation.rule), Err("R4"));
        assert_eq!(violated(&pair, Vec::new()), BTreeSet::from(["R4"]));
    }
    assert_eq!(violated(&pair(0, 0, 0), Vec::new()), BTreeSet::new());
}

#[test]
fn r2_refuses_a_higher_payment() {
    let pair = pair(1, 0, 0);
    let [(pay, value)] = hints(&honest(&pair), "pay")[..] else { panic!("one pay") };
    assert_eq!(violated(&pair, vec![(pay, value + Fr::from(1u64))]), BTreeSet::from(["R2"]));
}

#[test]
fn r2_refuses_a_remainder_above_ten_thousand() {
    let pair = pair(1, 0, 0);
    let cs = honest(&pair);
    let [(pay, value)] = hints(&cs, "pay")[..] else { panic!("one pay") };
    // After pay come its decided part and the remainder's fourteen bits: 10⁴ more of it, one unit less of penalty.
    let remainder = read(&cs, pay + 2, 14);
    assert!(remainder < (1 << 14) - 10_000, "{remainder}");
    let mut forgery = write(pay + 2, 14, remainder + 10_000);
    forgery.push((pay, value + Fr::from(1u64)));
    assert_eq!(violated(&pair, forgery), BTreeSet::from(["R2"]));
}

#[test]
fn r2_refuses_capacity_that_was_not_used() {
    let pair = pair(0, 0, 3_500);
    let [(used, value)] = hints(&honest(&pair), "used")[..] else { panic!("one used") };
    assert_eq!(violated(&pair, vec![(used, value - Fr::from(3_500u64))]), BTreeSet::from(["R2"]));
}

#[test]
fn r1_refuses_a_remainder_above_the_divisor() {
    // One unit of gross less stays in escrow; the supplier's share of it is lost.
    let pair = pair(-1, 1, 0);
    let cs = honest(&pair);
    let [(gross, value)] = hints(&cs, "gross")[..] else { panic!("one gross") };
    // After gross come the remainder's forty bits; the divisor is what was undelivered.
    let undelivered = pair.1.terms.goods.quantity - pair.1.held.done;
    let mut forgery = write(gross + 1, 40, read(&cs, gross + 1, 40) + undelivered);
    forgery.push((gross, value - Fr::from(1u64)));
    assert_eq!(violated(&pair, forgery), BTreeSet::from(["R1"]));
    assert_eq!(violated(&pair, vec![(gross, value - Fr::from(1u64))]), BTreeSet::from(["R2"]));
}

#[test]
fn r3_refuses_a_quotient_mod_r() {
    // Any remainder has a quotient mod r: with 1 taken off the remainder it is no integer near v.
    let pair = pair(0, 0, 0);
    let cs = honest(&pair);
    let [(gross, value)] = hints(&cs, "gross")[..] else { panic!("one gross") };
    let remainder = read(&cs, gross + 1, 40);
    let undelivered = pair.1.terms.goods.quantity - pair.1.held.done;
    let inverse = ark_ff::Field::inverse(&Fr::from(undelivered)).expect("not 0");
    let changed = if remainder == 0 { 1 } else { remainder - 1 };
    let quotient = value + (Fr::from(remainder) - Fr::from(changed)) * inverse;
    let mut forgery = write(gross + 1, 40, changed);
    forgery.push((gross, quotient));
    assert!(violated(&pair, forgery).contains("R3"));
}

#[test]
fn r2_refuses_any_but_one_selector() {
    let pair = pair(0, 0, 0);
    let selectors = hints(&honest(&pair), "selector");
    assert_eq!(selectors.len(), 3);
    let half = ark_ff::Field::inverse(&Fr::from(2u64)).expect("not 0");
    let numbers = [Fr::from(0u64), Fr::from(1u64), -Fr::from(1u64), half];
    for code in 0..64usize {
        let chosen = [code & 3, code >> 2 & 3, code >> 4].map(|i| numbers[i]);
        let forgery: Forgery = selectors.iter().zip(chosen).map(|((variable, _), value)| (*variable, value)).collect();
        let broken = violated(&pair, forgery);
        assert_eq!(broken.is_empty(), chosen == [1u64, 0, 0].map(Fr::from), "{chosen:?}");
    }
}
