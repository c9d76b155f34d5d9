//! Opening what HPKE sealed (RFC 9180: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, one message).
//!
//! A scanner tries every output of a ledger. What depends on its key or on the ledger alone, the recipient's public key and the key
//! schedule's context, is computed once, so that a trial costs one X25519 and some hashes; the tag is checked before anything is
//! decrypted. Sealing stays with the `hpke` crate, and the tests hold the two against each other and against the RFC's vector.

use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit, Nonce, Tag};
use hkdf::{Hkdf, HkdfExtract};
use sha2::Sha256;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// "KEM" ‖ KEM 0x0020.
const KEM: &[u8] = b"KEM\x00\x20";
/// "HPKE" ‖ KEM 0x0020 ‖ KDF 0x0001 ‖ AEAD 0x0003.
const SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x03";

/// mode 0 ‖ psk_id_hash ‖ info_hash, which all messages of one info share.
pub(crate) type Schedule = [u8; 65];

/// The key schedule's context for `info`.
pub(crate) fn schedule(info: &[u8]) -> Schedule {
    let mut context = [0; 65];
    context[1..33].copy_from_slice(&extract(SUITE, &[], b"psk_id_hash", &[]).0);
    context[33..].copy_from_slice(&extract(SUITE, &[], b"info_hash", info).0);
    context
}

/// The plaintext of encapsulated key ‖ ciphertext ‖ tag; `None` if it was sealed to another key, under another info or `aad`.
pub(crate) fn unseal(
    schedule: &Schedule,
    secret: &StaticSecret,
    public: &[u8; 32],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (head, body) = sealed.split_first_chunk::<32>()?;
    let (body, tag) = body.split_last_chunk::<16>()?;
    let point = secret.diffie_hellman(&PublicKey::from(*head));
    if !point.was_contributory() {
        return None;
    }
    let (cipher, nonce) = message_key(schedule, point.as_bytes(), head, public)?;
    let mut text = Zeroizing::new(body.to_vec());
    cipher.decrypt_in_place_detached(&nonce, aad, &mut text, Tag::from_slice(tag)).ok().map(|()| text)
}

/// Cipher and nonce of the one message behind the encapsulated key `head`, whose product with the secret is `point`.
fn message_key(
    schedule: &Schedule,
    point: &[u8; 32],
    head: &[u8; 32],
    public: &[u8; 32],
) -> Option<(ChaCha20Poly1305, Nonce)> {
    let (mut shared, mut key, mut nonce) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]), Nonce::default());
    let (_, prk) = extract(KEM, &[], b"eae_prk", point);
    expand(&prk, KEM, b"shared_secret", &[head, public], shared.as_mut_slice())?;
    let (_, prk) = extract(SUITE, shared.as_slice(), b"secret", &[]);
    expand(&prk, SUITE, b"key", &[schedule], key.as_mut_slice())?;
    expand(&prk, SUITE, b"base_nonce", &[schedule], &mut nonce)?;
    Some((ChaCha20Poly1305::new(Key::from_slice(key.as_slice())), nonce))
}

/// LabeledExtract(salt, label, ikm): the pseudo-random key, raw and ready to expand.
fn extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> ([u8; 32], Hkdf<Sha256>) {
    let mut hash = HkdfExtract::<Sha256>::new(Some(salt));
    for part in [b"HPKE-v1", suite, label, ikm] {
        hash.input_ikm(part);
    }
    let (raw, prk) = hash.finalize();
    (raw.into(), prk)
}

/// LabeledExpand(prk, label, info, length of `out`).
fn expand(prk: &Hkdf<Sha256>, suite: &[u8], label: &[u8], info: &[&[u8]], out: &mut [u8]) -> Option<()> {
    let length = u16::try_from(out.len()).ok()?.to_be_bytes();
    let parts = [&[length.as_slice(), b"HPKE-v1", suite, label], info].concat();
    prk.expand_multi_info(&parts, out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::decode;

    /// RFC 9180, appendix A.2.1, sequence number 0.
    #[test]
    fn the_rfcs_vector() {
        let bytes = |text: &str| decode(text).unwrap();
        let array = |text: &str| <[u8; 32]>::try_from(bytes(text)).unwrap();
        let secret = StaticSecret::from(array("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"));
        let public = PublicKey::from(&secret).to_bytes();
        assert_eq!(public, array("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a"));
        let context = schedule(&bytes("4f6465206f6e2061204772656369616e2055726e"));
        let aad = bytes("436f756e742d30");
        let mut sealed = bytes(
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a\
             1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        );
        let text = unseal(&context, &secret, &public, &aad, &sealed).unwrap();
        assert_eq!(text.as_slice(), b"Beauty is truth, truth beauty");
        assert!(unseal(&context, &secret, &public, b"", &sealed).is_none());
        assert!(unseal(&schedule(b""), &secret, &public, &aad, &sealed).is_none());
        assert!(unseal(&context, &secret, &public, &aad, &sealed[..47]).is_none());
        *sealed.last_mut().unwrap() ^= 1;
        assert!(unseal(&context, &secret, &public, &aad, &sealed).is_none());
    }

    /// With a key of small order the product is 0 for every secret, so that anybody can seal, and read.
    #[test]
    fn an_encapsulated_key_of_small_order_opens_nothing() {
        let secret = StaticSecret::from([7; 32]);
        let (public, context) = (PublicKey::from(&secret).to_bytes(), schedule(b"info"));
        let (cipher, nonce) = message_key(&context, &[0; 32], &[0; 32], &public).unwrap();
        let mut text = b"sealed without a secret".to_vec();
        let tag = cipher.encrypt_in_place_detached(&nonce, b"", &mut text).unwrap();
        let sealed = [&[0; 32], text.as_slice(), tag.as_slice()].concat();
        assert!(unseal(&context, &secret, &public, b"", &sealed).is_none());
    }
}
