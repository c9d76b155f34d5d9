//! The examples run, and what the one leaves the other verifies.

#[allow(dead_code, reason = "main runs as an example")]
#[path = "../embed.rs"]
mod embed;
#[path = "../partner_relation.rs"]
mod partner_relation;
#[allow(dead_code, reason = "main runs as an example")]
#[path = "../snarkjs.rs"]
mod snarkjs;
#[allow(dead_code, reason = "main runs as an example")]
#[path = "../verify_only.rs"]
mod verify_only;

use std::fs;

#[test]
fn what_embed_leaves_is_verified_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    embed::run(folder.path()).unwrap();
    verify_only::run(folder.path()).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let [key, statement, proof] = ["mint.v1.verifying", "mint.statement", "mint.proof"].map(read);
    for at in 0..statement.len() {
        let mut altered = statement.clone();
        altered[at] ^= 1;
        assert!(verify_only::verify(&key, &altered, &proof).is_err(), "byte {at} of the statement");
    }
    assert!(verify_only::verify(&key, &statement[1..], &proof).is_err());
    assert!(verify_only::verify(&key, &statement, &proof[1..]).is_err());
}

#[test]
fn partner_relation_runs() {
    partner_relation::main().unwrap();
}

#[test]
fn snarkjs_gets_three_files() {
    let folder = tempfile::tempdir().unwrap();
    snarkjs::run(folder.path()).unwrap();
    for (name, shown) in [("verification_key", "vk_alpha_1"), ("proof", "pi_b"), ("public", "[")] {
        let text = fs::read_to_string(folder.path().join(format!("{name}.json"))).unwrap();
        assert!(text.contains(shown), "{name}: {text}");
    }
}
