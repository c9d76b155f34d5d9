//! Statement, witness, prover and verifier of the link.

use super::bounds::{BOUNDS, Bounds};
use super::group;
use super::integer::Integer;
use crate::award::Award;
use crate::codec::{CodecError, Message, Reader};
use crate::commit::{Opening, pedersen};
use crate::error::Error;
use crate::point::Point;
use crate::quote::{QuoteId, SealedQuote};
use crate::rfq::{Rfq, RfqHash};
use crate::transcript::{Proof, Protocol};
use crate::verified::Verified;
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::VartimeMultiscalarMul;
use merlin::Transcript;
use privity_circuits::jubjub::{self, scalar_from_bytes, scalar_to_bytes};
use privity_circuits::{Fr, field, terms};
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a link: quote id ‖ transaction id ‖ c (16) ‖ z (32) ‖ s (32) ‖ t (32).
pub const LINK_BYTES: usize = 32 + 32 + 16 + 32 + 32 + 32;
/// Attempts before the prover gives up; one fails with probability 2^−59.
const ATTEMPTS: usize = 4;

/// What is linked: a quote whose range proof holds and which won, and the `volume` of a deal in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub(super) ledger: [u8; 32],
    pub(super) rfq: RfqHash,
    pub(super) quote: QuoteId,
    pub(super) transaction: [u8; 32],
    pub(super) price: Point,
    pub(super) volume: jubjub::Point,
}

impl Statement {
    /// The statement that `award`'s winner settled in `transaction`, whose price statement has `volume`.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4) if award or quote belong to another RFQ or the quote did not win; [`Error::Codec`] if the volume is
    /// the identity or outside Jubjub's prime subgroup.
    pub fn new(
        rfq: &Rfq,
        award: &Verified<Award>,
        quote: &Verified<SealedQuote>,
        transaction: [u8; 32],
        volume: &jubjub::Point,
    ) -> Result<Self, Error> {
        let (hash, id) = (rfq.hash(), quote.get().id());
        if award.get().rfq != hash || quote.get().rfq != hash || award.get().winner != id {
            return Err(Error::Foreign);
        }
        let volume = jubjub::Point::checked(volume.x, volume.y).map_err(CodecError::from)?;
        let price = quote.get().commitments.price;
        Ok(Self { ledger: rfq.ledger, rfq: hash, quote: id, transaction, price, volume })
    }

    /// Ids, both pairs of generators and both commitments.
    fn transcript(&self, generators: &Generators) -> Transcript {
        let mut transcript = Proof::Link.transcript();
        transcript.absorb_id(b"ledger", &self.ledger);
        transcript.absorb_id(b"rfq", &self.rfq.0);
        transcript.absorb_id(b"quote", &self.quote.0);
        transcript.absorb_id(b"transaction", &self.transaction);
        transcript.append_message(b"B", generators.b.compress().as_bytes());
        transcript.append_message(b"B blinding", generators.b_blinding.compress().as_bytes());
        transcript.absorb_jubjub(b"V", &generators.v);
        transcript.absorb_jubjub(b"W", &generators.w);
        transcript.absorb_point(b"price", &self.price);
        transcript.absorb_jubjub(b"volume", &self.volume);
        transcript
    }
}

/// Both pairs of generators.
struct Generators {
    b: RistrettoPoint,
    b_blinding: RistrettoPoint,
    v: jubjub::Point,
    w: jubjub::Point,
}

impl Generators {
    fn pinned() -> Self {
        let ([v, w], ristretto) = (terms::volume_generators(), pedersen());
        Self { b: ristretto.B, b_blinding: ristretto.B_blinding, v, w }
    }
}

/// v, r and h; zeroized, never printed.
#[derive(Clone)]
pub struct Witness {
    pub(super) total: u64,
    pub(super) price_blinding: Scalar,
    pub(super) volume_blinding: Fr,
}

impl Witness {
    /// The winner's opening and H(VOLUME; s₃, terms) of the deal.
    pub fn new(opening: &Opening, volume_blinding: Fr) -> Self {
        Self { total: opening.price(), price_blinding: *opening.price_blinding(), volume_blinding }
    }

    fn opens(&self, statement: &Statement) -> bool {
        let price = pedersen().commit(Scalar::from(self.total), self.price_blinding);
        let total = Integer::default().add_product(1, self.total);
        price == statement.price.point()
            && group::commit(&total, &group::scalar(&self.volume_blinding)) == statement.volume
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.total.zeroize();
        self.price_blinding.zeroize();
        self.volume_blinding.zeroize();
    }
}

impl core::fmt::Debug for Witness {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Witness(redacted)")
    }
}

/// A link as the winner sends it to the bidders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The quote that won.
    pub quote: QuoteId,
    /// The transaction that settles it.
    pub transaction: [u8; 32],
    pub(super) response: Response,
}

/// (c, z, s, t): z·B + s·B̃ − c·P and z·V + t·W − c·`volume` are the first messages, and hash to c.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) c: u128,
    pub(super) z: Integer,
    pub(super) s: Scalar,
    pub(super) t: jubjub::Scalar,
}

impl Link {
    /// Proves the statement.
    ///
    /// # Errors
    /// [`Error::Total`] (Q15) if the witness does not open both commitments; [`Error::Response`] (Q16) if no attempt gave a response
    /// in the interval (probability 2^−236).
    pub fn prove<R: RngCore + CryptoRng>(statement: &Statement, witness: &Witness, rng: &mut R) -> Result<Self, Error> {
        if !witness.opens(statement) {
            return Err(Error::Total);
        }
        let response =
            (0..ATTEMPTS).find_map(|_| Response::attempt(&BOUNDS, statement, witness, rng)).ok_or(Error::Response)?;
        Ok(Self { quote: statement.quote, transaction: statement.transaction, response })
    }

    /// Verifies the statement, which the caller forms from the log.
    ///
    /// # Errors
    /// [`Error::Foreign`] (Q4) if the link is for another quote or transaction; [`Error::Response`] (Q16) if z is outside
    /// [2^192, 2^251); [`Error::Total`] (Q15) if the totals are not shown to be equal.
    pub fn verify(&self, statement: &Statement) -> Result<Verified<Self>, Error> {
        if self.quote != statement.quote || self.transaction != statement.transaction {
            return Err(Error::Foreign);
        }
        self.response.check(&BOUNDS, statement)?;
        Ok(Verified::new(self.clone()))
    }
}

/// The prover's randomness for one attempt.
pub(super) struct Nonces {
    /// k, below 2^`nonce`.
    pub(super) k: Integer,
    /// Blinds k over Ristretto and over Jubjub.
    pub(super) s: Scalar,
    pub(super) t: ::jubjub::Fr,
}

impl Nonces {
    fn draw<R: RngCore + CryptoRng>(bounds: &Bounds, mut rng: R) -> Self {
        let mut wide = Zeroizing::new([0u8; 64]);
        rng.fill_bytes(wide.as_mut_slice());
        let t = ::jubjub::Fr::from_bytes_wide(&wide);
        let mut bytes = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(bytes.as_mut_slice());
        Self { k: Integer::from_le_bytes(&bytes).low(bounds.nonce), s: Scalar::random(&mut rng), t }
    }
}

impl Drop for Nonces {
    fn drop(&mut self) {
        self.k.zeroize();
        self.s.zeroize();
        self.t.zeroize();
    }
}

impl Response {
    /// One attempt with fresh nonces.
    pub(super) fn attempt<R: RngCore + CryptoRng>(
        bounds: &Bounds,
        statement: &Statement,
        witness: &Witness,
        rng: &mut R,
    ) -> Option<Self> {
        let total = Zeroizing::new(witness.total.to_le_bytes());
        let volume_blinding = Zeroizing::new(field::to_bytes(&witness.volume_blinding));
        let secrets = [total.as_slice(), witness.price_blinding.as_bytes(), volume_blinding.as_slice()];
        let rng = statement.transcript(&Generators::pinned()).nonces(&secrets, rng);
        Self::with_nonces(bounds, statement, witness, &Nonces::draw(bounds, rng))
    }

    /// The prover's messages; `None` if z falls outside the interval. Constant-time but for that, which tells nothing about v.
    pub(super) fn with_nonces(
        bounds: &Bounds,
        statement: &Statement,
        witness: &Witness,
        nonces: &Nonces,
    ) -> Option<Self> {
        let generators = Generators::pinned();
        let k = Zeroizing::new(Scalar::from_bytes_mod_order(nonces.k.to_le_bytes()));
        let price = Point::new(pedersen().commit(*k, nonces.s)).ok()?;
        let volume = group::commit(&nonces.k, &nonces.t);
        let c = challenge(bounds, statement.transcript(&generators), &price, &volume);
        let z = nonces.k.add_product(c, witness.total);
        if !bool::from(bounds.admit(&z)) {
            return None;
        }
        let (high, low) = ((c >> 64) as u64, c as u64);
        let t = nonces.t + ::jubjub::Fr::from_raw([low, high, 0, 0]) * group::scalar(&witness.volume_blinding);
        let s = nonces.s + Scalar::from(c) * witness.price_blinding;
        Some(Self { c, z, s, t: group::public(&t) })
    }

    /// Whether z is admissible and the first messages that follow from the responses hash to c.
    pub(super) fn check(&self, bounds: &Bounds, statement: &Statement) -> Result<(), Error> {
        if !bool::from(bounds.admit(&self.z)) {
            return Err(Error::Response);
        }
        let Generators { b, b_blinding, v, w } = Generators::pinned();
        let z = Scalar::from_bytes_mod_order(self.z.to_le_bytes());
        let price = RistrettoPoint::vartime_multiscalar_mul(
            [z, self.s, -Scalar::from(self.c)],
            [b, b_blinding, statement.price.point()],
        );
        let volume = v.mul_integer(&self.z.limbs())
            + w.mul(&self.t)
            + statement.volume.mul_integer(&[self.c as u64, (self.c >> 64) as u64]).neg();
        let price = Point::new(price).map_err(|_| Error::Total)?;
        let c = challenge(bounds, statement.transcript(&Generators::pinned()), &price, &volume);
        if c == self.c { Ok(()) } else { Err(Error::Total) }
    }
}

fn challenge(bounds: &Bounds, mut transcript: Transcript, price: &Point, volume: &jubjub::Point) -> u128 {
    transcript.absorb_point(b"first price", price);
    transcript.absorb_jubjub(b"first volume", volume);
    bounds.challenge(transcript.challenge_u128(b"c"))
}

impl Message for Link {
    const NAME: &'static str = "link";
    const LIMIT: usize = LINK_BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        let Response { c, z, s, t } = &self.response;
        out.extend_from_slice(&self.quote.0);
        out.extend_from_slice(&self.transaction);
        out.extend_from_slice(&c.to_be_bytes());
        out.extend(z.to_le_bytes().iter().rev());
        out.extend_from_slice(s.as_bytes());
        out.extend_from_slice(&scalar_to_bytes(t));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (quote, transaction) = (QuoteId(input.array()?), input.array()?);
        let c = u128::from_be_bytes(input.array()?);
        let mut z: [u8; 32] = input.array()?;
        z.reverse();
        let z = Integer::from_le_bytes(&z);
        let s = input.scalar()?;
        let t = scalar_from_bytes(&input.array()?)?;
        Ok(Self { quote, transaction, response: Response { c, z, s, t } })
    }
}
