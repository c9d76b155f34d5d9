//! Soundness of transfer.

use privity_circuits::jubjub::Scalar;
use privity_circuits::transfer::Transfer;
use privity_circuits::{Circuit, Fr};
use privity_testkit::deletion::{self, Plan};
use privity_testkit::samples::transfer::{Scene, WAYS, attack, broken, reopened, subject};
use privity_testkit::{Subject, forge, jacobian, mutation, pairs, rng, size};

fn small() -> Subject<Transfer<2, 3>> {
    subject()
}

fn large() -> Subject<Transfer<7, 2>> {
    subject()
}

#[test]
fn pairs_agree() {
    let counts = pairs::run(&small(), size(300, 2000), 1);
    println!("transfer 2→3 pairs: {counts:?}");
    let counts = pairs::run(&large(), size(50, 2000), 1);
    println!("transfer 7→2 pairs: {counts:?}");
}

#[test]
fn forged_hints_are_refused() {
    let counts = forge::run(&small(), size(2, 20), size(6, 200), 2);
    println!("transfer 2→3 forged: {counts:?}");
    let counts = forge::run(&large(), size(1, 5), size(2, 100), 2);
    println!("transfer 7→2 forged: {counts:?}");
}

#[test]
fn mutations_are_refused() {
    let counts = mutation::run(&small(), size(3, 20), 3);
    println!("transfer 2→3 mutations: {counts:?}");
    let counts = mutation::run(&large(), size(1, 5), 3);
    println!("transfer 7→2 mutations: {counts:?}");
}

#[test]
fn statement_and_free_inputs_determine_the_rest() {
    let counts = jacobian::run(&small(), size(8, 100), 4);
    println!("transfer 2→3 Jacobian: {counts:?}");
    let counts = jacobian::run(&large(), size(2, 20), 4);
    println!("transfer 7→2 Jacobian: {counts:?}");
}

#[test]
fn every_deleted_row_is_noticed() {
    let (small, large) = (small(), large());
    let forgeries = attack(&small, &mut rng(6)).into_iter().map(|f| f.z).collect();
    let counts = deletion::run(&small, Plan { forgeries, ..Plan::new(size(4, 20), size(60, 500)) });
    println!("transfer 2→3 deletion: {counts}");
    assert!(counts.noticed_per_mille() >= 990);
    let forgeries = attack(&large, &mut rng(6)).into_iter().map(|f| f.z).collect();
    let counts = deletion::run(&large, Plan { forgeries, ..Plan::new(size(4, 20), size(60, 500)) });
    println!("transfer 7→2 deletion: {counts}");
    assert!(counts.noticed_per_mille() >= 990);
}

/// Rows that an assignment violates, by rule.
fn violated<C: Circuit>(subject: &Subject<C>, z: &[Fr]) -> Vec<&'static str> {
    let layout = subject.layout();
    let rows = subject.shape().rows.iter().enumerate();
    rows.filter(|(_, row)| row.residue(z) != Fr::from(0u64))
        .map(|(index, _)| layout.rule_of(index).unwrap_or("none"))
        .collect()
}

/// Counterfeit amounts over which everything else holds: balance, hashes, tree, signature. One row refuses each.
#[test]
fn forged_amounts_are_refused_by_their_range_alone() {
    let mut rng = rng(7);
    let subject = small();
    for forgery in attack(&subject, &mut rng) {
        assert_eq!(violated(&subject, &forgery.z), [forgery.rule]);
    }
    let subject = large();
    for forgery in attack(&subject, &mut rng) {
        assert_eq!(violated(&subject, &forgery.z), [forgery.rule]);
    }
}

/// Pitfall 40: a mint of 1 opened as 2^64 − 1, and other pairs of values of one commitment. The unlock's range refuses it, and so
/// does the statement's time.
#[test]
fn pitfall_40_a_minted_note_opens_one_way() {
    let mut rng = rng(8);
    let subject = small();
    for (minted, claimed) in [(1, u64::MAX), (0, 1), (u64::MAX, 1), (1 << 40, 1 << 41)] {
        let forgery = reopened(&subject, minted, claimed, &mut rng);
        let rules = violated(&subject, &forgery.z);
        assert!(rules.contains(&"T2"), "{minted} as {claimed}: {rules:?}");
    }
}

/// Each way of lying breaks rows of the rule that it breaks, and `check` names the same.
#[test]
fn rows_and_check_name_the_same_rule() {
    let mut rng = rng(9);
    let subject = small();
    for way in 0..WAYS {
        let (x, w, rule, _) = broken::<2, 3>(way, &mut rng);
        let rules = violated(&subject, &subject.assignment(&x, &w));
        // An unlock of 2^40 is cut to its width by the witness generator; what is left does not hash to the same notes.
        let cut = matches!(way, 3 | 6) || (way == 4 && rule == "T2");
        assert!(cut || rules.contains(&rule), "way {way} breaks {rule}, rows of {rules:?}");
        assert!(!rules.is_empty());
    }
}

/// Where the prover may assign what he likes, the tie between two parts is what holds: per rule a forgery that one row refuses.
#[test]
fn forged_ties_are_refused() {
    let mut rng = rng(10);
    let subject = small();
    // Output of another value, nullifier of another place, a stranger's party, another exposed asset: the statement lies, all hints
    // are honest.
    for (way, rule) in [(12, "T3"), (13, "T4"), (14, "T4"), (17, "T4"), (18, "T6"), (19, "T6"), (11, "T7"), (20, "T9")]
    {
        let (x, w, ..) = broken::<2, 3>(way, &mut rng);
        let mut rules = violated(&subject, &subject.assignment(&x, &w));
        rules.dedup();
        assert_eq!(rules, [rule], "way {way}");
    }
}

/// T3: a note that is in no tree, with another leaf forged into the path in its place. One row refuses it.
#[test]
fn forged_leaf_is_refused() {
    let mut rng = rng(11);
    let subject = small();
    let layout = subject.layout();
    let children: Vec<u32> =
        layout.hints().iter().filter(|(_, name)| *name == "child").map(|(variable, _)| *variable).collect();
    for _ in 0..size(5, 100) {
        let mut scene = Scene::<2, 3>::random(0, false, &mut rng);
        let honest = scene.close(&mut rng);
        let leaf = scene.spent_commitments()[0];
        // The same path, but the note holds what the leaf does not.
        scene.inputs[0].blinding += Fr::from(1u64);
        let mut forged = scene.close(&mut rng);
        forged.x.anchor = honest.x.anchor;
        for (input, old) in forged.w.inputs.iter_mut().zip(&honest.w.inputs) {
            input.path = old.path.clone();
        }
        let child = children[scene.inputs[0].position as usize & 3];
        let z = subject.forged(&forged.x, &forged.w, &[(child, leaf)]);
        assert_eq!(violated(&subject, &z), ["T3"]);
    }
}

/// T8: the challenge's bits replaced by whatever the commitment R hashes to under another response.
#[test]
fn forged_challenge_is_refused() {
    let mut rng = rng(12);
    let subject = small();
    let layout = subject.layout();
    let schnorr = layout.gadgets().iter().find(|span| span.name == "schnorr");
    let start = schnorr.map_or(0, |span| span.start);
    let first = layout.rows()[start..]
        .iter()
        .flat_map(|row| row.a.terms())
        .map(|(variable, _)| *variable)
        .find(|variable| layout.hints().contains(&(*variable, "bit")))
        .unwrap_or(0);
    let (x, mut w) = (subject.valid)(&mut rng);
    w.signature.s += Scalar::from(1u64);
    for bit in 0..size(16, 128) as u32 {
        let z = subject.assignment(&x, &w);
        let flipped = Fr::from(1u64) - z[(first + bit) as usize];
        let z = subject.forged(&x, &w, &[(first + bit, flipped)]);
        assert!(violated(&subject, &z).contains(&"T8"));
    }
}
