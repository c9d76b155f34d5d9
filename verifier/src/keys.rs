//! The verifying keys that somebody knows, by id.

use crate::{KeyId, PreparedKey, Proof, Refusal, Verified};
use alloc::collections::BTreeMap;
use privity_circuits::Relation;

/// Prepared keys by id; several versions of one relation may stand side by side.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<KeyId, PreparedKey>);

impl Keys {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key; its id.
    pub fn insert(&mut self, key: PreparedKey) -> KeyId {
        let id = key.id();
        self.0.insert(id, key);
        id
    }

    /// The key of this id.
    pub fn get(&self, id: &KeyId) -> Option<&PreparedKey> {
        self.0.get(id)
    }

    /// The keys of `R`, in the order of their ids.
    pub fn of<R: Relation>(&self) -> impl Iterator<Item = &PreparedKey> {
        self.iter().filter(|key| key.key().relation() == R::NAME)
    }

    /// All keys, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &PreparedKey> {
        self.0.values()
    }

    /// Verifies `proof` under the key `id`.
    ///
    /// # Errors
    /// [`Refusal::UnknownKey`], or as [`PreparedKey::verify`].
    pub fn verify<R: Relation>(
        &self,
        id: &KeyId,
        statement: R::Statement,
        proof: &Proof,
    ) -> Result<Verified<R>, Refusal> {
        let key = self.get(id).ok_or(Refusal::UnknownKey(*id))?;
        key.verify(statement, proof)
    }
}

impl FromIterator<PreparedKey> for Keys {
    fn from_iter<I: IntoIterator<Item = PreparedKey>>(keys: I) -> Self {
        Self(keys.into_iter().map(|key| (key.id(), key)).collect())
    }
}
