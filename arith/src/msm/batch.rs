//! Many independent affine additions with one inversion per batch.
//!
//! λ = (y₂ − y₁)/(x₂ − x₁), x₃ = λ² − x₁ − x₂, y₃ = λ(x₁ − x₃) − y₁: three multiplications for the shared inversion, two
//! and a squaring for the point. A batch in which some x₂ = x₁ or some operand is infinity goes the complete path, which
//! is the same with the exceptional lanes replaced: λ = 3x²/(2y) for equal points, infinity for opposite ones.

use alloc::vec::Vec;

use ark_bls12_381::Fq;
use ark_ff::{AdditiveGroup, Field};

use crate::count::Counters;
use crate::divsteps::inverse_fq;
use crate::field::{Base, Coordinate, Places};
use crate::lanes::{Limbs, MAX_WIDTH, Task};
use crate::prefetch::prefetch;

/// Additions that share one inversion: operands, sums and what is kept between the passes stay in a second-level cache.
pub(crate) const fn batch(degree: usize) -> usize {
    2048 / (degree * degree)
}
/// Vectors of additions between fetching operands and using them.
const AHEAD: usize = 2;

/// One addition: operands as index · 2 + sign into the source, result as index into the target.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Addition {
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) target: u32,
}

/// What the vectors of a batch keep between the two passes.
pub(crate) struct Scratch<C: Coordinate> {
    denominators: Vec<C>,
    /// Norms of the denominators, if those are not their own norms.
    norms: Vec<C::Base>,
    /// Products of the norms before a vector in its chain.
    prefixes: Vec<C::Base>,
}

impl<C: Coordinate> Scratch<C> {
    pub(crate) fn new() -> Self {
        Self { denominators: Vec::new(), norms: Vec::new(), prefixes: Vec::new() }
    }

    /// Room for so many vectors.
    fn reserve(&mut self, vectors: usize) {
        if self.prefixes.len() < vectors {
            self.denominators.resize(vectors, C::zero());
            self.norms.resize(if C::DEGREE > 1 { vectors } else { 0 }, C::Base::zero());
            self.prefixes.resize(vectors, C::Base::zero());
        }
    }
}

/// One vector of additions, operands loaded.
struct Operands<C> {
    x: [C; 2],
    y: [C; 2],
}

/// Lanes that the plain formula does not serve.
struct Exceptions {
    left_infinite: u32,
    right_infinite: u32,
    /// Opposite points, or both infinity: the sum is infinity.
    vanishing: u32,
}

/// Where one vector's lefts, rights and targets begin, and the signs of the first two. Missing lanes repeat the first.
struct Lookup {
    left: Places,
    right: Places,
    target: Places,
    signs: [u32; 2],
}

#[inline(always)]
fn lookup<C: Coordinate>(chunk: &[Addition]) -> Lookup {
    let mut lookup = Lookup { left: [0; MAX_WIDTH], right: [0; MAX_WIDTH], target: [0; MAX_WIDTH], signs: [0; 2] };
    for lane in 0..C::Base::WIDTH {
        let Addition { left, right, target } = chunk[if lane < chunk.len() { lane } else { 0 }];
        lookup.left[lane] = (left >> 1) as usize * 2 * C::DEGREE;
        lookup.right[lane] = (right >> 1) as usize * 2 * C::DEGREE;
        lookup.target[lane] = target as usize * 2 * C::DEGREE;
        lookup.signs[0] |= (left & 1) << lane;
        lookup.signs[1] |= (right & 1) << lane;
    }
    lookup
}

#[inline(always)]
fn second<C: Coordinate>(mut places: Places) -> Places {
    for place in &mut places {
        *place += C::DEGREE;
    }
    places
}

#[inline(always)]
fn load_x<C: Coordinate>(source: &[Limbs], lookup: &Lookup) -> [C; 2] {
    [C::load(source, &lookup.left), C::load(source, &lookup.right)]
}

#[inline(always)]
fn load_y<C: Coordinate>(source: &[Limbs], lookup: &Lookup) -> [C; 2] {
    [
        C::load(source, &second::<C>(lookup.left)).negate_if(lookup.signs[0]),
        C::load(source, &second::<C>(lookup.right)).negate_if(lookup.signs[1]),
    ]
}

/// The exceptional lanes and the replaced numerator and denominator.
#[inline(always)]
fn exceptions<C: Coordinate>(o: &Operands<C>) -> (Exceptions, C, C) {
    let [x1, x2] = &o.x;
    // Stored, so that they may be squared, doubled and tested.
    let [y1, y2] = [o.y[0].sub_stored(&C::zero()), o.y[1].sub_stored(&C::zero())];
    let left_infinite = x1.zero_mask() & y1.zero_mask();
    let right_infinite = x2.zero_mask() & y2.zero_mask();
    let finite = !(left_infinite | right_infinite);
    let denominator = x2.sub(x1);
    let equal_x = denominator.zero_mask() & finite;
    let opposite = equal_x & y1.add(&y2).zero_mask();
    let doubled = equal_x & !opposite;
    let square = x1.square();
    let numerator = C::select(doubled, &square.add(&square).add(&square), &y2.sub(&y1));
    let denominator = C::select(doubled, &y1.add(&y1), &denominator);
    let denominator = C::select(opposite | !finite, &C::one(), &denominator);
    let vanishing = opposite | left_infinite & right_infinite;
    (Exceptions { left_infinite, right_infinite, vanishing }, numerator, denominator)
}

/// First pass: denominators, their norms and running products in two chains. Returns the chains' products.
#[inline(always)]
fn denominators<C: Coordinate, const COMPLETE: bool>(
    source: &[Limbs],
    batch: &[Addition],
    scratch: &mut Scratch<C>,
) -> [C::Base; 2] {
    let mut products = [C::Base::one(); 2];
    scratch.reserve(batch.len().div_ceil(C::Base::WIDTH));
    for (index, chunk) in batch.chunks(C::Base::WIDTH).enumerate() {
        fetch::<C>(source, batch, index + AHEAD);
        let lookup = lookup::<C>(chunk);
        let x = load_x::<C>(source, &lookup);
        let denominator =
            if COMPLETE { exceptions(&Operands { x, y: load_y(source, &lookup) }).2 } else { x[1].sub(&x[0]) };
        let norm = denominator.norm();
        let prefix = products[index % 2];
        products[index % 2] = prefix.mul(&norm);
        scratch.prefixes[index] = prefix;
        if C::DEGREE > 1 {
            scratch.norms[index] = norm;
        }
        scratch.denominators[index] = denominator;
    }
    products
}

/// Has the operands of a vector of additions fetched.
#[inline(always)]
fn fetch<C: Coordinate>(source: &[Limbs], batch: &[Addition], index: usize) {
    let Some(chunk) = batch.get(index * C::Base::WIDTH..) else {
        return;
    };
    for addition in &chunk[..chunk.len().min(C::Base::WIDTH)] {
        for operand in [addition.left, addition.right] {
            for line in 0..2 * C::DEGREE {
                prefetch(source, (operand >> 1) as usize * 2 * C::DEGREE + line);
            }
        }
    }
}

/// Second pass, backwards: the sums. Returns whether some sum is infinity.
#[inline(always)]
fn sums<C: Coordinate, const COMPLETE: bool>(
    source: &[Limbs],
    batch: &[Addition],
    scratch: &Scratch<C>,
    mut inverses: [C::Base; 2],
    target: &mut [Limbs],
) -> bool {
    let mut infinite = false;
    for (index, chunk) in batch.chunks(C::Base::WIDTH).enumerate().rev() {
        if index >= AHEAD {
            fetch::<C>(source, batch, index - AHEAD);
        }
        let (denominator, prefix) = (&scratch.denominators[index], &scratch.prefixes[index]);
        let norm = if C::DEGREE > 1 { &scratch.norms[index] } else { &denominator.norm() };
        let inverse = denominator.inverse(&inverses[index % 2].mul(prefix));
        inverses[index % 2] = inverses[index % 2].mul(norm);
        let lookup = lookup::<C>(chunk);
        let operands = Operands { x: load_x::<C>(source, &lookup), y: load_y(source, &lookup) };
        let ([x1, x2], [y1, y2]) = (&operands.x, &operands.y);
        let (special, numerator) = if COMPLETE {
            let (special, numerator, _) = exceptions(&operands);
            (Some(special), numerator)
        } else {
            (None, y2.sub(y1))
        };
        let lambda = inverse.mul(&numerator);
        // For a doubled point x₂ = x₁, so that one formula serves.
        let mut x3 = lambda.square().sub_sub(x1, x2);
        let mut y3 = lambda.mul(&x1.sub(&x3)).sub_stored(y1);
        if let Some(special) = special {
            let [left, right] = [y1.sub_stored(&C::zero()), y2.sub_stored(&C::zero())];
            x3 = C::select(special.left_infinite, x2, &C::select(special.right_infinite, x1, &x3));
            y3 = C::select(special.left_infinite, &right, &C::select(special.right_infinite, &left, &y3));
            // Infinity is stored as limbs of zero, not as multiples of p.
            x3 = C::select(special.vanishing, &C::zero(), &x3);
            y3 = C::select(special.vanishing, &C::zero(), &y3);
            infinite |= special.vanishing & ((1 << chunk.len()) - 1) != 0;
        }
        x3.store(target, &lookup.target, chunk.len());
        y3.store(target, &second::<C>(lookup.target), chunk.len());
    }
    infinite
}

/// The inverses of all lanes of both products by one inversion, or `None` if some lane is 0.
#[inline(always)]
pub(crate) fn invert<B: Base>(products: &[B; 2]) -> Option<[B; 2]> {
    let mut values = [Fq::ZERO; 2 * MAX_WIDTH];
    let (first, second) = values.split_at_mut(B::WIDTH);
    products[0].export(first);
    products[1].export(&mut second[..B::WIDTH]);
    let values = &mut values[..2 * B::WIDTH];
    let mut prefixes = [Fq::ONE; 2 * MAX_WIDTH];
    let mut product = Fq::ONE;
    for (prefix, value) in prefixes.iter_mut().zip(values.iter()) {
        *prefix = product;
        product *= value;
    }
    let mut inverse = inverse_fq(&product)?;
    for (value, prefix) in values.iter_mut().zip(&prefixes).rev() {
        let next = inverse * *value;
        *value = inverse * prefix;
        inverse = next;
    }
    let (first, second) = values.split_at(B::WIDTH);
    Some([B::import(first), B::import(second)])
}

/// Adds pairs of points.
pub(crate) struct Add<'a, C: Coordinate> {
    pub(crate) source: &'a [Limbs],
    pub(crate) additions: &'a [Addition],
    pub(crate) target: &'a mut [Limbs],
    /// Take the complete path from the start: to be set when the source may hold infinity.
    pub(crate) complete: bool,
    pub(crate) scratch: &'a mut Scratch<C>,
    pub(crate) counters: &'a mut Counters,
}

impl<C: Coordinate> Task<C::Base> for Add<'_, C> {
    /// Whether some sum is infinity.
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { source, additions, target, complete, scratch, counters } = self;
        let mut infinite = false;
        for batch in additions.chunks(batch(C::DEGREE)) {
            counters.additions += batch.len() as u64;
            counters.inversions += 1;
            counters.multiplications += 6 * batch.len() as u64;
            let plain = if complete { None } else { invert(&denominators::<C, false>(source, batch, scratch)) };
            if let Some(inverses) = plain {
                sums::<C, false>(source, batch, scratch, inverses, target);
                continue;
            }
            counters.complete_batches += 1;
            // Every denominator is replaced where it would be 0, so the inverse exists.
            if let Some(inverses) = invert(&denominators::<C, true>(source, batch, scratch)) {
                infinite |= sums::<C, true>(source, batch, scratch, inverses, target);
            }
        }
        infinite
    }
}
