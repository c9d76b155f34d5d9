//! Jobs, deals, webhooks and the wallet daemon over HTTP.

use crate::app::{TestApp, settings};
use crate::client::Answer;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use privity_circuits::Fr;
use privity_circuits::keys::Owner;
use privity_circuits::mint::Mint;
use privity_ledger::{Admission, EntryBody, MemoryStore};
use privity_prover::{Control, KeyStore};
use privity_service::server::jobs::Proved;
use privity_service::server::jobs::wire::{Pair, Relation};
use privity_service::server::{Scope, Settings};
use privity_testkit::{rng, samples};
use privity_verifier::{Keys, Proof};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

const JSON: (&str, &str) = ("content-type", "application/json");
const OCTETS: (&str, &str) = ("content-type", "application/octet-stream");

/// An app in which nobody proves: the test takes the jobs itself.
fn quiet(change: impl FnOnce(&mut Settings)) -> TestApp {
    let mut settings = settings();
    settings.jobs.enabled = false;
    settings.webhooks.enabled = false;
    change(&mut settings);
    TestApp::with(settings, Arc::new(MemoryStore::new()))
}

fn pair(seed: u64) -> Pair<Mint> {
    let (statement, witness) = (samples::mint::subject().valid)(&mut rng(seed));
    Pair { statement, witness }
}

fn order(app: &TestApp, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    app.call(Scope::Prover, "POST", "/v1/proofs/mint.v1", &[headers, &[JSON]].concat(), body)
}

fn finish(app: &TestApp, count: usize) {
    let mut left = count;
    while left > 0 {
        for job in app.service.jobs.take(4).unwrap() {
            app.service.jobs.finish(&job.id, Ok(Proved { key: "00".into(), proof: "11".into() }), 1);
            left -= 1;
        }
    }
}

#[test]
fn a_proof_is_ordered_watched_and_fetched() {
    let app = quiet(|_| ());
    let told = order(&app, &[("idempotency-key", "one")], pair(1).to_json().as_bytes());
    assert_eq!(told.status, 202);
    let (job, place) = (told.json(), told.header("location").unwrap().to_owned());
    assert_eq!((job["state"].as_str(), job["relation"].as_str()), (Some("queued"), Some("mint.v1")));
    let again = order(&app, &[("idempotency-key", "one")], pair(1).to_json().as_bytes());
    assert_eq!(again.json()["id"], job["id"]);
    assert_eq!(
        order(&app, &[("idempotency-key", "one")], pair(2).to_json().as_bytes()).problem(),
        "idempotency-key-reused"
    );
    let bytes = pair(2).secret(Relation::Mint);
    let second = app.call(Scope::Prover, "POST", "/v1/proofs/mint.v1?priority=low", &[OCTETS], bytes.bytes());
    assert_eq!((second.status, second.json()["priority"].as_str()), (202, Some("low")));
    finish(&app, 2);
    let done = app.call(Scope::Prover, "GET", &place, &[], &[]).ok();
    assert_eq!((done["state"].as_str(), done["result"]["proof"].as_str()), (Some("done"), Some("11")));
    let list = app.call(Scope::Prover, "GET", "/v1/jobs", &[], &[]).ok();
    assert_eq!(list["jobs"].as_array().unwrap().len(), 2);
    let cancelled = app.call(Scope::Prover, "DELETE", &place, &[], &[]).ok();
    assert_eq!(cancelled["state"], "done", "a final job stays as it is");
}

#[test]
fn a_real_proof_comes_back_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let app = quiet(|settings| {
        settings.jobs.enabled = true;
        settings.jobs.keys = folder.path().display().to_string();
    });
    let order = order(&app, &[("prefer", "wait=60")], pair(1).to_json().as_bytes()).ok();
    let place = format!("/v1/jobs/{}", order["id"].as_str().unwrap());
    let job = loop {
        let job = app.call(Scope::Prover, "GET", &place, &[], &[]).ok();
        if job["ended"].is_u64() {
            break job;
        }
        thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(job["state"], "done", "{job}");
    let key = KeyStore::new(folder.path()).load::<Mint>(&Control::default()).unwrap();
    assert_eq!(job["result"]["key"], privity_service::files::hex(&key.id().0));
    let proof = privity_service::files::unhex(job["result"]["proof"].as_str().unwrap()).unwrap();
    let proof = Proof::from_bytes(&proof).unwrap();
    let keys: Keys = [key.verifying().clone()].into_iter().collect();
    assert!(keys.verify::<Mint>(&key.id(), pair(1).statement.clone(), &proof).is_ok());
    assert!(keys.verify::<Mint>(&key.id(), pair(2).statement.clone(), &proof).is_err());
}

#[test]
fn a_caller_may_wait_for_its_proof() {
    let app = quiet(|_| ());
    let waited = thread::scope(|scope| {
        let waiter = scope.spawn(|| order(&app, &[("prefer", "wait=60")], pair(1).to_json().as_bytes()));
        finish(&app, 1);
        waiter.join().unwrap()
    });
    assert_eq!((waited.status, waited.json()["state"].as_str()), (200, Some("done")));
    let early = order(&app, &[("prefer", "respond-async, wait=0")], pair(1).to_json().as_bytes());
    assert_eq!((early.status, early.json()["state"].as_str()), (202, Some("queued")));
    for wrong in ["wait=61", "wait=x", "wait=-1", "wait="] {
        assert_eq!(order(&app, &[("prefer", wrong)], pair(1).to_json().as_bytes()).problem(), "malformed");
    }
}

#[test]
fn what_cannot_be_proved_is_refused_by_its_rule_or_its_place() {
    let app = quiet(|_| ());
    let mut broken = pair(1);
    broken.statement.value ^= 1;
    let refused = order(&app, &[], broken.to_json().as_bytes());
    assert_eq!(
        (refused.status, refused.problem().as_str(), refused.json()["rule"].as_str()),
        (422, "refused", Some("M1"))
    );
    let text = pair(1).to_json().to_string();
    for (from, to) in [
        ("\"witness\"", "\"witnes\""),
        ("{\"unlock\":\"", "{\"sk\":\"1\",\"unlock\":\""),
        ("\"unlock\":\"", "\"unlock\":\"0"),
        ("}}", "}"),
    ] {
        let body = text.replacen(from, to, 1);
        assert_ne!(body, text);
        assert_eq!(order(&app, &[], body.as_bytes()).problem(), "malformed", "{from}");
    }
    assert_eq!(order(&app, &[], &[b'['; 70_000]).problem(), "too-large");
    assert_eq!(
        app.call(Scope::Prover, "POST", "/v1/proofs/mint.v1", &[("content-type", "text/plain")], b"x").problem(),
        "unsupported-media-type"
    );
    assert_eq!(app.call(Scope::Prover, "POST", "/v1/proofs/mint.v2", &[JSON], b"{}").problem(), "not-found");
    assert_eq!(
        app.call(Scope::Prover, "POST", "/v1/proofs/mint.v1?priority=high", &[JSON], text.as_bytes()).problem(),
        "forbidden"
    );
    assert_eq!(app.call(Scope::Prover, "GET", "/v1/jobs/0", &[], &[]).problem(), "not-found");
    let absent = format!("/v1/jobs/{}", "0".repeat(32));
    assert_eq!(app.call(Scope::Prover, "DELETE", &absent, &[], &[]).problem(), "not-found");
    assert_eq!(app.service.jobs.depth(), (0, 0));
}

#[test]
fn a_full_queue_says_when_to_come_again() {
    let app = quiet(|settings| (settings.jobs.waiting, settings.jobs.per_caller) = (2, 2));
    let body = pair(1).to_json();
    assert_eq!(order(&app, &[("idempotency-key", "1")], body.as_bytes()).status, 202);
    assert_eq!(order(&app, &[], body.as_bytes()).status, 202);
    let full = order(&app, &[], b"not even read");
    assert_eq!((full.status, full.problem().as_str(), full.header("retry-after")), (503, "overloaded", Some("1")));
    assert_eq!(order(&app, &[("idempotency-key", "1")], body.as_bytes()).status, 202, "a repetition is answered");
}

/// Lines of the log, for as long as the test runs.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_canary_witness_is_in_no_log_metric_or_error() {
    let lines = Lines::default();
    let writer = lines.clone();
    let log =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).finish();
    // Only this test sets it; without it there is nothing to search.
    tracing::subscriber::set_global_default(log).unwrap();
    let app = quiet(|_| ());
    let good = pair(42);
    let canary = privity_circuits::field::to_hex(&good.witness.blinding)[2..].to_owned();
    let text = good.to_json().to_string();
    assert!(text.contains(&canary));
    let mut other_value: Value = serde_json::from_str(&text).unwrap();
    other_value["statement"]["value"] = json!("7");
    let other_value = other_value.to_string();
    let mut said = Vec::new();
    let bodies = [text.clone(), text.replacen(&canary, &format!("{canary}0"), 1), other_value, format!("{text}x")];
    for body in &bodies {
        said.push(order(&app, &[("prefer", "wait=0")], body.as_bytes()));
    }
    assert_eq!(said.iter().map(|answer| answer.status).collect::<Vec<_>>(), [202, 400, 422, 400]);
    said.push(app.call(Scope::Operator, "GET", "/metrics", &[], &[]));
    said.push(app.call(Scope::Prover, "GET", "/v1/jobs", &[], &[]));
    for answer in &said {
        assert!(!String::from_utf8_lossy(&answer.body).contains(&canary), "{answer:?}");
        assert!(answer.headers.iter().all(|(_, value)| !value.contains(&canary)));
    }
    let lines = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(lines.contains("/v1/proofs/{relation}"), "there is a log: {lines}");
    assert!(!lines.contains(&canary));
}

fn admit(app: &TestApp, owner: u64) {
    let signer = crate::world::Person::new(owner).public;
    let admission = Admission { owner: Owner::new(Fr::from(owner)), signer, consent: None };
    app.service.node.enter(EntryBody::Member(admission), None, crate::world::START).unwrap();
}

/// Buyer 1001, supplier 1002, stranger 1003.
fn market(change: impl FnOnce(&mut Settings)) -> TestApp {
    let app = quiet(change);
    (1_001..=1_003).for_each(|owner| admit(&app, owner));
    app
}

fn open(app: &TestApp, nonce: u8, headers: &[(&str, &str)]) -> Answer {
    let body = json!({
        "nonce": format!("{nonce:032x}"), "counterparty": Owner::new(Fr::from(1_002u64)).to_string(), "act": "request",
        "expires": crate::world::START + 1_000, "envelope": BASE64_STANDARD.encode(b"sealed"),
    });
    app.as_party(0, "POST", "/v1/deals", &[headers, &[JSON]].concat(), body.to_string().as_bytes())
}

fn act(app: &TestApp, party: usize, place: &str, act: &str, sequence: u64) -> Answer {
    let body = json!({ "act": act, "sequence": sequence, "envelope": BASE64_STANDARD.encode(act) });
    app.as_party(party, "POST", &format!("{place}/envelopes"), &[JSON], body.to_string().as_bytes())
}

#[test]
fn two_parties_deal_and_a_third_sees_nothing() {
    let app = market(|_| ());
    let opened = open(&app, 1, &[("idempotency-key", "open")]);
    assert_eq!((opened.status, opened.json()["state"].as_str()), (201, Some("REQUESTED")));
    let place = opened.header("location").unwrap().to_owned();
    assert_eq!(open(&app, 1, &[("idempotency-key", "open")]).json()["id"], opened.json()["id"]);
    assert_eq!(open(&app, 1, &[]).problem(), "conflict", "the nonce is used");
    assert_eq!(act(&app, 0, &place, "accept", 2).problem(), "conflict");
    for (party, kind, sequence) in
        [(1, "offer", 2), (0, "accept", 3), (1, "agree", 4), (0, "verify", 5), (0, "finalize", 6), (1, "despatch", 7)]
    {
        assert_eq!(act(&app, party, &place, kind, sequence).status, 201, "{kind}");
    }
    let deal = app.as_party(1, "GET", &place, &[], &[]).ok();
    assert_eq!((deal["state"].as_str(), deal["envelopes"].as_array().unwrap().len()), (Some("DESPATCHED"), 7));
    let envelope = app.as_party(0, "GET", &format!("{place}/envelopes/2"), &[], &[]);
    assert_eq!(envelope.body, b"offer");
    let tag = envelope.header("etag").unwrap();
    assert_eq!(app.as_party(0, "GET", &format!("{place}/envelopes/2"), &[("if-none-match", tag)], &[]).status, 304);

    // Another party's deal and no deal: the same but for the request's id.
    let absent = format!("/v1/deals/{}", "0".repeat(32));
    let body = json!({ "act": "terminate", "sequence": 8, "envelope": "" }).to_string();
    let hash = "0".repeat(64);
    let calls: [(&str, String, &[u8]); 5] = [
        ("GET", String::new(), b""),
        ("GET", "/envelopes/1".into(), b""),
        ("POST", "/envelopes".into(), body.as_bytes()),
        ("PUT", format!("/attachments/{hash}"), b"x"),
        ("GET", format!("/attachments/{hash}"), b""),
    ];
    for (method, path, body) in calls {
        // One request id, so that even the bodies have to be the same, byte by byte; the date is the second's.
        let call = |place: &str| {
            let headers = [JSON, ("x-request-id", "the-same")];
            let mut answer = app.as_party(2, method, &format!("{place}{path}"), &headers, body);
            answer.headers.retain(|(name, _)| name != "date");
            answer.headers.sort();
            answer
        };
        let (others, none) = (call(&place), call(&absent));
        assert_eq!(others.status, 404, "{method} {path}");
        assert_eq!(others, none, "{method} {path}");
    }
    assert_eq!(app.as_party(2, "GET", "/v1/deals", &[], &[]).ok()["deals"], json!([]));
    assert_eq!(app.as_party(1, "GET", "/v1/deals", &[], &[]).ok()["deals"].as_array().unwrap().len(), 1);
    assert_eq!(app.call(Scope::Submitter, "GET", "/v1/deals", &[], &[]).json()["rule"], "party");
}

#[test]
fn drawings_are_kept_under_their_hash() {
    let app = market(|_| ());
    let place = open(&app, 1, &[]).header("location").unwrap().to_owned();
    let hash = privity_service::files::hex(&<sha2::Sha256 as sha2::Digest>::digest(b"sealed drawing"));
    let path = format!("{place}/attachments/{hash}");
    assert_eq!(app.as_party(0, "PUT", &path, &[OCTETS], b"another").problem(), "refused");
    assert_eq!(app.as_party(0, "PUT", &path, &[OCTETS], b"sealed drawing").status, 201);
    assert_eq!(app.as_party(1, "GET", &path, &[], &[]).body, b"sealed drawing");
}

#[test]
fn documents_come_in_and_go_out_in_their_formats() {
    let app = quiet(|_| ());
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/deal");
    for aspect in ["WeekBasedCapacityGroup", "WeekBasedMaterialDemand", "RequestForQuotation", "DeliveryInformation"] {
        let text = std::fs::read(folder.join(format!("{aspect}.json"))).unwrap();
        let check = |body: &[u8]| app.call(Scope::Submitter, "POST", &format!("/v1/documents/{aspect}"), &[JSON], body);
        let answer = check(&text);
        assert_eq!(answer.status, 200, "{aspect}");
        assert_eq!(check(&answer.body).body, answer.body, "what came out goes in");
        assert_eq!(check(b"{}").problem(), "refused");
    }
    assert_eq!(app.call(Scope::Submitter, "POST", "/v1/documents/Invoice", &[JSON], b"{}").problem(), "not-found");
}

fn register(app: &TestApp, url: &str) -> Answer {
    let body = json!({ "url": url, "events": ["deal.", "job.", "entries.settled"] }).to_string();
    app.as_party(1, "POST", "/v1/webhooks", &[JSON], body.as_bytes())
}

#[test]
fn webhooks_into_the_own_network_are_refused() {
    let app = quiet(|settings| settings.webhooks.plain_http = true);
    for host in [
        "127.0.0.1",
        "169.254.169.254",
        "[::1]",
        "10.0.0.1",
        "100.64.0.1",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "localhost",
        "2130706433",
    ] {
        let refused = register(&app, &format!("http://{host}:80/"));
        assert_eq!(
            (refused.problem().as_str(), refused.json()["rule"].as_str()),
            ("refused", Some("target")),
            "{host}"
        );
    }
    assert_eq!(register(&app, "ftp://example.com/").problem(), "refused");
    assert_eq!(app.as_party(1, "GET", "/v1/webhooks", &[], &[]).ok()["webhooks"], json!([]));
}

#[test]
fn news_of_a_deal_reaches_its_parties_signed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/news", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let (mut text, mut buffer) = (String::new(), [0; 4_096]);
            while !text.ends_with("}") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => text.push_str(&String::from_utf8_lossy(&buffer[..count])),
                }
            }
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
            let _ = send.send(text);
        }
    });
    let app = market(|settings| {
        settings.webhooks.enabled = true;
        settings.webhooks.plain_http = true;
        settings.webhooks.allow = vec!["127.0.0.0/8".into()];
    });
    let registered = register(&app, &url).ok();
    let key = registered["key"].as_str().unwrap();
    assert!(key.starts_with("whsec_"));
    let listed = app.as_party(1, "GET", "/v1/webhooks", &[], &[]);
    assert!(!String::from_utf8_lossy(&listed.body).contains(key), "the key is shown once");
    let opened = open(&app, 1, &[]).ok();
    let news = loop {
        let news: String = receive.recv_timeout(Duration::from_secs(30)).unwrap();
        if news.contains("deal.requested") {
            break news;
        }
    };
    let (head, body) = news.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:"))).unwrap();
        line.split_once(':').unwrap().1.trim().to_owned()
    };
    let key = privity_service::server::hooks::Key::from_text(key).unwrap();
    let time = header("webhook-timestamp").parse().unwrap();
    assert!(key.verify(&header("webhook-id"), time, body.as_bytes(), &header("webhook-signature")));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((body["data"]["id"].clone(), body["data"]["state"].as_str()), (opened["id"].clone(), Some("REQUESTED")));
    let id = registered["webhook"]["id"].as_str().unwrap();
    assert_eq!(app.as_party(2, "DELETE", &format!("/v1/webhooks/{id}"), &[], &[]).problem(), "not-found");
    assert_eq!(app.as_party(1, "DELETE", &format!("/v1/webhooks/{id}"), &[], &[]).status, 200);
}
