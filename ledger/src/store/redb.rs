//! A store in one redb file.
//!
//! Durability policy: every [`Store::write`] is one redb transaction with `Durability::Immediate` and two-phase commit: the pages
//! are synced before the commit slot points to them, and the pointer is synced before `write` returns. So one write costs two
//! `fsync`s, whatever the number of settlements in it.

use super::{Changes, Read, Row, STORE_VERSION, Store, StoreError};
use ::redb::{
    Builder, Database, DatabaseError, Durability, ReadOnlyDatabase, ReadOnlyTable, ReadTransaction, ReadableDatabase,
    StorageBackend, StorageError, TableDefinition, TableError, TransactionError,
};
use std::path::Path;

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
const FORMAT: TableDefinition<&str, u32> = TableDefinition::new("format");

/// How a redb store works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of page cache.
    pub cache_bytes: usize,
    /// Saves the allocator's state with every commit, so that opening after a crash need not walk the whole file.
    pub quick_repair: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { cache_bytes: 256 << 20, quick_repair: false }
    }
}

/// Rows in a redb file.
#[derive(Debug)]
pub struct RedbStore {
    database: Access,
    options: Options,
}

enum Access {
    Whole(Database),
    Reading(ReadOnlyDatabase),
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Whole(_) => "Whole",
            Self::Reading(_) => "Reading",
        })
    }
}

impl Access {
    fn begin_read(&self) -> Result<ReadTransaction, TransactionError> {
        match self {
            Self::Whole(database) => database.begin_read(),
            Self::Reading(database) => database.begin_read(),
        }
    }
}

impl RedbStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if another process has it open, [`StoreError::Newer`] or [`StoreError::Older`] for a foreign format,
    /// [`StoreError::Io`] for what the machine refuses.
    pub fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let database = Self::builder(options).create(path).map_err(opening)?;
        Self::with(Access::Whole(database), options)
    }

    /// Opens the file for reading alone; every write is refused.
    ///
    /// # Errors
    /// As [`RedbStore::open`]; [`StoreError::Empty`] if there is no store in it.
    pub fn open_read_only(path: &Path, options: Options) -> Result<Self, StoreError> {
        let database = Self::builder(options).open_read_only(path).map_err(opening)?;
        Self::with(Access::Reading(database), options)
    }

    /// Opens a store on a back end of the caller's.
    ///
    /// # Errors
    /// As [`RedbStore::open`].
    pub fn on(backend: impl StorageBackend, options: Options) -> Result<Self, StoreError> {
        let database = Self::builder(options).create_with_backend(backend).map_err(opening)?;
        Self::with(Access::Whole(database), options)
    }

    fn builder(options: Options) -> Builder {
        let mut builder = Builder::new();
        builder.set_cache_size(options.cache_bytes);
        builder
    }

    fn with(database: Access, options: Options) -> Result<Self, StoreError> {
        let store = Self { database, options };
        match store.format()? {
            Some(STORE_VERSION) => Ok(store),
            Some(found) if found > STORE_VERSION => Err(StoreError::Newer { found }),
            Some(found) => Err(StoreError::Older { found }),
            None if matches!(store.database, Access::Reading(_)) => Err(StoreError::Empty),
            None => {
                store.transact(|transaction| {
                    transaction.open_table(FORMAT).map_err(table)?.insert("version", STORE_VERSION).map_err(storage)?;
                    transaction.open_table(ROWS).map_err(table).map(drop)
                })?;
                Ok(store)
            }
        }
    }

    fn format(&self) -> Result<Option<u32>, StoreError> {
        let transaction = self.database.begin_read().map_err(other)?;
        match transaction.open_table(FORMAT) {
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(table(error)),
            Ok(rows) => Ok(rows.get("version").map_err(storage)?.map(|row| row.value())),
        }
    }

    fn transact(
        &self,
        work: impl FnOnce(&::redb::WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let Access::Whole(database) = &self.database else {
            return Err(StoreError::Io("it was opened for reading alone".into()));
        };
        let mut transaction = database.begin_write().map_err(other)?;
        transaction.set_durability(Durability::Immediate).map_err(other)?;
        transaction.set_two_phase_commit(true);
        transaction.set_quick_repair(self.options.quick_repair);
        work(&transaction)?;
        transaction.commit().map_err(other)
    }
}

impl Store for RedbStore {
    fn read(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        let transaction = self.database.begin_read().map_err(other)?;
        Ok(Box::new(Snapshot(transaction.open_table(ROWS).map_err(table)?)))
    }

    fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let mut rows = transaction.open_table(ROWS).map_err(table)?;
            for (key, value) in changes {
                rows.insert(key.as_slice(), value.as_slice()).map_err(storage)?;
            }
            Ok(())
        })
    }

    fn remove(&self, keys: &[Vec<u8>]) -> Result<(), StoreError> {
        self.transact(|transaction| {
            let mut rows = transaction.open_table(ROWS).map_err(table)?;
            for key in keys {
                rows.remove(key.as_slice()).map_err(storage)?;
            }
            Ok(())
        })
    }
}

struct Snapshot(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl Read for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key).map_err(storage)?.map(|row| row.value().to_vec()))
    }

    fn scan(&self, from: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        for row in self.0.range(from..).map_err(storage)? {
            let (key, value) = row.map_err(storage)?;
            if !visit(key.value(), value.value()) {
                break;
            }
        }
        Ok(())
    }

    fn before(&self, key: &[u8]) -> Result<Option<Row>, StoreError> {
        let row = self.0.range(..key).map_err(storage)?.next_back().transpose().map_err(storage)?;
        Ok(row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())))
    }
}

fn opening(error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
        DatabaseError::Storage(error) => storage(error),
        error => StoreError::Damaged(error.to_string()),
    }
}

fn table(error: TableError) -> StoreError {
    match error {
        TableError::Storage(error) => storage(error),
        error => StoreError::Damaged(error.to_string()),
    }
}

fn storage(error: StorageError) -> StoreError {
    match error {
        StorageError::Corrupted(what) => StoreError::Damaged(what),
        error => StoreError::Io(error.to_string()),
    }
}

fn other(error: impl std::fmt::Display) -> StoreError {
    StoreError::Io(error.to_string())
}
