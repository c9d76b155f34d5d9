//! Exact fractions and rounding by its definition.

use num_bigint::BigInt;
use num_rational::BigRational;

/// How an amount between two whole numbers becomes one of them (P5); the number is its code in the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rounding {
    /// The lower neighbour.
    Down = 0,
    /// The upper neighbour.
    Up = 1,
    /// The nearest neighbour, the upper one from the middle.
    HalfUp = 2,
    /// The nearest neighbour, the even one from the middle.
    HalfEven = 3,
}

impl Rounding {
    /// All four modes in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Down, Self::Up, Self::HalfUp, Self::HalfEven];

    /// The whole number that this mode takes for `x`.
    #[must_use]
    pub fn round(self, x: &BigRational) -> BigInt {
        if x.is_integer() {
            return x.to_integer();
        }
        let below = x.floor();
        let above = x.ceil();
        let to_below = x - &below;
        let to_above = &above - x;
        let lower = below.to_integer();
        let upper = above.to_integer();
        let nearest_or = |middle: BigInt| match to_below.cmp(&to_above) {
            std::cmp::Ordering::Less => lower.clone(),
            std::cmp::Ordering::Equal => middle,
            std::cmp::Ordering::Greater => upper.clone(),
        };
        match self {
            Self::Down => lower,
            Self::Up => upper,
            Self::HalfUp => nearest_or(upper.clone()),
            Self::HalfEven => nearest_or(if is_even(&lower) { lower.clone() } else { upper.clone() }),
        }
    }
}

fn is_even(n: &BigInt) -> bool {
    n % 2 == BigInt::ZERO
}

/// `numerator / denominator`; the denominator is never 0 in this crate.
pub(crate) fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

/// `n` as a fraction.
pub(crate) fn whole(n: impl Into<BigInt>) -> BigRational {
    BigRational::from_integer(n.into())
}

/// 10^`n` as a fraction.
pub(crate) fn ten_to(n: u8) -> BigRational {
    whole(BigInt::from(10).pow(u32::from(n)))
}

/// A share given in basis points: 10 000 is the whole.
pub(crate) fn basis_points(bp: impl Into<BigInt>) -> BigRational {
    ratio(bp, 10_000)
}
