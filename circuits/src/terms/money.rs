//! MONEY: the price schedule.

use super::{PRICE_BITS, QUANTITY_BITS, RfqId, TIME_BITS, lane, width};
use crate::asset::AssetId;
use crate::{DecodeError, Domain, Fr, hash};

/// Tiers of a schedule; unused ones are zero.
pub const MAX_TIERS: usize = 8;

/// One quantity break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Tier {
    /// m, thousandths of the unit from which the tier holds; 0 if the tier is unused.
    pub minimum: u64,
    /// p, 10⁻⁶ major units per unit.
    pub price: u64,
}

/// Which tier prices which part of the quantity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Mode {
    /// The highest tier reached prices all.
    #[default]
    AllUnits = 0,
    /// Each tier prices what lies above its minimum, the first from zero.
    Graduated = 1,
}

/// How a fraction becomes an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Rounding {
    /// Towards zero.
    #[default]
    Down = 0,
    /// Away from zero.
    Up = 1,
    /// To the nearest, ½ up.
    HalfUp = 2,
    /// To the nearest, ½ to the even.
    HalfEven = 3,
}

/// What is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Stage {
    /// The line only.
    #[default]
    Line = 0,
    /// Each tier's unit price to `decimals` places, then the line.
    UnitPrice = 1,
}

/// H(MONEY; currency, rfq id, packed, four lanes of two tiers, s₃).
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Money {
    /// The token that pays.
    pub currency: AssetId,
    /// The RFQ that the deal awards, or 0.
    pub rfq: RfqId,
    /// e: a major unit has 10^e minor units, 0 … 6.
    pub exponent: u64,
    /// s: places to which stage unit price rounds, 0 … 6.
    pub decimals: u64,
    /// All units or graduated.
    pub mode: Mode,
    /// Basis points on every price, below 2^16.
    pub surcharge: u64,
    /// Basis points off, ≤ 10⁴.
    pub allowance: u64,
    /// Minor units added to the line, below 2^48.
    pub set_up: u64,
    /// How both stages round.
    pub rounding: Rounding,
    /// What is rounded.
    pub stage: Stage,
    /// Without escrow: when the supplier may spend the payment, Unix seconds.
    pub payment_unlock: u64,
    /// Reserved, 0.
    pub frame: u64,
    /// Used tiers first, minima strictly ascending, then zeros.
    pub tiers: [Tier; MAX_TIERS],
    /// s₃, uniform in F; blindings, volume and the escrow's nullifier key derive from it.
    #[cfg_attr(feature = "serde", serde(with = "super::field_hex"))]
    pub salt: Fr,
}

impl Money {
    /// The packed fields with their widths, low first.
    pub fn fields(&self) -> [(u64, u32); 10] {
        [
            (self.exponent, 3),
            (self.decimals, 3),
            (self.mode as u64, 1),
            (self.surcharge, 16),
            (self.allowance, 14),
            (self.set_up, PRICE_BITS),
            (self.rounding as u64, 2),
            (self.stage as u64, 1),
            (self.payment_unlock, TIME_BITS),
            (self.frame, 64),
        ]
    }

    /// The lane of tiers 2`pair` and 2`pair` + 1.
    fn tier_lane(&self, pair: usize) -> Fr {
        let [low, high] = [self.tiers[2 * pair], self.tiers[2 * pair + 1]];
        lane(&[
            (low.minimum, QUANTITY_BITS),
            (low.price, PRICE_BITS),
            (high.minimum, QUANTITY_BITS),
            (high.price, PRICE_BITS),
        ])
    }

    /// The eight inputs in their order.
    pub fn inputs(&self) -> [Fr; 8] {
        [
            self.currency.field(),
            self.rfq.field(),
            lane(&self.fields()),
            self.tier_lane(0),
            self.tier_lane(1),
            self.tier_lane(2),
            self.tier_lane(3),
            self.salt,
        ]
    }

    /// H(MONEY; …).
    pub fn hash(&self) -> Fr {
        hash(Domain::Money, &self.inputs())
    }

    /// The widths of every packed field.
    ///
    /// # Errors
    /// [`DecodeError::Range`] with the field's name.
    pub fn check_widths(&self) -> Result<(), DecodeError> {
        let names = [
            "exponent",
            "decimals",
            "mode",
            "surcharge",
            "allowance",
            "set-up",
            "rounding",
            "stage",
            "payment unlock",
            "frame",
        ];
        for ((value, bits), name) in self.fields().iter().zip(names) {
            if *bits < 64 {
                width(*value, *bits, name)?;
            }
        }
        for tier in &self.tiers {
            width(tier.minimum, QUANTITY_BITS, "tier minimum")?;
            width(tier.price, PRICE_BITS, "tier price")?;
        }
        Ok(())
    }
}
