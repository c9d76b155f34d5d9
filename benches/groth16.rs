//! Our engine against ark-groth16, one thread each, in one process: `cargo bench -p privity-benches --bench groth16 [-- part of a name]`.
//!
//! Circuits of constraints + inputs = 2^13, 2^14, 2^16 (2^16 with `PRIVITY_LONG=1`) as a chain of squarings and as Poseidon permutations, and
//! every relation. A proof goes from the full assignment to points; each engine has the key that it makes itself, so ark-groth16 pads a
//! relation to the next power of two and we cut the domain. ark's row leaves out its synthesis and inlining, which it redoes per proof.
//! Medians of seven rounds, in each of which every engine has its turn, least and greatest beside them, by the clock. A batch is 64 proofs. Run it
//! on a machine that has nothing else to do. `-- memory` makes one proof of 2^16 rows and prints the process's peak.

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
use privity_circuits::r1cs::{Cs, Lc, Shape, pinned};
use privity_circuits::{Circuit, Fr, Relation, Statement, Violation};
use privity_circuits::{capacity, disclose, mint, price, release, transfer};
use privity_prover::{
    ArkBackend, Backend, Control, Engine, Form, Job, KeyStore, Lanes, ProvingKey, TableSetting, generate,
};
use privity_testkit::{TestRng, rng, samples};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
/// Proofs of a batch.
const BATCH: usize = 64;

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
    const MATRICES: Option<[u8; 32]> = match (K, DENSE) {
        (13, false) => Some(pinned("cb9b4cba966724cd9180e40901ab4628c698eefd504f66e91e8118b1e64f194d")),
        (13, true) => Some(pinned("7e26237a457df6eb63a93ae3f010ec1393127fe1f488001ff4a867f596d80201")),
        (14, false) => Some(pinned("06db1391cc83ec2209b7ea0af90c4daed9e29d9b42f83037324b78d358faec42")),
        (14, true) => Some(pinned("5aedaf6bcd1320c6110fb9e3b41449977ed706bf897e83e61078eb6429a4e22d")),
        (16, false) => Some(pinned("e63eb0b83410dd235ea4c66ad9009a195d3a1410325e46a544901c89ad41b0b1")),
        (16, true) => Some(pinned("6165b94d5224a60a7bc3acfb6c3b408b932e0569990f59f18c921bb7902c0272")),
        _ => None,
    };

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

fn take(row: Value) {
    println!("{row}");
    TAKEN.lock().expect("one thread").push(row);
}

/// Keys of both engines for a relation, and assignments to prove.
struct Subject {
    label: &'static str,
    key: ProvingKey,
    foreign: ProvingKey,
    jobs: Vec<Job>,
}

fn compare<C: Circuit<Statement: Clone>>(
    label: &'static str,
    valid: impl Fn(&mut TestRng) -> (C::Statement, C::Witness),
) {
    if std::env::args().skip(1).any(|part| !part.starts_with("--") && !label.contains(&part)) {
        return;
    }
    let mut rng = rng(1);
    let pairs: Vec<_> = (0..ROUNDS).map(|_| valid(&mut rng)).collect();
    let jobs = pairs.iter().map(|pair| Job::new(synthesise::<C>(pair).into_assignment(), &mut rng)).collect();
    let (ours, key) = timed(|| generate::<C>(&mut rng, &Control::default()).expect("a key"));
    let (theirs, parameters) = timed(|| {
        let circuit = Replay(Shape::of::<C>());
        Groth16::<Bls12_381>::generate_random_parameters_with_reduction(circuit, &mut rng).expect("a key")
    });
    let foreign = ProvingKey::from_ark::<C>(parameters, true).expect("the same circuit");
    let subject = Subject { label, key, foreign, jobs };
    let own = engine(Form::Fast, Lanes::detect());
    let (tables, ()) = timed(|| own.prepare(&subject.key));
    subject.proofs(&own);
    subject.two_threads(&own);
    subject.around::<C>(&own, &pairs);
    subject.keys::<C>([ours, theirs, tables].map(|time| time.as_secs_f64()));
}

fn synthesise<C: Circuit>((statement, witness): &(C::Statement, C::Witness)) -> Cs {
    Cs::without_rows().synthesize::<C>(statement, witness)
}

fn engine(form: Form, lanes: Lanes) -> Engine {
    Engine::new(form, lanes, TableSetting::default())
}

impl Subject {
    /// Proves job number `round`.
    fn prove(&self, engine: &dyn Backend, key: &ProvingKey, round: usize) {
        engine.prove_batch(key, &self.jobs[round..=round], &Control::default()).expect("a proof");
    }

    /// One proof on one thread: ark-groth16, both forms, and for a few circuits the slower lanes of this CPU.
    fn proofs(&self, own: &Engine) {
        let plain = engine(Form::Plain, Lanes::detect());
        let slower = [Kind::Avx2, Kind::Portable].map(|kind| Lanes::forced(kind).ok());
        let few = self.label.contains("2^14") || self.label.contains("transfer");
        let [avx2, portable] = slower.map(|lanes| {
            let lanes = lanes.filter(|lanes| few && *lanes != Lanes::detect())?;
            Some(engine(Form::Fast, lanes))
        });
        let other = |engine: &Option<Engine>, round| {
            engine.as_ref().into_iter().for_each(|engine| self.prove(engine, &self.key, round));
        };
        let [ark, fast, plain, on_avx2, on_portable] = Spread::race_of(
            ROUNDS,
            [
                &mut |round| self.prove(&ArkBackend, &self.foreign, round),
                &mut |round| self.prove(own, &self.key, round),
                &mut |round| self.prove(&plain, &self.key, round),
                &mut |round| other(&avx2, round),
                &mut |round| other(&portable, round),
            ],
        );
        take(json!({
            "circuit": self.label, "rows": self.key.num_constraints() + self.key.num_inputs() + 1,
            "domain": self.key.domain().size(), "ark": ark.json(), "plain": plain.json(), "fast": fast.json(),
            "ark to fast": ark.median / fast.median,
        }));
        for (engine, time) in [(&avx2, on_avx2), (&portable, on_portable)] {
            let Some(engine) = engine else { continue };
            let ratio = ark.median / time.median;
            let lanes = engine.lanes().to_string();
            take(json!({ "circuit": self.label, "lanes": lanes, "fast": time.json(), "ark to fast": ratio }));
        }
    }

    /// One proof on two threads, and one of a batch.
    fn two_threads(&self, own: &Engine) {
        let two = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("two threads");
        let mut rng = rng(2);
        let again = |job: &Job| Job::new(job.assignment().to_vec(), &mut rng);
        let jobs: Vec<Job> = self.jobs.iter().cycle().take(BATCH).map(again).collect();
        let many = || own.prove_batch(&self.key, &jobs, &Control::default()).expect("proofs");
        let [one, ark, fast, batch] = Spread::race_of(
            ROUNDS,
            [
                &mut |round| self.prove(own, &self.key, round),
                &mut |round| two.install(|| self.prove(&ArkBackend, &self.foreign, round)),
                &mut |round| two.install(|| self.prove(own, &self.key, round)),
                &mut |_| drop(two.install(many)),
            ],
        );
        let batch = batch.per(BATCH as f64);
        take(json!({
            "circuit": self.label, "one thread": one.json(), "two threads": fast.json(), "ark, two threads": ark.json(),
            "of 64, two threads": batch.json(), "one thread to two": one.median / fast.median,
            "ark to ours, two threads": ark.median / fast.median, "alone to one of 64": fast.median / batch.median,
        }));
    }

    /// What stands around a proof.
    fn around<C: Circuit<Statement: Clone>>(&self, own: &Engine, pairs: &[(C::Statement, C::Witness)]) {
        let check = measure(|round| C::check(&pairs[round].0, &pairs[round].1));
        let witness = measure(|round| synthesise::<C>(&pairs[round]));
        let proof = own.prove_batch(&self.key, &self.jobs[..1], &Control::default()).expect("a proof")[0];
        let statement = &pairs[0].0;
        let verify = |_| self.key.verifying().verify::<C>(statement.clone(), &proof).expect("a true proof");
        let verified = measure(verify);
        take(json!({
            "circuit": self.label, "check of the witness": check.json(), "witness": witness.json(),
            "verification before hand-out": verified.json(),
        }));
    }

    /// Set-up, and the key's file.
    fn keys<C: Circuit>(&self, [ours, theirs, tables]: [f64; 3]) {
        let store = KeyStore::new(std::env::temp_dir().join(format!("privity-bench-{}", std::process::id())));
        store.save(&self.key, &Control::default()).expect("a place for the key");
        let bytes = std::fs::metadata(store.proving_path(C::NAME)).map_or(0, |file| file.len());
        let load = || store.load::<C>(&Control::default()).expect("the key");
        let opening = measure(|_| load());
        let opened = load();
        let first_use = measure(|_| engine(Form::Fast, Lanes::detect()).prepare(&opened));
        drop(opened);
        std::fs::remove_dir_all(store.directory()).expect("the directory made above");
        take(json!({
            "circuit": self.label, "set-up, seconds": ours, "ark set-up, seconds": theirs, "tables, seconds": tables,
            "opening": opening.json(), "first use": first_use.json(), "key file, MiB": bytes as f64 / f64::from(1 << 20),
        }));
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
