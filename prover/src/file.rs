//! Proving keys as bytes.
//!
//! Header: magic (8) ‖ format (4) ‖ name length (1) ‖ name ‖ matrices digest (32) ‖ development (1) ‖ key id (32) ‖ body length (8) ‖
//! SHA-256 of the body (32). Body: verifying key length (4) ‖ verifying key ‖ counts of A, B₁, B₂, H, L (4 each) ‖ β·G₁ ‖ δ·G₁ ‖ A ‖
//! B₁ ‖ H ‖ L ‖ B₂; integers big-endian, points uncompressed. The hash vouches for the points: they are not checked one by one.

use crate::key::Parameters;
use crate::{ProvingKey, SetupError};
use ark_bls12_381::G1Affine;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use privity_circuits::{Fr, r1cs::Shape};
use privity_verifier::{KeyError, KeyId, VerifyingKey};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

pub(crate) const MAGIC: &[u8; 8] = b"PRIVITYP";
pub(crate) const VERSION: u32 = 1;
const G1_BYTES: usize = 96;
const G2_BYTES: usize = 192;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("proving key {}: {problem}", path.display())]
pub struct KeyFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: KeyProblem,
}

/// What is wrong with a key file, and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    /// There is no file.
    #[error("there is none; make it with `privity keys generate`")]
    Missing,
    /// The file starts otherwise.
    #[error("not a proving key; delete it and run `privity keys generate`")]
    NotAKey,
    /// Written by a newer version.
    #[error(
        "format {found}, this version reads {VERSION}; update the software, or delete the file and run `privity keys generate`"
    )]
    Newer {
        /// Format version found.
        found: u32,
    },
    /// Cut off.
    #[error("truncated: {found} bytes of {expected}; delete it and run `privity keys generate`")]
    Truncated {
        /// Bytes expected.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// Bytes after the end.
    #[error("{0} bytes after the end; delete it and run `privity keys generate`")]
    Trailing(u64),
    /// The key of another relation, as after files were swapped.
    #[error(
        "it is the key of {found:?}, not of {expected}; put the files back, or delete it and run `privity keys generate`"
    )]
    Relation {
        /// Relation asked for.
        expected: &'static str,
        /// Relation in the file.
        found: String,
    },
    /// The relation's circuit is another one.
    #[error("it was made for another version of the circuit; delete it and run `privity keys generate`")]
    Matrices,
    /// The header's mark or key id is not that of the key inside.
    #[error("its header does not belong to the key inside; delete it and run `privity keys generate`")]
    Header,
    /// The contents do not have the hash that the header names.
    #[error("damaged: its hash does not match; delete it and run `privity keys generate`")]
    Hash,
    /// The contents are no key of this circuit although the hash matches.
    #[error("the set-up elements do not fit the circuit; delete it and run `privity keys generate`")]
    Elements,
    /// The verifying key inside is refused.
    #[error("{0}; delete it and run `privity keys generate`")]
    VerifyingKey(#[from] KeyError),
    /// Not the key that was pinned.
    #[error("it is key {found}, or its contents, not the pinned one; fetch the published key")]
    NotPinned {
        /// Key id in the file.
        found: KeyId,
    },
    /// Generating the missing key failed.
    #[error(transparent)]
    SetUp(#[from] SetupError),
    /// Reading or writing failed.
    #[error("{0}; check the directory's space and permissions")]
    Io(#[from] std::io::Error),
}

/// A proving key's bytes: header, body, and the body's hash.
pub(crate) struct Encoded {
    pub(crate) header: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) hash: [u8; 32],
}

/// The file of `key`.
pub(crate) fn encode(key: &ProvingKey) -> Encoded {
    let body = encode_body(key);
    let hash: [u8; 32] = Sha256::digest(&body).into();
    let verifying = key.verifying().key();
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_be_bytes());
    header.push(key.relation().len() as u8);
    header.extend(key.relation().as_bytes());
    header.extend(verifying.matrices());
    header.push(u8::from(verifying.is_development()));
    header.extend(key.id().0);
    header.extend((body.len() as u64).to_be_bytes());
    header.extend(hash);
    Encoded { header, body, hash }
}

fn encode_body(key: &ProvingKey) -> Vec<u8> {
    let verifying = key.verifying().key().to_bytes();
    let p = key.parameters();
    let counts = [&p.a_query, &p.b_g1_query].map(Vec::len).into_iter();
    let counts = counts.chain([p.b_g2_query.len(), p.h_query.len(), p.l_query.len()]);
    let mut body = Vec::new();
    body.extend((verifying.len() as u32).to_be_bytes());
    body.extend(verifying);
    counts.for_each(|count| body.extend((count as u32).to_be_bytes()));
    write(&mut body, &[p.beta_g1, p.delta_g1]);
    for query in [&p.a_query, &p.b_g1_query, &p.h_query, &p.l_query] {
        write(&mut body, query);
    }
    write(&mut body, &p.b_g2_query);
    body
}

fn write<P: SWCurveConfig>(body: &mut Vec<u8>, points: &[Affine<P>]) {
    for point in points {
        // Writing into a vector cannot fail.
        let _ = point.serialize_uncompressed(&mut *body);
    }
}

/// The key in `bytes`, which must be `relation`'s and of `shape`; and the body's hash.
pub(crate) fn decode(
    relation: &'static str,
    shape: &Shape,
    bytes: &[u8],
) -> Result<(ProvingKey, [u8; 32]), KeyProblem> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(MAGIC.len()).ok() != Some(MAGIC.as_slice()) {
        return Err(KeyProblem::NotAKey);
    }
    match u32::from_be_bytes(reader.array()?) {
        VERSION => {}
        0 => return Err(KeyProblem::NotAKey),
        found => return Err(KeyProblem::Newer { found }),
    }
    let [length] = reader.array()?;
    let name = reader.take(length.into())?;
    if name != relation.as_bytes() {
        let found = String::from_utf8_lossy(name).into_owned();
        return Err(KeyProblem::Relation { expected: relation, found });
    }
    let matrices: [u8; 32] = reader.array()?;
    if matrices != shape.digest() {
        return Err(KeyProblem::Matrices);
    }
    let [development] = reader.array()?;
    let id = KeyId(reader.array()?);
    let length = u64::from_be_bytes(reader.array()?);
    let hash: [u8; 32] = reader.array()?;
    let found = (bytes.len() - reader.at) as u64;
    if found < length {
        let header = reader.at as u64;
        return Err(KeyProblem::Truncated { expected: header.saturating_add(length), found: header + found });
    }
    if found > length {
        return Err(KeyProblem::Trailing(found - length));
    }
    let body = &bytes[reader.at..];
    if <[u8; 32]>::from(Sha256::digest(body)) != hash {
        return Err(KeyProblem::Hash);
    }
    let (key, parameters) = decode_body(shape, body)?;
    let same = key.id() == id
        && development == u8::from(key.is_development())
        && key.relation() == relation
        && key.matrices() == matrices;
    if !same {
        return Err(KeyProblem::Header);
    }
    Ok((ProvingKey::assemble(shape, parameters, key), hash))
}

fn decode_body(shape: &Shape, body: &[u8]) -> Result<(VerifyingKey, Parameters), KeyProblem> {
    let mut reader = Reader { bytes: body, at: 0 };
    let length = u32::from_be_bytes(reader.array()?) as usize;
    let key = VerifyingKey::from_bytes(reader.take(length)?)?;
    let mut counts = [0; 5];
    for count in &mut counts {
        *count = u32::from_be_bytes(reader.array()?) as usize;
    }
    let [a, b1, b2, h, l] = counts;
    if Some(counts) != expected_counts(shape) || key.num_inputs() != shape.num_inputs {
        return Err(KeyProblem::Elements);
    }
    let fixed = reader.g1(2)?;
    let queries = [reader.g1(a)?, reader.g1(b1)?, reader.g1(h)?, reader.g1(l)?];
    let b_g2_query = points(reader.take(b2 * G2_BYTES)?, G2_BYTES)?;
    if reader.at != body.len() {
        return Err(KeyProblem::Elements);
    }
    let [a_query, b_g1_query, h_query, l_query] = queries;
    let elements = key.elements();
    let vk = ark_groth16::VerifyingKey {
        alpha_g1: elements.alpha,
        beta_g2: elements.beta,
        gamma_g2: elements.gamma,
        delta_g2: elements.delta,
        gamma_abc_g1: elements.ic.clone(),
    };
    let (beta_g1, delta_g1) = (fixed[0], fixed[1]);
    let parameters = Parameters { vk, beta_g1, delta_g1, a_query, b_g1_query, b_g2_query, h_query, l_query };
    Ok((key, parameters))
}

/// Elements of A, B₁, B₂, H, L for a circuit of `shape`.
fn expected_counts(shape: &Shape) -> Option<[usize; 5]> {
    let domain = GeneralEvaluationDomain::<Fr>::new(shape.size())?.size();
    let variables = shape.num_variables;
    Some([variables, variables, variables, domain - 1, variables - shape.num_inputs - 1])
}

fn points<P: SWCurveConfig>(bytes: &[u8], size: usize) -> Result<Vec<Affine<P>>, KeyProblem>
where
    Affine<P>: Send,
{
    let point = |bytes| Affine::<P>::deserialize_uncompressed_unchecked(bytes).map_err(|_| KeyProblem::Elements);
    bytes.par_chunks_exact(size).map(point).collect()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], KeyProblem> {
        let end = self.at + length;
        let (expected, found) = (end as u64, self.bytes.len() as u64);
        let taken = self.bytes.get(self.at..end).ok_or(KeyProblem::Truncated { expected, found })?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], KeyProblem> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn g1(&mut self, count: usize) -> Result<Vec<G1Affine>, KeyProblem> {
        points(self.take(count * G1_BYTES)?, G1_BYTES)
    }
}
