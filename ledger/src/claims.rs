//! A transaction's claims in three forms: with proofs on the wire, verified at the ledger, without proofs for who reads the log.

use crate::bytes::{Codec, CodecError, Reader};
use crate::tender::Tender;
use privity_circuits::capacity::Capacity;
use privity_circuits::mint::Mint;
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_circuits::{Relation, capacity, mint, price, release, transfer};
use privity_verifier::{KeyId, PROOF_BYTES, Proof, Verified};
use std::fmt;
use std::sync::Arc;

/// A relation whose claims the ledger settles.
pub trait Settled: Relation<Statement: Codec + Clone + fmt::Debug + PartialEq> {}

impl Settled for Capacity {}
impl Settled for Mint {}
impl Settled for Price {}
impl Settled for Release {}
impl Settled for Transfer2x3 {}
impl Settled for Transfer7x2 {}

/// A statement and the key under which it is, or is said to be, proved.
pub trait Claim<R: Settled> {
    /// The statement.
    fn statement(&self) -> &R::Statement;
    /// The key.
    fn key_id(&self) -> KeyId;
}

/// In which form a transaction carries its claims: [`Proofs`], [`Claims`] or [`Statements`].
pub trait Form: Clone + fmt::Debug {
    /// A claim of the relation `R`.
    type Claim<R: Settled>: Claim<R> + Clone + fmt::Debug;
    /// A message about a request for quotation.
    type Message<M: Clone + fmt::Debug>: Stating<M> + Clone + fmt::Debug;
}

/// A message, verified or not.
pub trait Stating<M> {
    /// What it says, or is said to prove.
    fn stated(&self) -> &M;
}

impl<M> Stating<M> for M {
    fn stated(&self) -> &M {
        self
    }
}

impl<M> Stating<M> for privity_quotes::Verified<M> {
    fn stated(&self) -> &M {
        self.get()
    }
}

/// As it travels: statements with proofs that nobody has verified.
#[derive(Clone, Copy, Debug)]
pub enum Proofs {}

/// As the ledger applies it: verified claims, which the verifier alone can make.
#[derive(Clone, Copy, Debug)]
pub enum Claims {}

/// As a scanner takes it from the log: statements, their proofs passed over. Nothing can settle in this form.
#[derive(Clone, Copy, Debug)]
pub enum Statements {}

/// A form that is read from a transaction's encoding.
pub trait Encoded: Form {
    /// Reads a claim off the front.
    ///
    /// # Errors
    /// [`CodecError`].
    fn read<R: Settled>(input: &mut Reader<'_>) -> Result<Self::Claim<R>, CodecError>;

    /// Reads a tender off the front.
    ///
    /// # Errors
    /// [`CodecError`].
    fn tender(input: &mut Reader<'_>) -> Result<Tender<Self>, CodecError>;
}

impl Form for Proofs {
    type Claim<R: Settled> = Proven<R>;
    type Message<M: Clone + fmt::Debug> = M;
}

impl Encoded for Proofs {
    fn read<R: Settled>(input: &mut Reader<'_>) -> Result<Proven<R>, CodecError> {
        Codec::read(input)
    }

    fn tender(input: &mut Reader<'_>) -> Result<Tender<Self>, CodecError> {
        Tender::decode(input)
    }
}

impl Form for Statements {
    type Claim<R: Settled> = Unproven<R>;
    type Message<M: Clone + fmt::Debug> = M;
}

impl Encoded for Statements {
    /// The proof's points are not decoded, which would take most of a scanner's time and tell it nothing.
    fn read<R: Settled>(input: &mut Reader<'_>) -> Result<Unproven<R>, CodecError> {
        let claim = Unproven { key: KeyId::read(input)?, statement: Codec::read(input)? };
        input.take(PROOF_BYTES)?;
        Ok(claim)
    }

    fn tender(input: &mut Reader<'_>) -> Result<Tender<Self>, CodecError> {
        Tender::decode(input)
    }
}

impl Form for Claims {
    type Claim<R: Settled> = Arc<Verified<R>>;
    type Message<M: Clone + fmt::Debug> = privity_quotes::Verified<M>;
}

/// A statement, the id of a key, and what is said to be a proof under that key.
pub struct Proven<R: Settled> {
    /// The key's id.
    pub key: KeyId,
    /// The statement.
    pub statement: R::Statement,
    /// The proof.
    pub proof: Proof,
}

/// A statement and the id of the key under which the ledger verified it.
pub struct Unproven<R: Settled> {
    /// The key's id.
    pub key: KeyId,
    /// The statement.
    pub statement: R::Statement,
}

impl<R: Settled> Claim<R> for Proven<R> {
    fn statement(&self) -> &R::Statement {
        &self.statement
    }

    fn key_id(&self) -> KeyId {
        self.key
    }
}

impl<R: Settled> Claim<R> for Unproven<R> {
    fn statement(&self) -> &R::Statement {
        &self.statement
    }

    fn key_id(&self) -> KeyId {
        self.key
    }
}

impl<R: Settled> Claim<R> for Arc<Verified<R>> {
    fn statement(&self) -> &R::Statement {
        Verified::statement(self)
    }

    fn key_id(&self) -> KeyId {
        Verified::key_id(self)
    }
}

impl<R: Settled> Clone for Proven<R> {
    fn clone(&self) -> Self {
        Self { key: self.key, statement: self.statement.clone(), proof: self.proof }
    }
}

impl<R: Settled> Clone for Unproven<R> {
    fn clone(&self) -> Self {
        Self { key: self.key, statement: self.statement.clone() }
    }
}

impl<R: Settled> fmt::Debug for Unproven<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unproven<{}>({:?})", R::NAME, self.statement)
    }
}

impl<R: Settled> fmt::Debug for Proven<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proven<{}>({:?})", R::NAME, self.statement)
    }
}

impl<R: Settled> Codec for Proven<R> {
    const WHAT: &'static str = "claim";
    const LIMIT: usize = KeyId::LIMIT + R::Statement::LIMIT + Proof::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        self.key.write(out);
        self.statement.write(out);
        self.proof.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self { key: KeyId::read(input)?, statement: Codec::read(input)?, proof: Proof::read(input)? })
    }
}

mod statements {
    //! Statements on the wire: their fields in order, field elements as 32 bytes, integers as 8.

    use super::{Codec, CodecError, Reader, capacity, mint, price, release, transfer};
    use crate::bytes::put;
    use privity_circuits::asset::AssetId;
    use privity_circuits::capacity::{Issued, WEEKS};
    use privity_circuits::context::{Context, LedgerId};
    use privity_circuits::jubjub::Point;
    use privity_circuits::keys::SignerId;
    use privity_circuits::note::{Commitment, Nullifier, Party};
    use privity_circuits::terms::{AwardTag, TermsId};
    use privity_circuits::tree::Anchor;

    impl Codec for capacity::Statement {
        const WHAT: &'static str = "capacity statement";
        const LIMIT: usize = 32 * (4 + WEEKS);

        fn write(&self, out: &mut Vec<u8>) {
            put(out, &[self.ledger.field(), self.certifier.field(), self.issued.field()]);
            put(out, &self.outputs.map(|output| output.field()));
            put(out, &[self.context.field()]);
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
            Ok(Self {
                ledger: LedgerId::new(input.field()?),
                certifier: SignerId::new(input.field()?),
                issued: Issued::new(input.field()?),
                outputs: input.fields(Commitment::new)?,
                context: Context::new(input.field()?),
            })
        }
    }

    impl Codec for mint::Statement {
        const WHAT: &'static str = "mint statement";
        const LIMIT: usize = 3 * 32 + 8;

        fn write(&self, out: &mut Vec<u8>) {
            put(out, &[self.asset.field()]);
            out.extend_from_slice(&self.value.to_be_bytes());
            put(out, &[self.out.field(), self.context.field()]);
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
            Ok(Self {
                asset: AssetId::new(input.field()?),
                value: input.u64()?,
                out: Commitment::new(input.field()?),
                context: Context::new(input.field()?),
            })
        }
    }

    impl<const I: usize, const O: usize> Codec for transfer::Statement<I, O> {
        const WHAT: &'static str = "transfer statement";
        const LIMIT: usize = 32 * (4 + I + O) + 16;

        fn write(&self, out: &mut Vec<u8>) {
            put(out, &[self.anchor.field()]);
            put(out, &self.nullifiers.map(|nullifier| nullifier.field()));
            put(out, &self.outputs.map(|output| output.field()));
            out.extend_from_slice(&self.now.to_be_bytes());
            put(out, &[self.exposed_asset.field()]);
            out.extend_from_slice(&self.exposed_value.to_be_bytes());
            put(out, &[self.party.field(), self.context.field()]);
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
            Ok(Self {
                anchor: Anchor::new(input.field()?),
                nullifiers: input.fields(Nullifier::new)?,
                outputs: input.fields(Commitment::new)?,
                now: input.u64()?,
                exposed_asset: AssetId::new(input.field()?),
                exposed_value: input.u64()?,
                party: Party::new(input.field()?),
                context: Context::new(input.field()?),
            })
        }
    }

    impl Codec for price::Statement {
        const WHAT: &'static str = "price statement";
        const LIMIT: usize = 14 * 32;

        fn write(&self, out: &mut Vec<u8>) {
            put(out, &privity_circuits::Statement::public_inputs(self));
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
            Ok(Self {
                ledger: LedgerId::new(input.field()?),
                terms: TermsId::new(input.field()?),
                out_payment: Commitment::new(input.field()?),
                out_fee: Commitment::new(input.field()?),
                out_capacity: Commitment::new(input.field()?),
                pair: Commitment::new(input.field()?),
                volume: Point { x: input.field()?, y: input.field()? },
                policy: input.field()?,
                members: Anchor::new(input.field()?),
                party_buyer: Party::new(input.field()?),
                party_supplier: Party::new(input.field()?),
                award: AwardTag::new(input.field()?),
                context: Context::new(input.field()?),
            })
        }
    }

    impl Codec for release::Statement {
        const WHAT: &'static str = "release statement";
        const LIMIT: usize = 7 * 32 + 8;

        fn write(&self, out: &mut Vec<u8>) {
            put(out, &[self.anchor.field(), self.nullifier.field(), self.out_supplier.field()]);
            put(out, &[self.out_buyer.field(), self.out_capacity.field(), self.out_pair.field()]);
            out.extend_from_slice(&self.now.to_be_bytes());
            put(out, &[self.context.field()]);
        }

        fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
            Ok(Self {
                anchor: Anchor::new(input.field()?),
                nullifier: Nullifier::new(input.field()?),
                out_supplier: Commitment::new(input.field()?),
                out_buyer: Commitment::new(input.field()?),
                out_capacity: Commitment::new(input.field()?),
                out_pair: Commitment::new(input.field()?),
                now: input.u64()?,
                context: Context::new(input.field()?),
            })
        }
    }
}
