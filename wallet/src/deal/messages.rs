//! The messages as files.

use crate::address::Address;
use crate::delivery::SealedNote;
use crate::file::Document;
use crate::hex;
use crate::history::Reference;
use crate::leg::Sealed;
use privity_circuits::note::Commitment;
use privity_circuits::terms::{Policy, Terms, TermsId};
use privity_circuits::transfer::Transfer2x3;
use privity_ledger::{Envelope, Proven};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// One leg's outputs with their ciphertexts: three of a 2 → 3 transfer, two of a 7 → 2.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<SealedOutput>", into = "Vec<SealedOutput>")]
pub struct Outputs<const O: usize = 3>([SealedOutput; O]);

impl<const O: usize> TryFrom<Vec<SealedOutput>> for Outputs<O> {
    type Error = &'static str;

    fn try_from(outputs: Vec<SealedOutput>) -> Result<Self, Self::Error> {
        outputs.try_into().map(Self).map_err(|_| "expected as many outputs as the shape has")
    }
}

impl<const O: usize> From<Outputs<O>> for Vec<SealedOutput> {
    fn from(outputs: Outputs<O>) -> Self {
        outputs.0.into()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedOutput {
    commitment: Commitment,
    #[serde(with = "hex::array")]
    recipient: SealedNote,
    #[serde(with = "hex::array")]
    copy: SealedNote,
}

impl<const O: usize> Outputs<O> {
    pub(crate) fn new(sealed: &[Sealed; O]) -> Self {
        Self(core::array::from_fn(|index| {
            let Sealed { commitment, recipient, copy } = sealed[index];
            SealedOutput { commitment, recipient, copy }
        }))
    }

    /// The commitments.
    pub fn commitments(&self) -> [Commitment; O] {
        core::array::from_fn(|index| self.0[index].commitment)
    }

    /// An output as it stands in a transaction.
    pub(crate) fn sealed(&self, index: usize) -> Sealed {
        let SealedOutput { commitment, recipient, copy } = self.0[index];
        Sealed { commitment, recipient, copy }
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = Sealed> {
        (0..O).map(|index| self.sealed(index))
    }
}

/// Supplier to buyer: the terms, the supplier's outputs and its envelope. Nothing is signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// All that is to be agreed.
    pub terms: Terms,
    /// The supplier's address.
    pub supplier: Address,
    /// Capacity, change, a dummy.
    pub outputs: Outputs,
    /// The terms, sealed to the supplier.
    #[serde(with = "envelope")]
    pub envelope: Envelope,
    /// The ERP's ids.
    #[serde(default)]
    pub reference: Reference,
}

/// Buyer to supplier: the buyer's outputs and its envelope. Nothing is signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Of which terms.
    pub terms: TermsId,
    /// The buyer's address.
    pub buyer: Address,
    /// The fee policy reckoned with.
    pub policy: Policy,
    /// Payment, fee, change.
    pub outputs: Outputs,
    /// The terms, sealed to the buyer.
    #[serde(with = "envelope")]
    pub envelope: Envelope,
}

/// Supplier to buyer: the supplier's leg, signed and proved, firm until expiry.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Of which terms.
    pub terms: TermsId,
    /// Unix seconds.
    pub expiry: u64,
    /// The supplier's spend.
    #[serde(with = "hex::codec")]
    pub leg: Proven<Transfer2x3>,
}

redacted!(Draft, Request, Offer);

impl Document for Draft {
    const KIND: &'static str = "privity.draft";
}

impl Document for Request {
    const KIND: &'static str = "privity.request";
}

impl Document for Offer {
    const KIND: &'static str = "privity.offer";
}

/// Envelopes as hexadecimal.
mod envelope {
    use super::*;

    pub(super) fn serialize<S: Serializer>(envelope: &Envelope, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(envelope.0.as_slice()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Envelope, D::Error> {
        let bytes = hex::decode(&String::deserialize(deserializer)?).unwrap_or_default();
        let bytes = bytes.into_boxed_slice().try_into();
        bytes.map(Envelope).map_err(|_| D::Error::custom("expected an envelope in lower-case hexadecimal digits"))
    }
}
