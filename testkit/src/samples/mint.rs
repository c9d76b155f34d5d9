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

/// A mint that breaks M1 in one of nine ways.
pub fn falsified(rng: &mut TestRng) -> False<Mint> {
    let (mut x, mut w) = valid(rng);
    let packed = |packed: Fr, x: &Statement, w: &Witness| {
        let inputs = [x.asset.field(), packed, w.owner.field(), w.blinding];
        Commitment::new(hash(Domain::Note, &inputs))
    };
    let two = Fr::from(2u64);
    let honest = pack(x.value, w.unlock);
    match rng.gen_range(0..10) {
        0 | 1 => {
            w.unlock |= 1 << rng.gen_range(40..64);
            x.out = commitment(x.asset, pack(x.value, w.unlock), w.owner, w.blinding);
        }
        2 => x.value = x.value.wrapping_add(1),
        3 => x.value = x.value.wrapping_sub(1),
        4 => x.asset = AssetId::new(Fr::rand(rng)),
        5 => w.owner = Owner::new(Fr::rand(rng)),
        6 => w.blinding += Fr::from(1u64),
        7 => x.out = Commitment::new(Fr::rand(rng)),
        8 => x.out = packed(honest - two.pow([104]), &x, &w),
        _ => x.out = packed(honest + two.pow([104]), &x, &w),
    }
    (x, w, "M1")
}

/// Mint for the harness: whoever mints chooses the owner and the blinding.
pub fn subject() -> Subject<Mint> {
    Subject::new(valid, falsified, &[]).choosing(&["owner", "blinding"]).deriving(&[2, 3])
}
