//! The supplier's side.

use super::QuoteError;
use crate::wallet::Wallet;
use privity_ledger::{Docket, Tender};
use privity_quotes::{Opening, Rfq, SealedQuote, Verified};
use rand::{CryptoRng, RngCore};

/// Most attempts at one request: a restored wallet looks through so many for its own quote.
const ATTEMPTS: u32 = 64;

impl Wallet {
    /// Seals a quote for `rfq`: `total` is the deal's total in minor units as the price relation computes it
    /// ([`crate::deal::quote`]), `lead` days after closing. Signed for the log; a member quotes once. Each content has an attempt
    /// of its own, so a quote that was never logged and its revision share nothing: save the wallet before the quote leaves.
    ///
    /// # Errors
    /// [`QuoteError::Rule`]: Q4 for a request of another ledger, Q5 unless `total` < 2^48; [`QuoteError::Attempts`].
    pub fn quote<R: RngCore + CryptoRng>(
        &mut self,
        account: u32,
        rfq: &Rfq,
        (total, lead): (u64, u16),
        rng: &mut R,
    ) -> Result<Tender, QuoteError> {
        let (ledger, hash) = (self.ledger(), rfq.hash());
        if rfq.ledger != ledger.0 {
            return Err(privity_quotes::Error::Foreign.into());
        }
        let name = format!("{hash}/{account}");
        let attempts = self.book.quotes.get(&name).map_or(&[][..], Vec::as_slice);
        let known = attempts.iter().position(|content| *content == (total, lead));
        let attempt = known.unwrap_or(attempts.len()) as u32;
        if attempt >= ATTEMPTS {
            return Err(QuoteError::Attempts);
        }
        let supplier = self.account(account)?;
        let key = supplier.quoting_key();
        let opening = key.opening(&hash, attempt, total, lead)?;
        let quote = SealedQuote::seal(rfq, supplier.owner, &key.ephemeral(&hash, attempt), &opening, rng)?;
        let tender = Tender::quote(ledger, quote, |message| supplier.signer.sign(message, rng));
        if known.is_none() {
            self.book.quotes.entry(name).or_default().push((total, lead));
        }
        Ok(tender)
    }

    /// This account's logged quote with its opening, from seed and log alone.
    ///
    /// # Errors
    /// [`QuoteError::NoQuote`].
    pub fn own_quote(&self, account: u32, docket: &Docket) -> Result<(Verified<SealedQuote>, Opening), QuoteError> {
        let supplier = self.account(account)?;
        let (rfq, hash) = (&docket.tendering.rfq, docket.tendering.rfq.hash());
        let quote = docket.quotes.iter().find(|quote| quote.get().supplier == supplier.owner);
        let quote = quote.ok_or(QuoteError::NoQuote)?;
        let own = |attempt: &u32| {
            let secret = supplier.quoting_key().ephemeral(&hash, *attempt);
            secret.public() == quote.get().ephemeral
        };
        let attempt = (0..ATTEMPTS).find(own).ok_or(QuoteError::NoQuote)?;
        let shared = supplier.quoting_key().ephemeral(&hash, attempt).shared(&rfq.key);
        let opening = quote.get().open(&docket.open.get().secret, &shared)?;
        Ok((quote.clone(), opening))
    }
}
