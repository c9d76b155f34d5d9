//! Idempotency keys: an effect and the answer about it are written in one transaction, so a repetition answers the same.
//!
//! The key belongs to the caller. It is kept for [`KEEP`] seconds at least. A refusal has no effect and is not kept: the same
//! request may be tried again under the same key. The same key with another method, path or body is refused with 422.

use super::blocking::blocking;
use super::caller::Caller;
use super::database::{Database, Edit, Table};
use super::problem::{Kind, Problem};
use super::state::Service;
use actix_web::http::header::HeaderName;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fmt;

/// Seconds that an answer is kept: a day and an hour.
pub const KEEP: u64 = 90_000;
/// The header.
pub const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Answers that are forgotten in one write, so that nobody waits long.
const SWEEP: usize = 1_000;

/// What makes a mutating request the same as another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 over caller and key, if the request has a key.
    pub key: Option<[u8; 32]>,
    /// SHA-256 over method, path, query and body.
    pub digest: [u8; 32],
}

impl Once {
    /// Of a request with this body.
    ///
    /// # Errors
    /// [`Kind::Malformed`] unless the key is 1 to 255 visible ASCII characters, and sent once.
    pub fn new(request: &HttpRequest, caller: &Caller, body: &[u8]) -> Result<Self, Problem> {
        let mut sent = request.headers().get_all(&HEADER);
        let key = sent.next();
        let visible = |bytes: &[u8]| (1..=255).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        if sent.next().is_some() || key.is_some_and(|key| !visible(key.as_bytes())) {
            let text = "Idempotency-Key is 1 to 255 visible ASCII characters, sent once; a UUID does";
            return Err(Problem::new(Kind::Malformed, text));
        }
        let key = key.map(|key| digest(&[b"privity.once.v1", caller.name.as_bytes(), key.as_bytes()]));
        let (method, uri) = (request.method().as_str(), request.uri());
        let parts = [method.as_bytes(), uri.path().as_bytes(), uri.query().unwrap_or_default().as_bytes(), body];
        Ok(Self { key, digest: digest(&parts) })
    }

    /// Runs `effect` and keeps its answer with it; a repetition is answered as the first request was. `now` is in Unix seconds.
    ///
    /// # Errors
    /// What `effect` refuses, [`Kind::KeyReused`], or the store's.
    pub fn run(
        &self,
        database: &dyn Database,
        now: u64,
        effect: &mut dyn FnMut(&mut dyn Edit) -> Result<Reply, Problem>,
    ) -> Result<Reply, Problem> {
        let mut outcome = None;
        database.write(&mut |rows| {
            let result = self.step(rows, now, effect);
            let changed = matches!(result, Ok((_, true)));
            outcome = Some(result.map(|(reply, _)| reply));
            Ok(changed)
        })?;
        outcome.unwrap_or_else(|| Err(Problem::of(Kind::Internal)))
    }

    /// As [`Once::run`] on the service's store, away from the threads that answer; `effect` is told the time, Unix seconds.
    ///
    /// # Errors
    /// As [`Once::run`].
    pub async fn answer(
        self,
        service: Data<Service>,
        mut effect: impl FnMut(&mut dyn Edit, u64) -> Result<Reply, Problem> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let reply = blocking(move || {
            let now = service.clock.rough();
            self.run(&*service.database, now, &mut |rows| effect(rows, now))
        });
        Ok(reply.await?.into())
    }

    /// The answer, and whether it is new.
    fn step(
        &self,
        rows: &mut dyn Edit,
        now: u64,
        effect: &mut dyn FnMut(&mut dyn Edit) -> Result<Reply, Problem>,
    ) -> Result<(Reply, bool), Problem> {
        let Some(key) = self.key else { return Ok((effect(rows)?, true)) };
        if let Some(row) = rows.get(Table::Once, &key)? {
            let (digest, reply) = row.split_at_checked(32).ok_or_else(|| Problem::of(Kind::Internal))?;
            if digest != self.digest {
                return Err(Problem::of(Kind::KeyReused));
            }
            let reply = serde_json::from_slice(reply).map_err(|_| Problem::of(Kind::Internal))?;
            return Ok((reply, false));
        }
        let reply = effect(rows)?;
        let mut row = self.digest.to_vec();
        row.extend(serde_json::to_vec(&reply).map_err(|_| Problem::of(Kind::Internal))?);
        rows.put(Table::Once, &key, &row)?;
        let mut until = now.saturating_add(KEEP).to_be_bytes().to_vec();
        until.extend_from_slice(&key);
        rows.put(Table::OnceUntil, &until, &[])?;
        Ok((reply, true))
    }
}

/// Forgets answers that were kept long enough; how many.
///
/// # Errors
/// The store's.
pub fn sweep(database: &dyn Database, now: u64) -> Result<usize, Problem> {
    let mut forgotten = 0;
    database.write(&mut |rows| {
        let mut old = Vec::new();
        rows.scan(Table::OnceUntil, &[], &mut |key, _| {
            let due = key.first_chunk().is_some_and(|until| u64::from_be_bytes(*until) <= now);
            if due {
                old.push(key.to_vec());
            }
            due && old.len() < SWEEP
        })?;
        for key in &old {
            rows.remove(Table::OnceUntil, key)?;
            rows.remove(Table::Once, &key[8..])?;
        }
        forgotten = old.len();
        Ok(forgotten > 0)
    })?;
    Ok(forgotten)
}

/// An answer as it is kept: status, body, and the path of what was made. Some bodies hold a secret that is shown once.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// `Location`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub location: Option<String>,
}

impl Reply {
    /// An answer with this body.
    ///
    /// # Errors
    /// [`Kind::Internal`] if the body has no JSON form.
    pub fn new(status: u16, body: &impl Serialize) -> Result<Self, Problem> {
        let body = serde_json::to_value(body).map_err(|_| Problem::of(Kind::Internal))?;
        Ok(Self { status, body, location: None })
    }

    /// The same, saying where what was made lies.
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({}, redacted)", self.status)
    }
}

impl From<Reply> for HttpResponse {
    fn from(reply: Reply) -> Self {
        let status = actix_web::http::StatusCode::from_u16(reply.status).unwrap_or_default();
        let mut response = Self::build(status);
        if let Some(location) = &reply.location {
            response.insert_header((actix_web::http::header::LOCATION, location.as_str()));
        }
        if reply.body.is_null() { response.finish() } else { response.json(reply.body) }
    }
}

/// SHA-256 over parts, each preceded by its length.
fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let hash = parts
        .iter()
        .fold(Sha256::new(), |hash, part| hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::super::database::RedbDatabase;
    use super::*;

    fn once(key: u8, body: u8) -> Once {
        Once { key: Some([key; 32]), digest: [body; 32] }
    }

    #[test]
    fn an_effect_happens_once_and_is_forgotten_in_time() {
        let database = RedbDatabase::memory().unwrap();
        let mut runs = 0;
        let mut run = |once: &Once| {
            once.run(&database, 1_000, &mut |rows| {
                runs += 1;
                rows.put(Table::Jobs, &[runs], &[])?;
                Reply::new(201, &runs)
            })
        };
        let first = run(&once(1, 1)).unwrap();
        assert_eq!(run(&once(1, 1)).unwrap(), first);
        assert_eq!(run(&once(1, 2)).unwrap_err().kind, Kind::KeyReused);
        assert_eq!(run(&once(2, 1)).unwrap().body, 2);
        assert_eq!(run(&Once { key: None, digest: [1; 32] }).unwrap().body, 3);
        assert_eq!(sweep(&database, 1_000 + KEEP - 1).unwrap(), 0);
        assert_eq!(sweep(&database, 1_000 + KEEP).unwrap(), 2);
        let mut again = |_: &mut dyn Edit| Reply::new(200, &"anew");
        assert_eq!(once(1, 1).run(&database, 1_000, &mut again).unwrap().body, "anew");
    }

    #[test]
    fn a_refusal_is_not_kept() {
        let database = RedbDatabase::memory().unwrap();
        let refuse = &mut |rows: &mut dyn Edit| {
            rows.put(Table::Jobs, b"half", &[])?;
            Err(Problem::of(Kind::Refused))
        };
        assert_eq!(once(1, 1).run(&database, 0, refuse).unwrap_err().kind, Kind::Refused);
        assert_eq!(database.read().unwrap().get(Table::Jobs, b"half").unwrap(), None);
        assert!(once(1, 2).run(&database, 0, &mut |_| Reply::new(200, &1)).is_ok());
    }
}
