//! Where things lie: `keys/`, `ledger.redb`, `operator.key`, `wallets/<name>.wallet`, and the books of those who sign.

use crate::error::{Code, Failure};
use crate::files;
use crate::purse;
use privity_wallet::file::Document;
use privity_wallet::store::{BookError, Cost, load_book, save_book};
use rand::rngs::OsRng;
use std::env;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The name under which the operator's own wallet is opened.
pub const OPERATOR: &str = "operator";

/// The folder of one party, and what may lie elsewhere.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
    /// The ledger's store.
    pub ledger: PathBuf,
    /// The proving keys.
    pub keys: PathBuf,
}

impl Home {
    /// The home: `root`, else `$HOME/.privity`; ledger and keys in it unless given.
    ///
    /// # Errors
    /// [`Code::Usage`] if nothing says where.
    pub fn new(root: Option<PathBuf>, ledger: Option<PathBuf>, keys: Option<PathBuf>) -> Result<Self, Failure> {
        let standard = || env::home_dir().map(|home| home.join(".privity"));
        let root = root.or_else(standard);
        let root = root.ok_or_else(|| Failure::new(Code::Usage, "there is no home directory; give --home"))?;
        let ledger = ledger.unwrap_or_else(|| root.join("ledger.redb"));
        let keys = keys.unwrap_or_else(|| root.join("keys"));
        Ok(Self { root, ledger, keys })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of a wallet; the operator's is `operator.key`.
    ///
    /// # Errors
    /// [`Code::Usage`] for a name that is no plain file name.
    pub fn wallet(&self, name: &str) -> Result<PathBuf, Failure> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if name.is_empty() || name.len() > 64 || !name.bytes().all(plain) {
            let text = "a wallet's name has 1 to 64 letters, digits, - and _; choose another";
            return Err(Failure::new(Code::Usage, text));
        }
        Ok(match name {
            OPERATOR => self.operator(),
            name => self.root.join("wallets").join(format!("{name}.wallet")),
        })
    }

    /// The operator's wallet; its signer is the operator key.
    pub fn operator(&self) -> PathBuf {
        self.root.join("operator.key")
    }

    /// A book: as given, else in the home.
    pub fn book(&self, given: Option<&PathBuf>, name: &str) -> PathBuf {
        given.cloned().unwrap_or_else(|| self.root.join(name))
    }
}

/// Held while a file is read, changed and written back.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "dropping it unlocks")] File);

impl Lock {
    /// Locks `path` by a file beside it.
    ///
    /// # Errors
    /// [`Code::Busy`] if another process holds it.
    pub fn take(path: &Path) -> Result<Self, Failure> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".lock");
        let beside = path.with_file_name(name);
        let opened = (|| {
            if let Some(parent) = beside.parent() {
                fs::create_dir_all(parent)?;
            }
            OpenOptions::new().create(true).truncate(false).write(true).open(&beside)
        })();
        let file = opened.map_err(|error| files::io(&beside, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => {
                let text = "another process has it open; wait until it is done";
                Err(Failure::new(Code::Busy, text).in_file(path))
            }
            Err(TryLockError::Error(error)) => Err(files::io(&beside, &error)),
        }
    }
}

/// A book on disk: what somebody signed or accepted so far, sealed as a wallet is.
pub struct Book<T> {
    /// The contents.
    pub entries: T,
    path: PathBuf,
    password: Zeroizing<String>,
    _lock: Lock,
}

impl<T: Document + Default> Book<T> {
    /// Opens the book, or begins one; `password` is told whether it begins.
    ///
    /// # Errors
    /// [`Code::Busy`], [`Code::Locked`], [`Code::Input`] for another file, [`Code::Store`].
    pub fn open(
        path: PathBuf,
        password: impl FnOnce(bool) -> Result<Zeroizing<String>, Failure>,
    ) -> Result<Self, Failure> {
        let lock = Lock::take(&path)?;
        let exists = path.exists();
        let password = password(!exists)?;
        let entries = match exists {
            true => load_book(&path, &password).map_err(|error| failure(&path, error))?,
            false => T::default(),
        };
        Ok(Self { entries, path, password, _lock: lock })
    }

    /// Writes it back.
    ///
    /// # Errors
    /// [`Code::Store`].
    pub fn save(&self) -> Result<(), Failure> {
        let saved = save_book(&self.entries, &self.path, &self.password, Cost::STANDARD, &mut OsRng);
        saved.map_err(|error| failure(&self.path, error))
    }
}

fn failure(path: &Path, error: BookError) -> Failure {
    match error {
        BookError::Store(error) => purse::store(path, error),
        BookError::File(error) => Failure::new(Code::Input, error).in_file(path),
    }
}

/// Reads a message or another versioned file.
///
/// # Errors
/// [`Code::Missing`], [`Code::Input`].
pub fn message<T: Document>(path: &Path) -> Result<T, Failure> {
    T::from_json(&files::read_text(path)?).map_err(|error| Failure::new(Code::Input, error).in_file(path))
}

/// Writes a message or another versioned file.
///
/// # Errors
/// [`Code::Store`].
pub fn post<T: Document>(path: &Path, message: &T) -> Result<(), Failure> {
    let text = message.to_json().map_err(|error| Failure::new(Code::Input, error).in_file(path))?;
    files::replace(path, format!("{text}\n").as_bytes())
}
