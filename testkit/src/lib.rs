//! Simulated proofs and attack harnesses for tests; never published.
