//! The two forms of release agree, on pairs that hold and on pairs of which one rule is known to be broken.

use privity_circuits::Relation;
use privity_circuits::release::{Claim, Evidence, Release, Statement, Witness};
use privity_testkit::samples::common::violated_rules;
use privity_testkit::samples::release::{subject, valid};
use privity_testkit::{pairs, rng, size};
use std::collections::BTreeSet;

/// The only mutation that cannot but break later rules as well: fewer pieces than before cost and use less than nothing.
const NEGATIVE: &str = "fewer pieces than before";

#[test]
fn pairs_agree() {
    let counts = pairs::run(&subject(), size(300, 2_000), 1);
    println!("release pairs: {counts:?}");
}

/// The samples compute the outputs for themselves, and all branches occur.
#[test]
fn samples_state_what_the_witness_makes() {
    let rng = &mut rng(1);
    let mut branches = [0; 4];
    for _ in 0..size(200, 2_000) {
        let (x, w) = valid(rng);
        branches[match w.evidence.claim() {
            Claim::Delivered { .. } => 0,
            Claim::Lapsed => 1,
            Claim::Awarded { .. } => 2,
            Claim::Agreed { .. } => 3,
        }] += 1;
        assert_eq!(Statement::of(&w, x.anchor, x.now, x.context), Ok(x));
    }
    assert!(branches.iter().all(|count| *count >= 10), "{branches:?}");
}

#[test]
fn every_mutation_breaks_its_rule_alone() {
    let rng = &mut rng(2);
    let subject = subject();
    assert!(subject.ways >= 25);
    for index in 0..subject.ways {
        let (x, w, rule, name) = (subject.broken)(index, rng);
        let refused = Release::check(&x, &w).map_err(|violation| violation.rule);
        assert_eq!(refused, Err(rule), "{name}");
        let mut violated = violated_rules::<Release>(&x, &w);
        if name == NEGATIVE {
            violated.retain(|other| *other <= rule);
        }
        assert_eq!(violated, BTreeSet::from([rule]), "{name}");
    }
}

#[test]
fn a_quantity_borrowed_from_the_next_field_is_refused() {
    let rng = &mut rng(4);
    let (x, mut w) = valid(rng);
    let id = w.terms.id();
    // The lane, and with it the terms, stay the same; only ranges tell the fields apart.
    w.terms.goods.quantity += 1 << 40;
    w.terms.goods.load_factor -= 1;
    assert_eq!(w.terms.id(), id);
    assert_eq!(Release::check(&x, &w).map_err(|violation| violation.rule), Err("R1"));
    assert!(violated_rules::<Release>(&x, &w).contains("R1"));

    let (x, mut w) = valid(rng);
    let id = w.terms.id();
    let borrowed = 1 << 40;
    w.terms.remedy.claim_until += borrowed;
    w.terms.remedy.rate = w.terms.remedy.rate.wrapping_sub(1);
    assert!(w.terms.id() == id || w.terms.remedy.rate == u64::MAX);
    assert_eq!(Release::check(&x, &w).map_err(|violation| violation.rule), Err("R1"));
    assert!(violated_rules::<Release>(&x, &w).contains("R1"));
}

#[test]
fn a_release_needs_no_partys_nullifier_key() {
    let (_, w) = valid(&mut rng(5));
    // All that the witness holds; a new field has to be named here.
    let Witness { terms: _, held: _, payment_blinding: _, capacity_blinding: _, path: _, evidence } = w;
    match evidence {
        Evidence::Delivered { delivered: _, time: _, last: _, inspector: _ }
        | Evidence::Awarded { pay: _, used: _, arbiter: _ }
        | Evidence::Agreed { pay: _, used: _, buyer: _, supplier: _ }
        | Evidence::Lapsed { buyer: _ } => (),
    }
}
