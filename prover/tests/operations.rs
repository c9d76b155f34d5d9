//! What a proof takes, in operations and not in time: these numbers may only fall. They are the same on all lanes and machines.

use privity_circuits::r1cs::Cs;
use privity_circuits::{Circuit, mint, transfer};
use privity_prover::{Control, Counters, Engine, Form, Job, Lanes, TableSetting, generate};
use privity_testkit::{TestRng, rng, samples};

/// (additions, multiplications, inversions) in G₁ and in G₂.
type Limits = [[u64; 3]; 2];

fn at_most<C: Circuit>(limits: Limits, valid: impl Fn(&mut TestRng) -> (C::Statement, C::Witness)) {
    let mut rng = rng(1);
    let key = generate::<C>(&mut rng, &Control::default()).unwrap();
    let (x, w) = valid(&mut rng);
    let z = Cs::without_rows().synthesize::<C>(&x, &w).into_assignment();
    let engine = Engine::new(Form::Fast, Lanes::detect(), TableSetting::default());
    let found = engine.operations(&key, &Job::new(z, &mut rng)).unwrap().expect("a key with the fast form");
    let found =
        found.map(|Counters { additions, multiplications, inversions, .. }| [additions, multiplications, inversions]);
    let within = |slack: u64| {
        let pairs = found.as_flattened().iter().zip(limits.as_flattened());
        pairs.into_iter().all(|(found, limit)| *found <= *limit && *found * 100 >= *limit * slack)
    };
    assert!(within(0), "{} takes {found:?}, more than the {limits:?} that were enough", C::NAME);
    // Whoever makes it cheaper lowers the limits.
    assert!(within(97), "{} takes {found:?} only: pin them instead of {limits:?}", C::NAME);
}

#[test]
fn mint() {
    at_most::<mint::Mint>([[31_740, 190_440, 74], [6_256, 37_536, 28]], samples::mint::valid);
}

#[test]
fn transfer() {
    at_most::<transfer::Transfer2x3>(
        [[884_589, 5_307_534, 848], [203_688, 1_222_128, 560]],
        samples::transfer::valid::<2, 3>,
    );
}
