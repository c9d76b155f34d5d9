//! **release** — settles part or all of an escrowed pair; the terms stay hidden.
//!
//! R1 terms opens, GOODS and REMEDY ranged; the pair (currency, v, 0, E(done)), (asset, u, 0, E(done)) is in the tree, done < q;
//! nf = H(NULLIFIER; H(ESCROWNK; s₃), pair, position). R2 exactly one of delivered, lapsed, awarded, agreed holds, and whoever it
//! names signed it. R3 pay, used, rest, v − pay − rest, u − used are 64-bit. R4 the outputs are those of [`Settlement::notes`].
//!
//! Terms and evidence alone rebuild every output: [`Settlement::of`], then [`Settlement::notes`].

use crate::context::Context;
use crate::keys::SignerId;
use crate::note::{self, Commitment, Note, Nullifier};
use crate::terms::Terms;
use crate::tree::{Anchor, NotePath};
use crate::{Fr, Relation, Violation};
use alloc::vec::Vec;

#[cfg(feature = "constraints")]
mod branches;
#[cfg(feature = "constraints")]
mod circuit;
mod evidence;
mod settlement;

pub use evidence::{Claim, Evidence, Signed};
pub use settlement::{Holding, Settlement};

use settlement::Outcome;

/// The relation `release.v1`.
pub struct Release;

/// What everyone sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// A historic root of the note tree.
    pub anchor: Anchor,
    /// H(NULLIFIER; H(ESCROWNK; s₃), pair, position).
    pub nullifier: Nullifier,
    /// What the supplier is paid.
    pub out_supplier: Commitment,
    /// What the buyer gets back.
    pub out_buyer: Commitment,
    /// Capacity that returns to the supplier.
    pub out_capacity: Commitment,
    /// What stays in escrow, H(PAIR; …).
    pub out_pair: Commitment,
    /// Unix seconds, a full hour of the ledger's clock.
    pub now: u64,
    /// The transaction's context.
    pub context: Context,
}

/// What either party, or whoever releases for them, knows. No party's nullifier key is in it.
#[derive(Clone)]
pub struct Witness {
    /// The deal's terms.
    pub terms: Terms,
    /// What the pair holds.
    pub held: Holding,
    /// Blinding of the pair's payment.
    pub payment_blinding: Fr,
    /// Blinding of the pair's capacity.
    pub capacity_blinding: Fr,
    /// Where the pair lies in the note tree.
    pub path: NotePath,
    /// What entitles to the release.
    pub evidence: Evidence,
}

impl Witness {
    /// The pair's payment and capacity as notes.
    pub fn halves(&self) -> [Note; 2] {
        settlement::halves(&self.terms, &self.held, [self.payment_blinding, self.capacity_blinding])
    }

    /// The pair: its leaf in the note tree.
    pub fn pair(&self) -> Commitment {
        let [payment, capacity] = self.halves();
        note::pair(payment.commitment(), capacity.commitment())
    }

    /// H(NULLIFIER; H(ESCROWNK; s₃), pair, position).
    pub fn nullifier(&self) -> Nullifier {
        note::nullifier(self.terms.escrow_nullifier_key(), self.pair(), self.path.position)
    }
}

impl Statement {
    /// The statement that `w` proves.
    ///
    /// # Errors
    /// R1 to R3 if the witness's integers settle nothing. Signatures and path are left to [`Release::check`](Relation::check).
    pub fn of(w: &Witness, anchor: Anchor, now: u64, context: Context) -> Result<Self, Violation> {
        let settlement = Settlement::of(&w.terms, &w.held, &w.evidence.claim(), now)?;
        let nullifier = w.nullifier();
        let [out_supplier, out_buyer, out_capacity, out_pair] =
            settlement::commitments(&settlement.notes(&w.terms, nullifier));
        Ok(Self { anchor, nullifier, out_supplier, out_buyer, out_capacity, out_pair, now, context })
    }

    /// The four outputs in their order.
    pub fn outputs(&self) -> [Commitment; 4] {
        [self.out_supplier, self.out_buyer, self.out_capacity, self.out_pair]
    }
}

impl crate::Statement for Statement {
    fn public_inputs(&self) -> Vec<Fr> {
        alloc::vec![
            self.anchor.field(),
            self.nullifier.field(),
            self.out_supplier.field(),
            self.out_buyer.field(),
            self.out_capacity.field(),
            self.out_pair.field(),
            Fr::from(self.now),
            self.context.field(),
        ]
    }
}

impl Relation for Release {
    const NAME: &'static str = "release.v1";
    type Statement = Statement;
    type Witness = Witness;

    fn check(x: &Statement, w: &Witness) -> Result<(), Violation> {
        let unless = Violation::unless;
        w.held.check(&w.terms)?;
        let pair = w.pair();
        unless(
            w.path.root(pair.field()) == x.anchor,
            "R1",
            "the pair is not in the tree under this anchor; refresh its path",
        )?;
        unless(w.nullifier() == x.nullifier, "R1", "the nullifier is not that of the pair")?;

        let claim = w.evidence.claim();
        let outcome = Outcome::of(&w.terms, &w.held, &claim, x.now)?;
        let message = claim.message(w.terms.id(), w.held.done, x.nullifier, x.context);
        for (signer, signed) in claim.signers(&w.terms.parties).iter().zip(w.evidence.signatures()) {
            unless(
                signed.pk.is_admissible() && SignerId::of(&signed.pk) == *signer,
                "R2",
                "a key is not the one that the terms name for this evidence",
            )?;
            unless(
                signed.signature.verify(&signed.pk, signer.field(), message),
                "R2",
                "a signature does not cover exactly this evidence, these terms and this state",
            )?;
        }

        let settlement = outcome.settle(&w.held)?;
        let expected = settlement::commitments(&settlement.notes(&w.terms, x.nullifier));
        unless(expected == x.outputs(), "R4", "an output is not the one that terms and evidence give")
    }
}
