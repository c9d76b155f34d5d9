//! Soundness of mint.

use ark_ff::AdditiveGroup;
use privity_circuits::Fr;
use privity_circuits::note::{commitment, pack};
use privity_testkit::deletion::{self, Plan};
use privity_testkit::samples::mint::subject;
use privity_testkit::{forge, jacobian, mutation, pairs, rng, size};

#[test]
fn pairs_agree() {
    let counts = pairs::run(&subject(), size(300, 2000), 1);
    println!("mint pairs: {counts:?}");
}

#[test]
fn forged_hints_are_refused() {
    let counts = forge::run(&subject(), size(5, 50), size(60, 1000), 2);
    println!("mint forged: {counts:?}");
    assert!(counts.survivors.is_empty());
}

#[test]
fn mutations_are_refused() {
    let counts = mutation::run(&subject(), size(20, 200), 3);
    println!("mint mutations: {counts:?}");
    assert!(counts.survivors.is_empty());
}

#[test]
fn statement_and_free_inputs_determine_the_rest() {
    let counts = jacobian::run(&subject(), size(10, 100), 4);
    println!("mint Jacobian: {counts:?}");
}

#[test]
fn every_deleted_row_is_noticed() {
    let counts = deletion::run(&subject(), Plan::new(size(3, 20), 10));
    println!("mint deletion: {counts}");
    assert!(counts.noticed_per_mille() >= 990);
}

/// A statement's type holds 64 bits of value; so do the rows, whatever the verifier's type.
#[test]
fn forged_value_of_more_than_64_bits() {
    let mut rng = rng(6);
    let subject = subject();
    let limit = Fr::from(1u128 << 64);
    for (value, holds) in
        [(limit - Fr::from(1u64), true), (limit, false), (limit.double(), false), (-Fr::from(1u64), false)]
    {
        let (mut x, w) = (subject.valid)(&mut rng);
        x.out = commitment(x.asset, pack(0, w.unlock) + value, w.owner, w.blinding);
        // Variable 2 is the statement's value.
        let z = subject.forged(&x, &w, &[(2, value)]);
        assert_eq!(subject.shape().first_violation(&z).is_none(), holds, "{value}");
    }
}
