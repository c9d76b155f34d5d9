//! How fast one core scans outputs with one viewing key, sender's copies included: `cargo bench -p privity-benches --bench scan`.
//!
//! Records hold plain transfers of strangers, as almost all of a ledger does, and are read whole: decoding, trial decryption, note tree.
//! What counts is this thread's time on a processor, where the system tells it (Linux), so that a busy neighbour does not.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use privity_benches::Stopwatch;
use privity_circuits::keys::SigningKey;
use privity_circuits::note::{Commitment, Nullifier, Party};
use privity_circuits::terms::Policy;
use privity_circuits::transfer::{self, Transfer2x3};
use privity_circuits::{Fr, field};
use privity_ledger::{
    Body, Ciphertexts, Codec, Genesis, Item, Leg, Name, Proven, Record, SEALED_NOTE_BYTES, SealedNote, Transaction,
};
use privity_testkit::rng;
use privity_testkit::simulate::SimulatedKey;
use privity_wallet::{Seed, Wallet};
use rand::RngCore;
use std::time::Duration;

/// Outputs of a record.
const OUTPUTS: usize = 3;
/// Records that are read in one go.
const RECORDS: usize = 64;

fn genesis() -> Genesis {
    let operator = SigningKey::from_bytes(&[1; 32]).expect("a key");
    Genesis {
        name: Name::new("benchmark").expect("a name"),
        operator: operator.public_key(),
        production: false,
        grace: 3_600,
        signer_delay: 86_400,
        max_bytes: 65_536,
        policy: Policy { flat: 0, rate: 0, treasury: Default::default(), delivery_key: [9; 32] },
        time: 1_800_000_000,
    }
}

/// A chain of records, each with a transfer of its own.
fn records(genesis: &Genesis) -> Vec<Record> {
    let mut rng = rng(1);
    let key = SimulatedKey::<Transfer2x3>::generate(11, [1; 32], &mut rng).expect("a key");
    let (id, mut previous) = (key.key().id(), genesis.ledger().0);
    let mut digest = move || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let mut records = Vec::new();
    for position in 0..RECORDS as u64 {
        let mut fresh = || field::truncate(&digest());
        let statement = transfer::Statement {
            anchor: Default::default(),
            nullifiers: core::array::from_fn(|_| Nullifier::new(fresh())),
            outputs: core::array::from_fn(|_| Commitment::new(fresh())),
            now: 1_800_000_000,
            exposed_asset: Default::default(),
            exposed_value: 0,
            party: Party::new(fresh()),
            context: Default::default(),
        };
        let proof = key.simulate(&statement, &mut privity_testkit::rng(position)).expect("a proof");
        let sealed = |_| SealedNote(core::array::from_fn::<u8, SEALED_NOTE_BYTES, _>(|i| i as u8));
        let mut sealed = Ciphertexts {
            recipients: (0..OUTPUTS).map(sealed).collect(),
            senders: (0..OUTPUTS).map(sealed).collect(),
            envelopes: Vec::new(),
        };
        // An encapsulated key of its own for each ciphertext.
        for one in sealed.recipients.iter_mut().chain(&mut sealed.senders) {
            one.0[..32].copy_from_slice(&digest());
        }
        let leg = Leg::Payment(Proven { key: id, statement, proof });
        let body = Body::Transfer { leg, recipient: Fr::from(0u64) };
        let item: Item = Transaction { expiry: 1_800_001_000, body, ciphertexts: sealed }.into();
        let record = Record { position, time: 1_800_000_000, previous, body: item.to_bytes() };
        previous = record.hash(genesis.ledger());
        records.push(record);
    }
    records
}

fn scanning(c: &mut Criterion) {
    eprintln!("{}", privity_benches::machine());
    let genesis = genesis();
    let records = records(&genesis);
    let wallet = || Wallet::new(Seed::new([3; 32]), &genesis, 1).expect("a wallet");
    let mut probe = wallet();
    for record in &records {
        probe.read(record).expect("the next record");
    }
    assert_eq!(probe.scanner().tree().latest().size, (RECORDS * OUTPUTS) as u64);
    let mut group = c.benchmark_group("scan");
    group.sample_size(20);
    group.throughput(Throughput::Elements((RECORDS * OUTPUTS) as u64));
    group.bench_function("outputs, one viewing key, one core", |b| {
        b.iter_custom(|rounds| {
            let mut spent = Duration::ZERO;
            for _ in 0..rounds {
                let mut wallet = wallet();
                let started = Stopwatch::start();
                for record in &records {
                    wallet.read(record).expect("the next record");
                }
                spent += started.elapsed();
            }
            spent
        });
    });
    group.finish();
}

criterion_group!(benches, scanning);
criterion_main!(benches);
