//! Multiples of constant points by integers whose bits are known inside the circuit.
//!
//! Three bits n of a window j choose (2n − 7)·8^j·(B/2): Σ over J windows is s·B − (8^J − 1)/2·B, and one constant mends it. The
//! digits are odd, so before window j the sum is an odd multiple of B/2 below 8^j in size while the term is at least that: the two
//! never agree up to sign as long as 8^(j+1) ≤ l, and Montgomery addition has no exceptional case. Later windows, up to those of a
//! 255-bit integer, are added by the complete Edwards formula.

use super::Num;
use super::curve::{Montgomery, PointVar};
use crate::Fr;
use crate::jubjub::{Point, Scalar};
use crate::r1cs::Cs;
use alloc::vec::Vec;
use ark_ff::Field;

/// Bits per window.
const WINDOW: usize = 3;
/// Points per window.
const ENTRIES: usize = 1 << WINDOW;
/// Windows whose sum stays below l ≈ 2^251.85: 8^83 = 2^249.
const INCOMPLETE: usize = 83;

/// A constant point of order l, prepared for integers of a fixed width.
pub struct FixedBase {
    /// (u, v) below window `INCOMPLETE`, (x, y) from there on.
    windows: Vec<[(Fr, Fr); ENTRIES]>,
    /// (8^J − 1)/2·B.
    correction: Point,
}

impl FixedBase {
    /// Prepares `base`, of order l, for integers of `bits` bits.
    pub fn new(base: Point, bits: usize) -> Self {
        let count = bits.div_ceil(WINDOW);
        let half = Scalar::from(2u64).inverse().unwrap_or_default();
        let mut step = base.mul(&half);
        let mut windows = Vec::with_capacity(count);
        for j in 0..count {
            let multiples = step.multiples(ENTRIES);
            let points: [Point; ENTRIES] = core::array::from_fn(|n| match n.checked_sub(4) {
                Some(above) => multiples[2 * above],
                None => multiples[6 - 2 * n].neg(),
            });
            windows.push(points.map(|point| match j < INCOMPLETE {
                true => point.to_montgomery(),
                false => (point.x, point.y),
            }));
            step = multiples[ENTRIES - 1];
        }
        let eights = Scalar::from(8u64).pow([count as u64]);
        let correction = base.mul(&((eights - Scalar::ONE) * half));
        Self { windows, correction }
    }

    /// s·B − correction, for the boolean `bits` of s, low first.
    fn odd_multiple(&self, cs: &mut Cs, bits: &[Num]) -> PointVar {
        let mut low: Option<Montgomery> = None;
        let mut sum: Option<PointVar> = None;
        for (j, (points, bits)) in self.windows.iter().zip(bits.chunks(WINDOW)).enumerate() {
            let selector = Selector::new(cs, bits);
            let first = selector.pick(cs, points.map(|(first, _)| first));
            let second = selector.pick(cs, points.map(|(_, second)| second));
            if j < INCOMPLETE {
                let term = Montgomery { u: first, v: second };
                low = Some(match low {
                    None => term,
                    Some(low) => low.add(cs, &term),
                });
                continue;
            }
            let term = PointVar { x: first, y: second };
            let before = match sum {
                None => low.as_ref().map(|low| low.to_edwards(cs)),
                Some(sum) => Some(sum),
            };
            sum = before.map(|before| before.add(cs, &term));
        }
        sum.or_else(|| low.map(|low| low.to_edwards(cs))).unwrap_or_else(|| PointVar::constant(Point::IDENTITY))
    }
}

/// Σ s_i·B_i for the boolean bits of each s_i, low first and at most as many as B_i was prepared for; complete for every choice.
pub fn combination(cs: &mut Cs, terms: &[(&FixedBase, &[Num])]) -> PointVar {
    cs.gadget("fixed bases", |cs| {
        let mut corrections = Vec::with_capacity(terms.len());
        let mut sum: Option<PointVar> = None;
        for (base, bits) in terms {
            let mut bits = bits.to_vec();
            bits.resize(base.windows.len() * WINDOW, Num::zero());
            let multiple = base.odd_multiple(cs, &bits);
            sum = Some(match sum {
                None => multiple,
                Some(sum) => sum.add(cs, &multiple),
            });
            corrections.push(base.correction);
        }
        let correction = PointVar::constant(Point::sum(&corrections));
        match sum {
            None => correction,
            Some(sum) => sum.add(cs, &correction),
        }
    })
}

/// Three booleans and the product of the lower two.
struct Selector {
    low: [Num; 3],
    high: Num,
}

impl Selector {
    fn new(cs: &mut Cs, bits: &[Num]) -> Self {
        let bit = |i: usize| bits.get(i).cloned().unwrap_or_else(Num::zero);
        let both = cs.mul(&bit(0), &bit(1));
        Self { low: [bit(0), bit(1), both], high: bit(2) }
    }

    /// table[b₀ + 2b₁ + 4b₂]: one row.
    fn pick(&self, cs: &mut Cs, table: [Fr; ENTRIES]) -> Num {
        let [t0, t1, t2, t3, t4, t5, t6, t7] = table;
        let lower = self.interpolate([t0, t1, t2, t3]);
        let upper = self.interpolate([t4, t5, t6, t7]);
        &cs.mul(&self.high, &(&upper - &lower)) + &lower
    }

    fn interpolate(&self, [t0, t1, t2, t3]: [Fr; 4]) -> Num {
        let [b0, b1, both] = &self.low;
        Num::linear(&[(t1 - t0, b0), (t2 - t0, b1), (t3 - t2 - t1 + t0, both)], t0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gadgets::bits;
    use crate::terms::volume_generators;
    use ark_ff::{AdditiveGroup, BigInteger, PrimeField, UniformRand};
    use rand_chacha::rand_core::SeedableRng;

    /// Every integer of 255 and 64 bits that could go wrong: 0, 1, all ones, l and its neighbours, r − 1.
    #[test]
    fn equals_native() {
        let [v, w] = volume_generators();
        let bases = [FixedBase::new(v, 64), FixedBase::new(w, 255)];
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(11);
        let mut scalars = alloc::vec![Fr::ZERO, Fr::ONE, -Fr::ONE, -Fr::from(2u64)];
        let l = Fr::from_bigint(Scalar::MODULUS).unwrap_or_default();
        scalars.extend([l, l - Fr::ONE, l + Fr::ONE, l.double()]);
        scalars.extend((0..4).map(|_| Fr::rand(&mut rng)));
        let totals = [0u64, 1, 7, 8, u64::MAX, 1 << 63];
        for (i, scalar) in scalars.iter().enumerate() {
            let total = totals[i % totals.len()];
            let mut cs = Cs::with_rows();
            let low = bits::Ranged::witness(&mut cs, total, 64);
            let high: Vec<Num> = (0..255).map(|i| bits::boolean(&mut cs, scalar.into_bigint().get_bit(i))).collect();
            let point = combination(&mut cs, &[(&bases[0], low.bits()), (&bases[1], &high)]);
            assert_eq!(cs.first_violation(), None);
            let native = v.mul_integer(&[total]) + w.mul_integer(&scalar.into_bigint().0);
            assert_eq!((point.x.value(), point.y.value()), (native.x, native.y));
        }
    }

    /// The sum of an all-ones 255-bit integer, beyond r, is still right: the formula does not lean on canonicity.
    #[test]
    fn beyond_the_modulus() {
        let [_, w] = volume_generators();
        let base = FixedBase::new(w, 255);
        let mut cs = Cs::with_rows();
        let ones: Vec<Num> = (0..255).map(|_| bits::boolean(&mut cs, true)).collect();
        let point = combination(&mut cs, &[(&base, &ones)]);
        assert_eq!(cs.first_violation(), None);
        let native = w.mul_integer(&[u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]);
        assert_eq!((point.x.value(), point.y.value()), (native.x, native.y));
    }
}
