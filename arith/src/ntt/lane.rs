//! What the transforms need of a vector of field elements.

use ark_bls12_381::Fr;
use ark_ff::Field;

/// `WIDTH` independent elements of Fr, possibly not fully reduced.
///
/// Bounds, in multiples of r, for implementations that reduce lazily: every element stays below 35; `mul` takes anything of that kind and
/// a factor below 1 (tables are reduced) and gives less than 2; `butterfly` adds at most 2 to the bound of `x`.
pub(super) trait Lane: Copy + Send + Sync {
    /// Elements.
    const WIDTH: usize;
    /// What [`load`](Self::load) divides by: tables that scale multiply by it.
    const LOADED: u64;
    /// One element for all lanes.
    type Scalar: Copy + Send + Sync;

    /// `WIDTH` elements, each divided by `LOADED`.
    fn load(values: &[Fr]) -> Self;
    /// `WIDTH` elements as they are.
    fn table(values: &[Fr]) -> Self;
    /// An element for all lanes.
    fn scalar(value: Fr) -> Self::Scalar;
    /// The elements, reduced.
    fn store(self, out: &mut [Fr]);
    /// The products a·b, reduced.
    fn product(a: Self, b: Self, out: &mut [Fr]);

    /// a + b.
    fn add(self, other: Self) -> Self;
    /// a − b for b below 16.
    fn sub(self, other: Self) -> Self;
    /// a·b for b from a table.
    fn mul(self, other: Self) -> Self;
    /// a·s.
    fn scale(self, s: Self::Scalar) -> Self;
    /// (x + y·w, x − y·w).
    fn butterfly(x: Self, y: Self, w: Self) -> (Self, Self);
    /// (x + y·s, x − y·s).
    fn butterfly_scalar(x: Self, y: Self, s: Self::Scalar) -> (Self, Self);
    /// The same element, below 2.
    fn reduce(self) -> Self;
    /// `WIDTH` vectors as a square matrix, transposed.
    fn transpose(square: &mut [Self]);
}

impl Lane for Fr {
    const WIDTH: usize = 1;
    const LOADED: u64 = 1;
    type Scalar = Self;

    #[inline(always)]
    fn load(values: &[Fr]) -> Self {
        values[0]
    }

    #[inline(always)]
    fn table(values: &[Fr]) -> Self {
        values[0]
    }

    #[inline(always)]
    fn scalar(value: Fr) -> Self {
        value
    }

    #[inline(always)]
    fn store(self, out: &mut [Fr]) {
        out[0] = self;
    }

    #[inline(always)]
    fn product(a: Self, b: Self, out: &mut [Fr]) {
        out[0] = a * b;
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self - other
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self * other
    }

    #[inline(always)]
    fn scale(self, s: Self) -> Self {
        self * s
    }

    #[inline(always)]
    fn butterfly(x: Self, y: Self, w: Self) -> (Self, Self) {
        // The first twiddle of each stage is 1.
        let t = if w == Self::ONE { y } else { y * w };
        (x + t, x - t)
    }

    #[inline(always)]
    fn butterfly_scalar(x: Self, y: Self, s: Self) -> (Self, Self) {
        Self::butterfly(x, y, s)
    }

    #[inline(always)]
    fn reduce(self) -> Self {
        self
    }

    #[inline(always)]
    fn transpose(_: &mut [Self]) {}
}
