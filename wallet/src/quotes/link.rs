//! The link from the winning quote to the deal that settled: made by one of its parties, checked by every bidder.

use super::QuoteError;
use crate::file::Document;
use crate::hex;
use crate::wallet::Wallet;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::Owner;
use privity_circuits::note::party;
use privity_circuits::terms::{self, AwardTag, DocumentHash, TermsId};
use privity_circuits::{Domain, Fr, hash, price};
use privity_ledger::{Body, Claim, Docket, Item, State, TransactionId};
use privity_quotes::link::{LINK_BYTES, Link, Statement, Witness};
use privity_quotes::{Message, Opening, QuoteId, RfqHash, SealedQuote, Verified};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

/// Seconds of a day of lead time.
const DAY: u64 = 86_400;

/// What the bidders get once the deal has settled: the link, the opening of the deal's `award`, and the winner's lead time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkFile {
    /// The request.
    #[serde(with = "hex::array")]
    pub rfq: [u8; 32],
    /// The deal's transaction.
    #[serde(with = "hex::array")]
    pub transaction: [u8; 32],
    /// Link, encoded.
    #[serde(with = "hex::array")]
    pub link: [u8; LINK_BYTES],
    /// With whom the deal is.
    pub supplier: Owner,
    /// H(RHO; s₃, 0), under which the buyer's leg is the request's buyer's.
    #[serde(with = "hex::field")]
    pub buyer_rho: Fr,
    /// In which token.
    pub currency: AssetId,
    /// Its exponent.
    pub exponent: u8,
    /// Thousandths of the unit.
    pub quantity: u64,
    /// When it is due, Unix seconds.
    pub due: u64,
    /// What it is about.
    pub document: DocumentHash,
    /// H(RHO; s₃, 2), which hides `award` from others.
    #[serde(with = "hex::field")]
    pub rho: Fr,
    /// The winner's lead time, days after closing.
    pub lead: u16,
    /// The blinding of its commitment.
    #[serde(with = "hex::array")]
    pub lead_blinding: [u8; 32],
}

redacted!(LinkFile);

impl Document for LinkFile {
    const KIND: &'static str = "privity.link";
}

impl LinkFile {
    /// H(AWARDED; supplier, rfq id, H(OFFER; …), ρ₂), which the deal's price statement carries.
    fn award(&self) -> AwardTag {
        let offer = terms::offer(self.currency, self.exponent.into(), self.quantity, self.due, self.document);
        let inputs = [self.supplier.field(), RfqHash(self.rfq).id().field(), offer, self.rho];
        AwardTag::new(hash(Domain::Awarded, &inputs))
    }
}

/// What a bidder knows after the check: the deal is the asking buyer's with the winner, at the winning total, for what was asked, in
/// time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The quote that won.
    pub winner: QuoteId,
    /// Whose it is.
    pub supplier: Owner,
    /// The deal.
    pub transaction: TransactionId,
    /// When it is due, Unix seconds.
    pub due: u64,
}

impl Wallet {
    /// Links the award of a request to the settled deal `terms` of this wallet, as its supplier or its buyer.
    ///
    /// # Errors
    /// [`QuoteError::NoAward`], [`QuoteError::UnknownDeal`], [`QuoteError::NoQuote`]; [`QuoteError::Rule`] (Q15) if the deal's total
    /// is not the quote's.
    pub fn link<R: RngCore + CryptoRng>(
        &self,
        account: u32,
        state: &State<'_>,
        docket: &Docket,
        terms: TermsId,
        rng: &mut R,
    ) -> Result<LinkFile, QuoteError> {
        let deal = self.scanner().deals().get(&terms).ok_or(QuoteError::UnknownDeal)?;
        let award = docket.award(state)?.ok_or(QuoteError::NoAward)?;
        let (quote, opening) = self.winning(account, docket, award.get().winner)?;
        let (rfq, agreed) = (&docket.tendering.rfq, &deal.terms);
        let volume = settled(state, deal.transaction)?.volume;
        let statement = Statement::new(rfq, &award, &quote, deal.transaction.0, &volume)?;
        let witness = Witness::new(&opening, hash(Domain::Volume, &[agreed.money.salt, agreed.id().field()]));
        let mut link = [0; LINK_BYTES];
        link.copy_from_slice(&Link::prove(&statement, &witness, rng)?.to_bytes());
        Ok(LinkFile {
            rfq: rfq.hash().0,
            transaction: deal.transaction.0,
            link,
            supplier: agreed.parties.supplier,
            buyer_rho: agreed.rho(0),
            currency: agreed.money.currency,
            exponent: u8::try_from(agreed.money.exponent).map_err(|_| QuoteError::UnknownDeal)?,
            quantity: agreed.goods.quantity,
            due: agreed.goods.due,
            document: agreed.goods.document,
            rho: agreed.rho(2),
            lead: opening.lead(),
            lead_blinding: opening.lead_blinding().to_bytes(),
        })
    }

    /// The winning quote with its opening, if this account is the winner or the buyer.
    fn winning(
        &self,
        account: u32,
        docket: &Docket,
        winner: QuoteId,
    ) -> Result<(Verified<SealedQuote>, Opening), QuoteError> {
        let won = docket.quotes.iter().find(|quote| quote.get().id() == winner).ok_or(QuoteError::NoAward)?;
        if won.get().supplier == self.account(account)?.owner {
            return self.own_quote(account, docket);
        }
        let shared = self.buyer_secret(account, &docket.tendering.rfq)?.shared(&won.get().ephemeral);
        let opening = won.get().open(&docket.open.get().secret, &shared)?;
        Ok((won.clone(), opening))
    }
}

/// Checks as a bidder that the settled deal honours the award: by the buyer who asked, with the winner, at the winning total, for the
/// request's currency, exponent, quantity and document, due within the winner's lead time.
///
/// # Errors
/// [`QuoteError::NoAward`]; [`QuoteError::Deal`] with what differs; [`QuoteError::Rule`] (Q15, Q16) for a false link.
pub fn check_link(state: &State<'_>, docket: &Docket, file: &LinkFile) -> Result<Linked, QuoteError> {
    let rfq = &docket.tendering.rfq;
    let award = docket.award(state)?.ok_or(QuoteError::NoAward)?;
    let winner = award.get().winner;
    let quote = docket.quotes.iter().find(|quote| quote.get().id() == winner).ok_or(QuoteError::NoAward)?;
    let transaction = TransactionId(file.transaction);
    let deal = settled(state, transaction)?;
    let lead = quote.get().commitments.opens_lead(file.lead, &file.lead_blinding);
    let rules = [
        (file.rfq == rfq.hash().0, "is linked to another request"),
        (deal.award == file.award(), "does not carry this opening of its award"),
        (file.supplier == quote.get().supplier, "is not with the winner"),
        (deal.party_buyer == party(rfq.buyer, file.buyer_rho), "is not by the buyer who asked"),
        (file.currency == rfq.currency, "is in another currency"),
        (file.exponent == rfq.exponent, "counts another minor unit"),
        (file.quantity == rfq.quantity, "is for another quantity"),
        (file.document == rfq.document, "is about another document"),
        (lead, "comes with a lead time that the winner did not quote"),
        (file.due <= rfq.closes.saturating_add(DAY * u64::from(file.lead)), "is due later than the winner's lead time"),
    ];
    if let Some((_, differs)) = rules.iter().find(|(holds, _)| !holds) {
        return Err(QuoteError::Deal(differs));
    }
    let statement = Statement::new(rfq, &award, quote, transaction.0, &deal.volume)?;
    Link::from_bytes(&file.link).map_err(privity_quotes::Error::from)?.verify(&statement)?;
    Ok(Linked { winner, supplier: file.supplier, transaction, due: file.due })
}

/// The price statement of a settled deal.
fn settled(state: &State<'_>, transaction: TransactionId) -> Result<price::Statement, QuoteError> {
    let missing = QuoteError::Deal("is not in the log");
    let Some(position) = state.settled(transaction)? else { return Err(missing) };
    let Some(record) = state.record_at(position)? else { return Err(missing) };
    let Ok(Item::Transaction(settled)) = Item::from_log(&record) else { return Err(missing) };
    match &settled.body {
        Body::Deal { price, .. } => Ok(price.statement().clone()),
        _ => Err(QuoteError::Deal("is no deal")),
    }
}
