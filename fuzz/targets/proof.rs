#![no_main]
//! Proofs.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::proof(data));
