//! Third message: the supplier checks the request, signs and proves its leg. And how it takes that back.

use super::{Agreed, DealError, FIRM_SECONDS, Leg3, Offer, Request, Session, check_terms, expect};
use crate::build::{Draftable, Make};
use crate::keys::Account;
use crate::leg::Leg;
use crate::prove::{Prove, proven};
use crate::view::LedgerView;
use crate::wallet::Wallet;
use privity_circuits::asset::AssetId;
use privity_circuits::terms::{Policy, TermsId, volume};
use privity_circuits::transfer::{Transfer2x3, Witness};
use privity_circuits::{Fr, context::Context};
use privity_ledger::Transaction;
use privity_ledger::context::Kind;
use rand::{CryptoRng, RngCore};

impl Wallet {
    /// Checks a request and signs the supplier's leg, firm until ten minutes from now or `expiry`.
    ///
    /// # Errors
    /// [`DealError::Opening`] or [`DealError::Ciphertext`] if the request does not pay what the terms say, [`DealError::Firm`] if
    /// a signature over these terms stands already.
    pub fn offer<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &mut self,
        request: &Request,
        expiry: Option<u64>,
        view: &impl LedgerView,
        prover: &mut P,
        rng: &mut R,
    ) -> Result<Offer, DealError> {
        let id = request.terms;
        let session = self.book.deals.get(&id).ok_or(DealError::Unknown(id))?.clone();
        session.refuse_if_firm(view.time())?;
        let terms = &session.draft.terms;
        check_terms(terms, view)?;
        let account = self.account(session.account)?;
        if account.owner != terms.parties.supplier {
            return Err(DealError::NotParty("supplier"));
        }
        self.check_request(account, &session, request, &view.policy()?)?;
        let expiry = expiry.unwrap_or(view.time().saturating_add(FIRM_SECONDS));
        if expiry <= view.time() {
            return Err(DealError::Expired { expiry });
        }
        let frame = session.frame(request, expiry)?;
        let context = frame.context(self.ledger());
        let (statement, witness) =
            self.own_leg(&session, terms.capacity_asset(), terms.rho(1), context, view.time(), rng)?;
        // A leg whose proof failed is not firm: nobody has its signature.
        let leg = proven::<Transfer2x3, _>(prover, statement, &witness)?;
        if let Some(open) = self.book.deals.get_mut(&id) {
            open.firm_until = Some(expiry);
            open.request = Some(request.clone());
        }
        Ok(Offer { terms: id, expiry, leg })
    }

    fn check_request(
        &self,
        account: &Account,
        session: &Session,
        request: &Request,
        policy: &Policy,
    ) -> Result<(), DealError> {
        let terms = &session.draft.terms;
        if request.buyer.owner != terms.parties.buyer {
            return Err(DealError::Address("buyer"));
        }
        if request.policy != *policy {
            return Err(DealError::Policy);
        }
        let agreed = Agreed::of(terms, policy)?;
        let [payment, fee, capacity] = &agreed.notes;
        let outputs = request.outputs.commitments();
        expect(&outputs, 0, payment, "payment")?;
        expect(&outputs, 1, fee, "fee")?;
        expect(&session.draft.outputs.commitments(), 0, capacity, "capacity")?;
        if !terms.remedy.escrow {
            let sealed = request.outputs.sealed(0);
            let key = account.delivery_key();
            let opened = self.scanner.channel.open_note(key, account.owner, sealed.commitment, &sealed.recipient);
            if opened.is_none_or(|opened| opened.note != *payment) {
                return Err(DealError::Ciphertext("payment"));
            }
        }
        Ok(())
    }

    /// This wallet's leg of a session in `context`, signed: inputs as promised, outputs as sealed, whose openings stand in this
    /// wallet's own copies.
    pub(super) fn own_leg<R: RngCore + CryptoRng>(
        &self,
        session: &Session,
        asset: AssetId,
        rho: Fr,
        context: Context,
        time: u64,
        rng: &mut R,
    ) -> Result<(Leg3, Witness<2, 3>), DealError> {
        let account = self.account(session.account)?;
        let outputs = session.own_outputs(account.owner)?;
        let planned = self.reopen(account, outputs).ok_or(DealError::Ciphertext("own copy"))?;
        let positions: Vec<u32> = session.inputs.iter().copied().collect();
        let (at, coins) = self.coins(&positions, time)?;
        let leg =
            Leg::<2, 3>::new(account, asset, at, &coins, &planned, rho, rng).map_err(crate::build::BuildError::from)?;
        Ok(leg.sign(context, rng))
    }

    /// Ends a negotiation in which nothing of this wallet was signed.
    ///
    /// # Errors
    /// [`DealError::Firm`] if a signature was given, even one that ran out: then the counterparty knows the inputs' nullifiers,
    /// and [`Wallet::revoke`] spends them first.
    pub fn end(&mut self, terms: TermsId) -> Result<(), DealError> {
        let session = self.book.deals.get(&terms).ok_or(DealError::Unknown(terms))?;
        if let Some(until) = session.firm_until {
            return Err(DealError::Firm { until });
        }
        self.book.deals.remove(&terms);
        Ok(())
    }

    /// Spends the inputs promised in a negotiation to oneself: whoever settles first wins, and an offer that ran out is forgotten.
    ///
    /// The negotiation ends once the ledger has settled the spend.
    ///
    /// # Errors
    /// [`DealError::Unknown`], or [`DealError::Build`].
    pub fn revoke<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        terms: TermsId,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, DealError> {
        let session = self.book.deals.get(&terms).ok_or(DealError::Unknown(terms))?;
        let positions: Vec<u32> = session.inputs.iter().copied().collect();
        if positions.is_empty() {
            return Err(DealError::NothingPromised);
        }
        Ok(self.spend_to_self(session.account, &positions, make)?)
    }
}

impl Session {
    /// Terms are not signed twice at once.
    pub(super) fn refuse_if_firm(&self, time: u64) -> Result<(), DealError> {
        match self.firm_until {
            Some(until) if until > time => Err(DealError::Firm { until }),
            _ => Ok(()),
        }
    }

    /// The frame of the deal: the buyer's outputs, then the supplier's; the envelopes likewise.
    pub(super) fn frame(&self, request: &Request, expiry: u64) -> Result<Draftable, DealError> {
        let terms = &self.draft.terms;
        let agreed = Agreed::of(terms, &request.policy)?;
        let legs = [&request.outputs, &self.draft.outputs];
        let sealed: Vec<_> = legs.iter().flat_map(|leg| leg.all()).collect();
        let volume = volume(agreed.total, terms.money.salt, agreed.id);
        let envelopes = [request.envelope.clone(), self.draft.envelope.clone()];
        Ok(Draftable::new(Kind::Deal, expiry, &sealed).deal(agreed.id, volume, envelopes))
    }

    fn own_outputs(&self, owner: privity_circuits::keys::Owner) -> Result<&super::Outputs, DealError> {
        if owner == self.draft.terms.parties.supplier {
            return Ok(&self.draft.outputs);
        }
        self.request.as_ref().map(|request| &request.outputs).ok_or(DealError::Unknown(self.draft.terms.id()))
    }
}
