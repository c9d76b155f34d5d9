#![no_main]
//! Transactions and entries, decoded, completed and applied.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::ledger::settle(data));
