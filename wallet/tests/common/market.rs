//! A town in which a buyer asks for quotes.
#![allow(dead_code)]

use super::common::{Town, seed};
use privity_circuits::terms::Terms;
use privity_ledger::{Admission, Docket, EntryBody, LocalOperator, State, Tender};
use privity_quotes::{Open, QuotingKey, Rfq, RfqHash, SealedQuote, Weights};
use privity_testkit::rng;
use privity_wallet::deal::quote as priced;
use privity_wallet::file::Document;
use privity_wallet::history::Reference;
use privity_wallet::quotes::{Ask, KeyGrant, KeyRequest};
use privity_wallet::{LedgerView, Wallet};

pub const LEAD: u16 = 3;

pub type Edit<T> = fn(&mut T);

pub fn mailed<T: Document>(message: &T) -> T {
    T::from_json(&message.to_json().unwrap()).unwrap()
}

/// A town with two more members that bid, and a request of its buyer.
pub struct Market {
    pub town: Town,
    pub bidders: Vec<Wallet>,
    pub rfq: Rfq,
    pub granted: KeyRequest,
}

pub fn operator_key() -> QuotingKey {
    QuotingKey::from_wide(&[44; 64])
}

pub fn ask(town: &Town, terms: &Terms) -> Ask {
    Ask {
        document: terms.goods.document,
        currency: terms.money.currency,
        exponent: 2,
        quantity: terms.goods.quantity,
        weights: Weights { price: 1, lead: 1_000 },
        opens: town.time,
        closes: town.time + 3_600,
        delay: 3_600,
    }
}

impl Market {
    pub fn new() -> Self {
        let mut town = Town::new();
        let mut bidders = Vec::new();
        for byte in [30, 31] {
            let wallet = Wallet::new(seed(byte), &town.genesis, 1).unwrap();
            let member = wallet.member().unwrap();
            let admission = Admission { owner: member.owner, signer: member.signer.public, consent: None };
            town.ledger.enter(EntryBody::Member(admission), town.time).unwrap();
            bidders.push(wallet);
        }
        town.catch_up();
        let terms = town.terms();
        let request = mailed(&town.buyer.rfq_key(0, [9; 32]).unwrap());
        let operator = LocalOperator::new(privity_circuits::keys::SigningKey::from_bytes(&[1; 32]).unwrap());
        let grant: KeyGrant = mailed(&request.grant(&operator, &operator_key()));
        let tender = town.buyer.rfq(0, &ask(&town, &terms), &grant, &mut town.rng).unwrap();
        let Tender::Rfq { rfq, .. } = tender.clone() else { unreachable!() };
        town.ledger.submit(tender, town.time).unwrap();
        Self { town, bidders, rfq, granted: request }
    }

    pub fn hash(&self) -> RfqHash {
        self.rfq.hash()
    }

    /// The winner's terms for this request, and their total as the price relation computes it.
    pub fn terms(&self) -> (Terms, u64) {
        let mut terms = self.town.terms();
        terms.money.rfq = self.hash().id();
        let policy = self.town.ledger.read(|state| LedgerView::policy(state)).unwrap();
        let total = priced(&terms, &policy).unwrap().price.total;
        (terms, total)
    }

    /// Every bidder quotes: the town's supplier its deal's total, the others more, the last one a box that does not open.
    pub fn quoted(&mut self) {
        let (_, total) = self.terms();
        let time = self.town.time;
        let tender = self.town.supplier.quote(0, &self.rfq, (total, LEAD), &mut self.town.rng).unwrap();
        self.town.ledger.submit(tender, time).unwrap();
        let tender = self.bidders[0].quote(0, &self.rfq, (total, LEAD), &mut self.town.rng).unwrap();
        self.town.ledger.submit(tender, time).unwrap();
        let torn = self.torn();
        self.town.ledger.submit(torn, time).unwrap();
    }

    pub fn torn(&mut self) -> Tender {
        let member = self.bidders[1].member().unwrap();
        let (key, hash) = (member.quoting_key(), self.hash());
        let [opening, boxed] = [1, 2].map(|price| key.opening(&hash, 0, price, LEAD).unwrap());
        let (owner, ephemeral) = (member.owner, key.ephemeral(&hash, 0));
        let quote = SealedQuote::seal_mismatched(&self.rfq, owner, &ephemeral, &opening, &boxed, &mut self.town.rng);
        Tender::quote(self.town.genesis.ledger(), quote.unwrap(), |message| member.signer.sign(message, &mut rng(3)))
    }

    pub fn open(&mut self) {
        self.town.time = self.rfq.closes;
        let open = Open { rfq: self.hash(), secret: self.granted.secret(&operator_key()) };
        self.town.ledger.enter(EntryBody::Open(open), self.town.time).unwrap();
    }

    pub fn docket(&self) -> Docket {
        self.town.ledger.read(|state| Ok(Docket::read(state, self.hash()))).unwrap().unwrap()
    }

    pub fn on_log<T>(&self, look: impl FnOnce(&State<'_>) -> T) -> T {
        self.town.ledger.read(|state| Ok(look(state))).unwrap()
    }

    pub fn awarded(&mut self) {
        self.quoted();
        self.open();
        let time = self.town.time;
        for tender in self.town.buyer.exclude(0, &self.docket(), &mut self.town.rng).unwrap() {
            self.town.ledger.submit(tender, time).unwrap();
        }
        let award = self.town.buyer.award(0, &self.docket(), &mut self.town.rng).unwrap();
        self.town.ledger.submit(award, time).unwrap();
        self.town.catch_up();
    }

    /// The deal settles under `terms`; their id.
    pub fn deal(&mut self, terms: &Terms) -> privity_circuits::terms::TermsId {
        let Town { ledger, buyer, supplier, rng, prover, keys, time, .. } = &mut self.town;
        let to = buyer.member().unwrap().address();
        let (draft, transaction) = {
            let snapshot = ledger.store().read().unwrap();
            let view = State::load(&*snapshot).unwrap();
            let draft = supplier.draft(0, terms, &to, Reference::default(), &view, rng).unwrap();
            let request = buyer.request(0, &draft, &view, rng).unwrap();
            let offer = supplier.offer(&request, None, &view, prover, rng).unwrap();
            let transaction = buyer.accept(&offer, &view, keys, prover, rng).unwrap();
            (draft, transaction)
        };
        ledger.submit(transaction, *time).unwrap();
        self.town.catch_up();
        draft.terms.id()
    }
}
