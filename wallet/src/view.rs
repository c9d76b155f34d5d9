//! What a wallet asks a ledger: all of it public.

use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::terms::Policy;
use privity_circuits::tree::{Anchor, MemberPath};
use privity_ledger::store::StoreError;
use privity_ledger::{LedgerHash, State};

/// A member as the ledger knows it.
#[derive(Clone, Debug)]
pub struct Member {
    /// The member's registered signer.
    pub signer: SignerId,
    /// Its place under the current member root.
    pub path: MemberPath,
}

/// The public state of a ledger; a failing store is an error, never "unknown".
pub trait LedgerView {
    /// Its whole id.
    fn ledger(&self) -> LedgerHash;
    /// Its time, Unix seconds.
    fn time(&self) -> u64;
    /// The fee policy in force.
    ///
    /// # Errors
    /// The store's.
    fn policy(&self) -> Result<Policy, StoreError>;
    /// The current member root.
    fn members(&self) -> Anchor;
    /// A member, if it is one.
    ///
    /// # Errors
    /// The store's.
    fn member(&self, owner: Owner) -> Result<Option<Member>, StoreError>;
    /// The key of a registered signer.
    ///
    /// # Errors
    /// The store's.
    fn signer(&self, id: SignerId) -> Result<Option<PublicKey>, StoreError>;
    /// Whose signer this is, was, or will be after its delay.
    ///
    /// # Errors
    /// The store's.
    fn member_of_signer(&self, id: SignerId) -> Result<Option<Owner>, StoreError>;
    /// Whether this was ever a root of the note tree.
    ///
    /// # Errors
    /// The store's.
    fn is_anchor(&self, anchor: Anchor) -> Result<bool, StoreError>;
}

impl LedgerView for State<'_> {
    fn ledger(&self) -> LedgerHash {
        State::ledger(self)
    }

    fn time(&self) -> u64 {
        State::time(self)
    }

    fn policy(&self) -> Result<Policy, StoreError> {
        let known = self.policy_of(State::policy(self))?;
        Ok(known.map_or_else(|| self.genesis().policy.clone(), |(_, policy)| policy))
    }

    fn members(&self) -> Anchor {
        self.member_root()
    }

    fn member(&self, owner: Owner) -> Result<Option<Member>, StoreError> {
        let Some(member) = State::member(self, owner)?.filter(|member| member.active) else { return Ok(None) };
        let signer = member.signer_at(State::time(self));
        Ok(self.member_path(owner)?.map(|path| Member { signer, path }))
    }

    fn signer(&self, id: SignerId) -> Result<Option<PublicKey>, StoreError> {
        Ok(State::signer(self, id)?.filter(|(_, active)| *active).map(|(key, _)| key))
    }

    fn member_of_signer(&self, id: SignerId) -> Result<Option<Owner>, StoreError> {
        State::member_of_signer(self, id)
    }

    fn is_anchor(&self, anchor: Anchor) -> Result<bool, StoreError> {
        Ok(self.anchor_size(anchor)?.is_some())
    }
}

/// Seconds of an hour: `now` is a multiple of it.
pub const HOUR: u64 = 3_600;

/// Seconds that a statement's `now` may lie behind the ledger's time (L4).
const NOW_WINDOW: u64 = 86_400;

/// Whether the ledger takes `now` in a statement at its time `time` (L4).
pub(crate) fn is_recent(now: u64, time: u64) -> bool {
    now.is_multiple_of(HOUR) && time.checked_sub(now).is_some_and(|age| age <= NOW_WINDOW)
}

/// The full hour that statements name as `now`.
pub fn full_hour(time: u64) -> u64 {
    time - time % HOUR
}
