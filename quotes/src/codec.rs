//! The canonical binary codec: big-endian integers, canonical points and scalars, lengths limited, trailing bytes refused.

use crate::point::Point;
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use privity_circuits::schnorr::{SIGNATURE_BYTES, Signature};
use privity_circuits::{DecodeError, Fr, field};

/// Why bytes are not the message that they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end too early.
    #[error("truncated: {needed} more bytes were expected; send the whole encoding")]
    Truncated {
        /// Bytes missing.
        needed: usize,
    },
    /// Bytes follow the message.
    #[error("{extra} bytes follow the message; send exactly its encoding")]
    Trailing {
        /// Bytes too many.
        extra: usize,
    },
    /// Longer than the limit of its kind.
    #[error("{what} takes at most {limit} bytes, found {found}")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// Most bytes.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// Not the canonical encoding of a Ristretto point.
    #[error("not the canonical encoding of a Ristretto point; send the compressed point")]
    Point,
    /// The identity, which hides nothing and which nobody knows to be random.
    #[error("the point is the identity; use a commitment or key made by this library")]
    Identity,
    /// A scalar that is not below the group's order; refused, never reduced.
    #[error("scalar is not below the group's order; encode the reduced value")]
    Scalar,
    /// A range proof that is no proof of its length.
    #[error("not an encoding of a range proof; send the proof as it was made")]
    RangeProof,
    /// An integer outside the range that its field has.
    #[error("{0} is out of range; see the widths on the protocol's page")]
    Range(&'static str),
    /// A field element, key or signature over Jubjub.
    #[error(transparent)]
    Value(#[from] DecodeError),
}

/// A message with one encoding.
pub trait Message: Sized {
    /// What it is called in errors.
    const NAME: &'static str;
    /// Most bytes of an encoding.
    const LIMIT: usize;

    /// Appends the encoding.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads one message off the front.
    ///
    /// # Errors
    /// [`CodecError`] for anything but a canonical encoding.
    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError>;

    /// The encoding.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Decodes exactly one message.
    ///
    /// # Errors
    /// [`CodecError`], for bytes over the limit or behind the message too.
    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        if bytes.len() > Self::LIMIT {
            return Err(CodecError::TooLong { what: Self::NAME, limit: Self::LIMIT, found: bytes.len() });
        }
        let mut input = Reader::new(bytes);
        let message = Self::read(&mut input)?;
        input.finish()?;
        Ok(message)
    }
}

/// Reads values off the front of bytes.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`CodecError::Truncated`] if there are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        if count > self.0.len() {
            return Err(CodecError::Truncated { needed: count - self.0.len() });
        }
        let (head, rest) = self.0.split_at(count);
        self.0 = rest;
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// The next byte, which stays.
    ///
    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn peek(&self) -> Result<u8, CodecError> {
        self.0.first().copied().ok_or(CodecError::Truncated { needed: 1 })
    }

    /// A byte.
    ///
    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn u8(&mut self) -> Result<u8, CodecError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes, big-endian.
    ///
    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn u16(&mut self) -> Result<u16, CodecError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes, big-endian.
    ///
    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn u32(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Eight bytes, big-endian.
    ///
    /// # Errors
    /// [`CodecError::Truncated`].
    pub fn u64(&mut self) -> Result<u64, CodecError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// An element of F, 32 big-endian bytes.
    ///
    /// # Errors
    /// [`CodecError::Truncated`], or [`DecodeError::NotCanonical`] if the integer is ≥ r.
    pub fn field(&mut self) -> Result<Fr, CodecError> {
        Ok(field::from_bytes(self.take(field::FIELD_BYTES)?)?)
    }

    /// Elements of F wrapped by `wrap`.
    ///
    /// # Errors
    /// As [`Reader::field`].
    pub fn fields<T: Default + Copy, const N: usize>(&mut self, wrap: fn(Fr) -> T) -> Result<[T; N], CodecError> {
        let mut out = [T::default(); N];
        for slot in &mut out {
            *slot = wrap(self.field()?);
        }
        Ok(out)
    }

    /// A Ristretto point that is not the identity.
    ///
    /// # Errors
    /// [`CodecError::Truncated`], [`CodecError::Point`] or [`CodecError::Identity`].
    pub fn point(&mut self) -> Result<Point, CodecError> {
        Point::from_bytes(&self.array()?)
    }

    /// A Ristretto scalar, 32 little-endian bytes below the order.
    ///
    /// # Errors
    /// [`CodecError::Truncated`] or [`CodecError::Scalar`].
    pub fn scalar(&mut self) -> Result<Scalar, CodecError> {
        Option::from(Scalar::from_canonical_bytes(self.array()?)).ok_or(CodecError::Scalar)
    }

    /// A Schnorr signature over Jubjub.
    ///
    /// # Errors
    /// [`CodecError::Truncated`], or [`DecodeError::Scalar`] if the response is ≥ l.
    pub fn signature(&mut self) -> Result<Signature, CodecError> {
        Ok(Signature::from_bytes(self.take(SIGNATURE_BYTES)?)?)
    }

    /// Whether all bytes were read.
    ///
    /// # Errors
    /// [`CodecError::Trailing`] if some are left.
    pub fn finish(&self) -> Result<(), CodecError> {
        match self.0.len() {
            0 => Ok(()),
            extra => Err(CodecError::Trailing { extra }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte and as many more as it says.
    #[derive(Debug, PartialEq)]
    struct Counted(Vec<u8>);

    impl Message for Counted {
        const NAME: &'static str = "counted bytes";
        const LIMIT: usize = 4;

        fn write(&self, out: &mut Vec<u8>) {
            out.push(self.0.len() as u8);
            out.extend_from_slice(&self.0);
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
            let length = input.u8()?;
            Ok(Self(input.take(length.into())?.to_vec()))
        }
    }

    #[test]
    fn lengths_are_exact() {
        assert_eq!(Counted::from_bytes(&[2, 7, 8]), Ok(Counted(alloc::vec![7, 8])));
        assert_eq!(Counted(alloc::vec![7, 8]).to_bytes(), [2, 7, 8]);
        assert_eq!(Counted::from_bytes(&[2, 7, 8, 9]), Err(CodecError::Trailing { extra: 1 }));
        assert_eq!(Counted::from_bytes(&[2, 7]), Err(CodecError::Truncated { needed: 1 }));
        assert_eq!(Counted::from_bytes(&[]), Err(CodecError::Truncated { needed: 1 }));
        let long = CodecError::TooLong { what: Counted::NAME, limit: 4, found: 5 };
        assert_eq!(Counted::from_bytes(&[4, 1, 2, 3, 4]), Err(long));
    }

    #[test]
    fn integers_are_big_endian() {
        let mut input = Reader::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!((input.u8(), input.u16(), input.u32()), (Ok(1), Ok(0x0203), Ok(0x0405_0607)));
        assert_eq!(input.u64(), Ok(0x0809_0a0b_0c0d_0e0f));
        assert_eq!(input.finish(), Ok(()));
    }

    #[test]
    fn points_and_scalars_are_canonical() {
        let read = |bytes: [u8; 32]| (Reader::new(&bytes).point(), Reader::new(&bytes).scalar());
        let (point, scalar) = read([0; 32]);
        assert_eq!((point, scalar), (Err(CodecError::Identity), Ok(Scalar::ZERO)));
        assert_eq!(read([0xff; 32]), (Err(CodecError::Point), Err(CodecError::Scalar)));
        let mut order = (-Scalar::ONE).to_bytes();
        assert_eq!(read(order).1, Ok(-Scalar::ONE));
        order[0] += 1;
        assert_eq!(read(order).1, Err(CodecError::Scalar));
        // The base point's coordinate plus p.
        let mut above = *Point::BASE.as_bytes();
        assert_eq!(read(above).0, Ok(Point::BASE));
        above[31] |= 0x80;
        assert_eq!(read(above).0, Err(CodecError::Point));
    }
}
