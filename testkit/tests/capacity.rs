//! The two forms of capacity agree, on pairs that hold and on pairs of which one rule is known to be broken.

use privity_circuits::asset::AssetId;
use privity_circuits::capacity::Capacity;
use privity_circuits::note::Commitment;
use privity_circuits::r1cs::{Shape, Variable};
use privity_circuits::{Domain, Fr, Relation, hash};
use privity_testkit::samples::capacity::{subject, valid};
use privity_testkit::samples::common::violated_rules;
use privity_testkit::{pairs, rng, size};
use std::collections::BTreeSet;

#[test]
fn pairs_agree() {
    let counts = pairs::run(&subject(), size(300, 2_000), 1);
    println!("capacity pairs: {counts:?}");
}

#[test]
fn every_mutation_breaks_its_rule_alone() {
    let rng = &mut rng(2);
    let subject = subject();
    assert!(subject.ways >= 15);
    for index in 0..subject.ways {
        let (x, w, rule, name) = (subject.broken)(index, rng);
        let refused = Capacity::check(&x, &w).map_err(|violation| violation.rule);
        assert_eq!(refused, Err(rule), "{name}");
        assert_eq!(violated_rules::<Capacity>(&x, &w), BTreeSet::from([rule]), "{name}");
    }
}

/// Hints named `bit`: 32 + 64 per week, 255 of the certifier's signature, then `used` and 32 of the gap per later week.
fn bits() -> Vec<Variable> {
    let hints = subject().hints().to_vec();
    hints.into_iter().filter(|(_, name)| *name == "bit").map(|(bit, _)| bit).collect()
}

/// A lane opened with 2^32 days more and one millionth less hashes to the same attestation; only the bits refuse it.
#[test]
fn forged_week_in_the_same_lane() {
    let rng = &mut rng(4);
    let (mut x, mut w) = valid(rng);
    while w.weeks[1].is_used() || w.weeks[0].quantity & 1 == 0 || w.weeks[0].bucket >> 31 == 1 {
        (x, w) = valid(rng);
    }
    let attestation = w.attestation(&x);
    let mut note = attestation.notes(&w.serial)[0].clone();
    let source = [
        x.certifier.field(),
        attestation.supplier.field(),
        w.resource.field(),
        Fr::from(u64::from(w.weeks[0].bucket) + (1 << 32)),
    ];
    note.asset = AssetId::new(hash(Domain::Capacity, &source));
    note.value -= 1;
    x.outputs[0] = Commitment::new(note.commitment().field());
    let (top, lowest) = (bits()[31], bits()[32]);
    let forged = subject().forged(&x, &w, &[(top, Fr::from(2u64)), (lowest, Fr::from(0u64))]);
    let broken = violated_rows(&forged);
    assert_eq!(broken.len(), 1, "only the top bit's booleanity");
    assert_eq!(subject().layout().rule_of(broken[0]), Some("C2"));
}

/// Rows that an assignment violates.
fn violated_rows(z: &[Fr]) -> Vec<usize> {
    let shape = Shape::of::<Capacity>();
    let rows = shape.rows.iter().enumerate();
    rows.filter(|(_, row)| row.residue(z) != Fr::from(0u64)).map(|(index, _)| index).collect()
}

/// Weeks out of order: neither a gap that is no sum of bits nor a week declared unused gets through.
#[test]
fn forged_order_of_weeks() {
    let rng = &mut rng(5);
    let exchanged = (0..subject().ways).find(|index| (subject().broken)(*index, rng).3 == "two weeks exchanged");
    let (x, w, ..) = (subject().broken)(exchanged.unwrap(), rng);
    let used = w.weeks.iter().filter(|week| week.is_used()).count();
    let flag = 8 * 96 + 255 + 33 * (used - 2);
    let bits = bits();
    let gap = Fr::from(w.weeks[used - 1].bucket) - Fr::from(w.weeks[used - 2].bucket) - Fr::from(1u64);
    let mut bent: Vec<(Variable, Fr)> = bits[flag + 1..flag + 33].iter().map(|bit| (*bit, Fr::from(0u64))).collect();
    bent[0].1 = gap;
    assert_eq!(violated_rows(&subject().forged(&x, &w, &bent)).len(), 1, "only a bit's booleanity");
    bent[0].1 = Fr::from(0u64);
    bent.push((bits[flag], Fr::from(0u64)));
    let hidden = subject().forged(&x, &w, &bent);
    let layout = subject().layout();
    let rules: BTreeSet<_> = violated_rows(&hidden).iter().map(|row| layout.rule_of(*row)).collect();
    assert_eq!(rules, BTreeSet::from([Some("C2")]));
}
