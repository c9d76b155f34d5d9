#![no_main]
//! Signatures, public keys, signing keys.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::signing(data));
