//! Bytes as lower-case hexadecimal text in JSON.

use privity_ledger::Codec;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Lower-case digits.
pub(crate) fn encode(bytes: &[u8]) -> String {
    use core::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        // Writing into a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Parses what [`encode`] writes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

fn parse<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    decode(&text).ok_or_else(|| D::Error::custom("expected lower-case hexadecimal digits"))
}

/// A value with a canonical encoding, as hexadecimal.
pub(crate) mod codec {
    use super::*;

    pub(crate) fn serialize<T: Codec, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(&value.to_bytes()))
    }

    pub(crate) fn deserialize<'de, T: Codec, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::from_bytes(&parse(deserializer)?).map_err(D::Error::custom)
    }
}

/// A field element as `0x` and 64 digits.
pub(crate) mod field {
    use super::*;
    use privity_circuits::{Fr, field};

    pub(crate) fn serialize<S: Serializer>(x: &Fr, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&field::to_hex(x))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fr, D::Error> {
        field::from_hex(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Fixed numbers of bytes.
pub(crate) mod array {
    use super::*;

    pub(crate) fn serialize<const N: usize, S: Serializer>(value: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(value))
    }

    pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; N], D::Error> {
        let bytes = parse(deserializer)?;
        let found = bytes.len();
        bytes.try_into().map_err(|_| D::Error::custom(format!("expected {N} bytes, found {found}")))
    }
}
