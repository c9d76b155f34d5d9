//! Ids of what callers make.

/// A type of ids: when it was made, then random digits, so that ids are in the order of time and nobody guesses one.
macro_rules! timed_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A fresh id at `now`, Unix seconds.
            pub fn fresh(now: u64) -> Self {
                Self($crate::server::id::fresh(now))
            }

            /// The id that a caller names.
            pub fn named(text: &str) -> Option<Self> {
                $crate::server::id::is_id(text).then(|| Self(text.to_owned()))
            }

            /// The id's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

use crate::files::hex;
use rand::RngCore;
use rand::rngs::OsRng;
pub(crate) use timed_id;

/// The text of a fresh id.
pub(crate) fn fresh(now: u64) -> String {
    let mut random = [0u8; 11];
    OsRng.fill_bytes(&mut random);
    format!("{now:010x}{}", hex(&random))
}

/// Whether this is the text of an id: 32 hexadecimal digits in lower case.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}
