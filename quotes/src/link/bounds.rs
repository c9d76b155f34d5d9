//! Widths of the integer response z = k + c·v (derived in `docs/protocol/link.md`).

use super::integer::Integer;
use subtle::Choice;

/// k is uniform in [0, 2^`nonce`), c below 2^`challenge`, and z is shown if 2^`floor` ≤ z < 2^`ceiling`.
///
/// With `floor` ≥ bits of c·v and `ceiling` = `nonce`, each z in the interval comes from exactly one k whatever c·v is: what is
/// shown is uniform, and whether to start again depends on nothing secret.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bits of k.
    pub(crate) nonce: u32,
    /// Bits of c, at most 128.
    pub(crate) challenge: u32,
    /// log₂ of the least z.
    pub(crate) floor: u32,
    /// Bits of z.
    pub(crate) ceiling: u32,
}

/// The protocol's: 48 bits of v and 128 of c stay below the floor of 2^192; 2^251 is below both groups' orders.
pub(crate) const BOUNDS: Bounds = Bounds { nonce: 251, challenge: 128, floor: 192, ceiling: 251 };

impl Bounds {
    /// Whether z lies in the interval.
    pub(crate) fn admit(&self, z: &Integer) -> Choice {
        z.is_below(self.ceiling) & !z.is_below(self.floor)
    }

    /// The challenge out of 128 uniform bits.
    pub(crate) fn challenge(&self, bits: u128) -> u128 {
        match self.challenge {
            width @ 0..128 => bits & ((1 << width) - 1),
            _ => bits,
        }
    }
}
