//! Aggregated 64-bit range proofs: those of the `bulletproofs` crate, byte for byte and challenge for challenge.
//!
//! The crate proves. It checks a proof by a multi-scalar multiplication of its own for each, and keeps its parts private; here the
//! same equation is formed from the proof's bytes and left as an [`Equation`], so that many proofs, and whatever else a message
//! claims over Ristretto, take one multiplication together. A differential test holds both verifiers to the same verdicts.

pub(crate) mod equation;
pub(crate) mod generators;

use crate::commit::pedersen;
use crate::transcript::Protocol;
use alloc::boxed::Box;
use alloc::vec::Vec;
use bulletproofs::{BulletproofGens, ProofError};
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use equation::Equation;
use merlin::Transcript;
use once_cell::race::OnceBox;
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use zeroize::Zeroizing;

/// Bits of every range.
pub(crate) const BITS: usize = 64;
/// Values in a quote's proof; generators for so many parties are kept.
pub(crate) const QUOTE_PARTIES: usize = 4;

/// Bytes of a proof over `parties` values, a power of two: 32·(9 + 2·log₂(64·`parties`)).
pub(crate) const fn proof_bytes(parties: usize) -> usize {
    32 * (9 + 2 * (BITS * parties).ilog2() as usize)
}

/// Proves 0 ≤ vⱼ < 2^64 for commitments vⱼ·B + rⱼ·B̃; as many values as a power of two.
///
/// Nonces come from a generator keyed with transcript, witness and `rng` together: a broken `rng` repeats none of them.
///
/// # Errors
/// The crate's, if the number of values is no power of two.
pub(crate) fn prove<R: RngCore + CryptoRng>(
    transcript: &mut Transcript,
    values: &[u64],
    blindings: &[Scalar],
    rng: &mut R,
) -> Result<Vec<u8>, ProofError> {
    static QUOTE: OnceBox<BulletproofGens> = OnceBox::new();
    let made;
    let generators = if values.len() <= QUOTE_PARTIES {
        QUOTE.get_or_init(|| Box::new(BulletproofGens::new(BITS, QUOTE_PARTIES)))
    } else {
        made = BulletproofGens::new(BITS, values.len());
        &made
    };
    let mut witness = Zeroizing::new(Vec::with_capacity(40 * values.len()));
    for (value, blinding) in values.iter().zip(blindings) {
        witness.extend_from_slice(&value.to_le_bytes());
        witness.extend_from_slice(blinding.as_bytes());
    }
    // A proof takes hundreds of scalars, and merlin's generator a permutation for each.
    let mut seed = Zeroizing::new([0u8; 32]);
    transcript.nonces(&[&witness], rng).fill_bytes(seed.as_mut_slice());
    let mut nonces = ChaCha20Rng::from_seed(*seed);
    let (proof, _) = bulletproofs::RangeProof::prove_multiple_with_rng(
        generators,
        pedersen(),
        transcript,
        values,
        blindings,
        BITS,
        &mut nonces,
    )?;
    Ok(proof.to_bytes())
}

/// A proof, its scalars canonical, its points not yet looked at.
#[derive(Clone, Debug)]
pub(crate) struct RangeProof {
    /// A, S, T₁, T₂.
    points: [CompressedRistretto; 4],
    /// t(x) and the blindings of t(x) and of A + x·S.
    t: Scalar,
    t_blinding: Scalar,
    e_blinding: Scalar,
    /// L and R of each folding.
    folds: Vec<[CompressedRistretto; 2]>,
    /// What the foldings leave.
    a: Scalar,
    b: Scalar,
}

impl RangeProof {
    /// Reads a proof over `parties` values; `None` if the length is another or a scalar is not canonical.
    pub(crate) fn from_bytes(bytes: &[u8], parties: usize) -> Option<Self> {
        if bytes.len() != proof_bytes(parties) {
            return None;
        }
        let mut words = bytes.chunks_exact(32).filter_map(|word| <[u8; 32]>::try_from(word).ok());
        let mut points = [CompressedRistretto::default(); 4];
        for point in &mut points {
            point.0 = words.next()?;
        }
        let (t, t_blinding, e_blinding) = (scalar(words.next()?)?, scalar(words.next()?)?, scalar(words.next()?)?);
        let folds = (0..(BITS * parties).ilog2())
            .map(|_| Some([CompressedRistretto(words.next()?), CompressedRistretto(words.next()?)]))
            .collect::<Option<_>>()?;
        let (a, b) = (scalar(words.next()?)?, scalar(words.next()?)?);
        Some(Self { points, t, t_blinding, e_blinding, folds, a, b })
    }

    /// The proof's equation for `commitments`, as many as a power of two; `None` if a point is the identity or does not decode.
    ///
    /// Leaves in the transcript everything that the proof says, a and b included: a challenge drawn next is a sound weight.
    pub(crate) fn equation(&self, transcript: &mut Transcript, commitments: &[Committed]) -> Option<Equation> {
        let parties = commitments.len();
        let challenges = self.challenges(transcript, commitments)?;
        let Challenges { x, y, z, w, c, folds } = &challenges;
        let s = products(folds);
        let (zz, y_inverse) = (z * z, y.invert());

        let g = s.iter().map(|s| -z - self.a * s).collect();
        let mut h = Vec::with_capacity(s.len());
        let (mut y_power, mut z_power) = (Scalar::ONE, zz);
        // 1/sᵢ is s read backwards.
        for inverses in s.rchunks(BITS) {
            let mut bit = z_power;
            for inverse in inverses.iter().rev() {
                h.push(z + y_power * (bit - self.b * inverse));
                y_power *= y_inverse;
                bit += bit;
            }
            z_power *= z;
        }

        let mut equation = Equation {
            base: w * (self.t - self.a * self.b) + c * (delta(y, z, parties) - self.t),
            blinding: -self.e_blinding - c * self.t_blinding,
            g,
            h,
            scalars: Vec::new(),
            points: Vec::new(),
        };
        for (weight, point) in [Scalar::ONE, *x, c * x, c * x * x].into_iter().zip(&self.points) {
            equation.push(weight, point.decompress()?);
        }
        for (u, [l, r]) in folds.iter().zip(&self.folds) {
            equation.push(u.square, l.decompress()?);
            equation.push(u.inverse_square, r.decompress()?);
        }
        let mut weight = c * zz;
        for commitment in commitments {
            equation.push(weight, commitment.point);
            weight *= z;
        }
        Some(equation)
    }

    /// Replays the proof's messages in the crate's order and under its labels.
    fn challenges(&self, transcript: &mut Transcript, commitments: &[Committed]) -> Option<Challenges> {
        let parties = commitments.len();
        transcript.append_message(b"dom-sep", b"rangeproof v1");
        transcript.append_u64(b"n", BITS as u64);
        transcript.append_u64(b"m", parties as u64);
        for commitment in commitments {
            transcript.append_message(b"V", commitment.compressed.as_bytes());
        }
        let [a, s, t1, t2] = &self.points;
        absorb(transcript, b"A", a)?;
        absorb(transcript, b"S", s)?;
        let (y, z) = (draw(transcript, b"y"), draw(transcript, b"z"));
        absorb(transcript, b"T_1", t1)?;
        absorb(transcript, b"T_2", t2)?;
        let x = draw(transcript, b"x");
        transcript.append_message(b"t_x", self.t.as_bytes());
        transcript.append_message(b"t_x_blinding", self.t_blinding.as_bytes());
        transcript.append_message(b"e_blinding", self.e_blinding.as_bytes());
        let w = draw(transcript, b"w");
        transcript.append_message(b"dom-sep", b"ipp v1");
        transcript.append_u64(b"n", (BITS * parties) as u64);
        let mut us = Vec::with_capacity(self.folds.len());
        for [l, r] in &self.folds {
            absorb(transcript, b"L", l)?;
            absorb(transcript, b"R", r)?;
            us.push(draw(transcript, b"u"));
        }
        // The crate draws c at random; drawn from all that the proof says, it needs no source of randomness.
        transcript.append_message(b"a", self.a.as_bytes());
        transcript.append_message(b"b", self.b.as_bytes());
        let c = draw(transcript, b"c");
        let mut inverses = us.clone();
        Scalar::batch_invert(&mut inverses);
        let folds = us
            .iter()
            .zip(&inverses)
            .map(|(u, inverse)| Fold { inverse: *inverse, square: u * u, inverse_square: inverse * inverse })
            .collect();
        Some(Challenges { x, y, z, w, c, folds })
    }
}

/// A commitment as a point and as the transcript takes it; the identity, which hides nothing, is allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Committed {
    /// vⱼ·B + rⱼ·B̃.
    pub(crate) point: RistrettoPoint,
    /// The same.
    pub(crate) compressed: CompressedRistretto,
}

impl From<RistrettoPoint> for Committed {
    fn from(point: RistrettoPoint) -> Self {
        Self { point, compressed: point.compress() }
    }
}

struct Challenges {
    x: Scalar,
    y: Scalar,
    z: Scalar,
    w: Scalar,
    c: Scalar,
    folds: Vec<Fold>,
}

/// u of one folding.
struct Fold {
    inverse: Scalar,
    square: Scalar,
    inverse_square: Scalar,
}

/// sᵢ = Π u_k^(±1) by the bits of i, the first folding's u for the highest bit.
fn products(folds: &[Fold]) -> Vec<Scalar> {
    let mut s = Vec::with_capacity(1 << folds.len());
    s.push(folds.iter().map(|u| u.inverse).product());
    for u in folds.iter().rev() {
        for index in 0..s.len() {
            s.push(s[index] * u.square);
        }
    }
    s
}

/// δ(y, z) = (z − z²)·Σ yⁱ − Σⱼ z^(j+3)·(2^64 − 1).
fn delta(y: &Scalar, z: &Scalar, parties: usize) -> Scalar {
    let ones = Scalar::from(u64::MAX);
    (z - z * z) * powers(y, BITS * parties) - z * z * z * ones * powers(z, parties)
}

/// 1 + x + … + x^(count − 1), `count` a power of two.
fn powers(x: &Scalar, count: usize) -> Scalar {
    let (mut sum, mut power) = (Scalar::ONE, *x);
    for _ in 0..count.ilog2() {
        sum += power * sum;
        power *= power;
    }
    sum
}

fn scalar(bytes: [u8; 32]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(bytes).into()
}

fn absorb(transcript: &mut Transcript, label: &'static [u8], point: &CompressedRistretto) -> Option<()> {
    if point.is_identity() {
        return None;
    }
    transcript.append_message(label, point.as_bytes());
    Some(())
}

/// As the crate draws challenges.
fn draw(transcript: &mut Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0u8; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

#[cfg(test)]
mod tests;
