//! What a command answers: one JSON object, or the same as text for people.

use serde_json::{Map, Value};

/// Named values in the order in which people read them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    fields: Vec<(&'static str, Value)>,
    text: Option<String>,
}

impl Answer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A value of any JSON kind.
    pub fn field(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// A value with a text form.
    pub fn shown(self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.field(name, value.to_string())
    }

    /// Rows with the same columns.
    pub fn rows(self, name: &'static str, columns: &[&str], rows: Vec<Vec<Value>>) -> Self {
        let object = |row: Vec<Value>| {
            let cells = columns.iter().map(|column| (*column).to_owned()).zip(row);
            Value::Object(cells.collect::<Map<String, Value>>())
        };
        // People read the columns in their order, so they stand first in a row of their own.
        let header = Value::Array(columns.iter().map(|column| Value::from(*column)).collect());
        let mut this = self.field(name, Value::Array(rows.into_iter().map(object).collect()));
        this.fields.push(("", header));
        this
    }

    /// This, then what the other says.
    pub fn and(mut self, other: Self) -> Self {
        self.fields.extend(other.fields);
        self
    }

    /// Values that are objects as a block each, a line per member.
    pub fn fields_as_blocks(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.fields {
            out.push_str(&format!("{name}:\n"));
            block(&mut out, value, 1);
        }
        out
    }

    /// Other words for people.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// One object.
    pub fn to_json(&self) -> Value {
        let fields = self.fields.iter().filter(|(name, _)| !name.is_empty());
        Value::Object(fields.map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    /// For people: a line per value, a table per list.
    pub fn to_text(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        let mut out = String::new();
        for (index, (name, value)) in self.fields.iter().enumerate() {
            let header = self.fields.get(index + 1).filter(|(name, _)| name.is_empty()).map(|(_, header)| header);
            match (value, header) {
                _ if name.is_empty() => {}
                (Value::Array(rows), Some(Value::Array(header))) => out.push_str(&table(name, header, rows)),
                (Value::Array(items), _) if items.is_empty() => out.push_str(&format!("{name}: none\n")),
                (Value::Array(items), _) => {
                    out.push_str(&format!("{name}:\n"));
                    items.iter().for_each(|item| out.push_str(&format!("  {}\n", cell(item))));
                }
                (value, _) => out.push_str(&format!("{name}: {}\n", cell(value))),
            }
        }
        out
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn block(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let mut entry = |name: &str, value: &Value| match value {
        Value::Object(_) | Value::Array(_) => {
            out.push_str(&format!("{indent}{name}:\n"));
            block(out, value, depth + 1);
        }
        value => out.push_str(&format!("{indent}{name}: {}\n", cell(value))),
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| entry(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| entry(&index.to_string(), item)),
        value => out.push_str(&format!("{indent}{}\n", cell(value))),
    }
}

fn table(name: &str, header: &[Value], rows: &[Value]) -> String {
    if rows.is_empty() {
        return format!("{name}: none\n");
    }
    let columns: Vec<String> = header.iter().map(cell).collect();
    let mut lines = vec![columns.clone()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|column| cell(&row[column])).collect()));
    let widths: Vec<usize> = (0..columns.len())
        .map(|i| lines.iter().map(|line: &Vec<String>| line[i].chars().count()).max().unwrap_or(0))
        .collect();
    let mut out = format!("{name}:\n");
    for line in lines {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(format!("  {}", cells.join("  ")).trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_two_forms() {
        let answer = Answer::new().field("position", 3).rows("notes", &["b", "a"], vec![vec!["x".into(), 1.into()]]);
        assert_eq!(answer.to_json().to_string(), r#"{"notes":[{"a":1,"b":"x"}],"position":3}"#);
        assert_eq!(answer.to_text(), "position: 3\nnotes:\n  b  a\n  x  1\n");
        assert_eq!(Answer::new().rows("notes", &["a"], Vec::new()).to_text(), "notes: none\n");
    }
}
