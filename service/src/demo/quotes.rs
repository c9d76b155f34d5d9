//! The scene of sealed quotes: five suppliers answer, one of them malformed, one too late; the award, and the link to the deal.

use super::DemoError;
use super::attack::Attack;
use super::integers;
use super::narrator::{instant, money};
use super::story::Story;
use super::world::Role;
use crate::terms;
use privity_circuits::field::truncate;
use privity_circuits::terms::{DocumentHash, TermsId};
use privity_ledger::{Admission, Docket, EntryBody, Rejection, SubmitError, Tender};
use privity_quotes::{Error, Exclusion, Open, QuotingKey, Rfq, RfqHash, SealedQuote, Weights};
use privity_wallet::quotes::{Ask, check_link};
use privity_wallet::{Seed, Wallet};
use rand::RngCore;
use rand::rngs::OsRng;

const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// A supplier beside the one that will win: what it asks on top of the winner's total, in per cent.
const DEARER: [u64; 4] = [3, 8, 10, 12];

/// What is left of the scene for the end of the deal.
pub struct Awarded {
    /// The request.
    pub rfq: RfqHash,
    loser: Wallet,
}

impl Story {
    /// The buyer asks, five suppliers answer, the best wins; a loser verifies it.
    pub(super) fn quotes(&mut self) -> Result<Awarded, DemoError> {
        self.narrator.scene("Sealed quotes: nobody reads one before closing, everybody verifies the award");
        let mut bidders = Vec::new();
        for _ in DEARER {
            let wallet = Wallet::new(Seed::generate(&mut OsRng), &self.world.genesis, 1).map_err(DemoError::other)?;
            let member = wallet.member().map_err(DemoError::other)?;
            let (owner, signer) = (member.owner, member.signer.public);
            self.world.operate(EntryBody::Member(Admission { owner, signer, consent: None }))?;
            bidders.push(wallet);
        }
        let mut material = [0; 64];
        OsRng.fill_bytes(&mut material);
        let operator = QuotingKey::from_wide(&material);
        let (rfq, lead) = self.ask(&operator)?;
        let torn = self.answer(&rfq, lead, &mut bidders)?;
        self.world.advance(rfq.closes)?;
        self.late(&rfq, lead, &mut bidders[3])?;
        self.open(&rfq, &operator)?;
        self.exclude(&rfq, &torn)?;
        self.award(&rfq)?;
        Ok(Awarded { rfq: rfq.hash(), loser: bidders.swap_remove(0) })
    }

    /// The request, and the days until the order is due.
    fn ask(&mut self, operator: &QuotingKey) -> Result<(Rfq, u16), DemoError> {
        let (closes, mut nonce) = (self.world.now + HOUR, [0; 32]);
        OsRng.fill_bytes(&mut nonce);
        let ask = Ask {
            document: DocumentHash::new(truncate(&self.inputs.document_hash)),
            currency: self.currency,
            exponent: self.inputs.config.token.exponent,
            quantity: self.inputs.quantity,
            weights: Weights { price: 10, lead: 1 },
            opens: self.world.now,
            closes,
            delay: DAY,
        };
        let buyer = self.world.wallet(Role::Buyer)?;
        let request = buyer.rfq_key(0, nonce).map_err(DemoError::other)?;
        let grant = request.grant(&self.world.operator, operator);
        let tender = buyer.rfq(0, &ask, &grant, &mut OsRng).map_err(DemoError::other)?;
        let Tender::Rfq { rfq, .. } = &tender else { return Err(DemoError::Missing("the request")) };
        let rfq = rfq.clone();
        self.world.settle(tender)?;
        self.narrator.say(format!("the buyer asks; quotes until {}, ranked by 10·price + days", instant(closes)));
        let lead = self.inputs.due.saturating_sub(closes).div_ceil(DAY);
        Ok((rfq, u16::try_from(lead).map_err(DemoError::other)?))
    }

    /// The supplier's total is its deal's; two are dearer, one holds another price in its box than in its commitments.
    fn answer(&mut self, rfq: &Rfq, lead: u16, bidders: &mut [Wallet]) -> Result<SealedQuote, DemoError> {
        let terms = terms::terms(&self.inputs, &self.roles()?);
        let total = privity_wallet::deal::quote(&terms, &self.world.policy).map_err(DemoError::other)?.price.total;
        let supplier = self.world.wallets.get_mut(&Role::Supplier).ok_or(DemoError::Missing("supplier"))?;
        let tender = supplier.quote(0, rfq, (total, lead), &mut OsRng).map_err(DemoError::other)?;
        self.world.settle(tender)?;
        for (bidder, percent) in bidders.iter_mut().zip(DEARER).take(2) {
            let price = total + total * percent / 100;
            let tender = bidder.quote(0, rfq, (price, lead), &mut OsRng).map_err(DemoError::other)?;
            self.world.settle(tender)?;
        }
        let member = bidders[2].member().map_err(DemoError::other)?;
        let (key, hash) = (member.quoting_key(), rfq.hash());
        let opening = key.opening(&hash, 0, 1, lead).map_err(DemoError::other)?;
        let boxed = key.opening(&hash, 0, total, lead).map_err(DemoError::other)?;
        let ephemeral = key.ephemeral(&hash, 0);
        let torn = SealedQuote::seal_mismatched(rfq, member.owner, &ephemeral, &opening, &boxed, &mut OsRng);
        let torn = torn.map_err(DemoError::other)?;
        let sign = |message| member.signer.sign(message, &mut OsRng);
        let tender = Tender::quote(self.world.genesis.ledger(), torn.clone(), sign);
        self.world.settle(tender)?;
        self.narrator.say("four quotes logged; one hides a price of 1 and boxes another");
        Ok(torn)
    }

    fn late(&mut self, rfq: &Rfq, lead: u16, bidder: &mut Wallet) -> Result<(), DemoError> {
        let tender = bidder.quote(0, rfq, (1, lead), &mut OsRng).map_err(DemoError::other)?;
        let outcome = self.world.ledger.submit(tender, self.world.now);
        let expected = |error: &SubmitError| matches!(error, SubmitError::Rejected(Rejection::NotQuoting { .. }));
        self.attacks.push(Attack::judge("a quote that comes after closing", "6", outcome, expected)?);
        Ok(())
    }

    fn open(&mut self, rfq: &Rfq, operator: &QuotingKey) -> Result<(), DemoError> {
        let secret = operator.operator_secret(&rfq.ledger, rfq.buyer, &rfq.nonce);
        self.world.operate(EntryBody::Open(Open { rfq: rfq.hash(), secret }))?;
        self.narrator.say("closed; the operator publishes the secret of the request's key, the buyer reads the quotes");
        Ok(())
    }

    fn docket(&self, rfq: RfqHash) -> Result<Docket, DemoError> {
        let read = self.world.ledger.read(|state| Ok(Docket::read(state, rfq)));
        read.map_err(DemoError::other)?.map_err(DemoError::other)
    }

    /// The malformed quote goes; the same evidence against an honest one is refused.
    fn exclude(&mut self, rfq: &Rfq, torn: &SealedQuote) -> Result<(), DemoError> {
        let docket = self.docket(rfq.hash())?;
        let buyer = self.world.wallet(Role::Buyer)?;
        let tenders = buyer.exclude(0, &docket, &mut OsRng).map_err(DemoError::other)?;
        let honest = docket.quotes[0].get().id();
        for tender in tenders {
            if let Tender::Exclude { exclusion } = &tender {
                let mut moved: Exclusion = exclusion.clone();
                moved.quote = honest;
                let outcome = self.world.ledger.submit(Tender::Exclude { exclusion: moved }, self.world.now);
                let expected = |error: &SubmitError| matches!(error, SubmitError::Quote(Error::Shared));
                self.attacks.push(Attack::judge("an honest quote excluded", "Q9", outcome, expected)?);
                if exclusion.quote != torn.id() {
                    return Err(DemoError::Missing("the exclusion of the malformed quote"));
                }
            }
            self.world.settle(tender)?;
        }
        Ok(())
    }

    fn award(&mut self, rfq: &Rfq) -> Result<(), DemoError> {
        let docket = self.docket(rfq.hash())?;
        let buyer = self.world.wallet(Role::Buyer)?;
        let table = buyer.opened_quotes(0, &docket).map_err(DemoError::other)?;
        let tender = buyer.award(0, &docket, &mut OsRng).map_err(DemoError::other)?;
        let Tender::Award { award } = &tender else { return Err(DemoError::Missing("the award")) };
        let mut second = award.clone();
        second.winner = table[1].id;
        let outcome = self.world.ledger.submit(Tender::Award { award: second }, self.world.now);
        let expected = |error: &SubmitError| matches!(error, SubmitError::Quote(Error::Best | Error::Buyer));
        self.attacks.push(Attack::judge("an award to the second best", "Q14", outcome, expected)?);
        self.world.settle(tender)?;
        let won = self.docket(rfq.hash())?;
        let award = self.world.ledger.read(|state| Ok(won.award(state))).map_err(DemoError::other)?;
        let award = award.map_err(DemoError::other)?.ok_or(DemoError::Missing("the award"))?;
        let best = table.iter().find(|row| row.id == award.get().winner).and_then(|row| row.opening.as_ref());
        let (found, expected) = (best.map_or(0, |opening| opening.price()), integers::total(&self.inputs));
        let (exponent, code) = (self.inputs.config.token.exponent, self.inputs.currency.clone());
        let shown = |v: u128| money(v, exponent, &code);
        self.narrator.check("the winning quote", u128::from(found), u128::from(expected), shown)?;
        self.narrator.say("a loser verifies quotes, exclusion and award from the log; the losers' prices stay hidden");
        Ok(())
    }

    /// After the deal has settled: its supplier shows the bidders that it is the winning quote's.
    pub(super) fn link(&mut self, awarded: &Awarded, terms: TermsId) -> Result<(), DemoError> {
        let docket = self.docket(awarded.rfq)?;
        let supplier = self.world.wallet(Role::Supplier)?;
        let linked = self.world.ledger.read(|state| {
            let made = supplier.link(0, state, &docket, terms, &mut OsRng);
            Ok(made.and_then(|file| check_link(state, &docket, &file)))
        });
        let linked = linked.map_err(DemoError::other)?.map_err(DemoError::other)?;
        let loser = awarded.loser.member().map_err(DemoError::other)?.owner;
        self.narrator.say(format!(
            "linked: a loser ({}…) checks that the deal is the winner's, at its total, due by {}",
            loser.to_string().get(..10).unwrap_or_default(),
            instant(linked.due)
        ));
        Ok(())
    }
}
