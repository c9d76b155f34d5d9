//! Following another node: its log is replayed here, every proof, signature, rule and link checked; its heads are compared with
//! what was replayed. Two histories are reported, with the evidence on disk, and following ends.

use super::client::Remote;
use super::node::views::{EntryView, HeadView};
use super::problem::{Kind, Problem};
use super::settings::Settings;
use super::state::Service;
use crate::error::{Code, Failure};
use crate::files;
use actix_web::{rt, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use privity_ledger::audit::AuditError;
use privity_ledger::store::Options;
use privity_ledger::{Codec, Genesis, Head, Ledger, Record, RedbStore};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot};

/// Where the evidence of a split view lies in the home.
const EVIDENCE: &str = "split-view.json";

#[derive(Deserialize)]
struct Origin {
    genesis: String,
}

#[derive(Deserialize)]
struct Page {
    entries: Vec<EntryView>,
    more: bool,
}

/// Makes an empty ledger of the other node's genesis, if there is none yet.
///
/// # Errors
/// [`Code::Store`] if that node does not answer, [`Code::Input`] if what it answers is no genesis.
pub async fn prepare(settings: &Settings) -> Result<(), Failure> {
    let path = settings.path(&settings.node.ledger);
    if settings.follow.url.is_empty() || path.exists() {
        return Ok(());
    }
    let genesis = genesis(&settings.follow.url, &settings.path(&settings.follow.token_file)).await?;
    let store = RedbStore::open(&path, Options::default()).map_err(|error| Failure::from(error).in_file(&path))?;
    Ledger::create(Box::new(store), &genesis, None)?;
    Ok(())
}

/// The genesis of the node at `url`; the token is of scope auditor.
///
/// # Errors
/// As [`prepare`].
pub async fn genesis(url: &str, token_file: &Path) -> Result<Genesis, Failure> {
    let origin: Origin = Remote::new(url, token_file)?.json("/v1/ledger").await?;
    Ok(Genesis::from_bytes(&decoded(&origin.genesis)?)?)
}

fn remote(settings: &Settings) -> Result<Remote, Failure> {
    Remote::new(&settings.follow.url, &settings.path(&settings.follow.token_file))
}

/// What is wrong with the other node, as far as this one can tell.
enum Trouble {
    /// It does not answer, or this node's store does not.
    Passing(Failure),
    /// It shows what cannot be one honest history.
    Split(Value),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Passing(failure)
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Passing(problem.into())
    }
}

/// Most time that a caller waits for a look at the other node.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has the other node looked at before its time has come.
pub struct Looks {
    ask: mpsc::UnboundedSender<oneshot::Sender<()>>,
    asked: Mutex<mpsc::UnboundedReceiver<oneshot::Sender<()>>>,
}

impl Default for Looks {
    fn default() -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        Self { ask, asked: Mutex::new(asked) }
    }
}

impl Looks {
    /// Waits until a look that begins after this call has ended, or did not in time: then there is what there was.
    pub async fn look(&self) {
        let (done, seen) = oneshot::channel();
        if self.ask.send(done).is_ok() {
            let _ = rt::time::timeout(PATIENCE, seen).await;
        }
    }
}

/// Follows until the service stops, or the other node shows two histories.
pub async fn follow(service: Arc<Service>) {
    let pause = Duration::from_secs(service.settings.follow.seconds.max(1));
    let mut asked = service.looks.asked.lock().await;
    let mut waiting = Vec::new();
    while !service.is_stopping() {
        // Who asks while a look is under way waits for the next.
        while let Ok(one) = asked.try_recv() {
            waiting.push(one);
        }
        match step(&service).await {
            Ok(()) => {}
            Err(Trouble::Passing(failure)) => tracing::warn!(what = failure.what, "following"),
            Err(Trouble::Split(evidence)) => {
                tracing::error!(%evidence, "L10: split view; compare heads with the other members and publish both");
                let path = service.settings.home.join(EVIDENCE);
                if let Err(failure) = files::replace(&path, evidence.to_string().as_bytes()) {
                    tracing::error!(what = failure.what, "the evidence cannot be written");
                }
                service.report_split();
                asked.close();
                return;
            }
        }
        for one in waiting.drain(..) {
            // Who asked may have gone.
            let _ = one.send(());
        }
        if let Ok(Some(one)) = rt::time::timeout(pause, asked.recv()).await {
            waiting.push(one);
        }
    }
    asked.close();
}

async fn step(service: &Arc<Service>) -> Result<(), Trouble> {
    let remote = remote(&service.settings)?;
    // The head first: it was true before the entries are read, so that they must reach it.
    let head: HeadView = remote.json("/v1/head").await?;
    let head = Head::from_bytes(&decoded(&head.encoded)?).map_err(Failure::from)?;
    loop {
        let ledger = service.node.ledger()?;
        let length = ledger.read(|state| Ok(state.position())).map_err(Failure::from)?;
        let page: Page = remote.json(&format!("/v1/entries?cursor={length}")).await?;
        let records: Result<Vec<Record>, Failure> = page.entries.iter().map(record).collect();
        let records = records?;
        let replayed = web::block(move || ledger.replay(records)).await;
        match replayed.map_err(|_| Failure::new(Code::Store, "the replay was abandoned"))? {
            Ok(()) => service.node.publish(),
            Err(AuditError::Store(error)) => return Err(Failure::from(error).into()),
            Err(error) => {
                let evidence = json!({ "what": error.to_string(), "head": HeadView::from(&head), "after": length });
                return Err(Trouble::Split(evidence));
            }
        }
        if !page.more {
            break;
        }
        if page.entries.is_empty() {
            return Err(Failure::new(Code::Input, "the other node says that entries follow, and gives none").into());
        }
    }
    compare(&*service.node.ledger()?, &head)
}

/// Whether a head that the other node signed is of the history that was replayed here.
fn compare(ledger: &Ledger, head: &Head) -> Result<(), Trouble> {
    let split = |what: &str| Err(Trouble::Split(json!({ "what": what, "head": HeadView::from(head) })));
    let (id, genesis, key) = ledger
        .read(|state| Ok((state.ledger(), state.genesis().time, state.operator(head.operator)?)))
        .map_err(Failure::from)?;
    if !key.is_some_and(|(key, _)| head.is_signed_by(&key)) {
        return split("no operator key of the ledger signed the head");
    }
    let last = match head.position.checked_sub(1) {
        None => None,
        Some(last) => Some(ledger.read(|state| state.record_at(last)).map_err(Failure::from)?),
    };
    let (time, hash) = match last {
        None => (genesis, id.0),
        Some(Some(record)) => (record.time, record.hash(id)),
        Some(None) => return split("the entries end before the head that covers them"),
    };
    if (head.ledger, head.time, head.hash) == (id, time, hash) { Ok(()) } else { split("two histories of one length") }
}

fn record(view: &EntryView) -> Result<Record, Failure> {
    let previous = files::unhex(&view.previous).and_then(|bytes| bytes.try_into().ok());
    let previous = previous.ok_or_else(|| Failure::new(Code::Input, "the other node's entry has no hash"))?;
    Ok(Record { position: view.position, time: view.time, previous, body: decoded(&view.body)? })
}

fn decoded(text: &str) -> Result<Vec<u8>, Failure> {
    STANDARD.decode(text).map_err(|_| Failure::new(Code::Input, "the other node's answer is no base64"))
}

/// What a follower says while the other node shows two histories.
pub fn split() -> Problem {
    let text = "L10: the node that is followed shows two histories; split-view.json in the home is the evidence";
    Problem::new(Kind::Unavailable, text).rule("L10").remedy("compare heads with the other members")
}
