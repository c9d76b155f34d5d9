//! A JSON tree that keeps every number as its text, and its pointers.

use core::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::decimal::{Decimal, DecimalError};

/// Longest document read, in bytes: the limit that CX-0128 sets on a payload.
pub const MAX_BYTES: usize = 15 * 1024 * 1024;
/// Deepest nesting of arrays and objects read.
pub const MAX_DEPTH: usize = 32;

/// A JSON value; numbers keep the text they came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object, in the order written, without repeated names.
    Object(Vec<(String, Json)>),
}

/// A JSON pointer (RFC 6901): where in a document something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Pointer(String);

/// Why bytes are no JSON that this crate reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than the decoder's limit.
    #[error("the document has {length} bytes, the limit is {limit}")]
    TooLong {
        /// Bytes given.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("the document is not UTF-8 (first bad byte at {0})")]
    NotUtf8(usize),
    /// Not JSON, or followed by further bytes.
    #[error("not JSON at `{pointer}`: {message}")]
    Syntax {
        /// The value that could not be read.
        pointer: Pointer,
        /// What the parser met.
        message: String,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("`{0}` is nested deeper than {MAX_DEPTH} levels")]
    TooDeep(Pointer),
    /// A name that an object carries twice: readers would disagree on its value.
    #[error("`{0}` appears twice in its object; keep one")]
    Repeated(Pointer),
}

impl Json {
    /// Parses a whole document; trailing bytes are refused.
    ///
    /// # Errors
    /// [`JsonError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.len() > MAX_BYTES {
            return Err(JsonError::TooLong { length: bytes.len(), limit: MAX_BYTES });
        }
        let text = core::str::from_utf8(bytes).map_err(|e| JsonError::NotUtf8(e.valid_up_to()))?;
        let root = Pointer::default();
        let raw: &RawValue = serde_json::from_str(text).map_err(|e| syntax(&root, &e))?;
        build(raw, &root, 0)
    }

    /// The member of an object, if this is one and has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(n, _)| n == name).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The exact value of a number.
    ///
    /// # Errors
    /// [`DecimalError`] if this is no number or one that [`Decimal`] cannot hold.
    pub fn decimal(&self) -> Result<Decimal, DecimalError> {
        match self {
            Self::Number(text) => Decimal::parse(text),
            other => Err(DecimalError::Syntax(other.kind().to_owned())),
        }
    }

    /// JSON's name of the type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The document as indented text, numbers as they were written.
    ///
    /// # Errors
    /// [`JsonError::Syntax`] if a [`Json::Number`] holds no number.
    pub fn to_text(&self) -> Result<String, JsonError> {
        serde_json::to_string_pretty(self).map_err(|e| syntax(&Pointer::default(), &e))
    }
}

impl Pointer {
    /// The pointer to a member.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        Self(format!("{}/{}", self.0, name.replace('~', "~0").replace('/', "~1")))
    }

    /// The pointer to an element.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The pointer that a path names: member names, or indices as digits.
    #[must_use]
    pub fn path(path: &[&str]) -> Self {
        path.iter().fold(Self::default(), |at, name| at.member(name))
    }

    /// The pointer's text; empty for the whole document.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                RawValue::from_string(text.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
            Self::Number(text) => Err(serde::ser::Error::custom(format!("`{text}` is no number"))),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

fn build(raw: &RawValue, at: &Pointer, depth: usize) -> Result<Json, JsonError> {
    let text = raw.get();
    let fail = |e: serde_json::Error| syntax(at, &e);
    if matches!(text.as_bytes().first(), Some(b'[' | b'{')) && depth == MAX_DEPTH {
        return Err(JsonError::TooDeep(at.clone()));
    }
    Ok(match text.as_bytes().first() {
        Some(b'n') => Json::Null,
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'"') => Json::String(serde_json::from_str(text).map_err(fail)?),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(fail)?;
            let items = items.into_iter().enumerate();
            Json::Array(items.map(|(i, item)| build(item, &at.index(i), depth + 1)).collect::<Result<_, _>>()?)
        }
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).map_err(fail)?;
            let mut seen = std::collections::HashSet::new();
            let mut object = Vec::with_capacity(members.len());
            for (name, value) in members {
                let here = at.member(&name);
                if !seen.insert(name.clone()) {
                    return Err(JsonError::Repeated(here));
                }
                let value = build(value, &here, depth + 1)?;
                object.push((name, value));
            }
            Json::Object(object)
        }
        _ => Json::Number(text.to_owned()),
    })
}

/// An object's members in order, repeated names included, so that these can be refused.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    members.push(entry);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn syntax(at: &Pointer, error: &serde_json::Error) -> JsonError {
    JsonError::Syntax { pointer: at.clone(), message: error.to_string() }
}
