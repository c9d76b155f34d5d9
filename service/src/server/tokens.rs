//! Bearer tokens: 256 random bits, of which SHA-256 is kept; with scopes, a caller's name, an end, revocable.
//!
//! They lie in a file of their own, so that `privity token` works while the service runs; the service reads the file again when
//! it changed. A client certificate is a credential in the same list: what is kept is SHA-256 of the certificate.

use super::caller::{Caller, Scope};
use crate::error::{Code, Failure};
use crate::files;
use crate::home::Lock;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use rand::rngs::OsRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use std::time::SystemTime;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What a token begins with, so that searches for leaked secrets find it.
const PREFIX: &str = "privity_";

/// SHA-256 of a token's secret or of a certificate. It is compared in constant time or not at all: there is no `==`.
///
/// ```compile_fail
/// use privity_service::server::tokens::SecretHash;
/// let _ = SecretHash::of(b"one") == SecretHash::of(b"one");
/// ```
#[derive(Clone)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Of these bytes.
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Whether `kept` is this hash; the time depends on neither.
    pub fn matches(&self, kept: &[u8; 32]) -> bool {
        self.0.ct_eq(kept).into()
    }

    /// The id of a credential that has no other: the first eight bytes.
    fn id(&self) -> String {
        files::hex(&self.0[..8])
    }
}

/// A credential as it is kept: nothing in it opens anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Its public id, which a token carries and commands name.
    pub id: String,
    /// The caller's name.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// The party for which it acts in deals.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub party: Option<String>,
    /// SHA-256 of the token's secret or of the certificate, hexadecimal.
    pub sha256: String,
    /// When it was made, Unix seconds.
    pub created: u64,
    /// First second in which it is refused, Unix seconds.
    pub expires: u64,
    /// Whether it was revoked.
    #[serde(default)]
    pub revoked: bool,
}

/// The credentials by id.
pub type Credentials = BTreeMap<String, Credential>;

/// What a new credential is for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The caller's name.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// The party for which it acts in deals.
    pub party: Option<String>,
    /// When it is made, Unix seconds.
    pub created: u64,
    /// First second in which it is refused, Unix seconds.
    pub expires: u64,
}

impl Grant {
    /// A token for this, shown once, and what is kept of it.
    pub fn token(&self) -> (Zeroizing<String>, Credential) {
        let (mut id, mut secret) = ([0; 8], Zeroizing::new([0; 32]));
        OsRng.fill_bytes(&mut id);
        OsRng.fill_bytes(&mut *secret);
        let id = files::hex(&id);
        let text = Zeroizing::new(format!("{PREFIX}{id}_{}", URL_SAFE_NO_PAD.encode(*secret)));
        let credential = self.credential(id, &SecretHash::of(&*secret));
        (text, credential)
    }

    /// The credential of a client certificate, DER.
    pub fn certificate(&self, der: &[u8]) -> Credential {
        let hash = SecretHash::of(der);
        self.credential(hash.id(), &hash)
    }

    fn credential(&self, id: String, hash: &SecretHash) -> Credential {
        let Self { name, scopes, party, created, expires } = self.clone();
        Credential { id, name, scopes, party, sha256: files::hex(&hash.0), created, expires, revoked: false }
    }
}

/// The credentials that a service knows.
#[derive(Debug, Default)]
pub struct Tokens {
    path: Option<PathBuf>,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    modified: Option<(SystemTime, u64)>,
    credentials: Credentials,
}

impl Tokens {
    /// Those of a file, which need not exist yet.
    ///
    /// # Errors
    /// [`Code::Input`] if it is no such file.
    pub fn open(path: PathBuf) -> Result<Self, Failure> {
        let this = Self { path: Some(path), known: RwLock::default() };
        this.reload()?;
        Ok(this)
    }

    /// These alone.
    pub fn of(credentials: impl IntoIterator<Item = Credential>) -> Self {
        let credentials = credentials.into_iter().map(|one| (one.id.clone(), one)).collect();
        Self { path: None, known: RwLock::new(Known { modified: None, credentials }) }
    }

    /// The file, if they have one that exists.
    pub fn file(&self) -> Option<&Path> {
        self.path.as_deref().filter(|path| path.exists())
    }

    /// Reads the file again if it changed.
    ///
    /// # Errors
    /// [`Code::Input`]; what was known stays.
    pub fn reload(&self) -> Result<(), Failure> {
        let Some(path) = &self.path else { return Ok(()) };
        let stamp = fs::metadata(path).and_then(|data| Ok((data.modified()?, data.len()))).ok();
        if stamp == self.known.read().unwrap_or_else(PoisonError::into_inner).modified {
            return Ok(());
        }
        let credentials = read(path)?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known { modified: stamp, credentials };
        Ok(())
    }

    /// Whom a token stands for at time `now`, if it is good.
    pub fn bearer(&self, text: &str, now: u64) -> Option<Caller> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(secret, &mut *bytes).ok()?;
        (length == 32).then(|| self.find(id, &SecretHash::of(&*bytes), now))?
    }

    /// Whom a client certificate stands for, if it is known.
    pub fn certificate(&self, der: &[u8], now: u64) -> Option<Caller> {
        let hash = SecretHash::of(der);
        self.find(&hash.id(), &hash, now)
    }

    fn find(&self, id: &str, hash: &SecretHash, now: u64) -> Option<Caller> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.credentials.get(id);
        // An unknown id takes the same comparison, so that the time tells ids apart no better than the answer does.
        let kept = found.and_then(|one| files::unhex(&one.sha256)?.try_into().ok()).unwrap_or([0; 32]);
        let equal = hash.matches(&kept);
        let good = found.filter(|one| equal && !one.revoked && now < one.expires)?;
        Some(Caller { name: good.name.clone(), scopes: good.scopes.clone(), party: good.party.clone() })
    }
}

/// The credentials in a file; none if it does not exist.
///
/// # Errors
/// [`Code::Input`].
pub fn read(path: &Path) -> Result<Credentials, Failure> {
    if !path.exists() {
        return Ok(Credentials::new());
    }
    let list: Vec<Credential> = serde_json::from_slice(&files::read(path)?).map_err(|error| {
        let text = format!("that is no file of tokens: {error}; restore it, or make tokens anew");
        Failure::new(Code::Input, text).in_file(path)
    })?;
    Ok(list.into_iter().map(|one| (one.id.clone(), one)).collect())
}

/// Changes the credentials in a file, one process at a time.
///
/// # Errors
/// [`Code::Busy`], [`Code::Input`], [`Code::Store`], or what `change` refuses.
pub fn change<T>(path: &Path, change: impl FnOnce(&mut Credentials) -> Result<T, Failure>) -> Result<T, Failure> {
    let _lock = Lock::take(path)?;
    let mut credentials = read(path)?;
    let result = change(&mut credentials)?;
    let list: Vec<&Credential> = credentials.values().collect();
    let text = serde_json::to_vec_pretty(&list).map_err(|error| Failure::new(Code::Store, error))?;
    files::replace(path, &text)?;
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        let scopes = [Scope::Auditor].into();
        Grant { name: "erp".into(), scopes, party: None, created: 100, expires: 200 }
    }

    #[test]
    fn a_token_is_good_until_it_ends_and_in_one_spelling() {
        let (text, credential) = grant().token();
        assert!(!format!("{credential:?}").contains(text.rsplit_once('_').unwrap().1));
        let tokens = Tokens::of([credential.clone()]);
        assert_eq!(tokens.bearer(&text, 199).unwrap().name, "erp");
        assert_eq!(tokens.bearer(&text, 200), None);
        let (other, _) = grant().token();
        let mixed = format!("{PREFIX}{}_{}", credential.id, other.rsplit_once('_').unwrap().1);
        for wrong in ["", "privity_", &text[1..], &text[..text.len() - 1], &format!("{}A", *text), &other, &mixed] {
            assert_eq!(tokens.bearer(wrong, 150), None, "{wrong}");
        }
        assert_eq!(Tokens::of([Credential { revoked: true, ..credential }]).bearer(&text, 150), None);
    }

    #[test]
    fn a_change_of_the_file_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        let tokens = Tokens::open(path.clone()).unwrap();
        let (text, credential) = grant().token();
        change(&path, |all| Ok(all.insert(credential.id.clone(), credential.clone()))).unwrap();
        assert_eq!(tokens.bearer(&text, 150), None);
        tokens.reload().unwrap();
        assert!(tokens.bearer(&text, 150).is_some());
        change(&path, |all| {
            all.values_mut().for_each(|one| one.revoked = true);
            Ok(())
        })
        .unwrap();
        tokens.reload().unwrap();
        assert_eq!(tokens.bearer(&text, 150), None);
        fs::write(&path, "[").unwrap();
        assert_eq!(tokens.reload().unwrap_err().code, Code::Input);
    }

    #[test]
    fn a_hash_matches_itself_and_nothing_else() {
        let hash = SecretHash::of(b"one");
        assert!(hash.matches(&hash.0));
        for at in 0..32 {
            let mut other = hash.0;
            other[at] ^= 1 << (at % 8);
            assert!(!hash.matches(&other), "byte {at}");
        }
    }

    #[test]
    fn a_certificate_is_a_credential() {
        let tokens = Tokens::of([grant().certificate(b"der")]);
        assert_eq!(tokens.certificate(b"der", 150).unwrap().name, "erp");
        assert_eq!(tokens.certificate(b"other", 150), None);
    }
}
