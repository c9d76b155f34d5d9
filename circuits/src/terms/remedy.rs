//! REMEDY: escrow and lateness.

use super::{TIME_BITS, lane, width};
use crate::{DecodeError, Domain, Fr, hash};

/// H(REMEDY; packed, s₄).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Remedy {
    /// Whether payment and capacity wait in escrow.
    pub escrow: bool,
    /// From when the buyer may take an unclaimed escrow back, Unix seconds; 0 without escrow.
    pub claim_until: u64,
    /// Basis points of the price per week of lateness or part of one, ≤ 10⁴.
    pub rate: u64,
    /// Basis points that lateness takes at the most, ≤ 10⁴.
    pub cap: u64,
    /// s₄, uniform in F.
    #[cfg_attr(feature = "serde", serde(with = "super::field_hex"))]
    pub salt: Fr,
}

impl Remedy {
    /// The packed fields with their widths, low first.
    pub fn fields(&self) -> [(u64, u32); 4] {
        [(u64::from(self.escrow), 1), (self.claim_until, TIME_BITS), (self.rate, 14), (self.cap, 14)]
    }

    /// The two inputs in their order.
    pub fn inputs(&self) -> [Fr; 2] {
        [lane(&self.fields()), self.salt]
    }

    /// H(REMEDY; …).
    pub fn hash(&self) -> Fr {
        hash(Domain::Remedy, &self.inputs())
    }

    /// The widths of every packed field.
    ///
    /// # Errors
    /// [`DecodeError::Range`] with the field's name.
    pub fn check_widths(&self) -> Result<(), DecodeError> {
        let names = ["escrow", "claim_until", "lateness rate", "lateness cap"];
        self.fields().iter().zip(names).try_for_each(|((value, bits), name)| width(*value, *bits, name))
    }
}
