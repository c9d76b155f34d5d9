//! Attacks on awards: whoever is not the best cannot win, and the field is the log's.

use super::*;
use crate::commit::pedersen;
use crate::point::Point;
use crate::secrets::OperatorSecret;
use crate::test_support::{Kind, Scene, Subject, Supplier, attack, part, range_parts, rng};
use std::boxed::Box;
use std::vec;

/// Weights are 3 per minor unit and 20 000 per day: the lowest price is late, another is worse by 1, the last is tied with the best.
const BIDS: [(u64, u16); 5] = [(900_000, 10), (500_000, 21), (600_000, 5), (566_667, 10), (600_000, 5)];
const BEST: usize = 2;

/// A scene with its logged quotes and their openings.
struct Contest {
    scene: Scene,
    quotes: Vec<Verified<SealedQuote>>,
    openings: Vec<Opening>,
    open: Verified<Open>,
}

impl Contest {
    fn new(number: u8, bids: &[(u64, u16)]) -> Self {
        let scene = Scene::new(number);
        let bid = |(index, (price, lead)): (usize, &(u64, u16))| {
            let supplier = Supplier::new(index as u8);
            let quote = scene.quote(&supplier, *price, *lead).verify(&scene.rfq).unwrap();
            (quote, supplier.opening(&scene.rfq, *price, *lead))
        };
        let (quotes, openings) = bids.iter().enumerate().map(bid).unzip();
        let open = opened(&scene.rfq, &scene.operator);
        Self { quotes, openings, open, scene }
    }

    fn field(&self) -> Field<'_> {
        Field::new(&self.scene.rfq, &self.quotes, &self.open, []).unwrap()
    }

    fn id(&self, index: usize) -> QuoteId {
        self.quotes[index].get().id()
    }

    fn award(&self) -> Award {
        Award::prove(&self.field(), &self.openings, &self.scene.buyer, &mut rng(1)).unwrap()
    }

    /// What a buyer makes who favours `winner`.
    fn unfair(&self, winner: QuoteId) -> Result<Award, Error> {
        Award::prove_for(&self.field(), winner, &self.openings, &self.scene.buyer, &mut rng(1))
    }
}

fn opened(rfq: &Rfq, secret: &OperatorSecret) -> Verified<Open> {
    Open { rfq: rfq.hash(), secret: secret.clone() }.verify(rfq).unwrap()
}

fn verify(award: &Award, field: &Field<'_>) -> Result<(), Error> {
    award.clone().verify(field).map(drop)
}

#[test]
fn the_lowest_score_wins_then_the_earlier() {
    let contest = Contest::new(1, &BIDS);
    let award = contest.award();
    assert_eq!(award.winner, contest.id(BEST));
    let bytes = award.to_bytes();
    assert_eq!(bytes.len(), 68 + range::proof_bytes(4) + Sigma::<1>::BYTES);
    assert_eq!(Award::from_bytes(&bytes), Ok(award.clone()));
    assert_eq!(award.clone().verify(&contest.field()).unwrap().into_inner(), award);
}

/// The winner first, in the middle and last, with and without padding: both kinds of difference.
#[test]
fn every_place_and_padding() {
    for count in [1usize, 2, 3, 5, 6] {
        for best in [0, count / 2, count - 1] {
            let bids: Vec<_> = (0..count).map(|index| (1_000 + u64::from(index != best), 3)).collect();
            let contest = Contest::new(1, &bids);
            let award = contest.award();
            assert_eq!(award.winner, contest.id(best));
            assert_eq!(award.range.is_empty(), count == 1);
            assert_eq!(verify(&award, &contest.field()), Ok(()), "{count} quotes, winner {best}");
        }
    }
}

/// Scores at the ends of their range: 0 against the greatest.
#[test]
fn extreme_scores() {
    let greatest = ((1 << 48) - 1, u16::MAX);
    for bids in [[greatest, (0, 0)], [(0, 0), greatest], [greatest, greatest]] {
        let contest = Contest::new(1, &bids);
        assert_eq!(verify(&contest.award(), &contest.field()), Ok(()));
    }
    let weights = Weights { price: (1 << 15) - 1, lead: (1 << 15) - 1 };
    assert_eq!(u128::from(weights.score(greatest.0, greatest.1)), 32_767 * ((1u128 << 48) - 1 + 65_535));
}

#[test]
fn whoever_is_not_the_best_cannot_win() {
    let contest = Contest::new(1, &BIDS);
    let field = contest.field();
    // Second best, lowest price but late, tied and later, worst.
    for loser in [3, 1, 4, 0] {
        let award = contest.unfair(contest.id(loser)).unwrap();
        assert_eq!(verify(&award, &field), Err(Error::Best), "quote {loser}");
        // The fair proof under another name.
        let renamed = Award { winner: contest.id(loser), ..contest.award() };
        assert!(verify(&renamed, &field).is_err());
    }
    let absent = QuoteId([9; 32]);
    assert_eq!(contest.unfair(absent).unwrap_err(), Error::Winner);
    assert_eq!(verify(&Award { winner: absent, ..contest.award() }, &field), Err(Error::Winner));
}

/// A buyer who proves over other scores than the log's: the verifier's differences are not those that were proven.
#[test]
fn made_up_openings_do_not_help() {
    let contest = Contest::new(1, &BIDS);
    let mut openings = contest.openings.clone();
    openings.swap(0, 1);
    let made = Award::prove(&contest.field(), &openings, &contest.scene.buyer, &mut rng(1));
    assert_eq!(made.unwrap_err(), Error::Box);
    let fewer = Award::prove(&contest.field(), &openings[..4], &contest.scene.buyer, &mut rng(1));
    assert_eq!(fewer.unwrap_err(), Error::Quotes);
}

#[test]
fn the_field_is_the_whole_log() {
    let contest = Contest::new(1, &BIDS);
    let award = contest.award();
    // One dropped, one added, two exchanged.
    for dropped in [0, 1, 3, 4] {
        let mut quotes = contest.quotes.clone();
        quotes.remove(dropped);
        let field = Field::new(&contest.scene.rfq, &quotes, &contest.open, []).unwrap();
        assert_eq!(verify(&award, &field), Err(Error::Buyer), "without {dropped}");
    }
    let late = contest.scene.quote(&Supplier::new(20), 1_000_000, 1).verify(&contest.scene.rfq).unwrap();
    let field = Field::new(&contest.scene.rfq, contest.quotes.iter().chain([&late]), &contest.open, []).unwrap();
    // Five differences take a proof over eight, so its length is wrong already.
    assert_eq!(verify(&award, &field), Err(Error::Best));
    let mut quotes = contest.quotes.clone();
    quotes.swap(0, 1);
    let field = Field::new(&contest.scene.rfq, &quotes, &contest.open, []).unwrap();
    assert_eq!(verify(&award, &field), Err(Error::Buyer));
    // An award over a part of the log, made by the buyer himself, fails on the whole.
    let part = Field::new(&contest.scene.rfq, &contest.quotes[3..], &contest.open, []).unwrap();
    let partial = Award::prove(&part, &contest.openings[3..], &contest.scene.buyer, &mut rng(2)).unwrap();
    assert_eq!(verify(&partial, &part), Ok(()));
    assert!(verify(&partial, &contest.field()).is_err());
}

/// The range proof is bound apart from the proof under P_rfq: one made over a part, signed anew over the whole, fails.
#[test]
fn a_foreign_range_proof_is_refused() {
    let contest = Contest::new(1, &BIDS);
    let field = contest.field();
    let mut award = contest.award();
    let (winner, key) = (award.winner, field.rfq.key);
    let part = Field::new(&contest.scene.rfq, &contest.quotes[1..], &contest.open, []).unwrap();
    let other = Award::prove_for(&part, winner, &contest.openings[1..], &contest.scene.buyer, &mut rng(2)).unwrap();
    assert_eq!(verify(&other, &part), Ok(()));
    for range in [other.range, Vec::new()] {
        let mut transcript = field.transcript(&winner);
        transcript.absorb_bytes(b"range proof", &range);
        award.proof =
            Sigma::prove(&mut transcript, &[Relation::of_base(key)], contest.scene.buyer.scalar(), &mut rng(3))
                .unwrap();
        award.range = range;
        assert_eq!(verify(&award, &field), Err(Error::Best));
    }
}

#[test]
fn another_request_or_buyer_is_refused() {
    let (contest, other) = (Contest::new(1, &BIDS), Contest::new(2, &BIDS));
    let award = contest.award();
    assert_eq!(verify(&award, &other.field()), Err(Error::Foreign));
    let mixed = Field::new(&other.scene.rfq, &contest.quotes, &other.open, []);
    assert_eq!(mixed.unwrap_err(), Error::Foreign);
    let opened = Field::new(&contest.scene.rfq, &contest.quotes, &other.open, []);
    assert_eq!(opened.unwrap_err(), Error::Foreign);
    let stranger = Award::prove(&contest.field(), &contest.openings, &other.scene.buyer, &mut rng(1));
    assert_eq!(stranger.unwrap_err(), Error::Buyer);
    let posed = Award { rfq: other.scene.rfq.hash(), winner: other.id(BEST), ..award };
    assert!(verify(&posed, &other.field()).is_err());
}

#[test]
fn a_field_takes_each_quote_once() {
    let contest = Contest::new(1, &BIDS[..2]);
    let of = |quotes: &[&Verified<SealedQuote>]| {
        Field::new(&contest.scene.rfq, quotes.iter().copied(), &contest.open, []).map(drop)
    };
    let [one, two] = [&contest.quotes[0], &contest.quotes[1]];
    assert_eq!(of(&[one, two]), Ok(()));
    assert_eq!(of(&[one, two, one]), Err(Error::Quotes));
    assert_eq!(of(&[]), Err(Error::Quotes));
}

/// One more than the range proof has places for. All but one are out, their seals being the first one's.
#[test]
fn a_field_takes_as_many_quotes_as_a_proof() {
    let contest = Contest::new(1, &BIDS[..1]);
    let mut quotes = contest.quotes.clone();
    for index in 1..=MAX_QUOTES as u64 {
        let mut quote = contest.quotes[0].get().clone();
        quote.supplier = privity_circuits::keys::Owner::new(privity_circuits::Fr::from(50_000 + index));
        quotes.push(Verified::new(quote));
    }
    let of = |count: usize| Field::new(&contest.scene.rfq, &quotes[..count], &contest.open, []).map(drop);
    assert_eq!((of(MAX_QUOTES), of(MAX_QUOTES + 1)), (Ok(()), Err(Error::Quotes)));
}

/// One quote of the field lies: its box opens to another price.
fn with_a_liar() -> (Contest, Verified<Exclusion>) {
    let mut contest = Contest::new(1, &BIDS);
    let supplier = Supplier::new(30);
    let rfq = &contest.scene.rfq;
    let (committed, boxed) = (supplier.opening(rfq, 1, 1), supplier.opening(rfq, 2, 1));
    let ephemeral = supplier.ephemeral(rfq);
    let quote = SealedQuote::seal_mismatched(rfq, supplier.owner, &ephemeral, &committed, &boxed, &mut rng(5)).unwrap();
    let quote = quote.verify(rfq).unwrap();
    let made = Exclusion::prove(rfq, quote.get(), &contest.scene.operator, &contest.scene.buyer, &mut rng(6)).unwrap();
    let exclusion = made.verify(rfq, quote.get(), &contest.scene.operator).unwrap();
    contest.quotes.insert(1, quote);
    (contest, exclusion)
}

#[test]
fn the_excluded_are_not_ranked() {
    let (contest, exclusion) = with_a_liar();
    let rfq = &contest.scene.rfq;
    let field = Field::new(rfq, &contest.quotes, &contest.open, [&exclusion]).unwrap();
    assert_eq!(field.ranked().count(), BIDS.len());
    assert_eq!(field.quotes().nth(1), Some((contest.id(1), Standing::Excluded)));
    let award = Award::prove(&field, &contest.openings, &contest.scene.buyer, &mut rng(1)).unwrap();
    assert_eq!(award.winner, contest.id(BEST + 1));
    assert_eq!(verify(&award, &field), Ok(()));
    // The excluded cannot win, and an award that ranks them or forgets the exclusion is another.
    let excluded = Award::prove_for(&field, contest.id(1), &contest.openings, &contest.scene.buyer, &mut rng(1));
    assert_eq!(excluded.unwrap_err(), Error::Winner);
    assert_eq!(verify(&Award { winner: contest.id(1), ..award.clone() }, &field), Err(Error::Winner));
    let all = Field::new(rfq, &contest.quotes, &contest.open, []).unwrap();
    assert_eq!(verify(&award, &all), Err(Error::Stale));
    assert!(verify(&Award { exclusions: 0, ..award }, &all).is_err());
    // An exclusion of a quote that the log does not have, or of another RFQ.
    let others = Contest::new(1, &BIDS);
    assert_eq!(Field::new(rfq, &others.quotes, &contest.open, [&exclusion]).unwrap_err(), Error::Foreign);
    let other = Contest::new(2, &BIDS);
    let foreign = Field::new(&other.scene.rfq, &other.quotes, &other.open, [&exclusion]);
    assert_eq!(foreign.unwrap_err(), Error::Foreign);
}

/// A quote whose outer seal does not open never blocks the award.
#[test]
fn a_broken_seal_is_out_by_itself() {
    let mut contest = Contest::new(1, &BIDS);
    let supplier = Supplier::new(31);
    let rfq = &contest.scene.rfq;
    let (ephemeral, opening) = (supplier.ephemeral(rfq), supplier.opening(rfq, 1, 1));
    let quote = SealedQuote::with_seal(rfq, supplier.owner, &ephemeral, &opening, [3; _], &mut rng(1)).unwrap();
    contest.quotes.insert(0, quote.verify(rfq).unwrap());
    let field = contest.field();
    assert_eq!(field.quotes().next(), Some((contest.id(0), Standing::Unsealed)));
    let award = Award::prove(&field, &contest.openings, &contest.scene.buyer, &mut rng(1)).unwrap();
    assert_eq!(verify(&award, &field), Ok(()));
    assert_eq!(award.winner, contest.id(BEST + 1));
}

/// A field that differs from `field` in one element of the statement; owned, so that it outlives the test's closures.
fn other_statements() -> Vec<(&'static str, Contest, Award)> {
    let bids = &BIDS[..3];
    let edits: [crate::test_support::Edit<'_, Contest>; 6] = [
        ("price weight", &|contest| contest.scene.rfq.weights.price ^= 1),
        ("lead weight", &|contest| contest.scene.rfq.weights.lead ^= 1),
        ("key", &|contest| contest.scene.rfq.key = contest.quotes[0].get().ephemeral),
        ("supplier", &|contest| {
            let mut quote = contest.quotes[1].get().clone();
            quote.supplier = Supplier::new(40).owner;
            contest.quotes[1] = Verified::new(quote);
        }),
        ("price commitment", &|contest| {
            let mut quote = contest.quotes[0].get().clone();
            quote.commitments.price = Point::new(quote.commitments.price.point() + pedersen().B).unwrap();
            contest.quotes[0] = Verified::new(quote);
        }),
        ("lead commitment", &|contest| {
            let mut quote = contest.quotes[1].get().clone();
            quote.commitments.lead = Point::new(quote.commitments.lead.point() + pedersen().B_blinding).unwrap();
            contest.quotes[1] = Verified::new(quote);
        }),
    ];
    let edited = edits.iter().map(|(name, edit)| {
        let mut contest = Contest::new(1, bids);
        let mut award = contest.award();
        edit(&mut contest);
        // The ids follow the statement, as a hostile log's would.
        let hash = contest.scene.rfq.hash();
        for quote in &mut contest.quotes {
            let mut moved = quote.get().clone();
            moved.rfq = hash;
            *quote = Verified::new(moved);
        }
        contest.open = opened(&contest.scene.rfq, &contest.scene.operator);
        (award.rfq, award.winner) = (hash, contest.id(BEST));
        (*name, contest, award)
    });
    edited.collect()
}

#[test]
fn every_part_is_bound() {
    let contest = Contest::new(1, &BIDS[..3]);
    let field = contest.field();
    let bytes = contest.award().to_bytes();
    let of = |bytes: &[u8], field: &Field<'_>| Award::from_bytes(bytes)?.verify(field).map(drop);
    let others: Vec<_> = other_statements();
    let others = others
        .iter()
        .map(|(name, contest, award)| {
            // Outer seals name the quote, so a renamed one is out; it stays ranked here, or the difference would hide the attack.
            let mut field = contest.field_unsealed();
            field.quotes.iter_mut().for_each(|(_, _, standing)| *standing = Standing::In);
            let verifier: crate::test_support::Verify<'_> = Box::new(move |bytes| of(bytes, &field));
            (*name, award.to_bytes(), verifier)
        })
        .collect();
    let mut parts = vec![
        part("rfq", 32, Kind::Id, 0),
        part("winner", 32, Kind::Id, 0),
        part("exclusions", 2, Kind::Id, 0),
        part("length", 2, Kind::Id, 0),
    ];
    parts.extend(range_parts(2, 0));
    parts.extend([part("announcement", 32, Kind::Point, 0), part("response", 32, Kind::Scalar, 1)]);
    let subject = Subject { name: "award", bytes, parts, verify: Box::new(|bytes| of(bytes, &field)), others };
    let damaged = if std::env::var_os("PRIVITY_LONG").is_some() { 100_000 } else { 2_000 };
    attack(&subject, damaged, &mut rng(4));
}

impl Contest {
    /// The field whatever the seals say.
    fn field_unsealed(&self) -> Field<'_> {
        let quotes = self.quotes.iter().map(|quote| (quote.get(), quote.get().id(), Standing::In)).collect();
        Field { rfq: &self.scene.rfq, hash: self.scene.rfq.hash(), quotes }
    }
}

/// Larger fields: 63 others fill a power of two. `PRIVITY_LONG=1` runs 1 024 and refuses one more.
#[test]
fn large_fields() {
    let long = std::env::var_os("PRIVITY_LONG").is_some();
    let count = if long { MAX_QUOTES } else { 33 };
    let scene = Scene::new(1);
    // The log's rule of one quote per member is not the award's; the prices are distinct, so the quotes are.
    let supplier = Supplier::new(1);
    let bids = (0..=count as u64).map(|index| {
        let price = 10_000 + index * 7_919 % 4_099;
        (scene.quote(&supplier, price, 1).verify(&scene.rfq).unwrap(), supplier.opening(&scene.rfq, price, 1))
    });
    let (quotes, openings): (Vec<_>, Vec<_>) = bids.unzip();
    let open = opened(&scene.rfq, &scene.operator);
    let field = Field::new(&scene.rfq, &quotes[..count], &open, []).unwrap();
    let award = Award::prove(&field, &openings[..count], &scene.buyer, &mut rng(1)).unwrap();
    assert_eq!(award.winner, quotes[0].get().id());
    assert_eq!(verify(&award, &field), Ok(()));
    assert_eq!(Field::new(&scene.rfq, &quotes, &open, []).is_err(), long);
}
