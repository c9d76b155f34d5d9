//! A ledger on a store: verifies outside its lock, settles many transactions per durable write.

use crate::apply::{ApplyError, Item, Receipt, apply, screen};
use crate::audit::{self, AuditError};
use crate::bytes::Codec;
use crate::check::{CheckError, Checked, check};
use crate::entry::{Entry, EntryBody, Registration};
use crate::genesis::{Genesis, LedgerHash};
use crate::memo::{self, Acknowledgement, Memo};
use crate::record::{Head, Record};
use crate::rejection::Rejection;
use crate::state::{State, damaged, state_root};
use crate::store::{Read, Store, StoreError, Table};
use privity_circuits::Fr;
use privity_circuits::keys::{PublicKey, SignerId, SigningKey};
use privity_circuits::schnorr::Signature;
use privity_verifier::{Keys, PreparedKey, Refusal};
use rand::rngs::OsRng;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};

/// Who signs entries and heads: a key in memory, a device, or threshold signers.
pub trait Operator: Send + Sync {
    /// The registered operator key.
    fn public_key(&self) -> PublicKey;

    /// A signature on `message`, prefix the signer id of [`Operator::public_key`].
    fn sign(&self, message: Fr) -> Signature;
}

/// An operator key in memory.
#[derive(Debug)]
pub struct LocalOperator(SigningKey);

impl LocalOperator {
    /// Signs with `key`.
    pub fn new(key: SigningKey) -> Self {
        Self(key)
    }
}

impl Operator for LocalOperator {
    fn public_key(&self) -> PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: Fr) -> Signature {
        let prefix = SignerId::of(&self.public_key()).field();
        Signature::sign(&self.0, prefix, message, &mut OsRng)
    }
}

/// Why something did not settle.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SubmitError {
    /// A rule of the ledger forbids it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A proof is false, or under an unknown key.
    #[error(transparent)]
    Proof(#[from] Refusal),
    /// A proof about a request for quotation is false.
    #[error(transparent)]
    Quote(#[from] privity_quotes::Error),
    /// The store does not answer: nothing is acknowledged, and it may or may not have settled; open the ledger again and look.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The memo's key belongs to another request.
    #[error("the key belongs to another request; repeat that one unchanged, or take a new key")]
    MemoReused,
    /// This process holds no operator key.
    #[error("this process holds no operator key; open the ledger with one")]
    NoOperator,
}

impl From<ApplyError> for SubmitError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Rejected(rejection) => Self::Rejected(rejection),
            ApplyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<CheckError> for SubmitError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Proof(refusal) => Self::Proof(refusal),
            CheckError::Quote(error) => Self::Quote(error),
            CheckError::Rejected(rejection) => Self::Rejected(rejection),
            CheckError::Store(error) => Self::Store(error),
        }
    }
}

/// What became of one submission.
pub type Settlement = Result<Receipt, SubmitError>;

/// Something to settle, and how its repetition is known.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What to settle.
    pub item: Item,
    /// What is remembered with it; without it a repetition is refused as a duplicate.
    pub memo: Option<Memo>,
}

/// What a caller gets: receipts, or acknowledgements that are remembered.
enum Outcome {
    Settled(Box<Receipt>),
    Told(Acknowledgement),
}

/// A ledger on a [`Store`], shared by threads.
pub struct Ledger {
    store: Box<dyn Store>,
    operator: Option<Box<dyn Operator>>,
    /// What the ledger started from, read once.
    origin: (LedgerHash, Arc<Genesis>),
    keys: RwLock<Keys>,
    queue: Mutex<Vec<Job>>,
    writer: Mutex<()>,
    /// Set once a write failed: what the store holds is unknown until it is opened again.
    failed: AtomicBool,
}

/// What one caller waits for.
struct Job {
    items: Vec<Waiting>,
    now: u64,
    reply: mpsc::Sender<Vec<Result<Outcome, SubmitError>>>,
}

/// An item that was prepared: verified, refused, or told before.
struct Waiting {
    checked: Result<Checked, SubmitError>,
    memo: Option<Memo>,
}

/// What screening left of an item.
struct Screened {
    /// The item, unless it is refused for good.
    item: Option<Item>,
    /// What refuses it as the ledger stands.
    doubt: Option<Rejection>,
}

/// What has a memo and settles in the write that is being made.
#[derive(Default)]
struct Fresh {
    memos: Vec<Memo>,
    /// By key: the digest of the request, and what became of it.
    told: BTreeMap<[u8; 32], ([u8; 32], Acknowledgement)>,
}

impl Fresh {
    fn settle(&mut self, state: &mut State<'_>, waiting: Waiting, now: u64) -> Result<Outcome, SubmitError> {
        let Some(memo) = waiting.memo else {
            return Ok(Outcome::Settled(apply(state, &waiting.checked?, now)?.into()));
        };
        let before = match self.told.get(&memo.key) {
            Some((digest, told)) => Some((*digest == memo.digest).then(|| told.clone())),
            None => state.recall(&memo)?,
        };
        if let Some(before) = before {
            return before.map(Outcome::Told).ok_or(SubmitError::MemoReused);
        }
        let told = told(&apply(state, &waiting.checked?, now)?, None);
        self.told.insert(memo.key, (memo.digest, told.clone()));
        self.memos.push(memo);
        Ok(Outcome::Told(told))
    }

    /// Once the batch is whole, the length of its log is known, which the head of this write will sign.
    fn remember<'a>(
        &self,
        state: &mut State<'_>,
        signs: bool,
        outcomes: impl Iterator<Item = &'a mut Result<Outcome, SubmitError>>,
    ) {
        let head = Some(state.position()).filter(|_| signs);
        for memo in &self.memos {
            if let Some((_, told)) = self.told.get(&memo.key) {
                state.remember(memo, &Acknowledgement { head, ..told.clone() });
            }
        }
        let first = self.told.values().map(|(_, fresh)| fresh.position).min().unwrap_or(u64::MAX);
        for outcome in outcomes {
            match outcome {
                // What was told before lies before everything that is told now.
                Ok(Outcome::Told(told)) if told.position >= first => told.head = head,
                _ => {}
            }
        }
    }
}

fn told(receipt: &Receipt, head: Option<u64>) -> Acknowledgement {
    let Receipt { position, anchor, hash, ref effects } = *receipt;
    Acknowledgement { id: effects.id, position, time: effects.time, anchor, hash, head }
}

impl Screened {
    fn new(state: &State<'_>, item: Item, now: u64) -> Result<Self, StoreError> {
        match screen(state, &item, now) {
            Ok(()) => Ok(Self { item: Some(item), doubt: None }),
            Err(ApplyError::Rejected(doubt)) => {
                Ok(Self { item: Some(item).filter(|_| !doubt.is_final()), doubt: Some(doubt) })
            }
            Err(ApplyError::Store(error)) => Err(error),
        }
    }
}

impl Ledger {
    /// Founds a ledger on an empty store.
    ///
    /// # Errors
    /// [`StoreError::Occupied`] if there is one already, else as [`Ledger::open`].
    pub fn create(
        store: Box<dyn Store>,
        genesis: &Genesis,
        operator: Option<Box<dyn Operator>>,
    ) -> Result<Self, SubmitError> {
        let occupied = store.read()?.get(&Table::Genesis.key(&[]))?.is_some();
        if occupied {
            return Err(StoreError::Occupied.into());
        }
        store.write(&State::found(genesis))?;
        Self::open(store, operator)
    }

    /// Opens the ledger that a store holds. Without an operator it settles transactions, but signs neither entries nor heads.
    ///
    /// # Errors
    /// [`StoreError`], or [`Rejection::NotAnOperator`] if the operator's key is not registered.
    pub fn open(store: Box<dyn Store>, operator: Option<Box<dyn Operator>>) -> Result<Self, SubmitError> {
        let (origin, keys) = {
            let snapshot = store.read()?;
            let state = State::load(&*snapshot)?;
            if let Some(operator) = &operator {
                let id = SignerId::of(&operator.public_key());
                if !matches!(state.operator(id)?, Some((_, true))) {
                    return Err(Rejection::NotAnOperator { operator: id }.into());
                }
            }
            (state.origin(), state.keys()?.into_iter().map(PreparedKey::new).collect())
        };
        Ok(Self {
            store,
            operator,
            origin,
            keys: RwLock::new(keys),
            queue: Mutex::default(),
            writer: Mutex::default(),
            failed: AtomicBool::new(false),
        })
    }

    fn state<'a>(&self, snapshot: &'a dyn Read) -> Result<State<'a>, StoreError> {
        let (ledger, genesis) = &self.origin;
        State::load_of(snapshot, *ledger, genesis.clone())
    }

    /// Settles one transaction or entry at time `now`; see [`Ledger::submit_many`].
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn submit(&self, item: impl Into<Item>, now: u64) -> Settlement {
        let lost = || StoreError::Io("the settlement was abandoned".into());
        self.submit_many(vec![item.into()], now).pop().unwrap_or_else(|| Err(lost().into()))
    }

    /// Settles transactions in their order, each all or nothing. Rules are checked before proofs; proofs are verified in one batch
    /// outside the lock; whatever threads submit meanwhile is settled in one durable write; `Ok` is acknowledged: it survives a
    /// crash. Tenders are verified against what settled before the submission. A `now` before the ledger's time counts as the ledger's time: it never decreases (L4).
    pub fn submit_many(&self, items: Vec<Item>, now: u64) -> Vec<Settlement> {
        let plain = items.into_iter().map(|item| Submission { item, memo: None }).collect();
        let lost = || StoreError::Io("the settlement was abandoned".into());
        let settled = self.run(plain, now).into_iter().map(|outcome| match outcome? {
            Outcome::Settled(receipt) => Ok(*receipt),
            Outcome::Told(_) => Err(lost().into()),
        });
        settled.collect()
    }

    /// As [`Ledger::submit_many`]; what has a memo is acknowledged once, and a repetition under that memo gets the same
    /// acknowledgement again, whenever it comes and how often. The memo is in the write that settles.
    pub fn acknowledge(&self, submissions: Vec<Submission>, now: u64) -> Vec<Result<Acknowledgement, SubmitError>> {
        let signs = self.operator.is_some();
        let told = self.run(submissions, now).into_iter().map(|outcome| match outcome? {
            Outcome::Told(told) => Ok(told),
            Outcome::Settled(receipt) => Ok(told(&receipt, self.covering(signs, receipt.position)?)),
        });
        told.collect()
    }

    /// The length of the first signed log that holds `position`.
    fn covering(&self, signs: bool, position: u64) -> Result<Option<u64>, StoreError> {
        if !signs {
            return Ok(None);
        }
        let (snapshot, mut found) = (self.store.read()?, None);
        snapshot.scan(&Table::Head.key(&(position + 1).to_be_bytes()), &mut |key, _| {
            found = key.strip_prefix(&[Table::Head as u8]).and_then(|own| own.try_into().ok()).map(u64::from_be_bytes);
            false
        })?;
        Ok(found)
    }

    fn run(&self, submissions: Vec<Submission>, now: u64) -> Vec<Result<Outcome, SubmitError>> {
        let count = submissions.len();
        match self.prepare(submissions, now) {
            Ok(items) => self.settle_queued(items, now),
            Err(error) => (0..count).map(|_| Err(error.clone().into())).collect(),
        }
    }

    /// Screens and verifies, without the lock. What is refused for good is not verified; what may yet be accepted, behind an
    /// earlier item of the same submission, is.
    fn prepare(&self, submissions: Vec<Submission>, now: u64) -> Result<Vec<Waiting>, StoreError> {
        let snapshot = self.store.read()?;
        let state = self.state(&*snapshot)?;
        let now = now.max(state.time());
        let mut memos = Vec::with_capacity(submissions.len());
        let mut screened = Vec::with_capacity(submissions.len());
        for Submission { item, memo } in submissions {
            // What was told before is told again where the memo is looked up, under the lock.
            let known = memo.as_ref().map_or(Ok(false), |memo| Ok(state.recall(memo)?.is_some()))?;
            memos.push(memo);
            screened.push(match known {
                true => Screened { item: None, doubt: None },
                false => Screened::new(&state, item, now)?,
            });
        }
        let (doubts, items): (Vec<_>, Vec<_>) = screened.into_iter().map(|one| (one.doubt, one.item)).unzip();
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut checked = check(&state, &keys, items.iter().flatten().cloned().collect(), &mut OsRng).into_iter();
        let outcome = items.iter().zip(doubts).zip(memos).map(|((item, doubt), memo)| {
            let proofs = item.as_ref().and_then(|_| checked.next());
            let checked = match (proofs, doubt) {
                (Some(Ok(checked)), _) => Ok(checked),
                (_, Some(rejection)) => Err(rejection.into()),
                (Some(Err(refusal)), None) => Err(refusal.into()),
                (None, None) => Err(StoreError::Io("the settlement was abandoned".into()).into()),
            };
            Waiting { checked, memo }
        });
        Ok(outcome.collect())
    }

    /// Queues a job and settles whatever is queued, unless another thread has done so meanwhile.
    fn settle_queued(&self, items: Vec<Waiting>, now: u64) -> Vec<Result<Outcome, SubmitError>> {
        let count = items.len();
        let (reply, outcome) = mpsc::channel();
        lock(&self.queue).push(Job { items, now, reply });
        {
            let _writer = lock(&self.writer);
            let jobs = std::mem::take(&mut *lock(&self.queue));
            if !jobs.is_empty() {
                self.settle(jobs);
            }
        }
        let lost = || StoreError::Io("the settlement was abandoned".into());
        outcome.recv().unwrap_or_else(|_| (0..count).map(|_| Err(lost().into())).collect())
    }

    /// Settles jobs in one write and replies; the caller holds the writer's lock.
    fn settle(&self, jobs: Vec<Job>) {
        let (mut replies, mut work) = (Vec::new(), Vec::new());
        for job in jobs {
            replies.push((job.reply, job.items.len()));
            work.push((job.items, job.now));
        }
        let outcomes = match self.write(|state| {
            let mut fresh = Fresh::default();
            let settled = work.into_iter().map(|(items, now)| {
                let now = now.max(state.time());
                items.into_iter().map(|waiting| fresh.settle(state, waiting, now)).collect()
            });
            let mut settled = settled.collect::<Vec<Vec<_>>>();
            fresh.remember(state, self.operator.is_some(), settled.iter_mut().flatten());
            Ok(settled)
        }) {
            Ok(outcomes) => outcomes,
            Err(error) => {
                let all = |count: &usize| (0..*count).map(|_| Err(error.clone())).collect();
                replies.iter().map(|(_, count)| all(count)).collect()
            }
        };
        for ((reply, _), outcome) in replies.into_iter().zip(outcomes) {
            // A caller that is gone does not wait for its receipt.
            let _ = reply.send(outcome);
        }
    }

    /// Forgets up to `most` memos that are due at `now`, Unix seconds; how many.
    ///
    /// # Errors
    /// The store's.
    pub fn forget(&self, now: u64, most: usize) -> Result<usize, StoreError> {
        let _writer = lock(&self.writer);
        let keys = memo::due(&*self.store.read()?, now, most)?;
        if !keys.is_empty() {
            self.store.remove(&keys).inspect_err(|_| self.failed.store(true, Ordering::Release))?;
        }
        Ok(keys.len() / 2)
    }

    /// The head of the log at this length, if one was signed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn head_at(&self, length: u64) -> Result<Option<Head>, StoreError> {
        self.read(|state| state.head_at(length))
    }

    /// Signs `body` for the next log position and settles it.
    ///
    /// # Errors
    /// [`SubmitError::NoOperator`], a [`Rejection`], or the store's.
    pub fn enter(&self, body: EntryBody, now: u64) -> Settlement {
        match self.sign_and_settle(body, now, None)? {
            Outcome::Settled(receipt) => Ok(*receipt),
            Outcome::Told(_) => Err(StoreError::Io("the settlement was abandoned".into()).into()),
        }
    }

    /// As [`Ledger::enter`], once for a memo; see [`Ledger::acknowledge`].
    ///
    /// # Errors
    /// As [`Ledger::enter`], and [`SubmitError::MemoReused`].
    pub fn enter_once(&self, body: EntryBody, now: u64, memo: Option<Memo>) -> Result<Acknowledgement, SubmitError> {
        match self.sign_and_settle(body, now, memo)? {
            Outcome::Told(told) => Ok(told),
            Outcome::Settled(receipt) => Ok(told(&receipt, Some(receipt.position + 1))),
        }
    }

    fn sign_and_settle(&self, body: EntryBody, now: u64, memo: Option<Memo>) -> Result<Outcome, SubmitError> {
        let operator = self.operator.as_deref().ok_or(SubmitError::NoOperator)?;
        let _writer = lock(&self.writer);
        let learned = match &body {
            EntryBody::Register(Registration::Key { key, .. }) => Some(PreparedKey::new((**key).clone())),
            _ => None,
        };
        let outcome = self.write(|state| {
            if let Some(before) = memo.as_ref().map(|memo| state.recall(memo)).transpose()?.flatten() {
                return before.map(Outcome::Told).ok_or(SubmitError::MemoReused);
            }
            let (ledger, position) = (state.ledger(), state.position());
            let signature = operator.sign(body.message(ledger, position));
            let entry = Entry { position, operator: SignerId::of(&operator.public_key()), body, signature };
            let checked = check(state, &Keys::new(), vec![entry.into()], &mut OsRng).pop();
            let checked = checked.ok_or(SubmitError::NoOperator)??;
            let receipt = apply(state, &checked, now.max(state.time()))?;
            let Some(memo) = &memo else { return Ok(Outcome::Settled(receipt.into())) };
            let told = told(&receipt, Some(position + 1));
            state.remember(memo, &told);
            Ok(Outcome::Told(told))
        })?;
        if let Some(key) = learned {
            self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(key);
        }
        Ok(outcome)
    }

    /// Replays records of another node's log behind this one's: every proof, signature, rule and link of the chain is checked, in
    /// chunks that are written as they are found good. For a process without operator that settles nothing itself.
    ///
    /// # Errors
    /// [`AuditError`] with the position of the first record that is wrong; those before it are kept.
    pub fn replay(&self, records: Vec<Record>) -> Result<(), AuditError> {
        let _writer = lock(&self.writer);
        let known = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        let learned = audit::replay(&*self.store, known, records)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = learned;
        Ok(())
    }

    /// Runs `work` on the state and writes what it changed, with a signed head; the caller holds the writer's lock.
    fn write<T>(&self, work: impl FnOnce(&mut State<'_>) -> Result<T, SubmitError>) -> Result<T, SubmitError> {
        if self.failed.load(Ordering::Acquire) {
            return Err(StoreError::Io("an earlier write failed; open the ledger again".into()).into());
        }
        let (result, changes) = {
            let snapshot = self.store.read()?;
            let mut state = self.state(&*snapshot)?;
            let before = state.position();
            let result = work(&mut state)?;
            if state.position() > before
                && let Some(head) = self.sign_head(&state)
            {
                state.put(Table::Head, &head.position.to_be_bytes(), head.to_bytes());
            }
            (result, state.into_changes())
        };
        if !changes.is_empty() {
            self.store.write(&changes).inspect_err(|_| self.failed.store(true, Ordering::Release))?;
        }
        Ok(result)
    }

    fn sign_head(&self, state: &State<'_>) -> Option<Head> {
        let operator = self.operator.as_deref()?;
        let (ledger, position, time, hash) = (state.ledger(), state.position(), state.time(), state.hash());
        let signature = operator.sign(Head::message(ledger, position, time, &hash));
        Some(Head { ledger, position, time, hash, operator: SignerId::of(&operator.public_key()), signature })
    }

    /// Looks at the state of this moment.
    ///
    /// # Errors
    /// The store's, or what `look` fails with.
    pub fn read<T>(&self, look: impl FnOnce(&State<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let snapshot = self.store.read()?;
        look(&self.state(&*snapshot)?)
    }

    /// Up to `limit` log records from position `from` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn records(&self, from: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        records(&*self.store.read()?, from, limit)
    }

    /// The head of the whole log if an operator signed it or its key is at hand, else the last one that was signed: what settles
    /// without an operator's key has no head of its own.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn head(&self) -> Result<Option<Head>, StoreError> {
        let snapshot = self.store.read()?;
        let (state, last) = (self.state(&*snapshot)?, last_head(&*snapshot)?);
        let whole = last.as_ref().is_some_and(|head| head.position == state.position());
        Ok(if whole { last } else { self.sign_head(&state).or(last) })
    }

    /// The state root; see [`state_root`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn state_root(&self) -> Result<[u8; 32], StoreError> {
        state_root(&*self.store.read()?)
    }

    /// The keys registered so far, prepared; whether one is still accepted is the state's to say.
    pub fn keys(&self) -> Keys {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }
}

/// Up to `limit` log records from position `from` on.
pub(crate) fn records(snapshot: &dyn Read, from: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
    let mut rows = Vec::new();
    snapshot.scan(&Table::Record.key(&from.to_be_bytes()), &mut |key, value| {
        let wanted = key.first() == Some(&(Table::Record as u8)) && rows.len() < limit;
        if wanted {
            rows.push(Record::from_bytes(value));
        }
        wanted
    })?;
    rows.into_iter().map(|row| row.map_err(damaged)).collect()
}

/// The last head that was signed.
pub(crate) fn last_head(snapshot: &dyn Read) -> Result<Option<Head>, StoreError> {
    let row = snapshot.before(&Table::Head.key(&u64::MAX.to_be_bytes()))?;
    let row = row.filter(|(key, _)| key.first() == Some(&(Table::Head as u8)));
    row.map(|(_, head)| Head::from_bytes(&head).map_err(damaged)).transpose()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
