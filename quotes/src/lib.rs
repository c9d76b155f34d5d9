//! Sealed quotes, provably fair award, and the link from the winning quote to the deal that settles it (protocol, section 6).
//!
//! A buyer logs an [`Rfq`]; suppliers log [`SealedQuote`]s; after closing the operator's [`Open`] lets the buyer read them; an
//! [`Exclusion`] shows that a quote does not open; an award names the winner and proves that no other score is lower; a link shows
//! that the deal which settles hides the winner's price. Every proof is made on a transcript that holds the whole statement
//! (`transcript.rs`), and what was verified is a [`Verified`], which nothing else makes.
//!
//! # Example
//!
//! ```
//! # use privity_circuits::{Fr, asset::AssetId, keys::{Owner, SignerId, SigningKey}, schnorr::Signature, terms::DocumentHash};
//! # use privity_quotes::{Error, QuotingKey, Rfq, SealedQuote, Weights};
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! # fn main() -> Result<(), Error> {
//! # let mut rng = ChaCha20Rng::seed_from_u64(1);
//! # let (ledger, nonce, owner, supplier) = ([1; 32], [2; 32], Owner::new(Fr::from(3)), Owner::new(Fr::from(4)));
//! # let signing = SigningKey::from_wide(&[5; 64]).unwrap();
//! # let signer = SignerId::of(&signing.public_key());
//! // The operator makes a key for this request and signs it; the buyer asks.
//! let operator = QuotingKey::from_wide(&[6; 64]).operator_secret(&ledger, owner, &nonce);
//! let message = Rfq::endorsement(&ledger, owner, &nonce, &operator.public());
//! let buyer = QuotingKey::from_wide(&[7; 64]).buyer_secret(&ledger, &nonce);
//! let rfq = Rfq {
//!     quantity: 1_005_000,
//!     weights: Weights { price: 1, lead: 500 },
//!     key: buyer.public(),
//!     operator_key: operator.public(),
//!     endorsement: Signature::sign(&signing, signer.field(), message, &mut rng),
//! #   ledger, nonce, buyer: owner, operator: signer, exponent: 2, opens: 100, closes: 200, delay: 50,
//! #   document: DocumentHash::new(Fr::from(8)), currency: AssetId::new(Fr::from(9)),
//!     // …
//! };
//!
//! // A supplier answers: 1 234.56 in 21 days. Anybody checks the answer, nobody reads it.
//! let key = QuotingKey::from_wide(&[8; 64]);
//! let (ephemeral, opening) = (key.ephemeral(&rfq.hash(), 0), key.opening(&rfq.hash(), 0, 123_456, 21)?);
//! let quote = SealedQuote::seal(&rfq, supplier, &ephemeral, &opening, &mut rng)?;
//! let quote = quote.verify(&rfq)?;
//!
//! // After closing the operator's secret is public, and the buyer reads.
//! let opened = quote.get().open(&operator, &buyer.shared(&quote.get().ephemeral))?;
//! assert_eq!((opened.price(), opened.lead()), (123_456, 21));
//! # Ok(())
//! # }
//! ```
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

pub mod award;
pub mod batch;
mod codec;
mod commit;
mod error;
mod exclusion;
pub mod link;
mod open;
mod point;
mod quote;
mod range;
mod rfq;
mod secrets;
mod sigma;
mod transcript;
mod verified;

#[cfg(test)]
mod test_support;

pub use award::Award;
pub use codec::{CodecError, Message, Reader};
pub use commit::{BLINDING_BYTES, Commitments, LEAD_BITS, OPENING_BYTES, Opening, PRICE_BITS};
pub use error::Error;
pub use exclusion::Exclusion;
pub use open::{InnerBox, Open};
pub use point::Point;
pub use quote::{QuoteId, SealedQuote};
pub use rfq::{Rfq, RfqHash, Weights};
pub use secrets::{OperatorSecret, QuotingKey, SecretScalar};
pub use verified::Verified;
