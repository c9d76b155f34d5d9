//! The ledger node: what settles, what is read.

use super::metrics::Metrics;
use super::problem::{Kind, Problem};
use super::settings;
use privity_ledger::{Ledger, Operator, Store, StoreError, SubmitError};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;
use utoipa_actix_web::service_config::ServiceConfig;

/// Opens the ledger's store.
pub type Opener = Box<dyn Fn() -> Result<Box<dyn Store>, StoreError> + Send + Sync>;

pub(super) fn routes(_config: &mut ServiceConfig<'_>) {}

/// A ledger that is opened again when its store failed.
pub struct Node {
    ledger: RwLock<Option<Arc<Ledger>>>,
    height: watch::Sender<u64>,
}

impl Node {
    /// Opens the ledger.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub fn open(
        _settings: &settings::Node,
        store: Opener,
        operator: Option<Box<dyn Operator>>,
        metrics: &Metrics,
    ) -> Result<Self, SubmitError> {
        let ledger = Ledger::open(store()?, operator)?;
        let height = ledger.read(|state| Ok(state.position()))?;
        metrics.height.set(i64::try_from(height).unwrap_or(i64::MAX));
        Ok(Self { ledger: RwLock::new(Some(Arc::new(ledger))), height: watch::Sender::new(height) })
    }

    /// The ledger, to read from.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] while its store is being opened again.
    pub fn ledger(&self) -> Result<Arc<Ledger>, Problem> {
        let ledger = self.ledger.read().unwrap_or_else(PoisonError::into_inner).clone();
        ledger.ok_or_else(|| Problem::of(Kind::Unavailable).retry_after(1))
    }

    /// Records in the log; changes when something settled.
    pub fn height(&self) -> watch::Receiver<u64> {
        self.height.subscribe()
    }

    /// Whether it settles.
    ///
    /// # Errors
    /// [`Kind::Unavailable`].
    pub fn ready(&self) -> Result<(), Problem> {
        self.ledger().map(drop)
    }

    /// Finishes what waits and lets the store go.
    pub fn close(&self) {
        self.ledger.write().unwrap_or_else(PoisonError::into_inner).take();
    }
}
