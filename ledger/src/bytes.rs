//! The canonical binary codec: big-endian integers, 32-byte field elements refused if ≥ r, lengths limited, trailing bytes refused.

use privity_circuits::schnorr::{SIGNATURE_BYTES, Signature};
use privity_circuits::{DecodeError, Fr, field};
pub use privity_quotes::Reader;
use privity_verifier::{KeyError, KeyId, PROOF_BYTES, Proof, ProofError};

/// Why bytes are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The bytes end too early.
    #[error("truncated: {needed} more bytes were expected; send the whole encoding")]
    Truncated {
        /// Bytes missing.
        needed: usize,
    },
    /// Bytes follow the value.
    #[error("{extra} bytes follow the value; send exactly its encoding")]
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
    /// Written in a format that this library does not read.
    #[error(
        "{what} of format {found}, this library reads {known}; update the library, or export with the one that wrote it"
    )]
    Version {
        /// What it is.
        what: &'static str,
        /// Version found.
        found: u32,
        /// Version known.
        known: u32,
    },
    /// Not the file or value that it should be.
    #[error("the bytes are no {0}")]
    Magic(&'static str),
    /// A discriminant that names nothing.
    #[error("{found} is no {what} that this version knows")]
    Variant {
        /// What is chosen.
        what: &'static str,
        /// The byte found.
        found: u8,
    },
    /// A name is not 1 to 64 printable ASCII characters.
    #[error("a name has 1 to {MAX_NAME} printable ASCII characters without a space at either end")]
    Name,
    /// A field element, point or scalar.
    #[error(transparent)]
    Value(#[from] DecodeError),
    /// A proof.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A verifying key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A message about a request for quotation.
    #[error(transparent)]
    Quote(privity_quotes::CodecError),
}

/// The reader is that of the messages about quotes: what it finds of every value is said of every value.
impl From<privity_quotes::CodecError> for CodecError {
    fn from(error: privity_quotes::CodecError) -> Self {
        use privity_quotes::CodecError as Found;
        match error {
            Found::Truncated { needed } => Self::Truncated { needed },
            Found::Trailing { extra } => Self::Trailing { extra },
            Found::TooLong { what, limit, found } => Self::TooLong { what, limit, found },
            Found::Value(error) => Self::Value(error),
            other => Self::Quote(other),
        }
    }
}

/// Most characters of a token's name.
pub const MAX_NAME: usize = 64;

/// A value with one encoding.
pub trait Codec: Sized {
    /// What it is called in errors.
    const WHAT: &'static str;
    /// Most bytes of an encoding.
    const LIMIT: usize;

    /// Appends the encoding.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads one value off the front.
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

    /// Decodes exactly one value.
    ///
    /// # Errors
    /// [`CodecError`], for bytes over the limit or behind the value too.
    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
        limit(Self::WHAT, Self::LIMIT, bytes.len())?;
        let mut input = Reader::new(bytes);
        let value = Self::read(&mut input)?;
        input.finish()?;
        Ok(value)
    }
}

pub(crate) fn limit(what: &'static str, limit: usize, found: usize) -> Result<(), CodecError> {
    if found > limit { Err(CodecError::TooLong { what, limit, found }) } else { Ok(()) }
}

/// Appends field elements.
pub(crate) fn put(out: &mut Vec<u8>, fields: &[Fr]) {
    for x in fields {
        out.extend_from_slice(&field::to_bytes(x));
    }
}

impl Codec for Proof {
    const WHAT: &'static str = "proof";
    const LIMIT: usize = PROOF_BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&Proof::to_bytes(self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Proof::from_bytes(input.take(PROOF_BYTES)?)?)
    }
}

impl Codec for Signature {
    const WHAT: &'static str = "signature";
    const LIMIT: usize = SIGNATURE_BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&Signature::to_bytes(self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Signature::from_bytes(input.take(SIGNATURE_BYTES)?)?)
    }
}

impl Codec for KeyId {
    const WHAT: &'static str = "key id";
    const LIMIT: usize = 32;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self(input.array()?))
    }
}

/// A name: 1 to [`MAX_NAME`] printable ASCII characters without a space at either end, so that no two names look alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// A name.
    ///
    /// # Errors
    /// [`CodecError::Name`].
    pub fn new(text: &str) -> Result<Self, CodecError> {
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if text.is_empty() || text.len() > MAX_NAME || !printable || text.trim() != text {
            return Err(CodecError::Name);
        }
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Codec for Name {
    const WHAT: &'static str = "name";
    const LIMIT: usize = 1 + MAX_NAME;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.0.len() as u8);
        out.extend_from_slice(self.0.as_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let length = usize::from(input.u8()?);
        let text = std::str::from_utf8(input.take(length)?).map_err(|_| CodecError::Name)?;
        Self::new(text)
    }
}
