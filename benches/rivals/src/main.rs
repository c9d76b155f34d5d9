//! Our proofs beside bellperson's and our transforms beside halo2curves', on one thread, in one process:
//! `RAYON_NUM_THREADS=1 EC_GPU_NUM_THREADS=1 cargo run --release --manifest-path benches/rivals/Cargo.toml`.
//!
//! Each prover has the key that it makes itself. Ours goes from the full assignment to points; bellperson's from the same rows and values,
//! handed to its constraint system row by row, which its interface wants for each proof and which its time includes. Medians of five by the
//! clock, least and greatest in brackets. `PRIVITY_RESULTS=1` writes the section `rivals` of `benches/RESULTS.json`.

use ark_bls12_381::Fr;
use ark_ff::{BigInteger, PrimeField as _, UniformRand};
use bellperson::groth16::{create_random_proof, generate_random_parameters, prepare_verifying_key, verify_proof};
use bellperson::{Circuit as Synthesis, ConstraintSystem, LinearCombination, SynthesisError};
use blstrs::{Bls12, Scalar};
use ff::{Field, PrimeField};
use halo2curves::bls12381;
use halo2curves::fft::best_fft;
use privity_arith::ntt::{Coset, Domain};
use privity_benches::{Spread, machine, record};
use privity_circuits::r1cs::{Cs, Lc, Shape};
use privity_circuits::{Circuit, capacity, disclose, mint, price, release, transfer};
use privity_prover::{Backend, Control, Engine, Form, Job, Lanes, TableSetting, generate};
use privity_testkit::{TestRng, rng, samples};
use serde_json::{Value, json};

const ROUNDS: usize = 5;

fn scalar(value: Fr) -> Scalar {
    let bytes: Vec<u8> = value.into_bigint().to_bytes_le();
    Option::from(Scalar::from_bytes_le(&bytes.try_into().expect("32 bytes"))).expect("the same field")
}

/// One term of a linear combination: variable and coefficient.
type Term = (usize, Scalar);

/// A shape's rows and a full assignment, in bellperson's field.
#[derive(Clone)]
struct Replay<'a> {
    inputs: usize,
    rows: &'a [[Vec<Term>; 3]],
    assignment: &'a [Scalar],
}

fn rows(shape: &Shape) -> Vec<[Vec<Term>; 3]> {
    let terms = |lc: &Lc| lc.terms().iter().map(|(variable, factor)| (*variable as usize, scalar(*factor))).collect();
    shape.rows.iter().map(|row| [terms(&row.a), terms(&row.b), terms(&row.c)]).collect()
}

impl Synthesis<Scalar> for Replay<'_> {
    fn synthesize<S: ConstraintSystem<Scalar>>(self, cs: &mut S) -> Result<(), SynthesisError> {
        let mut variables = vec![S::one()];
        for (index, value) in self.assignment.iter().enumerate().skip(1) {
            variables.push(match index <= self.inputs {
                true => cs.alloc_input(|| "", || Ok(*value))?,
                false => cs.alloc(|| "", || Ok(*value))?,
            });
        }
        let lc = |terms: &[Term]| {
            terms.iter().fold(LinearCombination::zero(), |lc, (variable, factor)| lc + (*factor, variables[*variable]))
        };
        for [a, b, c] in self.rows {
            cs.enforce(|| "", |_| lc(a), |_| lc(b), |_| lc(c));
        }
        Ok(())
    }
}

fn prove<C: Circuit>(label: &str, valid: impl Fn(&mut TestRng) -> (C::Statement, C::Witness)) -> Value {
    let mut rng = rng(1);
    let shape = Shape::of::<C>();
    let (statement, witness) = valid(&mut rng);
    let assignment = Cs::without_rows().synthesize::<C>(&statement, &witness).into_assignment();

    let key = generate::<C>(&mut rng, &Control::default()).expect("a key");
    let engine = Engine::new(Form::Fast, Lanes::detect(), TableSetting::default());
    engine.prepare(&key);
    let job = [Job::new(assignment.clone(), &mut rng)];
    let one = |_| engine.prove_batch(&key, &job, &Control::default()).expect("a proof");
    one(0);
    let ours = Spread::measure(ROUNDS, one);

    let (rows, values): (_, Vec<Scalar>) = (rows(&shape), assignment.into_iter().map(scalar).collect());
    let replay = Replay { inputs: shape.num_inputs, rows: &rows, assignment: &values };
    let parameters = generate_random_parameters::<Bls12, _, _>(replay.clone(), &mut rng).expect("a key");
    let one = |_| create_random_proof(replay.clone(), &parameters, &mut rand::rngs::OsRng).expect("a proof");
    let proof = one(0);
    let prepared = prepare_verifying_key(&parameters.vk);
    assert!(verify_proof(&prepared, &proof, &values[1..=shape.num_inputs]).expect("inputs"), "a true proof");
    let theirs = Spread::measure(ROUNDS, one);

    let ratio = theirs.median / ours.median;
    println!("| {label} | {} | {theirs} | {ours} | {ratio:.2} |", shape.size());
    json!({ "circuit": label, "rows": shape.size(), "bellperson": theirs.json(), "ours, fast form": ours.json(), "bellperson to ours": ratio })
}

/// From values on D to values on g·D: an inverse and a forward transform, with the scaling between them.
fn transform(log: u32) -> Value {
    let mut rng = rng(3);
    let size = 1usize << log;
    let values: Vec<Fr> = (0..size).map(|_| Fr::rand(&mut rng)).collect();
    let domain = Domain::of_size(size).expect("a power of two");
    let theirs = |value: Fr| -> bls12381::Fr {
        let bytes: [u8; 32] = value.into_bigint().to_bytes_le().try_into().expect("32 bytes");
        Option::from(bls12381::Fr::from_repr(bytes.into())).expect("the same field")
    };
    let root = theirs(domain.root());
    let inverse = root.invert().expect("not zero");
    let shift = theirs(domain.shift());
    let first = bls12381::Fr::from(size as u64).invert().expect("not zero");
    let powers: Vec<_> = std::iter::successors(Some(first), |power| Some(power * shift)).take(size).collect();
    let start: Vec<_> = values.iter().map(|value| theirs(*value)).collect();
    let mut found = start.clone();
    let halo2curves = Spread::measure(ROUNDS, |_| {
        found.copy_from_slice(&start);
        best_fft(&mut found, inverse, log);
        found.iter_mut().zip(&powers).for_each(|(value, power)| *value *= power);
        best_fft(&mut found, root, log);
    });

    let lanes = Lanes::detect();
    let ours = Coset::new(domain, lanes);
    let placed = ours.place(values.iter().copied());
    let mut moved = placed.clone();
    let time = Spread::measure(ROUNDS, |_| {
        moved.copy_from_slice(&placed);
        ours.evaluate(&mut moved);
    });
    let same = (0..size).all(|index| theirs(moved[ours.position(index)]) == found[index]);
    assert!(same, "the same values on the coset");
    let ratio = halo2curves.median / time.median;
    println!("| 2^{log} | {halo2curves} | {time} | {ratio:.2} |");
    json!({ "transform": format!("2^{log}"), "halo2curves": halo2curves.json(), "ours": time.json(), "halo2curves to ours": ratio })
}

fn main() {
    for name in ["RAYON_NUM_THREADS", "EC_GPU_NUM_THREADS"] {
        if std::env::var(name).as_deref() != Ok("1") {
            eprintln!("set {name}=1: all sides are measured on one thread");
            std::process::exit(2);
        }
    }
    println!("{}; lanes {}; one thread\n", machine(), Lanes::detect());
    println!("| proof | rows | bellperson 0.26, ms | ours, ms | bellperson/ours |\n| --- | --- | --- | --- | --- |");
    let mut taken = vec![
        prove::<mint::Mint>("mint", samples::mint::valid),
        prove::<disclose::Disclose>("disclose", samples::disclose::valid),
        prove::<capacity::Capacity>("capacity", samples::capacity::valid),
        prove::<transfer::Transfer2x3>("transfer 2x3", samples::transfer::valid::<2, 3>),
        prove::<price::Price>("price", samples::price::valid),
        prove::<release::Release>("release", samples::release::valid),
    ];
    println!(
        "\n| inverse and forward transform | halo2curves 0.10, ms | ours, ms | halo2curves/ours |\n| --- | --- | --- | --- |"
    );
    taken.extend((14..=16).map(transform));
    record("rivals", &format!("lanes {}; one thread", Lanes::detect()), taken).expect("a results file");
}
