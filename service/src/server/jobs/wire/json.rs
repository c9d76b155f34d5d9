//! JSON that borrows from its text: reading a witness leaves no copy of its strings behind.

use super::Wire;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A JSON value of text, truth, lists and objects; numbers and null have no place in a statement or a witness.
pub enum Json<'a> {
    /// Text without escapes.
    Text(&'a str),
    /// Truth.
    Flag(bool),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object.
    Object(Vec<(&'a str, Json<'a>)>),
}

/// Why JSON is not the wanted value; it says where, and repeats nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {expected}")]
pub struct ShapeError {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What should stand there.
    pub expected: String,
}

/// A place in a document.
#[derive(Clone, Copy)]
pub enum At<'a> {
    /// The document itself.
    Root,
    /// A member of an object.
    Member(&'a At<'a>, &'a str),
    /// An item of a list.
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    fn write(&self, out: &mut String) {
        use fmt::Write;
        match self {
            Self::Root => {}
            // Names of members here hold neither `~` nor `/`.
            Self::Member(parent, name) => {
                parent.write(out);
                out.push('/');
                out.push_str(name);
            }
            Self::Item(parent, index) => {
                parent.write(out);
                // Writing into a String cannot fail.
                let _ = write!(out, "/{index}");
            }
        }
    }

    /// The error that something else should stand here.
    pub fn expected(&self, what: impl Into<String>) -> ShapeError {
        let mut pointer = String::new();
        self.write(&mut pointer);
        ShapeError { pointer, expected: format!("expected {}", what.into()) }
    }
}

/// The members of an object whose names are as they must be.
pub struct Record<'j, 'a>(&'j [(&'a str, Json<'a>)]);

impl<'a> Json<'a> {
    /// Parses a whole text.
    ///
    /// # Errors
    /// [`ShapeError`] with the line and column where it is no such JSON.
    pub fn read(text: &'a [u8]) -> Result<Self, ShapeError> {
        // serde_json's own words may quote the text.
        serde_json::from_slice(text).map_err(|error| ShapeError {
            pointer: String::new(),
            expected: format!(
                "line {}, column {}: expected JSON of objects, lists, true, false and text without escapes; write integers as text",
                error.line(),
                error.column()
            ),
        })
    }

    /// Text.
    ///
    /// # Errors
    /// [`ShapeError`] for another type; `what` says what the text should hold.
    pub fn text(&self, what: &'static str, at: &At<'_>) -> Result<&'a str, ShapeError> {
        if let Self::Text(text) = self { Ok(text) } else { Err(at.expected(what)) }
    }

    /// An object with exactly these members.
    ///
    /// # Errors
    /// [`ShapeError`] for another type, and for a missing, unknown or repeated member.
    pub fn record(&self, names: &[&str], at: &At<'_>) -> Result<Record<'_, 'a>, ShapeError> {
        let Self::Object(members) = self else {
            return Err(at.expected(format!("an object with {}", names.join(", "))));
        };
        for (index, (name, _)) in members.iter().enumerate() {
            if !names.contains(name) || members[..index].iter().any(|(earlier, _)| earlier == name) {
                return Err(at.expected(format!("no members but {}, each once", names.join(", "))));
            }
        }
        Ok(Record(members))
    }
}

impl<'a> Record<'_, 'a> {
    /// The JSON of a member.
    ///
    /// # Errors
    /// [`ShapeError`] if it is missing.
    pub fn json(&self, name: &'static str, at: &At<'_>) -> Result<&Json<'a>, ShapeError> {
        let found = self.0.iter().find(|(member, _)| *member == name);
        found.map(|(_, json)| json).ok_or_else(|| At::Member(at, name).expected("this member, it is required"))
    }

    /// A member's value.
    ///
    /// # Errors
    /// [`ShapeError`] if it is missing or something else.
    pub fn member<T: Wire>(&self, name: &'static str, at: &At<'_>) -> Result<T, ShapeError> {
        T::parse(self.json(name, at)?, &At::Member(at, name))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tree;
        impl<'de> Visitor<'de> for Tree {
            type Value = Json<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, a list, text or truth")
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Self::Value, E> {
                Ok(Json::Flag(flag))
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Json::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Json::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut object = Vec::new();
                while let Some(member) = members.next_entry()? {
                    object.push(member);
                }
                Ok(Json::Object(object))
            }
        }
        deserializer.deserialize_any(Tree)
    }
}
