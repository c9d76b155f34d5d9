#![no_main]
//! Price tables.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::price_table(data));
