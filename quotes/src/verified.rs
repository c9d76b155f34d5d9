//! The verified message, the only thing that the ledger accepts.

/// A message whose proof holds; made by this crate's verification alone:
///
/// ```compile_fail,E0423
/// # use privity_quotes::{SealedQuote, Verified};
/// fn forge(quote: SealedQuote) -> Verified<SealedQuote> {
///     Verified(quote)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Call only where the proof of exactly this message has just been verified.
    pub(crate) fn new(message: T) -> Self {
        Self(message)
    }

    /// The message.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// The message, for good.
    pub fn into_inner(self) -> T {
        self.0
    }
}
