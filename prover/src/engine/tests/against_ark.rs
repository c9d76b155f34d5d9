//! Set-up and proofs against ark-groth16, byte for byte.

use super::super::setup::{Trapdoor, elements};
use super::super::{Form, prove};
use super::*;
use crate::engine::prepared::Prepared;
use crate::{ArkBackend, Control, Engine, ImportError, Job, file};
use ark_bls12_381::{G1Projective, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use privity_arith::ntt::Coset;
use privity_arith::{Backend, TableSetting};
use privity_circuits::mint::Mint;
use privity_circuits::r1cs::Cs;
use privity_circuits::{Circuit, Relation};

fn ark_setup<Q: R1CSToQAP>(shape: &Shape, t: &Trapdoor, seed: u64) -> Parameters {
    let (g1, g2) = (G1Projective::generator(), G2Projective::generator());
    let (replay, rng) = (Replay(shape), &mut rng(seed));
    Groth16::<Bls12_381, Q>::generate_parameters_with_qap(replay, t.alpha, t.beta, t.gamma, t.delta, g1, g2, rng)
        .unwrap()
}

fn engine(form: Form) -> Engine {
    Engine::new(form, Backend::detect(), TableSetting::default())
}

/// The fast form, if it takes these scalars.
fn fast(key: &ProvingKey, z: &[Fr], blinding: [Fr; 2]) -> Option<Points> {
    let prepared = Prepared::new(key, Backend::detect(), TableSetting::default());
    Some(prove::fast(key.rows(), &prepared.coset, prepared.fast.as_ref().unwrap(), z, blinding)?.0)
}

fn prove_with(backend: &dyn crate::Backend, key: &ProvingKey, z: &[Fr], seed: u64) -> Points {
    let jobs = [Job::new(z.to_vec(), &mut rng(seed))];
    *backend.prove_batch(key, &jobs, &Control::default()).unwrap()[0].points()
}

/// The same toxic waste gives the same key, on a power of two with ark's own reduction and on a domain that fits with ours.
#[test]
fn set_ups_agree() {
    for (inputs, rows, seed) in [(1, 1, 1), (3, 40, 2), (2, 30, 3), (4, 17, 4)] {
        let (shape, _) = random_system(inputs, rows, &mut rng(seed));
        let [fitting, power] = domains(&shape);
        let mut trapdoor = Trapdoor::random(&fitting, &mut rng(seed));
        // What ark draws first.
        trapdoor.tau = Fr::rand(&mut rng(seed));
        let rows = Rows::new(&shape);
        assert_eq!(elements(&rows, &power, &trapdoor).0, ark_setup::<LibsnarkReduction>(&shape, &trapdoor, seed));
        assert_eq!(elements(&rows, &fitting, &trapdoor).0, ark_setup::<FittingReduction>(&shape, &trapdoor, seed));
    }
}

/// For given r and s the plain form is ark-groth16's proof; with another engine or form it is another proof of the same.
#[test]
fn plain_form_is_arks() {
    for (inputs, rows, seed) in [(0, 1, 5), (3, 40, 6), (2, 65, 7)] {
        let (shape, z) = random_system(inputs, rows, &mut rng(seed));
        for domain in domains(&shape) {
            let key = key(&shape, &domain, &Trapdoor::random(&domain, &mut rng(seed)));
            let ark = prove_with(&ArkBackend, &key, &z, seed);
            assert_eq!(prove_with(&engine(Form::Plain), &key, &z, seed), ark);
            let fast = prove_with(&Engine::default(), &key, &z, seed);
            assert_ne!(fast, ark);
            assert!(verifies(&key, &z, ark) && verifies(&key, &z, fast));
        }
    }
}

/// Identities (a) and (b): unblinded, the fast form is ark's proof with r = s = 0; blinded, it is that proof re-randomised.
#[test]
fn fast_form_is_arks_rerandomised() {
    for (inputs, rows, seed) in [(0, 1, 8), (3, 40, 9), (4, 90, 10)] {
        let (shape, z) = random_system(inputs, rows, &mut rng(seed));
        for domain in domains(&shape) {
            let key = key(&shape, &domain, &Trapdoor::random(&domain, &mut rng(seed)));
            let coset = Coset::new(domain, Backend::PORTABLE);
            let unblinded = prove::plain(&key, &coset, Backend::PORTABLE, &z, [Fr::ZERO; 2]);
            assert_eq!(fast(&key, &z, [Fr::ONE, Fr::ZERO]), Some(unblinded));
            let [rho, sigma] = [11u64, 12].map(|seed| Fr::rand(&mut rng(seed)));
            let Points { a, b, c } = unblinded;
            let expected = Points {
                a: (a * rho.inverse().unwrap()).into_affine(),
                b: (b * rho + key.parameters().vk.delta_g2 * (rho * sigma)).into_affine(),
                c: (c + a * sigma).into_affine(),
            };
            assert_eq!(fast(&key, &z, [rho, sigma]), Some(expected));
            assert!(verifies(&key, &z, expected));
        }
    }
}

/// A false assignment gives a proof that does not verify, in either form, whichever variable is false.
#[test]
fn false_assignments_do_not_verify() {
    let (shape, z) = random_system(2, 12, &mut rng(13));
    let [domain, _] = domains(&shape);
    let key = key(&shape, &domain, &Trapdoor::random(&domain, &mut rng(13)));
    for at in 1..z.len() {
        let mut forged = z.clone();
        forged[at] += Fr::ONE;
        if shape.first_violation(&forged).is_some() {
            for form in [Form::Plain, Form::Fast] {
                assert!(!verifies(&key, &forged, prove_with(&engine(form), &key, &forged, 14)), "{at} {form:?}");
            }
        }
    }
}

/// ρ = 0, and an unblinded A that is the identity, take the plain form and still verify.
#[test]
fn exceptional_blinding_takes_the_plain_form() {
    let (shape, z) = random_system(2, 20, &mut rng(15));
    let [domain, _] = domains(&shape);
    let mut trapdoor = Trapdoor::random(&domain, &mut rng(15));
    let ordinary = key(&shape, &domain, &trapdoor);
    assert!(fast(&ordinary, &z, [Fr::ZERO, Fr::ONE]).is_none());
    assert!(fast(&ordinary, &z, [Fr::ONE, Fr::ONE]).is_some());
    let rows = Rows::new(&shape);
    let lagrange = domain.lagrange(Fr::ONE, trapdoor.tau);
    trapdoor.alpha = -rows.evaluate_a(&z).zip(&lagrange).map(|(a, l)| a * l).sum::<Fr>();
    let unlucky = key(&shape, &domain, &trapdoor);
    assert!(fast(&unlucky, &z, [Fr::ONE, Fr::ONE]).is_none());
    let points = prove_with(&Engine::default(), &unlucky, &z, 16);
    assert!(!points.a.is_zero() && verifies(&unlucky, &z, points));
    assert_eq!(points, prove_with(&ArkBackend, &unlucky, &z, 16));
}

/// One job, one proof, on however many threads.
#[test]
fn threads_change_nothing() {
    let (shape, z) = random_system(2, 100, &mut rng(17));
    let [domain, _] = domains(&shape);
    let key = key(&shape, &domain, &Trapdoor::random(&domain, &mut rng(17)));
    let proofs = [1, 2, 5].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| [Form::Plain, Form::Fast].map(|form| prove_with(&engine(form), &key, &z, 18)))
    });
    assert_eq!(proofs[0], proofs[1]);
    assert_eq!(proofs[0], proofs[2]);
}

/// Pitfall: public inputs that occur in C need their correction too. Without it the proof is false.
#[test]
fn inputs_in_c_are_corrected() {
    let (shape, z) = random_system(3, 40, &mut rng(19));
    let [domain, _] = domains(&shape);
    let (parameters, mut queries) = elements(&Rows::new(&shape), &domain, &Trapdoor::random(&domain, &mut rng(19)));
    assert!(queries.linear[1..=3].iter().any(|point| !point.is_zero()));
    queries.linear[..=3].fill(AffineRepr::zero());
    let key = assemble(&shape, &domain, parameters, Some(queries));
    assert!(!verifies(&key, &z, prove_with(&Engine::default(), &key, &z, 20)));
}

/// A key that ark-groth16 made has no elements for the fast form: the engine proves in plain form, and a file keeps it as it is.
#[test]
fn imported_keys_prove_in_plain_form() {
    let (shape, seed) = (Shape::of::<Mint>(), 21);
    let domain = Domain::power_of_two(shape.size()).unwrap();
    let parameters = ark_setup::<LibsnarkReduction>(&shape, &Trapdoor::random(&domain, &mut rng(seed)), seed);
    let key = ProvingKey::from_ark::<Mint>(parameters.clone(), true).unwrap();
    assert!(!key.is_fast());
    let (x, w) = Mint::blank();
    let z = Cs::without_rows().synthesize::<Mint>(&x, &w).into_assignment();
    let ark = prove_with(&ArkBackend, &key, &z, seed);
    assert_eq!(prove_with(&Engine::default(), &key, &z, seed), ark);

    let encoded = file::encode(&key, TableSetting::default(), Backend::PORTABLE);
    let bytes = std::sync::Arc::new([encoded.header, encoded.body].concat());
    let (again, _) = file::decode(Mint::NAME, shape.digest(), bytes).unwrap();
    assert_eq!((again.id(), again.parameters(), again.domain()), (key.id(), &parameters, &domain));
    assert!(!again.is_fast());

    let mut shorter = parameters;
    shorter.h_query.pop();
    assert!(matches!(ProvingKey::from_ark::<Mint>(shorter, true), Err(ImportError::Queries)));
}
