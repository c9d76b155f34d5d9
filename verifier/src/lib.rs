//! Verifies Privity's Groth16 proofs; the only place where a verified claim is made.
