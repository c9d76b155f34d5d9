#![no_main]
//! Phrases.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::wallet::phrase(data));
