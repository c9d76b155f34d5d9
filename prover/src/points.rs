//! Points as bytes that need no arithmetic to read: Montgomery limbs, little-endian, the identity all zero.

use ark_bls12_381::{Fq, Fq2, FqConfig};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt, MontConfig};
use rayon::prelude::*;

/// Points or coordinates that a thread takes at a time, at least.
const CHUNK: usize = 1 << 10;

/// A curve whose coordinates have a fixed number of bytes.
pub(crate) trait Raw: SWCurveConfig<BaseField: Coordinate> {
    /// Bytes of a point.
    const BYTES: usize = 2 * Self::BaseField::BYTES;
}

impl<P: SWCurveConfig<BaseField: Coordinate>> Raw for P {}

/// The bytes of `points`, appended. (0, 0) is on neither curve and stands for the identity.
pub(crate) fn write<P: Raw>(bytes: &mut Vec<u8>, points: &[Affine<P>])
where
    P::BaseField: Coordinate,
{
    bytes.reserve(points.len() * P::BYTES);
    for point in points {
        let (x, y) = point.xy().unwrap_or_default();
        x.write(bytes);
        y.write(bytes);
    }
}

/// Whether every coordinate in `bytes`, whose length is a multiple of a point's, is below the modulus. Whether the points are on the curve
/// is not checked.
pub(crate) fn in_range(bytes: &[u8]) -> bool {
    bytes
        .par_chunks(CHUNK * Fq::BYTES)
        .all(|bytes| bytes.chunks_exact(Fq::BYTES).all(|bytes| limbs(bytes) < FqConfig::MODULUS))
}

/// The points in `bytes`, whose length is a multiple of a point's; a coordinate that is not below the modulus, which [`in_range`] would
/// have found, counts as 0.
pub(crate) fn read<P: Raw>(bytes: &[u8]) -> Vec<Affine<P>>
where
    P::BaseField: Coordinate,
{
    let point = |bytes: &[u8]| {
        let (x, y) = bytes.split_at(P::BaseField::BYTES);
        let (x, y) = (P::BaseField::read(x), P::BaseField::read(y));
        let zero = x == P::BaseField::ZERO && y == P::BaseField::ZERO;
        if zero { Affine::identity() } else { Affine::new_unchecked(x, y) }
    };
    bytes.par_chunks_exact(P::BYTES).with_min_len(CHUNK).map(point).collect()
}

/// A field element with a fixed number of bytes.
pub(crate) trait Coordinate: Sized {
    /// Their number.
    const BYTES: usize;
    /// Appends them.
    fn write(&self, bytes: &mut Vec<u8>);
    /// The element in so many bytes; 0 if they are not below the modulus.
    fn read(bytes: &[u8]) -> Self;
}

impl Coordinate for Fq {
    const BYTES: usize = 48;

    fn write(&self, bytes: &mut Vec<u8>) {
        self.0.0.iter().for_each(|limb| bytes.extend(limb.to_le_bytes()));
    }

    fn read(bytes: &[u8]) -> Self {
        let limbs = limbs(bytes);
        if limbs < FqConfig::MODULUS { Self::new_unchecked(limbs) } else { Self::ZERO }
    }
}

impl Coordinate for Fq2 {
    const BYTES: usize = 2 * Fq::BYTES;

    fn write(&self, bytes: &mut Vec<u8>) {
        self.c0.write(bytes);
        self.c1.write(bytes);
    }

    fn read(bytes: &[u8]) -> Self {
        let (c0, c1) = bytes.split_at(Fq::BYTES);
        Self::new(Fq::read(c0), Fq::read(c1))
    }
}

fn limbs(bytes: &[u8]) -> BigInt<6> {
    let mut limbs = [0; Fq::BYTES / 8];
    for (limb, word) in limbs.iter_mut().zip(bytes.as_chunks().0) {
        *limb = u64::from_le_bytes(*word);
    }
    BigInt(limbs)
}
