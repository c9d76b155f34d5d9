//! Verification with decoding, from bytes to verdict: ours alone and in batches of 64 by each library of pairings, beside ark-groth16's
//! prepared single verification.
//! `cargo bench -p privity-benches --bench verify`; one thread, medians of nine rounds, in each of which
//! everybody has his turn.

use ark_bls12_381::Bls12_381;
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_serialize::CanonicalDeserialize;
use privity_benches::{Spread, record};
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::transfer::Transfer2x3;
use privity_circuits::{Circuit, Statement};
use privity_prover::{Control, Prover, generate, rerandomize};
use privity_testkit::{TestRng, rng, samples};
use privity_verifier::{Batch, PROOF_BYTES, Pairings, PreparedKey, Proof};
use serde_json::{Value, json};

const ROUNDS: usize = 9;
const PROOFS: usize = 64;

/// A key, a statement and different true proofs of it, as bytes.
struct Claims<C: Circuit> {
    key: PreparedKey,
    parameters: ark_groth16::VerifyingKey<Bls12_381>,
    statement: C::Statement,
    proofs: Vec<[u8; PROOF_BYTES]>,
}

fn claims<C: Circuit<Statement: Clone>>(valid: impl Fn(&mut TestRng) -> (C::Statement, C::Witness)) -> Claims<C> {
    let mut rng = rng(1);
    let key = generate::<C>(&mut rng, &Control::default()).expect("a key");
    let (verifying, parameters) = (key.verifying().clone(), key.parameters().vk.clone());
    let (statement, witness) = valid(&mut rng);
    let proof = Prover::new().with_key(key).prove::<C>(&statement, &witness, &mut rng).expect("a proof");
    let fresh = |_| rerandomize(verifying.key(), &proof, &mut rng).expect("a proof").to_bytes();
    let proofs = (0..PROOFS).map(fresh).collect();
    Claims { key: verifying, parameters, statement, proofs }
}

impl<C: Circuit<Statement: Clone>> Claims<C> {
    fn prepared(&self, pairings: Pairings) -> PreparedKey {
        PreparedKey::with(pairings, self.key.key().clone())
    }

    /// A proof's bytes, decoded and added under `key`, for the first `count` of them.
    fn add(&self, pairings: Pairings, key: &PreparedKey, batch: &mut Batch, count: usize) {
        for bytes in &self.proofs[..count] {
            let proof = Proof::from_bytes_with(pairings, bytes).expect("a proof");
            batch.add::<C>(key, self.statement.clone(), &proof).expect("its key");
        }
    }
}

/// What is timed: its name, how many proofs it takes, and how.
struct Entry<'a> {
    name: String,
    proofs: usize,
    work: Box<dyn FnMut(usize) + 'a>,
}

/// From bytes to verdict, by a batch that `fill` fills.
fn batch<'a>(pairings: Pairings, what: &str, proofs: usize, fill: impl Fn(&mut Batch) + 'a) -> Entry<'a> {
    let work = move |_| {
        let mut batch = Batch::new();
        fill(&mut batch);
        assert!(batch.verify_with(pairings, &mut rng(2)).culprits().is_empty());
    };
    Entry { name: format!("{pairings}: batch of {proofs}{what}, per proof"), proofs, work: Box::new(work) }
}

fn all() -> Vec<Value> {
    let (transfer, mint, disclose) = (
        claims::<Transfer2x3>(samples::transfer::valid::<2, 3>),
        claims::<Mint>(samples::mint::valid),
        claims::<Disclose>(samples::disclose::valid),
    );
    let (theirs, inputs) = (prepare_verifying_key(&transfer.parameters), transfer.statement.public_inputs());
    let ark = |round: usize| {
        let proof = ark_groth16::Proof::deserialize_compressed(&transfer.proofs[round][..]).expect("a proof");
        assert!(Groth16::<Bls12_381>::verify_proof(&theirs, &proof, &inputs).expect("inputs"));
    };
    let mut entries = vec![Entry { name: "ark-groth16, one proof".to_owned(), proofs: 1, work: Box::new(ark) }];
    for pairings in Pairings::ALL.iter().copied() {
        let keys = [transfer.prepared(pairings), mint.prepared(pairings), disclose.prepared(pairings)];
        let (transfer, mint, disclose) = (&transfer, &mint, &disclose);
        let [single, one, two, three] = std::array::from_fn(|_| keys.clone());
        let decode = move |_| {
            let proofs = transfer.proofs.iter().map(|bytes| Proof::from_bytes_with(pairings, bytes));
            assert_eq!(proofs.filter(Result::is_ok).count(), PROOFS);
        };
        let verify = move |round: usize| {
            let proof = Proof::from_bytes_with(pairings, &transfer.proofs[round]).expect("a proof");
            single[0].verify::<Transfer2x3>(transfer.statement.clone(), &proof).expect("true");
        };
        entries.extend([
            Entry { name: format!("{pairings}: one proof"), proofs: 1, work: Box::new(verify) },
            Entry { name: format!("{pairings}: decoding alone, per proof"), proofs: PROOFS, work: Box::new(decode) },
            batch(pairings, "", PROOFS, move |batch| transfer.add(pairings, &one[0], batch, PROOFS)),
            batch(pairings, " under two keys", PROOFS, move |batch| {
                transfer.add(pairings, &two[0], batch, PROOFS / 2);
                mint.add(pairings, &two[1], batch, PROOFS / 2);
            }),
            batch(pairings, " under three keys", 3, move |batch| {
                transfer.add(pairings, &three[0], batch, 1);
                mint.add(pairings, &three[1], batch, 1);
                disclose.add(pairings, &three[2], batch, 1);
            }),
        ]);
    }
    race(entries)
}

/// Lets all run in turn; rows of their times per proof.
fn race(mut entries: Vec<Entry<'_>>) -> Vec<Value> {
    let mut works: Vec<_> = entries.iter_mut().map(|entry| &mut entry.work as &mut dyn FnMut(usize)).collect();
    let times = Spread::race(ROUNDS, &mut works);
    let times: Vec<_> = entries.iter().zip(times).map(|(entry, time)| (entry, time.per(entry.proofs as f64))).collect();
    let ark = times.first().map_or(f64::NAN, |(_, time)| time.median);
    let row = |(entry, time): &(&Entry<'_>, Spread)| {
        let ratio = (ark / time.median * 100.0).round() / 100.0;
        let row = json!({ "what": entry.name, "milliseconds": time.json(), "ark to it": ratio });
        println!("{row}");
        row
    };
    times.iter().map(row).collect()
}

fn main() {
    println!("{}; pairings by default: {}", privity_benches::machine(), Pairings::FASTEST);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let rows = pool.install(all);
    record("verification", "one thread", rows).expect("a results file");
}
