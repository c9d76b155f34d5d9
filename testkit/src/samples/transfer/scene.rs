//! A transfer in the making, whose amounts are field elements: an attacker is not held by the types of an honest wallet.

use super::super::mint::{amount, unlock};
use crate::subject::TestRng;
use crate::tree::Tree;
use ark_ff::{AdditiveGroup, Field, PrimeField, UniformRand};
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::hash::{Domain, hash};
use privity_circuits::jubjub::{Point, Scalar, scalar_to_bytes};
use privity_circuits::keys::{NullifierKey, Owner, PublicKey, SigningKey};
use privity_circuits::note::{Commitment, Nullifier, nullifier, party};
use privity_circuits::schnorr::{Signature, challenge};
use privity_circuits::transfer::{Input, Output, Statement, Witness};
use privity_circuits::tree::{Anchor, NOTE_DEPTH, NotePath};
use privity_circuits::{Fr, Statement as _};
use rand::Rng;

/// A note to spend.
#[derive(Clone)]
pub struct Spent {
    /// Value; dummies have 0.
    pub value: Fr,
    /// Unlock.
    pub unlock: Fr,
    /// Blinding.
    pub blinding: Fr,
    /// Position in the tree.
    pub position: u32,
}

/// A note to make.
#[derive(Clone)]
pub struct Made {
    /// Value.
    pub value: Fr,
    /// Unlock.
    pub unlock: Fr,
    /// Owner.
    pub owner: Owner,
    /// Blinding.
    pub blinding: Fr,
}

/// Who spends. The key need not be one that `secret` opens: then the signature is what `secret` makes of it.
#[derive(Clone)]
pub struct Actor {
    /// Signing key.
    pub secret: SigningKey,
    /// What the witness calls the public key.
    pub pk: PublicKey,
    /// Nullifier key.
    pub nk: Fr,
}

impl Actor {
    /// A random one.
    pub fn random(rng: &mut TestRng) -> Self {
        let secret = loop {
            if let Ok(key) = SigningKey::from_bytes(&scalar_to_bytes(&Scalar::rand(rng))) {
                break key;
            }
        };
        Self { pk: secret.public_key(), secret, nk: Fr::rand(rng) }
    }

    /// owner.
    pub fn owner(&self) -> Owner {
        Owner::of(&self.pk, &NullifierKey::new(self.nk))
    }

    /// A signature that verifies under pk = secret·G, or, for `torsion` of small order, under `torsion` alone (no key is needed).
    pub fn sign(&self, torsion: Option<Point>, m: Fr, rng: &mut TestRng) -> Signature {
        let prefix = self.owner().field();
        let Some(torsion) = torsion else {
            return Signature::sign(&self.secret, prefix, m, rng);
        };
        loop {
            // R = s·G − c·T, of which only c mod 8 matters: guess it.
            let (s, guess) = (Scalar::rand(rng), rng.gen_range(0..8u64));
            let r = Point::generator().mul(&s) + torsion.mul_integer(&[guess]).neg();
            let c = challenge(&r, prefix, m);
            if c % 8 == u128::from(guess) {
                return Signature { c, s };
            }
        }
    }
}

/// Everything a transfer is made of.
#[derive(Clone)]
pub struct Scene<const I: usize, const O: usize> {
    /// Who spends.
    pub actor: Actor,
    /// A small-order point in place of the public key.
    pub torsion: Option<Point>,
    /// Asset.
    pub asset: AssetId,
    /// ρ.
    pub rho: Fr,
    /// Inputs.
    pub inputs: [Spent; I],
    /// Outputs.
    pub outputs: [Made; O],
    /// Statement's now.
    pub now: Fr,
    /// Exposed asset.
    pub exposed_asset: AssetId,
    /// Exposed value.
    pub exposed_value: Fr,
    /// Context.
    pub context: Context,
}

/// A statement and a witness with the public inputs that the statement would have if its types were wider.
pub struct Closed<const I: usize, const O: usize> {
    /// Statement, amounts cut to their types.
    pub x: Statement<I, O>,
    /// Witness, amounts cut to their types.
    pub w: Witness<I, O>,
    /// Public inputs, uncut.
    pub publics: Vec<Fr>,
}

/// The low 64 bits.
pub fn low(x: Fr) -> u64 {
    x.into_bigint().0[0]
}

fn commit(asset: AssetId, value: Fr, unlock: Fr, owner: Owner, blinding: Fr) -> Fr {
    let two = Fr::from(2u64);
    let packed = value + two.pow([64]) * unlock + two.pow([104]);
    hash(Domain::Note, &[asset.field(), packed, owner.field(), blinding])
}

impl<const I: usize, const O: usize> Scene<I, O> {
    /// A true one: `dummies` of the inputs are dummies, exposed or not, with amounts at and between the edges.
    pub fn random(dummies: usize, exposed: bool, rng: &mut TestRng) -> Self {
        let mut actor = Actor::random(rng);
        if rng.gen_range(0..8) == 0 {
            actor.nk = -Fr::from(rng.r#gen::<bool>());
        }
        let full = u128::from(u64::MAX);
        // What the outputs can hold bounds what the inputs may.
        let mut room = full * O as u128;
        let mut values = [0u64; I];
        for (index, value) in values.iter_mut().enumerate().take(I - dummies) {
            let most = (room - (I - dummies - index - 1) as u128).min(full) as u64;
            *value = amount(rng).clamp(1, most);
            room -= u128::from(*value);
        }
        values.rotate_right(rng.gen_range(0..I));
        let mut total: u128 = values.iter().map(|v| u128::from(*v)).sum();
        let mut take = |rng: &mut TestRng, after: usize| {
            let (least, most) = (total.saturating_sub(full * after as u128), total.min(full));
            let part = match rng.gen_range(0..4) {
                0 => least,
                1 => most,
                _ => rng.gen_range(least..=most),
            };
            total -= part;
            Fr::from(part)
        };
        let asset = AssetId::new(Fr::rand(rng));
        let exposed_value = if exposed { take(rng, O) } else { Fr::ZERO };
        let unlocks: [u64; I] = core::array::from_fn(|_| unlock(rng));
        let latest = unlocks.iter().copied().max().unwrap_or(0);
        let now = if rng.r#gen() { latest } else { rng.gen_range(latest..1 << 40) };
        let mut positions: Vec<u32> = Vec::new();
        while positions.len() < I {
            let position = if rng.r#gen() { rng.gen_range(0..64) } else { rng.r#gen() };
            if !positions.contains(&position) {
                positions.push(position);
            }
        }
        let exposes = exposed_value != Fr::ZERO;
        Self {
            actor,
            torsion: None,
            asset,
            rho: Fr::rand(rng),
            inputs: core::array::from_fn(|i| Spent {
                value: Fr::from(values[i]),
                unlock: Fr::from(unlocks[i]),
                blinding: Fr::rand(rng),
                position: positions[i],
            }),
            outputs: core::array::from_fn(|i| Made {
                value: take(rng, O - 1 - i),
                unlock: Fr::from(unlock(rng)),
                owner: Owner::new(Fr::rand(rng)),
                blinding: Fr::rand(rng),
            }),
            now: Fr::from(now),
            exposed_asset: if exposes {
                asset
            } else if rng.r#gen() {
                AssetId::default()
            } else {
                AssetId::new(Fr::rand(rng))
            },
            exposed_value,
            context: Context::new(Fr::rand(rng)),
        }
    }

    /// Commitments of the inputs.
    pub fn spent_commitments(&self) -> [Fr; I] {
        let owner = self.actor.owner();
        core::array::from_fn(|i| {
            let note = &self.inputs[i];
            commit(self.asset, note.value, note.unlock, owner, note.blinding)
        })
    }

    /// The statement and the witness: notes in a tree among strangers', nullifiers, commitments, signature.
    pub fn close(&self, rng: &mut TestRng) -> Closed<I, O> {
        let cms = self.spent_commitments();
        let mut tree = Tree::<NOTE_DEPTH>::default();
        for _ in 0..4 {
            tree.set(rng.r#gen(), Fr::rand(rng));
        }
        for (note, cm) in self.inputs.iter().zip(cms) {
            tree.set(note.position ^ rng.gen_range(1..64), Fr::rand(rng));
            if note.value != Fr::ZERO {
                tree.set(note.position, cm);
            }
        }
        // A stranger's leaf may have taken a note's place.
        for (note, cm) in self.inputs.iter().zip(cms) {
            if note.value != Fr::ZERO {
                tree.set(note.position, cm);
            }
        }
        let path = |note: &Spent, rng: &mut TestRng| -> NotePath {
            let mut path = tree.path(note.position);
            if note.value == Fr::ZERO {
                path.siblings[0] = [(); 3].map(|()| Fr::rand(rng));
            }
            path
        };
        let owner = self.actor.owner();
        let x = Statement {
            anchor: if self.inputs.iter().all(|note| note.value == Fr::ZERO) {
                Anchor::new(Fr::rand(rng))
            } else {
                tree.root()
            },
            nullifiers: core::array::from_fn(|i| {
                nullifier(self.actor.nk, Commitment::new(cms[i]), self.inputs[i].position)
            }),
            outputs: core::array::from_fn(|i| self.made(i)),
            now: low(self.now),
            exposed_asset: self.exposed_asset,
            exposed_value: low(self.exposed_value),
            party: party(owner, self.rho),
            context: self.context,
        };
        let w = Witness {
            asset: self.asset,
            pk: self.actor.pk,
            nk: NullifierKey::new(self.actor.nk),
            rho: self.rho,
            inputs: core::array::from_fn(|i| Input {
                value: low(self.inputs[i].value),
                unlock: low(self.inputs[i].unlock),
                blinding: self.inputs[i].blinding,
                path: path(&self.inputs[i], rng),
            }),
            outputs: core::array::from_fn(|i| Output {
                value: low(self.outputs[i].value),
                unlock: low(self.outputs[i].unlock),
                owner: self.outputs[i].owner,
                blinding: self.outputs[i].blinding,
            }),
            signature: self.sign(&x, rng),
        };
        let mut publics = x.public_inputs();
        publics[1 + I + O] = self.now;
        publics[3 + I + O] = self.exposed_value;
        Closed { x, w, publics }
    }

    /// The commitment of output `i`.
    pub fn made(&self, i: usize) -> Commitment {
        let note = &self.outputs[i];
        Commitment::new(commit(self.asset, note.value, note.unlock, note.owner, note.blinding))
    }

    /// What the actor signs over `x`, the exposed value uncut.
    pub fn sign(&self, x: &Statement<I, O>, rng: &mut TestRng) -> Signature {
        self.actor.sign(self.torsion, self.message(x), rng)
    }

    /// H(INTENT; …) of `x`, the exposed value uncut.
    pub fn message(&self, x: &Statement<I, O>) -> Fr {
        let mut inputs: Vec<Fr> = x.nullifiers.iter().map(Nullifier::field).collect();
        inputs.extend(x.outputs.iter().map(Commitment::field));
        inputs.extend([x.exposed_asset.field(), self.exposed_value, x.context.field()]);
        hash(Domain::Intent, &inputs)
    }
}
