//! Acknowledgements that are remembered: whoever repeats a request under its key learns what became of the first one.
//!
//! A memo is written with what settles, in one write, so that neither is there without the other. It is no part of the state: the
//! state root does not cover it, a replay does not make it, and it is forgotten once it is due.

use crate::bytes::{Codec, CodecError, Reader};
use crate::record::Head;
use crate::state::State;
use crate::store::{StoreError, Table};
use crate::transaction::TransactionId;
use privity_circuits::tree::Anchor;

/// What a request is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memo {
    /// Whose request, and which: a hash that callers cannot make collide.
    pub key: [u8; 32],
    /// What was requested: a hash of all of it.
    pub digest: [u8; 32],
    /// Until when it is remembered at least, Unix seconds.
    pub until: u64,
}

/// Where and how something settled, in the words of a receipt that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// What settled.
    pub id: TransactionId,
    /// Position in the log.
    pub position: u64,
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Root of the note tree behind it.
    pub anchor: Anchor,
    /// Hash of the log record.
    pub hash: [u8; 32],
    /// Length of the log in the first signed head that covers it; `None` if this process signs none.
    pub head: Option<u64>,
}

impl Codec for Acknowledgement {
    const WHAT: &'static str = "acknowledgement";
    const LIMIT: usize = 32 + 8 + 8 + 32 + 32 + 8;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id.0);
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.anchor.to_bytes());
        out.extend_from_slice(&self.hash);
        // A head that covers something is not of an empty log.
        out.extend_from_slice(&self.head.unwrap_or(0).to_be_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            id: TransactionId(input.array()?),
            position: input.u64()?,
            time: input.u64()?,
            anchor: Anchor::new(input.field()?),
            hash: input.array()?,
            head: Some(input.u64()?).filter(|head| *head > 0),
        })
    }
}

impl State<'_> {
    /// The head of the log at this length, if one was signed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn head_at(&self, length: u64) -> Result<Option<Head>, StoreError> {
        self.get(Table::Head, &length.to_be_bytes(), Head::read)
    }

    /// What was acknowledged to the request that `memo` is of; `Some(None)` if the key belongs to another request.
    pub(crate) fn recall(&self, memo: &Memo) -> Result<Option<Option<Acknowledgement>>, StoreError> {
        self.get(Table::Memo, &memo.key, |input| {
            let (digest, told): ([u8; 32], _) = (input.array()?, Acknowledgement::read(input)?);
            Ok((digest == memo.digest).then_some(told))
        })
    }

    pub(crate) fn remember(&mut self, memo: &Memo, told: &Acknowledgement) {
        let value = [memo.digest.as_slice(), &told.to_bytes()].concat();
        self.put(Table::Memo, &memo.key, value);
        self.put(Table::MemoUntil, &[memo.until.to_be_bytes().as_slice(), &memo.key].concat(), Vec::new());
    }
}

/// The keys of up to `most` memos that are due at `now`, and of their rows by time.
pub(crate) fn due(snapshot: &dyn crate::store::Read, now: u64, most: usize) -> Result<Vec<Vec<u8>>, StoreError> {
    let (mut keys, mut count) = (Vec::new(), 0);
    let prefix = Table::MemoUntil.key(&[]);
    snapshot.scan(&prefix, &mut |key, _| {
        let own = key.strip_prefix(prefix.as_slice()).and_then(|own| own.split_first_chunk());
        let Some((until, memo)) = own.filter(|(until, _)| u64::from_be_bytes(**until) <= now && count < most) else {
            return false;
        };
        let _: &[u8; 8] = until;
        keys.push(key.to_vec());
        keys.push(Table::Memo.key(memo));
        count += 1;
        true
    })?;
    Ok(keys)
}
