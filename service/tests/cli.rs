//! The binary as people and scripts meet it: help, documents, exit codes, wallets, the ledger, key files.

mod common;

use clap::{CommandFactory, Parser};
use common::{Party, samples, text};
use privity_ledger::RedbStore;
use privity_ledger::store::Options;
use privity_service::cli::Cli;
use std::fs;

/// Every command that can be typed.
fn leaves(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
    found.push(path.to_vec());
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        leaves(inner, &[path, &[inner.get_name().to_owned()]].concat(), found);
    }
}

#[test]
fn every_command_has_help_and_words_about_each_argument() {
    let party = Party::new();
    let mut paths = Vec::new();
    leaves(&Cli::command(), &[], &mut paths);
    assert!(paths.len() > 70, "{}", paths.len());
    for path in paths {
        let mut words: Vec<&str> = path.iter().map(String::as_str).collect();
        words.push("--help");
        let run = party.run(&words);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{path:?}");
        assert!(run.out.contains("Usage: privity"), "{path:?}");
    }
    let undocumented = |command: &clap::Command| {
        let arguments = command.get_arguments().filter(|a| a.get_help().is_none() && a.get_id() != "help");
        arguments.map(|a| format!("{} {}", command.get_name(), a.get_id())).collect::<Vec<_>>()
    };
    fn all(command: &clap::Command, check: &dyn Fn(&clap::Command) -> Vec<String>) -> Vec<String> {
        let inner = command.get_subcommands().flat_map(|inner| all(inner, check));
        check(command).into_iter().chain(inner).collect()
    }
    assert_eq!(all(&Cli::command(), &undocumented), Vec::<String>::new());
}

#[test]
fn no_secret_is_an_argument() {
    fn names(command: &clap::Command) -> Vec<String> {
        let own = command.get_arguments().filter_map(|a| a.get_long().map(str::to_owned));
        own.chain(command.get_subcommands().flat_map(names)).collect()
    }
    let secrets =
        names(&Cli::command()).into_iter().filter(|name| name.contains("password") || name.contains("phrase"));
    assert!(secrets.into_iter().all(|name| name.ends_with("-file")));
}

#[test]
fn samples_import_as_they_are() {
    let (party, folder) = (Party::new(), samples().join("catena-x"));
    let file = |name: &str| folder.join(name).display().to_string();
    let imported = party.ok(&[
        "import",
        "--capacity-group",
        &file("WeekBasedCapacityGroup.json"),
        "--material-demand",
        &file("WeekBasedMaterialDemand.json"),
        "--request-for-quotation",
        &file("RequestForQuotation.json"),
        "--delivery-information",
        &file("DeliveryInformation.json"),
        "--price-table",
        &samples().join("price_breaks.csv").display().to_string(),
    ]);
    assert_eq!(imported["capacity_group"]["inactive"], true);
    assert_eq!(imported["request_for_quotation"]["quantity"], "2.5");
    assert_eq!(imported["request_for_quotation"]["unit"], "unit:litre");
    assert!(imported["price_table"]["tiers"].as_u64().unwrap() > 500);
}

#[test]
fn an_inactive_group_is_not_certified() {
    let group = samples().join("catena-x/WeekBasedCapacityGroup.json");
    let group = group.display().to_string();
    let error = Party::new().fails(1, &["certify", "check", "--capacity-group", &group]);
    assert_eq!(error["pointer"], "/capacityGroupIsInactive");
    let id = "0157ba42-d2a8-4e28-8565-7b07830c1110";
    let what = format!("{group}: capacity group {id} is inactive (`/capacityGroupIsInactive` is true)");
    assert_eq!(text(&error, "what"), what);
    assert_eq!(text(&error, "remedy"), "certify an active state of it");
}

#[test]
fn litres_do_not_match_pieces() {
    let party = Party::new();
    let group = samples().join("catena-x/WeekBasedCapacityGroup.json").display().to_string();
    let rfq = samples().join("catena-x/RequestForQuotation.json").display().to_string();
    let error = party.fails(3, &["match", "--capacity-group", &group, "--request-for-quotation", &rfq]);
    assert_eq!(error["pointer"], "/rfqConfiguration/orderQuantity/measurementUnit");
    assert!(text(&error, "what").contains("unit:litre does not fit the capacity group's unit:piece"), "{error}");
    assert_eq!(text(&error, "remedy"), "convert it or state a load factor");
}

#[test]
fn the_deal_set_matches_and_prices() {
    let (party, folder) = (Party::new(), samples().join("deal"));
    let file = |name: &str| folder.join(name).display().to_string();
    let (group, demand) = (file("WeekBasedCapacityGroup.json"), file("WeekBasedMaterialDemand.json"));
    let matched = party.ok(&["match", "--capacity-group", &group, "--material-demand", &demand]);
    assert_eq!(matched["weeks"].as_array().unwrap().len() + matched["gaps"].as_array().unwrap().len(), 8);
    let data = folder.display().to_string();
    let quote = party.ok(&["quote", "--data", &data]);
    // 1 000 x 0.2196 x 1.5 x 0.975 = 321.165 -> 321.17, + 35.00; fee 0.25 + 0.1 % of 356.17, rounded up.
    assert_eq!((quote["line"].as_u64(), quote["total"].as_u64()), (Some(32_117), Some(35_617)));
    assert_eq!((quote["fee"].as_u64(), text(&quote, "to_pay")), (Some(25 + 36), "35678".to_owned()));
    assert_eq!(quote["capacity_millionths"], 3_500_000_000u64);
    let half = party.ok(&["quote", "--data", &data, "--quantity", "999"]);
    // 999 x 0.3845 x 1.5 x 0.975 = 561.77...: below the break the units cost more.
    assert_eq!(half["line"].as_u64(), Some(56_177));
    let error = party.fails(1, &["quote", "--data", &data, "--quantity", "99"]);
    assert_eq!(error["rule"], "P3");
}

#[test]
fn a_broken_document_is_refused_at_its_pointer() {
    let party = Party::new();
    let good = fs::read_to_string(samples().join("catena-x/RequestForQuotation.json")).unwrap();
    let path = party.file("rfq.json");
    fs::write(&path, good.replacen("2.5", "\"many\"", 1)).unwrap();
    let error = party.fails(3, &["import", "--request-for-quotation", &path]);
    assert_eq!(error["pointer"], "/rfqConfiguration/parts/partQuantity/quantityNumber");
    fs::write(&path, &good[..good.len() / 2]).unwrap();
    assert_eq!(party.fails(3, &["import", "--request-for-quotation", &path])["rule"], serde_json::Value::Null);
    party.fails(4, &["import", "--request-for-quotation", &party.file("nothing.json")]);
}

#[test]
fn usage_and_missing_things_have_their_codes() {
    let party = Party::new();
    assert_eq!(party.run(&["lend"]).code, 2);
    party.fails(2, &["lend"]);
    party.fails(2, &["import"]);
    party.fails(2, &["ledger", "show", "--now", "yesterday"]);
    party.fails(2, &["wallet", "address", "--wallet", "../escape"]);
    let error = party.fails(4, &["ledger", "show"]);
    assert_eq!(text(&error, "remedy"), "found one with `privity ledger create`, or name its store with --ledger");
    assert!(!party.path("ledger.redb").exists(), "looking makes no store");
    party.found();
    let error = party.fails(4, &["wallet", "balance"]);
    assert!(text(&error, "remedy").contains("privity wallet create"));
    let human = party.run(&["wallet", "balance"]);
    assert!(human.err.starts_with("error: ") && human.err.contains("\n  what to do: make it with"), "{}", human.err);
}

#[test]
fn a_ledger_is_founded_once() {
    let party = Party::new();
    let founded = party.found();
    assert_eq!(founded["time"], "2026-02-16T00:00:00Z");
    let phrase = fs::read_to_string(party.path("operator.phrase")).unwrap();
    assert_eq!(phrase.split_whitespace().count(), 24);
    let words = ["ledger", "create", "--name", "other", "--phrase-file", &party.file("other.phrase")];
    party.fails(5, &words);
    assert!(!party.path("other.phrase").exists());
    let shown = party.ok(&["ledger", "show"]);
    assert_eq!((&shown["ledger"], &shown["position"]), (&founded["ledger"], &0.into()));
    let no_terminal = party.run_with(&["ledger", "create", "--name", "x"], None);
    assert_eq!(no_terminal.code, 2, "{}", no_terminal.err);
}

#[test]
fn the_operator_registers_admits_and_revokes() {
    let party = Party::new();
    party.found();
    let anna = party.wallet("anna");
    let (signer, key, address) = (text(&anna, "signer"), text(&anna, "signer_key"), text(&anna, "address"));
    assert_eq!(party.ok(&["register", "signer", &key])["position"], 0);
    let twice = party.fails(1, &["register", "signer", &key]);
    assert_eq!((&twice["rule"], &twice["rejection"]), (&"L9".into(), &930.into()));
    party.fails(3, &["register", "signer", &key[2..]]);
    party.ok(&["register", "certifier", &signer]);
    let token = party.ok(&["register", "token", "credit", "--issuer", &signer]);
    party.ok(&["member", "admit", &address, "--signer", &key]);
    party.ok(&["policy", "set", "--flat", "25", "--rate", "10"]);
    assert_eq!(party.fails(3, &["policy", "set", "--rate", "10001"])["what"], "fee rate is out of range");
    let shown = party.ok(&["ledger", "show"]);
    assert_eq!((&shown["fee_flat"], &shown["fee_rate"]), (&25.into(), &10.into()));
    assert_eq!(shown["tokens"][0]["asset"], token["asset"]);
    assert_eq!(shown["members"][0]["status"], "active");
    assert_eq!(shown["signers"][0]["certifier"], true);

    // A new signer with the old one's consent counts at once.
    let berta = party.wallet("berta");
    let next = text(&berta, "signer_key");
    let consent = text(&party.ok(&["member", "consent", &next, "--wallet", "anna"]), "consent");
    let refused = party.fails(1, &["member", "admit", &text(&berta, "address"), "--signer", &key]);
    assert_eq!(refused["rejection"], 980);
    party.ok(&["member", "admit", &address, "--signer", &next, "--consent", &consent]);
    assert_eq!(party.ok(&["ledger", "show"])["members"][0]["signer"], berta["signer"]);

    party.ok(&["revoke", "member", &address]);
    party.ok(&["revoke", "certifier", &signer]);
    party.ok(&["revoke", "token", "credit"]);
    assert_eq!(party.fails(1, &["revoke", "token", "credit"])["rejection"], 940);
    party.fails(4, &["revoke", "token", "nothing"]);
    let operator = text(&party.ok(&["wallet", "address", "--wallet", "operator"]), "signer");
    assert_eq!(party.fails(1, &["revoke", "operator", &operator])["rejection"], 960);
    let shown = party.ok(&["ledger", "show"]);
    assert_eq!(shown["members"][0]["status"], "revoked");
    assert_eq!(shown["tokens"][0]["active"], false);
}

#[test]
fn wallets_are_restored_from_their_phrase() {
    let party = Party::new();
    party.found();
    let made = party.wallet("anna");
    let phrase = party.file("anna.phrase");
    let again = party.ok(&["wallet", "restore", "--wallet", "again", "--phrase-file", &phrase]);
    assert_eq!(made["address"], again["address"]);
    party.fails(5, &["wallet", "create", "--wallet", "anna", "--phrase-file", &party.file("x.phrase")]);
    assert!(!party.path("x.phrase").exists(), "no phrase of a wallet that was not made");
    fs::write(party.path("bad.phrase"), "zoo ".repeat(24)).unwrap();
    let error = party.fails(3, &["wallet", "restore", "--wallet", "bad", "--phrase-file", &party.file("bad.phrase")]);
    assert!(text(&error, "what").contains("checksum"), "{error}");
    let wrong = party.run_with(&["wallet", "address", "--wallet", "anna"], Some("guess"));
    assert_eq!(wrong.code, 7, "{}", wrong.err);
    assert_eq!(party.run_with(&["wallet", "address", "--wallet", "anna"], None).code, 7);
    fs::write(party.path("password"), "secret\nsecond line\n").unwrap();
    let words = ["wallet", "address", "--wallet", "anna", "--password-file", &party.file("password")];
    assert_eq!(party.run_with(&words, None).code, 0);
    let file = party.path("wallets/anna.wallet");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, &bytes).unwrap();
    assert!(text(&party.fails(3, &["wallet", "address", "--wallet", "anna"]), "what").contains("damaged"));
}

#[test]
fn secrets_stay_out_of_answers_and_files() {
    let party = Party::new();
    party.found();
    party.wallet("anna");
    let phrase = fs::read_to_string(party.path("anna.phrase")).unwrap();
    let words: Vec<&str> = phrase.split_whitespace().collect();
    for command in [&["wallet", "address"][..], &["wallet", "balance"], &["wallet", "notes"], &["ledger", "show"]] {
        let run = party.run(&[command, &["--wallet", "anna"]].concat());
        assert!(!run.out.contains(&words[..3].join(" ")) && !run.err.contains(&words[..3].join(" ")));
    }
    let sealed = fs::read(party.path("wallets/anna.wallet")).unwrap();
    assert!(!sealed.windows(words[0].len() + 1).any(|window| window == format!("{} ", words[0]).as_bytes()));
    party.ok(&["wallet", "viewing-key", "--wallet", "anna", "--out", &party.file("anna.view")]);
    party.fails(5, &["wallet", "viewing-key", "--wallet", "anna", "--out", &party.file("anna.view")]);
    #[cfg(unix)]
    for name in ["anna.phrase", "anna.view", "wallets/anna.wallet", "operator.key"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(party.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
    let viewed = party.ok(&["wallet", "view", &party.file("anna.view")]);
    assert_eq!(viewed["balances"], serde_json::json!([]));
}

#[test]
fn a_second_process_is_told_so() {
    let party = Party::new();
    party.found();
    party.wallet("anna");
    let store = RedbStore::open(&party.path("ledger.redb"), Options::default()).unwrap();
    let error = party.fails(6, &["ledger", "show"]);
    assert_eq!(text(&error, "remedy"), "stop the other process, one at a time may use a store");
    drop(store);
    party.ok(&["ledger", "show"]);
    let lock = fs::File::create(party.path("wallets/anna.wallet.lock")).unwrap();
    lock.lock().unwrap();
    let error = party.fails(6, &["wallet", "address", "--wallet", "anna"]);
    assert_eq!(text(&error, "remedy"), "wait until it is done");
}

#[test]
fn a_foreign_store_is_refused() {
    let party = Party::new();
    fs::write(party.path("ledger.redb"), "no store at all").unwrap();
    party.fails(5, &["ledger", "show"]);
}

#[test]
fn logs_are_exported_audited_imported_and_compared() {
    let party = Party::new();
    party.found();
    let key = text(&party.wallet("anna"), "signer_key");
    party.ok(&["register", "signer", &key]);
    let (log, early) = (party.file("log"), party.file("early.head"));
    party.ok(&["ledger", "head", "--out", &early]);
    party.ok(&["policy", "set", "--flat", "5"]);
    assert_eq!(party.ok(&["ledger", "head", "--compare", &early])["same_history"], true);
    party.ok(&["ledger", "export", &log]);
    let report = party.ok(&["ledger", "audit", &log]);
    let shown = party.ok(&["ledger", "show"]);
    assert_eq!((&report["records"], &report["state_root"]), (&2.into(), &shown["state_root"]));
    let other = Party::new();
    other.ok(&["ledger", "import", &log]);
    assert_eq!(other.ok(&["ledger", "show"])["state_root"], shown["state_root"]);
    other.fails(5, &["ledger", "import", &log]);

    let bytes = fs::read(&log).unwrap();
    fs::write(&log, &bytes[..bytes.len() - 9]).unwrap();
    assert_eq!(text(&party.fails(3, &["ledger", "audit", &log]), "remedy"), "export it again");
    let mut forged = bytes.clone();
    let middle = bytes.len() / 2;
    forged[middle] ^= 1;
    fs::write(&log, &forged).unwrap();
    assert!([1, 3].contains(&party.run(&["ledger", "audit", &log]).code));
    let third = Party::new();
    assert_ne!(third.run(&["ledger", "import", &log]).code, 0);
    assert!(!third.path("ledger.redb").exists(), "a log that broke off is no ledger");
    let stranger = Party::new();
    stranger.found();
    stranger.ok(&["policy", "set", "--flat", "5"]);
    let error = stranger.fails(1, &["ledger", "head", "--compare", &early]);
    assert_eq!(error["rule"], "L10");
}

#[test]
fn a_key_goes_out_for_ark_and_comes_back() {
    let party = Party::new();
    let file = party.file("mint.ark");
    party.ok(&["keys", "generate", "mint"]);
    let exported = party.ok(&["keys", "export", "mint", "--format", "ark", "--out", &file]);
    assert!(text(&party.fails(2, &["keys", "import", "mint", &file]), "what").contains("is there already"));
    fs::rename(party.path("keys/mint.v1.proving"), party.path("away")).unwrap();
    assert_eq!(party.ok(&["keys", "import", "mint", &file])["key_id"], exported["key_id"]);
    fs::remove_file(party.path("keys/mint.v1.proving")).unwrap();
    let imported = party.ok(&["keys", "import", "mint", &file, "--ceremony"]);
    assert_ne!(imported["key_id"], exported["key_id"], "the mark is part of the id");
    assert_eq!(party.ok(&["keys", "list"])["keys"][0]["kind"], "ceremony");
    let refused = party.fails(3, &["keys", "import", "disclose", &file]);
    assert!(text(&refused, "what").contains("the circuit's lengths"), "{refused}");
    fs::write(&file, "not a key").unwrap();
    party.fails(3, &["keys", "import", "disclose", &file]);
    party.fails(4, &["keys", "import", "disclose", &party.file("absent")]);
}

#[test]
fn bad_key_files_are_named_with_the_remedy() {
    let party = Party::new();
    let listed = party.ok(&["keys", "list"]);
    assert_eq!(listed["keys"].as_array().unwrap().len(), 7);
    party.fails(4, &["keys", "export", "mint", "--out", &party.file("mint.json")]);
    party.ok(&["keys", "generate", "mint"]);
    party.ok(&["keys", "export", "mint", "--out", &party.file("mint.json")]);
    let exported: serde_json::Value = serde_json::from_slice(&fs::read(party.path("mint.json")).unwrap()).unwrap();
    assert_eq!(exported["protocol"], "groth16");
    let id = text(&exported, "keyId");
    let key = party.path("keys/mint.v1.proving");
    let bytes = fs::read(&key).unwrap();
    fs::write(&key, &bytes[..bytes.len() - 1]).unwrap();
    let error = party.fails(3, &["keys", "generate", "mint"]);
    assert!(text(&error, "what").contains(&format!("mint.v1.proving ({id}): truncated: ")), "{error}");
    assert_eq!(text(&error, "remedy"), "delete it and run `privity keys generate`");
    fs::write(&key, "not a key").unwrap();
    assert!(text(&party.fails(3, &["keys", "generate", "mint"]), "what").contains("not a proving key"));
    fs::remove_file(&key).unwrap();
    fs::write(party.path("keys/disclose.v1.proving"), &bytes).unwrap();
    let swapped = party.fails(3, &["keys", "generate", "disclose"]);
    assert!(text(&swapped, "what").contains("it is the key of \"mint.v1\""), "{swapped}");
    party.ok(&["keys", "generate", "mint"]);
}

#[test]
fn circuits_are_broken_down_by_rule_and_gadget() {
    let party = Party::new();
    let shown = party.ok(&["keys", "circuits", "mint"]);
    let mint = &shown["circuits"][0];
    let rows = |name: &str| mint[name].as_object().unwrap().values().map(|rows| rows.as_u64().unwrap()).sum::<u64>();
    assert_eq!(mint["relation"], "mint.v1");
    assert_eq!(Some(rows("rules")), mint["constraints"].as_u64());
    assert_eq!(Some(rows("gadgets")), mint["constraints"].as_u64());
    let markdown = party.run(&["keys", "circuits", "mint", "--markdown"]);
    assert!(markdown.out.contains("| rule | rows | count |") && markdown.out.contains("| M1 |"), "{}", markdown.out);
}

#[test]
fn a_token_is_minted_once() {
    let mut party = Party::new();
    party.found();
    let anna = party.wallet("anna");
    let (signer, address) = (text(&anna, "signer"), text(&anna, "address"));
    party.ok(&["register", "signer", &text(&anna, "signer_key")]);
    party.ok(&["register", "token", "credit", "--issuer", &signer]);
    let file = party.file("mint.tx");
    let mint = ["mint", "credit", "500", "--to", &address, "--wallet", "anna", "--memo", "hello"];
    let early = party.fails(1, &mint);
    assert_eq!((&early["rule"], &early["rejection"]), (&"L9".into(), &200.into()));
    party.ok(&["register", "key", "mint"]);
    party.ok(&[&mint[..], &["--out", &file]].concat());
    let settled = party.ok(&["ledger", "submit", &file]);
    assert_eq!((&settled["supply"], &settled["position"]), (&"500".into(), &3.into()));
    let replayed = party.fails(1, &["ledger", "submit", &file]);
    assert_eq!((&replayed["rule"], &replayed["rejection"]), (&"L7".into(), &110.into()));
    let mut bytes = fs::read(&file).unwrap();
    bytes.push(0);
    fs::write(&file, &bytes).unwrap();
    party.fails(3, &["ledger", "submit", &file]);

    let balance = party.ok(&["wallet", "balance", "--wallet", "anna"]);
    assert_eq!((&balance["balances"][0]["token"], &balance["balances"][0]["value"]), (&"credit".into(), &"500".into()));
    assert_eq!(party.ok(&["wallet", "notes", "--wallet", "anna"])["notes"][0]["memo"], "hello");
    let history = party.file("history.csv");
    party.ok(&["wallet", "history", "--wallet", "anna", "--out", &history]);
    assert_eq!(fs::read_to_string(&history).unwrap().lines().count(), 2);
    let phrase = party.file("anna.phrase");
    party.ok(&["wallet", "restore", "--wallet", "again", "--phrase-file", &phrase]);
    let again = party.ok(&["wallet", "balance", "--wallet", "again"]);
    assert_eq!(again["balances"], balance["balances"]);
    assert_eq!(party.ok(&["ledger", "supply", "credit"])["tokens"][0]["supply"], "500");
    // Nobody but the issuer mints: another wallet's `credit` is another, unregistered asset.
    party.wallet("berta");
    let foreign = ["mint", "credit", "500", "--to", &address, "--wallet", "berta"];
    assert_eq!(party.fails(1, &foreign)["rule"], "L8");
    // A clock that stands behind the ledger's does not turn it back.
    party.now = "2026-02-15T00:00:00Z".into();
    let settled = party.ok(&["mint", "credit", "1", "--to", &address, "--wallet", "anna"]);
    assert_eq!(settled["time"], "2026-02-16T00:00:00Z");
}

#[test]
fn more_accounts_are_opened_later() {
    let party = Party::new();
    party.found();
    let anna = party.wallet("anna");
    party.ok(&["register", "key", "mint"]);
    party.ok(&["register", "signer", &text(&anna, "signer_key")]);
    party.ok(&["register", "token", "credit", "--issuer", &text(&anna, "signer")]);
    // The same phrase elsewhere has a second account, which is paid before this wallet opens it.
    let phrase = party.file("anna.phrase");
    let words =
        ["wallet", "restore", "--wallet", "wide", "--accounts", "2", "--account", "1", "--phrase-file", &phrase];
    let second = text(&party.ok(&words), "address");
    let closed = party.fails(4, &["wallet", "address", "--wallet", "anna", "--account", "1"]);
    assert!(text(&closed, "remedy").contains("privity wallet open --accounts 2"), "{closed}");
    party.ok(&["mint", "credit", "40", "--to", &second, "--wallet", "anna"]);
    assert_eq!(party.ok(&["wallet", "balance", "--wallet", "anna"])["balances"], serde_json::json!([]));
    let opened = party.ok(&["wallet", "open", "--accounts", "2", "--wallet", "anna"]);
    assert_eq!(opened["accounts"][1]["address"], second.as_str());
    assert_eq!(party.ok(&["wallet", "balance", "--wallet", "anna"])["balances"][0]["value"], "40");
    assert_eq!(party.ok(&["wallet", "address", "--wallet", "anna", "--account", "1"])["address"], second.as_str());
    let fees = party.ok(&["wallet", "fees", "--wallet", "operator"]);
    assert_eq!((&fees["unopened"], &fees["fees"]), (&0.into(), &serde_json::json!([])));
}

#[test]
fn a_certifiers_book_is_sealed_and_shared() {
    let party = Party::new();
    party.found();
    party.wallet("main");
    party.wallet("first");
    let group = samples().join("deal/WeekBasedCapacityGroup.json").display().to_string();
    let (request, signed, book) = (party.file("request.json"), party.file("signed.json"), party.file("shared.book"));
    party.ok(&["certify", "request", "--capacity-group", &group, "--out", &request]);
    let sign = ["certify", "sign", &request, "--capacity-group", &group, "--book", &book, "--out", &signed];
    fs::write(party.path("book.password"), "of the book\n").unwrap();
    let shared = ["--wallet", "first", "--book-password-file", &party.file("book.password")];
    party.ok(&[&sign[..], &shared].concat());
    let bytes = fs::read(&book).unwrap();
    assert!(bytes.starts_with(b"PRIVITYB"));
    // Another certifier's own password does not open it; the book's does, and it knows what was signed.
    let error = party.fails(7, &sign);
    assert_eq!(text(&error, "remedy"), "give this file's own");
    party.ok(&["certify", "request", "--capacity-group", &group, "--out", &request]);
    let over = party.fails(1, &[&sign[..], &shared].concat());
    assert!(text(&over, "what").contains("would be attested in all"), "{over}");
    fs::write(&book, "{}").unwrap();
    assert!(text(&party.fails(3, &[&sign[..], &shared].concat()), "what").contains("no Privity book"));
}

#[test]
fn completions_are_for_the_shell() {
    let run = Party::new().run(&["completions", "bash"]);
    assert!(run.code == 0 && run.out.contains("complete -F _privity"), "{}", run.err);
}

/// Words of an example, double quotes kept together.
fn words(example: &str) -> Vec<String> {
    let parts = example.split('"').enumerate();
    let words = parts.flat_map(|(index, part)| match index % 2 {
        1 => vec![part.to_owned()],
        _ => part.split_whitespace().map(str::to_owned).collect(),
    });
    words.collect()
}

#[test]
fn the_manual_is_true() {
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command.md")).unwrap();
    let mut paths = Vec::new();
    leaves(&Cli::command(), &[], &mut paths);
    let is_group = |path: &[String]| paths.iter().any(|other| other.len() > path.len() && other.starts_with(path));
    for path in paths.iter().filter(|path| !is_group(path)) {
        assert!(manual.contains(&format!("| `{}` |", path.join(" "))), "{path:?} is not in the manual");
    }
    let spans: Vec<&str> = manual.split('`').skip(1).step_by(2).filter(|span| span.starts_with("privity ")).collect();
    let examples = spans.into_iter().filter(|span| !span.contains("COMMAND"));
    let mut count = 0;
    for example in examples {
        let typed = words(example.split(" > ").next().unwrap_or_default());
        assert!(Cli::try_parse_from(&typed).is_ok(), "{example}");
        count += 1;
    }
    assert!(count >= 75, "{count} examples");
    for (code, meaning) in privity_service::error::CODES {
        let line = manual.lines().find(|line| line.starts_with(&format!("| {code} | ")));
        let head = meaning.split(':').next().unwrap_or_default();
        assert!(line.is_some_and(|line| line.contains(head)), "exit code {code}: {meaning}");
    }
}
