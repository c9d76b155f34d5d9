//! Proving and verifying mint and transfer 2→3, and batches: `cargo bench -p privity-benches --bench proofs`.
//!
//! Keys are made first, which takes a while and is not measured. Proving is from witness to verified proof, `check` included, as a
//! caller sees it; it uses rayon's global pool, so `RAYON_NUM_THREADS` says on how many threads.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use privity_circuits::Circuit;
use privity_circuits::mint::Mint;
use privity_circuits::transfer::Transfer2x3;
use privity_prover::{Control, Prover, generate};
use privity_testkit::samples::{mint, transfer};
use privity_testkit::{TestRng, rng};
use privity_verifier::Batch;
use std::hint::black_box;

/// Proofs of a batch.
const BATCH: usize = 64;

fn proofs<C: Circuit<Statement: Clone>>(c: &mut Criterion, valid: fn(&mut TestRng) -> (C::Statement, C::Witness)) {
    let mut rng = rng(1);
    let key = generate::<C>(&mut rng, &Control::default()).expect("a key");
    let (size, verifying) = (key.num_constraints() + key.num_inputs() + 1, key.verifying().clone());
    let prover = Prover::new().with_key(key);
    let pairs: Vec<_> = (0..4).map(|_| valid(&mut rng)).collect();
    let prove = |(x, w): &(C::Statement, C::Witness), rng: &mut TestRng| prover.prove::<C>(x, w, rng).expect("a proof");
    let proofs: Vec<_> = pairs.iter().map(|pair| prove(pair, &mut rng)).collect();

    let mut group = c.benchmark_group(C::NAME);
    group.sample_size(10);
    group.throughput(Throughput::Elements(1));
    let mut next = (0..pairs.len()).cycle();
    group.bench_function(format!("prove, {size} rows"), |b| {
        b.iter(|| prove(&pairs[next.next().unwrap_or_default()], &mut rng));
    });
    group.bench_function("verify", |b| {
        b.iter(|| verifying.verify::<C>(pairs[0].0.clone(), black_box(&proofs[0])).expect("a true claim"));
    });
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function(format!("verify a batch of {BATCH}"), |b| {
        b.iter(|| {
            let mut batch = Batch::new();
            for (pair, proof) in pairs.iter().zip(&proofs).cycle().take(BATCH) {
                batch.add::<C>(&verifying, pair.0.clone(), proof).expect("a claim of this key");
            }
            assert!(batch.verify(&mut rng).culprits().is_empty());
        });
    });
    group.finish();
}

fn all(c: &mut Criterion) {
    eprintln!("{}", privity_benches::machine());
    proofs::<Mint>(c, mint::valid);
    proofs::<Transfer2x3>(c, transfer::valid::<2, 3>);
}

criterion_group!(benches, all);
criterion_main!(benches);
