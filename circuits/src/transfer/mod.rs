//! **transfer** — `I` inputs to `O` outputs of one asset, spent by one owner.
//!
//! T1 owner = H(OWNER; pk, nk), pk admissible. T2 inputs open, ranged. T3 (root − anchor)·value = 0: a zero-value input is a dummy,
//! only its membership is skipped. T4 nf = H(NULLIFIER; nk, cm, position), same position bits as the path. T5 now ≥ unlock.
//! T6 outputs open, ranged. T7 exposed value is 64-bit, Σ inputs = Σ outputs + exposed value, exposed value·(exposed asset − asset)
//! = 0. T8 pk signed [`Statement::message`] under owner. T9 party = H(PARTY; owner, ρ).

use crate::asset::AssetId;
use crate::context::Context;
use crate::hash::{Domain, hash};
use crate::keys::{NullifierKey, Owner, PublicKey};
use crate::note::{self, Commitment, Nullifier, Party, UNLOCK_BITS};
use crate::schnorr::Signature;
use crate::tree::{Anchor, NotePath};
use crate::{Fr, Relation, Violation};
use alloc::vec::Vec;

#[cfg(feature = "constraints")]
mod circuit;
#[cfg(feature = "constraints")]
pub(crate) use circuit::Spender;

/// The relation `transfer-IxO.v1`.
pub struct Transfer<const I: usize, const O: usize>;

/// 2 inputs, 3 outputs.
pub type Transfer2x3 = Transfer<2, 3>;
/// 7 inputs, 2 outputs: a consolidation.
pub type Transfer7x2 = Transfer<7, 2>;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement<const I: usize, const O: usize> {
    /// A historic root of the note tree.
    pub anchor: Anchor,
    /// One nullifier per input, dummies included.
    pub nullifiers: [Nullifier; I],
    /// The new notes.
    pub outputs: [Commitment; O],
    /// Unix seconds, a full hour of the ledger's clock.
    pub now: u64,
    /// Asset of the exposed value; 0 if none is exposed.
    pub exposed_asset: AssetId,
    /// Minor units that leave the pool in the open.
    pub exposed_value: u64,
    /// H(PARTY; owner, ρ).
    pub party: Party,
    /// The transaction's context.
    pub context: Context,
}

/// A note to spend; asset and owner are the transfer's.
#[derive(Clone)]
pub struct Input {
    /// Minor units (millionths for capacity); 0 makes a dummy.
    pub value: u64,
    /// Unix seconds.
    pub unlock: u64,
    /// The note's blinding; random for a dummy.
    pub blinding: Fr,
    /// Where the note lies; any for a dummy.
    pub path: NotePath,
}

/// A note to make; its asset is the transfer's.
#[derive(Clone)]
pub struct Output {
    /// Minor units (millionths for capacity).
    pub value: u64,
    /// Unix seconds, below 2^40.
    pub unlock: u64,
    /// Who receives.
    pub owner: Owner,
    /// Uniform in F.
    pub blinding: Fr,
}

/// What the owner, or whoever proves for him, knows. There is no signing key in it.
#[derive(Clone)]
pub struct Witness<const I: usize, const O: usize> {
    /// The asset moved.
    pub asset: AssetId,
    /// The owner's public key.
    pub pk: PublicKey,
    /// The owner's nullifier key.
    pub nk: NullifierKey,
    /// ρ of the party tag.
    pub rho: Fr,
    /// Notes to spend.
    pub inputs: [Input; I],
    /// Notes to make.
    pub outputs: [Output; O],
    /// By `pk` on the statement's message.
    pub signature: Signature,
}

impl<const I: usize, const O: usize> Statement<I, O> {
    /// H(INTENT; nf, out, exposed asset, exposed value, context), signed under the owner.
    pub fn message(&self) -> Fr {
        let mut inputs: Vec<Fr> = self.nullifiers.iter().map(Nullifier::field).collect();
        inputs.extend(self.outputs.iter().map(Commitment::field));
        inputs.extend([self.exposed_asset.field(), Fr::from(self.exposed_value), self.context.field()]);
        hash(Domain::Intent, &inputs)
    }
}

impl<const I: usize, const O: usize> crate::Statement for Statement<I, O> {
    fn public_inputs(&self) -> Vec<Fr> {
        let mut inputs = alloc::vec![self.anchor.field()];
        inputs.extend(self.nullifiers.iter().map(Nullifier::field));
        inputs.extend(self.outputs.iter().map(Commitment::field));
        inputs.extend([
            Fr::from(self.now),
            self.exposed_asset.field(),
            Fr::from(self.exposed_value),
            self.party.field(),
            self.context.field(),
        ]);
        inputs
    }
}

impl Input {
    /// The commitment of this input as a note of `asset` and `owner`.
    pub fn commitment(&self, asset: AssetId, owner: Owner) -> Commitment {
        note::commitment(asset, note::pack(self.value, self.unlock), owner, self.blinding)
    }
}

impl Output {
    /// The commitment of this output as a note of `asset`.
    pub fn commitment(&self, asset: AssetId) -> Commitment {
        note::commitment(asset, note::pack(self.value, self.unlock), self.owner, self.blinding)
    }
}

impl<const I: usize, const O: usize> Relation for Transfer<I, O> {
    const NAME: &'static str = match (I, O) {
        (2, 3) => "transfer-2x3.v1",
        (7, 2) => "transfer-7x2.v1",
        _ => "transfer.v1",
    };
    type Statement = Statement<I, O>;
    type Witness = Witness<I, O>;

    fn check(x: &Self::Statement, w: &Self::Witness) -> Result<(), Violation> {
        let unless = Violation::unless;
        unless(w.pk.is_admissible(), "T1", "the public key is off the curve or of small order")?;
        let owner = Owner::of(&w.pk, &w.nk);
        check_inputs(x, w, owner)?;
        check_outputs(x, w)?;
        unless(
            w.signature.verify(&w.pk, owner.field(), x.message()),
            "T8",
            "the owner did not sign exactly this transfer",
        )?;
        unless(note::party(owner, w.rho) == x.party, "T9", "party is not the owner's")
    }
}

/// T2–T5.
fn check_inputs<const I: usize, const O: usize>(
    x: &Statement<I, O>,
    w: &Witness<I, O>,
    owner: Owner,
) -> Result<(), Violation> {
    let unless = Violation::unless;
    let cms: Vec<Commitment> = w.inputs.iter().map(|input| input.commitment(w.asset, owner)).collect();
    for input in &w.inputs {
        unless(input.unlock >> UNLOCK_BITS == 0, "T2", "an input's unlock is not below 2^40")?;
    }
    for (input, cm) in w.inputs.iter().zip(&cms) {
        let member = input.value == 0 || input.path.root(cm.field()) == x.anchor;
        unless(member, "T3", "an input is not in the tree under this anchor; refresh its path")?;
    }
    for ((input, cm), nf) in w.inputs.iter().zip(&cms).zip(&x.nullifiers) {
        let native = note::nullifier(w.nk.field(), *cm, input.path.position);
        unless(native == *nf, "T4", "a nullifier is not that of its input")?;
    }
    for input in &w.inputs {
        let open = x.now.checked_sub(input.unlock).is_some_and(|age| age >> UNLOCK_BITS == 0);
        unless(open, "T5", "an input is still locked; wait until its unlock time")?;
    }
    Ok(())
}

/// T6 and T7.
fn check_outputs<const I: usize, const O: usize>(x: &Statement<I, O>, w: &Witness<I, O>) -> Result<(), Violation> {
    let unless = Violation::unless;
    for (output, cm) in w.outputs.iter().zip(&x.outputs) {
        unless(output.unlock >> UNLOCK_BITS == 0, "T6", "an output's unlock is not below 2^40")?;
        unless(output.commitment(w.asset) == *cm, "T6", "an output does not open")?;
    }
    let spent: u128 = w.inputs.iter().map(|input| u128::from(input.value)).sum();
    let made: u128 = w.outputs.iter().map(|output| u128::from(output.value)).sum();
    unless(spent == made + u128::from(x.exposed_value), "T7", "inputs do not equal outputs plus exposed value")?;
    unless(x.exposed_value == 0 || x.exposed_asset == w.asset, "T7", "the exposed asset is not the one spent")
}
