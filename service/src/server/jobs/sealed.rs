//! A witness that leaves memory: sealed to the workers' key, so that a shared queue holds what only a worker reads.
//!
//! HPKE base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305; info = `privity.job.v1`, aad = job id ‖ 0 ‖ relation's
//! name, so that a box opens for the job that it was sealed for and no other.

use super::job::JobId;
use super::wire::{MAX_PAIR_BYTES, Relation, Secret};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use rand::{CryptoRng, RngCore};
use std::fmt;
use zeroize::Zeroizing;

const INFO: &[u8] = b"privity.job.v1";
/// Bytes that sealing adds: encapsulated key and tag.
const SEAL_BYTES: usize = 48;

type Encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey;
type Private = <X25519HkdfSha256 as Kem>::PrivateKey;
type Public = <X25519HkdfSha256 as Kem>::PublicKey;

/// Why a box cannot be made or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The workers' public key is unusable.
    #[error("the workers' key is no X25519 key of large order; publish the one that the workers have")]
    Key,
    /// Sealed to another key, for another job, or changed.
    #[error("the box does not open; it is for another worker or another job, or was changed: resubmit the job")]
    Closed,
}

/// The key of the workers that share a queue; overwritten when dropped, never printed.
pub struct WorkerKey {
    private: Private,
    public: [u8; 32],
}

impl WorkerKey {
    /// The key of these 32 random bytes.
    ///
    /// # Errors
    /// [`SealError::Key`] never, in practice: every 32 bytes are a private key.
    pub fn from_bytes(bytes: &Zeroizing<[u8; 32]>) -> Result<Self, SealError> {
        let private = Private::from_bytes(bytes.as_slice()).map_err(|_| SealError::Key)?;
        let public = X25519HkdfSha256::sk_to_pk(&private).to_bytes().into();
        Ok(Self { private, public })
    }

    /// What witnesses are sealed to.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }
}

impl fmt::Debug for WorkerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WorkerKey(redacted)")
    }
}

/// A sealed witness: the only form in which a queue outside this process may hold one.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    relation: Relation,
    bytes: Vec<u8>,
}

impl Sealed {
    /// Seals a pair for a job. All boxes of one relation have one length, whatever the branch proved.
    ///
    /// # Errors
    /// [`SealError::Key`] if the workers' key is of small order.
    pub fn seal<R: RngCore + CryptoRng>(
        secret: &Secret,
        job: &JobId,
        workers: &[u8; 32],
        rng: &mut R,
    ) -> Result<Self, SealError> {
        let relation = secret.relation();
        let workers = Public::from_bytes(workers).map_err(|_| SealError::Key)?;
        let (key, mut context) = hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &workers,
            INFO,
            rng,
        )
        .map_err(|_| SealError::Key)?;
        let mut padded = Zeroizing::new(Vec::with_capacity(4 + MAX_PAIR_BYTES));
        let length = u32::try_from(secret.bytes().len()).map_err(|_| SealError::Closed)?;
        padded.extend_from_slice(&length.to_be_bytes());
        padded.extend_from_slice(secret.bytes());
        padded.resize(4 + MAX_PAIR_BYTES, 0);
        let mut bytes = key.to_bytes().to_vec();
        bytes.extend(context.seal(&padded, &aad(job, relation)).map_err(|_| SealError::Key)?);
        Ok(Self { relation, bytes })
    }

    /// Opens the box as a worker.
    ///
    /// # Errors
    /// [`SealError::Closed`].
    pub fn open(&self, job: &JobId, key: &WorkerKey) -> Result<Secret, SealError> {
        let closed = |_| SealError::Closed;
        let (head, body) = self.bytes.split_at_checked(32).ok_or(SealError::Closed)?;
        let head = Encapsulated::from_bytes(head).map_err(closed)?;
        let mut context = hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            &key.private,
            &head,
            INFO,
        )
        .map_err(closed)?;
        let padded = Zeroizing::new(context.open(body, &aad(job, self.relation)).map_err(closed)?);
        let (length, rest) = padded.split_first_chunk::<4>().ok_or(SealError::Closed)?;
        let length = u32::from_be_bytes(*length) as usize;
        let bytes = rest.get(..length).ok_or(SealError::Closed)?;
        Ok(Secret::from_bytes(self.relation, Zeroizing::new(bytes.to_vec())))
    }

    /// Of which relation.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The box, for a queue's row.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A box from a queue's row.
    ///
    /// # Errors
    /// [`SealError::Closed`] for another length.
    pub fn from_bytes(relation: Relation, bytes: Vec<u8>) -> Result<Self, SealError> {
        let fits = bytes.len() == SEAL_BYTES + 4 + MAX_PAIR_BYTES;
        if fits { Ok(Self { relation, bytes }) } else { Err(SealError::Closed) }
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed<{}>({} bytes)", self.relation, self.bytes.len())
    }
}

fn aad(job: &JobId, relation: Relation) -> Vec<u8> {
    [job.as_str(), "\0", relation.name()].concat().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::jobs::wire::Pair;
    use privity_circuits::mint::Mint;
    use privity_testkit::{rng, samples};

    #[test]
    fn opens_for_the_workers_and_the_job_alone() {
        let mut rng = rng(1);
        let (statement, witness) = (samples::mint::subject().valid)(&mut rng);
        let secret = Pair::<Mint> { statement, witness }.secret(Relation::Mint);
        let key = WorkerKey::from_bytes(&Zeroizing::new([7; 32])).unwrap();
        let job = JobId::fresh(1);
        let sealed = Sealed::seal(&secret, &job, &key.public(), &mut rng).unwrap();
        let blinding = &secret.bytes()[secret.bytes().len() - 32..];
        assert!(!sealed.bytes().windows(32).any(|window| window == blinding));
        let again = Sealed::from_bytes(Relation::Mint, sealed.bytes().to_vec()).unwrap();
        assert_eq!(again.open(&job, &key).unwrap().bytes(), secret.bytes());

        let stranger = WorkerKey::from_bytes(&Zeroizing::new([8; 32])).unwrap();
        assert_eq!(sealed.open(&job, &stranger).unwrap_err(), SealError::Closed);
        assert_eq!(sealed.open(&JobId::fresh(1), &key).unwrap_err(), SealError::Closed);
        let other = Sealed { relation: Relation::Price, ..sealed.clone() };
        assert_eq!(other.open(&job, &key).unwrap_err(), SealError::Closed);
        for at in [0, 31, 32, sealed.bytes.len() - 1] {
            let mut bytes = sealed.bytes.clone();
            bytes[at] ^= 1;
            assert_eq!(Sealed { bytes, ..sealed.clone() }.open(&job, &key).unwrap_err(), SealError::Closed);
        }
        assert_eq!(Sealed::seal(&secret, &job, &[0; 32], &mut rng).unwrap_err(), SealError::Key);
        assert_eq!(Sealed::from_bytes(Relation::Mint, vec![0; 47]), Err(SealError::Closed));
        assert!(!format!("{sealed:?} {key:?} {secret:?}").contains('['));
    }
}
