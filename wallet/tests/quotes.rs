//! From request to link: sealed quotes, the award, the deal that honours it, and what a bidder can check (section 6, pitfalls 45, 48,
//! 51 and 52).

mod common;
#[path = "common/market.rs"]
mod market;

use common::{DUE, seed};
use market::*;
use privity_circuits::terms::Terms;
use privity_ledger::{Docket, LocalOperator, Tender};
use privity_quotes::Error;
use privity_quotes::award::Standing;
use privity_testkit::rng;
use privity_wallet::Wallet;
use privity_wallet::quotes::{LinkFile, QuoteError, check_link};

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
    // What is excluded is not excluded again.
    assert!(market.town.buyer.exclude(0, &docket, &mut rng(7)).unwrap().is_empty());
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
    let edits: [(&str, Edit<LinkFile>); 11] = [
        ("request", |file| file.rfq[0] ^= 1),
        ("transaction", |file| file.transaction[0] ^= 1),
        ("link", |file| file.link[100] ^= 1),
        ("supplier", |file| file.supplier = privity_circuits::keys::Owner::new(file.rho)),
        ("buyer", |file| file.buyer_rho = file.rho),
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
