//! 256-bit integers whose operations take the same steps whatever the values.

use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroize;

/// Four 64-bit limbs, little-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Zeroize)]
pub(crate) struct Integer([u64; 4]);

impl Integer {
    /// From 32 little-endian bytes.
    pub(crate) fn from_le_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0u64; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = chunk.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        }
        Self(limbs)
    }

    /// 32 little-endian bytes.
    pub(crate) fn to_le_bytes(self) -> [u8; 32] {
        let mut out = [0u8; 32];
        for (chunk, limb) in out.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        out
    }

    /// The limbs, little-endian.
    pub(crate) fn limbs(&self) -> [u64; 4] {
        self.0
    }

    /// The low `bits` bits; `bits` ≤ 256 is public.
    pub(crate) fn low(mut self, bits: u32) -> Self {
        for (limb, start) in self.0.iter_mut().zip([0u32, 64, 128, 192]) {
            *limb &= match bits.saturating_sub(start) {
                width @ 0..64 => (1 << width) - 1,
                _ => u64::MAX,
            };
        }
        self
    }

    /// Whether the integer is below 2^`bits`; `bits` ≤ 256 is public.
    pub(crate) fn is_below(&self, bits: u32) -> Choice {
        self.low(bits).0.ct_eq(&self.0)
    }

    /// self + `c`·`v`; the sum is below 2^256.
    pub(crate) fn add_product(self, c: u128, v: u64) -> Self {
        let v = u128::from(v);
        let (low, high) = ((c & u128::from(u64::MAX)) * v, (c >> 64) * v);
        let middle = (low >> 64) + (high & u128::from(u64::MAX));
        let product = [low as u64, middle as u64, ((high >> 64) + (middle >> 64)) as u64, 0];
        let (mut sum, mut carry) = ([0u64; 4], 0u128);
        for ((out, a), b) in sum.iter_mut().zip(self.0).zip(product) {
            let total = u128::from(a) + u128::from(b) + carry;
            *out = total as u64;
            carry = total >> 64;
        }
        Self(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn add(a: Integer, b: Integer) -> Integer {
        let (mut out, mut carry) = ([0; 32], 0u16);
        for ((out, a), b) in out.iter_mut().zip(a.to_le_bytes()).zip(b.to_le_bytes()) {
            let sum = u16::from(a) + u16::from(b) + carry;
            (*out, carry) = (sum as u8, sum >> 8);
        }
        Integer::from_le_bytes(&out)
    }

    proptest! {
        /// Against schoolbook addition, one doubling for each bit of v.
        #[test]
        fn product(k in any::<[u8; 32]>(), c in any::<u128>(), v in any::<u64>()) {
            let k = Integer::from_le_bytes(&k).low(255);
            let (mut sum, mut power) = (k, Integer::default().add_product(c, 1));
            for bit in 0..64 {
                if v >> bit & 1 == 1 {
                    sum = add(sum, power);
                }
                power = add(power, power);
            }
            prop_assert!(sum == k.add_product(c, v));
        }

        #[test]
        fn widths(bytes in any::<[u8; 32]>(), bits in 0u32..=256) {
            let x = Integer::from_le_bytes(&bytes);
            let highest = (0..256).rev().find(|bit| bytes[bit / 8] >> (bit % 8) & 1 == 1);
            prop_assert_eq!(bool::from(x.is_below(bits)), highest.is_none_or(|bit| (bit as u32) < bits));
            prop_assert!(bool::from(x.low(bits).is_below(bits)));
            prop_assert_eq!(x.to_le_bytes(), bytes);
        }
    }
}
