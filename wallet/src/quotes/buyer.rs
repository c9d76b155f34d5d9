//! The buyer's side, and the operator's grant of a key.

use super::QuoteError;
use crate::file::Document;
use crate::hex;
use crate::wallet::Wallet;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::DocumentHash;
use privity_ledger::{Docket, LedgerHash, Operator, Tender};
use privity_quotes::award::Standing;
use privity_quotes::{
    Award, Exclusion, Opening, OperatorSecret, QuoteId, QuotingKey, Rfq, SealedQuote, Verified, Weights,
};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};

/// What is asked for, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What describes it.
    pub document: DocumentHash,
    /// The token that quotes are in.
    pub currency: AssetId,
    /// Minor units per major unit, as a power of ten.
    pub exponent: u8,
    /// Thousandths of the unit.
    pub quantity: u64,
    /// How quotes are ranked.
    pub weights: Weights,
    /// First second in which quotes are accepted, Unix time.
    pub opens: u64,
    /// First second in which they are accepted no more.
    pub closes: u64,
    /// Seconds after closing within which Open and Award must come.
    pub delay: u64,
}

/// What a buyer sends the operator to get a key for one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// The ledger.
    #[serde(with = "hex::array")]
    pub ledger: [u8; 32],
    /// Owner of the buyer's member address.
    pub buyer: Owner,
    /// What the secrets of this request derive from; public, never used twice.
    #[serde(with = "hex::array")]
    pub nonce: [u8; 32],
}

impl Document for KeyRequest {
    const KIND: &'static str = "privity.rfq-key-request";
}

/// The operator's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyGrant {
    /// What was asked.
    pub request: KeyRequest,
    /// X25519 key to which quotes are sealed.
    #[serde(with = "hex::array")]
    pub key: [u8; 32],
    /// Signer id of the operator key.
    pub operator: SignerId,
    /// By that key on [`Rfq::endorsement`].
    #[serde(with = "hex::codec")]
    pub endorsement: Signature,
}

impl Document for KeyGrant {
    const KIND: &'static str = "privity.rfq-key";
}

impl KeyRequest {
    /// The operator grants a key, whose secret derives from `key` and this request.
    pub fn grant(&self, operator: &dyn Operator, key: &QuotingKey) -> KeyGrant {
        let public = self.secret(key).public();
        let message = Rfq::endorsement(&self.ledger, self.buyer, &self.nonce, &public);
        let (id, endorsement) = (SignerId::of(&operator.public_key()), operator.sign(message));
        KeyGrant { request: self.clone(), key: public, operator: id, endorsement }
    }

    /// The secret that the operator publishes after closing.
    pub fn secret(&self, key: &QuotingKey) -> OperatorSecret {
        key.operator_secret(&self.ledger, self.buyer, &self.nonce)
    }
}

/// A quote as the buyer reads it.
#[derive(Clone)]
pub struct OpenedQuote {
    /// The quote.
    pub id: QuoteId,
    /// Who quotes.
    pub supplier: Owner,
    /// Whether it is ranked.
    pub standing: Standing,
    /// What it hides; none if it does not open: the buyer excludes it.
    pub opening: Option<Opening>,
    /// w₁·price + w₂·lead, if it opens.
    pub score: Option<u64>,
}

redacted!(OpenedQuote);

impl Wallet {
    /// Asks the operator for a key to one request of `account`; `nonce` is fresh.
    ///
    /// # Errors
    /// [`QuoteError::Wallet`].
    pub fn rfq_key(&self, account: u32, nonce: [u8; 32]) -> Result<KeyRequest, QuoteError> {
        Ok(KeyRequest { ledger: self.ledger().0, buyer: self.account(account)?.owner, nonce })
    }

    /// The request that `ask` and the operator's grant make, signed for the log.
    ///
    /// # Errors
    /// [`QuoteError::Grant`] for a grant to somebody else, [`QuoteError::Rule`] for a field out of range.
    pub fn rfq<R: RngCore + CryptoRng>(
        &self,
        account: u32,
        ask: &Ask,
        grant: &KeyGrant,
        rng: &mut R,
    ) -> Result<Tender, QuoteError> {
        let (buyer, ledger) = (self.account(account)?, self.ledger());
        let KeyRequest { ledger: asked, buyer: owner, nonce } = grant.request;
        if (asked, owner) != (ledger.0, buyer.owner) {
            return Err(QuoteError::Grant);
        }
        let rfq = Rfq {
            ledger: ledger.0,
            buyer: owner,
            document: ask.document,
            currency: ask.currency,
            exponent: ask.exponent,
            quantity: ask.quantity,
            weights: ask.weights,
            opens: ask.opens,
            closes: ask.closes,
            delay: ask.delay,
            key: buyer.quoting_key().buyer_secret(&ledger.0, &nonce).public(),
            operator_key: grant.key,
            nonce,
            operator: grant.operator,
            endorsement: grant.endorsement,
        };
        rfq.check()?;
        Ok(Tender::request(LedgerHash(ledger.0), rfq, |message| buyer.signer.sign(message, rng)))
    }

    /// Every quote as its buyer reads it, in log order.
    ///
    /// # Errors
    /// [`QuoteError::NotBuyer`].
    pub fn opened_quotes(&self, account: u32, docket: &Docket) -> Result<Vec<OpenedQuote>, QuoteError> {
        let rfq = &docket.tendering.rfq;
        let secret = self.buyer_secret(account, rfq)?;
        let excluded = |id: QuoteId| docket.exclusions.iter().any(|exclusion| exclusion.get().quote == id);
        let read = |quote: &Verified<SealedQuote>| {
            let (quote, id) = (quote.get(), quote.get().id());
            let shared = secret.shared(&quote.ephemeral);
            let opening = quote.open(&docket.open.get().secret, &shared).ok();
            let standing = match quote.unseal(&docket.open.get().secret) {
                _ if excluded(id) => Standing::Excluded,
                Ok(_) => Standing::In,
                Err(_) => Standing::Unsealed,
            };
            let score = opening.as_ref().map(|opening| rfq.weights.score(opening.price(), opening.lead()));
            OpenedQuote { id, supplier: quote.supplier, standing, opening, score }
        };
        Ok(docket.quotes.iter().map(read).collect())
    }

    /// Exclusions of all quotes that stand and do not open, to be logged before the award.
    ///
    /// # Errors
    /// [`QuoteError::NotBuyer`].
    pub fn exclude<R: RngCore + CryptoRng>(
        &self,
        account: u32,
        docket: &Docket,
        rng: &mut R,
    ) -> Result<Vec<Tender>, QuoteError> {
        let (rfq, secret) = (&docket.tendering.rfq, self.buyer_secret(account, &docket.tendering.rfq)?);
        let table = self.opened_quotes(account, docket)?;
        let torn =
            table.iter().zip(&docket.quotes).filter(|(row, _)| row.standing == Standing::In && row.opening.is_none());
        torn.map(|(_, quote)| {
            let exclusion = Exclusion::prove(rfq, quote.get(), &docket.open.get().secret, &secret, rng)?;
            Ok(Tender::Exclude { exclusion })
        })
        .collect()
    }

    /// The award to the best quote, proved.
    ///
    /// # Errors
    /// [`QuoteError::NotBuyer`]; [`QuoteError::Rule`] (Q8) if a quote that stands does not open: exclude it first.
    pub fn award<R: RngCore + CryptoRng>(
        &self,
        account: u32,
        docket: &Docket,
        rng: &mut R,
    ) -> Result<Tender, QuoteError> {
        let secret = self.buyer_secret(account, &docket.tendering.rfq)?;
        let table = self.opened_quotes(account, docket)?;
        let ranked = table.into_iter().filter(|row| row.standing == Standing::In);
        let openings: Option<Vec<Opening>> = ranked.map(|row| row.opening).collect();
        let openings = openings.ok_or(privity_quotes::Error::Box)?;
        let award = Award::prove(&docket.field()?, &openings, &secret, rng)?;
        Ok(Tender::Award { award })
    }

    /// p of P_rfq, if the request is this account's.
    pub(super) fn buyer_secret(&self, account: u32, rfq: &Rfq) -> Result<privity_quotes::SecretScalar, QuoteError> {
        let buyer = self.account(account)?;
        let secret = buyer.quoting_key().buyer_secret(&rfq.ledger, &rfq.nonce);
        if buyer.owner == rfq.buyer && secret.public() == rfq.key { Ok(secret) } else { Err(QuoteError::NotBuyer) }
    }
}
