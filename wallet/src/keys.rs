//! An account's keys, one independent address per index (protocol, sections 2 and 8).

use crate::address::Address;
use crate::delivery::DeliveryKey;
use crate::seed::Seed;
use crate::viewing::ViewingKey;
use privity_circuits::capacity::Serial;
use privity_circuits::keys::{NullifierKey, Owner, PublicKey, SignerId, SigningKey};
use privity_circuits::schnorr::Signature;
use privity_circuits::{DecodeError, Fr};
use privity_quotes::QuotingKey;
use rand::{CryptoRng, RngCore};

/// A key that signs under its registered signer id: certifier, inspector, arbiter, issuer, a member's own.
#[derive(Clone, Debug)]
pub struct Signer {
    key: SigningKey,
    /// Its public key.
    pub public: PublicKey,
    /// H(SIGNER; pk.x, pk.y).
    pub id: SignerId,
}

impl Signer {
    /// A signer from its key.
    pub fn new(key: SigningKey) -> Self {
        let public = key.public_key();
        Self { key, public, id: SignerId::of(&public) }
    }

    /// The signer of a seed at an index.
    ///
    /// # Errors
    /// [`DecodeError::Scalar`] if the derived key is 0, which happens with probability 2^-252.
    pub fn derive(seed: &Seed, index: u32) -> Result<Self, DecodeError> {
        Ok(Self::new(SigningKey::from_wide(&seed.derive("signer", index))?))
    }

    /// Signs a tagged hash under the signer id.
    pub fn sign<R: RngCore + CryptoRng>(&self, message: Fr, rng: &mut R) -> Signature {
        Signature::sign(&self.key, self.id.field(), message, rng)
    }
}

/// The keys at one index of a seed; index 0 is the member address.
#[derive(Clone, Debug)]
pub struct Account {
    /// Which of the seed's accounts.
    pub index: u32,
    key: SigningKey,
    /// pk = sk·G.
    pub public: PublicKey,
    nullifier: NullifierKey,
    /// H(OWNER; pk.x, pk.y, nk).
    pub owner: Owner,
    /// The registered signer that goes with this account.
    pub signer: Signer,
    delivery: DeliveryKey,
    quoting: QuotingKey,
}

impl Account {
    /// The account of `seed` at `index`.
    ///
    /// # Errors
    /// [`DecodeError::Scalar`] if a derived key is 0, which happens with probability 2^-252.
    pub fn derive(seed: &Seed, index: u32) -> Result<Self, DecodeError> {
        let key = SigningKey::from_wide(&seed.derive("sign", index))?;
        let public = key.public_key();
        let nullifier = NullifierKey::from_wide(&seed.derive("nullifier", index));
        let owner = Owner::of(&public, &nullifier);
        let signer = Signer::derive(seed, index)?;
        let delivery = DeliveryKey::from_wide(&seed.derive("delivery", index));
        let quoting = QuotingKey::from_wide(&seed.derive("rfq", index));
        Ok(Self { index, key, public, nullifier, owner, signer, delivery, quoting })
    }

    /// Where others send to.
    pub fn address(&self) -> Address {
        Address { owner: self.owner, delivery: self.delivery.public() }
    }

    /// What reads, but cannot spend.
    pub fn viewing_key(&self) -> ViewingKey {
        ViewingKey::new(self.public, self.nullifier.clone(), self.delivery.clone())
    }

    /// nk, for witnesses.
    pub fn nullifier_key(&self) -> &NullifierKey {
        &self.nullifier
    }

    /// The X25519 key that opens what was delivered.
    pub fn delivery_key(&self) -> &DeliveryKey {
        &self.delivery
    }

    /// What the secrets of its requests and quotes derive from.
    pub fn quoting_key(&self) -> &QuotingKey {
        &self.quoting
    }

    /// Signs INTENT, ACCEPT or DISCLOSE messages under the owner.
    pub fn sign<R: RngCore + CryptoRng>(&self, message: Fr, rng: &mut R) -> Signature {
        Signature::sign(&self.key, self.owner.field(), message, rng)
    }
}

/// The serial of the seed's `index`-th attestation; a correction keeps it.
pub fn serial(seed: &Seed, index: u32) -> Serial {
    Serial::from_wide(&seed.derive("serial", index))
}
