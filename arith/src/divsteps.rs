//! Inversion by divsteps (Bernstein and Yang, eprint 2019/266), many at a time on one word: three to four times as fast as a binary
//! Euclid over all limbs. Not constant-time, as nothing around it is.
//!
//! f = p and g = a are kept in signed limbs of 62 bits, and beside them d, e with d·a = s·f and e·a = s·g mod p. 62 steps look at the lowest
//! 62 bits of f and g only and give a matrix t with (f, g) ← t·(f, g)/2⁶², (d, e) ← t·(d, e)/2⁶² mod p. When g = 0, f = ±1 and s·a⁻¹ = ±d.

use ark_bls12_381::{Fq, FqConfig, Fr, FrConfig};
use ark_ff::{BigInt, Fp, MontBackend, MontConfig};

/// Limbs of 62 bits, the last one signed.
type Signed<const L: usize> = [i64; L];
/// Rows (u, v) and (q, r); the entries of a row have magnitudes of at most 2⁶² in all.
type Matrix = [i64; 4];

const LOW: i64 = i64::MAX >> 1;

/// 1/a in Fq, or none for 0.
pub fn inverse_fq(a: &Fq) -> Option<Fq> {
    inverse::<FqConfig, 6, 7>(a)
}

/// 1/a in Fr, or none for 0.
pub fn inverse_fr(a: &Fr) -> Option<Fr> {
    inverse::<FrConfig, 4, 5>(a)
}

/// A modulus of W words in L limbs, and its inverse mod 2⁶².
struct Modulus<const L: usize> {
    limbs: Signed<L>,
    inverse: i64,
}

fn inverse<C: MontConfig<W>, const W: usize, const L: usize>(
    a: &Fp<MontBackend<C, W>, W>,
) -> Option<Fp<MontBackend<C, W>, W>> {
    let p = const { Modulus::<L> { limbs: cut(C::MODULUS.0), inverse: C::INV.wrapping_neg().cast_signed() & LOW } };
    // The limbs are aR, and the inverse wanted is a⁻¹R = R²/(aR): s = R².
    let (mut f, mut g): (Signed<L>, Signed<L>) = (p.limbs, cut(a.0.0));
    let (mut d, mut e) = ([0; L], const { cut(C::R2.0) });
    let mut delta = 1;
    if g == [0; L] {
        return None;
    }
    while g != [0; L] {
        let t = steps(&mut delta, f[0], g[0]);
        (d, e) = (p.combine(&t[..2], &d, &e), p.combine(&t[2..], &d, &e));
        (f, g) = (shifted(&t[..2], &f, &g), shifted(&t[2..], &f, &g));
    }
    // f = ±1, and d lies between −2p and p.
    let sign = f[L - 1] >> 63;
    let words = p.canonical(&d.map(|limb| (limb ^ sign) - sign));
    Some(Fp::new_unchecked(BigInt(words)))
}

const fn cut<const W: usize, const L: usize>(words: [u64; W]) -> Signed<L> {
    let mut limbs = [0; L];
    let mut i = 0;
    while i < L {
        let (word, shift) = (62 * i / 64, 62 * i % 64);
        let mut limb = words[word] >> shift;
        if shift > 2 && word + 1 < W {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[i] = limb.cast_signed() & LOW;
        i += 1;
    }
    limbs
}

/// Words of a number from 0 to p.
fn join<const W: usize, const L: usize>(limbs: &Signed<L>) -> [u64; W] {
    core::array::from_fn(|word| {
        let (limb, shift) = (64 * word / 62, 64 * word % 62);
        let low = limbs[limb].cast_unsigned() >> shift;
        low | limbs.get(limb + 1).map_or(0, |next| next.cast_unsigned() << (62 - shift))
    })
}

/// 62 divsteps on the low bits of f and g.
fn steps(delta: &mut i64, f: i64, g: i64) -> Matrix {
    let (mut f, mut g) = (f.cast_unsigned(), g.cast_unsigned());
    let (mut u, mut v, mut q, mut r) = (1_u64, 0_u64, 0_u64, 1_u64);
    let mut left = 62;
    loop {
        // As many halvings of g as there are zeros, at most those left.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        (g, u, v) = (g >> zeros, u << zeros, v << zeros);
        *delta += i64::from(zeros);
        left -= zeros;
        if left == 0 {
            return [u, v, q, r].map(u64::cast_signed);
        }
        if *delta > 0 {
            *delta = -*delta;
            (f, g) = (g, f.wrapping_neg());
            (u, q) = (q, u.wrapping_neg());
            (v, r) = (r, v.wrapping_neg());
        }
        // Until δ turns positive again g may take any multiple of f: the one that clears the next bits, six at most.
        let bits = (1 - *delta).min(i64::from(left)).min(6);
        // f·(2 − f²) is f⁻¹ mod 2⁶.
        let negated = f.wrapping_mul(f).wrapping_sub(2).wrapping_mul(f);
        let w = g.wrapping_mul(negated) & ((1 << bits) - 1);
        g = g.wrapping_add(f.wrapping_mul(w));
        q = q.wrapping_add(u.wrapping_mul(w));
        r = r.wrapping_add(v.wrapping_mul(w));
    }
}

/// (u·f + v·g)/2⁶², which is exact.
fn shifted<const L: usize>(row: &[i64], f: &Signed<L>, g: &Signed<L>) -> Signed<L> {
    let (u, v) = (i128::from(row[0]), i128::from(row[1]));
    let mut sum = (u * i128::from(f[0]) + v * i128::from(g[0])) >> 62;
    let mut limbs = [0; L];
    for i in 1..L {
        sum += u * i128::from(f[i]) + v * i128::from(g[i]);
        limbs[i - 1] = sum as i64 & LOW;
        sum >>= 62;
    }
    limbs[L - 1] = sum as i64;
    limbs
}

impl<const L: usize> Modulus<L> {
    /// (u·d + v·e)/2⁶² mod p, for d and e between −2p and p, and again between them.
    fn combine(&self, row: &[i64], d: &Signed<L>, e: &Signed<L>) -> Signed<L> {
        let (p, top) = (&self.limbs, L - 1);
        let (u, v) = (i128::from(row[0]), i128::from(row[1]));
        // p is added to negative ones, so that the sum lies within |u| + |v| ≤ 2⁶² times p of 0.
        let mut multiple = (row[0] & d[top] >> 63) + (row[1] & e[top] >> 63);
        let mut sum = u * i128::from(d[0]) + v * i128::from(e[0]);
        // Then the multiple of p between −2⁶² and 0 that clears the lowest limb.
        let low = self.inverse.wrapping_mul(sum as i64).wrapping_add(multiple) & LOW;
        multiple -= low;
        let k = i128::from(multiple);
        sum = (sum + k * i128::from(p[0])) >> 62;
        let mut limbs = [0; L];
        for i in 1..L {
            sum += u * i128::from(d[i]) + v * i128::from(e[i]) + k * i128::from(p[i]);
            limbs[i - 1] = sum as i64 & LOW;
            sum >>= 62;
        }
        limbs[top] = sum as i64;
        limbs
    }

    /// Words of the same number in [0, p), for one between −2p and 2p.
    fn canonical<const W: usize>(&self, number: &Signed<L>) -> [u64; W] {
        let plus = |limbs: &Signed<L>, sign: i64| settle(&core::array::from_fn(|i| limbs[i] + sign * self.limbs[i]));
        let mut limbs = settle(number);
        for _ in 0..2 {
            if limbs[L - 1] < 0 {
                limbs = plus(&limbs, 1);
            }
        }
        let less = plus(&limbs, -1);
        join(if less[L - 1] < 0 { &limbs } else { &less })
    }
}

/// Carries: all limbs but the last from 0 to 2⁶².
fn settle<const L: usize>(limbs: &Signed<L>) -> Signed<L> {
    let mut settled = *limbs;
    for i in 0..L - 1 {
        settled[i + 1] += settled[i] >> 62;
        settled[i] &= LOW;
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use ark_ff::{AdditiveGroup, Field, PrimeField};
    use proptest::prelude::*;
    use rand::SeedableRng;

    /// Values and stored words at the edges, powers of two and their neighbours, random ones.
    fn values<F: PrimeField>(stored: impl Fn(F::BigInt) -> F) -> Vec<F> {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let mut values: Vec<F> = (0..4_000).map(|_| F::rand(&mut rng)).collect();
        let mut power = F::one();
        for i in 0..600_u64 {
            let near = [power, -power, power + F::one(), power - F::one(), F::from(i), -F::from(i)];
            values.extend(near);
            values.extend(near.map(|value| stored(value.into_bigint())));
            power.double_in_place();
        }
        values
    }

    #[test]
    fn inverses_are_arkworks() {
        for value in values(Fq::new_unchecked) {
            assert_eq!(inverse_fq(&value), value.inverse(), "{value}");
        }
        for value in values(Fr::new_unchecked) {
            assert_eq!(inverse_fr(&value), value.inverse(), "{value}");
        }
        assert_eq!((inverse_fq(&Fq::ZERO), inverse_fr(&Fr::ZERO)), (None, None));
    }

    fn word() -> impl Strategy<Value = u64> {
        prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), (0_u32..64).prop_map(|i| 1 << i)]
    }

    proptest! {
        /// Words of long runs of equal bits.
        #[test]
        fn runs(mut q in prop::array::uniform6(word()), mut r in prop::array::uniform4(word())) {
            q[5] &= u64::MAX >> 4;
            r[3] &= u64::MAX >> 2;
            let (q, r) = (Fq::new_unchecked(BigInt(q)), Fr::new_unchecked(BigInt(r)));
            assert_eq!((inverse_fq(&q), inverse_fr(&r)), (q.inverse(), r.inverse()));
        }
    }
}
