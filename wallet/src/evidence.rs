//! Evidence of deliveries and decisions: receipts and awards as signed files, and the books that keep their signers consistent.

use crate::file::{Document, MAX_BOOK_BYTES};
use crate::hex;
use crate::keys::Signer;
use privity_circuits::keys::{PublicKey, SignerId};
use privity_circuits::release::{Claim, Evidence, Signed};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{
    Goods, Parties, QUANTITY_BITS, TIME_BITS, Terms, TermsId, award_message, receipt_message,
};
use privity_circuits::{DecodeError, Domain, Fr, field, hash};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What an inspector or arbiter is shown: PARTIES and GOODS in full, the other two parts of the terms as hashes. No price.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectionBrief {
    /// Who.
    pub parties: Parties,
    /// What, and when.
    pub goods: Goods,
    /// H(MONEY; …).
    #[serde(with = "hex::field")]
    pub money: Fr,
    /// H(REMEDY; …).
    #[serde(with = "hex::field")]
    pub remedy: Fr,
}

redacted!(InspectionBrief);

impl Document for InspectionBrief {
    const KIND: &'static str = "privity.inspection-brief";
}

impl InspectionBrief {
    /// The brief of these terms.
    pub fn of(terms: &Terms) -> Self {
        let (money, remedy) = (terms.money.hash(), terms.remedy.hash());
        Self { parties: terms.parties.clone(), goods: terms.goods.clone(), money, remedy }
    }

    /// That every packed field keeps to its width: else a second brief, with another due time, has the same id.
    ///
    /// # Errors
    /// [`EvidenceError::Brief`].
    pub fn check(&self) -> Result<(), EvidenceError> {
        let name = |error| if let DecodeError::Range(name) = error { name } else { "goods" };
        self.goods.check_widths().map_err(|error| EvidenceError::Brief(name(error)))
    }

    /// The id of the terms that the brief is of.
    pub fn terms(&self) -> TermsId {
        let inputs = [self.parties.hash(), self.goods.hash(), self.money, self.remedy];
        TermsId::new(hash(Domain::Terms, &inputs))
    }
}

/// A signature with the key that opens its signer id.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedBy {
    /// The key.
    #[serde(with = "hex::codec")]
    pub key: PublicKey,
    /// The signature.
    #[serde(with = "hex::codec")]
    pub signature: Signature,
}

redacted!(SignedBy);

impl SignedBy {
    pub(crate) fn new<R: RngCore + CryptoRng>(signer: &Signer, message: Fr, rng: &mut R) -> Self {
        Self { key: signer.public, signature: signer.sign(message, rng) }
    }

    /// Whether `signer` signed `message`.
    pub fn verify(&self, signer: SignerId, message: Fr) -> bool {
        SignerId::of(&self.key) == signer && self.signature.verify(&self.key, signer.field(), message)
    }

    pub(crate) fn signed(&self) -> Signed {
        Signed { pk: self.key, signature: self.signature }
    }
}

/// An inspector's word: of these terms, up to `delivered` thousandths were delivered by `time`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Which deal.
    pub terms: TermsId,
    /// Thousandths that earlier receipts cover.
    pub done: u64,
    /// Thousandths delivered in all.
    pub delivered: u64,
    /// When, Unix seconds.
    pub time: u64,
    /// Whether nothing more will be delivered.
    pub last: bool,
    /// By the inspector.
    pub inspector: SignedBy,
}

/// An arbiter's decision over what is left in escrow.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Award {
    /// Which deal.
    pub terms: TermsId,
    /// Thousandths settled before.
    pub done: u64,
    /// Minor units to the supplier.
    pub pay: u64,
    /// Millionths of capacity used.
    pub used: u64,
    /// By the arbiter.
    pub arbiter: SignedBy,
}

/// An inspector's word to sign no more receipts for these terms.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// Which deal.
    pub terms: TermsId,
    /// Thousandths that its receipts cover.
    pub done: u64,
    /// By the inspector.
    pub inspector: SignedBy,
}

redacted!(Receipt, Award, Acknowledgement);

impl Document for Receipt {
    const KIND: &'static str = "privity.receipt";
}

impl Document for Award {
    const KIND: &'static str = "privity.award";
}

impl Document for Acknowledgement {
    const KIND: &'static str = "privity.acknowledgement";
}

/// Why evidence is not signed or not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The terms name somebody else.
    #[error("the terms name another {0}; only the one named may sign")]
    Signer(&'static str),
    /// The signature does not hold.
    #[error("the {0}'s signature does not cover this; ask for the file again")]
    Signature(&'static str),
    /// The file belongs to another deal.
    #[error("the file is of another deal; choose the one of these terms")]
    Terms,
    /// The chain goes on elsewhere.
    #[error(
        "receipts of these terms go on at {expected} thousandths, not at {found}; they form a chain, none can be skipped"
    )]
    Chain {
        /// Where the chain stands.
        expected: u64,
        /// Where the receipt begins.
        found: u64,
    },
    /// A second, different statement for one state.
    #[error("something else was already signed for these terms at {0} thousandths; there is one signature per state")]
    Twice(u64),
    /// Nothing may follow.
    #[error("the chain of these terms has ended; nothing more is signed for them")]
    Ended,
    /// Quantities or times that no receipt may have.
    #[error("a receipt adds at least the increment of a thousandth, or is the last; its numbers are below 2^40")]
    Range,
    /// A field of GOODS that overflows into its neighbour: the terms' id would open in two ways.
    #[error("the brief's {0} is wider than the protocol allows; ask for the brief of the terms that were agreed")]
    Brief(&'static str),
    /// An arbiter decides only after the inspector's acknowledgement.
    #[error("the inspector has not acknowledged to sign no more; ask for its acknowledgement first")]
    Unacknowledged,
}

impl Receipt {
    fn message(&self) -> Fr {
        receipt_message(self.terms, self.done, self.delivered, self.time, self.last)
    }

    /// The claim.
    pub fn claim(&self) -> Claim {
        Claim::Delivered { delivered: self.delivered, time: self.time, last: self.last }
    }

    /// The evidence for a release, once it is seen to be of `terms` and signed by their inspector.
    ///
    /// # Errors
    /// [`EvidenceError::Terms`], [`EvidenceError::Signature`], or [`EvidenceError::Range`] for numbers of which the signed sum is
    /// that of others.
    pub fn evidence(&self, terms: &Terms) -> Result<Evidence, EvidenceError> {
        if (self.done | self.delivered) >> QUANTITY_BITS != 0 || self.time >> TIME_BITS != 0 {
            return Err(EvidenceError::Range);
        }
        check(self.terms, terms, &self.inspector, terms.parties.inspector, self.message(), "inspector")?;
        let (delivered, time, last) = (self.delivered, self.time, self.last);
        Ok(Evidence::Delivered { delivered, time, last, inspector: self.inspector.signed() })
    }
}

impl Award {
    fn message(&self) -> Fr {
        award_message(self.terms, self.done, self.pay, self.used)
    }

    /// The claim.
    pub fn claim(&self) -> Claim {
        Claim::Awarded { pay: self.pay, used: self.used }
    }

    /// The evidence for a release, once it is seen to be of `terms` and signed by their arbiter.
    ///
    /// # Errors
    /// [`EvidenceError::Terms`] or [`EvidenceError::Signature`].
    pub fn evidence(&self, terms: &Terms) -> Result<Evidence, EvidenceError> {
        check(self.terms, terms, &self.arbiter, terms.parties.arbiter, self.message(), "arbiter")?;
        Ok(Evidence::Awarded { pay: self.pay, used: self.used, arbiter: self.arbiter.signed() })
    }
}

fn check(
    id: TermsId,
    terms: &Terms,
    signed: &SignedBy,
    signer: SignerId,
    message: Fr,
    who: &'static str,
) -> Result<(), EvidenceError> {
    if id != terms.id() {
        Err(EvidenceError::Terms)
    } else if signer.is_zero() {
        Err(EvidenceError::Signer(who))
    } else if signed.verify(signer, message) {
        Ok(())
    } else {
        Err(EvidenceError::Signature(who))
    }
}

impl Acknowledgement {
    /// H(ENTRY; truncated SHA-256(label ‖ terms ‖ done)).
    fn message(terms: TermsId, done: u64) -> Fr {
        let digest = Sha256::new()
            .chain_update(b"privity.acknowledgement.v1")
            .chain_update(terms.to_bytes())
            .chain_update(done.to_be_bytes())
            .finalize();
        hash(Domain::Entry, &[field::truncate(&digest.into())])
    }

    /// Whether the inspector of `brief` signed it.
    pub fn verify(&self, brief: &InspectionBrief) -> bool {
        let inspector = brief.parties.inspector;
        self.terms == brief.terms() && self.inspector.verify(inspector, Self::message(self.terms, self.done))
    }
}

/// What an inspector signed for one deal.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain {
    receipts: Vec<Receipt>,
    ended: bool,
}

/// An inspector's chains of receipts: one receipt per state, none after the last.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InspectorBook(BTreeMap<TermsId, Chain>);

redacted!(Chain, InspectorBook, Delivery);

impl Document for InspectorBook {
    const KIND: &'static str = "privity.inspector-book";
    const LIMIT: usize = MAX_BOOK_BYTES;
}

/// What an inspector saw.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// Thousandths delivered in all, earlier deliveries included.
    pub delivered: u64,
    /// When, Unix seconds.
    pub time: u64,
    /// Whether nothing more will be delivered.
    pub last: bool,
}

impl InspectorBook {
    /// Thousandths that the receipts of these terms cover.
    pub fn done(&self, terms: TermsId) -> u64 {
        self.0.get(&terms).and_then(|chain| chain.receipts.last()).map_or(0, |receipt| receipt.delivered)
    }

    /// Signs the next receipt; the same delivery again gives the same receipt again.
    ///
    /// # Errors
    /// [`EvidenceError`]; nothing is entered then.
    pub fn sign<R: RngCore + CryptoRng>(
        &mut self,
        inspector: &Signer,
        brief: &InspectionBrief,
        delivery: Delivery,
        rng: &mut R,
    ) -> Result<Receipt, EvidenceError> {
        if brief.parties.inspector != inspector.id {
            return Err(EvidenceError::Signer("inspector"));
        }
        brief.check()?;
        let Delivery { delivered, time, last } = delivery;
        if delivered >> QUANTITY_BITS != 0 || time >> TIME_BITS != 0 {
            return Err(EvidenceError::Range);
        }
        let terms = brief.terms();
        let chain = self.0.entry(terms).or_default();
        let same = |receipt: &&Receipt| (receipt.delivered, receipt.time, receipt.last) == (delivered, time, last);
        if let Some(receipt) = chain.receipts.last().filter(same) {
            return Ok(receipt.clone());
        }
        let done = chain.receipts.last().map_or(0, |receipt| receipt.delivered);
        if chain.ended || done >= brief.goods.quantity {
            return Err(EvidenceError::Ended);
        }
        if delivered < done {
            return Err(EvidenceError::Twice(delivered));
        }
        if delivered == done && !last {
            return Err(EvidenceError::Range);
        }
        let message = receipt_message(terms, done, delivered, time, last);
        let inspector = SignedBy::new(inspector, message, rng);
        let receipt = Receipt { terms, done, delivered, time, last, inspector };
        chain.receipts.push(receipt.clone());
        chain.ended = last;
        Ok(receipt)
    }

    /// Ends the chain of these terms, so that an arbiter may decide.
    ///
    /// # Errors
    /// [`EvidenceError::Signer`] if the terms name another inspector, [`EvidenceError::Brief`].
    pub fn acknowledge<R: RngCore + CryptoRng>(
        &mut self,
        inspector: &Signer,
        brief: &InspectionBrief,
        rng: &mut R,
    ) -> Result<Acknowledgement, EvidenceError> {
        if brief.parties.inspector != inspector.id {
            return Err(EvidenceError::Signer("inspector"));
        }
        brief.check()?;
        let terms = brief.terms();
        let done = self.done(terms);
        self.0.entry(terms).or_default().ended = true;
        let inspector = SignedBy::new(inspector, Acknowledgement::message(terms, done), rng);
        Ok(Acknowledgement { terms, done, inspector })
    }

    /// The receipts of these terms, in their order.
    pub fn receipts(&self, terms: TermsId) -> &[Receipt] {
        self.0.get(&terms).map_or(&[], |chain| &chain.receipts)
    }
}

/// An arbiter's awards: one per state.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArbiterBook(BTreeMap<TermsId, Vec<Award>>);

redacted!(ArbiterBook, Decision);

impl Document for ArbiterBook {
    const KIND: &'static str = "privity.arbiter-book";
    const LIMIT: usize = MAX_BOOK_BYTES;
}

impl ArbiterBook {
    /// Signs an award over what is left after `done` thousandths; the same award again is signed again.
    ///
    /// With an inspector among the terms, its acknowledgement at `done` comes first, and all its receipts are released by then.
    ///
    /// # Errors
    /// [`EvidenceError`]; nothing is entered then.
    pub fn sign<R: RngCore + CryptoRng>(
        &mut self,
        arbiter: &Signer,
        brief: &InspectionBrief,
        acknowledged: Option<&Acknowledgement>,
        decision: Decision,
        rng: &mut R,
    ) -> Result<Award, EvidenceError> {
        if brief.parties.arbiter != arbiter.id {
            return Err(EvidenceError::Signer("arbiter"));
        }
        brief.check()?;
        let Decision { done, pay, used } = decision;
        match acknowledged {
            None if brief.parties.inspector.is_zero() => {}
            None => return Err(EvidenceError::Unacknowledged),
            Some(file) if !file.verify(brief) => return Err(EvidenceError::Signature("inspector")),
            Some(file) if file.done != done => {
                return Err(EvidenceError::Chain { expected: file.done, found: done });
            }
            Some(_) => {}
        }
        let terms = brief.terms();
        let awards = self.0.entry(terms).or_default();
        if let Some(award) = awards.iter().find(|award| award.done == done) {
            let same = (award.pay, award.used) == (pay, used);
            return if same { Ok(award.clone()) } else { Err(EvidenceError::Twice(done)) };
        }
        let arbiter = SignedBy::new(arbiter, award_message(terms, done, pay, used), rng);
        let award = Award { terms, done, pay, used, arbiter };
        awards.push(award.clone());
        Ok(award)
    }
}

/// What an arbiter decides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Thousandths settled before.
    pub done: u64,
    /// Minor units to the supplier.
    pub pay: u64,
    /// Millionths of capacity used.
    pub used: u64,
}
