//! Versioned JSON files that two parties can e-mail.
//!
//! Every file is `{"kind": …, "version": …, "body": …}`. Unknown kinds, newer versions and unknown fields are refused.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Most bytes of a message.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// Most bytes of a book, which grows with every signature: some 10⁵ of them.
pub const MAX_BOOK_BYTES: usize = 64 << 20;

/// The body of a file.
pub trait Document: Serialize + DeserializeOwned {
    /// As `privity.draft`.
    const KIND: &'static str;
    /// The version that is written, and the newest that is read.
    const VERSION: u32 = 1;
    /// Most bytes that are written or read.
    const LIMIT: usize = MAX_FILE_BYTES;

    /// The file.
    ///
    /// # Errors
    /// [`FileError::TooLong`] for what could not be read again.
    fn to_json(&self) -> Result<String, FileError> {
        let file = File { kind: Self::KIND.into(), version: Self::VERSION, body: self };
        let text = serde_json::to_string_pretty(&file).map_err(FileError::body)?;
        Self::fits(&text).map(|()| text)
    }

    /// Whether a text is short enough.
    ///
    /// # Errors
    /// [`FileError::TooLong`].
    fn fits(text: &str) -> Result<(), FileError> {
        match text.len() {
            found if found > Self::LIMIT => Err(FileError::TooLong { found, limit: Self::LIMIT }),
            _ => Ok(()),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`FileError`] if it is too long, of another kind or a newer version, or breaks the format.
    fn from_json(text: &str) -> Result<Self, FileError> {
        Self::fits(text)?;
        let head: Head = serde_json::from_str(text).map_err(FileError::body)?;
        if head.kind != Self::KIND {
            return Err(FileError::Kind { expected: Self::KIND, found: printable(&head.kind) });
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

/// The beginning of a foreign text, without what a terminal would obey.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
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
    #[error(
        "the file has {found} bytes, its kind takes {limit} at the most; choose the right file, or begin a new book"
    )]
    TooLong {
        /// Bytes found.
        found: usize,
        /// Bytes that its kind takes.
        limit: usize,
    },
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
