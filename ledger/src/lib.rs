//! The shared ledger as a pure state machine, and its stores.
