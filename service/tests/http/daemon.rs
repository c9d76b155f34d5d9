//! The wallet daemon: who gets in, and what two wallets tell each other without a proof.

use crate::app::{TestApp, settings};
use crate::client::{Answer, Connection};
use crate::world::World;
use privity_ledger::MemoryStore;
use privity_service::home::Home;
use privity_service::purse::Purse;
use privity_service::server::Scope;
use privity_wallet::Seed;
use rand::rngs::OsRng;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;

const JSON: (&str, &str) = ("content-type", "application/json");

pub struct Office {
    pub app: TestApp,
    token: String,
    folder: TempDir,
}

impl Office {
    /// A node with a daemon at which two wallets are open.
    fn new() -> Self {
        Self::with(&["buyer", "supplier"], "keys")
    }

    /// A node with a daemon at which these wallets are open; its proving keys lie in `keys`.
    pub fn with(wallets: &[&str], keys: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let home = Home::new(Some(folder.path().to_owned()), None, None).unwrap();
        for name in wallets {
            let (path, seed) = (home.wallet(name).unwrap(), Seed::generate(&mut OsRng));
            let password = "secret".to_owned().into();
            drop(Purse::create(path, seed, &World::new(1).genesis, 1, password).unwrap());
        }
        let mut settings = settings();
        settings.home = folder.path().to_owned();
        (settings.jobs.enabled, settings.webhooks.enabled) = (false, false);
        settings.daemon.listen = "127.0.0.1:0".into();
        settings.daemon.wallets = wallets.iter().map(|name| (*name).to_owned()).collect();
        settings.jobs.keys = keys.into();
        let app = TestApp::with(settings, Arc::new(MemoryStore::new()));
        let token = std::fs::read_to_string(folder.path().join("daemon.token")).unwrap().trim().to_owned();
        Self { app, token, folder }
    }

    fn call(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut connection = Connection::open(self.app.daemon.unwrap()).unwrap();
        let authorization = format!("Bearer {token}");
        let headers = [headers, &[("authorization", authorization.as_str()), JSON]].concat();
        connection.call(method, path, &headers, body.as_bytes()).unwrap()
    }

    pub fn get(&self, path: &str) -> Value {
        self.call(&self.token, "GET", &format!("/v1/wallets/{path}"), &[], "").ok()
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(&self.token, "POST", &format!("/v1/wallets/{path}"), &[], &body.to_string())
    }
}

#[test]
fn only_its_own_token_opens_it_and_opens_nothing_else() {
    let office = Office::new();
    let node = office.app.token(Scope::Operator).to_owned();
    for token in ["", "x", &node, &office.token[1..]] {
        assert_eq!(office.call(token, "GET", "/v1/wallets/buyer/balance", &[], "").problem(), "unauthenticated");
        assert_eq!(office.call(token, "POST", "/v1/wallets/buyer/settle", &[], "{}").problem(), "unauthenticated");
    }
    let authorization = format!("Bearer {}", office.token);
    let elsewhere = office.app.connect().call("GET", "/v1/jobs", &[("authorization", &authorization)], &[]).unwrap();
    assert_eq!(elsewhere.problem(), "unauthenticated");
    let document = office.call("", "GET", "/openapi.json", &[], "").ok();
    assert!(document["paths"]["/v1/wallets/{wallet}/settle"]["post"]["requestBody"].is_object());
    assert_eq!(
        office.call(&office.token, "GET", "/v1/jobs", &[], "").status,
        404,
        "the daemon has its own routes alone"
    );
    let wrong = office.call(&office.token, "DELETE", "/v1/wallets/buyer/balance", &[], "");
    assert_eq!((wrong.problem().as_str(), wrong.header("allow")), ("method-not-allowed", Some("GET")));
    assert_eq!(office.call("", "GET", "/docs", &[], "").status, 200);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(office.folder.path().join("daemon.token")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o077, 0, "nobody else reads the token");
}

#[test]
fn wallets_answer_and_letters_pass_between_them() {
    let office = Office::new();
    assert_eq!(office.get("buyer/balance")["balances"], json!([]));
    let addresses = ["buyer", "supplier"]
        .map(|name| office.get(&format!("{name}/address"))["address"].as_str().unwrap().to_owned());
    assert_eq!(office.call(&office.token, "GET", "/v1/wallets/nobody/balance", &[], "").problem(), "not-found");
    let letter = json!({ "note": "canary-note" });
    let seal = json!({ "act": "request", "sequence": 1, "to": addresses[1], "letter": letter });
    let sealed = office.post("buyer/letters/seal", &seal).ok();
    assert!(!sealed.to_string().contains("canary"));
    let open = json!({ "deal": sealed["deal"], "act": "request", "sequence": 1, "envelope": sealed["envelope"] });
    for name in ["buyer", "supplier"] {
        assert_eq!(office.post(&format!("{name}/letters/open"), &open).ok()["note"], "canary-note");
    }
    let moved = json!({ "deal": sealed["deal"], "act": "offer", "sequence": 1, "envelope": sealed["envelope"] });
    assert_eq!(office.post("supplier/letters/open", &moved).problem(), "malformed");
}

#[test]
fn a_verb_happens_once_per_key_and_refusals_name_what_is_wrong() {
    let office = Office::new();
    let address = office.get("supplier/address")["address"].clone();
    let body = json!({ "act": "request", "sequence": 1, "to": address, "letter": { "note": "x" } }).to_string();
    let seal = |key: &str, body: &str| {
        office.call(&office.token, "POST", "/v1/wallets/buyer/letters/seal", &[("idempotency-key", key)], body)
    };
    let first = seal("a", &body).ok();
    assert_eq!(seal("a", &body).ok(), first, "a repetition answers the same");
    assert_ne!(seal("b", &body).ok(), first);
    assert_eq!(seal("a", &body.replace("\"x\"", "\"y\"")).problem(), "idempotency-key-reused");
    assert_eq!(office.post("buyer/settle", &json!({ "transaction": "AAAA" })).problem(), "malformed");
    assert_eq!(office.post("buyer/request", &json!({ "draft": {} })).problem(), "malformed");
    assert_eq!(office.post("buyer/brief", &json!({ "terms": format!("0x{}", "0".repeat(64)) })).problem(), "not-found");
    assert_eq!(office.post("buyer/release", &json!({ "evidence": {}, "more": 1 })).problem(), "malformed");
    let disclose = json!({ "asset": "Thaler", "at_least": 1, "hold": "0", "scope": "2026-03-16", "audience": "0x0" });
    assert_eq!(office.post("buyer/disclose", &disclose).problem(), "malformed", "integers are text");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let draft = json!({
        "documents": {
            "capacity_group": text("deal/WeekBasedCapacityGroup.json"),
            "material_demand": text("deal/WeekBasedMaterialDemand.json"),
            "request_for_quotation": text("deal/RequestForQuotation.json"),
            "delivery_information": text("deal/DeliveryInformation.json"),
            "price_table": text("price_breaks.csv"), "config": text("deal/deal.toml"),
        },
        "buyer": office.get("buyer/address")["address"], "certifier": format!("0x{}", "0".repeat(64)),
    });
    let refused = office.post("supplier/draft", &draft);
    assert_eq!(
        (refused.problem().as_str(), refused.json()["rule"].as_str()),
        ("not-found", Some("L11")),
        "no member yet"
    );
}
