//! Why the model refuses, by the rule's id on the protocol page.

/// A broken rule and what broke it. When several are broken, the first in the page's order is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A field of the terms or of the policy lies outside its width or range.
    #[error("P2: {0} is out of range; agree terms within the stated width")]
    P2(&'static str),
    /// The tiers are out of order, or the quantity does not fit the schedule.
    #[error("P3: {0}; correct the schedule or the quantity")]
    P3(&'static str),
    /// The total does not fit 64 bits.
    #[error("P5: the total is 2^64 minor units or more; split the deal")]
    P5,
    /// The capacity used does not fit 64 bits.
    #[error("P6: quantity times load factor is 2^64 millionths or more; split the deal")]
    P6,
    /// The fee does not fit 64 bits.
    #[error("P9: the fee is 2^64 minor units or more; split the deal or lower the rate")]
    P9,
    /// The escrow's terms are outside their widths, or nothing is left to release.
    #[error("R1: {0}; release an open pair of accepted terms")]
    R1(&'static str),
    /// The branch's own condition does not hold.
    #[error("R2: {0}; use the receipts in order, or wait")]
    R2(&'static str),
    /// An amount of the release is negative or does not fit 64 bits.
    #[error("R3: {0} is negative or 2^64 or more; release at most what the pair holds")]
    R3(&'static str),
    /// An input's value or unlock time is out of range.
    #[error("T2: an input's {0} is out of range; spend well-formed notes")]
    T2(&'static str),
    /// An input is still locked.
    #[error("T5: an input is locked until later than now; wait")]
    T5,
    /// An output's value or unlock time is out of range.
    #[error("T6: an output's {0} is out of range; make well-formed notes")]
    T6(&'static str),
    /// Value is not conserved, or a foreign asset is exposed.
    #[error("T7: {0}; inputs must equal outputs plus the exposed value")]
    T7(&'static str),
    /// The weeks of an attestation are malformed.
    #[error("C2: {0}; list the used weeks first, ascending, and zeros after them")]
    C2(&'static str),
}

impl Refusal {
    /// The rule's id as the protocol page writes it, such as `P3`.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::P2(_) => "P2",
            Self::P3(_) => "P3",
            Self::P5 => "P5",
            Self::P6 => "P6",
            Self::P9 => "P9",
            Self::R1(_) => "R1",
            Self::R2(_) => "R2",
            Self::R3(_) => "R3",
            Self::T2(_) => "T2",
            Self::T5 => "T5",
            Self::T6(_) => "T6",
            Self::T7(_) => "T7",
            Self::C2(_) => "C2",
        }
    }
}
