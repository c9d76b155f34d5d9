//! Verification of a Schnorr signature that lies in the witness.

use super::bits::Canonical;
use super::curve::{PublicKeyVar, known_multiple_of_generator};
use super::{Num, poseidon};
use crate::field;
use crate::hash::Domain;
use crate::r1cs::Cs;
use crate::schnorr::Signature;

/// The signature by `pk` on `m` under `prefix` holds.
pub fn verify(cs: &mut Cs, pk: &PublicKeyVar, prefix: &Num, m: &Num, signature: &Signature) {
    verify_if(cs, &Num::one(), pk, prefix, m, signature);
}

/// The same, but binding only if `condition` is not 0.
///
/// c are the low 128 bits of e's canonical integer (c + 2^128·h ≤ r − 1), R = s·G − c·pk, e = H(SIG; R.x, R.y, prefix, m).
pub fn verify_if(cs: &mut Cs, condition: &Num, pk: &PublicKeyVar, prefix: &Num, m: &Num, signature: &Signature) {
    cs.gadget("schnorr", |cs| {
        let mut e_bits = Canonical::default();
        let challenge = e_bits.extend(cs, 128, |i| signature.c >> i & 1 == 1);
        let multiple = pk.mul(cs, challenge);
        let response = known_multiple_of_generator(cs, &signature.s);
        let commitment = response.add(cs, &multiple.neg());
        let inputs = [commitment.x, commitment.y, prefix.clone(), m.clone()];
        let e = poseidon::hash(cs, Domain::Sig, &inputs);
        let (_, high) = field::split_128(&e.value());
        e_bits.extend(cs, 255, |i| high >> (i - 128) & 1 == 1);
        e_bits.close_if(cs, condition, &e);
    });
}
