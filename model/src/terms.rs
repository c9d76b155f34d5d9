//! P2, P3, P6 and P9: the numbers of a whole deal.

use crate::price::{at_least_one_below, below, check_load_factor, check_quantity_width};
use crate::{Escrow, Refusal, Schedule, Total, capacity_used, fee};

/// Seconds of a week.
pub const WEEK: u64 = 604_800;

/// P2: the least distance between due and claim_until, 14 days in seconds.
pub const CLAIM_DELAY: u64 = 1_209_600;

/// Every number of a deal's terms (GOODS, MONEY, REMEDY).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Prices, rounding, surcharge, allowance and set-up.
    pub schedule: Schedule,
    /// q in thousandths of the unit.
    pub quantity: u64,
    /// The quantity is a multiple of this many thousandths.
    pub increment: u64,
    /// Capacity per unit, in thousandths.
    pub load_factor: u64,
    /// Days from 1970-01-01, the Monday of the week whose capacity is used.
    pub bucket: u64,
    /// When delivery is due, Unix seconds.
    pub due: u64,
    /// When the supplier may spend a payment made without escrow, Unix seconds.
    pub payment_unlock: u64,
    /// Reserved, 0.
    pub frame: u64,
    /// Whether the deal's notes are escrowed.
    pub escrow: bool,
    /// From when the buyer may take an escrow back, Unix seconds.
    pub claim_until: u64,
    /// Lateness penalty per week or part of a week, basis points.
    pub rate_bp: u64,
    /// Most that lateness may cost, basis points.
    pub cap_bp: u64,
}

/// What a deal's three notes hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// The price and how it came about.
    pub price: Total,
    /// P9, minor units.
    pub fee: u64,
    /// P6, millionths.
    pub used: u64,
    /// The pair that an escrowed deal leaves behind.
    pub escrow: Option<Escrow>,
}

impl Terms {
    /// The deal that these terms make under a fee policy (P2 to P6, P9).
    ///
    /// # Errors
    /// The first broken rule among P2, P3, P5, P6 and P9.
    pub fn deal(&self, flat: u64, fee_rate_bp: u64) -> Result<Deal, Refusal> {
        self.check_widths()?;
        below(flat, 1 << 48, "flat fee")?;
        below(fee_rate_bp, 10_001, "fee rate")?;
        self.schedule.check_tiers()?;
        self.schedule.check_reached(self.quantity)?;
        if !self.quantity.is_multiple_of(self.increment) {
            return Err(Refusal::P3("the increment divides the quantity"));
        }
        let price = self.schedule.priced(self.quantity)?;
        let used = capacity_used(self.quantity, self.load_factor)?;
        let fee = fee(price.total, flat, fee_rate_bp)?;
        let escrow = self.escrow.then_some(Escrow {
            quantity: self.quantity,
            load_factor: self.load_factor,
            due: self.due,
            claim_until: self.claim_until,
            rate_bp: self.rate_bp,
            cap_bp: self.cap_bp,
            done: 0,
            v: price.total,
            u: used,
        });
        Ok(Deal { price, fee, used, escrow })
    }

    /// The earliest claim_until that a wallet agrees to: due + ⌈cap / rate⌉ weeks (0 if rate = 0) + 14 days.
    #[must_use]
    pub fn advised_claim_until(&self) -> u64 {
        let weeks = if self.rate_bp == 0 { 0 } else { self.cap_bp.div_ceil(self.rate_bp) };
        let wait = weeks.saturating_mul(WEEK).saturating_add(CLAIM_DELAY);
        self.due.saturating_add(wait)
    }

    /// P2 without the policy's two numbers.
    fn check_widths(&self) -> Result<(), Refusal> {
        check_quantity_width(self.quantity)?;
        at_least_one_below(self.increment, 1 << 40, "increment")?;
        self.schedule.check_widths()?;
        below(self.rate_bp, 10_001, "lateness rate")?;
        below(self.cap_bp, 10_001, "lateness cap")?;
        check_load_factor(self.load_factor)?;
        below(self.frame, 1, "frame")?;
        below(self.due, 1 << 40, "due")?;
        below(self.claim_until, 1 << 40, "claim_until")?;
        below(self.payment_unlock, 1 << 40, "payment unlock")?;
        below(self.bucket, 1 << 32, "bucket")?;
        if self.escrow && self.claim_until < self.due + CLAIM_DELAY {
            return Err(Refusal::P2("claim_until, which is at least due + 14 days,"));
        }
        Ok(())
    }
}
