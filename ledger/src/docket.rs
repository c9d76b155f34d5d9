//! A request for quotation with all that was logged about it, each proof verified again: what an award ranges over.

use crate::check::CheckError;
use crate::rejection::Rejection;
use crate::state::State;
use crate::tendering::Tendering;
use privity_quotes::award::Field;
use privity_quotes::{Award, Error, Exclusion, Open, RfqHash, SealedQuote, Verified, batch};

/// Everything about a request whose secret is published. No index vouches for a proof: whoever reads a docket verifies it.
#[derive(Clone, Debug)]
pub struct Docket {
    /// The request.
    pub tendering: Tendering,
    /// Its quotes in log order.
    pub quotes: Vec<Verified<SealedQuote>>,
    /// The operator's secret.
    pub open: Verified<Open>,
    /// The exclusions in log order.
    pub exclusions: Vec<Verified<Exclusion>>,
}

impl Docket {
    /// Reads and verifies what the log holds about a request.
    ///
    /// # Errors
    /// [`Rejection::UnknownRfq`], [`Rejection::NotOpened`], or the first proof that is false, which no ledger lets in.
    pub fn read(state: &State<'_>, rfq: RfqHash) -> Result<Self, CheckError> {
        let tendering = state.rfq(rfq)?.ok_or(Rejection::UnknownRfq { rfq })?;
        let secret = tendering.secret.clone().ok_or(Rejection::NotOpened)?;
        let quotes = batch::verify(&tendering.rfq, state.quotes(rfq)?)
            .map_err(|culprits| culprits.first().map_or(Error::Quotes, |culprit| culprit.error))?;
        let open = Open { rfq, secret: secret.clone() }.verify(&tendering.rfq)?;
        let mut exclusions = Vec::new();
        for exclusion in state.exclusions(rfq)? {
            let quote = exclusion.quote;
            let excluded = quotes.iter().map(Verified::get).find(|other| other.id() == quote);
            let excluded = excluded.ok_or(Rejection::UnknownQuote { quote })?;
            exclusions.push(exclusion.verify(&tendering.rfq, excluded, &secret)?);
        }
        Ok(Self { tendering, quotes, open, exclusions })
    }

    /// What an award ranges over.
    ///
    /// # Errors
    /// [`Error::Quotes`] (Q11) if no quote is left.
    pub fn field(&self) -> Result<Field<'_>, Error> {
        Field::new(&self.tendering.rfq, &self.quotes, &self.open, &self.exclusions)
    }

    /// The logged award, verified again against the log's own quotes.
    ///
    /// # Errors
    /// As [`Award::verify`], for an award that no ledger lets in.
    pub fn award(&self, state: &State<'_>) -> Result<Option<Verified<Award>>, CheckError> {
        let award = state.award(self.tendering.rfq.hash())?;
        Ok(award.map(|award| award.verify(&self.field()?)).transpose()?)
    }
}
