//! Uniform field elements for blindings and salts.

use privity_circuits::{Fr, field};
use rand::{CryptoRng, RngCore};

/// A uniform element of F, by rejection.
pub fn random_field<R: RngCore + CryptoRng>(rng: &mut R) -> Fr {
    loop {
        let mut bytes = [0u8; field::FIELD_BYTES];
        rng.fill_bytes(&mut bytes);
        // r has 255 bits.
        bytes[0] &= 0x7f;
        if let Ok(x) = field::from_bytes(&bytes) {
            return x;
        }
    }
}
