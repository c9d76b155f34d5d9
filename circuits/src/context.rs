//! What a proof is bound to: the ledger's context (protocol, L6).

use crate::{field, field_newtype};

field_newtype!(Context, "Keccak-256 of the transaction's frame, first byte cleared.");
field_newtype!(LedgerId, "Truncated SHA-256 of the genesis.");

impl Context {
    /// A Keccak-256 digest with its first byte cleared.
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self::new(field::truncate(digest))
    }
}

impl LedgerId {
    /// A SHA-256 digest with its first byte cleared.
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        Self::new(field::truncate(digest))
    }
}
