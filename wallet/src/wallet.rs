//! A member's wallet: seed, accounts, what was scanned, and what is being negotiated.

use crate::deal::Session;
use crate::history::Reference;
use crate::keys::{self, Account};
use crate::leg::{At, Coin};
use crate::scan::{Report, ScanError, Scanned, Scanner};
use crate::seed::Seed;
use crate::select::{self, SelectError, Selection};
use crate::swap::SwapSession;
use crate::treasury::{Fee, Treasury};
use crate::tree::{Root, Untracked};
use crate::view::full_hour;
use privity_circuits::DecodeError;
use privity_circuits::asset::AssetId;
use privity_circuits::capacity::Serial;
use privity_circuits::terms::TermsId;
use privity_ledger::{Body, Claim, Genesis, Item, LedgerHash, Record};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Serials behind the last known one that a restore looks for.
const SERIAL_GAP: u32 = 20;

/// A member's wallet on one ledger.
pub struct Wallet {
    pub(crate) seed: Seed,
    pub(crate) accounts: BTreeMap<u32, Account>,
    pub(crate) scanner: Scanner,
    pub(crate) treasury: Treasury,
    pub(crate) book: Book,
}

redacted!(Wallet, Book);

/// What no ledger restores: open negotiations and the ERP's ids.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Book {
    pub(crate) deals: BTreeMap<TermsId, Session>,
    pub(crate) swaps: BTreeMap<String, SwapSession>,
    pub(crate) references: BTreeMap<TermsId, Reference>,
    pub(crate) next_serial: u32,
    /// Per request the contents of one's quotes, by attempt.
    #[serde(default)]
    pub(crate) quotes: BTreeMap<String, Vec<(u64, u16)>>,
}

/// Why a wallet cannot do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WalletError {
    /// The account was not opened.
    #[error("account {0} is not open in this wallet; open it first")]
    Account(u32),
    /// Keys cannot be derived.
    #[error("account keys: {0}")]
    Keys(#[from] DecodeError),
    /// Not enough spendable value.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// Too many small notes.
    #[error("the amount takes more than two notes; consolidate this asset first, seven notes at a time")]
    Consolidate,
    /// A path is missing.
    #[error(transparent)]
    Untracked(#[from] Untracked),
    /// The ledger's log goes backwards.
    #[error(transparent)]
    Scan(#[from] ScanError),
}

impl Wallet {
    /// An empty wallet with the accounts 0 … `accounts` − 1.
    ///
    /// # Errors
    /// [`WalletError::Keys`] with probability 2^-252.
    pub fn new(seed: Seed, genesis: &Genesis, accounts: u32) -> Result<Self, WalletError> {
        let accounts = open_accounts(&seed, 0..accounts.max(1))?;
        let keys: Vec<_> = accounts.iter().map(|(index, account)| (*index, account.viewing_key())).collect();
        let (scanner, treasury) = (Scanner::new(genesis, keys), Treasury::new(genesis));
        Ok(Self { seed, accounts, scanner, treasury, book: Book::default() })
    }

    /// Rebuilds a wallet from its phrase's seed and the ledger's log; `accounts` as in [`Wallet::new`].
    ///
    /// # Errors
    /// [`WalletError::Scan`] if the log is not the ledger's, in order.
    pub fn restore<'a>(
        seed: Seed,
        genesis: &Genesis,
        accounts: u32,
        log: impl IntoIterator<Item = &'a Record>,
    ) -> Result<Self, WalletError> {
        let mut wallet = Self::new(seed, genesis, accounts)?;
        for record in log {
            wallet.read(record)?;
        }
        Ok(wallet)
    }

    pub(crate) fn resume(
        seed: Seed,
        accounts: impl IntoIterator<Item = u32>,
        state: Scanned,
        treasury: Treasury,
        book: Book,
    ) -> Result<Self, WalletError> {
        let accounts = open_accounts(&seed, accounts)?;
        let keys: Vec<_> = accounts.iter().map(|(index, account)| (*index, account.viewing_key())).collect();
        Ok(Self { seed, accounts, scanner: Scanner::resume(state, keys), treasury, book })
    }

    /// The same wallet with the accounts 0 … `accounts` − 1, none fewer than now: `log` is read from its beginning, because a new
    /// account's past stands anywhere in it. Negotiations, references and evidence on file are kept.
    ///
    /// # Errors
    /// [`WalletError::Scan`] if the log is not the ledger's, in order; an error of the log's own.
    pub fn with_accounts<E: From<WalletError>>(
        &self,
        genesis: &Genesis,
        accounts: u32,
        log: impl IntoIterator<Item = Result<Record, E>>,
    ) -> Result<Self, E> {
        let behind = self.accounts.keys().last().map_or(0, |last| last + 1);
        let mut wallet = Self::new(Seed::new(*self.seed.entropy()), genesis, accounts.max(behind))?;
        if wallet.ledger() != self.ledger() {
            return Err(WalletError::from(ScanError::Chain(0)).into());
        }
        wallet.book = self.book.clone();
        for record in log {
            wallet.read(&record?).map_err(WalletError::from)?;
        }
        for (terms, known) in self.scanner.deals() {
            let released = known.releases.iter().map(|release| release.claim);
            for claim in released.chain(known.claims.iter().map(|entry| entry.0)) {
                let read = wallet.scanner.deals().get(terms);
                if read.is_some_and(|deal| deal.releases.iter().all(|release| release.claim != claim)) {
                    wallet.scanner.add_claim(*terms, claim);
                }
            }
        }
        Ok(wallet)
    }

    /// The member account, index 0.
    ///
    /// # Errors
    /// [`WalletError::Account`] in no wallet of [`Wallet::new`].
    pub fn member(&self) -> Result<&Account, WalletError> {
        self.account(0)
    }

    /// An account.
    ///
    /// # Errors
    /// [`WalletError::Account`] if it is not open.
    pub fn account(&self, index: u32) -> Result<&Account, WalletError> {
        self.accounts.get(&index).ok_or(WalletError::Account(index))
    }

    /// The open accounts; [`Wallet::with_accounts`] opens more.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// The ledger that this wallet lives on.
    pub fn ledger(&self) -> LedgerHash {
        self.scanner.state.ledger
    }

    /// What was read from the ledger.
    pub fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    /// The fees of deals that owe one to an account of this wallet, in the order of the log; P9 has the treasury report those that
    /// do not open.
    pub fn fees(&self) -> &[Fee] {
        &self.treasury.fees
    }

    /// The seed, to write down its phrase.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Reads the next record of the ledger's log.
    ///
    /// # Errors
    /// [`ScanError`] if the record is not the next one; nothing was changed then.
    pub fn read(&mut self, record: &Record) -> Result<Report, ScanError> {
        let item = self.scanner.decode(record)?;
        let report = self.scanner.advance(record, &item);
        self.treasury.read(&item, record.time, &self.scanner.channel, self.accounts.values());
        let Item::Transaction(transaction) = &item else { return Ok(report) };
        if let Body::Issue { capacity } = &transaction.body {
            let x = capacity.statement();
            let behind = self.book.next_serial.saturating_add(SERIAL_GAP);
            let ours = (0..behind).rev().find(|index| keys::serial(&self.seed, *index).issued(x.certifier) == x.issued);
            self.book.next_serial = self.book.next_serial.max(ours.map_or(0, |index| index + 1));
        }
        if let Some(reference) = report.deal.and_then(|terms| self.book.references.get(&terms)) {
            let (terms, reference) = (report.deal.unwrap_or_default(), reference.clone());
            self.scanner.set_reference(terms, &reference);
        }
        if report.spent > 0 {
            self.end_sessions();
        }
        Ok(report)
    }

    /// A negotiation whose inputs were spent is over, whoever spent them.
    fn end_sessions(&mut self) {
        let spent: BTreeSet<u32> =
            self.scanner.notes().iter().filter(|own| own.spent.is_some()).map(|own| own.position).collect();
        self.book.deals.retain(|_, session| session.inputs.is_disjoint(&spent));
        self.book.swaps.retain(|_, session| session.inputs.is_disjoint(&spent));
    }

    /// A serial that no attestation used yet; a correction of an attestation keeps its serial instead.
    pub fn next_serial(&mut self) -> (u32, Serial) {
        let index = self.book.next_serial;
        self.book.next_serial += 1;
        (index, keys::serial(&self.seed, index))
    }

    /// The serial at `index`.
    pub fn serial(&self, index: u32) -> Serial {
        keys::serial(&self.seed, index)
    }

    /// Sets the ERP's ids of a deal.
    pub fn set_reference(&mut self, terms: TermsId, reference: Reference) {
        self.scanner.set_reference(terms, &reference);
        self.book.references.insert(terms, reference);
    }

    /// The ERP's ids of a deal.
    pub fn reference(&self, terms: TermsId) -> Option<&Reference> {
        self.book.references.get(&terms)
    }

    /// Deals whose ERP ids hold `text` as order, RFQ or material number.
    pub fn find(&self, text: &str) -> Vec<TermsId> {
        let named =
            |reference: &Reference| [&reference.order, &reference.rfq, &reference.material].contains(&&text.into());
        self.book.references.iter().filter(|(_, reference)| named(reference)).map(|(terms, _)| *terms).collect()
    }

    /// Open negotiations of deals.
    pub fn sessions(&self) -> &BTreeMap<TermsId, Session> {
        &self.book.deals
    }

    /// Notes of an account that may be spent at `time`: unlocked, not spent, not promised to a counterparty.
    pub fn spendable(&self, account: u32, asset: AssetId, time: u64) -> Vec<select::Coin> {
        let promised = self.promised();
        let now = full_hour(time);
        let notes = self.scanner.notes().iter().filter(|own| {
            own.account == account
                && own.note.asset == asset
                && own.spent.is_none()
                && own.note.unlock <= now
                && !promised.contains(&own.position)
        });
        notes.map(|own| select::Coin { position: own.position, value: own.note.value }).collect()
    }

    /// Positions that a counterparty may know the nullifiers of, or will.
    fn promised(&self) -> BTreeSet<u32> {
        let deals = self.book.deals.values().flat_map(|session| &session.inputs);
        deals.chain(self.book.swaps.values().flat_map(|session| &session.inputs)).copied().collect()
    }

    /// Chooses one or two notes for `amount`.
    pub(crate) fn choose(
        &self,
        account: u32,
        asset: AssetId,
        amount: u64,
        time: u64,
    ) -> Result<Vec<select::Coin>, WalletError> {
        match select::select(&self.spendable(account, asset, time), amount)? {
            Selection::Pay(coins) => Ok(coins),
            Selection::Consolidate(_) => Err(WalletError::Consolidate),
        }
    }

    /// Chooses one or two notes for `amount`, or up to seven where the larger shape is allowed.
    pub(crate) fn choose_many(
        &self,
        account: u32,
        asset: AssetId,
        amount: u64,
        time: u64,
    ) -> Result<Vec<select::Coin>, WalletError> {
        match select::select(&self.spendable(account, asset, time), amount)? {
            Selection::Pay(coins) => Ok(coins),
            Selection::Consolidate(coins) if sum(&coins) >= u128::from(amount) => Ok(coins),
            Selection::Consolidate(_) => Err(WalletError::Consolidate),
        }
    }

    /// The root of the last full hour if it holds all these leaves, else the latest: an old anchor dates a spend.
    pub(crate) fn root(&self, positions: &[u32], time: u64) -> Root {
        let tree = self.scanner.tree();
        let hour = match full_hour(time) > full_hour(self.scanner.time()) {
            // Nothing was appended since the full hour.
            true => tree.latest(),
            false => tree.hour(),
        };
        let settled = positions.iter().all(|position| u64::from(*position) < hour.size);
        if settled { hour } else { tree.latest() }
    }

    /// The notes at these positions with their paths.
    pub(crate) fn coins(&self, positions: &[u32], time: u64) -> Result<(At, Vec<Coin>), WalletError> {
        let (root, tree) = (self.root(positions, time), self.scanner.tree());
        let coin = |position: &u32| {
            let own = self.scanner.notes().iter().find(|own| own.position == *position && own.spent.is_none());
            let own = own.ok_or(Untracked(*position))?;
            Ok(Coin { note: own.note.clone(), path: tree.path(*position, root)? })
        };
        let coins: Result<Vec<Coin>, Untracked> = positions.iter().map(coin).collect();
        Ok((At { anchor: root.anchor, now: full_hour(time) }, coins?))
    }
}

/// Minor units together.
pub(crate) fn sum(coins: &[select::Coin]) -> u128 {
    coins.iter().map(|coin| u128::from(coin.value)).sum()
}

fn open_accounts(seed: &Seed, indices: impl IntoIterator<Item = u32>) -> Result<BTreeMap<u32, Account>, DecodeError> {
    indices.into_iter().map(|index| Ok((index, Account::derive(seed, index)?))).collect()
}
