//! What every handler shares.

use super::clock::{Clock, Source};
use super::database::{Database, RedbDatabase};
use super::document::Document;
use super::follow::{self, Looks};
use super::hooks::Targets;
use super::jobs::{Embedded, Queue};
use super::limits::Limits;
use super::metrics::Metrics;
use super::node::{Node, Opener};
use super::problem::{Kind, Problem};
use super::settings::Settings;
use super::tokens::Tokens;
use crate::error::{Code, Failure};
use privity_ledger::{Operator, StoreError};
use privity_quotes::QuotingKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// The service: settings, stores, credentials, clock, metrics.
pub struct Service {
    /// The settings.
    pub settings: Settings,
    /// The ledger.
    pub node: Node,
    /// Everything else that lasts.
    pub database: Arc<dyn Database>,
    /// Proving jobs.
    pub jobs: Arc<dyn Queue>,
    /// Where webhooks may go.
    pub targets: Arc<Targets>,
    /// Credentials.
    pub tokens: Tokens,
    /// The clock.
    pub clock: Clock,
    /// Limits of callers.
    pub limits: Limits,
    /// What Prometheus reads.
    pub metrics: Metrics,
    /// The OpenAPI document with the access table.
    pub document: Document,
    /// What the operator's keys of requests for quotation derive from; none if this node signs nothing.
    pub quoting: Option<QuotingKey>,
    /// Of a follower: has the other node looked at now.
    pub looks: Looks,
    stopping: watch::Sender<bool>,
    split: AtomicBool,
}

/// What a service is made of; tests put in their own.
pub struct Parts {
    /// Opens the ledger's store, again after it failed.
    pub store: Opener,
    /// Who signs heads and entries.
    pub operator: Option<Box<dyn Operator>>,
    /// What the operator's keys of requests for quotation derive from.
    pub quoting: Option<QuotingKey>,
    /// The service's own store.
    pub database: Box<dyn Database>,
    /// Credentials.
    pub tokens: Tokens,
    /// A clock other than the machine's.
    pub clock: Option<Source>,
}

impl Service {
    /// A service of these parts.
    ///
    /// # Errors
    /// [`Code::Store`], [`Code::Missing`] without a ledger, [`Code::Usage`] if the clock stands far from the ledger's time.
    pub fn new(settings: Settings, parts: Parts) -> Result<Self, Failure> {
        let jump = settings.clock.jump_seconds;
        let clock = parts.clock.map_or_else(|| Clock::system(jump), |source| Clock::new(source, jump));
        let metrics = Metrics::new().map_err(|error| Failure::new(Code::Usage, error))?;
        let node = Node::open(&settings.node, parts.store, parts.operator, &metrics)?;
        let (now, time) = (clock.rough(), node.ledger()?.read(|state| Ok(state.time()))?);
        if now.saturating_add(jump) < time || now > time.saturating_add(settings.clock.start_seconds) {
            let text = format!(
                "L4: the machine's clock says {now}, the ledger's time is {time}; correct the clock, or raise clock.start_seconds if the ledger rested so long"
            );
            return Err(Failure::new(Code::Usage, text));
        }
        let database: Arc<dyn Database> = parts.database.into();
        let jobs = Arc::new(Embedded::open(database.clone(), settings.jobs.limits(), now)?);
        let targets = Arc::new(settings.webhooks.targets()?);
        let document = Document::new().map_err(|error| Failure::new(Code::Usage, error))?;
        Ok(Self {
            limits: Limits::new(&settings.limits, settings.http.concurrency),
            settings,
            node,
            database,
            jobs,
            targets,
            tokens: parts.tokens,
            clock,
            metrics,
            document,
            quoting: parts.quoting,
            looks: Looks::default(),
            stopping: watch::Sender::new(false),
            split: AtomicBool::new(false),
        })
    }

    /// Whether this node settles what is submitted.
    ///
    /// # Errors
    /// [`Kind::Refused`] if it follows another node or only reads.
    pub fn settles(&self) -> Result<(), Problem> {
        if self.settings.node.read_only {
            return Err(
                Problem::new(Kind::Unavailable, "this node only reads; submit to one that settles").retry_after(60)
            );
        }
        if !self.settings.follow.url.is_empty() {
            return Err(Problem::new(Kind::Refused, "this node follows another; submit there"));
        }
        Ok(())
    }

    /// Notes that the node which is followed shows two histories; the service is ready no more.
    pub fn report_split(&self) {
        self.split.store(true, Ordering::Release);
    }

    /// Whether requests should be sent here.
    ///
    /// # Errors
    /// What is in the way.
    pub fn ready(&self) -> Result<(), Problem> {
        if self.is_stopping() {
            return Err(Problem::of(Kind::Stopping).retry_after(5));
        }
        if self.split.load(Ordering::Acquire) {
            return Err(follow::split());
        }
        self.node.ready()?;
        self.clock.now()?;
        self.database.read().map(drop)?;
        Ok(())
    }

    /// Whether the service is stopping.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Becomes true once the service stops; streams and workers end then.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Stops the service, as SIGTERM does: no new connections, what was begun is finished.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }
}

/// The service's own store, as the settings say.
///
/// # Errors
/// [`Code::Busy`], [`Code::Store`].
pub fn database(settings: &Settings) -> Result<Box<dyn Database>, Failure> {
    let path = settings.path(&settings.node.database);
    let database = RedbDatabase::open(&path).map_err(|error| Failure::from(error).in_file(&path))?;
    Ok(Box::new(database))
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Damaged(_) => Self::new(Kind::Internal, error),
            error => Self::new(Kind::Unavailable, error).remedy(Kind::Unavailable.remedy()).retry_after(1),
        }
    }
}

impl From<Problem> for StoreError {
    fn from(problem: Problem) -> Self {
        Self::Io(problem.to_string())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::new(Code::Store, problem)
    }
}
