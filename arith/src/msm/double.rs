//! Doublings of many points at once, for tables: λ = 3x²/2y with one inversion per batch.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::batch::{batch, invert};
use super::points::stride;
use crate::curve::Curve;
use crate::field::{Base, Coordinate, Places};
use crate::lanes::{Limbs, MAX_WIDTH, Task};

/// Doubles at most a batch of stored points in place, `times` times. Says no, and leaves the points as they were, if one of them is
/// infinity; no other point of the subgroup has y = 0, nor has a double of one.
pub(crate) struct Double<'a, C: Curve> {
    pub(crate) points: &'a mut [Limbs],
    pub(crate) times: usize,
    pub(crate) curve: PhantomData<C>,
}

impl<C: Curve, B: Base> Task<B> for Double<'_, C> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let step = B::WIDTH * stride::<C>();
        // Per vector 2y, its norm and the product of the norms before it in its chain.
        let mut kept: Vec<(C::Coordinate<B>, B, B)> = Vec::with_capacity(batch(C::DEGREE) / B::WIDTH);
        for _ in 0..self.times {
            kept.clear();
            let mut products = [B::one(); 2];
            for (index, chunk) in self.points.chunks(step).enumerate() {
                let y = C::Coordinate::<B>::load(chunk, &places::<C>(chunk, C::DEGREE));
                let denominator = y.add(&y);
                let norm = denominator.norm();
                let prefix = products[index % 2];
                products[index % 2] = prefix.mul(&norm);
                kept.push((denominator, norm, prefix));
            }
            let Some(mut inverses) = invert(&products) else {
                return false;
            };
            for (index, chunk) in self.points.chunks_mut(step).enumerate().rev() {
                let (denominator, norm, prefix) = &kept[index];
                let inverse = denominator.inverse(&inverses[index % 2].mul(prefix));
                inverses[index % 2] = inverses[index % 2].mul(norm);
                let (at_x, at_y) = (places::<C>(chunk, 0), places::<C>(chunk, C::DEGREE));
                let (x, y) = (C::Coordinate::<B>::load(chunk, &at_x), C::Coordinate::<B>::load(chunk, &at_y));
                let square = x.square();
                let lambda = square.add(&square).add(&square).mul(&inverse);
                let doubled = lambda.square().sub_sub(&x, &x);
                let height = lambda.mul(&x.sub(&doubled)).sub_stored(&y);
                let count = chunk.len() / stride::<C>();
                doubled.store(chunk, &at_x, count);
                height.store(chunk, &at_y, count);
            }
        }
        true
    }
}

/// Where a coordinate of the chunk's points begins; missing points repeat the last.
#[inline(always)]
fn places<C: Curve>(chunk: &[Limbs], coordinate: usize) -> Places {
    let last = chunk.len() / stride::<C>() - 1;
    let mut places = [0; MAX_WIDTH];
    for (lane, place) in places.iter_mut().enumerate() {
        *place = lane.min(last) * stride::<C>() + coordinate;
    }
    places
}
