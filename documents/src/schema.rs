//! The part of JSON Schema (draft 4) that the Catena-X schemas use, applied to the schemas as published.
//!
//! A schema with a keyword outside this part does not compile, so no constraint is skipped unseen.

use std::collections::{BTreeMap, HashSet};

use regex_lite::Regex;

use crate::calendar::{Date, DateTime};
use crate::decimal::{Decimal, DecimalError};
use crate::json::{Json, JsonError, Pointer};

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    root: Json,
    patterns: BTreeMap<String, Regex>,
}

/// Where a document breaks its schema, and what the schema asks there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at `{pointer}`: expected {expected}")]
pub struct Mismatch {
    /// The offending value; for a missing member, the place where it should stand.
    pub pointer: Pointer,
    /// What the schema asks.
    pub expected: String,
}

/// Why a schema does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A keyword, type, format, reference or pattern outside the supported part.
    #[error("the schema's `{0}` is not supported")]
    Unsupported(Pointer),
}

/// Keywords that state no constraint.
const ANNOTATIONS: [&str; 5] = ["$schema", "description", "x-samm-aspect-model-urn", "components", "title"];
const TYPES: [&str; 5] = ["object", "array", "string", "number", "boolean"];

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// [`SchemaError`] if it is no JSON or uses what this module lacks.
    pub fn compile(text: &str) -> Result<Self, SchemaError> {
        let root = Json::parse(text.as_bytes())?;
        let mut schema = Self { root: Json::Null, patterns: BTreeMap::new() };
        schema.admit(&root, &root, &Pointer::default())?;
        if let Some(Json::Object(shared)) = root.get("components").and_then(|c| c.get("schemas")) {
            for (name, node) in shared {
                schema.admit(&root, node, &Pointer::path(&["components", "schemas", name]))?;
            }
        }
        schema.root = root;
        Ok(schema)
    }

    /// Checks a document.
    ///
    /// # Errors
    /// The first [`Mismatch`] in document order.
    pub fn validate(&self, document: &Json) -> Result<(), Mismatch> {
        self.check(&self.root, document, &Pointer::default())
    }

    /// The schema itself.
    #[must_use]
    pub fn as_json(&self) -> &Json {
        &self.root
    }

    fn admit(&mut self, root: &Json, node: &Json, at: &Pointer) -> Result<(), SchemaError> {
        let Json::Object(keywords) = node else {
            return Err(SchemaError::Unsupported(at.clone()));
        };
        for (name, value) in keywords {
            let here = at.member(name);
            let supported = match (name.as_str(), value) {
                ("properties", Json::Object(properties)) => {
                    for (property, node) in properties {
                        self.admit(root, node, &here.member(property))?;
                    }
                    true
                }
                ("items", node) => self.admit(root, node, &here).map(|()| true)?,
                ("oneOf", Json::Array(options)) => {
                    for (i, node) in options.iter().enumerate() {
                        self.admit(root, node, &here.index(i))?;
                    }
                    true
                }
                ("pattern", Json::String(pattern)) => {
                    Regex::new(pattern).map(|regex| self.patterns.insert(pattern.clone(), regex)).is_ok()
                }
                ("$ref", Json::String(target)) => resolve(root, target).is_some(),
                ("type", Json::String(kind)) => TYPES.contains(&kind.as_str()),
                ("format", Json::String(format)) => format == "date" || format == "date-time",
                ("required" | "enum", Json::Array(names)) => names.iter().all(|n| matches!(n, Json::String(_))),
                ("minimum" | "maximum", number) => number.decimal().is_ok(),
                ("minItems" | "maxItems", count) => count_of(count).is_some(),
                ("uniqueItems", Json::Bool(true)) => true,
                ("exclusiveMinimum" | "exclusiveMaximum", Json::Bool(false)) => true,
                (other, _) => ANNOTATIONS.contains(&other),
            };
            if !supported {
                return Err(SchemaError::Unsupported(here));
            }
        }
        Ok(())
    }

    fn check(&self, node: &Json, value: &Json, at: &Pointer) -> Result<(), Mismatch> {
        if let Some(Json::String(target)) = node.get("$ref") {
            return match resolve(&self.root, target) {
                Some(node) => self.check(node, value, at),
                None => Err(mismatch(at, format!("the missing schema {target}"))),
            };
        }
        if let Some(Json::String(kind)) = node.get("type")
            && kind != value.kind()
        {
            return Err(mismatch(at, format!("{} {kind}", article(kind))));
        }
        match value {
            Json::Object(_) => self.check_object(node, value, at)?,
            Json::Array(items) => self.check_array(node, items, at)?,
            Json::String(text) => self.check_string(node, text, at)?,
            Json::Number(text) => check_number(node, text, at)?,
            Json::Null | Json::Bool(_) => {}
        }
        match node.get("oneOf") {
            Some(Json::Array(options)) => self.check_one_of(options, value, at),
            _ => Ok(()),
        }
    }

    fn check_object(&self, node: &Json, value: &Json, at: &Pointer) -> Result<(), Mismatch> {
        for name in strings(node.get("required")) {
            if value.get(name).is_none() {
                return Err(mismatch(&at.member(name), "this member, it is required".to_owned()));
            }
        }
        let Json::Object(members) = value else {
            return Ok(());
        };
        for (name, member) in members {
            if let Some(property) = node.get("properties").and_then(|p| p.get(name)) {
                self.check(property, member, &at.member(name))?;
            }
        }
        Ok(())
    }

    fn check_array(&self, node: &Json, items: &[Json], at: &Pointer) -> Result<(), Mismatch> {
        if let Some(least) = node.get("minItems").and_then(count_of)
            && items.len() < least
        {
            return Err(mismatch(at, format!("at least {least} items")));
        }
        if let Some(most) = node.get("maxItems").and_then(count_of)
            && items.len() > most
        {
            return Err(mismatch(at, format!("at most {most} items")));
        }
        if let Some(each) = node.get("items") {
            for (i, item) in items.iter().enumerate() {
                self.check(each, item, &at.index(i))?;
            }
        }
        if node.get("uniqueItems").is_some() {
            let mut seen = HashSet::new();
            for (i, item) in items.iter().enumerate() {
                if !seen.insert(fingerprint(item)) {
                    return Err(mismatch(&at.index(i), "an item unlike all before it".to_owned()));
                }
            }
        }
        Ok(())
    }

    fn check_string(&self, node: &Json, text: &str, at: &Pointer) -> Result<(), Mismatch> {
        if let Some(Json::String(pattern)) = node.get("pattern")
            && !self.patterns.get(pattern).is_some_and(|regex| regex.is_match(text))
        {
            return Err(mismatch(at, format!("a string matching {pattern}")));
        }
        if node.get("enum").is_some() && !strings(node.get("enum")).any(|allowed| allowed == text) {
            let allowed: Vec<&str> = strings(node.get("enum")).collect();
            return Err(mismatch(at, format!("one of {}", allowed.join(", "))));
        }
        match node.get("format") {
            Some(Json::String(format)) if format == "date" => {
                Date::parse(text).map(|_| ()).map_err(|_| mismatch(at, "a date YYYY-MM-DD".to_owned()))
            }
            Some(_) if !DateTime::parse(text).is_ok_and(|time| time.has_offset()) => {
                Err(mismatch(at, "an RFC 3339 date-time with its offset".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Reports the place that all alternatives agree on, else the value itself.
    fn check_one_of(&self, options: &[Json], value: &Json, at: &Pointer) -> Result<(), Mismatch> {
        let failures: Vec<Mismatch> = options.iter().filter_map(|option| self.check(option, value, at).err()).collect();
        match (options.len() - failures.len(), failures.first()) {
            (1, _) => Ok(()),
            (0, Some(first)) if failures.iter().all(|f| f.pointer == first.pointer) => {
                let mut wanted: Vec<&str> = failures.iter().map(|f| f.expected.as_str()).collect();
                wanted.dedup();
                Err(mismatch(&first.pointer, wanted.join(", or ")))
            }
            (fitting, _) => Err(mismatch(at, format!("exactly one of {} alternatives, {fitting} fit", options.len()))),
        }
    }
}

fn check_number(node: &Json, text: &str, at: &Pointer) -> Result<(), Mismatch> {
    let (least, most) = (node.get("minimum"), node.get("maximum"));
    if least.is_none() && most.is_none() {
        return Ok(());
    }
    let value = Decimal::parse(text);
    let bound = |limit: Option<&Json>| limit.and_then(|l| l.decimal().ok());
    let low = bound(least).is_some_and(|l| value.as_ref().is_ok_and(|v| *v < l));
    let high = bound(most).is_some_and(|m| value.as_ref().is_ok_and(|v| *v > m));
    let show = |limit: Option<&Json>| bound(limit).map_or("any".to_owned(), |l| l.to_string());
    match value {
        Ok(_) if !low && !high => Ok(()),
        Err(DecimalError::TooPrecise { places }) => {
            Err(mismatch(at, format!("a number of at most {places} decimal places")))
        }
        _ => Err(mismatch(at, format!("a number from {} to {}", show(least), show(most)))),
    }
}

fn resolve<'a>(root: &'a Json, target: &str) -> Option<&'a Json> {
    target.strip_prefix("#/")?.split('/').try_fold(root, |node, name| node.get(name))
}

fn strings(list: Option<&Json>) -> impl Iterator<Item = &str> {
    let items = match list {
        Some(Json::Array(items)) => items.as_slice(),
        _ => &[],
    };
    items.iter().filter_map(|item| match item {
        Json::String(text) => Some(text.as_str()),
        _ => None,
    })
}

fn count_of(number: &Json) -> Option<usize> {
    usize::try_from(number.decimal().ok()?.scaled(0).ok()?).ok()
}

/// Equal for equal values: members sorted, numbers by value where a decimal holds them.
fn fingerprint(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let mut parts: Vec<String> = members.iter().map(|(n, v)| format!("{n:?}:{}", fingerprint(v))).collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(","))
        }
        Json::Array(items) => {
            let parts: Vec<String> = items.iter().map(fingerprint).collect();
            format!("[{}]", parts.join(","))
        }
        Json::Number(text) => Decimal::parse(text).map_or(text.clone(), |d| d.to_string()),
        Json::String(text) => format!("{text:?}"),
        Json::Bool(flag) => flag.to_string(),
        Json::Null => "null".to_owned(),
    }
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['a', 'o']) { "an" } else { "a" }
}

fn mismatch(at: &Pointer, expected: String) -> Mismatch {
    Mismatch { pointer: at.clone(), expected }
}
