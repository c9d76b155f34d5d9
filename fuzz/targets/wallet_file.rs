#![no_main]
//! Encrypted wallet files.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::wallet::file(data));
