//! Sigma protocols over Ristretto: knowledge of one x with Xᵢ = x·Bᵢ for all i. N = 1 is Schnorr's, N = 2 Chaum and Pedersen's.

use crate::codec::{CodecError, Reader};
use crate::point::Point;
use crate::range::equation::Equation;
use crate::transcript::Protocol;
use alloc::vec::Vec;
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::RistrettoPoint;
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroize;

/// X = x·base; both stand in the transcript before the proof.
#[derive(Clone, Copy)]
pub(crate) struct Relation {
    /// The base; none for B.
    pub(crate) base: Option<Point>,
    /// X.
    pub(crate) image: Point,
}

impl Relation {
    /// X = x·B.
    pub(crate) fn of_base(image: Point) -> Self {
        Self { base: None, image }
    }
}

/// First messages Aᵢ = k·Bᵢ and the response s = k + c·x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigma<const N: usize> {
    announcements: [Point; N],
    response: Scalar,
}

impl<const N: usize> Sigma<N> {
    /// Bytes of a proof.
    pub const BYTES: usize = 32 * (N + 1);

    /// Proves knowledge of `x`. Constant-time in x and the nonce.
    ///
    /// # Errors
    /// [`CodecError::Identity`] if the nonce is 0, which happens with probability 2^-252.
    pub(crate) fn prove<R: RngCore + CryptoRng>(
        transcript: &mut Transcript,
        relations: &[Relation; N],
        x: &Scalar,
        rng: &mut R,
    ) -> Result<Self, CodecError> {
        let mut nonce = Scalar::random(&mut transcript.nonces(&[x.as_bytes()], rng));
        let mut announcements = [Point::BASE; N];
        for (announcement, relation) in announcements.iter_mut().zip(relations) {
            *announcement = Point::new(match relation.base {
                None => RistrettoPoint::mul_base(&nonce),
                Some(base) => base.point() * nonce,
            })?;
        }
        let mut proof = Self { announcements, response: Scalar::ZERO };
        let challenge = proof.announce(transcript);
        proof.response = nonce + challenge * x;
        nonce.zeroize();
        transcript.absorb_scalar(b"response", &proof.response);
        Ok(proof)
    }

    /// Replays the proof and returns c; the response is absorbed after it.
    pub(crate) fn challenge(&self, transcript: &mut Transcript) -> Scalar {
        let challenge = self.announce(transcript);
        transcript.absorb_scalar(b"response", &self.response);
        challenge
    }

    fn announce(&self, transcript: &mut Transcript) -> Scalar {
        for announcement in &self.announcements {
            transcript.absorb_point(b"announcement", announcement);
        }
        transcript.challenge_scalar(b"challenge")
    }

    /// Adds Σ `weight`^(i + 1)·(s·Bᵢ − Aᵢ − c·Xᵢ) to `equation`; `weight` was drawn after the response was absorbed.
    pub(crate) fn add_to(
        &self,
        equation: &mut Equation,
        relations: &[Relation; N],
        challenge: &Scalar,
        weight: &Scalar,
    ) {
        let mut power = *weight;
        for (announcement, relation) in self.announcements.iter().zip(relations) {
            match relation.base {
                None => equation.base += power * self.response,
                Some(base) => equation.push(power * self.response, base.point()),
            }
            equation.push(-power, announcement.point());
            equation.push(-power * challenge, relation.image.point());
            power *= weight;
        }
    }

    /// Whether s·Bᵢ = Aᵢ + c·Xᵢ for every i; `transcript` holds the statement.
    pub(crate) fn verify(&self, transcript: &mut Transcript, relations: &[Relation; N]) -> bool {
        let challenge = self.challenge(transcript);
        let weight = transcript.closing();
        let mut equation = Equation::default();
        self.add_to(&mut equation, relations, &challenge, &weight);
        equation.holds()
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        for announcement in &self.announcements {
            out.extend_from_slice(announcement.as_bytes());
        }
        out.extend_from_slice(self.response.as_bytes());
    }

    pub(crate) fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let mut announcements = [Point::BASE; N];
        for announcement in &mut announcements {
            *announcement = input.point()?;
        }
        Ok(Self { announcements, response: input.scalar()? })
    }
}
