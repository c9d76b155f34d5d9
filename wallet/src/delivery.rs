//! Delivery of notes: HPKE base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305 (protocol, section 8).
//!
//! info = `privity.note.v1` ‖ ledger id (32 bytes, whole), aad = the commitment; 256 bytes of plaintext become 304.

use crate::random::random_field;
use crate::unseal::{Schedule, schedule, unseal};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeS, Serializable};
use privity_circuits::asset::AssetId;
use privity_circuits::keys::Owner;
use privity_circuits::note::{Commitment, Note, UNLOCK_BITS};
use privity_circuits::{Fr, field};
use rand::{CryptoRng, RngCore};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a note's plaintext.
pub const PLAINTEXT_BYTES: usize = 256;
/// Bytes that sealing adds: encapsulated key (32) and tag (16).
pub const SEAL_BYTES: usize = 48;
/// Bytes of a sealed note.
pub const SEALED_NOTE_BYTES: usize = PLAINTEXT_BYTES + SEAL_BYTES;
/// Bytes of a memo on the wire.
pub const MEMO_BYTES: usize = 178;
/// Bytes of a memo that both copies hold: a sender's copy carries the owner in front of it.
pub const MEMO_TEXT_BYTES: usize = MEMO_BYTES - 32;
/// Version of the plaintext.
const VERSION: u8 = 1;

type Public = <X25519HkdfSha256 as Kem>::PublicKey;

/// A sealed note as it stands in the log.
pub type SealedNote = [u8; SEALED_NOTE_BYTES];

/// An X25519 secret to which notes are delivered; zeroized, never printed.
#[derive(Clone)]
pub struct DeliveryKey {
    bytes: [u8; 32],
    public: [u8; 32],
}

impl DeliveryKey {
    /// The first 32 bytes of key material, clamped.
    pub fn from_wide(bytes: &[u8; 64]) -> Self {
        let mut secret = Zeroizing::new([0u8; 32]);
        secret.copy_from_slice(&bytes[..32]);
        Self::from_bytes(&secret)
    }

    /// A secret, clamped.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut bytes = *bytes;
        bytes[0] &= 248;
        bytes[31] = bytes[31] & 127 | 64;
        let public = PublicKey::from(&StaticSecret::from(bytes)).to_bytes();
        Self { bytes, public }
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    pub(crate) fn secret_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl Drop for DeliveryKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl core::fmt::Debug for DeliveryKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("DeliveryKey(redacted)")
    }
}

/// Whether something can be sealed to this X25519 key: false for the points of small order, which make one secret of all.
pub fn is_usable(key: &[u8; 32]) -> bool {
    StaticSecret::from([1; 32]).diffie_hellman(&PublicKey::from(*key)).was_contributory()
}

/// Text that travels with a note, padded with zeros.
#[derive(Clone, PartialEq, Eq)]
pub struct Memo([u8; MEMO_TEXT_BYTES]);

impl Memo {
    /// No text.
    pub const EMPTY: Self = Self([0; MEMO_TEXT_BYTES]);

    /// A memo of up to [`MEMO_TEXT_BYTES`] bytes.
    ///
    /// # Errors
    /// [`DeliveryError::Memo`] if there are more.
    pub fn new(text: &[u8]) -> Result<Self, DeliveryError> {
        let mut memo = [0; MEMO_TEXT_BYTES];
        memo.get_mut(..text.len()).ok_or(DeliveryError::Memo(text.len()))?.copy_from_slice(text);
        Ok(Self(memo))
    }

    /// The padded bytes.
    pub fn bytes(&self) -> &[u8; MEMO_TEXT_BYTES] {
        &self.0
    }

    /// The text without its padding, if it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        let end = self.0.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        core::str::from_utf8(&self.0[..end]).ok()
    }
}

impl core::fmt::Debug for Memo {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Memo(redacted)")
    }
}

/// What a recipient reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The note; it opens the commitment next to which it was sealed.
    pub note: Note,
    /// Text.
    pub memo: Memo,
}

/// Why a note cannot be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The recipient's key is of small order.
    #[error("the recipient's X25519 key is of small order; ask for an address made by a wallet")]
    Key,
    /// The memo is too long.
    #[error("a memo has at most {MEMO_TEXT_BYTES} bytes, found {0}; shorten it")]
    Memo(usize),
    /// The note's unlock time does not fit.
    #[error("the unlock time is not below 2^40 seconds; choose an earlier one")]
    Unlock,
}

/// Seals and opens the ciphertexts of one ledger.
#[derive(Clone, Debug)]
pub struct Channel {
    info: Vec<u8>,
    schedule: Schedule,
}

impl Channel {
    /// The channel of the ledger whose whole id (SHA-256 of the genesis) is given.
    pub fn new(ledger: &[u8; 32]) -> Self {
        let info = [b"privity.note.v1".as_slice(), ledger].concat();
        Self { schedule: schedule(&info), info }
    }

    /// Seals any plaintext: encapsulated key ‖ ciphertext ‖ tag.
    ///
    /// # Errors
    /// [`DeliveryError::Key`] if the recipient's key is of small order.
    pub fn seal<R: RngCore + CryptoRng>(
        &self,
        to: &[u8; 32],
        aad: &[u8; 32],
        plaintext: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, DeliveryError> {
        let to = Public::from_bytes(to).map_err(|_| DeliveryError::Key)?;
        let (key, mut context) = hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &to,
            &self.info,
            rng,
        )
        .map_err(|_| DeliveryError::Key)?;
        let mut sealed = key.to_bytes().to_vec();
        sealed.extend(context.seal(plaintext, aad).map_err(|_| DeliveryError::Key)?);
        Ok(sealed)
    }

    /// Opens what [`Channel::seal`] made for this key; `None` if it was made for another key, another ledger or another `aad`.
    pub fn open(&self, key: &DeliveryKey, aad: &[u8; 32], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        unseal(&self.schedule, &StaticSecret::from(key.bytes), &key.public, aad, sealed)
    }

    /// Seals a note to its recipient.
    ///
    /// # Errors
    /// [`DeliveryError`] if the key is of small order or the unlock time does not fit.
    pub fn seal_note<R: RngCore + CryptoRng>(
        &self,
        to: &[u8; 32],
        note: &Note,
        memo: &Memo,
        rng: &mut R,
    ) -> Result<SealedNote, DeliveryError> {
        let mut full = [0; MEMO_BYTES];
        full[..MEMO_TEXT_BYTES].copy_from_slice(&memo.0);
        self.seal_plaintext(to, note, &full, rng)
    }

    /// Seals a sender's copy: owner ‖ memo stand in the place of the memo.
    ///
    /// # Errors
    /// [`DeliveryError`] if the key is of small order or the unlock time does not fit.
    pub fn seal_copy<R: RngCore + CryptoRng>(
        &self,
        sender: &DeliveryKey,
        note: &Note,
        memo: &Memo,
        rng: &mut R,
    ) -> Result<SealedNote, DeliveryError> {
        let mut full = [0; MEMO_BYTES];
        full[..32].copy_from_slice(&note.owner.to_bytes());
        full[32..].copy_from_slice(&memo.0);
        self.seal_plaintext(&sender.public, note, &full, rng)
    }

    /// Seals a note to a key that nobody has: what an output without a recipient carries.
    ///
    /// # Errors
    /// [`DeliveryError::Unlock`] if the unlock time does not fit.
    pub fn seal_to_nobody<R: RngCore + CryptoRng>(
        &self,
        cm: Commitment,
        rng: &mut R,
    ) -> Result<SealedNote, DeliveryError> {
        let mut secret = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        let mut filler = Zeroizing::new([0u8; PLAINTEXT_BYTES]);
        filler[..32].copy_from_slice(&field::to_bytes(&random_field(rng)));
        fixed(self.seal(&DeliveryKey::from_bytes(&secret).public, &cm.to_bytes(), filler.as_slice(), rng)?)
    }

    fn seal_plaintext<R: RngCore + CryptoRng>(
        &self,
        to: &[u8; 32],
        note: &Note,
        memo: &[u8; MEMO_BYTES],
        rng: &mut R,
    ) -> Result<SealedNote, DeliveryError> {
        let plaintext = encode(note, memo)?;
        fixed(self.seal(to, &note.commitment().to_bytes(), plaintext.as_slice(), rng)?)
    }

    /// Opens a note delivered to `key`, owned by `owner`; `None` if it was sealed to another key or does not open `cm`.
    pub fn open_note(&self, key: &DeliveryKey, owner: Owner, cm: Commitment, sealed: &[u8]) -> Option<Delivered> {
        let plaintext = self.open(key, &cm.to_bytes(), sealed)?;
        let (note, memo) = decode(&plaintext, Some(owner))?;
        let text = memo[..MEMO_TEXT_BYTES].try_into().ok()?;
        (note.commitment() == cm).then_some(Delivered { note, memo: Memo(text) })
    }

    /// Opens a sender's copy; the owner stands in it.
    pub fn open_copy(&self, key: &DeliveryKey, cm: Commitment, sealed: &[u8]) -> Option<Delivered> {
        let plaintext = self.open(key, &cm.to_bytes(), sealed)?;
        let (note, memo) = decode(&plaintext, None)?;
        let text = memo[32..].try_into().ok()?;
        (note.commitment() == cm).then_some(Delivered { note, memo: Memo(text) })
    }
}

fn fixed(sealed: Vec<u8>) -> Result<SealedNote, DeliveryError> {
    sealed.try_into().map_err(|_| DeliveryError::Key)
}

/// version 1 ‖ asset 32 ‖ value 8 ‖ unlock 5 ‖ blinding 32 ‖ memo 178.
fn encode(note: &Note, memo: &[u8; MEMO_BYTES]) -> Result<Zeroizing<[u8; PLAINTEXT_BYTES]>, DeliveryError> {
    if note.unlock >> UNLOCK_BITS != 0 {
        return Err(DeliveryError::Unlock);
    }
    let mut out = Zeroizing::new([0u8; PLAINTEXT_BYTES]);
    out[0] = VERSION;
    out[1..33].copy_from_slice(&note.asset.to_bytes());
    out[33..41].copy_from_slice(&note.value.to_be_bytes());
    out[41..46].copy_from_slice(&note.unlock.to_be_bytes()[3..]);
    out[46..78].copy_from_slice(&field::to_bytes(&note.blinding));
    out[78..].copy_from_slice(memo);
    Ok(out)
}

/// The note and its memo; without an `owner` the memo begins with one.
fn decode(bytes: &[u8], owner: Option<Owner>) -> Option<(Note, [u8; MEMO_BYTES])> {
    let bytes: &[u8; PLAINTEXT_BYTES] = bytes.try_into().ok()?;
    if bytes[0] != VERSION {
        return None;
    }
    let memo: [u8; MEMO_BYTES] = bytes[78..].try_into().ok()?;
    let owner = match owner {
        Some(owner) => owner,
        None => Owner::from_bytes(&memo[..32]).ok()?,
    };
    let integer =
        |range: core::ops::Range<usize>| bytes[range].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let blinding: Fr = field::from_bytes(&bytes[46..78]).ok()?;
    let asset = AssetId::from_bytes(&bytes[1..33]).ok()?;
    Some((Note { asset, value: integer(33..41), unlock: integer(41..46), owner, blinding }, memo))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn setting() -> (Channel, DeliveryKey, Note, rand_chacha::ChaCha20Rng) {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(5);
        let note = Note {
            asset: AssetId::new(random_field(&mut rng)),
            value: u64::MAX,
            unlock: (1 << 40) - 1,
            owner: Owner::new(random_field(&mut rng)),
            blinding: random_field(&mut rng),
        };
        (Channel::new(&[9; 32]), DeliveryKey::from_bytes(&[3; 32]), note, rng)
    }

    #[test]
    fn both_copies_open_and_only_where_they_belong() {
        let (channel, key, note, mut rng) = setting();
        let memo = Memo::new(b"order 4711").unwrap();
        let cm = note.commitment();
        let sealed = channel.seal_note(&key.public(), &note, &memo, &mut rng).unwrap();
        let opened = channel.open_note(&key, note.owner, cm, &sealed).unwrap();
        assert!(opened.note == note && opened.memo.text() == Some("order 4711"));
        let copy = channel.seal_copy(&key, &note, &memo, &mut rng).unwrap();
        assert_eq!(channel.open_copy(&key, cm, &copy), Some(opened));

        let stranger = DeliveryKey::from_bytes(&[4; 32]);
        assert_eq!(channel.open_note(&stranger, note.owner, cm, &sealed), None);
        assert_eq!(Channel::new(&[8; 32]).open_note(&key, note.owner, cm, &sealed), None);
        let elsewhere = Commitment::new(random_field(&mut rng));
        assert_eq!(channel.open_note(&key, note.owner, elsewhere, &sealed), None);
        // Pitfall 19: sealed to the right key, but not an opening of the commitment for this owner.
        assert_eq!(channel.open_note(&key, Owner::new(random_field(&mut rng)), cm, &sealed), None);
        let nobody = channel.seal_to_nobody(cm, &mut rng).unwrap();
        assert_eq!(channel.open_note(&key, note.owner, cm, &nobody), None);
        assert_eq!(channel.open_note(&key, note.owner, cm, &sealed[1..]), None);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (channel, key, mut note, mut rng) = setting();
        assert_eq!(Memo::new(&[1; MEMO_TEXT_BYTES + 1]), Err(DeliveryError::Memo(MEMO_TEXT_BYTES + 1)));
        note.unlock = 1 << 40;
        assert_eq!(channel.seal_note(&key.public(), &note, &Memo::EMPTY, &mut rng), Err(DeliveryError::Unlock));
        note.unlock = 0;
        assert_eq!(channel.seal_note(&[0; 32], &note, &Memo::EMPTY, &mut rng), Err(DeliveryError::Key));
    }
}
