//! Inversion in Fq by divsteps (Bernstein and Yang, eprint 2019/266), many at a time on one word: three to four times as fast as a binary
//! Euclid over all limbs. Not constant-time, as nothing around it is.
//!
//! f = p and g = a are kept in seven signed limbs of 62 bits, and beside them d, e with d·a = f and e·a = g mod p. 62 steps look at the lowest
//! 62 bits of f and g only and give a matrix t with (f, g) ← t·(f, g)/2⁶², (d, e) ← t·(d, e)/2⁶² mod p. When g = 0, f = ±1 and a⁻¹ = ±d.

use ark_bls12_381::{Fq, FqConfig};
use ark_ff::{BigInt, MontConfig};

/// Limbs of 62 bits, the last one signed.
type Signed = [i64; 7];
/// Rows (u, v) and (q, r); the entries of a row have magnitudes of at most 2⁶² in all.
type Matrix = [i64; 4];

const LOW: i64 = i64::MAX >> 1;
const P: Signed = cut(<FqConfig as MontConfig<6>>::MODULUS.0);
/// p⁻¹ mod 2⁶².
const INVERSE: i64 = <FqConfig as MontConfig<6>>::INV.wrapping_neg().cast_signed() & LOW;

const fn cut(words: [u64; 6]) -> Signed {
    let mut limbs = [0; 7];
    let mut i = 0;
    while i < 7 {
        let (word, shift) = (62 * i / 64, 62 * i % 64);
        let mut limb = words[word] >> shift;
        if shift > 2 && word < 5 {
            limb |= words[word + 1] << (64 - shift);
        }
        limbs[i] = limb.cast_signed() & LOW;
        i += 1;
    }
    limbs
}

/// Words of a number from 0 to p.
fn join(limbs: &Signed) -> [u64; 6] {
    core::array::from_fn(|word| {
        let (limb, shift) = (64 * word / 62, 64 * word % 62);
        let low = limbs[limb].cast_unsigned() >> shift;
        low | limbs.get(limb + 1).map_or(0, |next| next.cast_unsigned() << (62 - shift))
    })
}

/// a⁻¹, or none for 0.
pub(crate) fn inverse(a: &Fq) -> Option<Fq> {
    // The limbs are aR, their inverse a⁻¹R⁻¹ stands for a⁻¹R⁻²: times R² it is a⁻¹.
    const SQUARE: Fq = Fq::new(<FqConfig as MontConfig<6>>::R2);
    let (mut f, mut g) = (P, cut(a.0.0));
    let (mut d, mut e): (Signed, Signed) = ([0; 7], [1, 0, 0, 0, 0, 0, 0]);
    let mut delta = 1;
    if g == [0; 7] {
        return None;
    }
    while g != [0; 7] {
        let t = steps(&mut delta, f[0], g[0]);
        (d, e) = (combine(&t[..2], &d, &e), combine(&t[2..], &d, &e));
        (f, g) = (shifted(&t[..2], &f, &g), shifted(&t[2..], &f, &g));
    }
    // f = ±1, and d lies between −2p and p.
    let sign = f[6] >> 63;
    let mut limbs = settle(&d.map(|limb| (limb ^ sign) - sign));
    for _ in 0..2 {
        if limbs[6] < 0 {
            limbs = settle(&core::array::from_fn(|i| limbs[i] + P[i]));
        }
    }
    let less = settle(&core::array::from_fn(|i| limbs[i] - P[i]));
    let limbs = if less[6] < 0 { limbs } else { less };
    Some(Fq::new_unchecked(BigInt(join(&limbs))) * SQUARE)
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
fn shifted(row: &[i64], f: &Signed, g: &Signed) -> Signed {
    let (u, v) = (i128::from(row[0]), i128::from(row[1]));
    let mut sum = (u * i128::from(f[0]) + v * i128::from(g[0])) >> 62;
    let mut limbs = [0; 7];
    for i in 1..7 {
        sum += u * i128::from(f[i]) + v * i128::from(g[i]);
        limbs[i - 1] = sum as i64 & LOW;
        sum >>= 62;
    }
    limbs[6] = sum as i64;
    limbs
}

/// (u·d + v·e)/2⁶² mod p, for d and e between −2p and p, and again between them.
fn combine(row: &[i64], d: &Signed, e: &Signed) -> Signed {
    let (u, v) = (i128::from(row[0]), i128::from(row[1]));
    // p is added to negative ones, so that the sum lies within |u| + |v| ≤ 2⁶² times p of 0.
    let mut multiple = (row[0] & d[6] >> 63) + (row[1] & e[6] >> 63);
    let mut sum = u * i128::from(d[0]) + v * i128::from(e[0]);
    // Then the multiple of p between −2⁶² and 0 that clears the lowest limb.
    let low = INVERSE.wrapping_mul(sum as i64).wrapping_add(multiple) & LOW;
    multiple -= low;
    let k = i128::from(multiple);
    sum = (sum + k * i128::from(P[0])) >> 62;
    let mut limbs = [0; 7];
    for i in 1..7 {
        sum += u * i128::from(d[i]) + v * i128::from(e[i]) + k * i128::from(P[i]);
        limbs[i - 1] = sum as i64 & LOW;
        sum >>= 62;
    }
    limbs[6] = sum as i64;
    limbs
}

/// Carries: all limbs but the last from 0 to 2⁶².
fn settle(limbs: &Signed) -> Signed {
    let mut settled = *limbs;
    for i in 0..6 {
        settled[i + 1] += settled[i] >> 62;
        settled[i] &= LOW;
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use ark_ff::{Field, UniformRand};
    use rand::SeedableRng;

    #[test]
    fn inverses_are_arkworks() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let two = Fq::from(2u64);
        let mut values: Vec<Fq> =
            (0..384).flat_map(|k| [two.pow([k]), two.pow([k]) - Fq::ONE, -two.pow([k])]).collect();
        values.extend((0..2_000).map(|_| Fq::rand(&mut rng)));
        // Stored limbs at the edges: 1, p − 1 and powers of two.
        values.extend([1, 2, 3, u64::MAX].map(|low| Fq::new_unchecked(BigInt([low, 0, 0, 0, 0, 0]))));
        values.push(-Fq::new_unchecked(BigInt([1, 0, 0, 0, 0, 0])));
        for value in values {
            assert_eq!(inverse(&value), value.inverse(), "{value}");
        }
        assert_eq!(inverse(&Fq::new_unchecked(BigInt([0; 6]))), None);
    }
}
