//! Rules of requests for quotation, quotes, exclusions and awards, and of the operator's `Open` (protocol, sections 5 and 6).

use super::ensure;
use crate::apply::ApplyError;
use crate::claims::{Form, Stating};
use crate::effects::Effects;
use crate::rejection::Rejection;
use crate::state::State;
use crate::store::{Changes, Table};
use crate::tender::Tender;
use crate::tendering::{Tendering, indexed, rfq_key};
use privity_circuits::Fr;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::schnorr::Signature;
use privity_quotes::award::MAX_QUOTES;
use privity_quotes::{Award, Error, Exclusion, Open, Rfq, RfqHash, SealedQuote};

pub(super) fn effects<F: Form>(
    state: &State<'_>,
    tender: &Tender<F>,
    mut effects: Effects,
) -> Result<Effects, ApplyError> {
    let mut desk = Desk { state, now: effects.time, rows: Changes::new() };
    let message = tender.message(state.ledger());
    match tender {
        Tender::Rfq { rfq, signature } => desk.request(rfq, signature, message)?,
        Tender::Quote { quote, signature } => desk.quote(quote.stated(), signature, message)?,
        Tender::Exclude { exclusion } => desk.exclude(exclusion.stated())?,
        Tender::Award { award } => desk.award(award.stated())?,
    }
    effects.registry.rows = desk.rows;
    Ok(effects)
}

/// What the operator's `Open` changes.
pub(super) fn open(state: &State<'_>, open: &Open, now: u64) -> Result<Changes, ApplyError> {
    let mut desk = Desk { state, now, rows: Changes::new() };
    let tendering = desk.known(open.rfq)?;
    let closes = tendering.rfq.closes;
    ensure(now >= closes, || Rejection::NotClosed { closes, now })?;
    desk.not_void(&tendering)?;
    ensure(tendering.secret.is_none(), || Rejection::OpenedAlready)?;
    let secret = open.secret.clone();
    ensure(open.clone().verify(&tendering.rfq).is_ok(), || Rejection::OpenSecret)?;
    desk.put(Table::Rfq, &open.rfq.0, Tendering { secret: Some(secret), ..tendering }.row());
    Ok(desk.rows)
}

/// Collects what a tender changes.
struct Desk<'s, 'a> {
    state: &'s State<'a>,
    now: u64,
    rows: Changes,
}

impl Desk<'_, '_> {
    fn put(&mut self, table: Table, key: &[u8], row: Vec<u8>) {
        self.rows.insert(table.key(key), row);
    }

    fn known(&self, rfq: RfqHash) -> Result<Tendering, ApplyError> {
        Ok(self.state.rfq(rfq)?.ok_or(Rejection::UnknownRfq { rfq })?)
    }

    /// Whether the delay for Open, Exclude and Award has not run out without an award.
    fn not_void(&self, tendering: &Tendering) -> Result<(), ApplyError> {
        let (now, rfq) = (self.now, &tendering.rfq);
        let ends = rfq.closes.saturating_add(rfq.delay);
        ensure(tendering.award.is_some() || now < ends, || Rejection::RfqVoid { ends, now })
    }

    /// An active member's signature, by the signer that counts for what was logged at `logged`.
    fn signed(&self, owner: Owner, logged: u64, signature: &Signature, message: Fr) -> Result<(), ApplyError> {
        let member = self.state.member(owner)?.filter(|member| member.active);
        let member = member.ok_or(Rejection::NotAMember { owner })?;
        let holds = match self.state.signer_for(owner, &member, logged, self.now)? {
            Some(signer) => match self.state.signer(signer)? {
                Some((key, true)) => signature.verify(&key, signer.field(), message),
                _ => false,
            },
            None => false,
        };
        ensure(holds, || Rejection::MemberSignature { owner })
    }

    fn request(&mut self, rfq: &Rfq, signature: &Signature, message: Fr) -> Result<(), ApplyError> {
        ensure(rfq.ledger == self.state.ledger().0, || Rejection::ForeignLedger)?;
        let operator = self.operator(rfq.operator)?;
        if let Err(Error::Request(field)) = rfq.check() {
            return Err(Rejection::RfqOutOfRange { field }.into());
        }
        self.signed(rfq.buyer, self.now, signature, message)?;
        let (closes, now) = (rfq.closes, self.now);
        ensure(now < closes, || Rejection::ClosesInThePast { closes, now })?;
        ensure(rfq.check_endorsement(&operator).is_ok(), || Rejection::Endorsement)?;
        let keys = [(0, *rfq.key.as_bytes()), (1, rfq.operator_key)];
        let hash = rfq.hash();
        for (kind, key) in &keys {
            ensure(!self.state.is_rfq_key_used(*kind, key)?, || Rejection::RfqKeyUsed)?;
            self.put(Table::RfqKey, &rfq_key(*kind, key), hash.0.to_vec());
        }
        let (position, logged) = (self.state.position(), self.now);
        let tendering =
            Tendering { rfq: rfq.clone(), position, logged, quotes: 0, exclusions: 0, secret: None, award: None };
        self.put(Table::Rfq, &hash.0, tendering.row());
        Ok(())
    }

    /// An operator's key that is registered now.
    fn operator(&self, operator: SignerId) -> Result<PublicKey, ApplyError> {
        match self.state.operator(operator)? {
            Some((key, true)) => Ok(key),
            _ => Err(Rejection::NotAnOperator { operator }.into()),
        }
    }

    fn quote(&mut self, quote: &SealedQuote, signature: &Signature, message: Fr) -> Result<(), ApplyError> {
        let (hash, owner, now) = (quote.rfq, quote.supplier, self.now);
        let tendering = self.known(hash)?;
        self.signed(owner, tendering.logged, signature, message)?;
        ensure(owner != tendering.rfq.buyer, || Rejection::OwnRfq)?;
        let (opens, closes) = (tendering.rfq.opens, tendering.rfq.closes);
        ensure(tendering.rfq.accepts_quotes_at(now), || Rejection::NotQuoting { opens, closes, now })?;
        ensure(!self.state.has_quoted(hash, owner)?, || Rejection::QuotedAlready { owner })?;
        ensure((tendering.quotes as usize) < MAX_QUOTES, || Rejection::RfqFull)?;
        let index = tendering.quotes.to_be_bytes().to_vec();
        let position = self.state.position().to_be_bytes().to_vec();
        self.put(Table::Quote, &indexed(hash, tendering.quotes), position);
        self.put(Table::Bidder, &[hash.0, owner.to_bytes()].concat(), index.clone());
        self.put(Table::QuoteIndex, &[hash.0, quote.id().0].concat(), index);
        self.put(Table::Rfq, &hash.0, Tendering { quotes: tendering.quotes + 1, ..tendering }.row());
        Ok(())
    }

    /// A request whose quotes are open and that still waits for its award.
    fn opened(&self, rfq: RfqHash) -> Result<Tendering, ApplyError> {
        let tendering = self.known(rfq)?;
        self.not_void(&tendering)?;
        ensure(tendering.secret.is_some(), || Rejection::NotOpened)?;
        ensure(tendering.award.is_none(), || Rejection::AwardedAlready)?;
        Ok(tendering)
    }

    fn exclude(&mut self, exclusion: &Exclusion) -> Result<(), ApplyError> {
        let (hash, quote) = (exclusion.rfq, exclusion.quote);
        let tendering = self.opened(hash)?;
        ensure(self.state.quote(hash, quote)?.is_some(), || Rejection::UnknownQuote { quote })?;
        ensure(!self.state.is_excluded(&tendering, quote)?, || Rejection::ExcludedAlready { quote })?;
        let mut row = self.state.position().to_be_bytes().to_vec();
        row.extend_from_slice(&quote.0);
        self.put(Table::Exclusion, &indexed(hash, tendering.exclusions), row);
        self.put(Table::Rfq, &hash.0, Tendering { exclusions: tendering.exclusions + 1, ..tendering }.row());
        Ok(())
    }

    fn award(&mut self, award: &Award) -> Result<(), ApplyError> {
        let tendering = self.opened(award.rfq)?;
        let (quote, found, expected) = (award.winner, u32::from(award.exclusions), tendering.exclusions);
        ensure(self.state.quote(award.rfq, quote)?.is_some(), || Rejection::UnknownQuote { quote })?;
        ensure(found == expected, || Rejection::ExclusionsChanged { found, expected })?;
        let won = Some((quote, self.state.position()));
        self.put(Table::Rfq, &award.rfq.0, Tendering { award: won, ..tendering }.row());
        Ok(())
    }
}
