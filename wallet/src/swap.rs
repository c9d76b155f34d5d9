//! A swap of two assets between two parties, both legs or neither, in the same four steps as a deal.

use crate::address::Address;
use crate::build::{BuildError, Draftable, Make, change};
use crate::deal::{FIRM_SECONDS, Outputs};
use crate::delivery::Memo;
use crate::file::{Document, FileError};
use crate::hex;
use crate::keys::Account;
use crate::leg::{self, Leg, Planned, Recipient, Sealed};
use crate::prove::{Prove, ProveError, proven};
use crate::random::random_field;
use crate::view::{LedgerView, is_recent};
use crate::wallet::{Wallet, WalletError, sum};
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::note::Commitment;
use privity_circuits::transfer::{Statement, Transfer2x3, Transfer7x2, Witness};
use privity_ledger::context::Kind;
use privity_ledger::{Body, Leg as ProvenLeg, Transaction};
use privity_verifier::{Keys, Refusal};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// An amount of an asset, minor units (millionths for capacity).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// The asset.
    pub asset: AssetId,
    /// How much.
    pub value: u64,
}

/// A swap's leg before it is proved, in either shape that section 4 allows: 2 → 3, or 7 → 2 for who holds small notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "one per message, and the larger shape is the usual one")]
pub enum SwapOutputs {
    /// What is promised, change, a dummy.
    Payment(Outputs<3>),
    /// What is promised and change.
    Consolidation(Outputs<2>),
}

impl SwapOutputs {
    fn all(&self) -> Vec<Sealed> {
        match self {
            Self::Payment(outputs) => outputs.all().collect(),
            Self::Consolidation(outputs) => outputs.all().collect(),
        }
    }

    /// The commitments.
    pub fn commitments(&self) -> Vec<Commitment> {
        self.all().iter().map(|sealed| sealed.commitment).collect()
    }
}

/// First message: what is given and wanted, the proposer's outputs. Nothing is signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapProposal {
    /// From the proposer.
    pub give: Amount,
    /// To the proposer.
    pub want: Amount,
    /// The proposer's address.
    pub proposer: Address,
    /// The other party's address.
    pub taker: Address,
    /// What is given, then change.
    pub outputs: SwapOutputs,
}

/// Second message: the taker's outputs. Nothing is signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapAnswer {
    /// Of which proposal: its SHA-256.
    pub swap: String,
    /// What is wanted, then change.
    pub outputs: SwapOutputs,
}

/// Third message: the proposer's leg, firm until expiry.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapOffer {
    /// Of which proposal: its SHA-256.
    pub swap: String,
    /// Unix seconds.
    pub expiry: u64,
    /// The proposer's spend.
    #[serde(with = "hex::codec")]
    pub leg: ProvenLeg,
}

redacted!(Amount, SwapProposal, SwapAnswer, SwapOffer, SwapSession);

impl Document for SwapProposal {
    const KIND: &'static str = "privity.swap-proposal";
}

impl Document for SwapAnswer {
    const KIND: &'static str = "privity.swap-answer";
}

impl Document for SwapOffer {
    const KIND: &'static str = "privity.swap-offer";
}

/// An open swap.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapSession {
    /// Whose leg this wallet makes: the account's index.
    pub account: u32,
    /// Positions of the notes promised.
    pub inputs: BTreeSet<u32>,
    /// Until when a signature of this wallet stands, Unix seconds.
    pub firm_until: Option<u64>,
    proposal: SwapProposal,
    answer: Option<SwapAnswer>,
}

/// Why a swap goes no further.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// A transaction cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A file is broken.
    #[error(transparent)]
    File(#[from] FileError),
    /// The ledger's state cannot be read.
    #[error(transparent)]
    View(#[from] privity_ledger::store::StoreError),
    /// The counterparty's proof does not hold.
    #[error("the counterparty's proof: {0}; nothing was signed, ask for a new offer")]
    Proof(#[from] Refusal),
    /// The proposal is for somebody else.
    #[error("the proposal is not for this account; open the account that it names")]
    NotTaker,
    /// This wallet answered the proposal; its own part is to accept an offer.
    #[error("this account is not the proposer of the swap; wait for the proposer's offer and accept that")]
    NotProposer,
    /// The proposal was answered.
    #[error("swap {0} was answered; end it first, or ask for a new proposal")]
    Open(String),
    /// What was promised does not open.
    #[error("the note promised does not open to asset, value and this account; nothing was signed")]
    Opening,
    /// No such swap.
    #[error("no swap {0} is open in this wallet; it has ended, or is another wallet's")]
    Unknown(String),
    /// A signature stands.
    #[error("this swap is signed and firm until {until}; wait, or revoke by spending the inputs to yourself")]
    Firm {
        /// Unix seconds.
        until: u64,
    },
    /// The offer's statement is not what it must be.
    #[error("the offer's {0} is not acceptable; nothing was signed")]
    Offer(&'static str),
}

impl From<WalletError> for SwapError {
    fn from(error: WalletError) -> Self {
        Self::Build(error.into())
    }
}

impl From<ProveError> for SwapError {
    fn from(error: ProveError) -> Self {
        Self::Build(error.into())
    }
}

impl SwapProposal {
    /// SHA-256 of the proposal's file.
    ///
    /// # Errors
    /// As [`Document::to_json`].
    pub fn id(&self) -> Result<String, FileError> {
        Ok(hex::encode(&Sha256::digest(self.to_json()?)))
    }
}

impl Wallet {
    /// Proposes a swap.
    ///
    /// # Errors
    /// [`SwapError::Build`] if the given asset is not there.
    pub fn propose_swap<R: RngCore + CryptoRng>(
        &mut self,
        account: u32,
        give: Amount,
        want: Amount,
        taker: Address,
        time: u64,
        rng: &mut R,
    ) -> Result<SwapProposal, SwapError> {
        let (outputs, inputs) = self.swap_outputs(account, give, &taker, time, rng)?;
        let proposer = self.account(account)?.address();
        let proposal = SwapProposal { give, want, proposer, taker, outputs };
        let session = SwapSession { account, inputs, firm_until: None, proposal: proposal.clone(), answer: None };
        self.book.swaps.insert(proposal.id()?, session);
        Ok(proposal)
    }

    /// Checks a proposal and answers it.
    ///
    /// # Errors
    /// [`SwapError::Opening`] if what is given does not open for this account, [`SwapError::Open`] if it was answered.
    pub fn answer_swap<R: RngCore + CryptoRng>(
        &mut self,
        account: u32,
        proposal: &SwapProposal,
        time: u64,
        rng: &mut R,
    ) -> Result<SwapAnswer, SwapError> {
        if self.account(account)?.address() != proposal.taker {
            return Err(SwapError::NotTaker);
        }
        self.check_promised(account, &proposal.outputs, proposal.give)?;
        let swap = proposal.id()?;
        if self.book.swaps.contains_key(&swap) {
            return Err(SwapError::Open(swap));
        }
        let (outputs, inputs) = self.swap_outputs(account, proposal.want, &proposal.proposer, time, rng)?;
        let answer = SwapAnswer { swap: swap.clone(), outputs };
        let (proposal, answered) = (proposal.clone(), Some(answer.clone()));
        self.book.swaps.insert(swap, SwapSession { account, inputs, firm_until: None, proposal, answer: answered });
        Ok(answer)
    }

    /// Checks an answer and signs the proposer's leg, firm until ten minutes from now or `expiry`.
    ///
    /// # Errors
    /// [`SwapError::NotProposer`] if this wallet did not propose, [`SwapError::Opening`] if what is wanted does not open,
    /// [`SwapError::Firm`] if a signature stands.
    pub fn offer_swap<P: Prove<Transfer2x3> + Prove<Transfer7x2>, R: RngCore + CryptoRng>(
        &mut self,
        answer: &SwapAnswer,
        expiry: Option<u64>,
        time: u64,
        prover: &mut P,
        rng: &mut R,
    ) -> Result<SwapOffer, SwapError> {
        let session = self.swap(&answer.swap, time)?;
        // A taker's session holds outputs that the proposer sealed: signing over those would give the taker's notes away.
        if session.answer.is_some() || self.account(session.account)?.address() != session.proposal.proposer {
            return Err(SwapError::NotProposer);
        }
        self.check_promised(session.account, &answer.outputs, session.proposal.want)?;
        let expiry = expiry.unwrap_or(time.saturating_add(FIRM_SECONDS));
        if expiry <= time {
            return Err(SwapError::Offer("expiry"));
        }
        let frame = frame(&session.proposal, answer, expiry);
        let context = frame.context(self.ledger());
        let (outputs, asset) = (&session.proposal.outputs, session.proposal.give.asset);
        let leg = self.swap_leg(&session, outputs, (asset, context, time), prover, rng)?;
        if let Some(open) = self.book.swaps.get_mut(&answer.swap) {
            open.firm_until = Some(expiry);
        }
        Ok(SwapOffer { swap: answer.swap.clone(), expiry, leg })
    }

    /// Checks an offer, its proof included, and completes the swap.
    ///
    /// # Errors
    /// [`SwapError::Offer`] or [`SwapError::Proof`] for an offer that the ledger would refuse; nothing is signed then.
    pub fn accept_swap<P: Prove<Transfer2x3> + Prove<Transfer7x2>, R: RngCore + CryptoRng>(
        &mut self,
        offer: &SwapOffer,
        view: &impl LedgerView,
        keys: &Keys,
        prover: &mut P,
        rng: &mut R,
    ) -> Result<Transaction, SwapError> {
        let time = view.time();
        let session = self.swap(&offer.swap, time)?;
        let answer = session.answer.as_ref().ok_or_else(|| SwapError::Unknown(offer.swap.clone()))?;
        let frame = frame(&session.proposal, answer, offer.expiry);
        let context = frame.context(self.ledger());
        let unless = |holds: bool, what: &'static str| if holds { Ok(()) } else { Err(SwapError::Offer(what)) };
        let x = offer.leg.spend();
        unless(offer.expiry > time, "expiry")?;
        unless(x.outputs == session.proposal.outputs.commitments(), "outputs")?;
        unless(x.exposed == (AssetId::default(), 0), "exposed value")?;
        unless(is_recent(x.now, time), "time")?;
        let distinct: BTreeSet<_> = x.nullifiers.iter().collect();
        unless(distinct.len() == x.nullifiers.len(), "nullifiers")?;
        unless(view.is_anchor(x.anchor)?, "anchor")?;
        let stated = match &offer.leg {
            ProvenLeg::Payment(claim) => {
                keys.verify::<Transfer2x3>(&claim.key, claim.statement.clone(), &claim.proof)?;
                claim.statement.context
            }
            ProvenLeg::Consolidation(claim) => {
                keys.verify::<Transfer7x2>(&claim.key, claim.statement.clone(), &claim.proof)?;
                claim.statement.context
            }
        };
        unless(stated == context, "context")?;
        let asset = session.proposal.want.asset;
        let own = self.swap_leg(&session, &answer.outputs, (asset, context, time), prover, rng)?;
        if let Some(open) = self.book.swaps.get_mut(&offer.swap) {
            open.firm_until = Some(offer.expiry);
        }
        let legs = [offer.leg.clone(), own];
        Ok(Transaction { expiry: offer.expiry, body: Body::Swap { legs }, ciphertexts: frame.ciphertexts })
    }

    /// Ends a swap in which nothing of this wallet was signed.
    ///
    /// # Errors
    /// [`SwapError::Firm`] if a signature was given.
    pub fn end_swap(&mut self, swap: &str) -> Result<(), SwapError> {
        let session = self.book.swaps.get(swap).ok_or_else(|| SwapError::Unknown(swap.into()))?;
        if let Some(until) = session.firm_until {
            return Err(SwapError::Firm { until });
        }
        self.book.swaps.remove(swap);
        Ok(())
    }

    /// Spends the inputs promised in a swap to oneself.
    ///
    /// # Errors
    /// [`SwapError::Unknown`], or [`SwapError::Build`].
    pub fn revoke_swap<P: Prove<Transfer2x3> + Prove<Transfer7x2>, R: RngCore + CryptoRng>(
        &self,
        swap: &str,
        make: &mut Make<'_, P, R>,
    ) -> Result<Transaction, SwapError> {
        let session = self.book.swaps.get(swap).ok_or_else(|| SwapError::Unknown(swap.into()))?;
        let positions: Vec<u32> = session.inputs.iter().copied().collect();
        Ok(match positions.len() {
            0..=2 => self.spend_to_self(session.account, &positions, make)?,
            _ => self.gather(session.account, &positions, make)?,
        })
    }

    fn swap(&self, swap: &str, time: u64) -> Result<SwapSession, SwapError> {
        let session = self.book.swaps.get(swap).ok_or_else(|| SwapError::Unknown(swap.into()))?;
        match session.firm_until {
            Some(until) if until > time => Err(SwapError::Firm { until }),
            _ => Ok(session.clone()),
        }
    }

    fn swap_outputs<R: RngCore + CryptoRng>(
        &self,
        account: u32,
        amount: Amount,
        to: &Address,
        time: u64,
        rng: &mut R,
    ) -> Result<(SwapOutputs, BTreeSet<u32>), SwapError> {
        let coins = self.choose_many(account, amount.asset, amount.value, time)?;
        let rest = u64::try_from(sum(&coins) - u128::from(amount.value)).map_err(|_| BuildError::Amount)?;
        let account = self.account(account)?;
        let note = leg::fresh(amount.asset, amount.value, 0, to.owner, rng);
        let given = Planned { note, recipient: Recipient::Key(to.delivery), memo: Memo::EMPTY };
        let kept = change(account, amount.asset, rest, rng);
        let outputs = if coins.len() <= 2 {
            let dummy = change(account, amount.asset, 0, rng);
            SwapOutputs::Payment(self.seal_outputs(account, [given, kept, dummy], rng)?)
        } else {
            SwapOutputs::Consolidation(self.seal_outputs(account, [given, kept], rng)?)
        };
        Ok((outputs, coins.iter().map(|coin| coin.position).collect()))
    }

    fn seal_outputs<const O: usize, R: RngCore + CryptoRng>(
        &self,
        account: &Account,
        planned: [Planned; O],
        rng: &mut R,
    ) -> Result<Outputs<O>, BuildError> {
        let sealed: Result<[Sealed; O], _> = self.seal_all(account, &planned, rng)?.try_into();
        Ok(Outputs::new(&sealed.map_err(|_| BuildError::Recipients(O))?))
    }

    fn check_promised(&self, account: u32, outputs: &SwapOutputs, amount: Amount) -> Result<(), SwapError> {
        let account = self.account(account)?;
        let sealed = match outputs {
            SwapOutputs::Payment(outputs) => outputs.sealed(0),
            SwapOutputs::Consolidation(outputs) => outputs.sealed(0),
        };
        let key = account.delivery_key();
        let opened = self.scanner.channel.open_note(key, account.owner, sealed.commitment, &sealed.recipient);
        let note = opened.map(|opened| opened.note).ok_or(SwapError::Opening)?;
        let promised = note.asset == amount.asset && note.value == amount.value && note.unlock == 0;
        if promised { Ok(()) } else { Err(SwapError::Opening) }
    }

    /// This wallet's leg of a swap, proved.
    fn swap_leg<P: Prove<Transfer2x3> + Prove<Transfer7x2>, R: RngCore + CryptoRng>(
        &self,
        session: &SwapSession,
        outputs: &SwapOutputs,
        bound: (AssetId, Context, u64),
        prover: &mut P,
        rng: &mut R,
    ) -> Result<ProvenLeg, SwapError> {
        Ok(match outputs {
            SwapOutputs::Payment(outputs) => {
                let (statement, witness) = self.sign_leg::<2, 3, _>(session, outputs, bound, rng)?;
                ProvenLeg::Payment(proven::<Transfer2x3, _>(prover, statement, &witness)?)
            }
            SwapOutputs::Consolidation(outputs) => {
                let (statement, witness) = self.sign_leg::<7, 2, _>(session, outputs, bound, rng)?;
                ProvenLeg::Consolidation(proven::<Transfer7x2, _>(prover, statement, &witness)?)
            }
        })
    }

    fn sign_leg<const I: usize, const O: usize, R: RngCore + CryptoRng>(
        &self,
        session: &SwapSession,
        outputs: &Outputs<O>,
        (asset, context, time): (AssetId, Context, u64),
        rng: &mut R,
    ) -> Result<(Statement<I, O>, Witness<I, O>), SwapError> {
        let account = self.account(session.account)?;
        let planned = self.reopen(account, outputs).ok_or(SwapError::Opening)?;
        let positions: Vec<u32> = session.inputs.iter().copied().collect();
        let (at, coins) = self.coins(&positions, time)?;
        let rho = random_field(rng);
        let leg = Leg::<I, O>::new(account, asset, at, &coins, &planned, rho, rng).map_err(BuildError::from)?;
        Ok(leg.sign(context, rng))
    }

    /// The openings of outputs that this wallet sealed, read from its own copies.
    pub(crate) fn reopen<const O: usize>(&self, account: &Account, outputs: &Outputs<O>) -> Option<[Planned; O]> {
        let open = |sealed: Sealed| {
            let copy = self.scanner.channel.open_copy(account.delivery_key(), sealed.commitment, &sealed.copy)?;
            Some(Planned { note: copy.note, recipient: Recipient::Nobody, memo: copy.memo })
        };
        outputs.all().map(open).collect::<Option<Vec<Planned>>>()?.try_into().ok()
    }
}

fn frame(proposal: &SwapProposal, answer: &SwapAnswer, expiry: u64) -> Draftable {
    let legs = [&proposal.outputs, &answer.outputs];
    let sealed: Vec<Sealed> = legs.iter().flat_map(|leg| leg.all()).collect();
    Draftable::new(Kind::Swap, expiry, &sealed)
}
