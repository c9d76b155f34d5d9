//! Pairs of price.

mod broken_notes;
mod broken_terms;
mod draw;
mod lies;

use crate::{Breakable, Drawn, Subject, TestRng};
use ark_ff::{PrimeField, UniformRand};
use privity_circuits::context::Context;
use privity_circuits::jubjub::Point;
use privity_circuits::keys::Owner;
use privity_circuits::note::{self, NO_COMMITMENT, Note};
use privity_circuits::price::{Deal, Price, Statement, Witness};
use privity_circuits::terms::{self, AwardTag, Policy, Terms};
use privity_circuits::tree::{ARITY, Anchor, MEMBER_DEPTH, MemberPath};
use privity_circuits::{Domain, Fr, hash};
use rand::Rng;

pub use draw::{Remainder, policy, roomy_with, terms, with_remainder};
pub use lies::{Told, free_of_charge, lies};

/// A pair under construction: the statement is assembled from amounts that need not be the right ones.
struct Case {
    x: Statement,
    w: Witness,
    total: u64,
    used: u64,
    fee: u64,
}

impl Case {
    fn new(rng: &mut TestRng) -> Self {
        let (terms, policy, deal) = loop {
            let (terms, policy) = (draw::terms(rng), draw::policy(rng));
            if let Ok(deal) = Deal::of(&terms, &policy) {
                break (terms, policy, deal);
            }
        };
        Self::of(terms, policy, [deal.quote.total, deal.used, deal.fee], rng)
    }

    /// Terms and policy with amounts that nobody has checked: total, capacity used, fee.
    fn of(terms: Terms, policy: Policy, [total, used, fee]: [u64; 3], rng: &mut TestRng) -> Self {
        let owners = [terms.parties.buyer, terms.parties.supplier];
        let ([buyer_path, supplier_path], members) = members(owners, rng);
        let x = Statement {
            ledger: terms.parties.ledger,
            terms: terms.id(),
            out_payment: NO_COMMITMENT,
            out_fee: NO_COMMITMENT,
            out_capacity: NO_COMMITMENT,
            pair: NO_COMMITMENT,
            volume: Point::IDENTITY,
            policy: Fr::from(0u64),
            members,
            party_buyer: Default::default(),
            party_supplier: Default::default(),
            award: AwardTag::default(),
            context: Context::new(Fr::rand(rng)),
        };
        let w = Witness { terms, policy, buyer_path, supplier_path };
        let mut case = Self { x, w, total, used, fee };
        case.restate();
        case
    }

    /// All that follows from terms, policy and amounts as they stand.
    fn restate(&mut self) {
        let terms = &self.w.terms;
        self.x.terms = terms.id();
        self.x.policy = self.w.policy.id();
        self.x.volume = terms::volume(self.total, terms.money.salt, self.x.terms);
        self.x.party_buyer = note::party(terms.parties.buyer, terms.rho(0));
        self.x.party_supplier = note::party(terms.parties.supplier, terms.rho(1));
        self.x.award = self.award(|_| ());
        let [payment, fee, capacity] = self.notes();
        self.state(&payment, &fee, &capacity);
    }

    fn state(&mut self, payment: &Note, fee: &Note, capacity: &Note) {
        self.x.out_payment = payment.commitment();
        self.x.out_fee = fee.commitment();
        self.x.out_capacity = capacity.commitment();
        self.x.pair = match self.w.terms.remedy.escrow {
            true => note::pair(self.x.out_payment, self.x.out_capacity),
            false => NO_COMMITMENT,
        };
    }

    /// Payment, fee and capacity by the protocol's page, for the amounts as they stand.
    fn notes(&self) -> [Note; 3] {
        let terms = &self.w.terms;
        let id = terms.id().field();
        let sealed = match terms.remedy.escrow {
            true => hash(Domain::Escrow, &[id, Fr::from(0u64)]),
            false => hash(Domain::Retired, &[id]),
        };
        let blinding = |i: u64| hash(Domain::Blind, &[terms.money.salt, id, Fr::from(i)]);
        let (owner, unlock) = match terms.remedy.escrow {
            true => (Owner::new(sealed), 0),
            false => (terms.parties.supplier, terms.money.payment_unlock),
        };
        let currency = terms.money.currency;
        let note = |asset, value, unlock, owner, i| Note { asset, value, unlock, owner, blinding: blinding(i) };
        [
            note(currency, self.total, unlock, owner, 0),
            note(currency, self.fee, 0, self.w.policy.treasury, 1),
            note(terms.capacity_asset(), self.used, 0, Owner::new(sealed), 2),
        ]
    }

    /// The award tag of the terms after `change`; its ρ is that of the true ones.
    fn award(&self, change: impl FnOnce(&mut Terms)) -> AwardTag {
        let rho = self.w.terms.rho(2);
        let mut terms = self.w.terms.clone();
        change(&mut terms);
        let (goods, money) = (&terms.goods, &terms.money);
        let offer = terms::offer(money.currency, money.exponent, goods.quantity, goods.due, goods.document);
        let inputs = [terms.parties.supplier.field(), money.rfq.field(), offer, rho];
        AwardTag::new(hash(Domain::Awarded, &inputs))
    }

    /// One note becomes what `change` makes of it; a pair follows.
    fn alter(&mut self, index: usize, change: impl FnOnce(&mut Note)) {
        let mut notes = self.notes();
        change(&mut notes[index]);
        let [payment, fee, capacity] = &notes;
        self.state(payment, fee, capacity);
    }

    /// The scalar of W in the volume.
    fn volume_scalar(&self) -> [u64; 4] {
        let inputs = [self.w.terms.money.salt, self.x.terms.field()];
        hash(Domain::Volume, &inputs).into_bigint().0
    }
}

/// Two leaves somewhere in one tree of random nodes.
fn members(owners: [Owner; 2], rng: &mut TestRng) -> ([MemberPath; 2], Anchor) {
    let position = |rng: &mut TestRng| rng.gen_range(0..1u32 << (2 * MEMBER_DEPTH));
    let first = position(rng);
    let second = loop {
        let second = position(rng);
        // Often neighbours, so that the paths part low.
        let second = if rng.r#gen() { first ^ (second & 7) } else { second };
        if second != first {
            break second;
        }
    };
    let mut paths = [first, second].map(|position| MemberPath {
        position,
        siblings: core::array::from_fn(|_| core::array::from_fn(|_| Fr::rand(rng))),
    });
    let meet = (0..MEMBER_DEPTH).rposition(|level| paths[0].index(level) != paths[1].index(level)).unwrap_or_default();
    let below = |path: &MemberPath, owner: Owner| {
        (0..meet).fold(owner.field(), |node, level| hash(Domain::Node, &path.children(level, node)))
    };
    let mut children: [Fr; ARITY] = core::array::from_fn(|_| Fr::rand(rng));
    for (path, owner) in paths.iter().zip(owners) {
        children[path.index(meet)] = below(path, owner);
    }
    let shared = paths[0].siblings;
    for path in &mut paths {
        let own = path.index(meet);
        let others: Vec<Fr> = (0..ARITY).filter(|i| *i != own).map(|i| children[i]).collect();
        path.siblings[meet].copy_from_slice(&others);
        path.siblings[meet + 1..].copy_from_slice(&shared[meet + 1..]);
    }
    let root = paths[0].root(owners[0].field());
    (paths, root)
}

/// A pair that holds.
pub fn valid(rng: &mut TestRng) -> Drawn<Price> {
    Case::valid(rng)
}

/// A pair that holds and whose integers leave each other room; no share of the total is charged.
pub fn roomy(rng: &mut TestRng) -> (Statement, Witness) {
    let (terms, policy, deal) = loop {
        let (terms, policy) = (draw::roomy(rng), Policy { rate: 0, ..draw::policy(rng) });
        if let Ok(deal) = Deal::of(&terms, &policy) {
            break (terms, policy, deal);
        }
    };
    assembled(terms, policy, [deal.quote.total, deal.used, deal.fee], rng)
}

/// Terms and policy with a statement of the given total, capacity used and fee, right or wrong.
pub fn assembled(terms: Terms, policy: Policy, amounts: [u64; 3], rng: &mut TestRng) -> (Statement, Witness) {
    let case = Case::of(terms, policy, amounts, rng);
    (case.x, case.w)
}

/// Witness fields that hashes hide; nothing else is the prover's to choose.
const HIDDEN: &[&str] = &[
    "ledger",
    "buyer",
    "supplier",
    "buyer's signer",
    "supplier's signer",
    "inspector",
    "arbiter",
    "auditor",
    "salt 1",
    "certifier",
    "origin",
    "resource",
    "document",
    "salt 2",
    "currency",
    "rfq",
    "salt 3",
    "salt 4",
    "treasury",
    "delivery key",
];

/// Price for the harness: no input is free, and what the hashes of terms and policy hide is the prover's choice.
pub fn subject() -> Subject<Price> {
    Subject::of::<Case>(&[]).choosing(HIDDEN)
}

impl Breakable for Case {
    type Relation = Price;

    fn random(rng: &mut TestRng) -> Self {
        Self::new(rng)
    }

    fn pair(self) -> Drawn<Price> {
        (self.x, self.w)
    }

    fn mutations() -> Vec<Mutation> {
        [broken_terms::table(), broken_notes::table()].concat()
    }
}

type Mutation = crate::Mutation<Case>;
