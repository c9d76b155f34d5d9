#![no_main]
//! WeekBasedCapacityGroup documents.

libfuzzer_sys::fuzz_target!(|data: &[u8]| privity_fuzz::document::<privity_documents::WeekBasedCapacityGroup>(data));
