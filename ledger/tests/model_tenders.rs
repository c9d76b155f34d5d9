//! A second, naive desk for requests and quotes, plain vectors written from the protocol's page, audits random operations on the ledger.

mod common;
#[path = "common/market.rs"]
mod market;

use common::*;
use market::*;
use privity_ledger::*;
use privity_quotes::{Award, Exclusion, Open, Opening, QuoteId, Rfq, RfqHash, SealedQuote};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;

const SUPPLIERS: usize = 4;
/// Seconds within which everything about one request happens.
const SPAN: u64 = 250;

/// A quote as its supplier knows it.
struct Answer {
    supplier: usize,
    quote: SealedQuote,
    price: u64,
    torn: bool,
    excluded: bool,
}

/// A request as everybody reads it in the log.
struct Request {
    nonce: u8,
    rfq: Rfq,
    answers: Vec<Answer>,
    opened: bool,
    winner: Option<QuoteId>,
}

/// The verdict: settled, a code of the ledger, or a rule of the proofs.
type Verdict = Result<(), String>;

/// The first condition that does not hold.
fn first(conditions: &[(bool, &str)]) -> Verdict {
    conditions.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, name)| Err((*name).into()))
}

impl Request {
    fn over(&self, now: u64) -> bool {
        now >= self.rfq.closes + self.rfq.delay && self.winner.is_none()
    }

    /// The lowest price (all lead times are equal), the earliest of them.
    fn best(&self) -> Option<QuoteId> {
        let ranked = self.answers.iter().filter(|answer| !answer.excluded);
        ranked.min_by_key(|answer| answer.price).map(|answer| answer.quote.id())
    }

    fn excluded(&self) -> u16 {
        self.answers.iter().filter(|answer| answer.excluded).count() as u16
    }
}

struct Game {
    market: Market,
    requests: Vec<Request>,
    dice: ChaCha20Rng,
    now: u64,
    counts: BTreeMap<String, usize>,
    /// Messages that are good for a request of their own, to be bent to others.
    exclusion: Exclusion,
    award: Award,
}

impl Game {
    fn new(seed: u64) -> Self {
        let mut market = Market::new(seed, SUPPLIERS);
        let rfq = market.asked(255);
        let torn = malformed(&mut market, &rfq, 1);
        market.quote(&rfq, 2, 5);
        market.ledger.enter(EntryBody::Open(Open { rfq: rfq.hash(), secret: market.secret(255) }), OPENED).unwrap();
        let (secret, buyer) = (market.secret(255), market.buyer_secret(255));
        let exclusion = Exclusion::prove(&rfq, &torn, &secret, &buyer, &mut market.world.rng).unwrap();
        let openings = [market.opening(&rfq, 1, 5), market.opening(&rfq, 2, 5)];
        let award = market.award(&rfq, 255, &openings);
        let dice = ChaCha20Rng::seed_from_u64(seed);
        Self { market, requests: Vec::new(), dice, now: OPENED, counts: BTreeMap::new(), exclusion, award }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.dice.next_u32() as usize % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn settle(&mut self, what: &str, outcome: Result<Receipt, SubmitError>, verdict: &Verdict) -> bool {
        let found = match outcome {
            Ok(_) => Ok(()),
            Err(SubmitError::Rejected(rejection)) => Err(rejection.code().to_string()),
            Err(SubmitError::Quote(error)) => Err(error.rule().unwrap_or("codec").to_owned()),
            Err(other) => panic!("{what}: {other}"),
        };
        assert_eq!(&found, verdict, "{what} at {}", self.now);
        let name = format!("{what} {}", verdict.as_ref().err().map_or("settled", String::as_str));
        *self.counts.entry(name).or_default() += 1;
        found.is_ok()
    }

    fn ask(&mut self) {
        let again = !self.requests.is_empty() && self.one_in(5);
        let count = self.requests.len();
        let nonce = if again { self.roll(count) } else { count } as u8;
        let mut rfq = self.market.rfq(nonce);
        rfq.opens = self.now + self.roll(50) as u64;
        rfq.closes = if self.one_in(8) { self.now } else { rfq.opens + 30 + self.roll(80) as u64 };
        rfq.opens = rfq.opens.min(rfq.closes - 1);
        rfq.delay = 40 + self.roll(100) as u64;
        rfq.quantity = 1 + self.dice.next_u64() % 1_000_000;
        let signer = if self.one_in(8) { 1 } else { 0 };
        let tender = Tender::request(self.market.hash, rfq.clone(), |m| self.market.traders[signer].signer.sign(m));
        let verdict = first(&[(signer == 0, "1020"), (self.now < rfq.closes, "1030"), (!again, "1050")]);
        let outcome = self.market.ledger.submit(tender, self.now);
        if self.settle("request", outcome, &verdict) {
            self.requests.push(Request { nonce, rfq, answers: Vec::new(), opened: false, winner: None });
        }
    }

    fn answer(&mut self, at: usize) {
        let supplier = self.roll(SUPPLIERS + 1);
        let signer = if self.one_in(8) { (supplier + 1) % (SUPPLIERS + 1) } else { supplier };
        let (price, torn, swapped) = (1 + self.roll(5) as u64, self.one_in(3), self.one_in(8));
        let rfq = self.requests[at].rfq.clone();
        let [opening, boxed] = [price, price + 1].map(|price| self.market.opening(&rfq, supplier, price));
        let trader = &self.market.traders[supplier];
        let (owner, ephemeral) = (trader.owner, trader.key.ephemeral(&rfq.hash(), 0));
        let inside = if torn { &boxed } else { &opening };
        let rng = &mut self.market.world.rng;
        let mut quote = SealedQuote::seal_mismatched(&rfq, owner, &ephemeral, &opening, inside, rng).unwrap();
        if swapped {
            quote.sealed[40] ^= 1;
        }
        let tender = Tender::quote(self.market.hash, quote.clone(), |m| self.market.traders[signer].signer.sign(m));
        let request = &self.requests[at];
        let verdict = first(&[
            (signer == supplier, "1020"),
            (supplier != 0, "1060"),
            ((rfq.opens..rfq.closes).contains(&self.now), "1070"),
            (request.answers.iter().all(|answer| answer.supplier != supplier), "1080"),
            (!swapped, "Q6"),
        ]);
        let outcome = self.market.ledger.submit(tender, self.now);
        if self.settle("quote", outcome, &verdict) {
            self.requests[at].answers.push(Answer { supplier, quote, price, torn, excluded: false });
        }
    }

    fn open(&mut self, at: usize) {
        let (wrong, request) = (self.one_in(6), &self.requests[at]);
        let secret = self.market.secret(if wrong { request.nonce + 1 } else { request.nonce });
        let verdict = first(&[
            (self.now >= request.rfq.closes, "1100"),
            (!request.over(self.now), "1110"),
            (!request.opened, "1120"),
            (!wrong, "1130"),
        ]);
        let body = EntryBody::Open(Open { rfq: request.rfq.hash(), secret });
        let outcome = self.market.ledger.enter(body, self.now);
        if self.settle("open", outcome, &verdict) {
            self.requests[at].opened = true;
        }
    }

    /// Evidence against one quote of the request: its own if it is torn, else another's with its name on it.
    fn exclude(&mut self, at: usize) {
        let request = &self.requests[at];
        let chosen = self.dice.next_u32() as usize % (request.answers.len() + 1);
        let answer = request.answers.get(chosen);
        let (secret, buyer) = (self.market.secret(request.nonce), self.market.buyer_secret(request.nonce));
        let rng = &mut self.market.world.rng;
        let own = answer.map(|answer| Exclusion::prove(&request.rfq, &answer.quote, &secret, &buyer, rng));
        let exclusion = match own {
            Some(Ok(exclusion)) => exclusion,
            _ => edited(&self.exclusion, |bent| {
                bent.rfq = request.rfq.hash();
                bent.quote = answer.map_or(QuoteId([1; 32]), |answer| answer.quote.id());
            }),
        };
        let once = !answer.is_some_and(|answer| answer.excluded);
        // The evidence is made anew each time, but what is stated is the same: one identity.
        let verdict = first(&[
            (once, "110"),
            (!request.over(self.now), "1110"),
            (request.opened, "1140"),
            (request.winner.is_none(), "1150"),
            (answer.is_some(), "1160"),
            (answer.is_some_and(|answer| answer.torn), "Q9"),
        ]);
        let outcome = self.market.ledger.submit(Tender::Exclude { exclusion }, self.now);
        if self.settle("exclude", outcome, &verdict) {
            self.requests[at].answers[chosen].excluded = true;
        }
    }

    fn award(&mut self, at: usize) {
        let bend = self.roll(6);
        let request = &self.requests[at];
        let (rfq, nonce) = (request.rfq.clone(), request.nonce);
        let ranked: Vec<_> = request.answers.iter().filter(|answer| !answer.excluded).collect();
        let fair = request.opened && !ranked.is_empty();
        let openings: Vec<Opening> =
            ranked.iter().map(|answer| self.market.opening(&rfq, answer.supplier, answer.price)).collect();
        let unfair = ranked.iter().map(|answer| answer.quote.id()).find(|id| Some(*id) != request.best());
        let mut award = match fair {
            true => self.market.award(&rfq, nonce, &openings),
            false => edited(&self.award, |bent| (bent.rfq, bent.exclusions) = (rfq.hash(), 0)),
        };
        let request = &self.requests[at];
        match bend {
            0 => award.winner = QuoteId([2; 32]),
            1 => award.winner = unfair.unwrap_or(award.winner),
            2 => award.exclusions += 1,
            _ => {}
        }
        let logged = request.answers.iter().any(|answer| answer.quote.id() == award.winner);
        let same = request.winner == Some(award.winner) && award.exclusions == request.excluded();
        let verdict = first(&[
            (!same, "110"),
            (!request.over(self.now), "1110"),
            (request.opened, "1140"),
            (request.winner.is_none(), "1150"),
            (logged, "1160"),
            (award.exclusions == request.excluded(), "1180"),
            (request.best() == Some(award.winner), "Q14"),
        ]);
        let winner = award.winner;
        let outcome = self.market.ledger.submit(Tender::Award { award }, self.now);
        if self.settle("award", outcome, &verdict) {
            self.requests[at].winner = Some(winner);
        }
    }

    fn step(&mut self) {
        self.now += [0, 1, 5, 20][self.roll(4)];
        let live: Vec<usize> =
            (0..self.requests.len()).filter(|at| self.requests[*at].rfq.opens + SPAN > self.now).collect();
        if live.is_empty() || live.len() < 4 && self.one_in(6) {
            return self.ask();
        }
        let at = live[self.roll(live.len())];
        // Mostly what is due, else anything.
        let request = &self.requests[at];
        let due = if self.now < request.rfq.closes { 0 } else { 1 + usize::from(request.opened) };
        let random = self.roll(4);
        match if self.one_in(3) || due == 2 && random > 1 { random } else { due } {
            0 => self.answer(at),
            1 => self.open(at),
            2 => self.exclude(at),
            _ => self.award(at),
        }
        self.compare(at);
    }

    fn compare(&self, at: usize) {
        let request = &self.requests[at];
        let hash: RfqHash = request.rfq.hash();
        let (known, quotes) =
            self.market.ledger.read(|state| Ok((state.rfq(hash)?.unwrap(), state.quotes(hash)?))).unwrap();
        assert!(quotes.iter().eq(request.answers.iter().map(|answer| &answer.quote)));
        assert_eq!((known.quotes as usize, known.exclusions as u16), (request.answers.len(), request.excluded()));
        assert_eq!(known.secret.is_some(), request.opened);
        assert_eq!(known.award.map(|(winner, _)| winner), request.winner);
        let (rfq, now) = (&request.rfq, self.now);
        let phase = match (request.winner, request.opened, request.over(now)) {
            (Some(_), ..) => Phase::Awarded,
            (None, true, true) => Phase::VoidUnawarded,
            (None, false, true) => Phase::VoidUnopened,
            (None, true, false) => Phase::Opened,
            _ if now >= rfq.closes => Phase::Closed,
            _ if now >= rfq.opens => Phase::Quoting,
            _ => Phase::Announced,
        };
        assert_eq!(known.phase(now), phase);
    }
}

#[test]
fn a_naive_desk_agrees_on_random_operations() {
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..size(4, 40) as u64 {
        let mut game = Game::new(400 + seed);
        (0..200).for_each(|_| game.step());
        replayed(&game.market);
        game.counts.into_iter().for_each(|(name, count)| *totals.entry(name).or_default() += count);
    }
    println!("{} operations: {totals:?}", totals.values().sum::<usize>());
    let expected = [
        "request settled",
        "request 1020",
        "request 1030",
        "request 1050",
        "quote settled",
        "quote 1020",
        "quote 1060",
        "quote 1070",
        "quote 1080",
        "quote Q6",
        "open settled",
        "open 1100",
        "open 1110",
        "open 1120",
        "open 1130",
        "exclude settled",
        "exclude 110",
        "exclude 1110",
        "exclude 1140",
        "exclude 1150",
        "exclude 1160",
        "exclude Q9",
        "award settled",
        "award 110",
        "award 1110",
        "award 1140",
        "award 1150",
        "award 1160",
        "award 1180",
        "award Q14",
    ];
    for name in expected {
        assert!(totals.contains_key(name), "no {name}");
    }
}
