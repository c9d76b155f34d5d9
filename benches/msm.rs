//! Field multiplications, multi-scalar multiplications and transforms of every back end that this CPU has, beside arkworks
//! and blst, on one thread: `cargo bench -p privity-benches --bench msm [-- part of a row's name]`.
//!
//! Sizes are 2^14, with `PRIVITY_LONG=1` also 2^15 and 2^16. `variable` takes points as they come, `fixed` has a table of
//! three copies (four in G2), whose making is not counted. Medians of nine rounds, in each of which everybody has his turn, least and greatest
//! beside them, by the clock. arkworks runs as a crate gets it by default, without its assembly; blst picks its own.
//! With `PRIVITY_RESULTS=1` the rows go to `RESULTS.json` too.

use ark_bls12_381::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use blst::MultiPoint;
use privity_arith::ntt::{Coset, Domain};
use privity_arith::probe::{Operation, repeat};
use privity_arith::{Backend, Kind, TableG1, TableG2, TableSetting, msm_g1, msm_g2};
use privity_benches::{Spread, record};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Mutex;

/// Names of those whom ours are compared with.
const RIVALS: [&str; 2] = ["ark", "blst"];

/// What was measured, for the results file.
static TAKEN: Mutex<Vec<Value>> = Mutex::new(Vec::new());

const ROUNDS: usize = 9;
const SCALAR_BITS: usize = 255;

/// A contestant: its name, what it does, and how many elements or additions go through it, if we know.
struct Entry<'a> {
    name: String,
    work: Box<dyn FnMut() + 'a>,
    units: Option<usize>,
}

impl<'a> Entry<'a> {
    fn new<T>(name: impl ToString, units: Option<usize>, mut work: impl FnMut() -> T + 'a) -> Self {
        Self { name: name.to_string(), work: Box::new(move || _ = black_box(work())), units }
    }
}

/// Lets all `entries` run in turn, and keeps a row of each: its time, how many times faster it is than the first ones, nanoseconds per `unit`.
fn race(what: &str, unit: &str, mut entries: Vec<Entry<'_>>) {
    let mut calls: Vec<_> = entries.iter_mut().map(|entry| |_: usize| (entry.work)()).collect();
    let mut works: Vec<_> = calls.iter_mut().map(|call| call as &mut dyn FnMut(usize)).collect();
    let times = Spread::race(ROUNDS, &mut works);
    let hundredths = |ratio: f64| (ratio * 100.0).round() / 100.0;
    let rivals = entries.iter().zip(&times).filter(|(entry, _)| RIVALS.contains(&entry.name.as_str()));
    let rivals: Vec<_> = rivals.map(|(entry, time)| (format!("{} to it", entry.name), time.median)).collect();
    for (entry, time) in entries.iter().zip(&times) {
        let mut row = json!({ "of": what, "by": entry.name, "milliseconds": time.json() });
        for (name, rival) in &rivals {
            row[name] = hundredths(rival / time.median).into();
        }
        if let Some(units) = entry.units {
            row[unit] = hundredths(time.median * 1e6 / units as f64).into();
        }
        println!("{row}");
        TAKEN.lock().expect("one thread").push(row);
    }
}

/// Whether rows of this name were asked for.
fn wanted(name: &str) -> bool {
    let mut parts = std::env::args().skip(1).filter(|part| !part.starts_with("--")).peekable();
    parts.peek().is_none() || parts.any(|part| name.contains(&part))
}

/// The back ends of this CPU; emulated ones have no speed of interest.
fn backends() -> Vec<Backend> {
    let real = [Kind::Portable, Kind::Avx2, Kind::Avx512Ifma];
    real.into_iter().filter_map(|kind| Backend::forced(kind).ok()).collect()
}

fn fields() {
    const COUNT: usize = 1 << 16;
    let mut rng = StdRng::seed_from_u64(1);
    let (a, b): (Vec<Fq>, Vec<Fq2>) = (0..16).map(|_| (Fq::rand(&mut rng), Fq2::rand(&mut rng))).unzip();
    // In place, as ours: sixteen that do not depend on each other.
    let (mut x, mut y, mut z) = (a.clone(), a.clone(), b.clone());
    let against = |name: &str, operation: Operation, once: &mut dyn FnMut()| {
        let mut entries = vec![Entry::new("ark", Some(COUNT), || (0..COUNT / 16).for_each(|_| once()))];
        for backend in backends() {
            let count = repeat(backend, operation, COUNT).0;
            entries.push(Entry::new(backend, Some(count), move || repeat(backend, operation, COUNT)));
        }
        race(name, "ns per element", entries);
    };
    against("Fq multiplication", Operation::Multiply, &mut || x.iter_mut().for_each(|x| *x *= a[0]));
    against("Fq square", Operation::Square, &mut || y.iter_mut().for_each(|y| _ = y.square_in_place()));
    against("Fq² multiplication", Operation::MultiplyQuadratic, &mut || z.iter_mut().for_each(|z| *z *= b[0]));
}

macro_rules! msm {
    ($run:ident, $group:literal, $affine:ident, $projective:ident, $table:ident, $msm:ident, $blst:ident, $decode:ident) => {
        fn $run(log: u32) {
            let title = format!("{} 2^{log}", $group);
            if !wanted(&title) {
                return;
            }
            let mut rng = StdRng::seed_from_u64(2);
            let scalars: Vec<Fr> = (0..1 << log).map(|_| Fr::rand(&mut rng)).collect();
            let points: Vec<_> = scalars.iter().map(|_| $projective::rand(&mut rng)).collect();
            let points = $projective::normalize_batch(&points);
            let theirs: Vec<blst::$blst> = points.iter().map(|point| $decode(point)).collect();
            let bytes: Vec<u8> = scalars.iter().flat_map(|scalar| scalar.into_bigint().to_bytes_le()).collect();
            let expected = $projective::msm_unchecked(&points, &scalars);
            let tabled = |backend| $table::new(&points, TableSetting::default(), backend);
            let tables: Vec<_> = backends().into_iter().map(tabled).collect();
            let mut entries = vec![
                Entry::new("ark", None, || $projective::msm_unchecked(&points, &scalars)),
                Entry::new("blst", None, || theirs.as_slice().mult(&bytes, SCALAR_BITS)),
            ];
            for (backend, table) in backends().into_iter().zip(&tables) {
                let (points, scalars) = (&points, &scalars);
                let plain = $table::new(points, TableSetting { copies: 1 }, backend);
                assert_eq!(table.msm(scalars), expected, "{backend}");
                assert_eq!($msm(backend, points, scalars), expected, "{backend}");
                let additions = |table: &$table| Some(table.msm_counted(scalars).1.additions as usize);
                let variable = move || $msm(backend, points, scalars);
                entries.push(Entry::new(format!("{backend}, variable"), additions(&plain), variable));
                entries.push(Entry::new(format!("{backend}, fixed"), additions(table), move || table.msm(scalars)));
            }
            race(&title, "ns per addition", entries);
        }
    };
}

/// x and y as blst reads them: big-endian, the part of u first.
fn coordinates<const N: usize>(parts: &[Fq]) -> [u8; N] {
    let bytes: Vec<u8> = parts.iter().flat_map(|part| part.into_bigint().to_bytes_be()).collect();
    bytes.try_into().expect("48 bytes for each part")
}

fn decode_g1(point: &G1Affine) -> blst::blst_p1_affine {
    let (x, y) = point.xy().expect("random points are finite");
    blst::min_pk::PublicKey::deserialize(&coordinates::<96>(&[x, y])).expect("a point").into()
}

fn decode_g2(point: &G2Affine) -> blst::blst_p2_affine {
    let (x, y) = point.xy().expect("random points are finite");
    blst::min_pk::Signature::deserialize(&coordinates::<192>(&[x.c1, x.c0, y.c1, y.c0])).expect("a point").into()
}

msm!(g1, "G1", G1Affine, G1Projective, TableG1, msm_g1, blst_p1_affine, decode_g1);
msm!(g2, "G2", G2Affine, G2Projective, TableG2, msm_g2, blst_p2_affine, decode_g2);

/// From values on D to values on g·D: an inverse and a forward transform.
fn transforms(log: u32) {
    let title = format!("NTT 2^{log}");
    if !wanted(&title) {
        return;
    }
    let mut rng = StdRng::seed_from_u64(3);
    let values: Vec<Fr> = (0..1 << log).map(|_| Fr::rand(&mut rng)).collect();
    let domain = Domain::of_size(1 << log).expect("a power of two");
    let plain = Radix2EvaluationDomain::<Fr>::new(1 << log).expect("a power of two");
    let coset = plain.get_coset(domain.shift()).expect("not zero");
    let ark = |work: &mut Vec<Fr>| {
        work.copy_from_slice(&values);
        plain.ifft_in_place(work);
        coset.fft_in_place(work);
    };
    let mut expected = values.clone();
    ark(&mut expected);
    let mut work = values.clone();
    let mut entries = vec![Entry::new("ark", None, || ark(&mut work))];
    for backend in backends() {
        let ours = Coset::new(domain.clone(), backend);
        let placed = ours.place(values.iter().copied());
        let mut found = placed.clone();
        ours.evaluate(&mut found);
        assert!(found == ours.place(expected.iter().copied()), "{backend}");
        let evaluate = move || {
            found.copy_from_slice(&placed);
            ours.evaluate(&mut found);
        };
        entries.push(Entry::new(backend, None, evaluate));
    }
    race(&title, "", entries);
}

fn all() {
    println!("{}; one thread", privity_benches::machine());
    if wanted("fields") {
        fields();
    }
    let long = std::env::var_os("PRIVITY_LONG").is_some();
    for log in if long { 14..=16 } else { 14..=14 } {
        g1(log);
        g2(log);
        transforms(log);
    }
}

fn main() {
    // Else ours would work on two.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(all);
    let rows = TAKEN.lock().expect("one thread").clone();
    record("kernels", "one thread", rows).expect("a file");
}
