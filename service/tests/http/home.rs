//! The command itself in a home of its own, its ledger on simulated keys.
#![allow(dead_code)]

use crate::client::{Answer, Connection};
use crate::world::{START, World, anchor};
use privity_ledger::store::Options;
use privity_ledger::{Codec, EntryBody, Item, RedbStore, Registration};
use privity_service::purse::Purse;
use privity_service::server::Scope;
use privity_service::server::tokens::{self, Grant};
use privity_wallet::Seed;
use rand::rngs::OsRng;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};
use tempfile::TempDir;
use zeroize::Zeroizing;

/// A home with a ledger on simulated keys, an operator's key, settings and a token with every scope.
pub struct Home {
    folder: TempDir,
    pub world: World,
    pub token: String,
}

/// The command as it serves.
pub struct Serving {
    pub child: Child,
    pub address: SocketAddr,
}

impl Home {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let world = World::new(3);
        let store = RedbStore::open(&folder.path().join("ledger.redb"), Options::default()).unwrap();
        let (ledger, password) = (world.ledger_on(Box::new(store)), Zeroizing::new(String::from("secret")));
        let seed = Seed::generate(&mut OsRng);
        let purse = Purse::create(folder.path().join("operator.key"), seed, &world.genesis, 1, password).unwrap();
        let operator = Registration::Operator(purse.operator().unwrap().public_key());
        ledger.enter(EntryBody::Register(operator), START).unwrap();
        fs::write(folder.path().join("operator.password"), "secret\n").unwrap();
        let grant =
            Grant { name: "erp".into(), scopes: Scope::ALL.into(), party: None, created: 0, expires: u64::MAX >> 1 };
        let (token, credential) = grant.token();
        tokens::change(&folder.path().join("tokens.json"), |all| Ok(all.insert(credential.id.clone(), credential)))
            .unwrap();
        fs::write(folder.path().join("token"), token.as_str()).unwrap();
        let this = Self { folder, world, token: token.to_string() };
        this.settings("");
        this
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn settings(&self, more: &str) {
        let text = format!(
            "[http]\nlisten = \"127.0.0.1:0\"\nstop_seconds = 5\n[clock]\nstart_seconds = 4000000000\n[log]\nfilter = \"warn\"\n{more}"
        );
        fs::write(self.path("privity.toml"), text).unwrap();
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_privity"));
        for name in ["LEDGER", "KEYS", "NOW", "PASSWORD", "OPERATOR_PASSWORD", "CONFIG"] {
            command.env_remove(format!("PRIVITY_{name}"));
        }
        command.args(words).arg("--home").arg(self.folder.path()).stdin(Stdio::null());
        command
    }

    /// A home in another folder, with this one's settings and operator.
    pub fn moved_to(&self, folder: TempDir) -> Self {
        for name in ["operator.key", "operator.password", "privity.toml"] {
            fs::copy(self.path(name), folder.path().join(name)).unwrap();
        }
        Self { folder, world: World::new(4), token: self.token.clone() }
    }

    pub fn serve(&self) -> Serving {
        let config = self.path("privity.toml").display().to_string();
        Self::served(&mut self.command(&["serve", "--config", &config]))
    }

    /// As [`Home::serve`], by a shell that runs `before` first; logs go to `log` in the home.
    pub fn serve_after(&self, before: &str) -> Serving {
        let config = self.path("privity.toml").display().to_string();
        let own = self.command(&["serve", "--config", &config]);
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before}; exec \"$0\" \"$@\"")]).arg(own.get_program()).args(own.get_args());
        command.current_dir(self.folder.path()).stderr(fs::File::create(self.path("log")).unwrap());
        Self::served(command.stdin(Stdio::null()))
    }

    fn served(command: &mut Command) -> Serving {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it did not start: {line}"));
        let address = said["url"].as_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
        Serving { child, address }
    }

    pub fn run(&self, words: &[&str]) -> Value {
        let output = self.command(&[words, &["--json"]].concat()).output().unwrap();
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn transfers(&mut self, count: usize) -> Vec<Vec<u8>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let root = anchor(&self.world.ledger());
        (0..count).map(|_| Item::from(self.world.any_transfer(root, now)).to_bytes()).collect()
    }
}

impl Serving {
    pub fn call(
        &self,
        home: &Home,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: &[u8],
    ) -> std::io::Result<Answer> {
        call(&mut Connection::open(self.address)?, &home.token, method, path, key, body)
    }

    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn call(
    connection: &mut Connection,
    token: &str,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: &[u8],
) -> std::io::Result<Answer> {
    let authorization = format!("Bearer {token}");
    let mut headers = vec![("authorization", authorization.as_str()), ("content-type", "application/octet-stream")];
    headers.extend(key.map(|key| ("idempotency-key", key)));
    connection.call(method, path, &headers, body)
}
