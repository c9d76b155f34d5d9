//! A key's first use from inside a pool: what is made once must not wait for a task that wants it too.

use privity_circuits::gadgets::Num;
use privity_circuits::r1cs::Cs;
use privity_circuits::{Circuit, Fr, Relation, Statement, Violation};
use privity_prover::{Control, Engine, Form, KeyStore, Lanes, ProvingKey, TableSetting};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::sync::mpsc;
use std::time::Duration;

/// Rows enough for reading and converting points to be cut into several tasks.
const ROWS: usize = 5_000;

struct Chain;

#[derive(Clone)]
struct ChainStatement(Fr);

impl Statement for ChainStatement {
    fn public_inputs(&self) -> Vec<Fr> {
        vec![self.0]
    }
}

/// w squared so often.
impl Relation for Chain {
    const NAME: &'static str = "chain.v1";
    type Statement = ChainStatement;
    type Witness = Fr;

    fn check(x: &ChainStatement, w: &Fr) -> Result<(), Violation> {
        Violation::unless((0..ROWS).fold(*w, |power, _| power * power) == x.0, "C1", "not this power; use the root")
    }
}

impl Circuit for Chain {
    fn enforce(cs: &mut Cs, x: &[Num], w: &Fr) {
        let [y] = x else {
            return;
        };
        cs.rule("C1", |cs| {
            let mut power = cs.hint("w", *w);
            for _ in 0..ROWS {
                power = cs.mul(&power, &power);
            }
            cs.equal(&power, y);
        });
    }

    fn blank() -> (ChainStatement, Fr) {
        (ChainStatement(Fr::from(0u64)), Fr::from(0u64))
    }
}

/// Runs `task` by many tasks of a pool at once, as often as said, with a key that nobody has used; fails if they wait for each other for ever.
fn at_once(rounds: usize, task: fn(&ProvingKey, &Engine)) {
    let (done, finished) = mpsc::channel();
    std::thread::spawn(move || {
        let directory = tempfile::tempdir().unwrap();
        let store = KeyStore::new(directory.path()).with_tables(TableSetting { copies: 1 });
        store.load_or_generate::<Chain>(&mut ChaCha20Rng::seed_from_u64(1), &Control::default()).unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(6).build().unwrap();
        for _ in 0..rounds {
            let key = store.load::<Chain>(&Control::default()).unwrap();
            let engine = Engine::new(Form::Plain, Lanes::detect(), TableSetting { copies: 1 });
            pool.install(|| (0..200).into_par_iter().for_each(|_| task(&key, &engine)));
            done.send(()).unwrap();
        }
    });
    for round in 0..rounds {
        let heard = finished.recv_timeout(Duration::from_secs(120));
        assert!(heard.is_ok(), "round {round}: the pool's tasks wait for each other");
    }
}

#[test]
fn arks_queries_are_read_by_whoever_comes() {
    at_once(20, |key, _| assert!(key.parameters().h_query.len() >= ROWS));
}

#[test]
fn tables_are_made_by_whoever_comes() {
    at_once(10, |key, engine| engine.prepare(key));
}
