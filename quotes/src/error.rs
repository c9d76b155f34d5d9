//! Why a message is refused: the rule that it breaks and what to do about it (`docs/protocol/quotes.md` numbers the rules).

use crate::codec::CodecError;

/// The rule that a message breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Bytes are no such message.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Q1: a field of the RFQ is out of its range.
    #[error("Q1: {0} of the request is out of range; see the widths on the protocol's page")]
    Request(&'static str),
    /// Q2: the operator did not sign the key of this RFQ.
    #[error("Q2: the operator did not sign this key for this buyer and nonce; ask the operator for a key")]
    Endorsement,
    /// Q3: the opened secret is not that of the RFQ's operator key.
    #[error("Q3: the secret does not belong to the request's operator key; open with the secret of that key")]
    Secret,
    /// Q4: the message answers another RFQ or quote.
    #[error("Q4: the message is for another request or quote; answer the one that it names")]
    Foreign,
    /// Q5: price or lead time is out of range.
    #[error("Q5: price must be below 2^48 minor units and lead time below 2^16 days, and proven so; quote again")]
    Range,
    /// Q6: the proof of e, which holds commitments and box together.
    #[error("Q6: the proof does not cover these commitments and this box; prove exactly the quote that is sent")]
    Ephemeral,
    /// Q7: the outer seal does not open under the opened secret.
    #[error("Q7: the outer seal does not open under the opened secret; the quote is out without further proof")]
    Seal,
    /// Q8: what the box holds does not open both commitments.
    #[error("Q8: the box does not open both commitments; exclude the quote")]
    Box,
    /// Q9: the proof that K belongs to P_rfq and E.
    #[error(
        "Q9: K is not shown to be the shared point of this request's key and this quote; prove it with P_rfq's secret"
    )]
    Shared,
    /// Q10: the quote opens, so it cannot be excluded.
    #[error("Q10: the quote opens both of its commitments, so it cannot be excluded; keep it in the award")]
    Honest,
    /// Q11: what an award ranges over.
    #[error(
        "Q11: an award is over 1 to 1024 quotes of its request, each once and one at least not excluded; pass the log's"
    )]
    Quotes,
    /// Q12: the winner is none of the quotes that are left.
    #[error("Q12: the winner is not among the quotes left; name a logged quote that is not excluded")]
    Winner,
    /// Q13: the range proof over the differences of scores.
    #[error(
        "Q13: no other score is shown to be at least the winner's; award the lowest score, of equal ones the earliest"
    )]
    Best,
    /// Q14: the proof under P_rfq over the whole award.
    #[error("Q14: the award is not proven under the request's key; prove it with P_rfq's secret")]
    Buyer,
    /// Q15: the totals of quote and deal.
    #[error("Q15: quote and deal are not shown to hide the same total; link the deal that settles the winner's quote")]
    Total,
    /// Q16: the integer response of a link.
    #[error("Q16: the link's response lies outside [2^192, 2^251); prove the link again")]
    Response,
    /// Q17: the award was made before an exclusion was logged, or names one that is not.
    #[error("Q17: the award counts other exclusions than the log holds; award again")]
    Stale,
}

impl Error {
    /// The broken rule's number, if it is one of the protocol's.
    pub fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::Codec(_) => return None,
            Self::Request(_) => "Q1",
            Self::Endorsement => "Q2",
            Self::Secret => "Q3",
            Self::Foreign => "Q4",
            Self::Range => "Q5",
            Self::Ephemeral => "Q6",
            Self::Seal => "Q7",
            Self::Box => "Q8",
            Self::Shared => "Q9",
            Self::Honest => "Q10",
            Self::Quotes => "Q11",
            Self::Winner => "Q12",
            Self::Best => "Q13",
            Self::Buyer => "Q14",
            Self::Total => "Q15",
            Self::Response => "Q16",
            Self::Stale => "Q17",
        })
    }
}
