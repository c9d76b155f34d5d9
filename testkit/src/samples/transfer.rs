//! Pairs of transfer.

mod attack;
mod scene;

pub use attack::{Forgery, attack, reopened};
pub use scene::{Actor, Closed, Made, Scene, Spent, low};

use crate::subject::{Drawn, False, Subject, TestRng};
use ark_ff::{AdditiveGroup, Field, UniformRand};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::jubjub::{D, Point, Scalar};
use privity_circuits::keys::PublicKey;
use privity_circuits::note::{Commitment, Nullifier, Party, nullifier, party};
use privity_circuits::r1cs::Variable;
use privity_circuits::schnorr::Signature;
use privity_circuits::transfer::Transfer;
use privity_circuits::tree::Anchor;
use rand::Rng;

/// A transfer with any number of dummies, exposing or not.
pub fn valid<const I: usize, const O: usize>(rng: &mut TestRng) -> Drawn<Transfer<I, O>> {
    let (dummies, exposed) = (rng.gen_range(0..=I), rng.r#gen());
    let closed = Scene::random(dummies, exposed, rng).close(rng);
    (closed.x, closed.w)
}

/// How many ways of breaking a rule [`broken`] knows.
pub const WAYS: usize = 32;

/// A transfer that breaks one rule in the given way.
pub fn broken<const I: usize, const O: usize>(way: usize, rng: &mut TestRng) -> False<Transfer<I, O>> {
    match way {
        0..12 => before_signing(way, rng),
        12..22 => in_statement(way, rng),
        _ => in_witness(way, rng),
    }
}

/// Keys and times that are wrong before anything is signed: all else is consistent with them.
fn before_signing<const I: usize, const O: usize>(way: usize, rng: &mut TestRng) -> False<Transfer<I, O>> {
    let mut scene = Scene::<I, O>::random(rng.gen_range(0..I), rng.r#gen(), rng);
    let (i, o) = (rng.gen_range(0..I), rng.gen_range(0..O));
    let rule = match way {
        0 => {
            scene.actor.pk = PublicKey::new_unchecked(Point { x: Fr::rand(rng), y: Fr::rand(rng) });
            "T1"
        }
        1 | 2 => {
            let point = torsion(if way == 1 { 8 } else { rng.gen_range(1..8) }, rng);
            scene.torsion = Some(point);
            scene.actor.pk = PublicKey::new_unchecked(point);
            "T1"
        }
        3 => {
            scene.inputs[i].unlock = Fr::from(1u64 << 40);
            scene.now = Fr::from((1u64 << 40) + 5);
            "T2"
        }
        4 => {
            scene.inputs[i].unlock = scene.now + Fr::ONE;
            if low(scene.inputs[i].unlock) >> 40 == 0 { "T5" } else { "T2" }
        }
        5 => {
            scene.now = Fr::from(rng.gen_range(0..1u64 << 39));
            scene.inputs[i].unlock = Fr::from((1u64 << 40) - 1);
            "T5"
        }
        6 => {
            scene.outputs[o].unlock = Fr::from(1u64 << 40);
            "T6"
        }
        _ => {
            unbalance(way, &mut scene, rng);
            "T7"
        }
    };
    let closed = scene.close(rng);
    (closed.x, closed.w, rule, "signed in error")
}

/// Amounts that do not add up.
fn unbalance<const I: usize, const O: usize>(way: usize, scene: &mut Scene<I, O>, rng: &mut TestRng) {
    let (one, full) = (Fr::ONE, Fr::from(u64::MAX));
    let o = rng.gen_range(0..O);
    match way {
        7 => {
            let note = &mut scene.outputs[o];
            note.value += if note.value == full { -one } else { one };
        }
        8 => {
            let note = &mut scene.outputs[o];
            note.value += if note.value == Fr::ZERO { one } else { -one };
        }
        9 => {
            // The outputs' sum is right mod 2^64.
            let sum: Fr = scene.inputs.iter().map(|note| note.value).sum();
            scene.exposed_value = Fr::ZERO;
            for note in scene.outputs.iter_mut() {
                note.value = full;
            }
            let others = full * Fr::from(O as u64 - 1);
            let wrapped = low(sum).wrapping_sub(low(others));
            scene.outputs[o].value = Fr::from(wrapped);
            let made: Fr = scene.outputs.iter().map(|note| note.value).sum();
            if made == sum {
                scene.outputs[o].value += if wrapped == 0 { one } else { -one };
            }
        }
        10 => {
            scene.exposed_value += if scene.exposed_value == full { -one } else { one };
            scene.exposed_asset = scene.asset;
        }
        _ => {
            let dummies = scene.inputs.iter().filter(|note| note.value == Fr::ZERO).count();
            *scene = Scene::random(dummies, false, rng);
            // Something is spent, so some output holds something.
            if let Some(note) = scene.outputs.iter_mut().find(|note| note.value != Fr::ZERO) {
                scene.exposed_value = core::mem::take(&mut note.value);
            }
            scene.exposed_asset = AssetId::new(Fr::rand(rng));
        }
    }
}

/// Statements that name something else, signed by the owner all the same.
fn in_statement<const I: usize, const O: usize>(way: usize, rng: &mut TestRng) -> False<Transfer<I, O>> {
    let scene = Scene::<I, O>::random(rng.gen_range(0..I), rng.r#gen(), rng);
    let mut closed = scene.close(rng);
    let cms = scene.spent_commitments();
    let x = &mut closed.x;
    let (i, o) = (rng.gen_range(0..I), rng.gen_range(0..O));
    let place = scene.inputs[i].position;
    let marked = |nk: Fr, cm: Fr, position: u32| nullifier(nk, Commitment::new(cm), position);
    let rule = match way {
        12 => {
            x.anchor = Anchor::new(Fr::rand(rng));
            "T3"
        }
        13 => {
            x.nullifiers[i] = Nullifier::new(Fr::rand(rng));
            "T4"
        }
        14 => {
            x.nullifiers[i] = marked(scene.actor.nk, cms[i], place ^ 1 << rng.gen_range(0..32));
            "T4"
        }
        15 => {
            x.nullifiers[i] = marked(Fr::rand(rng), cms[i], place);
            "T4"
        }
        16 => {
            x.nullifiers[i] = x.nullifiers[(i + 1) % I];
            "T4"
        }
        17 => {
            // Position + 2^32: the same leaf under another number.
            let inputs = [scene.actor.nk, cms[i], Fr::from(u64::from(place) + (1 << 32))];
            let field = privity_circuits::hash(privity_circuits::Domain::Nullifier, &inputs);
            x.nullifiers[i] = Nullifier::new(field);
            "T4"
        }
        18 => {
            x.outputs[o] = Commitment::new(Fr::rand(rng));
            "T6"
        }
        19 => {
            // Another version of the note.
            let mut other = scene.clone();
            other.outputs[o].unlock += Fr::from(1u64 << 40);
            x.outputs[o] = other.made(o);
            "T6"
        }
        20 => {
            x.party = Party::new(Fr::rand(rng));
            "T9"
        }
        _ => {
            x.party = party(scene.outputs[o].owner, scene.rho);
            "T9"
        }
    };
    closed.w.signature = scene.sign(&closed.x, rng);
    (closed.x, closed.w, rule, "a false statement")
}

/// Witnesses that do not belong to the statement.
fn in_witness<const I: usize, const O: usize>(way: usize, rng: &mut TestRng) -> False<Transfer<I, O>> {
    let scene = Scene::<I, O>::random(rng.gen_range(0..I), rng.r#gen(), rng);
    let Closed { mut x, mut w, .. } = scene.close(rng);
    let real = (0..I).find(|i| scene.inputs[*i].value != Fr::ZERO).unwrap_or(0);
    let o = rng.gen_range(0..O);
    let prefix = scene.actor.owner().field();
    let rule = match way {
        22 => {
            w.inputs[real].path.siblings[rng.gen_range(0..16)][rng.gen_range(0..3)] += Fr::ONE;
            "T3"
        }
        23 => {
            // Another place, and the nullifier of that place.
            let path = &mut w.inputs[real].path;
            path.position ^= 1 << rng.gen_range(0..32);
            let cm = Commitment::new(scene.spent_commitments()[real]);
            x.nullifiers[real] = nullifier(scene.actor.nk, cm, path.position);
            w.signature = scene.sign(&x, rng);
            "T3"
        }
        24 => {
            w.outputs[o].owner = scene.actor.owner();
            "T6"
        }
        25 => {
            w.outputs[o].blinding += Fr::ONE;
            "T6"
        }
        26 => {
            x.context = Context::new(x.context.field() + Fr::ONE);
            "T8"
        }
        27 => {
            w.signature.s += Scalar::ONE;
            "T8"
        }
        28 => {
            w.signature.c ^= 1 << rng.gen_range(0..128);
            "T8"
        }
        29 => {
            let thief = Actor::random(rng);
            w.signature = Signature::sign(&thief.secret, prefix, scene.message(&x), rng);
            "T8"
        }
        30 => {
            let signer = privity_circuits::keys::SignerId::of(&w.pk).field();
            w.signature = Signature::sign(&scene.actor.secret, signer, scene.message(&x), rng);
            "T8"
        }
        _ => {
            w.rho += Fr::ONE;
            "T9"
        }
    };
    (x, w, rule, "a foreign witness")
}

/// A point of the given order 1, 2, 4 or 8, or `k` times one of order 8.
pub fn torsion(k: u64, rng: &mut TestRng) -> Point {
    let l = <Scalar as ark_ff::PrimeField>::MODULUS.0;
    loop {
        let y = Fr::rand(rng);
        let square = (y.square() - Fr::ONE) * (Fr::ONE + D * y.square()).inverse().unwrap_or_default();
        let Some(x) = square.sqrt() else { continue };
        let eighth = Point { x, y }.mul_integer(&l);
        if !(eighth.mul_integer(&[4]) == Point::IDENTITY) {
            return eighth.mul_integer(&[k]);
        }
    }
}

/// Anchor, nullifiers, outputs, party and context of 2 → 3.
const DERIVED_2X3: &[Variable] = &[0, 1, 2, 3, 4, 5, 9, 10];
/// Anchor, nullifiers, outputs, party and context of 7 → 2.
const DERIVED_7X2: &[Variable] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 14];

/// Transfer for the harness. The prover chooses which notes to spend and to make, his keys and ρ; an x of the key leaves two y.
pub fn subject<const I: usize, const O: usize>() -> Subject<Transfer<I, O>> {
    let chosen = &["asset", "pk.x", "nk", "blinding", "owner", "rho"];
    let derived = if I == 2 { DERIVED_2X3 } else { DERIVED_7X2 };
    Subject::new(valid, WAYS, broken, &[]).choosing(chosen).deriving(derived)
}
