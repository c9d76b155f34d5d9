//! Field multiplications, multi-scalar multiplications and transforms of every back end that this CPU has, beside arkworks
//! and blst, on one thread: `cargo bench -p privity-benches --bench msm [-- part of a row's name]`.
//!
//! Sizes are 2^14, with `PRIVITY_LONG=1` also 2^15 and 2^16. `variable` takes points as they come, `fixed` has a table of
//! three copies (four in G2), whose making is not counted. Medians of seven, the least in brackets; time of the thread on a processor where
//! the system tells it, but by the clock for arkworks' sums, which run on threads of its own, so that only a quiet machine
//! compares fairly. arkworks runs as a crate gets it by default, without its assembly; blst picks its own.
//! With `PRIVITY_RESULTS=1` the rows go to `RESULTS.json` too.

use ark_bls12_381::{Fq, Fq2, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use blst::MultiPoint;
use privity_arith::ntt::{Coset, Domain};
use privity_arith::probe::{Operation, repeat};
use privity_arith::{Backend, Counters, Kind, TableG1, TableG2, TableSetting, msm_g1, msm_g2};
use privity_benches::{Stopwatch, record};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::hint::black_box;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What was measured, for the results file.
static TAKEN: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// Keeps a row: median and least in `unit` per second, and how many times faster it is than rivals.
fn keep(what: &str, name: &str, (median, least): (f64, f64), unit: f64, more: Value) {
    let round = |value: f64| (value * unit * 1e3).round() / 1e3;
    let row = json!({ "of": what, "by": name, "median": round(median), "least": round(least), "more": more });
    TAKEN.lock().expect("one thread").push(row);
}

const ROUNDS: usize = 7;
const SCALAR_BITS: usize = 255;

/// Median and least, in seconds. A round repeats the work until it takes long beside the ticks in which a system counts.
fn measure<T>(work: impl FnMut() -> T) -> (f64, f64) {
    rounds(work, || {
        let watch = Stopwatch::start();
        move || watch.elapsed()
    })
}

/// The same by the clock, for work on other threads.
fn measure_by_clock<T>(work: impl FnMut() -> T) -> (f64, f64) {
    rounds(work, || {
        let clock = Instant::now();
        move || clock.elapsed()
    })
}

fn rounds<T, E: Fn() -> Duration>(mut work: impl FnMut() -> T, start: impl Fn() -> E) -> (f64, f64) {
    const LONG: f64 = 0.1;
    let clock = Instant::now();
    black_box(work());
    let repetitions = (LONG / clock.elapsed().as_secs_f64()).ceil().clamp(1.0, 1e6) as u32;
    let mut times = [0.0; ROUNDS].map(|_: f64| {
        let elapsed = start();
        for _ in 0..repetitions {
            black_box(work());
        }
        elapsed().as_secs_f64() / f64::from(repetitions)
    });
    times.sort_by(f64::total_cmp);
    (times[ROUNDS / 2], times[0])
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
    println!("\n| one element, ns | Fq multiplication | Fq square | Fq² multiplication |\n| --- | --- | --- | --- |");
    let cell = |who: &str, operation: &str, (median, least): (f64, f64), count: usize| {
        let ns = 1e9 / count as f64;
        keep(&format!("{operation}, nanoseconds"), who, (median, least), ns, Value::Null);
        format!("{:.1} ({:.1})", median * ns, least * ns)
    };
    let mut rng = StdRng::seed_from_u64(1);
    let (a, b): (Vec<Fq>, Vec<Fq2>) = (0..16).map(|_| (Fq::rand(&mut rng), Fq2::rand(&mut rng))).unzip();
    // In place, as ours: sixteen that do not depend on each other.
    let (mut x, mut y, mut z) = (a.clone(), a.clone(), b.clone());
    let products = measure(|| (0..COUNT / 16).for_each(|_| x.iter_mut().for_each(|x| *x *= a[0])));
    let squares = measure(|| (0..COUNT / 16).for_each(|_| y.iter_mut().for_each(|y| _ = y.square_in_place())));
    let quadratic = measure(|| (0..COUNT / 16).for_each(|_| z.iter_mut().for_each(|z| *z *= b[0])));
    black_box((x, y, z));
    let names = ["Fq multiplication", "Fq square", "Fq² multiplication"];
    let ark = [products, squares, quadratic].into_iter().zip(names);
    println!("| ark | {} |", ark.map(|(time, name)| cell("ark", name, time, COUNT)).collect::<Vec<_>>().join(" | "));
    for backend in backends() {
        let operations = [Operation::Multiply, Operation::Square, Operation::MultiplyQuadratic];
        let cells = operations.into_iter().zip(names).map(|(operation, name)| {
            let count = repeat(backend, operation, COUNT).0;
            cell(&backend.to_string(), name, measure(|| repeat(backend, operation, COUNT)), count)
        });
        println!("| {backend} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

/// One row: the time, how many times faster than arkworks and blst, and nanoseconds per affine addition of ours.
fn row(what: &str, name: &str, time: (f64, f64), rivals: [f64; 2], counters: Option<Counters>) {
    let nanoseconds = counters.map(|counters| (time.0 * 1e9 / counters.additions as f64).round());
    let per = nanoseconds.map_or("–".into(), |nanoseconds| nanoseconds.to_string());
    let [ark, blst] = rivals.map(|rival| rival / time.0);
    println!("| {name} | {:.1} ({:.1}) | {ark:.2} | {blst:.2} | {per} |", time.0 * 1e3, time.1 * 1e3);
    let ratio = |ratio: f64| (ratio * 100.0).round() / 100.0;
    let more = json!({ "ark to it": ratio(ark), "blst to it": ratio(blst), "ns per addition": nanoseconds });
    keep(what, name, time, 1e3, more);
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
            println!("\n| {title} | ms | ark/it | blst/it | ns per addition |\n| --- | --- | --- | --- | --- |");
            let ark = measure_by_clock(|| $projective::msm_unchecked(&points, &scalars));
            let theirs: Vec<blst::$blst> = points.iter().map(|point| $decode(point)).collect();
            let bytes: Vec<u8> = scalars.iter().flat_map(|scalar| scalar.into_bigint().to_bytes_le()).collect();
            let blst = measure(|| theirs.as_slice().mult(&bytes, SCALAR_BITS));
            let rivals = [ark.0, blst.0];
            row(&title, "ark", ark, rivals, None);
            row(&title, "blst", blst, rivals, None);
            let expected = $projective::msm_unchecked(&points, &scalars);
            for backend in backends() {
                assert_eq!($msm(backend, &points, &scalars), expected, "{backend}");
                let counted = |copies| $table::new(&points, TableSetting { copies }, backend).msm_counted(&scalars).1;
                let variable = measure(|| $msm(backend, &points, &scalars));
                row(&title, &format!("{backend}, variable"), variable, rivals, Some(counted(1)));
                let table = $table::new(&points, TableSetting::default(), backend);
                let (sum, counters) = table.msm_counted(&scalars);
                assert_eq!(sum, expected, "{backend}");
                row(&title, &format!("{backend}, fixed"), measure(|| table.msm(&scalars)), rivals, Some(counters));
            }
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
    println!("\n| {title}, inverse and forward | ms | ark/it |\n| --- | --- | --- |");
    let mut rng = StdRng::seed_from_u64(3);
    let values: Vec<Fr> = (0..1 << log).map(|_| Fr::rand(&mut rng)).collect();
    let domain = Domain::of_size(1 << log).expect("a power of two");
    let plain = Radix2EvaluationDomain::<Fr>::new(1 << log).expect("a power of two");
    let coset = plain.get_coset(domain.shift()).expect("not zero");
    let mut expected = values.clone();
    let ark = measure(|| {
        expected.copy_from_slice(&values);
        plain.ifft_in_place(&mut expected);
        coset.fft_in_place(&mut expected);
    });
    let print = |name: &str, (median, least): (f64, f64)| {
        println!("| {name} | {:.2} ({:.2}) | {:.2} |", median * 1e3, least * 1e3, ark.0 / median);
        keep(&title, name, (median, least), 1e3, json!({ "ark to it": (ark.0 / median * 100.0).round() / 100.0 }));
    };
    print("ark", ark);
    for backend in backends() {
        let ours = Coset::new(domain.clone(), backend);
        let placed = ours.place(values.iter().copied());
        let mut found = placed.clone();
        let time = measure(|| {
            found.copy_from_slice(&placed);
            ours.evaluate(&mut found);
        });
        assert!(found == ours.place(expected.iter().copied()), "{backend}");
        print(&backend.to_string(), time);
    }
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
    // Else we would work on threads whose time the stopwatch does not see.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    pool.install(all);
    let rows = TAKEN.lock().expect("one thread").clone();
    record("kernels", "one thread; medians of seven; milliseconds unless a row says nanoseconds", rows)
        .expect("a file");
}
