#![no_main]
//! Log files, replayed.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::log(data));
