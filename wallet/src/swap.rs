//! A swap of two assets between two parties, both legs or neither, in the same four steps as a deal.

use crate::address::Address;
use crate::build::{BuildError, Draftable, change};
use crate::deal::{FIRM_SECONDS, Outputs};
use crate::delivery::Memo;
use crate::file::{Document, FileError};
use crate::hex;
use crate::leg::{self, Leg, Planned, Recipient};
use crate::prove::{Prove, ProveError, proven};
use crate::random::random_field;
use crate::view::LedgerView;
use crate::wallet::{Wallet, WalletError};
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::transfer::{Statement, Transfer2x3, Witness};
use privity_ledger::context::Kind;
use privity_ledger::{Body, Proven, Transaction};
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
    /// What is given, change, a dummy.
    pub outputs: Outputs,
}

/// Second message: the taker's outputs. Nothing is signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapAnswer {
    /// Of which proposal: its SHA-256.
    pub swap: String,
    /// What is wanted, change, a dummy.
    pub outputs: Outputs,
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
    pub leg: Proven<Transfer2x3>,
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
    #[error("the counterparty's proof: {0}")]
    Proof(#[from] Refusal),
    /// The proposal is for somebody else.
    #[error("the proposal is not for this account; open the account that it names")]
    NotTaker,
    /// What was promised does not open.
    #[error("the note promised does not open to asset, value and this account; nothing was signed")]
    Opening,
    /// No such swap.
    #[error("no swap {0} is open in this wallet")]
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
    /// [`SwapError::Opening`] if what is given does not open for this account.
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
        let (outputs, inputs) = self.swap_outputs(account, proposal.want, &proposal.proposer, time, rng)?;
        let answer = SwapAnswer { swap: swap.clone(), outputs };
        let (proposal, answered) = (proposal.clone(), Some(answer.clone()));
        self.book.swaps.insert(swap, SwapSession { account, inputs, firm_until: None, proposal, answer: answered });
        Ok(answer)
    }

    /// Checks an answer and signs the proposer's leg, firm until ten minutes from now or `expiry`.
    ///
    /// # Errors
    /// [`SwapError::Opening`] if what is wanted does not open, [`SwapError::Firm`] if a signature stands.
    pub fn offer_swap<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &mut self,
        answer: &SwapAnswer,
        expiry: Option<u64>,
        time: u64,
        prover: &mut P,
        rng: &mut R,
    ) -> Result<SwapOffer, SwapError> {
        let session = self.swap(&answer.swap, time)?;
        self.check_promised(session.account, &answer.outputs, session.proposal.want)?;
        let expiry = expiry.unwrap_or(time.saturating_add(FIRM_SECONDS));
        if expiry <= time {
            return Err(SwapError::Offer("expiry"));
        }
        let frame = frame(&session.proposal, answer, expiry);
        let context = frame.context(self.ledger());
        let (outputs, asset) = (&session.proposal.outputs, session.proposal.give.asset);
        let (statement, witness) = self.swap_leg(&session, outputs, asset, context, time, rng)?;
        let leg = proven::<Transfer2x3, _>(prover, statement, &witness)?;
        if let Some(open) = self.book.swaps.get_mut(&answer.swap) {
            open.firm_until = Some(expiry);
        }
        Ok(SwapOffer { swap: answer.swap.clone(), expiry, leg })
    }

    /// Checks an offer, its proof included, and completes the swap.
    ///
    /// # Errors
    /// [`SwapError::Offer`] or [`SwapError::Proof`] for an offer that the ledger would refuse; nothing is signed then.
    pub fn accept_swap<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
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
        let x = &offer.leg.statement;
        unless(offer.expiry > time, "expiry")?;
        unless(x.outputs == session.proposal.outputs.commitments(), "outputs")?;
        unless(x.context == context, "context")?;
        unless(x.exposed_value == 0 && x.exposed_asset.is_zero(), "exposed value")?;
        unless(view.is_anchor(x.anchor)?, "anchor")?;
        keys.verify::<Transfer2x3>(&offer.leg.key, x.clone(), &offer.leg.proof)?;
        let asset = session.proposal.want.asset;
        let (statement, witness) = self.swap_leg(&session, &answer.outputs, asset, context, time, rng)?;
        let own = proven::<Transfer2x3, _>(prover, statement, &witness)?;
        if let Some(open) = self.book.swaps.get_mut(&offer.swap) {
            open.firm_until = Some(offer.expiry);
        }
        let legs = [privity_ledger::Leg::Payment(offer.leg.clone()), privity_ledger::Leg::Payment(own)];
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
    pub fn revoke_swap<P: Prove<Transfer2x3>, R: RngCore + CryptoRng>(
        &self,
        swap: &str,
        make: &mut crate::build::Make<'_, P, R>,
    ) -> Result<Transaction, SwapError> {
        let session = self.book.swaps.get(swap).ok_or_else(|| SwapError::Unknown(swap.into()))?;
        let positions: Vec<u32> = session.inputs.iter().copied().collect();
        Ok(self.spend_to_self(session.account, &positions, make)?)
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
    ) -> Result<(Outputs, BTreeSet<u32>), SwapError> {
        let coins = self.choose(account, amount.asset, amount.value, time)?;
        let sum: u128 = coins.iter().map(|coin| u128::from(coin.value)).sum();
        let rest = u64::try_from(sum - u128::from(amount.value)).map_err(|_| BuildError::Amount)?;
        let account = self.account(account)?;
        let note = leg::fresh(amount.asset, amount.value, 0, to.owner, rng);
        let planned = [
            Planned { note, recipient: Recipient::Key(to.delivery), memo: Memo::EMPTY },
            change(account, amount.asset, rest, rng),
            change(account, amount.asset, 0, rng),
        ];
        let sealed: Result<[leg::Sealed; 3], _> = self.seal_all(account, &planned, rng)?.try_into();
        let sealed = sealed.map_err(|_| BuildError::Recipients(planned.len()))?;
        Ok((Outputs::new(&sealed), coins.iter().map(|coin| coin.position).collect()))
    }

    fn check_promised(&self, account: u32, outputs: &Outputs, amount: Amount) -> Result<(), SwapError> {
        let (account, sealed) = (self.account(account)?, outputs.sealed(0));
        let key = account.delivery_key();
        let opened = self.scanner.channel.open_note(key, account.owner, sealed.commitment, &sealed.recipient);
        let note = opened.map(|opened| opened.note).ok_or(SwapError::Opening)?;
        let promised = note.asset == amount.asset && note.value == amount.value && note.unlock == 0;
        if promised { Ok(()) } else { Err(SwapError::Opening) }
    }

    fn swap_leg<R: RngCore + CryptoRng>(
        &self,
        session: &SwapSession,
        outputs: &Outputs,
        asset: AssetId,
        context: Context,
        time: u64,
        rng: &mut R,
    ) -> Result<(Statement<2, 3>, Witness<2, 3>), SwapError> {
        let account = self.account(session.account)?;
        let planned = self.reopen(account, outputs).ok_or(SwapError::Opening)?;
        let positions: Vec<u32> = session.inputs.iter().copied().collect();
        let (at, coins) = self.coins(&positions, time)?;
        let rho = random_field(rng);
        let leg = Leg::<2, 3>::new(account, asset, at, &coins, &planned, rho, rng).map_err(BuildError::from)?;
        Ok(leg.sign(context, rng))
    }

    /// The openings of outputs that this wallet sealed, read from its own copies.
    pub(crate) fn reopen(&self, account: &crate::Account, outputs: &Outputs) -> Option<[Planned; 3]> {
        let channel = &self.scanner.channel;
        let open = |index: usize| {
            let sealed = outputs.sealed(index);
            let copy = channel.open_copy(account.delivery_key(), sealed.commitment, &sealed.copy)?;
            Some(Planned { note: copy.note, recipient: Recipient::Nobody, memo: copy.memo })
        };
        Some([open(0)?, open(1)?, open(2)?])
    }
}

fn frame(proposal: &SwapProposal, answer: &SwapAnswer, expiry: u64) -> Draftable {
    let legs = [&proposal.outputs, &answer.outputs];
    let sealed: Vec<_> = legs.iter().flat_map(|leg| (0..3).map(|index| leg.sealed(index))).collect();
    Draftable::new(Kind::Swap, expiry, &sealed)
}
