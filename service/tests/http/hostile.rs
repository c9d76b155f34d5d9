//! What a server must survive: wrong bodies, wrong headers, slow clients.

use crate::app::{TestApp, settings};
use crate::client::Connection;
use crate::world::size;
use privity_ledger::MemoryStore;
use privity_service::server::Scope;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn wrong_bodies_are_refused_with_a_problem() {
    let app = TestApp::start();
    let json = [("content-type", "application/json")];
    let post =
        |headers: &[(&str, &str)], body: &[u8]| app.call(Scope::Submitter, "POST", "/v1/transactions", headers, body);
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let bodies: [&[u8]; 12] = [
        b"",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"{\"transaction\":1}",
        b"{\"transaction\":\"\"}",
        b"{\"transaction\":\"*\"}",
        b"{\"transaction\":\"AA\"} x",
        b"{\"transaction\":\"AAAA\",\"x\":1}",
        b"\xff\xfe{\x00}\x00",
        &deep,
    ];
    for body in bodies {
        let answer = post(&json, body);
        assert_eq!((answer.status, answer.problem().as_str()), (400, "malformed"), "{:?}", &body[..body.len().min(40)]);
    }
    for media in
        ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=latin1"]
    {
        assert_eq!(post(&[("content-type", media)], b"{}").problem(), "unsupported-media-type", "{media}");
    }
    assert_eq!(post(&[], b"{}").status, 415);
    let encoded = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(post(&encoded, b"{}").status, 415);
    assert_eq!(post(&json, &vec![b' '; (1 << 20) + 1]).problem(), "too-large");
    let octets = [("content-type", "application/octet-stream")];
    for bytes in [vec![], vec![0], vec![255; 100], vec![1; 70_000]] {
        assert_eq!(post(&octets, &bytes).problem(), "malformed");
    }
    assert_eq!(app.get("/v1/ledger").status, 200);
}

#[test]
fn a_body_of_no_stated_length_is_read_to_the_limit_and_no_further() {
    let mut settings = settings();
    settings.http.body_bytes = 10_000;
    let app = TestApp::with(settings, Arc::new(MemoryStore::new()));
    let token = app.token(Scope::Submitter).to_owned();
    let send = |chunks: usize| {
        let mut connection = app.connect();
        let head = format!(
            "POST /v1/transactions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let chunk = format!("3e8\r\n{}\r\n", " ".repeat(1_000));
        connection.send(format!("{head}{}0\r\n\r\n", chunk.repeat(chunks)).as_bytes()).unwrap();
        connection.answer().unwrap()
    };
    assert_eq!(send(10).problem(), "malformed", "as long as it may be, but no JSON");
    assert_eq!(send(11).problem(), "too-large");
    assert_eq!(send(11).status, 413);
}

/// Every raw request, with the statuses that are right for it; 0 stands for a connection closed without an answer.
#[test]
fn smuggled_and_injected_headers_get_nowhere() {
    let app = TestApp::start();
    let token = app.token(Scope::Auditor).to_owned();
    let good = format!("GET /v1/ledger HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n");
    let cases: Vec<(String, &[u16])> = vec![
        (
            format!(
                "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{good}\r\n"
            ),
            &[0, 400],
        ),
        (
            "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef".into(),
            &[0, 400],
        ),
        ("POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n".into(), &[0, 400]),
        ("POST /v1/transactions HTTP/1.1\r\nhost: x\r\ncontent-length: 1e3\r\n\r\n".into(), &[0, 400]),
        (
            "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n".into(),
            &[0, 400, 401],
        ),
        (
            "POST /v1/transactions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".into(),
            &[0, 400, 401],
        ),
        ("GET /livez HTTP/1.1\r\nhost: x\r\nx-request-id: a\r\n b\r\n\r\n".into(), &[0, 400]),
        ("GET /livez HTTP/1.1\r\nhost: x\r\nx-request-id: a\x00b\r\n\r\n".into(), &[0, 400]),
        ("GET /livez HTTP/1.1\r\nhost : x\r\n\r\n".into(), &[0, 400]),
        ("GET /problems/a%0d%0aset-cookie:%20x HTTP/1.1\r\nhost: x\r\n\r\n".into(), &[404]),
        ("GET  /livez HTTP/1.1\r\nhost: x\r\n\r\n".into(), &[0, 400]),
        ("GET /livez HTTP/9.9\r\nhost: x\r\n\r\n".into(), &[0, 400, 505]),
        ("BREW /livez HTTP/1.1\r\nhost: x\r\n\r\n".into(), &[405]),
        ("\x16\x03\x01\x02\x00".into(), &[0, 400]),
        (format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(200_000)), &[0, 400, 414, 431]),
        (format!("GET /livez HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(200)), &[0, 400, 431]),
        (format!("GET /livez HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "b".repeat(200_000)), &[0, 400, 431]),
        (format!("{good}\r\n"), &[200]),
    ];
    for (request, right) in cases {
        let mut connection = app.connect();
        let shown = &request[..request.len().min(90)];
        // The server may close before it has read everything.
        let sent = connection.send(request.as_bytes());
        let status = connection.answer().map_or(0, |answer| {
            assert!(answer.header("set-cookie").is_none());
            answer.status
        });
        assert!(right.contains(&status) || sent.is_err(), "{status}: {shown:?}");
        if right[0] == 0 {
            // Nothing behind a request that cannot be delimited is taken for another one.
            assert!(connection.answer().is_err(), "a second answer to {shown:?}");
        }
    }
}

#[test]
fn slow_clients_are_cut_while_others_are_served() {
    let mut settings = settings();
    (settings.http.header_seconds, settings.http.request_seconds) = (1, 2);
    let app = TestApp::with(settings, Arc::new(MemoryStore::new()));
    let token = app.token(Scope::Submitter).to_owned();
    let starts = [
        "GET /livez HTTP/1.1\r\nhost: x\r\n".to_owned(),
        "G".to_owned(),
        format!(
            "POST /v1/transactions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{"
        ),
    ];
    let begun = Instant::now();
    let mut slow: Vec<Connection> = (0..size(60, 500))
        .map(|index| {
            let mut connection = app.connect();
            connection.send(starts[index % starts.len()].as_bytes()).unwrap();
            connection
        })
        .collect();
    for connection in &mut slow {
        assert_eq!(app.get("/v1/ledger").status, 200);
        let left = Duration::from_secs(15).saturating_sub(begun.elapsed());
        connection.patience(left.max(Duration::from_millis(1)));
        let rest = connection.rest().expect("it was not cut");
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{:?}", String::from_utf8_lossy(&rest));
    }
}

#[test]
fn who_asks_too_much_waits() {
    let mut settings = settings();
    (settings.limits.per_second, settings.limits.burst, settings.limits.anonymous_per_second) = (1, 5, 2);
    let app = TestApp::with(settings, Arc::new(MemoryStore::new()));
    let answers: Vec<_> = (0..10).map(|_| app.get("/v1/ledger")).collect();
    assert!(answers[..5].iter().all(|answer| answer.status == 200));
    let last = answers.last().unwrap();
    assert_eq!(last.problem(), "too-many-requests");
    assert!(last.header("retry-after").is_some());
    assert_ne!(app.call(Scope::Operator, "GET", "/metrics", &[], &[]).status, 429, "another caller's limit is its own");
    let statuses: Vec<u16> = (0..6)
        .map(|_| app.connect().call("GET", "/v1/ledger", &[("authorization", "Bearer x")], &[]).unwrap().status)
        .collect();
    assert!(statuses.contains(&401) && statuses.contains(&429), "{statuses:?}");
}

#[test]
fn a_full_service_says_so_at_once() {
    let mut settings = settings();
    settings.http.concurrency = 2;
    let app = TestApp::with(settings, Arc::new(MemoryStore::new()));
    let mut held = [app.connect(), app.connect()];
    for (connection, token) in held.iter_mut().zip([app.token(Scope::Submitter), &app.parties[0]]) {
        connection.send(slow(token).as_bytes()).unwrap();
    }
    let full = (0..1_000).map(|_| app.get("/v1/ledger")).find(|answer| answer.status == 503);
    let full = full.expect("it never was full");
    assert_eq!(full.problem(), "overloaded");
    assert!(full.header("retry-after").is_some());
    assert_eq!(app.get("/livez").status, 200, "a full service lives");
    for connection in &mut held {
        connection.send(b"{\"a\":\"b\"}").unwrap();
        assert_eq!(connection.answer().unwrap().problem(), "malformed");
    }
    assert_eq!(app.get("/v1/ledger").status, 200);
}

/// The header of a request whose body is awaited.
fn slow(token: &str) -> String {
    format!(
        "POST /v1/transactions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n"
    )
}

#[test]
fn one_caller_does_not_fill_the_service() {
    let mut settings = settings();
    settings.http.concurrency = 8;
    let app = TestApp::with(settings, Arc::new(MemoryStore::new()));
    let token = app.token(Scope::Submitter).to_owned();
    let mut greedy: Vec<_> = (0..20).map(|_| app.connect()).collect();
    greedy.iter_mut().for_each(|connection| connection.send(slow(&token).as_bytes()).unwrap());
    let mut refused = 0;
    for connection in &mut greedy[4..] {
        // Which four of them came first is not known.
        connection.patience(std::time::Duration::from_millis(500));
        refused += usize::from(connection.answer().is_ok_and(|answer| answer.status == 429));
    }
    assert!(refused >= 12, "{refused} of 20 refused");
    for _ in 0..20 {
        assert_eq!(app.get("/v1/ledger").status, 200, "others are served");
    }
}
