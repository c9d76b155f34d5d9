//! A directory of keys.

use crate::file;
use crate::map::map;
use crate::stored::Bytes;
use crate::{
    Cancelled, Control, KeyFileError, KeyProblem, Lanes, ProvingKey, SetupError, Stage, TableSetting, generate,
    verifying_key_json,
};
use privity_circuits::Circuit;
use privity_circuits::r1cs::Shape;
use privity_verifier::{KeyError, KeyId, VerifyingKey, is_relation_name};
use rand::{CryptoRng, RngCore};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A published proving key: the key id, and beside it the hash of the proving key's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Id of the verifying key.
    pub key_id: KeyId,
    /// SHA-256 over the SHA-256 of each MiB of the proving key file's body.
    pub hash: [u8; 32],
}

/// Keys in a directory: per relation `<name>.proving`, `<name>.verifying` and `<name>.json`.
///
/// Files are written beside their place, synced and renamed, so that a killed process leaves an old file or a new one.
#[derive(Clone, Debug)]
pub struct KeyStore {
    directory: PathBuf,
    tables: TableSetting,
}

impl KeyStore {
    /// The store in `directory`, which need not exist yet.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), tables: TableSetting::default() }
    }

    /// The same store, writing files with the copies of bases that `tables` asks for: an engine of another setting makes its own when it
    /// first proves with a key.
    #[must_use]
    pub fn with_tables(self, tables: TableSetting) -> Self {
        Self { tables, ..self }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the proving key of a relation lies.
    pub fn proving_path(&self, relation: &str) -> PathBuf {
        self.directory.join(format!("{relation}.proving"))
    }

    /// Where the verifying key of a relation lies, as bytes.
    pub fn verifying_path(&self, relation: &str) -> PathBuf {
        self.directory.join(format!("{relation}.verifying"))
    }

    /// Where the verifying key of a relation lies, as JSON.
    pub fn json_path(&self, relation: &str) -> PathBuf {
        self.directory.join(format!("{relation}.json"))
    }

    /// Reads the proving key of `C`. Whoever can write the directory can replace key and hash together: pin published keys.
    ///
    /// # Errors
    /// [`KeyFileError`] for a missing, truncated, damaged, swapped or foreign file, or one of a newer format.
    pub fn load<C: Circuit>(&self, control: &Control<'_>) -> Result<ProvingKey, KeyFileError> {
        let path = self.proving_path(C::NAME);
        read::<C>(&path, control).map(|(key, _)| key)
    }

    /// Reads the proving key of `C` and compares it with the published pin.
    ///
    /// # Errors
    /// As [`load`](Self::load), and [`KeyProblem::NotPinned`] for any other key.
    pub fn load_pinned<C: Circuit>(&self, pin: &Pin, control: &Control<'_>) -> Result<ProvingKey, KeyFileError> {
        let path = self.proving_path(C::NAME);
        let (key, hash) = read::<C>(&path, control)?;
        if (Pin { key_id: key.id(), hash }) != *pin {
            let problem = KeyProblem::NotPinned { found: key.id() };
            return Err(KeyFileError { path, key: Some(key.id()), problem });
        }
        Ok(key)
    }

    /// Reads the proving key of `C`; if there is none, makes a development key and stores it. A bad file is reported, never replaced.
    /// Processes that do this at once wait for each other and end with the same key.
    ///
    /// # Errors
    /// As [`load`](Self::load), if cancelled, and if the directory cannot be written.
    pub fn load_or_generate<C: Circuit>(
        &self,
        rng: &mut (impl RngCore + CryptoRng),
        control: &Control<'_>,
    ) -> Result<ProvingKey, KeyFileError> {
        let missing =
            |loaded: &Result<_, KeyFileError>| matches!(loaded, Err(e) if matches!(e.problem, KeyProblem::Missing));
        let loaded = self.load::<C>(control);
        if !missing(&loaded) {
            return loaded;
        }
        let _lock = self.lock().map_err(|error| at(&self.proving_path(C::NAME))(error.into()))?;
        let loaded = self.load::<C>(control);
        if !missing(&loaded) {
            return loaded;
        }
        let key = generate::<C>(rng, control).map_err(|error| at(&self.proving_path(C::NAME))(error.into()))?;
        self.write(&key, control)?;
        // As whoever comes next: with its tables, and without the set-up's memory.
        self.load::<C>(control)
    }

    /// Writes the three files of `key`, replacing any; the pin to publish.
    ///
    /// # Errors
    /// [`KeyProblem::Io`] if the directory cannot be written.
    pub fn save(&self, key: &ProvingKey, control: &Control<'_>) -> Result<Pin, KeyFileError> {
        let _lock = self.lock().map_err(|error| at(&self.proving_path(key.relation()))(error.into()))?;
        self.write(key, control)
    }

    /// Writes the files; the lock is held.
    fn write(&self, key: &ProvingKey, control: &Control<'_>) -> Result<Pin, KeyFileError> {
        let path = self.proving_path(key.relation());
        let store = || {
            control.enter(Stage::Store).map_err(SetupError::from)?;
            let encoded = file::encode(key, self.tables, Lanes::detect());
            let verifying = key.verifying().key();
            replace(&self.verifying_path(key.relation()), &[&verifying.to_bytes()])?;
            let json = format!("{:#}\n", verifying_key_json(verifying));
            replace(&self.json_path(key.relation()), &[json.as_bytes()])?;
            // Last, as its presence is what says that the key is complete.
            replace(&path, &[&encoded.header, &encoded.body])?;
            Ok(Pin { key_id: key.id(), hash: encoded.hash })
        };
        store().map_err(at(&path))
    }

    /// Reads the verifying key of the relation named `relation`.
    ///
    /// # Errors
    /// [`KeyFileError`] for a missing or refused file, or the key of another relation.
    pub fn load_verifying(&self, relation: &'static str) -> Result<VerifyingKey, KeyFileError> {
        let path = self.verifying_path(relation);
        let load = || {
            let key = VerifyingKey::from_bytes(&read_file(&path)?)?;
            if key.relation() != relation {
                return Err(KeyProblem::Relation { expected: relation, found: key.relation().into() });
            }
            Ok(key)
        };
        load().map_err(at(&path))
    }

    /// Held while keys are generated or written.
    fn lock(&self) -> std::io::Result<File> {
        fs::create_dir_all(&self.directory)?;
        let path = self.directory.join(".lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(file)
    }
}

fn at(path: &Path) -> impl Fn(KeyProblem) -> KeyFileError {
    let path = path.to_path_buf();
    move |problem| KeyFileError { path: path.clone(), key: None, problem }
}

/// The proving key in the file `path`, and its body's hash.
fn read<C: Circuit>(path: &Path, control: &Control<'_>) -> Result<(ProvingKey, [u8; 32]), KeyFileError> {
    let mut named = None;
    let mut load = || {
        if !is_relation_name(C::NAME) {
            return Err(KeyError::Name.into());
        }
        let enter = |stage| control.enter(stage).map_err(|Cancelled| SetupError::Cancelled(Cancelled));
        enter(Stage::Load)?;
        let bytes: Bytes = match map(&open(path)?)? {
            Some(mapped) => Arc::new(mapped),
            None => Arc::new(Vec::new()),
        };
        named = file::key_id((*bytes).as_ref());
        let matrices = match C::MATRICES {
            Some(digest) => digest,
            None => {
                enter(Stage::Matrices)?;
                Shape::of::<C>().digest()
            }
        };
        file::decode(C::NAME, matrices, bytes)
    };
    let loaded = load();
    loaded.map_err(|problem| KeyFileError { path: path.to_path_buf(), key: named, problem })
}

/// Most bytes of a verifying key's file.
const MAX_BYTES: u64 = 1 << 20;

fn open(path: &Path) -> Result<File, KeyProblem> {
    File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => KeyProblem::Missing,
        _ => error.into(),
    })
}

fn read_file(path: &Path) -> Result<Vec<u8>, KeyProblem> {
    let mut bytes = Vec::new();
    open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(KeyProblem::Trailing(bytes.len() as u64 - MAX_BYTES));
    }
    Ok(bytes)
}

/// Writes `parts` to a new file beside `path`, syncs it and renames it there.
fn replace(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = (|| {
        let mut file = File::create(&temporary)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    })();
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
        return written;
    }
    // The rename itself is durable once the directory is; not every platform can sync one.
    if let Some(directory) = path.parent().and_then(|directory| File::open(directory).ok()) {
        let _ = directory.sync_all();
    }
    Ok(())
}
