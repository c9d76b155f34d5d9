//! Keys, proofs and public inputs for other tools: snarkjs's JSON, and ark-groth16's bytes.

use crate::{ImportError, ProvingKey};
use ark_bls12_381::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use privity_circuits::{Circuit, Fr};
use privity_verifier::{Proof, VerifyingKey};
use serde_json::{Value, json};

impl ProvingKey {
    /// The set-up's elements as ark-groth16 writes its `ProvingKey`, uncompressed. On a domain that is no power of two ark-groth16 proves
    /// with it by [`FittingReduction`](crate::FittingReduction); verifying takes nothing special.
    pub fn to_ark_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.parameters().uncompressed_size());
        // Writing into a vector cannot fail.
        let _ = self.parameters().serialize_uncompressed(&mut bytes);
        bytes
    }

    /// [`from_ark`](Self::from_ark) of what [`to_ark_bytes`](Self::to_ark_bytes), or ark-groth16, wrote uncompressed. Every point is checked:
    /// coordinates, curve and subgroup.
    ///
    /// # Errors
    /// [`ImportError`], as for [`from_ark`](Self::from_ark), and for other bytes.
    pub fn from_ark_bytes<C: Circuit>(bytes: &[u8], development: bool) -> Result<Self, ImportError> {
        let mut rest = bytes;
        let parameters = CanonicalDeserialize::deserialize_uncompressed(&mut rest).map_err(|_| ImportError::Bytes)?;
        if rest.is_empty() { Self::from_ark::<C>(parameters, development) } else { Err(ImportError::Bytes) }
    }
}

/// A verifying key in snarkjs's JSON layout, coordinates as decimal strings, projective with z = 1; an element c₀ + c₁·u of the
/// quadratic field is `[c₀, c₁]`. Beside snarkjs's fields stand `relation`, `matrices`, `development` and `keyId`.
pub fn verifying_key_json(key: &VerifyingKey) -> Value {
    let elements = key.elements();
    let matrices: String = key.matrices().iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "protocol": "groth16",
        "curve": "bls12381",
        "nPublic": key.num_inputs(),
        "vk_alpha_1": g1(&elements.alpha),
        "vk_beta_2": g2(&elements.beta),
        "vk_gamma_2": g2(&elements.gamma),
        "vk_delta_2": g2(&elements.delta),
        "IC": elements.ic.iter().map(g1).collect::<Vec<_>>(),
        "relation": key.relation(),
        "matrices": matrices,
        "development": key.is_development(),
        "keyId": key.id().to_string(),
    })
}

/// A proof in snarkjs's JSON layout; coordinates as in [`verifying_key_json`].
pub fn proof_json(proof: &Proof) -> Value {
    let points = proof.points();
    json!({
        "protocol": "groth16",
        "curve": "bls12381",
        "pi_a": g1(&points.a),
        "pi_b": g2(&points.b),
        "pi_c": g1(&points.c),
    })
}

/// Public inputs as snarkjs reads them: decimal strings in the order of the statement.
pub fn public_inputs_json(inputs: &[Fr]) -> Value {
    inputs.iter().map(|input| Value::String(input.to_string())).collect()
}

fn g1(point: &G1Affine) -> Value {
    match point.xy() {
        Some((x, y)) => json!([decimal(&x), decimal(&y), "1"]),
        None => json!(["0", "1", "0"]),
    }
}

fn g2(point: &G2Affine) -> Value {
    let pair = |k: Fq2| json!([decimal(&k.c0), decimal(&k.c1)]);
    match point.xy() {
        Some((x, y)) => json!([pair(x), pair(y), ["1", "0"]]),
        None => json!([["0", "0"], ["1", "0"], ["0", "0"]]),
    }
}

fn decimal(k: &Fq) -> String {
    k.to_string()
}
