//! A ledger with simulated keys: statements are whatever a test says, their proofs pass the ordinary verifier.
#![allow(dead_code)]

use privity_circuits::asset::AssetId;
use privity_circuits::capacity::{Capacity, Issued, WEEKS};
use privity_circuits::context::Context;
use privity_circuits::jubjub::Point;
use privity_circuits::keys::{Owner, PublicKey, SignerId, SigningKey};
use privity_circuits::mint::Mint;
use privity_circuits::note::{self, Commitment, Nullifier, Party};
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::{AwardTag, Policy, TermsId};
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_circuits::tree::Anchor;
use privity_circuits::{Fr, Statement, capacity, mint, price, release, transfer};
use privity_ledger::*;
use privity_testkit::simulate::SimulatedKey;
use privity_verifier::{Proof, VerifyingKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::LazyLock;

pub const START: u64 = 1_794_823_200;
pub const HOUR: u64 = 3_600;
pub const GRACE: u64 = 1_000;
pub const DELAY: u64 = 5_000;

pub struct Keyring {
    pub capacity: SimulatedKey<Capacity>,
    pub mint: SimulatedKey<Mint>,
    pub payment: SimulatedKey<Transfer2x3>,
    pub consolidation: SimulatedKey<Transfer7x2>,
    pub price: SimulatedKey<Price>,
    pub release: SimulatedKey<Release>,
}

fn simulated<R: Settled>(statement: &R::Statement, seed: u8) -> SimulatedKey<R> {
    let inputs = statement.public_inputs().len();
    SimulatedKey::generate(inputs, [seed; 32], &mut ChaCha20Rng::seed_from_u64(seed.into())).unwrap()
}

impl Keyring {
    pub fn new(seed: u8) -> Self {
        Self {
            capacity: simulated(&capacity_statement(), seed),
            mint: simulated(&mint_statement(), seed),
            payment: simulated::<Transfer2x3>(&spend_statement::<2, 3>(), seed),
            consolidation: simulated::<Transfer7x2>(&spend_statement::<7, 2>(), seed),
            price: simulated(&price_statement(), seed),
            release: simulated(&release_statement(), seed),
        }
    }

    pub fn verifying(&self) -> Vec<VerifyingKey> {
        let keys = [
            self.capacity.key(),
            self.mint.key(),
            self.payment.key(),
            self.consolidation.key(),
            self.price.key(),
            self.release.key(),
        ];
        keys.iter().map(|key| key.key().clone()).collect()
    }
}

pub fn capacity_statement() -> capacity::Statement {
    capacity::Statement {
        ledger: Default::default(),
        certifier: Default::default(),
        issued: Issued::default(),
        outputs: [Commitment::default(); WEEKS],
        context: Context::default(),
    }
}

pub fn mint_statement() -> mint::Statement {
    mint::Statement { asset: AssetId::default(), value: 0, out: Default::default(), context: Context::default() }
}

pub fn spend_statement<const I: usize, const O: usize>() -> transfer::Statement<I, O> {
    transfer::Statement {
        anchor: Anchor::default(),
        nullifiers: [Nullifier::default(); I],
        outputs: [Commitment::default(); O],
        now: 0,
        exposed_asset: AssetId::default(),
        exposed_value: 0,
        party: Party::default(),
        context: Context::default(),
    }
}

pub fn price_statement() -> price::Statement {
    price::Statement {
        ledger: Default::default(),
        terms: TermsId::default(),
        out_payment: Commitment::default(),
        out_fee: Commitment::default(),
        out_capacity: Commitment::default(),
        pair: Commitment::default(),
        volume: Point { x: Fr::default(), y: Fr::default() },
        policy: Fr::default(),
        members: Anchor::default(),
        party_buyer: Party::default(),
        party_supplier: Party::default(),
        award: AwardTag::default(),
        context: Context::default(),
    }
}

pub fn release_statement() -> release::Statement {
    release::Statement {
        anchor: Anchor::default(),
        nullifier: Nullifier::default(),
        out_supplier: Commitment::default(),
        out_buyer: Commitment::default(),
        out_capacity: Commitment::default(),
        out_pair: Commitment::default(),
        now: 0,
        context: Context::default(),
    }
}

/// A key pair with its signer id.
pub struct Person {
    pub key: SigningKey,
    pub public: PublicKey,
    pub id: SignerId,
}

impl Person {
    pub fn new(seed: u64) -> Self {
        let mut wide = [0u8; 64];
        ChaCha20Rng::seed_from_u64(seed).fill_bytes(&mut wide);
        let key = SigningKey::from_wide(&wide).unwrap();
        let public = key.public_key();
        Self { id: SignerId::of(&public), key, public }
    }

    pub fn sign(&self, message: Fr) -> Signature {
        Signature::sign(&self.key, self.id.field(), message, &mut ChaCha20Rng::seed_from_u64(1))
    }
}

static KEYS: LazyLock<Keyring> = LazyLock::new(|| Keyring::new(1));

/// An operator whose signatures repeat, so that two runs write the same log.
pub struct FixedOperator;

impl Operator for FixedOperator {
    fn public_key(&self) -> PublicKey {
        Person::new(1).public
    }

    fn sign(&self, message: Fr) -> Signature {
        Person::new(1).sign(message)
    }
}

/// Keys, signers and a source of fresh values.
pub struct World {
    pub keys: &'static Keyring,
    pub operator: Person,
    pub issuer: Person,
    pub certifier: Person,
    pub genesis: Genesis,
    pub token: AssetId,
    pub rng: ChaCha20Rng,
    proof: Proof,
}

pub fn policy(rate: u64) -> Policy {
    Policy { flat: 5, rate, treasury: Owner::new(Fr::from(77u64)), delivery_key: [9; 32] }
}

impl World {
    pub fn new(seed: u64) -> Self {
        let (operator, issuer, certifier) = (Person::new(1), Person::new(2), Person::new(3));
        let keys = &*KEYS;
        let proof = keys.mint.simulate(&mint_statement(), &mut ChaCha20Rng::seed_from_u64(0)).unwrap();
        Self {
            keys,
            genesis: Genesis {
                name: Name::new("test ledger").unwrap(),
                operator: operator.public,
                production: false,
                grace: GRACE,
                signer_delay: DELAY,
                max_bytes: 1 << 16,
                policy: policy(10),
                time: START,
            },
            token: AssetId::token(issuer.id, "Thaler"),
            operator,
            issuer,
            certifier,
            rng: ChaCha20Rng::seed_from_u64(seed),
            proof,
        }
    }

    /// A ledger in memory on which keys, the issuer with a token, and the certifier are registered.
    pub fn ledger(&self) -> Ledger {
        self.ledger_on(Box::new(MemoryStore::new()))
    }

    pub fn ledger_on(&self, store: Box<dyn Store>) -> Ledger {
        let ledger = Ledger::create(store, &self.genesis, Some(Box::new(FixedOperator))).unwrap();
        for body in self.registrations() {
            ledger.enter(body, START).unwrap();
        }
        ledger
    }

    pub fn registrations(&self) -> Vec<EntryBody> {
        let keys = self.keys.verifying().into_iter();
        let mut all: Vec<Registration> =
            keys.map(|key| Registration::Key { key: Box::new(key), ends: NO_END }).collect();
        all.push(Registration::Signer(self.issuer.public));
        all.push(Registration::Token { issuer: self.issuer.id, name: Name::new("Thaler").unwrap() });
        all.push(Registration::Signer(self.certifier.public));
        all.push(Registration::Certifier(self.certifier.id));
        all.into_iter().map(EntryBody::Register).collect()
    }

    pub fn fresh(&mut self) -> Fr {
        let mut digest = [0u8; 32];
        self.rng.fill_bytes(&mut digest);
        privity_circuits::field::truncate(&digest)
    }

    pub fn spend<const I: usize, const O: usize>(&mut self, anchor: Anchor, time: u64) -> transfer::Statement<I, O> {
        transfer::Statement {
            anchor,
            nullifiers: std::array::from_fn(|_| Nullifier::new(self.fresh())),
            outputs: std::array::from_fn(|_| Commitment::new(self.fresh())),
            now: time - time % HOUR,
            exposed_asset: AssetId::default(),
            exposed_value: 0,
            party: Party::new(self.fresh()),
            context: Context::default(),
        }
    }

    pub fn claim<R: Settled>(&self, key: &SimulatedKey<R>, statement: R::Statement) -> Proven<R> {
        Proven { key: key.key().id(), statement, proof: self.proof }
    }

    pub fn pay(&self, x: transfer::Statement<2, 3>) -> Leg {
        Leg::Payment(self.claim(&self.keys.payment, x))
    }

    pub fn consolidate(&self, x: transfer::Statement<7, 2>) -> Leg {
        Leg::Consolidation(self.claim(&self.keys.consolidation, x))
    }

    /// A transaction with ciphertexts, contexts and proofs.
    pub fn complete(&mut self, body: Body, expiry: u64) -> Transaction {
        let mut transaction = Transaction { expiry, body, ciphertexts: Ciphertexts::default() };
        let (outputs, envelopes) = (transaction.outputs().len(), transaction.envelopes());
        let mut sealed = || {
            let mut bytes = [0; SEALED_NOTE_BYTES];
            self.rng.fill_bytes(&mut bytes);
            SealedNote(bytes)
        };
        transaction.ciphertexts = Ciphertexts {
            recipients: (0..outputs).map(|_| sealed()).collect(),
            senders: (0..outputs).map(|_| sealed()).collect(),
            envelopes: (0..envelopes).map(|_| Envelope(Box::new([3; ENVELOPE_BYTES]))).collect(),
        };
        self.prove(&mut transaction);
        transaction
    }

    /// Sets every context to the transaction's, then proves; a mint is signed again.
    pub fn prove(&mut self, transaction: &mut Transaction) {
        let context = transaction.context(self.genesis.ledger());
        let rng = &mut self.rng;
        let keys = self.keys;
        let leg = |leg: &mut Leg, rng: &mut ChaCha20Rng| match leg {
            Leg::Payment(claim) => {
                claim.statement.context = context;
                claim.proof = keys.payment.simulate(&claim.statement, rng).unwrap();
            }
            Leg::Consolidation(claim) => {
                claim.statement.context = context;
                claim.proof = keys.consolidation.simulate(&claim.statement, rng).unwrap();
            }
        };
        match &mut transaction.body {
            Body::Issue { capacity } => {
                capacity.statement.context = context;
                capacity.proof = keys.capacity.simulate(&capacity.statement, rng).unwrap();
            }
            Body::Mint { mint, signature } => {
                mint.statement.context = context;
                mint.proof = keys.mint.simulate(&mint.statement, rng).unwrap();
                *signature = self.issuer.sign(mint.statement.message());
            }
            Body::Transfer { leg: one, .. } => leg(one, rng),
            Body::Swap { legs } => legs.iter_mut().for_each(|one| leg(one, rng)),
            Body::Deal { price, buyer, supplier } => {
                price.statement.context = context;
                price.proof = keys.price.simulate(&price.statement, rng).unwrap();
                for claim in [buyer, supplier] {
                    claim.statement.context = context;
                    claim.proof = keys.payment.simulate(&claim.statement, rng).unwrap();
                }
            }
            Body::Release { release } => {
                release.statement.context = context;
                release.proof = keys.release.simulate(&release.statement, rng).unwrap();
            }
        }
    }

    pub fn transfer(&mut self, x: transfer::Statement<2, 3>) -> Transaction {
        let expiry = x.now + 2 * 86_400;
        let leg = self.pay(x);
        self.complete(Body::Transfer { leg, recipient: Fr::default() }, expiry)
    }

    /// A plain transfer with fresh nullifiers and outputs.
    pub fn any_transfer(&mut self, anchor: Anchor, time: u64) -> Transaction {
        let x = self.spend(anchor, time);
        self.transfer(x)
    }

    pub fn mint(&mut self, value: u64, expiry: u64) -> Transaction {
        let statement =
            mint::Statement { asset: self.token, value, out: Commitment::new(self.fresh()), ..mint_statement() };
        let signature = self.issuer.sign(Fr::default());
        let mint = self.claim(&self.keys.mint, statement);
        self.complete(Body::Mint { mint, signature }, expiry)
    }

    pub fn issue(&mut self, expiry: u64) -> Transaction {
        let statement = capacity::Statement {
            ledger: self.genesis.ledger().id(),
            certifier: self.certifier.id,
            issued: Issued::new(self.fresh()),
            outputs: std::array::from_fn(|_| Commitment::new(self.fresh())),
            context: Context::default(),
        };
        let capacity = self.claim(&self.keys.capacity, statement);
        self.complete(Body::Issue { capacity }, expiry)
    }

    pub fn withdraw(&mut self, anchor: Anchor, time: u64, value: u64, recipient: Fr) -> Transaction {
        let mut x = self.spend(anchor, time);
        (x.exposed_asset, x.exposed_value) = (self.token, value);
        let leg = self.pay(x);
        self.complete(Body::Transfer { leg, recipient }, time + 86_400)
    }

    pub fn swap(&mut self, anchor: Anchor, time: u64) -> Transaction {
        let (first, second) = (self.spend(anchor, time), self.spend(anchor, time));
        let legs = [self.pay(first), self.consolidate(second)];
        self.complete(Body::Swap { legs }, time + 86_400)
    }

    /// Statements of a deal that holds; `escrow` chooses whether a pair is made.
    pub fn deal_statements(
        &mut self,
        ledger: &Ledger,
        time: u64,
        escrow: bool,
    ) -> (price::Statement, transfer::Statement<2, 3>, transfer::Statement<2, 3>) {
        let (anchor, members, policy) =
            ledger.read(|state| Ok((state.anchor(), state.member_root(), state.policy()))).unwrap();
        let (buyer, supplier) = (self.spend::<2, 3>(anchor, time), self.spend::<2, 3>(anchor, time));
        let price = price::Statement {
            ledger: self.genesis.ledger().id(),
            terms: TermsId::new(self.fresh()),
            out_payment: buyer.outputs[0],
            out_fee: buyer.outputs[1],
            out_capacity: supplier.outputs[0],
            pair: if escrow { note::pair(buyer.outputs[0], supplier.outputs[0]) } else { Commitment::default() },
            volume: Point::generator(),
            policy,
            members,
            party_buyer: buyer.party,
            party_supplier: supplier.party,
            ..price_statement()
        };
        (price, buyer, supplier)
    }

    pub fn deal_of(
        &mut self,
        (price, buyer, supplier): (price::Statement, transfer::Statement<2, 3>, transfer::Statement<2, 3>),
    ) -> Transaction {
        let expiry = buyer.now + 2 * 86_400;
        let body = Body::Deal {
            price: self.claim(&self.keys.price, price),
            buyer: self.claim(&self.keys.payment, buyer),
            supplier: self.claim(&self.keys.payment, supplier),
        };
        self.complete(body, expiry)
    }

    pub fn deal(&mut self, ledger: &Ledger, time: u64, escrow: bool) -> Transaction {
        let statements = self.deal_statements(ledger, time, escrow);
        self.deal_of(statements)
    }

    pub fn release(&mut self, anchor: Anchor, time: u64) -> Transaction {
        let statement = release::Statement {
            anchor,
            nullifier: Nullifier::new(self.fresh()),
            out_supplier: Commitment::new(self.fresh()),
            out_buyer: Commitment::new(self.fresh()),
            out_capacity: Commitment::new(self.fresh()),
            out_pair: Commitment::new(self.fresh()),
            now: time - time % HOUR,
            context: Context::default(),
        };
        let release = self.claim(&self.keys.release, statement);
        self.complete(Body::Release { release }, time + 86_400)
    }

    pub fn admission(&mut self, signer: u64) -> Admission {
        Admission { owner: Owner::new(self.fresh()), signer: Person::new(signer).public, consent: None }
    }
}

/// The rule and code of a refusal; panics if it settled or failed otherwise.
#[track_caller]
pub fn rejected(settlement: Result<Receipt, SubmitError>) -> Rejection {
    match settlement {
        Err(SubmitError::Rejected(rejection)) => rejection,
        other => panic!("expected a rejection, found {other:?}"),
    }
}

pub fn anchor(ledger: &Ledger) -> Anchor {
    ledger.read(|state| Ok(state.anchor())).unwrap()
}

/// `short` in CI, `long` with `PRIVITY_LONG=1`.
pub fn size(short: usize, long: usize) -> usize {
    privity_testkit::size(short, long)
}
