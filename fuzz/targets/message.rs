#![no_main]
//! Messages and books as files.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::wallet::message(data));
