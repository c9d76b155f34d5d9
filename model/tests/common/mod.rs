//! What several tests need: seeds, sizes, and P4 and P5 a second time, literally as the protocol page divides.
#![allow(dead_code)]

use privity_model::{Mode, Rounding, Schedule, Stage};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A generator of its own per test.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// `short` rounds, or fifty times as many with `PRIVITY_LONG=1`.
pub fn rounds(short: usize) -> usize {
    if std::env::var("PRIVITY_LONG").is_ok_and(|long| long == "1") { 50 * short } else { short }
}

/// numerator / divisor by quotient and remainder: up iff ρ > 0, half-up iff 2ρ ≥ D, half-even iff 2ρ > D or 2ρ = D
/// and the quotient is odd.
pub fn divide(numerator: u128, divisor: u128, rounding: Rounding) -> u128 {
    let (quotient, rho) = (numerator / divisor, numerator % divisor);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rho > 0,
        Rounding::HalfUp => 2 * rho >= divisor,
        Rounding::HalfEven => 2 * rho > divisor || (2 * rho == divisor && quotient % 2 == 1),
    };
    quotient + u128::from(up)
}

/// The formulas of P4 and P5 in machine integers; every product stays below 2^118.
pub fn by_remainder(schedule: &Schedule, quantity: u64) -> u128 {
    let (line, divisor) = line_division(schedule, quantity);
    divide(line, divisor, schedule.rounding) + u128::from(schedule.set_up)
}

/// Numerator and divisor of the line.
pub fn line_division(schedule: &Schedule, quantity: u64) -> (u128, u128) {
    let f = factor(schedule);
    let tiers = schedule.used();
    let e = u32::from(schedule.exponent);
    let mut sum = 0;
    for (k, &(minimum, price)) in tiers.iter().enumerate() {
        let next = tiers.get(k + 1).map_or(quantity, |tier| tier.0);
        let n = match schedule.mode {
            Mode::AllUnits if minimum <= quantity && (k + 1 == tiers.len() || quantity < next) => quantity,
            Mode::AllUnits => 0,
            Mode::Graduated if k == 0 => quantity.min(next),
            Mode::Graduated => quantity.min(next).saturating_sub(minimum),
        };
        let weight = match schedule.stage {
            Stage::Line => u128::from(price) * f,
            Stage::UnitPrice => {
                let step = 10_u128.pow(6 - u32::from(schedule.decimals));
                let (numerator, divisor) = unit_price_division(schedule, price);
                step * divide(numerator, divisor, schedule.rounding)
            }
        };
        sum += u128::from(n) * weight;
    }
    let divisor = 10_u128.pow(3 + 6 - e);
    (sum, if schedule.stage == Stage::Line { divisor * 100_000_000 } else { divisor })
}

/// Numerator and divisor of a unit price.
pub fn unit_price_division(schedule: &Schedule, price: u64) -> (u128, u128) {
    let divisor = 100_000_000 * 10_u128.pow(6 - u32::from(schedule.decimals));
    (u128::from(price) * factor(schedule), divisor)
}

fn factor(schedule: &Schedule) -> u128 {
    u128::from((10_000 + schedule.surcharge_bp) * (10_000 - schedule.allowance_bp))
}
