//! A whole deal through the wallet daemon, with real proofs: from registration to a release and a disclosure.

use crate::daemon::Office;
use crate::world::START;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::civil::Date;
use jiff::{ToSpan, Unit};
use privity_circuits::Circuit;
use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::transfer::Transfer2x3;
use privity_prover::{Control, KeyStore};
use privity_service::server::Scope;
use rand::rngs::OsRng;
use serde_json::{Value, json};
use std::path::Path;

/// The week for which the sample documents were written.
const WRITTEN: Date = jiff::civil::date(2026, 2, 16);

/// A sample's text with its dates moved by whole weeks to the test's clock.
fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let now = jiff::Timestamp::from_second(START.try_into().unwrap()).unwrap();
    let today = jiff::tz::Offset::UTC.to_datetime(now).date();
    let weeks = WRITTEN.until((Unit::Week, today)).unwrap().get_weeks();
    let (mut moved, mut rest) = (String::new(), text.as_str());
    while let Some(start) = rest.find("2026-") {
        let (before, from) = rest.split_at(start);
        let (date, after) = from.split_at(10);
        moved.push_str(before);
        moved.push_str(&date.parse::<Date>().unwrap().saturating_add(weeks.weeks()).to_string());
        rest = after;
    }
    moved + rest
}

/// Makes the key of a relation, if the folder has none, and has the operator register it.
fn register<C: Circuit>(office: &Office, keys: &KeyStore) {
    let key = keys.load_or_generate::<C>(&mut OsRng, &Control::default()).unwrap();
    let bytes = BASE64_STANDARD.encode(key.verifying().key().to_bytes());
    operation(office, json!({ "operation": "register-key", "key": bytes }));
}

fn operation(office: &Office, body: Value) {
    assert_eq!(office.app.post(Scope::Operator, "/v1/operations", &body).status, 201, "{body}");
}

/// What one wallet says, or asks another for.
fn told(office: &Office, path: &str, body: Value) -> Value {
    let answer = office.post(path, &body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.json());
    answer.json()
}

/// A node with registered keys, and the identities of its three wallets: `community` plays every role that is not a party.
fn town() -> (Office, [Value; 3]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("proving-keys");
    let office = Office::with(&["community", "supplier", "buyer"], folder.to_str().unwrap());
    let keys = KeyStore::new(folder);
    register::<Mint>(&office, &keys);
    register::<Transfer2x3>(&office, &keys);
    register::<Capacity>(&office, &keys);
    register::<Price>(&office, &keys);
    register::<Release>(&office, &keys);
    register::<Disclose>(&office, &keys);
    let who = ["community", "supplier", "buyer"].map(|name| office.get(&format!("{name}/address")));
    operation(&office, json!({ "operation": "register-signer", "key": who[0]["signer_key"] }));
    operation(&office, json!({ "operation": "register-certifier", "signer": who[0]["signer"] }));
    let token = json!({ "operation": "register-token", "issuer": who[0]["signer"], "name": "community-dollar" });
    operation(&office, token);
    for member in &who[1..] {
        let admit = json!({ "operation": "admit", "owner": member["owner"], "signer": member["signer_key"] });
        operation(&office, admit);
    }
    (office, who)
}

fn draft(office: &Office, [community, _, buyer]: &[Value; 3]) -> Value {
    let documents = json!({
        "capacity_group": sample("deal/WeekBasedCapacityGroup.json"),
        "material_demand": sample("deal/WeekBasedMaterialDemand.json"),
        "request_for_quotation": sample("deal/RequestForQuotation.json"),
        "delivery_information": sample("deal/DeliveryInformation.json"),
        "price_table": sample("price_breaks.csv"),
        "config": sample("deal/deal.toml"),
    });
    let signer = &community["signer"];
    let call = json!({
        "documents": documents, "buyer": buyer["address"], "certifier": signer, "inspector": signer,
        "arbiter": signer, "auditor": signer,
    });
    told(office, "supplier/draft", call)
}

#[test]
fn a_deal_goes_from_certification_to_release_and_disclosure() {
    let (office, who) = town();
    let mint = json!({ "asset": "community-dollar", "amount": "100000", "to": who[2]["address"] });
    told(&office, "community/mint", mint.clone());
    assert_eq!(office.post("buyer/mint", &mint).json()["rule"], "L8", "another's token");
    let group = sample("deal/WeekBasedCapacityGroup.json");
    let sought = told(&office, "supplier/certify/request", json!({ "capacity_group": group }));
    let sign = json!({ "request": sought["request"], "capacity_group": group });
    let attested = told(&office, "community/certify/sign", sign);
    assert_eq!(attested["approved"], true);
    let issue = json!({ "attestation": attested["attestation"] });
    let issued = told(&office, "supplier/issue", issue.clone());
    assert_eq!(issued["weeks"].as_array().unwrap().len(), 8);
    assert_eq!(office.post("supplier/issue", &issue).problem(), "conflict", "an attestation issues once");

    let drafted = draft(&office, &who);
    assert_eq!((&drafted["figures"]["total"], &drafted["figures"]["escrow"]), (&json!("35617"), &json!(true)));
    let requested = told(&office, "buyer/request", json!({ "draft": drafted["draft"] }));
    let offered = told(&office, "supplier/offer", json!({ "request": requested["request"], "expires_in": "3600" }));
    assert_eq!(office.post("buyer/settle", &json!({ "transaction": "" })).problem(), "malformed");
    let accepted = told(&office, "buyer/accept", json!({ "offer": offered["offer"] }));
    let settle = json!({ "transaction": accepted["transaction"] });
    let settled = told(&office, "buyer/settle", settle.clone());
    assert_eq!(settled["transaction"], accepted["id"]);
    let again = office.post("buyer/settle", &settle);
    assert_eq!((again.problem().as_str(), &again.json()["rule"]), ("conflict", &json!("L7")), "a deal settles once");
    for wallet in ["buyer", "supplier"] {
        let deal = &office.get(&format!("{wallet}/deals"))["deals"][0];
        assert_eq!((&deal["terms"], &deal["escrow_payment"]), (&accepted["terms"], &json!("35617")));
    }

    let brief = told(&office, "supplier/brief", json!({ "terms": accepted["terms"] }));
    assert!(!brief.to_string().contains("35617"), "an inspector sees no price");
    let delivered = json!({ "brief": brief["brief"], "delivered": "400000", "time": START.to_string() });
    let receipt = told(&office, "community/receipt", delivered);
    let release = json!({ "evidence": receipt["receipt"], "preview": true });
    let preview = told(&office, "supplier/release", release);
    assert_eq!((&preview["movement"]["to_supplier"], &preview["settled"]), (&json!("14246"), &Value::Null));
    let released = told(&office, "supplier/release", json!({ "evidence": receipt["receipt"] }));
    assert_eq!(released["movement"], preview["movement"]);
    assert_eq!(office.get("buyer/deals")["deals"][0]["escrow_payment"], (35_617 - 14_246).to_string());
    assert_eq!(
        office.post("buyer/refund", &json!({ "terms": accepted["terms"] })).status,
        422,
        "not before claim_until"
    );

    let held = office.get("buyer/balance")["balances"][0].clone();
    let paid: u64 = drafted["figures"]["to_pay"].as_str().unwrap().parse().unwrap();
    assert_eq!(held["value"], (100_000 - paid).to_string());
    let disclose = json!({
        "asset": "community-dollar", "at_least": "60000", "hold": "0", "scope": "2026-11-16", "audience": who[0]["signer"],
    });
    assert_eq!(told(&office, "buyer/disclose", disclose)["claimant"], who[2]["owner"]);
}
