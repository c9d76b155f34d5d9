//! Inverses in F by division steps (Bernstein, Yang, "Fast constant-time gcd computation and modular inversion", eprint 2019/266), 62 at a
//! time on machine words; not constant-time. A witness's points take some hundreds of them, one after the other.

use crate::Fr;
use ark_bls12_381::FrConfig;
use ark_ff::{AdditiveGroup, BigInt, MontConfig};

/// Steps taken on one word.
const STEPS: u32 = 62;
/// Low bits of a limb.
const MASK: i64 = (1 << STEPS) - 1;
/// r⁻¹ mod 2⁶².
const MODULUS_INVERSE: i64 = (FrConfig::INV.wrapping_neg() as i64) & MASK;
const MODULUS: Signed = Signed::new(FrConfig::MODULUS.0);
const R2: Signed = Signed::new(FrConfig::R2.0);

/// Σ limbᵢ·2^(62i): limbs of 62 bits, the last with the sign.
#[derive(Clone, Copy)]
struct Signed([i64; 5]);

impl Signed {
    const fn new([a, b, c, d]: [u64; 4]) -> Self {
        let mask = MASK as u64;
        let limbs =
            [a & mask, (a >> 62 | b << 2) & mask, (b >> 60 | c << 4) & mask, (c >> 58 | d << 6) & mask, d >> 56];
        Self([limbs[0] as i64, limbs[1] as i64, limbs[2] as i64, limbs[3] as i64, limbs[4] as i64])
    }

    fn is_zero(&self) -> bool {
        self.0.iter().all(|limb| *limb == 0)
    }

    /// self + `factor`·other, carried.
    fn plus(&self, factor: i64, other: &Self) -> Self {
        let mut carry = 0;
        let mut sum = Self(core::array::from_fn(|i| {
            carry += self.0[i] + factor * other.0[i];
            let limb = carry & MASK;
            carry >>= STEPS;
            limb
        }));
        sum.0[4] |= carry << STEPS;
        sum
    }

    /// In [0, r), from (−2r, r) or, negated, (−r, 2r).
    fn canonical(self) -> [u64; 4] {
        let mut value = self;
        while value.0[4] < 0 {
            value = value.plus(1, &MODULUS);
        }
        let less = value.plus(-1, &MODULUS);
        let [a, b, c, d, e] = if less.0[4] < 0 { value } else { less }.0.map(|limb| limb as u64);
        [a | b << 62, b >> 2 | c << 60, c >> 4 | d << 58, d >> 6 | e << 56]
    }
}

/// 2⁶² times the matrix of 62 division steps: (f, g) ← (u·f + v·g, q·f + r·g)/2⁶².
struct Matrix {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// 62 division steps on the low words of f and g, f odd; `eta` is −δ.
fn steps(eta: &mut i64, f: i64, g: i64) -> Matrix {
    let (mut f, mut g) = (f as u64, g as u64);
    let [mut u, mut v, mut q, mut r] = [1u64, 0, 0, 1];
    let mut left = STEPS;
    loop {
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *eta -= i64::from(zeros);
        left -= zeros;
        if left == 0 {
            return Matrix { u: u as i64, v: v as i64, q: q as i64, r: r as i64 };
        }
        if *eta < 0 {
            *eta = -*eta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // The multiple of f that clears as many low bits of g as steps are left before f and g change places, six at most.
        let clear = (*eta + 1).min(i64::from(left)).min(6) as u32;
        let inverse = f.wrapping_mul(f.wrapping_mul(f).wrapping_sub(2));
        let multiple = inverse.wrapping_mul(g) & (u64::MAX >> (64 - clear));
        g = g.wrapping_add(f.wrapping_mul(multiple));
        q = q.wrapping_add(u.wrapping_mul(multiple));
        r = r.wrapping_add(v.wrapping_mul(multiple));
    }
}

/// (u·a + v·b + m·modulus)/2⁶², exact; m = 0 for f and g.
fn combine(u: i64, a: &Signed, v: i64, b: &Signed, m: i64) -> Signed {
    let column = |i: usize| {
        i128::from(u) * i128::from(a.0[i])
            + i128::from(v) * i128::from(b.0[i])
            + i128::from(m) * i128::from(MODULUS.0[i])
    };
    let mut carry = column(0) >> STEPS;
    let mut out = [0; 5];
    for i in 1..5 {
        carry += column(i);
        out[i - 1] = (carry as i64) & MASK;
        carry >>= STEPS;
    }
    out[4] = carry as i64;
    Signed(out)
}

/// (u·d + v·e)/2⁶² mod r, in (−2r, r) if d and e are.
fn reduce(u: i64, d: &Signed, v: i64, e: &Signed) -> Signed {
    // One more r for each negative one, then the multiple that makes the low word 0.
    let negative = |factor: i64, x: &Signed| factor & (x.0[4] >> 63);
    let mut m = negative(u, d) + negative(v, e);
    let low = u.wrapping_mul(d.0[0]).wrapping_add(v.wrapping_mul(e.0[0]));
    m -= low.wrapping_mul(MODULUS_INVERSE).wrapping_add(m) & MASK;
    combine(u, d, v, e, m)
}

/// 1/x; 0 for 0.
pub(crate) fn inverse(x: &Fr) -> Fr {
    let (mut f, mut g) = (MODULUS, Signed::new(x.0.0));
    // x is a·R, so that R²/x is a⁻¹·R.
    let (mut d, mut e) = (Signed([0; 5]), R2);
    let mut eta = -1;
    while !g.is_zero() {
        let Matrix { u, v, q, r } = steps(&mut eta, f.0[0], g.0[0]);
        (d, e) = (reduce(u, &d, v, &e), reduce(q, &d, r, &e));
        (f, g) = (combine(u, &f, v, &g, 0), combine(q, &f, r, &g, 0));
    }
    // f = ±1, or ±r for 0, when d is 0 mod r.
    let signed = if f.0[4] < 0 { Signed([0; 5]).plus(-1, &d) } else { d };
    if *x == Fr::ZERO { Fr::ZERO } else { Fr::new_unchecked(BigInt(signed.canonical())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::{Field, UniformRand};
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    fn agrees(x: Fr) {
        assert_eq!(inverse(&x), x.inverse().unwrap_or_default(), "{x}");
    }

    #[test]
    fn edges() {
        agrees(Fr::ZERO);
        let mut power = Fr::ONE;
        for i in 0..600u64 {
            for x in [power, -power, power + Fr::ONE, power - Fr::ONE, Fr::from(i), -Fr::from(i)] {
                agrees(x);
                // The same as words of the Montgomery form.
                agrees(Fr::new_unchecked(ark_ff::PrimeField::into_bigint(x)));
            }
            power.double_in_place();
        }
    }

    #[test]
    fn random() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(3);
        (0..20_000).for_each(|_| agrees(Fr::rand(&mut rng)));
    }

    proptest! {
        /// Words of long runs of equal bits.
        #[test]
        fn runs(words in prop::array::uniform4(prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), (0u32..64).prop_map(|i| 1 << i)])) {
            let mut words = words;
            words[3] &= u64::MAX >> 2;
            agrees(Fr::new_unchecked(BigInt(words)));
        }
    }
}
