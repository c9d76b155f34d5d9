//! Constraints of release: R1 and R4; R2 and R3 are in [`super::branches`].

use super::branches::{self, Amounts};
use super::{Evidence, Holding, Release, Signed, Statement, Witness};
use crate::context::Context;
use crate::gadgets::bits::Ranged;
use crate::gadgets::poseidon::{Lane, Shared};
use crate::gadgets::terms::{GoodsVar, MoneyVar, PartiesVar, RemedyVar, id};
use crate::gadgets::{Num, note, poseidon, tree};
use crate::hash::Domain;
use crate::jubjub::{Point, Scalar};
use crate::keys::PublicKey;
use crate::note::{Commitment, Nullifier};
use crate::r1cs::Cs;
use crate::schnorr::Signature;
use crate::terms::{QUANTITY_BITS, Terms};
use crate::tree::{Anchor, NotePath};
use crate::{Circuit, Fr};
use ark_ff::AdditiveGroup;

/// The statement's inputs by name, in their order.
pub(super) struct StatementVar<'a> {
    anchor: &'a Num,
    pub(super) nullifier: &'a Num,
    outputs: [&'a Num; 4],
    pub(super) now: &'a Num,
    pub(super) context: &'a Num,
}

impl<'a> StatementVar<'a> {
    fn new(x: &'a [Num]) -> Option<Self> {
        let [anchor, nullifier, supplier, buyer, capacity, pair, now, context] = x else {
            return None;
        };
        Some(Self { anchor, nullifier, outputs: [supplier, buyer, capacity, pair], now, context })
    }
}

/// The opened pair with the terms that govern it.
pub(super) struct Escrow {
    pub(super) parties: PartiesVar,
    pub(super) goods: GoodsVar,
    pub(super) remedy: RemedyVar,
    currency: Shared,
    asset: Shared,
    /// s₃.
    salt: Num,
    /// H(TERMS; …).
    pub(super) terms: Num,
    /// Thousandths settled so far.
    pub(super) done: Num,
    /// q − done; the division by it proves that it is 1 … 2^40.
    pub(super) undelivered: Num,
    /// v, below 2^64.
    pub(super) payment: Num,
    /// u, below 2^64.
    pub(super) capacity: Num,
}

impl Circuit for Release {
    const MATRICES: Option<[u8; 32]> =
        Some(crate::r1cs::pinned("3424dbb9e85c405dddbfad5b3608a217aea34b586a30f71cbbc02b7c8fc2d003"));

    fn enforce(cs: &mut Cs, x: &[Num], w: &Witness) {
        let Some(x) = StatementVar::new(x) else {
            return;
        };
        let escrow = cs.rule("R1", |cs| Escrow::open(cs, &x, w));
        let outcome = cs.rule("R2", |cs| branches::decide(cs, &x, &escrow, &w.evidence));
        let amounts = cs.rule("R3", |cs| outcome.settle(cs, &escrow));
        cs.rule("R4", |cs| escrow.make(cs, &x, &amounts));
    }

    fn blank() -> (Statement, Witness) {
        let statement = Statement {
            anchor: Anchor::default(),
            nullifier: Nullifier::default(),
            out_supplier: Commitment::default(),
            out_buyer: Commitment::default(),
            out_capacity: Commitment::default(),
            out_pair: Commitment::default(),
            now: 0,
            context: Context::default(),
        };
        let pk = PublicKey::new_unchecked(Point::generator());
        let buyer = Signed { pk, signature: Signature { c: 0, s: Scalar::ZERO } };
        let witness = Witness {
            terms: Terms::blank(),
            held: Holding { done: 0, payment: 0, capacity: 0 },
            payment_blinding: Fr::ZERO,
            capacity_blinding: Fr::ZERO,
            path: NotePath::blank(),
            evidence: Evidence::Lapsed { buyer },
        };
        (statement, witness)
    }
}

impl Escrow {
    /// R1: the terms open, the pair is in the tree, something is left of it, and its nullifier is the statement's.
    fn open(cs: &mut Cs, x: &StatementVar, w: &Witness) -> Self {
        let parties = PartiesVar::witness(cs, &w.terms.parties);
        let goods = GoodsVar::witness(cs, &w.terms.goods);
        let money = MoneyVar::whole(cs, &w.terms.money);
        let remedy = RemedyVar::witness(cs, &w.terms.remedy);
        let hashes = [parties.hash(cs), goods.hash(cs), money.hash(cs), remedy.hash(cs)];
        let terms = id(cs, hashes);

        let done = Ranged::witness(cs, w.held.done, QUANTITY_BITS).num().clone();
        let undelivered = goods.quantity.num() - &done;

        let [payment, capacity] = [w.held.payment, w.held.capacity].map(|value| Ranged::witness(cs, value, 64));
        let asset = goods.capacity_asset(cs);
        let [currency, asset] = [&money.currency, &asset].map(|asset| Shared::new::<0>(cs, asset));
        let owner = poseidon::hash(cs, Domain::Escrow, &[terms.clone(), done.clone()]);
        let owner = Shared::new::<2>(cs, &owner);
        let half = |cs: &mut Cs, asset: &Shared, value: &Ranged, name, blinding| {
            let blinding = cs.hint(name, blinding);
            note::open_shared(cs, asset, note::Amount::of(value), &owner, &blinding).commitment().clone()
        };
        let halves = [
            half(cs, &currency, &payment, "payment blinding", w.payment_blinding),
            half(cs, &asset, &capacity, "capacity blinding", w.capacity_blinding),
        ];
        let pair = poseidon::hash(cs, Domain::Pair, &halves);
        let (root, position) = tree::root(cs, &pair, &w.path);
        cs.equal(&root, x.anchor);
        let nk = poseidon::hash(cs, Domain::EscrowNk, core::slice::from_ref(&money.salt));
        let nullifier = note::nullifier(cs, &nk, &pair, &position);
        cs.equal(&nullifier, x.nullifier);

        let [payment, capacity] = [payment, capacity].map(|value| value.num().clone());
        let salt = money.salt;
        Self { parties, goods, remedy, currency, asset, salt, terms, done, undelivered, payment, capacity }
    }

    /// R4: five notes without unlock time, blindings H(BLIND; s₃, nf, i); the last two are the halves of the pair that stays.
    fn make(&self, cs: &mut Cs, x: &StatementVar, amounts: &Amounts) {
        let owner = poseidon::hash(cs, Domain::Escrow, &[self.terms.clone(), amounts.next_done.clone()]);
        let [supplier, buyer, owner] =
            [&self.parties.supplier, &self.parties.buyer, &owner].map(|owner| Shared::new::<2>(cs, owner));
        let (salt, nf) = (Shared::new::<0>(cs, &self.salt), Shared::new::<1>(cs, x.nullifier));
        let holders = [
            (&self.currency, &amounts.pay, &supplier),
            (&self.currency, &amounts.refund, &buyer),
            (&self.asset, &amounts.returned, &supplier),
            (&self.currency, &amounts.rest, &owner),
            (&self.asset, &amounts.kept, &owner),
        ];
        let mut index = 0u64;
        let [supplier, buyer, capacity, rest, kept] = holders.map(|(asset, value, owner)| {
            let inputs = [Lane::Shared(&salt), Lane::Shared(&nf), Lane::Own(&Num::from_constant(index))];
            index += 1;
            let blinding = poseidon::hash_block(cs, Domain::Blind, inputs);
            // R3's five ranges: pay and refund are ranged themselves, each of rest, returned and kept is 0 or a ranged difference.
            let amount = note::Amount::ranged_elsewhere(value);
            note::open_shared(cs, asset, amount, owner, &blinding).commitment().clone()
        });
        let pair = poseidon::hash(cs, Domain::Pair, &[rest, kept]);
        for (output, stated) in [supplier, buyer, capacity, pair].iter().zip(x.outputs) {
            cs.equal(output, stated);
        }
    }
}
