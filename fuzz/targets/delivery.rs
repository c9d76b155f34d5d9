#![no_main]
//! Notes, copies and envelopes, sealed by somebody hostile.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::wallet::delivery(data));
