//! Exclusion: the buyer shows that a quote's box does not open its commitments.
//!
//! K = p·E is the box's shared point; log_B P_rfq = log_E K is proven, so K is the only one there is, and everybody decrypts. An
//! honest quote opens under it, whoever the buyer is, and so stays. The first relation is a Schnorr proof under P_rfq over the whole
//! entry: nobody but the buyer excludes.

use crate::codec::{CodecError, Message, Reader};
use crate::error::Error;
use crate::point::Point;
use crate::quote::{QuoteId, SealedQuote};
use crate::rfq::{Rfq, RfqHash};
use crate::secrets::{OperatorSecret, SecretScalar};
use crate::sigma::{Relation, Sigma};
use crate::transcript::{Proof, Protocol};
use crate::verified::Verified;
use alloc::vec::Vec;
use merlin::Transcript;
use rand::{CryptoRng, RngCore};

/// Evidence that one quote is out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The RFQ.
    pub rfq: RfqHash,
    /// The quote that is out.
    pub quote: QuoteId,
    /// K = p·E.
    pub shared: Point,
    /// log_B P_rfq = log_E K.
    proof: Sigma<2>,
}

impl Exclusion {
    /// Bytes of an exclusion.
    pub const BYTES: usize = 3 * 32 + Sigma::<2>::BYTES;

    /// Excludes `quote`, whose box does not open under the RFQ's secret.
    ///
    /// # Errors
    /// [`Error::Honest`] (Q10) if it does, [`Error::Seal`] (Q7) if not even the outer seal opens: it is out already;
    /// [`Error::Foreign`], [`Error::Shared`] for a quote or a secret of another RFQ.
    pub fn prove<R: RngCore + CryptoRng>(
        rfq: &Rfq,
        quote: &SealedQuote,
        operator: &OperatorSecret,
        buyer: &SecretScalar,
        rng: &mut R,
    ) -> Result<Self, Error> {
        if buyer.public() != rfq.key {
            return Err(Error::Shared);
        }
        let shared = buyer.shared(&quote.ephemeral);
        let (hash, id) = (rfq.hash(), quote.id());
        check_box(&hash, quote, operator, &shared)?;
        let relations = relations(rfq, quote, shared);
        let proof = Sigma::prove(&mut statement(&hash, &id, &relations), &relations, buyer.scalar(), rng)?;
        Ok(Self { rfq: hash, quote: id, shared, proof })
    }

    /// Checks that the quote is out: K is the shared point, and what the box holds under it does not open both commitments.
    ///
    /// `quote` is the log's quote of this id, `operator` the secret that Open published.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4), [`Error::Shared`] (Q9), [`Error::Seal`] (Q7) if no exclusion is needed, [`Error::Honest`] (Q10).
    pub fn verify(self, rfq: &Rfq, quote: &SealedQuote, operator: &OperatorSecret) -> Result<Verified<Self>, Error> {
        let hash = rfq.hash();
        if self.rfq != hash || self.quote != quote.id() {
            return Err(Error::Foreign);
        }
        let relations = relations(rfq, quote, self.shared);
        if !self.proof.verify(&mut statement(&hash, &self.quote, &relations), &relations) {
            return Err(Error::Shared);
        }
        check_box(&hash, quote, operator, &self.shared)?;
        Ok(Verified::new(self))
    }
}

/// Passes if the outer seal opens and the inner box does not.
fn check_box(rfq: &RfqHash, quote: &SealedQuote, operator: &OperatorSecret, shared: &Point) -> Result<(), Error> {
    if quote.rfq != *rfq {
        return Err(Error::Foreign);
    }
    match quote.unseal(operator)?.open(quote, shared) {
        Ok(_) => Err(Error::Honest),
        Err(_) => Ok(()),
    }
}

fn relations(rfq: &Rfq, quote: &SealedQuote, shared: Point) -> [Relation; 2] {
    [Relation::of_base(rfq.key), Relation { base: Some(quote.ephemeral), image: shared }]
}

/// The transcript with the whole entry: the rfq hash names the ledger and P_rfq, the quote's id its E.
fn statement(rfq: &RfqHash, quote: &QuoteId, [key, shared]: &[Relation; 2]) -> Transcript {
    let mut transcript = Proof::Exclusion.transcript();
    transcript.absorb_id(b"rfq", &rfq.0);
    transcript.absorb_id(b"quote", &quote.0);
    transcript.absorb_point(b"key", &key.image);
    transcript.absorb_point(b"ephemeral", &shared.base.unwrap_or(Point::BASE));
    transcript.absorb_point(b"shared", &shared.image);
    transcript
}

impl Message for Exclusion {
    const NAME: &'static str = "exclusion";
    const LIMIT: usize = Self::BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.rfq.0);
        out.extend_from_slice(&self.quote.0);
        out.extend_from_slice(self.shared.as_bytes());
        self.proof.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            rfq: RfqHash(input.array()?),
            quote: QuoteId(input.array()?),
            shared: input.point()?,
            proof: Sigma::read(input)?,
        })
    }
}

#[cfg(test)]
mod tests;
