//! A sealed quote: commitments to price and lead time, proven in range, with their opening in a double box.

use crate::codec::{CodecError, Message, Reader};
use crate::commit::{Commitments, Opening};
use crate::error::Error;
use crate::open::{self, InnerBox, SEALED_BYTES};
use crate::point::Point;
use crate::range::equation::Equation;
use crate::range::{self, Committed, QUOTE_PARTIES, RangeProof};
use crate::rfq::{Rfq, RfqHash};
use crate::secrets::{OperatorSecret, SecretScalar};
use crate::sigma::{Relation, Sigma};
use crate::transcript::{Proof, Protocol};
use crate::verified::Verified;
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use merlin::Transcript;
use privity_circuits::keys::Owner;
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of the range proof.
const RANGE_BYTES: usize = range::proof_bytes(QUOTE_PARTIES);

/// SHA-256(`privity.quote.v1` ‖ rfq hash ‖ supplier ‖ V_price ‖ V_lead ‖ E), by which a quote is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuoteId(pub [u8; 32]);

impl core::fmt::Display for QuoteId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for QuoteId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "QuoteId({self})")
    }
}

/// A sealed quote as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedQuote {
    /// The RFQ that it answers.
    pub rfq: RfqHash,
    /// Owner of the supplier's member address.
    pub supplier: Owner,
    /// V_price and V_lead.
    pub commitments: Commitments,
    /// E = e·B.
    pub ephemeral: Point,
    /// Encapsulated key ‖ inner box ‖ tag, to the operator's key.
    pub sealed: [u8; SEALED_BYTES],
    /// Of e.
    proof: Sigma<1>,
    /// Of price, 2^16·price, lead, 2^48·lead.
    range: [u8; RANGE_BYTES],
}

impl SealedQuote {
    /// Bytes of a quote.
    pub const BYTES: usize = 5 * 32 + SEALED_BYTES + Sigma::<1>::BYTES + RANGE_BYTES;

    /// Seals `opening` as the answer of `supplier` to `rfq`. `ephemeral` is e, used for no other quote.
    ///
    /// # Errors
    /// [`Error::Request`] if the RFQ is malformed; [`Error::Range`], [`Error::Codec`] for openings that this library does not make.
    pub fn seal<R: RngCore + CryptoRng>(
        rfq: &Rfq,
        supplier: Owner,
        ephemeral: &SecretScalar,
        opening: &Opening,
        rng: &mut R,
    ) -> Result<Self, Error> {
        Self::seal_mismatched(rfq, supplier, ephemeral, opening, opening, rng)
    }

    /// As [`SealedQuote::seal`], with a box that holds `boxed`: what a careless or hostile supplier sends, for rehearsing how the
    /// buyer excludes it. The ledger cannot tell it from an honest quote, whose `boxed` is its opening.
    ///
    /// # Errors
    /// As [`SealedQuote::seal`].
    pub fn seal_mismatched<R: RngCore + CryptoRng>(
        rfq: &Rfq,
        supplier: Owner,
        ephemeral: &SecretScalar,
        opening: &Opening,
        boxed: &Opening,
        rng: &mut R,
    ) -> Result<Self, Error> {
        rfq.check()?;
        let hash = rfq.hash();
        let commitments = opening.commitments()?;
        let id = id(&hash, supplier, &commitments, &ephemeral.public());
        let inner = InnerBox::seal(boxed, &id, &ephemeral.public(), &ephemeral.shared(&rfq.key))?;
        let sealed = open::seal_outer(rfq, &hash, &id, &inner, rng)?;
        Self::prove(hash, supplier, commitments, ephemeral, sealed, opening.scaled(), rng)
    }

    /// Both proofs on one transcript; `scaled` are values and blindings of what the range proof is on.
    fn prove<R: RngCore + CryptoRng>(
        rfq: RfqHash,
        supplier: Owner,
        commitments: Commitments,
        ephemeral: &SecretScalar,
        sealed: [u8; SEALED_BYTES],
        (values, blindings): (Zeroizing<[u64; 4]>, Zeroizing<[Scalar; 4]>),
        rng: &mut R,
    ) -> Result<Self, Error> {
        let point = ephemeral.public();
        let mut transcript = statement(&rfq, supplier, &commitments, &point, &sealed);
        let proof = Sigma::prove(&mut transcript, &[Relation::of_base(point)], ephemeral.scalar(), rng)?;
        let range = range::prove(&mut transcript, values.as_slice(), blindings.as_slice(), rng)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(Error::Range)?;
        Ok(Self { rfq, supplier, commitments, ephemeral: point, sealed, proof, range })
    }

    /// The quote's id.
    pub fn id(&self) -> QuoteId {
        id(&self.rfq, self.supplier, &self.commitments, &self.ephemeral)
    }

    /// Checks that the quote answers `rfq`, that price < 2^48 and lead < 2^16, and that who made it knows opening and e.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4), [`Error::Range`] (Q5), [`Error::Ephemeral`] (Q6).
    pub fn verify(self, rfq: &Rfq) -> Result<Verified<Self>, Error> {
        if self.rfq != rfq.hash() {
            return Err(Error::Foreign);
        }
        let (mut equation, knowledge) = self.claims().ok_or(Error::Range)?;
        equation.add(&Scalar::ONE, &knowledge);
        if equation.holds() {
            Ok(Verified::new(self))
        } else {
            // Only now is it worth knowing which of the two is false.
            Err(if knowledge.holds() { Error::Range } else { Error::Ephemeral })
        }
    }

    /// What the quote claims over Ristretto: the range proof's equation, and the proof of e times the closing challenge. Whoever
    /// batches adds up both, each quote by a weight of its own.
    pub(crate) fn claims(&self) -> Option<(Equation, Equation)> {
        let mut transcript = statement(&self.rfq, self.supplier, &self.commitments, &self.ephemeral, &self.sealed);
        let challenge = self.proof.challenge(&mut transcript);
        let range = RangeProof::from_bytes(&self.range, QUOTE_PARTIES)?;
        let equation = range.equation(&mut transcript, &committed(&self.commitments))?;
        let mut knowledge = Equation::default();
        let relation = Relation::of_base(self.ephemeral);
        self.proof.add_to(&mut knowledge, &[relation], &challenge, &transcript.closing());
        Some((equation, knowledge))
    }

    /// Takes the outer seal off, once the operator has published the secret.
    ///
    /// # Errors
    /// [`Error::Seal`] (Q7): the quote is out, and everybody sees it.
    pub fn unseal(&self, secret: &OperatorSecret) -> Result<InnerBox, Error> {
        open::open_outer(self, secret)
    }

    /// The opening, by buyer or supplier: K = p·E for the buyer, e·P_rfq for the supplier ([`SecretScalar::shared`]).
    ///
    /// # Errors
    /// [`Error::Seal`] (Q7), or [`Error::Box`] (Q8): the buyer excludes the quote.
    pub fn open(&self, secret: &OperatorSecret, shared: &Point) -> Result<Opening, Error> {
        self.unseal(secret)?.open(self, shared)
    }
}

fn id(rfq: &RfqHash, supplier: Owner, commitments: &Commitments, ephemeral: &Point) -> QuoteId {
    let digest = Sha256::new()
        .chain_update(b"privity.quote.v1")
        .chain_update(rfq.0)
        .chain_update(supplier.to_bytes())
        .chain_update(commitments.price.as_bytes())
        .chain_update(commitments.lead.as_bytes())
        .chain_update(ephemeral.as_bytes());
    QuoteId(digest.finalize().into())
}

/// The transcript with the whole statement. The rfq hash stands for the RFQ, P_rfq and the operator's key included.
fn statement(
    rfq: &RfqHash,
    supplier: Owner,
    commitments: &Commitments,
    ephemeral: &Point,
    sealed: &[u8; SEALED_BYTES],
) -> Transcript {
    let mut transcript = Proof::Quote.transcript();
    transcript.absorb_id(b"rfq", &rfq.0);
    transcript.absorb_field(b"supplier", &supplier.field());
    transcript.absorb_point(b"price", &commitments.price);
    transcript.absorb_point(b"lead", &commitments.lead);
    transcript.absorb_point(b"ephemeral", ephemeral);
    transcript.absorb_bytes(b"box", sealed);
    transcript
}

/// The commitments that the range proof is on; the verifier derives the scaled ones.
fn committed(commitments: &Commitments) -> [Committed; QUOTE_PARTIES] {
    let plain = |point: &Point| Committed { point: point.point(), compressed: point.compressed() };
    let [price, lead] = commitments.scaled().map(Committed::from);
    [plain(&commitments.price), price, plain(&commitments.lead), lead]
}

impl Message for SealedQuote {
    const NAME: &'static str = "sealed quote";
    const LIMIT: usize = Self::BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.rfq.0);
        out.extend_from_slice(&self.supplier.to_bytes());
        for point in [&self.commitments.price, &self.commitments.lead, &self.ephemeral] {
            out.extend_from_slice(point.as_bytes());
        }
        out.extend_from_slice(&self.sealed);
        self.proof.write(out);
        out.extend_from_slice(&self.range);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let rfq = RfqHash(input.array()?);
        let supplier = Owner::new(input.field()?);
        let commitments = Commitments { price: input.point()?, lead: input.point()? };
        let (ephemeral, sealed, proof, range) = (input.point()?, input.array()?, Sigma::read(input)?, input.array()?);
        if supplier.is_zero() {
            return Err(CodecError::Range("supplier"));
        }
        RangeProof::from_bytes(&range, QUOTE_PARTIES).ok_or(CodecError::RangeProof)?;
        Ok(Self { rfq, supplier, commitments, ephemeral, sealed, proof, range })
    }
}

#[cfg(test)]
pub(crate) mod tests;
