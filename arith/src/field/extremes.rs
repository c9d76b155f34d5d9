//! Limbs and values at the bounds that docs/engine/arith.md derives, which random elements hardly ever reach.

use ark_bls12_381::{Fq, FqConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, MontConfig, UniformRand};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{Base, Places};
use crate::backend::{Backend, Kind, dispatch};
use crate::lanes::{Limbs, MAX_WIDTH, Task};

/// p without its lowest 364 and 336 bits: a top limb of 52-bit and of 48-bit limbs that is worth p.
const TOP: [f64; 2] = [65536.0 * 1.625_703_05, (1_u64 << 44) as f64 * 1.625_703_05];
/// Bits of an integer limb, and of a limb as a double.
const BITS: [usize; 2] = [52, 48];

/// How a back end writes limbs.
#[derive(Clone, Copy, PartialEq)]
enum Radix {
    Integers,
    Doubles,
}

impl Radix {
    /// Limbs of a number of magnitude below `bound` times p whose other limbs are at their bounds, at 0 or anywhere.
    fn draw(self, rng: &mut ChaCha20Rng, bound: f64) -> [i64; 8] {
        let index = self as usize;
        let largest = if self == Self::Integers { (1 << 52) - 1 } else { (1 << 47) + (1 << 6) };
        let least = if self == Self::Integers { 0 } else { -largest };
        let top = (TOP[index] * bound) as i64 - 2;
        let (kind, sign) = (rng.gen_range(0..6), if rng.gen_bool(0.5) { 1 } else { -1 });
        core::array::from_fn(|limb| {
            let (least, largest) = match limb {
                7 if self == Self::Integers => (0, top),
                7 => (-top, top),
                _ => (least, largest),
            };
            match kind {
                // All at the same bound, all at opposite ones, each at some bound.
                0 => {
                    if sign > 0 {
                        largest
                    } else {
                        least
                    }
                }
                1 => {
                    if (limb % 2 == 0) == (sign > 0) {
                        largest
                    } else {
                        least
                    }
                }
                2 => {
                    if rng.gen_bool(0.5) {
                        largest
                    } else {
                        least
                    }
                }
                3 => [least, 0, 1, largest - 1, largest][rng.gen_range(0..5)],
                _ => rng.gen_range(least..=largest),
            }
        })
    }

    fn limbs(self, integers: [i64; 8]) -> Limbs {
        Limbs(core::array::from_fn(|limb| match self {
            Self::Integers => integers[limb].cast_unsigned(),
            Self::Doubles => (integers[limb] as f64 * 2_f64.powi(48 * limb as i32 - 384)).to_bits(),
        }))
    }

    fn integers(self, limbs: &Limbs) -> [i64; 8] {
        core::array::from_fn(|limb| match self {
            Self::Integers => limbs.0[limb].cast_signed(),
            Self::Doubles => (f64::from_bits(limbs.0[limb]) * 2_f64.powi(384 - 48 * limb as i32)) as i64,
        })
    }

    /// The element that limbs stand for.
    fn value(self, integers: &[i64; 8]) -> Fq {
        let bits = BITS[self as usize];
        let word = |integer: i64| {
            let magnitude = Fq::from(integer.unsigned_abs());
            if integer < 0 { -magnitude } else { magnitude }
        };
        let weight = |limb: usize| Fq::from(2).pow([(bits * limb) as u64]);
        let sum: Fq = (0..8).map(|limb| word(integers[limb]) * weight(limb)).sum();
        sum * weight(8).inverse().unwrap()
    }

    /// Whether limbs and value are within what a product may have.
    fn is_product(self, integers: &[i64; 8]) -> bool {
        let (top, others) = (integers[7] as f64 / TOP[self as usize], &integers[..7]);
        match self {
            Self::Integers => others.iter().all(|limb| (0..1 << 52).contains(limb)) && (0.0..1.26).contains(&top),
            Self::Doubles => others.iter().all(|limb| limb.abs() <= (1 << 47) + (1 << 6)) && top.abs() < 0.83,
        }
    }
}

struct Extremes {
    radix: Radix,
    seed: u64,
}

const AT: Places = [0, 1, 2, 3, 4, 5, 6, 7];

fn stored<B: Base>(value: &B) -> [Limbs; MAX_WIDTH] {
    let mut limbs = [Limbs::default(); MAX_WIDTH];
    value.store(&mut limbs, &AT, B::WIDTH);
    limbs
}

impl Extremes {
    fn expect<B: Base>(&self, name: &str, found: &B, product: bool, reference: impl Fn(usize) -> Fq) {
        for (lane, limbs) in stored(found).iter().enumerate().take(B::WIDTH) {
            let integers = self.radix.integers(limbs);
            assert_eq!(self.radix.value(&integers), reference(lane), "{name}, seed {}, lane {lane}", self.seed);
            assert!(!product || self.radix.is_product(&integers), "{name}, seed {}, {integers:?}", self.seed);
        }
    }
}

impl<B: Base> Task<B> for Extremes {
    type Output = ();

    fn run(self) {
        let rng = &mut ChaCha20Rng::seed_from_u64(self.seed);
        // Stored values of both kinds; what doubles add up by themselves, integers may have as one factor.
        let (small, wide) = if self.radix == Radix::Integers { (2.009, 15.99) } else { (1.009, 1.009) };
        let mut draw = |bound| -> [[i64; 8]; MAX_WIDTH] { core::array::from_fn(|_| self.radix.draw(rng, bound)) };
        let (raw, factors) = ([(); 8].map(|()| draw(small)), [(); 4].map(|()| draw(wide)));
        let load = |values: &[[i64; 8]; MAX_WIDTH]| B::load(&values.map(|value| self.radix.limbs(value)), &AT);
        let value = |values: &[[i64; 8]; MAX_WIDTH], lane: usize| self.radix.value(&values[lane]);
        let (a, v) = (raw.each_ref().map(load), |i: usize, lane: usize| value(&raw[i], lane));
        let (f, w) = (factors.each_ref().map(load), |i: usize, lane: usize| value(&factors[i], lane));

        self.expect("mul", &f[0].mul(&f[1]), true, |l| w(0, l) * w(1, l));
        self.expect("square", &f[0].square(), true, |l| w(0, l).square());
        self.expect("dot", &B::dot(&f[0], &f[1], &f[2], &f[3]), true, |l| w(0, l) * w(1, l) + w(2, l) * w(3, l));
        let [real, other] = B::complex([&f[0], &f[1]], [&f[2], &f[3]]);
        self.expect("real", &real, true, |l| w(0, l) * w(2, l) - w(1, l) * w(3, l));
        self.expect("other", &other, true, |l| w(0, l) * w(3, l) + w(1, l) * w(2, l));

        // Two stored values in each factor, three in one.
        let sums: [B; 4] = core::array::from_fn(|i| a[2 * i].add(&a[2 * i + 1]));
        let lessened: [B; 4] = core::array::from_fn(|i| a[2 * i].sub(&a[2 * i + 1]));
        let (s, d) =
            (|i: usize, l: usize| v(2 * i, l) + v(2 * i + 1, l), |i: usize, l: usize| v(2 * i, l) - v(2 * i + 1, l));
        self.expect("mul of sums", &sums[0].mul(&sums[1]), true, |l| s(0, l) * s(1, l));
        self.expect("square of a difference", &lessened[0].square(), true, |l| d(0, l).square());
        self.expect("dot of sums", &B::dot(&sums[0], &sums[1], &sums[2], &sums[3]), true, |l| {
            s(0, l) * s(1, l) + s(2, l) * s(3, l)
        });
        for (name, x, at) in [("sums", &sums, &s as &dyn Fn(usize, usize) -> Fq), ("differences", &lessened, &d)] {
            let [real, other] = B::complex([&x[0], &x[1]], [&x[2], &x[3]]);
            self.expect(name, &real, true, |l| at(0, l) * at(2, l) - at(1, l) * at(3, l));
            self.expect(name, &other, true, |l| at(0, l) * at(3, l) + at(1, l) * at(2, l));
        }
        let three = a[0].add(&a[1]).add(&a[2]);
        self.expect("three by one", &three.mul(&a[3]), true, |l| (v(0, l) + v(1, l) + v(2, l)) * v(3, l));
        let [real, _] = B::complex([&three, &three], [&a[3], &a[4]]);
        self.expect("three by one", &real, true, |l| (v(0, l) + v(1, l) + v(2, l)) * (v(3, l) - v(4, l)));

        let product = a[0].square();
        self.expect("sub_sub", &product.sub_sub(&a[1], &a[2]), false, |l| v(0, l).square() - v(1, l) - v(2, l));
        self.expect("sub_stored", &a[0].sub_stored(&a[1].negate_if(0xf0f)), false, |l| {
            v(0, l) - if 0xf0f >> l & 1 == 1 { -v(1, l) } else { v(1, l) }
        });
        let signed = stored(&a[0].sub_stored(&a[1]));
        let negated = B::load(&signed.map(|limbs| B::negate_limbs(&limbs)), &AT);
        self.expect("negate_limbs", &negated, false, |l| v(1, l) - v(0, l));
    }
}

fn extremes(kind: Kind, radix: Radix) {
    if kind.available() {
        for seed in 0..200 {
            dispatch!(Backend::untested(kind), L => <L as crate::lanes::Lanes>::enter(Extremes { radix, seed }));
        }
    }
}

#[test]
fn emulated_ifma() {
    extremes(Kind::EmulatedIfma, Radix::Integers);
}

#[test]
fn avx512ifma() {
    extremes(Kind::Avx512Ifma, Radix::Integers);
}

#[test]
fn emulated_avx2() {
    extremes(Kind::EmulatedAvx2, Radix::Doubles);
}

#[test]
fn avx2() {
    extremes(Kind::Avx2, Radix::Doubles);
}

/// A stored difference of nearly equal values: as stored values may be anything up to a little more than 2 p, its negative needs care.
struct Near {
    seed: u64,
}

impl<B: Base> Task<B> for Near {
    type Output = ();

    fn run(self) {
        let rng = &mut ChaCha20Rng::seed_from_u64(self.seed);
        let mut words = [0; 6];
        let bit = rng.gen_range(0..340);
        words[bit / 64] = 1 << (bit % 64);
        let little: Fq = Fq::new_unchecked(BigInt(words));
        assert!(BigInt(words) < FqConfig::MODULUS);
        let values: [Fq; MAX_WIDTH] = core::array::from_fn(|_| Fq::rand(rng));
        let others = values.map(|value| value - little);
        let [a, b] = [values, others].map(|values| B::import(&values[..B::WIDTH]));
        let difference = stored(&a.sub_stored(&b));
        let negated = B::load(&difference.map(|limbs| B::negate_limbs(&limbs)), &AT);
        let mut found = [Fq::ZERO; MAX_WIDTH];
        negated.export(&mut found[..B::WIDTH]);
        assert!(found[..B::WIDTH].iter().all(|value| *value == -little), "seed {}, 2^{bit}", self.seed);
    }
}

#[test]
fn near_values_are_negated() {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.available()) {
        for seed in 0..400 {
            dispatch!(Backend::untested(kind), L => <L as crate::lanes::Lanes>::enter(Near { seed }));
        }
    }
}
