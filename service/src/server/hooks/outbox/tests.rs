//! Registration, the way of a delivery, replay: on rows alone.

use super::*;
use crate::server::{Database, RedbDatabase};

fn store() -> RedbDatabase {
    RedbDatabase::memory().unwrap()
}

fn edit<T>(database: &RedbDatabase, mut work: impl FnMut(&mut dyn Edit) -> Result<T, Problem>) -> Result<T, Problem> {
    let mut outcome = None;
    database
        .write(&mut |rows| {
            let result = work(rows);
            let keep = result.is_ok();
            outcome = Some(result);
            Ok(keep)
        })
        .unwrap();
    outcome.unwrap()
}

fn hook(database: &RedbDatabase, caller: &str, events: &[&str]) -> (Hook, Key) {
    let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
    edit(database, |rows| register(rows, &Targets::default(), (caller, None), ("https://example.com/", &events), 1))
        .unwrap()
}

fn due_at(database: &RedbDatabase, now: u64) -> Vec<Due> {
    due(&*database.read().unwrap(), &BTreeSet::new(), now, 10).unwrap()
}

#[test]
fn news_goes_to_the_hooks_that_ask_for_it_and_to_no_other_caller() {
    let database = store();
    let (done, key) = hook(&database, "a", &["job.done"]);
    hook(&database, "a", &["job."]);
    hook(&database, "a", &["deal."]);
    hook(&database, "ab", &["job."]);
    edit(&database, |rows| post(rows, "a", "job.done", &json!({ "id": "1" }), 10)).unwrap();
    edit(&database, |rows| post(rows, "a", "job.failed", &json!({}), 10)).unwrap();
    let due = due_at(&database, 10);
    assert_eq!(due.len(), 2, "one delivery per hook at a time");
    assert!(due.iter().all(|due| due.parcel.caller == "a"));
    let first = due.iter().find(|due| due.parcel.delivery.hook == done.id).unwrap();
    assert_eq!(first.parcel.body, r#"{"data":{"id":"1"},"timestamp":"10","type":"job.done"}"#);
    assert_eq!(*first.key.to_text(), *key.to_text());
    edit(&database, |rows| post_to_all(rows, "entries.settled", &json!({}), 10)).unwrap();
    assert_eq!(due_at(&database, 10).len(), 2);
}

#[test]
fn an_attempt_that_fails_is_repeated_then_buried_then_replayed() {
    let database = store();
    let (hook, _) = hook(&database, "a", &["job."]);
    edit(&database, |rows| post(rows, "a", "job.done", &json!({}), 10)).unwrap();
    let mut now = 10;
    for attempt in 1..=ATTEMPTS {
        let due = due_at(&database, now);
        assert_eq!(due.len(), 1, "attempt {attempt} is due at {now}");
        assert_eq!(due[0].parcel.delivery.attempts + 1, attempt);
        edit(&database, |rows| settle(rows, &due[0], &Attempt::Failed("503".into()), now)).unwrap();
        assert!(due_at(&database, now).is_empty(), "not at once");
        now += MAX_PAUSE;
    }
    assert!(due_at(&database, u64::MAX).is_empty());
    let dead_letters = |caller: &str| dead(&*database.read().unwrap(), caller, None).unwrap();
    assert_eq!((dead_letters("a").len(), dead_letters("b").len()), (1, 0));
    let letter = dead_letters("a")[0].clone();
    assert_eq!((letter.attempts, letter.failure.as_deref(), &letter.hook), (ATTEMPTS, Some("503"), &hook.id));
    assert_eq!(edit(&database, |rows| replay(rows, "b", &letter.id, now)).unwrap_err().kind, Kind::NotFound);
    edit(&database, |rows| replay(rows, "a", &letter.id, now)).unwrap();
    assert!(dead_letters("a").is_empty());
    let due = due_at(&database, now);
    assert_eq!((due.len(), &due[0].parcel.delivery.id), (1, &letter.id));
    edit(&database, |rows| settle(rows, &due[0], &Attempt::Delivered, now)).unwrap();
    assert!(due_at(&database, u64::MAX).is_empty() && dead_letters("a").is_empty());
}

#[test]
fn a_refused_target_is_not_tried_again() {
    let database = store();
    hook(&database, "a", &["job."]);
    edit(&database, |rows| post(rows, "a", "job.done", &json!({}), 10)).unwrap();
    let due = due_at(&database, 10);
    edit(&database, |rows| settle(rows, &due[0], &Attempt::Refused("inside".into()), 10)).unwrap();
    assert!(due_at(&database, u64::MAX).is_empty());
    assert_eq!(dead(&*database.read().unwrap(), "a", None).unwrap().len(), 1);
    assert_eq!(edit(&database, |rows| forget(rows, 10 + DEAD_KEPT - 1)).unwrap(), 0);
    assert_eq!(edit(&database, |rows| forget(rows, 10 + DEAD_KEPT)).unwrap(), 1);
}

#[test]
fn registration_is_limited_and_removal_is_the_owners() {
    let database = store();
    let try_register = |url: &str, events: &[&str]| {
        let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
        edit(&database, |rows| register(rows, &Targets::default(), ("a", None), (url, &events), 1))
            .map_err(|problem| problem.kind)
    };
    assert_eq!(try_register("https://127.0.0.1/", &["job."]).unwrap_err(), Kind::Refused);
    assert_eq!(try_register("https://example.com/", &["nonsense"]).unwrap_err(), Kind::Refused);
    assert_eq!(try_register("https://example.com/", &[]).unwrap_err(), Kind::Refused);
    for _ in 0..MAX_HOOKS {
        try_register("https://example.com/", &["job."]).unwrap();
    }
    assert_eq!(try_register("https://example.com/", &["job."]).unwrap_err(), Kind::Conflict);
    let hooks = list(&*database.read().unwrap(), "a").unwrap();
    assert_eq!(hooks.len(), MAX_HOOKS);
    assert_eq!(edit(&database, |rows| remove(rows, "b", &hooks[0].id)).unwrap_err().kind, Kind::NotFound);
    edit(&database, |rows| remove(rows, "a", &hooks[0].id)).unwrap();
    assert_eq!(list(&*database.read().unwrap(), "a").unwrap().len(), MAX_HOOKS - 1);
}

#[test]
fn pauses_grow_within_bounds_and_differ() {
    let mut rng = rand::thread_rng();
    let mut before = 0;
    for made in 1..=ATTEMPTS {
        let pauses: Vec<u64> = (0..50).map(|_| pause(made, &mut rng)).collect();
        let (least, most) = (*pauses.iter().min().unwrap(), *pauses.iter().max().unwrap());
        assert!(most <= MAX_PAUSE && least >= before / 2 && most > least);
        before = most;
    }
    assert_eq!(pause(u32::MAX, &mut rng).max(MAX_PAUSE), MAX_PAUSE);
}
