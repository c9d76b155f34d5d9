//! Proving keys as bytes.
//!
//! Header: magic (8) ‖ format (4) ‖ name length (1) ‖ name ‖ matrices digest (32) ‖ development (1) ‖ key id (32) ‖ body length (8) ‖
//! hash of the body (32). Body: verifying key length (4) ‖ fast form (4; 0 or 1) ‖ domain size (8) ‖ verifying key ‖ β·G₁, δ·G₁ ‖ A ‖ B₁ ‖
//! H ‖ L ‖ (fast form: linear ‖ coset) ‖ B₂. Header, verifying key and each query are padded with zeros to 64 bytes; their lengths follow from
//! circuit and domain. Integers are big-endian; points are their coordinates' Montgomery limbs, little-endian, all zero for the identity.
//!
//! The hash is SHA-256 over the SHA-256 of each MiB, so that it is computed in parallel. It vouches for the points: they are not checked one
//! by one.

use crate::engine::queries::Queries;
use crate::engine::rows::Rows;
use crate::key::{Parameters, SetUp};
use crate::points::{self, Coordinate, Raw};
use crate::{ProvingKey, SetupError};
use ark_bls12_381::{G1Affine, G2Affine};
use ark_ec::short_weierstrass::Affine;
use privity_arith::ntt::Domain;
use privity_circuits::r1cs::Shape;
use privity_verifier::{KeyError, KeyId, VerifyingKey};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

pub(crate) const MAGIC: &[u8; 8] = b"PRIVITYP";
pub(crate) const VERSION: u32 = 2;
/// Alignment of header and queries.
const ALIGN: usize = 64;
/// Bytes hashed at once.
const CHUNK: usize = 1 << 20;

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
    /// Written by an earlier version.
    #[error(
        "format {found} of an earlier version, this version reads {VERSION}; delete it and run `privity keys generate`"
    )]
    Older {
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
    let hash = hash(&body);
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
    pad(&mut header);
    Encoded { header, body, hash }
}

fn hash(body: &[u8]) -> [u8; 32] {
    let chunks: Vec<_> = body.par_chunks(CHUNK).map(Sha256::digest).collect();
    Sha256::digest(chunks.concat()).into()
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
}

fn encode_body(key: &ProvingKey) -> Vec<u8> {
    let verifying = key.verifying().key().to_bytes();
    let p = key.parameters();
    let mut body = Vec::new();
    body.extend((verifying.len() as u32).to_be_bytes());
    body.extend(u32::from(key.is_fast()).to_be_bytes());
    body.extend((key.domain().size() as u64).to_be_bytes());
    body.extend(verifying);
    pad(&mut body);
    let mut write = |points: &[G1Affine]| {
        points::write(&mut body, points);
        pad(&mut body);
    };
    for query in [&[p.beta_g1, p.delta_g1], &p.a_query[..], &p.b_g1_query, &p.h_query, &p.l_query] {
        write(query);
    }
    if let Some(queries) = key.queries() {
        write(&queries.linear);
        write(&queries.coset);
    }
    points::write(&mut body, &p.b_g2_query);
    pad(&mut body);
    body
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
        found @ ..VERSION => return Err(KeyProblem::Older { found }),
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
    let expected: [u8; 32] = reader.array()?;
    reader.align().map_err(|problem| match problem {
        KeyProblem::Elements => KeyProblem::Header,
        other => other,
    })?;
    let found = (bytes.len() - reader.at) as u64;
    if found < length {
        let header = reader.at as u64;
        return Err(KeyProblem::Truncated { expected: header.saturating_add(length), found: header + found });
    }
    if found > length {
        return Err(KeyProblem::Trailing(found - length));
    }
    let body = &bytes[reader.at..];
    if hash(body) != expected {
        return Err(KeyProblem::Hash);
    }
    let (key, rows, setup) = decode_body(shape, body)?;
    let same = key.id() == id
        && development == u8::from(key.is_development())
        && key.relation() == relation
        && key.matrices() == matrices;
    if !same {
        return Err(KeyProblem::Header);
    }
    Ok((ProvingKey::assemble(rows, setup, key), expected))
}

fn decode_body(shape: &Shape, body: &[u8]) -> Result<(VerifyingKey, Rows, SetUp), KeyProblem> {
    let mut reader = Reader { bytes: body, at: 0 };
    let length = u32::from_be_bytes(reader.array()?) as usize;
    let fast = u32::from_be_bytes(reader.array()?);
    let size = usize::try_from(u64::from_be_bytes(reader.array()?)).ok();
    let key = VerifyingKey::from_bytes(reader.take(length)?)?;
    reader.align()?;
    let domain = size.filter(|size| *size >= shape.size()).and_then(Domain::of_size).ok_or(KeyProblem::Elements)?;
    if fast > 1 || key.num_inputs() != shape.num_inputs {
        return Err(KeyProblem::Elements);
    }
    let (variables, aux) = (shape.num_variables, shape.num_variables - shape.num_inputs - 1);
    let fixed: Vec<G1Affine> = reader.points(2)?;
    let [a, b1, h, l] = [variables, variables, domain.size() - 1, aux];
    let [a_query, b_g1_query] = [reader.points(a)?, reader.points(b1)?];
    let [h_query, l_query] = [reader.points(h)?, reader.points(l)?];
    let queries = match fast {
        0 => None,
        _ => Some(Queries { linear: reader.points(variables)?, coset: reader.points(domain.size())? }),
    };
    let b_g2_query: Vec<G2Affine> = reader.points(variables)?;
    if reader.at != body.len() {
        return Err(KeyProblem::Elements);
    }
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
    Ok((key, Rows::new(shape), SetUp { domain, parameters, queries }))
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

    /// Skips padding, which must be 0.
    fn align(&mut self) -> Result<(), KeyProblem> {
        let padding = self.take(self.at.next_multiple_of(ALIGN) - self.at)?;
        if padding.iter().any(|byte| *byte != 0) { Err(KeyProblem::Elements) } else { Ok(()) }
    }

    fn points<P: Raw>(&mut self, count: usize) -> Result<Vec<Affine<P>>, KeyProblem>
    where
        P::BaseField: Coordinate,
    {
        let points = points::read(self.take(count * P::BYTES)?).ok_or(KeyProblem::Elements)?;
        self.align()?;
        Ok(points)
    }
}
