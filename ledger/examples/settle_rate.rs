//! How fast transfers settle, with how many notes present: `cargo run --release -p privity-ledger --example settle_rate [notes …]`.
//!
//! Without arguments at 10⁴ and 10⁶ notes; `-- 10000000` takes 10⁷, some minutes and the disk space that it asks for first.
//!
//! Notes are laid down as rows of the shapes that their settlement would have written (tree nodes, and per three notes two
//! nullifiers, an anchor, an identity), with keys spread evenly, in their order, so that laying them down takes no longer than it
//! must, and values of no meaning; log records of earlier transactions are left out. Then distinct
//! transfers with simulated proofs are verified, and settled on a redb file in one durable write per batch: rules, note tree, log
//! record and two fsyncs, all of it counted; verification is counted apart.

#[path = "../tests/common/mod.rs"]
mod common;

use common::{START, World};
use privity_circuits::{Fr, field};
use privity_ledger::store::{Changes, Options};
use privity_ledger::tree::Frontier;
use privity_ledger::{Checked, Codec, Ledger, RedbStore, State, Store, apply, check};
use privity_verifier::{Keys, PreparedKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::time::{Duration, Instant};

const NOW: u64 = START + 10;
/// Bytes of the core row before the frontier.
const CORE_PREFIX: usize = 120;
const TRANSFERS: usize = 1_024;
/// Bytes of disk that a note may take while it is laid down, some more than was seen, and what the measurement itself may take.
const NOTE_BYTES: u64 = 600;
const SPARE_BYTES: u64 = 256 << 20;

fn main() {
    let mut sizes: Vec<u64> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 1_000_000];
    }
    let folder = std::env::temp_dir().join(format!("privity-settle-rate-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    if let Err(error) = room(&folder, &sizes) {
        eprintln!("{error}");
        std::process::exit(1);
    }
    let mut world = World::new(1);
    println!("{TRANSFERS} distinct 2x3 transfers per line; milliseconds per write; settlement without verification");
    for notes in sizes {
        let path = folder.join(format!("{notes}.redb"));
        let laid = lay(&world, &path, notes);
        println!("{notes} notes laid down in {:.1} s, {} MiB", laid.as_secs_f64(), file_bytes(&path) >> 20);
        for batch in [1, 16, 128] {
            measure(&mut world, &path, batch);
        }
    }
    std::fs::remove_dir_all(&folder).expect("the temporary folder goes");
}

/// Whether the disk under `folder` has room for the largest of `sizes` and all that are kept beside it.
fn room(folder: &std::path::Path, sizes: &[u64]) -> Result<(), String> {
    let needed = sizes.iter().map(|notes| notes * NOTE_BYTES + SPARE_BYTES).sum::<u64>();
    let told = std::process::Command::new("df").arg("-Pk").arg(folder).output();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    // POSIX: one line per file system; the fourth column is what is free.
    let free = told.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    let Some(free) = free.map(|kib| kib << 10) else {
        return Err(format!(
            "`df -Pk {}` does not say how much disk is free; set TMPDIR to another folder",
            folder.display()
        ));
    };
    if free < needed {
        let (needed, free) = (needed >> 20, free >> 20);
        return Err(format!(
            "{needed} MiB are needed in {}, {free} are free; set TMPDIR to a larger disk",
            folder.display()
        ));
    }
    println!("{} MiB set aside of {} free in {}", needed >> 20, free >> 20, folder.display());
    Ok(())
}

fn file_bytes(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// Time that this thread spent on a processor, as Linux counts it; 0 elsewhere. On a busy machine it tells more than the clock.
fn busy_nanoseconds() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|field| field.parse().ok()).unwrap_or(0)
}

fn open(path: &std::path::Path) -> RedbStore {
    RedbStore::open(path, Options::default()).expect("a store")
}

/// Founds a ledger and lays `notes` notes down.
fn lay(world: &World, path: &std::path::Path, notes: u64) -> Duration {
    drop(world.ledger_on(Box::new(open(path))));
    let store = open(path);
    let started = Instant::now();
    let mut rng = ChaCha20Rng::seed_from_u64(notes);
    // One key per table and note, two of nullifiers: ascending, evenly spread below the field's order, otherwise random.
    let step = (0x7000_0000_0000_0000 / (2 * notes).max(1)).max(1);
    let mut digest = move |index: u64| {
        let mut bytes = [0u8; 32];
        rng.fill_bytes(&mut bytes);
        bytes[..8].copy_from_slice(&(step * index).to_be_bytes());
        bytes
    };
    let (mut frontier, mut rows) = (Frontier::default(), Changes::new());
    let row = |table: u8, key: &[u8]| [&[table], key].concat();
    for note in 0..notes {
        frontier.append(Fr::from(note + 1), &mut |(level, index, node)| {
            let key = [&[level], index.to_be_bytes().as_slice()].concat();
            rows.insert(row(3, &key), field::to_bytes(&node).to_vec());
        });
        if note % 3 == 0 {
            rows.insert(row(4, &digest(2 * note)), note.to_be_bytes().to_vec());
            rows.insert(row(5, &digest(2 * note)), Vec::new());
            rows.insert(row(5, &digest(2 * note + 1)), Vec::new());
            rows.insert(row(6, &digest(2 * note)), note.to_be_bytes().to_vec());
        }
        if rows.len() > 400_000 {
            store.write(&std::mem::take(&mut rows)).expect("a write");
        }
    }
    let mut core = store.read().expect("a snapshot").get(&[2]).expect("a read").expect("a core row");
    core.truncate(CORE_PREFIX);
    frontier.write(&mut core);
    rows.insert(row(4, &frontier.root().to_bytes()), notes.to_be_bytes().to_vec());
    rows.insert(vec![2], core);
    store.write(&rows).expect("a write");
    started.elapsed()
}

/// Verifies and settles in writes of `batch` transfers.
fn measure(world: &mut World, path: &std::path::Path, batch: usize) {
    let ledger = Ledger::open(Box::new(open(path)), None).expect("a ledger");
    let anchor = common::anchor(&ledger);
    let keys: Keys = world.keys.verifying().into_iter().map(PreparedKey::new).collect();
    let transfers: Vec<_> = (0..TRANSFERS).map(|_| world.any_transfer(anchor, NOW).into()).collect();
    let started = Instant::now();
    let outcome = ledger.read(|state| Ok(check(state, &keys, transfers, &mut world.rng))).expect("a snapshot");
    let checked: Vec<Checked> = outcome.into_iter().map(|one| one.expect("a true proof")).collect();
    let verified = started.elapsed();
    let (before, busy) = (file_bytes(path), busy_nanoseconds());
    let mut writes: Vec<Duration> = Vec::new();
    let started = Instant::now();
    for chunk in checked.chunks(batch) {
        let write = Instant::now();
        settle(ledger.store(), chunk);
        writes.push(write.elapsed());
    }
    let total = started.elapsed();
    let busy = (busy_nanoseconds() - busy) / TRANSFERS as u64 / 1_000;
    writes.sort();
    let at = |share: f64| writes[((writes.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "  {batch:>3} per write: {:>6.0} transfers/s, median {:.2}, p99 {:.2}; {busy} us of processor each; verification {:.0} proofs/s; file grew by {} bytes per transfer",
        TRANSFERS as f64 / total.as_secs_f64(),
        at(0.5),
        at(0.99),
        TRANSFERS as f64 / verified.as_secs_f64(),
        file_bytes(path).saturating_sub(before) / TRANSFERS as u64,
    );
}

fn settle(store: &dyn Store, chunk: &[Checked]) {
    let changes = {
        let snapshot = store.read().expect("a snapshot");
        let mut state = State::load(&*snapshot).expect("a state");
        for item in chunk {
            apply(&mut state, item, NOW).expect("an honest transfer settles");
        }
        state.into_changes()
    };
    store.write(&changes).expect("a write");
}
