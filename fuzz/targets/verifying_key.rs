#![no_main]
//! Verifying keys.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::verifying_key(data));
