//! A small community on a ledger in memory, with simulated proofs.
#![allow(dead_code)]

use privity_circuits::Relation;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::capacity::Capacity;
use privity_circuits::disclose::Disclose;
use privity_circuits::keys::{SignerId, SigningKey};
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::terms::{DocumentHash, Goods, Money, Parties, Policy, Remedy, RfqId, Terms, Tier};
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_ledger::store::MemoryStore;
use privity_ledger::{
    Admission, EntryBody, Genesis, Ledger, LocalOperator, NO_END, Name, Record, Registration, SubmitError, Transaction,
};
use privity_testkit::simulate::SimulatedKey;
use privity_testkit::{TestRng, rng};
use privity_verifier::{KeyId, Keys, Proof};
use privity_wallet::build::{Make, MintOrder, When, mint};
use privity_wallet::certify::{AttestationRequest, CertifierBook, WeekEntry};
use privity_wallet::delivery::Memo;
use privity_wallet::{Account, Prove, ProveError, Seed, Signer, Wallet, random_field};
use std::sync::OnceLock;

pub const START: u64 = 1_800_000_000;
/// A Monday.
pub const MONDAY: u32 = 20_836;
pub const DUE: u64 = MONDAY as u64 * 86_400;
pub const WEEK: u64 = 604_800;

struct SimulatedKeys {
    mint: SimulatedKey<Mint>,
    capacity: SimulatedKey<Capacity>,
    payment: SimulatedKey<Transfer2x3>,
    consolidation: SimulatedKey<Transfer7x2>,
    price: SimulatedKey<Price>,
    release: SimulatedKey<Release>,
    disclose: SimulatedKey<Disclose>,
}

fn simulated() -> &'static SimulatedKeys {
    static KEYS: OnceLock<SimulatedKeys> = OnceLock::new();
    fn key<R: Relation>(inputs: usize, seed: u64) -> SimulatedKey<R> {
        SimulatedKey::generate(inputs, [seed as u8; 32], &mut rng(seed)).unwrap()
    }
    KEYS.get_or_init(|| SimulatedKeys {
        mint: key(4, 1),
        capacity: key(12, 2),
        payment: key(11, 3),
        consolidation: key(15, 4),
        price: key(14, 5),
        release: key(8, 6),
        disclose: key(8, 7),
    })
}

/// A prover that knows the trapdoors; the wallet has checked every pair by then.
#[derive(Default)]
pub struct Simulator {
    pub proofs: u64,
}

macro_rules! simulates {
    ($($relation:ty => $key:ident),*) => {
        $(impl Prove<$relation> for Simulator {
            fn prove(
                &mut self,
                x: &<$relation as Relation>::Statement,
                w: &<$relation as Relation>::Witness,
            ) -> Result<(KeyId, Proof), ProveError> {
                <$relation>::check(x, w)?;
                self.proofs += 1;
                let key = &simulated().$key;
                let proof = key.simulate(x, &mut rng(1000 + self.proofs));
                proof.map(|proof| (key.key().id(), proof)).map_err(|error| ProveError::Prover(Box::new(error)))
            }
        })*
    };
}

simulates! {
    Mint => mint, Capacity => capacity, Transfer2x3 => payment, Transfer7x2 => consolidation, Price => price,
    Release => release, Disclose => disclose
}

pub struct Town {
    pub ledger: Ledger,
    pub genesis: Genesis,
    pub time: u64,
    pub prover: Simulator,
    pub rng: TestRng,
    pub keys: Keys,
    pub issuer: Account,
    pub certifier: Signer,
    pub inspector: Signer,
    pub arbiter: Signer,
    pub buyer: Wallet,
    pub supplier: Wallet,
    pub treasury: Wallet,
    pub resource: ResourceId,
    pub currency: AssetId,
    read: u64,
}

pub fn seed(byte: u8) -> Seed {
    Seed::new([byte; 32])
}

pub fn signer(byte: u8) -> Signer {
    Signer::derive(&seed(byte), 0).unwrap()
}

impl Town {
    /// Members admitted, keys and signers registered, 2 000 000 minor units with the buyer, four weeks of capacity with the supplier.
    pub fn new() -> Self {
        let mut town = Self::empty();
        town.mint(2_000_000);
        town.issue();
        town
    }

    pub fn empty() -> Self {
        let operator = SigningKey::from_bytes(&[1; 32]).unwrap();
        let genesis = genesis(&operator);
        let store = Box::new(MemoryStore::new());
        let ledger = Ledger::create(store, &genesis, Some(Box::new(LocalOperator::new(operator)))).unwrap();
        let issuer = Account::derive(&seed(2), 0).unwrap();
        let (certifier, inspector, arbiter) = (signer(3), signer(4), signer(5));
        let wallet = |byte| Wallet::new(seed(byte), &genesis, 2).unwrap();
        let (buyer, supplier, treasury) = (wallet(10), wallet(11), wallet(6));
        let enter = |body| drop(ledger.enter(body, START).unwrap());
        let keys = simulated();
        let verifying = [
            keys.mint.key(),
            keys.capacity.key(),
            keys.payment.key(),
            keys.consolidation.key(),
            keys.price.key(),
            keys.release.key(),
        ];
        for key in verifying {
            enter(EntryBody::Register(Registration::Key { key: Box::new(key.key().clone()), ends: NO_END }));
        }
        for signer in [&issuer.signer, &certifier, &inspector, &arbiter] {
            enter(EntryBody::Register(Registration::Signer(signer.public)));
        }
        enter(EntryBody::Register(Registration::Certifier(certifier.id)));
        for name in ["EUR", "APP"] {
            let name = Name::new(name).unwrap();
            enter(EntryBody::Register(Registration::Token { issuer: issuer.signer.id, name }));
        }
        for wallet in [&buyer, &supplier] {
            let member = wallet.member().unwrap();
            let (owner, signer) = (member.owner, member.signer.public);
            enter(EntryBody::Member(Admission { owner, signer, consent: None }));
        }
        let all = verifying.into_iter().chain([keys.disclose.key()]).cloned().collect();
        let resource = ResourceId::new(random_field(&mut rng(77)));
        let currency = AssetId::token(issuer.signer.id, "EUR");
        let mut town = Self {
            ledger,
            genesis,
            time: START + 60,
            prover: Simulator::default(),
            rng: rng(99),
            keys: all,
            issuer,
            certifier,
            inspector,
            arbiter,
            buyer,
            supplier,
            treasury,
            resource,
            currency,
            read: 0,
        };
        town.catch_up();
        town
    }

    pub fn when(&self) -> When {
        When { time: self.time, expiry: self.time + 600 }
    }

    pub fn records(&self) -> Vec<Record> {
        self.ledger.records(0, 10_000).unwrap()
    }

    /// All wallets read what is new.
    pub fn catch_up(&mut self) {
        for record in self.ledger.records(self.read, 10_000).unwrap() {
            for wallet in [&mut self.buyer, &mut self.supplier, &mut self.treasury] {
                wallet.read(&record).unwrap();
            }
            self.read = record.position + 1;
        }
    }

    pub fn submit(&mut self, transaction: Transaction) -> Result<(), SubmitError> {
        self.ledger.submit(transaction, self.time)?;
        self.catch_up();
        Ok(())
    }

    pub fn mint(&mut self, value: u64) {
        let to = self.buyer.member().unwrap().address();
        let order = MintOrder { name: "EUR".into(), value, to, unlock: 0, memo: Memo::EMPTY };
        let ledger = self.genesis.ledger();
        let mut make = Make { when: self.when(), prover: &mut self.prover, rng: &mut self.rng };
        let transaction = mint(ledger, &self.issuer, &self.issuer.signer, &order, &mut make).unwrap();
        self.submit(transaction).unwrap();
    }

    /// Four weeks of 4 000 units each.
    pub fn issue(&mut self) {
        let supplier = self.supplier.member().unwrap().owner;
        let weeks: Vec<WeekEntry> =
            (0..4).map(|week| WeekEntry { bucket: MONDAY + 7 * week, quantity: 4_000_000_000 }).collect();
        let mut book = CertifierBook::default();
        for week in &weeks {
            book.set_actual(supplier, self.resource, week.bucket, week.quantity).unwrap();
        }
        let (index, serial) = self.supplier.next_serial();
        let ledger = self.genesis.ledger().id();
        let request = AttestationRequest { ledger, supplier, resource: self.resource, weeks, serial: serial.id() };
        let attested = book.certify(&self.certifier, &request, &mut self.rng).unwrap();
        let mut make = Make { when: self.when(), prover: &mut self.prover, rng: &mut self.rng };
        let transaction = self.supplier.issue(0, &attested, index, &mut make).unwrap();
        self.submit(transaction).unwrap();
    }

    /// 1 000 pieces at 14.00 from 500 on (15.84 below), load factor 2, escrowed, 1 % per week late up to 5 %.
    pub fn terms(&self) -> Terms {
        let (buyer, supplier) = (self.buyer.member().unwrap(), self.supplier.member().unwrap());
        let zero = privity_circuits::Fr::default();
        let mut tiers = [Tier::default(); 8];
        tiers[0] = Tier { minimum: 1_000, price: 15_840_000 };
        tiers[1] = Tier { minimum: 500_000, price: 14_000_001 };
        Terms {
            parties: Parties {
                ledger: self.genesis.ledger().id(),
                buyer: buyer.owner,
                supplier: supplier.owner,
                buyer_signer: buyer.signer.id,
                supplier_signer: supplier.signer.id,
                inspector: self.inspector.id,
                arbiter: self.arbiter.id,
                auditor: SignerId::NONE,
                salt: zero,
            },
            goods: Goods {
                certifier: self.certifier.id,
                origin: supplier.owner,
                resource: self.resource,
                document: DocumentHash::new(random_field(&mut rng(5))),
                quantity: 1_000_000,
                load_factor: 2_000,
                increment: 1_000,
                due: DUE,
                bucket: u64::from(MONDAY),
                salt: zero,
            },
            money: Money {
                currency: self.currency,
                rfq: RfqId::default(),
                exponent: 2,
                decimals: 4,
                mode: Default::default(),
                surcharge: 250,
                allowance: 0,
                set_up: 5_000,
                rounding: Default::default(),
                stage: Default::default(),
                payment_unlock: 0,
                frame: 0,
                tiers,
                salt: zero,
            },
            remedy: Remedy { escrow: true, claim_until: DUE + 7 * WEEK, rate: 100, cap: 500, salt: zero },
        }
    }
}

fn genesis(operator: &SigningKey) -> Genesis {
    let treasury = Account::derive(&seed(6), 0).unwrap();
    let policy = Policy { flat: 25, rate: 30, treasury: treasury.owner, delivery_key: treasury.address().delivery };
    Genesis {
        name: Name::new("town").unwrap(),
        operator: operator.public_key(),
        production: false,
        grace: 3_600,
        signer_delay: 86_400,
        max_bytes: 60_000,
        policy,
        time: START,
    }
}
