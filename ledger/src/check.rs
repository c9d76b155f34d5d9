//! From transactions with proofs to transactions with verified claims; the proofs of many are verified together.

use crate::apply::Item;
use crate::bytes::Codec;
use crate::ciphertexts::Ciphertexts;
use crate::claims::{Claims, Proofs, Proven, Settled};
use crate::entry::Entry;
use crate::transaction::{Body, Leg, Transaction};
use privity_circuits::Fr;
use privity_circuits::capacity::Capacity;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::schnorr::Signature;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_verifier::{Batch, Keys, Outcome, Refusal, Ticket};
use rand::{CryptoRng, RngCore};
use std::sync::Arc;

/// A transaction whose claims are verified, or an entry, with the bytes that the log keeps. Made by [`check`] alone.
#[derive(Debug)]
pub struct Checked {
    item: Item<Claims>,
    wire: Vec<u8>,
}

impl Checked {
    /// What is checked.
    pub fn item(&self) -> &Item<Claims> {
        &self.item
    }

    /// Its encoding, proofs included.
    pub fn wire(&self) -> &[u8] {
        &self.wire
    }
}

/// Verifies the proofs of all `items` in one batch; a false one refuses its own transaction only. Entries carry no proofs: their
/// signatures are checked when they are applied.
pub fn check<G: RngCore + CryptoRng + ?Sized>(
    keys: &Keys,
    items: Vec<Item>,
    rng: &mut G,
) -> Vec<Result<Checked, Refusal>> {
    let mut batch = Batch::new();
    let pending: Vec<(Vec<u8>, Result<Pending, Refusal>)> = items
        .into_iter()
        .map(|item| {
            let wire = item.to_bytes();
            (wire, Pending::add(item, keys, &mut batch))
        })
        .collect();
    let outcome = batch.verify(rng);
    pending.into_iter().map(|(wire, pending)| Ok(Checked { item: pending?.redeem(&outcome)?, wire })).collect()
}

enum LegTicket {
    Payment(Ticket<Transfer2x3>),
    Consolidation(Ticket<Transfer7x2>),
}

/// A [`Body`] whose claims wait for the batch.
enum Tickets {
    Issue(Ticket<Capacity>),
    Mint(Ticket<Mint>, Signature),
    Transfer(LegTicket, Fr),
    Swap(Box<[LegTicket; 2]>),
    Deal(Box<Ticket<Price>>, Box<[Ticket<Transfer2x3>; 2]>),
    Release(Ticket<Release>),
}

enum Pending {
    Entry(Box<Entry>),
    Transaction(Box<Tickets>, u64, Ciphertexts),
}

fn ticket<R: Settled>(claim: Proven<R>, keys: &Keys, batch: &mut Batch) -> Result<Ticket<R>, Refusal> {
    let key = keys.get(&claim.key).ok_or(Refusal::UnknownKey(claim.key))?;
    batch.add(key, claim.statement, &claim.proof)
}

impl LegTicket {
    fn add(leg: Leg<Proofs>, keys: &Keys, batch: &mut Batch) -> Result<Self, Refusal> {
        Ok(match leg {
            Leg::Payment(claim) => Self::Payment(ticket(claim, keys, batch)?),
            Leg::Consolidation(claim) => Self::Consolidation(ticket(claim, keys, batch)?),
        })
    }

    fn redeem(self, outcome: &Outcome) -> Result<Leg<Claims>, Refusal> {
        Ok(match self {
            Self::Payment(ticket) => Leg::Payment(Arc::new(outcome.claim(ticket)?)),
            Self::Consolidation(ticket) => Leg::Consolidation(Arc::new(outcome.claim(ticket)?)),
        })
    }
}

impl Pending {
    fn add(item: Item, keys: &Keys, batch: &mut Batch) -> Result<Self, Refusal> {
        let transaction = match item {
            Item::Entry(entry) => return Ok(Self::Entry(entry)),
            Item::Transaction(transaction) => *transaction,
        };
        let Transaction { expiry, body, ciphertexts } = transaction;
        let tickets = match body {
            Body::Issue { capacity } => Tickets::Issue(ticket(capacity, keys, batch)?),
            Body::Mint { mint, signature } => Tickets::Mint(ticket(mint, keys, batch)?, signature),
            Body::Transfer { leg, recipient } => Tickets::Transfer(LegTicket::add(leg, keys, batch)?, recipient),
            Body::Swap { legs: [first, second] } => {
                let first = LegTicket::add(first, keys, batch)?;
                Tickets::Swap(Box::new([first, LegTicket::add(second, keys, batch)?]))
            }
            Body::Deal { price, buyer, supplier } => {
                let price = ticket(price, keys, batch)?;
                let buyer = ticket(buyer, keys, batch)?;
                let supplier = ticket(supplier, keys, batch)?;
                Tickets::Deal(Box::new(price), Box::new([buyer, supplier]))
            }
            Body::Release { release } => Tickets::Release(ticket(release, keys, batch)?),
        };
        Ok(Self::Transaction(Box::new(tickets), expiry, ciphertexts))
    }

    fn redeem(self, outcome: &Outcome) -> Result<Item<Claims>, Refusal> {
        let (tickets, expiry, ciphertexts) = match self {
            Self::Entry(entry) => return Ok(Item::Entry(entry)),
            Self::Transaction(tickets, expiry, ciphertexts) => (tickets, expiry, ciphertexts),
        };
        let body = match *tickets {
            Tickets::Issue(capacity) => Body::Issue { capacity: Arc::new(outcome.claim(capacity)?) },
            Tickets::Mint(mint, signature) => Body::Mint { mint: Arc::new(outcome.claim(mint)?), signature },
            Tickets::Transfer(leg, recipient) => Body::Transfer { leg: leg.redeem(outcome)?, recipient },
            Tickets::Swap(legs) => {
                let [first, second] = *legs;
                Body::Swap { legs: [first.redeem(outcome)?, second.redeem(outcome)?] }
            }
            Tickets::Deal(price, legs) => {
                let [buyer, supplier] = *legs;
                Body::Deal {
                    price: Arc::new(outcome.claim(*price)?),
                    buyer: Arc::new(outcome.claim(buyer)?),
                    supplier: Arc::new(outcome.claim(supplier)?),
                }
            }
            Tickets::Release(release) => Body::Release { release: Arc::new(outcome.claim(release)?) },
        };
        Ok(Item::Transaction(Box::new(Transaction { expiry, body, ciphertexts })))
    }
}
