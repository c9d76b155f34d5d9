//! Verifying keys for other tools.

use ark_bls12_381::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use privity_verifier::VerifyingKey;
use serde_json::{Value, json};

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

fn g1(point: &G1Affine) -> Value {
    let (x, y) = point.xy().unwrap_or_default();
    json!([decimal(&x), decimal(&y), "1"])
}

fn g2(point: &G2Affine) -> Value {
    let (x, y) = point.xy().unwrap_or_default();
    let pair = |k: Fq2| json!([decimal(&k.c0), decimal(&k.c1)]);
    json!([pair(x), pair(y), ["1", "0"]])
}

fn decimal(k: &Fq) -> String {
    k.to_string()
}
