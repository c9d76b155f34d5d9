//! Writes a verifying key, a proof and its public inputs as snarkjs reads them: `cargo run --release -p privity-examples --example snarkjs`
use privity_circuits::Statement as _;
use privity_circuits::mint::Mint;
use privity_prover::{Control, Prover, generate, proof_json, public_inputs_json, verifying_key_json};
use privity_testkit::{rng, samples};
use std::{error::Error, fs, path::Path};

pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join("privity-snarkjs");
    run(&folder)?;
    println!("cd {} && snarkjs groth16 verify verification_key.json public.json proof.json", folder.display());
    Ok(())
}

/// Proves a mint of the tests under a key of its own and writes the three files into `folder`.
pub fn run(folder: &Path) -> Result<(), Box<dyn Error>> {
    let random = &mut rand::rngs::OsRng;
    let key = generate::<Mint>(random, &Control::default())?;
    let (statement, witness) = samples::mint::valid(&mut rng(1));
    let verifying = verifying_key_json(key.verifying().key());
    let proof = Prover::new().with_key(key).prove::<Mint>(&statement, &witness, random)?;
    fs::create_dir_all(folder)?;
    fs::write(folder.join("verification_key.json"), format!("{verifying:#}\n"))?;
    fs::write(folder.join("proof.json"), format!("{:#}\n", proof_json(&proof)))?;
    let inputs = public_inputs_json(&statement.public_inputs());
    fs::write(folder.join("public.json"), format!("{inputs:#}\n"))?;
    Ok(())
}
