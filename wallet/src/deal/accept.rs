//! Fourth message: the buyer checks the offer, signs its leg, proves the price, and has the deal.

use super::{DealError, Offer, Session, TermsRefusal, check_terms};
use crate::prove::{Prove, proven};
use crate::view::{LedgerView, is_recent};
use crate::wallet::Wallet;
use privity_circuits::note;
use privity_circuits::price::{self, Price};
use privity_circuits::transfer::Transfer2x3;
use privity_ledger::{Body, Transaction};
use privity_verifier::Keys;
use rand::{CryptoRng, RngCore};

impl Wallet {
    /// Checks an offer, its proof included, and completes the deal; the buyer submits it to the ledger himself.
    ///
    /// # Errors
    /// [`DealError::Offer`], [`DealError::Proof`] or [`DealError::Expired`] for an offer that the ledger would refuse; nothing is
    /// signed then. [`DealError::Firm`] if a signature of this wallet over these terms stands.
    pub fn accept<P: Prove<Transfer2x3> + Prove<Price>, R: RngCore + CryptoRng>(
        &mut self,
        offer: &Offer,
        view: &impl LedgerView,
        keys: &Keys,
        prover: &mut P,
        rng: &mut R,
    ) -> Result<Transaction, DealError> {
        let id = offer.terms;
        let session = self.book.deals.get(&id).ok_or(DealError::Unknown(id))?.clone();
        session.refuse_if_firm(view.time())?;
        let terms = &session.draft.terms;
        check_terms(terms, view)?;
        let request = session.request.as_ref().ok_or(DealError::Unknown(id))?;
        if self.account(session.account)?.owner != terms.parties.buyer {
            return Err(DealError::NotParty("buyer"));
        }
        if request.policy != view.policy()? {
            return Err(DealError::Policy);
        }
        let frame = session.frame(request, offer.expiry)?;
        let context = frame.context(self.ledger());
        check_offer(&session, offer, context, view)?;
        keys.verify::<Transfer2x3>(&offer.leg.key, offer.leg.statement.clone(), &offer.leg.proof)?;

        let member = |owner, who| {
            view.member(owner)?.map(|member| member.path).ok_or(DealError::Terms(TermsRefusal::Member(who)))
        };
        let witness = price::Witness {
            terms: terms.clone(),
            policy: request.policy.clone(),
            buyer_path: member(terms.parties.buyer, "buyer")?,
            supplier_path: member(terms.parties.supplier, "supplier")?,
        };
        let ledger = self.ledger().id();
        let statement = price::Statement::of(terms, &request.policy, view.members(), ledger, context)?;
        let (own, own_witness) =
            self.own_leg(&session, terms.money.currency, terms.rho(0), context, view.time(), rng)?;
        let buyer = proven::<Transfer2x3, _>(prover, own, &own_witness)?;
        let price = proven::<Price, _>(prover, statement, &witness)?;
        if let Some(open) = self.book.deals.get_mut(&id) {
            open.firm_until = Some(offer.expiry);
        }
        let body = Body::Deal { price, buyer, supplier: offer.leg.clone() };
        Ok(Transaction { expiry: offer.expiry, body, ciphertexts: frame.ciphertexts })
    }
}

/// What the ledger will ask of the supplier's leg.
fn check_offer(
    session: &Session,
    offer: &Offer,
    context: privity_circuits::context::Context,
    view: &impl LedgerView,
) -> Result<(), DealError> {
    let terms = &session.draft.terms;
    let (x, time) = (&offer.leg.statement, view.time());
    let unless = |holds: bool, what: &'static str| if holds { Ok(()) } else { Err(DealError::Offer(what)) };
    if offer.expiry <= time {
        return Err(DealError::Expired { expiry: offer.expiry });
    }
    unless(x.outputs == session.draft.outputs.commitments(), "outputs")?;
    unless(x.party == note::party(terms.parties.supplier, terms.rho(1)), "party")?;
    unless(x.context == context, "context")?;
    unless(x.exposed_value == 0 && x.exposed_asset.is_zero(), "exposed value")?;
    unless(is_recent(x.now, time), "time")?;
    unless(x.nullifiers[0] != x.nullifiers[1], "nullifiers")?;
    unless(view.is_anchor(x.anchor)?, "anchor")
}
