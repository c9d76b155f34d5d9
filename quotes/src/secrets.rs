//! Secrets of buyer, supplier and operator, all from key material so that seed and log restore them.

use crate::codec::CodecError;
use crate::commit::Opening;
use crate::error::Error;
use crate::point::Point;
use crate::rfq::RfqHash;
use curve25519_dalek::Scalar;
use curve25519_dalek::ristretto::RistrettoPoint;
use hkdf::Hkdf;
use privity_circuits::keys::Owner;
use rand::{CryptoRng, RngCore};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::{Zeroize, Zeroizing};

/// 64 bytes of key material, label `rfq` of the seed; zeroized, never printed.
///
/// Everything is HKDF-SHA-512(ikm this, salt `privity.v1`, info label ‖ fixed-length fields), 64 bytes; a Ristretto scalar is that,
/// little-endian, mod ℓ.
#[derive(Clone)]
pub struct QuotingKey([u8; 64]);

impl QuotingKey {
    /// Wraps key material.
    pub const fn from_wide(bytes: &[u8; 64]) -> Self {
        Self(*bytes)
    }

    /// The buyer's secret p of P_rfq = p·B: from the ledger and the RFQ's public nonce.
    pub fn buyer_secret(&self, ledger: &[u8; 32], nonce: &[u8; 32]) -> SecretScalar {
        SecretScalar::from_wide(&self.expand(&[b"quote buyer", ledger, nonce]))
    }

    /// The supplier's e of E = e·B: from RFQ and attempt. It takes nothing that only the box tells, so a restore finds it.
    pub fn ephemeral(&self, rfq: &RfqHash, attempt: u32) -> SecretScalar {
        SecretScalar::from_wide(&self.expand(&[b"quote ephemeral", &rfq.0, &attempt.to_be_bytes()]))
    }

    /// The supplier's opening. The blindings depend on price and lead too, so no two contents ever share one: else the difference
    /// of two attempts would tell the difference of their prices.
    ///
    /// # Errors
    /// [`Error::Range`] unless `price` < 2^48 minor units.
    pub fn opening(&self, rfq: &RfqHash, attempt: u32, price: u64, lead: u16) -> Result<Opening, Error> {
        let (attempt, price_bytes) = (attempt.to_be_bytes(), Zeroizing::new(price.to_be_bytes()));
        let lead_bytes = Zeroizing::new(lead.to_be_bytes());
        let blinding = |label: &[u8]| {
            wide(&self.expand(&[label, &rfq.0, &attempt, price_bytes.as_slice(), lead_bytes.as_slice()]))
        };
        Opening::new(price, lead, blinding(b"quote price"), blinding(b"quote lead"))
    }

    /// The operator's secret for one RFQ, from what its endorsement names.
    pub fn operator_secret(&self, ledger: &[u8; 32], buyer: Owner, nonce: &[u8; 32]) -> OperatorSecret {
        let wide = self.expand(&[b"quote operator", ledger, &buyer.to_bytes(), nonce]);
        let mut secret = Zeroizing::new([0u8; 32]);
        secret.copy_from_slice(&wide[..32]);
        OperatorSecret::clamped(&secret)
    }

    fn expand(&self, info: &[&[u8]]) -> Zeroizing<[u8; 64]> {
        let mut okm = Zeroizing::new([0u8; 64]);
        // 64 bytes are one block of SHA-512, so expansion cannot fail.
        let _ = Hkdf::<Sha512>::new(Some(b"privity.v1"), &self.0).expand_multi_info(info, okm.as_mut_slice());
        okm
    }
}

fn wide(bytes: &[u8; 64]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(bytes)
}

impl Drop for QuotingKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl core::fmt::Debug for QuotingKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("QuotingKey(redacted)")
    }
}

/// A secret Ristretto scalar x ≠ 0 with its point x·B: p of an RFQ, e of a quote; zeroized, never printed.
#[derive(Clone)]
pub struct SecretScalar {
    scalar: Scalar,
    public: Point,
}

impl SecretScalar {
    /// 64 bytes of key material, little-endian, mod ℓ; 1 in the place of 0, which no material gives.
    pub fn from_wide(bytes: &[u8; 64]) -> Self {
        let scalar = wide(bytes);
        Self::new(scalar).unwrap_or_else(|_| Self { scalar: Scalar::ONE, public: Point::BASE })
    }

    /// A secret from a scalar.
    ///
    /// # Errors
    /// [`CodecError::Identity`] if it is 0.
    pub fn new(scalar: Scalar) -> Result<Self, CodecError> {
        let public = Point::new(RistrettoPoint::mul_base(&scalar))?;
        Ok(Self { scalar, public })
    }

    /// x·B.
    pub fn public(&self) -> Point {
        self.public
    }

    /// x, for proofs.
    pub fn scalar(&self) -> &Scalar {
        &self.scalar
    }

    /// x·`point`, the shared point K of a box. Constant-time.
    pub fn shared(&self, point: &Point) -> Point {
        // The group's order is prime, x ≠ 0 and the point is not the identity.
        Point::new(point.point() * self.scalar).unwrap_or(self.public)
    }
}

impl Drop for SecretScalar {
    fn drop(&mut self) {
        self.scalar.zeroize();
    }
}

impl core::fmt::Debug for SecretScalar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretScalar(redacted)")
    }
}

/// The operator's X25519 secret for one RFQ, clamped; published after closing, zeroized and never printed until then.
#[derive(Clone)]
pub struct OperatorSecret {
    secret: [u8; 32],
    public: [u8; 32],
}

impl OperatorSecret {
    /// A fresh secret.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut secret = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(secret.as_mut_slice());
        Self::clamped(&secret)
    }

    /// Wraps a clamped secret: one key, one secret, one encoding.
    ///
    /// X25519 knows a point by u alone, so s and 8·ℓ − s make one key, and take seals on the curve's twist off differently: whoever
    /// had both could choose after closing whether a friend's seal opens. Both are clamped only from 2^254 up to 8·ℓ − 2^254 <
    /// 2^254 + 2^128, where no honest secret lies but with probability 2^−126.
    ///
    /// # Errors
    /// [`CodecError::Range`] if it is not clamped as RFC 7748 says, or below 2^254 + 2^128.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CodecError> {
        let secret = Self::clamped(bytes);
        let unique = bytes[31] > 0x40 || bytes[16..31].iter().any(|byte| *byte != 0);
        if secret.secret == *bytes && unique { Ok(secret) } else { Err(CodecError::Range("operator secret")) }
    }

    /// The X25519 key to which quotes are sealed.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The secret, to be published.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.secret)
    }

    fn clamped(bytes: &[u8; 32]) -> Self {
        let mut secret = *bytes;
        secret[0] &= 248;
        secret[31] = secret[31] & 127 | 64;
        let public = PublicKey::from(&StaticSecret::from(secret)).to_bytes();
        Self { secret, public }
    }
}

impl PartialEq for OperatorSecret {
    fn eq(&self, other: &Self) -> bool {
        self.secret.ct_eq(&other.secret).into()
    }
}

impl Eq for OperatorSecret {}

impl Drop for OperatorSecret {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl core::fmt::Debug for OperatorSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("OperatorSecret(redacted)")
    }
}
