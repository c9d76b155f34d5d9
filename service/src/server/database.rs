//! What the service remembers beside the ledger: an ordered map of rows in tables, behind a trait.
//!
//! Semantics that the service relies on, whatever the store:
//!
//! - **atomic and durable**: once [`Database::write`] returned `Ok`, all its rows survive a crash; after `Err`, or if its work fails,
//!   none is there;
//! - **ordered**: writes happen one after another; the work of one sees all rows of those before it;
//! - **isolated**: a reader sees the rows of one moment;
//! - **idempotent**: work may be repeated by the store before it commits, so it must not act on anything but the rows.

use ::redb::{Durability, ReadableDatabase, ReadableTable, TableDefinition};
use privity_ledger::StoreError;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("service");

/// What lies under one first byte of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Table {
    /// Caller and idempotency key → what was answered.
    Once = 1,
    /// Time ‖ key in [`Table::Once`] → nothing.
    OnceUntil = 2,
    /// Jobs.
    Jobs = 10,
    /// Jobs by caller.
    JobsOf = 11,
    /// Deals.
    Deals = 20,
    /// Deals by party.
    DealsOf = 21,
    /// Envelopes and attachments of a deal.
    Envelopes = 22,
    /// Attachments by content hash.
    Attachments = 23,
    /// Webhooks.
    Hooks = 30,
    /// Deliveries that wait.
    Deliveries = 31,
    /// Deliveries that failed for good.
    DeadLetters = 32,
    /// How far something has read, by its name.
    Cursors = 40,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 12] = [
        Self::Once,
        Self::OnceUntil,
        Self::Jobs,
        Self::JobsOf,
        Self::Deals,
        Self::DealsOf,
        Self::Envelopes,
        Self::Attachments,
        Self::Hooks,
        Self::Deliveries,
        Self::DeadLetters,
        Self::Cursors,
    ];

    fn key(self, key: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(1 + key.len());
        out.push(self as u8);
        out.extend_from_slice(key);
        out
    }
}

/// The rows of one moment.
pub trait Rows {
    /// The value of `key`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Visits the rows of `table` in the order of their keys, from `from` on, until `visit` says false.
    ///
    /// # Errors
    /// [`StoreError`].
    fn scan(&self, table: Table, from: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError>;
}

/// Rows that are being changed.
pub trait Edit: Rows {
    /// Adds or replaces a row.
    ///
    /// # Errors
    /// [`StoreError`].
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError>;

    /// Removes a row, if it is there.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError>;
}

/// Where the service's rows lie; see the module for its semantics.
pub trait Database: Send + Sync {
    /// The rows as they are.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self) -> Result<Box<dyn Rows + '_>, StoreError>;

    /// Runs `work` and commits what it changed, durably, if it says true; else nothing is changed.
    ///
    /// # Errors
    /// [`StoreError`], the work's own among them; nothing is changed then.
    fn write(&self, work: &mut dyn FnMut(&mut dyn Edit) -> Result<bool, StoreError>) -> Result<(), StoreError>;
}

/// Rows in one redb file, which is opened again after it failed: what a store does that met a full disk, once there is room.
pub struct RedbDatabase {
    open: Mutex<Option<Arc<::redb::Database>>>,
    opener: Box<dyn Fn() -> Result<::redb::Database, StoreError> + Send + Sync>,
}

impl RedbDatabase {
    /// Opens the file, or makes it, for its owner alone: the keys of webhooks are in it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        Self::with(move || {
            let database = ::redb::Builder::new().set_cache_size(64 << 20).create(&path).map_err(opening)?;
            #[cfg(unix)]
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(io)?;
            Ok(database)
        })
    }

    /// In memory, for tests: nothing survives it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn memory() -> Result<Self, StoreError> {
        Self::with(|| {
            let backend = ::redb::backends::InMemoryBackend::new();
            ::redb::Builder::new().create_with_backend(backend).map_err(opening)
        })
    }

    /// On what `opener` opens, again after it failed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn with(
        opener: impl Fn() -> Result<::redb::Database, StoreError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let this = Self { open: Mutex::default(), opener: Box::new(opener) };
        this.write(&mut |_| Ok(true))?;
        Ok(this)
    }

    fn current(&self) -> Result<Arc<::redb::Database>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = &*open {
            return Ok(database.clone());
        }
        // While somebody still reads the failed one, its file is in use: then the next call tries.
        let database = Arc::new((self.opener)()?);
        *open = Some(database.clone());
        Ok(database)
    }

    /// What to say of an error of `failed`, which is let go.
    fn lost<'a, E: std::fmt::Display>(&'a self, failed: &'a Arc<::redb::Database>) -> impl Fn(E) -> StoreError + 'a {
        move |error| {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            if open.as_ref().is_some_and(|open| Arc::ptr_eq(open, failed)) {
                *open = None;
            }
            io(error)
        }
    }
}

impl Database for RedbDatabase {
    fn read(&self) -> Result<Box<dyn Rows + '_>, StoreError> {
        let database = self.current()?;
        let transaction = database.begin_read().map_err(self.lost(&database))?;
        Ok(Box::new(Open(transaction.open_table(ROWS).map_err(self.lost(&database))?)))
    }

    fn write(&self, work: &mut dyn FnMut(&mut dyn Edit) -> Result<bool, StoreError>) -> Result<(), StoreError> {
        let database = self.current()?;
        let mut transaction = database.begin_write().map_err(self.lost(&database))?;
        transaction.set_durability(Durability::Immediate).map_err(self.lost(&database))?;
        let keep = {
            let table = transaction.open_table(ROWS).map_err(self.lost(&database))?;
            work(&mut Open(table))?
        };
        match keep {
            true => transaction.commit().map_err(self.lost(&database)),
            false => transaction.abort().map_err(self.lost(&database)),
        }
    }
}

struct Open<T>(T);

impl<T: ReadableTable<&'static [u8], &'static [u8]>> Rows for Open<T> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.0.get(table.key(key).as_slice()).map_err(io)?;
        Ok(row.map(|row| row.value().to_vec()))
    }

    fn scan(&self, table: Table, from: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        for row in self.0.range(table.key(from).as_slice()..).map_err(io)? {
            let (key, value) = row.map_err(io)?;
            let own = key.value().strip_prefix(&[table as u8]);
            if !own.is_some_and(|own| visit(own, value.value())) {
                break;
            }
        }
        Ok(())
    }
}

impl Edit for Open<::redb::Table<'_, &'static [u8], &'static [u8]>> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.0.insert(table.key(key).as_slice(), value).map_err(io).map(drop)
    }

    fn remove(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.0.remove(table.key(key).as_slice()).map_err(io).map(drop)
    }
}

fn opening(error: ::redb::DatabaseError) -> StoreError {
    match error {
        ::redb::DatabaseError::DatabaseAlreadyOpen => StoreError::InUse,
        error => io(error),
    }
}

fn io(error: impl std::fmt::Display) -> StoreError {
    StoreError::Io(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn memory() -> RedbDatabase {
        RedbDatabase::memory().unwrap()
    }

    #[test]
    fn a_table_ends_where_the_next_begins() {
        let database = memory();
        database
            .write(&mut |rows| {
                rows.put(Table::Once, b"a", b"1")?;
                rows.put(Table::Once, b"b", b"2")?;
                rows.put(Table::OnceUntil, b"a", b"3")?;
                Ok(true)
            })
            .unwrap();
        let mut seen = Vec::new();
        let rows = database.read().unwrap();
        rows.scan(Table::Once, b"b", &mut |key, value| {
            seen.push((key.to_vec(), value.to_vec()));
            true
        })
        .unwrap();
        assert_eq!(seen, [(b"b".to_vec(), b"2".to_vec())]);
        assert_eq!(rows.get(Table::OnceUntil, b"b").unwrap(), None);
    }

    #[test]
    fn work_that_fails_or_declines_leaves_nothing() {
        let database = memory();
        for keep in [Ok(false), Err(StoreError::Empty)] {
            let outcome = database.write(&mut |rows| {
                rows.put(Table::Jobs, b"a", b"1")?;
                keep.clone()
            });
            assert_eq!(outcome.is_err(), keep.is_err());
            assert_eq!(database.read().unwrap().get(Table::Jobs, b"a").unwrap(), None);
        }
    }

    /// A disk that is full when told so.
    #[derive(Debug, Clone, Default)]
    struct Disk {
        rows: Arc<Mutex<Vec<u8>>>,
        full: Arc<AtomicBool>,
    }

    impl ::redb::StorageBackend for Disk {
        fn len(&self) -> std::io::Result<u64> {
            Ok(self.rows.lock().unwrap().len() as u64)
        }

        fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
            let rows = self.rows.lock().unwrap();
            out.copy_from_slice(&rows[offset as usize..][..out.len()]);
            Ok(())
        }

        fn set_len(&self, length: u64) -> std::io::Result<()> {
            self.rows.lock().unwrap().resize(length as usize, 0);
            Ok(())
        }

        fn sync_data(&self) -> std::io::Result<()> {
            Ok(())
        }

        fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
            if self.full.load(Ordering::Acquire) {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.rows.lock().unwrap()[offset as usize..][..data.len()].copy_from_slice(data);
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_refuses_writes_and_is_written_again_once_there_is_room() {
        let disk = Disk::default();
        let under = disk.clone();
        let database =
            RedbDatabase::with(move || ::redb::Builder::new().create_with_backend(under.clone()).map_err(opening))
                .unwrap();
        let put = |key: &[u8]| {
            database.write(&mut |rows| {
                rows.put(Table::Jobs, key, b"1")?;
                Ok(true)
            })
        };
        let has = |key: &[u8]| Ok::<_, StoreError>(database.read()?.get(Table::Jobs, key)?.is_some());
        put(b"before").unwrap();
        disk.full.store(true, Ordering::Release);
        assert!(matches!(put(b"meanwhile"), Err(StoreError::Io(_))));
        assert!(put(b"again").is_err());
        disk.full.store(false, Ordering::Release);
        assert!((0..3).any(|_| put(b"after").is_ok()), "it does not recover");
        assert_eq!([has(b"before"), has(b"meanwhile"), has(b"after")], [Ok(true), Ok(false), Ok(true)]);
    }
}
