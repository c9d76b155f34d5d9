//! Points between arkworks and the lanes, and the endomorphism on many points.

use alloc::vec::Vec;
use core::marker::PhantomData;

use ark_bls12_381::Fq;
use ark_ff::AdditiveGroup;

use crate::curve::Curve;
use crate::field::{Base, Coordinate, Places};
use crate::lanes::{Lanes, Limbs, MAX_WIDTH, Task};
use crate::parallel;

/// Points converted at a time.
const STRIPE: usize = 4096;

/// Limbs of a point.
pub(crate) const fn stride<C: Curve>() -> usize {
    2 * C::DEGREE
}

/// Whether a stored point is infinity.
pub(crate) fn is_infinity(point: &[Limbs]) -> bool {
    point.iter().all(|limbs| limbs.0.iter().fold(0, |all, limb| all | limb) == 0)
}

/// Points of arkworks as stored points into `out`; infinity becomes zeros.
pub(crate) fn import<C: Curve, L: Lanes>(points: &[C::Affine], out: &mut [Limbs]) {
    let stripes = points.chunks(STRIPE).zip(out.chunks_mut(STRIPE * stride::<C>())).collect();
    parallel::map(stripes, |(points, out): (&[C::Affine], &mut [Limbs])| L::enter(Import::<C> { points, out }));
}

struct Import<'a, C: Curve> {
    points: &'a [C::Affine],
    out: &'a mut [Limbs],
}

impl<C: Curve, B: Base> Task<B> for Import<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let stride = stride::<C>();
        for (chunk, target) in self.points.chunks(B::WIDTH).zip(self.out.chunks_mut(B::WIDTH * stride)) {
            let mut values = [[Fq::ZERO; MAX_WIDTH]; 4];
            let mut finite = [false; MAX_WIDTH];
            for (lane, point) in chunk.iter().enumerate() {
                if let Some([x, y]) = C::coordinates(point) {
                    finite[lane] = true;
                    for part in 0..C::DEGREE {
                        values[part][lane] = x[part];
                        values[C::DEGREE + part][lane] = y[part];
                    }
                }
            }
            for (part, values) in values.iter().enumerate().take(stride) {
                let at: Places = core::array::from_fn(|lane| lane * stride + part);
                B::import(&values[..B::WIDTH]).store(target, &at, chunk.len());
            }
            for (point, _) in target.chunks_mut(stride).zip(finite).filter(|(_, finite)| !finite) {
                point.fill(Limbs::default());
            }
        }
    }
}

/// Stored points as points of arkworks.
pub(crate) fn export<C: Curve, L: Lanes>(points: &[Limbs]) -> Vec<C::Affine> {
    L::enter(Export::<C> { points, curve: PhantomData })
}

struct Export<'a, C: Curve> {
    points: &'a [Limbs],
    curve: PhantomData<C>,
}

impl<C: Curve, B: Base> Task<B> for Export<'_, C> {
    type Output = Vec<C::Affine>;

    #[inline(always)]
    fn run(self) -> Vec<C::Affine> {
        let stride = stride::<C>();
        let mut out = Vec::with_capacity(self.points.len() / stride);
        for chunk in self.points.chunks(B::WIDTH * stride) {
            let count = chunk.len() / stride;
            let mut values = [[Fq::ZERO; MAX_WIDTH]; 4];
            for (part, values) in values.iter_mut().enumerate().take(stride) {
                let at: Places = core::array::from_fn(|lane| lane.min(count - 1) * stride + part);
                B::load(chunk, &at).export(&mut values[..count]);
            }
            out.extend((0..count).map(|lane| {
                let coordinate = |which: usize| {
                    core::array::from_fn(|part| {
                        if part < C::DEGREE { values[which * C::DEGREE + part][lane] } else { Fq::ZERO }
                    })
                };
                C::point(coordinate(0), coordinate(1))
            }));
        }
        out
    }
}

/// Applies the endomorphism `times` times to stored points, in place.
pub(crate) struct Map<'a, C: Curve> {
    pub(crate) points: &'a mut [Limbs],
    pub(crate) times: usize,
    pub(crate) curve: PhantomData<C>,
}

impl<C: Curve, B: Base> Task<B> for Map<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let stride = stride::<C>();
        let endomorphism = C::endomorphism();
        let coefficients = endomorphism.coefficients.map(C::Coordinate::<B>::splat);
        for chunk in self.points.chunks_mut(B::WIDTH * stride) {
            let count = chunk.len() / stride;
            let infinite: [bool; MAX_WIDTH] =
                core::array::from_fn(|lane| lane < count && is_infinity(&chunk[lane * stride..(lane + 1) * stride]));
            for (coordinate, coefficient) in coefficients.iter().enumerate() {
                let at: Places = core::array::from_fn(|lane| lane.min(count - 1) * stride + coordinate * C::DEGREE);
                let mut value = C::Coordinate::<B>::load(chunk, &at);
                for _ in 0..self.times {
                    let factor = if endomorphism.conjugate { value.conjugate() } else { value };
                    value = coefficient.mul(&factor);
                }
                value.store(chunk, &at, count);
            }
            // Limbs of zero again, where multiples of p may be now.
            for (point, _) in chunk.chunks_mut(stride).zip(infinite).filter(|(_, infinite)| *infinite) {
                point.fill(Limbs::default());
            }
        }
    }
}
