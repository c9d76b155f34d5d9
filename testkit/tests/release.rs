//! The two forms of release agree, on pairs that hold and on pairs of which one rule is known to be broken.

use privity_circuits::Relation;
use privity_circuits::r1cs::{Cs, Shape};
use privity_circuits::release::{Claim, Evidence, Release, Statement, Witness};
use privity_testkit::samples::common::violated_rules;
use privity_testkit::samples::release::{falsified, mutated, mutations, subject, valid};
use privity_testkit::{jacobian, mutation, size};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeSet;

/// Pairs of each kind; the long run takes more.
fn pairs() -> usize {
    size(300, 2_000)
}

/// The only mutation that cannot but break later rules as well: fewer pieces than before cost and use less than nothing.
const NEGATIVE: &str = "fewer pieces than before";

#[test]
fn valid_pairs_hold() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let shape = Shape::of::<Release>();
    let mut branches = [0; 4];
    for _ in 0..pairs() {
        let (x, w) = valid(rng);
        assert_eq!(Release::check(&x, &w), Ok(()));
        let z = Cs::without_rows().synthesize::<Release>(&x, &w);
        assert_eq!(shape.first_violation(z.assignment()), None);
        // The samples compute the outputs for themselves.
        assert_eq!(Statement::of(&w, x.anchor, x.now, x.context), Ok(x));
        branches[match w.evidence.claim() {
            Claim::Delivered { .. } => 0,
            Claim::Lapsed => 1,
            Claim::Awarded { .. } => 2,
            Claim::Agreed { .. } => 3,
        }] += 1;
    }
    assert!(branches.iter().all(|count| *count >= 10), "{branches:?}");
}

#[test]
fn every_mutation_breaks_its_rule_alone() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    assert!(mutations() >= 25);
    for index in 0..mutations() {
        let (x, w, rule, name) = mutated(index, rng);
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
fn falsified_pairs_are_refused_by_name() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let shape = Shape::of::<Release>();
    let (x, w) = valid(rng);
    let rules = Cs::with_rows().synthesize::<Release>(&x, &w);
    for _ in 0..pairs() {
        let (x, w, rule) = falsified(rng);
        let refused = Release::check(&x, &w).map_err(|violation| violation.rule);
        assert_eq!(refused, Err(rule));
        let z = Cs::without_rows().synthesize::<Release>(&x, &w);
        let row = shape.first_violation(z.assignment());
        assert_eq!(row.and_then(|row| rules.rule_of(row)), Some(rule));
    }
}

#[test]
fn mutations_are_refused() {
    let counts = mutation::run(&subject(), size(4, 40), 6);
    println!("release mutations: {counts:?}");
}

#[test]
fn statement_and_free_inputs_determine_the_rest() {
    let counts = jacobian::run(&subject(), size(12, 100), 7);
    println!("release Jacobian: {counts:?}");
}

#[test]
fn a_quantity_borrowed_from_the_next_field_is_refused() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
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
    let (_, w) = valid(&mut ChaCha20Rng::seed_from_u64(5));
    // All that the witness holds; a new field has to be named here.
    let Witness { terms: _, held: _, payment_blinding: _, capacity_blinding: _, path: _, evidence } = w;
    match evidence {
        Evidence::Delivered { delivered: _, time: _, last: _, inspector: _ }
        | Evidence::Awarded { pay: _, used: _, arbiter: _ }
        | Evidence::Agreed { pay: _, used: _, buyer: _, supplier: _ }
        | Evidence::Lapsed { buyer: _ } => (),
    }
}

#[test]
fn shape_is_pinned() {
    let shape = Shape::of::<Release>();
    let digest: String = shape.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((shape.rows.len(), shape.num_inputs, shape.size()), (19_445, 8, 19_454));
    assert_eq!(digest, "3424dbb9e85c405dddbfad5b3608a217aea34b586a30f71cbbc02b7c8fc2d003");
}
