//! A deal from draft to last release, restored from phrase and ledger afterwards.

mod common;

use common::{DUE, Town, WEEK, seed};
use privity_circuits::terms::{Terms, TermsId};
use privity_ledger::Transaction;
use privity_wallet::build::{Make, ReleaseOrder};
use privity_wallet::deal::{Draft, Offer, Request};
use privity_wallet::evidence::{Delivery, InspectionBrief, InspectorBook, Receipt};
use privity_wallet::file::Document;
use privity_wallet::history::Reference;
use privity_wallet::{Seed, Wallet};

/// All messages pass through their files.
fn mailed<T: Document>(message: &T) -> T {
    T::from_json(&message.to_json().unwrap()).unwrap()
}

fn draft(town: &mut Town, terms: &Terms) -> Draft {
    let to = town.buyer.member().unwrap().address();
    let reference = Reference { order: "4711".into(), rfq: "R-1".into(), material: "M-1".into() };
    let Town { ledger, supplier, rng, .. } = town;
    let draft = ledger.read(|view| Ok(supplier.draft(0, terms, &to, reference, view, rng))).unwrap();
    mailed(&draft.unwrap())
}

fn request(town: &mut Town, draft: &Draft) -> Request {
    let Town { ledger, buyer, rng, .. } = town;
    mailed(&ledger.read(|view| Ok(buyer.request(0, draft, view, rng))).unwrap().unwrap())
}

fn offer(town: &mut Town, request: &Request) -> Offer {
    let Town { ledger, supplier, rng, prover, .. } = town;
    mailed(&ledger.read(|view| Ok(supplier.offer(request, None, view, prover, rng))).unwrap().unwrap())
}

fn accept(town: &mut Town, offer: &Offer) -> Transaction {
    let Town { ledger, buyer, rng, prover, keys, .. } = town;
    ledger.read(|view| Ok(buyer.accept(offer, view, keys, prover, rng))).unwrap().unwrap()
}

fn deal(town: &mut Town, terms: &Terms) -> (TermsId, Terms) {
    let draft = draft(town, terms);
    let request = request(town, &draft);
    let offer = offer(town, &request);
    let transaction = accept(town, &offer);
    town.submit(transaction).unwrap();
    (draft.terms.id(), draft.terms.clone())
}

fn release(town: &mut Town, id: TermsId, receipt: &Receipt) {
    let evidence = town.supplier.file_evidence(id, |terms| mailed(receipt).evidence(terms)).unwrap();
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    let transaction = town.supplier.release(id, &ReleaseOrder::Evidence(evidence), &mut make).unwrap();
    town.submit(transaction).unwrap();
}

fn balance(wallet: &Wallet, asset: privity_circuits::asset::AssetId) -> u128 {
    wallet.scanner().balances().get(&asset).copied().unwrap_or(0)
}

/// 1 000 pieces at 14.000001 with 2.5 %, rounded down, and 50.00 set-up, in cents.
const TOTAL: u64 = 1_435_000 + 5_000;
/// 0.25 and 0.3 % of it, rounded up.
const FEE: u64 = 25 + (TOTAL * 30).div_ceil(10_000);

#[test]
fn two_receipts_one_late_and_a_restore() {
    let mut town = Town::new();
    let terms = town.terms();
    let (id, terms) = deal(&mut town, &terms);
    let currency = town.currency;
    assert_eq!(balance(&town.buyer, currency), u128::from(2_000_000 - TOTAL - FEE));
    assert_eq!(balance(&town.supplier, currency), 0);
    assert_eq!(balance(&town.treasury, currency), u128::from(FEE));
    assert_eq!(balance(&town.supplier, terms.capacity_asset()), 2_000_000_000);

    let mut book = InspectorBook::default();
    let brief: InspectionBrief = mailed(&InspectionBrief::of(&terms));
    let mut inspect = |town: &mut Town, delivered, time| {
        let delivery = Delivery { delivered, time, last: false };
        book.sign(&town.inspector, &brief, delivery, &mut town.rng).unwrap()
    };
    town.time = DUE - 100;
    let time = town.time;
    let first = inspect(&mut town, 400_000, time);
    release(&mut town, id, &first);
    let paid = TOTAL * 400 / 1000;
    assert_eq!(balance(&town.supplier, currency), u128::from(paid));

    town.time = DUE + WEEK + 5;
    let time = town.time;
    let second = inspect(&mut town, 1_000_000, time);
    release(&mut town, id, &second);
    let rest = TOTAL - paid;
    let penalty = rest * 200 / 10_000;
    assert_eq!(balance(&town.supplier, currency), u128::from(TOTAL - penalty));
    assert_eq!(balance(&town.buyer, currency), u128::from(2_000_000 - TOTAL - FEE + penalty));
    assert_eq!(balance(&town.supplier, terms.capacity_asset()), 2_000_000_000);
    assert!(town.buyer.scanner().deals()[&id].escrow.is_none(), "closed");

    let records = town.records();
    for (byte, wallet) in [(10, &town.buyer), (11, &town.supplier), (6, &town.treasury)] {
        let phrase = seed(byte).phrase();
        let restored = Seed::from_phrase(&phrase).unwrap();
        let restored = Wallet::restore(restored, &town.genesis, 2, &records).unwrap();
        assert_eq!(restored.scanner().balances(), wallet.scanner().balances());
        let releases =
            |wallet: &Wallet| wallet.scanner().deals().values().map(|deal| deal.releases.len()).sum::<usize>();
        assert_eq!(releases(&restored), releases(wallet));
    }
    let history = town.buyer.scanner().history();
    let line = history.iter().find(|line| line.kind == "deal" && line.asset == currency).unwrap();
    assert_eq!((line.net, line.fee, line.change), (TOTAL, FEE, -i128::from(TOTAL + FEE)));
    assert_eq!(line.rounding, -102_500, "1 435 000.1025 cents were rounded down");
    assert_eq!(line.reference.order, "4711");
    assert_eq!(town.buyer.find("M-1"), vec![id]);
    let late = history.iter().filter(|line| line.lateness > 0).count();
    assert_eq!(late, 1);
}

#[test]
fn a_payment_outright() {
    let mut town = Town::new();
    let mut terms = town.terms();
    terms.remedy.escrow = false;
    terms.remedy.claim_until = 0;
    terms.money.payment_unlock = DUE;
    deal(&mut town, &terms);
    let currency = town.currency;
    assert_eq!(balance(&town.supplier, currency), u128::from(TOTAL));
    assert!(town.supplier.spendable(0, currency, town.time).is_empty(), "locked until due");
    assert_eq!(town.supplier.spendable(0, currency, DUE).len(), 1);
}

#[test]
fn a_refund_after_the_escrow_lapsed() {
    let mut town = Town::new();
    let terms = town.terms();
    let (id, _) = deal(&mut town, &terms);
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    assert!(town.buyer.release(id, &ReleaseOrder::Refund, &mut make).is_err(), "too early");
    town.time = DUE + 7 * WEEK + 3_600;
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    assert!(town.supplier.release(id, &ReleaseOrder::Refund, &mut make).is_err(), "not the supplier's to take");
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    let transaction = town.buyer.release(id, &ReleaseOrder::Refund, &mut make).unwrap();
    town.submit(transaction).unwrap();
    let currency = town.currency;
    assert_eq!(balance(&town.buyer, currency), u128::from(2_000_000 - FEE));
}

#[test]
fn an_agreement_of_both() {
    let mut town = Town::new();
    let terms = town.terms();
    let (id, _) = deal(&mut town, &terms);
    let when = town.when();
    let proposal = mailed(&town.supplier.propose(id, 1_000_000, 5, when, &mut town.rng).unwrap());
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    let alone = ReleaseOrder::Agreed(Box::new(proposal.clone()));
    assert!(town.buyer.release(id, &alone, &mut make).is_err(), "one signature is not enough");
    let mut greedy = proposal.clone();
    greedy.pay += 1;
    assert!(town.buyer.agree(&greedy, town.time, &mut town.rng).is_err(), "the other party did not sign this");
    let agreed = mailed(&town.buyer.agree(&proposal, town.time, &mut town.rng).unwrap());
    let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
    let order = ReleaseOrder::Agreed(Box::new(agreed));
    let transaction = town.buyer.release(id, &order, &mut make).unwrap();
    town.submit(transaction).unwrap();
    let currency = town.currency;
    assert_eq!(balance(&town.supplier, currency), 1_000_000);
    assert_eq!(balance(&town.buyer, currency), u128::from(2_000_000 - FEE - 1_000_000));
}

/// Pitfall 39: offer and revocation, in both orders.
#[test]
fn an_offer_and_a_self_spend_race() {
    for deal_first in [true, false] {
        let mut town = Town::new();
        let terms = town.terms();
        let draft = draft(&mut town, &terms);
        let request = request(&mut town, &draft);
        let offer = offer(&mut town, &request);
        let id = offer.terms;
        let mut make = Make { when: town.when(), prover: &mut town.prover, rng: &mut town.rng };
        let revocation = town.supplier.revoke(id, &mut make).unwrap();
        let deal = accept(&mut town, &offer);
        let (first, second) = if deal_first { (deal, revocation) } else { (revocation, deal) };
        town.submit(first).unwrap();
        assert!(town.submit(second).is_err(), "deal first: {deal_first}");
        assert!(town.supplier.sessions().is_empty(), "the negotiation is over");
        assert_eq!(town.buyer.scanner().deals().contains_key(&id), deal_first);
    }
}

/// The same terms are not signed twice at once, and promised notes are not spent otherwise.
#[test]
fn an_offer_is_firm() {
    let mut town = Town::new();
    let terms = town.terms();
    let draft = draft(&mut town, &terms);
    let asset = draft.terms.capacity_asset();
    assert!(town.supplier.spendable(0, asset, town.time).is_empty(), "promised");
    let request = request(&mut town, &draft);
    let first = offer(&mut town, &request);
    let Town { ledger, supplier, rng, prover, .. } = &mut town;
    let again = ledger.read(|view| Ok(supplier.offer(&request, None, view, prover, rng))).unwrap();
    assert!(matches!(again, Err(privity_wallet::deal::DealError::Firm { .. })));
    assert!(supplier.end(first.terms).is_err());
    // Ten minutes later the offer has run out: it settles no more, and may be made anew.
    let late = accept(&mut town, &first);
    town.time += 600;
    assert!(town.submit(late).is_err());
}

/// Pitfall 50.
#[test]
fn two_drafts_share_no_commitment() {
    let mut town = Town::new();
    let terms = town.terms();
    let one = draft(&mut town, &terms);
    town.supplier.end(one.terms.id()).unwrap();
    let two = draft(&mut town, &terms);
    let (one, two) = (one.outputs.commitments(), two.outputs.commitments());
    assert!(one.iter().all(|commitment| !two.contains(commitment)));
}
