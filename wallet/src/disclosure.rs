//! Disclosures: funds or capacity proved to an audience without moving them, and the audience's check.

use crate::build::BuildError;
use crate::file::{Document, MAX_BOOK_BYTES};
use crate::hex;
use crate::prove::Prove;
use crate::random::random_field;
use crate::view::LedgerView;
use crate::wallet::Wallet;
use privity_circuits::Fr;
use privity_circuits::Relation;
use privity_circuits::asset::AssetId;
use privity_circuits::disclose::{Disclose, Scope, Statement, Tag, Witness};
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::note::{self, Party};
use privity_circuits::terms::RfqId;
use privity_circuits::tree::Anchor;
use privity_ledger::context::disclosure;

use privity_verifier::{KeyId, Keys, Proof, Refusal};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What is to be shown, and to whom.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DisclosureOrder {
    /// The token or capacity.
    pub asset: AssetId,
    /// At least this much, minor units (millionths for capacity), in one note.
    pub threshold: u64,
    /// Locked at least until then, Unix seconds.
    pub hold: u64,
    /// Within what it is pledged.
    pub scope: Scope,
    /// Signer id of the audience.
    pub audience: SignerId,
}

/// The scope of a request for quotation.
pub fn rfq_scope(rfq: RfqId) -> Scope {
    Scope::new(rfq.field())
}

/// The scope of a week.
pub fn week_scope(bucket: u32) -> Scope {
    Scope::new(Fr::from(u64::from(bucket)))
}

/// A disclosure as a file for its audience.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// A historic root.
    pub anchor: Anchor,
    /// The token or capacity.
    pub asset: AssetId,
    /// At least this much.
    pub threshold: u64,
    /// Locked at least until then, Unix seconds.
    pub hold: u64,
    /// Within what it is pledged.
    pub scope: Scope,
    /// The note's mark in the scope.
    pub tag: Tag,
    /// Who claims it.
    pub claimant: Owner,
    /// Opens the party to the claimant.
    #[serde(with = "hex::field")]
    pub rho: Fr,
    /// The key of the proof.
    #[serde(with = "hex::codec")]
    pub key: KeyId,
    /// The proof.
    #[serde(with = "hex::codec")]
    pub proof: Proof,
}

redacted!(DisclosureOrder, Disclosure);

impl Document for Disclosure {
    const KIND: &'static str = "privity.disclosure";
}

/// Why an audience does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// The ledger's state cannot be read.
    #[error(transparent)]
    View(#[from] privity_ledger::store::StoreError),
    /// A root that the ledger never had.
    #[error("the anchor was never a root of this ledger; the note may not exist")]
    Anchor,
    /// Funds that are free already, or will be at this very second.
    #[error("the hold ends at {hold}, ledger time is {time}; ask for a later hold")]
    Hold {
        /// Unix seconds.
        hold: u64,
        /// Ledger time.
        time: u64,
    },
    /// The same note was pledged before.
    #[error(
        "this note was disclosed in this scope before: one note does not cover two pledges; ask for another note's"
    )]
    Pledged,
    /// Less than was asked for.
    #[error(
        "the disclosure is of another asset, scope or audience, or of less than was asked for; ask for one as you ordered it"
    )]
    Order,
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] Refusal),
}

impl Disclosure {
    /// The statement for this audience; the verifier computes the context, it takes none from the file.
    fn statement(&self, view: &impl LedgerView, audience: SignerId) -> Statement {
        let Self { anchor, asset, threshold, hold, scope, tag, claimant, rho, .. } = *self;
        let party: Party = note::party(claimant, rho);
        Statement { anchor, asset, threshold, hold, scope, tag, party, context: disclosure(view.ledger(), audience) }
    }
}

impl Wallet {
    /// Discloses one note of an account that satisfies `order`, the smallest that does.
    ///
    /// # Errors
    /// [`BuildError::NotOurs`] if no note does: send it to yourself with a later unlock time first.
    pub fn disclose<P: Prove<Disclose>, R: RngCore + CryptoRng>(
        &self,
        account: u32,
        order: &DisclosureOrder,
        prover: &mut P,
        rng: &mut R,
    ) -> Result<Disclosure, BuildError> {
        let fits = |own: &&crate::scan::OwnNote| {
            own.account == account
                && own.spent.is_none()
                && own.note.asset == order.asset
                && own.note.value >= order.threshold
                && own.note.unlock >= order.hold
        };
        let own = self.scanner.notes().iter().filter(fits).min_by_key(|own| own.note.value);
        let own = own.ok_or(BuildError::NotOurs("a note of this asset that is large enough and held long enough"))?;
        let account = self.account(account)?;
        let root = self.root(&[own.position], self.scanner.time());
        let path = self.scanner.tree().path(own.position, root).map_err(crate::WalletError::from)?;
        let (nk, rho) = (account.nullifier_key(), random_field(rng));
        let DisclosureOrder { asset, threshold, hold, scope, audience } = *order;
        let statement = Statement {
            anchor: root.anchor,
            asset,
            threshold,
            hold,
            scope,
            tag: Tag::of(nk, own.note.commitment(), own.position, scope),
            party: note::party(account.owner, rho),
            context: disclosure(self.ledger(), audience),
        };
        let witness = Witness {
            pk: account.public,
            nk: nk.clone(),
            rho,
            value: own.note.value,
            unlock: own.note.unlock,
            blinding: own.note.blinding,
            path,
            signature: account.sign(statement.message(), rng),
        };
        Disclose::check(&statement, &witness)?;
        let (key, proof) = prover.prove(&statement, &witness)?;
        let Statement { anchor, tag, .. } = statement;
        Ok(Disclosure { anchor, asset, threshold, hold, scope, tag, claimant: account.owner, rho, key, proof })
    }
}

/// Tags that an audience has accepted, per scope.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudienceBook(BTreeSet<(Scope, Tag)>);

impl Document for AudienceBook {
    const KIND: &'static str = "privity.audience-book";
    const LIMIT: usize = MAX_BOOK_BYTES;
}

impl AudienceBook {
    /// Accepts a disclosure that answers `order`: historic anchor, ledger time strictly before the end of the hold, a tag that is
    /// new in its scope, a proof that holds for the claimant.
    ///
    /// # Errors
    /// [`DisclosureError`]; nothing is entered then.
    pub fn accept(
        &mut self,
        shown: &Disclosure,
        order: &DisclosureOrder,
        view: &impl LedgerView,
        keys: &Keys,
    ) -> Result<(), DisclosureError> {
        let answers = shown.asset == order.asset
            && shown.scope == order.scope
            && shown.threshold >= order.threshold
            && shown.hold >= order.hold;
        if !answers {
            return Err(DisclosureError::Order);
        }
        if !view.is_anchor(shown.anchor)? {
            return Err(DisclosureError::Anchor);
        }
        if view.time() >= shown.hold {
            return Err(DisclosureError::Hold { hold: shown.hold, time: view.time() });
        }
        if self.0.contains(&(shown.scope, shown.tag)) {
            return Err(DisclosureError::Pledged);
        }
        keys.verify::<Disclose>(&shown.key, shown.statement(view, order.audience), &shown.proof)?;
        self.0.insert((shown.scope, shown.tag));
        Ok(())
    }
}
