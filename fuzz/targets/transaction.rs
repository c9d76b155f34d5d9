#![no_main]
//! Transactions.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::transaction(data));
