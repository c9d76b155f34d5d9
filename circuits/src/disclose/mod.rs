//! **disclose** — prove funds or capacity without moving them.
//!
//! D1: one note of `asset` opens (value < 2^64, unlock < 2^40, version 1) to owner = H(OWNER; pk, nk) with pk admissible and lies in
//! the tree under `anchor`, a value of 0 being no exception; party = H(PARTY; owner, ρ). D2: value ≥ threshold, unlock ≥ hold.
//! D3: tag = H(DISCLOSED; nk, cm, position, scope), same position bits as the path. D4: pk signed H(DISCLOSE; the whole statement)
//! under owner.
//!
//! D2 is proven by the ranges of value − threshold and unlock − hold mod r, and the circuit does not range `threshold` and `hold`
//! themselves: a `threshold` of r − 5 would be met by every value up to 2^64 − 6. Whoever verifies therefore holds them as the
//! integers of [`Statement`]: from a u64 no difference that is negative over the integers comes back into a range mod r, and a
//! `hold` of 2^40 or more is above every unlock time.

use crate::asset::AssetId;
use crate::context::Context;
use crate::hash::{Domain, hash};
use crate::keys::{NullifierKey, Owner, PublicKey};
use crate::note::{self, Commitment, Party, UNLOCK_BITS};
use crate::schnorr::Signature;
use crate::tree::{Anchor, NotePath};
use crate::{Fr, Relation, Violation, field_newtype};
use alloc::vec::Vec;

#[cfg(feature = "constraints")]
mod circuit;

field_newtype!(Scope, "Within what a note is pledged once: a truncated RFQ id, or a week's bucket.");
field_newtype!(Tag, "H(DISCLOSED; nk, cm, position, scope): a note's mark within a scope, which shows double pledges.");

impl Tag {
    /// H(DISCLOSED; nk, cm, position, scope).
    pub fn of(nk: &NullifierKey, cm: Commitment, position: u32, scope: Scope) -> Self {
        let position = Fr::from(u64::from(position));
        let inputs = [nk.field(), cm.field(), position, scope.field()];
        Self::new(hash(Domain::Disclosed, &inputs))
    }
}

/// The relation `disclose.v1`.
pub struct Disclose;

/// What the audience sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// A historic root of the note tree.
    pub anchor: Anchor,
    /// The token or capacity held.
    pub asset: AssetId,
    /// The note holds at least this, in minor units (millionths for capacity).
    pub threshold: u64,
    /// The note is locked at least until then, Unix seconds; below 2^40, else no note satisfies it.
    pub hold: u64,
    /// Within what the note is pledged.
    pub scope: Scope,
    /// The note's mark in this scope.
    pub tag: Tag,
    /// H(PARTY; owner, ρ), opened to the audience.
    pub party: Party,
    /// The disclosure's context, which names the audience.
    pub context: Context,
}

/// What the owner, or whoever proves for him, knows. There is no signing key in it.
#[derive(Clone)]
pub struct Witness {
    /// The owner's public key.
    pub pk: PublicKey,
    /// The owner's nullifier key.
    pub nk: NullifierKey,
    /// ρ of the party tag.
    pub rho: Fr,
    /// The note's value, in minor units (millionths for capacity).
    pub value: u64,
    /// The note's unlock time, Unix seconds, below 2^40.
    pub unlock: u64,
    /// The note's blinding.
    pub blinding: Fr,
    /// Where the note lies.
    pub path: NotePath,
    /// By `pk` on the statement's message.
    pub signature: Signature,
}

impl Statement {
    /// H(DISCLOSE; anchor, asset, threshold, hold, scope, tag, party, context), signed under the owner.
    pub fn message(&self) -> Fr {
        hash(Domain::Disclose, &crate::Statement::public_inputs(self))
    }
}

impl Witness {
    /// The commitment of the disclosed note.
    pub fn commitment(&self, asset: AssetId) -> Commitment {
        let owner = Owner::of(&self.pk, &self.nk);
        let packed = note::pack(self.value, self.unlock);
        note::commitment(asset, packed, owner, self.blinding)
    }
}

impl crate::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        alloc::vec![
            self.anchor.field(),
            self.asset.field(),
            Fr::from(self.threshold),
            Fr::from(self.hold),
            self.scope.field(),
            self.tag.field(),
            self.party.field(),
            self.context.field(),
        ]
    }
}

impl Relation for Disclose {
    const NAME: &'static str = "disclose.v1";
    type Statement = Statement;
    type Witness = Witness;

    fn check(x: &Statement, w: &Witness) -> Result<(), Violation> {
        let unless = Violation::unless;
        unless(w.pk.is_admissible(), "D1", "the public key is off the curve or of small order")?;
        unless(w.unlock >> UNLOCK_BITS == 0, "D1", "the note's unlock is not below 2^40")?;
        let owner = Owner::of(&w.pk, &w.nk);
        let cm = w.commitment(x.asset);
        unless(
            w.path.root(cm.field()) == x.anchor,
            "D1",
            "the note is not in the tree under this anchor; refresh its path",
        )?;
        unless(note::party(owner, w.rho) == x.party, "D1", "party is not the owner's")?;
        unless(w.value >= x.threshold, "D2", "the note holds less than the threshold; disclose another")?;
        unless(
            x.hold >> UNLOCK_BITS == 0 && w.unlock >= x.hold,
            "D2",
            "the note unlocks before the hold ends; send it to yourself with a later unlock time",
        )?;
        unless(Tag::of(&w.nk, cm, w.path.position, x.scope) == x.tag, "D3", "tag is not the note's in this scope")?;
        unless(
            w.signature.verify(&w.pk, owner.field(), x.message()),
            "D4",
            "the owner did not sign exactly this disclosure",
        )
    }
}
