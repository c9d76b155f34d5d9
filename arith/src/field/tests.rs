//! Every operation of every back end's base field against arkworks.

use alloc::vec::Vec;

use ark_bls12_381::Fq;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use super::{Base, Places};
use crate::backend::{Backend, Kind, dispatch};
use crate::lanes::{Lanes, Limbs, MAX_WIDTH, Task};

/// Random elements and the edges: 0, ±1, powers of two, and what some back end stores as limbs of ones.
fn element(rng: &mut ChaCha20Rng) -> Fq {
    let two = Fq::from(2);
    match rng.gen_range(0..9) {
        0 => Fq::ZERO,
        1 => Fq::ONE,
        2 => -Fq::ONE,
        3 => two.pow([rng.gen_range(0..400_u64)]),
        4 => -two.pow([rng.gen_range(0..400_u64)]),
        5 => {
            let ones = two.pow([[48, 52, 64][rng.gen_range(0..3)] * rng.gen_range(1..8_u64)]) - Fq::ONE;
            // Montgomery forms have R = 2³⁸⁴ or 2⁴¹⁶.
            ones * two.pow([[384, 416][rng.gen_range(0..2)]]).inverse().unwrap()
        }
        _ => Fq::rand(rng),
    }
}

struct Check {
    seed: u64,
}

type Inputs = [[Fq; MAX_WIDTH]; 4];

fn expect<B: Base>(name: &str, value: &B, inputs: &Inputs, reference: impl Fn(&[Fq; 4]) -> Fq) {
    let mut found = [Fq::ZERO; MAX_WIDTH];
    value.export(&mut found[..B::WIDTH]);
    for lane in 0..B::WIDTH {
        let expected = reference(&core::array::from_fn(|i| inputs[i][lane]));
        assert_eq!(found[lane], expected, "{name}, lane {lane}");
    }
}

fn stored<B: Base>(value: &B) -> B {
    let at: Places = core::array::from_fn(|lane| lane);
    let mut limbs = [Limbs::default(); MAX_WIDTH];
    value.store(&mut limbs, &at, B::WIDTH);
    B::load(&limbs, &at)
}

impl<B: Base> Task<B> for Check {
    type Output = ();

    fn run(self) {
        let rng = &mut ChaCha20Rng::seed_from_u64(self.seed);
        let inputs: Inputs = core::array::from_fn(|_| core::array::from_fn(|_| element(rng)));
        let [a, b, c, d] = inputs.map(|values| B::import(&values[..B::WIDTH]));
        expect("import", &a, &inputs, |v| v[0]);
        expect("store", &stored(&a), &inputs, |v| v[0]);
        expect("one", &B::one(), &inputs, |_| Fq::ONE);
        expect("zero", &B::zero(), &inputs, |_| Fq::ZERO);
        expect("mul", &a.mul(&b), &inputs, |v| v[0] * v[1]);
        expect("square", &a.square(), &inputs, |v| v[0].square());
        expect("dot", &B::dot(&a, &b, &c, &d), &inputs, |v| v[0] * v[1] + v[2] * v[3]);
        let [real, other] = B::complex([&a, &b], [&c, &d]);
        expect("complex", &real, &inputs, |v| v[0] * v[2] - v[1] * v[3]);
        expect("complex", &other, &inputs, |v| v[0] * v[3] + v[1] * v[2]);
        let [real, other] = B::complex([&a.sub(&b), &c.sub(&d)], [&d.sub(&a), &b.sub(&c)]);
        expect("complex of wide", &real, &inputs, |v| (v[0] - v[1]) * (v[3] - v[0]) - (v[2] - v[3]) * (v[1] - v[2]));
        expect("complex of wide", &other, &inputs, |v| (v[0] - v[1]) * (v[1] - v[2]) + (v[2] - v[3]) * (v[3] - v[0]));
        expect("add", &a.add(&b), &inputs, |v| v[0] + v[1]);
        expect("sub", &a.sub(&b), &inputs, |v| v[0] - v[1]);
        expect("neg", &a.neg(), &inputs, |v| -v[0]);
        expect("sub_stored", &a.sub_stored(&b), &inputs, |v| v[0] - v[1]);
        let mask = rng.gen_range(0..256);
        let signed = a.negate_if(mask);
        for (name, value) in [("sub of signed", b.sub(&signed)), ("sub_stored of signed", b.sub_stored(&signed))] {
            let mut found = [Fq::ZERO; MAX_WIDTH];
            value.export(&mut found[..B::WIDTH]);
            for lane in 0..B::WIDTH {
                let a = if mask >> lane & 1 == 1 { -inputs[0][lane] } else { inputs[0][lane] };
                assert_eq!(found[lane], inputs[1][lane] - a, "{name}, lane {lane}");
            }
        }
        // Stored values at their largest, products of wide ones, and again.
        let e = stored(&a.square().sub_sub(&b, &c));
        expect("sub_sub", &e, &inputs, |v| v[0].square() - v[1] - v[2]);
        let f = stored(&b.square().sub_sub(&e, &e));
        expect("sub_sub of stored", &f, &inputs, |v| v[1].square() - (v[0].square() - v[1] - v[2]).double());
        let wide = e.sub(&f);
        expect("product of wide", &wide.mul(&wide.neg()), &inputs, |v| {
            let e = v[0].square() - v[1] - v[2];
            -(e - (v[1].square() - e.double())).square()
        });
        expect("square of wide", &wide.square(), &inputs, |v| {
            let e = v[0].square() - v[1] - v[2];
            (e - (v[1].square() - e.double())).square()
        });
        let zeros = (0..B::WIDTH).fold(0, |mask, lane| mask | u32::from(inputs[0][lane] == inputs[1][lane]) << lane);
        let lanes = ((1_u64 << B::WIDTH) - 1) as u32;
        assert_eq!(a.sub(&b).zero_mask() & lanes, zeros, "zero_mask");
        assert_eq!(a.sub(&a).zero_mask() & lanes, lanes, "zero_mask of zeros");
        let at: Places = core::array::from_fn(|lane| lane);
        let mut limbs = [Limbs::default(); MAX_WIDTH];
        a.store(&mut limbs, &at, B::WIDTH);
        let negated: Vec<Limbs> = limbs.iter().map(B::negate_limbs).collect();
        expect("negate_limbs", &B::load(&negated, &at), &inputs, |v| -v[0]);
    }
}

fn every_operation(kind: Kind) {
    if kind.available() {
        let backend = Backend::untested(kind);
        proptest!(ProptestConfig::with_cases(400), |(seed: u64)| {
            dispatch!(backend, L => L::enter(Check { seed }));
        });
    }
}

#[test]
fn portable() {
    every_operation(Kind::Portable);
}

#[test]
fn emulated_ifma() {
    every_operation(Kind::EmulatedIfma);
}

#[test]
fn avx512ifma() {
    every_operation(Kind::Avx512Ifma);
}

#[test]
fn emulated_avx2() {
    every_operation(Kind::EmulatedAvx2);
}

#[test]
fn avx2() {
    every_operation(Kind::Avx2);
}
