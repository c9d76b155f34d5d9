//! Addresses: owner ‖ X25519 public key in bech32m, human-readable part `privity`.

use crate::delivery::is_usable;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use privity_circuits::keys::Owner;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const HRP: Hrp = Hrp::parse_unchecked("privity");
/// Bytes under the encoding.
const ADDRESS_BYTES: usize = 64;
/// Characters of an address.
pub const ADDRESS_CHARS: usize = 117;

/// Where notes are sent: who owns them and to which key they are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// Owner of the notes.
    pub owner: Owner,
    /// X25519 public key.
    pub delivery: [u8; 32],
}

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// A character or the checksum is wrong.
    #[error("not a bech32m text with a valid checksum; copy the whole address again")]
    Encoding,
    /// The text is bech32m of something else.
    #[error("not a Privity address: it begins otherwise than with privity1; ask for the right one")]
    Prefix,
    /// Not 64 bytes.
    #[error("an address has {ADDRESS_CHARS} characters, this one is of another length; copy it whole")]
    Length,
    /// The owner is ≥ r or 0.
    #[error("the owner in this address is 0 or not canonical; nobody could spend what is sent there")]
    Owner,
    /// The X25519 key is of small order.
    #[error("nothing can be delivered to the key in this address; ask for one made by a wallet")]
    Delivery,
}

impl core::fmt::Display for Address {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut bytes = [0u8; ADDRESS_BYTES];
        bytes[..32].copy_from_slice(&self.owner.to_bytes());
        bytes[32..].copy_from_slice(&self.delivery);
        bech32::encode_lower_to_fmt::<Bech32m, _>(f, HRP, &bytes).map_err(|_| core::fmt::Error)
    }
}

impl core::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.len() != ADDRESS_CHARS {
            return Err(AddressError::Length);
        }
        let parsed = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| AddressError::Encoding)?;
        if parsed.hrp() != HRP {
            return Err(AddressError::Prefix);
        }
        let bytes: Vec<u8> = parsed.byte_iter().collect();
        let bytes: [u8; ADDRESS_BYTES] = bytes.try_into().map_err(|_| AddressError::Length)?;
        let owner = Owner::from_bytes(&bytes[..32]).map_err(|_| AddressError::Owner)?;
        if owner.is_zero() {
            return Err(AddressError::Owner);
        }
        let mut delivery = [0u8; 32];
        delivery.copy_from_slice(&bytes[32..]);
        if !is_usable(&delivery) {
            return Err(AddressError::Delivery);
        }
        let address = Self { owner, delivery };
        // One text per address: padding bits and case are the canonical ones.
        if address.to_string() == text { Ok(address) } else { Err(AddressError::Encoding) }
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
