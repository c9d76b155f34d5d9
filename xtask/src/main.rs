//! Checks that a program can make: file and function lengths, dependency edges, banned words, the page of figures.
//!
//! `cargo run -p privity-xtask -- tidy` exits with 1 and a line per finding if a rule is broken; `… -- figures` writes the page of figures from
//! what the benchmarks recorded.
#![forbid(unsafe_code)]

mod edges;
mod figures;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf);
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => tidy(&root),
        Some("figures") => match figures::write(&root) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("usage: cargo run -p privity-xtask -- tidy | figures");
            ExitCode::from(2)
        }
    }
}

fn tidy(root: &Path) -> ExitCode {
    let mut findings = text::check(root);
    findings.extend(edges::check(root));
    findings.extend(figures::check(root));
    for finding in &findings {
        println!("{finding}");
    }
    println!("tidy: {} findings", findings.len());
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
