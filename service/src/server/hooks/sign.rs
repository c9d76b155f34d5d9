//! Signatures of deliveries: HMAC-SHA256 over id, time and body, in the headers of the Standard Webhooks convention.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use rand::{CryptoRng, RngCore};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Id of the delivery, the same at every attempt; Unix seconds of the attempt; `v1,` and the HMAC in base64.
pub const SIGNATURE_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// In front of a key's text.
const PREFIX: &str = "whsec_";

/// The key that one hook's deliveries are signed with; overwritten when dropped, never printed.
#[derive(Clone)]
pub struct Key(Zeroizing<Vec<u8>>);

impl Key {
    /// A fresh key of 256 bits.
    pub fn fresh<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new(vec![0; 32]);
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// `whsec_` and base64, as the caller gets it once.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", BASE64_STANDARD.encode(&*self.0)))
    }

    /// Parses what [`Key::to_text`] writes.
    pub fn from_text(text: &str) -> Option<Self> {
        Some(Self(Zeroizing::new(BASE64_STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?)))
    }

    /// `v1,` and base64 of HMAC-SHA256(key, id ‖ `.` ‖ time ‖ `.` ‖ body).
    pub fn sign(&self, id: &str, time: u64, body: &[u8]) -> String {
        format!("v1,{}", BASE64_STANDARD.encode(self.mac(id, time, body).finalize().into_bytes()))
    }

    /// Whether a signature holds, compared in constant time; what a receiver does.
    pub fn verify(&self, id: &str, time: u64, body: &[u8], signature: &str) -> bool {
        let tag = signature.strip_prefix("v1,").and_then(|tag| BASE64_STANDARD.decode(tag).ok());
        tag.is_some_and(|tag| self.mac(id, time, body).verify_slice(&tag).is_ok())
    }

    fn mac(&self, id: &str, time: u64, body: &[u8]) -> Hmac<Sha256> {
        // Invariant: HMAC takes keys of every length.
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        mac.chain_update(format!("{id}.{time}.")).chain_update(body)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_id_time_and_body() {
        let key = Key::fresh(&mut rand::thread_rng());
        let again = Key::from_text(&key.to_text()).unwrap();
        let signature = key.sign("id", 5, b"body");
        assert!(again.verify("id", 5, b"body", &signature));
        assert!(!again.verify("ie", 5, b"body", &signature));
        assert!(!again.verify("id", 6, b"body", &signature));
        assert!(!again.verify("id", 5, b"bodz", &signature));
        assert!(!Key::fresh(&mut rand::thread_rng()).verify("id", 5, b"body", &signature));
        assert!(!again.verify("id", 5, b"body", &signature[3..]));
        assert_eq!(format!("{key:?}"), "Key(redacted)");
    }

    /// The value of the convention's own example.
    #[test]
    fn as_other_libraries_compute_it() {
        let key = Key::from_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
