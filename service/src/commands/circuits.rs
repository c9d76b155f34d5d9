//! `privity keys circuits`: how many rows a circuit has, and which rule and gadget owns them.

use super::keys::{name, with_circuit};
use crate::answer::Answer;
use crate::cli::keys::Relation;
use privity_circuits::Circuit;
use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::r1cs::{Cs, Span};
use privity_circuits::release::Release;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sizes m·2^k that an evaluation domain takes.
const DOMAINS: [usize; 6] = [1, 3, 11, 19, 33, 57];
/// Rows that no span owns.
const NONE: &str = "-";

/// A circuit's rows.
struct Breakdown {
    relation: &'static str,
    rows: usize,
    inputs: usize,
    variables: usize,
    /// The innermost rule of each row.
    rules: Vec<&'static str>,
    /// The innermost gadget of each row.
    gadgets: Vec<&'static str>,
}

impl Breakdown {
    fn of<C: Circuit>() -> Self {
        let (x, w) = C::blank();
        let cs = Cs::with_rows().synthesize::<C>(&x, &w);
        let rows = cs.num_constraints();
        Self {
            relation: C::NAME,
            rows,
            inputs: cs.num_inputs(),
            variables: cs.assignment().len(),
            rules: paint(rows, cs.rules()),
            gadgets: paint(rows, cs.gadgets()),
        }
    }

    /// Constraints + input rows, the constant's among them.
    fn size(&self) -> usize {
        self.rows + self.inputs + 1
    }

    fn domain(&self) -> usize {
        let size = self.size();
        let fit = |odd: usize| (0..usize::BITS).map(|k| odd << k).find(|domain| *domain >= size);
        DOMAINS.into_iter().filter_map(fit).min().unwrap_or(size)
    }

    fn json(&self) -> Value {
        json!({
            "relation": self.relation,
            "constraints": self.rows,
            "inputs": self.inputs,
            "variables": self.variables,
            "size": self.size(),
            "domain": self.domain(),
            "rules": count(&self.rules),
            "gadgets": count(&self.gadgets),
            "ranges": ranges(&self.rules).iter().map(|(name, start, end)| json!([name, start, end])).collect::<Vec<_>>(),
        })
    }

    fn text(&self, out: &mut String) {
        let (rows, inputs, size, domain) = (self.rows, self.inputs, self.size(), self.domain());
        let name = self.relation;
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(out, "{name}: {rows} constraints, {inputs} inputs, size {size} of a domain of {domain}");
        for (title, owners) in [("by rule", &self.rules), ("by gadget", &self.gadgets)] {
            let _ = writeln!(out, "  {title}");
            let mut counts: Vec<_> = count(owners).into_iter().collect();
            counts.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
            for (name, rows) in counts {
                let _ = writeln!(out, "    {name:<24}{rows:>8}");
            }
        }
    }

    fn markdown(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "**{}**: {} constraints, {} inputs, size {}\n",
            self.relation,
            self.rows,
            self.inputs,
            self.size()
        );
        let _ = writeln!(out, "| rule | rows | count |\n| --- | --- | --- |");
        let spans = ranges(&self.rules);
        for (rule, rows) in count(&self.rules) {
            let of_rule = spans.iter().filter(|(name, ..)| *name == rule);
            let texts: Vec<String> = of_rule.map(|(_, start, end)| format!("{start}–{}", end - 1)).collect();
            let _ = writeln!(out, "| {rule} | {} | {rows} |", texts.join(", "));
        }
        out.push('\n');
    }
}

/// The innermost span of each row: longer spans first, shorter ones over them.
fn paint(rows: usize, spans: &[Span]) -> Vec<&'static str> {
    let mut owners = vec![NONE; rows];
    let mut spans = spans.to_vec();
    spans.sort_by_key(|span| std::cmp::Reverse(span.end - span.start));
    for span in spans {
        owners[span.start..span.end].fill(span.name);
    }
    owners
}

fn count(owners: &[&'static str]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    owners.iter().for_each(|owner| *counts.entry(*owner).or_default() += 1);
    counts
}

/// Runs of rows with one owner: name, first row, one past the last.
fn ranges(owners: &[&'static str]) -> Vec<(&'static str, usize, usize)> {
    let mut ranges: Vec<(&'static str, usize, usize)> = Vec::new();
    for (row, owner) in owners.iter().enumerate() {
        match ranges.last_mut() {
            Some((name, _, end)) if name == owner => *end = row + 1,
            _ => ranges.push((owner, row, row + 1)),
        }
    }
    ranges
}

pub(super) fn show(relations: &[Relation], markdown: bool) -> Answer {
    let breakdowns: Vec<Breakdown> =
        relations.iter().map(|relation| with_circuit!(*relation, C => Breakdown::of::<C>())).collect();
    let mut text = String::new();
    for breakdown in &breakdowns {
        if markdown { breakdown.markdown(&mut text) } else { breakdown.text(&mut text) }
    }
    let circuits: Vec<Value> = breakdowns.iter().map(Breakdown::json).collect();
    let names: Vec<Value> = relations.iter().map(|relation| name(*relation).into()).collect();
    Answer::new().field("relations", names).field("circuits", circuits).text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_spans_own_their_rows() {
        let span = |name, start, end| Span { name, start, end };
        let owners = paint(6, &[span("inner", 1, 3), span("outer", 0, 5)]);
        assert_eq!(owners, ["outer", "inner", "inner", "outer", "outer", NONE]);
        assert_eq!(ranges(&owners), [("outer", 0, 1), ("inner", 1, 3), ("outer", 3, 5), (NONE, 5, 6)]);
        assert_eq!(count(&owners)["outer"], 3);
    }

    #[test]
    fn every_row_of_mint_is_owned_and_counted() {
        let mint = Breakdown::of::<Mint>();
        assert_eq!(count(&mint.rules).values().sum::<usize>(), mint.rows);
        assert_eq!(count(&mint.gadgets).values().sum::<usize>(), mint.rows);
        assert!(mint.domain() >= mint.size());
    }
}
