//! Where a ledger's state and log lie.
//!
//! A [`Store`] is an ordered map from keys to values. Its semantics, which the ledger relies on and the tests attack:
//!
//! - **atomic**: after a [`Store::write`] either all of its rows are there or none, whatever fails in between;
//! - **durable**: once `write` returned `Ok`, the rows survive a crash of process and machine; after `Err` they may be there or
//!   not, and the store must be opened again before it is trusted;
//! - **ordered**: writes take effect in the order in which they return; a snapshot shows all writes that returned before it and
//!   none that began after it;
//! - **exclusive**: one process at a time; a second one is refused with [`StoreError::InUse`];
//! - **append-mostly**: rows are added or replaced; only memos, of which nothing else speaks, are ever removed.
//!
//! # Layout
//!
//! A key is one byte for the table and the table's own key, big-endian; values are encoded as on the wire. A 2→3 transfer adds three
//! leaves and on average one inner node (38 bytes each), two nullifiers (33), an anchor (41), its identity (41) and its log record
//! (61 bytes and the transaction's 2 394): 2 755 bytes before the pages of the B-tree.
//!
//! | table | key → value |
//! | --- | --- |
//! | 1, 2 | genesis; core: time, position, log hash, members, member root, policy, operators, frontier |
//! | 3 | level ‖ index of a complete node of the note tree → node |
//! | 4 | historic root → leaves of the tree then |
//! | 5 | nullifier → nothing |
//! | 6, 7, 8 | transaction id, terms, `issued` → log position |
//! | 9 | asset → supply (16 bytes) |
//! | 10, 11, 14, 15 | signer → key, active; token → issuer, active, name; certifier → approved; operator → key, active |
//! | 12, 13 | key id → end; key id → verifying key |
//! | 16, 17 | member → leaf, active, changes, signer, next signer, since; signer → its member |
//! | 18, 19 | level ‖ index of the member tree → node; member root → accepted until |
//! | 20 | policy id → accepted until, policy |
//! | 21, 22 | rfq hash → position, time, quotes, exclusions, secret, award, RFQ; kind ‖ P_rfq or operator key → its RFQ |
//! | 23, 24, 25 | rfq hash ‖ index of a quote → log position; rfq hash ‖ supplier → index; rfq hash ‖ quote id → index |
//! | 26, 27 | rfq hash ‖ index of an exclusion → log position, quote id; member → when a signer took over by delay alone |
//! | 30, 31 | log position → record; log length → signed head |
//! | 40, 41 | memo → digest of the request, acknowledgement; time ‖ memo → nothing |

mod memory;
mod redb;

pub use self::redb::{Options, RedbStore};
pub use memory::MemoryStore;

use std::collections::BTreeMap;

/// Format version of stores.
pub const STORE_VERSION: u32 = 1;

/// A row: key and value.
pub type Row = (Vec<u8>, Vec<u8>);

/// Rows to add or replace, by key.
pub type Changes = BTreeMap<Vec<u8>, Vec<u8>>;

/// Why a store does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process, or another part of this one, has the store open.
    #[error("the store is open elsewhere; stop the other process, one at a time may use a store")]
    InUse,
    /// Written by a newer library.
    #[error("the store has format {found}, this library reads {STORE_VERSION}; update the library")]
    Newer {
        /// Format found.
        found: u32,
    },
    /// Written by an older library.
    #[error(
        "the store has format {found}, this library reads {STORE_VERSION}; export its log with the library that wrote it and import it"
    )]
    Older {
        /// Format found.
        found: u32,
    },
    /// There is a ledger already.
    #[error("the store holds a ledger already; open it, or choose another file")]
    Occupied,
    /// There is no ledger.
    #[error("the store holds no ledger; create one, or import a log")]
    Empty,
    /// Not what this library writes.
    #[error("the store is damaged: {0}; restore it from a log export")]
    Damaged(String),
    /// The machine refuses: disk full, no permission, input or output failed. Nothing that was acknowledged is lost.
    #[error("the store cannot be read or written: {0}; mend the cause and open the store again")]
    Io(String),
}

/// What lies under one first byte of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Table {
    Genesis = 1,
    Core = 2,
    Node = 3,
    Anchor = 4,
    Nullifier = 5,
    Identity = 6,
    Terms = 7,
    Issued = 8,
    Supply = 9,
    Signer = 10,
    Token = 11,
    KeyEnd = 12,
    Key = 13,
    Certifier = 14,
    Operator = 15,
    Member = 16,
    MemberSigner = 17,
    MemberNode = 18,
    MemberRoot = 19,
    Policy = 20,
    Rfq = 21,
    RfqKey = 22,
    Quote = 23,
    Bidder = 24,
    QuoteIndex = 25,
    Exclusion = 26,
    Takeover = 27,
    Record = 30,
    Head = 31,
    Memo = 40,
    MemoUntil = 41,
}

impl Table {
    /// The store key of `key` in this table.
    pub(crate) fn key(self, key: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(1 + key.len());
        out.push(self as u8);
        out.extend_from_slice(key);
        out
    }

    /// Whether a ledger's state root covers this table; the log has its own chain, and memos are nobody's state.
    pub(crate) fn is_state(first: u8) -> bool {
        first < Self::Record as u8
    }
}

/// A snapshot of a store.
pub trait Read {
    /// The value of `key`.
    ///
    /// # Errors
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits rows in the order of their keys, from `from` on, until `visit` says false.
    ///
    /// # Errors
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    fn scan(&self, from: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError>;

    /// The row with the greatest key below `key`.
    ///
    /// # Errors
    /// [`StoreError::Io`] or [`StoreError::Damaged`].
    fn before(&self, key: &[u8]) -> Result<Option<Row>, StoreError>;
}

/// An ordered map that keeps what it acknowledged; see the module for its semantics.
pub trait Store: Send + Sync {
    /// A snapshot.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError>;

    /// Writes all rows durably, or none.
    ///
    /// # Errors
    /// [`StoreError::Io`]; open the store again then.
    fn write(&self, changes: &Changes) -> Result<(), StoreError>;

    /// Removes rows, all or none; a store that cannot, keeps them.
    ///
    /// # Errors
    /// [`StoreError::Io`]; open the store again then.
    fn remove(&self, keys: &[Vec<u8>]) -> Result<(), StoreError> {
        let _ = keys;
        Ok(())
    }
}
