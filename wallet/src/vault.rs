//! Bytes at rest: sealed by ChaCha20-Poly1305 under a key that argon2id makes from a password.
//!
//! magic 8 ‖ version u32 ‖ memory KiB u32 ‖ passes u32 ‖ salt 16 ‖ nonce 12 ‖ sealed bytes ‖ SHA-256 of all before it. The checksum
//! tells a damaged file from a wrong password; the header is the AEAD's associated data. A file is replaced in one step.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Version of the file.
pub const STORE_VERSION: u32 = 1;
const HEADER_BYTES: usize = 8 + 4 + 4 + 4 + 16 + 12;
const CHECKSUM_BYTES: usize = 32;
/// Most bytes of a file that is read.
const MAX_BYTES: u64 = 1 << 30;
/// Most memory that a file's header may ask for, KiB.
const MAX_MEMORY: u32 = 1 << 20;
/// Most passes that a file's header may ask for.
const MAX_PASSES: u32 = 16;

/// How hard guessing a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
}

impl Cost {
    /// 64 MiB, 3 passes.
    pub const STANDARD: Self = Self { memory: 65_536, passes: 3 };
}

/// Why a sealed file is not read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is of another kind.
    #[error("the file is no Privity {0}; choose the right file")]
    Magic(&'static str),
    /// Written by a newer version.
    #[error("sealed file of version {0}, this library reads {STORE_VERSION}; update it")]
    Newer(u32),
    /// Written by a version that never was.
    #[error(
        "sealed file of version {0} is not known; take a backup, or restore a wallet from its phrase and the ledger"
    )]
    Older(u32),
    /// Truncated or damaged.
    #[error("the file is damaged; take a backup, or restore a wallet from its phrase and the ledger")]
    Corrupted,
    /// The password is not the file's.
    #[error("wrong password; nothing was changed")]
    Password,
    /// The parameters of the key derivation are out of bounds.
    #[error("the file asks for key-derivation parameters out of bounds; take a backup")]
    Cost,
    /// The file system.
    #[error("{path}: {source}; check space and permissions")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// What a sealed file holds.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) magic: [u8; 8],
    pub(crate) name: &'static str,
}

pub(crate) fn seal<R: RngCore + CryptoRng>(
    kind: Kind,
    plaintext: &[u8],
    password: &str,
    cost: Cost,
    rng: &mut R,
) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::with_capacity(HEADER_BYTES + plaintext.len() + 16 + CHECKSUM_BYTES);
    out.extend_from_slice(&kind.magic);
    for word in [STORE_VERSION, cost.memory, cost.passes] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    let mut random = [0u8; 28];
    rng.fill_bytes(&mut random);
    out.extend_from_slice(&random);
    let sealed = cipher(password, &out)?
        .encrypt(Nonce::from_slice(&random[16..]), Payload { msg: plaintext, aad: &out })
        .map_err(|_| StoreError::Corrupted)?;
    out.extend_from_slice(&sealed);
    let checksum = Sha256::digest(&out);
    out.extend_from_slice(&checksum);
    Ok(out)
}

pub(crate) fn unseal(kind: Kind, bytes: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    if !bytes.starts_with(&kind.magic) {
        return Err(StoreError::Magic(kind.name));
    }
    let version = word(bytes, 8)?;
    if version > STORE_VERSION {
        return Err(StoreError::Newer(version));
    }
    if version < STORE_VERSION {
        return Err(StoreError::Older(version));
    }
    let body = bytes.len().checked_sub(CHECKSUM_BYTES).filter(|end| *end >= HEADER_BYTES);
    let (body, checksum) = bytes.split_at(body.ok_or(StoreError::Corrupted)?);
    if !bool::from(Sha256::digest(body).as_slice().ct_eq(checksum)) {
        return Err(StoreError::Corrupted);
    }
    let (header, sealed) = body.split_at(HEADER_BYTES);
    let payload = Payload { msg: sealed, aad: header };
    let nonce = Nonce::from_slice(&header[HEADER_BYTES - 12..]);
    cipher(password, header)?.decrypt(nonce, payload).map(Zeroizing::new).map_err(|_| StoreError::Password)
}

/// Writes a file: a temporary one, synced, then renamed over the old one.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    replace(path, bytes).map_err(|source| StoreError::Io { path: path.into(), source })
}

pub(crate) fn load(path: &Path) -> Result<Vec<u8>, StoreError> {
    let io = |source| StoreError::Io { path: path.into(), source };
    let file = File::open(path).map_err(io)?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(StoreError::Corrupted);
    }
    Ok(bytes)
}

fn word(bytes: &[u8], at: usize) -> Result<u32, StoreError> {
    let bytes = bytes.get(at..at + 4).ok_or(StoreError::Corrupted)?;
    Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// The AEAD under argon2id(password, salt of the header).
fn cipher(password: &str, header: &[u8]) -> Result<ChaCha20Poly1305, StoreError> {
    let (memory, passes) = (word(header, 12)?, word(header, 16)?);
    if memory > MAX_MEMORY || passes > MAX_PASSES {
        return Err(StoreError::Cost);
    }
    let params = Params::new(memory, passes, 1, Some(32)).map_err(|_| StoreError::Cost)?;
    let salt = header.get(20..36).ok_or(StoreError::Corrupted)?;
    let mut key = Zeroizing::new([0u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| StoreError::Cost)?;
    Ok(ChaCha20Poly1305::new(Key::from_slice(key.as_slice())))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let temporary = folder.join(name);
    // Whatever lies in its place is not ours: a link in it would lead the state elsewhere, and its permissions would stay.
    let _ = fs::remove_file(&temporary);
    let written = create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
        return renamed;
    }
    // The rename itself must last.
    File::open(folder)?.sync_all()
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    File::create_new(path)
}
