//! **capacity** — what a certifier attested becomes notes, once; up to [`WEEKS`] weeks.
//!
//! C1: A = H(ATTEST; ledger, certifier, supplier, resource, four lanes of two weeks, H(SERIAL; serial)) is signed by the
//! certifier's key, which is admissible and opens `certifier`. C2: out_i opens to (capacity asset of bucket i, quantity i, 0,
//! supplier, H(BLIND; serial, i)); bucket < 2^32, quantity < 2^64; a week is used if its bucket is not 0; at least one is, used
//! ones come first and strictly ascend, a used quantity may be 0; the rest have bucket 0 and quantity 0. C3: issued = H(ISSUED;
//! certifier, serial). C4: (pk, nk) opens the supplier, pk is admissible and signed H(ACCEPT; A, context) under the supplier.

use crate::asset::ResourceId;
use crate::context::{Context, LedgerId};
use crate::keys::{NullifierKey, Owner, PublicKey, SignerId};
use crate::note::Commitment;
use crate::schnorr::Signature;
use crate::{Fr, Relation, Violation};
use alloc::vec::Vec;

mod attestation;
#[cfg(feature = "constraints")]
mod circuit;

pub use attestation::{Attestation, Issued, Serial, SerialId, WEEKS, Week};

/// The relation `capacity.v1`.
pub struct Capacity;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// This ledger.
    pub ledger: LedgerId,
    /// Who attested.
    pub certifier: SignerId,
    /// The serial's mark, accepted once.
    pub issued: Issued,
    /// One note per week, unused ones included.
    pub outputs: [Commitment; WEEKS],
    /// The transaction's context.
    pub context: Context,
}

/// What the supplier knows. There is no signing key in it.
#[derive(Clone)]
pub struct Witness {
    /// The supplier's public key.
    pub pk: PublicKey,
    /// The supplier's nullifier key.
    pub nk: NullifierKey,
    /// Which machines.
    pub resource: ResourceId,
    /// What was attested.
    pub weeks: [Week; WEEKS],
    /// The attestation's serial.
    pub serial: Serial,
    /// The certifier's public key.
    pub certifier: PublicKey,
    /// By the certifier on [`Attestation::message`].
    pub attested: Signature,
    /// By the supplier on [`Attestation::acceptance`].
    pub accepted: Signature,
}

impl Witness {
    /// The attestation that this witness claims was signed for the statement's ledger and certifier.
    pub fn attestation(&self, x: &Statement) -> Attestation {
        Attestation {
            ledger: x.ledger,
            certifier: x.certifier,
            supplier: Owner::of(&self.pk, &self.nk),
            resource: self.resource,
            weeks: self.weeks,
            serial: self.serial.id(),
        }
    }
}

impl crate::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        let mut inputs = alloc::vec![self.ledger.field(), self.certifier.field(), self.issued.field(),];
        inputs.extend(self.outputs.iter().map(Commitment::field));
        inputs.push(self.context.field());
        inputs
    }
}

impl Relation for Capacity {
    const NAME: &'static str = "capacity.v1";
    type Statement = Statement;
    type Witness = Witness;

    fn check(x: &Statement, w: &Witness) -> Result<(), Violation> {
        let unless = Violation::unless;
        let attestation = w.attestation(x);
        attestation.check_signature(&w.certifier, &w.attested)?;
        attestation.check_weeks()?;
        for (note, cm) in attestation.notes(&w.serial).iter().zip(&x.outputs) {
            unless(
                note.commitment() == *cm,
                "C2",
                "an output is not the note of its attested week; rebuild the outputs from the attestation and its serial",
            )?;
        }
        unless(w.serial.issued(x.certifier) == x.issued, "C3", "issued is not the mark of this certifier and serial")?;
        unless(w.pk.is_admissible(), "C4", "the supplier's public key is off the curve or of small order")?;
        unless(
            w.accepted.verify(&w.pk, attestation.supplier.field(), attestation.acceptance(x.context)),
            "C4",
            "the supplier did not accept exactly this attestation in this transaction",
        )
    }
}
