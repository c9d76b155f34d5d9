//! Rules of the operator's entries.

use super::ensure;
use crate::apply::ApplyError;
use crate::effects::{Effects, Registry};
use crate::entry::{Admission, Entry, EntryBody, Registration, Revocation};
use crate::rejection::Rejection;
use crate::state::{Member, State, Token, member_row, node_key, policy_row, signer_row, token_row};
use crate::store::Table;
use crate::tree::updated;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{PublicKey, SignerId};
use privity_circuits::terms::Policy;
use privity_circuits::tree::{Anchor, MEMBER_DEPTH};
use privity_circuits::{Fr, field};

pub(super) fn effects(state: &State<'_>, entry: &Entry, mut effects: Effects) -> Result<Effects, ApplyError> {
    let (found, expected) = (entry.position, state.position());
    ensure(found == expected, || Rejection::WrongPosition { found, expected })?;
    let operator = entry.operator;
    let Some((key, true)) = state.operator(operator)? else {
        return Err(Rejection::NotAnOperator { operator }.into());
    };
    let signed = entry.signature.verify(&key, operator.field(), entry.message(state.ledger()));
    ensure(signed, || Rejection::OperatorSignature)?;
    let mut writer = Writer { state, now: effects.time, registry: Registry::default() };
    match &entry.body {
        EntryBody::Register(registration) => writer.register(registration)?,
        EntryBody::Revoke(revocation) => writer.revoke(revocation)?,
        EntryBody::Member(admission) => writer.admit(admission)?,
        EntryBody::Policy(policy) => writer.policy(policy)?,
        EntryBody::Open(open) => writer.registry.rows = super::tenders::open(state, open, effects.time)?,
    }
    effects.registry = writer.registry;
    effects.entry = Some(entry.body.clone());
    Ok(effects)
}

/// Collects what an entry changes.
struct Writer<'s, 'a> {
    state: &'s State<'a>,
    now: u64,
    registry: Registry,
}

impl Writer<'_, '_> {
    fn put(&mut self, table: Table, key: &[u8], row: Vec<u8>) {
        self.registry.rows.insert(table.key(key), row);
    }

    fn register(&mut self, registration: &Registration) -> Result<(), ApplyError> {
        match registration {
            Registration::Signer(key) => {
                let id = SignerId::of(key);
                let known = matches!(self.state.signer(id)?, Some((_, true)));
                ensure(!known, || Rejection::AlreadyRegistered)?;
                self.put(Table::Signer, &id.to_bytes(), signer_row(key, true));
            }
            Registration::Token { issuer, name } => {
                let asset = AssetId::token(*issuer, name.as_str());
                let known = self.state.token(asset)?.is_some_and(|token| token.active);
                ensure(!known, || Rejection::AlreadyRegistered)?;
                self.active_signer(*issuer)?;
                let token = Token { issuer: *issuer, name: name.clone(), active: true };
                self.put(Table::Token, &asset.to_bytes(), token_row(&token));
            }
            Registration::Key { key, ends } => {
                let id = key.id();
                let forbidden = self.state.genesis().production && key.is_development();
                ensure(!forbidden, || Rejection::DevelopmentKey { key: id })?;
                self.put(Table::KeyEnd, &id.0, ends.to_be_bytes().to_vec());
                self.put(Table::Key, &id.0, key.to_bytes());
            }
            Registration::Certifier(id) => {
                ensure(!self.state.is_certifier(*id)?, || Rejection::AlreadyRegistered)?;
                self.active_signer(*id)?;
                self.put(Table::Certifier, &id.to_bytes(), vec![1]);
            }
            Registration::Operator(key) => {
                let id = SignerId::of(key);
                let known = matches!(self.state.operator(id)?, Some((_, true)));
                ensure(!known, || Rejection::AlreadyRegistered)?;
                self.put(Table::Operator, &id.to_bytes(), signer_row(key, true));
                self.registry.operators = Some(self.state.core.operators + 1);
            }
        }
        Ok(())
    }

    fn revoke(&mut self, revocation: &Revocation) -> Result<(), ApplyError> {
        match revocation {
            Revocation::Signer(id) => {
                let key = self.active_signer(*id)?;
                self.put(Table::Signer, &id.to_bytes(), signer_row(&key, false));
            }
            Revocation::Token(asset) => {
                let token = self.state.token(*asset)?.filter(|token| token.active);
                let token = token.ok_or(Rejection::NotRegistered)?;
                self.put(Table::Token, &asset.to_bytes(), token_row(&Token { active: false, ..token }));
            }
            Revocation::Key(id) => {
                let accepted = self.state.key_end(*id)?.is_some_and(|end| self.now < end);
                ensure(accepted, || Rejection::NotRegistered)?;
                self.put(Table::KeyEnd, &id.0, self.now.to_be_bytes().to_vec());
            }
            Revocation::Certifier(id) => {
                ensure(self.state.is_certifier(*id)?, || Rejection::NotRegistered)?;
                self.put(Table::Certifier, &id.to_bytes(), vec![0]);
            }
            Revocation::Operator(id) => {
                let Some((key, true)) = self.state.operator(*id)? else {
                    return Err(Rejection::NotRegistered.into());
                };
                let left = self.state.core.operators.saturating_sub(1);
                ensure(left > 0, || Rejection::LastOperator)?;
                self.put(Table::Operator, &id.to_bytes(), signer_row(&key, false));
                self.registry.operators = Some(left);
            }
            Revocation::Member(owner) => {
                let member = self.state.member(*owner)?.filter(|member| member.active);
                let member = member.ok_or(Rejection::NotRegistered)?;
                self.put(Table::Member, &owner.to_bytes(), member_row(&Member { active: false, ..member }));
                self.leaf(member.position, Fr::default())?;
            }
        }
        Ok(())
    }

    /// Admits an owner, readmits it, or changes its signer: at once with the present signer's consent, else after the delay.
    fn admit(&mut self, admission: &Admission) -> Result<(), ApplyError> {
        let (owner, signer) = (admission.owner, SignerId::of(&admission.signer));
        let member = self.state.member(owner)?;
        let unchanged = member.is_some_and(|member| member.active && !self.changes(&member, signer));
        ensure(!unchanged, || Rejection::AlreadyRegistered)?;
        match self.state.signer(signer)? {
            Some((_, false)) => return Err(Rejection::NotRegistered.into()),
            Some((_, true)) => {}
            None => self.put(Table::Signer, &signer.to_bytes(), signer_row(&admission.signer, true)),
        }
        ensure(!owner.is_zero(), || Rejection::NoOwner)?;
        if let Some(other) = self.state.member_of_signer(signer)? {
            ensure(other == owner, || Rejection::SignerTaken { owner: other })?;
        }
        self.put(Table::MemberSigner, &signer.to_bytes(), owner.to_bytes().to_vec());
        let (position, admitted) = match member {
            Some(member) => (member.position, self.changed(admission, &member, signer)?),
            None => {
                let position = self.state.core.members;
                ensure(position < 1 << (2 * MEMBER_DEPTH), || Rejection::MembersFull)?;
                (position, Member { position, active: true, changes: 0, signer, pending: None })
            }
        };
        if !member.is_some_and(|member| member.active) {
            self.leaf(position, owner.field())?;
        }
        self.put(Table::Member, &owner.to_bytes(), member_row(&admitted));
        Ok(())
    }

    /// Whether naming `signer` changes the member's signer: not if it is the present one, for good.
    fn changes(&self, member: &Member, signer: SignerId) -> bool {
        let waiting = member.pending.is_some_and(|(_, since)| since > self.now);
        signer != member.signer_at(self.now) || waiting
    }

    /// `member`, active, its signer changed if `admission` says so.
    fn changed(&mut self, admission: &Admission, member: &Member, signer: SignerId) -> Result<Member, ApplyError> {
        if !self.changes(member, signer) {
            return Ok(Member { active: true, ..*member });
        }
        let present = member.signer_at(self.now);
        let changes = member.changes + 1;
        if let Some((_, since)) = member.pending.filter(|(_, since)| *since <= self.now) {
            self.put(Table::Takeover, &admission.owner.to_bytes(), since.to_be_bytes().to_vec());
        }
        let mut changed = Member { active: true, changes, signer: present, pending: None, ..*member };
        match &admission.consent {
            Some(consent) => {
                let (ledger, owner) = (self.state.ledger(), admission.owner);
                let message = Admission::consent(ledger, owner, member.changes, &admission.signer);
                let agreed = match self.state.signer(present)? {
                    Some((key, true)) => consent.verify(&key, present.field(), message),
                    _ => false,
                };
                ensure(agreed, || Rejection::Consent)?;
                changed.signer = signer;
            }
            None => {
                let since = self.now.saturating_add(self.state.genesis().signer_delay);
                changed.pending = Some((signer, since));
            }
        }
        Ok(changed)
    }

    fn policy(&mut self, policy: &Policy) -> Result<(), ApplyError> {
        let (old, new) = (self.state.policy(), policy.id());
        ensure(old != new, || Rejection::AlreadyRegistered)?;
        if let Some((_, replaced)) = self.state.policy_of(old)? {
            let end = self.grace_end();
            self.put(Table::Policy, &field::to_bytes(&old), policy_row(end, &replaced));
        }
        self.put(Table::Policy, &field::to_bytes(&new), policy_row(u64::MAX, policy));
        self.registry.policy = Some(new);
        Ok(())
    }

    /// Sets a leaf of the member tree; the old root lasts the grace period.
    fn leaf(&mut self, position: u32, leaf: Fr) -> Result<(), ApplyError> {
        let path = self.state.member_leaf_path(position)?;
        let nodes = updated(&path, leaf);
        let mut root = self.state.member_root();
        let old = root;
        for (level, index, node) in nodes {
            self.put(Table::MemberNode, &node_key(level, index), field::to_bytes(&node).to_vec());
            root = Anchor::new(node);
        }
        let end = self.grace_end();
        self.put(Table::MemberRoot, &old.to_bytes(), end.to_be_bytes().to_vec());
        self.put(Table::MemberRoot, &root.to_bytes(), u64::MAX.to_be_bytes().to_vec());
        self.registry.members = Some((self.state.core.members.max(position + 1), root));
        Ok(())
    }

    /// Until when what is replaced now is accepted; `u64::MAX` stands for what is current.
    fn grace_end(&self) -> u64 {
        self.now.saturating_add(self.state.genesis().grace).min(u64::MAX - 1)
    }

    fn active_signer(&self, id: SignerId) -> Result<PublicKey, ApplyError> {
        match self.state.signer(id)? {
            Some((key, true)) => Ok(key),
            _ => Err(Rejection::NotRegistered.into()),
        }
    }
}
