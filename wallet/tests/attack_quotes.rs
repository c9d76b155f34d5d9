//! A bidder is told that the award was honoured; a supplier is shown a request. `docs/attacks.md` lists the attempts.

mod common;
#[path = "common/market.rs"]
mod market;

use common::DUE;
use market::*;
use privity_circuits::asset::AssetId;
use privity_circuits::terms::{DocumentHash, Terms, TermsId};
use privity_ledger::{Docket, EntryBody, LocalOperator, Tender};
use privity_quotes::{Error, Open, Rfq};
use privity_testkit::rng;
use privity_wallet::build::{Make, MintOrder, mint};
use privity_wallet::deal::quote as priced;
use privity_wallet::delivery::Memo;
use privity_wallet::quotes::{KeyRequest, LinkFile, QuoteError, check_link};
use privity_wallet::{LedgerView, Wallet};

/// Why a bidder refuses what one side sends, or why that side cannot make it.
fn refusal(market: &Market, docket: &Docket, by: &Wallet, terms: TermsId) -> String {
    let made = market.on_log(|state| by.link(0, state, docket, terms, &mut rng(8)));
    let checked = made.and_then(|file: LinkFile| market.on_log(|state| check_link(state, docket, &mailed(&file))));
    checked.unwrap_err().to_string()
}

/// A second request, by a bidder, that the town's supplier wins with `total`; its hash stands in the terms that are returned.
fn asked_by_another(market: &mut Market) -> (Rfq, KeyRequest, Terms) {
    let (mut terms, total) = market.terms();
    let Market { town, bidders, .. } = market;
    let request = bidders[0].rfq_key(0, [8; 32]).unwrap();
    let operator = LocalOperator::new(privity_circuits::keys::SigningKey::from_bytes(&[1; 32]).unwrap());
    let grant = request.grant(&operator, &operator_key());
    let tender = bidders[0].rfq(0, &ask(town, &terms), &grant, &mut town.rng).unwrap();
    let Tender::Rfq { rfq, .. } = tender.clone() else { unreachable!() };
    town.ledger.submit(tender, town.time).unwrap();
    let tender = town.supplier.quote(0, &rfq, (total, LEAD), &mut town.rng).unwrap();
    town.ledger.submit(tender, town.time).unwrap();
    terms.money.rfq = rfq.hash().id();
    (rfq, request, terms)
}

/// The buyer who asked has the award, and somebody else makes the deal that is shown to the bidders: at the winning total, with the
/// winner, for what was asked. Only the party of the buyer's leg tells them apart.
#[test]
fn another_buyers_deal_is_no_answer() {
    let mut market = Market::new();
    let (rfq, request, terms) = asked_by_another(&mut market);
    market.town.time = rfq.closes;
    let (hash, secret) = (rfq.hash(), request.secret(&operator_key()));
    market.town.ledger.enter(EntryBody::Open(Open { rfq: hash, secret }), market.town.time).unwrap();
    let docket = market.on_log(|state| Docket::read(state, hash)).unwrap();
    let award = market.bidders[0].award(0, &docket, &mut market.town.rng).unwrap();
    market.town.ledger.submit(award, market.town.time).unwrap();
    market.town.catch_up();
    let id = market.deal(&terms);
    let docket = market.on_log(|state| Docket::read(state, hash)).unwrap();
    let refused = refusal(&market, &docket, &market.town.supplier, id);
    assert!(refused.contains("is not by the buyer who asked"), "{refused}");
}

/// A loser's deal at the very total of the winner: the totals link, the award does not open to the winner.
#[test]
fn a_losers_deal_at_the_winning_total_is_found_out() {
    let mut market = Market::new();
    let (terms, total) = market.terms();
    let (rfq, time) = (market.rfq.clone(), market.town.time);
    let tender = market.bidders[0].quote(0, &rfq, (total, LEAD), &mut market.town.rng).unwrap();
    market.town.ledger.submit(tender, time).unwrap();
    let tender = market.town.supplier.quote(0, &rfq, (total, LEAD), &mut market.town.rng).unwrap();
    market.town.ledger.submit(tender, time).unwrap();
    market.open();
    let award = market.town.buyer.award(0, &market.docket(), &mut market.town.rng).unwrap();
    market.town.ledger.submit(award, market.town.time).unwrap();
    market.town.catch_up();
    let id = market.deal(&terms);
    let docket = market.docket();
    let refused = refusal(&market, &docket, &market.town.buyer, id);
    assert!(refused.contains("is not with the winner"), "{refused}");
    // The file with the winner's name on it: the deal's award does not open to him.
    let mut file = market.on_log(|state| market.town.buyer.link(0, state, &docket, id, &mut rng(8))).unwrap();
    file.supplier = market.bidders[0].member().unwrap().owner;
    let renamed = market.on_log(|state| check_link(state, &docket, &file)).unwrap_err().to_string();
    assert!(renamed.contains("does not carry this opening of its award"), "{renamed}");
    // The loser has no opening of the winner's quote to link with.
    assert!(refusal(&market, &docket, &market.town.supplier, id).contains("is not by this account"));
}

/// Another drawing, minor unit, currency, request, or too late: the award is honoured in none of them.
#[test]
fn the_award_is_honoured_in_what_was_asked() {
    let edits: [(&str, Edit<Terms>); 5] = [
        ("another document", |terms| terms.goods.document = DocumentHash::new(terms.parties.ledger.field())),
        ("another currency", |terms| terms.money.currency = app(terms)),
        ("due later", |terms| {
            terms.goods.due += 20 * 86_400;
            terms.remedy.claim_until += 20 * 86_400;
        }),
        ("another request", |terms| terms.money.rfq = Default::default()),
        ("another minor unit", |terms| {
            terms.money.exponent += 1;
            terms.money.tiers.iter_mut().for_each(|tier| tier.price /= 10);
        }),
    ];
    let reasons = ["about another document", "in another currency", "due later", "opening of its award", "minor unit"];
    for ((name, edit), reason) in edits.into_iter().zip(reasons) {
        let mut market = Market::new();
        minted(&mut market);
        market.awarded();
        let (mut terms, total) = market.terms();
        edit(&mut terms);
        // At the very total of the quote, whatever else it is.
        let policy = market.on_log(|state| LedgerView::policy(state)).unwrap();
        terms.money.set_up += total - priced(&terms, &policy).unwrap().price.total;
        let id = market.deal(&terms);
        let refused = refusal(&market, &market.docket(), &market.town.buyer, id);
        assert!(refused.contains(reason), "{name}: {refused}");
    }
}

/// The issuer's other token, whose id the terms' currency names no longer.
fn app(_: &Terms) -> AssetId {
    AssetId::token(privity_wallet::Account::derive(&common::seed(2), 0).unwrap().signer.id, "APP")
}

fn minted(market: &mut Market) {
    let town = &mut market.town;
    let to = town.buyer.member().unwrap().address();
    let order = MintOrder { name: "APP".into(), value: 2_000_000, to, unlock: 0, memo: Memo::EMPTY };
    let when = town.when();
    let mut make = Make { when, prover: &mut town.prover, rng: &mut town.rng };
    let transaction = mint(town.genesis.ledger(), &town.issuer, &town.issuer.signer, &order, &mut make).unwrap();
    town.submit(transaction).unwrap();
}

/// quantity + 2^40·due is one field element: one more in 2^40 of a quantity and one second less is the same offer (pitfall 40).
#[test]
fn an_offer_reads_one_way() {
    let mut market = Market::new();
    market.awarded();
    let (terms, _) = market.terms();
    let id = market.deal(&terms);
    let docket = market.docket();
    let honest = market.on_log(|state| market.town.buyer.link(0, state, &docket, id, &mut rng(8))).unwrap();
    market.on_log(|state| check_link(state, &docket, &honest)).unwrap();
    for earlier in [1, 86_400] {
        let mut file = honest.clone();
        file.quantity += earlier << 40;
        file.due -= earlier;
        let refused = market.on_log(|state| check_link(state, &docket, &file)).unwrap_err().to_string();
        assert!(refused.contains("is for another quantity"), "{refused}");
    }
    let mut file = honest.clone();
    file.buyer_rho = file.rho;
    let refused = market.on_log(|state| check_link(state, &docket, &file)).unwrap_err().to_string();
    assert!(refused.contains("is not by the buyer who asked"), "{refused}");
    assert_eq!(honest.due, DUE);
}

/// A request that a stranger hands over, sealed to a key of his own, in the name of a ledger that nobody asked.
#[test]
fn a_request_of_another_ledger_is_not_answered() {
    let mut market = Market::new();
    let mut foreign = market.rfq.clone();
    foreign.ledger = [3; 32];
    let refused = market.town.supplier.quote(0, &foreign, (700, LEAD), &mut rng(1)).unwrap_err();
    assert!(matches!(refused, QuoteError::Rule(Error::Foreign)), "{refused}");
}

/// A restore looks through 64 attempts: the 65th would be logged and never be read again by its own supplier.
#[test]
fn no_more_revisions_than_a_restore_finds() {
    let mut market = Market::new();
    let rfq = market.rfq.clone();
    let supplier = &mut market.town.supplier;
    for total in 0..64 {
        supplier.quote(0, &rfq, (total, LEAD), &mut rng(1)).unwrap();
    }
    assert!(matches!(supplier.quote(0, &rfq, (64, LEAD), &mut rng(1)), Err(QuoteError::Attempts)));
    // An earlier content is no new attempt; the last one is found.
    let last = supplier.quote(0, &rfq, (63, LEAD), &mut rng(1)).unwrap();
    market.town.ledger.submit(last, market.town.time).unwrap();
    market.open();
    let (_, opening) = market.town.supplier.own_quote(0, &market.docket()).unwrap();
    assert_eq!((opening.price(), opening.lead()), (63, LEAD));
}
