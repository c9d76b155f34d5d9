//! Everything that was ever registered, revoked or not: what a directory lists, at a cost that does not grow with the log.

use crate::bytes::Name;
use crate::state::{State, damaged};
use crate::store::{StoreError, Table};
use privity_circuits::DecodeError;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, SignerId};
use privity_verifier::VerifyingKey;

impl State<'_> {
    /// Tokens: asset, issuer, name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn tokens(&self) -> Result<Vec<(AssetId, SignerId, Name)>, StoreError> {
        let mut tokens = Vec::new();
        for asset in self.ids(Table::Token, AssetId::from_bytes)? {
            tokens.extend(self.token(asset)?.map(|token| (asset, token.issuer, token.name)));
        }
        Ok(tokens)
    }

    /// Signers, members' included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn signers(&self) -> Result<Vec<SignerId>, StoreError> {
        self.ids(Table::Signer, SignerId::from_bytes)
    }

    /// Certifiers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn certifiers(&self) -> Result<Vec<SignerId>, StoreError> {
        self.ids(Table::Certifier, SignerId::from_bytes)
    }

    /// Operator keys, the genesis' included, by their signer ids.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn operators(&self) -> Result<Vec<SignerId>, StoreError> {
        self.ids(Table::Operator, SignerId::from_bytes)
    }

    /// Members.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn members(&self) -> Result<Vec<Owner>, StoreError> {
        self.ids(Table::Member, Owner::from_bytes)
    }

    /// Verifying keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keys(&self) -> Result<Vec<VerifyingKey>, StoreError> {
        self.rows(Table::Key)?.values().map(|row| VerifyingKey::from_bytes(row).map_err(damaged)).collect()
    }

    fn ids<T>(&self, table: Table, read: fn(&[u8]) -> Result<T, DecodeError>) -> Result<Vec<T>, StoreError> {
        self.rows(table)?.keys().map(|key| read(key).map_err(damaged)).collect()
    }
}
