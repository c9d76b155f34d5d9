//! Our engine against ark-groth16, one thread each, in one process: `cargo bench -p privity-benches --bench groth16 [-- part of a name]`.
//!
//! Circuits of constraints + inputs = 2^13, 2^14, 2^16 (2^16 with `PRIVITY_LONG=1`) as a chain of squarings and as Poseidon permutations, and
//! every relation. A proof goes from the full assignment to points; each engine has the key that it makes itself, so ark-groth16 pads a
//! relation to the next power of two and we cut the domain. ark's row leaves out its synthesis and inlining, which it redoes per proof.
//! Medians of five, least and greatest in brackets, by the clock. Two threads, and batches, are rows of their own. Run it on a machine that
//! has nothing else to do. `-- memory` makes one proof of 2^16 rows and prints the process's peak.

use ark_bls12_381::Bls12_381;
use ark_groth16::Groth16;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Result as Synthesis, SynthesisError, Variable,
};
use privity_arith::Kind;
use privity_benches::{Spread, record};
use privity_circuits::gadgets::Num;
use privity_circuits::gadgets::poseidon;
use privity_circuits::hash::Domain;
use privity_circuits::r1cs::{Cs, Lc, Shape};
use privity_circuits::{Circuit, Fr, Relation, Statement, Violation};
use privity_circuits::{capacity, disclose, mint, price, release, transfer};
use privity_prover::{
    ArkBackend, Backend, Control, Engine, Form, Job, KeyStore, Lanes, ProvingKey, TableSetting, generate,
};
use privity_testkit::{TestRng, rng, samples};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// One public input, and rows enough to make 2^K together with it and the constant.
struct Made<const K: u32, const DENSE: bool>;

#[derive(Clone)]
struct Seed(Fr);

impl Statement for Seed {
    fn public_inputs(&self) -> Vec<Fr> {
        vec![self.0]
    }
}

impl<const K: u32, const DENSE: bool> Relation for Made<K, DENSE> {
    const NAME: &'static str = if DENSE { "poseidon.v1" } else { "chain.v1" };
    type Statement = Seed;
    type Witness = ();

    fn check(_: &Seed, _: &()) -> Result<(), Violation> {
        Ok(())
    }
}

impl<const K: u32, const DENSE: bool> Circuit for Made<K, DENSE> {
    fn enforce(cs: &mut Cs, x: &[Num], _: &()) {
        const PERMUTATION: usize = 400;
        let rows = (1 << K) - 2;
        let mut value = x[0].clone();
        while DENSE && cs.num_constraints() + PERMUTATION < rows {
            value = poseidon::hash(cs, Domain::Node, &[value.clone(), value.clone(), value.clone(), value]);
        }
        while cs.num_constraints() < rows {
            value = cs.mul(&value, &value).plus(1u64);
        }
    }

    fn blank() -> (Seed, ()) {
        (Seed(Fr::from(3u64)), ())
    }
}

/// A shape, row by row, into ark's constraint system.
struct Replay(Shape);

impl ConstraintSynthesizer<Fr> for Replay {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Synthesis<()> {
        let Self(shape) = self;
        let missing = || Err(SynthesisError::AssignmentMissing);
        let mut variables = vec![Variable::one()];
        for index in 1..shape.num_variables {
            let input = index <= shape.num_inputs;
            variables.push(if input { cs.new_input_variable(missing)? } else { cs.new_witness_variable(missing)? });
        }
        let lc = |lc: &Lc| LinearCombination(lc.terms().iter().map(|(i, k)| (*k, variables[*i as usize])).collect());
        for row in &shape.rows {
            cs.enforce_r1cs_constraint(|| lc(&row.a), || lc(&row.b), || lc(&row.c))?;
        }
        Ok(())
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let watch = Instant::now();
    let made = work();
    (watch.elapsed(), made)
}

fn measure<T>(work: impl FnMut(usize) -> T) -> Spread {
    Spread::measure(ROUNDS, work)
}

/// What was measured, for the results file.
static TAKEN: Mutex<Vec<Value>> = Mutex::new(Vec::new());

fn compare<C: Circuit<Statement: Clone>>(label: &str, valid: impl Fn(&mut TestRng) -> (C::Statement, C::Witness)) {
    if std::env::args().skip(1).any(|part| !part.starts_with("--") && !label.contains(&part)) {
        return;
    }
    let mut rng = rng(1);
    let pairs: Vec<_> = (0..ROUNDS).map(|_| valid(&mut rng)).collect();
    let synthesise = |pair: &(C::Statement, C::Witness)| Cs::without_rows().synthesize::<C>(&pair.0, &pair.1);
    let jobs: Vec<_> = pairs.iter().map(|pair| Job::new(synthesise(pair).into_assignment(), &mut rng)).collect();
    let check = measure(|round| C::check(&pairs[round].0, &pairs[round].1));
    let witness = measure(|round| synthesise(&pairs[round]));

    let (ours, key) = timed(|| generate::<C>(&mut rng, &Control::default()).expect("a key"));
    let (theirs, parameters) = timed(|| {
        let circuit = Replay(Shape::of::<C>());
        Groth16::<Bls12_381>::generate_random_parameters_with_reduction(circuit, &mut rng).expect("a key")
    });
    let foreign = ProvingKey::from_ark::<C>(parameters, true).expect("the same circuit");

    let store = KeyStore::new(std::env::temp_dir().join(format!("privity-bench-{}", std::process::id())));
    store.save(&key, &Control::default()).expect("a place for the key");
    let bytes = std::fs::metadata(store.proving_path(C::NAME)).map_or(0, |file| file.len());
    let open = measure(|_| store.load::<C>(&Control::default()).expect("the key"));
    let opened = store.load::<C>(&Control::default()).expect("the key");
    let engine = |form| Engine::new(form, Lanes::detect(), TableSetting::default());
    let first_use = measure(|_| engine(Form::Fast).prepare(&opened));
    drop(opened);
    std::fs::remove_dir_all(store.directory()).expect("the directory made above");

    let prove = |engine: &dyn Backend, key: &ProvingKey| {
        let one = |round: usize| engine.prove_batch(key, &jobs[round..=round], &Control::default()).expect("a proof");
        one(0);
        measure(one)
    };
    let own = engine(Form::Fast);
    let (tables, ()) = timed(|| own.prepare(&key));
    let (fast, plain, ark) = (prove(&own, &key), prove(&engine(Form::Plain), &key), prove(&ArkBackend, &foreign));
    let proof = own.prove_batch(&key, &jobs[..1], &Control::default()).expect("a proof")[0];
    let verified = measure(|_| key.verifying().verify::<C>(pairs[0].0.clone(), &proof).expect("a true proof"));
    others(label, &key, prove, ark.median);
    let two = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
    let [fast_two, ark_two] =
        [(&own as &dyn Backend, &key), (&ArkBackend, &foreign)].map(|(engine, key)| two.install(|| prove(engine, key)));
    let many = |_| own.prove_batch(&key, &jobs, &Control::default()).expect("proofs");
    let batch_two = two.install(|| measure(many)).per(ROUNDS as f64);
    let rows = key.num_constraints() + key.num_inputs() + 1;
    let (file, ratio) = (bytes as f64 / f64::from(1 << 20), ark.median / fast.median);
    println!(
        "| {label} | {rows} | {} | {ark} | {plain} | {fast} | {ratio:.2} | {ark_two} | {fast_two} | {batch_two} | {check} | {witness} | {verified} | {:.2} | {:.2} | {:.2} | {open} | {first_use} | {file:.1} |",
        key.domain().size(),
        theirs.as_secs_f64(),
        ours.as_secs_f64(),
        tables.as_secs_f64(),
    );
    TAKEN.lock().expect("one thread").push(json!({
        "circuit": label, "rows": rows, "domain": key.domain().size(), "ark": ark.json(), "plain": plain.json(),
        "fast": fast.json(), "ark to fast": ratio, "ark, two threads": ark_two.json(), "fast, two threads": fast_two.json(),
        "a batch's proof, two threads": batch_two.json(), "check of the witness": check.json(), "witness": witness.json(),
        "verification before hand-out": verified.json(), "ark set-up, seconds": theirs.as_secs_f64(),
        "set-up, seconds": ours.as_secs_f64(), "tables, seconds": tables.as_secs_f64(), "opening": open.json(),
        "first use": first_use.json(), "key file, MiB": file,
    }));
}

/// Proofs on the slower lanes of this CPU, for a few circuits.
fn others(label: &str, key: &ProvingKey, prove: impl Fn(&dyn Backend, &ProvingKey) -> Spread, ark: f64) {
    if !label.contains("2^14") && !label.contains("transfer") {
        return;
    }
    for kind in [Kind::Avx2, Kind::Portable] {
        let Ok(lanes) = Lanes::forced(kind) else { continue };
        if lanes == Lanes::detect() {
            continue;
        }
        let fast = prove(&Engine::new(Form::Fast, lanes, TableSetting::default()), key);
        println!("| {label}, {lanes} | | | | | {fast} | {:.2} |", ark / fast.median);
        let row =
            json!({ "circuit": label, "lanes": kind.name(), "fast": fast.json(), "ark to fast": ark / fast.median });
        TAKEN.lock().expect("one thread").push(row);
    }
}

/// One proof of 2^16 rows in fast form, alone in the process.
fn memory() {
    type Large = Made<16, true>;
    let mut rng = rng(1);
    let key = generate::<Large>(&mut rng, &Control::default()).expect("a key");
    let z = Cs::without_rows().synthesize::<Large>(&Seed(Fr::from(3u64)), &()).into_assignment();
    let proofs = Engine::default().prove_batch(&key, &[Job::new(z, &mut rng)], &Control::default());
    assert_eq!(proofs.map_or(0, |proofs| proofs.len()), 1);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("the system does not tell");
    println!("set-up, tables and one proof of 2^16 rows: {peak}");
    let _ = record("memory", "set-up, tables and one proof of 2^16 rows", vec![json!({ "peak": peak })]);
}

fn all() {
    println!("{}; lanes {}", privity_benches::machine(), Lanes::detect());
    println!(
        "| circuit | rows | domain | ark, ms | plain, ms | fast, ms | ark/fast | ark, 2 threads | fast, 2 threads | a batch's proof, 2 threads | check, ms | witness, ms | verification, ms | ark set-up, s | set-up, s | tables, s | open, ms | first use, ms | key, MiB |"
    );
    println!("|{}", " --- |".repeat(19));
    let seed = |rng: &mut TestRng| (Seed(ark_ff::UniformRand::rand(rng)), ());
    compare::<Made<13, false>>("chain 2^13", seed);
    compare::<Made<13, true>>("poseidon 2^13", seed);
    compare::<Made<14, false>>("chain 2^14", seed);
    compare::<Made<14, true>>("poseidon 2^14", seed);
    if std::env::var_os("PRIVITY_LONG").is_some() {
        compare::<Made<16, false>>("chain 2^16", seed);
        compare::<Made<16, true>>("poseidon 2^16", seed);
    }
    compare::<mint::Mint>("mint", samples::mint::valid);
    compare::<transfer::Transfer2x3>("transfer 2x3", samples::transfer::valid::<2, 3>);
    compare::<capacity::Capacity>("capacity", samples::capacity::valid);
    compare::<disclose::Disclose>("disclose", samples::disclose::valid);
    compare::<release::Release>("release", samples::release::valid);
    compare::<price::Price>("price", samples::price::valid);
}

fn main() {
    if std::env::args().any(|argument| argument == "memory") {
        return memory();
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(all);
    let setting =
        format!("lanes {}; one thread unless the name says two; proofs from the full assignment", Lanes::detect());
    let rows = TAKEN.lock().expect("one thread").clone();
    record("proving", &setting, rows).expect("a results file");
}
