//! A store in memory, for tests and audits: durable as long as the process.

use super::{Changes, Read, Row, Store, StoreError};
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

/// Rows in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(RwLock<Changes>);

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        Ok(Box::new(Snapshot(self.0.read().unwrap_or_else(PoisonError::into_inner))))
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        rows.extend(changes.iter().map(|(key, value)| (key.clone(), value.clone())));
        Ok(())
    }

    fn remove(&self, keys: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.iter().for_each(|key| drop(rows.remove(key)));
        Ok(())
    }
}

struct Snapshot<'a>(RwLockReadGuard<'a, Changes>);

impl Read for Snapshot<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key).cloned())
    }

    fn scan(&self, from: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        let range = self.0.range::<[u8], _>((Bound::Included(from), Bound::Unbounded));
        for (key, value) in range {
            if !visit(key, value) {
                break;
            }
        }
        Ok(())
    }

    fn before(&self, key: &[u8]) -> Result<Option<Row>, StoreError> {
        let mut range = self.0.range::<[u8], _>((Bound::Unbounded, Bound::Excluded(key)));
        Ok(range.next_back().map(|(key, value)| (key.clone(), value.clone())))
    }
}
