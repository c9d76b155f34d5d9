//! The proving service under load.

use crate::client::Connection;
use crate::home::{Home, Serving, call};
use crate::load::{Times, processor};
use privity_circuits::transfer::Transfer2x3;
use privity_prover::{Control, KeyStore, Prover};
use privity_service::server::jobs::wire::{Pair, Relation};
use privity_testkit::{rng, samples};
use rand::rngs::OsRng;
use std::env;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

const RELATION: Relation = Relation::Transfer2x3;

/// What proofs took: time, and processor time.
type Cost = (Duration, Duration);

fn pairs(count: usize) -> Vec<Pair<Transfer2x3>> {
    let valid = samples::transfer::subject::<2, 3>().valid;
    let pair = |seed| {
        let (statement, witness) = valid(&mut rng(seed));
        Pair { statement, witness }
    };
    (0..count as u64).map(pair).collect()
}

fn keys(home: &Home) -> PathBuf {
    env::var_os("PRIVITY_KEYS").map_or_else(|| home.path("keys"), PathBuf::from)
}

fn serve(home: &Home, more: &str) -> Serving {
    home.settings(&format!("{}[jobs]\nkeys = \"{}\"\n{more}", crate::LIMITS, keys(home).display()));
    home.serve()
}

fn order(connection: &mut Connection, home: &Home, body: &[u8]) -> crate::client::Answer {
    call(connection, &home.token, "POST", &format!("/v1/proofs/{}", RELATION.name()), None, body).unwrap()
}

/// Waits until the job is final; whether there is a proof.
fn done(connection: &mut Connection, home: &Home, place: &str) -> bool {
    loop {
        let job = call(connection, &home.token, "GET", place, None, &[]).unwrap().json();
        if job["ended"].is_u64() {
            if job["state"] != "done" {
                println!("{job}");
            }
            return job["state"] == "done";
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// A queue that is full: how soon it says so, and whether what it took is done.
pub fn queue() {
    let home = Home::new();
    let serving = serve(&home, "waiting = 16\nper_caller = 1000\n");
    let bodies: Vec<_> = pairs(64).iter().map(|pair| pair.secret(RELATION)).collect();
    let mut first = Connection::open(serving.address).unwrap();
    // The keys are loaded before anything is measured.
    let warm = order(&mut first, &home, bodies[0].bytes());
    assert!(done(&mut first, &home, warm.header("location").unwrap()));
    let until = Instant::now() + Duration::from_secs(privity_testkit::size(10, 60) as u64);
    let (refused, taken): (Vec<Vec<Duration>>, Vec<Vec<String>>) = thread::scope(|scope| {
        let run = |client: usize| {
            let (home, serving, bodies) = (&home, &serving, &bodies);
            move || {
                let mut connection = Connection::open(serving.address).unwrap();
                let (mut refused, mut taken) = (Vec::new(), Vec::new());
                for body in bodies.iter().cycle().skip(client * 8) {
                    if Instant::now() >= until {
                        break;
                    }
                    let begun = Instant::now();
                    let answer = order(&mut connection, home, body.bytes());
                    match answer.status {
                        202 => taken.push(answer.header("location").unwrap().to_owned()),
                        503 => {
                            refused.push(begun.elapsed());
                            assert!(answer.header("retry-after").is_some(), "{answer:?}");
                            thread::sleep(Duration::from_millis(20));
                        }
                        _ => panic!("{answer:?}"),
                    }
                }
                (refused, taken)
            }
        };
        let threads: Vec<_> = (0..8).map(|client| scope.spawn(run(client))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).unzip()
    });
    let taken: Vec<String> = taken.into_iter().flatten().collect();
    let lost = taken.iter().filter(|place| !done(&mut first, &home, place)).count();
    let mut refused = Times(refused.into_iter().flatten().collect());
    println!(
        "queue: full {} times: 503 after {:.1?} (median), {:.1?} (p99), {:.1?} (most); {} jobs taken, {lost} of them without a proof",
        refused.0.len(),
        refused.share(0.5),
        refused.share(0.99),
        refused.share(1.0),
        taken.len()
    );
}

/// The same proofs by the library, in batches on as many threads, and by jobs over HTTP.
pub fn prove() {
    let home = Home::new();
    let (rounds, count) = (privity_testkit::size(2, 5), 32);
    let all = pairs(count);
    let store = KeyStore::new(keys(&home));
    let key = store.load_or_generate::<Transfer2x3>(&mut OsRng, &Control::default()).unwrap();
    let prover = Prover::new().with_key(key);
    let borrowed: Vec<_> = all.iter().map(|pair| (&pair.statement, &pair.witness)).collect();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let library = || {
        let (begun, used) = (Instant::now(), processor("self"));
        thread::scope(|scope| {
            for part in borrowed.chunks(count.div_ceil(cores)) {
                let prover = &prover;
                scope.spawn(move || {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
                    for batch in part.chunks(4) {
                        pool.install(|| prover.prove_many::<Transfer2x3, _>(batch, &mut OsRng, &Control::default()))
                            .unwrap();
                    }
                });
            }
        });
        (begun.elapsed(), processor("self") - used)
    };
    let serving = serve(&home, "waiting = 1000\nper_caller = 1000\n");
    let (process, bodies) = (serving.child.id().to_string(), all.iter().map(|pair| pair.secret(RELATION)));
    let bodies: Vec<_> = bodies.collect();
    let service = || {
        // While the library proves, an idle connection would be closed.
        let mut connection = Connection::open(serving.address).unwrap();
        let (begun, used) = (Instant::now(), processor(&process));
        let places: Vec<String> = bodies
            .iter()
            .map(|body| order(&mut connection, &home, body.bytes()).header("location").unwrap().to_owned())
            .collect();
        assert!(places.iter().all(|place| done(&mut connection, &home, place)));
        (begun.elapsed(), processor(&process) - used)
    };
    // Keys are loaded and memory is warm before anything is measured; then the least of as many rounds in turn.
    let _ = (library(), service());
    let runs: Vec<_> = (0..rounds).map(|_| (library(), service())).collect();
    let least = |of: fn(&(Cost, Cost)) -> Duration| runs.iter().map(of).min().unwrap_or_default().as_secs_f64();
    let (wall, cpu) = ((least(|run| run.0.0), least(|run| run.1.0)), (least(|run| run.0.1), least(|run| run.1.1)));
    let share = |(library, service): (f64, f64)| (service / library - 1.0) * 100.0;
    println!(
        "prove: {count} proofs of {}, {cores} threads, least of {rounds} rounds: library {:.2}/s, over HTTP {:.2}/s, {:+.1} % time; processor time {:.2} s and {:.2} s, {:+.1} %",
        RELATION.name(),
        count as f64 / wall.0,
        count as f64 / wall.1,
        share(wall),
        cpu.0,
        cpu.1,
        share(cpu)
    );
}
