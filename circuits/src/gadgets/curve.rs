//! Jubjub inside a circuit: complete Edwards addition, and Montgomery ladders whose exceptional cases cannot occur.
//!
//! Montgomery addition of P and Q divides by u_Q − u_P. It is used only where P = a·B and Q = b·B for one point B of order ≥ l and
//! integers with 0 < |a ± b| < l, so that Q ≠ ±P; each use says why. Doubling divides by v, which is 0 only at order 2.

use super::{Num, bits};
use crate::Fr;
use crate::jubjub::{D, MONTGOMERY_A, MONTGOMERY_SCALE, ORDER_8_Y_SQUARED, Point, Scalar};
use crate::keys::PublicKey;
use crate::r1cs::Cs;
use alloc::boxed::Box;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use once_cell::race::OnceBox;

/// A point (x, y) on the Edwards form.
#[derive(Clone, Debug)]
pub struct PointVar {
    /// x.
    pub x: Num,
    /// y.
    pub y: Num,
}

/// A point (u, v) on v² = u³ + A·u² + u.
#[derive(Clone)]
pub(super) struct Montgomery {
    pub(super) u: Num,
    pub(super) v: Num,
}

impl PointVar {
    /// A constant.
    pub fn constant(point: Point) -> Self {
        Self { x: Num::from_constant(point.x), y: Num::from_constant(point.y) }
    }

    /// −self.
    pub fn neg(&self) -> Self {
        Self { x: -&self.x, y: self.y.clone() }
    }

    /// self + other, complete on the curve: six rows.
    pub fn add(&self, cs: &mut Cs, other: &Self) -> Self {
        let u = cs.mul(&(&self.x + &self.y), &(&other.x + &other.y));
        let a = cs.mul(&self.x, &other.y);
        let b = cs.mul(&self.y, &other.x);
        let c = cs.mul(&a.scale(D), &b);
        let x = cs.div(&(&a + &b), &c.plus(Fr::ONE));
        let y = cs.div(&(&(&u - &a) - &b), &Num::one().minus(&c));
        Self { x, y }
    }

    fn to_montgomery(&self, cs: &mut Cs) -> Montgomery {
        let one = Num::one();
        let u = cs.div(&(&one + &self.y), &(&one - &self.y));
        let v = cs.div(&u.scale(MONTGOMERY_SCALE), &self.x);
        Montgomery { u, v }
    }
}

impl Montgomery {
    /// x·v = scale·u, y·(u + 1) = u − 1; v ≠ 0 as self has order ≥ l, and u = −1 is not on the curve.
    pub(super) fn to_edwards(&self, cs: &mut Cs) -> PointVar {
        let x = cs.div(&self.u.scale(MONTGOMERY_SCALE), &self.v);
        let y = cs.div(&self.u.plus(-Fr::ONE), &self.u.plus(Fr::ONE));
        PointVar { x, y }
    }

    pub(super) fn add(&self, cs: &mut Cs, other: &Self) -> Self {
        let slope = cs.div(&(&other.v - &self.v), &(&other.u - &self.u));
        let sum = &self.u + &other.u;
        self.third(cs, &slope, &sum)
    }

    fn double(&self, cs: &mut Cs) -> Self {
        let square = cs.mul(&self.u, &self.u);
        let three = Fr::from(3u64);
        let numerator = Num::linear(&[(three, &square), (MONTGOMERY_A.double(), &self.u)], Fr::ONE);
        let slope = cs.div(&numerator, &self.v.scale(2u64));
        let sum = self.u.scale(2u64);
        self.third(cs, &slope, &sum)
    }

    /// u₃ = λ² − A − (u₁ + u₂), v₃ = λ(u₁ − u₃) − v₁.
    fn third(&self, cs: &mut Cs, slope: &Num, sum: &Num) -> Self {
        let u = cs.alloc(slope.value().square() - MONTGOMERY_A - sum.value());
        cs.enforce(slope, slope, &(&u + sum).plus(MONTGOMERY_A));
        let v = cs.alloc(slope.value() * (self.u.value() - u.value()) - self.v.value());
        cs.enforce(slope, &(&self.u - &u), &(&v + &self.v));
        Self { u, v }
    }
}

/// A public key of the prover's: on the curve and not of small order, hence of order ≥ l.
pub struct PublicKeyVar(PointVar);

impl PublicKeyVar {
    /// Takes a key and proves that it is admissible: six rows.
    pub fn witness(cs: &mut Cs, pk: &PublicKey) -> Self {
        cs.gadget("public key", |cs| {
            let x = cs.hint("pk.x", pk.point().x);
            let y = cs.hint("pk.y", pk.point().y);
            let xx = cs.mul(&x, &x);
            let yy = cs.mul(&y, &y);
            cs.enforce(&xx.scale(D), &yy, &(&yy - &xx).plus(-Fr::ONE));
            // Torsion points are those with x = 0, y = 0 or y² = ORDER_8_Y_SQUARED.
            let xy = cs.mul(&x, &y);
            let torsion = cs.mul(&xy, &yy.plus(-ORDER_8_Y_SQUARED));
            bits::nonzero(cs, &torsion);
            Self(PointVar { x, y })
        })
    }

    /// The coordinates.
    pub fn point(&self) -> &PointVar {
        &self.0
    }

    /// k·self for k = Σ 2^i·b_i and 2 to 128 boolean bits b_i, low first.
    ///
    /// With n = len − 1 and k′ = k ≫ 1 the sum Σ_{j<n} (2k′_j − 1)·2^j = 2k′ + 1 − 2^n is built from the low end: before step j it is
    /// odd and below 2^j in size, and ±2^j is added. Then 2^n is added, and the complete formula takes (1 − k₀)·self away.
    pub fn mul(&self, cs: &mut Cs, bits: &[Num]) -> PointVar {
        cs.gadget("variable base", |cs| {
            let mut power = self.0.to_montgomery(cs);
            let mut sum: Option<Montgomery> = None;
            for bit in &bits[1..] {
                let sign = bit.scale(2u64).plus(-Fr::ONE);
                let term = Montgomery { u: power.u.clone(), v: cs.mul(&sign, &power.v) };
                sum = Some(match sum {
                    None => term,
                    Some(sum) => sum.add(cs, &term),
                });
                power = power.double(cs);
            }
            let odd = match sum {
                None => power,
                Some(sum) => sum.add(cs, &power),
            };
            let odd = odd.to_edwards(cs);
            let even = Num::one().minus(&bits[0]);
            let correction =
                PointVar { x: -&cs.mul(&even, &self.0.x), y: cs.mul(&even, &self.0.y.plus(-Fr::ONE)).plus(Fr::ONE) };
            odd.add(cs, &correction)
        })
    }
}

/// Windows of four bits that cover l.
const WINDOWS: usize = 63;
/// Odd multiples 1, 3, …, 15 per window; signs come from the curve.
const ENTRIES: usize = 8;

/// One window's points, by a coordinate that ±P share, as two monic quartics that vanish on it.
struct Window {
    /// (u, v); (x, y) in the last one.
    points: [(Fr, Fr); ENTRIES],
    quartics: [[Fr; 4]; 2],
}

impl Window {
    /// ±P share the coordinate that `shared` picks.
    fn new(points: [(Fr, Fr); ENTRIES], shared: fn(&(Fr, Fr)) -> Fr) -> Self {
        let quartic = |half: &[(Fr, Fr)]| {
            let mut product = alloc::vec![Fr::ONE];
            for root in half.iter().map(shared) {
                let mut next = alloc::vec![Fr::ZERO; product.len() + 1];
                for (i, k) in product.iter().enumerate() {
                    next[i] -= root * k;
                    next[i + 1] += k;
                }
                product = next;
            }
            core::array::from_fn(|i| product[i])
        };
        let quartics = [quartic(&points[..4]), quartic(&points[4..])];
        Self { points, quartics }
    }

    /// q₁(t)·q₂(t) = 0 by the powers t², t³ (both returned) and t⁴: four rows.
    fn membership(&self, cs: &mut Cs, t: &Num) -> (Num, Num) {
        let second = cs.mul(t, t);
        let third = cs.mul(&second, t);
        let fourth = cs.mul(&second, &second);
        let [q1, q2] =
            self.quartics.map(|q| Num::linear(&[(q[1], t), (q[2], &second), (q[3], &third), (Fr::ONE, &fourth)], q[0]));
        cs.enforce(&q1, &q2, &Num::zero());
        (second, third)
    }

    /// (2·nibble − 15)·base; `turned` is the negative of a point in these coordinates.
    fn digit(&self, nibble: usize, turned: fn((Fr, Fr)) -> (Fr, Fr)) -> (Fr, Fr) {
        if nibble >= ENTRIES { self.points[nibble - ENTRIES] } else { turned(self.points[ENTRIES - 1 - nibble]) }
    }
}

fn windows() -> &'static Vec<Window> {
    static WINDOW_TABLE: OnceBox<Vec<Window>> = OnceBox::new();
    WINDOW_TABLE.get_or_init(|| {
        let mut base = Point::generator();
        let table = (0..WINDOWS)
            .map(|index| {
                let multiples = base.multiples(16);
                let odd = core::array::from_fn(|m| multiples[2 * m]);
                base = multiples[15];
                // The last window is added by the Edwards formula and is told by y; the others by u.
                if index + 1 == WINDOWS {
                    Window::new(odd.map(|point: Point| (point.x, point.y)), |(_, y)| *y)
                } else {
                    Window::new(odd.map(|point| point.to_montgomery()), |(u, _)| *u)
                }
            })
            .collect();
        Box::new(table)
    })
}

/// s·G for an s that the prover knows: G's multiples Σ d_j·16^j·G with odd digits |d_j| ≤ 15.
///
/// Any s mod l is such a sum (s itself if odd, else s − l), and the digits can be read off the points: nothing else is needed of s.
/// Before window j the sum is odd and below 16^j in size, d_j·16^j is at least that: no exceptional case below the last window,
/// where sizes could reach l and the complete formula is used.
pub fn known_multiple_of_generator(cs: &mut Cs, s: &Scalar) -> PointVar {
    cs.gadget("fixed base", |cs| {
        let nibbles = odd_digits(s);
        let table = windows();
        let mut sum: Option<Montgomery> = None;
        for (window, nibble) in table.iter().zip(&nibbles).take(WINDOWS - 1) {
            let (u, v) = window.digit(*nibble, |(u, v)| (u, -v));
            let term = Montgomery { u: cs.hint("window u", u), v: cs.hint("window v", v) };
            let (second, third) = window.membership(cs, &term.u);
            let cubic = Num::linear(&[(Fr::ONE, &third), (MONTGOMERY_A, &second), (Fr::ONE, &term.u)], Fr::ZERO);
            cs.enforce(&term.v, &term.v, &cubic);
            sum = Some(match sum {
                None => term,
                Some(sum) => sum.add(cs, &term),
            });
        }
        let (x, y) = table[WINDOWS - 1].digit(nibbles[WINDOWS - 1], |(x, y)| (-x, y));
        let last = PointVar { x: cs.hint("window x", x), y: cs.hint("window y", y) };
        let (yy, _) = table[WINDOWS - 1].membership(cs, &last.y);
        let xx = cs.mul(&last.x, &last.x);
        cs.enforce(&xx, &yy.scale(D).plus(Fr::ONE), &yy.plus(-Fr::ONE));
        match sum {
            None => last,
            Some(sum) => sum.to_edwards(cs).add(cs, &last),
        }
    })
}

/// Nibbles n_j with Σ (2n_j − 15)·16^j ≡ s mod l.
fn odd_digits(s: &Scalar) -> [usize; WINDOWS] {
    let mut integer = s.into_bigint();
    // 2^252 − 1 + D is even for the odd D = s or s − l, and not negative as l < 2^252.
    let mut offset = ark_ff::BigInt::<4>::from(1u64);
    offset <<= 4 * WINDOWS as u32;
    offset.sub_with_borrow(&ark_ff::BigInt::from(1u64));
    let even = integer.is_even();
    integer.add_with_carry(&offset);
    if even {
        integer.sub_with_borrow(&Scalar::MODULUS);
    }
    integer.div2();
    core::array::from_fn(|j| (integer.0[j / 16] >> (4 * (j % 16)) & 15) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::UniformRand;
    use rand_chacha::rand_core::SeedableRng;

    fn scalars() -> Vec<Scalar> {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(7);
        let mut scalars: Vec<Scalar> = (0..8).map(|_| Scalar::rand(&mut rng)).collect();
        scalars.extend([0u64, 1, 2, 15, 16].map(Scalar::from));
        scalars.extend([-Scalar::ONE, -Scalar::from(2u64)]);
        scalars
    }

    #[test]
    fn fixed_base_equals_native() {
        for s in scalars() {
            let mut cs = Cs::with_rows();
            let point = known_multiple_of_generator(&mut cs, &s);
            assert_eq!(cs.first_violation(), None);
            let native = Point::generator().mul(&s);
            assert_eq!((point.x.value(), point.y.value()), (native.x, native.y));
        }
    }

    #[test]
    fn variable_base_equals_native() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(8);
        let pk = PublicKey::new_unchecked(Point::generator().mul(&Scalar::rand(&mut rng)));
        for k in [0u128, 1, 2, 3, u128::MAX, 1 << 127, 0x1234_5678_9abc_def0_0fed_cba9_8765_4321] {
            let mut cs = Cs::with_rows();
            let key = PublicKeyVar::witness(&mut cs, &pk);
            let bits: Vec<Num> = (0..128).map(|i| bits::boolean(&mut cs, k >> i & 1 == 1)).collect();
            let point = key.mul(&mut cs, &bits);
            assert_eq!(cs.first_violation(), None);
            let native = pk.point().mul_integer(&[k as u64, (k >> 64) as u64]);
            assert_eq!((point.x.value(), point.y.value()), (native.x, native.y));
        }
    }

    #[test]
    fn small_order_keys_are_refused() {
        for point in [Point::IDENTITY, Point { x: Fr::ZERO, y: -Fr::ONE }] {
            let mut cs = Cs::with_rows();
            PublicKeyVar::witness(&mut cs, &PublicKey::new_unchecked(point));
            assert!(cs.first_violation().is_some());
        }
    }
}
