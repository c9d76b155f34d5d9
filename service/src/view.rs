//! A ledger as a wallet sees it: its public state, at the time of a clock that runs ahead of the last entry.

use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::terms::Policy;
use privity_circuits::tree::Anchor;
use privity_ledger::{Ledger, LedgerHash, State, StoreError};
use privity_wallet::{LedgerView, Member};

/// The public state of a ledger in this process.
pub struct View<'a> {
    ledger: &'a Ledger,
    id: LedgerHash,
    members: Anchor,
    time: u64,
}

impl<'a> View<'a> {
    /// `ledger` at time `now`, Unix seconds, or at its own if that is later.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer.
    pub fn new(ledger: &'a Ledger, now: u64) -> Result<Self, StoreError> {
        let look = |state: &State<'_>| Ok((state.ledger(), state.member_root(), state.time()));
        let (id, members, time) = ledger.read(look)?;
        Ok(Self { ledger, id, members, time: time.max(now) })
    }
}

impl LedgerView for View<'_> {
    fn ledger(&self) -> LedgerHash {
        self.id
    }

    fn time(&self) -> u64 {
        self.time
    }

    fn policy(&self) -> Result<Policy, StoreError> {
        self.ledger.read(|state| LedgerView::policy(state))
    }

    fn members(&self) -> Anchor {
        self.members
    }

    fn member(&self, owner: Owner) -> Result<Option<Member>, StoreError> {
        self.ledger.read(|state| {
            let Some(member) = state.member(owner)?.filter(|member| member.active) else { return Ok(None) };
            let signer = member.signer_at(self.time);
            Ok(state.member_path(owner)?.map(|path| Member { signer, path }))
        })
    }

    fn signer(&self, id: SignerId) -> Result<Option<PublicKey>, StoreError> {
        self.ledger.read(|state| LedgerView::signer(state, id))
    }

    fn member_of_signer(&self, id: SignerId) -> Result<Option<Owner>, StoreError> {
        self.ledger.read(|state| LedgerView::member_of_signer(state, id))
    }

    fn is_anchor(&self, anchor: Anchor) -> Result<bool, StoreError> {
        self.ledger.read(|state| LedgerView::is_anchor(state, anchor))
    }
}
