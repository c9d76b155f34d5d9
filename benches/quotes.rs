//! Sealed quotes, awards and links beside the plain `bulletproofs` crate: `cargo bench -p privity-benches --bench quotes`.
//!
//! Times are this thread's on the processor, the lower quartile of runs in which ours and the crate's take turns: others on the
//! machine only ever slow a run down. `PRIVITY_LONG=1` adds the award over 1 024 quotes.

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::scalar::Scalar;
use merlin::Transcript;
use privity_benches::{Stopwatch, machine};
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, SignerId, SigningKey};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{DocumentHash, TermsId, volume};
use privity_circuits::{Domain, Fr, hash};
use privity_quotes::award::{Award, Field};
use privity_quotes::link::{Link, Statement, Witness};
use privity_quotes::{
    Exclusion, Message, Open, Opening, OperatorSecret, QuotingKey, Rfq, SealedQuote, SecretScalar, Verified, Weights,
    batch,
};
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::hint::black_box;
use std::time::{Duration, Instant};

const BATCH: usize = 64;

fn main() {
    println!("{}", machine());
    println!("{}", dalek_backend());
    let request = Request::new();
    quotes(&request);
    awards(&request);
    links(&request);
    sizes(&request);
}

/// What `curve25519-dalek` chose: its build takes the vector backend on 64-bit x86, which picks AVX2 at run time; IFMA wants nightly.
fn dalek_backend() -> String {
    #[cfg(target_arch = "x86_64")]
    let vector = if std::arch::is_x86_feature_detected!("avx2") { "AVX2" } else { "serial, 64-bit" };
    #[cfg(not(target_arch = "x86_64"))]
    let vector = "serial";
    format!("curve25519-dalek 4.1: {vector}")
}

/// An RFQ with the secrets behind it, and a supplier's keys.
struct Request {
    rfq: Rfq,
    buyer: SecretScalar,
    operator: OperatorSecret,
    supplier: QuotingKey,
}

impl Request {
    fn new() -> Self {
        let mut rng = StdRng::seed_from_u64(1);
        let (ledger, nonce, owner) = ([1; 32], [2; 32], Owner::new(Fr::from(3u64)));
        let key = QuotingKey::from_wide(&[4; 64]);
        let (buyer, operator) = (key.buyer_secret(&ledger, &nonce), key.operator_secret(&ledger, owner, &nonce));
        let signer = SigningKey::from_wide(&[5; 64]).expect("a key that is not 0");
        let id = SignerId::of(&signer.public_key());
        let endorsement = Rfq::endorsement(&ledger, owner, &nonce, &operator.public());
        let rfq = Rfq {
            ledger,
            buyer: owner,
            document: DocumentHash::new(Fr::from(6u64)),
            currency: AssetId::new(Fr::from(7u64)),
            exponent: 2,
            quantity: 1_000_000,
            weights: Weights { price: 3, lead: 20_000 },
            opens: 1_800_000_000,
            closes: 1_800_086_400,
            delay: 86_400,
            key: buyer.public(),
            operator_key: operator.public(),
            nonce,
            operator: id,
            endorsement: Signature::sign(&signer, id.field(), endorsement, &mut rng),
        };
        Self { rfq, buyer, operator, supplier: QuotingKey::from_wide(&[8; 64]) }
    }

    fn opening(&self, number: usize) -> Opening {
        self.supplier.opening(&self.rfq.hash(), number as u32, 1_000_000 - number as u64, 20).expect("a price in range")
    }

    fn quote(&self, number: usize) -> SealedQuote {
        let ephemeral = self.supplier.ephemeral(&self.rfq.hash(), number as u32);
        let owner = Owner::new(Fr::from(1_000 + number as u64));
        let mut rng = StdRng::seed_from_u64(number as u64);
        SealedQuote::seal(&self.rfq, owner, &ephemeral, &self.opening(number), &mut rng).expect("an honest quote")
    }

    fn open(&self) -> Verified<Open> {
        let open = Open { rfq: self.rfq.hash(), secret: self.operator.clone() };
        open.verify(&self.rfq).expect("the right secret")
    }
}

/// Lower quartiles of `runs` turns of all of `tasks`. The system counts a thread's time in ticks of milliseconds, so a turn repeats its task.
fn times(runs: usize, tasks: &mut [&mut dyn FnMut()]) -> Vec<Duration> {
    const TURN: Duration = Duration::from_millis(200);
    let repeats: Vec<u32> = tasks
        .iter_mut()
        .map(|task| {
            let started = Instant::now();
            task();
            (TURN.as_nanos() / started.elapsed().as_nanos().max(1)) as u32 + 1
        })
        .collect();
    let mut times = vec![Vec::with_capacity(runs); tasks.len()];
    for _ in 0..runs {
        for ((task, times), repeats) in tasks.iter_mut().zip(&mut times).zip(&repeats) {
            let watch = Stopwatch::start();
            (0..*repeats).for_each(|_| task());
            times.push(watch.elapsed() / *repeats);
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    times.iter().map(|times| times[runs / 4]).collect()
}

fn line(what: &str, time: Duration) {
    println!("{what:<58} {:>10.3} ms", time.as_secs_f64() * 1e3);
}

fn ratio(what: &str, ours: Duration, theirs: Duration) {
    println!("{what:<58} {:>10.3} x", ours.as_secs_f64() / theirs.as_secs_f64());
}

fn quotes(request: &Request) {
    let (gens, pedersen) = (BulletproofGens::new(64, 4), PedersenGens::default());
    let mut rng = StdRng::seed_from_u64(2);
    let (values, blindings) = ([1u64 << 40, 1 << 56, 20, 20 << 48], [0; 4].map(|_| Scalar::random(&mut rng)));
    let plain = |rng: &mut StdRng| {
        let mut transcript = Transcript::new(b"plain");
        RangeProof::prove_multiple_with_rng(&gens, &pedersen, &mut transcript, &values, &blindings, 64, rng)
            .expect("a proof")
    };
    let (proof, commitments) = plain(&mut rng);
    let mut check_rng = StdRng::seed_from_u64(3);
    let mut check = || {
        let mut transcript = Transcript::new(b"plain");
        let verdict =
            proof.verify_multiple_with_rng(&gens, &pedersen, &mut transcript, &commitments, 64, &mut check_rng);
        assert!(black_box(verdict).is_ok());
    };
    let quote = request.quote(0);
    let mut seal = || {
        black_box(request.quote(0));
    };
    let mut verify = || assert!(black_box(quote.clone().verify(&request.rfq)).is_ok());
    let mut prove = || drop(black_box(plain(&mut rng)));
    let taken = times(15, &mut [&mut seal, &mut prove, &mut verify, &mut check]);
    line("quote: seal", taken[0]);
    line("bulletproofs: prove, m = 4", taken[1]);
    ratio("quote: seal / crate", taken[0], taken[1]);
    line("quote: verify", taken[2]);
    line("bulletproofs: verify, m = 4", taken[3]);
    ratio("quote: verify / crate", taken[2], taken[3]);

    let all: Vec<_> = (0..BATCH).map(|number| request.quote(number)).collect();
    let mut together = || assert!(black_box(batch::verify(&request.rfq, all.clone())).is_ok());
    let time = times(11, &mut [&mut together])[0];
    line("quote: verify one of a batch of 64", time / BATCH as u32);
    ratio("quote: single / batch of 64", taken[2], time / BATCH as u32);
}

fn awards(request: &Request) {
    println!(
        "{:<10} {:>8} {:>12} {:>12} {:>16} {:>14}",
        "quotes", "bytes", "award", "verify", "verify per quote", "seals"
    );
    let counts: &[usize] = if std::env::var_os("PRIVITY_LONG").is_some() { &[8, 64, 1_024] } else { &[8, 64] };
    let largest = counts[counts.len() - 1];
    let quotes: Vec<_> =
        (0..largest).map(|number| request.quote(number).verify(&request.rfq).expect("an honest quote")).collect();
    let openings: Vec<_> = (0..largest).map(|number| request.opening(number)).collect();
    let open = request.open();
    for &count in counts {
        let make = || Field::new(&request.rfq, &quotes[..count], &open, []).expect("a field");
        let field = make();
        let mut rng = StdRng::seed_from_u64(4);
        let mut award = || Award::prove(&field, &openings[..count], &request.buyer, &mut rng).expect("an award");
        let made = award();
        let runs = if count > 64 { 1 } else { 5 };
        let proving = times(runs, &mut [&mut || drop(black_box(award()))])[0];
        let mut verify = || assert!(black_box(made.clone().verify(&field)).is_ok());
        let mut unseal = || drop(black_box(make()));
        let taken = times(11, &mut [&mut verify, &mut unseal]);
        println!(
            "{count:<10} {:>8} {:>9.1} ms {:>9.2} ms {:>13.1} µs {:>11.2} ms",
            made.to_bytes().len(),
            proving.as_secs_f64() * 1e3,
            taken[0].as_secs_f64() * 1e3,
            taken[0].as_secs_f64() * 1e6 / count as f64,
            taken[1].as_secs_f64() * 1e3,
        );
    }
}

/// A deal that settles the only quote of its RFQ.
fn settled(request: &Request) -> (Statement, Witness) {
    let (quote, opening) = (request.quote(0).verify(&request.rfq).expect("an honest quote"), request.opening(0));
    let open = request.open();
    let field = Field::new(&request.rfq, [&quote], &open, []).expect("a field");
    let mut rng = StdRng::seed_from_u64(5);
    let award = Award::prove(&field, core::slice::from_ref(&opening), &request.buyer, &mut rng).expect("an award");
    let award = award.verify(&field).expect("a fair award");
    let (salt, terms) = (Fr::from(9u64), TermsId::new(Fr::from(10u64)));
    let volume = volume(opening.price(), salt, terms);
    let statement = Statement::new(&request.rfq, &award, &quote, [11; 32], &volume).expect("the winner's deal");
    (statement, Witness::new(&opening, hash(Domain::Volume, &[salt, terms.field()])))
}

fn links(request: &Request) {
    let (statement, witness) = settled(request);
    let mut rng = StdRng::seed_from_u64(6);
    let link = Link::prove(&statement, &witness, &mut rng).expect("a link");
    let mut prove = || drop(black_box(Link::prove(&statement, &witness, &mut rng)));
    let mut verify = || assert!(black_box(link.clone().verify(&statement)).is_ok());
    let taken = times(11, &mut [&mut prove, &mut verify]);
    line("link: prove", taken[0]);
    line("link: verify", taken[1]);
}

/// Bytes of every message; dalek's aggregated proofs are 32·(9 + 2·log₂(64·m)).
fn sizes(request: &Request) {
    let plain = |m: usize| 32 * (9 + 2 * (64 * m).ilog2());
    let (statement, witness) = settled(request);
    let link = Link::prove(&statement, &witness, &mut StdRng::seed_from_u64(7)).expect("a link");
    println!("{:<24} {:>8}   of which a range proof as dalek publishes it", "message", "bytes");
    println!("{:<24} {:>8}", "request", request.rfq.to_bytes().len());
    println!("{:<24} {:>8}   {} (m = 4)", "quote", request.quote(0).to_bytes().len(), plain(4));
    println!("{:<24} {:>8}", "opened secret", Open::BYTES);
    println!("{:<24} {:>8}", "exclusion", Exclusion::BYTES);
    println!("{:<24} {:>8}   {} (m = 1024)", "award over 1024, most", Award::MAX_BYTES, plain(1_024));
    println!("{:<24} {:>8}", "link", link.to_bytes().len());
}
