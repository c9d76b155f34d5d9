//! A second, naive ledger, plain vectors and maps written from the protocol's page, audits random operations on the first.

mod common;

use common::*;
use privity_circuits::Fr;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::note::{Commitment, Nullifier};
use privity_circuits::tree::{ARITY, Anchor, MEMBER_DEPTH, NOTE_DEPTH, node};
use privity_ledger::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The naive ledger. It knows statements, never proofs, and does everything the slow way.
#[derive(Default)]
struct Model {
    time: u64,
    leaves: Vec<Fr>,
    anchors: Vec<Anchor>,
    spent: Vec<Nullifier>,
    settled: Vec<TransactionId>,
    terms: Vec<Fr>,
    issued: Vec<Fr>,
    minted: u128,
    exposed: u128,
    members: Vec<Fr>,
    /// (root, since when it is replaced).
    member_roots: BTreeMap<Anchor, Option<u64>>,
    policies: Vec<(Fr, Option<u64>)>,
    certifier: bool,
    issuer: bool,
    payment_key: bool,
}

thread_local! {
    /// Hashes that were computed before: the slow way stays the slow way, and 100 000 operations end.
    static NODES: RefCell<HashMap<[Fr; ARITY], Fr>> = RefCell::default();
}

fn hashed(children: [Fr; ARITY]) -> Fr {
    NODES.with_borrow_mut(|nodes| *nodes.entry(children).or_insert_with(|| node(&children)))
}

/// Root over `leaves`, row by row.
fn root(leaves: &[Fr], depth: usize) -> Anchor {
    let (mut row, mut empty) = (leaves.to_vec(), Fr::default());
    for _ in 0..depth {
        let full = row.len().div_ceil(ARITY) * ARITY;
        row.resize(full, empty);
        row = row.chunks(ARITY).map(|children| hashed(children.try_into().unwrap())).collect();
        empty = hashed([empty; ARITY]);
    }
    Anchor::new(row.first().copied().unwrap_or(empty))
}

impl Model {
    fn new(policy: Fr) -> Self {
        let member_roots = [(root(&[], MEMBER_DEPTH), None)].into();
        let anchors = vec![root(&[], NOTE_DEPTH)];
        let policies = vec![(policy, None)];
        Self {
            time: START,
            anchors,
            member_roots,
            policies,
            certifier: true,
            issuer: true,
            payment_key: true,
            ..Self::default()
        }
    }

    /// The rule that refuses the transaction, or none.
    fn verdict(&self, transaction: &Transaction, now: u64) -> Option<&'static str> {
        if self.settled.contains(&transaction.id()) {
            return Some("L7");
        }
        if now >= transaction.expiry {
            return Some("L4");
        }
        let pays = |leg: &Leg| matches!(leg, Leg::Payment(_));
        let uses_payment = match &transaction.body {
            Body::Transfer { leg, .. } => pays(leg),
            Body::Swap { legs } => legs.iter().any(pays),
            Body::Deal { .. } => true,
            _ => false,
        };
        if uses_payment && !self.payment_key {
            return Some("L9");
        }
        let spends = transaction.spends();
        let (mut nows, mut anchors, mut nullifiers) = (Vec::new(), Vec::new(), Vec::new());
        for spend in &spends {
            nows.push(spend.now);
            anchors.push(spend.anchor);
            nullifiers.extend_from_slice(spend.nullifiers);
        }
        if let Body::Release { release } = &transaction.body {
            nows.push(release.statement.now);
            anchors.push(release.statement.anchor);
            nullifiers.push(release.statement.nullifier);
        }
        if nows.iter().any(|stated| stated % 3_600 != 0 || *stated > now || now - stated > 86_400) {
            return Some("L4");
        }
        if anchors.iter().any(|anchor| !self.anchors.contains(anchor)) {
            return Some("L2");
        }
        let distinct: BTreeSet<_> = nullifiers.iter().collect();
        if distinct.len() < nullifiers.len() || nullifiers.iter().any(|nullifier| self.spent.contains(nullifier)) {
            return Some("L3");
        }
        match &transaction.body {
            Body::Issue { capacity } => {
                if !self.certifier {
                    return Some("L9");
                }
                self.issued.contains(&capacity.statement.issued.field()).then_some("L7")
            }
            Body::Mint { .. } => (!self.issuer).then_some("M2"),
            Body::Transfer { .. } => {
                let (_, value) = spends[0].exposed;
                (u128::from(value) > self.minted - self.exposed).then_some("L8")
            }
            Body::Deal { price, buyer, supplier } => {
                self.verdict_on_deal(&price.statement, &buyer.statement, &supplier.statement, now)
            }
            _ => None,
        }
    }

    fn verdict_on_deal(
        &self,
        x: &privity_circuits::price::Statement,
        b: &privity_circuits::transfer::Statement<2, 3>,
        s: &privity_circuits::transfer::Statement<2, 3>,
        now: u64,
    ) -> Option<&'static str> {
        let named = [x.out_payment, x.out_fee, x.out_capacity];
        if named != [b.outputs[0], b.outputs[1], s.outputs[0]]
            || (x.party_buyer, x.party_supplier) != (b.party, s.party)
        {
            return Some("L5");
        }
        if self.terms.contains(&x.terms.field()) {
            return Some("L7");
        }
        let fresh = |replaced: &Option<u64>| replaced.is_none_or(|since| now - since <= GRACE);
        if !self.member_roots.get(&x.members).is_some_and(fresh) {
            return Some("L9");
        }
        let policy = self.policies.iter().rev().find(|(id, _)| *id == x.policy);
        (!policy.is_some_and(|(_, replaced)| fresh(replaced))).then_some("L9")
    }

    fn settle(&mut self, transaction: &Transaction, now: u64) {
        self.time = now;
        self.settled.push(transaction.id());
        for spend in transaction.spends() {
            self.spent.extend_from_slice(spend.nullifiers);
            self.exposed += u128::from(spend.exposed.1);
        }
        let mut made: Vec<Commitment> = transaction.outputs();
        match &transaction.body {
            Body::Issue { capacity } => self.issued.push(capacity.statement.issued.field()),
            Body::Mint { mint, .. } => self.minted += u128::from(mint.statement.value),
            Body::Release { release } => self.spent.push(release.statement.nullifier),
            Body::Deal { price, .. } => {
                self.terms.push(price.statement.terms.field());
                if !price.statement.pair.is_zero() {
                    made[0] = price.statement.pair;
                    made.remove(3);
                }
            }
            _ => {}
        }
        self.leaves.extend(made.iter().map(Commitment::field));
        self.anchors.push(root(&self.leaves, NOTE_DEPTH));
    }

    fn set_member(&mut self, position: usize, leaf: Fr, now: u64) {
        let old = root(&self.members, MEMBER_DEPTH);
        self.members.resize(self.members.len().max(position + 1), Fr::default());
        self.members[position] = leaf;
        self.member_roots.insert(old, Some(now));
        self.member_roots.insert(root(&self.members, MEMBER_DEPTH), None);
        self.time = now;
    }
}

struct Game {
    world: World,
    ledger: Ledger,
    model: Model,
    dice: ChaCha20Rng,
    owners: Vec<(Owner, bool)>,
    history: Vec<Transaction>,
    counts: BTreeMap<&'static str, usize>,
}

impl Game {
    fn new(seed: u64) -> Self {
        let world = World::new(seed);
        let model = Model::new(world.genesis.policy.id());
        NODES.with_borrow_mut(HashMap::clear);
        let dice = ChaCha20Rng::seed_from_u64(seed);
        let ledger = world.ledger();
        Self { ledger, model, dice, owners: Vec::new(), history: Vec::new(), counts: BTreeMap::new(), world }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.dice.next_u32() as usize % sides
    }

    fn some_anchor(&mut self) -> Anchor {
        if self.roll(20) == 0 {
            return Anchor::new(self.world.fresh());
        }
        let at = self.roll(self.model.anchors.len());
        self.model.anchors[at]
    }

    /// Sometimes an old nullifier, sometimes one twice, sometimes a wrong hour.
    fn spend<const I: usize, const O: usize>(&mut self, now: u64) -> privity_circuits::transfer::Statement<I, O> {
        let anchor = self.some_anchor();
        let mut x = self.world.spend::<I, O>(anchor, now);
        match self.roll(24) {
            0 if !self.model.spent.is_empty() => {
                x.nullifiers[0] = self.model.spent[self.dice.next_u32() as usize % self.model.spent.len()];
            }
            1 => x.nullifiers[1] = x.nullifiers[0],
            2 => x.now += [1, 3_600, 7_200][self.roll(3)],
            3 => x.now -= 3_600 * [1, 23, 24, 25][self.roll(4)],
            _ => {}
        }
        x
    }

    fn transaction(&mut self, now: u64) -> Transaction {
        let expiry = now + [0, 1, 600, 86_400][self.roll(4).max(self.roll(4))];
        match self.roll(10) {
            0 => self.world.mint(1 + now % 50, expiry),
            1 => {
                let mut issue = self.world.issue(expiry);
                if let (Body::Issue { capacity }, true) = (&mut issue.body, self.dice.next_u32().is_multiple_of(4))
                    && let Some(old) = self.model.issued.last()
                {
                    capacity.statement.issued = privity_circuits::capacity::Issued::new(*old);
                    self.world.prove(&mut issue);
                }
                issue
            }
            2 => {
                let anchor = self.some_anchor();
                let mut release = self.world.release(anchor, now);
                release.expiry = expiry;
                self.world.prove(&mut release);
                release
            }
            3 => {
                let (x, y) = (self.spend::<7, 2>(now), self.spend::<2, 3>(now));
                let legs = [self.world.consolidate(x), self.world.pay(y)];
                self.world.complete(Body::Swap { legs }, expiry)
            }
            4 | 5 => self.deal(now, expiry),
            6 if !self.history.is_empty() => {
                let at = self.roll(self.history.len());
                let mut replay = self.history[at].clone();
                self.world.prove(&mut replay);
                replay
            }
            7 => {
                let mut x = self.spend::<2, 3>(now);
                let value = 1 + self.roll(80) as u64;
                (x.exposed_asset, x.exposed_value) = (self.world.token, value);
                let leg = self.world.pay(x);
                self.world.complete(Body::Transfer { leg, recipient: Fr::from(6u64) }, expiry)
            }
            8 => {
                let x = self.spend::<7, 2>(now);
                let leg = self.world.consolidate(x);
                self.world.complete(Body::Transfer { leg, recipient: Fr::default() }, expiry)
            }
            _ => {
                let x = self.spend::<2, 3>(now);
                let leg = self.world.pay(x);
                self.world.complete(Body::Transfer { leg, recipient: Fr::default() }, expiry)
            }
        }
    }

    fn deal(&mut self, now: u64, expiry: u64) -> Transaction {
        let escrow = self.roll(2) == 0;
        let mut statements = self.world.deal_statements(&self.ledger, now, escrow);
        match self.roll(12) {
            0 => statements.0.out_fee = statements.1.outputs[2],
            1 => statements.0.party_supplier = statements.0.party_buyer,
            2 if !self.model.terms.is_empty() => {
                statements.0.terms = privity_circuits::terms::TermsId::new(self.model.terms[0]);
            }
            3 | 4 => {
                let roots: Vec<Anchor> = self.model.member_roots.keys().copied().collect();
                statements.0.members = roots[self.roll(roots.len())];
            }
            5 | 6 => {
                let at = self.roll(self.model.policies.len());
                statements.0.policy = self.model.policies[at].0;
            }
            _ => {}
        }
        let mut deal = self.world.deal_of(statements);
        deal.expiry = expiry;
        self.world.prove(&mut deal);
        deal
    }

    /// An entry of the operator, valid or of no effect.
    fn entry(&mut self, now: u64) {
        let members = self.owners.len();
        let choice = self.roll(7);
        let (body, valid) = match choice {
            0 | 1 => {
                let admission = self.world.admission(1_000 + members as u64);
                self.owners.push((admission.owner, true));
                self.model.set_member(members, admission.owner.field(), now);
                (EntryBody::Member(admission), true)
            }
            2 if members > 0 => {
                let at = self.roll(members);
                let (owner, active) = self.owners[at];
                if active {
                    self.owners[at].1 = false;
                    self.model.set_member(at, Fr::default(), now);
                }
                (EntryBody::Revoke(Revocation::Member(owner)), active)
            }
            3 => {
                let new = policy(10 + self.dice.next_u64() % 5);
                let last = self.model.policies.last_mut().unwrap();
                let valid = last.0 != new.id();
                if valid {
                    last.1 = Some(now);
                    self.model.policies.push((new.id(), None));
                }
                (EntryBody::Policy(new), valid)
            }
            4 => {
                let id = self.world.certifier.id;
                let was = std::mem::replace(&mut self.model.certifier, !self.dice.next_u32().is_multiple_of(4));
                let body = match self.model.certifier {
                    true => EntryBody::Register(Registration::Certifier(id)),
                    false => EntryBody::Revoke(Revocation::Certifier(id)),
                };
                (body, was != self.model.certifier)
            }
            5 => {
                let was = std::mem::replace(&mut self.model.issuer, !self.dice.next_u32().is_multiple_of(4));
                let body = match self.model.issuer {
                    true => EntryBody::Register(Registration::Signer(self.world.issuer.public)),
                    false => EntryBody::Revoke(Revocation::Signer(self.world.issuer.id)),
                };
                (body, was != self.model.issuer)
            }
            _ => {
                let key = self.world.keys.payment.key();
                let was = std::mem::replace(&mut self.model.payment_key, !self.dice.next_u32().is_multiple_of(4));
                let body = match self.model.payment_key {
                    true => EntryBody::Register(Registration::Key { key: Box::new(key.key().clone()), ends: NO_END }),
                    false => EntryBody::Revoke(Revocation::Key(key.id())),
                };
                (body, was || self.model.payment_key)
            }
        };
        let outcome = self.ledger.enter(body, now);
        assert_eq!(outcome.is_ok(), valid, "entry {choice}: {outcome:?}");
        self.model.time = if valid { now } else { self.model.time };
        *self.counts.entry("entries").or_default() += 1;
    }

    fn step(&mut self, batch: usize) {
        let now = self.model.time + [0, 0, 1, 100, 1_000, 4_000][self.roll(6)];
        if self.roll(8) == 0 {
            return self.entry(now);
        }
        let transactions: Vec<Transaction> = (0..batch).map(|_| self.transaction(now)).collect();
        let items = transactions.iter().cloned().map(Item::from).collect();
        for (transaction, outcome) in transactions.into_iter().zip(self.ledger.submit_many(items, now)) {
            let verdict = self.model.verdict(&transaction, now);
            match (verdict, outcome) {
                (None, Ok(receipt)) => {
                    self.model.settle(&transaction, now);
                    assert_eq!(Some(&receipt.anchor), self.model.anchors.last());
                    self.history.push(transaction);
                    *self.counts.entry("settled").or_default() += 1;
                }
                (Some(rule), Err(SubmitError::Rejected(rejection))) => {
                    assert_eq!(rule, rejection.rule(), "{rejection}");
                    *self.counts.entry(rule).or_default() += 1;
                }
                (verdict, outcome) => panic!("the model says {verdict:?}, the ledger {outcome:?}"),
            }
        }
        self.compare();
    }

    fn compare(&self) {
        let model = &self.model;
        self.ledger
            .read(|state| {
                assert_eq!(state.time(), model.time);
                assert_eq!(state.notes(), model.leaves.len() as u64);
                assert_eq!(Some(&state.anchor()), model.anchors.last());
                assert_eq!(state.supply(self.world.token)?, model.minted - model.exposed);
                assert_eq!(state.member_root(), root(&model.members, MEMBER_DEPTH));
                assert_eq!(Some(state.policy()), model.policies.last().map(|(id, _)| *id));
                Ok(())
            })
            .unwrap();
    }

    /// Every row that the model knows, looked up; every past path leads to its root.
    fn finish(mut self) -> BTreeMap<&'static str, usize> {
        for _ in 0..20 {
            let at = self.roll(self.model.anchors.len());
            let anchor = self.model.anchors[at];
            let leaves = &self.model.leaves;
            let pick = self.dice.next_u64();
            self.ledger
                .read(|state| {
                    let size = state.anchor_size(anchor)?.expect("a historic root");
                    if size > 0 {
                        let position = pick % size;
                        let path = state.note_path(position as u32, size)?.expect("a path");
                        assert_eq!(path.root(leaves[position as usize]), anchor);
                    }
                    Ok(())
                })
                .unwrap();
        }
        let (model, owners) = (&self.model, &self.owners);
        self.ledger
            .read(|state| {
                for nullifier in &model.spent {
                    assert!(state.is_spent(*nullifier)?);
                }
                for (owner, active) in owners {
                    assert_eq!(state.member_path(*owner)?.is_some(), *active);
                    let member = state.member(*owner)?.expect("a member");
                    assert_ne!(member.signer_at(state.time()), SignerId::NONE);
                }
                Ok(())
            })
            .unwrap();
        self.counts
    }
}

#[test]
fn a_naive_model_agrees_on_random_operations() {
    let (games, steps, batch) = (size(22, 240) as u64, 60, 8);
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get()) as u64;
    let play = |seed| {
        let mut game = Game::new(seed);
        (0..steps).for_each(|_| game.step(batch));
        game.finish()
    };
    let mut totals: BTreeMap<&'static str, usize> = BTreeMap::new();
    std::thread::scope(|scope| {
        let start = |first| scope.spawn(move || (first..games).step_by(threads as usize).map(play).collect::<Vec<_>>());
        let players: Vec<_> = (0..threads).map(start).collect();
        for (name, count) in players.into_iter().flat_map(|player| player.join().unwrap()).flatten() {
            *totals.entry(name).or_default() += count;
        }
    });
    let operations: usize = totals.values().sum();
    println!("{operations} operations: {totals:?}");
    for name in ["settled", "entries", "L2", "L3", "L4", "L5", "L7", "L8", "L9", "M2"] {
        assert!(totals.get(name).is_some_and(|count| *count >= 5), "too few of {name}");
    }
}
