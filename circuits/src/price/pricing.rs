//! P3 to P6 and P9 over the integers: what a quantity costs, which capacity it takes, what the community charges.

use super::limits;
use crate::Violation;
use crate::terms::{BASIS_POINTS, Goods, MAX_TIERS, Mode, Money, Policy, Rounding, Stage};

/// A quantity n in thousandths times a price p in 10⁻⁶ times f in 10⁻⁸ is n·p·f·10^e/10^17 minor units.
pub const LINE_DIVISOR: u128 = 100_000_000_000_000_000;
/// p·f is p·f·10^s/10^14 units of the s-th decimal.
pub const UNIT_DIVISOR: u128 = 100_000_000_000_000;
/// f is in 10⁻⁸.
pub const FACTOR_SCALE: u128 = 100_000_000;

/// A priced quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// n_k: thousandths that each tier prices.
    pub quantities: [u64; MAX_TIERS],
    /// u_k in 10⁻⁶ major units, after surcharge and allowance, rounded; none in stage line.
    pub unit_prices: Option<[u64; MAX_TIERS]>,
    /// Minor units before set-up.
    pub line: u64,
    /// line + set-up, minor units.
    pub total: u64,
}

/// A fraction and what became of it: numerator = quotient·D + half·D/2 + rest, rest < D/2, D even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounded {
    /// ⌊numerator/D⌋.
    pub quotient: u128,
    /// Whether the remainder is at least D/2.
    pub half: bool,
    /// What the remainder has above 0 or D/2.
    pub rest: u128,
    /// Whether the result is quotient + 1.
    pub up: bool,
}

impl Rounded {
    /// `numerator`/`divisor` rounded by `mode`; the divisor is even and not 0.
    pub fn of(numerator: u128, divisor: u128, mode: Rounding) -> Self {
        let (quotient, remainder) = (numerator / divisor, numerator % divisor);
        let half = remainder >= divisor / 2;
        let rest = remainder - if half { divisor / 2 } else { 0 };
        let up = match mode {
            Rounding::Down => false,
            Rounding::Up => remainder > 0,
            Rounding::HalfUp => half,
            Rounding::HalfEven => half && (rest > 0 || quotient % 2 == 1),
        };
        Self { quotient, half, rest, up }
    }

    /// The rounded integer.
    pub fn value(&self) -> u128 {
        self.quotient + u128::from(self.up)
    }
}

impl Money {
    /// P2 to P5: what `goods.quantity` costs.
    ///
    /// # Errors
    /// P2, P3, or P5 if the total is not below 2^64.
    pub fn quote(&self, goods: &Goods) -> Result<Quote, Violation> {
        limits::check_goods(goods)?;
        limits::check_money(self)?;
        self.check_tiers(goods)?;
        self.price(goods.quantity)
    }

    /// Tiers in use: those before the first minimum of 0.
    pub fn used_tiers(&self) -> usize {
        self.tiers.iter().take_while(|tier| tier.minimum != 0).count()
    }

    /// P3.
    pub(super) fn check_tiers(&self, goods: &Goods) -> Result<(), Violation> {
        let unless = |holds, reason| Violation::unless(holds, "P3", reason);
        let (used, rest) = self.tiers.split_at(self.used_tiers());
        unless(
            rest.iter().all(|tier| tier.minimum == 0 && tier.price == 0),
            "an unused tier is not all zero, or a used one comes after it; list used tiers first",
        )?;
        unless(
            used.windows(2).all(|pair| pair[0].minimum < pair[1].minimum),
            "the tiers' minima do not ascend strictly",
        )?;
        unless(goods.quantity >= self.tiers[0].minimum, "the quantity is below the first tier's minimum; order more")?;
        unless(
            goods.increment != 0 && goods.quantity.is_multiple_of(goods.increment),
            "the quantity is not a multiple of the increment",
        )
    }

    /// f = (10⁴ + surcharge)(10⁴ − allowance), 10⁻⁸, below 2^30 once P2 holds.
    fn factor(&self) -> u128 {
        u128::from(BASIS_POINTS + self.surcharge) * u128::from(BASIS_POINTS.saturating_sub(self.allowance))
    }

    /// P4: n_k, thousandths.
    pub fn quantities(&self, quantity: u64) -> [u64; MAX_TIERS] {
        let minimum = |k: usize| self.tiers.get(k).map_or(0, |tier| tier.minimum);
        let reached = |k: usize| minimum(k) != 0 && minimum(k) <= quantity;
        core::array::from_fn(|k| match (self.mode, reached(k), reached(k + 1)) {
            (_, false, _) | (Mode::AllUnits, _, true) => 0,
            (Mode::AllUnits, true, false) => quantity,
            (Mode::Graduated, true, next) => {
                let top = if next { minimum(k + 1) } else { quantity };
                top.saturating_sub(if k == 0 { 0 } else { minimum(k) })
            }
        })
    }

    /// P4 and P5 of terms that keep P2 and P3.
    pub(super) fn price(&self, quantity: u64) -> Result<Quote, Violation> {
        let quantities = self.quantities(quantity);
        let (exponent, decimals) = (self.exponent as u32, self.decimals as u32);
        let ten = |power: u32| 10u128.pow(power);
        let scaled = self.factor() * ten(decimals);
        let unit = |price: u64| Rounded::of(u128::from(price) * scaled, UNIT_DIVISOR, self.rounding).value();
        let (prices, multiplier, unit_prices) = match self.stage {
            Stage::Line => (self.tiers.map(|tier| u128::from(tier.price)), self.factor(), None),
            Stage::UnitPrice => {
                let units = self.tiers.map(|tier| unit(tier.price));
                let place = ten(6 - decimals);
                let micro = units.map(|units| (units * place) as u64);
                (units, place * FACTOR_SCALE, Some(micro))
            }
        };
        let sum: u128 = quantities.iter().zip(prices).map(|(n, price)| u128::from(*n) * price).sum();
        let too_much = Violation { rule: "P5", reason: "the total is not below 2^64 minor units; split the deal" };
        // A product of 2^128 and more is a line of 2^71 and more.
        let numerator = sum.checked_mul(multiplier * ten(exponent)).ok_or(too_much)?;
        let line = Rounded::of(numerator, LINE_DIVISOR, self.rounding).value();
        let total = u64::try_from(line + u128::from(self.set_up)).map_err(|_| too_much)?;
        Ok(Quote { quantities, unit_prices, line: total - self.set_up, total })
    }
}

impl Goods {
    /// P6: quantity·load factor, millionths of the unit, exact.
    ///
    /// # Errors
    /// P6 if it is not below 2^64.
    pub fn capacity_used(&self) -> Result<u64, Violation> {
        self.quantity
            .checked_mul(self.load_factor)
            .ok_or(Violation { rule: "P6", reason: "the capacity used is not below 2^64 millionths; split the deal" })
    }
}

impl Policy {
    /// P9: flat + ⌈total·rate/10⁴⌉, minor units.
    ///
    /// # Errors
    /// P9 if it is not below 2^64.
    pub fn fee(&self, total: u64) -> Result<u64, Violation> {
        let share = (u128::from(total) * u128::from(self.rate)).div_ceil(u128::from(BASIS_POINTS));
        u64::try_from(share + u128::from(self.flat))
            .map_err(|_| Violation { rule: "P9", reason: "the fee is not below 2^64 minor units; split the deal" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every remainder of small even divisors against the definitions.
    #[test]
    fn rounding_by_definition() {
        for divisor in [2u128, 4, 6, 10] {
            for n in 0..8 * divisor {
                let value = |mode| Rounded::of(n, divisor, mode).value();
                assert_eq!(value(Rounding::Down), n / divisor);
                assert_eq!(value(Rounding::Up), n.div_ceil(divisor));
                assert_eq!(value(Rounding::HalfUp), (2 * n + divisor) / (2 * divisor));
                let tie = 2 * (n % divisor) == divisor;
                let even = if tie { n / divisor + (n / divisor) % 2 } else { value(Rounding::HalfUp) };
                assert_eq!(value(Rounding::HalfEven), even);
            }
        }
    }
}
