//! The dry run: what a deal comes to, without keys, notes or proofs.

use crate::history;
use privity_circuits::Violation;
use privity_circuits::price::{Deal, Quote};
use privity_circuits::terms::{Policy, Terms};

/// What terms come to under a policy.
#[derive(Clone, PartialEq, Eq)]
pub struct DealQuote {
    /// Quantities per tier, rounded unit prices, line and total, minor units.
    pub price: Quote,
    /// To the community, minor units.
    pub fee: u64,
    /// What the buyer pays in all, minor units.
    pub to_pay: u128,
    /// Capacity that the deal takes, millionths.
    pub capacity: u64,
    /// Rounded minus exact line, millionths of a minor unit.
    pub rounding: i64,
}

redacted!(DealQuote);

/// Prices a deal.
///
/// # Errors
/// The first of P2 to P6 and P9 that terms or policy break.
pub fn quote(terms: &Terms, policy: &Policy) -> Result<DealQuote, Violation> {
    let Deal { quote: price, used: capacity, fee } = Deal::of(terms, policy)?;
    let to_pay = u128::from(price.total) + u128::from(fee);
    let rounding = history::rounding(terms, price.line);
    Ok(DealQuote { price, fee, to_pay, capacity, rounding })
}
