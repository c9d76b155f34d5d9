//! Verification with decoding, from bytes to verdict: ours alone and in batches of 64, beside ark-groth16's prepared single verification.
//! `cargo bench -p privity-benches --bench verify`; one thread, medians of five.

use ark_bls12_381::Bls12_381;
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_serialize::CanonicalDeserialize;
use privity_benches::{Spread, record};
use privity_circuits::mint::Mint;
use privity_circuits::transfer::Transfer2x3;
use privity_circuits::{Circuit, Statement};
use privity_prover::{Control, Prover, generate, rerandomize};
use privity_testkit::{TestRng, rng, samples};
use privity_verifier::{Batch, PROOF_BYTES, PreparedKey, Proof};
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
    fn add(&self, batch: &mut Batch, proofs: &[[u8; PROOF_BYTES]]) {
        for bytes in proofs {
            let proof = Proof::from_bytes(bytes).expect("a proof");
            batch.add::<C>(&self.key, self.statement.clone(), &proof).expect("its key");
        }
    }

    /// ark's and our single verification.
    fn singles(&self) -> [Spread; 2] {
        let prepared = prepare_verifying_key(&self.parameters);
        let inputs = self.statement.public_inputs();
        let ark = Spread::measure(ROUNDS, |round| {
            let proof = ark_groth16::Proof::deserialize_compressed(&self.proofs[round][..]).expect("a proof");
            assert!(Groth16::<Bls12_381>::verify_proof(&prepared, &proof, &inputs).expect("inputs"));
        });
        let ours = Spread::measure(ROUNDS, |round| {
            let proof = Proof::from_bytes(&self.proofs[round]).expect("a proof");
            self.key.verify::<C>(self.statement.clone(), &proof).expect("true")
        });
        [ark, ours]
    }
}

fn all() -> Vec<Value> {
    let (transfer, mint) =
        (claims::<Transfer2x3>(samples::transfer::valid::<2, 3>), claims::<Mint>(samples::mint::valid));
    let decode =
        Spread::measure(ROUNDS, |_| transfer.proofs.iter().filter(|bytes| Proof::from_bytes(*bytes).is_ok()).count());
    let [ark, single] = transfer.singles();
    let verify = |fill: &dyn Fn(&mut Batch)| {
        Spread::measure(ROUNDS, |_| {
            let mut batch = Batch::new();
            fill(&mut batch);
            assert!(batch.verify(&mut rng(2)).culprits().is_empty());
        })
    };
    let one_key = verify(&|batch| transfer.add(batch, &transfer.proofs)).per(PROOFS as f64);
    let two_keys = verify(&|batch| {
        transfer.add(batch, &transfer.proofs[..PROOFS / 2]);
        mint.add(batch, &mint.proofs[..PROOFS / 2]);
    });
    let rows = [
        ("ark-groth16, one proof with decoding", ark),
        ("ours, one proof with decoding", single),
        ("decoding alone, per proof", decode.per(PROOFS as f64)),
        ("batch of 64 with decoding, per proof", one_key),
        ("batch of 64 under two keys with decoding, per proof", two_keys.per(PROOFS as f64)),
    ];
    println!("| what | ms | times faster than ark |\n| --- | --- | --- |");
    for (name, spread) in &rows {
        println!("| {name} | {spread} | {:.2} |", ark.median / spread.median);
    }
    rows.iter().map(|(name, spread)| json!({ "what": name, "time": spread.json() })).collect()
}

fn main() {
    println!("{}", privity_benches::machine());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let rows = pool.install(all);
    record("verification", "one thread", rows).expect("a results file");
}
