#![no_main]
//! Log records.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::record(data));
