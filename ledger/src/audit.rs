//! Log files, and the offline audit: from a file alone, every proof, signature and rule is checked again and the state rebuilt.
//!
//! A log file is magic (8) ‖ version (4) ‖ genesis length (4) ‖ genesis ‖ records (8) ‖ per record its length (4) and encoding ‖
//! 1 and the last head, or 0 if nobody signed one.

use crate::apply::{ApplyError, Item, apply};
use crate::bytes::{Codec, CodecError, limit};
use crate::check::{CheckError, Checked, check};
use crate::entry::{EntryBody, Registration};
use crate::genesis::{Genesis, LedgerHash};
use crate::ledger::{last_head, records};
use crate::record::{Head, Record};
use crate::state::{State, state_root};
use crate::store::{self, MemoryStore, Store, StoreError, Table};
use crate::tender::Tender;
use privity_verifier::{Keys, PreparedKey};
use rand::rngs::OsRng;
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
    /// The last head, of the whole log or of its beginning, signed by an operator key; `None` if nobody signed one.
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
        source: CheckError,
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
    match last_head(&*snapshot)? {
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

/// Replays records behind what `store` holds; the keys known then.
pub(crate) fn replay(store: &dyn Store, keys: Keys, records: Vec<Record>) -> Result<Keys, AuditError> {
    let first = {
        let snapshot = store.read()?;
        State::load(&*snapshot)?.position()
    };
    let mut replay = Replay { store, keys, chunk: Vec::new() };
    for (position, record) in (first..).zip(records) {
        if record.position != position {
            return Err(AuditError::Chain { position });
        }
        replay.push(record, &mut OsRng)?;
    }
    replay.settle(&mut OsRng)?;
    Ok(replay.keys)
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
    if let Some(head) = &head
        && !holds(head, &*snapshot, &state)?
    {
        return Err(AuditError::Head);
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

/// Whether `head` is of this log, at its end or before, and signed by an operator key: by an active one if it is of the end. That a
/// key was revoked later does not make an earlier head untrue.
fn holds(head: &Head, snapshot: &dyn store::Read, state: &State<'_>) -> Result<bool, StoreError> {
    let ended = head.position == state.position();
    let (time, hash) = if ended {
        (state.time(), state.hash())
    } else {
        let first = head.position.saturating_sub(1);
        let mut around = records(snapshot, first, (head.position - first) as usize + 1)?;
        let Some(next) = around.pop().filter(|next| next.position == head.position) else { return Ok(false) };
        (around.pop().map_or(state.genesis().time, |last| last.time), next.previous)
    };
    let fits = (head.ledger, head.time, head.hash) == (state.ledger(), time, hash);
    let key = state.operator(head.operator)?.filter(|(_, active)| *active || !ended);
    Ok(fits && key.is_some_and(|(key, _)| head.is_signed_by(&key)))
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
        // Exclusions and awards are about what is in the log.
        let judges = |tender: &Tender| matches!(tender, Tender::Exclude { .. } | Tender::Award { .. });
        if matches!(&item, Item::Tender(tender) if judges(tender)) {
            self.settle(rng)?;
        }
        let asks = matches!(&item, Item::Tender(tender) if matches!(**tender, Tender::Rfq { .. }));
        // What follows the registration of a key may be proved under it, what follows a request may answer it.
        let learned = match &item {
            Item::Entry(entry) => match &entry.body {
                EntryBody::Register(Registration::Key { key, .. }) => Some((**key).clone()),
                _ => None,
            },
            Item::Transaction(_) | Item::Tender(_) => None,
        };
        self.chunk.push((record, item));
        if self.chunk.len() >= CHUNK || learned.is_some() || asks {
            self.settle(rng)?;
        }
        if let Some(key) = learned {
            self.keys.insert(PreparedKey::new(key));
        }
        Ok(())
    }

    fn settle<G: RngCore + CryptoRng + ?Sized>(&mut self, rng: &mut G) -> Result<(), AuditError> {
        let (records, items): (Vec<Record>, Vec<Item>) = self.chunk.drain(..).unzip();
        let changes = {
            let snapshot = self.store.read()?;
            let mut state = State::load(&*snapshot)?;
            let checked = check(&state, &self.keys, items, rng);
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
