//! Refusals and redirects against a receiver on loopback.

use super::*;
use crate::server::hooks::outbox::{Delivery, HookId, Parcel};
use crate::server::hooks::sign::Key;
use crate::server::hooks::target::Names;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// A receiver that answers each connection with this and passes on what it read.
fn receiver(answer: &'static str) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, receive) = channel();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut text = Vec::new();
            let mut buffer = [0; 4096];
            while !String::from_utf8_lossy(&text).ends_with("{\"a\":1}") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(count) => text.extend_from_slice(&buffer[..count]),
                }
            }
            let _ = stream.write_all(answer.as_bytes());
            let _ = send.send(String::from_utf8_lossy(&text).into_owned());
        }
    });
    (port, receive)
}

fn due(url: &str, key: &Key) -> Due {
    let id = HookId::named("00000000010000000000000000000001").unwrap();
    let delivery =
        Delivery { id: id.clone(), hook: id, event: "job.done".into(), created: 1, attempts: 0, failure: None };
    let parcel = Parcel { caller: "a".into(), delivery, body: "{\"a\":1}".into() };
    Due { row: Vec::new(), parcel, url: url.into(), key: key.clone() }
}

fn attempt(targets: Targets, url: &str, key: &Key) -> Attempt {
    let sender = || Sender::new(Arc::new(targets));
    actix_web::rt::System::new().block_on(async { sender().send(&due(url, key), 77).await })
}

fn local() -> Targets {
    Targets { allow: vec!["127.0.0.0/8".parse().unwrap()], ..plain() }
}

fn plain() -> Targets {
    Targets { plain_http: true, ..Targets::default() }
}

#[test]
fn a_delivery_is_signed_and_arrives_where_it_is_allowed() {
    let key = Key::fresh(&mut rand::thread_rng());
    let (port, received) = receiver("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(attempt(local(), &format!("http://127.0.0.1:{port}/x"), &key), Attempt::Delivered);
    let text = received.recv().unwrap();
    let header = |name: &str| {
        let line = text.lines().find(|line| line.to_ascii_lowercase().starts_with(name)).unwrap();
        line.split_once(": ").unwrap().1.trim().to_owned()
    };
    assert!(text.starts_with("POST /x HTTP/1.1\r\n"));
    assert_eq!(header("webhook-timestamp"), "77");
    assert!(key.verify(&header("webhook-id"), 77, b"{\"a\":1}", &header("webhook-signature")));
}

#[test]
fn inside_addresses_get_no_connection() {
    let key = Key::fresh(&mut rand::thread_rng());
    let (port, received) = receiver("HTTP/1.1 204 No Content\r\n\r\n");
    for host in
        ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0"]
    {
        let outcome = attempt(plain(), &format!("http://{host}:{port}/"), &key);
        let unresolved = Attempt::Failed("the host's name does not resolve".to_owned());
        assert!(matches!(outcome, Attempt::Refused(_)) || outcome == unresolved, "{host}: {outcome:?}");
    }
    assert!(matches!(attempt(plain(), &format!("http://localhost:{port}/"), &key), Attempt::Refused(_)));
    assert!(received.try_recv().is_err(), "nobody connected");
}

/// Targets whose names resolve to these addresses, one set per question, the last one for ever.
fn naming(answers: &[&[&str]]) -> Targets {
    let sets: Vec<Vec<std::net::IpAddr>> =
        answers.iter().map(|set| set.iter().map(|address| address.parse().unwrap()).collect()).collect();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let names = Names::new(move |_, port| {
        let question = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed).min(sets.len() - 1);
        Ok(sets[question].iter().map(|address| SocketAddr::new(*address, port)).collect())
    });
    Targets { names, ..plain() }
}

#[test]
fn a_name_that_resolves_inside_gets_no_connection() {
    let key = Key::fresh(&mut rand::thread_rng());
    let (port, received) = receiver("HTTP/1.1 204 No Content\r\n\r\n");
    let url = format!("http://erp.example.com:{port}/");
    for inside in ["127.0.0.1", "169.254.169.254", "::1", "10.0.0.1", "::ffff:127.0.0.1"] {
        for answer in [vec![inside], vec!["8.8.8.8", inside]] {
            let outcome = attempt(naming(&[&answer]), &url, &key);
            assert!(matches!(&outcome, Attempt::Refused(why) if why.contains("public")), "{answer:?}: {outcome:?}");
        }
    }
    assert!(received.try_recv().is_err(), "nobody connected");
}

#[test]
fn a_name_that_changes_after_it_was_registered_is_checked_again() {
    let key = Key::fresh(&mut rand::thread_rng());
    let (port, received) = receiver("HTTP/1.1 204 No Content\r\n\r\n");
    let targets = Arc::new(naming(&[&["8.8.8.8"], &["127.0.0.1"]]));
    let url = format!("http://erp.example.com:{port}/");
    let (registered, sent) = actix_web::rt::System::new().block_on(async {
        let registered = resolve(&targets, "erp.example.com", port).await;
        (registered, Sender::new(targets.clone()).send(&due(&url, &key), 77).await)
    });
    assert!(registered.is_ok());
    assert!(matches!(sent, Attempt::Refused(_)), "{sent:?}");
    assert!(received.try_recv().is_err(), "nobody connected");
}

#[test]
fn a_redirect_is_not_followed() {
    let key = Key::fresh(&mut rand::thread_rng());
    let (second, received) = receiver("HTTP/1.1 204 No Content\r\n\r\n");
    let answer =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{second}/\r\ncontent-length: 0\r\n\r\n");
    let (first, _) = receiver(answer.leak());
    let outcome = attempt(local(), &format!("http://127.0.0.1:{first}/"), &key);
    assert!(matches!(&outcome, Attempt::Failed(why) if why.contains("redirects")), "{outcome:?}");
    assert!(received.try_recv().is_err(), "nobody connected");
}

#[test]
fn other_answers() {
    let key = Key::fresh(&mut rand::thread_rng());
    let (port, _received) = receiver("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n");
    assert!(matches!(attempt(local(), &format!("http://127.0.0.1:{port}/"), &key), Attempt::Failed(_)));
    let (port, _received) = receiver("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n");
    assert!(matches!(attempt(local(), &format!("http://127.0.0.1:{port}/"), &key), Attempt::Refused(_)));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert!(matches!(attempt(local(), &format!("http://127.0.0.1:{free}/"), &key), Attempt::Failed(_)));
    assert!(matches!(attempt(local(), "", &key), Attempt::Refused(_)));
}
