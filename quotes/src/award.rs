//! Award: no other quote's score is lower than the winner's, and none logged before it is equal.
//!
//! Scores are S = w₁·price + w₂·lead, and so are their commitments. For a quote logged before the winner S − S_w − 1 ≥ 0 is proven,
//! for a later one S − S_w ≥ 0; the verifier derives the commitments to these differences from the log. See
//! `docs/protocol/award.md`.

use crate::codec::{CodecError, Message, Reader};
use crate::commit::Opening;
use crate::error::Error;
use crate::exclusion::Exclusion;
use crate::open::Open;
use crate::quote::{QuoteId, SealedQuote};
use crate::range::equation::Equation;
use crate::range::generators::MAX_PARTIES;
use crate::range::{self, Committed, RangeProof};
use crate::rfq::{Rfq, RfqHash, Weights};
use crate::secrets::SecretScalar;
use crate::sigma::{Relation, Sigma};
use crate::transcript::{Proof, Protocol};
use crate::verified::Verified;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Most quotes that one RFQ takes.
pub const MAX_QUOTES: usize = MAX_PARTIES;

/// Why a logged quote is not ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is ranked.
    In = 0,
    /// Its outer seal does not open under the published secret.
    Unsealed = 1,
    /// It was excluded.
    Excluded = 2,
}

/// The quotes of one RFQ in log order, ranked or not: what an award ranges over. Made from the log, never from the buyer.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    rfq: &'a Rfq,
    hash: RfqHash,
    quotes: Vec<(&'a SealedQuote, QuoteId, Standing)>,
}

impl<'a> Field<'a> {
    /// The field of `rfq`: its quotes logged before closing, in log order, the operator's published secret, the exclusions logged.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4) if one of them belongs to another RFQ or an exclusion to no quote of the log; [`Error::Quotes`]
    /// (Q11) for none or more than [`MAX_QUOTES`], for one quote twice, or if none is left.
    pub fn new(
        rfq: &'a Rfq,
        quotes: impl IntoIterator<Item = &'a Verified<SealedQuote>>,
        open: &Verified<Open>,
        exclusions: impl IntoIterator<Item = &'a Verified<Exclusion>>,
    ) -> Result<Self, Error> {
        let hash = rfq.hash();
        let mut excluded = BTreeSet::new();
        for exclusion in exclusions {
            if exclusion.get().rfq != hash {
                return Err(Error::Foreign);
            }
            excluded.insert(exclusion.get().quote);
        }
        if open.get().rfq != hash {
            return Err(Error::Foreign);
        }
        let (mut seen, mut field) = (BTreeSet::new(), Vec::new());
        for quote in quotes {
            let (quote, id) = (quote.get(), quote.get().id());
            if quote.rfq != hash {
                return Err(Error::Foreign);
            }
            if !seen.insert(id) || seen.len() > MAX_QUOTES {
                return Err(Error::Quotes);
            }
            let standing = match quote.unseal(&open.get().secret) {
                _ if excluded.remove(&id) => Standing::Excluded,
                Ok(_) => Standing::In,
                Err(_) => Standing::Unsealed,
            };
            field.push((quote, id, standing));
        }
        if !excluded.is_empty() {
            return Err(Error::Foreign);
        }
        let field = Self { rfq, hash, quotes: field };
        if field.ranked().next().is_none() { Err(Error::Quotes) } else { Ok(field) }
    }

    /// Every logged quote with its standing, in log order.
    pub fn quotes(&self) -> impl Iterator<Item = (QuoteId, Standing)> {
        self.quotes.iter().map(|(_, id, standing)| (*id, *standing))
    }

    /// How many quotes are excluded.
    pub fn exclusions(&self) -> u16 {
        let excluded = self.quotes.iter().filter(|(_, _, standing)| *standing == Standing::Excluded);
        // At most MAX_QUOTES.
        excluded.count() as u16
    }

    /// The quotes that are ranked, in log order.
    pub fn ranked(&self) -> impl Iterator<Item = (QuoteId, &'a SealedQuote)> {
        self.quotes.iter().filter(|(_, _, standing)| *standing == Standing::In).map(|(quote, id, _)| (*id, *quote))
    }

    /// RFQ, weights, every quote with its standing, the winner.
    fn transcript(&self, winner: &QuoteId) -> Transcript {
        let mut transcript = Proof::Award.transcript();
        transcript.absorb_id(b"rfq", &self.hash.0);
        transcript.absorb_point(b"key", &self.rfq.key);
        transcript.absorb_u64(b"price weight", self.rfq.weights.price.into());
        transcript.absorb_u64(b"lead weight", self.rfq.weights.lead.into());
        transcript.absorb_u64(b"quotes", self.quotes.len() as u64);
        for (quote, id, standing) in &self.quotes {
            transcript.absorb_id(b"quote", &id.0);
            transcript.absorb_point(b"price", &quote.commitments.price);
            transcript.absorb_point(b"lead", &quote.commitments.lead);
            transcript.absorb_u64(b"standing", *standing as u64);
        }
        transcript.absorb_u64(b"exclusions", self.exclusions().into());
        transcript.absorb_id(b"winner", &winner.0);
        transcript
    }

    /// Commitments to S_j − S_w − 1 for each ranked j before the winner and to S_j − S_w for each later one, and identities up to a
    /// power of two; none if nobody else is ranked.
    fn differences(&self, winner: &QuoteId) -> Result<Vec<Committed>, Error> {
        let weights = &self.rfq.weights;
        let (_, best) = self.ranked().find(|(id, _)| id == winner).ok_or(Error::Winner)?;
        let best = score(weights, best);
        let mut offset = best + RISTRETTO_BASEPOINT_POINT;
        let mut differences = Vec::new();
        for (id, quote) in self.ranked() {
            if id == *winner {
                offset = best;
            } else {
                differences.push(Committed::from(score(weights, quote) - offset));
            }
        }
        let padding = Committed::from(RistrettoPoint::identity());
        differences.resize(padded(differences.len()), padding);
        Ok(differences)
    }
}

/// The commitment w₁·V_price + w₂·V_lead to a score. Variable-time in the weights, which are public.
fn score(weights: &Weights, quote: &SealedQuote) -> RistrettoPoint {
    let (price, lead) = (quote.commitments.price.point(), quote.commitments.lead.point());
    (0..16).rev().fold(RistrettoPoint::identity(), |mut sum, bit| {
        sum += sum;
        if weights.price >> bit & 1 == 1 {
            sum += price;
        }
        if weights.lead >> bit & 1 == 1 {
            sum += lead;
        }
        sum
    })
}

/// Values of the range proof for `others` quotes besides the winner.
fn padded(others: usize) -> usize {
    if others == 0 { 0 } else { others.next_power_of_two() }
}

/// An award as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// The RFQ.
    pub rfq: RfqHash,
    /// The quote that won.
    pub winner: QuoteId,
    /// Exclusions logged when the award was made; another one afterwards makes it stale.
    pub exclusions: u16,
    /// Over the differences of scores; empty if only the winner is ranked.
    range: Vec<u8>,
    /// Of P_rfq's secret, over the whole entry.
    proof: Sigma<1>,
}

impl Award {
    /// Bytes of the largest award.
    pub const MAX_BYTES: usize = 64 + 2 + 2 + range::proof_bytes(MAX_PARTIES) + Sigma::<1>::BYTES;

    /// Awards to the best of the field; `openings` are those of the ranked quotes, in log order.
    ///
    /// # Errors
    /// [`Error::Buyer`] (Q14) if `buyer` is not P_rfq's secret; [`Error::Box`] (Q8) if an opening does not open its quote;
    /// [`Error::Quotes`] (Q11) for another number of openings.
    pub fn prove<R: RngCore + CryptoRng>(
        field: &Field<'_>,
        openings: &[Opening],
        buyer: &SecretScalar,
        rng: &mut R,
    ) -> Result<Self, Error> {
        let weights = field.rfq.weights;
        let scored =
            field.ranked().zip(openings).map(|((id, _), opening)| (weights.score(opening.price(), opening.lead()), id));
        // Of equal scores `min_by_key` takes the first, which is the earliest.
        let (_, winner) = scored.min_by_key(|(score, _)| *score).ok_or(Error::Quotes)?;
        Self::prove_for(field, winner, openings, buyer, rng)
    }

    /// Awards to `winner`; the proof holds only if it is the best.
    pub(crate) fn prove_for<R: RngCore + CryptoRng>(
        field: &Field<'_>,
        winner: QuoteId,
        openings: &[Opening],
        buyer: &SecretScalar,
        rng: &mut R,
    ) -> Result<Self, Error> {
        if buyer.public() != field.rfq.key {
            return Err(Error::Buyer);
        }
        if field.ranked().count() != openings.len() {
            return Err(Error::Quotes);
        }
        if field.ranked().zip(openings).any(|((_, quote), opening)| !opening.opens(&quote.commitments)) {
            return Err(Error::Box);
        }
        let (values, blindings) = witness(field, &winner, openings)?;
        let mut transcript = field.transcript(&winner);
        let range = if values.is_empty() {
            Vec::new()
        } else {
            range::prove(&mut transcript.clone(), &values, &blindings, rng).map_err(|_| Error::Best)?
        };
        transcript.absorb_bytes(b"range proof", &range);
        let relations = [Relation::of_base(field.rfq.key)];
        let proof = Sigma::prove(&mut transcript, &relations, buyer.scalar(), rng)?;
        Ok(Self { rfq: field.hash, winner, exclusions: field.exclusions(), range, proof })
    }

    /// Verifies that the winner is the best of the field and that the buyer says so.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4), [`Error::Stale`] (Q17), [`Error::Winner`] (Q12), [`Error::Best`] (Q13), [`Error::Buyer`] (Q14).
    pub fn verify(self, field: &Field<'_>) -> Result<Verified<Self>, Error> {
        let (mut equation, authority) = self.claims(field)?;
        equation.add(&Scalar::ONE, &authority);
        if equation.holds() {
            Ok(Verified::new(self))
        } else {
            Err(if authority.holds() { Error::Best } else { Error::Buyer })
        }
    }

    /// The range proof's equation, and that of the proof under P_rfq times the closing challenge.
    fn claims(&self, field: &Field<'_>) -> Result<(Equation, Equation), Error> {
        if self.rfq != field.hash {
            return Err(Error::Foreign);
        }
        if self.exclusions != field.exclusions() {
            return Err(Error::Stale);
        }
        let differences = field.differences(&self.winner)?;
        let mut transcript = field.transcript(&self.winner);
        let range = if differences.is_empty() {
            self.range.is_empty().then(Equation::default)
        } else {
            RangeProof::from_bytes(&self.range, differences.len())
                .and_then(|proof| proof.equation(&mut transcript.clone(), &differences))
        };
        transcript.absorb_bytes(b"range proof", &self.range);
        let challenge = self.proof.challenge(&mut transcript);
        let mut authority = Equation::default();
        let relations = [Relation::of_base(field.rfq.key)];
        self.proof.add_to(&mut authority, &relations, &challenge, &transcript.closing());
        Ok((range.ok_or(Error::Best)?, authority))
    }
}

/// Values and blindings of [`Field::differences`].
type Differences = (Zeroizing<Vec<u64>>, Zeroizing<Vec<Scalar>>);

/// What the range proof is made from. A winner that is not the best gives values that no proof holds for.
fn witness(field: &Field<'_>, winner: &QuoteId, openings: &[Opening]) -> Result<Differences, Error> {
    let weights = field.rfq.weights;
    let (w1, w2) = (Scalar::from(weights.price), Scalar::from(weights.lead));
    let of = |opening: &Opening| {
        let blinding = w1 * opening.price_blinding() + w2 * opening.lead_blinding();
        (weights.score(opening.price(), opening.lead()), blinding)
    };
    let position = field.ranked().position(|(id, _)| id == *winner).ok_or(Error::Winner)?;
    let (best, best_blinding) = openings.get(position).map(of).ok_or(Error::Quotes)?;
    let size = padded(openings.len() - 1);
    let mut values = Zeroizing::new(Vec::with_capacity(size));
    let mut blindings = Zeroizing::new(Vec::with_capacity(size));
    for (index, opening) in openings.iter().enumerate().filter(|(index, _)| *index != position) {
        let (score, blinding) = of(opening);
        values.push(score.wrapping_sub(best).wrapping_sub(u64::from(index < position)));
        blindings.push(blinding - best_blinding);
    }
    values.resize(size, 0);
    blindings.resize(size, Scalar::ZERO);
    Ok((values, blindings))
}

impl Message for Award {
    const NAME: &'static str = "award";
    const LIMIT: usize = Self::MAX_BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.rfq.0);
        out.extend_from_slice(&self.winner.0);
        out.extend_from_slice(&self.exclusions.to_be_bytes());
        // At most `proof_bytes(1 024)` = 1 312 bytes.
        out.extend_from_slice(&(self.range.len() as u16).to_be_bytes());
        out.extend_from_slice(&self.range);
        self.proof.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (rfq, winner, exclusions) = (RfqHash(input.array()?), QuoteId(input.array()?), input.u16()?);
        let length = usize::from(input.u16()?);
        let range = input.take(length)?.to_vec();
        if length != 0 {
            let parties =
                (0..=MAX_PARTIES.ilog2()).map(|log| 1 << log).find(|parties| range::proof_bytes(*parties) == length);
            parties.and_then(|parties| RangeProof::from_bytes(&range, parties)).ok_or(CodecError::RangeProof)?;
        }
        Ok(Self { rfq, winner, exclusions, range, proof: Sigma::read(input)? })
    }
}

#[cfg(test)]
mod tests;
