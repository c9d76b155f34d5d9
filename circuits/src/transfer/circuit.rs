//! Constraints of transfer.

use super::{Input, Output, Statement, Transfer, Witness};
use crate::asset::AssetId;
use crate::context::Context;
use crate::gadgets::curve::PublicKeyVar;
use crate::gadgets::{Num, bits, note, poseidon, schnorr, tree};
use crate::hash::Domain;
use crate::jubjub::{Point, Scalar};
use crate::keys::{NullifierKey, Owner, PublicKey};
use crate::note::{Commitment, Nullifier, Party, UNLOCK_BITS};
use crate::r1cs::Cs;
use crate::schnorr::Signature;
use crate::tree::{Anchor, NotePath};
use crate::{Circuit, Fr};
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

/// The spender: owner's opening, shared by every relation that spends for an owner.
pub(crate) struct Spender {
    pub(crate) pk: PublicKeyVar,
    pub(crate) nk: Num,
    pub(crate) owner: Num,
}

impl Spender {
    /// T1: owner = H(OWNER; pk, nk), pk admissible.
    pub(crate) fn witness(cs: &mut Cs, pk: &PublicKey, nk: &NullifierKey) -> Self {
        cs.rule("T1", |cs| Self::open(cs, pk, nk))
    }

    /// The same under whichever rule of another relation asks for it.
    pub(crate) fn open(cs: &mut Cs, pk: &PublicKey, nk: &NullifierKey) -> Self {
        let pk = PublicKeyVar::witness(cs, pk);
        let nk = cs.hint("nk", nk.field());
        let inputs = [pk.point().x.clone(), pk.point().y.clone(), nk.clone()];
        let owner = poseidon::hash(cs, Domain::Owner, &inputs);
        Self { pk, nk, owner }
    }
}

/// The statement's inputs by name, in their order.
struct StatementVar<'a> {
    anchor: &'a Num,
    nullifiers: &'a [Num],
    outputs: &'a [Num],
    now: &'a Num,
    exposed_asset: &'a Num,
    exposed_value: &'a Num,
    party: &'a Num,
    context: &'a Num,
}

impl<'a> StatementVar<'a> {
    fn new(x: &'a [Num], inputs: usize, outputs: usize) -> Option<Self> {
        let (anchor, rest) = x.split_first()?;
        let (nullifiers, rest) = rest.split_at_checked(inputs)?;
        let (outputs, rest) = rest.split_at_checked(outputs)?;
        let [now, exposed_asset, exposed_value, party, context] = rest else {
            return None;
        };
        Some(Self { anchor, nullifiers, outputs, now, exposed_asset, exposed_value, party, context })
    }

    fn message(&self, cs: &mut Cs) -> Num {
        let mut inputs: Vec<Num> = self.nullifiers.to_vec();
        inputs.extend_from_slice(self.outputs);
        inputs.extend([self.exposed_asset, self.exposed_value, self.context].map(Num::clone));
        poseidon::hash(cs, Domain::Intent, &inputs)
    }
}

impl<const I: usize, const O: usize> Circuit for Transfer<I, O> {
    const MATRICES: Option<[u8; 32]> = match (I, O) {
        (2, 3) => Some(crate::r1cs::pinned("e9a84e05bc1b1e6244e2bbfa900cd3c07762ecdd8bec68c5fa583efa8d474b36")),
        (7, 2) => Some(crate::r1cs::pinned("6d13d1e351bffe9c8be0afad2e130425ac2468027299ab53081b08ae0d553960")),
        _ => None,
    };

    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness<I, O>) {
        let Some(x) = StatementVar::new(x, I, O) else {
            return;
        };
        let spender = Spender::witness(cs, &w.pk, &w.nk);
        let asset = cs.hint("asset", w.asset.field());
        let mut balance = Num::zero();
        for (input, nf) in w.inputs.iter().zip(x.nullifiers) {
            balance = &balance + &spend(cs, &x, &spender, &asset, input, nf);
        }
        for (output, cm) in w.outputs.iter().zip(x.outputs) {
            balance = &balance - &make(cs, &asset, output, cm);
        }
        cs.rule("T7", |cs| {
            bits::range(cs, x.exposed_value, 64);
            cs.equal(&balance, x.exposed_value);
            cs.enforce(x.exposed_value, &(x.exposed_asset - &asset), &Num::zero());
        });
        cs.rule("T8", |cs| {
            let message = x.message(cs);
            schnorr::verify(cs, &spender.pk, &spender.owner, &message, &w.signature);
        });
        cs.rule("T9", |cs| {
            let rho = cs.hint("rho", w.rho);
            let party = poseidon::hash(cs, Domain::Party, &[spender.owner.clone(), rho]);
            cs.equal(&party, x.party);
        });
    }

    fn blank() -> (Statement<I, O>, Witness<I, O>) {
        let input = || Input { value: 0, unlock: 0, blinding: Fr::ZERO, path: NotePath::blank() };
        let output = || Output { value: 0, unlock: 0, owner: Owner::default(), blinding: Fr::ZERO };
        let statement = Statement {
            anchor: Anchor::default(),
            nullifiers: [Nullifier::default(); I],
            outputs: [Commitment::default(); O],
            now: 0,
            exposed_asset: AssetId::default(),
            exposed_value: 0,
            party: Party::default(),
            context: Context::default(),
        };
        let witness = Witness {
            asset: AssetId::default(),
            pk: PublicKey::new_unchecked(Point::generator()),
            nk: NullifierKey::new(Fr::ZERO),
            rho: Fr::ZERO,
            inputs: core::array::from_fn(|_| input()),
            outputs: core::array::from_fn(|_| output()),
            signature: Signature { c: 0, s: Scalar::ZERO },
        };
        (statement, witness)
    }
}

/// T2–T5 of one input; its value.
fn spend(cs: &mut Cs, x: &StatementVar, spender: &Spender, asset: &Num, input: &Input, nf: &Num) -> Num {
    let opened = cs.rule("T2", |cs| {
        let amount = note::Amount::witness(cs, input.value, input.unlock);
        let blinding = cs.hint("blinding", input.blinding);
        note::open(cs, asset, amount, &spender.owner, &blinding)
    });
    let position = cs.rule("T3", |cs| {
        let (root, position) = tree::root(cs, opened.commitment(), &input.path);
        cs.enforce(&(&root - x.anchor), opened.value(), &Num::zero());
        position
    });
    cs.rule("T4", |cs| {
        let nullifier = note::nullifier(cs, &spender.nk, opened.commitment(), &position);
        cs.equal(&nullifier, nf);
    });
    cs.rule("T5", |cs| bits::range(cs, &(x.now - opened.unlock()), UNLOCK_BITS));
    opened.value().clone()
}

/// T6 of one output; its value.
fn make(cs: &mut Cs, asset: &Num, output: &Output, cm: &Num) -> Num {
    cs.rule("T6", |cs| {
        let amount = note::Amount::witness(cs, output.value, output.unlock);
        let owner = cs.hint("owner", output.owner.field());
        let blinding = cs.hint("blinding", output.blinding);
        let opened = note::open(cs, asset, amount, &owner, &blinding);
        cs.equal(opened.commitment(), cm);
        opened.value().clone()
    })
}
