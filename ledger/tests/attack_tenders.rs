//! Requests and quotes replayed, moved, mixed with each other and sent against themselves; `docs/attacks.md` lists the attempts.

mod common;
#[path = "common/market.rs"]
mod market;

use common::*;
use market::*;
use privity_circuits::Fr;
use privity_circuits::keys::Owner;
use privity_ledger::*;
use privity_quotes::{Award, Error, Exclusion, Open, Opening, QuoteId, Rfq, RfqHash, SealedQuote, Weights};

/// A market with a request that has two good quotes (suppliers 2 and 3) and a torn one (supplier 1), opened.
struct Opened {
    market: Market,
    rfq: Rfq,
    torn: SealedQuote,
    good: [SealedQuote; 2],
}

fn opened(seed: u64) -> Opened {
    let mut market = Market::new(seed, 3);
    let rfq = market.asked(1);
    let torn = malformed(&mut market, &rfq, 1);
    let good = [market.quote(&rfq, 2, 900), market.quote(&rfq, 3, 800)];
    market.ledger.enter(market.open(1), OPENED).unwrap();
    Opened { market, rfq, torn, good }
}

impl Opened {
    fn exclusion(&mut self) -> Exclusion {
        let (secret, buyer) = (self.market.secret(1), self.market.buyer_secret(1));
        Exclusion::prove(&self.rfq, &self.torn, &secret, &buyer, &mut self.market.world.rng).unwrap()
    }

    fn openings(&self) -> [Opening; 2] {
        [self.market.opening(&self.rfq, 2, 900), self.market.opening(&self.rfq, 3, 800)]
    }

    fn award(&mut self) -> Award {
        let (rfq, openings) = (self.rfq.clone(), self.openings());
        self.market.award(&rfq, 1, &openings)
    }
}

fn exclude(exclusion: &Exclusion) -> Tender {
    Tender::Exclude { exclusion: exclusion.clone() }
}

fn awarded(award: &Award) -> Tender {
    Tender::Award { award: award.clone() }
}

fn false_proof(settlement: Result<Receipt, SubmitError>) -> Error {
    match settlement {
        Err(SubmitError::Quote(error)) => error,
        other => panic!("expected a false proof, found {other:?}"),
    }
}

/// The ranges of a request are checked where bytes are read; a request handed over in memory would be logged, and neither the log nor
/// the row of the request could be read again.
#[test]
fn a_request_out_of_range_is_not_logged() {
    let market = Market::new(300, 0);
    type Edit = fn(&mut Rfq);
    let edits: [(&str, Edit); 6] = [
        ("exponent", |rfq| rfq.exponent = 7),
        ("quantity", |rfq| rfq.quantity = 0),
        ("price weight", |rfq| rfq.weights = Weights { price: 1 << 15, lead: 0 }),
        ("closing time", |rfq| rfq.opens = rfq.closes),
        ("delay", |rfq| rfq.delay = 0),
        ("operator key", |rfq| rfq.operator_key = [0; 32]),
    ];
    for (field, edit) in edits {
        let rfq = edited(&market.rfq(1), edit);
        market.refuses(market.request(rfq), START, Rejection::RfqOutOfRange { field });
    }
    market.asked(1);
}

type Edit<T> = Box<dyn Fn(&mut T)>;

/// Breaks all rules of a request from one on, in the order of the list: the first is named.
#[test]
fn a_request_that_breaks_many_rules_names_the_first() {
    let market = Market::new(301, 1);
    let used = market.asked(1);
    let owner = market.buyer().owner;
    let (nobody, closes, now) = (Owner::new(Fr::from(4u64)), START, START);
    let stranger = market.traders[1].signer.id;
    let steps: [(Edit<Rfq>, Rejection); 7] = [
        (Box::new(|rfq| rfq.ledger = [3; 32]), Rejection::ForeignLedger),
        (Box::new(move |rfq| rfq.operator = stranger), Rejection::NotAnOperator { operator: stranger }),
        (Box::new(|rfq| rfq.exponent = 9), Rejection::RfqOutOfRange { field: "exponent" }),
        (Box::new(move |rfq| rfq.buyer = nobody), Rejection::NotAMember { owner: nobody }),
        (Box::new(|rfq| (rfq.opens, rfq.closes) = (0, START)), Rejection::ClosesInThePast { closes, now }),
        (Box::new(|rfq| rfq.operator_key[0] ^= 1), Rejection::Endorsement),
        (Box::new(move |rfq| rfq.key = used.key), Rejection::RfqKeyUsed),
    ];
    for first in 0..steps.len() {
        let mut rfq = market.rfq(2);
        steps[first..].iter().for_each(|(edit, _)| edit(&mut rfq));
        market.refuses(market.request(rfq), START, steps[first].1.clone());
    }
    let unsigned = Tender::request(market.hash, market.rfq(2), |message| market.traders[1].signer.sign(message));
    market.refuses(unsigned, CLOSES, Rejection::MemberSignature { owner });
    assert!(steps.iter().map(|(_, rejection)| rejection.code()).is_sorted());
}

/// The same for what follows a request: void before not opened, and an awarded request is never said to be void.
#[test]
fn what_follows_a_request_names_the_first_broken_rule() {
    let mut scene = opened(302);
    let ends = CLOSES + DELAY_OF_AWARD;
    let exclusion = scene.exclusion();
    let unknown = RfqHash([9; 32]);
    let lost = edited(&exclusion, |exclusion| exclusion.rfq = unknown);
    scene.market.refuses(exclude(&lost), OPENED, Rejection::UnknownRfq { rfq: unknown });
    scene.market.ledger.submit(exclude(&exclusion), OPENED).unwrap();
    let (award, market) = (scene.award(), &scene.market);
    // Another request, never opened: waiting for the operator is no remedy once it is void.
    let idle = market.rfq(2);
    let late = Ledger::open(Box::new(copy(market.ledger.store())), Some(Box::new(FixedOperator))).unwrap();
    let asked = edited(&idle, |rfq| rfq.closes = OPENED + 10);
    late.submit(market.request(asked.clone()), OPENED).unwrap();
    let none = edited(&award, |award| award.rfq = asked.hash());
    let void = asked.closes + DELAY_OF_AWARD;
    assert_eq!(rejected(late.submit(awarded(&none), void - 1)), Rejection::NotOpened);
    assert_eq!(rejected(late.submit(awarded(&none), void)), Rejection::RfqVoid { ends: void, now: void });
    // Another quote, excluded already, out of time: the codes ascend.
    let absent = edited(&exclusion, |exclusion| exclusion.quote = QuoteId([5; 32]));
    market.refuses(exclude(&absent), OPENED, Rejection::UnknownQuote { quote: absent.quote });
    let again = edited(&exclusion, |exclusion| exclusion.shared = scene.good[0].ephemeral);
    market.refuses(exclude(&again), OPENED, Rejection::ExcludedAlready { quote: scene.torn.id() });
    let stranger = edited(&award, |award| (award.winner, award.exclusions) = (QuoteId([5; 32]), 7));
    market.refuses(awarded(&stranger), OPENED, Rejection::UnknownQuote { quote: QuoteId([5; 32]) });
    market.ledger.submit(awarded(&award), OPENED).unwrap();
    let other = edited(&award, |award| award.winner = scene.good[0].id());
    market.refuses(awarded(&other), ends, Rejection::AwardedAlready);
    market.refuses(exclude(&again), ends, Rejection::AwardedAlready);
    assert_eq!(rejected(market.ledger.enter(market.open(1), ends)), Rejection::OpenedAlready);
}

/// A second ledger with the same operator, members and clock: nothing of the first is good there.
#[test]
fn nothing_is_good_on_another_ledger() {
    let mut scene = opened(303);
    let exclusion = scene.exclusion();
    scene.market.ledger.submit(exclude(&exclusion), OPENED).unwrap();
    let award = scene.award();
    let mut other = Market::new(303, 3);
    other.world.genesis.name = Name::new("another ledger").unwrap();
    other.ledger = other.world.ledger();
    other.hash = other.world.genesis.ledger();
    for index in 0..other.traders.len() {
        let (owner, signer) = (other.traders[index].owner, other.traders[index].signer.public);
        other.ledger.enter(EntryBody::Member(Admission { owner, signer, consent: None }), START).unwrap();
    }
    let (first, here) = (&scene.market, &other);
    here.refuses(first.request(scene.rfq.clone()), START, Rejection::ForeignLedger);
    // The same request, renamed to this ledger, with the old endorsement and the old signature.
    let moved = edited(&scene.rfq, |rfq| rfq.ledger = here.hash.0);
    here.refuses(here.request(moved.clone()), START, Rejection::Endorsement);
    let Tender::Rfq { signature, .. } = first.request(moved.clone()) else { unreachable!() };
    let owner = here.buyer().owner;
    here.refuses(Tender::Rfq { rfq: moved, signature }, START, Rejection::MemberSignature { owner });
    // Its twin on this ledger, with keys of this ledger; the quotes of the first are of another request, renamed or not.
    let twin = here.asked(1);
    assert_ne!((twin.key, twin.operator_key), (scene.rfq.key, scene.rfq.operator_key));
    let rfq = scene.rfq.hash();
    here.refuses(here.signed(scene.good[0].clone(), 2), QUOTING, Rejection::UnknownRfq { rfq });
    let renamed = edited(&scene.good[0], |quote| quote.rfq = twin.hash());
    let refused = false_proof(here.ledger.submit(here.signed(renamed, 2), QUOTING));
    assert!(matches!(refused, Error::Range | Error::Ephemeral), "{refused}");
    let body = EntryBody::Open(Open { rfq: twin.hash(), secret: first.secret(1) });
    assert_eq!(rejected(here.ledger.enter(body, OPENED)), Rejection::OpenSecret);
    here.ledger.enter(here.open(1), OPENED).unwrap();
    here.refuses(exclude(&exclusion), OPENED, Rejection::UnknownRfq { rfq });
    here.refuses(awarded(&award), OPENED, Rejection::UnknownRfq { rfq });
    let (torn, best) = (scene.torn.id(), scene.good[1].id());
    let renamed = edited(&exclusion, |exclusion| exclusion.rfq = twin.hash());
    here.refuses(exclude(&renamed), OPENED, Rejection::UnknownQuote { quote: torn });
    let renamed = edited(&award, |award| award.rfq = twin.hash());
    here.refuses(awarded(&renamed), OPENED, Rejection::UnknownQuote { quote: best });
}

/// One submission that holds everything twice and out of order: each is refused by its own rule, what stands between settles.
#[test]
fn a_submission_against_itself() {
    let mut market = Market::new(304, 3);
    let rfq = market.asked(1);
    let (owner, key) = (market.traders[1].owner, market.traders[1].key.clone());
    let first = market.sealed(&rfq, 1, 700);
    let opening = key.opening(&rfq.hash(), 1, 600, 7).unwrap();
    let ephemeral = key.ephemeral(&rfq.hash(), 1);
    let second = SealedQuote::seal(&rfq, owner, &ephemeral, &opening, &mut market.world.rng).unwrap();
    let swapped = edited(&market.sealed(&rfq, 2, 650), |quote| quote.sealed = first.sealed);
    let honest = market.sealed(&rfq, 3, 800);
    let early = market.rfq(2);
    let unasked = market.sealed(&early, 2, 1);
    let items: Vec<Item> = [
        market.signed(first.clone(), 1),
        market.signed(second, 1),
        market.signed(swapped, 2),
        market.request(early.clone()),
        market.request(edited(&early, |rfq| rfq.quantity += 1)),
        market.signed(unasked, 2),
        market.signed(honest, 3),
        market.signed(first, 1),
    ]
    .map(Item::from)
    .into();
    let outcomes = market.ledger.submit_many(items, QUOTING);
    let named: Vec<String> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Ok(_) => "settled".into(),
            Err(SubmitError::Rejected(rejection)) => rejection.code().to_string(),
            Err(SubmitError::Quote(error)) => error.rule().unwrap_or("codec").into(),
            Err(other) => panic!("{other}"),
        })
        .collect();
    // A quote for a request of the same submission has nothing to be verified against.
    assert_eq!(named, ["settled", "1080", "Q6", "settled", "1050", "1000", "settled", "110"]);
}

/// Exclusion and award in one submission: the award counts an exclusion that was not in the log when it was verified.
#[test]
fn an_award_and_its_exclusion_settle_one_after_the_other() {
    let mut scene = opened(305);
    let exclusion = scene.exclusion();
    let ahead = Ledger::open(Box::new(copy(scene.market.ledger.store())), Some(Box::new(FixedOperator))).unwrap();
    ahead.submit(exclude(&exclusion), OPENED).unwrap();
    let here = std::mem::replace(&mut scene.market.ledger, ahead);
    let award = scene.award();
    let items = vec![exclude(&exclusion).into(), exclude(&exclusion).into(), awarded(&award).into()];
    let outcomes = here.submit_many(items, OPENED);
    assert!(outcomes[0].is_ok());
    assert!(matches!(outcomes[1], Err(SubmitError::Rejected(Rejection::Duplicate { .. }))));
    assert!(outcomes[2].is_err());
    here.submit(awarded(&award), OPENED).unwrap();
}

/// The signature of one kind of entry for another, over another box, by another member; none of them is a mere signature on the id.
#[test]
fn signatures_keep_their_kind_and_content() {
    let mut market = Market::new(306, 2);
    let rfq = market.asked(1);
    let owner = market.traders[1].owner;
    let quote = market.sealed(&rfq, 1, 700);
    let Tender::Rfq { signature, .. } = Tender::request(market.hash, rfq.clone(), |m| market.traders[1].signer.sign(m))
    else {
        unreachable!()
    };
    market.refuses(Tender::Quote { quote: quote.clone(), signature }, QUOTING, Rejection::MemberSignature { owner });
    // Sealed anew, the same commitments and E: the same id, another message.
    let again = market.sealed(&rfq, 1, 700);
    assert!(again.id() == quote.id() && again != quote);
    let Tender::Quote { signature, .. } = market.signed(again, 1) else { unreachable!() };
    market.refuses(Tender::Quote { quote: quote.clone(), signature }, QUOTING, Rejection::MemberSignature { owner });
    let unlabelled = market.traders[1].signer.sign(privity_circuits::field::truncate(&quote.id().0));
    let forged = Tender::Quote { quote: quote.clone(), signature: unlabelled };
    market.refuses(forged, QUOTING, Rejection::MemberSignature { owner });
    market.ledger.submit(market.signed(quote, 1), QUOTING).unwrap();
}

/// Members and operators that are revoked ask, answer and endorse nothing; what they logged before stands.
#[test]
fn the_revoked_neither_ask_nor_answer() {
    let mut market = Market::new(307, 2);
    let rfq = market.asked(1);
    let logged = market.quote(&rfq, 1, 700);
    let late = market.sealed(&rfq, 2, 600);
    for index in [0, 1, 2] {
        let owner = market.traders[index].owner;
        market.ledger.enter(EntryBody::Revoke(Revocation::Member(owner)), QUOTING).unwrap();
    }
    let (buyer, supplier) = (market.traders[0].owner, market.traders[2].owner);
    market.refuses(market.request(market.rfq(2)), QUOTING, Rejection::NotAMember { owner: buyer });
    market.refuses(market.signed(late, 2), QUOTING, Rejection::NotAMember { owner: supplier });
    market.ledger.enter(market.open(1), OPENED).unwrap();
    let openings = [market.opening(&rfq, 1, 700)];
    let award = market.award(&rfq, 1, &openings);
    assert_eq!(award.winner, logged.id());
    market.ledger.submit(awarded(&award), OPENED).unwrap();

    let market = Market::new(308, 0);
    let second = Person::new(50);
    market.ledger.enter(EntryBody::Register(Registration::Operator(second.public)), START).unwrap();
    let honest = market.rfq(1);
    let message = Rfq::endorsement(&market.hash.0, honest.buyer, &honest.nonce, &honest.operator_key);
    let other = Rfq { operator: second.id, endorsement: second.sign(message), ..honest.clone() };
    market.ledger.enter(EntryBody::Revoke(Revocation::Operator(second.id)), START).unwrap();
    let operator = second.id;
    market.refuses(market.request(other), START, Rejection::NotAnOperator { operator });
    let signer = EntryBody::Revoke(Revocation::Signer(market.buyer().signer.id));
    market.ledger.enter(signer, START).unwrap();
    market.refuses(market.request(honest.clone()), START, Rejection::MemberSignature { owner: honest.buyer });
}

/// The 1 025th quote: the counter of a request with one quote is set to 1 024 in a copy of the store.
#[test]
fn a_request_takes_as_many_quotes_as_an_award() {
    let mut market = Market::new(309, 2);
    let rfq = market.asked(1);
    let quote = market.sealed(&rfq, 2, 700);
    // Table 21, position 8, time 8, then the number of quotes.
    let key = [&[21], rfq.hash().0.as_slice()].concat();
    let with = |count: u32| {
        let store = copy(market.ledger.store());
        let mut row = store.read().unwrap().get(&key).unwrap().unwrap();
        row[16..20].copy_from_slice(&count.to_be_bytes());
        store.write(&[(key.clone(), row)].into()).unwrap();
        Ledger::open(Box::new(store), Some(Box::new(FixedOperator))).unwrap()
    };
    let tender = market.signed(quote, 2);
    assert_eq!(rejected(with(1_024).submit(tender.clone(), QUOTING)), Rejection::RfqFull);
    with(1_023).submit(tender, QUOTING).unwrap();
}

/// A docket over rows that somebody changed below the ledger: every proof in it is verified again, so none is taken from an index.
#[test]
fn a_docket_trusts_no_index() {
    let mut scene = opened(310);
    let exclusion = scene.exclusion();
    scene.market.ledger.submit(exclude(&exclusion), OPENED).unwrap();
    let (hash, market) = (scene.rfq.hash(), &scene.market);
    let read = |edit: &dyn Fn(&mut MemoryStore)| {
        let mut store = copy(market.ledger.store());
        edit(&mut store);
        let ledger = Ledger::open(Box::new(store), None).unwrap();
        ledger.read(|state| Ok(Docket::read(state, hash).map(|docket| docket.quotes.len()).map_err(|e| e.to_string())))
    };
    let put = |store: &mut MemoryStore, key: Vec<u8>, row: Vec<u8>| store.write(&[(key, row)].into()).unwrap();
    assert_eq!(read(&|_| ()).unwrap(), Ok(3));
    // The secret of another request.
    let key = [&[21], hash.0.as_slice()].concat();
    let other = market.secret(2);
    let swapped = read(&|store| {
        let mut row = store.read().unwrap().get(&key).unwrap().unwrap();
        row[25..57].copy_from_slice(other.to_bytes().as_slice());
        put(store, key.clone(), row);
    });
    assert!(swapped.unwrap().unwrap_err().contains("Q3"));
    // One quote in the place of another: the same twice is no field; an exclusion of a quote that is not there is none.
    let place = |index: u32| [&[23], hash.0.as_slice(), &index.to_be_bytes()].concat();
    let doubled = read(&|store| {
        let row = store.read().unwrap().get(&place(1)).unwrap().unwrap();
        put(store, place(0), row);
    });
    assert!(doubled.unwrap().is_err());
    // An index that points at no quote.
    let nowhere = read(&|store| put(store, place(0), 0u64.to_be_bytes().to_vec()));
    assert!(nowhere.unwrap().is_err());
}
