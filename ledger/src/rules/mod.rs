//! The ledger's rules, L2 to L9, in the order of [`Rejection`]'s list.

mod entries;
mod tenders;
mod transactions;

use crate::apply::{ApplyError, Item};
use crate::claims::Form;
use crate::effects::Effects;
use crate::rejection::Rejection;
use crate::state::State;

/// What `item`, `length` bytes long, would change at ledger time `now`.
pub(crate) fn effects<F: Form>(
    state: &State<'_>,
    item: &Item<F>,
    length: usize,
    now: u64,
) -> Result<Effects, ApplyError> {
    let time = state.time();
    ensure(now >= time, || Rejection::ClockBackwards { now, time })?;
    let id = item.id(state.ledger());
    if let Some(position) = state.settled(id)? {
        return Err(Rejection::Duplicate { position }.into());
    }
    let limit = state.genesis().max_bytes;
    ensure(length <= limit as usize, || Rejection::TooLong { limit, found: length })?;
    let effects = Effects::none(id, now, state.notes());
    match item {
        Item::Transaction(transaction) => transactions::effects(state, transaction, effects),
        Item::Entry(entry) => entries::effects(state, entry, effects),
        Item::Tender(tender) => tenders::effects(state, tender, effects),
    }
}

/// `Ok` if the rule holds.
fn ensure(holds: bool, rejection: impl FnOnce() -> Rejection) -> Result<(), ApplyError> {
    if holds { Ok(()) } else { Err(rejection().into()) }
}
