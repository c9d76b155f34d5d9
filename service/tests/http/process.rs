//! The command itself: killed, terminated, backed up.

use crate::client::Connection;
use crate::home::{Home, call};
use crate::world::size;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
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
