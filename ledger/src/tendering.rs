//! What the ledger knows of requests for quotation.

use crate::apply::Item;
use crate::bytes::{Codec, CodecError, Reader};
use crate::record::Record;
use crate::state::{Member, State, damaged};
use crate::store::{StoreError, Table};
use crate::tender::Tender;
use privity_circuits::keys::{Owner, SignerId};
use privity_quotes::{Award, Exclusion, Message, OperatorSecret, QuoteId, Rfq, RfqHash, SealedQuote};

/// A request for quotation and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tendering {
    /// The request.
    pub rfq: Rfq,
    /// Its place in the log.
    pub position: u64,
    /// Ledger time when it was logged, Unix seconds.
    pub logged: u64,
    /// Quotes logged.
    pub quotes: u32,
    /// Exclusions logged.
    pub exclusions: u32,
    /// The secret of the operator's key, once it is published.
    pub secret: Option<OperatorSecret>,
    /// The quote that won and the award's place in the log, once there is one.
    pub award: Option<(QuoteId, u64)>,
}

/// Where a request for quotation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Quotes are not yet accepted.
    Announced,
    /// Quotes are accepted.
    Quoting,
    /// Closed; the operator is to publish the secret.
    Closed,
    /// The buyer can read the quotes and is to award.
    Opened,
    /// There is a winner.
    Awarded,
    /// The operator did not open in time: nobody has read a quote, nothing can come of it.
    VoidUnopened,
    /// The buyer, who has read the quotes, did not award in time: nothing can come of it.
    VoidUnawarded,
}

impl Tendering {
    /// Where it stands at ledger time `now`.
    pub fn phase(&self, now: u64) -> Phase {
        let over = now >= self.rfq.closes && !self.rfq.accepts_award_at(now);
        match (&self.award, &self.secret) {
            (Some(_), _) => Phase::Awarded,
            (None, Some(_)) if over => Phase::VoidUnawarded,
            (None, None) if over => Phase::VoidUnopened,
            (None, Some(_)) => Phase::Opened,
            (None, None) if now >= self.rfq.closes => Phase::Closed,
            (None, None) if self.rfq.accepts_quotes_at(now) => Phase::Quoting,
            (None, None) => Phase::Announced,
        }
    }

    pub(crate) fn row(&self) -> Vec<u8> {
        let mut row = Vec::new();
        row.extend_from_slice(&self.position.to_be_bytes());
        row.extend_from_slice(&self.logged.to_be_bytes());
        row.extend_from_slice(&self.quotes.to_be_bytes());
        row.extend_from_slice(&self.exclusions.to_be_bytes());
        row.push(u8::from(self.secret.is_some()));
        if let Some(secret) = &self.secret {
            row.extend_from_slice(secret.to_bytes().as_slice());
        }
        row.push(u8::from(self.award.is_some()));
        if let Some((winner, position)) = &self.award {
            row.extend_from_slice(&winner.0);
            row.extend_from_slice(&position.to_be_bytes());
        }
        self.rfq.write(&mut row);
        row
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (position, logged, quotes, exclusions) = (input.u64()?, input.u64()?, input.u32()?, input.u32()?);
        let secret = match input.u8()? {
            0 => None,
            _ => Some(OperatorSecret::from_bytes(&input.array()?)?),
        };
        let award = match input.u8()? {
            0 => None,
            _ => Some((QuoteId(input.array()?), input.u64()?)),
        };
        let rfq = Rfq::from_bytes(input.take(Rfq::BYTES)?)?;
        Ok(Self { rfq, position, logged, quotes, exclusions, secret, award })
    }
}

impl State<'_> {
    /// A request for quotation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rfq(&self, rfq: RfqHash) -> Result<Option<Tendering>, StoreError> {
        self.get(Table::Rfq, &rfq.0, Tendering::read)
    }

    /// Every request for quotation there ever was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn rfqs(&self) -> Result<Vec<Tendering>, StoreError> {
        let mut all = Vec::new();
        for key in self.rows(Table::Rfq)?.keys() {
            let hash = RfqHash(key.as_slice().try_into().map_err(damaged)?);
            all.extend(self.rfq(hash)?);
        }
        all.sort_by_key(|tendering| tendering.position);
        Ok(all)
    }

    /// The quotes of a request in log order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn quotes(&self, rfq: RfqHash) -> Result<Vec<SealedQuote>, StoreError> {
        let count = self.rfq(rfq)?.map_or(0, |tendering| tendering.quotes);
        (0..count).map(|index| self.quote_at(rfq, index)).collect()
    }

    /// A quote of a request by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn quote(&self, rfq: RfqHash, id: QuoteId) -> Result<Option<SealedQuote>, StoreError> {
        let index = self.get(Table::QuoteIndex, &[rfq.0, id.0].concat(), |input| Ok(input.u32()?))?;
        index.map(|index| self.quote_at(rfq, index)).transpose()
    }

    /// Whether `supplier` has quoted for a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn has_quoted(&self, rfq: RfqHash, supplier: Owner) -> Result<bool, StoreError> {
        self.has(Table::Bidder, &[rfq.0, supplier.to_bytes()].concat())
    }

    /// The exclusions of a request in log order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exclusions(&self, rfq: RfqHash) -> Result<Vec<Exclusion>, StoreError> {
        let count = self.rfq(rfq)?.map_or(0, |tendering| tendering.exclusions);
        let mut exclusions = Vec::new();
        for index in 0..count {
            let Some((position, _)) = self.exclusion_at(rfq, index)? else { return Err(missing()) };
            match self.tender_at(position)? {
                Tender::Exclude { exclusion } => exclusions.push(exclusion),
                _ => return Err(missing()),
            }
        }
        Ok(exclusions)
    }

    /// Whether a quote of a request is excluded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_excluded(&self, tendering: &Tendering, quote: QuoteId) -> Result<bool, StoreError> {
        let rfq = tendering.rfq.hash();
        for index in 0..tendering.exclusions {
            if self.exclusion_at(rfq, index)?.is_some_and(|(_, excluded)| excluded == quote) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The award of a request.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn award(&self, rfq: RfqHash) -> Result<Option<Award>, StoreError> {
        let Some((_, position)) = self.rfq(rfq)?.and_then(|tendering| tendering.award) else { return Ok(None) };
        match self.tender_at(position)? {
            Tender::Award { award } => Ok(Some(award)),
            _ => Err(missing()),
        }
    }

    /// Whether P_rfq (`kind` 0) or an operator's key (1) stood in a request before.
    pub(crate) fn is_rfq_key_used(&self, kind: u8, key: &[u8; 32]) -> Result<bool, StoreError> {
        self.has(Table::RfqKey, &rfq_key(kind, key))
    }

    /// Who signs for `member` about a request logged at `logged`: a signer that took over by the delay alone does not count for
    /// requests that were open then (section 5). `None` if that cannot be told any more.
    pub(crate) fn signer_for(
        &self,
        owner: Owner,
        member: &Member,
        logged: u64,
        now: u64,
    ) -> Result<Option<SignerId>, StoreError> {
        let takeover = self.get(Table::Takeover, &owner.to_bytes(), |input| Ok(input.u64()?))?;
        if takeover.is_some_and(|since| since > logged) {
            return Ok(None);
        }
        Ok(Some(member.signer_at(logged.min(now))))
    }

    fn exclusion_at(&self, rfq: RfqHash, index: u32) -> Result<Option<(u64, QuoteId)>, StoreError> {
        self.get(Table::Exclusion, &indexed(rfq, index), |input| Ok((input.u64()?, QuoteId(input.array()?))))
    }

    fn quote_at(&self, rfq: RfqHash, index: u32) -> Result<SealedQuote, StoreError> {
        let position = self.get(Table::Quote, &indexed(rfq, index), |input| Ok(input.u64()?))?;
        match self.tender_at(position.ok_or_else(missing)?)? {
            Tender::Quote { quote, .. } => Ok(quote),
            _ => Err(missing()),
        }
    }

    fn tender_at(&self, position: u64) -> Result<Tender, StoreError> {
        let record = self.record_at(position)?.ok_or_else(missing)?;
        match Item::from_bytes(&record.body).map_err(damaged)? {
            Item::Tender(tender) => Ok(*tender),
            _ => Err(missing()),
        }
    }

    /// What stands at a position of the log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn record_at(&self, position: u64) -> Result<Option<Record>, StoreError> {
        self.get(Table::Record, &position.to_be_bytes(), Codec::read)
    }
}

/// rfq hash ‖ index.
pub(crate) fn indexed(rfq: RfqHash, index: u32) -> Vec<u8> {
    [rfq.0.as_slice(), &index.to_be_bytes()].concat()
}

/// kind ‖ key.
pub(crate) fn rfq_key(kind: u8, key: &[u8; 32]) -> Vec<u8> {
    [&[kind], key.as_slice()].concat()
}

fn missing() -> StoreError {
    damaged("an entry about a request for quotation is not where its index says")
}
