//! GOODS: what is made, on whose capacity, how much of it and until when.

use super::{BUCKET_BITS, DocumentHash, LOAD_BITS, QUANTITY_BITS, TIME_BITS, lane, width};
use crate::asset::ResourceId;
use crate::keys::{Owner, SignerId};
use crate::{DecodeError, Domain, Fr, hash};

/// H(GOODS; certifier, origin, resource, document hash, packed, s₂).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Goods {
    /// Who certified the capacity.
    pub certifier: SignerId,
    /// To whom it was attested.
    pub origin: Owner,
    /// The capacity group.
    pub resource: ResourceId,
    /// The drawing, the order, the RFQ document.
    pub document: DocumentHash,
    /// q, thousandths of the unit, 1 … 2^40 − 1.
    pub quantity: u64,
    /// Capacity per unit of goods, thousandths, 1 … 2^32 − 1.
    pub load_factor: u64,
    /// Quantities come in multiples of this, thousandths, ≥ 1.
    pub increment: u64,
    /// When delivery is due, Unix seconds.
    pub due: u64,
    /// The week whose capacity is used: its Monday, days from 1970-01-01.
    pub bucket: u64,
    /// s₂, uniform in F.
    #[cfg_attr(feature = "serde", serde(with = "super::field_hex"))]
    pub salt: Fr,
}

impl Goods {
    /// The packed fields with their widths, low first.
    pub fn fields(&self) -> [(u64, u32); 5] {
        [
            (self.quantity, QUANTITY_BITS),
            (self.load_factor, LOAD_BITS),
            (self.increment, QUANTITY_BITS),
            (self.due, TIME_BITS),
            (self.bucket, BUCKET_BITS),
        ]
    }

    /// The six inputs in their order.
    pub fn inputs(&self) -> [Fr; 6] {
        [
            self.certifier.field(),
            self.origin.field(),
            self.resource.field(),
            self.document.field(),
            lane(&self.fields()),
            self.salt,
        ]
    }

    /// H(GOODS; …).
    pub fn hash(&self) -> Fr {
        hash(Domain::Goods, &self.inputs())
    }

    /// The widths of every packed field.
    ///
    /// # Errors
    /// [`DecodeError::Range`] with the field's name.
    pub fn check_widths(&self) -> Result<(), DecodeError> {
        let names = ["quantity", "load factor", "increment", "due", "bucket"];
        self.fields().iter().zip(names).try_for_each(|((value, bits), name)| width(*value, *bits, name))
    }
}
