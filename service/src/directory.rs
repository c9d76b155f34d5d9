//! What the ledger registers, by name: tokens, members, signers, keys.

use crate::error::{Code, Failure};
use crate::files;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_ledger::Ledger;
use privity_verifier::KeyId;
use privity_wallet::Address;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that was ever registered; whether it still holds is the ledger's state to say.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Tokens: name and issuer by asset.
    pub tokens: BTreeMap<AssetId, (String, SignerId)>,
    /// Signers.
    pub signers: BTreeSet<SignerId>,
    /// Certifiers.
    pub certifiers: BTreeSet<SignerId>,
    /// Operator keys, the first one included.
    pub operators: BTreeSet<SignerId>,
    /// Members.
    pub members: BTreeSet<Owner>,
    /// Verifying keys with their relation.
    pub keys: BTreeMap<KeyId, String>,
}

impl Directory {
    /// Reads what the ledger's state lists, whatever the length of its log.
    ///
    /// # Errors
    /// The store's.
    pub fn read(ledger: &Ledger) -> Result<Self, Failure> {
        let directory = ledger.read(|state| {
            let tokens = state.tokens()?.into_iter();
            Ok(Self {
                tokens: tokens.map(|(asset, issuer, name)| (asset, (name.as_str().to_owned(), issuer))).collect(),
                signers: state.signers()?.into_iter().collect(),
                certifiers: state.certifiers()?.into_iter().collect(),
                operators: state.operators()?.into_iter().collect(),
                members: state.members()?.into_iter().collect(),
                keys: state.keys()?.iter().map(|key| (key.id(), key.relation().to_owned())).collect(),
            })
        });
        Ok(directory?)
    }

    /// A token by its name, or any asset by its id.
    ///
    /// # Errors
    /// [`Code::Missing`] for an unknown name, [`Code::Input`] if two issuers use it.
    pub fn asset(&self, text: &str) -> Result<AssetId, Failure> {
        if let Ok(asset) = text.parse() {
            return Ok(asset);
        }
        let mut named = self.tokens.iter().filter(|(_, (name, _))| name == text).map(|(asset, _)| *asset);
        match (named.next(), named.next()) {
            (Some(asset), None) => Ok(asset),
            (None, _) => {
                let text = format!("no token `{text}` is registered, and it is no asset id; see `privity ledger show`");
                Err(Failure::new(Code::Missing, text))
            }
            _ => Err(Failure::new(Code::Input, format!("several issuers have a token `{text}`; give its asset id"))),
        }
    }

    /// A token's name, if it is one.
    pub fn name(&self, asset: AssetId) -> Option<&str> {
        self.tokens.get(&asset).map(|(name, _)| name.as_str())
    }
}

/// An address.
///
/// # Errors
/// [`Code::Input`].
pub fn address(text: &str) -> Result<Address, Failure> {
    let remedy = "copy it whole, as `privity wallet address`, `ledger show` or `wallet deals` print it";
    text.parse().map_err(|error| Failure::new(Code::Input, error).or_remedy(remedy))
}

/// An owner, or the owner of an address.
///
/// # Errors
/// [`Code::Input`].
pub fn owner(text: &str) -> Result<Owner, Failure> {
    text.parse().or_else(|_| address(text).map(|address| address.owner))
}

/// A public key as [`show_key`] writes it.
///
/// # Errors
/// [`Code::Input`].
pub fn public_key(text: &str) -> Result<PublicKey, Failure> {
    let bytes = files::unhex(text).filter(|bytes| bytes.len() == 64);
    let wrong = || {
        Failure::new(
            Code::Input,
            "a public key has 128 lower-case hexadecimal digits; copy `signer_key` whole, as `privity wallet address` prints it",
        )
    };
    Ok(PublicKey::from_bytes(&bytes.ok_or_else(wrong)?)?)
}

/// A public key for people and arguments.
pub fn show_key(key: &PublicKey) -> String {
    files::hex(&key.to_bytes())
}

/// Anything with a text form that may be wrong.
///
/// # Errors
/// [`Code::Input`].
pub fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Failure> {
    let remedy = "copy it whole, as `privity wallet address`, `ledger show` or `wallet deals` print it";
    text.parse().map_err(|error| Failure::new(Code::Input, error).or_remedy(remedy))
}
