//! The JSON forms of what a ledger holds. Field elements, hashes and amounts are texts, positions and times are numbers.

use super::super::problem::Problem;
use crate::files;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_circuits::{Fr, field};
use privity_ledger::{Acknowledgement, Codec, Head, Ledger, LedgerHash, Record};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One position of the log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EntryView {
    /// Position, from 0.
    pub position: u64,
    /// Ledger time at which it settled, Unix seconds.
    pub time: u64,
    /// `issue`, `mint`, `transfer`, `swap`, `deal`, `release`, or the kind of an entry.
    #[schema(example = "transfer")]
    pub kind: String,
    /// Its identity, hexadecimal.
    pub id: String,
    /// Hash of the record before, hexadecimal.
    pub previous: String,
    /// Hash of this record, hexadecimal.
    pub hash: String,
    /// The canonical bytes of the transaction or entry, base64.
    pub body: String,
}

impl EntryView {
    /// Of a record.
    ///
    /// # Errors
    /// The decoder's, which is the store's damage.
    pub fn new(record: &Record, ledger: LedgerHash) -> Result<Self, Problem> {
        let (kind, id) = record.identity(ledger)?;
        Ok(Self {
            position: record.position,
            time: record.time,
            kind: format!("{kind:?}").to_lowercase(),
            id: id.to_string(),
            previous: files::hex(&record.previous),
            hash: files::hex(&record.hash(ledger)),
            body: STANDARD.encode(&record.body),
        })
    }
}

/// The log up to a length, signed by the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeadView {
    /// The ledger, hexadecimal.
    pub ledger: String,
    /// Records in the log.
    pub length: u64,
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Hash of the last record, hexadecimal.
    pub hash: String,
    /// Signer id of the operator key.
    pub operator: String,
    /// By that key, hexadecimal.
    pub signature: String,
    /// The canonical bytes of all this, base64, as `privity ledger head --compare` reads them.
    pub encoded: String,
}

impl From<&Head> for HeadView {
    fn from(head: &Head) -> Self {
        Self {
            ledger: head.ledger.to_string(),
            length: head.position,
            time: head.time,
            hash: files::hex(&head.hash),
            operator: head.operator.to_string(),
            signature: files::hex(&head.signature.to_bytes()),
            encoded: STANDARD.encode(head.to_bytes()),
        }
    }
}

/// Where and how something settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettledView {
    /// Its identity, hexadecimal.
    pub id: String,
    /// Position in the log.
    pub position: u64,
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Root of the note tree behind it.
    pub root: String,
    /// Hash of its record, hexadecimal.
    pub hash: String,
    /// The first signed head that covers it; absent if this node signs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadView>,
}

impl SettledView {
    /// Of an acknowledgement.
    ///
    /// # Errors
    /// The store's.
    pub fn new(told: &Acknowledgement, ledger: &Ledger) -> Result<Self, Problem> {
        let head = told.head.map(|length| ledger.head_at(length)).transpose()?.flatten();
        Ok(Self {
            id: told.id.to_string(),
            position: told.position,
            time: told.time,
            root: told.anchor.to_string(),
            hash: files::hex(&told.hash),
            head: head.as_ref().map(HeadView::from),
        })
    }
}

/// The siblings on the way from a leaf to the root, leaves first, three per level.
pub fn siblings<const D: usize>(siblings: &[[Fr; 3]; D]) -> Vec<[String; 3]> {
    siblings.iter().map(|level| level.each_ref().map(field::to_hex)).collect()
}
