#![no_main]
//! Proving key files.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::proving_key(data));
