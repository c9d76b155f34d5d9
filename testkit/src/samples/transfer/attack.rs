//! Forged transfers in which a range is the only thing that stands between the prover and counterfeit money.

use super::{Actor, Closed, Made, Scene, Spent};
use crate::subject::{Subject, TestRng};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::keys::Owner;
use privity_circuits::r1cs::{Cs, Span, Variable};
use privity_circuits::transfer::Transfer;

/// An assignment that is consistent in everything but one range of one rule.
pub struct Forgery {
    /// The rule.
    pub rule: &'static str,
    /// The assignment.
    pub z: Vec<Fr>,
}

/// Forgeries that only a range refuses (pitfalls 29 and 40).
///
/// Per input a value of −5 and an unlock of −5, per output a value of −5, an exposed value of −5, per input an unlock in the future;
/// the balance, the hashes, the tree and the signature all hold over the forged amounts.
pub fn attack<const I: usize, const O: usize>(subject: &Subject<Transfer<I, O>>, rng: &mut TestRng) -> Vec<Forgery> {
    let layout = subject.layout();
    let minus = -Fr::from(5u64);
    let mut forgeries = Vec::new();
    let mut push = |rule, z| forgeries.push(Forgery { rule, z });
    for i in 0..I {
        let mut scene = plain(rng);
        scene.inputs[i].value = minus;
        scene.inputs[(i + 1) % I].value = Fr::from(1000u64);
        scene.outputs[0].value = Fr::from(995u64);
        let mut closed = scene.close(rng);
        closed.w.inputs[i].value = 0;
        let bit = lowest_bit(&layout, "T2", i, 0);
        push("T2", assign(subject, &closed, &[(bit, minus)]));

        let mut scene = plain(rng);
        scene.inputs[i].value = Fr::from(7u64);
        scene.outputs[0].value = Fr::from(7u64);
        scene.inputs[i].unlock = minus;
        let mut closed = scene.close(rng);
        closed.w.inputs[i].unlock = 0;
        let bit = lowest_bit(&layout, "T2", i, 1);
        push("T2", assign(subject, &closed, &[(bit, minus)]));

        scene.inputs[i].unlock = scene.now + Fr::ONE;
        push("T5", assign(subject, &scene.close(rng), &[]));
    }
    for o in 0..O {
        let mut scene = plain(rng);
        scene.inputs[0].value = Fr::from(1000u64);
        scene.outputs[o].value = minus;
        scene.outputs[(o + 1) % O].value = Fr::from(1005u64);
        let mut closed = scene.close(rng);
        closed.w.outputs[o].value = 0;
        let bit = lowest_bit(&layout, "T6", o, 0);
        push("T6", assign(subject, &closed, &[(bit, minus)]));
    }
    let mut scene = plain(rng);
    scene.inputs[0].value = Fr::from(1000u64);
    scene.outputs[0].value = Fr::from(1005u64);
    scene.exposed_value = minus;
    scene.exposed_asset = scene.asset;
    push("T7", assign(subject, &scene.close(rng), &[]));
    forgeries
}

/// Pitfall 40: the note that a mint of `minted` made, opened with value `claimed`: unlock = (minted − claimed)/2^64 mod r keeps the
/// commitment, and the lowest bit of the unlock takes it.
pub fn reopened<const I: usize, const O: usize>(
    subject: &Subject<Transfer<I, O>>,
    minted: u64,
    claimed: u64,
    rng: &mut TestRng,
) -> Forgery {
    let (minted, claimed) = (Fr::from(minted), Fr::from(claimed));
    let two = Fr::from(2u64);
    let mut scene = plain(rng);
    scene.inputs[0].value = claimed;
    scene.outputs[0].value = claimed;
    scene.inputs[0].unlock = (minted - claimed) * two.pow([64]).inverse().unwrap_or_default();
    let mut closed = scene.close(rng);
    closed.w.inputs[0].unlock = 0;
    let bit = lowest_bit(&subject.layout(), "T2", 0, 1);
    let mut honest = scene.clone();
    (honest.inputs[0].value, honest.inputs[0].unlock) = (minted, Fr::ZERO);
    assert_eq!(honest.spent_commitments()[0], scene.spent_commitments()[0], "one note, two openings");
    let z = assign(subject, &closed, &[(bit, scene.inputs[0].unlock)]);
    Forgery { rule: "T2", z }
}

/// All amounts 0, now = 100.
fn plain<const I: usize, const O: usize>(rng: &mut TestRng) -> Scene<I, O> {
    Scene {
        actor: Actor::random(rng),
        torsion: None,
        asset: AssetId::new(Fr::rand(rng)),
        rho: Fr::rand(rng),
        inputs: core::array::from_fn(|i| Spent {
            value: Fr::ZERO,
            unlock: Fr::ZERO,
            blinding: Fr::rand(rng),
            position: 64 * i as u32 + 5,
        }),
        outputs: core::array::from_fn(|_| Made {
            value: Fr::ZERO,
            unlock: Fr::ZERO,
            owner: Owner::new(Fr::rand(rng)),
            blinding: Fr::rand(rng),
        }),
        now: Fr::from(100u64),
        exposed_asset: AssetId::default(),
        exposed_value: Fr::ZERO,
        context: Context::new(Fr::rand(rng)),
    }
}

/// The lowest bit of the `n`th range in the `occurrence`th span of `rule`.
fn lowest_bit(layout: &Cs, rule: &str, occurrence: usize, n: usize) -> Variable {
    let owner = layout.rules().iter().filter(|span| span.name == rule);
    let within = |outer: &Span, inner: &Span| outer.start <= inner.start && inner.end <= outer.end;
    owner
        .skip(occurrence)
        .take(1)
        .flat_map(|rule| {
            let ranges = layout.gadgets().iter();
            ranges.filter(move |span| span.name == "range" && within(rule, span))
        })
        .nth(n)
        .and_then(|span| layout.rows()[span.start].a.terms().first().copied())
        .map_or(0, |(variable, _)| variable)
}

fn assign<const I: usize, const O: usize>(
    subject: &Subject<Transfer<I, O>>,
    closed: &Closed<I, O>,
    forged: &[(Variable, Fr)],
) -> Vec<Fr> {
    let publics = closed.publics.iter().enumerate();
    let mut all: Vec<(Variable, Fr)> = publics.map(|(index, value)| (index as Variable + 1, *value)).collect();
    all.extend_from_slice(forged);
    subject.forged(&closed.x, &closed.w, &all)
}
