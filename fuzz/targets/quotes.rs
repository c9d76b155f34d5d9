#![no_main]
//! Requests, quotes, exclusions, awards, links.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::quotes::message(data));
