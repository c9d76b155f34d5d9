//! Many subscribers of the log.

use crate::client::Connection;
use crate::home::{Home, Serving};
use crate::load::{Times, resident};
use std::time::Instant;

pub fn stream(home: &mut Home, serving: &Serving) {
    let count = privity_testkit::size(500, 10_000);
    let next = home.transfers(2);
    let process = serving.child.id();
    // What the first settlement takes is not the streams'.
    assert_eq!(serving.call(home, "POST", "/v1/transactions", None, &next[0]).unwrap().status, 201);
    let length = serving.call(home, "GET", "/v1/ledger", None, &[]).unwrap().json()["length"].as_u64().unwrap();
    let idle = resident(process);
    let authorization = format!("Bearer {}", home.token);
    let path = format!("/v1/stream?from={}", length - 1);
    let open = |_| {
        let mut connection = Connection::open(serving.address).unwrap();
        let head = connection.call_head("GET", &path, &[("authorization", authorization.as_str())]).unwrap();
        assert_eq!(head.status, 200, "{head:?}");
        assert_eq!(connection.event()["position"], length - 1);
        connection
    };
    let mut all: Vec<Connection> = (0..count).map(open).collect();
    let with = resident(process);
    let begun = Instant::now();
    assert_eq!(serving.call(home, "POST", "/v1/transactions", None, &next[1]).unwrap().status, 201);
    let heard = all.iter_mut().map(|connection| {
        assert_eq!(connection.event()["position"], length);
        begun.elapsed()
    });
    let mut heard = Times(heard.collect());
    let after = resident(process);
    let each = |with: u64| with.saturating_sub(idle) as f64 / count as f64;
    println!(
        "stream: {count} subscribers; resident {idle} KiB idle, {with} KiB with them, {:.1} KiB each; {after} KiB, {:.1} KiB each after an entry",
        each(with),
        each(after)
    );
    println!(
        "stream: half of them had the next entry after {:.1?}, all after {:.1?}",
        heard.share(0.5),
        heard.share(1.0)
    );
}
