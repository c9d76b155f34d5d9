//! The command itself: killed, terminated, backed up.

use crate::client::{Answer, Connection};
use crate::home::{Home, Serving, call};
use crate::world::{Person, size};
use privity_circuits::Fr;
use privity_circuits::keys::Owner;
use privity_circuits::mint::Mint;
use privity_service::server::jobs::wire::Pair;
use privity_testkit::{rng, samples};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::Value;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, fs, thread};
use tempfile::TempDir;

/// Starts, sends transactions from four clients, ends the process by a signal, and says what was acknowledged by key.
fn ended_under_load(home: &Home, all: &[Vec<u8>], round: usize, signal: &str) -> Vec<(usize, Vec<u8>)> {
    let mut serving = home.serve();
    let begun = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (address, token, begun) = (serving.address, home.token.clone(), begun.clone());
            let part: Vec<(usize, Vec<u8>)> =
                all.iter().cloned().enumerate().filter(|(index, _)| index % 4 == client).collect();
            thread::spawn(move || {
                let mut told = Vec::new();
                let Ok(mut connection) = Connection::open(address) else { return told };
                for (index, bytes) in part {
                    let key = format!("{round}-{index}");
                    match call(&mut connection, &token, "POST", "/v1/transactions", Some(&key), &bytes) {
                        Ok(answer) if answer.status == 201 => told.push((index, answer.body)),
                        Ok(answer) => assert_eq!(answer.status, 503, "{answer:?}"),
                        Err(_) => break,
                    }
                    begun.store(true, Ordering::Release);
                }
                told
            })
        })
        .collect();
    while !begun.load(Ordering::Acquire) {
        thread::yield_now();
    }
    thread::sleep(Duration::from_millis((round as u64 * 37) % 150));
    serving.signal(signal);
    let status = serving.child.wait().unwrap();
    assert_eq!(status.success(), signal == "-TERM", "{status}");
    clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
}

#[test]
fn killed_or_terminated_under_load_every_acknowledgement_stands_once() {
    let mut home = Home::new();
    let rounds = [("-KILL", size(3, 200)), ("-TERM", size(2, 20))];
    let mut round = 0;
    for (signal, count) in rounds {
        for _ in 0..count {
            round += 1;
            let all = home.transfers(size(60, 300));
            let told = ended_under_load(&home, &all, round, signal);
            assert!(!told.is_empty());
            let serving = home.serve();
            for (index, body) in &told {
                let key = format!("{round}-{index}");
                let again = serving.call(&home, "POST", "/v1/transactions", Some(&key), &all[*index]).unwrap();
                assert_eq!((again.status, &again.body), (201, body), "the same answer to the same key");
                let bare = serving.call(&home, "POST", "/v1/transactions", None, &all[*index]).unwrap();
                assert_eq!(bare.status, 409, "it stands once");
            }
        }
    }
    // What lies on disk is a ledger that replays.
    let file = home.path("log").display().to_string();
    home.run(&["ledger", "export", &file]);
    home.run(&["ledger", "audit", &file]);
}

#[test]
fn tokens_are_made_listed_and_revoked_while_it_serves() {
    let home = Home::new();
    let serving = home.serve();
    let made = home.run(&["token", "new", "--name", "auditor", "--scope", "auditor", "--days", "1"]);
    let token = made["token"].as_str().unwrap();
    let status = || {
        let mut connection = Connection::open(serving.address).unwrap();
        call(&mut connection, token, "GET", "/v1/ledger", None, &[]).unwrap().status
    };
    let becomes = |wanted: u16| {
        (0..100).any(|_| {
            thread::sleep(Duration::from_millis(100));
            status() == wanted
        })
    };
    assert!(becomes(200));
    let listed = home.run(&["token", "list"]);
    assert!(!listed.to_string().contains(token) && listed.to_string().contains("auditor"));
    assert!(!fs::read_to_string(home.path("tokens.json")).unwrap().contains(token));
    home.run(&["token", "revoke", made["id"].as_str().unwrap()]);
    assert!(becomes(401));
}

#[test]
fn a_back_up_of_a_running_node_is_restored_and_a_follower_follows() {
    let mut home = Home::new();
    let all = home.transfers(3);
    let serving = home.serve();
    for bytes in &all {
        assert_eq!(serving.call(&home, "POST", "/v1/transactions", None, bytes).unwrap().status, 201);
    }
    let (url, token) = (format!("http://{}", serving.address), home.path("token").display().to_string());
    let copy = home.path("copy").display().to_string();
    let backup = home.run(&["backup", "--url", &url, "--token-file", &token, &copy]);
    let other = TempDir::new().unwrap();
    let restore = home
        .command(&["restore", &copy, "--json"])
        .arg("--ledger")
        .arg(other.path().join("ledger.redb"))
        .output()
        .unwrap();
    assert!(restore.status.success(), "{}", String::from_utf8_lossy(&restore.stderr));
    let restored: Value = serde_json::from_slice(&restore.stdout).unwrap();
    assert_eq!(restored["state_root"], backup["state_root"]);
    assert_eq!(restored["records"], backup["records"]);
}

#[test]
fn settings_are_checked_and_shown() {
    let home = Home::new();
    let example = home.command(&["config", "example"]).output().unwrap();
    let file = home.path("example.toml");
    fs::write(&file, &example.stdout).unwrap();
    home.run(&["config", "check", &file.display().to_string()]);
    fs::write(&file, "[http]\nnobody = 1\n").unwrap();
    let wrong = home.command(&["config", "check", &file.display().to_string()]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(3));
    assert!(Path::new(&file).exists() && String::from_utf8_lossy(&wrong.stderr).contains("nobody"));
}

/// Calls again until the answer has this status.
fn until(what: &str, wanted: u16, mut call: impl FnMut() -> std::io::Result<Answer>) -> Answer {
    let found = (0..300).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        call().ok().filter(|answer| answer.status == wanted)
    });
    found.unwrap_or_else(|| panic!("{what} never was answered {wanted}"))
}

/// One call with this token, a JSON body and an idempotency key.
fn json(serving: &Serving, token: &str, method: &str, path: &str, key: &str, body: &Value) -> std::io::Result<Answer> {
    let authorization = format!("Bearer {token}");
    let headers =
        [("authorization", authorization.as_str()), ("content-type", "application/json"), ("idempotency-key", key)];
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Connection::open(serving.address)?.call(method, path, &headers, &body)
}

fn owner(member: u64) -> String {
    Owner::new(Fr::from(member)).to_string()
}

/// Has the node admit a member.
fn admit(serving: &Serving, token: &str, member: u64) {
    let signer = privity_service::directory::show_key(&Person::new(member).public);
    let admit = serde_json::json!({ "operation": "admit", "owner": owner(member), "signer": signer });
    let entered = json(serving, token, "POST", "/v1/operations", &format!("admit-{member}"), &admit).unwrap();
    assert_eq!(entered.status, 201, "{entered:?}");
}

#[test]
fn a_back_up_of_the_service_is_restored_with_the_ledgers_and_answers_as_before() {
    let mut home = Home::new();
    home.settings("[jobs]\nenabled = false\n");
    let (all, serving, token) = (home.transfers(2), home.serve(), home.token.clone());
    [1_001, 1_002].into_iter().for_each(|member| admit(&serving, &token, member));
    let made = home.run(&[
        "token",
        "new",
        "--name",
        "buyer",
        "--scope",
        "submitter",
        "--scope",
        "prover",
        "--party",
        &owner(1_001),
    ]);
    let buyer = made["token"].as_str().unwrap();
    until("the new token", 200, || json(&serving, buyer, "GET", "/v1/deals", "-", &Value::Null));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let deal = serde_json::json!({
        "nonce": "0".repeat(32), "counterparty": owner(1_002), "act": "request", "expires": now + 1_000, "envelope": "c2VhbGVk",
    });
    let (statement, witness) = (samples::mint::subject().valid)(&mut rng(1));
    let proof: Value = serde_json::from_str(&Pair::<Mint> { statement, witness }.to_json()).unwrap();
    let calls = |serving: &Serving| {
        let settled = serving.call(&home, "POST", "/v1/transactions", Some("order-1"), &all[0]).unwrap();
        let opened = json(serving, buyer, "POST", "/v1/deals", "deal-1", &deal).unwrap();
        let ordered = json(serving, buyer, "POST", "/v1/proofs/mint.v1", "job-1", &proof).unwrap();
        assert_eq!([settled.status, opened.status, ordered.status], [201, 201, 202]);
        [settled, opened, ordered].map(|answer| (answer.header("location").unwrap().to_owned(), answer.body))
    };
    let told = calls(&serving);
    let head = format!("/v1/heads/{}", serde_json::from_slice::<Value>(&told[0].1).unwrap()["head"]["length"]);
    let signed = serving.call(&home, "GET", &head, None, &[]).unwrap();
    assert_eq!(signed.status, 200);
    let url = format!("http://{}", serving.address);
    let [token_file, log, kept] =
        ["token", "copy.log", "copy.service"].map(|name| home.path(name).display().to_string());
    let backup = home.run(&["backup", "--url", &url, "--token-file", &token_file, "--service", &kept, &log]);
    // What comes later is not in the copy.
    assert_eq!(serving.call(&home, "POST", "/v1/transactions", None, &all[1]).unwrap().status, 201);
    drop(serving);

    let other = TempDir::new().unwrap();
    let restore = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_privity"));
        command.args(["restore", &log, "--service", &kept, "--json", "--home"]).arg(other.path());
        let output = command.env_remove("PRIVITY_LEDGER").output().unwrap();
        (output.status.success(), output)
    };
    let (good, output) = restore();
    assert!(good, "{}", String::from_utf8_lossy(&output.stderr));
    let restored: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(restored["state_root"], backup["state_root"]);
    assert!(!restore().0, "nothing is overwritten");
    let other = home.moved_to(other);
    let serving = other.serve();
    assert_eq!(calls(&serving), told, "the same answers to the same keys");
    assert_eq!(serving.call(&home, "GET", &head, None, &[]).unwrap().body, signed.body);
    let deal = json(&serving, buyer, "GET", &told[1].0, "-", &Value::Null).unwrap().ok();
    assert_eq!(deal["state"], "REQUESTED");
    let envelope = json(&serving, buyer, "GET", &format!("{}/envelopes/1", told[1].0), "-", &Value::Null).unwrap();
    assert_eq!(envelope.body, b"sealed");
    let job = json(&serving, buyer, "GET", &told[2].0, "-", &Value::Null).unwrap().ok();
    assert_eq!(job["state"], "interrupted", "its witness was in memory alone");
    assert_eq!(serving.call(&home, "POST", "/v1/transactions", None, &all[0]).unwrap().status, 409, "it stands once");
    assert_eq!(serving.call(&home, "POST", "/v1/transactions", None, &all[1]).unwrap().status, 201);
}

#[test]
fn a_disk_without_room_refuses_writes_serves_reads_and_is_written_again_without_a_restart() {
    let mut home = Home::new();
    // What lies there, and a little more: files end where the limit says, as they do on a full disk, that of the log among them.
    let length = ["ledger.redb", "service.redb"].map(|name| fs::metadata(home.path(name)).map_or(0, |data| data.len()));
    let blocks = (length.into_iter().max().unwrap_or(0) + (2 << 20)) / 512;
    let serving = home.serve_after(&format!("export PRIVITY_LOG__FILTER=trace; trap '' XFSZ; ulimit -S -f {blocks}"));
    let mut told = Vec::new();
    let refused = (0..100).find_map(|part| {
        let all = home.transfers(100);
        let mut connection = Connection::open(serving.address).unwrap();
        all.into_iter().enumerate().find_map(|(index, bytes)| {
            let key = format!("{part}-{index}");
            let answer = call(&mut connection, &home.token, "POST", "/v1/transactions", Some(&key), &bytes).unwrap();
            match answer.status {
                201 => told.push((key, bytes, answer.body)),
                _ => return Some((key, bytes, answer)),
            }
            None
        })
    });
    let (key, bytes, answer) = refused.expect("the disk never was full");
    assert_eq!((answer.status, answer.problem().as_str()), (503, "unavailable"));
    assert!(answer.header("retry-after").is_some());
    let read = |path: &str| until(path, 200, || serving.call(&home, "GET", path, None, &[])).json();
    assert!(read("/v1/ledger")["length"].as_u64().unwrap() >= told.len() as u64, "reads go on");
    read("/v1/entries/3");
    // Room again.
    let pid = Pid::from_raw(i32::try_from(serving.child.id()).unwrap());
    prlimit(pid, Resource::Fsize, Rlimit { current: None, maximum: None }).unwrap();
    until("the refused transaction", 201, || serving.call(&home, "POST", "/v1/transactions", Some(&key), &bytes));
    for (key, bytes, body) in told.iter().rev().take(20) {
        let again = serving.call(&home, "POST", "/v1/transactions", Some(key), bytes).unwrap();
        assert_eq!((again.status, &again.body), (201, body), "what was acknowledged stands");
    }
}

#[test]
fn a_canary_witness_is_in_no_file_of_the_process_that_was_aborted() {
    let home = Home::new();
    let keys = env::var("PRIVITY_KEYS").unwrap_or_else(|_| home.path("keys").display().to_string());
    home.settings(&format!("[jobs]\nkeys = \"{keys}\"\nworkers = 1\n"));
    let mut serving = home.serve_after("export PRIVITY_LOG__FILTER=trace; ulimit -c unlimited 2>/dev/null");
    let (statement, witness) = (samples::mint::subject().valid)(&mut rng(42));
    let secret = witness.blinding;
    let body: Value = serde_json::from_str(&Pair::<Mint> { statement, witness }.to_json()).unwrap();
    let ordered = json(&serving, &home.token, "POST", "/v1/proofs/mint.v1", "canary", &body).unwrap();
    assert_eq!(ordered.status, 202, "{ordered:?}");
    let mut wrong = body.clone();
    wrong["statement"]["value"] = "7".into();
    assert_eq!(json(&serving, &home.token, "POST", "/v1/proofs/mint.v1", "wrong", &wrong).unwrap().status, 422);
    let place = ordered.header("location").unwrap().to_owned();
    let done = (0..600).any(|_| {
        thread::sleep(Duration::from_millis(100));
        json(&serving, &home.token, "GET", &place, "-", &Value::Null).unwrap().json()["state"] == "done"
    });
    assert!(done, "the proof is not made");
    // One more is in memory when the process dies.
    assert_eq!(json(&serving, &home.token, "POST", "/v1/proofs/mint.v1", "again", &body).unwrap().status, 202);
    let limits = fs::read_to_string(format!("/proc/{}/limits", serving.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
    serving.signal("-ABRT");
    let status = serving.child.wait().unwrap();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));

    let bytes = privity_circuits::field::to_bytes(&secret);
    let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
    let shapes = [bytes.to_vec(), reversed, privity_service::files::hex(&bytes).into_bytes()];
    let mut files = 0;
    for entry in fs::read_dir(home.path(".")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(!name.starts_with("core"), "a core file: {name}");
        if path.is_file() {
            let content = fs::read(&path).unwrap();
            files += 1;
            for shape in &shapes {
                assert!(
                    !content.windows(shape.len()).any(|window| window == shape.as_slice()),
                    "the witness is in {name}"
                );
            }
        }
    }
    assert!(files >= 5, "ledger, service, tokens, settings and log are searched");
    let log = fs::read_to_string(home.path("log")).unwrap();
    assert!(log.contains("/v1/proofs/{relation}"), "there is a log of the call");
}
