//! Log files, and the offline audit: from a file alone, every proof, signature and rule is checked again and the state rebuilt.
//!
//! A log file is magic (8) ‖ version (4) ‖ genesis length (4) ‖ genesis ‖ records (8) ‖ per record its length (4) and encoding ‖
//! 1 and the last head, or 0 if nobody signed one.

use crate::apply::{ApplyError, Item, apply};
use crate::bytes::{Codec, CodecError, limit};
use crate::check::{Checked, check};
use crate::entry::{EntryBody, Registration};
use crate::genesis::{Genesis, LedgerHash};
use crate::ledger::{last_head, records};
use crate::record::{Head, Record};
use crate::state::{State, state_root};
use crate::store::{MemoryStore, Store, StoreError, Table};
use privity_verifier::{Keys, PreparedKey, Refusal};
use rand::{CryptoRng, RngCore};
use std::io::{self, Read, Write};

/// Format version of log files.
pub const LOG_VERSION: u32 = 1;
const MAGIC: &[u8; 8] = b"PRIVITYL";
/// Records that are verified and written together.
const CHUNK: usize = 256;

/// What an audit found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The ledger.
    pub ledger: LedgerHash,
    /// Records replayed.
    pub records: u64,
    /// Notes in the tree.
    pub notes: u64,
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Hash of the last record.
    pub hash: [u8; 32],
    /// The state root.
    pub state_root: [u8; 32],
    /// The head, signed by an operator key that is active at the end; `None` if nobody signed one.
    pub head: Option<Head>,
}

/// Why a log file is refused.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be read or written.
    #[error("the log file cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// The file's own bytes.
    #[error("the log file is damaged: {0}; export it again")]
    Codec(#[from] CodecError),
    /// A record's bytes.
    #[error("record {position} is damaged: {source}")]
    Record {
        /// Its position.
        position: u64,
        /// What is wrong.
        source: CodecError,
    },
    /// A record breaks a rule.
    #[error("record {position} breaks a rule: {source}")]
    Rule {
        /// Its position.
        position: u64,
        /// The rule.
        source: ApplyError,
    },
    /// A record's proof is false.
    #[error("record {position} has a false proof: {source}")]
    Proof {
        /// Its position.
        position: u64,
        /// Why.
        source: Refusal,
    },
    /// The chain is broken.
    #[error("L10: record {position} does not continue the chain; the log was altered")]
    Chain {
        /// Position of the record that does not fit.
        position: u64,
    },
    /// The head is not of this log, or not signed by an active operator key.
    #[error("L10: the head does not fit the log, or no active operator key signed it")]
    Head,
    /// The store for the replay.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes the whole log of the ledger in `store` as a log file.
///
/// # Errors
/// [`AuditError::Io`] or [`AuditError::Store`].
pub fn export(store: &dyn Store, out: &mut impl Write) -> Result<(), AuditError> {
    let snapshot = store.read()?;
    let state = State::load(&*snapshot)?;
    let genesis = state.genesis().to_bytes();
    out.write_all(MAGIC)?;
    out.write_all(&LOG_VERSION.to_be_bytes())?;
    write_sized(out, &genesis)?;
    out.write_all(&state.position().to_be_bytes())?;
    let mut position = 0;
    while position < state.position() {
        for record in records(&*snapshot, position, CHUNK)? {
            write_sized(out, &record.to_bytes())?;
            position = record.position + 1;
        }
    }
    match last_head(&*snapshot, position)? {
        None => out.write_all(&[0])?,
        Some(head) => {
            out.write_all(&[1])?;
            out.write_all(&head.to_bytes())?;
        }
    }
    Ok(out.flush()?)
}

/// Replays a log file from its genesis in memory and checks every proof, signature, rule and link of the chain.
///
/// # Errors
/// [`AuditError`] with the position of the first record that is wrong.
pub fn audit<G: RngCore + CryptoRng + ?Sized>(file: &mut impl Read, rng: &mut G) -> Result<Report, AuditError> {
    import(file, &MemoryStore::new(), rng)
}

/// As [`audit`], into an empty store, which holds the ledger afterwards. If it fails, discard the store.
///
/// # Errors
/// [`AuditError`]; [`StoreError::Occupied`] if the store holds a ledger.
pub fn import<G: RngCore + CryptoRng + ?Sized>(
    file: &mut impl Read,
    store: &dyn Store,
    rng: &mut G,
) -> Result<Report, AuditError> {
    if take::<8>(file)? != *MAGIC {
        return Err(CodecError::Magic("log file").into());
    }
    let found = u32::from_be_bytes(take(file)?);
    if found != LOG_VERSION {
        return Err(CodecError::Version { what: "log file", found, known: LOG_VERSION }.into());
    }
    let genesis = Genesis::from_bytes(&read_sized(file, Genesis::LIMIT)?)?;
    if store.read()?.get(&Table::Genesis.key(&[]))?.is_some() {
        return Err(StoreError::Occupied.into());
    }
    store.write(&State::found(&genesis))?;
    let count = u64::from_be_bytes(take(file)?);
    let mut replay = Replay { store, keys: Keys::new(), chunk: Vec::new() };
    for position in 0..count {
        let bytes = read_sized(file, Record::LIMIT)?;
        let record = Record::from_bytes(&bytes).map_err(|source| AuditError::Record { position, source })?;
        if record.position != position {
            return Err(AuditError::Chain { position });
        }
        replay.push(record, rng)?;
    }
    replay.settle(rng)?;
    finish(file, store)
}

/// Compares the head with what was replayed.
fn finish(file: &mut impl Read, store: &dyn Store) -> Result<Report, AuditError> {
    let head = match take::<1>(file)? {
        [0] => None,
        [1] => {
            let mut bytes = vec![0; Head::LIMIT];
            file.read_exact(&mut bytes)?;
            Some(Head::from_bytes(&bytes)?)
        }
        [found] => return Err(CodecError::Variant { what: "head mark", found }.into()),
    };
    let mut rest = Vec::new();
    if file.take(1).read_to_end(&mut rest)? > 0 {
        return Err(CodecError::Trailing { extra: 1 }.into());
    }
    if let Some(head) = &head {
        let bytes = head.to_bytes();
        store.write(&[(Table::Head.key(&head.position.to_be_bytes()), bytes)].into())?;
    }
    let snapshot = store.read()?;
    let state = State::load(&*snapshot)?;
    if let Some(head) = &head {
        let key = state.operator(head.operator)?;
        let fits = (head.ledger, head.position, head.time, head.hash)
            == (state.ledger(), state.position(), state.time(), state.hash());
        let signed = matches!(key, Some((key, true)) if head.is_signed_by(&key));
        if !fits || !signed {
            return Err(AuditError::Head);
        }
    }
    Ok(Report {
        ledger: state.ledger(),
        records: state.position(),
        notes: state.notes(),
        time: state.time(),
        hash: state.hash(),
        state_root: state_root(&*snapshot)?,
        head,
    })
}

/// A replay on its way: records that wait to be verified together.
struct Replay<'a> {
    store: &'a dyn Store,
    keys: Keys,
    chunk: Vec<(Record, Item)>,
}

impl Replay<'_> {
    fn push<G: RngCore + CryptoRng + ?Sized>(&mut self, record: Record, rng: &mut G) -> Result<(), AuditError> {
        let position = record.position;
        let item = Item::from_bytes(&record.body).map_err(|source| AuditError::Record { position, source })?;
        // What follows the registration of a key may be proved under it.
        let learned = match &item {
            Item::Entry(entry) => match &entry.body {
                EntryBody::Register(Registration::Key { key, .. }) => Some((**key).clone()),
                _ => None,
            },
            Item::Transaction(_) => None,
        };
        self.chunk.push((record, item));
        if self.chunk.len() >= CHUNK || learned.is_some() {
            self.settle(rng)?;
        }
        if let Some(key) = learned {
            self.keys.insert(PreparedKey::new(key));
        }
        Ok(())
    }

    fn settle<G: RngCore + CryptoRng + ?Sized>(&mut self, rng: &mut G) -> Result<(), AuditError> {
        let (records, items): (Vec<Record>, Vec<Item>) = self.chunk.drain(..).unzip();
        let checked = check(&self.keys, items, rng);
        let changes = {
            let snapshot = self.store.read()?;
            let mut state = State::load(&*snapshot)?;
            for (record, checked) in records.iter().zip(checked) {
                let position = record.position;
                let checked: Checked = checked.map_err(|source| AuditError::Proof { position, source })?;
                if record.previous != state.hash() {
                    return Err(AuditError::Chain { position });
                }
                let receipt =
                    apply(&mut state, &checked, record.time).map_err(|source| AuditError::Rule { position, source })?;
                if receipt.hash != record.hash(state.ledger()) {
                    return Err(AuditError::Chain { position });
                }
            }
            state.into_changes()
        };
        Ok(self.store.write(&changes)?)
    }
}

fn write_sized(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(&(bytes.len() as u32).to_be_bytes())?;
    out.write_all(bytes)
}

fn take<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_sized(file: &mut impl Read, most: usize) -> Result<Vec<u8>, AuditError> {
    let length = u32::from_be_bytes(take(file)?) as usize;
    limit("part of a log file", most, length)?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
