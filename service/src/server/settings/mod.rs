//! What an operator sets: one TOML file, and `PRIVITY_SECTION__KEY` in the environment on top of it.
//!
//! Every key has a default. [`EXAMPLE`] lists all of them; a test compares it with [`Settings::default`].

mod sections;

pub use sections::{Auth, Clock, Daemon, Follow, Format, Http, Jobs, Limits, Log, Node, Tls, Webhooks};

use crate::error::{Code, Failure};
use crate::files;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Every key with its default and a comment.
pub const EXAMPLE: &str = include_str!("example.toml");

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Listener and limits of single requests.
    pub http: Http,
    /// TLS and client certificates.
    pub tls: Tls,
    /// The ledger and its files.
    pub node: Node,
    /// Credentials.
    pub auth: Auth,
    /// Limits of callers.
    pub limits: Limits,
    /// The clock.
    pub clock: Clock,
    /// Proving jobs.
    pub jobs: Jobs,
    /// Webhooks.
    pub webhooks: Webhooks,
    /// The wallet daemon.
    pub daemon: Daemon,
    /// Following another node.
    pub follow: Follow,
    /// Logs.
    pub log: Log,
    /// Where relative paths begin; of the command line, not of the file.
    #[serde(skip)]
    pub home: PathBuf,
}

impl Settings {
    /// From a file, if one is named, and the environment.
    ///
    /// # Errors
    /// [`Code::Input`] names the key that is unknown or does not fit; [`Code::Missing`] without the file.
    pub fn load(
        file: Option<&Path>,
        home: &Path,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Failure> {
        let text = file.map(files::read_text).transpose()?.unwrap_or_default();
        let name = |failure: Failure| match file {
            Some(path) => failure.in_file(path),
            None => failure,
        };
        let mut table: Table = toml::from_str(&text).map_err(|error| name(wrong(error)))?;
        for (key, value) in environment {
            overlay(&mut table, &key, &value)?;
        }
        let mut settings: Self = table.try_into().map_err(|error| name(wrong(error)))?;
        settings.home = home.to_owned();
        settings.check()?;
        Ok(settings)
    }

    /// What no type says.
    ///
    /// # Errors
    /// [`Code::Input`] names the key.
    pub fn check(&self) -> Result<(), Failure> {
        let http = &self.http;
        let rules = [
            (http.body_bytes < 1 << 16, "http.body_bytes is at least 65536, the length of the longest transaction"),
            (http.json_depth == 0, "http.json_depth is at least 1"),
            (http.request_seconds == 0 || http.header_seconds == 0, "http.*_seconds are at least 1"),
            (http.concurrency == 0, "http.concurrency is at least 1"),
            (
                !http.origins_fit(),
                "http.origins are schemes and hosts, as `https://erp.example`, none of them a pattern",
            ),
            (self.node.batch == 0 || self.node.waiting == 0, "node.batch and node.waiting are at least 1"),
            (self.tls.certificate.is_empty() != self.tls.key.is_empty(), "tls.certificate and tls.key go together"),
            (!self.tls.client_authority.is_empty() && !self.tls.is_on(), "tls.client_authority needs tls.certificate"),
            (
                self.limits.per_second == 0 || self.limits.burst == 0,
                "limits.per_second and limits.burst are at least 1",
            ),
            (
                !self.follow.url.is_empty() && self.node.sign,
                "a follower signs nothing: node.sign is false with follow.url",
            ),
        ];
        match rules.into_iter().find(|(broken, _)| *broken) {
            Some((_, rule)) => Err(Failure::new(Code::Input, format!("{rule}; change it"))),
            None => Ok(()),
        }
    }

    /// A path of the settings: as it is if absolute, else in the home.
    pub fn path(&self, path: &str) -> PathBuf {
        self.home.join(path)
    }
}

fn wrong(error: toml::de::Error) -> Failure {
    Failure::new(Code::Input, error.to_string().trim_end()).or_remedy("`privity config example` lists every key")
}

/// Puts `PRIVITY_SECTION__KEY` into the table; other variables are none of ours.
fn overlay(table: &mut Table, key: &str, value: &str) -> Result<(), Failure> {
    let Some((section, key)) = key.strip_prefix("PRIVITY_").and_then(|rest| rest.split_once("__")) else {
        return Ok(());
    };
    // What reads as a TOML value is one, anything else is text.
    let parsed = toml::from_str::<Table>(&format!("value = {value}")).ok().and_then(|mut table| table.remove("value"));
    let section = section.to_ascii_lowercase();
    let entry = table.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
    let Value::Table(entry) = entry else {
        return Err(Failure::new(
            Code::Input,
            format!("`{section}` is no section; `privity config example` lists them"),
        ));
    };
    entry.insert(key.to_ascii_lowercase(), parsed.unwrap_or_else(|| Value::String(value.to_owned())));
    Ok(())
}

#[cfg(test)]
mod tests;
