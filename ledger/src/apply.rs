//! Applying one transaction or entry: rules first, then effects, all or nothing (L1).

use crate::bytes::{Codec, CodecError, Reader, limit};
use crate::check::Checked;
use crate::claims::{Encoded, Form, Proofs, Statements};
use crate::context::Kind;
use crate::effects::Effects;
use crate::entry::Entry;
use crate::genesis::LedgerHash;
use crate::record::Record;
use crate::rejection::Rejection;
use crate::rules;
use crate::state::{State, node_key};
use crate::store::{StoreError, Table};
use crate::tender::Tender;
use crate::transaction::{Transaction, TransactionId};
use privity_circuits::tree::Anchor;

/// What the log holds at one position.
#[derive(Clone, Debug)]
pub enum Item<F: Form = Proofs> {
    /// A transaction.
    Transaction(Box<Transaction<F>>),
    /// An entry of the operator.
    Entry(Box<Entry>),
    /// A member's entry about a request for quotation.
    Tender(Box<Tender<F>>),
}

impl<F: Form> Item<F> {
    /// Its identity on `ledger`.
    pub fn id(&self, ledger: LedgerHash) -> TransactionId {
        match self {
            Self::Transaction(transaction) => transaction.id(),
            Self::Entry(entry) => entry.id(ledger),
            Self::Tender(tender) => tender.id(ledger),
        }
    }
}

impl From<Transaction> for Item {
    fn from(transaction: Transaction) -> Self {
        Self::Transaction(Box::new(transaction))
    }
}

impl From<Entry> for Item {
    fn from(entry: Entry) -> Self {
        Self::Entry(Box::new(entry))
    }
}

impl From<Tender> for Item {
    fn from(tender: Tender) -> Self {
        Self::Tender(Box::new(tender))
    }
}

impl Codec for Item {
    const WHAT: &'static str = "transaction or entry";
    const LIMIT: usize = Entry::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Transaction(transaction) => transaction.write(out),
            Self::Entry(entry) => entry.write(out),
            Self::Tender(tender) => tender.write(out),
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Self::decode(input)
    }
}

impl<F: Encoded> Item<F> {
    fn decode(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        match input.peek()? {
            1..=6 => Ok(Self::Transaction(Box::new(Transaction::decode(input)?))),
            7..=10 | 12 => Ok(Self::Entry(Box::new(Codec::read(input)?))),
            11 | 13..=15 => Ok(Self::Tender(Box::new(F::tender(input)?))),
            found => Err(CodecError::Variant { what: "kind of transaction or entry", found }),
        }
    }
}

impl Item<Statements> {
    /// Decodes what a record of the log holds, passing over its proofs: of them the length counts alone.
    ///
    /// # Errors
    /// [`CodecError`], as [`Codec::from_bytes`] for everything but a proof's points.
    pub fn from_log(record: &Record) -> Result<Self, CodecError> {
        limit(Item::<Proofs>::WHAT, Item::<Proofs>::LIMIT, record.body.len())?;
        let mut input = Reader::new(&record.body);
        let item = Self::decode(&mut input)?;
        input.finish()?;
        Ok(item)
    }
}

impl Record {
    /// Kind and identity of what this record of `ledger` holds. What the identity does not need is not decoded: it was checked when it
    /// settled.
    ///
    /// # Errors
    /// [`CodecError`] if the record holds nothing that settles.
    pub fn identity(&self, ledger: LedgerHash) -> Result<(Kind, TransactionId), CodecError> {
        let found = Reader::new(&self.body).peek()?;
        let what = "kind of transaction or entry";
        let kind = *Kind::ALL.get(usize::from(found)).ok_or(CodecError::Variant { what, found })?;
        let id = match found {
            7..=10 | 12 => Entry::id_of_bytes(&self.body, ledger, self.position)?,
            _ => Item::from_log(self)?.id(ledger),
        };
        Ok((kind, id))
    }
}

/// Why nothing was applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A rule of the ledger forbids it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The state could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where and how something settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Position in the log.
    pub position: u64,
    /// Root of the note tree behind it.
    pub anchor: Anchor,
    /// Hash of the log record.
    pub hash: [u8; 32],
    /// What it changed.
    pub effects: Effects,
}

/// Applies `item` at ledger time `now`: pure, no clock, no input or output but reading `state`'s snapshot.
///
/// # Errors
/// The first rule broken, in the order of [`Rejection`]'s list; `state` is unchanged then.
pub fn apply(state: &mut State<'_>, item: &Checked, now: u64) -> Result<Receipt, ApplyError> {
    let effects = validate(state, item, now)?;
    Ok(commit(state, effects, item))
}

/// What `item` would change at ledger time `now`; changes nothing.
///
/// # Errors
/// As [`apply`].
pub fn validate(state: &State<'_>, item: &Checked, now: u64) -> Result<Effects, ApplyError> {
    rules::effects(state, item.item(), item.wire().len(), now)
}

/// What the rules say to `item` before anybody has verified its proofs: a quick refusal of what cannot settle now.
///
/// # Errors
/// As [`apply`].
pub fn screen(state: &State<'_>, item: &Item<Proofs>, now: u64) -> Result<(), ApplyError> {
    rules::effects(state, item, item.to_bytes().len(), now).map(drop)
}

/// Makes `effects`, which [`validate`] has just found for `item` on this very state, so. Cannot fail.
fn commit(state: &mut State<'_>, effects: Effects, item: &Checked) -> Receipt {
    let mut notes = std::mem::take(&mut state.core.notes);
    for leaf in &effects.leaves {
        notes.append(leaf.field(), &mut |(level, index, node)| {
            let value = privity_circuits::field::to_bytes(&node).to_vec();
            state.put(Table::Node, &node_key(level, index), value);
        });
    }
    let (anchor, size) = (notes.root(), notes.size());
    state.core.notes = notes;
    if !effects.leaves.is_empty() {
        state.put(Table::Anchor, &anchor.to_bytes(), size.to_be_bytes().to_vec());
    }
    let position = state.core.position;
    let mark = position.to_be_bytes().to_vec();
    for nullifier in &effects.nullifiers {
        state.put(Table::Nullifier, &nullifier.to_bytes(), Vec::new());
    }
    if let Some(terms) = effects.terms {
        state.put(Table::Terms, &terms.to_bytes(), mark.clone());
    }
    if let Some(issued) = effects.issued {
        state.put(Table::Issued, &issued.to_bytes(), mark.clone());
    }
    if let Some((asset, supply)) = effects.supply {
        state.put(Table::Supply, &asset.to_bytes(), supply.to_be_bytes().to_vec());
    }
    state.put(Table::Identity, &effects.id.0, mark.clone());
    let registry = &effects.registry;
    state.extend(registry.rows.clone());
    if let Some((members, root)) = registry.members {
        (state.core.members, state.core.member_root) = (members, root);
    }
    state.core.policy = registry.policy.unwrap_or(state.core.policy);
    state.core.operators = registry.operators.unwrap_or(state.core.operators);
    state.core.time = effects.time;
    let record = Record { position, time: effects.time, previous: state.core.hash, body: item.wire().to_vec() };
    let hash = record.hash(state.ledger());
    state.put(Table::Record, &mark, record.to_bytes());
    (state.core.position, state.core.hash) = (position + 1, hash);
    Receipt { position, anchor, hash, effects }
}
