//! Rush surcharges by working days, and lateness clauses.

use serde::Serialize;

use crate::calendar::{DAY, WEEK};

/// Basis points of a whole.
pub const WHOLE: u64 = 10_000;

/// The surcharge on the unit price, in basis points, for an order wanted within so many working days: 0 is express
/// (200 %), then 100, 75, 50 and 25 %, and nothing from five days on.
#[must_use]
pub const fn rush_surcharge(working_days: u32) -> u16 {
    match working_days {
        0 => 20_000,
        1 => 10_000,
        2 => 7_500,
        3 => 5_000,
        4 => 2_500,
        _ => 0,
    }
}

/// A lateness clause: so much per week or part of a week, up to a cap (protocol R2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lateness {
    /// Basis points of the price per week or part of a week.
    pub rate: u16,
    /// Most basis points in all.
    pub cap: u16,
}

impl Lateness {
    /// Weeks late, parts of a week counted whole; times in Unix seconds.
    #[must_use]
    pub fn weeks(due: u64, time: u64) -> u64 {
        time.saturating_sub(due).div_ceil(WEEK)
    }

    /// The deduction in basis points for a receipt at `time`.
    #[must_use]
    pub fn deduction(self, due: u64, time: u64) -> u64 {
        u64::from(self.cap).min(u64::from(self.rate).saturating_mul(Self::weeks(due, time)))
    }

    /// The earliest end of claims that wallets accept: due + ⌈cap/rate⌉ weeks (none if the rate is 0) + 14 days.
    #[must_use]
    pub fn earliest_claim_until(self, due: u64) -> u64 {
        let weeks = if self.rate == 0 { 0 } else { u64::from(self.cap.div_ceil(self.rate)) };
        due.saturating_add(weeks * WEEK + 14 * DAY)
    }
}
