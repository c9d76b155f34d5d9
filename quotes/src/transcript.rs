//! The vocabulary of every transcript, over [`merlin::Transcript`].
//!
//! Merlin frames each message by its label and length, so no two sequences of calls absorb the same bytes. A proof begins with its
//! own domain separator, absorbs the whole statement, then each of its own messages before the challenge that follows it, and ends
//! in [`Protocol::closing`], which depends on every byte of statement and proof.

use crate::point::Point;
use curve25519_dalek::Scalar;
use merlin::{Transcript, TranscriptRng};
use privity_circuits::{Fr, field, jubjub};
use rand::{CryptoRng, RngCore};

/// What is proved; the domain separator of its transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A sealed quote.
    Quote,
    /// An exclusion.
    Exclusion,
    /// An award.
    Award,
    /// The link from a quote to a deal.
    Link,
    /// The weights of a batch of quotes.
    Batch,
}

impl Proof {
    /// A transcript that holds nothing but the domain separator.
    pub fn transcript(self) -> Transcript {
        Transcript::new(match self {
            Self::Quote => b"privity.v1 quote",
            Self::Exclusion => b"privity.v1 exclusion",
            Self::Award => b"privity.v1 award",
            Self::Link => b"privity.v1 link",
            Self::Batch => b"privity.v1 batch",
        })
    }
}

/// What may be said in a transcript, by type.
pub trait Protocol {
    /// Absorbs a 32-byte id or key.
    fn absorb_id(&mut self, label: &'static [u8], id: &[u8; 32]);
    /// Absorbs an element of F, 32 big-endian bytes.
    fn absorb_field(&mut self, label: &'static [u8], x: &Fr);
    /// Absorbs an integer or a count, 8 big-endian bytes.
    fn absorb_u64(&mut self, label: &'static [u8], x: u64);
    /// Absorbs bytes of any length, which is absorbed too.
    fn absorb_bytes(&mut self, label: &'static [u8], bytes: &[u8]);
    /// Absorbs a Ristretto point; the type says that it is not the identity.
    fn absorb_point(&mut self, label: &'static [u8], point: &Point);
    /// Absorbs a Ristretto scalar.
    fn absorb_scalar(&mut self, label: &'static [u8], scalar: &Scalar);
    /// Absorbs a Jubjub point, x ‖ y big-endian; the caller has checked curve and subgroup.
    fn absorb_jubjub(&mut self, label: &'static [u8], point: &jubjub::Point);
    /// A uniform Ristretto scalar from 64 bytes.
    fn challenge_scalar(&mut self, label: &'static [u8]) -> Scalar;
    /// A uniform 128-bit challenge.
    fn challenge_u128(&mut self, label: &'static [u8]) -> u128;
    /// The last challenge: what randomises a batch, and shows in tests that the last response is absorbed.
    fn closing(&mut self) -> Scalar;
    /// Randomness for nonces: from this transcript, the witness and fresh bytes, so that neither a broken generator nor a
    /// repeated statement repeats a nonce.
    fn nonces<R: RngCore + CryptoRng>(&self, witness: &[&[u8]], rng: &mut R) -> TranscriptRng;
}

impl Protocol for Transcript {
    fn absorb_id(&mut self, label: &'static [u8], id: &[u8; 32]) {
        self.append_message(label, id);
    }

    fn absorb_field(&mut self, label: &'static [u8], x: &Fr) {
        self.append_message(label, &field::to_bytes(x));
    }

    fn absorb_u64(&mut self, label: &'static [u8], x: u64) {
        self.append_message(label, &x.to_be_bytes());
    }

    fn absorb_bytes(&mut self, label: &'static [u8], bytes: &[u8]) {
        self.append_message(label, bytes);
    }

    fn absorb_point(&mut self, label: &'static [u8], point: &Point) {
        self.append_message(label, point.as_bytes());
    }

    fn absorb_scalar(&mut self, label: &'static [u8], scalar: &Scalar) {
        self.append_message(label, scalar.as_bytes());
    }

    fn absorb_jubjub(&mut self, label: &'static [u8], point: &jubjub::Point) {
        let mut bytes = [0u8; 64];
        bytes[..32].copy_from_slice(&field::to_bytes(&point.x));
        bytes[32..].copy_from_slice(&field::to_bytes(&point.y));
        self.append_message(label, &bytes);
    }

    fn challenge_scalar(&mut self, label: &'static [u8]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&challenge(self, label))
    }

    fn challenge_u128(&mut self, label: &'static [u8]) -> u128 {
        u128::from_be_bytes(challenge(self, label))
    }

    fn closing(&mut self) -> Scalar {
        self.challenge_scalar(b"closing")
    }

    fn nonces<R: RngCore + CryptoRng>(&self, witness: &[&[u8]], rng: &mut R) -> TranscriptRng {
        let keyed = witness.iter().fold(self.build_rng(), |rng, part| rng.rekey_with_witness_bytes(b"witness", part));
        keyed.finalize(rng)
    }
}

fn challenge<const N: usize>(transcript: &mut Transcript, label: &'static [u8]) -> [u8; N] {
    let mut bytes = [0u8; N];
    transcript.challenge_bytes(label, &mut bytes);
    #[cfg(test)]
    crate::test_support::record(&bytes);
    bytes
}
