//! PARTIES: who made the deal and who may evidence or settle it.

use crate::context::LedgerId;
use crate::keys::{Owner, SignerId};
use crate::{Domain, Fr, hash};

/// H(PARTIES; ledger, buyer, supplier, signers, inspector, arbiter, auditor, s₁); a signer id of 0 is none.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Parties {
    /// The ledger on which the deal settles.
    pub ledger: LedgerId,
    /// Member owner of the buyer, ≠ 0.
    pub buyer: Owner,
    /// Member owner of the supplier, ≠ 0.
    pub supplier: Owner,
    /// Signs refunds and settlements for the buyer.
    pub buyer_signer: SignerId,
    /// Signs settlements for the supplier.
    pub supplier_signer: SignerId,
    /// Signs receipts.
    pub inspector: SignerId,
    /// Signs awards.
    pub arbiter: SignerId,
    /// May be shown the terms.
    pub auditor: SignerId,
    /// s₁, uniform in F.
    #[cfg_attr(feature = "serde", serde(with = "super::field_hex"))]
    pub salt: Fr,
}

impl Parties {
    /// The nine inputs in their order.
    pub fn inputs(&self) -> [Fr; 9] {
        [
            self.ledger.field(),
            self.buyer.field(),
            self.supplier.field(),
            self.buyer_signer.field(),
            self.supplier_signer.field(),
            self.inspector.field(),
            self.arbiter.field(),
            self.auditor.field(),
            self.salt,
        ]
    }

    /// H(PARTIES; …).
    pub fn hash(&self) -> Fr {
        hash(Domain::Parties, &self.inputs())
    }
}
