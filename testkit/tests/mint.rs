//! Soundness of mint.

use privity_testkit::samples::mint::subject;
use privity_testkit::{deletion, forge, jacobian, mutation, pairs, size};

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
    let counts = deletion::run(&subject(), size(3, 20), 10, Vec::new(), 5);
    println!("mint deletion: {counts:?}");
    assert!(counts.noticed_per_mille() >= 990);
}
