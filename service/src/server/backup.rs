//! A copy of what the service keeps beside the ledger's log, made while it runs: its own store, its credentials, and of the ledger's
//! store the heads and acknowledgements that no replay makes.
//!
//! Layout: `PRIVITYS` ‖ version, 4 bytes ‖ rows ‖ 0 ‖ SHA-256 of all before it. A row: kind (1 the service's store, 2 the ledger's, 3 the
//! file of tokens, 4 the ledger's id) ‖ length and bytes of its key ‖ length and bytes of its value, lengths in 4 bytes, big-endian.
//! The service's rows are those of one moment.

use super::database::{Database, Table};
use super::pieces::streamed;
use super::problem::Problem;
use super::state::Service;
use crate::error::{Code, Failure};
use crate::files;
use actix_web::{HttpResponse, get, web};
use privity_ledger::{Changes, StoreError, aside};
use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use utoipa_actix_web::service_config::ServiceConfig;

const MAGIC: &[u8] = b"PRIVITYS";
const VERSION: u32 = 1;
/// Longest key or value of a row: an attachment's part takes less.
const LONGEST: usize = 64 << 20;

const END: u8 = 0;
const OWN: u8 = 1;
const LEDGER: u8 = 2;
const TOKENS: u8 = 3;
const IDENTITY: u8 = 4;

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_backup);
}

/// What the service keeps beside the log, as `privity backup --service` writes it and `privity restore --service` reads it.
#[utoipa::path(
    tag = "operator",
    security(("token" = ["operator"])),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, description = "A back-up file; cut short if a store fails, which its reader notices"))
)]
#[get("/v1/backup")]
async fn get_backup(service: web::Data<Service>) -> Result<HttpResponse, Problem> {
    let ledger = service.node.ledger()?;
    let id = ledger.read(|state| Ok(state.ledger()))?;
    Ok(streamed(move |out| {
        let tokens = service.tokens.file().map_or_else(|| Ok(Vec::new()), std::fs::read)?;
        let mut writer = Writer { out, hash: Sha256::new() };
        writer.raw(MAGIC)?;
        writer.raw(&VERSION.to_be_bytes())?;
        writer.row(IDENTITY, &id.0, &[])?;
        writer.row(TOKENS, &[], &tokens)?;
        writer.own(&*service.database)?;
        writer.ledger(&ledger)?;
        writer.raw(&[END])?;
        let digest = writer.hash.finalize();
        out.write_all(&digest)
    }))
}

struct Writer<'a> {
    out: &'a mut dyn Write,
    hash: Sha256,
}

impl Writer<'_> {
    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }

    fn row(&mut self, kind: u8, key: &[u8], value: &[u8]) -> io::Result<()> {
        self.raw(&[kind])?;
        for part in [key, value] {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            self.raw(&length.to_be_bytes())?;
            self.raw(part)?;
        }
        Ok(())
    }

    fn own(&mut self, database: &dyn Database) -> io::Result<()> {
        let rows = database.read().map_err(io::Error::other)?;
        let mut written = Ok(());
        for table in Table::ALL {
            let scanned = rows.scan(table, &[], &mut |key, value| {
                written = self.row(OWN, &[&[table as u8], key].concat(), value);
                written.is_ok()
            });
            scanned.map_err(io::Error::other)?;
        }
        written
    }

    fn ledger(&mut self, ledger: &privity_ledger::Ledger) -> io::Result<()> {
        let mut written = Ok(());
        let scanned = aside::rows(ledger.store(), &mut |key, value| {
            written = self.row(LEDGER, key, value);
            written.is_ok()
        });
        scanned.map_err(io::Error::other)?;
        written
    }
}

/// A back-up that was read whole and has its digest.
#[derive(Default)]
pub struct Copied {
    /// The ledger's id.
    pub ledger: Vec<u8>,
    /// The file of tokens, as it was.
    pub tokens: Vec<u8>,
    /// Rows of the service's store, each under its table.
    pub own: Vec<(Table, Vec<u8>, Vec<u8>)>,
    /// Rows of the ledger's store, for [`aside::restore`].
    pub beside: Changes,
}

impl Copied {
    /// Reads a back-up.
    ///
    /// # Errors
    /// [`Code::Input`] if it is none, or broke off.
    pub fn read(from: &mut impl Read) -> Result<Self, Failure> {
        let mut reader = Reader { from, hash: Sha256::new() };
        let mut this = Self::default();
        if reader.bytes(MAGIC.len())? != MAGIC || reader.length()? != VERSION as usize {
            return Err(damaged("that is no back-up of a service"));
        }
        loop {
            let kind = reader.bytes(1)?;
            if kind == [END] {
                break;
            }
            let (key, value) = (reader.part()?, reader.part()?);
            match kind.first().copied() {
                Some(IDENTITY) => this.ledger = key,
                Some(TOKENS) => this.tokens = value,
                Some(LEDGER) => drop(this.beside.insert(key, value)),
                Some(OWN) => {
                    let table = key.first().and_then(|first| Table::ALL.into_iter().find(|one| *one as u8 == *first));
                    let table = table.ok_or_else(|| damaged("a row is of no table that this version knows"))?;
                    this.own.push((table, key[1..].to_vec(), value));
                }
                _ => return Err(damaged("a row is of no kind that this version knows")),
            }
        }
        let digest = reader.hash.finalize();
        let mut stored = Vec::new();
        reader.from.take(33).read_to_end(&mut stored).map_err(|_| damaged("it breaks off"))?;
        if stored != digest.as_slice() {
            return Err(damaged("its digest is another: it broke off, or was changed"));
        }
        Ok(this)
    }

    /// Writes the rows of the service's store, all or none.
    ///
    /// # Errors
    /// The store's.
    pub fn fill(&self, database: &dyn Database) -> Result<(), StoreError> {
        database.write(&mut |rows| {
            self.own.iter().try_for_each(|(table, key, value)| rows.put(*table, key, value))?;
            Ok(true)
        })
    }

    /// Writes the file of tokens, which must not exist.
    ///
    /// # Errors
    /// [`Code::Store`].
    pub fn write_tokens(&self, path: &std::path::Path) -> Result<(), Failure> {
        if self.tokens.is_empty() { Ok(()) } else { files::create(path, &self.tokens) }
    }
}

fn damaged(what: &str) -> Failure {
    Failure::new(Code::Input, format!("{what}; make another with `privity backup --service`"))
}

struct Reader<'a, R> {
    from: &'a mut R,
    hash: Sha256,
}

impl<R: Read> Reader<'_, R> {
    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let read = self.from.by_ref().take(length as u64).read_to_end(&mut bytes);
        if read.ok() != Some(length) {
            return Err(damaged("it breaks off"));
        }
        self.hash.update(&bytes);
        Ok(bytes)
    }

    fn length(&mut self) -> Result<usize, Failure> {
        let bytes = self.bytes(4)?;
        Ok(bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn part(&mut self) -> Result<Vec<u8>, Failure> {
        let length = self.length()?;
        if length > LONGEST {
            return Err(damaged("a row is too long"));
        }
        self.bytes(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copy() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = Writer { out: &mut bytes, hash: Sha256::new() };
        writer.raw(MAGIC).unwrap();
        writer.raw(&VERSION.to_be_bytes()).unwrap();
        writer.row(IDENTITY, &[7; 32], &[]).unwrap();
        writer.row(OWN, &[Table::Jobs as u8, 1], b"job").unwrap();
        writer.raw(&[END]).unwrap();
        let digest = writer.hash.finalize();
        bytes.extend_from_slice(&digest);
        bytes
    }

    #[test]
    fn a_copy_is_read_whole_or_not_at_all() {
        let bytes = copy();
        let read = Copied::read(&mut bytes.as_slice()).unwrap();
        assert_eq!((read.ledger, read.own), (vec![7; 32], vec![(Table::Jobs, vec![1], b"job".to_vec())]));
        for length in 0..bytes.len() {
            assert!(Copied::read(&mut &bytes[..length]).is_err(), "broken off at {length}");
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert!(Copied::read(&mut other.as_slice()).is_err(), "changed at {at}");
        }
        assert!(Copied::read(&mut [bytes.as_slice(), &[0]].concat().as_slice()).is_err(), "longer");
    }
}
