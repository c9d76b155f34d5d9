//! Health, the document, problems, and who may pass.

use crate::app::TestApp;
use privity_service::server::document::Access;
use privity_service::server::{Kind, Scope};

#[test]
fn health_and_document_are_open() {
    let app = TestApp::start();
    let mut connection = app.connect();
    for path in ["/livez", "/readyz"] {
        assert_eq!(connection.call("GET", path, &[], &[]).unwrap().status, 200, "{path}");
    }
    let document = connection.call("GET", "/openapi.json", &[], &[]).unwrap();
    assert!(document.json()["openapi"].as_str().unwrap().starts_with("3.1"));
    let tag = document.header("etag").unwrap().to_owned();
    assert_eq!(connection.call("GET", "/openapi.json", &[("if-none-match", &tag)], &[]).unwrap().status, 304);
    for kind in Kind::ALL {
        let path = format!("/problems/{}", kind.name());
        assert_eq!(connection.call("GET", &path, &[], &[]).unwrap().json()["status"], kind.status().as_u16());
    }
    assert_eq!(connection.call("GET", "/problems/none", &[], &[]).unwrap().problem(), "not-found");
    assert_eq!(connection.call("GET", "/elsewhere", &[], &[]).unwrap().problem(), "not-found");
    let wrong = connection.call("POST", "/livez", &[], &[]).unwrap();
    assert_eq!((wrong.problem().as_str(), wrong.header("allow")), ("method-not-allowed", Some("GET")));
}

#[test]
fn every_route_takes_its_scope_and_no_other() {
    let app = TestApp::start();
    let mut connection = app.connect();
    let routes: Vec<_> = app.service.document.routes().collect();
    assert!(routes.len() > 5);
    for (path, method, access) in routes {
        let path = concrete(path);
        let mut call = |headers: &[(&str, &str)]| {
            // A stream never ends: a connection each.
            connection = app.connect();
            connection.call_head(method, &path, headers).unwrap().status
        };
        let Access::Scope(needed) = access else {
            assert!(![401, 403].contains(&call(&[])), "{method} {path}");
            continue;
        };
        for credential in ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer privity_0000000000000000_AAAA"] {
            assert_eq!(call(&[("authorization", credential)]), 401, "{method} {path} {credential}");
        }
        assert_eq!(call(&[]), 401, "{method} {path}");
        for scope in Scope::ALL {
            let authorization = format!("Bearer {}", app.token(scope));
            let status = call(&[("authorization", &authorization)]);
            let right = scope == needed;
            assert_eq!([401, 403].contains(&status), !right, "{method} {path} with {scope}: {status}");
            assert_eq!(status == 403, !right, "{method} {path} with {scope}: {status}");
            let twice = [("authorization", authorization.as_str()), ("authorization", authorization.as_str())];
            assert_eq!(call(&twice), 401, "{method} {path}: two credentials");
        }
    }
}

#[test]
fn every_mutating_route_reads_an_idempotency_key() {
    let app = TestApp::start();
    let mut mutating = 0;
    for (path, method, access) in app.service.document.routes().filter(|(_, method, _)| *method != "GET") {
        let Access::Scope(scope) = access else { panic!("{method} {path} is open to everybody") };
        let long = "k".repeat(256);
        for key in ["a b", "", long.as_str()] {
            let headers = [("content-type", "application/json"), ("idempotency-key", key)];
            let answer = app.call(scope, method, &concrete(path), &headers, b"{}");
            assert_eq!(answer.problem(), "malformed", "{method} {path} with {key:?}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains("Idempotency-Key"), "{method} {path}: {detail}");
        }
        mutating += 1;
    }
    assert!(mutating >= 10, "{mutating}");
}

/// A path of this pattern.
fn concrete(pattern: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "0".to_owned() } else { part.to_owned() };
    pattern.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn no_pattern_covers_another() {
    let app = TestApp::start();
    let patterns: Vec<Vec<String>> =
        app.service.document.routes().map(|(path, ..)| path.split('/').map(str::to_owned).collect()).collect();
    for one in &patterns {
        for other in patterns.iter().filter(|other| *other != one && other.len() == one.len()) {
            let apart = one.iter().zip(other).any(|(a, b)| a != b && !a.starts_with('{') && !b.starts_with('{'));
            assert!(apart, "{one:?} and {other:?} take the same path");
        }
    }
}

#[test]
fn a_request_id_is_the_callers_or_a_new_one() {
    let app = TestApp::start();
    let mut connection = app.connect();
    let mut id = |sent: &str| {
        let answer = connection.call("GET", "/livez", &[("x-request-id", sent)], &[]).unwrap();
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(id("order-7"), "order-7");
    assert_ne!(id("a b"), "a b");
    assert_ne!(id(&"a".repeat(65)), "a".repeat(65));
}
