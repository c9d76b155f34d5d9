//! Deals, envelopes and attachments in rows. Envelopes and attachments are bytes that nobody here can read.

use super::machine::{Act, ActError, Role, State};
use crate::files::{hex, unhex};
use crate::server::hooks;
use crate::server::id::is_id;
use crate::server::{Edit, Kind, Problem, Rows, Table};
use privity_circuits::keys::Owner;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use utoipa::ToSchema;

/// Most bytes of an envelope.
pub const MAX_ENVELOPE: usize = 512 << 10;
/// Most bytes of one part of an attachment; a longer one is sent in parts.
pub const MAX_PART: usize = 768 << 10;
/// Parts of one deal.
const MAX_PARTS: usize = 128;
/// Envelopes of one deal.
const MAX_ENVELOPES: usize = 512;
/// Deals of one party that are not over.
const MAX_OPEN: usize = 2_000;
/// Seconds of a negotiation at the most.
const MAX_LIFE: u64 = 366 * 86_400;

/// A deal's id: the first half of SHA-256(`privity.room.v1` ‖ opener's owner ‖ nonce). The opener knows it before the service does, and
/// nobody can open, or ask for, the id of another's deal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DealId(String);

impl DealId {
    /// The id of the deal that `opener` opens with a random `nonce`.
    pub fn of(opener: Owner, nonce: &[u8; 16]) -> Self {
        let digest = Sha256::new_with_prefix(b"privity.room.v1").chain_update(opener.to_bytes()).chain_update(nonce);
        Self(hex(&digest.finalize()[..16]))
    }

    /// The id that a caller names.
    pub fn named(text: &str) -> Option<Self> {
        is_id(text).then(|| Self(text.to_owned()))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DealId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the service knows of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EnvelopeHeader)]
pub struct Header {
    /// Its place in the deal, from 1.
    pub sequence: u64,
    /// What its sender did.
    pub act: Act,
    /// Who sent it.
    pub from: Role,
    /// When it came, Unix seconds.
    pub time: u64,
    /// Bytes.
    pub bytes: usize,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// SHA-256 of the encrypted parts of attachments that it refers to.
    #[serde(default)]
    pub attachments: Vec<String>,
}

/// A deal as its parties see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deal {
    /// Its id.
    #[schema(value_type = String)]
    pub id: DealId,
    /// Owner id of the buyer.
    #[schema(value_type = String)]
    pub buyer: Owner,
    /// Owner id of the supplier.
    #[schema(value_type = String)]
    pub supplier: Owner,
    /// Where it stands.
    pub state: State,
    /// When it was opened, Unix seconds.
    pub created: u64,
    /// When the negotiation ends by itself, Unix seconds.
    pub expires: u64,
    /// The envelopes, in their order.
    pub envelopes: Vec<Header>,
    /// Why it was terminated, if the service did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

impl Deal {
    /// The role of a party, if it is one of the two.
    fn role(&self, party: Owner) -> Option<Role> {
        match party {
            _ if party == self.buyer => Some(Role::Buyer),
            _ if party == self.supplier => Some(Role::Supplier),
            _ => None,
        }
    }

    /// The number of the next envelope; also what changes with every change.
    pub fn next(&self) -> u64 {
        self.envelopes.len() as u64 + 1
    }

    /// The deal at `now`: a negotiation whose time is over has ended.
    fn at(mut self, now: u64) -> Self {
        if self.state.lapses() && self.expires <= now {
            self.state = State::Terminated;
            self.reason = Some("expired".to_owned());
        }
        self
    }
}

/// A deal to open.
#[derive(Debug)]
pub struct NewDeal {
    /// Of the opener's choice, random.
    pub nonce: [u8; 16],
    /// The other party.
    pub counterparty: Owner,
    /// When the negotiation ends by itself, Unix seconds.
    pub expires: u64,
    /// The first envelope.
    pub envelope: NewEnvelope,
}

/// An envelope to add.
#[derive(Debug)]
pub struct NewEnvelope {
    /// What its sender does.
    pub act: Act,
    /// The number that the envelope is sealed for.
    pub sequence: u64,
    /// Sealed bytes.
    pub bytes: Vec<u8>,
    /// Parts of attachments that it refers to.
    pub attachments: Vec<String>,
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        Self::new(Kind::Conflict, error)
    }
}

/// The one answer about a deal that is not there and a deal of others.
pub fn missing() -> Problem {
    Problem::new(Kind::NotFound, "there is no such deal; list yours")
}

fn envelope_key(id: &DealId, sequence: u64) -> Vec<u8> {
    [id.0.as_bytes(), &sequence.to_be_bytes()].concat()
}

fn part_key(id: &DealId, hash: &str) -> Vec<u8> {
    [id.0.as_bytes(), hash.as_bytes()].concat()
}

fn of_key(owner: Owner, id: &str) -> Vec<u8> {
    [owner.to_bytes().as_slice(), id.as_bytes()].concat()
}

fn load(rows: &dyn Rows, party: Owner, id: &DealId, now: u64) -> Result<(Deal, Role), Problem> {
    let row = rows.get(Table::Deals, id.0.as_bytes())?;
    let deal: Option<Deal> = row.and_then(|row| serde_json::from_slice(&row).ok());
    let deal = deal.ok_or_else(missing)?.at(now);
    let role = deal.role(party).ok_or_else(missing)?;
    Ok((deal, role))
}

fn save(rows: &mut dyn Edit, deal: &Deal) -> Result<(), Problem> {
    let row = serde_json::to_vec(deal).map_err(|_| Problem::of(Kind::Internal))?;
    Ok(rows.put(Table::Deals, deal.id.0.as_bytes(), &row)?)
}

/// Opens a deal with its first envelope.
///
/// # Errors
/// [`Kind::Conflict`] for an act that opens nothing or a nonce used before, [`Kind::Refused`] for what is over a limit.
pub fn open(rows: &mut dyn Edit, party: Owner, new: &NewDeal, now: u64) -> Result<Deal, Problem> {
    let role = if new.envelope.act == Act::Offer { Role::Supplier } else { Role::Buyer };
    let state = State::after(None, new.envelope.act, role)?;
    if new.counterparty == party {
        return Err(Problem::new(Kind::Refused, "a deal takes two parties; name another").rule("L11"));
    }
    if new.expires <= now || new.expires > now.saturating_add(MAX_LIFE) {
        return Err(Problem::new(Kind::Refused, "the negotiation ends within a year from now; give another time"));
    }
    let id = DealId::of(party, &new.nonce);
    if rows.get(Table::Deals, id.0.as_bytes())?.is_some() {
        return Err(Problem::new(Kind::Conflict, "you used this nonce for another deal; draw a new one"));
    }
    if list(rows, party, None, usize::MAX, now)?.iter().filter(|deal| deal.state != State::Terminated).count()
        >= MAX_OPEN
    {
        let text = format!("a party has at most {MAX_OPEN} deals that are not terminated; end some");
        return Err(Problem::new(Kind::Conflict, text));
    }
    let (buyer, supplier) = match role {
        Role::Buyer => (party, new.counterparty),
        Role::Supplier => (new.counterparty, party),
    };
    let deal =
        Deal { id, buyer, supplier, state, created: now, expires: new.expires, envelopes: Vec::new(), reason: None };
    for owner in [buyer, supplier] {
        rows.put(Table::DealsOf, &of_key(owner, &deal.id.0), &[])?;
    }
    append(rows, deal, role, &new.envelope, now)
}

/// Adds an envelope and moves the deal on.
///
/// # Errors
/// [`Kind::NotFound`]; [`Kind::Conflict`] if it is not this party's turn, or another envelope came first; [`Kind::Refused`].
pub fn act(rows: &mut dyn Edit, party: Owner, id: &DealId, new: &NewEnvelope, now: u64) -> Result<Deal, Problem> {
    let (mut deal, role) = load(rows, party, id, now)?;
    if new.sequence != deal.next() {
        let text = format!("the next envelope is number {}; read the deal and seal anew", deal.next());
        return Err(Problem::new(Kind::Conflict, text));
    }
    deal.state = State::after(Some(deal.state), new.act, role)?;
    append(rows, deal, role, new, now)
}

fn append(rows: &mut dyn Edit, mut deal: Deal, from: Role, new: &NewEnvelope, now: u64) -> Result<Deal, Problem> {
    if new.bytes.is_empty() || new.bytes.len() > MAX_ENVELOPE {
        let text = format!("an envelope has 1 to {MAX_ENVELOPE} bytes; put drawings into attachments");
        return Err(Problem::new(Kind::TooLarge, text));
    }
    if new.sequence != deal.next() || deal.envelopes.len() >= MAX_ENVELOPES {
        let text = format!("the first envelope is number 1, the last {MAX_ENVELOPES}; begin another deal");
        return Err(Problem::new(Kind::Conflict, text));
    }
    let known = new.attachments.len() <= MAX_PARTS;
    for hash in &new.attachments {
        if !known || !is_hash(hash) || rows.get(Table::Attachments, &part_key(&deal.id, hash))?.is_none() {
            let text = "an attachment that the envelope names was not uploaded to this deal; upload it first";
            return Err(Problem::new(Kind::Refused, text));
        }
    }
    deal.envelopes.push(Header {
        sequence: new.sequence,
        act: new.act,
        from,
        time: now,
        bytes: new.bytes.len(),
        sha256: hex(&Sha256::digest(&new.bytes)),
        attachments: new.attachments.clone(),
    });
    rows.put(Table::Envelopes, &envelope_key(&deal.id, new.sequence), &new.bytes)?;
    save(rows, &deal)?;
    tell(rows, &deal, now)?;
    Ok(deal)
}

/// News to both parties: ids and state, nothing that the envelope says.
fn tell(rows: &mut dyn Edit, deal: &Deal, now: u64) -> Result<(), Problem> {
    let event = format!("deal.{}", deal.state.event());
    let data = serde_json::json!({ "id": deal.id, "state": deal.state, "sequence": deal.envelopes.len() });
    for owner in [deal.buyer, deal.supplier] {
        hooks::post_to_party(rows, &owner.to_string(), &event, &data, now)?;
    }
    Ok(())
}

/// A party's deal.
///
/// # Errors
/// [`Kind::NotFound`], also for a deal of others.
pub fn get(rows: &dyn Rows, party: Owner, id: &DealId, now: u64) -> Result<Deal, Problem> {
    load(rows, party, id, now).map(|(deal, _)| deal)
}

/// A party's deals behind `after`, by id.
///
/// # Errors
/// The store's.
pub fn list(
    rows: &dyn Rows,
    party: Owner,
    after: Option<&DealId>,
    limit: usize,
    now: u64,
) -> Result<Vec<Deal>, Problem> {
    let prefix = of_key(party, "");
    let from = after.map_or_else(|| prefix.clone(), |id| [of_key(party, &id.0), vec![0]].concat());
    let mut ids = Vec::new();
    rows.scan(Table::DealsOf, &from, &mut |key, _| {
        let id = key.strip_prefix(prefix.as_slice()).and_then(|id| DealId::named(std::str::from_utf8(id).ok()?));
        let more = id.is_some() && ids.len() < limit;
        ids.extend(id.filter(|_| more));
        more
    })?;
    ids.iter().map(|id| get(rows, party, id, now)).collect()
}

/// An envelope's bytes.
///
/// # Errors
/// [`Kind::NotFound`], also for a deal of others.
pub fn envelope(rows: &dyn Rows, party: Owner, id: &DealId, sequence: u64, now: u64) -> Result<Vec<u8>, Problem> {
    load(rows, party, id, now)?;
    rows.get(Table::Envelopes, &envelope_key(id, sequence))?.ok_or_else(missing)
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && unhex(text).is_some_and(|bytes| bytes.len() == 32)
}

/// Keeps an encrypted part of an attachment under its hash.
///
/// # Errors
/// [`Kind::NotFound`]; [`Kind::Refused`] if the hash is another; [`Kind::TooLarge`]; [`Kind::Conflict`] if there are too many.
pub fn attach(
    rows: &mut dyn Edit,
    party: Owner,
    id: &DealId,
    hash: &str,
    bytes: &[u8],
    now: u64,
) -> Result<(), Problem> {
    let (deal, _) = load(rows, party, id, now)?;
    if deal.state == State::Terminated {
        return Err(Problem::new(Kind::Conflict, "the deal is terminated; begin another"));
    }
    if bytes.is_empty() || bytes.len() > MAX_PART {
        return Err(Problem::new(Kind::TooLarge, format!("a part has 1 to {MAX_PART} bytes; split the attachment")));
    }
    if !is_hash(hash) || hex(&Sha256::digest(bytes)) != hash {
        return Err(Problem::new(Kind::Refused, "the body's SHA-256 is not the one in the path; send it again, whole"));
    }
    let key = part_key(id, hash);
    if rows.get(Table::Attachments, &key)?.is_some() {
        return Ok(());
    }
    let mut parts = 0;
    rows.scan(Table::Attachments, id.0.as_bytes(), &mut |key, _| {
        parts += 1;
        key.starts_with(id.0.as_bytes()) && parts <= MAX_PARTS
    })?;
    if parts >= MAX_PARTS {
        return Err(Problem::new(
            Kind::Conflict,
            format!("a deal has at most {MAX_PARTS} parts of attachments; send less"),
        ));
    }
    Ok(rows.put(Table::Attachments, &key, bytes)?)
}

/// An encrypted part of an attachment.
///
/// # Errors
/// [`Kind::NotFound`], also for a deal of others.
pub fn part(rows: &dyn Rows, party: Owner, id: &DealId, hash: &str, now: u64) -> Result<Vec<u8>, Problem> {
    load(rows, party, id, now)?;
    rows.get(Table::Attachments, &part_key(id, hash))?.ok_or_else(missing)
}

/// Whether [`lapse_all`] has anything to do.
///
/// # Errors
/// The store's.
pub fn is_any_over(rows: &dyn Rows, now: u64) -> Result<bool, Problem> {
    let mut found = false;
    rows.scan(Table::Deals, &[], &mut |_, row| {
        let deal = serde_json::from_slice::<Deal>(row).ok();
        found = deal.is_some_and(|deal| deal.state.lapses() && deal.expires <= now);
        !found
    })?;
    Ok(found)
}

/// Ends negotiations whose time is over, and tells of it; how many.
///
/// # Errors
/// The store's.
pub fn lapse_all(rows: &mut dyn Edit, now: u64) -> Result<usize, Problem> {
    let mut over = Vec::new();
    rows.scan(Table::Deals, &[], &mut |_, row| {
        let deal = serde_json::from_slice::<Deal>(row).ok();
        over.extend(deal.filter(|deal| deal.state.lapses() && deal.expires <= now).map(|deal| deal.at(now)));
        true
    })?;
    for deal in &over {
        save(rows, deal)?;
        tell(rows, deal, now)?;
    }
    Ok(over.len())
}

#[cfg(test)]
mod tests;
