#![no_main]
//! Field elements as bytes and text.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::field(data));
