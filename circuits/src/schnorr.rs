//! Schnorr signatures over Jubjub, checked inside the witness (protocol, section 2).
//!
//! R = s·G − c·pk is computed, never sent; c is the low 128 bits of e = H(SIG; R.x, R.y, prefix, m) as an integer below r.

use crate::jubjub::{Point, Scalar, scalar_from_bytes, scalar_from_wide, scalar_to_bytes};
use crate::keys::{PublicKey, SigningKey};
use crate::{DecodeError, Domain, Fr, field, hash};
use rand::{CryptoRng, RngCore};
use sha2::{Digest, Sha512};

/// Bytes of a signature: c (16) ‖ s (32), big-endian.
pub const SIGNATURE_BYTES: usize = 48;

/// (c, s), c < 2^128, s < l.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The challenge's low 128 bits.
    pub c: u128,
    /// The response.
    pub s: Scalar,
}

impl core::fmt::Debug for Signature {
    /// Signatures authorise inside witnesses, so they are not printed.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Signature(redacted)")
    }
}

impl Signature {
    /// Signs `m` under `prefix`. The nonce is SHA-512(domain, sk, prefix, m, 32 fresh bytes) mod l: neither a broken RNG nor a
    /// repeated message repeats it.
    pub fn sign<R: RngCore + CryptoRng>(sk: &SigningKey, prefix: Fr, m: Fr, rng: &mut R) -> Self {
        let mut fresh = zeroize::Zeroizing::new([0u8; 32]);
        rng.fill_bytes(fresh.as_mut_slice());
        let digest = Sha512::new()
            .chain_update(b"privity.v1 nonce")
            .chain_update(sk.secret_bytes().as_slice())
            .chain_update(field::to_bytes(&prefix))
            .chain_update(field::to_bytes(&m))
            .chain_update(fresh.as_slice())
            .finalize();
        let wide = zeroize::Zeroizing::new(<[u8; 64]>::from(digest));
        Self::sign_with_nonce(sk, prefix, m, scalar_from_wide(&wide))
    }

    fn sign_with_nonce(sk: &SigningKey, prefix: Fr, m: Fr, nonce: Scalar) -> Self {
        let c = challenge(&Point::generator().mul(&nonce), prefix, m);
        Self { c, s: nonce + Scalar::from(c) * sk.scalar() }
    }

    /// Whether the signature holds; `pk` is on the curve.
    pub fn verify(&self, pk: &PublicKey, prefix: Fr, m: Fr) -> bool {
        let commitment =
            Point::generator().mul(&self.s) + pk.point().mul_integer(&[self.c as u64, (self.c >> 64) as u64]).neg();
        challenge(&commitment, prefix, m) == self.c
    }

    /// c ‖ s.
    pub fn to_bytes(&self) -> [u8; SIGNATURE_BYTES] {
        let mut out = [0u8; SIGNATURE_BYTES];
        out[..16].copy_from_slice(&self.c.to_be_bytes());
        out[16..].copy_from_slice(&scalar_to_bytes(&self.s));
        out
    }

    /// Decodes c ‖ s.
    ///
    /// # Errors
    /// [`DecodeError::Length`], or [`DecodeError::Scalar`] if s ≥ l.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let bytes: &[u8; SIGNATURE_BYTES] =
            bytes.try_into().map_err(|_| DecodeError::Length { expected: SIGNATURE_BYTES, found: bytes.len() })?;
        let c = bytes[..16].iter().fold(0u128, |acc, byte| acc << 8 | u128::from(*byte));
        let mut s = [0u8; 32];
        s.copy_from_slice(&bytes[16..]);
        Ok(Self { c, s: scalar_from_bytes(&s)? })
    }
}

/// The low 128 bits of H(SIG; R.x, R.y, prefix, m).
pub fn challenge(commitment: &Point, prefix: Fr, m: Fr) -> u128 {
    field::split_128(&hash(Domain::Sig, &[commitment.x, commitment.y, prefix, m])).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jubjub::scalar_to_bytes;
    use ark_ff::UniformRand;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn signs_and_refuses() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(3);
        let sk = SigningKey::from_bytes(&scalar_to_bytes(&Scalar::rand(&mut rng))).unwrap();
        let pk = sk.public_key();
        let (prefix, m) = (Fr::rand(&mut rng), Fr::rand(&mut rng));
        let signature = Signature::sign(&sk, prefix, m, &mut rng);
        assert!(signature.verify(&pk, prefix, m));
        assert!(!signature.verify(&pk, m, prefix));
        assert!(!signature.verify(&pk, prefix, m + Fr::from(1u64)));
        assert_eq!(Signature::from_bytes(&signature.to_bytes()), Ok(signature));
        let mut late = signature.to_bytes();
        late[16..].fill(0xff);
        assert_eq!(Signature::from_bytes(&late), Err(DecodeError::Scalar));
    }
}
