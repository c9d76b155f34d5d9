//! Constraints of disclose.

use super::{Disclose, Scope, Statement, Tag, Witness};
use crate::asset::AssetId;
use crate::context::Context;
use crate::gadgets::{Num, bits, note, poseidon, schnorr, tree};
use crate::hash::Domain;
use crate::jubjub::{Point, Scalar};
use crate::keys::{NullifierKey, PublicKey};
use crate::note::{Party, UNLOCK_BITS};
use crate::r1cs::Cs;
use crate::schnorr::Signature;
use crate::transfer::Spender;
use crate::tree::{Anchor, NotePath};
use crate::{Circuit, Fr};
use ark_ff::AdditiveGroup;

impl Circuit for Disclose {
    const MATRICES: Option<[u8; 32]> =
        Some(crate::r1cs::pinned("c10358a1792fb2817898d342c25cbdad7c304c933f8e134e86b5ce9534131acf"));

    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness) {
        let [anchor, asset, threshold, hold, scope, tag, party, _] = x else {
            return;
        };
        let (owner, opened, position) = cs.rule("D1", |cs| {
            let owner = Spender::open(cs, &w.pk, &w.nk);
            let amount = note::Amount::witness(cs, w.value, w.unlock);
            let blinding = cs.hint("blinding", w.blinding);
            let opened = note::open(cs, asset, amount, &owner.owner, &blinding);
            let (root, position) = tree::root(cs, opened.commitment(), &w.path);
            cs.equal(&root, anchor);
            let rho = cs.hint("rho", w.rho);
            let hidden = poseidon::hash(cs, Domain::Party, &[owner.owner.clone(), rho]);
            cs.equal(&hidden, party);
            (owner, opened, position)
        });
        cs.rule("D2", |cs| {
            bits::range(cs, &(opened.value() - threshold), 64);
            bits::range(cs, &(opened.unlock() - hold), UNLOCK_BITS);
        });
        cs.rule("D3", |cs| {
            let inputs = [&owner.nk, opened.commitment(), &position, scope].map(Num::clone);
            let mark = poseidon::hash(cs, Domain::Disclosed, &inputs);
            cs.equal(&mark, tag);
        });
        cs.rule("D4", |cs| {
            let message = poseidon::hash(cs, Domain::Disclose, x);
            schnorr::verify(cs, &owner.pk, &owner.owner, &message, &w.signature);
        });
    }

    fn blank() -> (Statement, Witness) {
        let statement = Statement {
            anchor: Anchor::default(),
            asset: AssetId::default(),
            threshold: 0,
            hold: 0,
            scope: Scope::default(),
            tag: Tag::default(),
            party: Party::default(),
            context: Context::default(),
        };
        let witness = Witness {
            pk: PublicKey::new_unchecked(Point::generator()),
            nk: NullifierKey::new(Fr::ZERO),
            rho: Fr::ZERO,
            value: 0,
            unlock: 0,
            blinding: Fr::ZERO,
            path: NotePath::blank(),
            signature: Signature { c: 0, s: Scalar::ZERO },
        };
        (statement, witness)
    }
}
