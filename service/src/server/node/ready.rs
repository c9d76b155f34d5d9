//! Answers that are ready to be sent again: what settled never changes, and what is read of the state changes with the log alone.
//!
//! Kept are bytes by path and query, in two generations: once the younger holds [`ROOM`] bytes, the older one is dropped and it takes
//! its place. So memory is bounded, and what is asked for again and again stays.

use super::Node;
use super::views::EntryView;
use crate::server::problem::{Kind, Problem};
use crate::server::system::{etag, unchanged};
use actix_web::http::header::{CACHE_CONTROL, ETAG};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use privity_ledger::State;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Bytes of one generation.
const ROOM: usize = 4 << 20;
/// What one answer takes beside its text.
const OVERHEAD: usize = 256;
/// A longer answer is not kept.
const LONGEST: usize = 256 << 10;

/// How long an answer is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lasts {
    /// For ever: it is about what settled.
    Forever,
    /// Until the next record settles.
    UntilNext,
}

/// An answer.
#[derive(Clone, Debug)]
struct Answer {
    /// The length of the log for which it is right; any if there is none.
    length: Option<u64>,
    tag: String,
    body: Bytes,
}

/// Answers that were given lately.
#[derive(Default)]
pub(super) struct Ready(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<String, Answer>,
    old: HashMap<String, Answer>,
    bytes: usize,
}

impl Ready {
    /// The answer to `path`, if it is right at this length of the log; one that is right for ever needs none.
    fn get(&self, path: &str, length: Option<u64>) -> Option<Answer> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let right = |answer: &&Answer| answer.length.is_none() || answer.length == length;
        if let Some(answer) = kept.young.get(path).filter(right) {
            return Some(answer.clone());
        }
        let answer = kept.old.get(path).filter(right).cloned()?;
        kept.put(path, answer.clone());
        Some(answer)
    }

    fn put(&self, path: &str, answer: Answer) {
        if answer.body.len() <= LONGEST {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(path, answer);
        }
    }
}

impl Generations {
    fn put(&mut self, path: &str, answer: Answer) {
        let size = |path: &str, answer: &Answer| path.len() + answer.body.len() + OVERHEAD;
        if self.bytes >= ROOM {
            (self.old, self.bytes) = (std::mem::take(&mut self.young), 0);
        }
        self.bytes += size(path, &answer);
        if let Some(before) = self.young.insert(path.to_owned(), answer) {
            self.bytes -= size(path, &before);
        }
    }
}

impl Answer {
    fn new(value: &impl Serialize, length: Option<u64>) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(|error| Problem::new(Kind::Internal, error))?;
        Ok(Self { length, tag: etag(&Sha256::digest(&body)[..16]), body: body.into() })
    }

    /// A page of answers that are right for ever, behind `{"entries":[`, and what follows them.
    fn page(parts: &[Self], end: &str, length: u64) -> Self {
        let begin = "{\"entries\":[";
        let bytes: usize = parts.iter().map(|part| part.body.len() + 1).sum();
        let (mut body, mut hash) = (Vec::with_capacity(begin.len() + bytes + end.len()), Sha256::new());
        body.extend_from_slice(begin.as_bytes());
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(&part.body);
            hash.update(&part.tag);
        }
        body.extend_from_slice(end.as_bytes());
        hash.update(end);
        Self { length: Some(length), tag: etag(&hash.finalize()[..16]), body: body.into() }
    }

    fn respond(self, request: &HttpRequest) -> HttpResponse {
        let keep = match self.length {
            None => "private, max-age=31536000, immutable",
            Some(_) => "private, no-cache",
        };
        let mut response = unchanged(request, &self.tag).unwrap_or_else(|| {
            let mut response = HttpResponse::Ok();
            response.insert_header((ETAG, self.tag)).content_type("application/json").body(self.body)
        });
        response.headers_mut().insert(CACHE_CONTROL, actix_web::http::header::HeaderValue::from_static(keep));
        response
    }
}

impl Node {
    /// Answers with the entries from one position to before another, as far as there are any: each as it is answered alone.
    pub(super) fn answer_entries(&self, request: &HttpRequest, from: u64, to: u64) -> Result<HttpResponse, Problem> {
        let ready = &self.inner.ready;
        let page = self.ledger()?.read(|state| {
            let length = state.position();
            let entry = |position: u64| {
                let path = format!("/v1/entries/{position}");
                if let Some(answer) = ready.get(&path, None) {
                    return Ok(answer);
                }
                let record = state.record_at(position)?.ok_or_else(|| Problem::of(Kind::Internal))?;
                let answer = Answer::new(&EntryView::new(&record, state.ledger())?, None)?;
                ready.put(&path, answer.clone());
                Ok(answer)
            };
            let parts: Result<Vec<Answer>, Problem> = (from..to.min(length)).map(entry).collect();
            Ok(parts.map(|parts| {
                let next = from + parts.len() as u64;
                Answer::page(&parts, &format!("],\"next\":{next},\"more\":{}}}", next < length), length)
            }))
        })??;
        Ok(page.respond(request))
    }

    /// Answers a read with what `look` sees, or with what it saw before if that is right still; 404 if it sees nothing.
    ///
    /// # Errors
    /// What `look` fails with, [`Kind::NotFound`], or the store's.
    pub(super) fn answer<T: Serialize>(
        &self,
        request: &HttpRequest,
        lasts: Lasts,
        look: impl FnOnce(&State<'_>) -> Result<Option<T>, Problem>,
    ) -> Result<HttpResponse, Problem> {
        let path = request.uri().path_and_query().map_or("", |path| path.as_str());
        let ready = &self.inner.ready;
        if lasts == Lasts::Forever
            && let Some(answer) = ready.get(path, None)
        {
            return Ok(answer.respond(request));
        }
        let answer = self.ledger()?.read(|state| {
            let length = (lasts == Lasts::UntilNext).then(|| state.position());
            if let Some(answer) = ready.get(path, length) {
                return Ok(Ok(answer));
            }
            Ok(look(state)
                .and_then(|seen| Answer::new(&seen.ok_or_else(|| Problem::of(Kind::NotFound))?, length))
                .inspect(|answer| ready.put(path, answer.clone())))
        })??;
        Ok(answer.respond(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: Option<u64>, size: usize) -> Answer {
        Answer { length, tag: String::new(), body: vec![b'x'; size].into() }
    }

    #[test]
    fn an_answer_is_right_for_its_length_alone() {
        let ready = Ready::default();
        ready.put("/a", answer(Some(7), 1));
        ready.put("/b", answer(None, 1));
        assert!(ready.get("/a", Some(7)).is_some());
        assert!(ready.get("/a", Some(8)).is_none() && ready.get("/a", None).is_none());
        assert!(ready.get("/b", Some(8)).is_some() && ready.get("/b", None).is_some());
    }

    #[test]
    fn memory_is_bounded_and_what_is_asked_for_stays() {
        let ready = Ready::default();
        ready.put("/often", answer(None, 1));
        for index in 0..100_000 {
            ready.put(&format!("/{index}"), answer(None, 1_000));
            assert!(ready.get("/often", None).is_some());
        }
        ready.put("/long", answer(None, LONGEST + 1));
        assert!(ready.get("/long", None).is_none());
        assert!(ready.get("/0", None).is_none(), "the oldest are gone");
        let kept = ready.0.lock().unwrap();
        let bytes = |generation: &HashMap<String, Answer>| generation.values().map(|one| one.body.len()).sum::<usize>();
        assert!(bytes(&kept.young) + bytes(&kept.old) <= 2 * (ROOM + LONGEST));
    }
}
