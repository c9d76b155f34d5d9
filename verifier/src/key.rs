//! Verifying keys: their id, their bytes, and what is refused at load.

use crate::Pairings;
use crate::groth16::{Elements, G1Affine, G2Affine};
use crate::pairing::{Library, check_g1, check_g2, with_library};
use crate::point::{self, G1_BYTES, G2_BYTES, PointError};
use alloc::string::String;
use alloc::vec::Vec;
use ark_ec::AffineRepr;
use sha2::{Digest, Sha256};

/// Most public inputs of a relation.
pub const MAX_INPUTS: usize = 1024;
/// Most bytes of a relation's name.
pub const MAX_NAME: usize = 64;

const MAGIC: &[u8; 8] = b"PRIVITYV";
const VERSION: u16 = 1;

/// SHA-256 over label ‖ SHA-256(relation name) ‖ matrices digest ‖ development mark ‖ inputs ‖ points.
///
/// The only name of a relation's version: another circuit, another set-up or another mark gives another id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 32]);

impl core::fmt::Display for KeyId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl core::str::FromStr for KeyId {
    type Err = KeyError;

    /// Parses 64 lower-case hexadecimal digits.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Ok(digit - b'0'),
            b'a'..=b'f' => Ok(digit - b'a' + 10),
            _ => Err(KeyError::Id),
        };
        if text.len() != 64 {
            return Err(KeyError::Id);
        }
        let mut id = [0; 32];
        for (byte, pair) in id.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(id))
    }
}

/// Why a verifying key is refused. A refused key is never repaired: get the published one, or make a new set-up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no key id.
    #[error("a key id is 64 lower-case hexadecimal digits")]
    Id,
    /// The bytes do not start as a verifying key does.
    #[error("not a verifying key of Privity; fetch the published file again")]
    NotAKey,
    /// Written by a newer version of the library.
    #[error("verifying key of format {found}, this library reads {VERSION}; update the library")]
    Version {
        /// Format version found.
        found: u16,
    },
    /// Truncated, or followed by other bytes.
    #[error("verifying key of {expected} bytes, found {found}; fetch the published file again")]
    Length {
        /// Bytes that the header announces.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// The relation's name is empty, too long or not of a–z, 0–9, `.`, `-`.
    #[error("a relation's name has 1 to {MAX_NAME} characters of a-z, 0-9, '.', '-', as transfer.v1")]
    Name,
    /// The development mark is neither 0 nor 1.
    #[error("the development mark is neither 0 nor 1; fetch the published file again")]
    Mark,
    /// More public inputs than [`MAX_INPUTS`].
    #[error("a key takes at most {MAX_INPUTS} public inputs, found {found}")]
    Inputs {
        /// Public inputs announced.
        found: usize,
    },
    /// IC does not have one element per public input and one for the constant.
    #[error("IC has {found} elements, the relation needs {expected}; the key is of another shape")]
    IcLength {
        /// Public inputs + 1.
        expected: usize,
        /// Elements found.
        found: usize,
    },
    /// An element is no point of its group.
    #[error("{element} of the verifying key: {source}; fetch the published key again")]
    Point {
        /// α, β, γ, δ or IC.
        element: &'static str,
        /// What is wrong with it.
        source: PointError,
    },
    /// An element is the identity.
    #[error("{element} of the verifying key is the identity; proofs under it can be forged")]
    Identity {
        /// α, β, γ, δ or IC.
        element: &'static str,
    },
    /// δ = ±γ.
    #[error("delta = ±gamma: phase 2 of the set-up was skipped and anyone can forge (A = alpha, B = beta, C = -IC(x))")]
    DeltaIsGamma,
    /// β = ±γ or ±δ: two of the equation's three terms become one.
    #[error("beta = ±{element}: anyone can forge (C = 0 or ∓alpha makes the right side one pairing)")]
    BetaIs {
        /// γ or δ.
        element: &'static str,
    },
    /// α or β is ± the generator of its group.
    #[error("{element} = ± the generator: phase 1 of the set-up was skipped and a·b = c is proved for no gate")]
    Phase1 {
        /// α or β.
        element: &'static str,
    },
    /// δ = ± the generator of G₂.
    #[error("delta = ± the generator: phase 2 of the set-up was skipped and anyone can forge")]
    DeltaIsGenerator,
}

/// Whether `name` may name a relation: 1 to [`MAX_NAME`] characters of a–z, 0–9, `.`, `-`, the first a letter.
pub fn is_relation_name(name: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-');
    name.len() <= MAX_NAME
        && name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase())
        && name.bytes().all(allowed)
}

/// A verifying key that passed every check of the protocol's section 7.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    relation: String,
    matrices: [u8; 32],
    development: bool,
    elements: Elements,
    id: KeyId,
}

impl VerifyingKey {
    /// A key for `relation` with `inputs` public inputs, whose matrices have the digest `matrices`. `development` marks a set-up that
    /// one party made alone and could have kept the trapdoor of; a production ledger refuses it.
    ///
    /// # Errors
    /// [`KeyError`]: off-curve, off-subgroup or identity elements, two of β, γ, δ equal up to sign, α, β or δ = ± the generator, a
    /// wrong IC length, a bad name.
    pub fn new(
        relation: &str,
        matrices: [u8; 32],
        development: bool,
        inputs: usize,
        elements: Elements,
    ) -> Result<Self, KeyError> {
        if !is_relation_name(relation) {
            return Err(KeyError::Name);
        }
        if inputs > MAX_INPUTS {
            return Err(KeyError::Inputs { found: inputs });
        }
        check(inputs, &elements)?;
        let id = key_id(relation, &matrices, development, &elements);
        Ok(Self { relation: relation.into(), matrices, development, elements, id })
    }

    /// Magic (8) ‖ format (2) ‖ name length (1) ‖ name ‖ matrices digest (32) ‖ development (1) ‖ inputs (4) ‖ α ‖ β ‖ γ ‖ δ ‖ IC,
    /// integers big-endian, points compressed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        bytes.push(self.relation.len() as u8);
        bytes.extend_from_slice(self.relation.as_bytes());
        bytes.extend_from_slice(&self.matrices);
        bytes.push(u8::from(self.development));
        bytes.extend_from_slice(&(self.num_inputs() as u32).to_be_bytes());
        bytes.extend_from_slice(&point_bytes(&self.elements));
        bytes
    }

    /// Decodes what [`to_bytes`](Self::to_bytes) writes and nothing else.
    ///
    /// # Errors
    /// [`KeyError`], as [`new`](Self::new), and for a foreign, newer, truncated or overlong file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(MAGIC.len()).ok() != Some(MAGIC.as_slice()) {
            return Err(KeyError::NotAKey);
        }
        let version = u16::from_be_bytes(reader.array()?);
        if version != VERSION {
            return Err(KeyError::Version { found: version });
        }
        let [length] = reader.array()?;
        let name = core::str::from_utf8(reader.take(length.into())?).map_err(|_| KeyError::Name)?;
        let matrices = reader.array()?;
        let development = match reader.array()? {
            [0] => false,
            [1] => true,
            _ => return Err(KeyError::Mark),
        };
        let inputs = u32::from_be_bytes(reader.array()?) as usize;
        if inputs > MAX_INPUTS {
            return Err(KeyError::Inputs { found: inputs });
        }
        let expected = reader.at + G1_BYTES + 3 * G2_BYTES + (inputs + 1) * G1_BYTES;
        if bytes.len() != expected {
            return Err(KeyError::Length { expected, found: bytes.len() });
        }
        let elements = Elements {
            alpha: reader.g1("alpha")?,
            beta: reader.g2("beta")?,
            gamma: reader.g2("gamma")?,
            delta: reader.g2("delta")?,
            ic: (0..=inputs).map(|_| reader.g1("IC")).collect::<Result<_, _>>()?,
        };
        Self::new(name, matrices, development, inputs, elements)
    }

    /// The relation's name and version, as `transfer.v1`.
    pub fn relation(&self) -> &str {
        &self.relation
    }

    /// Digest of the relation's matrices.
    pub fn matrices(&self) -> [u8; 32] {
        self.matrices
    }

    /// Whether one party made the set-up alone.
    pub fn is_development(&self) -> bool {
        self.development
    }

    /// Public inputs, the constant 1 not counted.
    pub fn num_inputs(&self) -> usize {
        self.elements.ic.len() - 1
    }

    /// The key's id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The group elements.
    pub fn elements(&self) -> &Elements {
        &self.elements
    }
}

impl core::fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "VerifyingKey({}, {})", self.relation, self.id)
    }
}

fn check(inputs: usize, key: &Elements) -> Result<(), KeyError> {
    if key.ic.len() != inputs + 1 {
        return Err(KeyError::IcLength { expected: inputs + 1, found: key.ic.len() });
    }
    let g1 = |element, point: &G1Affine| {
        check_g1(point).map_err(|source| KeyError::Point { element, source })?;
        if point.is_zero() {
            return Err(KeyError::Identity { element });
        }
        Ok(())
    };
    let g2 = |element, point: &G2Affine| {
        check_g2(point).map_err(|source| KeyError::Point { element, source })?;
        if point.is_zero() {
            return Err(KeyError::Identity { element });
        }
        Ok(())
    };
    g1("alpha", &key.alpha)?;
    g2("beta", &key.beta)?;
    g2("gamma", &key.gamma)?;
    g2("delta", &key.delta)?;
    key.ic.iter().try_for_each(|point| g1("IC", point))?;
    independent(key)
}

/// No two of β, γ, δ are equal up to sign, and what a phase of the set-up draws is not left at the generator.
fn independent(key: &Elements) -> Result<(), KeyError> {
    let same = |one: G2Affine, other: G2Affine| one == other || one == -other;
    let (g1, g2) = (G1Affine::generator(), G2Affine::generator());
    if same(key.delta, key.gamma) {
        return Err(KeyError::DeltaIsGamma);
    }
    if same(key.delta, g2) {
        return Err(KeyError::DeltaIsGenerator);
    }
    for (point, element) in [(key.gamma, "gamma"), (key.delta, "delta")] {
        if same(key.beta, point) {
            return Err(KeyError::BetaIs { element });
        }
    }
    if key.alpha == g1 || key.alpha == -g1 {
        return Err(KeyError::Phase1 { element: "alpha" });
    }
    if same(key.beta, g2) { Err(KeyError::Phase1 { element: "beta" }) } else { Ok(()) }
}

fn key_id(relation: &str, matrices: &[u8; 32], development: bool, elements: &Elements) -> KeyId {
    let hasher = Sha256::new()
        .chain_update(b"privity.v1 key")
        .chain_update(Sha256::digest(relation))
        .chain_update(matrices)
        .chain_update([u8::from(development)])
        .chain_update((elements.ic.len() as u32 - 1).to_be_bytes())
        .chain_update(point_bytes(elements));
    KeyId(hasher.finalize().into())
}

fn point_bytes(key: &Elements) -> Vec<u8> {
    let mut bytes = point::encode(&key.alpha);
    for point in [&key.beta, &key.gamma, &key.delta] {
        bytes.extend(point::encode(point));
    }
    for point in &key.ic {
        bytes.extend(point::encode(point));
    }
    bytes
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], KeyError> {
        let end = self.at + length;
        let taken = self.bytes.get(self.at..end).ok_or(KeyError::Length { expected: end, found: self.bytes.len() })?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], KeyError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn g1(&mut self, element: &'static str) -> Result<G1Affine, KeyError> {
        let bytes = self.take(G1_BYTES)?;
        with_library!(Pairings::FASTEST, L => L::g1(bytes)).map_err(|source| KeyError::Point { element, source })
    }

    fn g2(&mut self, element: &'static str) -> Result<G2Affine, KeyError> {
        let bytes = self.take(G2_BYTES)?;
        with_library!(Pairings::FASTEST, L => L::g2(bytes)).map_err(|source| KeyError::Point { element, source })
    }
}
