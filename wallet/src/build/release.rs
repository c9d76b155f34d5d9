//! Releases of an escrow, in its four branches.

use super::{BuildError, Draftable, Make, When};
use crate::delivery::{Memo, is_usable};
use crate::escrow::{Escrow, Tracked, blindings, claim_memo};
use crate::evidence::{EvidenceError, SignedBy};
use crate::file::Document;
use crate::hex;
use crate::keys::Account;
use crate::leg::{self, Planned, Recipient, Sealed};
use crate::prove::{Prove, proven};
use crate::wallet::Wallet;
use privity_circuits::context::Context;
use privity_circuits::keys::SignerId;
use privity_circuits::note::{Note, Nullifier, pair};
use privity_circuits::release::{self, Claim, Evidence, Release, Settlement};
use privity_circuits::terms::{Terms, TermsId};
use privity_ledger::context::Kind;
use privity_ledger::{Body, Transaction};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

/// What entitles to a release.
#[derive(Clone)]
pub enum ReleaseOrder {
    /// A receipt or an award, checked against the terms.
    Evidence(Box<Evidence>),
    /// The buyer takes back what nobody claimed.
    Refund,
    /// Both parties agreed.
    Agreed(Box<Agreement>),
}

/// A settlement that both parties sign: one proposes and signs, the other checks, signs and has it released.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Which deal.
    pub terms: TermsId,
    /// Minor units to the supplier.
    pub pay: u64,
    /// Millionths of capacity used.
    pub used: u64,
    /// Until when it must settle, Unix seconds.
    pub expiry: u64,
    /// Ciphertexts to recipients: supplier, buyer, capacity, pair.
    recipients: [Ciphertext; 4],
    /// The proposer's copies.
    copies: [Ciphertext; 4],
    /// By the buyer's signer.
    pub buyer: Option<SignedBy>,
    /// By the supplier's signer.
    pub supplier: Option<SignedBy>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Ciphertext(#[serde(with = "hex::array")] crate::delivery::SealedNote);

redacted!(ReleaseOrder, Agreement);

impl Document for Agreement {
    const KIND: &'static str = "privity.agreement";
}

/// Amounts and notes of a release that is about to be made.
struct Prepared<'a> {
    deal: &'a Tracked,
    escrow: &'a Escrow,
    nullifier: Nullifier,
    notes: [Note; 5],
}

impl Wallet {
    /// Amounts that `claim` would move at ledger time `time`; nothing is signed or proved.
    ///
    /// # Errors
    /// [`BuildError::UnknownDeal`], [`BuildError::NoEscrow`], or the broken rule.
    pub fn preview(&self, terms: TermsId, claim: &Claim, time: u64) -> Result<Settlement, BuildError> {
        let deal = self.scanner.deals().get(&terms).ok_or(BuildError::UnknownDeal(terms))?;
        let escrow = deal.escrow.as_ref().ok_or(BuildError::NoEscrow(terms))?;
        Ok(Settlement::of(&deal.terms, &escrow.holding, claim, crate::view::full_hour(time))?)
    }

    fn prepare(&self, terms: TermsId, claim: &Claim, when: When) -> Result<Prepared<'_>, BuildError> {
        let settlement = self.preview(terms, claim, when.time)?;
        let deal = self.scanner.deals().get(&terms).ok_or(BuildError::UnknownDeal(terms))?;
        let escrow = deal.escrow.as_ref().ok_or(BuildError::NoEscrow(terms))?;
        let nullifier = escrow.nullifier(&deal.terms);
        Ok(Prepared { deal, escrow, nullifier, notes: settlement.notes(&deal.terms, nullifier) })
    }

    /// Releases an escrow.
    ///
    /// # Errors
    /// [`BuildError`]; R1 to R4 by their names.
    pub fn release<P: Prove<Release>, R: RngCore + CryptoRng>(
        &self,
        terms: TermsId,
        order: &ReleaseOrder,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        match order {
            ReleaseOrder::Evidence(evidence) => {
                let prepared = self.prepare(terms, &evidence.claim(), make.when)?;
                let sealed = self.seal_release(&prepared, &evidence.claim(), make.rng)?;
                let frame = Draftable::new(Kind::Release, make.when.expiry, &sealed);
                self.finish_release(&prepared, (**evidence).clone(), frame, make)
            }
            ReleaseOrder::Refund => {
                let prepared = self.prepare(terms, &Claim::Lapsed, make.when)?;
                let account = self.party(&prepared.deal.terms)?;
                if prepared.deal.terms.parties.buyer_signer != account.signer.id {
                    return Err(BuildError::NotOurs("a refund"));
                }
                let sealed = self.seal_release(&prepared, &Claim::Lapsed, make.rng)?;
                let frame = Draftable::new(Kind::Release, make.when.expiry, &sealed);
                let context = frame.context(self.ledger());
                let holding = prepared.escrow.holding;
                let message = Claim::Lapsed.message(terms, holding.done, prepared.nullifier, context);
                let buyer = SignedBy::new(&account.signer, message, make.rng).signed();
                self.finish_release(&prepared, Evidence::Lapsed { buyer }, frame, make)
            }
            ReleaseOrder::Agreed(agreement) => {
                let (Some(buyer), Some(supplier)) = (agreement.buyer, agreement.supplier) else {
                    return Err(BuildError::NotOurs("an agreement that only one party signed"));
                };
                let Agreement { pay, used, .. } = **agreement;
                let prepared = self.prepare(agreement.terms, &agreement.claim(), make.when)?;
                let (buyer, supplier) = (buyer.signed(), supplier.signed());
                let evidence = Evidence::Agreed { pay, used, buyer, supplier };
                self.finish_release(&prepared, evidence, agreement.frame(&prepared), make)
            }
        }
    }

    /// The account that is a party to these terms.
    pub(crate) fn party(&self, terms: &Terms) -> Result<&Account, BuildError> {
        let parties = [terms.parties.buyer, terms.parties.supplier];
        let ours = self.accounts.values().find(|account| parties.contains(&account.owner));
        ours.ok_or(BuildError::NotOurs("a deal between others"))
    }

    fn finish_release<P: Prove<Release>, R: RngCore + CryptoRng>(
        &self,
        prepared: &Prepared<'_>,
        evidence: Evidence,
        frame: Draftable,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, BuildError> {
        let position = prepared.escrow.position;
        let now = crate::view::full_hour(make.when.time);
        let root = self.root(&[position], make.when.time);
        let path = self.scanner.tree().path(position, root).map_err(crate::wallet::WalletError::from)?;
        let [payment_blinding, capacity_blinding] = blindings(prepared.escrow);
        let terms = prepared.deal.terms.clone();
        let held = prepared.escrow.holding;
        let witness = release::Witness { terms, held, payment_blinding, capacity_blinding, path, evidence };
        let context = frame.context(self.ledger());
        let statement = release::Statement::of(&witness, root.anchor, now, context)?;
        let release = proven::<Release, _>(make.prover, statement, &witness)?;
        Ok(Transaction { expiry: frame.expiry, body: Body::Release { release }, ciphertexts: frame.ciphertexts })
    }

    /// Supplier's, buyer's and capacity's notes to their owners, the pair to nobody; the claim stands in every memo.
    fn seal_release<R: RngCore + CryptoRng>(
        &self,
        prepared: &Prepared<'_>,
        claim: &Claim,
        rng: &mut R,
    ) -> Result<[Sealed; 4], BuildError> {
        let account = self.party(&prepared.deal.terms)?;
        let memo = Memo::new(&claim_memo(claim))?;
        let channel = &self.scanner.channel;
        let [supplier, buyer, returned, rest, kept] = &prepared.notes;
        let keys = [prepared.deal.supplier_key, prepared.deal.buyer_key, prepared.deal.supplier_key];
        let mut sealed = Vec::with_capacity(4);
        for (note, key) in [supplier, buyer, returned].into_iter().zip(keys) {
            // A key that takes no ciphertext is its party's own doing and must not lock the escrow: terms and evidence rebuild notes.
            let recipient = if is_usable(&key) { Recipient::Key(key) } else { Recipient::Nobody };
            let planned = Planned { note: note.clone(), recipient, memo: memo.clone() };
            sealed.push(leg::seal(channel, account, &planned, rng)?);
        }
        let commitment = pair(rest.commitment(), kept.commitment());
        let recipient = channel.seal_to_nobody(commitment, rng)?;
        // A pair is no note; terms and claim rebuild it.
        let copy = channel.seal_to_nobody(commitment, rng)?;
        sealed.push(Sealed { commitment, recipient, copy });
        let sealed: Result<[Sealed; 4], _> = sealed.try_into();
        sealed.map_err(|_| BuildError::Amount)
    }

    /// Proposes to settle what is left: `pay` to the supplier, `used` capacity consumed. Signed by this party.
    ///
    /// # Errors
    /// [`BuildError`]; R2 and R3 by their names.
    pub fn propose<R: RngCore + CryptoRng>(
        &self,
        terms: TermsId,
        pay: u64,
        used: u64,
        when: When,
        rng: &mut R,
    ) -> Result<Agreement, BuildError> {
        let claim = Claim::Agreed { pay, used };
        let prepared = self.prepare(terms, &claim, when)?;
        let sealed = self.seal_release(&prepared, &claim, rng)?;
        let recipients = core::array::from_fn(|index| Ciphertext(sealed[index].recipient));
        let copies = core::array::from_fn(|index| Ciphertext(sealed[index].copy));
        let expiry = when.expiry;
        let mut agreement = Agreement { terms, pay, used, expiry, recipients, copies, buyer: None, supplier: None };
        self.sign_agreement(&prepared, &mut agreement, rng)?;
        Ok(agreement)
    }

    /// Checks a proposal of the other party, the ciphertexts that it promises to this one included, and signs it too.
    ///
    /// # Errors
    /// [`BuildError`]; [`BuildError::Ciphertext`] if this wallet could not read what it is paid, [`BuildError::NotOurs`] if the other party's signature does not hold.
    pub fn agree<R: RngCore + CryptoRng>(
        &self,
        proposal: &Agreement,
        time: u64,
        rng: &mut R,
    ) -> Result<Agreement, BuildError> {
        let when = When { time, expiry: proposal.expiry };
        let prepared = self.prepare(proposal.terms, &proposal.claim(), when)?;
        self.check_promised_notes(&prepared, proposal)?;
        let mut agreement = proposal.clone();
        self.sign_agreement(&prepared, &mut agreement, rng)?;
        let message = agreement.message(&prepared, agreement.frame(&prepared).context(self.ledger()));
        let parties = &prepared.deal.terms.parties;
        let holds = |signed: &Option<SignedBy>, signer: SignerId| signed.is_some_and(|by| by.verify(signer, message));
        let both = holds(&agreement.buyer, parties.buyer_signer) && holds(&agreement.supplier, parties.supplier_signer);
        if both { Ok(agreement) } else { Err(BuildError::NotOurs("an agreement without the other party's signature")) }
    }

    /// Whether the notes that an agreement makes for this wallet can be read from its ciphertexts, with the claim in the memo.
    fn check_promised_notes(&self, prepared: &Prepared<'_>, agreement: &Agreement) -> Result<(), BuildError> {
        let account = self.party(&prepared.deal.terms)?;
        let memo = Memo::new(&claim_memo(&agreement.claim()))?;
        let names = ["supplier's payment", "buyer's payment", "capacity"];
        for ((note, sealed), name) in prepared.notes.iter().zip(&agreement.recipients).zip(names) {
            if note.owner != account.owner {
                continue;
            }
            let (channel, key) = (&self.scanner.channel, account.delivery_key());
            let opened = channel.open_note(key, account.owner, note.commitment(), &sealed.0);
            if opened.is_none_or(|opened| opened.memo != memo) {
                return Err(BuildError::Ciphertext(name));
            }
        }
        Ok(())
    }

    fn sign_agreement<R: RngCore + CryptoRng>(
        &self,
        prepared: &Prepared<'_>,
        agreement: &mut Agreement,
        rng: &mut R,
    ) -> Result<(), BuildError> {
        let signer = &self.party(&prepared.deal.terms)?.signer;
        let parties = &prepared.deal.terms.parties;
        let message = agreement.message(prepared, agreement.frame(prepared).context(self.ledger()));
        let signed = Some(SignedBy::new(signer, message, rng));
        if parties.buyer_signer == signer.id {
            agreement.buyer = signed;
        } else if parties.supplier_signer == signer.id {
            agreement.supplier = signed;
        } else {
            return Err(BuildError::NotOurs("an agreement between others"));
        }
        Ok(())
    }

    /// The evidence of a file for a deal of this wallet; the claim is kept, so that the ledger's releases are understood.
    ///
    /// # Errors
    /// [`EvidenceError`] as `check` gives it, [`EvidenceError::Terms`] for an unknown deal.
    pub fn file_evidence(
        &mut self,
        terms: TermsId,
        check: impl FnOnce(&Terms) -> Result<Evidence, EvidenceError>,
    ) -> Result<Box<Evidence>, EvidenceError> {
        let deal = self.scanner.deals().get(&terms).ok_or(EvidenceError::Terms)?;
        let evidence = check(&deal.terms)?;
        self.scanner.add_claim(terms, evidence.claim());
        Ok(Box::new(evidence))
    }
}

impl Agreement {
    /// The claim.
    pub fn claim(&self) -> Claim {
        Claim::Agreed { pay: self.pay, used: self.used }
    }

    fn message(&self, prepared: &Prepared<'_>, context: Context) -> privity_circuits::Fr {
        self.claim().message(self.terms, prepared.escrow.holding.done, prepared.nullifier, context)
    }

    fn frame(&self, prepared: &Prepared<'_>) -> Draftable {
        let outputs = crate::escrow::outputs(&prepared.notes);
        let sealed: [Sealed; 4] = core::array::from_fn(|index| Sealed {
            commitment: outputs[index],
            recipient: self.recipients[index].0,
            copy: self.copies[index].0,
        });
        Draftable::new(Kind::Release, self.expiry, &sealed)
    }
}
