//! Verification with decoding, from bytes to verdict: ours alone and in batches of 64 by each library of pairings, beside ark-groth16's
//! prepared single verification.
//! `cargo bench -p privity-benches --bench verify`; one thread, medians of five.

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

const ROUNDS: usize = 5;
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
    /// Decodes `proofs` and adds them.
    fn add(&self, pairings: Pairings, batch: &mut Batch, proofs: &[[u8; PROOF_BYTES]]) {
        let key = PreparedKey::with(pairings, self.key.key().clone());
        for bytes in proofs {
            let proof = Proof::from_bytes_with(pairings, bytes).expect("a proof");
            batch.add::<C>(&key, self.statement.clone(), &proof).expect("its key");
        }
    }

    /// ark's single verification.
    fn ark(&self) -> Spread {
        let prepared = prepare_verifying_key(&self.parameters);
        let inputs = self.statement.public_inputs();
        Spread::measure(ROUNDS, |round| {
            let proof = ark_groth16::Proof::deserialize_compressed(&self.proofs[round][..]).expect("a proof");
            assert!(Groth16::<Bls12_381>::verify_proof(&prepared, &proof, &inputs).expect("inputs"));
        })
    }

    /// Our single verification.
    fn single(&self, pairings: Pairings) -> Spread {
        let key = PreparedKey::with(pairings, self.key.key().clone());
        Spread::measure(ROUNDS, |round| {
            let proof = Proof::from_bytes_with(pairings, &self.proofs[round]).expect("a proof");
            key.verify::<C>(self.statement.clone(), &proof).expect("true")
        })
    }
}

/// Times of whole batches, from bytes to verdict.
fn batch(pairings: Pairings, fill: &dyn Fn(&mut Batch)) -> Spread {
    Spread::measure(ROUNDS, |_| {
        let mut batch = Batch::new();
        fill(&mut batch);
        assert!(batch.verify_with(pairings, &mut rng(2)).culprits().is_empty());
    })
}

fn all() -> Vec<Value> {
    let (transfer, mint, disclose) = (
        claims::<Transfer2x3>(samples::transfer::valid::<2, 3>),
        claims::<Mint>(samples::mint::valid),
        claims::<Disclose>(samples::disclose::valid),
    );
    let ark = transfer.ark();
    let mut rows = vec![("ark-groth16, one proof".to_owned(), ark)];
    for pairings in Pairings::ALL.iter().copied() {
        let decode = Spread::measure(ROUNDS, |_| {
            transfer.proofs.iter().filter(|bytes| Proof::from_bytes_with(pairings, *bytes).is_ok()).count()
        });
        let one_key = batch(pairings, &|batch| transfer.add(pairings, batch, &transfer.proofs));
        let two_keys = batch(pairings, &|batch| {
            transfer.add(pairings, batch, &transfer.proofs[..PROOFS / 2]);
            mint.add(pairings, batch, &mint.proofs[..PROOFS / 2]);
        });
        let three = batch(pairings, &|batch| {
            transfer.add(pairings, batch, &transfer.proofs[..1]);
            mint.add(pairings, batch, &mint.proofs[..1]);
            disclose.add(pairings, batch, &disclose.proofs[..1]);
        });
        rows.extend([
            (format!("{pairings}: one proof"), transfer.single(pairings)),
            (format!("{pairings}: decoding alone, per proof"), decode.per(PROOFS as f64)),
            (format!("{pairings}: batch of 64, per proof"), one_key.per(PROOFS as f64)),
            (format!("{pairings}: batch of 64 under two keys, per proof"), two_keys.per(PROOFS as f64)),
            (format!("{pairings}: batch of 3 under three keys, per proof"), three.per(3.0)),
        ]);
    }
    println!("| what | ms | times faster than ark |\n| --- | --- | --- |");
    for (name, spread) in &rows {
        println!("| {name} | {spread} | {:.2} |", ark.median / spread.median);
    }
    rows.iter().map(|(name, spread)| json!({ "what": name, "time": spread.json() })).collect()
}

fn main() {
    println!("{}; pairings by default: {}", privity_benches::machine(), Pairings::FASTEST);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let rows = pool.install(all);
    record("verification", "one thread", rows).expect("a results file");
}
