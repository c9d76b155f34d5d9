//! A thousand distinct witnesses over all relations, in both forms, on the machine's lanes and on portable ones, and under ark-groth16, all
//! verified; ten thousand with `PRIVITY_LONG=1`.

use privity_circuits::{Circuit, capacity, disclose, mint, price, release, transfer};
use privity_prover::{ArkBackend, Backend, Control, Engine, Form, Lanes, Prover, ProvingKey, TableSetting, generate};
use privity_testkit::{TestRng, rng, samples};
use std::sync::Arc;

/// Proofs of `count` fresh pairs in fast form, and of fewer with each other engine; the [`Prover`] lets none out that does not verify.
fn prove<C: Circuit<Statement: Clone>>(count: usize, valid: impl Fn(&mut TestRng) -> (C::Statement, C::Witness)) {
    let count = if std::env::var_os("PRIVITY_LONG").is_some() { 10 * count } else { count };
    let mut rng = rng(count as u64);
    let key: Arc<ProvingKey> = Arc::new(generate::<C>(&mut rng, &Control::default()).unwrap());
    let engine = |form, lanes| Box::new(Engine::new(form, lanes, TableSetting::default()));
    let engines: [(usize, Box<dyn Backend>); 5] = [
        (count, engine(Form::Fast, Lanes::detect())),
        (count / 5, engine(Form::Plain, Lanes::detect())),
        (count / 5, engine(Form::Fast, Lanes::PORTABLE)),
        (count / 20, engine(Form::Plain, Lanes::PORTABLE)),
        (count / 20, Box::new(ArkBackend)),
    ];
    for (count, engine) in engines {
        let (count, prover) = (count.max(1), Prover::with_backend(engine).with_key(Arc::clone(&key)));
        let pairs: Vec<_> = (0..count).map(|_| valid(&mut rng)).collect();
        let pairs: Vec<_> = pairs.iter().map(|(x, w)| (x, w)).collect();
        let proofs = prover.prove_many::<C, _>(&pairs, &mut rng, &Control::default()).unwrap();
        assert_eq!(proofs.len(), count);
        // The proof of one statement is none of another.
        if let [(x, _), (other, _), ..] = pairs.as_slice() {
            assert!(key.verifying().verify::<C>((*x).clone(), &proofs[0]).is_ok());
            assert!(key.verifying().verify::<C>((*other).clone(), &proofs[0]).is_err());
        }
    }
}

#[test]
fn mint() {
    prove::<mint::Mint>(660, samples::mint::valid);
}

#[test]
fn transfer() {
    prove::<transfer::Transfer2x3>(4, samples::transfer::valid::<2, 3>);
}

#[test]
fn capacity() {
    prove::<capacity::Capacity>(3, samples::capacity::valid);
}

#[test]
fn disclose() {
    prove::<disclose::Disclose>(4, samples::disclose::valid);
}

#[test]
fn release() {
    prove::<release::Release>(4, samples::release::valid);
}

#[test]
fn price() {
    prove::<price::Price>(3, samples::price::valid);
}
