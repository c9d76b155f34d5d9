//! Keys: signing key, public key, nullifier key, owner and signer id (protocol, section 2).

use crate::jubjub::{Point, Scalar, scalar_from_bytes, scalar_from_wide, scalar_to_bytes};
use crate::{DecodeError, Domain, Fr, field, field_newtype, hash};
use ark_ff::{AdditiveGroup, PrimeField};
use zeroize::Zeroize;

field_newtype!(Owner, "Owner of notes, H(OWNER; pk.x, pk.y, nk).");
field_newtype!(
    SignerId,
    "Registered signer, H(SIGNER; pk.x, pk.y): certifier, inspector, arbiter, issuer, or a member's own."
);

impl Owner {
    /// H(OWNER; pk.x, pk.y, nk).
    pub fn of(pk: &PublicKey, nk: &NullifierKey) -> Self {
        Self::new(hash(Domain::Owner, &[pk.point().x, pk.point().y, nk.field()]))
    }
}

impl SignerId {
    /// No signer.
    pub const NONE: Self = Self::new(Fr::ZERO);

    /// H(SIGNER; pk.x, pk.y).
    pub fn of(pk: &PublicKey) -> Self {
        Self::new(hash(Domain::Signer, &[pk.point().x, pk.point().y]))
    }
}

/// A public key on Jubjub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey(Point);

impl PublicKey {
    /// A key of order l.
    ///
    /// # Errors
    /// [`DecodeError::OffCurve`] or [`DecodeError::OffSubgroup`]; the identity is refused.
    pub fn new(point: Point) -> Result<Self, DecodeError> {
        Point::checked(point.x, point.y).map(Self)
    }

    /// Wraps a point that nobody has checked; every relation checks it again.
    pub const fn new_unchecked(point: Point) -> Self {
        Self(point)
    }

    /// The point.
    pub const fn point(&self) -> Point {
        self.0
    }

    /// Whether the key may sign inside a relation: on the curve and not of small order.
    pub fn is_admissible(&self) -> bool {
        self.0.is_on_curve() && !self.0.has_small_order()
    }

    /// x ‖ y, 32 big-endian bytes each.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut out = [0u8; 64];
        out[..32].copy_from_slice(&field::to_bytes(&self.0.x));
        out[32..].copy_from_slice(&field::to_bytes(&self.0.y));
        out
    }

    /// Decodes x ‖ y and checks curve, subgroup and identity.
    ///
    /// # Errors
    /// [`DecodeError`] for another length, a coordinate ≥ r, or a point that [`PublicKey::new`] refuses.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() != 64 {
            return Err(DecodeError::Length { expected: 64, found: bytes.len() });
        }
        Self::new(Point { x: field::from_bytes(&bytes[..32])?, y: field::from_bytes(&bytes[32..])? })
    }
}

/// A secret Jubjub scalar sk, 0 < sk < l; zeroized, never printed.
#[derive(Clone)]
pub struct SigningKey(Scalar);

impl SigningKey {
    /// 64 big-endian bytes of key material mod l.
    ///
    /// # Errors
    /// [`DecodeError::Scalar`] if the result is 0.
    pub fn from_wide(bytes: &[u8; 64]) -> Result<Self, DecodeError> {
        Self::nonzero(scalar_from_wide(bytes))
    }

    /// The stored form: 32 big-endian bytes below l.
    ///
    /// # Errors
    /// [`DecodeError::Scalar`] if the integer is 0 or ≥ l.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        Self::nonzero(scalar_from_bytes(bytes)?)
    }

    fn nonzero(scalar: Scalar) -> Result<Self, DecodeError> {
        if scalar == Scalar::ZERO { Err(DecodeError::Scalar) } else { Ok(Self(scalar)) }
    }

    /// pk = sk·G.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(Point::generator().mul(&self.0))
    }

    pub(crate) fn scalar(&self) -> &Scalar {
        &self.0
    }

    pub(crate) fn secret_bytes(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(scalar_to_bytes(&self.0))
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.0.0.0.zeroize();
    }
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SigningKey(redacted)")
    }
}

/// The secret nk ∈ F that makes nullifiers; zeroized, never printed.
#[derive(Clone)]
pub struct NullifierKey(Fr);

impl NullifierKey {
    /// Wraps a field element.
    pub const fn new(field: Fr) -> Self {
        Self(field)
    }

    /// 64 big-endian bytes of key material mod r.
    pub fn from_wide(bytes: &[u8; 64]) -> Self {
        Self(Fr::from_be_bytes_mod_order(bytes))
    }

    /// The field element, for witnesses.
    pub const fn field(&self) -> Fr {
        self.0
    }
}

impl Drop for NullifierKey {
    fn drop(&mut self) {
        self.0.0.0.zeroize();
    }
}

impl core::fmt::Debug for NullifierKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("NullifierKey(redacted)")
    }
}
