//! The genesis: what a ledger starts from. Its SHA-256 is the ledger's id.

use crate::bytes::{Codec, CodecError, Name, Reader};
use privity_circuits::DecodeError;
use privity_circuits::context::LedgerId;
use privity_circuits::keys::{Owner, PublicKey};
use privity_circuits::terms::{BASIS_POINTS, PRICE_BITS, Policy};
use sha2::{Digest, Sha256};

/// The whole SHA-256 of a genesis, as contexts and HPKE take it; statements take it truncated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerHash(pub [u8; 32]);

impl LedgerHash {
    /// The truncated id that statements carry.
    pub fn id(&self) -> LedgerId {
        LedgerId::from_digest(&self.0)
    }
}

impl std::fmt::Display for LedgerHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for LedgerHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LedgerHash({self})")
    }
}

/// What a ledger starts from and never changes; all else is in its log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// What people call the ledger.
    pub name: Name,
    /// The first operator key: signs entries and heads until it is revoked.
    pub operator: PublicKey,
    /// Whether keys marked *development* are refused.
    pub production: bool,
    /// Seconds for which a replaced member root or policy is still accepted.
    pub grace: u64,
    /// Seconds until a member's new signer that the old one did not sign takes effect.
    pub signer_delay: u64,
    /// Most bytes of one transaction or entry in the log.
    pub max_bytes: u32,
    /// The first fee policy.
    pub policy: Policy,
    /// Ledger time before the first entry, Unix seconds.
    pub time: u64,
}

impl Genesis {
    /// Format version.
    pub const VERSION: u32 = 1;
    const MAGIC: &'static [u8; 8] = b"PRIVITYG";

    /// SHA-256 of the genesis bytes.
    pub fn ledger(&self) -> LedgerHash {
        LedgerHash(Sha256::digest(self.to_bytes()).into())
    }
}

impl Codec for Genesis {
    const WHAT: &'static str = "genesis";
    const LIMIT: usize = 512;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(Self::MAGIC);
        out.extend_from_slice(&Self::VERSION.to_be_bytes());
        self.name.write(out);
        out.extend_from_slice(&self.operator.to_bytes());
        out.push(u8::from(self.production));
        out.extend_from_slice(&self.grace.to_be_bytes());
        out.extend_from_slice(&self.signer_delay.to_be_bytes());
        out.extend_from_slice(&self.max_bytes.to_be_bytes());
        self.policy.write(out);
        out.extend_from_slice(&self.time.to_be_bytes());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        if input.array::<8>()? != *Self::MAGIC {
            return Err(CodecError::Magic(Self::WHAT));
        }
        let found = input.u32()?;
        if found != Self::VERSION {
            return Err(CodecError::Version { what: Self::WHAT, found, known: Self::VERSION });
        }
        Ok(Self {
            name: Name::read(input)?,
            operator: PublicKey::read(input)?,
            production: match input.u8()? {
                0 => false,
                1 => true,
                found => return Err(CodecError::Variant { what: "production mark", found }),
            },
            grace: input.u64()?,
            signer_delay: input.u64()?,
            max_bytes: input.u32()?,
            policy: Policy::read(input)?,
            time: input.u64()?,
        })
    }
}

impl Codec for Policy {
    const WHAT: &'static str = "policy";
    const LIMIT: usize = 80;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.flat.to_be_bytes());
        out.extend_from_slice(&self.rate.to_be_bytes());
        out.extend_from_slice(&self.treasury.to_bytes());
        out.extend_from_slice(&self.delivery_key);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let policy = Self {
            flat: input.u64()?,
            rate: input.u64()?,
            treasury: Owner::new(input.field()?),
            delivery_key: input.array()?,
        };
        if policy.flat >> PRICE_BITS != 0 {
            return Err(DecodeError::Range("flat fee").into());
        }
        if policy.rate > BASIS_POINTS {
            return Err(DecodeError::Range("fee rate").into());
        }
        Ok(policy)
    }
}

impl Codec for PublicKey {
    const WHAT: &'static str = "public key";
    const LIMIT: usize = 64;

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&PublicKey::to_bytes(self));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(PublicKey::from_bytes(input.take(64)?)?)
    }
}
