#![no_main]
//! JSON, exact numbers, dates.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::text(data));
