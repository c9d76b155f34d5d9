//! The hidden terms of a deal (protocol, section 4): PARTIES, GOODS, MONEY, REMEDY, each a hash that ends in its own salt.

#[cfg(feature = "constraints")]
mod blank;
mod derived;
mod goods;
mod money;
mod parties;
mod remedy;

pub use derived::{
    AwardTag, Policy, RfqId, award_message, offer, receipt_message, refund_message, settle_message, volume,
    volume_generators,
};
pub use goods::Goods;
pub use money::{MAX_TIERS, Mode, Money, Rounding, Stage, Tier};
pub use parties::Parties;
pub use remedy::Remedy;

use crate::asset::AssetId;
use crate::keys::Owner;
use crate::{DecodeError, Domain, Fr, field_newtype, hash};
use zeroize::Zeroize;

field_newtype!(TermsId, "H(TERMS; parties, goods, money, remedy).");
field_newtype!(DocumentHash, "Truncated SHA-256 of the documents that a deal or an RFQ is about.");

/// Bits of a quantity in thousandths of the unit, minima and increments alike.
pub const QUANTITY_BITS: u32 = 40;
/// Bits of a time in Unix seconds.
pub const TIME_BITS: u32 = 40;
/// Bits of a unit price (10⁻⁶ major units), a set-up charge or a flat fee (minor units).
pub const PRICE_BITS: u32 = 48;
/// Bits of a load factor in thousandths.
pub const LOAD_BITS: u32 = 32;
/// Bits of a bucket in days.
pub const BUCKET_BITS: u32 = 32;
/// 10⁴ basis points are the whole.
pub const BASIS_POINTS: u64 = 10_000;
/// Seconds that an escrow stays claimable after the due time at the least.
pub const CLAIM_MARGIN: u64 = 1_209_600;
/// Seconds of a week of lateness.
pub const WEEK: u64 = 604_800;

/// All that a deal agrees.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Terms {
    /// Who.
    pub parties: Parties,
    /// What, and when.
    pub goods: Goods,
    /// For how much.
    pub money: Money,
    /// What if not.
    pub remedy: Remedy,
}

impl Terms {
    /// H(TERMS; parties, goods, money, remedy).
    pub fn id(&self) -> TermsId {
        let inputs = [self.parties.hash(), self.goods.hash(), self.money.hash(), self.remedy.hash()];
        TermsId::new(hash(Domain::Terms, &inputs))
    }

    /// The capacity asset that the deal consumes.
    pub fn capacity_asset(&self) -> AssetId {
        let goods = &self.goods;
        AssetId::capacity(goods.certifier, goods.origin, goods.resource, goods.bucket as u32)
    }

    /// E(done) = H(ESCROW; terms, done): owner of an escrow after `done` thousandths were settled.
    pub fn escrow_owner(&self, done: u64) -> Owner {
        Owner::new(hash(Domain::Escrow, &[self.id().field(), Fr::from(done)]))
    }

    /// H(RETIRED; terms): owner of consumed capacity; nobody knows a key.
    pub fn retired_owner(&self) -> Owner {
        Owner::new(hash(Domain::Retired, &[self.id().field()]))
    }

    /// H(ESCROWNK; s₃), the nullifier key of the deal's escrow.
    pub fn escrow_nullifier_key(&self) -> Fr {
        hash(Domain::EscrowNk, &[self.money.salt])
    }

    /// H(BLIND; s₃, context, i): blinding of the deal's (context = terms) or a release's (context = nf) i-th note.
    pub fn blinding(&self, context: Fr, index: u64) -> Fr {
        hash(Domain::Blind, &[self.money.salt, context, Fr::from(index)])
    }

    /// H(RHO; s₃, i): i = 0 buyer's party, 1 supplier's, 2 the award's.
    pub fn rho(&self, index: u64) -> Fr {
        hash(Domain::Rho, &[self.money.salt, Fr::from(index)])
    }
}

impl core::fmt::Debug for Terms {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Terms(redacted)")
    }
}

impl Drop for Terms {
    fn drop(&mut self) {
        for salt in [&mut self.parties.salt, &mut self.goods.salt, &mut self.money.salt, &mut self.remedy.salt] {
            salt.0.0.zeroize();
        }
    }
}

/// Whether `value` < 2^`bits`, by name.
pub(crate) fn width(value: u64, bits: u32, name: &'static str) -> Result<(), DecodeError> {
    if value >> bits == 0 { Ok(()) } else { Err(DecodeError::Range(name)) }
}

/// Packs fields that are ranged one by one, low field first, over the integers; a field that is too wide spills into its
/// neighbour, which is why whoever opens a lane ranges every field first.
pub(crate) fn lane(fields: &[(u64, u32)]) -> Fr {
    let mut sum = Fr::from(0u64);
    let mut shift = Fr::from(1u64);
    for &(value, width) in fields {
        sum += shift * Fr::from(value);
        shift *= Fr::from(1u128 << width);
    }
    sum
}

/// Field elements as `0x…` in JSON.
#[cfg(feature = "serde")]
pub(crate) mod field_hex {
    use crate::{Fr, field};
    use alloc::string::String;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(x: &Fr, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&field::to_hex(x))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fr, D::Error> {
        field::from_hex(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
