//! Certifying capacity: the attestation as a file, and the certifier's book that keeps it below what exists.

use crate::file::{Document, MAX_BOOK_BYTES};
use crate::hex;
use crate::keys::Signer;
use privity_circuits::asset::ResourceId;
use privity_circuits::capacity::{Attestation, Issued, Serial, SerialId, WEEKS, Week};
use privity_circuits::context::LedgerId;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::schnorr::Signature;
use privity_circuits::{Fr, Violation};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a supplier asks a certifier to attest.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttestationRequest {
    /// The ledger.
    pub ledger: LedgerId,
    /// To whom.
    pub supplier: Owner,
    /// Which machines.
    pub resource: ResourceId,
    /// Increments per week, millionths of the unit, ascending.
    pub weeks: Vec<WeekEntry>,
    /// H(SERIAL; serial).
    pub serial: SerialId,
}

/// A week in a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeekEntry {
    /// The Monday, days from 1970-01-01.
    pub bucket: u32,
    /// Millionths of the unit.
    pub quantity: u64,
}

/// An attestation with the certifier's signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedAttestation {
    /// What was asked for.
    pub request: AttestationRequest,
    /// Who attests.
    pub certifier: SignerId,
    /// The key that opens the certifier's id.
    #[serde(with = "hex::codec")]
    pub certifier_key: PublicKey,
    /// On the attestation's message.
    #[serde(with = "hex::codec")]
    pub signature: Signature,
}

redacted!(AttestationRequest, WeekEntry, SignedAttestation);

impl Document for AttestationRequest {
    const KIND: &'static str = "privity.attestation-request";
}

impl Document for SignedAttestation {
    const KIND: &'static str = "privity.attestation";
}

impl AttestationRequest {
    fn attestation(&self, certifier: SignerId) -> Attestation {
        let weeks = core::array::from_fn(|index| {
            self.weeks.get(index).map_or(Week::default(), |week| Week { bucket: week.bucket, quantity: week.quantity })
        });
        let Self { ledger, supplier, resource, serial, .. } = *self;
        Attestation { ledger, certifier, supplier, resource, weeks, serial }
    }
}

impl SignedAttestation {
    /// The attestation.
    pub fn attestation(&self) -> Attestation {
        self.request.attestation(self.certifier)
    }

    /// The certifier's signature and the order of weeks.
    ///
    /// # Errors
    /// C1 or C2.
    pub fn check(&self) -> Result<(), Violation> {
        let attestation = self.attestation();
        attestation.check_signature(&self.certifier_key, &self.signature)?;
        attestation.check_weeks()
    }
}

/// Why a certifier does not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertifyError {
    /// A bucket that is no Monday.
    #[error("bucket {0} is no Monday; name weeks by their Monday")]
    Monday(u32),
    /// More weeks than an attestation takes.
    #[error("{0} weeks, an attestation takes {WEEKS}; ask for several attestations")]
    Weeks(usize),
    /// A rule of C2.
    #[error(transparent)]
    Rule(#[from] Violation),
    /// The sum would be above what exists.
    #[error(
        "week {bucket}: {attested} millionths would be attested in all, {actual} exist; ask for less or show which attestation of a serial issued"
    )]
    Overbooked {
        /// The Monday.
        bucket: u32,
        /// Sum with this attestation.
        attested: u128,
        /// Actual capacity.
        actual: u64,
    },
    /// The serial belongs to another supplier, resource, certifier or ledger.
    #[error("this serial was used for another supplier, resource, certifier or ledger; a correction keeps all four")]
    Serial,
    /// The ledger shows another mark than the serial makes.
    #[error("the opened serial does not make the mark on the ledger; show the transaction that issued")]
    Mark,
    /// Nothing was attested under the serial, or not this.
    #[error("this book holds no such attestation; show one that it signed")]
    Unknown,
}

/// What was attested under one serial.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// With the certifier, where a serial issues only once: elsewhere it would issue again.
    ledger: LedgerId,
    certifier: SignerId,
    supplier: Owner,
    resource: ResourceId,
    attestations: Vec<BTreeMap<u32, u64>>,
    issued: Option<usize>,
}

/// The book of one resource's certifiers: what exists, and what was attested of it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifierBook {
    actual: Vec<(Owner, ResourceId, u32, u64)>,
    entries: Vec<(SerialId, Entry)>,
}

redacted!(CertifierBook, Entry);

impl Document for CertifierBook {
    const KIND: &'static str = "privity.certifier-book";
    const LIMIT: usize = MAX_BOOK_BYTES;
}

/// Whether a day is a Monday: 1970-01-01 was a Thursday.
pub fn is_monday(bucket: u32) -> bool {
    bucket % 7 == 4
}

impl CertifierBook {
    /// Sets the actual capacity of a week, millionths.
    ///
    /// # Errors
    /// [`CertifyError::Monday`].
    pub fn set_actual(
        &mut self,
        supplier: Owner,
        resource: ResourceId,
        bucket: u32,
        quantity: u64,
    ) -> Result<(), CertifyError> {
        if !is_monday(bucket) {
            return Err(CertifyError::Monday(bucket));
        }
        self.actual.retain(|(s, r, b, _)| (*s, *r, *b) != (supplier, resource, bucket));
        self.actual.push((supplier, resource, bucket, quantity));
        Ok(())
    }

    fn actual(&self, supplier: Owner, resource: ResourceId, bucket: u32) -> u64 {
        let found = self.actual.iter().find(|(s, r, b, _)| (*s, *r, *b) == (supplier, resource, bucket));
        found.map_or(0, |(.., quantity)| *quantity)
    }

    /// Signs a request if everything attested of each week stays within what exists.
    ///
    /// Of several attestations under one serial only one issues, so the largest counts until the supplier shows which.
    ///
    /// # Errors
    /// [`CertifyError`]; nothing is entered then.
    pub fn certify<R: RngCore + CryptoRng>(
        &mut self,
        certifier: &Signer,
        request: &AttestationRequest,
        rng: &mut R,
    ) -> Result<SignedAttestation, CertifyError> {
        if request.weeks.len() > WEEKS {
            return Err(CertifyError::Weeks(request.weeks.len()));
        }
        if let Some(week) = request.weeks.iter().find(|week| !is_monday(week.bucket)) {
            return Err(CertifyError::Monday(week.bucket));
        }
        let attestation = request.attestation(certifier.id);
        attestation.check_weeks()?;
        let mut next = self.clone();
        next.enter(certifier.id, request)?;
        for week in &request.weeks {
            let attested = next.attested(request.supplier, request.resource, week.bucket);
            let actual = self.actual(request.supplier, request.resource, week.bucket);
            if attested > u128::from(actual) {
                return Err(CertifyError::Overbooked { bucket: week.bucket, attested, actual });
            }
        }
        *self = next;
        let signature = certifier.sign(attestation.message(), rng);
        let (certifier_key, certifier) = (certifier.public, certifier.id);
        Ok(SignedAttestation { request: request.clone(), certifier, certifier_key, signature })
    }

    fn enter(&mut self, certifier: SignerId, request: &AttestationRequest) -> Result<(), CertifyError> {
        let AttestationRequest { ledger, supplier, resource, .. } = *request;
        let weeks: BTreeMap<u32, u64> = request.weeks.iter().map(|week| (week.bucket, week.quantity)).collect();
        let known = self.entries.iter_mut().find(|(serial, _)| *serial == request.serial);
        match known {
            Some((_, entry))
                if (entry.ledger, entry.certifier, entry.supplier, entry.resource)
                    != (ledger, certifier, supplier, resource) =>
            {
                Err(CertifyError::Serial)
            }
            Some((_, entry)) => {
                if !entry.attestations.contains(&weeks) {
                    entry.attestations.push(weeks);
                }
                Ok(())
            }
            None => {
                let entry = Entry { ledger, certifier, supplier, resource, attestations: vec![weeks], issued: None };
                self.entries.push((request.serial, entry));
                Ok(())
            }
        }
    }

    /// What counts as attested of a week, millionths.
    pub fn attested(&self, supplier: Owner, resource: ResourceId, bucket: u32) -> u128 {
        let entries = self.entries.iter().map(|(_, entry)| entry);
        let of_resource = entries.filter(|entry| (entry.supplier, entry.resource) == (supplier, resource));
        let counted = of_resource.map(|entry| {
            let of = |weeks: &BTreeMap<u32, u64>| weeks.get(&bucket).copied().unwrap_or(0);
            match entry.issued {
                Some(index) => of(&entry.attestations[index]),
                None => entry.attestations.iter().map(of).max().unwrap_or(0),
            }
        });
        counted.map(u128::from).sum()
    }

    /// The supplier shows which attestation of a serial issued: `serial` opened, and the `issued` mark and outputs on the ledger.
    ///
    /// # Errors
    /// [`CertifyError::Mark`] if the serial does not make the mark, [`CertifyError::Unknown`] if the outputs are of none that this
    /// book signed.
    pub fn settle(
        &mut self,
        certifier: SignerId,
        attested: &SignedAttestation,
        serial: &Serial,
        issued: Issued,
        outputs: &[Fr; WEEKS],
    ) -> Result<(), CertifyError> {
        if serial.issued(certifier) != issued || attested.request.serial != serial.id() {
            return Err(CertifyError::Mark);
        }
        let notes = attested.request.attestation(certifier).notes(serial);
        if notes.iter().zip(outputs).any(|(note, output)| note.commitment().field() != *output) {
            return Err(CertifyError::Unknown);
        }
        let weeks: BTreeMap<u32, u64> =
            attested.request.weeks.iter().map(|week| (week.bucket, week.quantity)).collect();
        let entry = self.entries.iter_mut().find(|(id, _)| *id == serial.id()).ok_or(CertifyError::Unknown)?;
        let index = entry.1.attestations.iter().position(|known| *known == weeks).ok_or(CertifyError::Unknown)?;
        entry.1.issued = Some(index);
        Ok(())
    }

    /// Suppliers and resources in the book.
    pub fn resources(&self) -> BTreeSet<(Owner, ResourceId)> {
        self.actual.iter().map(|(supplier, resource, ..)| (*supplier, *resource)).collect()
    }
}
