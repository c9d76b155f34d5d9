//! What a transaction delivers, sealed: per output a note to the recipient and a copy to the sender, per deal two envelopes.
//!
//! The ledger binds the ciphertexts by their hash and never opens them; their number and length follow from the kind alone.

use crate::bytes::{CodecError, Reader};
use sha3::{Digest, Keccak256};

/// Bytes of a sealed note: encapsulated key 32 ‖ ciphertext 256 ‖ tag 16.
pub const SEALED_NOTE_BYTES: usize = 304;
/// Bytes of an envelope: encapsulated key 32 ‖ padded terms 976 ‖ tag 16. Full terms take about 850.
pub const ENVELOPE_BYTES: usize = 1024;

/// A sealed note.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SealedNote(pub [u8; SEALED_NOTE_BYTES]);

/// The full terms of a deal, sealed to one party.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope(pub Box<[u8; ENVELOPE_BYTES]>);

/// The ciphertexts of one transaction, in the order in which they are hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ciphertexts {
    /// One per output, to whom it is for; to a random key if nobody.
    pub recipients: Vec<SealedNote>,
    /// One per output, to the sender's own key.
    pub senders: Vec<SealedNote>,
    /// A deal's full terms: to the buyer, to the supplier.
    pub envelopes: Vec<Envelope>,
}

impl Ciphertexts {
    /// Keccak-256 of all ciphertexts in order; of nothing if there are none.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Keccak256::new();
        self.parts().for_each(|part| hash.update(part));
        hash.finalize().into()
    }

    /// Whether there are `outputs` notes and copies, and `envelopes` envelopes.
    pub fn has_shape(&self, outputs: usize, envelopes: usize) -> bool {
        self.recipients.len() == outputs && self.senders.len() == outputs && self.envelopes.len() == envelopes
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.parts().for_each(|part| out.extend_from_slice(part));
    }

    pub(crate) fn read(input: &mut Reader<'_>, outputs: usize, envelopes: usize) -> Result<Self, CodecError> {
        let mut notes = || (0..outputs).map(|_| Ok(SealedNote(input.array()?))).collect::<Result<_, CodecError>>();
        let (recipients, senders) = (notes()?, notes()?);
        let envelopes =
            (0..envelopes).map(|_| Ok(Envelope(Box::new(input.array()?)))).collect::<Result<_, CodecError>>()?;
        Ok(Self { recipients, senders, envelopes })
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let notes = self.recipients.iter().chain(&self.senders).map(|note| note.0.as_slice());
        notes.chain(self.envelopes.iter().map(|envelope| envelope.0.as_slice()))
    }
}

impl std::fmt::Debug for SealedNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealedNote(..)")
    }
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Envelope(..)")
    }
}
