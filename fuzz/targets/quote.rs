#![no_main]
//! A request and a quote that claims to answer it.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::quotes::verify(data));
