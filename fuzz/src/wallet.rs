//! What wallets read: texts that people copy, files that they e-mail, ciphertexts from the log, and the wallet's own file.

use privity_circuits::keys::Owner;
use privity_circuits::note::Commitment;
use privity_circuits::terms::TermsId;
use privity_ledger::{ENVELOPE_BYTES, Envelope, SEALED_NOTE_BYTES};
use privity_wallet::build::Agreement;
use privity_wallet::certify::{AttestationRequest, CertifierBook, SignedAttestation};
use privity_wallet::deal::{Draft, Offer, Request};
use privity_wallet::delivery::{Channel, DeliveryKey};
use privity_wallet::disclosure::{AudienceBook, Disclosure};
use privity_wallet::evidence::{Acknowledgement, ArbiterBook, Award, InspectionBrief, InspectorBook, Receipt};
use privity_wallet::file::Document;
use privity_wallet::quotes::{KeyGrant, KeyRequest, LinkFile};
use privity_wallet::store::unseal_book;
use privity_wallet::swap::{SwapAnswer, SwapOffer, SwapProposal};
use privity_wallet::{Address, Seed, ViewingKey, Wallet};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

/// An address.
pub fn address(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(address) = text.parse::<Address>() {
        assert_eq!(address.to_string(), text);
    }
}

/// A viewing key.
pub fn viewing_key(data: &[u8]) {
    if let Ok(key) = ViewingKey::from_bytes(data) {
        assert_eq!(key.to_bytes().as_slice(), data);
    }
}

/// A phrase.
pub fn phrase(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Seed::from_phrase(text) {
        Ok(seed) => assert!(seed.phrase().split(' ').eq(text.split_whitespace())),
        Err(error) => drop(error.to_string()),
    }
}

/// The file of a wallet or a book. The checksum is made anew, and the cost of the key derivation kept low, so that the fuzzer gets
/// behind them.
pub fn file(data: &[u8]) {
    unsealed(data);
    let mut bytes = data.to_vec();
    let Some(end) = bytes.len().checked_sub(32) else { return };
    if let Some(cost) = bytes.get_mut(12..20) {
        cost.copy_from_slice(&[0, 0, 0, 8, 0, 0, 0, 1]);
    }
    let checksum = Sha256::digest(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum);
    unsealed(&bytes);
}

fn unsealed(data: &[u8]) {
    let _ = Wallet::unseal(data, "password").map(drop);
    let _ = unseal_book::<CertifierBook>(data, "password").map(drop);
}

/// A file of any kind that two parties e-mail or a role keeps.
pub fn message(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    one::<Draft>(text);
    one::<Request>(text);
    one::<Offer>(text);
    one::<SwapProposal>(text);
    one::<SwapAnswer>(text);
    one::<SwapOffer>(text);
    one::<AttestationRequest>(text);
    one::<SignedAttestation>(text);
    one::<CertifierBook>(text);
    one::<Disclosure>(text);
    one::<AudienceBook>(text);
    one::<InspectionBrief>(text);
    one::<Receipt>(text);
    one::<Award>(text);
    one::<Acknowledgement>(text);
    one::<InspectorBook>(text);
    one::<ArbiterBook>(text);
    one::<Agreement>(text);
    one::<KeyRequest>(text);
    one::<KeyGrant>(text);
    one::<LinkFile>(text);
}

/// What is read can be written, and read again to the same text.
fn one<T: Document>(text: &str) {
    match T::from_json(text) {
        Ok(value) => {
            let written = value.to_json().expect("what was read can be written");
            let again = T::from_json(&written).expect("what was written can be read");
            assert_eq!(again.to_json().as_deref(), Ok(written.as_str()));
        }
        Err(error) => drop(error.to_string()),
    }
}

/// Bytes that sealing adds: the encapsulated key and the tag.
const SEAL_BYTES: usize = 32 + 16;

/// A delivery: 32 bytes of commitment or terms, then either a ciphertext or a plaintext that somebody hostile seals to this wallet.
pub fn delivery(data: &[u8]) {
    let Some((aad, body)) = data.split_first_chunk::<32>() else { return };
    let (channel, key) = (Channel::new(&[1; 32]), DeliveryKey::from_bytes(&[2; 32]));
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let mut sealed = |length: usize| {
        let mut plaintext = body.to_vec();
        plaintext.resize(length, 0);
        channel.seal(&key.public(), aad, &plaintext, &mut rng).expect("an ordinary key")
    };
    if let Ok(cm) = Commitment::from_bytes(aad) {
        let (owner, sealed) = (Owner::new(cm.field()), sealed(SEALED_NOTE_BYTES - SEAL_BYTES));
        for bytes in [body, &sealed] {
            let _ = channel.open_note(&key, owner, cm, bytes);
            let _ = channel.open_copy(&key, cm, bytes);
        }
    }
    if let (Ok(terms), Ok(bytes)) = (TermsId::from_bytes(aad), sealed(ENVELOPE_BYTES - SEAL_BYTES).try_into()) {
        let opened = channel.open_envelope(&key, terms, &Envelope(Box::new(bytes)));
        assert!(opened.is_none_or(|enclosed| enclosed.terms.id() == terms));
    }
}
