//! Many clients at once.

use crate::app::TestApp;
use crate::client::Connection;
use crate::world::{START, anchor, size};
use privity_ledger::{Codec, Item};
use privity_service::server::Scope;
use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

fn submit(
    connection: &mut Connection,
    authorization: &str,
    bytes: &[u8],
    key: Option<&str>,
) -> std::io::Result<crate::client::Answer> {
    let mut headers = vec![("content-type", "application/octet-stream"), ("authorization", authorization)];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    connection.call("POST", "/v1/transactions", &headers, bytes)
}

#[test]
fn one_note_by_many_clients_settles_once() {
    let mut app = TestApp::start();
    let (clients, rounds) = (64, size(3, 200));
    let authorization = format!("Bearer {}", app.token(Scope::Submitter));
    for round in 0..rounds {
        let ledger = app.service.node.ledger().unwrap();
        let anchor = anchor(&ledger);
        drop(ledger);
        let first = app.world.spend::<2, 3>(anchor, START);
        // Every client spends the same note in a transaction of its own.
        let all: Vec<Vec<u8>> = (0..clients)
            .map(|_| {
                let mut statement = app.world.spend::<2, 3>(anchor, START);
                statement.nullifiers[0] = first.nullifiers[0];
                Item::from(app.world.transfer(statement)).to_bytes()
            })
            .collect();
        let (barrier, address) = (Barrier::new(clients), app.address);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let run = |bytes: &Vec<u8>| {
                let mut connection = Connection::open(address).unwrap();
                barrier.wait();
                submit(&mut connection, &authorization, bytes, None).unwrap().status
            };
            let threads: Vec<_> = all.iter().map(|bytes| scope.spawn(move || run(bytes))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "round {round}: {statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 409).count(), clients - 1);
    }
}

#[test]
fn repetitions_at_once_are_answered_alike() {
    let mut app = TestApp::start();
    let authorization = format!("Bearer {}", app.token(Scope::Submitter));
    let before = app.get("/v1/ledger").ok()["length"].as_u64().unwrap();
    let requests = size(12, 1_000);
    for request in 0..requests {
        let (bytes, key) = (Item::from(app.transfer()).to_bytes(), format!("key-{request}"));
        let (barrier, address) = (Barrier::new(8), app.address);
        let run = || {
            let mut connection = Connection::open(address).unwrap();
            barrier.wait();
            let answer = submit(&mut connection, &authorization, &bytes, Some(&key)).unwrap();
            (answer.status, answer.body)
        };
        let bodies: BTreeSet<(u16, Vec<u8>)> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(bodies.len(), 1, "{bodies:?}");
        assert_eq!(bodies.first().unwrap().0, 201);
    }
    assert_eq!(app.get("/v1/ledger").ok()["length"].as_u64().unwrap(), before + requests as u64);
}

#[test]
fn stopping_under_load_loses_no_acknowledgement() {
    for _ in 0..size(2, 20) {
        let mut app = TestApp::start();
        let authorization = format!("Bearer {}", app.token(Scope::Submitter));
        let all: Vec<Vec<u8>> = (0..200).map(|_| Item::from(app.transfer()).to_bytes()).collect();
        let (address, begun, store) = (app.address, AtomicBool::new(false), app.store.clone());
        let run = |part: &[Vec<u8>]| {
            let mut told = Vec::new();
            let Ok(mut connection) = Connection::open(address) else { return told };
            for bytes in part {
                match submit(&mut connection, &authorization, bytes, None) {
                    Ok(answer) if answer.status == 201 => told.push(answer.json()["hash"].as_str().unwrap().to_owned()),
                    // Refused while stopping, or the connection is gone: not acknowledged.
                    Ok(answer) => assert_eq!(answer.status, 503, "{answer:?}"),
                    Err(_) => break,
                }
                begun.store(true, Ordering::Release);
            }
            told
        };
        let acknowledged: Vec<String> = thread::scope(|scope| {
            let run = &run;
            let threads: Vec<_> = all.chunks(50).map(|part| scope.spawn(move || run(part))).collect();
            while !begun.load(Ordering::Acquire) {
                thread::yield_now();
            }
            app.stop();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let ledger = privity_ledger::Ledger::open(Box::new(crate::app::Shared(store)), None).unwrap();
        let id = ledger.read(|state| Ok(state.ledger())).unwrap();
        let hashes: Vec<String> = ledger
            .records(0, 1_000)
            .unwrap()
            .iter()
            .map(|record| privity_service::files::hex(&record.hash(id)))
            .collect();
        assert!(!acknowledged.is_empty());
        for hash in acknowledged {
            assert_eq!(hashes.iter().filter(|known| **known == hash).count(), 1, "an acknowledged settlement is gone");
        }
    }
}
