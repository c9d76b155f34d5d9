//! Versioned JSON files that two parties can e-mail.
//!
//! Every file is `{"kind": …, "version": …, "body": …}`. Unknown kinds, newer versions and unknown fields are refused.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Most bytes of a file.
pub const MAX_FILE_BYTES: usize = 256 * 1024;

/// The body of a file.
pub trait Document: Serialize + DeserializeOwned {
    /// As `privity.draft`.
    const KIND: &'static str;
    /// The version that is written, and the newest that is read.
    const VERSION: u32 = 1;

    /// The file.
    ///
    /// # Errors
    /// [`FileError::Body`] in no case known: every document has a JSON form.
    fn to_json(&self) -> Result<String, FileError> {
        let file = File { kind: Self::KIND.into(), version: Self::VERSION, body: self };
        serde_json::to_string_pretty(&file).map_err(FileError::body)
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`FileError`] if it is too long, of another kind or a newer version, or breaks the format.
    fn from_json(text: &str) -> Result<Self, FileError> {
        if text.len() > MAX_FILE_BYTES {
            return Err(FileError::TooLong(text.len()));
        }
        let head: Head = serde_json::from_str(text).map_err(FileError::body)?;
        if head.kind != Self::KIND {
            return Err(FileError::Kind { expected: Self::KIND, found: head.kind.chars().take(64).collect() });
        }
        if head.version > Self::VERSION {
            return Err(FileError::Newer { kind: Self::KIND, known: Self::VERSION, found: head.version });
        }
        if head.version < Self::VERSION {
            return Err(FileError::Older { kind: Self::KIND, known: Self::VERSION, found: head.version });
        }
        let file: File<Self> = serde_json::from_str(text).map_err(FileError::body)?;
        Ok(file.body)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<T> {
    kind: String,
    version: u32,
    body: T,
}

/// What is read before anything else, whatever the version holds.
#[derive(Deserialize)]
struct Head {
    kind: String,
    version: u32,
}

/// Why a text is no such file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Over the limit.
    #[error("the file has {0} bytes, at most {MAX_FILE_BYTES} are read")]
    TooLong(usize),
    /// Another kind of file.
    #[error("this is a {found} file, {expected} was expected; choose the right file")]
    Kind {
        /// Kind asked for.
        expected: &'static str,
        /// Kind found.
        found: String,
    },
    /// Written by a newer version.
    #[error("{kind} of version {found}, this library reads {known}; update it")]
    Newer {
        /// Kind.
        kind: &'static str,
        /// Version known.
        known: u32,
        /// Version found.
        found: u32,
    },
    /// Written by a version that is read no more.
    #[error("{kind} of version {found}, this library reads {known}; ask for a fresh file")]
    Older {
        /// Kind.
        kind: &'static str,
        /// Version known.
        known: u32,
        /// Version found.
        found: u32,
    },
    /// Not this format. The text says where, and repeats no value of the file.
    #[error("the file breaks its format at line {line}, column {column}; ask for it again, unedited")]
    Body {
        /// Line, from 1.
        line: usize,
        /// Column.
        column: usize,
    },
}

impl FileError {
    /// The parser's own text may quote the file, which may hold secrets.
    fn body(error: serde_json::Error) -> Self {
        Self::Body { line: error.line(), column: error.column() }
    }
}
