//! From witness to verified claim, and what stops on the way: pitfalls 11, 12, 26, 38.

mod common;

use ark_bls12_381::Bls12_381;
use ark_groth16::Groth16;
use common::{Cube, Other, cube, rng};
use privity_circuits::mint::{self, Mint};
use privity_circuits::note;
use privity_circuits::r1cs::Cs;
use privity_circuits::{Fr, Relation, asset::AssetId, context::Context, keys::Owner};
use privity_prover::{Backend, BackendError, Cancelled, Control, Job, ProveError, Prover, ProvingKey, Stage, generate};
use privity_verifier::groth16::Points;
use privity_verifier::{Proof, Refusal};
use std::sync::Mutex;

fn prover() -> Prover {
    Prover::new().with_key(generate::<Cube>(&mut rng(1), &Control::default()).unwrap())
}

/// On one thread, where proofs are made one after another.
fn alone<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(work)
}

fn mint_pair() -> (mint::Statement, mint::Witness) {
    let witness = mint::Witness { unlock: 7, owner: Owner::new(Fr::from(3u64)), blinding: Fr::from(4u64) };
    let asset = AssetId::new(Fr::from(9u64));
    let out = note::commitment(asset, note::pack(1_000, 7), witness.owner, witness.blinding);
    (mint::Statement { asset, value: 1_000, out, context: Context::new(Fr::from(5u64)) }, witness)
}

#[test]
fn mint_round_trip_binds_every_input() {
    let key = generate::<Mint>(&mut rng(2), &Control::default()).unwrap();
    assert!(key.verifying().key().is_development());
    let verifying = key.verifying().clone();
    let prover = Prover::new().with_key(key);
    let (statement, witness) = mint_pair();
    let proof = prover.prove::<Mint>(&statement, &witness, &mut rng(3)).unwrap();
    let decoded = Proof::from_bytes(&proof.to_bytes()).unwrap();
    assert!(verifying.verify::<Mint>(statement.clone(), &decoded).is_ok());

    let one = Fr::from(1u64);
    let changes: [fn(&mut mint::Statement, Fr); 4] = [
        |x, one| x.asset = AssetId::new(x.asset.field() + one),
        |x, _| x.value += 1,
        |x, one| x.out = note::Commitment::new(x.out.field() + one),
        |x, one| x.context = Context::new(x.context.field() + one),
    ];
    for change in changes {
        let mut other = statement.clone();
        change(&mut other, one);
        assert_eq!(verifying.verify::<Mint>(other, &decoded).unwrap_err(), Refusal::Equation);
    }
}

#[test]
fn a_bad_witness_is_named_before_any_proving() {
    let key = generate::<Mint>(&mut rng(2), &Control::default()).unwrap();
    let prover = Prover::with_backend(Box::new(Never)).with_key(key);
    let (statement, mut witness) = mint_pair();
    witness.unlock = 1 << 40;
    let error = prover.prove::<Mint>(&statement, &witness, &mut rng(3)).unwrap_err();
    assert!(matches!(error, ProveError::Violation { index: 0, violation } if violation.rule == "M1"));
    assert!(matches!(prover.prove::<Cube>(&cube(1), &1, &mut rng(3)), Err(ProveError::NoKey("cube.v1"))));
}

#[test]
fn many_proofs_and_the_bad_one_is_named() {
    let prover = prover();
    let statements = [cube(1), cube(2), cube(3)];
    let good = [(&statements[0], &1), (&statements[1], &2), (&statements[2], &3)];
    let stages = Mutex::new(Vec::new());
    let note = |stage| stages.lock().unwrap().push(stage);
    let proofs = alone(|| prover.prove_many::<Cube, _>(&good, &mut rng(4), &Control::progress(&note)).unwrap());
    let key = prover.key::<Cube>().unwrap().verifying().clone();
    for ((statement, _), proof) in good.iter().zip(&proofs) {
        assert!(key.verify::<Cube>((*statement).clone(), proof).is_ok());
    }
    let stages = stages.into_inner().unwrap();
    assert_eq!(stages.len(), 7);
    assert_eq!(stages[5], Stage::Prove { done: 2, total: 3 });
    assert_eq!(stages[6], Stage::Verify);

    let bad = [(&statements[0], &1), (&statements[1], &1)];
    let error = prover.prove_many::<Cube, _>(&bad, &mut rng(4), &Control::default()).unwrap_err();
    assert!(matches!(error, ProveError::Violation { index: 1, violation } if violation.rule == "Q1"));
}

#[test]
fn cancelled_between_stages() {
    let prover = prover();
    let (statement, seen) = (cube(1), Mutex::new(0));
    let pairs = [(&statement, &1), (&statement, &1)];
    let count = |stage| {
        if let Stage::Prove { .. } = stage {
            *seen.lock().unwrap() += 1;
        }
    };
    let stop = || *seen.lock().unwrap() == 1;
    let control = Control::new(&count, &stop);
    let error = alone(|| prover.prove_many::<Cube, _>(&pairs, &mut rng(5), &control)).unwrap_err();
    assert!(matches!(error, ProveError::Cancelled(Cancelled)));
    assert_eq!(*seen.lock().unwrap(), 1);
    let error = generate::<Cube>(&mut rng(5), &Control::new(&|_| (), &|| true)).unwrap_err();
    assert!(error.to_string().contains("cancelled"));
}

/// A prover that bypasses `check` and assigns what it likes gets a proof that nobody accepts, and no panic.
#[test]
fn forged_assignments_do_not_verify() {
    let prover = prover();
    let key = prover.key::<Cube>().unwrap().verifying().clone();
    let statement = cube(6);
    let honest = Cs::without_rows().synthesize::<Cube>(&statement, &6).into_assignment();
    let proof = prover.prove_assignment::<Cube>(honest.clone(), &mut rng(6)).unwrap();
    assert!(key.verify::<Cube>(statement.clone(), &proof).is_ok());
    for at in 1..honest.len() {
        let mut forged = honest.clone();
        forged[at] += Fr::from(1u64);
        let proof = prover.prove_assignment::<Cube>(forged, &mut rng(6)).unwrap();
        assert_eq!(key.verify::<Cube>(statement.clone(), &proof).unwrap_err(), Refusal::Equation);
    }
    let mut scaled = honest.clone();
    scaled[0] = Fr::from(2u64);
    let error = prover.prove_assignment::<Cube>(scaled, &mut rng(6)).unwrap_err();
    assert!(matches!(error, ProveError::Backend(BackendError::Constant)));
    for length in [0, 1, honest.len() - 1, honest.len() + 1] {
        let mut other = honest.clone();
        other.resize(length, Fr::from(1u64));
        let error = prover.prove_assignment::<Cube>(other, &mut rng(6)).unwrap_err();
        assert!(matches!(error, ProveError::Backend(BackendError::Length { .. })));
    }
}

/// Whatever an engine returns, only proofs that verify leave the prover.
#[test]
fn a_broken_engine_is_noticed() {
    let key = generate::<Cube>(&mut rng(1), &Control::default()).unwrap();
    let prover = Prover::with_backend(Box::new(Never)).with_key(key);
    let error = prover.prove::<Cube>(&cube(2), &2, &mut rng(7)).unwrap_err();
    assert!(matches!(error, ProveError::Unsound { index: 0, refusal: Refusal::Equation }));
}

/// Pitfall 12: the verifier accepts a re-randomised proof, so the ledger must not name transactions by proofs.
#[test]
fn a_rerandomised_proof_verifies() {
    let prover = prover();
    let key = prover.key::<Cube>().unwrap();
    let proof = prover.prove::<Cube>(&cube(2), &2, &mut rng(8)).unwrap();
    let Points { a, b, c } = *proof.points();
    let ark = ark_groth16::Proof::<Bls12_381> { a, b, c };
    let again = Groth16::<Bls12_381>::rerandomize_proof(&key.parameters().vk, &ark, &mut rng(9));
    let again = Proof::from_points(Points { a: again.a, b: again.b, c: again.c }).unwrap();
    assert_ne!(again, proof);
    assert!(key.verifying().verify::<Cube>(cube(2), &again).is_ok());
}

/// Pitfall 26: a proof under one set-up or relation is none under another.
#[test]
fn old_proofs_fail_under_new_keys() {
    let (old, new) = (prover(), generate::<Cube>(&mut rng(10), &Control::default()).unwrap());
    let proof = old.prove::<Cube>(&cube(2), &2, &mut rng(11)).unwrap();
    assert_ne!(old.key::<Cube>().unwrap().id(), new.id());
    assert_eq!(new.verifying().verify::<Cube>(cube(2), &proof).unwrap_err(), Refusal::Equation);
    let newer = Prover::new().with_key(new).prove::<Cube>(&cube(2), &2, &mut rng(11)).unwrap();
    let verifying = old.key::<Cube>().unwrap().verifying();
    assert_eq!(verifying.verify::<Cube>(cube(2), &newer).unwrap_err(), Refusal::Equation);
    assert!(matches!(verifying.verify::<Other>(cube(2), &proof), Err(Refusal::Relation { .. })));
}

/// One seed, one proof: nothing but the caller's randomness enters.
#[test]
fn proofs_are_functions_of_the_callers_randomness() {
    let prover = prover();
    let prove = |seed| prover.prove::<Cube>(&cube(2), &2, &mut rng(seed)).unwrap();
    assert_eq!(prove(12), prove(12));
    assert_ne!(prove(12), prove(13));
}

#[test]
fn debug_shows_no_witness() {
    let job = Job::new(vec![Fr::from(1u64), Fr::from(424_242u64)], &mut rng(1));
    assert_eq!(format!("{job:?}"), "Job(..)");
}

/// An engine that returns rubbish.
struct Never;

impl Backend for Never {
    fn name(&self) -> &'static str {
        "never"
    }

    fn prove_batch(&self, key: &ProvingKey, jobs: &[Job], _: &Control<'_>) -> Result<Vec<Proof>, BackendError> {
        assert_eq!(key.relation(), Cube::NAME, "mint was to fail in its check");
        let vk = &key.parameters().vk;
        let points = Points { a: vk.alpha_g1, b: vk.beta_g2, c: vk.alpha_g1 };
        let proof = Proof::from_points(points).map_err(|error| BackendError::Engine(error.to_string()))?;
        Ok(vec![proof; jobs.len()])
    }
}
