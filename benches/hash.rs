//! Poseidon outside circuits: `cargo bench -p privity-benches --bench hash`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use privity_circuits::poseidon::{permute, permute_plain};
use privity_circuits::{Domain, Fr, hash};
use std::hint::black_box;

fn poseidon(c: &mut Criterion) {
    eprintln!("{}", privity_benches::machine());
    let inputs: [Fr; 8] = core::array::from_fn(|i| Fr::from(i as u64 + 1));
    let state: [Fr; 5] = core::array::from_fn(|i| inputs[i]);
    let mut group = c.benchmark_group("poseidon");
    group.throughput(Throughput::Elements(1));
    group.bench_function("permutation, sparse matrices", |b| {
        b.iter(|| {
            let mut state = black_box(state);
            permute(&mut state);
            state
        });
    });
    group.bench_function("permutation, by its definition", |b| {
        b.iter(|| {
            let mut state = black_box(state);
            permute_plain(&mut state);
            state
        });
    });
    for count in [4, 8] {
        group.bench_function(format!("H of {count} inputs"), |b| {
            b.iter(|| hash(Domain::Note, black_box(&inputs[..count])));
        });
    }
    group.finish();
}

criterion_group!(benches, poseidon);
criterion_main!(benches);
