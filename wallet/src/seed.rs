//! The seed: 32 bytes of entropy, written as a BIP-39 phrase of 24 words (protocol, section 8).

use bip39::{Language, Mnemonic};
use hkdf::Hkdf;
use rand::{CryptoRng, RngCore};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a seed.
pub const SEED_BYTES: usize = 32;
/// Words of a phrase.
pub const PHRASE_WORDS: usize = 24;

/// The root of all of a wallet's keys; zeroized, never printed.
#[derive(Clone)]
pub struct Seed([u8; SEED_BYTES]);

/// Why a text is no phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Not 24 words.
    #[error("a phrase has {PHRASE_WORDS} words, found {0}; write down all of them, in order")]
    Words(usize),
    /// A word that is not in the English list; the word itself is not repeated here.
    #[error("word {0} of the phrase is not in BIP-39's English list; check its spelling")]
    Word(usize),
    /// The last word carries a checksum that does not match.
    #[error("the phrase's checksum does not match; a word is wrong or two are swapped")]
    Checksum,
}

impl Seed {
    /// Wraps the entropy.
    pub const fn new(entropy: [u8; SEED_BYTES]) -> Self {
        Self(entropy)
    }

    /// A fresh seed.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut entropy = [0u8; SEED_BYTES];
        rng.fill_bytes(&mut entropy);
        Self(entropy)
    }

    /// Reads a phrase of 24 English words.
    ///
    /// # Errors
    /// [`PhraseError`]; it repeats no word of the phrase.
    pub fn from_phrase(phrase: &str) -> Result<Self, PhraseError> {
        let words = phrase.split_whitespace().count();
        if words != PHRASE_WORDS {
            return Err(PhraseError::Words(words));
        }
        let mnemonic = Mnemonic::parse_in_normalized(Language::English, phrase).map_err(|error| match error {
            bip39::Error::UnknownWord(index) => PhraseError::Word(index + 1),
            bip39::Error::BadWordCount(count) => PhraseError::Words(count),
            _ => PhraseError::Checksum,
        })?;
        let (mut bytes, length) = mnemonic.to_entropy_array();
        let seed = bytes[..length].try_into().map(Self).map_err(|_| PhraseError::Words(words));
        bytes.zeroize();
        seed
    }

    /// The 24 words.
    pub fn phrase(&self) -> Zeroizing<String> {
        // 32 bytes of entropy always have a phrase.
        let phrase = Mnemonic::from_entropy_in(Language::English, &self.0).map(|mnemonic| mnemonic.to_string());
        Zeroizing::new(phrase.unwrap_or_default())
    }

    /// HKDF-SHA-512(ikm seed, salt `privity.v1`, info label ‖ u32 big-endian), 64 bytes.
    pub fn derive(&self, label: &str, index: u32) -> Zeroizing<[u8; 64]> {
        let mut okm = Zeroizing::new([0u8; 64]);
        let index = index.to_be_bytes();
        // 64 bytes are one block of SHA-512, so expansion cannot fail.
        let _ = Hkdf::<Sha512>::new(Some(b"privity.v1"), &self.0)
            .expand_multi_info(&[label.as_bytes(), &index], okm.as_mut_slice());
        okm
    }

    /// The entropy, for the encrypted store.
    pub(crate) fn entropy(&self) -> &[u8; SEED_BYTES] {
        &self.0
    }
}

impl PartialEq for Seed {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Seed {}

impl Drop for Seed {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl core::fmt::Debug for Seed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Seed(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_round_trip_and_bad_ones_are_named() {
        let seed = Seed::new([7; 32]);
        let phrase = seed.phrase();
        assert_eq!(phrase.split(' ').count(), PHRASE_WORDS);
        assert_eq!(Seed::from_phrase(&phrase), Ok(seed.clone()));
        assert_eq!(Seed::from_phrase("abandon abandon"), Err(PhraseError::Words(2)));
        let mut words: Vec<&str> = phrase.split(' ').collect();
        let first = words[0];
        words[0] = "privity";
        assert_eq!(Seed::from_phrase(&words.join(" ")), Err(PhraseError::Word(1)));
        words[0] = if first == "zoo" { "abandon" } else { "zoo" };
        assert_eq!(Seed::from_phrase(&words.join(" ")), Err(PhraseError::Checksum));
        assert_eq!(format!("{seed:?}"), "Seed(redacted)");
    }
}
