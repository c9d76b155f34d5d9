//! A wallet on disk, kept abreast of the ledger.

use crate::error::{Code, Failure};
use crate::files;
use crate::home::Lock;
use privity_ledger::{Genesis, Ledger, Record};
use privity_wallet::store::{Cost, StoreError as WalletStoreError};
use privity_wallet::{Scanner, Seed, Wallet};
use rand::rngs::OsRng;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Records that are read at once.
const CHUNK: usize = 256;

/// An open wallet; nobody else may open it meanwhile.
pub struct Purse {
    /// The wallet.
    pub wallet: Wallet,
    path: PathBuf,
    password: Zeroizing<String>,
    _lock: Lock,
}

impl Purse {
    /// Makes a wallet of `seed` at `path`, which must be free.
    ///
    /// # Errors
    /// [`Code::Store`] if there is a file already, [`Code::Busy`].
    pub fn create(
        path: PathBuf,
        seed: Seed,
        genesis: &Genesis,
        accounts: u32,
        password: Zeroizing<String>,
    ) -> Result<Self, Failure> {
        let lock = Lock::take(&path)?;
        if path.exists() {
            let text = "exists already; choose another name with --wallet, nothing is overwritten";
            return Err(Failure::new(Code::Store, text).in_file(&path));
        }
        let wallet = Wallet::new(seed, genesis, accounts)?;
        let purse = Self { wallet, path, password, _lock: lock };
        purse.save()?;
        Ok(purse)
    }

    /// Opens the wallet at `path`.
    ///
    /// # Errors
    /// [`Code::Missing`], [`Code::Locked`], [`Code::Busy`], [`Code::Input`] for a damaged or foreign file.
    pub fn open(path: PathBuf, password: impl FnOnce() -> Result<Zeroizing<String>, Failure>) -> Result<Self, Failure> {
        if !path.exists() {
            let text = "there is no such wallet; make it with `privity wallet create`, or name another with --wallet";
            return Err(Failure::new(Code::Missing, text).in_file(&path));
        }
        let lock = Lock::take(&path)?;
        let password = password()?;
        let wallet = Wallet::load(&path, &password).map_err(|error| store(&path, error))?;
        Ok(Self { wallet, path, password, _lock: lock })
    }

    /// Writes the wallet back.
    ///
    /// # Errors
    /// [`Code::Store`].
    pub fn save(&self) -> Result<(), Failure> {
        let saved = self.wallet.save(&self.path, &self.password, Cost::STANDARD, &mut OsRng);
        saved.map_err(|error| store(&self.path, error))
    }

    /// Reads what the ledger settled since the last time; how many records.
    ///
    /// # Errors
    /// [`Code::Rule`] if the wallet lives on another ledger.
    pub fn scan(&mut self, ledger: &Ledger) -> Result<usize, Failure> {
        let id = ledger.read(|state| Ok(state.ledger()))?;
        if self.wallet.ledger() != id {
            let text = format!(
                "the wallet lives on ledger {}, this is {id}; give its ledger with --ledger",
                self.wallet.ledger()
            );
            return Err(Failure::new(Code::Rule, text).in_file(&self.path));
        }
        let (start, wallet) = (self.wallet.scanner().position(), &mut self.wallet);
        let read = follow(ledger, start, |record| Ok(wallet.read(record).map(drop)?))?;
        if read > 0 {
            self.save()?;
        }
        Ok(read)
    }
}

/// Reads a whole ledger with viewing keys; how many records.
///
/// # Errors
/// The store's.
pub fn view(ledger: &Ledger, scanner: &mut Scanner) -> Result<usize, Failure> {
    follow(ledger, scanner.position(), |record| Ok(scanner.read(record).map(drop)?))
}

/// Hands the records from `position` on to `visit`, in the order of the log.
fn follow(
    ledger: &Ledger,
    mut position: u64,
    mut visit: impl FnMut(&Record) -> Result<(), Failure>,
) -> Result<usize, Failure> {
    let mut read = 0;
    loop {
        let records = ledger.records(position, CHUNK)?;
        let Some(last) = records.last() else { return Ok(read) };
        position = last.position + 1;
        read += records.len();
        records.iter().try_for_each(&mut visit)?;
    }
}

/// What a wallet's file said.
pub fn store(path: &Path, error: WalletStoreError) -> Failure {
    match error {
        WalletStoreError::Io { path, source } => files::io(&path, &source),
        WalletStoreError::Password => {
            Failure::new(Code::Locked, "wrong password, nothing was changed; give this file's own").in_file(path)
        }
        error => Failure::new(Code::Input, error).in_file(path),
    }
}
