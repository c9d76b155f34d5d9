//! `GET /v1/stream`: entries as server-sent events, from any height, to any number of subscribers.
//!
//! All subscribers share the texts of the latest entries; each has a position and nothing else. Who falls behind reads the store.

use super::views::EntryView;
use crate::server::caller::Caller;
use crate::server::problem::{Kind, Problem};
use crate::server::state::Service;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{Error, HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use privity_ledger::{Ledger, Record};
use serde::Deserialize;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

/// Latest entries whose texts are kept.
const RECENT: usize = 1_024;
/// Entries that are read at once for who is behind.
const BEHIND: usize = 8;
/// Between two signs of life.
const ALIVE: Duration = Duration::from_secs(25);

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_stream);
}

/// The texts of the latest entries.
#[derive(Default)]
pub(super) struct Recent(Mutex<Texts>);

#[derive(Default)]
struct Texts {
    /// Position behind the last text.
    end: u64,
    texts: VecDeque<Bytes>,
}

impl Recent {
    /// Reads what settled since; the length of the log.
    pub(super) fn read(&self, ledger: &Ledger) -> Result<u64, Problem> {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, length) = ledger.read(|state| Ok((state.ledger(), state.position())))?;
        let from = recent.end.max(length.saturating_sub(RECENT as u64));
        let count = usize::try_from(length.saturating_sub(from)).unwrap_or(0);
        if from > recent.end {
            recent.texts.clear();
        }
        for record in ledger.records(from, count)? {
            if recent.texts.len() == RECENT {
                recent.texts.pop_front();
            }
            recent.texts.push_back(event(&record, id)?);
            recent.end = record.position + 1;
        }
        Ok(length)
    }

    fn get(&self, position: u64) -> Option<Bytes> {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let back = usize::try_from(recent.end.checked_sub(position)?).ok()?;
        recent.texts.get(recent.texts.len().checked_sub(back)?).cloned()
    }
}

fn event(record: &Record, id: privity_ledger::LedgerHash) -> Result<Bytes, Problem> {
    let view = EntryView::new(record, id)?;
    let data = serde_json::to_string(&view).map_err(|error| Problem::new(Kind::Internal, error))?;
    Ok(Bytes::from(format!("id: {}\nevent: entry\ndata: {data}\n\n", view.position)))
}

/// Where a stream begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct From {
    /// Position of the first entry; what settles next if absent. `Last-Event-ID` goes before it
    #[serde(default)]
    from: Option<u64>,
}

/// Entries as they settle.
///
/// Server-sent events: `id` is the position, `data` an entry as `/v1/entries/{position}` shows it. With `Last-Event-ID` the stream
/// goes on behind that position.
#[utoipa::path(
    tag = "ledger",
    security(("token" = ["auditor"])),
    params(From, ("last-event-id" = Option<u64>, Header, description = "Position of the last entry seen")),
    responses((status = 200, content_type = "text/event-stream", body = String, description = "Events without end"))
)]
#[get("/v1/stream")]
async fn get_stream(
    service: web::Data<Service>,
    caller: Caller,
    from: web::Query<From>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let last = request.headers().get("last-event-id").map(|value| value.to_str().ok()?.parse::<u64>().ok());
    let malformed =
        || Problem::new(Kind::Malformed, "Last-Event-ID is the position of an entry; send the id of the last event");
    let last = last.map(|last| last.ok_or_else(malformed)).transpose()?;
    let height = service.node.height();
    let length = *height.borrow();
    let next = last.map_or(from.from.unwrap_or(length), |last| last.saturating_add(1));
    if next > length {
        let text =
            format!("the log has {length} entries, so it cannot go on at {next}; is that another ledger's position?");
        return Err(Problem::new(Kind::Malformed, text));
    }
    let subscriber = Subscriber {
        next,
        height,
        stopping: service.stopping(),
        _place: service.limits.stream(&caller, service.metrics.streams.clone())?,
        service: service.into_inner(),
        read: VecDeque::new(),
    };
    let events = stream::unfold(subscriber, |mut subscriber| async {
        let bytes = subscriber.next().await?;
        Some((bytes, subscriber))
    });
    let mut response = HttpResponse::Ok();
    // Compression would hold events back until a block is full.
    response.insert_header((CONTENT_ENCODING, "identity")).insert_header((CACHE_CONTROL, "no-store"));
    Ok(response.insert_header((CONTENT_TYPE, "text/event-stream")).streaming(events))
}

struct Subscriber {
    next: u64,
    height: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    service: std::sync::Arc<Service>,
    /// What was read of the store and not yet sent.
    read: VecDeque<Bytes>,
    _place: crate::server::limits::Streaming,
}

impl Subscriber {
    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            if *self.stopping.borrow() {
                return None;
            }
            if self.next < *self.height.borrow_and_update() {
                return Some(self.entry().map_err(Error::from));
            }
            tokio::select! {
                changed = self.height.changed() => changed.ok()?,
                _ = self.stopping.changed() => return None,
                () = actix_web::rt::time::sleep(ALIVE) => return Some(Ok(Bytes::from_static(b": alive\n\n"))),
            }
        }
    }

    fn entry(&mut self) -> Result<Bytes, Problem> {
        if self.read.is_empty()
            && let Some(text) = self.service.node.inner.recent.get(self.next)
        {
            self.next += 1;
            return Ok(text);
        }
        if self.read.is_empty() {
            let ledger = self.service.node.ledger()?;
            let id = ledger.read(|state| Ok(state.ledger()))?;
            let records = ledger.records(self.next, BEHIND)?;
            self.read = records.iter().map(|record| event(record, id)).collect::<Result<_, _>>()?;
        }
        let text = self.read.pop_front().ok_or_else(|| Problem::of(Kind::Unavailable))?;
        self.next += 1;
        Ok(text)
    }
}
