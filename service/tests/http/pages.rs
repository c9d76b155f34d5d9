//! What browsers come for: the page of the routes, and whose pages may call.

use crate::app::{TestApp, settings};
use privity_ledger::MemoryStore;
use privity_service::server::Scope;
use std::sync::Arc;

#[test]
fn the_page_is_served_with_all_that_it_loads_and_may_load_nothing_else() {
    let app = TestApp::start();
    let page = app.connect().call("GET", "/docs", &[], &[]).unwrap();
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let text = String::from_utf8(page.body.clone()).unwrap();
    assert!(!text.contains("//"), "the page names a host");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self';") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    for name in ["swagger-ui-bundle.js", "swagger-ui.css", "start.js"] {
        assert!(text.contains(&format!("\"docs/{name}\"")));
        let path = format!("/docs/{name}");
        let asset = app.connect().call("GET", &path, &[], &[]).unwrap();
        assert_eq!(asset.status, 200);
        let tag = asset.header("etag").unwrap().to_owned();
        assert_eq!(app.connect().call("GET", &path, &[("if-none-match", &tag)], &[]).unwrap().status, 304);
    }
    for name in ["README.md", "..%2fsystem.rs", "x"] {
        assert_eq!(app.connect().call("GET", &format!("/docs/{name}"), &[], &[]).unwrap().problem(), "not-found");
    }
}

const ORIGIN: (&str, &str) = ("origin", "https://erp.example");
const ASKS: [(&str, &str); 2] =
    [("access-control-request-method", "POST"), ("access-control-request-headers", "authorization,idempotency-key")];

#[test]
fn other_origins_are_allowed_by_name_alone() {
    let off = TestApp::start();
    let answer = off.call(Scope::Auditor, "GET", "/v1/ledger", &[ORIGIN], &[]);
    assert!(answer.header("access-control-allow-origin").is_none());
    let asked = off.connect().call("OPTIONS", "/v1/transactions", &[&[ORIGIN], &ASKS[..]].concat(), &[]).unwrap();
    assert_eq!(asked.problem(), "method-not-allowed");

    let mut settings = settings();
    settings.http.origins = vec![ORIGIN.1.into()];
    let on = TestApp::with(settings, Arc::new(MemoryStore::new()));
    let answer = on.call(Scope::Auditor, "GET", "/v1/ledger", &[ORIGIN], &[]);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(ORIGIN.1)));
    assert!(answer.header("access-control-allow-credentials").is_none());
    let asked = on.connect().call("OPTIONS", "/v1/transactions", &[&[ORIGIN], &ASKS[..]].concat(), &[]).unwrap();
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (200, Some(ORIGIN.1)));
    let other = [&[("origin", "https://erp.example.evil")], &ASKS[..]].concat();
    let asked = on.connect().call("OPTIONS", "/v1/transactions", &other, &[]).unwrap();
    assert!(asked.header("access-control-allow-origin").is_none(), "{asked:?}");
    let answer = on.call(Scope::Auditor, "GET", "/v1/ledger", &other[..1], &[]);
    assert!(answer.header("access-control-allow-origin").is_none());
    let bare = on.connect().call("GET", "/v1/ledger", &[ORIGIN], &[]).unwrap();
    assert_eq!(bare.problem(), "unauthenticated", "an origin is no credential");
}
