//! The two forms of price agree, on pairs that hold and on pairs of which one rule is known to be broken.

use privity_circuits::price::{Price, Statement};
use privity_circuits::r1cs::{Cs, Shape};
use privity_circuits::{Relation, Statement as _};
use privity_testkit::samples::common::violated_rules;
use privity_testkit::samples::price::{subject, valid};
use privity_testkit::{pairs, rng, size};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn pairs_agree() {
    let counts = pairs::run(&subject(), size(300, 2_000), 1);
    println!("price pairs: {counts:?}");
}

/// The samples compute their statements for themselves.
#[test]
fn samples_state_what_the_terms_make() {
    let rng = &mut rng(1);
    for _ in 0..size(100, 2_000) {
        let (x, w) = valid(rng);
        assert_eq!(Statement::of(&w.terms, &w.policy, x.members, x.ledger, x.context), Ok(x));
    }
}

/// Up to P6 a false rule spoils later ones; from P7 on only the rule's own rows fail.
#[test]
fn every_mutation_breaks_its_rule() {
    let rng = &mut rng(2);
    let subject = subject();
    assert!(subject.ways >= 25);
    let mut covered = BTreeMap::<&str, usize>::new();
    for index in 0..subject.ways {
        for _ in 0..size(2, 8) {
            let (x, w, rule, name) = (subject.broken)(index, rng);
            let refused = Price::check(&x, &w).map_err(|violation| violation.rule);
            assert_eq!(refused, Err(rule), "{name}");
            let violated = violated_rules::<Price>(&x, &w);
            assert!(violated.contains(rule), "{name}: {violated:?}");
            if ["P7", "P9", "P10", "P11", "P12"].contains(&rule) {
                assert_eq!(violated, BTreeSet::from([rule]), "{name}");
            }
            *covered.entry(rule).or_default() += 1;
        }
    }
    // P4 is a definition and P8 is part of the openings of P7 and P9: neither can be broken alone.
    let rules = ["P1", "P10", "P11", "P12", "P2", "P3", "P5", "P6", "P7", "P9"];
    assert_eq!(covered.keys().copied().collect::<Vec<_>>(), rules);
}

/// Each public input alone is bound by a row, the context by its input row only.
#[test]
fn every_input_counts() {
    let rng = &mut rng(4);
    let shape = Shape::of::<Price>();
    let (x, w) = valid(rng);
    let z = Cs::without_rows().synthesize::<Price>(&x, &w).into_assignment();
    let context = x.public_inputs().len();
    for input in 1..=context {
        let mut changed = z.clone();
        changed[input] += privity_circuits::Fr::from(1u64);
        assert_eq!(shape.first_violation(&changed).is_some(), input != context);
    }
}

/// A witness does not change the rows.
#[test]
fn shape_is_that_of_every_pair() {
    let rng = &mut rng(5);
    let shape = Shape::of::<Price>();
    for _ in 0..3 {
        let (x, w) = valid(rng);
        let cs = Cs::with_rows().synthesize::<Price>(&x, &w);
        assert_eq!(cs.rows().len(), shape.rows.len());
        for (row, blank) in cs.rows().iter().zip(&shape.rows) {
            assert_eq!((&row.a, &row.b, &row.c), (&blank.a, &blank.b, &blank.c));
        }
    }
}
