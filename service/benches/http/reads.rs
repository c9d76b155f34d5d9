//! Settlements, reads, verification.

use crate::client::Connection;
use crate::home::{Home, Serving, call};
use crate::load::load;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_circuits::{Statement, field};
use privity_ledger::{Body, Codec, Item, Leg};
use serde_json::json;

pub fn settle(home: &mut Home, serving: &Serving) {
    let count = privity_testkit::size(4_000, 20_000);
    let all = home.transfers(count + count / 2);
    let token = &home.token;
    let each = |connection: &mut Connection, index: usize| {
        let answer =
            call(connection, token, "POST", "/v1/transactions", Some(&index.to_string()), &all[index]).unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
    };
    let (times, took) = load(serving, 128, count, None, each);
    let rate = count as f64 / took.as_secs_f64();
    times.print("settle, 128 connections, as fast as answered", took);
    let half = |connection: &mut Connection, index: usize| each(connection, count + index);
    let (times, took) = load(serving, 128, count / 2, Some(rate / 2.0), half);
    times.print("settle, half that load", took);
}

/// Every read that answers one question, each path varied as far as there are different ones.
pub fn read(home: &mut Home, serving: &Serving) {
    let count = privity_testkit::size(20_000, 200_000);
    let all = home.transfers(500);
    for bytes in &all {
        assert_eq!(serving.call(home, "POST", "/v1/transactions", None, bytes).unwrap().status, 201);
    }
    let get = |path: &str| {
        let answer = serving.call(home, "GET", path, None, &[]).unwrap();
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    };
    let ledger = get("/v1/ledger");
    let length = ledger["length"].as_u64().unwrap() as usize;
    let id = |list: &str, member: &str| get(list)["items"][0][member].as_str().unwrap().to_owned();
    let (root, settled) = (ledger["root"].as_str().unwrap(), get(&format!("/v1/entries/{}", length - 1)));
    let several = |path: &str| (0..length).map(|index| format!("{path}/{index}")).collect::<Vec<_>>();
    let paths: Vec<(&str, Vec<String>)> = vec![
        ("/v1/head", vec!["/v1/head".into()]),
        ("/v1/heads/{length}", vec![format!("/v1/heads/{length}")]),
        ("/v1/ledger", vec!["/v1/ledger".into()]),
        ("/v1/entries/{position}, a key's", vec!["/v1/entries/3".into()]),
        ("/v1/entries/{position}, all in turn", several("/v1/entries")),
        ("/v1/entries?limit=16", (0..length - 16).map(|from| format!("/v1/entries?cursor={from}&limit=16")).collect()),
        ("/v1/transactions/{id}", vec![format!("/v1/transactions/{}", settled["id"].as_str().unwrap())]),
        ("/v1/roots/{root}", vec![format!("/v1/roots/{root}")]),
        ("/v1/paths/{leaf}", (0..1_000).map(|leaf| format!("/v1/paths/{leaf}")).collect()),
        ("/v1/nullifiers/{nullifier}", (0..1_000).map(|one| format!("/v1/nullifiers/0x{one:064x}")).collect()),
        ("/v1/tokens", vec!["/v1/tokens".into()]),
        ("/v1/tokens/{asset}", vec![format!("/v1/tokens/{}", id("/v1/tokens", "asset"))]),
        ("/v1/signers", vec!["/v1/signers".into()]),
        ("/v1/keys", vec!["/v1/keys".into()]),
        ("/v1/keys/{id}", vec![format!("/v1/keys/{}", id("/v1/keys", "id"))]),
        ("/v1/consistency, 100 links", vec![format!("/v1/consistency?from={}&to={length}", length - 100)]),
    ];
    for (name, paths) in paths {
        let each = |connection: &mut Connection, index: usize| {
            let path = &paths[index % paths.len()];
            let answer = call(connection, &home.token, "GET", path, None, &[]).unwrap();
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        };
        let (times, took) = load(serving, 16, count, None, each);
        times.print(&format!("read {name}, 16 connections"), took);
    }
}

pub fn verify(home: &mut Home, serving: &Serving) {
    let claims: Vec<serde_json::Value> = home
        .transfers(512)
        .iter()
        .map(|bytes| match Item::from_bytes(bytes).unwrap() {
            Item::Transaction(transaction) => match transaction.body {
                Body::Transfer { leg: Leg::Payment(claim), .. } => {
                    let inputs: Vec<String> = claim.statement.public_inputs().iter().map(field::to_hex).collect();
                    json!({ "key": claim.key.to_string(), "inputs": inputs, "proof": STANDARD.encode(claim.proof.to_bytes()) })
                }
                _ => unreachable!("a payment"),
            },
            _ => unreachable!("a transaction"),
        })
        .collect();
    let mut single = 0.0;
    for size in [1, 64] {
        let calls: Vec<Vec<u8>> =
            claims.chunks(size).map(|part| json!({ "claims": part }).to_string().into_bytes()).collect();
        let each = |connection: &mut Connection, index: usize| {
            let authorization = format!("Bearer {}", home.token);
            let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
            let answer = connection.call("POST", "/v1/verifications", &headers, &calls[index]).unwrap();
            assert_eq!(answer.json()["valid"], true, "{answer:?}");
        };
        let (times, took) = load(serving, 2, calls.len(), None, each);
        let rate = claims.len() as f64 / took.as_secs_f64();
        times.print(&format!("verify, {size} claims per call: {rate:.0} claims/s; calls"), took);
        if size == 1 {
            single = rate;
        } else {
            println!("verify: a batch call has {:.2} times the single calls' throughput", rate / single);
        }
    }
}
