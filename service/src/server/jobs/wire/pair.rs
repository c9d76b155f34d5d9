//! A statement with its witness, as a caller sends them and as a queue holds them.

use super::{At, Json, ShapeError, Wire};
use privity_circuits::Circuit;
use privity_ledger::{CodecError, Reader};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Most bytes of a pair in its compact form: a 7 → 2 transfer takes 11.8 KiB.
pub const MAX_PAIR_BYTES: usize = 16 << 10;
/// Most bytes of a pair as JSON.
pub const MAX_PAIR_JSON: usize = 64 << 10;

/// Format of the compact form.
const VERSION: u8 = 1;

/// A relation whose statements and witnesses travel.
pub trait Provable: Circuit<Statement: Wire + Clone + Send + Sync, Witness: Wire + Send + Sync> {}

impl<C: Circuit<Statement: Wire + Clone + Send + Sync, Witness: Wire + Send + Sync>> Provable for C {}

/// A relation by its name and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
#[repr(u8)]
pub enum Relation {
    /// `mint.v1`
    Mint = 1,
    /// `transfer-2x3.v1`
    Transfer2x3 = 2,
    /// `transfer-7x2.v1`
    Transfer7x2 = 3,
    /// `capacity.v1`
    Capacity = 4,
    /// `price.v1`
    Price = 5,
    /// `release.v1`
    Release = 6,
    /// `disclose.v1`
    Disclose = 7,
}

/// Runs an expression with `$C` standing for the relation's type.
macro_rules! with_relation {
    ($relation:expr, $C:ident => $body:expr) => {
        match $relation {
            $crate::server::jobs::wire::Relation::Mint => {
                type $C = privity_circuits::mint::Mint;
                $body
            }
            $crate::server::jobs::wire::Relation::Transfer2x3 => {
                type $C = privity_circuits::transfer::Transfer2x3;
                $body
            }
            $crate::server::jobs::wire::Relation::Transfer7x2 => {
                type $C = privity_circuits::transfer::Transfer7x2;
                $body
            }
            $crate::server::jobs::wire::Relation::Capacity => {
                type $C = privity_circuits::capacity::Capacity;
                $body
            }
            $crate::server::jobs::wire::Relation::Price => {
                type $C = privity_circuits::price::Price;
                $body
            }
            $crate::server::jobs::wire::Relation::Release => {
                type $C = privity_circuits::release::Release;
                $body
            }
            $crate::server::jobs::wire::Relation::Disclose => {
                type $C = privity_circuits::disclose::Disclose;
                $body
            }
        }
    };
}

pub(crate) use with_relation;

impl Relation {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Mint, Self::Transfer2x3, Self::Transfer7x2, Self::Capacity, Self::Price, Self::Release, Self::Disclose];

    /// Name and version, as in every key id.
    pub fn name(self) -> &'static str {
        with_relation!(self, C => <C as privity_circuits::Relation>::NAME)
    }

    /// The relation of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.name() == name)
    }

    /// A pair of this relation, read and checked against the relation's rules.
    ///
    /// # Errors
    /// [`PairError`].
    pub fn read(self, encoding: Encoding, body: &[u8]) -> Result<Secret, PairError> {
        with_relation!(self, C => {
            let pair = match encoding {
                Encoding::Json => Pair::<C>::from_json(body)?,
                Encoding::Bytes => Pair::<C>::from_bytes(self, body)?,
            };
            <C as privity_circuits::Relation>::check(&pair.statement, &pair.witness)?;
            Ok(pair.secret(self))
        })
    }
}

impl TryFrom<String> for Relation {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Self::named(&name).ok_or_else(|| "no such relation".to_owned())
    }
}

impl From<Relation> for &'static str {
    fn from(relation: Relation) -> Self {
        relation.name()
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// In which form a pair travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`: `{"statement": …, "witness": …}`.
    Json,
    /// `application/octet-stream`: version, relation, statement, witness.
    Bytes,
}

/// Why a body is no pair that can be proved.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// Not the JSON of a pair.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Not the bytes of a pair.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A pair of another relation.
    #[error("the bytes are a pair of another relation; send them where they belong")]
    Relation,
    /// A rule of the relation does not hold.
    #[error(transparent)]
    Violation(#[from] privity_circuits::Violation),
}

/// A statement and its witness; overwritten when dropped, never printed.
pub struct Pair<C: Provable> {
    /// What everyone will see.
    pub statement: C::Statement,
    /// What only the prover knows.
    pub witness: C::Witness,
}

impl<C: Provable> Pair<C> {
    /// Reads `{"statement": …, "witness": …}`.
    ///
    /// # Errors
    /// [`ShapeError`] names the place.
    pub fn from_json(text: &[u8]) -> Result<Self, ShapeError> {
        let json = Json::read(text)?;
        let record = json.record(&["statement", "witness"], &At::Root)?;
        Ok(Self { statement: record.member("statement", &At::Root)?, witness: record.member("witness", &At::Root)? })
    }

    /// What [`Pair::from_json`] reads.
    pub fn to_json(&self) -> Zeroizing<String> {
        // All at once, so that no smaller buffer is left behind unwiped.
        let mut out = Zeroizing::new(String::with_capacity(MAX_PAIR_JSON));
        out.push_str("{\"statement\":");
        self.statement.show(&mut out);
        out.push_str(",\"witness\":");
        self.witness.show(&mut out);
        out.push('}');
        out
    }

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`PairError::Codec`], or [`PairError::Relation`].
    pub fn from_bytes(relation: Relation, bytes: &[u8]) -> Result<Self, PairError> {
        let mut input = Reader::new(bytes);
        if Self::header(&mut input)? != relation as u8 {
            return Err(PairError::Relation);
        }
        let pair = Self { statement: Wire::read(&mut input)?, witness: Wire::read(&mut input)? };
        input.finish().map_err(CodecError::from)?;
        Ok(pair)
    }

    /// The version, which must be known, and the relation's byte.
    fn header(input: &mut Reader<'_>) -> Result<u8, CodecError> {
        let version = input.u8()?;
        if version != VERSION {
            let (found, known) = (version.into(), VERSION.into());
            return Err(CodecError::Version { what: "statement with witness", found, known });
        }
        Ok(input.u8()?)
    }

    /// The compact form.
    pub fn secret(&self, relation: Relation) -> Secret {
        let mut out = Zeroizing::new(Vec::with_capacity(MAX_PAIR_BYTES));
        out.extend_from_slice(&[VERSION, relation as u8]);
        self.statement.write(&mut out);
        self.witness.write(&mut out);
        Secret { relation, bytes: out }
    }
}

impl<C: Provable> Drop for Pair<C> {
    fn drop(&mut self) {
        self.witness.wipe();
    }
}

impl<C: Provable> fmt::Debug for Pair<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pair<{}>(redacted)", C::NAME)
    }
}

/// A pair that waits to be proved, in its compact form; overwritten when dropped, never printed, never stored.
pub struct Secret {
    relation: Relation,
    bytes: Zeroizing<Vec<u8>>,
}

impl Secret {
    /// Of which relation.
    pub fn relation(&self) -> Relation {
        self.relation
    }

    /// The compact form.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The pair itself; it was read once before.
    ///
    /// # Errors
    /// [`PairError`] if `C` is another relation.
    pub fn open<C: Provable>(&self) -> Result<Pair<C>, PairError> {
        Pair::from_bytes(self.relation, &self.bytes)
    }

    /// What an unsealed box holds.
    pub(in crate::server::jobs) fn from_bytes(relation: Relation, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { relation, bytes }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{}>(redacted)", self.relation)
    }
}
