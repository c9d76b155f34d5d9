//! What a certifier signs, and the notes that it becomes.

use crate::asset::{AssetId, ResourceId};
use crate::context::{Context, LedgerId};
use crate::keys::{Owner, PublicKey, SignerId};
use crate::note::{self, Note};
use crate::schnorr::Signature;
use crate::{Domain, Fr, Violation, field_newtype, hash};
use ark_ff::PrimeField;
use zeroize::Zeroize;

field_newtype!(
    Issued,
    "H(ISSUED; certifier, serial): accepted once by a ledger, so that one attestation of a serial issues."
);
field_newtype!(SerialId, "H(SERIAL; serial): all that a certifier sees of a serial.");

/// Weeks of one attestation.
pub const WEEKS: usize = 8;
/// Bits of a bucket in a packed lane.
pub(super) const BUCKET_BITS: u32 = 32;
/// Bits of a quantity in a packed lane.
pub(super) const QUANTITY_BITS: u32 = 64;

/// A week of capacity; all zero if unused.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Week {
    /// The Monday in days from 1970-01-01; 0 if the week is unused.
    pub bucket: u32,
    /// Millionths of the resource's unit.
    pub quantity: u64,
}

impl Week {
    /// Whether it states a capacity, be it 0.
    pub const fn is_used(&self) -> bool {
        self.bucket != 0
    }

    /// bucket + 2^32·quantity.
    fn packed(&self) -> Fr {
        Fr::from(u128::from(self.bucket) | u128::from(self.quantity) << BUCKET_BITS)
    }
}

impl core::fmt::Debug for Week {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Week(redacted)")
    }
}

/// The supplier's secret that makes an attestation issue once; zeroized, never printed. A correction keeps it.
#[derive(Clone)]
pub struct Serial(Fr);

impl Serial {
    /// Wraps a field element.
    pub const fn new(field: Fr) -> Self {
        Self(field)
    }

    /// 64 big-endian bytes of key material mod r.
    pub fn from_wide(bytes: &[u8; 64]) -> Self {
        Self(Fr::from_be_bytes_mod_order(bytes))
    }

    /// The field element, for witnesses.
    pub const fn field(&self) -> Fr {
        self.0
    }

    /// H(SERIAL; serial).
    pub fn id(&self) -> SerialId {
        SerialId::new(hash(Domain::Serial, &[self.0]))
    }

    /// H(ISSUED; certifier, serial).
    pub fn issued(&self, certifier: SignerId) -> Issued {
        Issued::new(hash(Domain::Issued, &[certifier.field(), self.0]))
    }

    /// H(BLIND; serial, index): the blinding of the note of week `index`, counted from 0.
    pub fn blinding(&self, index: usize) -> Fr {
        note::blind(&[self.0, Fr::from(index as u64)])
    }
}

impl Drop for Serial {
    fn drop(&mut self) {
        self.0.0.0.zeroize();
    }
}

impl core::fmt::Debug for Serial {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Serial(redacted)")
    }
}

/// A certifier's word that a supplier has this much more of a resource in these weeks.
#[derive(Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The only ledger that it holds on.
    pub ledger: LedgerId,
    /// Who attests.
    pub certifier: SignerId,
    /// Whose capacity it is.
    pub supplier: Owner,
    /// Which machines.
    pub resource: ResourceId,
    /// Used weeks, strictly ascending, then unused ones.
    pub weeks: [Week; WEEKS],
    /// The serial as the certifier sees it.
    pub serial: SerialId,
}

impl Attestation {
    /// A = H(ATTEST; ledger, certifier, supplier, resource, four lanes of two weeks, H(SERIAL; serial)), which the certifier signs
    /// under its signer id. A lane is (bucket 32, quantity 64) × 2 bits, the earlier week lower.
    pub fn message(&self) -> Fr {
        let mut inputs =
            alloc::vec![self.ledger.field(), self.certifier.field(), self.supplier.field(), self.resource.field(),];
        let next = Fr::from(1u128 << (BUCKET_BITS + QUANTITY_BITS));
        inputs.extend(
            self.weeks
                .chunks(2)
                .map(|pair| pair.iter().rev().fold(Fr::from(0u64), |lane, week| lane * next + week.packed())),
        );
        inputs.push(self.serial.field());
        hash(Domain::Attest, &inputs)
    }

    /// H(ACCEPT; A, context), which the supplier signs under its owner to issue.
    pub fn acceptance(&self, context: Context) -> Fr {
        hash(Domain::Accept, &[self.message(), context.field()])
    }

    /// C1: the certifier's key is admissible and opens its signer id, and the signature holds.
    ///
    /// # Errors
    /// The violation of C1.
    pub fn check_signature(&self, pk: &PublicKey, signature: &Signature) -> Result<(), Violation> {
        let unless = Violation::unless;
        unless(pk.is_admissible(), "C1", "the certifier's public key is off the curve or of small order")?;
        unless(SignerId::of(pk) == self.certifier, "C1", "the public key does not open the certifier's signer id")?;
        unless(
            signature.verify(pk, self.certifier.field(), self.message()),
            "C1",
            "the certifier did not sign exactly this attestation",
        )
    }

    /// The part of C2 that concerns weeks alone; a certifier checks it before signing.
    ///
    /// # Errors
    /// The violation of C2.
    pub fn check_weeks(&self) -> Result<(), Violation> {
        let unless = Violation::unless;
        unless(self.weeks[0].is_used(), "C2", "no week is used, or an unused one comes first")?;
        for pair in self.weeks.windows(2) {
            unless(
                !pair[1].is_used() || pair[0].is_used() && pair[0].bucket < pair[1].bucket,
                "C2",
                "used weeks do not come first in strictly ascending order; sort them and merge equal weeks",
            )?;
        }
        unless(
            self.weeks.iter().all(|week| week.is_used() || week.quantity == 0),
            "C2",
            "an unused week has a quantity",
        )
    }

    /// The notes, one per week, that the attestation becomes under this serial.
    pub fn notes(&self, serial: &Serial) -> [Note; WEEKS] {
        core::array::from_fn(|index| {
            let Week { bucket, quantity } = self.weeks[index];
            Note {
                asset: AssetId::capacity(self.certifier, self.supplier, self.resource, bucket),
                value: quantity,
                unlock: 0,
                owner: self.supplier,
                blinding: serial.blinding(index),
            }
        })
    }
}

impl core::fmt::Debug for Attestation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Attestation(redacted)")
    }
}
