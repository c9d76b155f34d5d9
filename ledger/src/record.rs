//! The log: hash-chained records and heads that the operator signs (L10).

use crate::bytes::{Codec, CodecError, Reader};
use crate::entry::entry_message;
use crate::genesis::LedgerHash;
use crate::transaction::Transaction;
use privity_circuits::Fr;
use privity_circuits::keys::{PublicKey, SignerId};
use privity_circuits::schnorr::Signature;
use sha2::{Digest, Sha256};

/// One position of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Position, from 0.
    pub position: u64,
    /// Ledger time at which it settled, Unix seconds.
    pub time: u64,
    /// Hash of the record before; the ledger's hash at position 0.
    pub previous: [u8; 32],
    /// The encoded transaction or entry.
    pub body: Vec<u8>,
}

impl Record {
    /// SHA-256(label ‖ ledger id ‖ position ‖ time ‖ previous ‖ SHA-256(body)).
    pub fn hash(&self, ledger: LedgerHash) -> [u8; 32] {
        let hash = Sha256::new()
            .chain_update(b"privity.record.v1")
            .chain_update(ledger.0)
            .chain_update(self.position.to_be_bytes())
            .chain_update(self.time.to_be_bytes())
            .chain_update(self.previous)
            .chain_update(Sha256::digest(&self.body));
        hash.finalize().into()
    }
}

impl Codec for Record {
    const WHAT: &'static str = "log record";
    const LIMIT: usize = 64 + (1 << 16);

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.previous);
        out.extend_from_slice(&(self.body.len() as u32).to_be_bytes());
        out.extend_from_slice(&self.body);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (position, time, previous) = (input.u64()?, input.u64()?, input.array()?);
        let length = input.u32()? as usize;
        crate::bytes::limit("log record", 1 << 16, length)?;
        Ok(Self { position, time, previous, body: input.take(length)?.to_vec() })
    }
}

/// The log up to a position, signed by the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ledger.
    pub ledger: LedgerHash,
    /// Records in the log.
    pub position: u64,
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Hash of the last record.
    pub hash: [u8; 32],
    /// Signer id of the operator key.
    pub operator: SignerId,
    /// By that key on [`Head::message`], prefix its signer id.
    pub signature: Signature,
}

/// Two heads that cannot both be honest, each signed by the operator: the evidence of a split view.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitView {
    /// The heads are of two ledgers, so they say nothing about each other.
    #[error("L10: the heads are of different ledgers; compare heads of one ledger")]
    OtherLedger,
    /// One position, two histories.
    #[error(
        "L10: two histories of the same length; the operator shows different logs to different parties, publish both heads"
    )]
    Forked,
    /// Time ran backwards between the heads.
    #[error("L10: the longer log has the earlier time; the operator shows different logs, publish both heads")]
    Time,
    /// The records do not lead from the shorter head to the longer one.
    #[error("L10: record {position} does not continue the log of the shorter head; publish both heads and the records")]
    Broken {
        /// Position of the first record that does not fit.
        position: u64,
    },
}

impl Head {
    /// H(ENTRY; truncated SHA-256(label ‖ ledger id ‖ position ‖ time ‖ hash)), which the operator signs.
    pub fn message(ledger: LedgerHash, position: u64, time: u64, hash: &[u8; 32]) -> Fr {
        let digest = Sha256::new()
            .chain_update(b"privity.head.v1")
            .chain_update(ledger.0)
            .chain_update(position.to_be_bytes())
            .chain_update(time.to_be_bytes())
            .chain_update(hash);
        entry_message(&digest.finalize().into())
    }

    /// Whether `key` is the operator that the head names and signed it.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let message = Self::message(self.ledger, self.position, self.time, &self.hash);
        SignerId::of(key) == self.operator && self.signature.verify(key, self.operator.field(), message)
    }

    /// Whether `self` and a later or equally long `other` are of one history; `between` are the records from `self.position` to
    /// `other.position`. Signatures are the caller's to check.
    ///
    /// # Errors
    /// [`SplitView`].
    pub fn leads_to<'a>(&self, other: &Self, between: impl IntoIterator<Item = &'a Record>) -> Result<(), SplitView> {
        if self.ledger != other.ledger {
            return Err(SplitView::OtherLedger);
        }
        if self.time > other.time {
            return Err(SplitView::Time);
        }
        let (mut position, mut hash, mut time) = (self.position, self.hash, self.time);
        for record in between {
            if record.position != position || record.previous != hash || record.time < time {
                return Err(SplitView::Broken { position });
            }
            (position, hash, time) = (position + 1, record.hash(self.ledger), record.time);
        }
        if position != other.position {
            return Err(SplitView::Broken { position });
        }
        if hash == other.hash && time == other.time { Ok(()) } else { Err(SplitView::Forked) }
    }
}

impl Codec for Head {
    const WHAT: &'static str = "head";
    const LIMIT: usize = 32 + 8 + 8 + 32 + 32 + Signature::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ledger.0);
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.hash);
        out.extend_from_slice(&self.operator.to_bytes());
        self.signature.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            ledger: LedgerHash(input.array()?),
            position: input.u64()?,
            time: input.u64()?,
            hash: input.array()?,
            operator: SignerId::new(input.field()?),
            signature: Codec::read(input)?,
        })
    }
}

const _: () = assert!(<Transaction as Codec>::LIMIT <= 1 << 16);
