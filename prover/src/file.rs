//! Proving keys as files.
//!
//! Header: magic (8) ‖ format (4) ‖ name length (1) ‖ name ‖ matrices digest (32) ‖ development (1) ‖ key id (32) ‖ body length (8) ‖
//! hash of the body (32), integers big-endian, padded with zeros to 64 bytes. [`body`](crate::body) follows.
//!
//! The hash is SHA-256 over the SHA-256 of each MiB, so that it is computed in parallel. It vouches for matrices and points: neither are
//! checked one by one.

use crate::body::{self, Reader};
use crate::problem::KeyProblem;
use crate::stored::Bytes;
use crate::{Lanes, ProvingKey, TableSetting};
use privity_verifier::KeyId;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

pub(crate) const MAGIC: &[u8; 8] = b"PRIVITYP";
pub(crate) const VERSION: u32 = 3;
/// Bytes hashed at once.
const CHUNK: usize = 1 << 20;

/// A proving key's bytes: header, body, and the body's hash.
pub(crate) struct Encoded {
    pub(crate) header: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) hash: [u8; 32],
}

/// The file of `key`, with the copies of its bases that `tables` asks for, computed on `lanes`.
pub(crate) fn encode(key: &ProvingKey, tables: TableSetting, lanes: Lanes) -> Encoded {
    let body = body::encode(key, tables, lanes);
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
    body::pad(&mut header);
    Encoded { header, body, hash }
}

fn hash(body: &[u8]) -> [u8; 32] {
    let chunks: Vec<_> = body.par_chunks(CHUNK).map(Sha256::digest).collect();
    Sha256::digest(chunks.concat()).into()
}

/// The key id that the header gives, if there is one of this version.
pub(crate) fn key_id(bytes: &[u8]) -> Option<KeyId> {
    let mut reader = Reader::new(bytes, 0);
    let known = reader.take(MAGIC.len()).ok()? == MAGIC && u32::from_be_bytes(reader.array().ok()?) == VERSION;
    let [length] = reader.array().ok()?;
    // The name, the digest of the matrices, the mark.
    reader.take(usize::from(length) + 32 + 1).ok()?;
    reader.array().ok().filter(|_| known).map(KeyId)
}

/// The key in `file`, which must be `relation`'s with these matrices; and the body's hash.
pub(crate) fn decode(
    relation: &'static str,
    matrices: [u8; 32],
    file: Bytes,
) -> Result<(ProvingKey, [u8; 32]), KeyProblem> {
    let bytes = (*file).as_ref();
    let mut reader = Reader::new(bytes, 0);
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
    let found: [u8; 32] = reader.array()?;
    let [development] = reader.array()?;
    let id = KeyId(reader.array()?);
    if found != matrices {
        return Err(KeyProblem::Matrices { found: id });
    }
    let length = u64::from_be_bytes(reader.array()?);
    let expected: [u8; 32] = reader.array()?;
    reader.align().map_err(|problem| match problem {
        KeyProblem::Elements => KeyProblem::Header,
        other => other,
    })?;
    let start = reader.at();
    let rest = (bytes.len() - start) as u64;
    if rest < length {
        return Err(KeyProblem::Truncated {
            expected: (start as u64).saturating_add(length),
            found: start as u64 + rest,
        });
    }
    if rest > length {
        return Err(KeyProblem::Trailing(rest - length));
    }
    if hash(&bytes[start..]) != expected {
        return Err(KeyProblem::Hash);
    }
    let key = body::decode(&file, start)?;
    let same = key.id() == id
        && development == u8::from(key.verifying().key().is_development())
        && key.relation() == relation
        && key.verifying().key().matrices() == matrices;
    if same { Ok((key, expected)) } else { Err(KeyProblem::Header) }
}
