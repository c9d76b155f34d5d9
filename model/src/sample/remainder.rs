//! Schedules and quantities whose rounding falls on an exact number, a middle, or just below the next number.

use rand::Rng;

use super::{mode, rounding};
use crate::{Mode, Schedule, Stage};

/// Where the amount before rounding lies between two whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    /// On a whole number.
    Zero,
    /// In the middle.
    Half,
    /// As close below the upper number as the divisor allows.
    Max,
}

impl Remainder {
    /// All three places.
    pub const ALL: [Self; 3] = [Self::Zero, Self::Half, Self::Max];

    /// The remainder of a division by the even number `divisor`.
    fn of(self, divisor: u128) -> u128 {
        match self {
            Self::Zero => 0,
            Self::Half => divisor / 2,
            Self::Max => divisor - 1,
        }
    }
}

/// A valid schedule and a quantity for which the rounding of `stage` has the wanted remainder: of the line, or of the
/// first tier's unit price. Any exponent and decimals, all roundings; both modes. All-units lines take a multiple of
/// 10⁴ for surcharge and allowance, so that their greatest remainder is 1 − 10⁴/D and not 1 − 1/D.
pub fn remainder(rng: &mut impl Rng, stage: Stage, wanted: Remainder) -> (Schedule, u64) {
    let mode = mode(rng);
    let mut schedule = Schedule {
        tiers: Vec::new(),
        mode,
        stage,
        rounding: rounding(rng),
        exponent: rng.gen_range(0..=6),
        decimals: rng.gen_range(0..=6),
        surcharge_bp: prime_to_ten(rng, 60_000),
        allowance_bp: prime_to_ten(rng, 9_000),
        set_up: rng.gen_range(0..1_000_000),
    };
    let quantity = match (stage, mode) {
        (Stage::UnitPrice, _) => unit_price(rng, &mut schedule, wanted),
        (Stage::Line, Mode::Graduated) => graduated_line(rng, &mut schedule, wanted),
        (Stage::Line, Mode::AllUnits) => all_units_line(rng, &mut schedule, wanted),
    };
    (schedule, quantity)
}

/// Solves p·f ≡ ρ modulo the divisor of the unit price, 10^(14 − decimals) < 2^48.
fn unit_price(rng: &mut impl Rng, schedule: &mut Schedule, wanted: Remainder) -> u64 {
    let divisor = 10_u128.pow(14 - u32::from(schedule.decimals));
    let price = multiply(wanted.of(divisor), inverse(factor(schedule), divisor), divisor);
    let price = add_laps(rng, price, divisor);
    let quantity = rng.gen_range(1..1 << 20);
    schedule.tiers = vec![(rng.gen_range(1..=quantity), narrow(price))];
    quantity
}

/// Solves q·p·f ≡ ρ modulo the divisor of the line by the price alone, q prime to ten. Without an allowance f is a
/// multiple of 10⁴, which leaves a divisor of at most 10^13 < 2^48.
fn all_units_line(rng: &mut impl Rng, schedule: &mut Schedule, wanted: Remainder) -> u64 {
    schedule.allowance_bp = 0;
    let divisor = 10_u128.pow(13 - u32::from(schedule.exponent));
    let quantity = 10 + prime_to_ten(rng, 1 << 30);
    let known = multiply(quantity.into(), factor(schedule) / 10_000, divisor);
    let price = multiply(wanted.of(divisor), inverse(known, divisor), divisor);
    let price = add_laps(rng, price, divisor);
    // A cheaper first tier, which an all-units line must ignore.
    schedule.tiers = vec![(1, 1), (rng.gen_range(2..=quantity), narrow(price))];
    quantity
}

/// Solves (n₁·p₁ + n₂·p₂)·f ≡ ρ modulo the divisor of the line: n₁ and n₂ are neighbours, so every sum from n₁·n₂ on
/// has prices, p₂ < n₁.
fn graduated_line(rng: &mut impl Rng, schedule: &mut Schedule, wanted: Remainder) -> u64 {
    const N1: u128 = 1_000_000;
    const N2: u128 = N1 + 1;
    let divisor = 10_u128.pow(17 - u32::from(schedule.exponent));
    let smallest = multiply(wanted.of(divisor), inverse(factor(schedule), divisor), divisor);
    let laps = (N1 * N2).div_ceil(divisor) + rng.gen_range(0..100);
    let sum = smallest + laps * divisor;
    // N2 ≡ 1 modulo N1.
    let p2 = sum % N1;
    let p1 = (sum - N2 * p2) / N1;
    schedule.tiers = vec![(rng.gen_range(1..=1_000), narrow(p1)), (narrow(N1), narrow(p2))];
    narrow(N1 + N2)
}

/// The price some divisors higher, which leaves the remainder alone; never 0 and below 2^48.
fn add_laps(rng: &mut impl Rng, price: u128, divisor: u128) -> u128 {
    let most = (((1 << 48) - 1 - price) / divisor).min(100);
    price + rng.gen_range(u128::from(price == 0)..=most) * divisor
}

/// The factor f of surcharge and allowance, times 10⁸.
fn factor(schedule: &Schedule) -> u128 {
    u128::from(10_000 + schedule.surcharge_bp) * u128::from(10_000 - schedule.allowance_bp)
}

/// A number below `bound` without a common factor with ten.
fn prime_to_ten(rng: &mut impl Rng, bound: u64) -> u64 {
    rng.gen_range(0..bound / 10) * 10 + [1, 3, 7, 9][rng.gen_range(0..4)]
}

/// a·b mod m; m ≤ 10^17, so the product fits.
fn multiply(a: u128, b: u128, m: u128) -> u128 {
    (a % m) * (b % m) % m
}

/// The inverse of `a`, prime to ten, modulo a power of ten: by Newton's step x ← x·(2 − a·x), which doubles the number
/// of correct digits; the first digit is found by trial.
fn inverse(a: u128, m: u128) -> u128 {
    let mut x = (1..10).find(|digit| a * digit % 10 == 1).unwrap_or(0);
    for _ in 0..5 {
        let error = (m + 2 - multiply(a, x, m)) % m;
        x = multiply(x, error, m);
    }
    x
}

/// The solutions above are below 2^64 by construction.
fn narrow(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
