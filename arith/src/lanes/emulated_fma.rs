//! The meaning of each double-precision instruction, one lane after another. `f64::mul_add` rounds once, as the CPU's does.

use super::{Double, Lanes, Limbs, Quad, Task};
use crate::field::doubles::Doubles;
use crate::field::radix48::{complex, dot, multiply, square};

impl Quad {
    fn zip(self, other: Self, op: impl Fn(f64, f64) -> f64) -> Self {
        Self(core::array::from_fn(|lane| op(self.0[lane], other.0[lane])))
    }
}

impl Double for Quad {
    fn splat(value: f64) -> Self {
        Self([value; 4])
    }

    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    fn fma(self, a: Self, b: Self) -> Self {
        Self(core::array::from_fn(|lane| a.0[lane].mul_add(b.0[lane], self.0[lane])))
    }

    fn fnma(self, a: Self, b: Self) -> Self {
        Self(core::array::from_fn(|lane| (-a.0[lane]).mul_add(b.0[lane], self.0[lane])))
    }

    fn fetch<const I: usize, const N: usize>(from: &[Self; N]) -> Self {
        from[I]
    }

    fn accumulate<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[Self; N]) {
        let sum = high.fma(a, b[J]);
        *low = low.add(high.sub(sum).fma(a, b[J]));
        *high = sum;
    }

    fn begin<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[Self; N]) {
        *low = Self([0.0; 4]);
        Self::accumulate::<J, N>(high, low, a, b);
    }

    fn accumulate_scalar<const J: usize, const N: usize>(high: &mut Self, low: &mut Self, a: Self, b: &[f64; N]) {
        Self::accumulate::<0, 1>(high, low, a, &[Self([b[J]; 4])]);
    }

    fn table<const N: usize>(quads: &'static [Self; N]) -> &'static [Self; N] {
        quads
    }

    fn negate_if(self, mask: u8) -> Self {
        Self(core::array::from_fn(|lane| if mask >> lane & 1 == 1 { -self.0[lane] } else { self.0[lane] }))
    }

    fn zero_mask(self) -> u8 {
        self.0.iter().enumerate().fold(0, |mask, (lane, value)| mask | (u8::from(*value == 0.0) << lane))
    }

    fn select(mask: u8, then: Self, otherwise: Self) -> Self {
        Self(core::array::from_fn(|lane| if mask >> lane & 1 == 1 { then.0[lane] } else { otherwise.0[lane] }))
    }

    fn transpose(rows: [&[u64; 8]; 4]) -> [Self; 8] {
        core::array::from_fn(|limb| Self(rows.map(|row| f64::from_bits(row[limb]))))
    }

    fn rows(columns: &[Self; 8]) -> [Limbs; 4] {
        core::array::from_fn(|lane| Limbs(columns.map(|column| column.0[lane].to_bits())))
    }

    fn flip(square: [Self; 4]) -> [Self; 4] {
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

/// The algorithms of the AVX2 back end on any machine.
pub(crate) struct EmulatedFma;

impl Lanes for EmulatedFma {
    type Base = Doubles<Quad>;

    fn enter<T: Task<Self::Base>>(task: T) -> T::Output {
        task.run()
    }
}
