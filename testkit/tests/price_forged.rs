//! Forged witnesses of price: hints that an honest prover would not choose.

use privity_circuits::Fr;
use privity_circuits::price::Price;
use privity_circuits::r1cs::{Cs, Variable};
use privity_testkit::samples::price::valid;
use privity_testkit::{TestRng, rng, size};
use rand::Rng;
use std::collections::BTreeMap;

/// Whether the rows accept the pair's assignment with these variables replaced and what follows from them computed.
fn accepted(
    (x, w): &(privity_circuits::price::Statement, privity_circuits::price::Witness),
    forged: &[(Variable, Fr)],
) -> bool {
    let mut cs = Cs::with_rows();
    for (variable, value) in forged {
        cs.forge(*variable, *value);
    }
    cs.synthesize::<Price>(x, w).first_violation().is_none()
}

/// The eight booleans of which exactly one names the tier reached: the row that says so is the only one of its form.
fn top(cs: &Cs) -> Vec<Variable> {
    let one = Fr::from(1u64);
    let choices: Vec<Vec<Variable>> = (cs.rows().iter().enumerate())
        .filter(|(index, row)| {
            let terms = row.a.terms();
            cs.rule_of(*index) == Some("P3")
                && terms.len() == 9
                && terms[0] == (0, -one)
                && terms[1..].iter().all(|(_, k)| *k == one)
        })
        .map(|(_, row)| row.a.terms()[1..].iter().map(|(variable, _)| *variable).collect())
        .collect();
    assert_eq!(choices.len(), 1);
    choices.concat()
}

/// P3 and P4: naming any other tier, none, or two is refused.
#[test]
fn another_tier() {
    let rng = &mut rng(11);
    for _ in 0..size(6, 60) {
        let pair = valid(rng);
        let cs = Cs::with_rows().synthesize::<Price>(&pair.0, &pair.1);
        let top = top(&cs);
        let honest = |variable: Variable| cs.assignment()[variable as usize] == Fr::from(1u64);
        for mask in [1u32, 2, 4, 8, 16, 32, 64, 128, 0, 3, 129] {
            let forged: Vec<(Variable, Fr)> =
                (top.iter().enumerate()).map(|(k, variable)| (*variable, Fr::from(u64::from(mask >> k & 1)))).collect();
            let same = top.iter().enumerate().all(|(k, v)| honest(*v) == (mask >> k & 1 == 1));
            assert_eq!(accepted(&pair, &forged), same, "{mask:b}");
        }
    }
}

/// Any one hint replaced, the rest following: refused, but for siblings off the path and inverses of 0.
#[test]
fn single_hints() {
    let rng = &mut rng(12);
    let subject = privity_testkit::samples::price::subject();
    let mut tried = BTreeMap::<&str, usize>::new();
    for _ in 0..size(2, 20) {
        let pair = valid(rng);
        let z = subject.assignment(&pair.0, &pair.1);
        let free: BTreeMap<Variable, &str> = subject.free_at(&z).into_iter().collect();
        // Few of the many bits, all of the rest.
        for (variable, name) in subject.hints().to_vec() {
            let skipped = match name {
                "bit" | "child" => !rng.gen_ratio(1, 60),
                "quotient" => !rng.gen_ratio(1, 12),
                _ => false,
            };
            if skipped || free.contains_key(&variable) {
                continue;
            }
            let value = z[variable as usize] + other(rng);
            assert!(!accepted(&pair, &[(variable, value)]), "{name} at {variable}");
            *tried.entry(name).or_default() += 1;
        }
    }
    println!("{tried:?}");
    assert!(tried["bit"] > 20 && tried["quotient"] > 5);
}

/// A difference that is not 0.
fn other(rng: &mut TestRng) -> Fr {
    let small = Fr::from(rng.gen_range(1..3u64));
    if rng.r#gen() { small } else { -small }
}
