//! Scanning: which leaves of the log are ours, which were spent, what became of our deals.
//!
//! A recipient's ciphertext is tried with every viewing key. A sender's copy is tried only where a viewing key recognises one of its
//! own nullifiers, and in kinds without nullifiers: that costs nothing for strangers' transactions.

use crate::delivery::{Channel, Memo};
use crate::escrow::{Seen, Tracked, claim_of_memo, free_of_charge};
use crate::history::{self, Line, Reference};
use crate::record;
use crate::tree::NoteTree;
use crate::view::full_hour;
use crate::viewing::ViewingKey;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::Owner;
use privity_circuits::note::{Note, Nullifier};
use privity_circuits::price::{self, Deal};
use privity_circuits::release::Claim;
use privity_circuits::terms::{Policy, TermsId};
use privity_ledger::context::Kind;
use privity_ledger::{
    Body, Claim as _, CodecError, Delivery, EntryBody, Genesis, Item, LedgerHash, Record, Statements, Transaction,
    TransactionId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A note of one of the scanner's accounts.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnNote {
    /// Whose it is: the account's index.
    pub account: u32,
    /// The note.
    #[serde(with = "record::note")]
    pub note: Note,
    /// Its leaf.
    pub position: u32,
    /// What came with it.
    pub memo: Memo,
    /// Ledger time at which it was made.
    pub received: u64,
    /// Ledger time at which it was spent.
    pub spent: Option<u64>,
}

redacted!(OwnNote);

/// Everything that viewing keys read out of a ledger.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scanned {
    #[serde(with = "record::ledger")]
    pub(crate) ledger: LedgerHash,
    #[serde(with = "record::tree")]
    pub(crate) tree: NoteTree,
    pub(crate) notes: Vec<OwnNote>,
    pub(crate) deals: BTreeMap<TermsId, Tracked>,
    unexplained: Vec<Seen>,
    pub(crate) history: Vec<Line>,
    pub(crate) time: u64,
    /// The fee policy in force, to tell a deal's fee.
    policy: Policy,
    /// Log position of the next record.
    position: u64,
    /// Hash of the last record.
    #[serde(with = "crate::hex::array")]
    hash: [u8; 32],
}

/// Reads a ledger's transactions in order with viewing keys.
pub struct Scanner {
    pub(crate) channel: Channel,
    keys: BTreeMap<u32, ViewingKey>,
    nullifiers: HashMap<Nullifier, usize>,
    pub(crate) state: Scanned,
}

redacted!(Scanned, Scanner);

/// What a transaction meant to the scanner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Notes received.
    pub received: usize,
    /// Notes spent.
    pub spent: usize,
    /// A deal of ours, made or released.
    pub deal: Option<TermsId>,
    /// A release of ours that needs evidence to be understood.
    pub unexplained: bool,
}

/// Why a log record was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Not the next record.
    #[error("log record {found} where {expected} is next; feed the log in its order, without gaps")]
    Position {
        /// Position of the next record.
        expected: u64,
        /// Position found.
        found: u64,
    },
    /// The record does not follow the last one that was read.
    #[error(
        "log record {0} does not follow the record before it: this is another ledger, or its operator shows a second log"
    )]
    Chain(u64),
    /// Ledger time went back.
    #[error("ledger time {found} comes after {last}; the log is not the ledger's")]
    Time {
        /// Time of the record before.
        last: u64,
        /// Time found.
        found: u64,
    },
    /// The record's body is no transaction and no entry.
    #[error("log record: {0}")]
    Codec(#[from] CodecError),
}

/// Notes that a transaction made for us, by leaf.
type Found = BTreeMap<usize, (u32, Note, Memo)>;

impl Scanner {
    /// An empty scanner for the ledger of `genesis`.
    pub fn new(genesis: &Genesis, keys: impl IntoIterator<Item = (u32, ViewingKey)>) -> Self {
        let ledger = genesis.ledger();
        let state = Scanned {
            ledger,
            tree: NoteTree::default(),
            notes: Vec::new(),
            deals: BTreeMap::new(),
            unexplained: Vec::new(),
            history: Vec::new(),
            time: genesis.time,
            policy: genesis.policy.clone(),
            position: 0,
            hash: ledger.0,
        };
        Self::resume(state, keys)
    }

    /// A scanner that goes on where `state` ended.
    pub fn resume(state: Scanned, keys: impl IntoIterator<Item = (u32, ViewingKey)>) -> Self {
        let keys: BTreeMap<u32, ViewingKey> = keys.into_iter().collect();
        let nullifiers = state.notes.iter().enumerate().filter_map(|(index, own)| {
            let key = keys.get(&own.account)?;
            Some((own.note.nullifier(key.nullifier_key(), own.position), index))
        });
        let nullifiers = nullifiers.collect();
        Self { channel: Channel::new(&state.ledger.0), keys, nullifiers, state }
    }

    /// Notes of one's own, spent ones too.
    pub fn notes(&self) -> &[OwnNote] {
        &self.state.notes
    }

    /// Deals that a viewing key's owner is a party to.
    pub fn deals(&self) -> &BTreeMap<TermsId, Tracked> {
        &self.state.deals
    }

    /// What happened, in the order of the log.
    pub fn history(&self) -> &[Line] {
        &self.state.history
    }

    /// The note tree as far as it was read.
    pub fn tree(&self) -> &NoteTree {
        &self.state.tree
    }

    /// Ledger time of the last transaction read.
    pub fn time(&self) -> u64 {
        self.state.time
    }

    /// Unspent value per asset.
    pub fn balances(&self) -> BTreeMap<AssetId, u128> {
        let mut sums = BTreeMap::new();
        for own in self.state.notes.iter().filter(|own| own.spent.is_none()) {
            *sums.entry(own.note.asset).or_default() += u128::from(own.note.value);
        }
        sums
    }

    /// The notes among `deliveries` that are sealed to one of the viewing keys and open their commitment; by index.
    pub fn open(&self, deliveries: &[Delivery<'_>]) -> Vec<(usize, u32, Note, Memo)> {
        let mut found = Vec::new();
        for (index, delivery) in deliveries.iter().enumerate() {
            for (account, key) in &self.keys {
                let opened =
                    self.channel.open_note(key.delivery_key(), key.owner, delivery.output, &delivery.recipient.0);
                if let Some(opened) = opened {
                    found.push((index, *account, opened.note, opened.memo));
                    break;
                }
            }
        }
        found
    }

    /// Log position of the next record to read.
    pub fn position(&self) -> u64 {
        self.state.position
    }

    /// Whether `record` is the next one of the log; its item.
    ///
    /// # Errors
    /// [`ScanError`].
    pub(crate) fn decode(&self, record: &Record) -> Result<Item<Statements>, ScanError> {
        let (expected, found) = (self.state.position, record.position);
        if found != expected {
            return Err(ScanError::Position { expected, found });
        }
        if record.previous != self.state.hash {
            return Err(ScanError::Chain(found));
        }
        if record.time < self.state.time {
            return Err(ScanError::Time { last: self.state.time, found: record.time });
        }
        Ok(Item::from_log(record)?)
    }

    /// Reads the next record of the log.
    ///
    /// # Errors
    /// [`ScanError`]; nothing was changed then.
    pub fn read(&mut self, record: &Record) -> Result<Report, ScanError> {
        let item = self.decode(record)?;
        Ok(self.advance(record, &item))
    }

    /// Takes an item that [`Scanner::decode`] gave.
    pub(crate) fn advance(&mut self, record: &Record, item: &Item<Statements>) -> Report {
        if full_hour(record.time) > full_hour(self.state.time) {
            self.state.tree.remember_hour();
        }
        self.state.time = record.time;
        self.state.position += 1;
        self.state.hash = record.hash(self.state.ledger);
        match item {
            Item::Transaction(transaction) => self.apply(record.time, transaction),
            Item::Entry(entry) => {
                if let EntryBody::Policy(policy) = &entry.body {
                    self.state.policy = policy.clone();
                }
                Report::default()
            }
            Item::Tender(_) => Report::default(),
        }
    }

    fn apply(&mut self, time: u64, transaction: &Transaction<Statements>) -> Report {
        let (id, first) = (transaction.id(), self.state.tree.size() as u32);
        let mut report = Report::default();
        let mut lines = Lines::new(time, id, transaction.kind());

        let spent = self.mark_spent(transaction, time, &mut lines);
        report.spent = spent;
        let (leaves, deliveries) = (transaction.leaves(), transaction.deliveries());
        let (mut found, hints) = self.read_deliveries(transaction.kind(), spent, &deliveries, &leaves);
        match &transaction.body {
            Body::Deal { price, .. } => {
                let envelopes = &transaction.ciphertexts.envelopes;
                report.deal = self.follow_deal(price.statement(), envelopes, first, &mut found, &mut lines);
            }
            Body::Release { release } => {
                let x = release.statement();
                let seen = Seen {
                    time,
                    transaction: id,
                    nullifier: x.nullifier,
                    now: x.now,
                    outputs: [x.out_supplier, x.out_buyer, x.out_capacity, x.out_pair],
                    first,
                };
                self.follow_release(seen, &hints, &mut found, &mut lines, &mut report);
            }
            _ => {}
        }
        report.received = found.len();
        // A deal's pair is its first leaf, what a release leaves is its last; of a release not understood, any may turn out ours.
        let pair = report.deal.map(|_| if transaction.kind() == Kind::Deal { 0 } else { leaves.len() - 1 });
        let all = report.unexplained || !self.state.unexplained.is_empty();
        for (index, leaf) in leaves.iter().enumerate() {
            self.state.tree.append(*leaf, all || pair == Some(index) || found.contains_key(&index));
        }
        for (leaf, (account, note, memo)) in found {
            self.keep(account, note, first + leaf as u32, memo, time, &mut lines);
        }
        self.state.history.extend(lines.finish());
        report
    }

    /// Files evidence of a deal, so that a release which the ledger holds already is understood.
    ///
    /// Returns whether it explained one.
    pub fn add_claim(&mut self, terms: TermsId, claim: Claim) -> bool {
        let Some(deal) = self.state.deals.get_mut(&terms) else { return false };
        let entry = crate::escrow::ClaimEntry(claim);
        if !deal.claims.contains(&entry) {
            deal.claims.push(entry);
        }
        let mut explained = false;
        // One release explained may be what another one follows.
        while let Some((seen, notes, mut lines)) = self.next_explained() {
            for (leaf, (account, note, memo)) in notes {
                self.keep(account, note, seen.first + leaf as u32, memo, seen.time, &mut lines);
            }
            self.state.history.extend(lines.finish());
            explained = true;
        }
        explained
    }

    /// Takes the first release off the unexplained ones that can be explained now.
    fn next_explained(&mut self) -> Option<(Seen, Found, Lines)> {
        for index in 0..self.state.unexplained.len() {
            let seen = self.state.unexplained[index].clone();
            let mut lines = Lines::new(seen.time, seen.transaction, Kind::Release);
            if let Some(notes) = self.explain(&seen, &[], &mut lines) {
                self.state.unexplained.remove(index);
                return Some((seen, notes, lines));
            }
        }
        None
    }

    /// Attaches the ERP's ids to a deal's lines.
    pub fn set_reference(&mut self, terms: TermsId, reference: &Reference) {
        for line in self.state.history.iter_mut().filter(|line| line.terms == Some(terms)) {
            line.reference = reference.clone();
        }
    }

    fn mark_spent(&mut self, transaction: &Transaction<Statements>, time: u64, lines: &mut Lines) -> usize {
        let mut count = 0;
        for nullifier in transaction.spends().iter().flat_map(|spend| spend.nullifiers) {
            let Some(own) = self.nullifiers.get(nullifier).and_then(|index| self.state.notes.get_mut(*index)) else {
                continue;
            };
            own.spent = Some(time);
            lines.add(own.account, own.note.asset, -i128::from(own.note.value));
            self.state.tree.forget(own.position);
            count += 1;
        }
        count
    }

    /// Notes delivered to us that stand in a leaf of their own, and what memos claim about a release.
    fn read_deliveries(
        &self,
        kind: Kind,
        spent: usize,
        deliveries: &[Delivery<'_>],
        leaves: &[privity_circuits::note::Commitment],
    ) -> (Found, Vec<Claim>) {
        let (mut found, mut hints) = (Found::new(), Vec::new());
        for (index, account, note, memo) in self.open(deliveries) {
            hints.extend(claim_of_memo(memo.bytes()));
            let leaf = deliveries[index].leaf.filter(|leaf| leaves.get(*leaf) == Some(&note.commitment()));
            if let Some(leaf) = leaf.filter(|_| note.value > 0) {
                found.insert(leaf, (account, note, memo));
            }
        }
        // Our own copy restores what went to a lost ciphertext of ours, as change that was sealed wrongly.
        if spent > 0 || matches!(kind, Kind::Issue | Kind::Mint) {
            for (delivery, key) in deliveries.iter().flat_map(|d| self.keys.values().map(move |key| (d, key))) {
                let Some(leaf) = delivery.leaf.filter(|leaf| !found.contains_key(leaf)) else { continue };
                let copy = self.channel.open_copy(key.delivery_key(), delivery.output, &delivery.sender.0);
                let Some(copy) = copy.filter(|copy| leaves.get(leaf) == Some(&copy.note.commitment())) else {
                    continue;
                };
                if let Some(account) = self.account_of(copy.note.owner).filter(|_| copy.note.value > 0) {
                    found.insert(leaf, (account, copy.note, copy.memo));
                }
            }
        }
        (found, hints)
    }

    fn account_of(&self, owner: Owner) -> Option<u32> {
        self.keys.iter().find(|(_, key)| key.owner == owner).map(|(account, _)| *account)
    }

    fn follow_deal(
        &mut self,
        x: &price::Statement,
        envelopes: &[privity_ledger::Envelope],
        first: u32,
        found: &mut Found,
        lines: &mut Lines,
    ) -> Option<TermsId> {
        let enclosed = envelopes.iter().find_map(|envelope| {
            self.keys.values().find_map(|key| self.channel.open_envelope(key.delivery_key(), x.terms, envelope))
        })?;
        let terms = enclosed.terms;
        // Whoever deals may seal his terms to any key: what is followed is what we are a party to.
        if [terms.parties.buyer, terms.parties.supplier].iter().all(|owner| self.account_of(*owner).is_none()) {
            return None;
        }
        let keys = [enclosed.buyer_key, enclosed.supplier_key];
        let known = self.state.policy.id() == x.policy;
        let charged = if known { self.state.policy.clone() } else { free_of_charge() };
        let deal = Deal::of(&terms, &charged).ok()?;
        let tracked = Tracked::new(terms.clone(), keys, lines.time, lines.transaction, first).ok()?;
        if let (false, Some(account)) = (terms.remedy.escrow, self.account_of(terms.parties.supplier)) {
            // The terms rebuild the payment, whatever the ciphertext holds.
            let [payment, ..] = deal.notes(&terms, &charged);
            if payment.commitment() == x.out_payment && payment.value > 0 {
                found.entry(0).or_insert((account, payment, Memo::EMPTY));
            }
        }
        lines.terms = Some(x.terms);
        lines.net = deal.quote.total;
        lines.rounding = history::rounding(&terms, deal.quote.line);
        lines.currency = Some(terms.money.currency);
        if self.account_of(terms.parties.buyer).is_some() {
            lines.fee = deal.fee;
        }
        self.state.deals.insert(x.terms, tracked);
        Some(x.terms)
    }

    fn follow_release(
        &mut self,
        seen: Seen,
        hints: &[Claim],
        found: &mut Found,
        lines: &mut Lines,
        report: &mut Report,
    ) {
        let owned = owns(&self.state.deals, &seen);
        if let Some(notes) = self.explain(&seen, hints, lines) {
            report.deal = owned;
            for (leaf, own) in notes {
                found.entry(leaf).or_insert(own);
            }
        } else if owned.is_some() || !self.state.unexplained.is_empty() {
            // While one release is not understood, a later one may belong to the same deal.
            report.unexplained = owned.is_some();
            report.deal = owned;
            self.state.unexplained.push(seen);
        }
    }

    /// The notes of a release that are ours, if its evidence is known.
    fn explain(&mut self, seen: &Seen, hints: &[Claim], lines: &mut Lines) -> Option<Found> {
        let id = owns(&self.state.deals, seen)?;
        let deal = self.state.deals.get_mut(&id)?;
        let released = deal.escrow.as_ref().map(|escrow| escrow.position);
        let notes = deal.explain(seen, hints)?;
        if let Some(position) = released {
            self.state.tree.forget(position);
        }
        let settled = deal.releases.last()?;
        lines.terms = Some(id);
        lines.net = settled.pay + settled.lateness;
        lines.lateness = settled.lateness;
        lines.currency = Some(deal.terms.money.currency);
        let ours = notes.into_iter().filter_map(|(leaf, note)| {
            let account = self.account_of(note.owner).filter(|_| note.value > 0)?;
            Some((leaf, (account, note, Memo::EMPTY)))
        });
        Some(ours.collect())
    }

    fn keep(&mut self, account: u32, note: Note, position: u32, memo: Memo, received: u64, lines: &mut Lines) {
        let Some(key) = self.keys.get(&account) else { return };
        let nullifier = note.nullifier(key.nullifier_key(), position);
        if self.nullifiers.contains_key(&nullifier) {
            return;
        }
        lines.add(account, note.asset, i128::from(note.value));
        self.nullifiers.insert(nullifier, self.state.notes.len());
        self.state.notes.push(OwnNote { account, note, position, memo, received, spent: None });
    }
}

/// Which deal the released pair belongs to.
fn owns(deals: &BTreeMap<TermsId, Tracked>, seen: &Seen) -> Option<TermsId> {
    let open = deals.iter().filter_map(|(id, deal)| Some((id, deal, deal.escrow.as_ref()?)));
    open.filter(|(_, deal, escrow)| escrow.nullifier(&deal.terms) == seen.nullifier).map(|(id, ..)| *id).next()
}

/// Lines of the history in the making: changes per account and asset.
struct Lines {
    time: u64,
    transaction: TransactionId,
    kind: Kind,
    changes: BTreeMap<(u32, AssetId), i128>,
    terms: Option<TermsId>,
    currency: Option<AssetId>,
    net: u64,
    fee: u64,
    lateness: u64,
    rounding: i64,
}

impl Lines {
    fn new(time: u64, transaction: TransactionId, kind: Kind) -> Self {
        let changes = BTreeMap::new();
        let (terms, currency) = (None, None);
        Self { time, transaction, kind, changes, terms, currency, net: 0, fee: 0, lateness: 0, rounding: 0 }
    }

    fn add(&mut self, account: u32, asset: AssetId, change: i128) {
        *self.changes.entry((account, asset)).or_default() += change;
    }

    fn finish(mut self) -> Vec<Line> {
        // A party sees its deal even where none of its notes change: the supplier of an escrowed one.
        if let Some(currency) = self.currency.filter(|_| self.terms.is_some())
            && !self.changes.keys().any(|(_, asset)| *asset == currency)
        {
            let account = self.changes.keys().next().map_or(0, |(account, _)| *account);
            self.changes.insert((account, currency), 0);
        }
        let Self { time, transaction, terms, currency, net, fee, lateness, rounding, .. } = self;
        let kind = format!("{:?}", self.kind).to_lowercase();
        let line = |((account, asset), change): ((u32, AssetId), i128)| {
            let paying = currency == Some(asset);
            let if_paying = |amount: u64| if paying { amount } else { 0 };
            Line {
                time,
                transaction,
                kind: kind.clone(),
                account,
                asset,
                change,
                net: if_paying(net),
                fee: if_paying(fee),
                lateness: if_paying(lateness),
                rounding: if paying { rounding } else { 0 },
                terms,
                reference: Reference::default(),
            }
        };
        self.changes.into_iter().map(line).collect()
    }
}
