//! What happens after closing: the operator publishes the RFQ's secret, the outer seals come off, the buyer opens the boxes.

use crate::codec::{CodecError, Message, Reader};
use crate::commit::{OPENING_BYTES, Opening};
use crate::error::Error;
use crate::point::Point;
use crate::quote::{QuoteId, SealedQuote};
use crate::rfq::{Rfq, RfqHash};
use crate::secrets::OperatorSecret;
use crate::verified::Verified;
use alloc::vec::Vec;
use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use hkdf::Hkdf;
use hpke::aead::ChaCha20Poly1305 as HpkeAead;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use rand::{CryptoRng, RngCore};
use sha2::Sha512;
use zeroize::Zeroizing;

/// Bytes of an authentication tag.
const TAG_BYTES: usize = 16;
/// Bytes of an encapsulated key.
const ENCAPSULATED_BYTES: usize = 32;
/// Bytes of an inner box: opening ‖ tag.
pub(crate) const INNER_BYTES: usize = OPENING_BYTES + TAG_BYTES;
/// Bytes of a sealed box: encapsulated key ‖ inner box ‖ tag.
pub(crate) const SEALED_BYTES: usize = ENCAPSULATED_BYTES + INNER_BYTES + TAG_BYTES;

/// The operator's secret for one RFQ, published after closing; an operator's entry, signed as such by the ledger's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The RFQ.
    pub rfq: RfqHash,
    /// The secret of its operator key.
    pub secret: OperatorSecret,
}

impl Open {
    /// Bytes of an opening entry.
    pub const BYTES: usize = 64;

    /// Whether the secret is that of the RFQ's operator key. That it is after closing is the ledger's to see.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4) for another RFQ, [`Error::Secret`] (Q3).
    pub fn verify(self, rfq: &Rfq) -> Result<Verified<Self>, Error> {
        if self.rfq != rfq.hash() {
            return Err(Error::Foreign);
        }
        if self.secret.public() != rfq.operator_key {
            return Err(Error::Secret);
        }
        Ok(Verified::new(self))
    }
}

impl Message for Open {
    const NAME: &'static str = "opened secret";
    const LIMIT: usize = Self::BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.rfq.0);
        out.extend_from_slice(self.secret.to_bytes().as_slice());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self { rfq: RfqHash(input.array()?), secret: OperatorSecret::from_bytes(&input.array()?)? })
    }
}

/// A box whose outer seal is off: ChaCha20-Poly1305 under HKDF-SHA-512(K, E, quote id), aad = quote id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InnerBox([u8; INNER_BYTES]);

impl InnerBox {
    /// Seals `opening`; the key is used for this plaintext alone, since the quote id names its commitments.
    pub(crate) fn seal(opening: &Opening, id: &QuoteId, ephemeral: &Point, shared: &Point) -> Result<Self, Error> {
        let mut sealed = [0; INNER_BYTES];
        let (text, tag) = sealed.split_at_mut(OPENING_BYTES);
        text.copy_from_slice(opening.to_bytes().as_slice());
        let made = cipher(id, ephemeral, shared).encrypt_in_place_detached(&Nonce::default(), &id.0, text);
        tag.copy_from_slice(&made.map_err(|_| Error::Box)?);
        Ok(Self(sealed))
    }

    /// Opens the box with K; an opening of both of the quote's commitments, or nothing.
    ///
    /// # Errors
    /// [`Error::Box`] (Q8): a failed tag, a plaintext that is no opening, or one of other commitments.
    pub fn open(&self, quote: &SealedQuote, shared: &Point) -> Result<Opening, Error> {
        let id = quote.id();
        let (text, tag) = self.0.split_at(OPENING_BYTES);
        let mut text = Zeroizing::new(text.to_vec());
        cipher(&id, &quote.ephemeral, shared)
            .decrypt_in_place_detached(&Nonce::default(), &id.0, &mut text, Tag::from_slice(tag))
            .map_err(|_| Error::Box)?;
        let opening = Opening::from_bytes(&text).map_err(|_| Error::Box)?;
        if opening.opens(&quote.commitments) { Ok(opening) } else { Err(Error::Box) }
    }
}

fn cipher(id: &QuoteId, ephemeral: &Point, shared: &Point) -> ChaCha20Poly1305 {
    let mut key = Zeroizing::new([0u8; 32]);
    // 32 bytes are less than one block of SHA-512, so expansion cannot fail.
    let _ = Hkdf::<Sha512>::new(Some(b"privity.v1"), shared.as_bytes())
        .expand_multi_info(&[b"quote box", ephemeral.as_bytes(), &id.0], key.as_mut_slice());
    ChaCha20Poly1305::new(Key::from_slice(key.as_slice()))
}

fn info(rfq: &RfqHash) -> [u8; 48] {
    let mut info = [0; 48];
    info[..16].copy_from_slice(b"privity.quote.v1");
    info[16..].copy_from_slice(&rfq.0);
    info
}

/// Seals an inner box to the operator's key: HPKE base mode, info `privity.quote.v1` ‖ rfq hash, aad = quote id.
pub(crate) fn seal_outer<R: RngCore + CryptoRng>(
    rfq: &Rfq,
    hash: &RfqHash,
    id: &QuoteId,
    inner: &InnerBox,
    rng: &mut R,
) -> Result<[u8; SEALED_BYTES], Error> {
    let refused = |_| Error::Request("operator key");
    let key = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&rfq.operator_key).map_err(refused)?;
    let (encapsulated, text) = hpke::single_shot_seal::<HpkeAead, HkdfSha256, X25519HkdfSha256, _>(
        &OpModeS::Base,
        &key,
        &info(hash),
        &inner.0,
        &id.0,
        rng,
    )
    .map_err(refused)?;
    let mut sealed = [0; SEALED_BYTES];
    sealed[..ENCAPSULATED_BYTES].copy_from_slice(&encapsulated.to_bytes());
    sealed[ENCAPSULATED_BYTES..].copy_from_slice(&text);
    Ok(sealed)
}

/// Takes the outer seal off.
pub(crate) fn open_outer(quote: &SealedQuote, secret: &OperatorSecret) -> Result<InnerBox, Error> {
    let refused = |_| Error::Seal;
    let (encapsulated, text) = quote.sealed.split_at(ENCAPSULATED_BYTES);
    let key = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret.to_bytes().as_slice()).map_err(refused)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(refused)?;
    let inner = hpke::single_shot_open::<HpkeAead, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key,
        &encapsulated,
        &info(&quote.rfq),
        text,
        &quote.id().0,
    )
    .map_err(refused)?;
    inner.try_into().map(InnerBox).map_err(|_| Error::Seal)
}
