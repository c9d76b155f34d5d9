//! Transforms against their definition and against arkworks.

use ark_bls12_381::Fr;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use privity_arith::ntt::{Coset, Domain, ODD_PARTS};
use privity_arith::{Backend, Kind};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn random(count: usize, seed: u64) -> Vec<Fr> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    (0..count).map(|_| Fr::rand(&mut rng)).collect()
}

fn evaluate(coefficients: &[Fr], x: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * x + c)
}

/// Those that this machine can run; the emulated one stands for vectors everywhere.
fn backends() -> Vec<Backend> {
    Kind::ALL.into_iter().filter_map(|kind| Backend::forced(kind).ok()).collect()
}

/// Every odd part, by definition.
#[test]
fn naive_evaluation() {
    for odd in ODD_PARTS {
        for log in if odd > 20 { [0u32, 2, 6] } else { [1, 3, 7] } {
            let domain = Domain::of_size(odd << log).unwrap();
            let (n, root, g) = (domain.size(), domain.root(), domain.shift());
            assert_eq!(root.pow([n as u64]), Fr::ONE);
            for prime in [2, 3, 11, 19].into_iter().filter(|prime| n.is_multiple_of(*prime)) {
                assert_ne!(root.pow([(n / prime) as u64]), Fr::ONE);
            }
            let coefficients = random(n, n as u64);
            let at = |shift: Fr| (0..n).map(move |i| shift * root.pow([i as u64]));
            let on = |shift| at(shift).map(|x| evaluate(&coefficients, x)).collect::<Vec<_>>();
            let (start, end) = (on(Fr::ONE), on(g));
            for backend in backends() {
                let coset = Coset::new(domain.clone(), backend);
                let mut values = coset.place(start.iter().copied());
                coset.evaluate(&mut values);
                assert_eq!(values, coset.place(end.iter().copied()), "{odd}·2^{log}, {backend}");
                if backend == Backend::PORTABLE {
                    assert_eq!(coset.coefficients(values), coefficients, "{odd}·2^{log}");
                }
            }
        }
    }
}

/// Powers of two beyond one chunk, against arkworks.
#[test]
fn arkworks() {
    for log in [0u32, 4, 6, 9, 10, 13] {
        let domain = Domain::of_size(1 << log).unwrap();
        let ark = Radix2EvaluationDomain::<Fr>::new(1 << log).unwrap();
        assert_eq!(domain.root(), ark.group_gen);
        let [a, b] = [1, 2].map(|seed| random(1 << log, seed));
        let shifted = ark.get_coset(domain.shift()).unwrap();
        let [ca, cb] = [&a, &b].map(|values| shifted.fft(&ark.ifft(values)));
        let expected: Vec<_> = ca.iter().zip(&cb).map(|(a, b)| *a * b).collect();
        for backend in backends() {
            let coset = Coset::new(domain.clone(), backend);
            assert!(coset.product(a.clone(), &b) == expected, "2^{log}, {backend}");
        }
    }
}

/// Long rows under an odd part: a polynomial of degree n − 1 with few terms.
#[test]
fn long_rows() {
    for size in [3 << 11, 11 << 10, 33 << 10] {
        let domain = Domain::of_size(size).unwrap();
        let [c0, c1, c2] = [3u64, 5, 7].map(Fr::from);
        let f = |x: Fr| c0 + c1 * x.pow([(size / 2 + 1) as u64]) + c2 * x.pow([(size - 1) as u64]);
        let root = domain.root();
        let points = || core::iter::successors(Some(Fr::ONE), |x| Some(*x * root)).take(size);
        let g = domain.shift();
        let (start, end): (Vec<_>, Vec<_>) = points().map(|x| (f(x), f(g * x))).unzip();
        for backend in backends() {
            let coset = Coset::new(domain.clone(), backend);
            let mut values = coset.place(start.iter().copied());
            coset.evaluate(&mut values);
            assert!(values == coset.place(end.iter().copied()), "{size}, {backend}");
        }
    }
}

/// Values at the edges of the limbs and of the modulus, and one spike among zeros.
#[test]
fn edges() {
    let domain = Domain::of_size(3 << 7).unwrap();
    let edges = [Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(u64::MAX), Fr::from(1u64 << 52), -Fr::from(1u64 << 51)];
    let constant = |k: Fr| vec![k; domain.size()];
    let mut inputs: Vec<_> = edges.map(constant).into();
    inputs.push(edges.into_iter().cycle().take(domain.size()).collect());
    inputs.push((0..domain.size()).map(|i| Fr::from(u64::from(i == 77))).collect());
    for values in inputs {
        let transformed = backends().into_iter().map(|backend| {
            let mut values = values.clone();
            Coset::new(domain.clone(), backend).evaluate(&mut values);
            values
        });
        let transformed: Vec<_> = transformed.collect();
        assert!(transformed.iter().all(|values| *values == transformed[0]));
    }
}

#[test]
fn lagrange_and_vanishing() {
    for size in [1usize, 8, 12, 44, 57] {
        let domain = Domain::of_size(size).unwrap();
        let coefficients = random(size, 9);
        let [x] = random(1, 10).try_into().unwrap();
        for shift in [Fr::ONE, domain.shift()] {
            let values = (0..size).map(|i| evaluate(&coefficients, shift * domain.root().pow([i as u64])));
            let lagrange = domain.lagrange(shift, x);
            assert_eq!(values.zip(lagrange).map(|(v, l)| v * l).sum::<Fr>(), evaluate(&coefficients, x));
            let at_point = domain.lagrange(shift, shift * domain.root());
            assert_eq!(at_point.iter().sum::<Fr>(), Fr::ONE);
            assert_eq!(at_point[1 % size], Fr::ONE);
        }
        assert_eq!(domain.vanishing(domain.root()), Fr::ZERO);
        assert_ne!(domain.coset_vanishing(), Fr::ZERO);
        assert_eq!(domain.vanishing(domain.shift() * domain.root()), domain.coset_vanishing());
    }
}

#[test]
fn circuits_are_cut_to_the_domain() {
    let size = |rows| Domain::fitting(rows).unwrap().size();
    let cases = [(1, 1), (3, 3), (5, 6), (12_000, 12_288), (14_500, 14_592), (16_385, 16_896), (16_897, 19_456)];
    for (rows, expected) in cases {
        assert_eq!(size(rows), expected);
    }
    assert_eq!(Domain::power_of_two(16_897).unwrap().size(), 1 << 15);
    for size in [0, 5, 7 << 3, 9, 121] {
        assert!(Domain::of_size(size).is_none());
    }
    assert!(Domain::of_size(1 << 33).is_none());
    assert!(Domain::fitting(usize::MAX).is_none() && Domain::power_of_two(usize::MAX).is_none());
    for rows in 1..2_000 {
        let domain = Domain::fitting(rows).unwrap();
        assert!(domain.size() >= rows);
        assert!((rows..domain.size()).all(|smaller| Domain::of_size(smaller).is_none()));
    }
}
