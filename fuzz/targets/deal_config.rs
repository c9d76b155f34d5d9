#![no_main]
//! Configurations of deals.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::deal_config(data));
