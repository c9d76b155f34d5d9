//! Assets: tokens and certified capacity are the same thing to a note (protocol, section 3).

use crate::keys::{Owner, SignerId};
use crate::{Domain, Fr, field, field_newtype, hash};
use sha2::{Digest, Sha256};

field_newtype!(AssetId, "What a note holds: a token, an ERC-20 or the capacity of one week.");
field_newtype!(ResourceId, "Truncated content id of a capacity group's identity.");

impl AssetId {
    /// H(TOKEN; issuer, name); `name` enters as its truncated SHA-256.
    pub fn token(issuer: SignerId, name: &str) -> Self {
        Self::new(hash(Domain::Token, &[issuer.field(), name_field(name)]))
    }

    /// H(ERC20; chain id, token, scale); the token is a 20-byte address, `scale` the wei per minor unit.
    pub fn erc20(chain_id: u64, token: &[u8; 20], scale: u64) -> Self {
        let mut wide = [0u8; 32];
        wide[12..].copy_from_slice(token);
        let token = field::truncate(&wide);
        Self::new(hash(Domain::Erc20, &[Fr::from(chain_id), token, Fr::from(scale)]))
    }

    /// H(CAPACITY; certifier, origin, resource, bucket); `bucket` is the Monday in days from 1970-01-01.
    pub fn capacity(certifier: SignerId, origin: Owner, resource: ResourceId, bucket: u32) -> Self {
        let inputs = [certifier.field(), origin.field(), resource.field(), Fr::from(u64::from(bucket))];
        Self::new(hash(Domain::Capacity, &inputs))
    }
}

/// A name as a field element: its truncated SHA-256.
pub fn name_field(name: &str) -> Fr {
    field::truncate(&Sha256::digest(name.as_bytes()).into())
}
