//! Nothing accepted is lost or silent; nothing secret is kept.

use super::super::job::fault;
use super::super::prover::{Proving, ProvingError};
use super::super::wire::Pair;
use super::super::workers::{Clock, Workers};
use super::*;
use crate::server::RedbDatabase;
use privity_circuits::Violation;
use privity_circuits::mint::Mint;
use privity_prover::{Control, Stage};
use privity_testkit::{rng, samples};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::thread;
use std::time::{Duration, Instant};

fn memory() -> Arc<dyn Database> {
    Arc::new(RedbDatabase::memory().unwrap())
}

fn secret() -> Secret {
    let (statement, witness) = (samples::mint::subject().valid)(&mut rng(3));
    Pair::<Mint> { statement, witness }.secret(Relation::Mint)
}

fn new() -> NewJob {
    NewJob { priority: Priority::Normal, secret: secret() }
}

fn once(key: u64) -> Once {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&key.to_be_bytes());
    Once { key: Some(bytes), digest: [7; 32] }
}

static NEXT: AtomicU64 = AtomicU64::new(1 << 32);

fn fresh() -> Once {
    once(NEXT.fetch_add(1, Ordering::Relaxed))
}

fn id(reply: &Reply) -> JobId {
    JobId::named(reply.body["id"].as_str().unwrap()).unwrap()
}

fn open(database: &Arc<dyn Database>, limits: Limits) -> Arc<Embedded> {
    Arc::new(Embedded::open(database.clone(), limits, 100).unwrap())
}

/// A prover without keys, which does what the test says.
#[derive(Default)]
struct Fake {
    /// Batches wait while this is false.
    go: AtomicBool,
    /// Which witness of a batch breaks a rule, counted from 1.
    bad: AtomicUsize,
    panics: AtomicBool,
    batches: Mutex<Vec<usize>>,
    began: AtomicUsize,
}

impl Proving for Fake {
    fn prove(&self, _: Relation, secrets: &[&Secret], control: &Control<'_>) -> Result<Vec<Proved>, ProvingError> {
        self.began.fetch_add(1, Ordering::AcqRel);
        loop {
            let stage = Stage::Prove { done: 0, total: secrets.len() };
            control.enter(stage).map_err(|_| ProvingError::Cancelled)?;
            if self.go.load(Ordering::Acquire) {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        assert!(!self.panics.load(Ordering::Acquire), "as the test wants it");
        let bad = self.bad.swap(0, Ordering::AcqRel);
        if (1..=secrets.len()).contains(&bad) {
            return Err(ProvingError::Violation {
                index: bad - 1,
                violation: Violation { rule: "M1", reason: "as the test wants it" },
            });
        }
        self.batches.lock().unwrap().push(secrets.len());
        let proved = |_: &&Secret| Proved { key: "00".into(), proof: "11".into() };
        Ok(secrets.iter().map(proved).collect())
    }
}

fn start(queue: &Arc<Embedded>, fake: &Arc<Fake>, [count, batch]: [usize; 2]) -> Workers {
    let (queue, fake): (Arc<dyn Queue>, Arc<dyn Proving>) = (queue.clone(), fake.clone());
    let clock: Clock = Arc::new(|| 100);
    Workers::start(&queue, &fake, &clock, [count, 1, batch]).unwrap()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < limit, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn every_accepted_job_ends_and_the_rest_is_told_so() {
    let database = memory();
    let queue = open(&database, Limits { jobs: 8, per_caller: 5, ..Limits::default() });
    let fake = Arc::new(Fake { go: AtomicBool::new(true), ..Fake::default() });
    let workers = start(&queue, &fake, [2, 3]);
    let accepted: Vec<(String, JobId)> = thread::scope(|scope| {
        let callers: Vec<_> = (0..4)
            .map(|caller| {
                let queue = &queue;
                scope.spawn(move || {
                    let name = format!("caller-{caller}");
                    let mut accepted = Vec::new();
                    for _ in 0..40 {
                        match queue.submit(&name, new(), &fresh(), 100) {
                            Ok(reply) => accepted.push((name.clone(), id(&reply))),
                            Err(problem) => {
                                assert!(matches!(problem.kind, Kind::Overloaded | Kind::TooMany), "{problem}");
                                assert!(problem.retry_after.is_some());
                            }
                        }
                    }
                    accepted
                })
            })
            .collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    assert!(accepted.len() >= 8);
    until("all are final", || queue.depth() == (0, 0));
    for (caller, id) in &accepted {
        let job = queue.get(caller, id).unwrap();
        assert_eq!((job.state, job.result.is_some()), (State::Done, true));
    }
    assert!(queue.lock().held.is_empty(), "every place was given back");
    assert_eq!(queue.tally()[&(Relation::Mint, "done")], accepted.len() as u64);
    queue.stop(100);
    workers.stop(Duration::from_secs(5));
    let again = open(&database, Limits::default());
    let kept: usize = (0..4).map(|caller| again.list(&format!("caller-{caller}"), None, 1_000).unwrap().len()).sum();
    assert_eq!(kept, accepted.len(), "and none is forgotten by the store");
}

#[test]
fn a_repetition_is_answered_as_the_first_call_even_when_the_queue_is_full() {
    let queue = open(&memory(), Limits { jobs: 2, per_caller: 2, ..Limits::default() });
    let first = queue.submit("a", new(), &once(1), 100).unwrap();
    assert_eq!(first.status, 202);
    queue.submit("b", new(), &once(2), 100).unwrap();
    assert_eq!(queue.submit("c", new(), &once(3), 100).unwrap_err().kind, Kind::Overloaded);
    assert_eq!(queue.refuses("c").unwrap().kind, Kind::Overloaded);
    assert_eq!(queue.submit("a", new(), &once(1), 100).unwrap(), first);
    assert_eq!(queue.depth(), (2, 0), "it made no second job");
    let other = Once { digest: [8; 32], ..once(1) };
    assert_eq!(queue.submit("a", new(), &other, 100).unwrap_err().kind, Kind::KeyReused);
    assert!(queue.submit("c", new(), &once(3), 100).is_err());
    queue.cancel("a", &id(&first), &fresh(), 100).unwrap();
    assert!(queue.submit("c", new(), &once(3), 100).is_ok(), "a place is free again");
    assert_eq!(queue.lock().held.values().sum::<usize>(), 2);
}

#[test]
fn one_caller_fills_its_own_share_only() {
    let queue = open(&memory(), Limits { jobs: 10, per_caller: 2, ..Limits::default() });
    for _ in 0..2 {
        queue.submit("a", new(), &fresh(), 100).unwrap();
    }
    assert_eq!(queue.submit("a", new(), &fresh(), 100).unwrap_err().kind, Kind::TooMany);
    assert!(queue.submit("b", new(), &fresh(), 100).is_ok());
}

#[test]
fn a_job_that_a_crash_left_says_so() {
    let database = memory();
    let queue = open(&database, Limits::default());
    let waiting = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    let running = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    assert_eq!(queue.take(1).unwrap().len(), 1);
    drop(queue);
    let again = open(&database, Limits::default());
    for id in [&waiting, &running] {
        let job = again.get("a", id).unwrap();
        let fault = job.fault.unwrap();
        assert_eq!((job.state, fault.remedy.as_str()), (State::Interrupted, "resubmit"));
        assert!(fault.detail.starts_with("interrupted"));
    }
}

#[test]
fn stopping_ends_what_waits_and_finishes_what_runs() {
    let queue = open(&memory(), Limits::default());
    let fake = Arc::new(Fake::default());
    let workers = start(&queue, &fake, [1, 1]);
    let running = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    until("one runs", || fake.began.load(Ordering::Acquire) == 1);
    let waiting = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    queue.stop(100);
    assert_eq!(queue.get("a", &waiting).unwrap().state, State::Interrupted);
    assert_eq!(queue.submit("a", new(), &fresh(), 100).unwrap_err().kind, Kind::Stopping);
    fake.go.store(true, Ordering::Release);
    workers.stop(Duration::from_secs(20));
    assert_eq!(queue.get("a", &running).unwrap().state, State::Done);
}

#[test]
fn giving_up_interrupts_what_runs() {
    let queue = open(&memory(), Limits::default());
    let fake = Arc::new(Fake::default());
    let workers = start(&queue, &fake, [1, 1]);
    let running = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    until("one runs", || fake.began.load(Ordering::Acquire) == 1);
    queue.stop(100);
    workers.stop(Duration::ZERO);
    assert_eq!(queue.get("a", &running).unwrap().state, State::Interrupted);
}

#[test]
fn cancelling_frees_the_place_and_tells_the_worker() {
    let queue = open(&memory(), Limits { jobs: 2, ..Limits::default() });
    let fake = Arc::new(Fake::default());
    let workers = start(&queue, &fake, [1, 1]);
    let running = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    until("one runs", || fake.began.load(Ordering::Acquire) == 1);
    assert_eq!(queue.get("a", &running).unwrap().progress.unwrap().stage, "prove");
    let waiting = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    for id in [&waiting, &running] {
        assert_eq!(queue.cancel("b", id, &fresh(), 100).unwrap_err().kind, Kind::NotFound, "not the stranger's");
        let once = fresh();
        let told = queue.cancel("a", id, &once, 100).unwrap();
        assert_eq!(told.body["state"], "cancelled");
        assert_eq!(queue.cancel("a", id, &once, 105).unwrap(), told, "a repetition is answered the same");
        assert_eq!(queue.cancel("a", id, &fresh(), 101).unwrap().body["ended"], 100, "once");
        let other = Once { digest: [8; 32], ..once };
        assert_eq!(queue.cancel("a", id, &other, 101).unwrap_err().kind, Kind::KeyReused);
    }
    // The worker was told, and takes the next job.
    fake.go.store(true, Ordering::Release);
    let next = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    until("the next is done", || queue.get("a", &next).unwrap().state == State::Done);
    assert_eq!(queue.get("a", &running).unwrap().state, State::Cancelled);
    queue.stop(100);
    workers.stop(Duration::from_secs(5));
}

#[test]
fn another_callers_job_and_no_job_are_one_answer() {
    let queue = open(&memory(), Limits::default());
    let job = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    let absent = JobId::fresh(100);
    assert_eq!(queue.get("b", &job), queue.get("b", &absent));
    assert_eq!(queue.cancel("b", &job, &fresh(), 100), queue.cancel("b", &absent, &fresh(), 100));
    queue.cancel("a", &job, &fresh(), 100).unwrap();
    assert_eq!(queue.get("b", &job), queue.get("b", &absent));
    assert!(queue.list("b", None, 10).unwrap().is_empty());
}

#[test]
fn jobs_expire_and_results_are_forgotten() {
    let queue = open(&memory(), Limits { wait: 10, kept: 50, ..Limits::default() });
    let job = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    queue.tick(109).unwrap();
    assert_eq!(queue.get("a", &job).unwrap().state, State::Queued);
    queue.tick(110).unwrap();
    assert_eq!(queue.get("a", &job).unwrap().state, State::Expired);
    assert!(queue.lock().held.is_empty());
    queue.tick(159).unwrap();
    assert!(queue.get("a", &job).is_ok());
    queue.tick(160).unwrap();
    assert_eq!(queue.get("a", &job).unwrap_err().kind, Kind::NotFound);
    assert!(queue.list("a", None, 10).unwrap().is_empty());
}

#[test]
fn one_bad_witness_spoils_no_batch() {
    let queue = open(&memory(), Limits::default());
    let ids: Vec<JobId> = (0..4).map(|_| id(&queue.submit("a", new(), &fresh(), 100).unwrap())).collect();
    let fake = Arc::new(Fake { go: AtomicBool::new(true), bad: AtomicUsize::new(2), ..Fake::default() });
    let workers = start(&queue, &fake, [1, 4]);
    until("all are final", || queue.depth() == (0, 0));
    let states: Vec<State> = ids.iter().map(|id| queue.get("a", id).unwrap().state).collect();
    assert_eq!(states, [State::Done, State::Failed, State::Done, State::Done]);
    assert_eq!(queue.get("a", &ids[1]).unwrap().fault.unwrap().rule.as_deref(), Some("M1"));
    assert_eq!(*fake.batches.lock().unwrap(), [3], "the others were proved together");
    queue.stop(100);
    workers.stop(Duration::from_secs(5));
}

#[test]
fn a_panic_of_the_prover_ends_its_job_alone() {
    let queue = open(&memory(), Limits::default());
    let fake = Arc::new(Fake { go: AtomicBool::new(true), panics: AtomicBool::new(true), ..Fake::default() });
    let workers = start(&queue, &fake, [1, 4]);
    let bad = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    until("it failed", || queue.get("a", &bad).unwrap().state == State::Failed);
    fake.panics.store(false, Ordering::Release);
    let good = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    until("the worker lives", || queue.get("a", &good).unwrap().state == State::Done);
    queue.stop(100);
    workers.stop(Duration::from_secs(5));
}

/// Pitfall 27: the witness is nowhere in what the store keeps, nor in what is printed.
#[test]
fn a_canary_witness_is_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.redb");
    let secret = secret();
    let canary = secret.bytes()[secret.bytes().len() - 32..].to_vec();
    let debug = format!("{secret:?} {:?}", NewJob { priority: Priority::Low, secret: self::secret() });
    let database: Arc<dyn Database> = Arc::new(RedbDatabase::open(&path).unwrap());
    let queue = open(&database, Limits::default());
    let first = queue.submit("a", NewJob { priority: Priority::Normal, secret }, &fresh(), 100).unwrap();
    queue.submit("a", new(), &fresh(), 100).unwrap();
    let taken = queue.take(2).unwrap();
    let debug = format!("{debug} {taken:?} {queue:?}");
    for job in &taken {
        queue.finish(&job.id, Err(Some(fault("as the test wants it", "none"))), 100);
    }
    assert_eq!(queue.get("a", &id(&first)).unwrap().state, State::Failed);
    drop((queue, database));
    let bytes = std::fs::read(&path).unwrap();
    let digits = crate::files::hex(&canary);
    let hits = |hay: &[u8], needle: &[u8]| hay.windows(needle.len()).filter(|window| *window == needle).count();
    assert!(hits(&bytes, b"queued") + hits(&bytes, b"failed") > 0, "the search finds what is there");
    assert_eq!((hits(&bytes, &canary), hits(&bytes, digits.as_bytes())), (0, 0));
    assert_eq!(hits(debug.as_bytes(), digits.as_bytes()), 0);
}

/// A store that refuses to write: jobs end all the same, and are written when it can.
#[test]
fn a_full_disk_delays_the_record_and_loses_no_job() {
    struct Full {
        under: Arc<dyn Database>,
        full: AtomicBool,
    }

    impl Database for Full {
        fn read(&self) -> Result<Box<dyn crate::server::Rows + '_>, privity_ledger::StoreError> {
            self.under.read()
        }

        fn write(
            &self,
            work: &mut dyn FnMut(&mut dyn Edit) -> Result<bool, privity_ledger::StoreError>,
        ) -> Result<(), privity_ledger::StoreError> {
            match self.full.load(Ordering::Acquire) {
                true => Err(privity_ledger::StoreError::Io("no space left".into())),
                false => self.under.write(work),
            }
        }
    }

    let full = Arc::new(Full { under: memory(), full: AtomicBool::new(false) });
    let database: Arc<dyn Database> = full.clone();
    let queue = open(&database, Limits::default());
    let job = id(&queue.submit("a", new(), &fresh(), 100).unwrap());
    full.full.store(true, Ordering::Release);
    assert_eq!(queue.submit("a", new(), &fresh(), 100).unwrap_err().kind, Kind::Unavailable);
    assert_eq!(queue.lock().held.values().sum::<usize>(), 1, "the refused one holds no place");
    assert_eq!(queue.take(1).unwrap().len(), 1);
    queue.finish(&job, Ok(Proved { key: "00".into(), proof: "11".into() }), 100);
    assert_eq!(queue.get("a", &job).unwrap().state, State::Done, "its caller gets the proof");
    assert!(queue.tick(100).is_err());
    full.full.store(false, Ordering::Release);
    queue.tick(100).unwrap();
    assert!(queue.lock().unsaved.is_empty());
    assert_eq!(open(&database, Limits::default()).get("a", &job).unwrap().state, State::Done);
}
