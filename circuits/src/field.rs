//! The field F of the protocol, BLS12-381's scalar field of order r, and its canonical encoding.

use alloc::string::String;
use ark_ff::{BigInteger, PrimeField};

pub use ark_bls12_381::Fr;

/// Bytes of an encoded field element.
pub const FIELD_BYTES: usize = 32;

/// Why bytes are not a value of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The integer is ≥ r; it is refused, never reduced.
    #[error("field element is not canonical: the integer is not below the field's order; encode the reduced value")]
    NotCanonical,
    /// The number of bytes or digits is wrong, trailing bytes included.
    #[error("wrong length: expected {expected} bytes, found {found}; send exactly the encoded value")]
    Length {
        /// Bytes that the type takes.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// Text is not `0x` and 64 lower-case hexadecimal digits.
    #[error("not a field element: expected 0x and 64 lower-case hexadecimal digits")]
    Hex,
    /// The coordinates are not on Jubjub.
    #[error("point is not on the curve; use a key made by this library")]
    OffCurve,
    /// The point lies outside the prime-order subgroup, or is the identity.
    #[error("point is the identity or outside the prime-order subgroup; use a key made by this library")]
    OffSubgroup,
    /// A scalar is ≥ the group's order.
    #[error("scalar is not below the group order; encode the reduced value")]
    Scalar,
    /// A field of a packed integer is wider than the protocol allows.
    #[error("{0} is out of range; see the widths on the protocol's page")]
    Range(&'static str),
}

/// The 32-byte big-endian encoding of `x`.
pub fn to_bytes(x: &Fr) -> [u8; FIELD_BYTES] {
    let mut out = [0u8; FIELD_BYTES];
    for (chunk, limb) in out.rchunks_mut(8).zip(x.into_bigint().0) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    out
}

/// Decodes 32 big-endian bytes.
///
/// # Errors
/// [`DecodeError::NotCanonical`] if the integer is ≥ r, [`DecodeError::Length`] if there are not 32 bytes.
pub fn from_bytes(bytes: &[u8]) -> Result<Fr, DecodeError> {
    let bytes: &[u8; FIELD_BYTES] =
        bytes.try_into().map_err(|_| DecodeError::Length { expected: FIELD_BYTES, found: bytes.len() })?;
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks(8)) {
        *limb = chunk.iter().fold(0, |acc, byte| (acc << 8) | u64::from(*byte));
    }
    Fr::from_bigint(ark_ff::BigInt(limbs)).ok_or(DecodeError::NotCanonical)
}

/// `0x` and 64 lower-case digits.
pub fn to_hex(x: &Fr) -> String {
    use core::fmt::Write;
    let mut out = String::with_capacity(66);
    out.push_str("0x");
    for byte in to_bytes(x) {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Parses what [`to_hex`] writes and nothing else.
///
/// # Errors
/// [`DecodeError::Hex`] for any other text, [`DecodeError::NotCanonical`] for an integer ≥ r.
pub fn from_hex(text: &str) -> Result<Fr, DecodeError> {
    let digits = text.strip_prefix("0x").ok_or(DecodeError::Hex)?.as_bytes();
    if digits.len() != 2 * FIELD_BYTES {
        return Err(DecodeError::Hex);
    }
    let mut bytes = [0u8; FIELD_BYTES];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(DecodeError::Hex),
        };
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    from_bytes(&bytes)
}

/// A SHA-256 or Keccak-256 digest as a field element: its first byte cleared, big-endian (248 bits).
pub fn truncate(digest: &[u8; 32]) -> Fr {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().zip(digest.rchunks(8)) {
        *limb = chunk.iter().fold(0, |acc, byte| (acc << 8) | u64::from(*byte));
    }
    limbs[3] &= (1 << 56) - 1;
    // 248 bits are below r, so nothing is reduced.
    Fr::from_bigint(ark_ff::BigInt(limbs)).unwrap_or_default()
}

/// The low 128 bits and the remaining 127 bits of `x`'s canonical integer.
pub fn split_128(x: &Fr) -> (u128, u128) {
    let limbs = x.into_bigint().0;
    let word = |low: u64, high: u64| u128::from(low) | u128::from(high) << 64;
    (word(limbs[0], limbs[1]), word(limbs[2], limbs[3]))
}

/// Σ `value`·2^`offset` over packed fields, low field first; `fields` are (value, width in bits).
///
/// # Errors
/// [`DecodeError::Range`] if a value does not fit its width.
pub fn pack(fields: &[(u64, u32)]) -> Result<Fr, DecodeError> {
    let mut sum = Fr::from(0u64);
    let mut shift = Fr::from(1u64);
    for &(value, width) in fields {
        if width < 64 && value >> width != 0 {
            return Err(DecodeError::Range("packed field"));
        }
        sum += shift * Fr::from(value);
        shift *= Fr::from(1u128 << width);
    }
    Ok(sum)
}

/// Whether `x` < 2^`bits` as an integer; `bits` ≤ 255.
pub fn fits(x: &Fr, bits: u32) -> bool {
    x.into_bigint().num_bits() <= bits
}

/// A field element with a meaning of its own.
///
/// `field_newtype!(Name, "doc")` gives the canonical byte and hex codecs, ordering, hashing and `Debug` as hex.
#[macro_export]
macro_rules! field_newtype {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($crate::Fr);

        impl $name {
            /// Wraps a field element.
            pub const fn new(field: $crate::Fr) -> Self {
                Self(field)
            }
            /// The field element.
            pub const fn field(&self) -> $crate::Fr {
                self.0
            }
            /// 32 bytes, big-endian.
            pub fn to_bytes(&self) -> [u8; 32] {
                $crate::field::to_bytes(&self.0)
            }
            /// Decodes 32 canonical big-endian bytes.
            ///
            /// # Errors
            /// [`DecodeError`]($crate::DecodeError) if the length is wrong or the integer is not below r.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, $crate::DecodeError> {
                $crate::field::from_bytes(bytes).map(Self)
            }
            /// Whether the element is 0, the protocol's "none".
            pub fn is_zero(&self) -> bool {
                self.0 == $crate::Fr::from(0u64)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&$crate::field::to_hex(&self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::DecodeError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::field::from_hex(text).map(Self)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <alloc::string::String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_the_order_and_above() {
        let mut bytes = [0u8; 32];
        for (chunk, limb) in bytes.rchunks_mut(8).zip(Fr::MODULUS.0) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        assert_eq!(from_bytes(&bytes), Err(DecodeError::NotCanonical));
        bytes[31] -= 1;
        assert_eq!(from_bytes(&bytes), Ok(-Fr::from(1u64)));
        assert_eq!(from_bytes(&[0xff; 32]), Err(DecodeError::NotCanonical));
        assert!(matches!(from_bytes(&[0; 33]), Err(DecodeError::Length { .. })));
    }

    #[test]
    fn hex_is_lower_case_and_exact() {
        let text = to_hex(&Fr::from(0xabcdu64));
        assert_eq!(from_hex(&text), Ok(Fr::from(0xabcdu64)));
        assert_eq!(from_hex(&text.to_uppercase()), Err(DecodeError::Hex));
        assert_eq!(from_hex(&text[2..]), Err(DecodeError::Hex));
        assert_eq!(from_hex(&text[..65]), Err(DecodeError::Hex));
    }

    #[test]
    fn packing_refuses_a_wide_field() {
        assert_eq!(pack(&[(1, 1), (3, 2)]), Ok(Fr::from(7u64)));
        assert!(pack(&[(2, 1), (0, 2)]).is_err());
        assert_eq!(pack(&[(u64::MAX, 64), (1, 1)]), Ok(Fr::from(u64::MAX) + Fr::from(1u128 << 64)));
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes in any::<[u8; 32]>()) {
            if let Ok(x) = from_bytes(&bytes) {
                prop_assert_eq!(to_bytes(&x), bytes);
            }
            let x = truncate(&bytes);
            prop_assert_eq!(&to_bytes(&x)[1..], &bytes[1..]);
            prop_assert_eq!(to_bytes(&x)[0], 0);
            prop_assert_eq!(from_hex(&to_hex(&x)), Ok(x));
        }
    }
}
