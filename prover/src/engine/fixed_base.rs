//! Many multiples of one point: signed windows of a table, added in affine coordinates with one inversion per batch.

use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{AdditiveGroup, Field, PrimeField, batch_inversion};
use privity_circuits::Fr;
use rayon::prelude::*;

/// Scalars that share an inversion.
const BATCH: usize = 1 << 10;
/// Bits of a scalar, and one for the carry of signed digits.
const BITS: usize = Fr::MODULUS_BIT_SIZE as usize + 1;

/// The multiples d·2^{cw}·P for 1 ≤ d ≤ 2^{c−1} and every window w.
pub(crate) struct FixedBase<P: SWCurveConfig> {
    window: usize,
    windows: Vec<Vec<Affine<P>>>,
}

impl<P: SWCurveConfig<ScalarField = Fr>> FixedBase<P> {
    /// A table fit for `count` multiples of the generator.
    pub(crate) fn generator(count: usize) -> Self {
        // The table costs 2^{c−1} additions per window, the multiples one each.
        let window = (usize::BITS - count.leading_zeros()).saturating_sub(3).clamp(4, 15) as usize;
        let step = |base: &Projective<P>| Some((0..window).fold(*base, |point, _| point.double()));
        let bases: Vec<_> =
            core::iter::successors(Some(Projective::generator()), step).take(BITS.div_ceil(window)).collect();
        let multiples = |base: &Projective<P>| {
            let next = |point: &Projective<P>| Some(*point + base);
            let all: Vec<_> = core::iter::successors(Some(*base), next).take(1 << (window - 1)).collect();
            Projective::normalize_batch(&all)
        };
        Self { window, windows: bases.par_iter().map(multiples).collect() }
    }

    /// k·P for each k.
    pub(crate) fn multiply(&self, scalars: &[Fr]) -> Vec<Affine<P>> {
        let batches: Vec<_> = scalars.par_chunks(BATCH).map(|batch| self.batch(batch)).collect();
        batches.concat()
    }

    fn batch(&self, scalars: &[Fr]) -> Vec<Affine<P>> {
        let digits: Vec<_> = scalars.iter().map(|k| self.digits(*k)).collect();
        let mut sums = vec![Affine::identity(); scalars.len()];
        let mut addends = sums.clone();
        for (window, table) in self.windows.iter().enumerate() {
            for (addend, digits) in addends.iter_mut().zip(&digits) {
                *addend = multiple(table, digits[window]);
            }
            add(&mut sums, &addends);
        }
        sums
    }

    /// Digits in [−2^{c−1}, 2^{c−1}], lowest first.
    fn digits(&self, k: Fr) -> Vec<i32> {
        let (limbs, mask) = (k.into_bigint().0, (1u64 << self.window) - 1);
        let mut carry = 0;
        let digit = |index: usize| {
            let (limb, shift) = (index * self.window / 64, index * self.window % 64);
            let word = |at: usize| u128::from(limbs.get(at).copied().unwrap_or_default());
            let value = ((word(limb) | word(limb + 1) << 64) >> shift) as u64 & mask;
            let value = value as i32 + carry;
            carry = i32::from(value > 1 << (self.window - 1));
            value - (carry << self.window)
        };
        (0..self.windows.len()).map(digit).collect()
    }
}

fn multiple<P: SWCurveConfig>(table: &[Affine<P>], digit: i32) -> Affine<P> {
    match digit {
        0 => Affine::identity(),
        1.. => table[digit as usize - 1],
        _ => -table[digit.unsigned_abs() as usize - 1],
    }
}

/// sums[i] += addends[i], complete.
fn add<P: SWCurveConfig>(sums: &mut [Affine<P>], addends: &[Affine<P>]) {
    let denominator = |(p, q): (&Affine<P>, &Affine<P>)| match (p.x == q.x, p.y == q.y) {
        _ if p.is_zero() || q.is_zero() => P::BaseField::ONE,
        (false, _) => q.x - p.x,
        (true, true) => p.y.double(),
        (true, false) => P::BaseField::ONE,
    };
    let mut inverses: Vec<_> = sums.iter().zip(addends).map(denominator).collect();
    batch_inversion(&mut inverses);
    for ((p, q), inverse) in sums.iter_mut().zip(addends).zip(inverses) {
        let rise = match (p.x == q.x, p.y == q.y) {
            _ if q.is_zero() => continue,
            _ if p.is_zero() => {
                *p = *q;
                continue;
            }
            (false, _) => q.y - p.y,
            (true, true) => p.x.square() * P::BaseField::from(3u64) + P::COEFF_A,
            (true, false) => {
                *p = Affine::identity();
                continue;
            }
        };
        let slope = rise * inverse;
        let x = slope.square() - p.x - q.x;
        *p = Affine::new_unchecked(x, slope * (p.x - x) - p.y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bls12_381::{G1Affine, G2Affine, g1, g2};
    use ark_ff::UniformRand;
    use rand::SeedableRng;

    fn multiples<P: SWCurveConfig<ScalarField = Fr>>(count: usize) {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(count as u64);
        let edges = [0u64, 1, 2, 3, 7, 8, 9, 255, 256, u64::MAX].map(Fr::from);
        let mut scalars: Vec<_> = edges.into_iter().flat_map(|k| [k, -k]).collect();
        scalars.extend((0..20).map(|_| Fr::rand(&mut rng)));
        let table = FixedBase::<P>::generator(count);
        let expected: Vec<_> = scalars.iter().map(|k| (Affine::<P>::generator() * k).into_affine()).collect();
        assert_eq!(table.multiply(&scalars), expected);
    }

    #[test]
    fn windows_of_every_width() {
        for count in [0, 100, 1_000, 5_000] {
            multiples::<g1::Config>(count);
        }
        multiples::<g2::Config>(300);
    }

    /// P + P, P − P, 0 + P, P + 0 and 0 + 0 beside ordinary sums.
    #[test]
    fn additions_are_complete() {
        fn sums<P: SWCurveConfig>() {
            let p = Affine::<P>::generator();
            let (q, zero) = ((p + p).into_affine(), Affine::identity());
            let (mut left, right) = (vec![p, p, zero, p, zero, p, q], vec![p, -p, p, zero, zero, q, p]);
            let expected: Vec<_> = left.iter().zip(&right).map(|(a, b)| (*a + b).into_affine()).collect();
            add(&mut left, &right);
            assert_eq!(left, expected);
        }
        sums::<g1::Config>();
        sums::<g2::Config>();
        assert!(G1Affine::identity().is_zero() && G2Affine::identity().is_zero());
    }
}
