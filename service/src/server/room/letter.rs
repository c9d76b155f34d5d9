//! What is inside an envelope: written and read by the parties, never by the service.
//!
//! A random key encrypts the letter (ChaCha20-Poly1305) and is itself sealed twice by the wallet's HPKE channel, to the counterparty's
//! and to the sender's own delivery key. All is bound to ledger, deal, act and number, so that an envelope opens in its place alone.
//! The length is padded to multiples of 4 KiB.
//!
//! version 1 ‖ key to the counterparty (80 bytes) ‖ key to oneself (80) ‖ nonce-less ciphertext ‖ tag.

use super::machine::Act;
use super::store::{DealId, MAX_ENVELOPE};
use crate::files::{hex, unhex};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use privity_documents::document::{Document, DocumentError};
use privity_documents::{DeliveryInformation, RequestForQuotation, WeekBasedCapacityGroup, WeekBasedMaterialDemand};
use privity_wallet::delivery::{Channel, DeliveryError, DeliveryKey};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
/// A sealed key: HPKE's 48 bytes and 32.
const WRAPPED: usize = 80;
/// Lengths are multiples of this.
const STEP: usize = 4 << 10;
/// Bytes of one part of an attachment before encryption.
pub const PART: usize = 512 << 10;

/// A Catena-X document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum Aspect {
    /// What a supplier can make, week by week.
    WeekBasedCapacityGroup,
    /// What a customer needs, week by week.
    WeekBasedMaterialDemand,
    /// What a customer asks a price for.
    RequestForQuotation,
    /// What was sent, and when it arrives.
    DeliveryInformation,
}

impl Aspect {
    /// Reads a document of this kind against its schema and writes it again.
    ///
    /// # Errors
    /// [`DocumentError`] names the place by its JSON pointer.
    pub fn normalise(self, bytes: &[u8]) -> Result<String, DocumentError> {
        match self {
            Self::WeekBasedCapacityGroup => WeekBasedCapacityGroup::from_slice(bytes)?.to_text(),
            Self::WeekBasedMaterialDemand => WeekBasedMaterialDemand::from_slice(bytes)?.to_text(),
            Self::RequestForQuotation => RequestForQuotation::from_slice(bytes)?.to_text(),
            Self::DeliveryInformation => DeliveryInformation::from_slice(bytes)?.to_text(),
        }
    }

    /// The aspect of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "WeekBasedCapacityGroup" => Some(Self::WeekBasedCapacityGroup),
            "WeekBasedMaterialDemand" => Some(Self::WeekBasedMaterialDemand),
            "RequestForQuotation" => Some(Self::RequestForQuotation),
            "DeliveryInformation" => Some(Self::DeliveryInformation),
            _ => None,
        }
    }
}

/// A document in a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enclosure {
    /// What it is.
    pub aspect: Aspect,
    /// The document as JSON text, so that its decimals stay as they were written.
    pub text: String,
}

/// A drawing or another file: where its encrypted parts lie, and how to read them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// SHA-256 of the file: what the terms' document hash can be compared with.
    pub sha256: String,
    /// SHA-256 of each encrypted part, in their order.
    pub parts: Vec<String>,
    /// The key of the parts, 64 hexadecimal digits.
    pub key: String,
}

/// Everything that goes into one envelope.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Letter {
    /// Words for people.
    pub note: String,
    /// Catena-X documents.
    pub documents: Vec<Enclosure>,
    /// A message between two wallets: draft, request, offer, receipt and so on, as the command writes them.
    #[schema(value_type = Option<Object>)]
    pub message: Option<Value>,
    /// The transaction in which the ledger settled; in here, because who deals with whom in which transaction is not the service's to
    /// know.
    pub transaction: Option<String>,
    /// Files.
    pub attachments: Vec<Attachment>,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(redacted)")
    }
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attachment(redacted)")
    }
}

/// Why a letter cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// A document breaks its schema.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A recipient's key is unusable.
    #[error(transparent)]
    Key(#[from] DeliveryError),
    /// Too long.
    #[error("the letter is longer than an envelope; put drawings into attachments")]
    TooLong,
    /// For somebody else, for another place, or changed.
    #[error(
        "the envelope does not open; it is for another key, ledger, deal or place, or was changed: ask for it again"
    )]
    Closed,
    /// Opened, and not what a letter is.
    #[error("the envelope holds no letter of this version; ask for it again")]
    Format,
    /// A file is not the one that the letter names.
    #[error("the attachment is not the file that the letter names; ask for it again")]
    Content,
}

/// The place of an envelope, which both ends know.
#[derive(Clone, Debug)]
pub struct Place<'a> {
    /// The deal.
    pub deal: &'a DealId,
    /// What the sender does.
    pub act: Act,
    /// The envelope's number.
    pub sequence: u64,
}

impl Place<'_> {
    fn aad(&self) -> [u8; 32] {
        Sha256::new_with_prefix(b"privity.room.letter.v1")
            .chain_update(self.deal.as_str())
            .chain_update(self.act.name())
            .chain_update([0])
            .chain_update(self.sequence.to_be_bytes())
            .finalize()
            .into()
    }
}

impl Letter {
    /// Seals the letter to the counterparty's delivery key and to one's own.
    ///
    /// # Errors
    /// [`LetterError::Document`] for a document that breaks its schema, [`LetterError::Key`], [`LetterError::TooLong`].
    pub fn seal<R: RngCore + CryptoRng>(
        &self,
        channel: &Channel,
        place: &Place<'_>,
        [to, own]: [&[u8; 32]; 2],
        rng: &mut R,
    ) -> Result<Vec<u8>, LetterError> {
        self.check()?;
        let text = Zeroizing::new(serde_json::to_vec(self).map_err(|_| LetterError::Format)?);
        let mut padded = Zeroizing::new(Vec::with_capacity(text.len() + 4 + STEP));
        padded.extend_from_slice(&u32::try_from(text.len()).map_err(|_| LetterError::TooLong)?.to_be_bytes());
        padded.extend_from_slice(&text);
        let length = padded.len().next_multiple_of(STEP);
        padded.resize(length, 0);
        let mut key = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(key.as_mut_slice());
        let aad = place.aad();
        let mut out = vec![VERSION];
        out.extend(channel.seal(to, &aad, key.as_slice(), rng)?);
        out.extend(channel.seal(own, &aad, key.as_slice(), rng)?);
        out.extend(encrypt(&key, &padded, &aad).ok_or(LetterError::TooLong)?);
        if out.len() > MAX_ENVELOPE { Err(LetterError::TooLong) } else { Ok(out) }
    }

    /// Opens an envelope, as its recipient or its sender.
    ///
    /// # Errors
    /// [`LetterError::Closed`], [`LetterError::Format`], [`LetterError::Document`] for a document that breaks its schema.
    pub fn open(channel: &Channel, place: &Place<'_>, key: &DeliveryKey, bytes: &[u8]) -> Result<Self, LetterError> {
        let (version, rest) = bytes.split_first().ok_or(LetterError::Closed)?;
        if *version != VERSION {
            return Err(LetterError::Format);
        }
        let (wrapped, body) = rest.split_at_checked(2 * WRAPPED).ok_or(LetterError::Closed)?;
        let aad = place.aad();
        let found = wrapped.chunks(WRAPPED).find_map(|sealed| channel.open(key, &aad, sealed));
        let found = found.ok_or(LetterError::Closed)?;
        let secret: &[u8; 32] = found.as_slice().try_into().map_err(|_| LetterError::Format)?;
        let padded = decrypt(secret, body, &aad).ok_or(LetterError::Closed)?;
        let (length, rest) = padded.split_first_chunk::<4>().ok_or(LetterError::Format)?;
        let text = rest.get(..u32::from_be_bytes(*length) as usize).ok_or(LetterError::Format)?;
        // The parser's own words may quote the letter.
        let letter: Self = serde_json::from_slice(text).map_err(|_| LetterError::Format)?;
        letter.check()?;
        Ok(letter)
    }

    fn check(&self) -> Result<(), LetterError> {
        for Enclosure { aspect, text } in &self.documents {
            aspect.normalise(text.as_bytes())?;
        }
        Ok(())
    }
}

impl Attachment {
    /// Encrypts a file in parts, to upload, and what the letter says of it.
    ///
    /// # Errors
    /// [`LetterError::TooLong`] never, for parts of this length.
    pub fn encrypt<R: RngCore + CryptoRng>(
        name: &str,
        file: &[u8],
        rng: &mut R,
    ) -> Result<(Self, Vec<Vec<u8>>), LetterError> {
        let mut key = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(key.as_mut_slice());
        let parts = file.chunks(PART).enumerate().map(|(index, part)| encrypt_part(&key, part, index));
        let parts = parts.collect::<Option<Vec<_>>>().ok_or(LetterError::TooLong)?;
        let attachment = Self {
            name: name.to_owned(),
            sha256: hex(&Sha256::digest(file)),
            parts: parts.iter().map(|part| hex(&Sha256::digest(part))).collect(),
            key: hex(key.as_slice()),
        };
        Ok((attachment, parts))
    }

    /// The file, from its parts in their order.
    ///
    /// # Errors
    /// [`LetterError::Content`] if it is not the file that the letter names.
    pub fn decrypt(&self, parts: &[Vec<u8>]) -> Result<Vec<u8>, LetterError> {
        let key = Zeroizing::new(unhex(&self.key).ok_or(LetterError::Format)?);
        let key: &[u8; 32] = key.as_slice().try_into().map_err(|_| LetterError::Format)?;
        let mut file = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let plain = decrypt_part(key, part, index).ok_or(LetterError::Content)?;
            file.extend_from_slice(&plain);
        }
        if hex(&Sha256::digest(&file)) == self.sha256 { Ok(file) } else { Err(LetterError::Content) }
    }
}

/// A key encrypts one letter, so its nonce may be 0.
fn encrypt(key: &[u8; 32], plain: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    let payload = Payload { msg: plain, aad };
    ChaCha20Poly1305::new(Key::from_slice(key)).encrypt(&Nonce::default(), payload).ok()
}

fn decrypt(key: &[u8; 32], sealed: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let payload = Payload { msg: sealed, aad };
    ChaCha20Poly1305::new(Key::from_slice(key)).decrypt(&Nonce::default(), payload).ok().map(Zeroizing::new)
}

/// A key encrypts one file, whose parts count up.
fn nonce(index: usize) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[4..].copy_from_slice(&(index as u64).to_be_bytes());
    nonce
}

fn encrypt_part(key: &[u8; 32], plain: &[u8], index: usize) -> Option<Vec<u8>> {
    ChaCha20Poly1305::new(Key::from_slice(key)).encrypt(&nonce(index), plain).ok()
}

fn decrypt_part(key: &[u8; 32], sealed: &[u8], index: usize) -> Option<Zeroizing<Vec<u8>>> {
    ChaCha20Poly1305::new(Key::from_slice(key)).decrypt(&nonce(index), sealed).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFQ: &[u8] = include_bytes!("../../../../examples/data/deal/RequestForQuotation.json");

    fn keys() -> [DeliveryKey; 3] {
        [1u8, 2, 3].map(|byte| DeliveryKey::from_bytes(&[byte; 32]))
    }

    #[test]
    fn both_parties_read_it_in_its_place_and_nobody_else() {
        let (mut rng, channel, [buyer, supplier, operator]) = (rand::thread_rng(), Channel::new(&[9; 32]), keys());
        let text = String::from_utf8(RFQ.to_vec()).unwrap();
        let letter = Letter {
            note: "canary-note".into(),
            documents: vec![Enclosure { aspect: Aspect::RequestForQuotation, text: text.clone() }],
            message: Some(serde_json::json!({ "kind": "privity.draft" })),
            ..Letter::default()
        };
        let deal = DealId::named("0123456789abcdef0123456789abcdef").unwrap();
        let place = Place { deal: &deal, act: Act::Request, sequence: 1 };
        let sealed = letter.seal(&channel, &place, [&supplier.public(), &buyer.public()], &mut rng).unwrap();
        assert!(!sealed.windows(11).any(|window| window == b"canary-note"));
        assert_eq!((sealed.len() - 1 - 2 * WRAPPED - 16) % STEP, 0, "its length says little");
        for key in [&buyer, &supplier] {
            let opened = Letter::open(&channel, &place, key, &sealed).unwrap();
            assert!(opened == letter && opened.documents[0].text == text);
        }
        let closed = |channel: &Channel, place: &Place<'_>, key: &DeliveryKey, bytes: &[u8]| {
            matches!(Letter::open(channel, place, key, bytes), Err(LetterError::Closed))
        };
        assert!(closed(&channel, &place, &operator, &sealed));
        assert!(closed(&Channel::new(&[8; 32]), &place, &buyer, &sealed));
        assert!(closed(&channel, &Place { sequence: 2, ..place.clone() }, &buyer, &sealed));
        assert!(closed(&channel, &Place { act: Act::Offer, ..place.clone() }, &buyer, &sealed));
        let other = DealId::named("1123456789abcdef0123456789abcdef").unwrap();
        assert!(closed(&channel, &Place { deal: &other, ..place.clone() }, &buyer, &sealed));
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(closed(&channel, &place, &buyer, &changed) && closed(&channel, &place, &buyer, &sealed[..40]));
    }

    #[test]
    fn a_document_that_breaks_its_schema_neither_leaves_nor_arrives() {
        let (mut rng, channel, [buyer, supplier, _]) = (rand::thread_rng(), Channel::new(&[9; 32]), keys());
        let broken = String::from_utf8_lossy(RFQ).replacen("\"rfqId\"", "\"rfqIt\"", 1);
        let documents = vec![Enclosure { aspect: Aspect::RequestForQuotation, text: broken }];
        let letter = Letter { documents, ..Letter::default() };
        let deal = DealId::named("0123456789abcdef0123456789abcdef").unwrap();
        let place = Place { deal: &deal, act: Act::Request, sequence: 1 };
        let sealed = letter.seal(&channel, &place, [&supplier.public(), &buyer.public()], &mut rng);
        assert!(matches!(sealed, Err(LetterError::Document(_))));
    }

    #[test]
    fn a_drawing_travels_in_parts_bound_by_its_hash() {
        let file: Vec<u8> = (0..PART + 1000).map(|index| (index % 251) as u8).collect();
        let (attachment, parts) = Attachment::encrypt("plate.step", &file, &mut rand::thread_rng()).unwrap();
        assert_eq!((parts.len(), attachment.sha256.len()), (2, 64));
        assert!(parts.iter().all(|part| part.len() <= super::super::store::MAX_PART));
        assert!(!parts[0].windows(64).any(|window| window == &file[..64]));
        assert_eq!(attachment.decrypt(&parts).unwrap(), file);
        let swapped: Vec<_> = parts.iter().rev().cloned().collect();
        assert!(matches!(attachment.decrypt(&swapped), Err(LetterError::Content)));
        assert!(matches!(attachment.decrypt(&parts[..1]), Err(LetterError::Content)));
    }
}
