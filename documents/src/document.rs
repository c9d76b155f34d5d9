//! What all documents share: decoding, checking against the schema, typed members, and the way out.

use crate::calendar::{Date, DateTime};
use crate::decimal::Decimal;
use crate::json::{Json, JsonError, Pointer};
use crate::schema::{Mismatch, Schema};

/// Why bytes are no document of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON within the limits.
    #[error("{document}: {source}")]
    Json {
        /// The document's kind.
        document: &'static str,
        /// What is wrong.
        source: JsonError,
    },
    /// Breaks the schema, or holds a value that this crate cannot represent exactly.
    #[error("{document}: {source}")]
    Schema {
        /// The document's kind.
        document: &'static str,
        /// Where, and what was expected.
        source: Mismatch,
    },
}

impl DocumentError {
    /// The JSON pointer of the offending value; `None` if the bytes are no JSON at all.
    #[must_use]
    pub fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Json { source: JsonError::TooDeep(at) | JsonError::Repeated(at), .. } => Some(at),
            Self::Json { .. } => None,
            Self::Schema { source, .. } => Some(&source.pointer),
        }
    }
}

/// A document with a published schema.
pub trait Document: Member {
    /// The kind's name, as in its schema's file name.
    const NAME: &'static str;

    /// The schema, compiled once.
    fn schema() -> &'static Schema;

    /// Reads a document. Members that the schema does not name are kept.
    ///
    /// # Errors
    /// [`DocumentError`]: too long, too deep, no JSON, trailing bytes, or the JSON pointer where it breaks its schema.
    fn from_slice(bytes: &[u8]) -> Result<Self, DocumentError> {
        let json = Json::parse(bytes).map_err(|source| DocumentError::Json { document: Self::NAME, source })?;
        let fail = |source| DocumentError::Schema { document: Self::NAME, source };
        Self::schema().validate(&json).map_err(fail)?;
        Self::read(&json, &Pointer::default()).map_err(fail)
    }

    /// Writes the document as indented JSON, checked against the schema; reading it again gives an equal document.
    ///
    /// # Errors
    /// [`DocumentError::Schema`] if a member was given a value that the schema refuses.
    fn to_text(&self) -> Result<String, DocumentError> {
        let json = self.write();
        Self::schema().validate(&json).map_err(|source| DocumentError::Schema { document: Self::NAME, source })?;
        json.to_text().map_err(|source| DocumentError::Json { document: Self::NAME, source })
    }
}

/// A value inside a document.
pub trait Member: Sized {
    /// Reads the value standing at `at`.
    ///
    /// # Errors
    /// [`Mismatch`] if the value has another type or cannot be represented exactly.
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch>;

    /// The value as JSON.
    fn write(&self) -> Json;

    /// Reads a member that may be missing.
    ///
    /// # Errors
    /// [`Mismatch`]; a missing member is one unless the type is optional.
    fn read_member(json: Option<&Json>, at: &Pointer) -> Result<Self, Mismatch> {
        match json {
            Some(json) => Self::read(json, at),
            None => Err(expected(at, "this member, it is required")),
        }
    }

    /// The value as a member; `None` leaves the member out.
    fn write_member(&self) -> Option<Json> {
        Some(self.write())
    }
}

pub(crate) fn expected(at: &Pointer, what: impl ToString) -> Mismatch {
    Mismatch { pointer: at.clone(), expected: what.to_string() }
}

impl<T: Member> Member for Option<T> {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        T::read(json, at).map(Some)
    }

    fn write(&self) -> Json {
        self.as_ref().map_or(Json::Null, Member::write)
    }

    fn read_member(json: Option<&Json>, at: &Pointer) -> Result<Self, Mismatch> {
        json.map(|json| T::read(json, at)).transpose()
    }

    fn write_member(&self) -> Option<Json> {
        self.as_ref().map(Member::write)
    }
}

impl<T: Member> Member for Vec<T> {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        let Json::Array(items) = json else {
            return Err(expected(at, "an array"));
        };
        items.iter().enumerate().map(|(i, item)| T::read(item, &at.index(i))).collect()
    }

    fn write(&self) -> Json {
        Json::Array(self.iter().map(Member::write).collect())
    }
}

impl Member for Json {
    fn read(json: &Json, _: &Pointer) -> Result<Self, Mismatch> {
        Ok(json.clone())
    }

    fn write(&self) -> Json {
        self.clone()
    }
}

impl Member for String {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        match json {
            Json::String(text) => Ok(text.clone()),
            _ => Err(expected(at, "a string")),
        }
    }

    fn write(&self) -> Json {
        Json::String(self.clone())
    }
}

impl Member for bool {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        match json {
            Json::Bool(flag) => Ok(*flag),
            _ => Err(expected(at, "a boolean")),
        }
    }

    fn write(&self) -> Json {
        Json::Bool(*self)
    }
}

impl Member for Decimal {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        json.decimal().map_err(|e| expected(at, format!("a number below 10^19 with at most 18 decimal places ({e})")))
    }

    fn write(&self) -> Json {
        Json::Number(self.to_string())
    }
}

impl Member for Date {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        Self::parse(&String::read(json, at)?).map_err(|e| expected(at, format!("a date ({e})")))
    }

    fn write(&self) -> Json {
        Json::String(self.to_string())
    }
}

impl Member for DateTime {
    fn read(json: &Json, at: &Pointer) -> Result<Self, Mismatch> {
        Self::parse(&String::read(json, at)?).map_err(|e| expected(at, format!("a date-time ({e})")))
    }

    fn write(&self) -> Json {
        Json::String(self.as_str().to_owned())
    }
}

/// Declares an object: its fields, the names they have in JSON, and with `document` the schema it must keep.
macro_rules! aspect {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Members that this type does not name, kept for the way out.
            pub other: Vec<(String, $crate::json::Json)>,
        }

        impl $crate::document::Member for $name {
            fn read(
                json: &$crate::json::Json,
                at: &$crate::json::Pointer,
            ) -> Result<Self, $crate::schema::Mismatch> {
                let $crate::json::Json::Object(members) = json else {
                    return Err($crate::document::expected(at, "an object"));
                };
                let named = [$($key),*];
                Ok(Self {
                    $($field: $crate::document::Member::read_member(json.get($key), &at.member($key))?,)*
                    other: members.iter().filter(|(n, _)| !named.contains(&n.as_str())).cloned().collect(),
                })
            }

            fn write(&self) -> $crate::json::Json {
                let named = [$(($key, $crate::document::Member::write_member(&self.$field))),*];
                let named = named.into_iter().filter_map(|(n, v)| Some((n.to_owned(), v?)));
                $crate::json::Json::Object(named.chain(self.other.iter().cloned()).collect())
            }
        }
    };
}

/// Names a document's kind and embeds its schema.
macro_rules! document {
    ($name:ident, $file:literal) => {
        impl $crate::document::Document for $name {
            const NAME: &'static str = stringify!($name);

            fn schema() -> &'static $crate::schema::Schema {
                static SCHEMA: std::sync::LazyLock<$crate::schema::Schema> = std::sync::LazyLock::new(|| {
                    $crate::schema::Schema::compile(include_str!(concat!("../schemas/", $file)))
                        // Invariant: a constant of this crate.
                        .expect("the embedded schema compiles, a test compiles all four")
                });
                &SCHEMA
            }
        }
    };
}

pub(crate) use {aspect, document};
