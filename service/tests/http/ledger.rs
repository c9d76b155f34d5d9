//! What settles, what is read, what is streamed.

use crate::app::{Setup, Shared, TestApp, settings};
use crate::world::{Person, START, World, anchor};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_circuits::Fr;
use privity_circuits::keys::{PublicKey, SignerId};
use privity_circuits::schnorr::Signature;
use privity_ledger::{Codec, Head, Item, LedgerHash, Operator, Transaction};
use privity_service::server::Scope;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

impl TestApp {
    pub fn transfer(&mut self) -> Transaction {
        let anchor = anchor(&self.service.node.ledger().unwrap());
        self.world.any_transfer(anchor, START)
    }
}

#[test]
fn a_transfer_settles_and_can_be_read() {
    let mut app = TestApp::start();
    let before = app.get("/v1/ledger").ok();
    let transfer = app.transfer();
    let answer = app.submit(transfer.clone(), None);
    assert_eq!(answer.status, 201, "{answer:?}");
    let settled = answer.json();
    let position = settled["position"].as_u64().unwrap();
    assert_eq!(settled["id"], transfer.id().to_string());
    assert_eq!(answer.header("location"), Some(format!("/v1/entries/{position}").as_str()));
    assert_eq!(settled["head"]["length"], position + 1);
    assert_eq!(app.get("/v1/head").ok(), settled["head"]);
    assert_eq!(app.get(&format!("/v1/heads/{}", position + 1)).ok(), settled["head"]);

    let entry = app.get(&format!("/v1/entries/{position}"));
    assert_eq!(entry.json()["body"], STANDARD.encode(Item::from(transfer.clone()).to_bytes()));
    assert_eq!(entry.json()["hash"], settled["hash"]);
    let tag = entry.header("etag").unwrap();
    let again = app.call(Scope::Auditor, "GET", &format!("/v1/entries/{position}"), &[("if-none-match", tag)], &[]);
    assert_eq!(again.status, 304);
    assert_eq!(app.get(&format!("/v1/transactions/{}", transfer.id())).ok()["position"], position);

    let after = app.get("/v1/ledger").ok();
    assert_eq!(after["root"], settled["root"]);
    assert_eq!(after["notes"].as_u64().unwrap(), before["notes"].as_u64().unwrap() + 3);
    for root in [&before["root"], &after["root"]] {
        assert_eq!(app.get(&format!("/v1/roots/{}", root.as_str().unwrap())).status, 200);
    }
    let path = app.get("/v1/paths/0").ok();
    assert_eq!(path["siblings"].as_array().unwrap().len(), 16);
    let spent = transfer.spends()[0].nullifiers[0];
    assert_eq!(app.get(&format!("/v1/nullifiers/{spent}")).ok()["spent"], true);

    let twice = app.submit(transfer, None);
    assert_eq!((twice.status, twice.problem().as_str()), (409, "conflict"));
    assert_eq!((&twice.json()["rule"], &twice.json()["rejection"]), (&json!("L7"), &json!(110)));
}

#[test]
fn a_read_is_unchanged_until_something_settles() {
    let mut app = TestApp::start();
    let paths = [
        "/v1/ledger",
        "/v1/entries?limit=2",
        "/v1/members",
        "/v1/tokens",
        "/v1/keys",
        "/v1/paths/0",
        "/v1/signers?limit=1",
    ];
    let transfer = app.transfer();
    app.submit(transfer, None).ok();
    let before = paths.map(|path| app.get(path));
    let again =
        |app: &TestApp, path: &str, tag: &str| app.call(Scope::Auditor, "GET", path, &[("if-none-match", tag)], &[]);
    for (path, answer) in paths.iter().zip(&before) {
        assert_eq!(app.get(path).body, answer.body, "{path}");
        let unchanged = again(&app, path, answer.header("etag").unwrap());
        assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{path}");
        assert_eq!(unchanged.header("cache-control"), answer.header("cache-control"), "{path}");
    }
    let transfer = app.transfer();
    app.submit(transfer, None).ok();
    for (path, answer) in ["/v1/ledger", "/v1/paths/0"].iter().zip([&before[0], &before[5]]) {
        let changed = again(&app, path, answer.header("etag").unwrap());
        assert_eq!(changed.status, 200, "{path}");
        assert_ne!(changed.body, answer.body, "{path}");
    }
    assert!(before[0].header("cache-control").unwrap().contains("no-cache"));
    assert!(app.get("/v1/entries/3").header("cache-control").unwrap().contains("immutable"));
    assert_eq!(app.get("/v1/entries/4000").status, 404);
    assert_eq!(app.get("/v1/entries/4000").header("etag"), None, "what is not there may come");
}

#[test]
fn json_and_octets_say_the_same() {
    let mut app = TestApp::start();
    let transfer = app.transfer();
    let text = STANDARD.encode(Item::from(transfer.clone()).to_bytes());
    let settled = app.post(Scope::Submitter, "/v1/transactions", &json!({ "transaction": text })).ok();
    assert_eq!(settled["id"], transfer.id().to_string());
}

#[test]
fn a_key_answers_the_same_and_belongs_to_one_request() {
    let mut app = TestApp::start();
    let (first, other) = (app.transfer(), app.transfer());
    let answer = app.submit(first.clone(), Some("order-1"));
    assert_eq!(answer.status, 201);
    for _ in 0..3 {
        let again = app.submit(first.clone(), Some("order-1"));
        assert_eq!((again.status, &again.body), (201, &answer.body));
    }
    assert_eq!(app.submit(other.clone(), Some("order-1")).problem(), "idempotency-key-reused");
    assert_eq!(app.submit(other, Some("order-2")).status, 201);
    let again = app.submit(first.clone(), Some("order-1"));
    assert_eq!(again.body, answer.body, "the first head that covered it, not the present one");
    assert_eq!(app.submit(first.clone(), None).problem(), "conflict");
    assert_eq!(app.submit(first, Some("a b")).problem(), "malformed");
}

#[test]
fn a_false_proof_and_a_broken_rule_are_named() {
    let mut app = TestApp::start();
    let (mut forged, other) = (app.transfer(), app.transfer());
    let (privity_ledger::Body::Transfer { leg, .. }, privity_ledger::Body::Transfer { leg: donor, .. }) =
        (&mut forged.body, &other.body)
    else {
        panic!("two transfers")
    };
    let (privity_ledger::Leg::Payment(claim), privity_ledger::Leg::Payment(donor)) = (leg, donor) else {
        panic!("two payments")
    };
    claim.proof = donor.proof;
    let answer = app.submit(forged, None);
    assert_eq!((answer.status, answer.json()["rule"].as_str()), (422, Some("proof")));
    let expired = {
        let anchor = anchor(&app.service.node.ledger().unwrap());
        app.world.any_transfer(anchor, START - 4 * 86_400)
    };
    let answer = app.submit(expired, None);
    assert_eq!((answer.problem().as_str(), answer.json()["rule"].as_str()), ("refused", Some("L4")));
}

#[test]
fn pages_follow_one_another_to_the_end() {
    let mut app = TestApp::start();
    for _ in 0..3 {
        let transfer = app.transfer();
        app.submit(transfer, None).ok();
    }
    let length = app.get("/v1/ledger").ok()["length"].as_u64().unwrap();
    let (mut cursor, mut seen) = (0, Vec::new());
    loop {
        let page = app.get(&format!("/v1/entries?cursor={cursor}&limit=2")).ok();
        seen.extend(page["entries"].as_array().unwrap().iter().map(|entry| entry["position"].as_u64().unwrap()));
        cursor = page["next"].as_u64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen, (0..length).collect::<Vec<_>>());
    assert_eq!(cursor, length);
    for wrong in ["limit=0", "limit=x", "cursor=-1", "other=1", "limit=1&limit=2"] {
        assert_eq!(app.get(&format!("/v1/entries?{wrong}")).status, 400, "{wrong}");
    }
    for list in ["tokens", "members", "signers", "keys"] {
        let all = app.get(&format!("/v1/{list}")).ok();
        let (mut cursor, mut items) = (String::new(), Vec::new());
        loop {
            let page = app.get(&format!("/v1/{list}?limit=1{cursor}")).ok();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(next) = page["next"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(json!(items), all["items"], "{list}");
    }
}

#[test]
fn a_caller_proves_that_two_heads_are_of_one_history() {
    let mut app = TestApp::start();
    let transfer = app.transfer();
    let first = app.submit(transfer, None).ok()["head"].clone();
    for _ in 0..3 {
        let transfer = app.transfer();
        app.submit(transfer, None).ok();
    }
    let last = app.get("/v1/head").ok();
    let chain = app.get(&format!("/v1/consistency?from={}&to={}", first["length"], last["length"])).ok();
    let unhex = |value: &Value| privity_service::files::unhex(value.as_str().unwrap()).unwrap();
    let mut hash = unhex(&first["hash"]);
    for link in chain["links"].as_array().unwrap() {
        let hasher = Sha256::new()
            .chain_update(b"privity.record.v1")
            .chain_update(unhex(&chain["ledger"]))
            .chain_update(link["position"].as_u64().unwrap().to_be_bytes())
            .chain_update(link["time"].as_u64().unwrap().to_be_bytes())
            .chain_update(&hash)
            .chain_update(unhex(&link["body_sha256"]));
        hash = hasher.finalize().to_vec();
    }
    assert_eq!(hash, unhex(&last["hash"]));
    let head = Head::from_bytes(&STANDARD.decode(last["encoded"].as_str().unwrap()).unwrap()).unwrap();
    assert!(head.is_signed_by(&app.world.genesis.operator));
    assert_eq!(head.ledger, LedgerHash(unhex(&chain["ledger"]).try_into().unwrap()));
    assert_eq!(app.get("/v1/consistency?from=0&to=999999").status, 400);
    assert_eq!(app.get("/v1/consistency?from=0&to=4000").status, 404);
}

#[test]
fn a_stream_goes_on_where_it_broke_off() {
    let mut app = TestApp::start();
    let authorization = format!("Bearer {}", app.token(Scope::Auditor));
    let open = |app: &TestApp, query: &str, last: Option<&str>| {
        let mut connection = app.connect();
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend(last.map(|last| ("last-event-id", last)));
        let head = connection.call_head("GET", &format!("/v1/stream{query}"), &headers).unwrap();
        (head, connection)
    };
    let length = app.get("/v1/ledger").ok()["length"].as_u64().unwrap();
    let (head, mut whole) = open(&app, "?from=0", None);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    for position in 0..length {
        assert_eq!(whole.event()["position"], position);
    }
    let (_, mut late) = open(&app, "", Some(&(length - 2).to_string()));
    assert_eq!(late.event()["position"], length - 1);
    let transfer = app.transfer();
    let settled = app.submit(transfer, None).ok();
    for stream in [&mut whole, &mut late] {
        assert_eq!(stream.event()["hash"], settled["hash"]);
    }
    assert_eq!(open(&app, "?from=999", None).0.status, 400);
    assert_eq!(open(&app, "", Some("x")).0.status, 400);
    app.stop();
    assert_eq!(whole.rest().unwrap(), b"0\r\n\r\n", "a stream ends with the service");
}

#[test]
fn the_operator_enters_and_rotates_its_key() {
    let app = TestApp::start();
    let key = privity_service::directory::show_key(&crate::world::Person::new(50).public);
    let register = json!({ "operation": "register-operator", "key": key });
    let send = |idempotency: &str, body: &Value| {
        let headers = [("content-type", "application/json"), ("idempotency-key", idempotency)];
        app.call(Scope::Operator, "POST", "/v1/operations", &headers, body.to_string().as_bytes())
    };
    let first = send("rotate", &register);
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(send("rotate", &register).body, first.body);
    assert_eq!(send("again", &register).problem(), "conflict");
    assert_eq!(
        send("rotate", &json!({ "operation": "register-signer", "key": key })).problem(),
        "idempotency-key-reused"
    );
    assert_eq!(
        app.get("/v1/entries?cursor=0&limit=256").ok()["entries"].as_array().unwrap().last().unwrap()["kind"],
        "register"
    );
    for wrong in [json!({ "operation": "none" }), json!({ "operation": "register-signer" }), json!([]), json!({})] {
        assert_eq!(send("w", &wrong).problem(), "malformed", "{wrong}");
    }
    assert_eq!(app.post(Scope::Submitter, "/v1/operations", &register).status, 403);
}

/// An operator with the key of this person.
struct Successor(Person);

impl Operator for Successor {
    fn public_key(&self) -> PublicKey {
        self.0.public
    }

    fn sign(&self, message: Fr) -> Signature {
        self.0.sign(message)
    }
}

#[test]
fn an_operator_key_is_replaced_by_entries_of_the_log() {
    let mut app = TestApp::start();
    let (old, new) = (Person::new(1), Person::new(50));
    let operate = |app: &TestApp, body: &Value| app.post(Scope::Operator, "/v1/operations", body);
    let key = privity_service::directory::show_key(&new.public);
    assert_eq!(operate(&app, &json!({ "operation": "register-operator", "key": key })).status, 201);
    let revoke = |id: SignerId| json!({ "operation": "revoke-operator", "operator": id.to_string() });
    let (before, store) = (app.get("/v1/head").ok(), app.store.clone());
    assert_eq!(before["operator"], old.id.to_string());
    app.stop();

    // The node starts with the new key, which retires the old one.
    let successor = |world| Setup {
        operator: Some(Box::new(Successor(Person::new(50)))),
        ..Setup::new(world, settings(), store.clone())
    };
    let mut app = TestApp::of(successor(World::new(2)));
    let retired = operate(&app, &revoke(old.id)).ok();
    assert_eq!(retired["head"]["operator"], new.id.to_string(), "the new key signs the head");
    assert_eq!(app.get(&format!("/v1/entries/{}", retired["position"])).ok()["kind"], "revoke");
    let refused = operate(&app, &revoke(new.id));
    assert_eq!(refused.status, 422, "the last operator key stays: {refused:?}");
    let transfer = app.transfer();
    let settled = app.submit(transfer, None).ok();
    let head = Head::from_bytes(&STANDARD.decode(settled["head"]["encoded"].as_str().unwrap()).unwrap()).unwrap();
    assert!(head.is_signed_by(&new.public) && !head.is_signed_by(&old.public));
    // Heads of both keys are of one history.
    let (from, to) = (&before["length"], &settled["head"]["length"]);
    assert_eq!(app.get(&format!("/v1/consistency?from={from}&to={to}")).status, 200);
    app.stop();

    // What the old key signs is nobody's word now: the ledger does not open with it.
    let old = privity_ledger::Ledger::open(Box::new(Shared(store)), Some(Box::new(crate::world::FixedOperator)));
    assert!(old.is_err());
}

#[test]
fn proofs_are_verified_without_settling() {
    let mut app = TestApp::start();
    let transfer = app.transfer();
    let privity_ledger::Body::Transfer { leg: privity_ledger::Leg::Payment(claim), .. } = &transfer.body else {
        panic!("a payment")
    };
    use privity_circuits::{Statement, field};
    let inputs: Vec<String> = claim.statement.public_inputs().iter().map(field::to_hex).collect();
    let proof = STANDARD.encode(claim.proof.to_bytes());
    let good = json!({ "key": claim.key.to_string(), "inputs": inputs, "proof": proof });
    let mut other = inputs.clone();
    other.swap(0, 1);
    let cases = [
        (good.clone(), true),
        (json!({ "key": claim.key.to_string(), "inputs": other, "proof": proof }), false),
        (json!({ "key": "00".repeat(32), "inputs": inputs, "proof": proof }), false),
        (json!({ "key": claim.key.to_string(), "inputs": inputs[1..], "proof": proof }), false),
        (json!({ "key": claim.key.to_string(), "inputs": inputs, "proof": "" }), false),
    ];
    let claims: Vec<&Value> = cases.iter().map(|(claim, _)| claim).collect();
    let verdicts = app.post(Scope::Auditor, "/v1/verifications", &json!({ "claims": claims })).ok();
    assert_eq!(verdicts["valid"], false);
    for ((claim, valid), verdict) in cases.iter().zip(verdicts["verdicts"].as_array().unwrap()) {
        assert_eq!(verdict["valid"], *valid, "{claim}");
    }
    assert_eq!(app.post(Scope::Auditor, "/v1/verifications", &json!({ "claims": [good] })).ok()["valid"], true);
    assert_eq!(app.post(Scope::Auditor, "/v1/verifications", &json!({ "claims": [] })).problem(), "malformed");

    let key = app.get(&format!("/v1/keys/{}", claim.key)).ok()["bytes"].clone();
    let foreign = |key: &Value, inputs: &[String]| {
        let body = json!({ "key": key, "claims": [{ "inputs": inputs, "proof": proof }] });
        app.post(Scope::Auditor, "/v1/verifications/foreign", &body)
    };
    assert_eq!(foreign(&key, &inputs).ok()["valid"], true);
    assert_eq!(foreign(&key, &other).ok()["valid"], false);
    assert_eq!(foreign(&json!("AAAA"), &inputs).problem(), "malformed");
}
