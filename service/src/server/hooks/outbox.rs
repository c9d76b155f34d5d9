//! What is registered, what waits to be sent, what could not be sent: rows, without a network.

use super::sign::Key;
use super::target::{TargetError, Targets};
use crate::server::id::timed_id;
use crate::server::page::PAGE;
use crate::server::{Edit, Kind, Problem, Redacted, Rows, Table};
use rand::Rng;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Hooks of one caller.
const MAX_HOOKS: usize = 16;
/// Deliveries of one hook that wait; what comes beyond is a dead letter at once.
const MAX_WAITING: u32 = 10_000;
/// Seconds for which a dead letter is kept.
const DEAD_KEPT: u64 = 30 * 86_400;
/// Attempts before a delivery is a dead letter.
pub const ATTEMPTS: u32 = 10;
/// Most seconds between two attempts.
const MAX_PAUSE: u64 = 6 * 3_600;

/// What a hook may ask for; a prefix ending in a dot asks for all below it.
const EVENTS: [&str; 3] = ["entries.", "job.", "deal."];

timed_id!(
    /// A hook's or a delivery's id.
    HookId
);

/// A registered address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Webhook)]
pub struct Hook {
    /// Its id.
    #[schema(value_type = String)]
    pub id: HookId,
    /// Where news goes.
    pub url: String,
    /// Which news: `job.done`, or `job.` for all of jobs.
    pub events: Vec<String>,
    /// When it was registered, Unix seconds.
    pub created: u64,
}

/// A hook as it is kept, under caller and id.
#[derive(Serialize, Deserialize)]
struct HookRow {
    hook: Hook,
    key: Redacted<String>,
    waiting: u32,
    /// The party for which its caller acts, an owner id: news of the party's deals comes here.
    #[serde(default)]
    party: Option<String>,
}

/// News on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct Delivery {
    /// Its id, the same at every attempt.
    #[schema(value_type = String)]
    pub id: HookId,
    /// For which hook.
    #[schema(value_type = String)]
    pub hook: HookId,
    /// What happened, as `job.done`.
    pub event: String,
    /// When it happened, Unix seconds.
    pub created: u64,
    /// Attempts made.
    pub attempts: u32,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
}

/// A delivery as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Parcel {
    pub(super) caller: String,
    pub(super) delivery: Delivery,
    pub(super) body: String,
}

/// A delivery that is due, with all that sending takes.
pub(super) struct Due {
    pub(super) row: Vec<u8>,
    pub(super) parcel: Parcel,
    pub(super) url: String,
    pub(super) key: Key,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The receiver has it.
    Delivered,
    /// Try again later.
    Failed(String),
    /// It makes no sense to try again.
    Refused(String),
}

fn own(caller: &str, id: &str) -> Vec<u8> {
    [caller.as_bytes(), b"\0", id.as_bytes()].concat()
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|_| Problem::of(Kind::Internal))
}

fn missing() -> Problem {
    Problem::new(Kind::NotFound, "there is no such webhook or delivery; list yours")
}

fn hooks(rows: &dyn Rows, caller: &str) -> Result<Vec<HookRow>, Problem> {
    let prefix = own(caller, "");
    let mut found = Vec::new();
    rows.scan(Table::Hooks, &prefix, &mut |key, value| {
        let mine = key.starts_with(&prefix);
        found.extend(serde_json::from_slice(value).ok().filter(|_| mine));
        mine
    })?;
    Ok(found)
}

fn find(rows: &dyn Rows, caller: &str, id: &HookId) -> Result<HookRow, Problem> {
    let row = rows.get(Table::Hooks, &own(caller, id.as_str()))?;
    row.and_then(|row| serde_json::from_slice(&row).ok()).ok_or_else(missing)
}

/// Registers an address; the hook and the key, which is shown this once.
///
/// # Errors
/// [`Kind::Refused`] for an address that is not allowed or unknown events, [`Kind::Conflict`] if there are too many.
pub(super) fn register(
    rows: &mut dyn Edit,
    targets: &Targets,
    (caller, party): (&str, Option<&str>),
    (url, events): (&str, &[String]),
    now: u64,
) -> Result<(Hook, Key), Problem> {
    targets.check(url)?;
    let known = |event: &String| EVENTS.iter().any(|prefix| event.starts_with(prefix)) && event.len() <= 64;
    if events.is_empty() || events.len() > 16 || !events.iter().all(known) {
        let text = "events are 1 to 16 names that begin with `entries.`, `job.` or `deal.`; see docs/http/webhooks.md";
        return Err(Problem::new(Kind::Refused, text));
    }
    if hooks(rows, caller)?.len() >= MAX_HOOKS {
        let text = format!("a caller has at most {MAX_HOOKS} webhooks; remove one");
        return Err(Problem::new(Kind::Conflict, text));
    }
    let key = Key::fresh(&mut OsRng);
    let hook = Hook { id: HookId::fresh(now), url: url.to_owned(), events: events.to_vec(), created: now };
    let row = HookRow {
        hook: hook.clone(),
        key: Redacted::new(key.to_text().to_string()),
        waiting: 0,
        party: party.map(str::to_owned),
    };
    rows.put(Table::Hooks, &own(caller, hook.id.as_str()), &encode(&row)?)?;
    Ok((hook, key))
}

impl From<TargetError> for Problem {
    fn from(error: TargetError) -> Self {
        Self::new(Kind::Refused, error).rule("target")
    }
}

/// A caller's hooks, oldest first.
///
/// # Errors
/// The store's.
pub(super) fn list(rows: &dyn Rows, caller: &str) -> Result<Vec<Hook>, Problem> {
    Ok(hooks(rows, caller)?.into_iter().map(|row| row.hook).collect())
}

/// Removes a hook; what waits for it is dropped when it is due.
///
/// # Errors
/// [`Kind::NotFound`].
pub(super) fn remove(rows: &mut dyn Edit, caller: &str, id: &HookId) -> Result<Hook, Problem> {
    let row = find(rows, caller, id)?;
    rows.remove(Table::Hooks, &own(caller, id.as_str()))?;
    Ok(row.hook)
}

/// Tells a caller's hooks that ask for `event`; within the transaction of what happened.
///
/// # Errors
/// The store's.
pub fn post(rows: &mut dyn Edit, caller: &str, event: &str, data: &impl Serialize, now: u64) -> Result<(), Problem> {
    let hooks = hooks(rows, caller)?;
    if hooks.is_empty() {
        return Ok(());
    }
    let data = serde_json::to_value(data).map_err(|_| Problem::of(Kind::Internal))?;
    hooks.into_iter().try_for_each(|row| post_one(rows, caller, row, event, &data, now))
}

/// Tells every caller's hooks that ask for `event`.
///
/// # Errors
/// The store's.
pub fn post_to_all(rows: &mut dyn Edit, event: &str, data: &impl Serialize, now: u64) -> Result<(), Problem> {
    post_where(rows, |_| true, event, data, now)
}

/// Tells the hooks of all callers that act for a party, given by its owner id.
///
/// # Errors
/// The store's.
pub fn post_to_party(
    rows: &mut dyn Edit,
    party: &str,
    event: &str,
    data: &impl Serialize,
    now: u64,
) -> Result<(), Problem> {
    post_where(rows, |row| row.party.as_deref() == Some(party), event, data, now)
}

fn post_where(
    rows: &mut dyn Edit,
    wanted: impl Fn(&HookRow) -> bool,
    event: &str,
    data: &impl Serialize,
    now: u64,
) -> Result<(), Problem> {
    let data = serde_json::to_value(data).map_err(|_| Problem::of(Kind::Internal))?;
    let mut all: Vec<(String, HookRow)> = Vec::new();
    rows.scan(Table::Hooks, &[], &mut |key, value| {
        let caller =
            key.rsplitn(2, |byte| *byte == 0).nth(1).and_then(|caller| String::from_utf8(caller.to_vec()).ok());
        let row = serde_json::from_slice::<HookRow>(value).ok().filter(|row| wanted(row));
        all.extend(caller.zip(row));
        true
    })?;
    all.into_iter().try_for_each(|(caller, row)| post_one(rows, &caller, row, event, &data, now))
}

fn post_one(
    rows: &mut dyn Edit,
    caller: &str,
    mut row: HookRow,
    event: &str,
    data: &Value,
    now: u64,
) -> Result<(), Problem> {
    let asked = |wanted: &String| wanted == event || wanted.ends_with('.') && event.starts_with(wanted.as_str());
    if !row.hook.events.iter().any(asked) {
        return Ok(());
    }
    let id = HookId::fresh(now);
    let body = json!({ "type": event, "timestamp": now.to_string(), "data": data }).to_string();
    let (hook, event) = (row.hook.id.clone(), event.to_owned());
    let mut delivery = Delivery { id, hook, event, created: now, attempts: 0, failure: None };
    if row.waiting >= MAX_WAITING {
        delivery.failure = Some(format!("more than {MAX_WAITING} deliveries wait for this webhook"));
        return bury(rows, &Parcel { caller: caller.to_owned(), delivery, body });
    }
    row.waiting += 1;
    rows.put(Table::Hooks, &own(caller, row.hook.id.as_str()), &encode(&row)?)?;
    enqueue(rows, &Parcel { caller: caller.to_owned(), delivery, body }, now)
}

/// Puts a parcel where it is found when it is due.
fn enqueue(rows: &mut dyn Edit, parcel: &Parcel, due: u64) -> Result<(), Problem> {
    let key = [due.to_be_bytes().as_slice(), parcel.delivery.id.as_str().as_bytes()].concat();
    Ok(rows.put(Table::Deliveries, &key, &encode(parcel)?)?)
}

fn bury(rows: &mut dyn Edit, parcel: &Parcel) -> Result<(), Problem> {
    let key = own(&parcel.caller, parcel.delivery.id.as_str());
    Ok(rows.put(Table::DeadLetters, &key, &encode(parcel)?)?)
}

/// What is due, oldest first, but no more than one delivery per hook and none for those in `busy`, so that one receiver sees one
/// connection at a time.
///
/// # Errors
/// The store's.
pub(super) fn due(rows: &dyn Rows, busy: &BTreeSet<HookId>, now: u64, limit: usize) -> Result<Vec<Due>, Problem> {
    let mut parcels: Vec<(Vec<u8>, Parcel)> = Vec::new();
    rows.scan(Table::Deliveries, &[], &mut |key, value| {
        let due = key.first_chunk().is_some_and(|due| u64::from_be_bytes(*due) <= now);
        let taken = |hook| busy.contains(hook) || parcels.iter().any(|(_, earlier)| earlier.delivery.hook == *hook);
        if let (true, Ok(parcel)) = (due, serde_json::from_slice::<Parcel>(value))
            && !taken(&parcel.delivery.hook)
        {
            parcels.push((key.to_vec(), parcel));
        }
        due && parcels.len() < limit
    })?;
    let due = parcels.into_iter().map(|(row, parcel)| {
        let hook = find(rows, &parcel.caller, &parcel.delivery.hook);
        let (url, key) = match hook {
            Ok(hook) => (hook.hook.url, hook.key),
            Err(problem) if problem.kind == Kind::NotFound => Default::default(),
            Err(problem) => return Err(problem),
        };
        // A hook that was removed has no address; the attempt says so.
        let key = Key::from_text(key.expose()).unwrap_or_else(|| Key::fresh(&mut OsRng));
        Ok(Due { row, parcel, url, key })
    });
    due.collect()
}

/// Seconds before attempt `made` + 1: 5·3^(made − 1), at most six hours, of which a random half is left out, so that receivers that come
/// back are not met by everything at once.
pub(super) fn pause(made: u32, rng: &mut impl Rng) -> u64 {
    let full = 3u64.checked_pow(made.saturating_sub(1)).map_or(MAX_PAUSE, |factor| factor.saturating_mul(5));
    let full = full.min(MAX_PAUSE);
    rng.gen_range(full.div_ceil(2)..=full)
}

/// Writes down how an attempt ended.
///
/// # Errors
/// The store's.
pub(super) fn settle(rows: &mut dyn Edit, due: &Due, attempt: &Attempt, now: u64) -> Result<(), Problem> {
    rows.remove(Table::Deliveries, &due.row)?;
    let mut parcel = due.parcel.clone();
    parcel.delivery.attempts += 1;
    let (failure, again) = match attempt {
        Attempt::Delivered => (None, false),
        Attempt::Failed(why) => (Some(why.clone()), parcel.delivery.attempts < ATTEMPTS),
        Attempt::Refused(why) => (Some(why.clone()), false),
    };
    let dead = failure.is_some() && !again;
    parcel.delivery.failure = failure;
    if again {
        let next = now.saturating_add(pause(parcel.delivery.attempts, &mut OsRng));
        return enqueue(rows, &parcel, next);
    }
    if dead {
        bury(rows, &parcel)?;
    }
    let Ok(mut row) = find(rows, &parcel.caller, &parcel.delivery.hook) else { return Ok(()) };
    row.waiting = row.waiting.saturating_sub(1);
    Ok(rows.put(Table::Hooks, &own(&parcel.caller, row.hook.id.as_str()), &encode(&row)?)?)
}

/// A caller's dead letters behind `after`, oldest first.
///
/// # Errors
/// The store's.
pub(super) fn dead(rows: &dyn Rows, caller: &str, after: Option<&HookId>) -> Result<Vec<Delivery>, Problem> {
    let prefix = own(caller, "");
    let from = after.map_or_else(|| prefix.clone(), |id| [own(caller, id.as_str()), vec![0]].concat());
    let mut found = Vec::new();
    rows.scan(Table::DeadLetters, &from, &mut |key, value| {
        let mine = key.starts_with(&prefix);
        let parcel = serde_json::from_slice::<Parcel>(value).ok().filter(|_| mine);
        found.extend(parcel.map(|parcel| parcel.delivery));
        mine && found.len() < PAGE
    })?;
    Ok(found)
}

/// Sends a dead letter again, now, with all its attempts before it.
///
/// # Errors
/// [`Kind::NotFound`].
pub(super) fn replay(rows: &mut dyn Edit, caller: &str, id: &HookId, now: u64) -> Result<Delivery, Problem> {
    let place = own(caller, id.as_str());
    let row = rows.get(Table::DeadLetters, &place)?.ok_or_else(missing)?;
    let mut parcel: Parcel = serde_json::from_slice(&row).map_err(|_| Problem::of(Kind::Internal))?;
    let mut hook = find(rows, caller, &parcel.delivery.hook)?;
    hook.waiting = hook.waiting.saturating_add(1);
    rows.put(Table::Hooks, &own(caller, hook.hook.id.as_str()), &encode(&hook)?)?;
    parcel.delivery.attempts = 0;
    parcel.delivery.failure = None;
    rows.remove(Table::DeadLetters, &place)?;
    enqueue(rows, &parcel, now)?;
    Ok(parcel.delivery)
}

/// Forgets dead letters that were kept long enough.
///
/// # Errors
/// The store's.
pub fn forget(rows: &mut dyn Edit, now: u64) -> Result<usize, Problem> {
    let mut old = Vec::new();
    rows.scan(Table::DeadLetters, &[], &mut |key, value| {
        let parcel = serde_json::from_slice::<Parcel>(value).ok();
        if parcel.is_none_or(|parcel| parcel.delivery.created.saturating_add(DEAD_KEPT) <= now) {
            old.push(key.to_vec());
        }
        old.len() < 1_000
    })?;
    for key in &old {
        rows.remove(Table::DeadLetters, key)?;
    }
    Ok(old.len())
}

#[cfg(test)]
mod tests;
