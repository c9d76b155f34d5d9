//! Sealed quotes by the command alone: asked, quoted, opened, awarded, verified; what comes too early or from the wrong side is named.

mod common;

use common::{Party, samples, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// One home in which operator, buyer and two suppliers have their wallets.
struct Market {
    party: Party,
    roles: Vec<(&'static str, String)>,
}

impl Market {
    fn new() -> Self {
        let party = Party::new();
        party.found();
        for name in ["buyer", "anna", "berta"] {
            let made = party.wallet(name);
            party.ok(&["member", "admit", &text(&made, "address"), "--signer", &text(&made, "signer_key")]);
        }
        let roles = ["issuer", "certifier", "inspector", "arbiter", "auditor"].map(|name| {
            let made = party.wallet(name);
            party.ok(&["register", "signer", &text(&made, "signer_key")]);
            (name, text(&made, "signer"))
        });
        party.ok(&["register", "token", "community-dollar", "--issuer", &roles[0].1]);
        Self { party, roles: roles.into() }
    }

    fn role(&self, name: &str) -> &str {
        self.roles.iter().find(|(role, _)| *role == name).map(|(_, id)| id.as_str()).unwrap()
    }

    fn at(&mut self, time: &str) {
        self.party.now = time.into();
    }

    /// The words of `rfq quote`.
    fn quote(&self, rfq: &str, lead: &str, wallet: &str) -> Vec<String> {
        let buyer = text(&self.party.ok(&["wallet", "address", "--wallet", "buyer"]), "address");
        let (data, table) = (samples().join("deal"), samples().join("price_breaks.csv"));
        let mut words = vec!["rfq", "quote", rfq, "--lead", lead, "--wallet", wallet, "--buyer", &buyer];
        let (data, table) = (data.display().to_string(), table.display().to_string());
        words.extend(["--data", &data, "--price-table", &table]);
        let roles = ["--certifier", "--inspector", "--arbiter", "--auditor"];
        words.extend(roles.into_iter().flat_map(|word| [word, self.role(&word[2..])]));
        words.into_iter().map(str::to_owned).collect()
    }
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn from_request_to_verified_award() {
    let mut market = Market::new();
    let party = &market.party;
    let (request, grant) = (party.file("key-request.json"), party.file("key.json"));
    party.ok(&["rfq", "key", "--out", &request, "--wallet", "buyer"]);
    party.ok(&["rfq", "grant", &request, "--out", &grant]);
    let data = samples().join("deal").display().to_string();
    let closes = "2026-02-17T00:00:00Z";
    let open = ["rfq", "open", "--data", &data, "--key", &grant, "--closes", closes, "--lead-weight", "100"];
    let foreign = party.fails(1, &[&open[..], &["--wallet", "anna"]].concat());
    assert!(foreign["what"].as_str().unwrap().contains("another ledger, buyer or nonce"), "{foreign}");
    let rfq = text(&party.ok(&[&open[..], &["--wallet", "buyer"]].concat()), "rfq");
    assert_eq!(party.fails(1, &[&open[..], &["--wallet", "buyer"]].concat())["rule"], "L7");
    assert_eq!(party.ok(&["rfq", "list"])["requests"][0]["phase"], "quoting");
    let late = market.quote(&rfq, "3", "anna");
    assert!(market.party.fails(3, &words(&late))["what"].as_str().unwrap().contains("due date"));
    let quoted = market.party.ok(&words(&market.quote(&rfq, "40", "anna")));
    let again = market.party.fails(1, &words(&market.quote(&rfq, "41", "anna")));
    assert_eq!(again["rejection"], 1080);
    assert_eq!(market.party.ok(&words(&market.quote(&rfq, "30", "berta")))["total"], quoted["total"]);
    assert_eq!(market.party.fails(1, &["rfq", "reveal", &rfq])["rejection"], 1100);
    assert_eq!(market.party.fails(1, &["rfq", "close", &rfq, "--wallet", "buyer"])["rejection"], 1140);
    market.at(closes);
    let party = &market.party;
    party.ok(&["rfq", "reveal", &rfq]);
    assert_eq!(party.fails(1, &["rfq", "close", &rfq, "--wallet", "berta"])["code"], 1);
    let table = party.ok(&["rfq", "close", &rfq, "--wallet", "buyer"]);
    assert_eq!(table["excluded"], 0);
    let leads: Vec<_> = table["quotes"].as_array().unwrap().iter().map(|row| text(row, "lead_days")).collect();
    assert_eq!(leads, ["40", "30"]);
    party.fails(4, &["rfq", "verify", &rfq]);
    party.ok(&["rfq", "award", &rfq, "--wallet", "buyer"]);
    let verified = party.ok(&["rfq", "verify", &rfq]);
    assert_eq!(verified["winner"], table["quotes"][1]["quote"]);
    let shown = party.ok(&["rfq", "show", &rfq]);
    assert_eq!((&shown["phase"], &shown["winner"]), (&"awarded".into(), &verified["winner"]));
    assert_eq!(party.fails(1, &["rfq", "award", &rfq, "--wallet", "buyer"])["rejection"], 110);
    party.ok(&["ledger", "export", &party.file("log")]);
    party.ok(&["ledger", "audit", &party.file("log")]);
    assert_eq!(party.fails(3, &["rfq", "show", "12"])["code"], 3);
}

/// The operator's answer to `POST /v1/operations` at a service in this home.
fn operated(party: &Party, operations: &[String]) -> Vec<(u16, serde_json::Value)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_privity"));
    command
        .env("PRIVITY_HOME", party.path(""))
        .env("PRIVITY_PASSWORD", "secret")
        .env("PRIVITY_HTTP__LISTEN", "127.0.0.1:0");
    // The sample's dates lie long before the machine's.
    command.env("PRIVITY_CLOCK__START_SECONDS", "4000000000").env("PRIVITY_JOBS__ENABLED", "false");
    let mut serving = command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let (address, token) = (text(&said, "url").replace("http://", ""), text(&said, "token"));
    let answers = operations.iter().map(|body| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = format!(
            "POST /v1/operations HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
    });
    let answers = answers.collect();
    serving.kill().unwrap();
    serving.wait().unwrap();
    answers
}

#[test]
fn a_node_that_serves_opens_a_request_after_closing() {
    let market = Market::new();
    let party = &market.party;
    let (request, grant) = (party.file("key-request.json"), party.file("key.json"));
    let data = samples().join("deal").display().to_string();
    let open = |closes: &str| {
        party.ok(&["rfq", "key", "--out", &request, "--wallet", "buyer"]);
        party.ok(&["rfq", "grant", &request, "--out", &grant]);
        let words = ["rfq", "open", "--data", &data, "--key", &grant, "--closes", closes, "--wallet", "buyer"];
        text(&party.ok(&[&words[..], &["--delay", "1000000000000", "--lead-weight", "1"]].concat()), "rfq")
    };
    let (closed, running) = (open("2026-02-17T00:00:00Z"), open("9999-01-01T00:00:00Z"));
    let operation = |rfq: &str| format!(r#"{{"operation":"open-rfq","rfq":"{rfq}"}}"#);
    let unknown = "00".repeat(32);
    let told = operated(party, &[&closed, &running, &unknown, "x"].map(operation));
    assert_eq!(told.iter().map(|(status, _)| *status).collect::<Vec<_>>(), [201, 422, 422, 400], "{told:?}");
    assert_eq!(party.ok(&["rfq", "show", &closed])["phase"], "opened, not awarded yet");
    assert_eq!(party.ok(&["rfq", "show", &running])["phase"], "quoting");
}
