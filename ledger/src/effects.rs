//! What a transaction or an entry changes.

use crate::entry::EntryBody;
use crate::store::Changes;
use crate::transaction::TransactionId;
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::capacity::Issued;
use privity_circuits::note::{Commitment, Nullifier};
use privity_circuits::terms::TermsId;
use privity_circuits::tree::Anchor;

/// Value that left the pool in the open; the ledger keeps no balances, whoever honours it reads the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Whom it is for: a signer id, or 0 if it was burnt.
    pub recipient: Fr,
    /// The token.
    pub asset: AssetId,
    /// Minor units.
    pub value: u64,
}

/// All that settling one transaction or entry changes; found without changing anything, committed without failing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// Its identity.
    pub id: TransactionId,
    /// Ledger time from now on, Unix seconds.
    pub time: u64,
    /// Nullifiers that are spent, dummies included.
    pub nullifiers: Vec<Nullifier>,
    /// Leaves that are appended, in order.
    pub leaves: Vec<Commitment>,
    /// Position of the first leaf.
    pub first_leaf: u64,
    /// A deal's terms.
    pub terms: Option<TermsId>,
    /// An attestation's serial.
    pub issued: Option<Issued>,
    /// A token's supply from now on, minor units.
    pub supply: Option<(AssetId, u128)>,
    /// What leaves in the open.
    pub withdrawal: Option<Withdrawal>,
    /// An entry's contents.
    pub entry: Option<EntryBody>,
    pub(crate) registry: Registry,
}

/// What an entry changes in the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Registry {
    /// Rows to replace.
    pub rows: Changes,
    /// Leaves of the member tree ever taken, and its root.
    pub members: Option<(u32, Anchor)>,
    /// The fee policy's id.
    pub policy: Option<Fr>,
    /// Active operator keys.
    pub operators: Option<u32>,
}

impl Effects {
    pub(crate) fn none(id: TransactionId, time: u64, first_leaf: u64) -> Self {
        Self {
            id,
            time,
            nullifiers: Vec::new(),
            leaves: Vec::new(),
            first_leaf,
            terms: None,
            issued: None,
            supply: None,
            withdrawal: None,
            entry: None,
            registry: Registry::default(),
        }
    }
}
