#![no_main]
//! Addresses.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::wallet::address(data));
