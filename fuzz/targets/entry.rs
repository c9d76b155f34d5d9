#![no_main]
//! Log entries of the operator.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::printed::<privity_ledger::Entry>(data));
