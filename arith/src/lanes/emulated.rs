//! The meaning of each vector instruction in plain integers.

use super::{Lanes, Limbs, Task, Word};
use crate::field::radix52::{Radix52, complex, dot, multiply, square};

/// Eight words in an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Emulated([u64; 8]);

const LOW: u64 = (1 << 52) - 1;

impl Emulated {
    fn zip(self, other: Self, op: impl Fn(u64, u64) -> u64) -> Self {
        Self(core::array::from_fn(|lane| op(self.0[lane], other.0[lane])))
    }

    fn product(a: u64, b: u64) -> u128 {
        u128::from(a & LOW) * u128::from(b & LOW)
    }
}

impl Word for Emulated {
    fn splat(word: u64) -> Self {
        Self([word; 8])
    }

    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    fn sub(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_sub)
    }

    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    fn madd_lo(self, a: Self, b: Self) -> Self {
        self.add(a.zip(b, |a, b| Self::product(a, b) as u64 & LOW))
    }

    fn madd_hi(self, a: Self, b: Self) -> Self {
        self.add(a.zip(b, |a, b| (Self::product(a, b) >> 52) as u64))
    }

    fn shr<const BITS: u32>(self) -> Self {
        Self(self.0.map(|word| word >> BITS))
    }

    fn sar<const BITS: u32>(self) -> Self {
        Self(self.0.map(|word| (word.cast_signed() >> BITS).cast_unsigned()))
    }

    fn lookup(self, table: &[u64; 8]) -> Self {
        Self(self.0.map(|word| table[(word & 7) as usize]))
    }

    fn zero_mask(self) -> u8 {
        self.0.iter().enumerate().fold(0, |mask, (lane, word)| mask | (u8::from(*word == 0) << lane))
    }

    fn select(mask: u8, then: Self, otherwise: Self) -> Self {
        Self(core::array::from_fn(|lane| if mask >> lane & 1 == 1 { then.0[lane] } else { otherwise.0[lane] }))
    }

    fn transpose(rows: [&[u64; 8]; 8]) -> [Self; 8] {
        core::array::from_fn(|limb| Self(rows.map(|row| row[limb])))
    }

    fn rows(columns: &[Self; 8]) -> [Limbs; 8] {
        core::array::from_fn(|lane| Limbs(columns.map(|column| column.0[lane])))
    }

    fn flip(square: [Self; 8]) -> [Self; 8] {
        core::array::from_fn(|j| Self(core::array::from_fn(|i| square[i].0[j])))
    }

    fn multiply(a: &[Self; 8], b: &[Self; 8]) -> [Self; 8] {
        multiply(a, b)
    }

    fn square(a: &[Self; 8]) -> [Self; 8] {
        square(a)
    }

    fn dot(a: &[Self; 8], b: &[Self; 8], c: &[Self; 8], d: &[Self; 8]) -> [Self; 8] {
        dot(a, b, c, d)
    }

    fn complex(a: [&[Self; 8]; 2], b: [&[Self; 8]; 2]) -> [[Self; 8]; 2] {
        complex(a, b)
    }
}

/// The algorithms of the AVX-512 back end on any machine.
pub(crate) struct EmulatedIfma;

impl Lanes for EmulatedIfma {
    type Base = Radix52<Emulated>;

    fn enter<T: Task<Self::Base>>(task: T) -> T::Output {
        task.run()
    }
}
