//! What no log line, panic or error may show.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value that has no `Display` and whose `Debug` says `redacted`, so that no field of a log line, no `?value` and no `{value:?}` shows
/// it, whoever writes that line; on the wire and in the store it is itself.
///
/// ```compile_fail
/// let key = privity_service::server::Redacted::new("whsec_…");
/// tracing::info!(%key, "registered");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Keeps `value` out of logs.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for what is neither log nor error.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("redacted")
    }
}
