//! P4 and P5: what a quantity costs under a schedule of price breaks.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::Refusal;
use crate::exact::{Rounding, basis_points, ratio, ten_to, whole};

/// The most tiers that terms can hold.
pub const MAX_TIERS: usize = 8;

/// Which units a tier prices (P4); the number is its code in the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// The tier that the quantity reaches prices every unit.
    AllUnits = 0,
    /// Each tier prices the units between its minimum and the next; the first prices from zero.
    Graduated = 1,
}

/// What is rounded first (P5); the number is its code in the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Only the line.
    Line = 0,
    /// Each tier's unit price after surcharge and allowance, then the line.
    UnitPrice = 1,
}

/// The price part of the terms (MONEY).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// `(minimum quantity in thousandths, unit price in 10⁻⁶ major)`; trailing `(0, 0)` are unused tiers.
    pub tiers: Vec<(u64, u64)>,
    /// All-units or graduated.
    pub mode: Mode,
    /// What is rounded first.
    pub stage: Stage,
    /// How both stages round.
    pub rounding: Rounding,
    /// Minor units per major unit, as a power of ten: 0 to 6.
    pub exponent: u8,
    /// Decimals of a rounded unit price: 0 to 6.
    pub decimals: u8,
    /// Surcharge on the price in basis points, below 2^16.
    pub surcharge_bp: u64,
    /// Allowance on the surcharged price in basis points, at most 10 000.
    pub allowance_bp: u64,
    /// Set-up in minor units, below 2^48; neither surcharged nor discounted.
    pub set_up: u64,
}

/// A priced quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// n_k: the thousandths that each used tier prices.
    pub quantities: Vec<u64>,
    /// u_k in 10⁻⁶ major for each used tier, if the stage is the unit price.
    pub unit_prices: Option<Vec<u64>>,
    /// The line before rounding, in minor units (in the stage unit price: of rounded unit prices).
    pub exact_line: BigRational,
    /// The rounded line in minor units.
    pub line: u64,
    /// line + set-up in minor units.
    pub total: u64,
}

impl Schedule {
    /// The price of `quantity` thousandths (P4, P5).
    ///
    /// # Errors
    /// P2 or P3 if schedule or quantity is malformed, P5 if the total does not fit 64 bits.
    pub fn total(&self, quantity: u64) -> Result<Total, Refusal> {
        self.check_widths()?;
        check_quantity_width(quantity)?;
        self.check_tiers()?;
        self.check_reached(quantity)?;
        self.priced(quantity)
    }

    /// The used tiers: those before the first minimum of 0.
    #[must_use]
    pub fn used(&self) -> &[(u64, u64)] {
        let count = self.tiers.iter().take_while(|tier| tier.0 != 0).count();
        &self.tiers[..count]
    }

    /// n_k: how many thousandths of `quantity` each used tier prices (P4).
    #[must_use]
    pub fn quantities(&self, quantity: u64) -> Vec<u64> {
        let minima: Vec<u64> = self.used().iter().map(|tier| tier.0).collect();
        let reached = minima.iter().rposition(|&minimum| minimum <= quantity);
        (0..minima.len())
            .map(|k| match self.mode {
                Mode::AllUnits if reached == Some(k) => quantity,
                Mode::AllUnits => 0,
                Mode::Graduated => {
                    // The quantity fills the scale from 0 up; tier k owns the stretch from `lower` to `upper`.
                    let lower = if k == 0 { 0 } else { minima[k] };
                    let upper = minima.get(k + 1).copied().unwrap_or(u64::MAX);
                    quantity.min(upper).saturating_sub(lower)
                }
            })
            .collect()
    }

    /// A unit price in major units after surcharge and allowance, exact.
    fn adjusted(&self, price: u64) -> BigRational {
        let surcharged = whole(1) + basis_points(self.surcharge_bp);
        let allowed = whole(1) - basis_points(self.allowance_bp);
        ratio(price, 1_000_000) * surcharged * allowed
    }

    /// P5 on a schedule and a quantity that passed P2 and P3.
    pub(crate) fn priced(&self, quantity: u64) -> Result<Total, Refusal> {
        let quantities = self.quantities(quantity);
        let mut prices: Vec<BigRational> = self.used().iter().map(|tier| self.adjusted(tier.1)).collect();
        let mut unit_prices = None;
        if self.stage == Stage::UnitPrice {
            let scale = ten_to(self.decimals);
            for price in &mut prices {
                *price = whole(self.rounding.round(&(&*price * &scale))) / &scale;
            }
            let micro = prices.iter().map(|price| (price * ten_to(6)).to_integer());
            unit_prices = Some(micro.map(fits_or(Refusal::P5)).collect::<Result<_, _>>()?);
        }
        let major = quantities.iter().zip(&prices).fold(whole(0), |sum, (&n, price)| sum + ratio(n, 1_000) * price);
        let exact_line = major * ten_to(self.exponent);
        let line = self.rounding.round(&exact_line);
        let total = fits_or(Refusal::P5)(&line + self.set_up)?;
        let line = fits_or(Refusal::P5)(line)?;
        Ok(Total { quantities, unit_prices, exact_line, line, total })
    }

    /// P2 for the fields of the schedule, every tier included, used or not.
    pub(crate) fn check_widths(&self) -> Result<(), Refusal> {
        for &(minimum, price) in &self.tiers {
            below(minimum, 1 << 40, "a tier's minimum")?;
            below(price, 1 << 48, "a tier's unit price")?;
        }
        below(self.exponent.into(), 7, "exponent")?;
        below(self.decimals.into(), 7, "decimals")?;
        below(self.surcharge_bp, 1 << 16, "surcharge")?;
        below(self.allowance_bp, 10_001, "allowance")?;
        below(self.set_up, 1 << 48, "set-up")?;
        match self.tiers.first() {
            Some(&(minimum, _)) if minimum >= 1 => Ok(()),
            _ => Err(Refusal::P2("the first tier's minimum")),
        }
    }

    /// P3 for the tiers alone.
    pub(crate) fn check_tiers(&self) -> Result<(), Refusal> {
        if self.tiers.len() > MAX_TIERS {
            return Err(Refusal::P3("terms hold at most eight tiers"));
        }
        let used = self.used();
        if self.tiers[used.len()..].iter().any(|&tier| tier != (0, 0)) {
            return Err(Refusal::P3("used tiers come first and unused ones are all zero"));
        }
        if used.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(Refusal::P3("the tiers' minima ascend strictly"));
        }
        Ok(())
    }

    /// P3: the quantity reaches the first tier.
    pub(crate) fn check_reached(&self, quantity: u64) -> Result<(), Refusal> {
        match self.tiers.first() {
            Some(&(minimum, _)) if quantity >= minimum => Ok(()),
            _ => Err(Refusal::P3("the quantity is below the first tier's minimum")),
        }
    }
}

/// P9: `flat + ⌈total · rate / 10⁴⌉` in minor units.
///
/// # Errors
/// P2 if flat is 2^48 or more or the rate above 10 000 basis points, P9 if the fee does not fit 64 bits.
pub fn fee(total: u64, flat: u64, rate_bp: u64) -> Result<u64, Refusal> {
    below(flat, 1 << 48, "flat fee")?;
    below(rate_bp, 10_001, "fee rate")?;
    let share = whole(total) * basis_points(rate_bp);
    fits_or(Refusal::P9)(flat + share.ceil().to_integer())
}

/// P6: quantity (thousandths) × load factor (thousandths) = millionths, exact.
///
/// # Errors
/// P2 if quantity or load factor is out of range, P6 if the product does not fit 64 bits.
pub fn capacity_used(quantity: u64, load_factor: u64) -> Result<u64, Refusal> {
    check_quantity_width(quantity)?;
    check_load_factor(load_factor)?;
    fits_or(Refusal::P6)(BigInt::from(quantity) * load_factor)
}

pub(crate) fn check_quantity_width(quantity: u64) -> Result<(), Refusal> {
    at_least_one_below(quantity, 1 << 40, "quantity")
}

pub(crate) fn check_load_factor(load_factor: u64) -> Result<(), Refusal> {
    at_least_one_below(load_factor, 1 << 32, "load factor")
}

pub(crate) fn below(value: u64, bound: u64, name: &'static str) -> Result<(), Refusal> {
    if value < bound { Ok(()) } else { Err(Refusal::P2(name)) }
}

pub(crate) fn at_least_one_below(value: u64, bound: u64, name: &'static str) -> Result<(), Refusal> {
    if value >= 1 { below(value, bound, name) } else { Err(Refusal::P2(name)) }
}

/// The value as 64 bits, or the given refusal.
pub(crate) fn fits_or(refusal: Refusal) -> impl Fn(BigInt) -> Result<u64, Refusal> {
    move |value| u64::try_from(&value).map_err(|_| refusal)
}
