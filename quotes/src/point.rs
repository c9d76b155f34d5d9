//! A Ristretto point that has been checked once: canonical, and not the identity.

use crate::codec::CodecError;
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_POINT};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::traits::IsIdentity;

/// A Ristretto point ≠ identity with its 32-byte encoding; equality compares encodings, which are unique.
#[derive(Clone, Copy)]
pub struct Point {
    point: RistrettoPoint,
    bytes: CompressedRistretto,
}

impl Point {
    /// B, the base point.
    pub const BASE: Self = Self { point: RISTRETTO_BASEPOINT_POINT, bytes: RISTRETTO_BASEPOINT_COMPRESSED };

    /// A computed point.
    ///
    /// # Errors
    /// [`CodecError::Identity`].
    pub fn new(point: RistrettoPoint) -> Result<Self, CodecError> {
        if point.is_identity() { Err(CodecError::Identity) } else { Ok(Self { point, bytes: point.compress() }) }
    }

    /// Decodes 32 bytes.
    ///
    /// # Errors
    /// [`CodecError::Point`] unless the encoding is canonical, [`CodecError::Identity`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CodecError> {
        let bytes = CompressedRistretto(*bytes);
        let point = bytes.decompress().ok_or(CodecError::Point)?;
        if point.is_identity() { Err(CodecError::Identity) } else { Ok(Self { point, bytes }) }
    }

    /// The point, for arithmetic.
    pub fn point(&self) -> RistrettoPoint {
        self.point
    }

    /// The compressed point, as bulletproofs takes it.
    pub fn compressed(&self) -> CompressedRistretto {
        self.bytes
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.bytes.as_bytes()
    }
}

impl PartialEq for Point {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Point {}

impl core::hash::Hash for Point {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl core::fmt::Debug for Point {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Point(")?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}
