//! Set-up, proving keys and the Groth16 prover of Privity.
