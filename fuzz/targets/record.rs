#![no_main]
//! Log records.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::printed::<privity_ledger::Record>(data));
