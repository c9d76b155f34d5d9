//! Rules that are read off the text: lengths, left-open work, panics in the crates that handle input.

use std::path::Path;
use std::process::Command;

const MAX_FILE_LINES: usize = 600;
const MAX_FUNCTION_LINES: usize = 70;
/// Put together at run time, so that this file does not find itself.
const LEFT_OPEN: [[&str; 2]; 4] = [["todo", "!("], ["unimplemented", "!("], ["FIX", "ME"], ["XX", "X"]];
const PANICS: [&str; 3] = [".unwrap()", ".expect(\"", "panic!("];
const NO_PANIC: [&str; 8] = [
    "circuits/src",
    "verifier/src",
    "prover/src",
    "quotes/src",
    "ledger/src",
    "wallet/src",
    "documents/src",
    "service/src",
];

pub fn check(root: &Path) -> Vec<String> {
    let mut findings = Vec::new();
    for file in tracked(root) {
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { continue };
        let lines: Vec<&str> = text.lines().collect();
        if lines.len() > MAX_FILE_LINES {
            findings.push(format!("{file}: {} lines, at most {MAX_FILE_LINES}", lines.len()));
        }
        findings.extend(left_open(&file, &lines));
        findings.extend(long_functions(&file, &lines));
        if NO_PANIC.iter().any(|place| file.starts_with(place)) && !is_test(&file) {
            findings.extend(panics(&file, &lines));
        }
    }
    findings
}

fn tracked(root: &Path) -> Vec<String> {
    let output = Command::new("git").args(["ls-files", "*.rs"]).current_dir(root).output();
    let listing = output.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
    listing.lines().map(str::to_owned).collect()
}

fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/") || file.contains("/test_support/")
}

fn left_open(file: &str, lines: &[&str]) -> Vec<String> {
    let words = LEFT_OPEN.map(|parts| parts.concat());
    let open = |line: &str| words.iter().any(|word| line.contains(word.as_str()));
    lines
        .iter()
        .enumerate()
        .filter(|(_, line)| open(line))
        .map(|(index, _)| format!("{file}:{}: work left open", index + 1))
        .collect()
}

/// Functions are told by rustfmt's layout: `fn` at some indent, closed by a brace at the same indent.
fn long_functions(file: &str, lines: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        let head = body.split('(').next().unwrap_or_default();
        if !head.split_whitespace().any(|word| word == "fn") || body.ends_with(';') || body.starts_with("//") {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|line| *line == closing).map_or(0, |end| end + 1);
        if length > MAX_FUNCTION_LINES {
            findings.push(format!("{file}:{}: function of {length} lines, at most {MAX_FUNCTION_LINES}", start + 1));
        }
    }
    findings
}

/// `unwrap`, `expect` and `panic!` before the file's tests, unless the line above says why it cannot happen (`// Invariant:`).
fn panics(file: &str, lines: &[&str]) -> Vec<String> {
    let end = lines.iter().position(|line| line.contains("#[cfg(test)]")).unwrap_or(lines.len());
    (0..end)
        .filter(|index| !lines[*index].trim_start().starts_with("//"))
        .filter(|index| PANICS.iter().any(|call| lines[*index].contains(call)))
        .filter(|index| *index == 0 || !lines[index - 1].contains("// Invariant:"))
        .map(|index| format!("{file}:{}: may panic; return a typed error or state the invariant", index + 1))
        .collect()
}
