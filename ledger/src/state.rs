//! The state of a ledger: a snapshot of a store, and what was applied on top of it.

use crate::bytes::{Codec, CodecError, Name, Reader, put};
use crate::genesis::{Genesis, LedgerHash};
use crate::store::{Changes, Read, StoreError, Table};
use crate::transaction::TransactionId;
use crate::tree::{self, Frontier};
use privity_circuits::asset::AssetId;
use privity_circuits::capacity::Issued;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::note::Nullifier;
use privity_circuits::terms::TermsId;
use privity_circuits::tree::{Anchor, MEMBER_DEPTH, MemberPath, NotePath};
use privity_circuits::{Fr, field};
use privity_verifier::KeyId;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The part of the state that every transaction changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Core {
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Position of the next log record.
    pub position: u64,
    /// Hash of the last log record; the ledger's hash before the first.
    pub hash: [u8; 32],
    /// Leaves of the member tree that were ever taken.
    pub members: u32,
    /// Root of the member tree.
    pub member_root: Anchor,
    /// Id of the fee policy.
    pub policy: Fr,
    /// Operator keys that are not revoked.
    pub operators: u32,
    /// The note tree's right edge.
    pub notes: Frontier,
}

/// A token as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Who mints it.
    pub issuer: SignerId,
    /// Its name.
    pub name: Name,
    /// False once revoked.
    pub active: bool,
}

/// A member as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its leaf in the member tree.
    pub position: u32,
    /// False once revoked.
    pub active: bool,
    /// Changes of its signer so far.
    pub changes: u32,
    /// Its signer.
    pub signer: SignerId,
    /// A new signer that waits, with the time from which it counts.
    pub pending: Option<(SignerId, u64)>,
}

impl Member {
    /// Its signer at time `now`.
    pub fn signer_at(&self, now: u64) -> SignerId {
        match self.pending {
            Some((signer, since)) if since <= now => signer,
            _ => self.signer,
        }
    }
}

/// A ledger's state: rows of a snapshot, and rows on top that nobody has written yet.
pub struct State<'a> {
    base: &'a dyn Read,
    changes: Changes,
    genesis: Arc<Genesis>,
    ledger: LedgerHash,
    pub(crate) core: Core,
}

impl<'a> State<'a> {
    /// The state that a snapshot holds.
    ///
    /// # Errors
    /// [`StoreError::Empty`] if there is no ledger in it.
    pub fn load(base: &'a dyn Read) -> Result<Self, StoreError> {
        let genesis = base.get(&Table::Genesis.key(&[]))?.ok_or(StoreError::Empty)?;
        let genesis = Genesis::from_bytes(&genesis).map_err(damaged)?;
        Self::load_of(base, genesis.ledger(), Arc::new(genesis))
    }

    /// As [`State::load`], of a genesis that was read before: it never changes.
    pub(crate) fn load_of(base: &'a dyn Read, ledger: LedgerHash, genesis: Arc<Genesis>) -> Result<Self, StoreError> {
        let core = base.get(&Table::Core.key(&[]))?.ok_or(StoreError::Empty)?;
        let core = Core::from_bytes(&core).map_err(damaged)?;
        Ok(Self { base, changes: Changes::new(), ledger, genesis, core })
    }

    pub(crate) fn origin(&self) -> (LedgerHash, Arc<Genesis>) {
        (self.ledger, self.genesis.clone())
    }

    /// The rows that make a new ledger.
    pub fn found(genesis: &Genesis) -> Changes {
        let notes = Frontier::default();
        let core = Core {
            time: genesis.time,
            position: 0,
            hash: genesis.ledger().0,
            members: 0,
            member_root: Anchor::new(tree::empty(MEMBER_DEPTH)),
            policy: genesis.policy.id(),
            operators: 1,
            notes,
        };
        let operator = SignerId::of(&genesis.operator);
        let rows = [
            (Table::Genesis.key(&[]), genesis.to_bytes()),
            (Table::Anchor.key(&core.notes.root().to_bytes()), 0u64.to_be_bytes().to_vec()),
            (Table::MemberRoot.key(&core.member_root.to_bytes()), u64::MAX.to_be_bytes().to_vec()),
            (Table::Policy.key(&field::to_bytes(&core.policy)), policy_row(u64::MAX, &genesis.policy)),
            (Table::Operator.key(&operator.to_bytes()), signer_row(&genesis.operator, true)),
            (Table::Core.key(&[]), core.to_bytes()),
        ];
        rows.into_iter().collect()
    }

    /// What the ledger started from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The whole SHA-256 of the genesis.
    pub fn ledger(&self) -> LedgerHash {
        self.ledger
    }

    /// Ledger time, Unix seconds.
    pub fn time(&self) -> u64 {
        self.core.time
    }

    /// Position of the next log record.
    pub fn position(&self) -> u64 {
        self.core.position
    }

    /// Hash of the last log record.
    pub fn hash(&self) -> [u8; 32] {
        self.core.hash
    }

    /// Leaves of the note tree.
    pub fn notes(&self) -> u64 {
        self.core.notes.size()
    }

    /// Root of the note tree.
    pub fn anchor(&self) -> Anchor {
        self.core.notes.root()
    }

    /// Root of the member tree.
    pub fn member_root(&self) -> Anchor {
        self.core.member_root
    }

    /// Id of the fee policy.
    pub fn policy(&self) -> Fr {
        self.core.policy
    }

    /// How many leaves the tree had when `anchor` was its root; `None` if it never was (L2).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn anchor_size(&self, anchor: Anchor) -> Result<Option<u64>, StoreError> {
        self.get(Table::Anchor, &anchor.to_bytes(), |input| Ok(input.u64()?))
    }

    /// Whether a note with this nullifier was spent (L3).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_spent(&self, nullifier: Nullifier) -> Result<bool, StoreError> {
        self.has(Table::Nullifier, &nullifier.to_bytes())
    }

    /// Where this transaction or entry stands in the log (L7).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settled(&self, id: TransactionId) -> Result<Option<u64>, StoreError> {
        self.get(Table::Identity, &id.0, |input| Ok(input.u64()?))
    }

    /// Whether a deal with these terms settled (L7).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn are_terms_used(&self, terms: TermsId) -> Result<bool, StoreError> {
        self.has(Table::Terms, &terms.to_bytes())
    }

    /// Whether an attestation of this serial issued (L7).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_issued(&self, issued: Issued) -> Result<bool, StoreError> {
        self.has(Table::Issued, &issued.to_bytes())
    }

    /// Minor units of a token that were minted and not exposed (L8).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn supply(&self, asset: AssetId) -> Result<u128, StoreError> {
        let row = self.get(Table::Supply, &asset.to_bytes(), |input| Ok(u128::from_be_bytes(input.array()?)))?;
        Ok(row.unwrap_or(0))
    }

    /// A signer's key and whether it is active.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn signer(&self, id: SignerId) -> Result<Option<(PublicKey, bool)>, StoreError> {
        self.get(Table::Signer, &id.to_bytes(), read_signer)
    }

    /// An operator's key and whether it is active.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn operator(&self, id: SignerId) -> Result<Option<(PublicKey, bool)>, StoreError> {
        self.get(Table::Operator, &id.to_bytes(), read_signer)
    }

    /// A registered token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn token(&self, asset: AssetId) -> Result<Option<Token>, StoreError> {
        self.get(Table::Token, &asset.to_bytes(), |input| {
            let (issuer, active) = (SignerId::new(input.field()?), input.u8()? == 1);
            Ok(Token { issuer, active, name: Name::read(input)? })
        })
    }

    /// Until when a key is accepted, Unix seconds; `None` if it never was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn key_end(&self, key: KeyId) -> Result<Option<u64>, StoreError> {
        self.get(Table::KeyEnd, &key.0, |input| Ok(input.u64()?))
    }

    /// Whether a signer may certify capacity now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_certifier(&self, id: SignerId) -> Result<bool, StoreError> {
        let approved = self.get(Table::Certifier, &id.to_bytes(), |input| Ok(input.u8()?))? == Some(1);
        Ok(approved && matches!(self.signer(id)?, Some((_, true))))
    }

    /// A member.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn member(&self, owner: Owner) -> Result<Option<Member>, StoreError> {
        self.get(Table::Member, &owner.to_bytes(), |input| {
            Ok(Member {
                position: input.u32()?,
                active: input.u8()? == 1,
                changes: input.u32()?,
                signer: SignerId::new(input.field()?),
                pending: Some((SignerId::new(input.field()?), input.u64()?)).filter(|(next, _)| !next.is_zero()),
            })
        })
    }

    /// Whose signer this is or was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn member_of_signer(&self, signer: SignerId) -> Result<Option<Owner>, StoreError> {
        self.get(Table::MemberSigner, &signer.to_bytes(), |input| Ok(Owner::new(input.field()?)))
    }

    /// Until when a member root is accepted, `u64::MAX` for the current one (L9).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn member_root_end(&self, root: Anchor) -> Result<Option<u64>, StoreError> {
        self.get(Table::MemberRoot, &root.to_bytes(), |input| Ok(input.u64()?))
    }

    /// Until when a policy is accepted, `u64::MAX` for the current one, and the policy (L9).
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn policy_of(&self, id: Fr) -> Result<Option<(u64, privity_circuits::terms::Policy)>, StoreError> {
        self.get(Table::Policy, &field::to_bytes(&id), |input| Ok((input.u64()?, Codec::read(input)?)))
    }

    /// The path of a leaf under the root of the note tree at `size` leaves.
    ///
    /// # Errors
    /// [`StoreError`]; `None` if position ≥ size or size is ahead of the tree.
    pub fn note_path(&self, position: u32, size: u64) -> Result<Option<NotePath>, StoreError> {
        if u64::from(position) >= size || size > self.notes() {
            return Ok(None);
        }
        tree::historic_path(position, size, &|level, index| {
            let node = self.get(Table::Node, &node_key(level, index), |input| Ok(input.field()?))?;
            node.ok_or_else(|| StoreError::Damaged("a node of the note tree is missing".into()))
        })
        .map(Some)
    }

    /// The path of a member's leaf under the present root of the member tree; `None` if there is no such member.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn member_path(&self, owner: Owner) -> Result<Option<MemberPath>, StoreError> {
        match self.member(owner)? {
            Some(member) if member.active => self.member_leaf_path(member.position).map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) fn member_leaf_path(&self, position: u32) -> Result<MemberPath, StoreError> {
        let stored = |level, index| self.get(Table::MemberNode, &node_key(level, index), |input| Ok(input.field()?));
        tree::present_path(position, &stored)
    }

    pub(crate) fn put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.changes.insert(table.key(key), value);
    }

    pub(crate) fn extend(&mut self, rows: Changes) {
        self.changes.extend(rows);
    }

    /// The rows that were changed since the snapshot, for [`Store::write`](crate::store::Store::write).
    pub fn into_changes(mut self) -> Changes {
        if !self.changes.is_empty() {
            let core = self.core.to_bytes();
            self.put(Table::Core, &[], core);
        }
        self.changes
    }

    pub(crate) fn has(&self, table: Table, key: &[u8]) -> Result<bool, StoreError> {
        self.raw(table, key).map(|row| row.is_some())
    }

    /// The rows of `table` by their own keys.
    pub(crate) fn rows(&self, table: Table) -> Result<Changes, StoreError> {
        let (prefix, mut rows) = (table.key(&[]), Changes::new());
        self.base.scan(&prefix, &mut |key, value| {
            let own = key.strip_prefix(prefix.as_slice());
            own.is_some_and(|own| {
                rows.insert(own.to_vec(), value.to_vec());
                true
            })
        })?;
        for (key, value) in &self.changes {
            if let Some(own) = key.strip_prefix(prefix.as_slice()) {
                rows.insert(own.to_vec(), value.clone());
            }
        }
        Ok(rows)
    }

    fn raw(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let key = table.key(key);
        match self.changes.get(&key) {
            Some(row) => Ok(Some(row.clone())),
            None => self.base.get(&key),
        }
    }

    pub(crate) fn get<T>(
        &self,
        table: Table,
        key: &[u8],
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, CodecError>,
    ) -> Result<Option<T>, StoreError> {
        let Some(row) = self.raw(table, key)? else { return Ok(None) };
        let mut input = Reader::new(&row);
        let value = read(&mut input).map_err(damaged)?;
        input.finish().map_err(damaged)?;
        Ok(Some(value))
    }
}

/// The state root: SHA-256 over every row but the log's, in the order of the keys, each part preceded by its length. A replay of
/// the log ends in the same one. It reads the whole store.
///
/// # Errors
/// [`StoreError`].
pub fn state_root(snapshot: &dyn Read) -> Result<[u8; 32], StoreError> {
    let mut hash = Sha256::new_with_prefix(b"privity.state.v1");
    snapshot.scan(&[], &mut |key, value| {
        let counts = key.first().is_some_and(|first| Table::is_state(*first));
        if counts {
            hash.update((key.len() as u32).to_be_bytes());
            hash.update(key);
            hash.update((value.len() as u32).to_be_bytes());
            hash.update(value);
        }
        counts
    })?;
    Ok(hash.finalize().into())
}

pub(crate) fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(error.to_string())
}

pub(crate) fn node_key(level: u8, index: u32) -> [u8; 5] {
    let mut key = [level, 0, 0, 0, 0];
    key[1..].copy_from_slice(&index.to_be_bytes());
    key
}

pub(crate) fn signer_row(key: &PublicKey, active: bool) -> Vec<u8> {
    let mut row = key.to_bytes().to_vec();
    row.push(u8::from(active));
    row
}

fn read_signer(input: &mut Reader<'_>) -> Result<(PublicKey, bool), CodecError> {
    Ok((PublicKey::read(input)?, input.u8()? == 1))
}

pub(crate) fn policy_row(end: u64, policy: &privity_circuits::terms::Policy) -> Vec<u8> {
    let mut row = end.to_be_bytes().to_vec();
    policy.write(&mut row);
    row
}

pub(crate) fn token_row(token: &Token) -> Vec<u8> {
    let mut row = token.issuer.to_bytes().to_vec();
    row.push(u8::from(token.active));
    token.name.write(&mut row);
    row
}

pub(crate) fn member_row(member: &Member) -> Vec<u8> {
    let mut row = member.position.to_be_bytes().to_vec();
    row.push(u8::from(member.active));
    row.extend_from_slice(&member.changes.to_be_bytes());
    let (next, since) = member.pending.unwrap_or((SignerId::NONE, 0));
    put(&mut row, &[member.signer.field(), next.field()]);
    row.extend_from_slice(&since.to_be_bytes());
    row
}

impl Codec for Core {
    const WHAT: &'static str = "core";
    const LIMIT: usize = 160 + Frontier::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(&self.hash);
        out.extend_from_slice(&self.members.to_be_bytes());
        put(out, &[self.member_root.field(), self.policy]);
        out.extend_from_slice(&self.operators.to_be_bytes());
        self.notes.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            time: input.u64()?,
            position: input.u64()?,
            hash: input.array()?,
            members: input.u32()?,
            member_root: Anchor::new(input.field()?),
            policy: input.field()?,
            operators: input.u32()?,
            notes: Frontier::read(input)?,
        })
    }
}
