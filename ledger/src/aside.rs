//! What lies in a ledger's store and in no log: signed heads, and what was acknowledged under memos. A back-up that keeps both lets a
//! restored ledger answer repetitions as the first one did.

use crate::bytes::{Codec, Reader};
use crate::memo::Acknowledgement;
use crate::record::Head;
use crate::state::{State, damaged};
use crate::store::{Changes, Store, StoreError, Table};

/// The tables that a replay does not make.
const TABLES: [Table; 3] = [Table::Head, Table::Memo, Table::MemoUntil];

/// Visits every row of these tables at one moment, until `visit` says false.
///
/// # Errors
/// The store's.
pub fn rows(store: &dyn Store, visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
    let snapshot = store.read()?;
    let mut more = true;
    for table in TABLES {
        let prefix = table.key(&[]);
        snapshot.scan(&prefix, &mut |key, value| {
            let own = key.starts_with(&prefix);
            more = more && (!own || visit(key, value));
            own && more
        })?;
    }
    Ok(())
}

/// Adds rows that [`rows`] visited to a ledger that was rebuilt from its log, if each agrees with that log.
///
/// # Errors
/// [`StoreError::Damaged`] names the row that does not; nothing is written then. The store's.
pub fn restore(store: &dyn Store, rows: &Changes) -> Result<(), StoreError> {
    {
        let snapshot = store.read()?;
        let state = State::load(&*snapshot)?;
        rows.iter().try_for_each(|(key, value)| check(&state, rows, key, value))?;
    }
    store.write(rows)
}

fn check(state: &State<'_>, rows: &Changes, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
    let wrong = |what: &str| StoreError::Damaged(format!("{what} does not agree with the log; restore another copy"));
    let table = TABLES.into_iter().find(|table| key.first() == Some(&(*table as u8)));
    match table {
        Some(Table::Head) => {
            let head = Head::from_bytes(value).map_err(damaged)?;
            let last = head.position.checked_sub(1).map(|last| state.record_at(last)).transpose()?.flatten();
            let (hash, time) = match &last {
                Some(record) => (record.hash(state.ledger()), record.time),
                None => (state.ledger().0, head.time),
            };
            let whole = head.position == 0 || last.is_some();
            let same = (head.ledger, head.hash, head.time) == (state.ledger(), hash, time);
            let signed = state.operator(head.operator)?.is_some_and(|(key, _)| head.is_signed_by(&key));
            let placed = key == Table::Head.key(&head.position.to_be_bytes());
            if whole && same && signed && placed { Ok(()) } else { Err(wrong("a head")) }
        }
        Some(Table::Memo) => {
            let mut input = Reader::new(value);
            let read = |input: &mut Reader<'_>| {
                let _: [u8; 32] = input.array()?;
                Acknowledgement::read(input)
            };
            let told = read(&mut input).map_err(damaged)?;
            input.finish().map_err(damaged)?;
            let record = state.record_at(told.position)?.ok_or_else(|| wrong("an acknowledgement"))?;
            let same = record.hash(state.ledger()) == told.hash && state.settled(told.id)? == Some(told.position);
            if same && key.len() == 33 { Ok(()) } else { Err(wrong("an acknowledgement")) }
        }
        Some(_) => {
            let memo = key.get(9..).filter(|memo| memo.len() == 32 && value.is_empty());
            let known = memo.is_some_and(|memo| rows.contains_key(&Table::Memo.key(memo)));
            if known { Ok(()) } else { Err(wrong("an acknowledgement's time")) }
        }
        None => Err(wrong("a row of another table")),
    }
}
