//! The transforms behind one seam, whatever lanes they run on.

use super::Domain;
use super::lane::Lane;
#[cfg(feature = "std")]
use super::radix44::Fr4;
use super::radix52::Fr8;
use super::transform::Plan;
use crate::backend::{Backend, Kind};
use crate::lanes::emulated::{Emulated, EmulatedIfma};
use crate::lanes::{Lanes, MAX_WIDTH, Task};
#[cfg(feature = "std")]
use crate::lanes::{Quad, emulated_fma::EmulatedFma};
use crate::parallel;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use ark_bls12_381::Fr;
use ark_ff::AdditiveGroup;
use core::marker::PhantomData;

/// Transforms of one domain.
pub(super) trait Kernel: Send + Sync {
    /// Values on D to values on g·D, by position.
    fn evaluate(&self, values: &mut [Fr]);
    /// A·B on g·D from values on D, by position, in the place of A's.
    fn product(&self, a: &mut [Fr], b: &[Fr]);
}

/// The kernel of `backend`; the portable one for short rows, and for lanes without one.
pub(super) fn kernel(domain: &Domain, backend: Backend) -> Box<dyn Kernel> {
    let wide = Plan::<Fr8<Emulated>>::fits(domain);
    #[cfg(feature = "std")]
    if backend.kind() == Kind::EmulatedAvx2 && Plan::<Fr4<Quad>>::fits(domain) {
        return Box::new(Vectors::<EmulatedFma, Fr4<Quad>>::new(domain));
    }
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if backend.kind() == Kind::Avx2 && Plan::<Fr4<Quad>>::fits(domain) {
        use crate::lanes::avx2::{Avx2, Fma};
        return Box::new(Vectors::<Fma, Fr4<Avx2>>::new(domain));
    }
    match backend.kind() {
        #[cfg(all(target_arch = "x86_64", feature = "std"))]
        Kind::Avx512Ifma if wide => {
            use crate::lanes::avx512::{Avx512, Ifma};
            Box::new(Vectors::<Ifma, Fr8<Avx512>>::new(domain))
        }
        Kind::EmulatedIfma if wide => Box::new(Vectors::<EmulatedIfma, Fr8<Emulated>>::new(domain)),
        _ => Box::new(Plan::<Fr>::new(domain)),
    }
}

impl Kernel for Plan<Fr> {
    fn evaluate(&self, values: &mut [Fr]) {
        self.to_coset(values);
    }

    fn product(&self, a: &mut [Fr], b: &[Fr]) {
        let mut b = b.to_vec();
        self.to_coset(a);
        self.to_coset(&mut b);
        for (a, b) in a.iter_mut().zip(b) {
            *a *= b;
        }
    }
}

struct Vectors<L, V: Lane> {
    plan: Plan<V>,
    lanes: PhantomData<fn() -> L>,
}

impl<L: Lanes, V: Lane> Vectors<L, V> {
    fn new(domain: &Domain) -> Self {
        Self { plan: Plan::new(domain), lanes: PhantomData }
    }

    fn transform(&self, values: &[Fr]) -> Vec<V> {
        L::enter(Transform { plan: &self.plan, values })
    }
}

impl<L: Lanes, V: Lane> Kernel for Vectors<L, V> {
    fn evaluate(&self, values: &mut [Fr]) {
        let vectors = self.transform(values);
        L::enter(Store(vectors, values));
    }

    fn product(&self, a: &mut [Fr], b: &[Fr]) {
        let (left, right) = parallel::join(|| self.transform(a), || self.transform(b));
        L::enter(Product([left, right], a));
    }
}

struct Transform<'a, V: Lane> {
    plan: &'a Plan<V>,
    values: &'a [Fr],
}

impl<B, V: Lane> Task<B> for Transform<'_, V> {
    type Output = Vec<V>;

    #[inline(always)]
    fn run(self) -> Vec<V> {
        let mut vectors = vec![V::load(&[Fr::ZERO; MAX_WIDTH]); self.values.len() / V::WIDTH];
        for (vector, values) in vectors.iter_mut().zip(self.values.chunks_exact(V::WIDTH)) {
            *vector = V::load(values);
        }
        self.plan.to_coset(&mut vectors);
        vectors
    }
}

struct Store<'a, V>(Vec<V>, &'a mut [Fr]);

impl<B, V: Lane> Task<B> for Store<'_, V> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (vector, values) in self.0.into_iter().zip(self.1.chunks_exact_mut(V::WIDTH)) {
            vector.store(values);
        }
    }
}

struct Product<'a, V>([Vec<V>; 2], &'a mut [Fr]);

impl<B, V: Lane> Task<B> for Product<'_, V> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [a, b] = self.0;
        for ((a, b), values) in a.into_iter().zip(b).zip(self.1.chunks_exact_mut(V::WIDTH)) {
            V::product(a, b, values);
        }
    }
}
