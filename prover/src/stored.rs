//! Points that stay in a mapped file until somebody wants them.

use crate::points::{self, Coordinate, Raw};
use ark_ec::short_weierstrass::Affine;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A file's bytes, shared by all that is read from them.
pub(crate) type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Points in memory, or in a file whose coordinates were found to be in range.
pub(crate) enum Stored<P: Raw>
where
    P::BaseField: Coordinate,
{
    Memory(Vec<Affine<P>>),
    File(Bytes, Range<usize>),
}

impl<P: Raw> Stored<P>
where
    P::BaseField: Coordinate,
{
    /// The points from number `range.start` to before `range.end`.
    pub(crate) fn read(&self, range: Range<usize>) -> Cow<'_, [Affine<P>]> {
        match self {
            Self::Memory(points) => Cow::Borrowed(&points[range]),
            Self::File(bytes, all) => {
                let bytes = &(**bytes).as_ref()[all.clone()];
                Cow::Owned(points::read(&bytes[range.start * P::BYTES..range.end * P::BYTES]))
            }
        }
    }

    /// All points.
    pub(crate) fn all(&self) -> Cow<'_, [Affine<P>]> {
        self.read(0..self.len())
    }

    /// Their number.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Memory(points) => points.len(),
            Self::File(_, range) => range.len() / P::BYTES,
        }
    }
}
