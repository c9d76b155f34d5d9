//! A disk that fails on purpose: a back end of redb that keeps what was synced apart from what was only written.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use redb::StorageBackend;
use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The machine stops before the sync: any part of what was written since the last one may have reached the disk, torn at
    /// sectors.
    PowerCut,
    /// The machine stops after the sync, before anybody learns of it.
    PowerCutAfter,
    /// The sync fails, and some pages are lost; the machine goes on.
    Eio,
    /// The first write after the last sync finds no room.
    Full,
    /// The first write after the last sync writes half of its bytes.
    Short,
}

pub const FAULTS: [Fault; 5] = [Fault::PowerCut, Fault::PowerCutAfter, Fault::Eio, Fault::Full, Fault::Short];
const SECTOR: usize = 512;

#[derive(Debug)]
struct Inner {
    durable: Vec<u8>,
    seen: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
    syncs: usize,
    fault: Option<(usize, Fault)>,
    dead: bool,
    rng: ChaCha20Rng,
}

/// The disk; clones share it.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<Inner>>);

impl Disk {
    pub fn new(seed: u64) -> Self {
        Self::holding(Vec::new(), seed)
    }

    fn holding(bytes: Vec<u8>, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            durable: bytes.clone(),
            seen: bytes,
            pending: Vec::new(),
            syncs: 0,
            fault: None,
            dead: false,
            rng: ChaCha20Rng::seed_from_u64(seed),
        })))
    }

    /// What a machine finds that starts again: what is durable, and by chance part of what was written since.
    pub fn restart(&self) -> Self {
        let mut inner = self.0.lock().unwrap();
        inner.flush_by_chance();
        let seed = inner.rng.next_u64();
        Self::holding(inner.durable.clone(), seed)
    }

    /// The `nth` sync from now on, from 0, goes wrong.
    pub fn fail_at(&self, nth: usize, fault: Fault) {
        let mut inner = self.0.lock().unwrap();
        inner.fault = Some((inner.syncs + nth, fault));
    }

    /// Syncs so far.
    pub fn syncs(&self) -> usize {
        self.0.lock().unwrap().syncs
    }

    /// Whether the fault is still to come.
    pub fn disarm(&self) -> bool {
        self.0.lock().unwrap().fault.take().is_some()
    }
}

fn io(kind: ErrorKind) -> Error {
    Error::new(kind, "injected")
}

impl Inner {
    fn due(&self) -> Option<Fault> {
        self.fault.filter(|(at, _)| *at == self.syncs).map(|(_, fault)| fault)
    }

    fn alive(&self) -> Result<(), Error> {
        if self.dead { Err(io(ErrorKind::Other)) } else { Ok(()) }
    }

    /// Each pending write reaches the disk whole, in part, or not.
    fn flush_by_chance(&mut self) {
        for (offset, data) in std::mem::take(&mut self.pending) {
            for (index, sector) in data.chunks(SECTOR).enumerate() {
                if self.rng.next_u32().is_multiple_of(2) {
                    store(&mut self.durable, offset + index * SECTOR, sector);
                }
            }
        }
    }
}

fn store(bytes: &mut Vec<u8>, offset: usize, data: &[u8]) {
    if bytes.len() < offset + data.len() {
        bytes.resize(offset + data.len(), 0);
    }
    bytes[offset..offset + data.len()].copy_from_slice(data);
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        let inner = self.0.lock().unwrap();
        inner.alive()?;
        Ok(inner.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let inner = self.0.lock().unwrap();
        inner.alive()?;
        let start = offset as usize;
        let bytes = inner.seen.get(start..start + out.len()).ok_or(io(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        let mut inner = self.0.lock().unwrap();
        inner.alive()?;
        if inner.due() == Some(Fault::Full) && len as usize > inner.seen.len() {
            inner.fault = None;
            return Err(io(ErrorKind::StorageFull));
        }
        // The length of a file is metadata: taken to be durable at once.
        inner.seen.resize(len as usize, 0);
        inner.durable.resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        let mut inner = self.0.lock().unwrap();
        inner.alive()?;
        let fault = inner.due();
        inner.syncs += 1;
        match fault {
            Some(Fault::PowerCut | Fault::Eio) => inner.flush_by_chance(),
            _ => {
                for (offset, data) in std::mem::take(&mut inner.pending) {
                    store(&mut inner.durable, offset, &data);
                }
            }
        }
        let Some(fault @ (Fault::PowerCut | Fault::PowerCutAfter | Fault::Eio)) = fault else { return Ok(()) };
        inner.fault = None;
        inner.dead = fault != Fault::Eio;
        Err(io(ErrorKind::Other))
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let mut inner = self.0.lock().unwrap();
        inner.alive()?;
        let offset = offset as usize;
        let written = match inner.due() {
            Some(Fault::Full) => &[],
            Some(Fault::Short) => &data[..data.len() / 2],
            _ => data,
        };
        store(&mut inner.seen, offset, written);
        inner.pending.push((offset, written.to_vec()));
        if written.len() < data.len() {
            inner.fault = None;
            return Err(io(ErrorKind::StorageFull));
        }
        Ok(())
    }
}
