//! Pairs of mint.

use crate::subject::{Drawn, False, Subject, TestRng};
use ark_ff::{Field, UniformRand};
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::hash::{Domain, hash};
use privity_circuits::keys::Owner;
use privity_circuits::mint::{Mint, Statement, Witness};
use privity_circuits::note::{Commitment, commitment, pack};
use rand::Rng;

/// Edges of a u64, and the middle.
pub fn amount(rng: &mut TestRng) -> u64 {
    match rng.gen_range(0..6) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => 1 << rng.gen_range(0..64),
        _ => rng.r#gen(),
    }
}

/// Edges of an unlock time, and the middle.
pub fn unlock(rng: &mut TestRng) -> u64 {
    match rng.gen_range(0..4) {
        0 => 0,
        1 => (1 << 40) - 1,
        _ => rng.r#gen::<u64>() >> 24,
    }
}

/// A mint.
pub fn valid(rng: &mut TestRng) -> Drawn<Mint> {
    let w = Witness { unlock: unlock(rng), owner: Owner::new(Fr::rand(rng)), blinding: Fr::rand(rng) };
    let (asset, value) = (AssetId::new(Fr::rand(rng)), amount(rng));
    let x = Statement {
        asset,
        value,
        out: commitment(asset, pack(value, w.unlock), w.owner, w.blinding),
        context: Context::new(Fr::rand(rng)),
    };
    (x, w)
}

/// How many ways of breaking M1 [`broken`] knows.
const WAYS: usize = 10;

/// A mint that breaks M1 in the given way.
pub fn broken(way: usize, rng: &mut TestRng) -> False<Mint> {
    let (mut x, mut w) = valid(rng);
    let packed = |packed: Fr, x: &Statement, w: &Witness| {
        let inputs = [x.asset.field(), packed, w.owner.field(), w.blinding];
        Commitment::new(hash(Domain::Note, &inputs))
    };
    let two = Fr::from(2u64);
    let honest = pack(x.value, w.unlock);
    let name = match way {
        0 | 1 => {
            w.unlock |= 1 << rng.gen_range(40..64);
            x.out = commitment(x.asset, pack(x.value, w.unlock), w.owner, w.blinding);
            "an unlock time of more than 40 bits"
        }
        2 => {
            x.value = x.value.wrapping_add(1);
            "a unit more"
        }
        3 => {
            x.value = x.value.wrapping_sub(1);
            "a unit less"
        }
        4 => {
            x.asset = AssetId::new(Fr::rand(rng));
            "another asset"
        }
        5 => {
            w.owner = Owner::new(Fr::rand(rng));
            "another owner"
        }
        6 => {
            w.blinding += Fr::from(1u64);
            "another blinding"
        }
        7 => {
            x.out = Commitment::new(Fr::rand(rng));
            "a chosen commitment"
        }
        8 => {
            x.out = packed(honest - two.pow([104]), &x, &w);
            "version 0"
        }
        _ => {
            x.out = packed(honest + two.pow([104]), &x, &w);
            "version 2"
        }
    };
    (x, w, "M1", name)
}

/// Mint for the harness: whoever mints chooses the owner and the blinding.
pub fn subject() -> Subject<Mint> {
    Subject::new(valid, WAYS, broken, &[]).choosing(&["owner", "blinding"]).deriving(&[2, 3])
}
