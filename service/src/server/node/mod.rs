//! The ledger node: what settles, what is read, what is streamed.

mod entries;
mod lookup;
mod operate;
mod ready;
mod settle;
mod stream;
mod submit;
mod verify;
pub mod views;

use super::metrics::Metrics;
use super::once::{KEEP, Once};
use super::problem::{Kind, Problem};
use super::settings;
use crate::error::Failure;
use privity_circuits::Fr;
use privity_circuits::keys::PublicKey;
use privity_circuits::schnorr::Signature;
use privity_ledger::{
    Acknowledgement, CodecError, EntryBody, Item, Ledger, Memo, Operator, Rejection, Store, StoreError, SubmitError,
};
use ready::Ready;
use settle::Batcher;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};
use stream::Recent;
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

/// Opens the ledger's store.
pub type Opener = Box<dyn Fn() -> Result<Box<dyn Store>, StoreError> + Send + Sync>;

/// How long a failed store is left alone, and how long readers may hold it before it is opened again.
const REST: Duration = Duration::from_secs(1);

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.configure(submit::routes).configure(entries::routes).configure(stream::routes);
    config.configure(lookup::routes).configure(operate::routes).configure(verify::routes);
}

/// A ledger that is opened again when its store failed.
pub struct Node {
    inner: Arc<Inner>,
    batcher: Mutex<Option<Batcher>>,
}

struct Inner {
    ledger: RwLock<Option<Arc<Ledger>>>,
    store: Opener,
    operator: Option<Shared>,
    /// Until when writes are refused after a failure.
    rests: Mutex<Option<Instant>>,
    height: watch::Sender<u64>,
    recent: Recent,
    ready: Ready,
    metrics: Metrics,
}

/// An operator that outlives the ledger which signs with it.
#[derive(Clone)]
struct Shared(Arc<dyn Operator>);

impl Operator for Shared {
    fn public_key(&self) -> PublicKey {
        self.0.public_key()
    }

    fn sign(&self, message: Fr) -> Signature {
        self.0.sign(message)
    }
}

impl Node {
    /// Opens the ledger and starts to take transactions.
    ///
    /// # Errors
    /// The ledger's.
    pub fn open(
        settings: &settings::Node,
        store: Opener,
        operator: Option<Box<dyn Operator>>,
        metrics: &Metrics,
    ) -> Result<Self, Failure> {
        let operator = operator.map(|operator| Shared(Arc::from(operator)));
        let inner = Inner {
            ledger: RwLock::new(None),
            store,
            operator,
            rests: Mutex::new(None),
            height: watch::Sender::new(0),
            recent: Recent::default(),
            ready: Ready::default(),
            metrics: metrics.clone(),
        };
        *inner.ledger.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(inner.ledger()?));
        let inner = Arc::new(inner);
        inner.publish();
        let batcher = Batcher::start(inner.clone(), settings.batch, settings.waiting);
        Ok(Self { inner, batcher: Mutex::new(Some(batcher)) })
    }

    /// The ledger, to read from.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] while its store is being opened again.
    pub fn ledger(&self) -> Result<Arc<Ledger>, Problem> {
        self.inner.open_ledger()
    }

    /// Records in the log; changes when something settled.
    pub fn height(&self) -> watch::Receiver<u64> {
        self.inner.height.subscribe()
    }

    /// Settles one transaction or entry, with what waits beside it; the answer is durable.
    ///
    /// # Errors
    /// The rule that forbids it, [`Kind::Overloaded`], [`Kind::Unavailable`].
    pub async fn settle(&self, item: Item, memo: Option<Memo>, now: u64) -> Result<Acknowledgement, Problem> {
        self.inner.rested()?;
        let reply = {
            let batcher = self.batcher.lock().unwrap_or_else(PoisonError::into_inner);
            batcher.as_ref().ok_or_else(|| Problem::of(Kind::Stopping).retry_after(5))?.push(item, memo, now)?
        };
        let lost = || Problem::of(Kind::Unavailable).retry_after(1);
        Ok(reply.await.map_err(|_| lost())??)
    }

    /// Signs and settles an entry of this node's operator; blocks for the write.
    ///
    /// # Errors
    /// As [`Node::settle`]; [`Kind::Refused`] if the node signs nothing.
    pub fn enter(&self, body: EntryBody, memo: Option<Memo>, now: u64) -> Result<Acknowledgement, Problem> {
        self.inner.rested()?;
        let outcome = self.ledger()?.enter_once(body, now, memo);
        self.inner.after(std::slice::from_ref(&outcome));
        Ok(outcome?)
    }

    /// Forgets acknowledgements that were kept long enough.
    ///
    /// # Errors
    /// The store's.
    pub fn forget(&self, now: u64) -> Result<usize, Problem> {
        Ok(self.ledger()?.forget(now, 1_000)?)
    }

    /// Whether it settles.
    ///
    /// # Errors
    /// [`Kind::Unavailable`].
    pub fn ready(&self) -> Result<(), Problem> {
        self.ledger()?;
        self.inner.rested()
    }

    /// Tells those who follow the log what came since, after records were added otherwise than by [`Node::settle`].
    pub fn publish(&self) {
        self.inner.publish();
    }

    /// Opens a failed ledger again, if its time has come.
    pub fn tend(&self) {
        if self.inner.open_ledger().is_err() && self.inner.rested().is_ok() {
            self.inner.reopen();
        }
    }

    /// Settles what waits and lets the store go.
    pub fn close(&self) {
        let batcher = self.batcher.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(batcher) = batcher {
            batcher.finish();
        }
        self.inner.ledger.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Inner {
    fn ledger(&self) -> Result<Ledger, SubmitError> {
        let operator = self.operator.clone().map(|operator| Box::new(operator) as Box<dyn Operator>);
        Ledger::open((self.store)()?, operator)
    }

    fn open_ledger(&self) -> Result<Arc<Ledger>, Problem> {
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner).clone();
        ledger.ok_or_else(|| Problem::of(Kind::Unavailable).retry_after(1))
    }

    /// Whether writes are tried again.
    fn rested(&self) -> Result<(), Problem> {
        match *self.rests.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(until) if Instant::now() < until => Err(Problem::of(Kind::Unavailable).retry_after(1)),
            _ => Ok(()),
        }
    }

    /// Counts outcomes, tells the streams, and opens the store again if it failed.
    fn after(&self, outcomes: &[Result<Acknowledgement, SubmitError>]) {
        let (mut settled, mut failed) = (0, false);
        for outcome in outcomes {
            let label = match outcome {
                Ok(_) => "settled",
                Err(SubmitError::Store(_)) => "failed",
                Err(_) => "refused",
            };
            self.metrics.settlements.with_label_values(&[label]).inc();
            settled += usize::from(outcome.is_ok());
            failed |= matches!(outcome, Err(SubmitError::Store(_)));
        }
        if settled > 0 {
            self.metrics.writable.set(1);
            self.publish();
        }
        if failed {
            self.reopen();
        }
    }

    fn publish(&self) {
        let Ok(ledger) = self.open_ledger() else { return };
        match self.recent.read(&ledger) {
            Ok(height) => {
                self.metrics.height.set(i64::try_from(height).unwrap_or(i64::MAX));
                self.height.send_if_modified(|known| std::mem::replace(known, height.max(*known)) < height);
            }
            Err(error) => tracing::error!(%error, "the log cannot be read"),
        }
    }

    /// What a store holds after a failed write is unknown until it is opened again; readers wait as long as that takes.
    fn reopen(&self) {
        let mut slot = self.ledger.write().unwrap_or_else(PoisonError::into_inner);
        *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
        self.metrics.writable.set(0);
        if let Some(old) = slot.take() {
            let patience = Instant::now() + REST;
            let mut old = Some(old);
            while let Some(held) = old.take() {
                match Arc::try_unwrap(held) {
                    Ok(ledger) => drop(ledger),
                    Err(held) if Instant::now() < patience => {
                        thread::sleep(Duration::from_millis(2));
                        old = Some(held);
                    }
                    // Who reads still lets it go soon; until then the file is in use and opening it fails, to be tried again.
                    Err(held) => drop(held),
                }
            }
        }
        match self.ledger() {
            Ok(ledger) => *slot = Some(Arc::new(ledger)),
            Err(error) => tracing::error!(%error, "the ledger's store cannot be opened again"),
        }
    }
}

/// What a request is remembered by in the ledger's store.
pub(super) fn memo(once: &Once, now: u64) -> Option<Memo> {
    once.key.map(|key| Memo { key, digest: once.digest, until: now.saturating_add(KEEP) })
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let conflict = matches!(
            rejection,
            Rejection::Duplicate { .. }
                | Rejection::NullifierSpent { .. }
                | Rejection::TermsUsed { .. }
                | Rejection::SerialIssued
                | Rejection::AlreadyRegistered
                | Rejection::WrongPosition { .. }
                | Rejection::QuotedAlready { .. }
                | Rejection::OpenedAlready
                | Rejection::AwardedAlready
                | Rejection::ExcludedAlready { .. }
                | Rejection::ExclusionsChanged { .. }
        );
        let kind = if conflict { Kind::Conflict } else { Kind::Refused };
        let problem = Self::new(kind, &rejection).rule(rejection.rule());
        Self { rejection: Some(rejection.code()), ..problem }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => rejection.into(),
            SubmitError::Proof(refusal) => Self::new(Kind::Refused, refusal).rule("proof"),
            SubmitError::Quote(error) => Self::new(Kind::Refused, error),
            SubmitError::Store(error) => error.into(),
            SubmitError::MemoReused => Self::of(Kind::KeyReused),
            SubmitError::NoOperator => Self::new(
                Kind::Refused,
                "this node holds no operator key; sign the entry and submit it as a transaction",
            ),
        }
    }
}

impl From<CodecError> for Problem {
    fn from(error: CodecError) -> Self {
        Self::new(Kind::Malformed, error)
    }
}
