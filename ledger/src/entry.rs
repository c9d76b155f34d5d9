//! Entries that the operator signs: Register, Revoke, Member, Policy, Open.

use crate::bytes::{Codec, CodecError, Name, Reader, put};
use crate::context::Kind;
use crate::genesis::LedgerHash;
use crate::transaction::TransactionId;
use privity_circuits::asset::AssetId;
use privity_circuits::keys::{Owner, PublicKey, SignerId};
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::Policy;
use privity_circuits::{Domain, Fr, field, hash};
use privity_quotes::{Message, Open};
use privity_verifier::{KeyId, VerifyingKey};
use sha2::{Digest, Sha256};

/// An end date that never comes.
pub const NO_END: u64 = u64::MAX;

/// What the operator enters into the log at one position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Log position that it is signed for; part of its identity (L7).
    pub position: u64,
    /// Signer id of the operator key.
    pub operator: SignerId,
    /// What is entered.
    pub body: EntryBody,
    /// By the operator key on [`Entry::message`], prefix its signer id.
    pub signature: Signature,
}

/// What is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryBody {
    /// Something becomes known to the ledger.
    Register(Registration),
    /// Something is known no more.
    Revoke(Revocation),
    /// A member is admitted, or changes its signer.
    Member(Admission),
    /// The fee policy from now on; the old one lasts the grace period.
    Policy(Policy),
    /// The secret of an RFQ's operator key, after closing (section 6).
    Open(Open),
}

/// What is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// A signer with its key, which opens its id.
    Signer(PublicKey),
    /// A token of a registered issuer.
    Token {
        /// Signer id of who mints.
        issuer: SignerId,
        /// The token's name.
        name: Name,
    },
    /// A verifying key, accepted while ledger time < `ends`; again with another end moves the end.
    Key {
        /// The key in full: a replay needs nothing but the log.
        key: Box<VerifyingKey>,
        /// Unix seconds, [`NO_END`] for none.
        ends: u64,
    },
    /// A registered signer may certify capacity.
    Certifier(SignerId),
    /// One more operator key.
    Operator(PublicKey),
}

/// What is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// A signer; it mints and certifies no more.
    Signer(SignerId),
    /// A token; it is minted and exposed no more.
    Token(AssetId),
    /// A verifying key.
    Key(KeyId),
    /// A certifier.
    Certifier(SignerId),
    /// An operator key; the last one stays.
    Operator(SignerId),
    /// A member: its leaf becomes 0 at once, the old root lasts the grace period.
    Member(Owner),
}

/// A member's owner with a signer of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Owner of the member address, ≠ 0.
    pub owner: Owner,
    /// The member's signer.
    pub signer: PublicKey,
    /// By the member's present signer on [`Admission::consent`]; without it a change waits the genesis' delay.
    pub consent: Option<Signature>,
}

impl EntryBody {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Register(_) => Kind::Register,
            Self::Revoke(_) => Kind::Revoke,
            Self::Member(_) => Kind::Member,
            Self::Policy(_) => Kind::Policy,
            Self::Open(_) => Kind::Open,
        }
    }

    /// SHA-256(label ‖ ledger id ‖ log position ‖ kind and body): the identity of this entry at `position`.
    pub fn id(&self, ledger: LedgerHash, position: u64) -> TransactionId {
        let mut body = Vec::new();
        self.write(&mut body);
        identity(ledger, position, &body)
    }

    /// H(ENTRY; truncated id), which the operator signs under its signer id.
    pub fn message(&self, ledger: LedgerHash, position: u64) -> Fr {
        entry_message(&self.id(ledger, position).0)
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind() as u8);
        match self {
            Self::Register(registration) => registration.write(out),
            Self::Revoke(revocation) => revocation.write(out),
            Self::Member(admission) => admission.write(out),
            Self::Policy(policy) => policy.write(out),
            Self::Open(open) => open.write(out),
        }
    }

    fn read(kind: u8, input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(match kind {
            7 => Self::Register(Registration::read(input)?),
            8 => Self::Revoke(Revocation::read(input)?),
            9 => Self::Member(Admission::read(input)?),
            10 => Self::Policy(Policy::read(input)?),
            12 => Self::Open(Open::from_bytes(input.take(Open::BYTES)?)?),
            found => return Err(CodecError::Variant { what: "kind of entry", found }),
        })
    }
}

/// As [`EntryBody::id`], of the bytes of kind and body.
fn identity(ledger: LedgerHash, position: u64, body: &[u8]) -> TransactionId {
    let hash = Sha256::new()
        .chain_update(b"privity.entry.v1")
        .chain_update(ledger.0)
        .chain_update(position.to_be_bytes())
        .chain_update(body);
    TransactionId(hash.finalize().into())
}

/// H(ENTRY; truncated digest).
pub(crate) fn entry_message(digest: &[u8; 32]) -> Fr {
    hash(Domain::Entry, &[field::truncate(digest)])
}

impl Admission {
    /// What the present signer signs to hand over to `signer`: H(ENTRY; truncated SHA-256(label ‖ ledger id ‖ owner ‖ number of
    /// earlier changes ‖ new key)). No log position: the member does not know it.
    pub fn consent(ledger: LedgerHash, owner: Owner, changes: u32, signer: &PublicKey) -> Fr {
        let hash = Sha256::new()
            .chain_update(b"privity.consent.v1")
            .chain_update(ledger.0)
            .chain_update(owner.to_bytes())
            .chain_update(changes.to_be_bytes())
            .chain_update(signer.to_bytes());
        entry_message(&hash.finalize().into())
    }
}

impl Entry {
    /// Its identity on `ledger`.
    pub fn id(&self, ledger: LedgerHash) -> TransactionId {
        self.body.id(ledger, self.position)
    }

    /// As [`Entry::id`], of the encoding of an entry that settled at `position`: none of its points is decoded.
    pub(crate) fn id_of_bytes(bytes: &[u8], ledger: LedgerHash, position: u64) -> Result<TransactionId, CodecError> {
        // Position, operator and signature stand behind what is identified.
        const TAIL: usize = 8 + 32 + Signature::LIMIT;
        let body = bytes.len().checked_sub(TAIL).and_then(|length| bytes.get(..length));
        let body = body.ok_or(CodecError::Truncated { needed: TAIL.saturating_sub(bytes.len()) })?;
        Ok(identity(ledger, position, body))
    }

    /// What its signature is on.
    pub fn message(&self, ledger: LedgerHash) -> Fr {
        self.body.message(ledger, self.position)
    }
}

impl Codec for Entry {
    const WHAT: &'static str = "entry";
    const LIMIT: usize = 1 << 16;

    fn write(&self, out: &mut Vec<u8>) {
        self.body.write(out);
        out.extend_from_slice(&self.position.to_be_bytes());
        out.extend_from_slice(&self.operator.to_bytes());
        self.signature.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let kind = input.u8()?;
        Ok(Self {
            body: EntryBody::read(kind, input)?,
            position: input.u64()?,
            operator: SignerId::new(input.field()?),
            signature: Codec::read(input)?,
        })
    }
}

impl Codec for Registration {
    const WHAT: &'static str = "registration";
    const LIMIT: usize = Entry::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Signer(key) => {
                out.push(0);
                key.write(out);
            }
            Self::Token { issuer, name } => {
                out.push(1);
                put(out, &[issuer.field()]);
                name.write(out);
            }
            Self::Key { key, ends } => {
                out.push(2);
                let bytes = key.to_bytes();
                out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
                out.extend_from_slice(&bytes);
                out.extend_from_slice(&ends.to_be_bytes());
            }
            Self::Certifier(id) => {
                out.push(3);
                put(out, &[id.field()]);
            }
            Self::Operator(key) => {
                out.push(4);
                key.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(match input.u8()? {
            0 => Self::Signer(Codec::read(input)?),
            1 => Self::Token { issuer: SignerId::new(input.field()?), name: Codec::read(input)? },
            2 => {
                let length = input.u32()? as usize;
                crate::bytes::limit("verifying key", Entry::LIMIT, length)?;
                let key = VerifyingKey::from_bytes(input.take(length)?)?;
                Self::Key { key: Box::new(key), ends: input.u64()? }
            }
            3 => Self::Certifier(SignerId::new(input.field()?)),
            4 => Self::Operator(Codec::read(input)?),
            found => return Err(CodecError::Variant { what: "registration", found }),
        })
    }
}

impl Codec for Revocation {
    const WHAT: &'static str = "revocation";
    const LIMIT: usize = 33;

    fn write(&self, out: &mut Vec<u8>) {
        let (kind, id) = match self {
            Self::Signer(id) => (0, id.to_bytes()),
            Self::Token(id) => (1, id.to_bytes()),
            Self::Key(id) => (2, id.0),
            Self::Certifier(id) => (3, id.to_bytes()),
            Self::Operator(id) => (4, id.to_bytes()),
            Self::Member(id) => (5, id.to_bytes()),
        };
        out.push(kind);
        out.extend_from_slice(&id);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(match input.u8()? {
            0 => Self::Signer(SignerId::new(input.field()?)),
            1 => Self::Token(AssetId::new(input.field()?)),
            2 => Self::Key(Codec::read(input)?),
            3 => Self::Certifier(SignerId::new(input.field()?)),
            4 => Self::Operator(SignerId::new(input.field()?)),
            5 => Self::Member(Owner::new(input.field()?)),
            found => return Err(CodecError::Variant { what: "revocation", found }),
        })
    }
}

impl Codec for Admission {
    const WHAT: &'static str = "admission";
    const LIMIT: usize = 32 + 64 + 1 + Signature::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        put(out, &[self.owner.field()]);
        self.signer.write(out);
        out.push(u8::from(self.consent.is_some()));
        if let Some(consent) = &self.consent {
            consent.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            owner: Owner::new(input.field()?),
            signer: Codec::read(input)?,
            consent: match input.u8()? {
                0 => None,
                1 => Some(Codec::read(input)?),
                found => return Err(CodecError::Variant { what: "consent mark", found }),
            },
        })
    }
}
