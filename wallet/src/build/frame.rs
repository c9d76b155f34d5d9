//! Outputs and ciphertexts of a transaction before it is proved; their hash is the context.

use crate::leg::Sealed;
use privity_circuits::Fr;
use privity_circuits::context::Context;
use privity_circuits::jubjub::Point;
use privity_circuits::note::Commitment;
use privity_circuits::terms::TermsId;
use privity_ledger::context::{Frame, Kind, NO_VOLUME};
use privity_ledger::{Ciphertexts, Envelope, LedgerHash, SealedNote};

/// All that a context binds.
pub(crate) struct Draftable {
    pub(crate) kind: Kind,
    pub(crate) expiry: u64,
    pub(crate) terms: TermsId,
    pub(crate) volume: Point,
    pub(crate) recipient: Fr,
    pub(crate) outputs: Vec<Commitment>,
    pub(crate) ciphertexts: Ciphertexts,
}

impl Draftable {
    /// A transaction of these outputs.
    pub(crate) fn new(kind: Kind, expiry: u64, outputs: &[Sealed]) -> Self {
        let ciphertexts = Ciphertexts {
            recipients: outputs.iter().map(|output| SealedNote(output.recipient)).collect(),
            senders: outputs.iter().map(|output| SealedNote(output.copy)).collect(),
            envelopes: Vec::new(),
        };
        Self {
            kind,
            expiry,
            terms: TermsId::default(),
            volume: NO_VOLUME,
            recipient: Fr::default(),
            outputs: outputs.iter().map(|output| output.commitment).collect(),
            ciphertexts,
        }
    }

    /// The same, paying out to `recipient`.
    pub(crate) fn to(mut self, recipient: Fr) -> Self {
        self.recipient = recipient;
        self
    }

    /// The same for a deal.
    pub(crate) fn deal(mut self, terms: TermsId, volume: Point, envelopes: [Envelope; 2]) -> Self {
        (self.terms, self.volume) = (terms, volume);
        self.ciphertexts.envelopes = envelopes.into();
        self
    }

    /// The hash.
    pub(crate) fn context(&self, ledger: LedgerHash) -> Context {
        let frame = Frame {
            ledger,
            kind: self.kind,
            expiry: self.expiry,
            terms: self.terms,
            volume: self.volume,
            recipient: self.recipient,
            outputs: &self.outputs,
            ciphertexts: &self.ciphertexts,
        };
        frame.context()
    }
}
