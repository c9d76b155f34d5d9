//! A home in a temporary folder, and the binary run in it.
#![allow(dead_code)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The folder of the sample documents.
pub fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data")
}

/// A party with a home of its own.
pub struct Party {
    folder: TempDir,
    /// Where the ledger lies, if not in the home.
    pub ledger: Option<PathBuf>,
    /// Where the keys lie, if not in the home.
    pub keys: Option<PathBuf>,
    /// The time of its commands.
    pub now: String,
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Party {
    /// A party with an empty home.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { folder, ledger: None, keys: None, now: "2026-02-16T00:00:00Z".into() }
    }

    /// A file of its own.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The path of a file as an argument.
    pub fn file(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Runs `privity` with these words, password `secret`.
    pub fn run(&self, words: &[&str]) -> Run {
        self.run_with(words, Some("secret"))
    }

    /// As [`Party::run`] with another password, or none.
    pub fn run_with(&self, words: &[&str], password: Option<&str>) -> Run {
        self.run_by(Command::new(env!("CARGO_BIN_EXE_privity")), words, password)
    }

    /// As [`Party::run_with`], by a command that ends in the binary.
    pub fn run_by(&self, mut command: Command, words: &[&str], password: Option<&str>) -> Run {
        for name in ["LEDGER", "KEYS", "WALLET", "NOW", "PASSWORD", "OPERATOR_PASSWORD", "BOOK_PASSWORD"] {
            command.env_remove(format!("PRIVITY_{name}"));
        }
        command.env("PRIVITY_HOME", self.folder.path()).args(words).args(["--now", &self.now]);
        command.stdin(std::process::Stdio::null());
        if let Some(password) = password {
            command.env("PRIVITY_PASSWORD", password);
        }
        let places = [("PRIVITY_LEDGER", &self.ledger), ("PRIVITY_KEYS", &self.keys)];
        places.into_iter().filter_map(|(name, path)| Some((name, path.as_ref()?))).for_each(|(name, path)| {
            command.env(name, path);
        });
        let output = command.output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs with `--json`; what it answered.
    #[track_caller]
    pub fn ok(&self, words: &[&str]) -> Value {
        let run = self.run(&[words, &["--json"]].concat());
        assert_eq!(run.code, 0, "{words:?}: {}", run.err);
        assert_eq!(run.out.lines().count(), 1, "one JSON object: {}", run.out);
        serde_json::from_str(&run.out).unwrap()
    }

    /// Runs with `--json` and expects this exit code; the error.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &[&str]) -> Value {
        let run = self.run(&[words, &["--json"]].concat());
        assert_eq!(run.code, code, "{words:?}: {}{}", run.out, run.err);
        assert_eq!(run.out, "", "nothing on standard output");
        let error: Value = serde_json::from_str(&run.err).unwrap();
        assert_eq!(error["error"]["code"], code);
        assert!(error["error"]["remedy"].is_string(), "{words:?}: it does not say what to do: {error}");
        error["error"].clone()
    }

    /// Founds a ledger; its phrase lies in `operator.phrase`.
    #[track_caller]
    pub fn found(&self) -> Value {
        self.ok(&["ledger", "create", "--name", "test", "--phrase-file", &self.file("operator.phrase")])
    }

    /// Makes a wallet; what `wallet address` says.
    #[track_caller]
    pub fn wallet(&self, name: &str) -> Value {
        let phrase = self.file(&format!("{name}.phrase"));
        self.ok(&["wallet", "create", "--wallet", name, "--phrase-file", &phrase])
    }
}

/// A member of an answer as text.
#[track_caller]
pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {value}")).to_owned()
}
