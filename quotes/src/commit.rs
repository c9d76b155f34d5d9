//! Pedersen commitments to price and lead time, and their opening.

use crate::codec::{CodecError, Reader};
use crate::error::Error;
use crate::point::Point;
use alloc::boxed::Box;
use bulletproofs::PedersenGens;
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::RistrettoPoint;
use once_cell::race::OnceBox;
use zeroize::{Zeroize, Zeroizing};

/// Bits of a price in minor units.
pub const PRICE_BITS: u32 = 48;
/// Bits of a lead time in days.
pub const LEAD_BITS: u32 = 16;
/// Bytes of an opening: price (8) ‖ lead (2) ‖ blinding of the price (32) ‖ of the lead (32).
pub const OPENING_BYTES: usize = 8 + 2 + 2 * BLINDING_BYTES;
/// Bytes of a blinding.
pub const BLINDING_BYTES: usize = 32;

/// B, Ristretto's base point, for values; B̃, its hash to the group, for blindings: the `bulletproofs` crate's own.
pub(crate) fn pedersen() -> &'static PedersenGens {
    static PEDERSEN: OnceBox<PedersenGens> = OnceBox::new();
    PEDERSEN.get_or_init(|| Box::new(PedersenGens::default()))
}

/// V_price = price·B + r_price·B̃ and V_lead = lead·B + r_lead·B̃.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitments {
    /// V_price.
    pub price: Point,
    /// V_lead.
    pub lead: Point,
}

impl Commitments {
    /// Whether V_lead hides `lead` days under `blinding`, a canonical scalar: what is opened to the bidders.
    pub fn opens_lead(&self, lead: u16, blinding: &[u8; BLINDING_BYTES]) -> bool {
        let blinding: Option<Scalar> = Scalar::from_canonical_bytes(*blinding).into();
        blinding.is_some_and(|blinding| pedersen().commit(Scalar::from(lead), blinding) == self.lead.point())
    }

    /// 2^16·V_price and 2^48·V_lead. A quote proves price, 2^16·price, lead and 2^48·lead below 2^64; the factors are far from the
    /// group's order, so price < 2^48 and lead < 2^16 over the integers.
    pub(crate) fn scaled(&self) -> [RistrettoPoint; 2] {
        let double = |point: &Point, times| (0..times).fold(point.point(), |sum, _| sum + sum);
        [double(&self.price, LEAD_BITS), double(&self.lead, PRICE_BITS)]
    }
}

/// What a supplier quotes: the deal's total and the lead time, with the blindings; zeroized, never printed.
#[derive(Clone)]
pub struct Opening {
    price: u64,
    lead: u16,
    price_blinding: Scalar,
    lead_blinding: Scalar,
}

impl Opening {
    /// An opening; `price` in minor units, `lead` in days.
    ///
    /// # Errors
    /// [`Error::Range`] unless `price` < 2^48.
    pub fn new(price: u64, lead: u16, price_blinding: Scalar, lead_blinding: Scalar) -> Result<Self, Error> {
        if price >> PRICE_BITS != 0 {
            return Err(Error::Range);
        }
        Ok(Self { price, lead, price_blinding, lead_blinding })
    }

    /// The deal's total in minor units, below 2^48.
    pub fn price(&self) -> u64 {
        self.price
    }

    /// The lead time in days after closing.
    pub fn lead(&self) -> u16 {
        self.lead
    }

    /// r_price.
    pub fn price_blinding(&self) -> &Scalar {
        &self.price_blinding
    }

    /// r_lead.
    pub fn lead_blinding(&self) -> &Scalar {
        &self.lead_blinding
    }

    /// The commitments that this opens.
    ///
    /// # Errors
    /// [`CodecError::Identity`] if value and blinding are both 0, which no derived blinding is.
    pub fn commitments(&self) -> Result<Commitments, Error> {
        let commit = |value: u64, blinding| Point::new(pedersen().commit(Scalar::from(value), blinding));
        Ok(Commitments {
            price: commit(self.price, self.price_blinding)?,
            lead: commit(u64::from(self.lead), self.lead_blinding)?,
        })
    }

    /// Whether this opens `commitments`.
    pub fn opens(&self, commitments: &Commitments) -> bool {
        self.commitments().is_ok_and(|own| own == *commitments)
    }

    /// Values and blindings of price, 2^16·price, lead, 2^48·lead.
    pub(crate) fn scaled(&self) -> (Zeroizing<[u64; 4]>, Zeroizing<[Scalar; 4]>) {
        let lead = u64::from(self.lead);
        let values = [self.price, self.price << LEAD_BITS, lead, lead << PRICE_BITS];
        let blindings = [
            self.price_blinding,
            self.price_blinding * Scalar::from(1u64 << LEAD_BITS),
            self.lead_blinding,
            self.lead_blinding * Scalar::from(1u64 << PRICE_BITS),
        ];
        (Zeroizing::new(values), Zeroizing::new(blindings))
    }

    /// price ‖ lead ‖ r_price ‖ r_lead.
    pub fn to_bytes(&self) -> Zeroizing<[u8; OPENING_BYTES]> {
        let mut out = Zeroizing::new([0; OPENING_BYTES]);
        out[..8].copy_from_slice(&self.price.to_be_bytes());
        out[8..10].copy_from_slice(&self.lead.to_be_bytes());
        out[10..42].copy_from_slice(self.price_blinding.as_bytes());
        out[42..].copy_from_slice(self.lead_blinding.as_bytes());
        out
    }

    /// Decodes an opening.
    ///
    /// # Errors
    /// [`CodecError`] for another length, a blinding that is not canonical, or a price that is too large.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut input = Reader::new(bytes);
        let (price, lead) = (input.u64()?, input.u16()?);
        let (price_blinding, lead_blinding) = (input.scalar()?, input.scalar()?);
        input.finish()?;
        Self::new(price, lead, price_blinding, lead_blinding).map_err(|_| CodecError::Range("price"))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.price.zeroize();
        self.lead.zeroize();
        self.price_blinding.zeroize();
        self.lead_blinding.zeroize();
    }
}

impl core::fmt::Debug for Opening {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Opening(redacted)")
    }
}
