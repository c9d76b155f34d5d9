//! From request to link: sealed quotes, the award, the deal that honours it, and what a bidder can check (section 6, pitfalls 45, 48,
//! 51 and 52).

mod common;

use common::{DUE, Town, seed};
use privity_circuits::terms::Terms;
use privity_ledger::{Admission, Docket, EntryBody, LocalOperator, State, Tender};
use privity_quotes::award::Standing;
use privity_quotes::{Error, Open, QuotingKey, Rfq, RfqHash, SealedQuote, Weights};
use privity_testkit::rng;
use privity_wallet::deal::quote as priced;
use privity_wallet::file::Document;
use privity_wallet::history::Reference;
use privity_wallet::quotes::{Ask, KeyGrant, KeyRequest, LinkFile, QuoteError, check_link};
use privity_wallet::{LedgerView, Wallet};

const LEAD: u16 = 3;

type Edit<T> = fn(&mut T);

fn mailed<T: Document>(message: &T) -> T {
    T::from_json(&message.to_json().unwrap()).unwrap()
}

/// A town with two more members that bid, and a request of its buyer.
struct Market {
    town: Town,
    bidders: Vec<Wallet>,
    rfq: Rfq,
    granted: KeyRequest,
}

fn operator_key() -> QuotingKey {
    QuotingKey::from_wide(&[44; 64])
}

fn ask(town: &Town, terms: &Terms) -> Ask {
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
    fn new() -> Self {
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

    fn hash(&self) -> RfqHash {
        self.rfq.hash()
    }

    /// The winner's terms for this request, and their total as the price relation computes it.
    fn terms(&self) -> (Terms, u64) {
        let mut terms = self.town.terms();
        terms.money.rfq = self.hash().id();
        let policy = self.town.ledger.read(|state| LedgerView::policy(state)).unwrap();
        let total = priced(&terms, &policy).unwrap().price.total;
        (terms, total)
    }

    /// Every bidder quotes: the town's supplier its deal's total, the others more, the last one a box that does not open.
    fn quoted(&mut self) {
        let (_, total) = self.terms();
        let time = self.town.time;
        let tender = self.town.supplier.quote(0, &self.rfq, (total, LEAD), &mut self.town.rng).unwrap();
        self.town.ledger.submit(tender, time).unwrap();
        let tender = self.bidders[0].quote(0, &self.rfq, (total, LEAD), &mut self.town.rng).unwrap();
        self.town.ledger.submit(tender, time).unwrap();
        let torn = self.torn();
        self.town.ledger.submit(torn, time).unwrap();
    }

    fn torn(&mut self) -> Tender {
        let member = self.bidders[1].member().unwrap();
        let (key, hash) = (member.quoting_key(), self.hash());
        let [opening, boxed] = [1, 2].map(|price| key.opening(&hash, 0, price, LEAD).unwrap());
        let (owner, ephemeral) = (member.owner, key.ephemeral(&hash, 0));
        let quote = SealedQuote::seal_mismatched(&self.rfq, owner, &ephemeral, &opening, &boxed, &mut self.town.rng);
        Tender::quote(self.town.genesis.ledger(), quote.unwrap(), |message| member.signer.sign(message, &mut rng(3)))
    }

    fn open(&mut self) {
        self.town.time = self.rfq.closes;
        let open = Open { rfq: self.hash(), secret: self.granted.secret(&operator_key()) };
        self.town.ledger.enter(EntryBody::Open(open), self.town.time).unwrap();
    }

    fn docket(&self) -> Docket {
        self.town.ledger.read(|state| Ok(Docket::read(state, self.hash()))).unwrap().unwrap()
    }

    fn on_log<T>(&self, look: impl FnOnce(&State<'_>) -> T) -> T {
        self.town.ledger.read(|state| Ok(look(state))).unwrap()
    }

    fn awarded(&mut self) {
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
    fn deal(&mut self, terms: &Terms) -> privity_circuits::terms::TermsId {
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

#[test]
fn from_request_to_link() {
    let mut market = Market::new();
    market.awarded();
    let (terms, total) = market.terms();
    let docket = market.docket();
    let table = market.town.buyer.opened_quotes(0, &docket).unwrap();
    let read = table.iter().map(|row| (row.standing, row.opening.as_ref().map(|opening| opening.price())));
    let expected = [(Standing::In, Some(total)), (Standing::In, Some(total)), (Standing::Excluded, None)];
    assert_eq!(read.collect::<Vec<_>>(), expected);
    // Of equal scores the earlier wins. A loser verifies the award from the log alone.
    let award = market.on_log(|state| docket.award(state)).unwrap().unwrap();
    assert_eq!(award.get().winner, table[0].id);
    let id = market.deal(&terms);
    let link = |wallet: &Wallet| {
        let made = market.on_log(|state| wallet.link(0, state, &docket, id, &mut rng(8)));
        made.map(|file: LinkFile| mailed(&file))
    };
    for party in [&market.town.supplier, &market.town.buyer] {
        let file = link(party).unwrap();
        let linked = market.on_log(|state| check_link(state, &docket, &file)).unwrap();
        assert_eq!((linked.winner, linked.due), (table[0].id, DUE));
        assert_eq!(linked.supplier, market.town.supplier.member().unwrap().owner);
    }
    assert!(matches!(link(&market.bidders[0]), Err(QuoteError::UnknownDeal)));
    let honest = link(&market.town.supplier).unwrap();
    falsified(&market, &docket, &honest);
    restored(&market, &docket, id);
}

/// Pitfalls 48 and 52: whatever the bidder is told otherwise is found out.
fn falsified(market: &Market, docket: &Docket, honest: &LinkFile) {
    let edits: [(&str, Edit<LinkFile>); 10] = [
        ("request", |file| file.rfq[0] ^= 1),
        ("transaction", |file| file.transaction[0] ^= 1),
        ("link", |file| file.link[100] ^= 1),
        ("supplier", |file| file.supplier = privity_circuits::keys::Owner::new(file.rho)),
        ("currency", |file| file.currency = privity_circuits::asset::AssetId::new(file.rho)),
        ("exponent", |file| file.exponent += 1),
        ("quantity", |file| file.quantity += 1),
        ("due", |file| file.due += 1),
        ("lead", |file| file.lead += 1),
        ("lead blinding", |file| file.lead_blinding[0] ^= 1),
    ];
    for (name, edit) in edits {
        let mut file = honest.clone();
        edit(&mut file);
        assert!(market.on_log(|state| check_link(state, docket, &file)).is_err(), "{name}");
    }
}

/// Phrase and ledger are enough for table, award and link of the buyer, and for quote and link of the supplier.
fn restored(market: &Market, docket: &Docket, id: privity_circuits::terms::TermsId) {
    let again = |byte| Wallet::restore(seed(byte), &market.town.genesis, 2, &market.town.records()).unwrap();
    let (buyer, supplier) = (again(10), again(11));
    assert_eq!(buyer.opened_quotes(0, docket).unwrap().len(), 3);
    let (quote, opening) = supplier.own_quote(0, docket).unwrap();
    assert!(opening.opens(&quote.get().commitments));
    for wallet in [&buyer, &supplier] {
        let file = market.on_log(|state| wallet.link(0, state, docket, id, &mut rng(9))).unwrap();
        market.on_log(|state| check_link(state, docket, &file)).unwrap();
    }
}

/// A deal at another total, for another quantity or too late cannot be linked to the award.
#[test]
fn a_deal_that_does_not_honour_the_award_is_found_out() {
    let edits: [(&str, Edit<Terms>); 3] = [
        ("total", |terms| terms.money.set_up += 1),
        ("quantity", |terms| terms.goods.quantity -= 1_000),
        ("due", |terms| {
            terms.goods.due += 30 * 86_400;
            terms.remedy.claim_until += 30 * 86_400;
        }),
    ];
    for (name, edit) in edits {
        let mut market = Market::new();
        market.awarded();
        let (mut terms, _) = market.terms();
        edit(&mut terms);
        let id = market.deal(&terms);
        let docket = market.docket();
        let file = market.on_log(|state| market.town.supplier.link(0, state, &docket, id, &mut rng(8)));
        let refused = match file {
            Err(QuoteError::Rule(Error::Total)) => true,
            Err(other) => panic!("{name}: {other}"),
            Ok(file) => matches!(market.on_log(|state| check_link(state, &docket, &file)), Err(QuoteError::Deal(_))),
        };
        assert!(refused, "{name}");
    }
}

/// Pitfall 51: a revised quote shares neither commitment nor E with the one before; the same contents give the same commitments.
#[test]
fn revisions_share_nothing() {
    let mut market = Market::new();
    let rfq = market.rfq.clone();
    let mut quote = |total| match market.town.supplier.quote(0, &rfq, (total, LEAD), &mut market.town.rng).unwrap() {
        Tender::Quote { quote, .. } => quote,
        _ => unreachable!(),
    };
    let (first, second, third) = (quote(700), quote(701), quote(700));
    assert!(first.commitments.price != second.commitments.price && first.commitments.lead != second.commitments.lead);
    assert_ne!(first.ephemeral, second.ephemeral);
    assert_eq!((first.commitments, first.ephemeral), (third.commitments, third.ephemeral));
    assert!(matches!(
        market.town.supplier.quote(0, &rfq, (1 << 48, LEAD), &mut rng(1)),
        Err(QuoteError::Rule(Error::Range))
    ));
}

#[test]
fn each_side_is_told_what_is_missing() {
    let mut market = Market::new();
    market.quoted();
    let docket = |market: &Market| market.on_log(|state| Docket::read(state, market.hash()));
    assert!(docket(&market).unwrap_err().to_string().contains("not opened"));
    market.open();
    let docket = docket(&market).unwrap();
    let (town, bidder) = (&mut market.town, &market.bidders[0]);
    assert!(matches!(bidder.opened_quotes(0, &docket), Err(QuoteError::NotBuyer)));
    assert!(matches!(bidder.award(0, &docket, &mut town.rng), Err(QuoteError::NotBuyer)));
    assert!(matches!(town.buyer.own_quote(0, &docket), Err(QuoteError::NoQuote)));
    // A torn quote that nobody has excluded yet: the award says which rule is in the way.
    assert!(matches!(town.buyer.award(0, &docket, &mut town.rng), Err(QuoteError::Rule(Error::Box))));
    let request = bidder.rfq_key(0, [9; 32]).unwrap();
    let operator = LocalOperator::new(privity_circuits::keys::SigningKey::from_bytes(&[1; 32]).unwrap());
    let grant = request.grant(&operator, &operator_key());
    let terms = town.terms();
    let ask = ask(town, &terms);
    assert!(matches!(town.buyer.rfq(0, &ask, &grant, &mut town.rng), Err(QuoteError::Grant)));
}
