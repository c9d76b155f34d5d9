//! Wallets and books at rest: one sealed file each (the vault), which holds the state as JSON.

use crate::file::{Document, FileError};
use crate::hex;
use crate::scan::Scanned;
use crate::seed::{SEED_BYTES, Seed};
use crate::treasury::Treasury;
use crate::vault::{self, Kind};
use crate::wallet::{Book, Wallet};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::Zeroizing;

pub use crate::vault::{Cost, STORE_VERSION, StoreError};

const WALLET: Kind = Kind { magic: *b"PRIVITYW", name: "wallet" };
const BOOK: Kind = Kind { magic: *b"PRIVITYB", name: "book" };

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    seed: Secret,
    accounts: Vec<u32>,
    scanned: Scanned,
    treasury: Treasury,
    book: Book,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Secret(#[serde(with = "hex::array")] [u8; SEED_BYTES]);

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl Wallet {
    /// The wallet as an encrypted file's bytes.
    ///
    /// # Errors
    /// [`StoreError::Cost`] for parameters that argon2 refuses.
    pub fn seal<R: RngCore + CryptoRng>(&self, password: &str, cost: Cost, rng: &mut R) -> Result<Vec<u8>, StoreError> {
        let state = State {
            seed: Secret(*self.seed.entropy()),
            accounts: self.accounts.keys().copied().collect(),
            scanned: self.scanner.state.clone(),
            treasury: self.treasury.clone(),
            book: self.book.clone(),
        };
        let plaintext = Zeroizing::new(serde_json::to_vec(&state).map_err(|_| StoreError::Corrupted)?);
        vault::seal(WALLET, &plaintext, password, cost, rng)
    }

    /// Opens what [`Wallet::seal`] made.
    ///
    /// # Errors
    /// [`StoreError`]: a wrong password, a damaged file and a newer version are told apart.
    pub fn unseal(bytes: &[u8], password: &str) -> Result<Self, StoreError> {
        let plaintext = vault::unseal(WALLET, bytes, password)?;
        let state: State = serde_json::from_slice(&plaintext).map_err(|_| StoreError::Corrupted)?;
        let State { seed, accounts, scanned, treasury, book } = state;
        Self::resume(Seed::new(seed.0), accounts, scanned, treasury, book).map_err(|_| StoreError::Corrupted)
    }

    /// Writes the wallet to `path`: a temporary file, synced, then renamed over the old one.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the old file is whole then.
    pub fn save<R: RngCore + CryptoRng>(
        &self,
        path: &Path,
        password: &str,
        cost: Cost,
        rng: &mut R,
    ) -> Result<(), StoreError> {
        vault::save(path, &self.seal(password, cost, rng)?)
    }

    /// Reads the wallet at `path`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn load(path: &Path, password: &str) -> Result<Self, StoreError> {
        Self::unseal(&vault::load(path)?, password)
    }
}

/// Why a book is not read or written.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The sealed file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it holds.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The book of a certifier, inspector, arbiter or audience as an encrypted file's bytes.
///
/// # Errors
/// [`FileError::TooLong`] for a book that could not be read again, [`StoreError::Cost`] for parameters that argon2 refuses.
pub fn seal_book<T: Document, R: RngCore + CryptoRng>(
    book: &T,
    password: &str,
    cost: Cost,
    rng: &mut R,
) -> Result<Vec<u8>, BookError> {
    let text = Zeroizing::new(book.to_json()?);
    Ok(vault::seal(BOOK, text.as_bytes(), password, cost, rng)?)
}

/// Opens what [`seal_book`] made.
///
/// # Errors
/// As [`Wallet::unseal`]; [`BookError::File`] if it is a book of another kind.
pub fn unseal_book<T: Document>(bytes: &[u8], password: &str) -> Result<T, BookError> {
    let text = vault::unseal(BOOK, bytes, password)?;
    let text = std::str::from_utf8(&text).map_err(|_| StoreError::Corrupted)?;
    Ok(T::from_json(text)?)
}

/// Writes a book to `path`, whole or not at all.
///
/// # Errors
/// As [`seal_book`]; [`StoreError::Io`].
pub fn save_book<T: Document, R: RngCore + CryptoRng>(
    book: &T,
    path: &Path,
    password: &str,
    cost: Cost,
    rng: &mut R,
) -> Result<(), BookError> {
    Ok(vault::save(path, &seal_book(book, password, cost, rng)?)?)
}

/// Reads the book at `path`.
///
/// # Errors
/// As [`unseal_book`]; [`StoreError::Io`].
pub fn load_book<T: Document>(path: &Path, password: &str) -> Result<T, BookError> {
    unseal_book(&vault::load(path)?, password)
}
