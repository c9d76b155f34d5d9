#![no_main]
//! Signed heads.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::printed::<privity_ledger::Head>(data));
