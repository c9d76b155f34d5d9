#![no_main]
//! Requests, quotes, exclusions and awards as the ledger takes them.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::tender(data));
