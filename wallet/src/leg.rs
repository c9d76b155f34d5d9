//! One spend in the making: first outputs and ciphertexts, then the context over all of them, then the signature.

use crate::delivery::{Channel, DeliveryError, Memo, SealedNote};
use crate::keys::Account;
use crate::random::random_field;
use privity_circuits::Fr;
use privity_circuits::asset::AssetId;
use privity_circuits::context::Context;
use privity_circuits::keys::Owner;
use privity_circuits::note::{self, Commitment, Note, Nullifier};
use privity_circuits::schnorr::Signature;
use privity_circuits::transfer::{Input, Output, Statement, Witness};
use privity_circuits::tree::{Anchor, NotePath};
use rand::{CryptoRng, RngCore};

/// To whom an output's ciphertext goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The owner of this X25519 key.
    Key([u8; 32]),
    /// Nobody: a dummy, an escrow, retired capacity.
    Nobody,
}

/// A note to make and where its ciphertext goes.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The note.
    pub note: Note,
    /// Who reads it.
    pub recipient: Recipient,
    /// What he reads with it.
    pub memo: Memo,
}

/// What an output looks like from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The commitment.
    pub commitment: Commitment,
    /// To the recipient.
    pub recipient: SealedNote,
    /// To the sender.
    pub copy: SealedNote,
}

/// Seals an output to its recipient, and a copy to its sender.
///
/// # Errors
/// [`DeliveryError`] if the recipient's key is of small order or the unlock time does not fit.
pub fn seal<R: RngCore + CryptoRng>(
    channel: &Channel,
    sender: &Account,
    planned: &Planned,
    rng: &mut R,
) -> Result<Sealed, DeliveryError> {
    let commitment = planned.note.commitment();
    let recipient = match planned.recipient {
        Recipient::Key(key) => channel.seal_note(&key, &planned.note, &planned.memo, rng)?,
        Recipient::Nobody => channel.seal_to_nobody(commitment, rng)?,
    };
    let copy = channel.seal_copy(sender.delivery_key(), &planned.note, &planned.memo, rng)?;
    Ok(Sealed { commitment, recipient, copy })
}

/// A note of one's own to spend, with its path under the leg's anchor.
#[derive(Clone)]
pub struct Coin {
    /// The note.
    pub note: Note,
    /// Its path.
    pub path: NotePath,
}

/// A transfer of `I` inputs and `O` outputs but for its context.
pub struct Leg<'a, const I: usize, const O: usize> {
    account: &'a Account,
    asset: AssetId,
    anchor: Anchor,
    now: u64,
    rho: Fr,
    inputs: [Input; I],
    outputs: [Output; O],
    exposed: (AssetId, u64),
}

/// A leg takes fewer inputs than were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} notes were chosen, one spend takes {limit}; consolidate first")]
pub struct TooManyInputs {
    /// Notes chosen.
    pub found: usize,
    /// Notes that the shape takes.
    pub limit: usize,
}

/// Under which root and at which time a leg spends.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// A historic root.
    pub anchor: Anchor,
    /// Unix seconds, a full hour.
    pub now: u64,
}

impl<'a, const I: usize, const O: usize> Leg<'a, I, O> {
    /// Spends `coins` of `account`, filled up with dummies, into `outputs`; `rho` hides the party.
    ///
    /// # Errors
    /// [`TooManyInputs`].
    pub fn new<R: RngCore + CryptoRng>(
        account: &'a Account,
        asset: AssetId,
        at: At,
        coins: &[Coin],
        outputs: &[Planned; O],
        rho: Fr,
        rng: &mut R,
    ) -> Result<Self, TooManyInputs> {
        if coins.len() > I {
            return Err(TooManyInputs { found: coins.len(), limit: I });
        }
        let inputs = core::array::from_fn(|index| match coins.get(index) {
            Some(Coin { note, path }) => {
                Input { value: note.value, unlock: note.unlock, blinding: note.blinding, path: path.clone() }
            }
            None => Input { value: 0, unlock: 0, blinding: random_field(rng), path: NotePath::blank() },
        });
        let outputs = core::array::from_fn(|index| {
            let note = &outputs[index].note;
            Output { value: note.value, unlock: note.unlock, owner: note.owner, blinding: note.blinding }
        });
        let exposed = (AssetId::default(), 0);
        Ok(Self { account, asset, anchor: at.anchor, now: at.now, rho, inputs, outputs, exposed })
    }

    /// The same, with `value` of the asset leaving in the open.
    pub fn exposing(mut self, value: u64) -> Self {
        self.exposed = (self.asset, value);
        self
    }

    /// The nullifiers, dummies included.
    pub fn nullifiers(&self) -> [Nullifier; I] {
        let nk = self.account.nullifier_key().field();
        core::array::from_fn(|index| {
            let input = &self.inputs[index];
            note::nullifier(nk, input.commitment(self.asset, self.account.owner), input.path.position)
        })
    }

    /// Statement and witness in this context, signed.
    pub fn sign<R: RngCore + CryptoRng>(&self, context: Context, rng: &mut R) -> (Statement<I, O>, Witness<I, O>) {
        let statement = Statement {
            anchor: self.anchor,
            nullifiers: self.nullifiers(),
            outputs: core::array::from_fn(|index| self.outputs[index].commitment(self.asset)),
            now: self.now,
            exposed_asset: self.exposed.0,
            exposed_value: self.exposed.1,
            party: note::party(self.account.owner, self.rho),
            context,
        };
        let signature: Signature = self.account.sign(statement.message(), rng);
        let witness = Witness {
            asset: self.asset,
            pk: self.account.public,
            nk: self.account.nullifier_key().clone(),
            rho: self.rho,
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            signature,
        };
        (statement, witness)
    }
}

/// A note of `value` to `owner` with a fresh blinding: two drafts of one wallet share no commitment.
pub fn fresh<R: RngCore + CryptoRng>(asset: AssetId, value: u64, unlock: u64, owner: Owner, rng: &mut R) -> Note {
    Note { asset, value, unlock, owner, blinding: random_field(rng) }
}
