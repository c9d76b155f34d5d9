//! `benches/RESULTS.json` as a page: a section per benchmark, a table per kind of row.

use serde_json::{Map, Value};
use std::fmt::Write;
use std::fs;
use std::path::Path;

const RESULTS: &str = "benches/RESULTS.json";
const PAGE: &str = "docs/engine/figures.md";

const HEAD: &str = "# Figures of the engine

What the benchmarks wrote to `benches/RESULTS.json`, by `cargo run -p privity-xtask -- figures`; nothing here is written by hand. The commands are in
[benches](../../benches/README.md). Times are milliseconds, medians with least and greatest or least alone in brackets, unless a name says otherwise. The load
is the system's average of the minute before a section was written, of the benchmark itself too; what else a machine's host does to a virtual
one nobody sees, so compare within a run only.
";

/// Writes the page.
pub fn write(root: &Path) -> std::io::Result<()> {
    fs::write(root.join(PAGE), page(&fs::read_to_string(root.join(RESULTS))?)?)
}

/// Whether the page is what the results say.
pub fn check(root: &Path) -> Vec<String> {
    let read = |path| fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"));
    let expected = read(RESULTS).and_then(|results| page(&results).map_err(|error| format!("{RESULTS}: {error}")));
    match (expected, read(PAGE)) {
        (Ok(expected), Ok(found)) if expected == found => Vec::new(),
        (Ok(_), Ok(_)) => vec![format!("{PAGE}: not what {RESULTS} says; run `cargo run -p privity-xtask -- figures`")],
        (expected, found) => [expected.err(), found.err()].into_iter().flatten().collect(),
    }
}

fn page(results: &str) -> serde_json::Result<String> {
    let sections: Map<String, Value> = serde_json::from_str(results)?;
    let mut page = HEAD.to_owned();
    for (name, section) in &sections {
        let text = |member: &str| section[member].as_str().unwrap_or_default();
        let _ = writeln!(
            page,
            "\n## {name}\n\n{}; {}. Load {}; flags: {}.",
            text("machine"),
            text("setting"),
            text("load"),
            text("flags")
        );
        let rows: Vec<Map<String, Value>> = section["rows"].as_array().into_iter().flatten().map(flat).collect();
        let mut kinds: Vec<Vec<&String>> = Vec::new();
        for row in &rows {
            let columns = columns(row);
            if !kinds.contains(&columns) {
                kinds.push(columns);
            }
        }
        for kind in &kinds {
            table(&mut page, kind, rows.iter().filter(|row| columns(row) == *kind));
        }
    }
    Ok(page)
}

/// A row with the members of its member `more` among its own.
fn flat(row: &Value) -> Map<String, Value> {
    let mut flat = row.as_object().cloned().unwrap_or_default();
    if let Some(Value::Object(more)) = flat.remove("more") {
        flat.extend(more);
    }
    flat
}

/// Names of a row's members, those of texts first.
fn columns(row: &Map<String, Value>) -> Vec<&String> {
    let (mut columns, others): (Vec<_>, Vec<_>) = row.keys().partition(|name| row[*name].is_string());
    columns.extend(others);
    columns
}

fn table<'a>(page: &mut String, columns: &[&String], rows: impl Iterator<Item = &'a Map<String, Value>>) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    page.push('\n');
    page.push_str(&line(columns.iter().map(|name| (*name).clone()).collect()));
    page.push_str(&line(vec!["---".to_owned(); columns.len()]));
    rows.for_each(|row| page.push_str(&line(columns.iter().map(|name| cell(&row[*name])).collect())));
}

fn cell(value: &Value) -> String {
    let number = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), rounded);
    match value {
        Value::String(text) => text.clone(),
        Value::Object(spread) => {
            let [median, least, greatest] = ["median", "least", "greatest"].map(|name| spread.get(name).map(number));
            let range: Vec<String> = [least, greatest].into_iter().flatten().collect();
            format!("{} ({})", median.unwrap_or_default(), range.join("–"))
        }
        other => number(other),
    }
}

/// Three digits that say something, or all before the point.
fn rounded(number: f64) -> String {
    let digits = match number.abs() {
        size if size >= 100.0 || number.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{number:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_per_kind_of_row() {
        let results = r#"{"sums": {"machine": "M", "setting": "S", "load": "0.1", "flags": "none", "rows": [
            {"of": "G1", "time": {"median": 12.345, "least": 1.5, "greatest": 200.4}, "more": {"ratio": 4}},
            {"of": "NTT", "time": {"median": 0.1234, "least": 0.1}}]}}"#;
        let page = page(results).unwrap();
        assert!(page.contains("## sums\n\nM; S. Load 0.1; flags: none.\n"), "{page}");
        assert!(page.contains("| of | ratio | time |\n| --- | --- | --- |\n| G1 | 4 | 12.3 (1.50–200) |\n"), "{page}");
        assert!(page.ends_with("| of | time |\n| --- | --- |\n| NTT | 0.123 (0.100) |\n"), "{page}");
    }
}
