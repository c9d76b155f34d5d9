//! What can be wrong with a key file, and the remedy.

use crate::SetupError;
use crate::file::VERSION;
use privity_verifier::{KeyError, KeyId};
use std::path::PathBuf;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("proving key {}{}: {problem}", path.display(), named(*.key))]
pub struct KeyFileError {
    /// The file.
    pub path: PathBuf,
    /// The key id that the file's header gives, if it has a header.
    pub key: Option<KeyId>,
    /// What is wrong with it.
    #[source]
    pub problem: KeyProblem,
}

fn named(key: Option<KeyId>) -> String {
    key.map(|key| format!(" ({key})")).unwrap_or_default()
}

/// What is wrong with a key file, and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    /// There is no file.
    #[error("there is none; make it with `privity keys generate`")]
    Missing,
    /// The file starts otherwise.
    #[error("not a proving key; delete it and run `privity keys generate`")]
    NotAKey,
    /// Written by a newer version.
    #[error(
        "format {found}, this version reads {VERSION}; update the software, or delete the file and run `privity keys generate`"
    )]
    Newer {
        /// Format version found.
        found: u32,
    },
    /// Written by an earlier version.
    #[error(
        "format {found} of an earlier version, this version reads {VERSION}; delete it and run `privity keys generate`"
    )]
    Older {
        /// Format version found.
        found: u32,
    },
    /// Cut off.
    #[error("truncated: {found} bytes of {expected}; delete it and run `privity keys generate`")]
    Truncated {
        /// Bytes expected.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// Bytes after the end.
    #[error("{0} bytes after the end; delete it and run `privity keys generate`")]
    Trailing(u64),
    /// The key of another relation, as after files were swapped.
    #[error(
        "it is the key of {found:?}, not of {expected}; put the files back, or delete it and run `privity keys generate`"
    )]
    Relation {
        /// Relation asked for.
        expected: &'static str,
        /// Relation in the file.
        found: String,
    },
    /// The relation's circuit is another one.
    #[error("made for another version of the circuit; delete it and run `privity keys generate`")]
    Matrices {
        /// Key id in the file.
        found: KeyId,
    },
    /// The header's mark or key id is not that of the key inside.
    #[error("its header does not belong to the key inside; delete it and run `privity keys generate`")]
    Header,
    /// The contents do not have the hash that the header names.
    #[error("damaged: its hash does not match; delete it and run `privity keys generate`")]
    Hash,
    /// The contents are no key of this circuit although the hash matches.
    #[error("the set-up elements do not fit the circuit; delete it and run `privity keys generate`")]
    Elements,
    /// The verifying key inside is refused.
    #[error("{0}; delete it and run `privity keys generate`")]
    VerifyingKey(#[from] KeyError),
    /// Not the key that was pinned.
    #[error("it, or its contents, is not the pinned one; fetch the published key")]
    NotPinned {
        /// Key id in the file.
        found: KeyId,
    },
    /// Generating the missing key failed.
    #[error(transparent)]
    SetUp(#[from] SetupError),
    /// Reading or writing failed.
    #[error("{0}; check the directory's space and permissions")]
    Io(#[from] std::io::Error),
}
