//! What entitles to a release: a receipt, the lapse of the escrow, an award or an agreement, each signed.

use crate::Fr;
use crate::context::Context;
use crate::keys::{PublicKey, SignerId};
use crate::note::Nullifier;
use crate::schnorr::Signature;
use crate::terms::{Parties, TermsId, award_message, receipt_message, refund_message, settle_message};

/// What a release claims, without the signatures that prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The inspector received goods.
    Delivered {
        /// done′: thousandths delivered in all.
        delivered: u64,
        /// When, Unix seconds.
        time: u64,
        /// Whether nothing more will be delivered.
        last: bool,
    },
    /// Nobody claimed what is left by claim_until.
    Lapsed,
    /// The arbiter decided.
    Awarded {
        /// Minor units to the supplier.
        pay: u64,
        /// Millionths of capacity used.
        used: u64,
    },
    /// Both parties decided.
    Agreed {
        /// Minor units to the supplier.
        pay: u64,
        /// Millionths of capacity used.
        used: u64,
    },
}

/// A public key and its signature over the claim's message, under its signer id.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// The key that the signer id opens to.
    pub pk: PublicKey,
    /// Over [`Claim::message`].
    pub signature: Signature,
}

/// A claim with the signatures that prove it.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A receipt.
    Delivered {
        /// done′: thousandths delivered in all.
        delivered: u64,
        /// When, Unix seconds.
        time: u64,
        /// Whether nothing more will be delivered.
        last: bool,
        /// Who inspected.
        inspector: Signed,
    },
    /// A refund after claim_until.
    Lapsed {
        /// The buyer's signer.
        buyer: Signed,
    },
    /// An award.
    Awarded {
        /// Minor units to the supplier.
        pay: u64,
        /// Millionths of capacity used.
        used: u64,
        /// Who decided.
        arbiter: Signed,
    },
    /// An agreement.
    Agreed {
        /// Minor units to the supplier.
        pay: u64,
        /// Millionths of capacity used.
        used: u64,
        /// The buyer's signer.
        buyer: Signed,
        /// The supplier's signer.
        supplier: Signed,
    },
}

impl Claim {
    /// What has to be signed: RECEIPT, REFUND, AWARD or SETTLE. Only a refund depends on `nf`, only refund and agreement on
    /// `context`.
    pub fn message(&self, terms: TermsId, done: u64, nf: Nullifier, context: Context) -> Fr {
        match *self {
            Self::Delivered { delivered, time, last } => receipt_message(terms, done, delivered, time, last),
            Self::Lapsed => refund_message(terms, nf, context),
            Self::Awarded { pay, used } => award_message(terms, done, pay, used),
            Self::Agreed { pay, used } => settle_message(terms, done, pay, used, context),
        }
    }

    /// Who has to sign it; the second signer is the first again unless the parties agreed.
    pub fn signers(&self, parties: &Parties) -> [SignerId; 2] {
        match self {
            Self::Delivered { .. } => [parties.inspector; 2],
            Self::Lapsed => [parties.buyer_signer; 2],
            Self::Awarded { .. } => [parties.arbiter; 2],
            Self::Agreed { .. } => [parties.buyer_signer, parties.supplier_signer],
        }
    }
}

impl Evidence {
    /// What is claimed.
    pub fn claim(&self) -> Claim {
        match *self {
            Self::Delivered { delivered, time, last, .. } => Claim::Delivered { delivered, time, last },
            Self::Lapsed { .. } => Claim::Lapsed,
            Self::Awarded { pay, used, .. } => Claim::Awarded { pay, used },
            Self::Agreed { pay, used, .. } => Claim::Agreed { pay, used },
        }
    }

    /// The two signatures that the relation verifies; the same one twice unless the parties agreed.
    pub fn signatures(&self) -> [Signed; 2] {
        match *self {
            Self::Delivered { inspector: signed, .. }
            | Self::Lapsed { buyer: signed }
            | Self::Awarded { arbiter: signed, .. } => [signed; 2],
            Self::Agreed { buyer, supplier, .. } => [buyer, supplier],
        }
    }
}
