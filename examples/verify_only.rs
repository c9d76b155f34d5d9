//! Verifies the mint that `embed` left, with the verifier alone: `cargo run --release -p privity-examples --example verify_only`
use privity_circuits::mint::{Mint, Statement};
use privity_circuits::{asset::AssetId, context::Context, note::Commitment};
use privity_verifier::{PreparedKey, Proof, Verified, VerifyingKey};
use std::{error::Error, fs, path::Path};

pub fn main() -> Result<(), Box<dyn Error>> {
    run(&std::env::temp_dir().join("privity-embed"))
}

/// Verifies the key, statement and proof in `folder`.
pub fn run(folder: &Path) -> Result<(), Box<dyn Error>> {
    let read = |name: &str| fs::read(folder.join(name));
    let claim = verify(&read("mint.v1.verifying")?, &read("mint.statement")?, &read("mint.proof")?)?;
    println!("{} minor units of {}, by {claim:?}", claim.statement().value, claim.statement().asset);
    Ok(())
}

/// A claim that only the verifier can make; the statement is asset ‖ value ‖ out ‖ context.
pub fn verify(key: &[u8], statement: &[u8], proof: &[u8]) -> Result<Verified<Mint>, Box<dyn Error>> {
    let (statement, context) = statement.split_at_checked(72).ok_or("a mint statement has 104 bytes")?;
    let (asset, value) = (AssetId::from_bytes(&statement[..32])?, u64::from_be_bytes(statement[32..40].try_into()?));
    let (out, context) = (Commitment::from_bytes(&statement[40..])?, Context::from_bytes(context)?);
    let statement = Statement { asset, value, out, context };
    Ok(PreparedKey::new(VerifyingKey::from_bytes(key)?).verify::<Mint>(statement, &Proof::from_bytes(proof)?)?)
}
