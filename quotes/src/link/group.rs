//! Jubjub for the prover: arkworks branches on the values that it computes with, the `jubjub` crate does not.
//!
//! Only what is public crosses between the two: pinned generators, first messages, responses. The blinding h comes from a hash of
//! the terms, which arkworks has computed; its integer is read here once.

use super::integer::Integer;
use ark_ff::PrimeField;
use jubjub::{AffinePoint, ExtendedPoint, Fq, Fr as Scalar};
use privity_circuits::jubjub::Point;
use privity_circuits::{Fr, field, jubjub as native, terms};

/// `value`·V + `blinding`·W by double-and-add over all 252 bits with masked selection.
pub(crate) fn commit(value: &Integer, blinding: &Scalar) -> Point {
    let [v, w] = terms::volume_generators().map(|generator| extended(&generator));
    // Responses and nonces are below 2^251 < l, so nothing is reduced.
    let value = v.to_niels().multiply_bits(&value.to_le_bytes());
    let sum = AffinePoint::from(value + w.to_niels().multiply_bits(&blinding.to_bytes()));
    Point { x: to_native(&sum.get_u()), y: to_native(&sum.get_v()) }
}

/// The integer of `x`, which may be above l, as a scalar.
pub(crate) fn scalar(x: &Fr) -> Scalar {
    let mut wide = zeroize::Zeroizing::new([0u8; 64]);
    wide[..32].copy_from_slice(&field::to_bytes(x));
    wide[..32].reverse();
    Scalar::from_bytes_wide(&wide)
}

/// A scalar that is public.
pub(crate) fn public(scalar: &Scalar) -> native::Scalar {
    native::Scalar::from_le_bytes_mod_order(&scalar.to_bytes())
}

fn extended(point: &Point) -> ExtendedPoint {
    let coordinate = |x: &Fr| Fq::from_raw(x.into_bigint().0);
    AffinePoint::from_raw_unchecked(coordinate(&point.x), coordinate(&point.y)).into()
}

fn to_native(x: &Fq) -> Fr {
    Fr::from_le_bytes_mod_order(&x.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    /// The two implementations of one curve agree, also where the blinding's integer exceeds l.
    #[test]
    fn same_volume_as_the_terms() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [v, w] = terms::volume_generators();
        for total in [0, 1, u64::MAX, 1 << 48] {
            for blinding in [Fr::rand(&mut rng), -Fr::from(1u64), Fr::from(0u64)] {
                let expected = v.mul_integer(&[total]) + w.mul_integer(&blinding.into_bigint().0);
                let value = Integer::default().add_product(1, total);
                assert_eq!(commit(&value, &scalar(&blinding)), expected);
            }
        }
        let top = Integer::from_le_bytes(&[0xff; 32]).low(251);
        assert_eq!(
            commit(&top, &scalar(&Fr::from(0u64))),
            v.mul_integer(&[u64::MAX, u64::MAX, u64::MAX, (1 << 59) - 1])
        );
    }

    #[test]
    fn scalars_are_reduced_once() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        for x in [Fr::rand(&mut rng), -Fr::from(1u64), Fr::from(5u64)] {
            assert_eq!(public(&scalar(&x)), native::Scalar::from_be_bytes_mod_order(&field::to_bytes(&x)));
        }
    }
}
