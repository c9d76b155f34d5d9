//! From transactions with proofs to transactions with verified claims; the proofs of many are verified together.

use crate::apply::Item;
use crate::bytes::Codec;
use crate::ciphertexts::Ciphertexts;
use crate::claims::{Claims, Proofs, Proven, Settled};
use crate::entry::Entry;
use crate::rejection::Rejection;
use crate::state::State;
use crate::store::StoreError;
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

/// Why something is not verified.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CheckError {
    /// A transaction's proof is false, or under an unknown key.
    #[error(transparent)]
    Proof(#[from] Refusal),
    /// A proof about a request for quotation is false.
    #[error(transparent)]
    Quote(#[from] privity_quotes::Error),
    /// What the proof is about is not in the log.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The log could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies the proofs of all `items`, those of transactions in one batch; a false one refuses its own item only. Tenders are
/// verified against the requests and quotes that `state` holds; entries carry no proofs: signatures are checked when they are
/// applied.
pub fn check<G: RngCore + CryptoRng + ?Sized>(
    state: &State<'_>,
    keys: &Keys,
    items: Vec<Item>,
    rng: &mut G,
) -> Vec<Result<Checked, CheckError>> {
    let mut batch = Batch::new();
    let (mut pending, mut tenders) = (Vec::new(), Vec::new());
    for item in items {
        let wire = item.to_bytes();
        let waiting = match item {
            Item::Transaction(transaction) => Pending::add(*transaction, keys, &mut batch).map_err(CheckError::from),
            Item::Entry(entry) => Ok(Pending::Entry(entry)),
            Item::Tender(tender) => {
                tenders.push(*tender);
                Ok(Pending::Tender)
            }
        };
        pending.push((wire, waiting));
    }
    let outcome = batch.verify(rng);
    let mut tenders = tenders::verify(state, tenders).into_iter();
    let redeemed = pending.into_iter().map(|(wire, waiting)| {
        let item = match waiting? {
            Pending::Entry(entry) => Item::Entry(entry),
            Pending::Transaction(tickets, expiry, ciphertexts) => tickets.redeem(expiry, ciphertexts, &outcome)?,
            Pending::Tender => match tenders.next() {
                Some(tender) => Item::Tender(Box::new(tender?)),
                None => return Err(StoreError::Io("a verification was abandoned".into()).into()),
            },
        };
        Ok(Checked { item, wire })
    });
    redeemed.collect()
}

mod tenders;

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
    /// The next of the tenders, which are verified together.
    Tender,
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
    fn add(transaction: Transaction, keys: &Keys, batch: &mut Batch) -> Result<Self, Refusal> {
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
}

impl Tickets {
    fn redeem(self, expiry: u64, ciphertexts: Ciphertexts, outcome: &Outcome) -> Result<Item<Claims>, Refusal> {
        let body = match self {
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
