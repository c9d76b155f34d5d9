//! A server in this process, with verbs.
#![allow(dead_code)]

use crate::client::{Answer, Connection};
use crate::world::{FixedOperator, START, World};
use privity_circuits::Fr;
use privity_circuits::keys::Owner;
use privity_ledger::{Changes, Codec, Item, MemoryStore, Operator, Read, Store, StoreError};
use privity_service::server::clock::Source;
use privity_service::server::state::{Parts, Service};
use privity_service::server::tokens::{Credential, Grant, Tokens};
use privity_service::server::{Application, RedbDatabase, Scope, Settings};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// A store that outlives the ledger on it.
#[derive(Clone)]
pub struct Shared(pub Arc<dyn Store>);

impl Store for Shared {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.0.read()
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        self.0.write(changes)
    }
}

/// A running server.
pub struct TestApp {
    pub world: World,
    pub service: Arc<Service>,
    pub address: SocketAddr,
    /// Where the wallet daemon listens, if the settings ask for one; its wallets' password is `secret`.
    pub daemon: Option<SocketAddr>,
    pub store: Arc<dyn Store>,
    /// Tokens of three submitters that act for the owners 1001, 1002 and 1003.
    pub parties: Vec<String>,
    tokens: Vec<(Scope, String)>,
    thread: Option<JoinHandle<()>>,
}

/// What a server is made of.
pub struct Setup {
    pub world: World,
    pub settings: Settings,
    pub store: Arc<dyn Store>,
    pub operator: Option<Box<dyn Operator>>,
    /// Credentials beside the usual ones.
    pub credentials: Vec<Credential>,
    pub clock: Option<Source>,
}

impl Setup {
    /// The usual operator and clock on the ledger in this store.
    pub fn new(world: World, settings: Settings, store: Arc<dyn Store>) -> Self {
        Self { world, settings, store, operator: Some(Box::new(FixedOperator)), credentials: Vec::new(), clock: None }
    }

    /// The same on a new ledger in memory.
    pub fn fresh(settings: Settings) -> Self {
        let (world, store) = (World::new(1), Arc::new(MemoryStore::new()));
        drop(world.ledger_on(Box::new(Shared(store.clone()))));
        Self::new(world, settings, store)
    }
}

/// Settings of tests: a free port, two threads.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.http.listen = "127.0.0.1:0".into();
    settings.http.workers = 2;
    settings.http.stop_seconds = 5;
    (settings.limits.per_second, settings.limits.burst) = (1_000_000, 1_000_000);
    settings.limits.anonymous_per_second = 1_000_000;
    settings
}

impl TestApp {
    /// A server on a new ledger in memory.
    pub fn start() -> Self {
        Self::with(settings(), Arc::new(MemoryStore::new()))
    }

    /// A server with these settings on a new ledger in this store.
    pub fn with(settings: Settings, store: Arc<dyn Store>) -> Self {
        let world = World::new(1);
        drop(world.ledger_on(Box::new(Shared(store.clone()))));
        Self::on(world, settings, store)
    }

    /// A server on the ledger in this store.
    pub fn on(world: World, settings: Settings, store: Arc<dyn Store>) -> Self {
        Self::of(Setup::new(world, settings, store))
    }

    /// A server of these parts.
    pub fn of(setup: Setup) -> Self {
        let Setup { world, settings, store, operator, credentials, clock } = setup;
        let grant = |name: &str, scopes: &[Scope], party: Option<String>| {
            let scopes = scopes.iter().copied().collect();
            Grant { name: name.into(), scopes, party, created: 0, expires: u64::MAX }.token()
        };
        let granted = Scope::ALL.map(|scope| (scope, grant(scope.name(), &[scope], None)));
        let bound = [1_001u64, 1_002, 1_003].map(|owner| {
            let party = Owner::new(Fr::from(owner)).to_string();
            grant(&format!("party-{owner}"), &[Scope::Submitter], Some(party))
        });
        let known =
            granted.iter().map(|(_, (_, credential))| credential).chain(bound.iter().map(|(_, credential)| credential));
        let credentials: Vec<_> = known.cloned().chain(credentials).collect();
        let parties = bound.iter().map(|(text, _)| text.to_string()).collect();
        let tokens = granted.into_iter().map(|(scope, (text, _))| (scope, text.to_string())).collect();
        let (start, under) = (Instant::now(), store.clone());
        let parts = Parts {
            store: Box::new(move || Ok(Box::new(Shared(under.clone())))),
            operator: operator.filter(|_| settings.node.sign),
            database: Box::new(RedbDatabase::memory().unwrap()),
            quoting: None,
            tokens: Tokens::of(credentials),
            clock: Some(clock.unwrap_or_else(|| Box::new(move || START + start.elapsed().as_secs()))),
        };
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = Application::build(settings, parts).unwrap();
                let app = app.with_daemon(|| Ok("secret".to_owned().into())).unwrap();
                sender.send((app.address(), app.daemon_address(), app.service().clone())).unwrap();
                app.run().await.unwrap();
            });
        });
        let (address, daemon, service) = receiver.recv().unwrap();
        Self { world, service, address, daemon, store, parties, tokens, thread: Some(thread) }
    }

    /// A token with this scope alone.
    pub fn token(&self, scope: Scope) -> &str {
        &self.tokens.iter().find(|(known, _)| *known == scope).unwrap().1
    }

    pub fn connect(&self) -> Connection {
        Connection::open(self.address).unwrap()
    }

    /// One call on a connection of its own, with a token of this scope.
    pub fn call(&self, scope: Scope, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = format!("Bearer {}", self.token(scope));
        let headers = [headers, &[("authorization", authorization.as_str())]].concat();
        self.connect().call(method, path, &headers, body).unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        self.call(Scope::Auditor, "GET", path, &[], &[])
    }

    pub fn post(&self, scope: Scope, path: &str, body: &Value) -> Answer {
        self.call(scope, "POST", path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    /// One call with the token of a party, counted from 0.
    pub fn as_party(&self, party: usize, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let authorization = format!("Bearer {}", self.parties[party]);
        let headers = [headers, &[("authorization", authorization.as_str())]].concat();
        self.connect().call(method, path, &headers, body).unwrap()
    }

    /// Submits the bytes of a transaction.
    pub fn submit(&self, item: impl Into<Item>, key: Option<&str>) -> Answer {
        let bytes = item.into().to_bytes();
        let mut headers = vec![("content-type", "application/octet-stream")];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        self.call(Scope::Submitter, "POST", "/v1/transactions", &headers, &bytes)
    }

    /// Stops it and waits until it has.
    pub fn stop(&mut self) {
        self.service.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.service.stop();
        if let Some(thread) = self.thread.take() {
            let joined = thread.join();
            assert!(joined.is_ok() || thread::panicking(), "the server panicked");
        }
    }
}
