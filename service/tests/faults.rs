//! A machine that refuses: files that cannot grow, folders that cannot be written. Each command says so by its code, leaves nothing
//! half done, and works again once the cause is gone.
#![cfg(unix)]

mod common;

use common::{Party, Run, text};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Runs `privity` where no file can grow beyond `blocks`: writing fails as it does on a full disk.
fn cramped(party: &Party, blocks: u64, words: &[&str]) -> Run {
    let mut command = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f \"$0\" && exec \"$@\"";
    command.args(["-c", script, &blocks.to_string(), env!("CARGO_BIN_EXE_privity")]);
    party.run_by(command, &[words, &["--json"]].concat(), Some("secret"))
}

/// Every file below a folder but locks, which are empty.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path().display().to_string()),
        }
    }
    found.retain(|name| !name.ends_with(".lock"));
    found.sort();
    found
}

fn home(party: &Party) -> Vec<String> {
    files(party.path("x").parent().unwrap())
}

/// The error of a run that the machine refused.
#[track_caller]
fn refused(run: &Run) -> Value {
    assert_eq!((run.code, run.out.as_str()), (5, ""), "{}", run.err);
    let error: Value = serde_json::from_str(&run.err).unwrap();
    assert!(error["error"]["remedy"].is_string(), "{error}");
    error["error"].clone()
}

/// Largest first, in blocks of 512 bytes.
const SIZES: [u64; 5] = [1 << 13, 1 << 10, 64, 8, 0];

#[test]
fn a_full_disk_founds_no_half_ledger() {
    let party = Party::new();
    let words = ["ledger", "create", "--name", "test", "--phrase-file", &party.file("operator.phrase")];
    let mut failed = 0;
    for blocks in SIZES {
        let run = cramped(&party, blocks, &words);
        if run.code == 0 {
            assert_eq!(failed, 0);
            let made = ["ledger.redb", "operator.key", "operator.phrase"];
            assert_eq!(home(&party).len(), made.len());
            made.iter().for_each(|name| fs::remove_file(party.path(name)).unwrap());
        } else {
            refused(&run);
            failed += 1;
            assert_eq!(home(&party), Vec::<String>::new(), "{blocks} blocks");
        }
    }
    assert!(failed >= 3, "{failed}");
    party.found();
    party.ok(&["ledger", "show"]);
}

#[test]
fn a_full_disk_loses_nothing_that_was_there() {
    let party = Party::new();
    party.found();
    let anna = party.wallet("anna");
    party.ok(&["register", "key", "mint"]);
    party.ok(&["register", "signer", &text(&anna, "signer_key")]);
    party.ok(&["register", "token", "credit", "--issuer", &text(&anna, "signer")]);
    let (log, address) = (party.file("valley.log"), text(&anna, "address"));
    party.ok(&["ledger", "export", &log]);
    let exported = fs::read(&log).unwrap();
    let before = home(&party);
    let mint = ["mint", "credit", "5", "--to", &address, "--wallet", "anna"];
    let attempts: [&[&str]; 5] = [
        &mint,
        &["ledger", "export", &log],
        &["policy", "set", "--flat", "FLAT"],
        &["ledger", "import", &log, "--ledger", &party.file("copy.redb")],
        &["wallet", "viewing-key", "--wallet", "anna", "--out", &party.file("anna.view")],
    ];
    let mut failed = [0; 5];
    for (attempt, words) in attempts.iter().enumerate() {
        for blocks in SIZES {
            let position = |party: &Party| party.ok(&["ledger", "show"])["position"].as_u64().unwrap();
            let start = position(&party);
            // A policy that was in force before is refused as such.
            let flat = (blocks + 1).to_string();
            let words: Vec<&str> = words.iter().map(|word| if *word == "FLAT" { &flat } else { *word }).collect();
            let run = cramped(&party, blocks, &words);
            let settles = attempt == 0 || attempt == 2;
            if run.code == 0 {
                assert_eq!(position(&party), start + u64::from(settles), "{words:?}");
                let _ = (fs::remove_file(party.path("copy.redb")), fs::remove_file(party.path("anna.view")));
                continue;
            }
            refused(&run);
            failed[attempt] += 1;
            assert_eq!(position(&party), start, "{words:?}: refused is not settled");
            assert_eq!(home(&party), before, "{words:?} at {blocks} blocks");
        }
    }
    assert!(failed.iter().all(|count| *count > 0), "{failed:?}");
    assert!(fs::read(&log).unwrap().starts_with(&exported[..16]), "an old export is replaced whole or not at all");
    party.ok(&["ledger", "export", &log]);
    party.ok(&["ledger", "audit", &log]);
    party.ok(&mint);
    let held = party.ok(&["wallet", "balance", "--wallet", "anna"])["balances"][0]["value"].clone();
    assert_eq!(party.ok(&["ledger", "supply", "credit"])["tokens"][0]["supply"], held);
}

#[test]
fn a_full_disk_makes_no_half_key() {
    let party = Party::new();
    for blocks in [64, 1, 0] {
        refused(&cramped(&party, blocks, &["keys", "generate", "mint"]));
        // A verifying key may be there, whole; a proving key is the last to be written.
        let kept = home(&party).into_iter().find(|name| !name.ends_with(".verifying") && !name.ends_with(".json"));
        assert_eq!(kept, None, "{blocks} blocks");
    }
    party.ok(&["keys", "generate", "mint"]);
    let listed = party.ok(&["keys", "list"]);
    assert!(listed["keys"][0]["key_id"].is_string(), "{listed}");
}

/// `nobody`, for whom permissions hold even where the tests run as root.
const NOBODY: u32 = 65_534;

/// Gives a home to `nobody`; folders read-only or not.
fn hand_over(folder: &Path, mode: u32) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            hand_over(&entry.path(), mode);
        }
        let _ = chown(entry.path(), Some(NOBODY), Some(NOBODY));
    }
    let _ = chown(folder, Some(NOBODY), Some(NOBODY));
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_read_only_folder_is_said_to_be_one() {
    let party = Party::new();
    let folder = party.path("x").parent().unwrap().to_owned();
    party.found();
    let anna = party.wallet("anna");
    party.ok(&["register", "key", "mint"]);
    party.ok(&["register", "signer", &text(&anna, "signer_key")]);
    party.ok(&["register", "token", "credit", "--issuer", &text(&anna, "signer")]);
    let made = fs::metadata(&folder).unwrap();
    let (mode, root) = (made.mode(), made.uid() == 0);
    let binary = folder.join("privity");
    fs::copy(env!("CARGO_BIN_EXE_privity"), &binary).unwrap();
    let run = |words: &[&str]| {
        let mut command = Command::new(&binary);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        party.run_by(command, &[words, &["--json"]].concat(), Some("secret"))
    };
    hand_over(&folder, 0o555);
    let before = home(&party);
    let position = || {
        let shown = run(&["ledger", "show"]);
        assert_eq!(shown.code, 0, "{}", shown.err);
        serde_json::from_str::<Value>(&shown.out).unwrap()["position"].clone()
    };
    let start = position();
    let phrase = party.file("new.phrase");
    let address = text(&anna, "address");
    let attempts: [&[&str]; 5] = [
        &["mint", "credit", "5", "--to", &address, "--wallet", "anna"],
        &["ledger", "export", &party.file("log")],
        &["wallet", "create", "--wallet", "berta", "--phrase-file", &phrase],
        &["wallet", "viewing-key", "--wallet", "anna", "--out", &party.file("anna.view")],
        &["keys", "generate", "disclose"],
    ];
    for words in attempts {
        let error = refused(&run(words));
        assert!(text(&error, "what").contains("ermission denied"), "{words:?}: {error}");
    }
    assert_eq!((position(), home(&party)), (start, before));
    hand_over(&folder, 0o755);
    let minted = run(attempts[0]);
    assert_eq!(minted.code, 0, "{}", minted.err);
    fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
}
