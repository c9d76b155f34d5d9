//! Ranges and conservation of notes (section 3, T2, T5 to T7) and the weeks of an attestation (C2).

use num_bigint::BigInt;

use crate::Refusal;

/// The weeks that one attestation can name.
pub const WEEKS: usize = 8;

/// The numbers of a note; wider than allowed, so that a wrapped value can be written down and refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Amount in the asset's smallest unit, below 2^64.
    pub value: u128,
    /// Spendable from this Unix second, below 2^40.
    pub unlock: u128,
}

/// The numbers of a transfer of one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Notes consumed, dummies of value 0 included.
    pub inputs: Vec<Coin>,
    /// Notes made.
    pub outputs: Vec<Coin>,
    /// What leaves the notes in the open, below 2^64.
    pub exposed: u128,
    /// Whether the exposed asset is the asset of the notes.
    pub exposes_own_asset: bool,
    /// The statement's time, Unix seconds.
    pub now: u128,
}

impl Transfer {
    /// T2, T5, T6 and T7 over the integers.
    ///
    /// # Errors
    /// The first broken rule in this order.
    pub fn check(&self) -> Result<(), Refusal> {
        for coin in &self.inputs {
            in_range(coin).map_err(Refusal::T2)?;
        }
        if self.inputs.iter().any(|coin| self.now < coin.unlock) {
            return Err(Refusal::T5);
        }
        for coin in &self.outputs {
            in_range(coin).map_err(Refusal::T6)?;
        }
        if self.exposed >= 1 << 64 {
            return Err(Refusal::T7("the exposed value is 2^64 or more"));
        }
        if sum(&self.inputs) != sum(&self.outputs) + self.exposed {
            return Err(Refusal::T7("value is created or lost"));
        }
        if self.exposed != 0 && !self.exposes_own_asset {
            return Err(Refusal::T7("another asset is exposed"));
        }
        Ok(())
    }
}

/// C2: checks the weeks `(bucket, quantity in millionths)` of an attestation and returns the used ones.
///
/// # Errors
/// C2 if a number is out of range, no week is used, or the used weeks are not first and strictly ascending.
pub fn attested(weeks: &[(u128, u128); WEEKS]) -> Result<Vec<(u32, u64)>, Refusal> {
    let mut used: Vec<(u32, u64)> = Vec::new();
    let mut ended = false;
    for &(bucket, quantity) in weeks {
        let bucket = u32::try_from(bucket).map_err(|_| Refusal::C2("a bucket is 2^32 or more"))?;
        let quantity = u64::try_from(quantity).map_err(|_| Refusal::C2("a quantity is 2^64 or more"))?;
        if bucket == 0 {
            ended = true;
            if quantity != 0 {
                return Err(Refusal::C2("an unused week has a quantity"));
            }
            continue;
        }
        if ended {
            return Err(Refusal::C2("a used week follows an unused one"));
        }
        if used.last().is_some_and(|&(before, _)| before >= bucket) {
            return Err(Refusal::C2("the weeks do not ascend strictly"));
        }
        used.push((bucket, quantity));
    }
    if used.is_empty() { Err(Refusal::C2("no week is used")) } else { Ok(used) }
}

fn in_range(coin: &Coin) -> Result<(), &'static str> {
    if coin.value >= 1 << 64 {
        Err("value")
    } else if coin.unlock >= 1 << 40 {
        Err("unlock")
    } else {
        Ok(())
    }
}

fn sum(coins: &[Coin]) -> BigInt {
    coins.iter().map(|coin| BigInt::from(coin.value)).sum()
}
