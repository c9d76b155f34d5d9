//! Verifying what members enter about requests for quotation, against what the log holds.

use super::CheckError;
use crate::claims::Claims;
use crate::docket::Docket;
use crate::rejection::Rejection;
use crate::state::State;
use crate::tender::Tender;
use crate::tendering::Tendering;
use privity_circuits::schnorr::Signature;
use privity_quotes::{Award, Exclusion, OperatorSecret, RfqHash, SealedQuote, batch};
use std::collections::BTreeMap;

/// A tender whose proof holds, or why it does not.
type Judged = Result<Tender<Claims>, CheckError>;

/// Quotes for one request, each with its place among the tenders and its signature.
#[derive(Default)]
struct Quotes {
    places: Vec<(usize, Signature)>,
    quotes: Vec<SealedQuote>,
}

/// Verifies tenders, the quotes of one request together.
pub(super) fn verify(state: &State<'_>, tenders: Vec<Tender>) -> Vec<Judged> {
    let mut quotes: BTreeMap<RfqHash, Quotes> = BTreeMap::new();
    let mut judged: BTreeMap<usize, Judged> = BTreeMap::new();
    for (place, tender) in tenders.into_iter().enumerate() {
        let verdict = match tender {
            Tender::Rfq { rfq, signature } => Ok(Tender::Rfq { rfq, signature }),
            Tender::Quote { quote, signature } => {
                let waiting = quotes.entry(quote.rfq).or_default();
                waiting.places.push((place, signature));
                waiting.quotes.push(quote);
                continue;
            }
            Tender::Exclude { exclusion } => excluded(state, exclusion),
            Tender::Award { award } => awarded(state, award),
        };
        judged.insert(place, verdict);
    }
    for (rfq, Quotes { places, quotes }) in quotes {
        let verdicts = match known(state, rfq) {
            Ok(tendering) => {
                let verdicts = batch::judge(&tendering.rfq, quotes);
                verdicts.into_iter().map(|verdict| verdict.map_err(CheckError::from)).collect()
            }
            Err(error) => vec![Err(error); places.len()],
        };
        for ((place, signature), verdict) in places.into_iter().zip(verdicts) {
            judged.insert(place, verdict.map(|quote| Tender::Quote { quote, signature }));
        }
    }
    judged.into_values().collect()
}

fn known(state: &State<'_>, rfq: RfqHash) -> Result<Tendering, CheckError> {
    Ok(state.rfq(rfq)?.ok_or(Rejection::UnknownRfq { rfq })?)
}

fn secret(tendering: &Tendering) -> Result<OperatorSecret, CheckError> {
    Ok(tendering.secret.clone().ok_or(Rejection::NotOpened)?)
}

fn excluded(state: &State<'_>, exclusion: Exclusion) -> Judged {
    let tendering = known(state, exclusion.rfq)?;
    let (secret, quote) = (secret(&tendering)?, exclusion.quote);
    let quote = state.quote(exclusion.rfq, quote)?.ok_or(Rejection::UnknownQuote { quote })?;
    Ok(Tender::Exclude { exclusion: exclusion.verify(&tendering.rfq, &quote, &secret)? })
}

/// The award is verified against the log's own quotes, never what the buyer says they are.
fn awarded(state: &State<'_>, award: Award) -> Judged {
    let docket = Docket::read(state, award.rfq)?;
    let field = docket.field()?;
    Ok(Tender::Award { award: award.verify(&field)? })
}
