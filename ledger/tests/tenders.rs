//! Requests for quotation, sealed quotes, exclusions and awards: every refusal by name beside an honest twin (section 6, pitfalls 45,
//! 46 and 49).

mod common;
#[path = "common/market.rs"]
mod market;

use common::*;
use market::*;
use privity_circuits::field::truncate;
use privity_circuits::keys::Owner;
use privity_circuits::{Domain, Fr, hash};
use privity_ledger::*;
use privity_quotes::{Error, Exclusion, Open, Opening, QuoteId, Rfq, RfqHash, SealedQuote};
use sha2::{Digest, Sha256};

/// The whole story: a malformed quote is excluded, the lower of the others wins, nothing follows.
#[test]
fn a_request_is_answered_opened_and_awarded() {
    let mut market = Market::new(200, 3);
    let rfq = market.asked(1);
    let hash = rfq.hash();
    assert_eq!(market.phase(hash, START), Phase::Announced);
    let torn = malformed(&mut market, &rfq, 1);
    let (dear, cheap) = (market.quote(&rfq, 2, 900), market.quote(&rfq, 3, 800));
    assert_eq!(market.phase(hash, QUOTING), Phase::Quoting);
    assert_eq!(market.phase(hash, CLOSES), Phase::Closed);
    market.ledger.enter(market.open(1), OPENED).unwrap();
    assert_eq!(market.phase(hash, OPENED), Phase::Opened);
    let (secret, buyer) = (market.secret(1), market.buyer_secret(1));
    assert_eq!(torn.open(&secret, &buyer.shared(&torn.ephemeral)).unwrap_err(), Error::Box);
    let exclusion = Exclusion::prove(&rfq, &torn, &secret, &buyer, &mut market.world.rng).unwrap();
    let openings: Vec<Opening> =
        [&dear, &cheap].map(|quote| quote.open(&secret, &buyer.shared(&quote.ephemeral)).unwrap()).into();
    assert_eq!([openings[0].price(), openings[1].price()], [900, 800]);
    market.ledger.submit(Tender::Exclude { exclusion: exclusion.clone() }, OPENED).unwrap();
    let award = market.award(&rfq, 1, &openings);
    market.ledger.submit(Tender::Award { award: award.clone() }, OPENED).unwrap();
    let tendering = market.ledger.read(|state| Ok(state.rfq(hash)?.unwrap())).unwrap();
    assert_eq!(tendering.award.map(|(winner, _)| winner), Some(cheap.id()));
    assert_eq!(market.phase(hash, OPENED + DELAY_OF_AWARD), Phase::Awarded);
    assert_eq!(market.ledger.read(|state| state.award(hash)).unwrap(), Some(award.clone()));
    market.refuses(Tender::Exclude { exclusion }, OPENED, Rejection::Duplicate { position: tendering.position + 5 });
    market.refuses(Tender::Award { award }, OPENED, Rejection::Duplicate { position: tendering.position + 6 });
    replayed(&market);
}

#[test]
fn who_asks_is_a_member_and_signs_all_of_it() {
    let market = Market::new(201, 1);
    let honest = market.rfq(1);
    let owner = market.buyer().owner;
    let stranger = Tender::request(market.hash, honest.clone(), |message| market.traders[1].signer.sign(message));
    market.refuses(stranger, START, Rejection::MemberSignature { owner });
    let Tender::Rfq { signature, .. } = market.request(honest.clone()) else { unreachable!() };
    let replayed = Tender::Rfq { rfq: market.rfq(2), signature };
    market.refuses(replayed, START, Rejection::MemberSignature { owner });
    let other = Owner::new(Fr::from(4u64));
    let nobody = Rfq { buyer: other, ..honest.clone() };
    market.refuses(market.request(nobody), START, Rejection::NotAMember { owner: other });
    let foreign = Rfq { ledger: [3; 32], ..honest.clone() };
    market.refuses(market.request(foreign), START, Rejection::ForeignLedger);
    let (closes, now) = (CLOSES, CLOSES);
    market.refuses(market.request(honest.clone()), CLOSES, Rejection::ClosesInThePast { closes, now });
    market.ledger.submit(market.request(honest), START).unwrap();
}

/// Pitfall 49.
#[test]
fn the_sealing_key_is_the_operators_and_of_this_request_alone() {
    let market = Market::new(202, 1);
    let honest = market.rfq(1);
    let own = material(50).operator_secret(&[1; 32], market.buyer().owner, &[1; 32]).public();
    let chosen = Rfq { operator_key: own, ..honest.clone() };
    market.refuses(market.request(chosen), START, Rejection::Endorsement);
    let message = Rfq::endorsement(&market.hash.0, market.buyer().owner, &honest.nonce, &own);
    let buyer = &market.buyer().signer;
    let endorsed = Rfq { operator_key: own, endorsement: buyer.sign(message), ..honest.clone() };
    market.refuses(market.request(endorsed.clone()), START, Rejection::Endorsement);
    let posed = Rfq { operator: buyer.id, ..endorsed };
    market.refuses(market.request(posed), START, Rejection::NotAnOperator { operator: buyer.id });
    market.ledger.submit(market.request(honest.clone()), START).unwrap();
    // The operator's key again, endorsed for a second nonce; P_rfq again with a new key of the operator.
    let second = market.rfq(2);
    let message = Rfq::endorsement(&market.hash.0, second.buyer, &second.nonce, &honest.operator_key);
    let endorsement = market.world.operator.sign(message);
    let reused = Rfq { operator_key: honest.operator_key, endorsement, ..second.clone() };
    market.refuses(market.request(reused), START, Rejection::RfqKeyUsed);
    market.refuses(market.request(Rfq { key: honest.key, ..second.clone() }), START, Rejection::RfqKeyUsed);
    market.ledger.submit(market.request(second), START).unwrap();
}

#[test]
fn quotes_come_in_time_once_from_members() {
    let mut market = Market::new(203, 2);
    let rfq = market.rfq(1);
    let quote = market.sealed(&rfq, 1, 700);
    market.refuses(market.signed(quote.clone(), 1), QUOTING, Rejection::UnknownRfq { rfq: rfq.hash() });
    let mut market = Market::new(203, 2);
    let rfq = market.asked(1);
    let quote = market.sealed(&rfq, 1, 700);
    let tender = market.signed(quote.clone(), 1);
    let (owner, opens, closes) = (market.traders[1].owner, OPENS, CLOSES);
    market.refuses(tender.clone(), OPENS - 1, Rejection::NotQuoting { opens, closes, now: OPENS - 1 });
    market.refuses(market.signed(quote.clone(), 2), QUOTING, Rejection::MemberSignature { owner });
    // Its own, in another's name: the proof is of the supplier it names.
    let stolen = edited(&quote, |quote| quote.supplier = market.traders[2].owner);
    let settled = market.ledger.submit(market.signed(stolen, 2), QUOTING);
    assert!(matches!(settled, Err(SubmitError::Quote(Error::Range | Error::Ephemeral))));
    let own = market.sealed(&rfq, 0, 700);
    market.refuses(market.signed(own, 0), QUOTING, Rejection::OwnRfq);
    market.ledger.submit(tender.clone(), OPENS).unwrap();
    let position = market.ledger.read(|state| Ok(state.position())).unwrap() - 1;
    market.refuses(tender, QUOTING, Rejection::Duplicate { position });
    let key = market.traders[1].key.clone();
    let opening = key.opening(&rfq.hash(), 1, 600, 7).unwrap();
    let second =
        SealedQuote::seal(&rfq, owner, &key.ephemeral(&rfq.hash(), 1), &opening, &mut market.world.rng).unwrap();
    market.refuses(market.signed(second, 1), QUOTING, Rejection::QuotedAlready { owner });
    let late = market.sealed(&rfq, 2, 1);
    market.refuses(market.signed(late.clone(), 2), CLOSES, Rejection::NotQuoting { opens, closes, now: CLOSES });
    market.ledger.submit(market.signed(late, 2), CLOSES - 1).unwrap();
}

/// Pitfall 45: an operator that swaps the box of a quote is found out by the quote's own proof.
#[test]
fn a_swapped_box_is_refused() {
    let mut market = Market::new(204, 2);
    let rfq = market.asked(1);
    let (mut quote, other) = (market.sealed(&rfq, 1, 700), market.sealed(&rfq, 2, 900));
    quote.sealed = other.sealed;
    let settled = market.ledger.submit(market.signed(quote, 1), QUOTING);
    assert!(matches!(settled, Err(SubmitError::Quote(Error::Range | Error::Ephemeral))), "{settled:?}");
    let honest = market.sealed(&rfq, 1, 700);
    market.ledger.submit(market.signed(honest, 1), QUOTING).unwrap();
}

#[test]
fn the_secret_comes_after_closing_once_and_in_time() {
    let market = Market::new(205, 1);
    market.asked(1);
    market.asked(2);
    let (ledger, closes) = (&market.ledger, CLOSES);
    let unknown = EntryBody::Open(Open { rfq: RfqHash([1; 32]), secret: market.secret(1) });
    assert_eq!(rejected(ledger.enter(unknown, CLOSES)), Rejection::UnknownRfq { rfq: RfqHash([1; 32]) });
    let early = ledger.enter(market.open(1), CLOSES - 1);
    assert_eq!(rejected(early), Rejection::NotClosed { closes, now: CLOSES - 1 });
    let foreign = EntryBody::Open(Open { rfq: market.rfq(1).hash(), secret: market.secret(2) });
    assert_eq!(rejected(ledger.enter(foreign, CLOSES)), Rejection::OpenSecret);
    ledger.enter(market.open(1), CLOSES).unwrap();
    assert_eq!(rejected(ledger.enter(market.open(1), CLOSES)), Rejection::OpenedAlready);
    let ends = CLOSES + DELAY_OF_AWARD;
    let late = ledger.enter(market.open(2), ends);
    assert_eq!(rejected(late), Rejection::RfqVoid { ends, now: ends });
    assert_eq!(market.phase(market.rfq(2).hash(), ends), Phase::VoidUnopened);
    assert_eq!(market.phase(market.rfq(1).hash(), ends), Phase::VoidUnawarded);
}

#[test]
fn exclusions_and_awards_follow_the_opening() {
    let mut market = Market::new(206, 3);
    let rfq = market.asked(1);
    let torn = malformed(&mut market, &rfq, 1);
    let good = market.quote(&rfq, 2, 900);
    let again = malformed(&mut market, &rfq, 3);
    let (secret, buyer) = (market.secret(1), market.buyer_secret(1));
    let exclusion = Exclusion::prove(&rfq, &torn, &secret, &buyer, &mut market.world.rng).unwrap();
    let second = Exclusion::prove(&rfq, &again, &secret, &buyer, &mut market.world.rng).unwrap();
    let exclude = |exclusion: &Exclusion| Tender::Exclude { exclusion: exclusion.clone() };
    market.refuses(exclude(&exclusion), OPENED, Rejection::NotOpened);
    market.ledger.enter(market.open(1), OPENED).unwrap();
    // An honest quote cannot be excluded: the evidence of the torn one does not fit it.
    assert!(Exclusion::prove(&rfq, &good, &secret, &buyer, &mut market.world.rng).is_err());
    let moved = edited(&exclusion, |exclusion| exclusion.quote = good.id());
    let settled = market.ledger.submit(exclude(&moved), OPENED);
    assert!(matches!(settled, Err(SubmitError::Quote(Error::Shared))), "{settled:?}");
    let absent = edited(&exclusion, |exclusion| exclusion.quote = QuoteId([5; 32]));
    market.refuses(exclude(&absent), OPENED, Rejection::UnknownQuote { quote: absent.quote });
    market.ledger.submit(exclude(&exclusion), OPENED).unwrap();
    // The other torn quote is still in; the buyer has no opening of it and must exclude it first.
    market.ledger.submit(exclude(&second), OPENED).unwrap();
    let openings = [good.open(&secret, &buyer.shared(&good.ephemeral)).unwrap()];
    let award = market.award(&rfq, 1, &openings);
    let stale = edited(&award, |award| award.exclusions = 1);
    market.refuses(Tender::Award { award: stale }, OPENED, Rejection::ExclusionsChanged { found: 1, expected: 2 });
    let renamed = edited(&award, |award| award.winner = torn.id());
    let settled = market.ledger.submit(Tender::Award { award: renamed }, OPENED);
    assert!(matches!(settled, Err(SubmitError::Quote(Error::Winner))), "{settled:?}");
    let ends = CLOSES + DELAY_OF_AWARD;
    let mut late = Market::new(206, 3);
    late.ledger = Ledger::open(Box::new(copy(market.ledger.store())), Some(Box::new(FixedOperator))).unwrap();
    late.refuses(Tender::Award { award: award.clone() }, ends, Rejection::RfqVoid { ends, now: ends });
    market.ledger.submit(Tender::Award { award }, ends - 1).unwrap();
    replayed(&market);
}

/// Pitfall 46: a stolen identity does not serve for requests that were open when it was stolen.
#[test]
fn a_signer_that_took_over_by_delay_does_not_quote_for_open_requests() {
    let mut market = Market::new(207, 1);
    let rfq = {
        let mut rfq = market.rfq(1);
        rfq.closes = START + 10 * DELAY;
        market.ledger.submit(market.request(rfq.clone()), START).unwrap();
        rfq
    };
    let owner = market.traders[1].owner;
    let thief = Person::new(900);
    let admission = Admission { owner, signer: thief.public, consent: None };
    market.ledger.enter(EntryBody::Member(admission), START + 1).unwrap();
    let later = START + 2 * DELAY;
    let quote = market.sealed(&rfq, 1, 700);
    let stolen = Tender::quote(market.hash, quote.clone(), |message| thief.sign(message));
    market.refuses(stolen.clone(), later, Rejection::MemberSignature { owner });
    // Nor after handing over once more, with the consent of the signer that took over.
    let next = Person::new(901);
    let consent = Some(thief.sign(Admission::consent(market.hash, owner, 1, &next.public)));
    let handed = EntryBody::Member(Admission { owner, signer: next.public, consent });
    market.ledger.enter(handed, later).unwrap();
    market.refuses(
        Tender::quote(market.hash, quote.clone(), |message| next.sign(message)),
        later,
        Rejection::MemberSignature { owner },
    );
    // For a request logged afterwards it does.
    let mut fresh = market.rfq(2);
    fresh.closes = START + 10 * DELAY;
    let tender = market.request(fresh.clone());
    market.ledger.submit(tender, later).unwrap();
    let quote = market.sealed(&fresh, 1, 700);
    market.ledger.submit(Tender::quote(market.hash, quote, |message| next.sign(message)), later).unwrap();
}

#[test]
fn bytes_have_one_encoding() {
    let mut market = Market::new(208, 2);
    let rfq = market.asked(1);
    let quote = market.quote(&rfq, 1, 900);
    market.ledger.enter(market.open(1), OPENED).unwrap();
    let openings = [market.opening(&rfq, 1, 900)];
    let award = market.award(&rfq, 1, &openings);
    let items: [Item; 4] = [
        market.request(rfq).into(),
        market.signed(quote, 1).into(),
        Tender::Award { award }.into(),
        market
            .ledger
            .records(0, 1_000)
            .map(|all| all.into_iter().rev().map(|record| Item::from_bytes(&record.body).unwrap()).next().unwrap())
            .unwrap(),
    ];
    for item in items {
        let bytes = item.to_bytes();
        assert_eq!(Item::from_bytes(&bytes).unwrap().to_bytes(), bytes);
        for length in 0..bytes.len() {
            assert!(Item::from_bytes(&bytes[..length]).is_err());
        }
        assert!(Item::from_bytes(&[bytes.clone(), vec![0]].concat()).is_err());
        let record = Record { position: 0, time: 0, previous: [0; 32], body: bytes };
        Item::from_log(&record).unwrap();
    }
}

/// Identities and what signers sign, computed again from the page on bytes.
#[test]
fn identities_are_those_of_the_page() {
    let mut market = Market::new(209, 2);
    for item in market.story() {
        let Item::Tender(tender) = item else { continue };
        let bytes = tender.to_bytes();
        let (kind, rfq) = (bytes[0], tender.rfq().0);
        let stated: Vec<u8> = match &*tender {
            Tender::Rfq { .. } => Vec::new(),
            Tender::Quote { quote, .. } => [&quote.id().0[..], &quote.sealed].concat(),
            Tender::Exclude { exclusion } => [&exclusion.quote.0[..], exclusion.shared.as_bytes()].concat(),
            Tender::Award { award } => [&award.winner.0[..], &award.exclusions.to_be_bytes()].concat(),
        };
        let digest = |parts: &[&[u8]]| -> [u8; 32] { Sha256::digest(parts.concat()).into() };
        let id = digest(&[b"privity.tender.v1", &market.hash.0, &[kind], &rfq, &stated]);
        assert_eq!(tender.id(market.hash).0, id);
        let message = match &*tender {
            Tender::Rfq { .. } | Tender::Quote { .. } => &bytes[1..bytes.len() - 48],
            Tender::Exclude { .. } => &bytes[1..],
            Tender::Award { .. } => &bytes[5..],
        };
        let signed = digest(&[b"privity.tender-entry.v1", &market.hash.0, &[kind], message]);
        let expected = hash(Domain::Entry, &[truncate(&signed)]);
        assert_eq!(tender.message(market.hash), expected);
    }
}
