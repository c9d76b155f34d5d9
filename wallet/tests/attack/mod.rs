//! What every attacker of a wallet uses.
#![allow(dead_code)]

use crate::common::Town;
use privity_circuits::field;
use privity_circuits::note::Note;
use privity_circuits::terms::Terms;
use privity_ledger::Transaction;
use privity_wallet::deal::{DealError, Draft, Offer, Request};
use privity_wallet::file::Document;
use privity_wallet::history::Reference;
use privity_wallet::{Address, Wallet};
use serde_json::Value;

pub fn address(wallet: &Wallet) -> Address {
    wallet.member().unwrap().address()
}

/// A message changed in its file.
pub fn edited<T: Document>(message: &T, edit: impl FnOnce(&mut Value)) -> T {
    let mut json: Value = serde_json::from_str(&message.to_json().unwrap()).unwrap();
    edit(&mut json["body"]);
    T::from_json(&json.to_string()).unwrap()
}

pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn drafted(town: &mut Town, terms: &Terms, buyer: &Address) -> Result<Draft, DealError> {
    let Town { ledger, supplier, rng, .. } = town;
    ledger.read(|view| Ok(supplier.draft(0, terms, buyer, Reference::default(), view, rng))).unwrap()
}

pub fn requested(town: &mut Town, draft: &Draft) -> Result<Request, DealError> {
    let Town { ledger, buyer, rng, .. } = town;
    ledger.read(|view| Ok(buyer.request(0, draft, view, rng))).unwrap()
}

pub fn offered(town: &mut Town, request: &Request) -> Result<Offer, DealError> {
    let Town { ledger, supplier, rng, prover, .. } = town;
    ledger.read(|view| Ok(supplier.offer(request, None, view, prover, rng))).unwrap()
}

pub fn accepted(town: &mut Town, offer: &Offer) -> Result<Transaction, DealError> {
    let Town { ledger, buyer, rng, prover, keys, .. } = town;
    ledger.read(|view| Ok(buyer.accept(offer, view, keys, prover, rng))).unwrap()
}

/// A deal up to the transaction that the buyer has in hand.
pub fn dealt(town: &mut Town, buyer: &Address) -> (Terms, Transaction) {
    let terms = town.terms();
    let draft = drafted(town, &terms, buyer).unwrap();
    let request = requested(town, &draft).unwrap();
    let offer = offered(town, &request).unwrap();
    let transaction = accepted(town, &offer).unwrap();
    (draft.terms, transaction)
}

/// The settled deal that `dealt` makes.
pub fn settled(town: &mut Town) -> Terms {
    let to = address(&town.buyer);
    let (terms, transaction) = dealt(town, &to);
    town.submit(transaction).unwrap();
    terms
}

/// A note's plaintext as a sender's copy has it: the owner stands in the memo.
pub fn forged_plaintext(note: &Note) -> Vec<u8> {
    let mut plain = vec![1];
    plain.extend_from_slice(&note.asset.to_bytes());
    plain.extend_from_slice(&note.value.to_be_bytes());
    plain.extend_from_slice(&note.unlock.to_be_bytes()[3..]);
    plain.extend_from_slice(&field::to_bytes(&note.blinding));
    plain.extend_from_slice(&note.owner.to_bytes());
    plain.resize(256, 0);
    plain
}
