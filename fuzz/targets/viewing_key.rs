#![no_main]
//! Viewing keys.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::wallet::viewing_key(data));
