//! What the samples of all relations share: keys, forged signatures, and which rules an assignment breaks.

use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_circuits::jubjub::{Point, Scalar, scalar_to_bytes};
use privity_circuits::keys::{PublicKey, SigningKey};
use privity_circuits::r1cs::Cs;
use privity_circuits::schnorr::{Signature, challenge};
use privity_circuits::{Circuit, Fr};
use rand::{CryptoRng, RngCore};
use std::collections::BTreeSet;

/// A random signing key.
pub fn signing_key<R: RngCore + CryptoRng>(rng: &mut R) -> SigningKey {
    loop {
        if let Ok(sk) = SigningKey::from_bytes(&scalar_to_bytes(&Scalar::rand(rng))) {
            return sk;
        }
    }
}

/// The point of order 2: anyone signs under it.
pub fn small_order_key() -> PublicKey {
    PublicKey::new_unchecked(Point { x: Fr::ZERO, y: -Fr::ONE })
}

/// A signature under [`small_order_key`] without any secret: an even challenge takes the key out of R = s·G − c·pk.
pub fn sign_by_small_order<R: RngCore + CryptoRng>(prefix: Fr, m: Fr, rng: &mut R) -> Signature {
    loop {
        let s = Scalar::rand(rng);
        let c = challenge(&Point::generator().mul(&s), prefix, m);
        if c & 1 == 0 {
            return Signature { c, s };
        }
    }
}

/// A pair of coordinates that is on no curve of ours.
pub fn off_curve_key<R: RngCore + CryptoRng>(rng: &mut R) -> PublicKey {
    loop {
        let point = Point { x: Fr::rand(rng), y: Fr::rand(rng) };
        if !point.is_on_curve() {
            return PublicKey::new_unchecked(point);
        }
    }
}

/// Ids of all rules with a row that (`x`, `w`) violates.
pub fn violated_rules<C: Circuit>(x: &C::Statement, w: &C::Witness) -> BTreeSet<&'static str> {
    let cs = Cs::with_rows().synthesize::<C>(x, w);
    let rows = cs.rows().iter().enumerate();
    rows.filter(|(_, row)| row.residue(cs.assignment()) != Fr::ZERO)
        .map(|(index, _)| cs.rule_of(index).unwrap_or("no rule"))
        .collect()
}
