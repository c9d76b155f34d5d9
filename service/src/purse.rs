//! A wallet on disk, kept abreast of the ledger.

use crate::env::signing_key;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::Lock;
use crate::progress::Task;
use privity_ledger::{Genesis, Ledger, LocalOperator, Operator, Record};
use privity_quotes::QuotingKey;
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

    /// What signs entries and heads, if this is the operator's wallet.
    ///
    /// # Errors
    /// [`Code::Input`] with probability 2^-252.
    pub fn operator(&self) -> Result<Box<dyn Operator>, Failure> {
        Ok(Box::new(LocalOperator::new(signing_key(self.wallet.seed())?)))
    }

    /// What the operator's keys of requests derive from.
    pub fn quoting_key(&self) -> QuotingKey {
        QuotingKey::from_wide(&self.wallet.seed().derive("rfq", 0))
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
    pub fn scan(&mut self, ledger: &Ledger, task: &Task) -> Result<u64, Failure> {
        let id = ledger.read(|state| Ok(state.ledger()))?;
        if self.wallet.ledger() != id {
            let text = format!(
                "the wallet lives on ledger {}, this is {id}; give its ledger with --ledger",
                self.wallet.ledger()
            );
            return Err(Failure::new(Code::Rule, text).in_file(&self.path));
        }
        let mut read = 0;
        for record in records(ledger, self.wallet.scanner().position(), task)? {
            self.wallet.read(&record?)?;
            read += 1;
        }
        if read > 0 {
            self.save()?;
        }
        Ok(read)
    }

    /// Opens the accounts up to `accounts` − 1 as well, which takes reading the ledger from its beginning.
    ///
    /// # Errors
    /// As [`Purse::scan`]; the wallet is as it was then.
    pub fn open_accounts(&mut self, ledger: &Ledger, accounts: u32, task: &Task) -> Result<(), Failure> {
        let genesis = ledger.read(|state| Ok(state.genesis().clone()))?;
        self.wallet = self.wallet.with_accounts(&genesis, accounts, records(ledger, 0, task)?)?;
        self.save()
    }

    /// The wallet's password, which also seals the books of its roles.
    pub fn password(&self) -> &Zeroizing<String> {
        &self.password
    }
}

/// Reads a whole ledger with viewing keys; how many records.
///
/// # Errors
/// The store's.
pub fn view(ledger: &Ledger, scanner: &mut Scanner, task: &Task) -> Result<u64, Failure> {
    let start = scanner.position();
    for record in records(ledger, start, task)? {
        scanner.read(&record?)?;
    }
    Ok(scanner.position() - start)
}

/// The records from `position` on, in the order of the log, counted by `task`.
fn records<'a>(
    ledger: &'a Ledger,
    mut position: u64,
    task: &'a Task,
) -> Result<impl Iterator<Item = Result<Record, Failure>> + 'a, Failure> {
    let end = ledger.read(|state| Ok(state.position()))?;
    task.say("reading what the ledger settled");
    task.count(end.saturating_sub(position));
    let chunks = std::iter::from_fn(move || match ledger.records(position, CHUNK) {
        Ok(records) => {
            position = records.last()?.position + 1;
            task.add(records.len() as u64);
            Some(records.into_iter().map(Ok).collect::<Vec<_>>())
        }
        Err(error) => Some(vec![Err(Failure::from(error))]),
    });
    Ok(chunks.flatten())
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
