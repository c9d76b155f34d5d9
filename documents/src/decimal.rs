//! Exact decimals: parsed from text, never through a float, never rounded.

use core::fmt;

/// Decimal places that a [`Decimal`] holds.
pub const MAX_PLACES: u32 = 18;
/// Longest number text that is read.
pub const MAX_TEXT: usize = 64;

const ONE: i128 = 1_000_000_000_000_000_000;
/// Values stay below 10¹⁹, so that 10⁻¹⁸ units stay below 10³⁷ and sums cannot overflow unnoticed.
const BOUND: i128 = 10_i128.pow(37);

/// An exact decimal: a whole number of 10⁻¹⁸, of magnitude below 10¹⁹.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i128);

/// Why a number is no [`Decimal`], or no integer of the wanted scale.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not a number in JSON's grammar.
    #[error("`{0}` is not a decimal number; write it like 1000, 3.5 or 1E+3")]
    Syntax(String),
    /// Longer than [`MAX_TEXT`].
    #[error("a number is longer than {MAX_TEXT} characters")]
    TooLong,
    /// Magnitude of 10¹⁹ or more, or above the target's range.
    #[error("the number is out of range")]
    OutOfRange,
    /// A value that would need rounding.
    #[error("the number needs more than {places} decimal places and is never rounded")]
    TooPrecise {
        /// Places available.
        places: u32,
    },
    /// A negative value where a quantity or price is needed.
    #[error("the number is negative")]
    Negative,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// One: the neutral load factor.
    pub const ONE: Self = Self(ONE);

    /// Parses a number in JSON's grammar, exponent included.
    ///
    /// # Errors
    /// [`DecimalError`] if the text is no number, too long, too large or finer than 10⁻¹⁸.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        if text.len() > MAX_TEXT {
            return Err(DecimalError::TooLong);
        }
        let parts = split(text).ok_or_else(|| DecimalError::Syntax(text.to_owned()))?;
        let digits: String = [parts.integer, parts.fraction].concat();
        let significant = digits.trim_end_matches('0');
        if significant.trim_start_matches('0').is_empty() {
            return Ok(Self::ZERO);
        }
        let dropped = i64::try_from(digits.len() - significant.len()).unwrap_or(i64::MAX);
        let fraction = i64::try_from(parts.fraction.len()).unwrap_or(i64::MAX);
        // value = mantissa · 10^power
        let power = parts.exponent - fraction + dropped;
        let shift = power + i64::from(MAX_PLACES);
        if shift < 0 {
            return Err(DecimalError::TooPrecise { places: MAX_PLACES });
        }
        let mantissa: i128 = significant.parse().map_err(|_| DecimalError::OutOfRange)?;
        let scaled = u32::try_from(shift)
            .ok()
            .and_then(|s| 10_i128.checked_pow(s))
            .and_then(|p| mantissa.checked_mul(p))
            .ok_or(DecimalError::OutOfRange)?;
        Self::bounded(if parts.negative { -scaled } else { scaled })
    }

    /// A whole number.
    #[must_use]
    pub fn from_integer(value: u32) -> Self {
        Self(i128::from(value) * ONE)
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`].
    pub fn checked_add(self, other: Self) -> Result<Self, DecimalError> {
        Self::bounded(self.0 + other.0)
    }

    /// The exact difference.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`].
    pub fn checked_sub(self, other: Self) -> Result<Self, DecimalError> {
        Self::bounded(self.0 - other.0)
    }

    /// The exact product.
    ///
    /// # Errors
    /// [`DecimalError::OutOfRange`], or [`DecimalError::TooPrecise`] if it needs more than 18 places.
    pub fn checked_mul(self, other: Self) -> Result<Self, DecimalError> {
        let (a, i) = strip_tens(self.0);
        let (b, j) = strip_tens(other.0);
        let product = a.checked_mul(b).ok_or(DecimalError::OutOfRange)?;
        if product == 0 {
            return Ok(Self::ZERO);
        }
        let (product, k) = strip_tens(product);
        let shift = (i + j + k).checked_sub(MAX_PLACES).ok_or(DecimalError::TooPrecise { places: MAX_PLACES })?;
        let scaled = 10_i128.checked_pow(shift).and_then(|p| product.checked_mul(p)).ok_or(DecimalError::OutOfRange)?;
        Self::bounded(scaled)
    }

    /// True below zero.
    #[must_use]
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The value in thousandths: quantities and load factors.
    ///
    /// # Errors
    /// [`DecimalError`] if it is negative, too large or finer than a thousandth.
    pub fn to_thousandths(self) -> Result<u64, DecimalError> {
        self.scaled(3)
    }

    /// The value in millionths: capacities, and unit prices in 10⁻⁶ of the major unit.
    ///
    /// # Errors
    /// [`DecimalError`] if it is negative, too large or finer than a millionth.
    pub fn to_millionths(self) -> Result<u64, DecimalError> {
        self.scaled(6)
    }

    /// The value in units of 10^−places, exact.
    ///
    /// # Errors
    /// [`DecimalError`] if it is negative, above 2⁶⁴ − 1, or would need rounding.
    pub fn scaled(self, places: u32) -> Result<u64, DecimalError> {
        if self.is_negative() {
            return Err(DecimalError::Negative);
        }
        let finer = MAX_PLACES.checked_sub(places).ok_or(DecimalError::OutOfRange)?;
        let unit = 10_i128.pow(finer);
        if self.0 % unit != 0 {
            return Err(DecimalError::TooPrecise { places });
        }
        u64::try_from(self.0 / unit).map_err(|_| DecimalError::OutOfRange)
    }

    fn bounded(units: i128) -> Result<Self, DecimalError> {
        if units.abs() >= BOUND {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Self(units))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.abs() / ONE, self.0.abs() % ONE);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let part = format!("{part:018}");
        write!(f, "{sign}{whole}.{}", part.trim_end_matches('0'))
    }
}

impl serde::Serialize for Decimal {
    /// As a string: a JSON number would reach most readers as a float.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

struct Parts<'a> {
    negative: bool,
    integer: &'a str,
    fraction: &'a str,
    exponent: i64,
}

/// Splits `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?`.
fn split(text: &str) -> Option<Parts<'_>> {
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (number, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let (integer, fraction) = match number.split_once('.') {
        Some((integer, fraction)) if all_digits(fraction) => (integer, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    let leading_zero = integer.len() > 1 && integer.starts_with('0');
    (all_digits(integer) && !leading_zero).then_some(Parts { negative, integer, fraction, exponent })
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => (1, text),
    };
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    // The text is short, so the digits fit an i64 after this cut; larger ones are out of range anyway.
    let value = digits.parse::<i64>().unwrap_or(i64::from(i32::MAX));
    valid.then_some(sign * value.min(i64::from(i32::MAX)))
}

fn strip_tens(mut value: i128) -> (i128, u32) {
    let mut tens = 0;
    while value != 0 && value % 10 == 0 {
        value /= 10;
        tens += 1;
    }
    (value, tens)
}
