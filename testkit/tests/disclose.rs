//! The two forms of disclose agree, on pairs that hold and on pairs of which one rule is known to be broken.

use privity_circuits::disclose::Disclose;
use privity_circuits::r1cs::{Shape, Variable};
use privity_circuits::{Fr, Relation};
use privity_testkit::samples::common::violated_rules;
use privity_testkit::samples::disclose::{subject, valid};
use privity_testkit::{pairs, rng, size};
use std::collections::BTreeSet;

#[test]
fn pairs_agree() {
    let counts = pairs::run(&subject(), size(300, 2_000), 1);
    println!("disclose pairs: {counts:?}");
}

#[test]
fn every_mutation_breaks_its_rule_alone() {
    let rng = &mut rng(2);
    let subject = subject();
    assert!(subject.ways >= 15);
    for index in 0..subject.ways {
        let (x, w, rule, name) = (subject.broken)(index, rng);
        let refused = Disclose::check(&x, &w).map_err(|violation| violation.rule);
        assert_eq!(refused, Err(rule), "{name}");
        let mut violated = violated_rules::<Disclose>(&x, &w);
        // An inadmissible key has no Montgomery coordinates to verify a signature with.
        if name.starts_with("a key") {
            violated.remove("D4");
        }
        // A wide value stays wide in the rows, so what is computed from it can be false too.
        if name.ends_with("41 bits") {
            assert!(violated.contains(rule), "{name}");
            continue;
        }
        assert_eq!(violated, BTreeSet::from([rule]), "{name}");
    }
}

/// Hints named `bit`: 64 of the value, 40 of the unlock time, 32 of the position, then 64 and 40 of D2's differences.
fn bits() -> Vec<Variable> {
    let hints = subject().hints().to_vec();
    hints.into_iter().filter(|(_, name)| *name == "bit").map(|(bit, _)| bit).collect()
}

/// Rules of the rows that an assignment violates.
fn broken(z: &[Fr]) -> BTreeSet<&'static str> {
    let (shape, layout) = (Shape::of::<Disclose>(), subject().layout());
    let rows = shape.rows.iter().enumerate();
    rows.filter(|(_, row)| row.residue(z) != Fr::from(0u64)).filter_map(|(index, _)| layout.rule_of(index)).collect()
}

/// A packed lane opened with 2^64 more value and an unlock one second earlier is the same commitment; only the bits refuse it.
#[test]
fn forged_value_in_the_same_lane() {
    let rng = &mut rng(4);
    let (mut x, mut w) = valid(rng);
    while w.value >> 63 == 1 || w.unlock & 1 == 0 || x.hold == w.unlock || x.threshold == 0 {
        (x, w) = valid(rng);
    }
    let (top, lowest) = (bits()[63], bits()[64]);
    let forged = subject().forged(&x, &w, &[(top, Fr::from(2u64)), (lowest, Fr::from(0u64))]);
    let rules = broken(&forged);
    assert!(rules.contains("D1"), "{rules:?}");
    assert!(rules.is_subset(&BTreeSet::from(["D1", "D2"])), "{rules:?}");
}

/// A value one below the threshold: a difference of −1 whose bits are no bits.
#[test]
fn forged_difference() {
    let rng = &mut rng(5);
    let below = (0..subject().ways).find(|index| (subject().broken)(*index, rng).3 == "one unit too little");
    let (x, w, ..) = (subject().broken)(below.unwrap(), rng);
    let mut bent: Vec<(Variable, Fr)> = bits()[136..200].iter().map(|bit| (*bit, Fr::from(0u64))).collect();
    bent[0].1 = -Fr::from(1u64);
    assert_eq!(broken(&subject().forged(&x, &w, &bent)), BTreeSet::from(["D2"]));
}

/// The circuit alone takes r − 5 for a threshold or a hold that is met (only the signature is on another): the statement's integer
/// types are what refuses it.
#[test]
fn threshold_and_hold_need_their_types() {
    let rng = &mut rng(6);
    let (mut x, mut w) = valid(rng);
    while w.value > u64::MAX - 5 || w.unlock > (1 << 40) - 6 {
        (x, w) = valid(rng);
    }
    // Variables 3 and 4 of z are the statement's third and fourth inputs.
    let minus_five = -Fr::from(5u64);
    let wrapped = subject().forged(&x, &w, &[(3, minus_five), (4, minus_five)]);
    assert_eq!(broken(&wrapped), BTreeSet::from(["D4"]));
}
