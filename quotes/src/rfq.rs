//! The request for quotation: what is asked, by when, and the keys that answers are sealed to.

use crate::codec::{CodecError, Message, Reader};
use crate::error::Error;
use crate::point::Point;
use alloc::vec::Vec;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::schnorr::{SIGNATURE_BYTES, Signature};
use privity_circuits::terms::{DocumentHash, QUANTITY_BITS, RfqId, TIME_BITS};
use privity_circuits::{Domain, Fr, field, hash};
use sha2::{Digest, Sha256};
use x25519_dalek::x25519;

/// Bits of a weight.
pub const WEIGHT_BITS: u32 = 15;
/// The largest exponent of a currency (minor units per major unit, a power of ten).
const MAX_EXPONENT: u8 = 6;

/// The whole SHA-256 by which an RFQ is known; a deal's terms carry it truncated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RfqHash(pub [u8; 32]);

impl RfqHash {
    /// The truncated id that terms carry.
    pub fn id(&self) -> RfqId {
        RfqId::new(field::truncate(&self.0))
    }
}

impl core::fmt::Display for RfqHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for RfqHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RfqHash({self})")
    }
}

/// S = price·w₁ + lead·w₂; the lowest score wins, then the earlier quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Weights {
    /// w₁, per minor unit, below 2^15.
    pub price: u16,
    /// w₂, per day, below 2^15.
    pub lead: u16,
}

impl Weights {
    /// S; price < 2^48 and both weights < 2^15, so S < 2^63 + 2^31 < 2^64.
    pub fn score(&self, price: u64, lead: u16) -> u64 {
        u64::from(self.price) * price + u64::from(self.lead) * u64::from(lead)
    }
}

/// A request for quotation as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rfq {
    /// SHA-256 of the ledger's genesis, whole.
    pub ledger: [u8; 32],
    /// Owner of the buyer's member address.
    pub buyer: Owner,
    /// What is asked for.
    pub document: DocumentHash,
    /// The asset that quotes are in.
    pub currency: AssetId,
    /// Minor units per major unit, as a power of ten, 0 to 6.
    pub exponent: u8,
    /// Thousandths of the unit, 1 to 2^40 − 1.
    pub quantity: u64,
    /// How quotes are ranked.
    pub weights: Weights,
    /// First second in which quotes are accepted, Unix time.
    pub opens: u64,
    /// First second in which they are accepted no more.
    pub closes: u64,
    /// Seconds after `closes` within which Open and Award must come, at least 1.
    pub delay: u64,
    /// P_rfq, to which the inner boxes are sealed.
    pub key: Point,
    /// The operator's X25519 key for this RFQ, to which the outer boxes are sealed.
    pub operator_key: [u8; 32],
    /// What the buyer's secret derives from.
    pub nonce: [u8; 32],
    /// Who endorsed the operator's key.
    pub operator: SignerId,
    /// By the operator on [`Rfq::endorsement`].
    pub endorsement: Signature,
}

impl Rfq {
    /// Bytes of an RFQ.
    pub const BYTES: usize = Self::HASHED_BYTES + 32 + SIGNATURE_BYTES;
    const HASHED_BYTES: usize = 7 * 32 + 1 + 8 + 2 + 2 + 3 * 8;

    /// SHA-256(`privity.rfq.v1` ‖ fields in their order up to the nonce).
    pub fn hash(&self) -> RfqHash {
        let mut bytes = Vec::with_capacity(Self::HASHED_BYTES);
        self.write_hashed(&mut bytes);
        RfqHash(Sha256::new().chain_update(b"privity.rfq.v1").chain_update(&bytes).finalize().into())
    }

    /// What the operator signs under its signer id before the RFQ exists: H(ENTRY; truncated SHA-256(`privity.rfq-key.v1` ‖ ledger ‖
    /// buyer ‖ nonce ‖ key)).
    pub fn endorsement(ledger: &[u8; 32], buyer: Owner, nonce: &[u8; 32], operator_key: &[u8; 32]) -> Fr {
        let digest = Sha256::new()
            .chain_update(b"privity.rfq-key.v1")
            .chain_update(ledger)
            .chain_update(buyer.to_bytes())
            .chain_update(nonce)
            .chain_update(operator_key);
        hash(Domain::Entry, &[field::truncate(&digest.finalize().into())])
    }

    /// Whether `operator`, the key registered for the RFQ's operator, endorsed the key that quotes are sealed to.
    ///
    /// # Errors
    /// [`Error::Endorsement`] (Q2).
    pub fn check_endorsement(&self, operator: &PublicKey) -> Result<(), Error> {
        let message = Self::endorsement(&self.ledger, self.buyer, &self.nonce, &self.operator_key);
        let holds = SignerId::of(operator) == self.operator
            && self.endorsement.verify(operator, self.operator.field(), message);
        if holds { Ok(()) } else { Err(Error::Endorsement) }
    }

    /// Whether every field is in its range; decoding checks it too.
    ///
    /// # Errors
    /// [`Error::Request`] (Q1) with the field's name.
    pub fn check(&self) -> Result<(), Error> {
        let fits = |x: u64, bits: u32| x >> bits == 0;
        let rules = [
            (!self.buyer.is_zero(), "buyer"),
            (!self.currency.is_zero(), "currency"),
            (self.exponent <= MAX_EXPONENT, "exponent"),
            (self.quantity >= 1 && fits(self.quantity, QUANTITY_BITS), "quantity"),
            (fits(self.weights.price.into(), WEIGHT_BITS), "price weight"),
            (fits(self.weights.lead.into(), WEIGHT_BITS), "lead weight"),
            (self.opens < self.closes && fits(self.closes, TIME_BITS), "closing time"),
            (self.delay >= 1 && fits(self.delay, TIME_BITS), "delay"),
            // A key of small order has the same shared secret with everybody; a second encoding would be the same key seen anew.
            (x25519([1; 32], self.operator_key) != [0; 32] && is_canonical(&self.operator_key), "operator key"),
        ];
        rules.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, field)| Err(Error::Request(field)))
    }

    /// Whether a quote logged at `time`, Unix seconds, is neither early nor late.
    pub fn accepts_quotes_at(&self, time: u64) -> bool {
        (self.opens..self.closes).contains(&time)
    }

    /// Whether Open, Exclude and Award may be logged at `time`: from `closes`, for `delay` seconds.
    pub fn accepts_award_at(&self, time: u64) -> bool {
        time >= self.closes && time - self.closes < self.delay
    }

    fn write_hashed(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ledger);
        out.extend_from_slice(&self.buyer.to_bytes());
        out.extend_from_slice(&self.document.to_bytes());
        out.extend_from_slice(&self.currency.to_bytes());
        out.push(self.exponent);
        out.extend_from_slice(&self.quantity.to_be_bytes());
        out.extend_from_slice(&self.weights.price.to_be_bytes());
        out.extend_from_slice(&self.weights.lead.to_be_bytes());
        for time in [self.opens, self.closes, self.delay] {
            out.extend_from_slice(&time.to_be_bytes());
        }
        out.extend_from_slice(self.key.as_bytes());
        out.extend_from_slice(&self.operator_key);
        out.extend_from_slice(&self.nonce);
    }
}

/// Whether a u-coordinate is below 2^255 − 19, little-endian; X25519 takes the others modulo that, and ignores the top bit.
fn is_canonical(key: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = key;
    *high < 0x7f || *high == 0x7f && (*low < 0xed || middle.iter().any(|byte| *byte != 0xff))
}

impl Message for Rfq {
    const NAME: &'static str = "request for quotation";
    const LIMIT: usize = Self::BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        self.write_hashed(out);
        out.extend_from_slice(&self.operator.to_bytes());
        out.extend_from_slice(&self.endorsement.to_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let rfq = Self {
            ledger: input.array()?,
            buyer: Owner::new(input.field()?),
            document: DocumentHash::new(input.field()?),
            currency: AssetId::new(input.field()?),
            exponent: input.u8()?,
            quantity: input.u64()?,
            weights: Weights { price: input.u16()?, lead: input.u16()? },
            opens: input.u64()?,
            closes: input.u64()?,
            delay: input.u64()?,
            key: input.point()?,
            operator_key: input.array()?,
            nonce: input.array()?,
            operator: SignerId::new(input.field()?),
            endorsement: input.signature()?,
        };
        match rfq.check() {
            Err(Error::Request(field)) => Err(CodecError::Range(field)),
            _ => Ok(rfq),
        }
    }
}

#[cfg(test)]
mod tests;
