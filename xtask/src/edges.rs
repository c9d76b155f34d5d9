//! Dependencies between our crates point one way.

use std::path::Path;
use std::process::Command;

/// (crate, our crates that it may depend on); dev-dependencies are free but for what `NEVER` says.
const ALLOWED: &[(&str, &[&str])] = &[
    ("arith", &[]),
    ("circuits", &["arith"]),
    ("documents", &[]),
    ("model", &[]),
    ("verifier", &["arith", "circuits"]),
    ("prover", &["arith", "circuits", "verifier"]),
    ("quotes", &["circuits"]),
    ("ledger", &["circuits", "quotes", "verifier"]),
    ("wallet", &["circuits", "quotes", "verifier", "ledger"]),
    ("testkit", &["circuits", "verifier"]),
    ("service", &["circuits", "documents", "verifier", "prover", "quotes", "ledger", "wallet"]),
    ("benches", &["arith", "circuits", "documents", "verifier", "prover", "quotes", "ledger", "wallet"]),
    ("examples", &["circuits", "verifier", "prover", "quotes", "ledger", "wallet"]),
    ("xtask", &[]),
];

pub fn check(root: &Path) -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--locked"])
        .current_dir(root)
        .output();
    let metadata: serde_json::Value = match output.map(|out| serde_json::from_slice(&out.stdout)) {
        Ok(Ok(metadata)) => metadata,
        _ => return vec!["cargo metadata gave no JSON; is Cargo.lock up to date?".into()],
    };
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    packages.iter().flat_map(edges_of).collect()
}

fn edges_of(package: &serde_json::Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let short = name.strip_prefix("privity-").unwrap_or(name);
    let Some((_, allowed)) = ALLOWED.iter().find(|(owner, _)| *owner == short) else {
        return vec![format!("{name}: a package without an entry in xtask/src/edges.rs")];
    };
    let dependencies = package["dependencies"].as_array().cloned().unwrap_or_default();
    dependencies
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .filter_map(|dependency| dependency["name"].as_str()?.strip_prefix("privity-"))
        .filter(|dependency| !allowed.contains(dependency))
        .map(|dependency| format!("{name}: must not depend on privity-{dependency}"))
        .collect()
}
