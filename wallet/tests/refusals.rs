//! L11: what a wallet refuses to sign, one reason at a time. Each row differs from acceptable terms in that one thing.

mod common;

use common::{DUE, START, Town, WEEK, signer};
use privity_circuits::context::LedgerId;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::terms::{RfqId, Terms};
use privity_wallet::deal::{DealError, Draft, Request, TermsRefusal, check_terms, earliest_claim_until, quote};
use privity_wallet::history::Reference;
use privity_wallet::random_field;

fn refusal(town: &Town, change: impl FnOnce(&mut Terms)) -> Option<TermsRefusal> {
    let mut terms = town.terms();
    change(&mut terms);
    town.ledger.read(|view| Ok(check_terms(&terms, view).err())).unwrap()
}

#[test]
fn terms() {
    let town = Town::empty();
    assert_eq!(refusal(&town, |_| ()), None);
    let stranger = signer(77).id;
    type Change = fn(&mut Terms);
    let rows: [(&str, Change, TermsRefusal); 12] = [
        ("ledger", |t| t.parties.ledger = LedgerId::default(), TermsRefusal::Ledger),
        ("buyer", |t| t.parties.buyer = Owner::new(5u64.into()), TermsRefusal::Member("buyer")),
        ("supplier", |t| t.parties.supplier = Owner::new(5u64.into()), TermsRefusal::Member("supplier")),
        ("same", |t| t.parties.buyer = t.parties.supplier, TermsRefusal::SameParty),
        ("swapped signer", |t| t.parties.buyer_signer = t.parties.supplier_signer, TermsRefusal::PartySigner("buyer")),
        ("no signer", |t| t.parties.supplier_signer = SignerId::NONE, TermsRefusal::PartySigner("supplier")),
        ("buyer inspects", |t| t.parties.inspector = t.parties.buyer_signer, TermsRefusal::OwnJudge("inspector")),
        ("supplier judges", |t| t.parties.arbiter = t.parties.supplier_signer, TermsRefusal::OwnJudge("arbiter")),
        (
            "nobody",
            |t| (t.parties.inspector, t.parties.arbiter) = (SignerId::NONE, SignerId::NONE),
            TermsRefusal::NobodyToRelease,
        ),
        ("due", |t| t.goods.due = START, TermsRefusal::Due { due: START, time: START }),
        (
            "claim_until",
            |t| t.remedy.claim_until = DUE + 7 * WEEK - 1,
            TermsRefusal::ClaimUntil { claim_until: DUE + 7 * WEEK - 1, earliest: DUE + 7 * WEEK },
        ),
        ("unregistered", |t| t.parties.inspector = signer(77).id, TermsRefusal::Unregistered("inspector")),
    ];
    for (name, change, expected) in rows {
        assert_eq!(refusal(&town, change), Some(expected), "{name}");
    }
    assert_eq!(refusal(&town, |t| t.parties.arbiter = stranger), Some(TermsRefusal::Unregistered("arbiter")));
    assert_eq!(refusal(&town, |t| t.parties.arbiter = SignerId::NONE), None, "an inspector is enough");
    let terms = town.terms();
    assert_eq!(earliest_claim_until(DUE, &terms.remedy), DUE + 7 * WEEK, "five weeks to the cap, and two");
}

#[test]
fn widths_tiers_and_totals() {
    let town = Town::empty();
    type Change = fn(&mut Terms);
    let rows: [(&str, Change); 9] = [
        ("P2", |t| t.goods.quantity = 0),
        ("P2", |t| t.goods.increment = 1 << 40),
        ("P2", |t| t.goods.load_factor = 1 << 32),
        ("P2", |t| t.money.frame = 1),
        ("P2", |t| t.money.tiers[7].price = 1 << 48),
        ("P2", |t| t.remedy.cap = 10_001),
        ("P2", |t| t.remedy.claim_until = 1 << 40),
        ("P3", |t| t.money.tiers[2].minimum = 400_000),
        ("P3", |t| t.goods.quantity = 1_000_500),
    ];
    for (rule, change) in rows {
        match refusal(&town, change) {
            Some(TermsRefusal::Rule(violation)) => assert_eq!(violation.rule, rule),
            other => panic!("{rule}: {other:?}"),
        }
    }
    let large = |t: &mut Terms| {
        t.money.rfq = RfqId::new(9u64.into());
        t.money.set_up = (1 << 48) - 1;
    };
    assert_eq!(refusal(&town, large), Some(TermsRefusal::LinkedTotal));
    assert_eq!(refusal(&town, |t| t.money.set_up = (1 << 48) - 1), None, "without an RFQ there is no link");
    let terms = town.terms();
    let dry = quote(&terms, &town.genesis.policy).unwrap();
    assert_eq!((dry.price.total, dry.fee, dry.capacity), (1_440_000, 4_345, 2_000_000_000));
}

struct Talk {
    town: Town,
    draft: Draft,
}

fn talk(change: impl FnOnce(&mut Terms)) -> Talk {
    let mut town = Town::new();
    let mut terms = town.terms();
    change(&mut terms);
    let to = town.buyer.member().unwrap().address();
    let Town { ledger, supplier, rng, .. } = &mut town;
    let draft = ledger.read(|view| Ok(supplier.draft(0, &terms, &to, Reference::default(), view, rng)));
    let draft = draft.unwrap().unwrap();
    Talk { town, draft }
}

impl Talk {
    fn request(&mut self, draft: &Draft) -> Result<Request, DealError> {
        let Town { ledger, buyer, rng, .. } = &mut self.town;
        ledger.read(|view| Ok(buyer.request(0, draft, view, rng))).unwrap()
    }

    fn offer(&mut self, request: &Request) -> Result<privity_wallet::deal::Offer, DealError> {
        let Town { ledger, supplier, rng, prover, .. } = &mut self.town;
        ledger.read(|view| Ok(supplier.offer(request, None, view, prover, rng))).unwrap()
    }

    fn accept(&mut self, offer: &privity_wallet::deal::Offer) -> Result<(), DealError> {
        let Town { ledger, buyer, rng, prover, keys, .. } = &mut self.town;
        ledger.read(|view| Ok(buyer.accept(offer, view, keys, prover, rng).map(drop))).unwrap()
    }
}

/// Swaps two outputs of a message through its JSON.
fn edited<T: privity_wallet::file::Document>(message: &T, edit: impl FnOnce(&mut serde_json::Value)) -> T {
    let mut json: serde_json::Value = serde_json::from_str(&message.to_json().unwrap()).unwrap();
    edit(&mut json["body"]);
    T::from_json(&json.to_string()).unwrap()
}

fn swap_outputs(body: &mut serde_json::Value, one: usize, two: usize) {
    body["outputs"].as_array_mut().unwrap().swap(one, two);
}

#[test]
fn a_draft_that_keeps_no_promise() {
    let mut talk = talk(|_| ());
    let torn = edited(&talk.draft, |body| swap_outputs(body, 0, 1));
    assert!(matches!(talk.request(&torn), Err(DealError::Opening("capacity"))));
    let mut stranger = talk.draft.clone();
    stranger.supplier = talk.town.treasury.member().unwrap().address();
    assert!(matches!(talk.request(&stranger), Err(DealError::Address("supplier"))));
    let draft = talk.draft.clone();
    talk.request(&draft).unwrap();
    assert!(matches!(talk.request(&draft), Err(DealError::Open(_))), "once at a time");
    let Town { ledger, treasury, rng, .. } = &mut talk.town;
    let other = ledger.read(|view| Ok(treasury.request(0, &draft, view, rng))).unwrap();
    assert!(matches!(other, Err(DealError::NotParty("buyer"))));
}

#[test]
fn a_request_that_pays_otherwise() {
    let mut talk = talk(|terms| {
        terms.remedy.escrow = false;
        terms.remedy.claim_until = 0;
    });
    let draft = talk.draft.clone();
    let request = talk.request(&draft).unwrap();
    let torn = edited(&request, |body| swap_outputs(body, 0, 2));
    assert!(matches!(talk.offer(&torn), Err(DealError::Opening("payment"))));
    let torn = edited(&request, |body| swap_outputs(body, 1, 2));
    assert!(matches!(talk.offer(&torn), Err(DealError::Opening("fee"))));
    // Pitfall 19: the commitment is right, but the supplier could not find it by its ciphertext.
    let blind = edited(&request, |body| {
        let other = body["outputs"][1]["recipient"].clone();
        body["outputs"][0]["recipient"] = other;
    });
    assert!(matches!(talk.offer(&blind), Err(DealError::Ciphertext("payment"))));
    let mut cheap = request.clone();
    cheap.policy.rate = 0;
    assert!(matches!(talk.offer(&cheap), Err(DealError::Policy)));
    let mut stranger = request.clone();
    stranger.buyer = talk.town.treasury.member().unwrap().address();
    assert!(matches!(talk.offer(&stranger), Err(DealError::Address("buyer"))));
    assert_eq!(talk.town.prover.proofs, 2, "nothing but mint and issue was proved");
    talk.offer(&request).unwrap();
}

#[test]
fn an_offer_that_would_not_settle() {
    let mut talk = talk(|_| ());
    let draft = talk.draft.clone();
    let request = talk.request(&draft).unwrap();
    let offer = talk.offer(&request).unwrap();
    let mut bad = offer.clone();
    bad.expiry += 1;
    assert!(matches!(talk.accept(&bad), Err(DealError::Offer("context"))));
    let mut bad = offer.clone();
    bad.expiry = talk.town.time - 3600;
    assert!(matches!(talk.accept(&bad), Err(DealError::Expired { .. })));
    let mut bad = offer.clone();
    bad.leg.statement.outputs.swap(0, 1);
    assert!(matches!(talk.accept(&bad), Err(DealError::Offer("outputs"))));
    let mut bad = offer.clone();
    bad.leg.statement.party = Default::default();
    assert!(matches!(talk.accept(&bad), Err(DealError::Offer("party"))));
    let mut bad = offer.clone();
    bad.leg.statement.anchor = privity_circuits::tree::Anchor::new(random_field(&mut talk.town.rng));
    assert!(matches!(talk.accept(&bad), Err(DealError::Offer("anchor"))));
    let mut bad = offer.clone();
    bad.leg.statement.now -= 3_600 * 25;
    assert!(matches!(talk.accept(&bad), Err(DealError::Offer("time"))));
    let mut bad = offer.clone();
    bad.leg.statement.nullifiers[0] = privity_circuits::note::Nullifier::new(random_field(&mut talk.town.rng));
    assert!(matches!(talk.accept(&bad), Err(DealError::Proof(_))), "the proof is of another statement");
    let proofs = talk.town.prover.proofs;
    talk.accept(&offer).unwrap();
    assert_eq!(talk.town.prover.proofs, proofs + 2);
    assert!(matches!(talk.accept(&offer), Err(DealError::Firm { .. })), "not twice at once");
}
