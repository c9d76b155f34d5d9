//! Viewing keys: (pk, nk, X25519 secret) reads an account's whole history and spends nothing.

use crate::address::Address;
use crate::delivery::DeliveryKey;
use privity_circuits::DecodeError;
use privity_circuits::field;
use privity_circuits::keys::{NullifierKey, Owner, PublicKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of an encoded viewing key: version 1 ‖ pk.x ‖ pk.y ‖ nk ‖ X25519 secret.
pub const VIEWING_KEY_BYTES: usize = 129;
/// Version of the encoding.
const VERSION: u8 = 1;

/// What reads an account's notes and recognises its spends.
#[derive(Clone, Debug)]
pub struct ViewingKey {
    /// pk of the account.
    pub public: PublicKey,
    nullifier: NullifierKey,
    delivery: DeliveryKey,
    /// H(OWNER; pk.x, pk.y, nk).
    pub owner: Owner,
}

/// Why bytes are no viewing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ViewingKeyError {
    /// Another version than this library reads.
    #[error(
        "viewing key of version {0}, this library reads version {VERSION}; update the library or export the key again"
    )]
    Version(u8),
    /// A key inside is not canonical.
    #[error("viewing key: {0}")]
    Decode(#[from] DecodeError),
}

impl ViewingKey {
    /// A viewing key from its parts.
    pub fn new(public: PublicKey, nullifier: NullifierKey, delivery: DeliveryKey) -> Self {
        let owner = Owner::of(&public, &nullifier);
        Self { public, nullifier, delivery, owner }
    }

    /// nk.
    pub fn nullifier_key(&self) -> &NullifierKey {
        &self.nullifier
    }

    /// The X25519 key.
    pub fn delivery_key(&self) -> &DeliveryKey {
        &self.delivery
    }

    /// The account's address.
    pub fn address(&self) -> Address {
        Address { owner: self.owner, delivery: self.delivery.public() }
    }

    /// version ‖ pk.x ‖ pk.y ‖ nk ‖ X25519 secret.
    pub fn to_bytes(&self) -> Zeroizing<[u8; VIEWING_KEY_BYTES]> {
        let mut out = Zeroizing::new([0u8; VIEWING_KEY_BYTES]);
        out[0] = VERSION;
        out[1..65].copy_from_slice(&self.public.to_bytes());
        let nk = Zeroizing::new(field::to_bytes(&self.nullifier.field()));
        out[65..97].copy_from_slice(nk.as_slice());
        out[97..].copy_from_slice(self.delivery.secret_bytes());
        out
    }

    /// Decodes what [`ViewingKey::to_bytes`] writes.
    ///
    /// # Errors
    /// [`ViewingKeyError`] for another version or length, a key that is not canonical, off the curve or off the subgroup.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ViewingKeyError> {
        if let Some(&version) = bytes.first().filter(|version| **version != VERSION) {
            return Err(ViewingKeyError::Version(version));
        }
        let bytes: &[u8; VIEWING_KEY_BYTES] =
            bytes.try_into().map_err(|_| DecodeError::Length { expected: VIEWING_KEY_BYTES, found: bytes.len() })?;
        let public = PublicKey::from_bytes(&bytes[1..65])?;
        let nullifier = NullifierKey::new(field::from_bytes(&bytes[65..97])?);
        let mut secret = Zeroizing::new([0u8; 32]);
        secret.copy_from_slice(&bytes[97..]);
        let delivery = DeliveryKey::from_bytes(&secret);
        if delivery.secret_bytes() != &*secret {
            return Err(DecodeError::NotCanonical.into());
        }
        Ok(Self::new(public, nullifier, delivery))
    }
}

impl PartialEq for ViewingKey {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes().as_slice().ct_eq(other.to_bytes().as_slice()).into()
    }
}

impl Eq for ViewingKey {}
