//! The deal once more in plain integer arithmetic, written without the circuits: what the demo's amounts are checked against.

use privity_documents::deal::{DealInputs, Mode, Receipt, Rounding, Stage};

const BASIS_POINTS: u128 = 10_000;
const WEEK: u64 = 604_800;

/// Numerator / denominator, rounded.
fn round(numerator: u128, denominator: u128, rounding: Rounding) -> u128 {
    let (floor, rest) = (numerator / denominator, numerator % denominator);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::HalfUp => 2 * rest >= denominator,
        Rounding::HalfEven => 2 * rest > denominator || (2 * rest == denominator && floor % 2 == 1),
    };
    floor + u128::from(up)
}

/// The deal's total in minor units: line and set-up.
pub fn total(inputs: &DealInputs) -> u64 {
    let config = &inputs.config.price;
    let exponent = u32::from(inputs.config.token.exponent);
    let factor = (BASIS_POINTS + u128::from(inputs.surcharge)) * (BASIS_POINTS - u128::from(config.allowance));
    let minor = 10u128.pow(6 - exponent);
    let quantity = inputs.quantity;
    let mut sum = 0u128;
    for (index, tier) in inputs.tiers.iter().enumerate() {
        let next = inputs.tiers.get(index + 1).map_or(u64::MAX, |tier| tier.minimum);
        let counted = match config.mode {
            Mode::AllUnits if tier.minimum <= quantity && quantity < next => quantity,
            Mode::AllUnits => 0,
            Mode::Graduated => quantity.min(next).saturating_sub(if index == 0 { 0 } else { tier.minimum }),
        };
        let price = u128::from(tier.unit_price) * factor;
        sum += u128::from(counted)
            * match config.stage {
                Stage::Line => price,
                Stage::UnitPrice => {
                    let place = 10u128.pow(6 - u32::from(config.decimals));
                    round(price, BASIS_POINTS * BASIS_POINTS * place, config.rounding)
                        * place
                        * BASIS_POINTS
                        * BASIS_POINTS
                }
            };
    }
    let line = round(sum, 1_000 * BASIS_POINTS * BASIS_POINTS * minor, config.rounding);
    (line + u128::from(config.set_up)) as u64
}

/// What one receipt pays out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Gross: the share of what remains in escrow.
    pub gross: u64,
    /// Weeks of lateness, each part of one counted.
    pub weeks: u64,
    /// To the supplier.
    pub pay: u64,
    /// Back to the buyer.
    pub refund: u64,
    /// Left in escrow.
    pub rest: u64,
    /// Capacity consumed, millionths.
    pub used: u64,
}

/// The payouts of cumulative receipts in order.
pub fn payouts(inputs: &DealInputs, receipts: &[Receipt]) -> Vec<Payout> {
    let (mut left, mut done) = (u128::from(total(inputs)), 0u64);
    let remedy = &inputs.config.remedy;
    let mut payouts = Vec::new();
    for receipt in receipts {
        let reached = receipt.delivered.min(inputs.quantity);
        let gross = left * u128::from(reached - done) / u128::from(inputs.quantity - done);
        let weeks = receipt.time.saturating_sub(inputs.due).div_ceil(WEEK);
        let penalty = u128::from(remedy.lateness_cap).min(u128::from(remedy.lateness_rate) * u128::from(weeks));
        let pay = gross - gross * penalty / BASIS_POINTS;
        let rest = if reached == inputs.quantity { 0 } else { left - gross };
        payouts.push(Payout {
            gross: gross as u64,
            weeks,
            pay: pay as u64,
            refund: (left - pay - rest) as u64,
            rest: rest as u64,
            used: inputs.load_factor as u64 * (reached - done),
        });
        (left, done) = (rest, reached);
    }
    payouts
}

/// The community's fee: flat and a share of the total, rounded up.
pub fn fee(inputs: &DealInputs) -> u64 {
    let fee = &inputs.config.fee;
    fee.flat + (u128::from(total(inputs)) * u128::from(fee.rate)).div_ceil(BASIS_POINTS) as u64
}
