//! **mint** — public supply, hidden holder.
//!
//! M1: `out` opens to (`asset`, `value`, some unlock, some owner), value < 2^64, unlock < 2^40, version 1. M2 is the ledger's: the
//! asset is recomputed from a registered issuer and name, and the issuer signed [`Statement::message`].

use crate::asset::AssetId;
use crate::context::Context;
use crate::hash::{Domain, hash};
use crate::keys::Owner;
use crate::note::{self, Commitment, UNLOCK_BITS};
use crate::{Fr, Relation, Violation};
use alloc::vec::Vec;

#[cfg(feature = "constraints")]
mod circuit;

/// The relation `mint.v1`.
pub struct Mint;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The token.
    pub asset: AssetId,
    /// Minor units minted.
    pub value: u64,
    /// The new note.
    pub out: Commitment,
    /// The transaction's context.
    pub context: Context,
}

/// What the minter knows.
#[derive(Clone)]
pub struct Witness {
    /// When the note becomes spendable, Unix seconds.
    pub unlock: u64,
    /// Who receives.
    pub owner: Owner,
    /// Uniform in F.
    pub blinding: Fr,
}

impl Statement {
    /// H(MINT; asset, value, out, context), which the issuer signs under its signer id.
    pub fn message(&self) -> Fr {
        let inputs = [self.asset.field(), Fr::from(self.value), self.out.field(), self.context.field()];
        hash(Domain::Mint, &inputs)
    }
}

impl crate::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        alloc::vec![self.asset.field(), Fr::from(self.value), self.out.field(), self.context.field()]
    }
}

impl Relation for Mint {
    const NAME: &'static str = "mint.v1";
    type Statement = Statement;
    type Witness = Witness;

    fn check(x: &Statement, w: &Witness) -> Result<(), Violation> {
        Violation::unless(w.unlock >> UNLOCK_BITS == 0, "M1", "the unlock time is not below 2^40 seconds")?;
        let out = note::commitment(x.asset, note::pack(x.value, w.unlock), w.owner, w.blinding);
        Violation::unless(
            out == x.out,
            "M1",
            "out does not open to asset and value; rebuild the statement from the note",
        )
    }
}
