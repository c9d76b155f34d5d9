//! What a multi-scalar multiplication did, for regression tests that do not look at a clock.

/// Operations of one or more multi-scalar multiplications. They depend on the input's digits and on the setting alone,
/// not on threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Affine point additions in the buckets, the reduction of buckets included.
    pub additions: u64,
    /// Multiplications and squarings of coordinates (Fq for G1, Fq² for G2) by those additions.
    pub multiplications: u64,
    /// Inversions in Fq, one per batch of additions.
    pub inversions: u64,
    /// Batches that held equal points, opposite points or infinity and took the complete path.
    pub complete_batches: u64,
}

impl core::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.additions += other.additions;
        self.multiplications += other.multiplications;
        self.inversions += other.inversions;
        self.complete_batches += other.complete_batches;
    }
}
