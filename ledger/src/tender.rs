//! What members enter about a request for quotation: the request, sealed quotes, exclusions, the award (protocol, section 6).
//!
//! Requests and quotes are signed by the member's registered signer, exclusions and awards carry a proof under P_rfq. `Open`, which
//! the operator signs, is an [`Entry`](crate::Entry).

use crate::bytes::{Codec, CodecError, Reader};
use crate::claims::{Form, Proofs, Stating};
use crate::context::Kind;
use crate::entry::entry_message;
use crate::genesis::LedgerHash;
use crate::transaction::TransactionId;
use privity_circuits::Fr;
use privity_circuits::schnorr::Signature;
use privity_quotes::{Award, Exclusion, Message, Rfq, RfqHash, SealedQuote};
use sha2::{Digest, Sha256};

/// What a member enters about a request for quotation; its messages are as sent in [`Proofs`], verified in
/// [`Claims`](crate::Claims).
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "an item boxes it")]
pub enum Tender<F: Form = Proofs> {
    /// A request.
    Rfq {
        /// The request.
        rfq: Rfq,
        /// By the buyer's signer on [`Tender::message`].
        signature: Signature,
    },
    /// A sealed answer.
    Quote {
        /// The quote.
        quote: F::Message<SealedQuote>,
        /// By the supplier's signer on [`Tender::message`].
        signature: Signature,
    },
    /// A quote that does not open is out.
    Exclude {
        /// The evidence.
        exclusion: F::Message<Exclusion>,
    },
    /// The winner.
    Award {
        /// The proof that no other quote is better.
        award: F::Message<Award>,
    },
}

impl<F: Form> Tender<F> {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Rfq { .. } => Kind::Rfq,
            Self::Quote { .. } => Kind::Quote,
            Self::Exclude { .. } => Kind::Exclude,
            Self::Award { .. } => Kind::Award,
        }
    }

    /// The request that it is about.
    pub fn rfq(&self) -> RfqHash {
        match self {
            Self::Rfq { rfq, .. } => rfq.hash(),
            Self::Quote { quote, .. } => quote.stated().rfq,
            Self::Exclude { exclusion } => exclusion.stated().rfq,
            Self::Award { award } => award.stated().rfq,
        }
    }

    /// SHA-256(label ‖ ledger id ‖ kind ‖ what is stated): its identity, in which no proof counts (L7). Stated are the request's
    /// hash; a quote's id and box; rfq hash, quote id and K; rfq hash, winner's id and number of exclusions.
    pub fn id(&self, ledger: LedgerHash) -> TransactionId {
        let hash = Sha256::new()
            .chain_update(b"privity.tender.v1")
            .chain_update(ledger.0)
            .chain_update([self.kind() as u8])
            .chain_update(self.rfq().0);
        let hash = match self {
            Self::Rfq { .. } => hash,
            Self::Quote { quote, .. } => hash.chain_update(quote.stated().id().0).chain_update(quote.stated().sealed),
            Self::Exclude { exclusion } => {
                hash.chain_update(exclusion.stated().quote.0).chain_update(exclusion.stated().shared.as_bytes())
            }
            Self::Award { award } => {
                hash.chain_update(award.stated().winner.0).chain_update(award.stated().exclusions.to_be_bytes())
            }
        };
        TransactionId(hash.finalize().into())
    }

    /// H(ENTRY; truncated SHA-256(label ‖ ledger id ‖ kind ‖ whole message)), which the member's signer signs under its signer id; exclusions and awards carry a
    /// proof under P_rfq in its place.
    pub fn message(&self, ledger: LedgerHash) -> Fr {
        let mut body = Vec::new();
        self.write_message(&mut body);
        entry_digest(ledger, self.kind(), &body)
    }

    fn write_message(&self, out: &mut Vec<u8>) {
        match self {
            Self::Rfq { rfq, .. } => rfq.write(out),
            Self::Quote { quote, .. } => quote.stated().write(out),
            Self::Exclude { exclusion } => exclusion.stated().write(out),
            Self::Award { award } => award.stated().write(out),
        }
    }
}

impl Tender {
    /// A request with the signature that `sign` makes on its [`Tender::message`].
    pub fn request(ledger: LedgerHash, rfq: Rfq, sign: impl FnOnce(Fr) -> Signature) -> Self {
        let signature = sign(entry_digest(ledger, Kind::Rfq, &rfq.to_bytes()));
        Self::Rfq { rfq, signature }
    }

    /// A quote with the signature that `sign` makes on its [`Tender::message`].
    pub fn quote(ledger: LedgerHash, quote: SealedQuote, sign: impl FnOnce(Fr) -> Signature) -> Self {
        let signature = sign(entry_digest(ledger, Kind::Quote, &quote.to_bytes()));
        Self::Quote { quote, signature }
    }

    pub(crate) fn decode<F>(input: &mut Reader<'_>) -> Result<Tender<F>, CodecError>
    where
        F: Form<Message<SealedQuote> = SealedQuote, Message<Exclusion> = Exclusion, Message<Award> = Award>,
    {
        Ok(match input.u8()? {
            11 => Tender::Rfq { rfq: fixed(input, Rfq::BYTES)?, signature: Codec::read(input)? },
            13 => Tender::Quote { quote: fixed(input, SealedQuote::BYTES)?, signature: Codec::read(input)? },
            14 => Tender::Exclude { exclusion: fixed(input, Exclusion::BYTES)? },
            15 => {
                let length = input.u32()? as usize;
                Tender::Award { award: fixed(input, length)? }
            }
            found => return Err(CodecError::Variant { what: "kind of tender", found }),
        })
    }
}

/// H(ENTRY; truncated SHA-256(label ‖ ledger id ‖ kind ‖ message)).
fn entry_digest(ledger: LedgerHash, kind: Kind, message: &[u8]) -> Fr {
    let digest = Sha256::new()
        .chain_update(b"privity.tender-entry.v1")
        .chain_update(ledger.0)
        .chain_update([kind as u8])
        .chain_update(message);
    entry_message(&digest.finalize().into())
}

fn fixed<M: Message>(input: &mut Reader<'_>, length: usize) -> Result<M, CodecError> {
    Ok(M::from_bytes(input.take(length)?)?)
}

impl Codec for Tender {
    const WHAT: &'static str = "tender";
    const LIMIT: usize = 1 << 12;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind() as u8);
        if let Self::Award { award } = self {
            out.extend_from_slice(&(award.to_bytes().len() as u32).to_be_bytes());
        }
        self.write_message(out);
        if let Self::Rfq { signature, .. } | Self::Quote { signature, .. } = self {
            signature.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Self::decode(input)
    }
}

const _: () = assert!(Award::MAX_BYTES + 5 <= 1 << 12 && SealedQuote::BYTES + 1 + Signature::LIMIT <= 1 << 12);
