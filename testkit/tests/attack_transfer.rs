//! Attempts on transfer, in both shapes, by somebody who did not write it; `docs/attacks.md` lists them.

mod attack;

use ark_ff::{AdditiveGroup, Field, UniformRand};
use attack::{
    Forgery, accepted, beyond_the_order, bottom, digest, hints, mix_leaf, restated, sign_without_key, stands_on, write,
};
use privity_circuits::asset::AssetId;
use privity_circuits::hash;
use privity_circuits::jubjub::{Point, Scalar};
use privity_circuits::keys::PublicKey;
use privity_circuits::r1cs::{Cs, Shape, Variable};
use privity_circuits::schnorr::Signature;
use privity_circuits::transfer::{Statement, Transfer, Witness};
use privity_circuits::{Domain, Fr, Relation};
use privity_testkit::samples::transfer::{Actor, Scene, torsion};
use privity_testkit::{TestRng, rng, size};
use rand::Rng;
use rand::seq::SliceRandom;

/// 2^64.
fn word() -> Fr {
    Fr::from(2u64).pow([64])
}

fn layout<const I: usize, const O: usize>(x: &Statement<I, O>, w: &Witness<I, O>) -> Cs {
    Cs::with_rows().synthesize::<Transfer<I, O>>(x, w)
}

/// The 64 bits of value and the 40 of unlock of a note: `note` counts inputs, then outputs.
fn amount_bits<const I: usize, const O: usize>(cs: &Cs, note: usize) -> (Vec<Variable>, Vec<Variable>) {
    // An input has 104, the 32 of its position, and the 40 of its age.
    let start = if note < I { 176 * note } else { 176 * I + 104 * (note - I) };
    let bits = hints(cs, "bit");
    (bits[start..start + 64].to_vec(), bits[start + 64..start + 104].to_vec())
}

/// The owner signs what the forged assignment will state.
fn resign<const I: usize, const O: usize>(
    shape: &Shape,
    actor: &Actor,
    x: &Statement<I, O>,
    w: &mut Witness<I, O>,
    forgery: &[(Variable, Fr)],
    rng: &mut TestRng,
) {
    let z = restated::<Transfer<I, O>>(shape, x, w, forgery).expect("a statement");
    let mut signed = z[2..2 + I + O].to_vec();
    // Exposed asset, exposed value and context; `now` and the party are not signed.
    signed.extend([z[3 + I + O], z[4 + I + O], z[6 + I + O]]);
    w.signature = actor.sign(None, hash(Domain::Intent, &signed), rng);
}

/// A scene with `values` to spend, unlocked since 100, and nothing else remarkable.
fn plain<const I: usize, const O: usize>(values: [u64; I], outputs: [u64; O], rng: &mut TestRng) -> Scene<I, O> {
    let mut scene = Scene::<I, O>::random(0, false, rng);
    for (note, value) in scene.inputs.iter_mut().zip(values) {
        (note.value, note.unlock) = (Fr::from(value), Fr::from(100u64));
    }
    for (note, value) in scene.outputs.iter_mut().zip(outputs) {
        (note.value, note.unlock) = (Fr::from(value), Fr::ZERO);
    }
    (scene.now, scene.exposed_value, scene.exposed_asset) = (Fr::from(7_200u64), Fr::ZERO, AssetId::default());
    scene
}

/// Values, unlock times, now and exposures on both sides of every bound: no statement is true of what `check` refuses, and whatever
/// it accepts is provable.
#[test]
fn both_forms_agree_at_every_edge() {
    let rng = &mut rng(1);
    let shape = Shape::of::<Transfer<2, 3>>();
    let mut outcomes = [0; 2];
    const TIME: u64 = 1 << 40;
    for _ in 0..size(120, 3_000) {
        let dummies = rng.gen_range(0..=2);
        let mut scene = Scene::<2, 3>::random(dummies, rng.r#gen(), rng);
        let values = [0, 1, 1 << 63, u64::MAX];
        let times = [0, 1, TIME - 1, TIME, TIME + 1, u64::MAX];
        let one = |set: &[u64], rng: &mut TestRng| Fr::from(*set.choose(rng).expect("some edges"));
        if rng.gen_ratio(1, 2) {
            match rng.gen_range(0..7) {
                0 => scene.inputs[rng.gen_range(0..2)].value = one(&values, rng),
                1 => scene.outputs[rng.gen_range(0..3)].value = one(&values, rng),
                2 => scene.inputs[rng.gen_range(0..2)].unlock = one(&times, rng),
                3 => scene.outputs[rng.gen_range(0..3)].unlock = one(&times, rng),
                4 => scene.now = one(&times, rng),
                5 => scene.exposed_value = one(&values, rng),
                _ => scene.exposed_asset = AssetId::default(),
            }
        }
        let closed = scene.close(rng);
        let expected = Transfer::<2, 3>::check(&closed.x, &closed.w).map_err(|violation| violation.rule);
        // As it stands: `now` and the exposed value are not restated here.
        let z = Cs::without_rows().synthesize::<Transfer<2, 3>>(&closed.x, &closed.w).into_assignment();
        let found = shape.first_violation(&z).is_none();
        assert_eq!(found, expected.is_ok(), "{expected:?}");
        outcomes[usize::from(found)] += 1;
    }
    println!("refused and accepted by both: {outcomes:?}");
    assert!(outcomes.iter().all(|count| *count >= 20), "{outcomes:?}");
}

/// Pitfall 40 from the spender's side: a note of (v, unlock 100) opened as (v + 2^64, unlock 99), and 2^64 units spread over the
/// outputs. The commitment is the same; one bit's row refuses it.
fn counterfeit_input<const I: usize, const O: usize>(rng: &mut TestRng) {
    let shape = Shape::of::<Transfer<I, O>>();
    let mut values = [1_000; I];
    values[I - 1] = 5;
    let sum: u64 = values.iter().sum();
    let mut outputs = [0; O];
    outputs[0] = sum;
    let scene = plain::<I, O>(values, outputs, rng);
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    assert!(accepted::<Transfer<I, O>>(&shape, &x, &w, &[]), "the honest twin");
    (w.outputs[0].value, w.outputs[1].value) = (sum + (1 << 63), 1 << 63);
    let cs = layout(&x, &w);
    let (value, unlock) = amount_bits::<I, O>(&cs, 1);
    let mut forgery = write(&value, Fr::from(values[1]) + word());
    forgery.extend(write(&unlock, Fr::from(99u64)));
    resign(&shape, &scene.actor, &x, &mut w, &forgery, rng);
    stands_on::<Transfer<I, O>>(&shape, (&x, &w), &forgery, value[63]);
}

#[test]
fn an_input_opens_one_way() {
    counterfeit_input::<2, 3>(&mut rng(2));
    counterfeit_input::<7, 2>(&mut rng(3));
}

/// The same from the maker's side: an output that opens as (2^64 − 1, unlock 0) counts as −1, its unlock as 1; another output takes
/// one unit more than was spent. The sums hold.
fn counterfeit_output<const I: usize, const O: usize>(rng: &mut TestRng) {
    let shape = Shape::of::<Transfer<I, O>>();
    let mut outputs = [0; O];
    outputs[1] = 10 * I as u64;
    let scene = plain::<I, O>([10; I], outputs, rng);
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    (w.outputs[0].value, w.outputs[1].value) = (u64::MAX, 10 * I as u64 + 1);
    let cs = layout(&x, &w);
    let (value, unlock) = amount_bits::<I, O>(&cs, I);
    let mut forgery = write(&unlock, Fr::ONE);
    // All bits are 1 but the top one, which is 2 less: the sum is −1.
    forgery.push((value[63], -Fr::ONE));
    resign(&shape, &scene.actor, &x, &mut w, &forgery, rng);
    let z = restated::<Transfer<I, O>>(&shape, &x, &w, &forgery).expect("a statement");
    assert_eq!(z[2 + I], w.outputs[0].commitment(w.asset).field(), "it opens to 2^64 − 1 for whoever reads it");
    stands_on::<Transfer<I, O>>(&shape, (&x, &w), &forgery, value[63]);
}

#[test]
fn an_output_opens_one_way() {
    counterfeit_output::<2, 3>(&mut rng(4));
    counterfeit_output::<7, 2>(&mut rng(5));
}

/// A note that is in no tree, mixed of two leaves that are, by a position bit that is no bit. The whole tree is the ledger's own.
fn leaf_of_nothing<const I: usize, const O: usize>(rng: &mut TestRng) {
    let shape = Shape::of::<Transfer<I, O>>();
    let mut outputs = [0; O];
    outputs[0] = 10 * I as u64;
    let scene = plain::<I, O>([10; I], outputs, rng);
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    let last = I - 1;
    let honest = w.inputs[last].path.children(0, scene.spent_commitments()[last]);
    w.inputs[last].value = u64::MAX;
    w.outputs[1].value = u64::MAX - 10;
    let leaf = w.inputs[last].commitment(w.asset, scene.actor.owner()).field();
    let cs = layout(&x, &w);
    let (forgery, low) = mix_leaf(&cs, last, honest, leaf);
    resign(&shape, &scene.actor, &x, &mut w, &forgery, rng);
    stands_on::<Transfer<I, O>>(&shape, (&x, &w), &forgery, low);
}

#[test]
fn a_leaf_mixed_of_two_is_refused() {
    leaf_of_nothing::<2, 3>(&mut rng(6));
    leaf_of_nothing::<7, 2>(&mut rng(7));
}

/// One leaf, sixteen readings of the two bits that place it, nullifier and signature to match: one of them holds. Two equal leaves
/// side by side are two notes, each with a nullifier of its own.
#[test]
fn a_leaf_has_one_place() {
    let rng = &mut rng(8);
    let shape = Shape::of::<Transfer<2, 3>>();
    let half = Fr::from(2u64).inverse().expect("not 0");
    let numbers = [Fr::ZERO, Fr::ONE, -Fr::ONE, half];
    for place in 0..4u32 {
        let mut scene = plain::<2, 3>([10, 0], [10, 0, 0], rng);
        scene.inputs[0].position = scene.inputs[0].position & !3 | place;
        let closed = scene.close(rng);
        let (x, w) = (closed.x, closed.w);
        let mut children = w.inputs[0].path.children(0, scene.spent_commitments()[0]);
        let cs = layout(&x, &w);
        let ([low, high], variables) = bottom(&cs, 0);
        let mut tried = |children: &[Fr; 4]| -> Vec<(usize, usize)> {
            let mut found = Vec::new();
            for (first, second) in (0..4).flat_map(|first| (0..4).map(move |second| (first, second))) {
                let mut forgery: Forgery = variables.into_iter().zip(*children).collect();
                forgery.extend([(low, numbers[first]), (high, numbers[second])]);
                let (mut x, mut w) = (x.clone(), w.clone());
                // The root above these children: siblings off the path are any.
                w.inputs[0].path.siblings[0] = [children[1], children[2], children[3]];
                w.inputs[0].path.position &= !3;
                x.anchor = w.inputs[0].path.root(children[0]);
                resign(&shape, &scene.actor, &x, &mut w, &forgery, rng);
                if accepted::<Transfer<2, 3>>(&shape, &x, &w, &forgery) {
                    found.push((first, second));
                }
            }
            found
        };
        let at = |place: usize| (place & 1, place >> 1);
        assert_eq!(tried(&children), [at(place as usize)]);
        let twin = place as usize ^ 1;
        children[twin] = children[place as usize];
        let mut both = [at(place as usize), at(twin)];
        both.sort_unstable();
        assert_eq!(tried(&children), both, "two equal notes");
    }
}

/// Anybody's notes without anybody's key: any c and s make some R, one bit of the challenge that is no bit makes up for its hash.
#[test]
fn a_signature_without_a_key_is_refused() {
    let rng = &mut rng(9);
    let shape = Shape::of::<Transfer<2, 3>>();
    let scene = plain::<2, 3>([10, 20], [30, 0, 0], rng);
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    w.signature = Signature { c: rng.r#gen(), s: Scalar::rand(rng) };
    assert!(!accepted::<Transfer<2, 3>>(&shape, &x, &w, &[]));
    let bits = hints(&layout(&x, &w), "bit");
    let e = digest(&w.pk, scene.actor.owner().field(), scene.message(&x), &w.signature);
    let (forgery, guard) = sign_without_key(&bits[bits.len() - 255..], e, w.signature.c);
    stands_on::<Transfer<2, 3>>(&shape, (&x, &w), &forgery, guard);
}

/// The owner's own second signature, over the challenge e + r: no malleability, whichever bits are forged.
#[test]
fn a_challenge_has_one_encoding() {
    let rng = &mut rng(10);
    let shape = Shape::of::<Transfer<2, 3>>();
    let scene = plain::<2, 3>([10, 20], [30, 0, 0], rng);
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    let (message, prefix) = (scene.message(&x), scene.actor.owner().field());
    let (signature, wide) = loop {
        // R of the owner's own making, so that e is known before c is.
        let signature = scene.actor.sign(None, message, rng);
        let e = digest(&w.pk, prefix, message, &signature);
        if let Some(wide) = beyond_the_order(e) {
            break (signature, wide);
        }
    };
    w.signature = signature;
    assert!(accepted::<Transfer<2, 3>>(&shape, &x, &w, &[]));
    let bits = hints(&layout(&x, &w), "bit");
    let challenge = &bits[bits.len() - 255..];
    // c by the bits of e, all others by those of e + r, and all of them.
    for from in [128, 0] {
        let forgery: Forgery =
            challenge[from..].iter().zip(&wide[from..]).map(|(bit, value)| (*bit, Fr::from(*value))).collect();
        assert!(!accepted::<Transfer<2, 3>>(&shape, &x, &w, &forgery), "from bit {from}");
    }
}

/// Pitfall 29: −1 000 exposed mints 1 000. The exposed value's bits and the statement's own value follow the lie.
fn negative_exposure<const I: usize, const O: usize>(rng: &mut TestRng) {
    let shape = Shape::of::<Transfer<I, O>>();
    let mut outputs = [0; O];
    outputs[0] = 10 * I as u64 + 1_000;
    let mut scene = plain::<I, O>([10; I], outputs, rng);
    scene.exposed_asset = scene.asset;
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    let bits = hints(&layout(&x, &w), "bit");
    let exposed = &bits[176 * I + 104 * O..176 * I + 104 * O + 64];
    let forgery = write(exposed, -Fr::from(1_000u64));
    resign(&shape, &scene.actor, &x, &mut w, &forgery, rng);
    let z = restated::<Transfer<I, O>>(&shape, &x, &w, &forgery).expect("a statement");
    assert_eq!(z[4 + I + O], -Fr::from(1_000u64));
    stands_on::<Transfer<I, O>>(&shape, (&x, &w), &forgery, exposed[63]);
}

#[test]
fn a_negative_exposure_is_refused() {
    negative_exposure::<2, 3>(&mut rng(11));
    negative_exposure::<7, 2>(&mut rng(12));
}

/// A locked note spent early: its unlock time 2^40 later than it says, or its age −1, by a top bit that is no bit.
#[test]
fn a_lock_is_not_picked() {
    let rng = &mut rng(13);
    let shape = Shape::of::<Transfer<2, 3>>();
    let mut scene = plain::<2, 3>([10, 20], [30, 0, 0], rng);
    scene.inputs[1].unlock = scene.now + Fr::ONE;
    let closed = scene.close(rng);
    let (x, w) = (closed.x, closed.w);
    assert_eq!(Transfer::<2, 3>::check(&x, &w).map_err(|violation| violation.rule), Err("T5"));
    let bits = hints(&layout(&x, &w), "bit");
    let age = &bits[176 + 136..176 + 176];
    let forgery = write(age, -Fr::ONE);
    stands_on::<Transfer<2, 3>>(&shape, (&x, &w), &forgery, age[39]);
}

/// Inputs of two trees, one input twice, nullifiers exchanged, a dummy with another key's nullifier or another's exposed asset.
#[test]
fn inputs_are_of_one_tree_and_one_owner() {
    let rng = &mut rng(14);
    let shape = Shape::of::<Transfer<2, 3>>();
    let scene = plain::<2, 3>([10, 20], [30, 0, 0], rng);
    let closed = scene.close(rng);
    let (x, w) = (closed.x, closed.w);
    let passes = |x: &Statement<2, 3>, w: &Witness<2, 3>| accepted::<Transfer<2, 3>>(&shape, x, w, &[]);
    // Each note is in a tree, but not both in either.
    let mut torn = w.clone();
    torn.inputs[1].path.siblings[3][0] += Fr::ONE;
    assert!(!passes(&x, &torn));
    let mut under = x.clone();
    under.anchor = torn.inputs[1].path.root(scene.spent_commitments()[1]);
    assert!(!passes(&under, &torn), "the other tree's root");
    // The relation takes one note twice; both nullifiers are the same one, which the ledger refuses (L3).
    let mut twice = plain::<2, 3>([10, 10], [20, 0, 0], rng);
    twice.inputs[1] = twice.inputs[0].clone();
    let closed = twice.close(rng);
    assert!(passes(&closed.x, &closed.w));
    assert_eq!(closed.x.nullifiers[0], closed.x.nullifiers[1]);
    // Values of two keys: a note of another nullifier key is another owner's.
    let mut stranger = w.clone();
    stranger.nk = privity_circuits::keys::NullifierKey::new(Fr::rand(rng));
    assert!(!passes(&x, &stranger));
    // A dummy's nullifier is of the spender's own key, hence nobody else's (pitfall 7).
    let dummies = plain::<2, 3>([10, 0], [10, 0, 0], rng);
    let closed = dummies.close(rng);
    let z = restated::<Transfer<2, 3>>(&shape, &closed.x, &closed.w, &[]).expect("a statement");
    assert_eq!([z[2], z[3]], closed.x.nullifiers.map(|nullifier| nullifier.field()), "nothing about them is free");
    // Value of one asset does not leave under the name of another.
    let mut exposing = plain::<2, 3>([10, 20], [25, 0, 0], rng);
    (exposing.exposed_value, exposing.exposed_asset) = (Fr::from(5u64), AssetId::new(Fr::rand(rng)));
    let closed = exposing.close(rng);
    assert!(!passes(&closed.x, &closed.w));
}

/// Keys of order 2·l, of small order, off the curve: both forms judge alike. A torsion part makes another owner, not a second way to
/// spend the same note.
#[test]
fn hostile_keys_are_judged_alike() {
    let rng = &mut rng(15);
    let shape = Shape::of::<Transfer<2, 3>>();
    let scene = plain::<2, 3>([10, 20], [30, 0, 0], rng);
    let honest = scene.close(rng);
    let two = torsion(4, rng);
    for (point, small) in [(two, Some(two)), (Point::IDENTITY, Some(Point::IDENTITY))] {
        let mut bad = scene.clone();
        (bad.torsion, bad.actor.pk) = (small, PublicKey::new_unchecked(point));
        let closed = bad.close(rng);
        let native = Transfer::<2, 3>::check(&closed.x, &closed.w).is_ok();
        assert!(!native && !accepted::<Transfer<2, 3>>(&shape, &closed.x, &closed.w, &[]));
    }
    let mut mixed = scene.clone();
    mixed.actor.pk = PublicKey::new_unchecked(scene.actor.pk.point() + two);
    let closed = loop {
        // An even challenge takes the torsion out.
        let closed = mixed.close(rng);
        if closed.w.signature.c & 1 == 0 {
            break closed;
        }
    };
    let native = Transfer::<2, 3>::check(&closed.x, &closed.w).is_ok();
    assert_eq!(accepted::<Transfer<2, 3>>(&shape, &closed.x, &closed.w, &[]), native);
    assert_ne!(mixed.actor.owner(), scene.actor.owner());
    let mut alias = honest.w.clone();
    alias.pk = mixed.actor.pk;
    assert!(!accepted::<Transfer<2, 3>>(&shape, &honest.x, &alias, &[]), "not this owner's notes");
}

/// The sign of a note's party is free, its owner is not; ρ alone moves the tag.
#[test]
fn a_party_is_the_owners() {
    let rng = &mut rng(16);
    let shape = Shape::of::<Transfer<2, 3>>();
    let scene = plain::<2, 3>([10, 20], [30, 0, 0], rng);
    let closed = scene.close(rng);
    let (x, mut w) = (closed.x, closed.w);
    w.rho = Fr::rand(rng);
    let z = restated::<Transfer<2, 3>>(&shape, &x, &w, &[]).expect("a statement");
    let tag = hash(Domain::Party, &[scene.actor.owner().field(), w.rho]);
    assert_eq!(z[10], tag, "whatever ρ, it is this owner's tag");
    assert!(accepted::<Transfer<2, 3>>(&shape, &x, &w, &[]), "the party is not signed: a prover may hide it otherwise");
}
