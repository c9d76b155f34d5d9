//! How values without a text form of their own stand in the encrypted state.

use crate::delivery::{MEMO_TEXT_BYTES, Memo};
use crate::hex;
use crate::tree::{NoteTree, Root};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::Owner;
use privity_circuits::note::Note;
use privity_circuits::release::{Claim, Holding};
use privity_circuits::tree::Anchor;
use privity_ledger::tree::Frontier;
use privity_ledger::{LedgerHash, TransactionId};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Serializes through a record type that mirrors the value.
macro_rules! through {
    ($module:ident, $value:ty, $record:ty) => {
        pub(crate) mod $module {
            use super::*;

            pub(crate) fn serialize<S: Serializer>(value: &$value, serializer: S) -> Result<S::Ok, S::Error> {
                <$record>::from(value).serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$value, D::Error> {
                <$record>::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
            }
        }
    };
}

through!(note, Note, NoteRecord);
through!(claim, Claim, ClaimRecord);
through!(holding, Holding, HoldingRecord);
through!(tree, NoteTree, TreeRecord);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoteRecord {
    asset: AssetId,
    value: u64,
    unlock: u64,
    owner: Owner,
    #[serde(with = "hex::field")]
    blinding: Fr,
}

impl From<&Note> for NoteRecord {
    fn from(note: &Note) -> Self {
        let Note { asset, value, unlock, owner, blinding } = *note;
        Self { asset, value, unlock, owner, blinding }
    }
}

impl From<NoteRecord> for Note {
    fn from(record: NoteRecord) -> Self {
        let NoteRecord { asset, value, unlock, owner, blinding } = record;
        Self { asset, value, unlock, owner, blinding }
    }
}

/// What a release claims, as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "branch")]
enum ClaimRecord {
    Delivered { delivered: u64, time: u64, last: bool },
    Lapsed,
    Awarded { pay: u64, used: u64 },
    Agreed { pay: u64, used: u64 },
}

impl From<&Claim> for ClaimRecord {
    fn from(claim: &Claim) -> Self {
        match *claim {
            Claim::Delivered { delivered, time, last } => Self::Delivered { delivered, time, last },
            Claim::Lapsed => Self::Lapsed,
            Claim::Awarded { pay, used } => Self::Awarded { pay, used },
            Claim::Agreed { pay, used } => Self::Agreed { pay, used },
        }
    }
}

impl From<ClaimRecord> for Claim {
    fn from(record: ClaimRecord) -> Self {
        match record {
            ClaimRecord::Delivered { delivered, time, last } => Self::Delivered { delivered, time, last },
            ClaimRecord::Lapsed => Self::Lapsed,
            ClaimRecord::Awarded { pay, used } => Self::Awarded { pay, used },
            ClaimRecord::Agreed { pay, used } => Self::Agreed { pay, used },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldingRecord {
    done: u64,
    payment: u64,
    capacity: u64,
}

impl From<&Holding> for HoldingRecord {
    fn from(holding: &Holding) -> Self {
        let Holding { done, payment, capacity } = *holding;
        Self { done, payment, capacity }
    }
}

impl From<HoldingRecord> for Holding {
    fn from(record: HoldingRecord) -> Self {
        let HoldingRecord { done, payment, capacity } = record;
        Self { done, payment, capacity }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeRecord {
    #[serde(with = "hex::codec")]
    frontier: Frontier,
    nodes: Vec<(u8, u32, Anchor)>,
    tracked: Vec<u32>,
    hour_size: u64,
    hour_anchor: Anchor,
}

impl From<&NoteTree> for TreeRecord {
    fn from(tree: &NoteTree) -> Self {
        let nodes = tree.nodes.iter().map(|((level, index), value)| (*level, *index, Anchor::new(*value)));
        Self {
            frontier: tree.frontier.clone(),
            nodes: nodes.collect(),
            tracked: tree.tracked.iter().copied().collect(),
            hour_size: tree.hour.size,
            hour_anchor: tree.hour.anchor,
        }
    }
}

impl From<TreeRecord> for NoteTree {
    fn from(record: TreeRecord) -> Self {
        let nodes = record.nodes.into_iter().map(|(level, index, value)| ((level, index), value.field()));
        let hour = Root { size: record.hour_size, anchor: record.hour_anchor };
        Self::from_parts(record.frontier, nodes.collect(), record.tracked.into_iter().collect(), hour)
    }
}

impl Serialize for Memo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let end = self.bytes().iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        serializer.serialize_str(&hex::encode(&self.bytes()[..end]))
    }
}

impl<'de> Deserialize<'de> for Memo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).filter(|bytes| bytes.len() <= MEMO_TEXT_BYTES);
        let bytes = bytes.ok_or_else(|| D::Error::custom("expected a memo in lower-case hexadecimal digits"))?;
        Memo::new(&bytes).map_err(D::Error::custom)
    }
}

/// 32-byte digests of the ledger.
macro_rules! digest {
    ($module:ident, $value:ident) => {
        pub(crate) mod $module {
            use super::*;

            pub(crate) fn serialize<S: Serializer>(value: &$value, serializer: S) -> Result<S::Ok, S::Error> {
                hex::array::serialize(&value.0, serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$value, D::Error> {
                hex::array::deserialize(deserializer).map($value)
            }
        }
    };
}

digest!(transaction, TransactionId);
digest!(ledger, LedgerHash);
