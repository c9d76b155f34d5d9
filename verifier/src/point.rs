//! Standard compressed points, decoded strictly.

use alloc::vec::Vec;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};

/// Bytes of a compressed point of G₁.
pub(crate) const G1_BYTES: usize = 48;
/// Bytes of a compressed point of G₂.
pub(crate) const G2_BYTES: usize = 96;

/// Why bytes are not a point of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// Not the one compressed encoding of a point on the curve.
    #[error("not the canonical compressed encoding of a point on the curve")]
    NotOnCurve,
    /// On the curve, outside the subgroup of order r.
    #[error("the point lies outside the subgroup of order r")]
    OffSubgroup,
}

/// Decodes exactly one compressed point; the identity is a point.
pub(crate) fn decode<P: SWCurveConfig>(bytes: &[u8]) -> Result<Affine<P>, PointError> {
    let mut rest = bytes;
    let point = Affine::<P>::deserialize_compressed_unchecked(&mut rest).map_err(|_| PointError::NotOnCurve)?;
    // One point, one encoding: whatever the decoder tolerates beyond that is refused here.
    if !rest.is_empty() || encode(&point) != bytes {
        return Err(PointError::NotOnCurve);
    }
    if point.is_in_correct_subgroup_assuming_on_curve() { Ok(point) } else { Err(PointError::OffSubgroup) }
}

/// The compressed encoding.
pub(crate) fn encode<P: SWCurveConfig>(point: &Affine<P>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(G2_BYTES);
    // Writing into a vector cannot fail.
    let _ = point.serialize_compressed(&mut bytes);
    bytes
}
