//! A ledger with a buyer who asks and suppliers who quote.
#![allow(dead_code)]

use super::common::*;
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::Owner;
use privity_circuits::terms::DocumentHash;
use privity_ledger::*;
use privity_quotes::award::Field;
use privity_quotes::{
    Award, Exclusion, Open, Opening, OperatorSecret, QuotingKey, Rfq, RfqHash, SealedQuote, SecretScalar, Verified,
    Weights,
};

pub const OPENS: u64 = START + 100;
pub const CLOSES: u64 = START + 1_000;
pub const DELAY_OF_AWARD: u64 = 500;
pub const QUOTING: u64 = OPENS + 10;
pub const OPENED: u64 = CLOSES + 10;

/// A member with its signer and the key material of its quotes.
pub struct Trader {
    pub owner: Owner,
    pub signer: Person,
    pub key: QuotingKey,
}

/// A ledger with a buyer and suppliers.
pub struct Market {
    pub world: World,
    pub ledger: Ledger,
    pub hash: LedgerHash,
    pub traders: Vec<Trader>,
    pub operator: QuotingKey,
}

pub fn material(seed: u8) -> QuotingKey {
    QuotingKey::from_wide(&[seed; 64])
}

impl Market {
    /// Trader 0 is the buyer.
    pub fn new(seed: u64, suppliers: usize) -> Self {
        let mut world = World::new(seed);
        let ledger = world.ledger();
        let mut traders = Vec::new();
        for index in 0..=suppliers {
            let admission = world.admission(100 + index as u64);
            let (owner, signer) = (admission.owner, Person::new(100 + index as u64));
            ledger.enter(EntryBody::Member(admission), START).unwrap();
            traders.push(Trader { owner, signer, key: material(index as u8) });
        }
        let hash = world.genesis.ledger();
        Self { world, ledger, hash, traders, operator: material(99) }
    }

    pub fn buyer(&self) -> &Trader {
        &self.traders[0]
    }

    pub fn secret(&self, nonce: u8) -> OperatorSecret {
        self.operator.operator_secret(&self.hash.0, self.buyer().owner, &[nonce; 32])
    }

    pub fn buyer_secret(&self, nonce: u8) -> SecretScalar {
        self.buyer().key.buyer_secret(&self.hash.0, &[nonce; 32])
    }

    /// A request with a nonce of its own.
    pub fn rfq(&self, nonce: u8) -> Rfq {
        let (buyer, key) = (self.buyer().owner, self.secret(nonce).public());
        let endorsement = Rfq::endorsement(&self.hash.0, buyer, &[nonce; 32], &key);
        Rfq {
            ledger: self.hash.0,
            buyer,
            document: DocumentHash::new(Fr::from(5u64)),
            currency: AssetId::token(self.world.issuer.id, "Thaler"),
            exponent: 2,
            quantity: 1_000_000,
            weights: Weights { price: 1, lead: 100 },
            opens: OPENS,
            closes: CLOSES,
            delay: DELAY_OF_AWARD,
            key: self.buyer_secret(nonce).public(),
            operator_key: key,
            nonce: [nonce; 32],
            operator: self.world.operator.id,
            endorsement: self.world.operator.sign(endorsement),
        }
    }

    pub fn request(&self, rfq: Rfq) -> Tender {
        Tender::request(self.hash, rfq, |message| self.buyer().signer.sign(message))
    }

    /// A logged request.
    pub fn asked(&self, nonce: u8) -> Rfq {
        let rfq = self.rfq(nonce);
        self.ledger.submit(self.request(rfq.clone()), START).unwrap();
        rfq
    }

    /// A logged request that takes quotes until `closes`.
    pub fn asked_until(&self, nonce: u8, closes: u64) -> Rfq {
        let rfq = Rfq { closes, ..self.rfq(nonce) };
        self.ledger.submit(self.request(rfq.clone()), OPENED).unwrap();
        rfq
    }

    pub fn opening(&self, rfq: &Rfq, supplier: usize, price: u64) -> Opening {
        self.traders[supplier].key.opening(&rfq.hash(), 0, price, 7).unwrap()
    }

    pub fn sealed(&mut self, rfq: &Rfq, supplier: usize, price: u64) -> SealedQuote {
        let opening = self.opening(rfq, supplier, price);
        let trader = &self.traders[supplier];
        let ephemeral = trader.key.ephemeral(&rfq.hash(), 0);
        SealedQuote::seal(rfq, trader.owner, &ephemeral, &opening, &mut self.world.rng).unwrap()
    }

    pub fn signed(&self, quote: SealedQuote, supplier: usize) -> Tender {
        Tender::quote(self.hash, quote, |message| self.traders[supplier].signer.sign(message))
    }

    pub fn quote(&mut self, rfq: &Rfq, supplier: usize, price: u64) -> SealedQuote {
        let quote = self.sealed(rfq, supplier, price);
        self.ledger.submit(self.signed(quote.clone(), supplier), QUOTING).unwrap();
        quote
    }

    pub fn open(&self, nonce: u8) -> EntryBody {
        EntryBody::Open(Open { rfq: self.rfq(nonce).hash(), secret: self.secret(nonce) })
    }

    /// An award by the log as it stands, to the best of `openings`.
    pub fn award(&mut self, rfq: &Rfq, nonce: u8, openings: &[Opening]) -> Award {
        let (hash, secret) = (rfq.hash(), self.secret(nonce));
        let (quotes, exclusions) =
            self.ledger.read(|state| Ok((state.quotes(hash)?, state.exclusions(hash)?))).unwrap();
        let quotes: Vec<Verified<SealedQuote>> = quotes.into_iter().map(|quote| quote.verify(rfq).unwrap()).collect();
        let of = |exclusion: Exclusion| {
            let quote = quotes.iter().find(|quote| quote.get().id() == exclusion.quote).unwrap();
            exclusion.verify(rfq, quote.get(), &secret).unwrap()
        };
        let exclusions: Vec<_> = exclusions.into_iter().map(of).collect();
        let open = Open { rfq: hash, secret: secret.clone() }.verify(rfq).unwrap();
        let field = Field::new(rfq, &quotes, &open, &exclusions).unwrap();
        Award::prove(&field, openings, &self.buyer_secret(nonce), &mut self.world.rng).unwrap()
    }

    pub fn phase(&self, rfq: RfqHash, now: u64) -> Phase {
        self.ledger.read(|state| Ok(state.rfq(rfq)?.unwrap().phase(now))).unwrap()
    }

    /// A request, a torn quote and a good one, the opened secret, an exclusion and an award, as they were logged.
    pub fn story(&mut self) -> Vec<Item> {
        let from = self.ledger.read(|state| Ok(state.position())).unwrap();
        let rfq = self.asked(1);
        let torn = malformed(self, &rfq, 1);
        self.quote(&rfq, 2, 900);
        self.ledger.enter(self.open(1), OPENED).unwrap();
        let (secret, buyer) = (self.secret(1), self.buyer_secret(1));
        let exclusion = Exclusion::prove(&rfq, &torn, &secret, &buyer, &mut self.world.rng).unwrap();
        self.ledger.submit(Tender::Exclude { exclusion }, OPENED).unwrap();
        let openings = [self.opening(&rfq, 2, 900)];
        let award = self.award(&rfq, 1, &openings);
        self.ledger.submit(Tender::Award { award }, OPENED).unwrap();
        let records = self.ledger.records(from, 10).unwrap();
        records.iter().map(|record| Item::from_bytes(&record.body).unwrap()).collect()
    }

    #[track_caller]
    pub fn refuses(&self, tender: Tender, now: u64, rejection: Rejection) {
        let root = self.ledger.state_root().unwrap();
        assert_eq!(rejected(self.ledger.submit(tender, now)), rejection);
        assert_eq!(self.ledger.state_root().unwrap(), root);
    }
}

/// Logs a quote whose box holds another price than its commitments.
pub fn malformed(market: &mut Market, rfq: &Rfq, supplier: usize) -> SealedQuote {
    let (opening, boxed) = (market.opening(rfq, supplier, 5), market.opening(rfq, supplier, 6));
    let trader = &market.traders[supplier];
    let (owner, ephemeral) = (trader.owner, trader.key.ephemeral(&rfq.hash(), 0));
    let rng = &mut market.world.rng;
    let quote = SealedQuote::seal_mismatched(rfq, owner, &ephemeral, &opening, &boxed, rng).unwrap();
    market.ledger.submit(market.signed(quote.clone(), supplier), QUOTING).unwrap();
    quote
}

/// The log alone rebuilds the same state, every quote and award verified again.
pub fn replayed(market: &Market) {
    let mut file = Vec::new();
    audit::export(market.ledger.store(), &mut file).unwrap();
    let report = audit::audit(&mut file.as_slice(), &mut market.world.rng.clone()).unwrap();
    assert_eq!(report.state_root, market.ledger.state_root().unwrap());
}

pub fn edited<T: Clone>(value: &T, edit: impl FnOnce(&mut T)) -> T {
    let mut other = value.clone();
    edit(&mut other);
    other
}

pub fn copy(store: &dyn Store) -> MemoryStore {
    let (copy, mut rows) = (MemoryStore::new(), std::collections::BTreeMap::new());
    let mut visit = |key: &[u8], value: &[u8]| {
        rows.insert(key.to_vec(), value.to_vec());
        true
    };
    store.read().unwrap().scan(&[], &mut visit).unwrap();
    copy.write(&rows).unwrap();
    copy
}
