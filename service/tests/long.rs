//! A whole deal through files between parties that share nothing but the ledger. With `PRIVITY_LONG=1`; keys are taken from
//! `PRIVITY_KEYS` and made there if there are none.

mod common;

use common::{Party, samples, text};
use serde_json::Value;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// What the file-borne deal comes to, minor units: see the figures in `the_deal_set_matches_and_prices`.
const TOTAL: u64 = 35_617;
const FEE: u64 = 61;

struct World {
    community: Party,
    supplier: Party,
    buyer: Party,
}

impl World {
    fn at(&mut self, now: &str) {
        for party in [&mut self.community, &mut self.supplier, &mut self.buyer] {
            party.now = now.to_owned();
        }
    }

    /// Operator, keys, roles, tokens, members, fee.
    fn found() -> Self {
        let mut community = Party::new();
        let ledger = community.path("ledger.redb");
        let keys = env::var_os("PRIVITY_KEYS").map_or_else(|| community.path("keys"), PathBuf::from);
        community.keys = Some(keys.clone());
        let member = || {
            let mut party = Party::new();
            (party.ledger, party.keys) = (Some(ledger.clone()), Some(keys.clone()));
            party
        };
        let world = Self { supplier: member(), buyer: member(), community };
        let community = &world.community;
        community.found();
        community.ok(&["register", "key", "--all"]);
        for role in ["issuer", "certifier", "inspector", "arbiter", "auditor"] {
            let key = text(&community.wallet(role), "signer_key");
            community.ok(&["register", "signer", &key]);
        }
        community.ok(&["register", "certifier", &world.role("certifier")]);
        for token in ["community-dollar", "workshop-credit"] {
            community.ok(&["register", "token", token, "--issuer", &world.role("issuer")]);
        }
        for party in [&world.supplier, &world.buyer] {
            let made = party.wallet("main");
            community.ok(&["member", "admit", &text(&made, "address"), "--signer", &text(&made, "signer_key")]);
        }
        community.ok(&["policy", "set", "--flat", "25", "--rate", "10"]);
        world
    }

    fn role(&self, wallet: &str) -> String {
        text(&self.community.ok(&["wallet", "address", "--wallet", wallet]), "signer")
    }

    fn mint(&self, token: &str, amount: &str, to: &Party) {
        let address = address(to);
        self.community.ok(&["mint", token, amount, "--to", &address, "--wallet", "issuer"]);
    }

    /// Draft, request, offer: what both exchange before the buyer accepts.
    fn negotiate(&self, data: &Path) -> (String, String) {
        let (supplier, buyer) = (&self.supplier, &self.buyer);
        let (draft, request) = (supplier.file("draft.json"), buyer.file("request.json"));
        let table = samples().join("price_breaks.csv").display().to_string();
        let drafted = supplier.ok(&[
            "deal",
            "draft",
            "--data",
            &data.display().to_string(),
            "--price-table",
            &table,
            "--buyer",
            &address(buyer),
            "--certifier",
            &self.role("certifier"),
            "--inspector",
            &self.role("inspector"),
            "--arbiter",
            &self.role("arbiter"),
            "--auditor",
            &self.role("auditor"),
            "--out",
            &draft,
        ]);
        assert_eq!(drafted["total"], TOTAL);
        assert_eq!(buyer.ok(&["quote", "--draft", &draft])["total"], TOTAL);
        let requested = buyer.ok(&["deal", "request", &draft, "--out", &request]);
        assert_eq!(requested["to_pay"], (TOTAL + FEE).to_string());
        let offer = supplier.file("offer.json");
        supplier.ok(&["deal", "offer", &request, "--out", &offer]);
        (text(&drafted, "terms"), offer)
    }

    fn deal(&self, data: &Path) -> String {
        let (terms, offer) = self.negotiate(data);
        let deal = self.buyer.file("deal.tx");
        self.buyer.ok(&["deal", "accept", &offer, "--out", &deal]);
        assert_eq!(text(&self.buyer.ok(&["deal", "settle", &deal]), "terms"), terms);
        terms
    }
}

fn address(party: &Party) -> String {
    text(&party.ok(&["wallet", "address"]), "address")
}

fn balance(party: &Party, token: &str) -> u64 {
    let shown = party.ok(&["wallet", "balance"]);
    let balances = shown["balances"].as_array().unwrap();
    let found = balances.iter().find(|row| row["token"] == token);
    found.map_or(0, |row| text(row, "value").parse().unwrap())
}

fn capacity(party: &Party) -> u64 {
    let shown = party.ok(&["wallet", "balance"]);
    let rows = shown["balances"].as_array().unwrap().iter().filter(|row| row["token"] == Value::Null);
    rows.map(|row| text(row, "value").parse::<u64>().unwrap()).sum()
}

/// The deal's files with another week of capacity, another last day of delivery, and a later end of claims.
fn with_week(party: &Party, week: &str, last: &str) -> PathBuf {
    let folder = party.path(week);
    fs::create_dir(&folder).unwrap();
    for entry in fs::read_dir(samples().join("deal")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("capacity_week = \"2026-03-09\"", &format!("capacity_week = \"{week}\""));
        let text = text.replace("\"2026-03-12\"", &format!("\"{last}\""));
        let text = text.replace("2026-06-08T", "2026-07-08T");
        fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
    }
    folder
}

fn certify(world: &World) {
    let (community, supplier) = (&world.community, &world.supplier);
    let group = samples().join("deal/WeekBasedCapacityGroup.json").display().to_string();
    let (request, attestation) = (supplier.file("request.json"), community.file("attestation.json"));
    supplier.ok(&["certify", "request", "--capacity-group", &group, "--out", &request]);
    let sign = |request: &str| {
        community.run(&[
            "certify",
            "sign",
            request,
            "--capacity-group",
            &group,
            "--out",
            &attestation,
            "--wallet",
            "certifier",
        ])
    };
    assert_eq!(sign(&request).code, 0);
    let again = supplier.file("again.json");
    supplier.ok(&["certify", "request", "--capacity-group", &group, "--out", &again]);
    assert_eq!(sign(&again).code, 1, "what exists is attested once");
    supplier.ok(&["issue", &attestation]);
    assert_eq!(capacity(supplier), 8 * 4_000_000_000);
    assert_eq!(supplier.fails(1, &["issue", &attestation])["rule"], "L7");
    let opening = supplier.file("opening");
    supplier.ok(&["certify", "open", &attestation, "--out", &opening]);
    community.ok(&["certify", "settle", &attestation, "--opening", &opening, "--wallet", "certifier"]);
}

fn swap(world: &World) {
    let (supplier, buyer) = (&world.supplier, &world.buyer);
    let (proposal, answer, offer) = (buyer.file("proposal"), supplier.file("answer"), buyer.file("offer"));
    let (give, want) = (["12500", "community-dollar"], ["50", "workshop-credit"]);
    let proposed = buyer.ok(&[
        "swap",
        "propose",
        "--give",
        give[0],
        give[1],
        "--want",
        want[0],
        want[1],
        "--with",
        &address(supplier),
        "--out",
        &proposal,
    ]);
    supplier.ok(&["swap", "answer", &proposal, "--out", &answer]);
    buyer.ok(&["swap", "offer", &answer, "--out", &offer]);
    assert_eq!(buyer.fails(1, &["swap", "end", &text(&proposed, "swap")])["code"], 1);
    supplier.ok(&["swap", "accept", &offer]);
    assert_eq!((balance(buyer, "workshop-credit"), balance(supplier, "community-dollar")), (50, 12_500));
}

/// 400 of 1 000 on time, 600 in the second week late.
fn deliver(world: &mut World, terms: &str) {
    let delivery = samples().join("deal/DeliveryInformation.json").display().to_string();
    let brief = world.buyer.file("brief.json");
    world.buyer.ok(&["deal", "brief", terms, "--out", &brief]);
    assert!(!fs::read_to_string(&brief).unwrap().contains("tiers"), "an inspector is shown no price");
    world.at("2026-04-01T00:00:00Z");
    let (community, supplier) = (&world.community, &world.supplier);
    let sign = |out: &str| {
        community.ok(&[
            "receipt",
            "sign",
            "--brief",
            &brief,
            "--delivery-information",
            &delivery,
            "--out",
            out,
            "--wallet",
            "inspector",
        ])
    };
    let (first, second) = (community.file("first.json"), community.file("second.json"));
    assert_eq!(sign(&first)["delivered_thousandths"], 400_000);
    assert_eq!(sign(&second)["delivered_thousandths"], 1_000_000);
    let skipped = supplier.fails(1, &["release", &second]);
    assert!(["R2", "R1"].contains(&text(&skipped, "rule").as_str()), "{skipped}");
    let paid = supplier.ok(&["release", &first]);
    let part = TOTAL * 400 / 1_000;
    assert_eq!((&paid["to_supplier"], &paid["lateness"], &paid["closes"]), (&part.into(), &0.into(), &false.into()));
    let rest = TOTAL - part;
    let late = rest * 100 / 10_000;
    let preview = world.buyer.ok(&["release", &second, "--preview"]);
    assert_eq!((&preview["to_supplier"], &preview["lateness"]), (&(rest - late).into(), &late.into()));
    let paid = supplier.ok(&["release", &second]);
    assert_eq!((&paid["to_supplier"], &paid["to_buyer"]), (&(rest - late).into(), &late.into()));
    supplier.fails(1, &["release", &second]);
}

/// An award, an agreement, and a deal that nobody delivers: three more escrows. The last one's terms.
fn settle_otherwise(world: &World) -> String {
    let weeks = [("2026-03-02", "2026-03-12"), ("2026-03-16", "2026-03-19"), ("2026-03-23", "2026-03-26")];
    let [awarded, agreed, lapsed] = weeks.map(|(week, last)| world.deal(&with_week(&world.supplier, week, last)));
    let (community, supplier, buyer) = (&world.community, &world.supplier, &world.buyer);
    let (brief, word, award) = (buyer.file("b2.json"), community.file("word.json"), community.file("award.json"));
    buyer.ok(&["deal", "brief", &awarded, "--out", &brief]);
    let arbitrate =
        ["arbitrate", "--brief", &brief, "--done", "0", "--pay", "1000", "--used", "0", "--wallet", "arbiter"];
    let arbitrate = [&arbitrate[..], &["--out", &award]].concat();
    assert!(text(&community.fails(1, &arbitrate), "what").contains("acknowledged"));
    community.ok(&["receipt", "acknowledge", "--brief", &brief, "--out", &word, "--wallet", "inspector"]);
    community.ok(&[&arbitrate[..], &["--acknowledgement", &word]].concat());
    let paid = buyer.ok(&["release", &award]);
    assert_eq!((&paid["to_supplier"], &paid["to_buyer"]), (&1_000.into(), &(TOTAL - 1_000).into()));

    let (proposal, agreement) = (supplier.file("proposal.json"), buyer.file("agreement.json"));
    supplier.ok(&["agree", "propose", &agreed, "--pay", "2000", "--used", "0", "--out", &proposal]);
    assert_eq!(supplier.run(&["agree", "settle", &proposal]).code, 1, "one signature is no agreement");
    buyer.ok(&["agree", "sign", &proposal, "--out", &agreement]);
    buyer.ok(&["agree", "settle", &agreement]);
    assert_eq!(buyer.fails(1, &["refund", &agreed])["code"], 1, "nothing is left in escrow");
    assert_eq!(buyer.fails(1, &["refund", &lapsed])["rule"], "R2");
    lapsed
}

fn disclose(world: &World) {
    let buyer = &world.buyer;
    let hold = "2026-12-01T00:00:00Z";
    buyer.ok(&["send", "community-dollar", "5000", "--to", &address(buyer), "--unlock", hold]);
    let audience = world.role("auditor");
    let pledge = [
        "--asset",
        "community-dollar",
        "--at-least",
        "4000",
        "--hold",
        hold,
        "--scope",
        "2026-03-09",
        "--audience",
        &audience,
    ];
    let shown = buyer.file("disclosure.json");
    buyer.ok(&[&["disclose", "--out", &shown][..], &pledge].concat());
    let check = [&["check-disclosure", &shown][..], &pledge].concat();
    assert_eq!(world.community.ok(&check)["accepted"], true);
    world.community.fails(1, &check);
}

#[test]
fn a_deal_through_files() {
    if env::var("PRIVITY_LONG").as_deref() != Ok("1") {
        println!("skipped: set PRIVITY_LONG=1, and PRIVITY_KEYS to keep the keys");
        return;
    }
    let mut world = World::found();
    certify(&world);
    world.mint("community-dollar", "200000", &world.buyer);
    world.mint("workshop-credit", "500", &world.supplier);
    swap(&world);
    let (terms, _) = world.negotiate(&samples().join("deal"));
    world.supplier.fails(1, &["deal", "end", &terms]);
    world.supplier.ok(&["deal", "revoke", &terms]);
    world.buyer.ok(&["deal", "end", &terms]);

    let terms = world.deal(&samples().join("deal"));
    assert_eq!(balance(&world.buyer, "community-dollar"), 200_000 - 12_500 - TOTAL - FEE);
    assert_eq!(capacity(&world.supplier), 8 * 4_000_000_000 - 3_500_000_000);
    let lapsed = settle_otherwise(&world);
    deliver(&mut world, &terms);
    disclose(&world);
    let consolidated = world.supplier.ok(&["consolidate", "community-dollar"]);
    assert!(consolidated["position"].is_u64());
    world.supplier.ok(&["withdraw", "community-dollar", "100"]);

    world.at("2026-07-08T01:00:00Z");
    assert_eq!(world.supplier.fails(1, &["refund", &lapsed])["code"], 1, "only the buyer takes back");
    world.buyer.ok(&["refund", &lapsed]);
    let late = (TOTAL - TOTAL * 400 / 1_000) / 100;
    let supplied = 12_500 + TOTAL - late + 1_000 + 2_000 - 100;
    assert_eq!(balance(&world.supplier, "community-dollar"), supplied);
    let fees: u64 = 4 * FEE;
    assert_eq!(balance(&world.buyer, "community-dollar"), 200_000 - 100 - supplied - fees);
    let treasury = world.community.ok(&["wallet", "balance", "--wallet", "operator"]);
    assert_eq!(treasury["balances"][0]["value"], fees.to_string());
    for party in [&world.supplier, &world.buyer] {
        let phrase = party.file("main.phrase");
        party.ok(&["wallet", "restore", "--wallet", "again", "--phrase-file", &phrase]);
        let again = party.ok(&["wallet", "balance", "--wallet", "again"]);
        assert_eq!(again["balances"], party.ok(&["wallet", "balance"])["balances"]);
    }
    let log = world.community.file("log");
    world.community.ok(&["ledger", "export", &log]);
    let audited = world.community.ok(&["ledger", "audit", &log]);
    assert_eq!(audited["state_root"], world.community.ok(&["ledger", "show"])["state_root"]);
}

/// The manual's walk-through, word by word.
#[test]
fn the_manual_walks_through_a_deal() {
    if env::var_os("PRIVITY_LONG").is_none() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manual = fs::read_to_string(root.join("docs/command.md")).unwrap();
    let script = manual.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let party = Party::new();
    let (folder, bin) = (party.path("x"), Path::new(env!("CARGO_BIN_EXE_privity")).parent().unwrap());
    std::os::unix::fs::symlink(root.join("examples").canonicalize().unwrap(), party.path("examples")).unwrap();
    let keys = env::var_os("PRIVITY_KEYS").map_or_else(|| party.path("keys"), PathBuf::from);
    let script = script.replace("$PWD/target/release", &bin.display().to_string());
    let script = script.replace("PRIVITY_KEYS=keys", &format!("PRIVITY_KEYS={}", keys.display()));
    let mut command = std::process::Command::new("sh");
    let output = command.args(["-euc", &script]).current_dir(folder.parent().unwrap()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    // 400 of 1 000 pieces, and the fee, under the headings of `wallet balance` and `wallet fees`.
    assert!(out.contains(&format!("community-dollar  {}", TOTAL * 400 / 1_000)), "{out}");
    assert!(out.contains(&format!("  {FEE}     community-dollar  true")), "{out}");
}
