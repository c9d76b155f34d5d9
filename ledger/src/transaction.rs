//! Transactions: what they claim, what they bind, which leaves they append.

use crate::bytes::{Codec, CodecError, Reader, put};
use crate::ciphertexts::{Ciphertexts, ENVELOPE_BYTES, SEALED_NOTE_BYTES, SealedNote};
use crate::claims::{Claim, Encoded, Form, Proofs, Proven, Settled};
use crate::context::{Frame, Kind, NO_VOLUME};
use crate::genesis::LedgerHash;
use privity_circuits::asset::AssetId;
use privity_circuits::capacity::Capacity;
use privity_circuits::context::Context;
use privity_circuits::mint::Mint;
use privity_circuits::note::{Commitment, Nullifier, Party};
use privity_circuits::price::Price;
use privity_circuits::release::Release;
use privity_circuits::schnorr::Signature;
use privity_circuits::terms::TermsId;
use privity_circuits::transfer::{Transfer2x3, Transfer7x2};
use privity_circuits::tree::Anchor;
use privity_circuits::{Fr, Statement, field};
use privity_verifier::KeyId;
use sha2::{Digest, Sha256};

/// What a transaction or entry is known by: a hash of its kind and statements, never of proof bytes (L7).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionId(pub [u8; 32]);

impl std::fmt::Display for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for TransactionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TransactionId({self})")
    }
}

/// A transaction; its claims are [`Proofs`] on the wire, [`Claims`](crate::Claims) at the ledger and
/// [`Statements`](crate::Statements) to who reads the log.
#[derive(Clone, Debug)]
pub struct Transaction<F: Form = Proofs> {
    /// Unix seconds; the ledger's time must be below it.
    pub expiry: u64,
    /// What it does.
    pub body: Body<F>,
    /// What it delivers.
    pub ciphertexts: Ciphertexts,
}

/// What a transaction does.
#[derive(Clone, Debug)]
pub enum Body<F: Form = Proofs> {
    /// An attestation becomes capacity notes, once.
    Issue {
        /// C1–C4.
        capacity: F::Claim<Capacity>,
    },
    /// A token's supply grows.
    Mint {
        /// M1.
        mint: F::Claim<Mint>,
        /// By the token's issuer on [`privity_circuits::mint::Statement::message`] (M2).
        signature: Signature,
    },
    /// Notes of one owner and asset move; value may leave in the open.
    Transfer {
        /// The spend.
        leg: Leg<F>,
        /// Whom exposed value is for: a signer id, or 0 to burn it.
        recipient: Fr,
    },
    /// Two spends, both or neither.
    Swap {
        /// The spends.
        legs: [Leg<F>; 2],
    },
    /// Payment, fee and capacity of a deal.
    Deal {
        /// P1–P12.
        price: F::Claim<Price>,
        /// The buyer's spend: payment, fee, change.
        buyer: F::Claim<Transfer2x3>,
        /// The supplier's spend: capacity first.
        supplier: F::Claim<Transfer2x3>,
    },
    /// Part or all of an escrow.
    Release {
        /// R1–R4.
        release: F::Claim<Release>,
    },
}

/// A spend of either shape.
#[derive(Clone, Debug)]
pub enum Leg<F: Form = Proofs> {
    /// 2 inputs, 3 outputs.
    Payment(F::Claim<Transfer2x3>),
    /// 7 inputs, 2 outputs.
    Consolidation(F::Claim<Transfer7x2>),
}

/// What rules look at in a spend, whatever its shape.
#[derive(Clone, Copy, Debug)]
pub struct Spend<'a> {
    /// The historic root.
    pub anchor: Anchor,
    /// One per input, dummies included.
    pub nullifiers: &'a [Nullifier],
    /// The new notes.
    pub outputs: &'a [Commitment],
    /// Unix seconds.
    pub now: u64,
    /// Asset and minor units that leave in the open; (0, 0) if none.
    pub exposed: (AssetId, u64),
    /// The owner's tag.
    pub party: Party,
}

/// A statement with what every rule asks of any of them.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The key of the claim.
    pub key: KeyId,
    /// The context that it is bound to.
    pub context: Context,
    /// Its public inputs.
    pub inputs: Vec<Fr>,
}

/// An output, what is delivered with it, and the leaf that it is part of.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The commitment that the ciphertexts' aad names.
    pub output: Commitment,
    /// Index among the transaction's leaves, two outputs of an escrowed deal sharing one; none for a pair's capacity half.
    pub leaf: Option<usize>,
    /// To whom it is for.
    pub recipient: &'a SealedNote,
    /// The sender's copy.
    pub sender: &'a SealedNote,
}

fn spend<const I: usize, const O: usize>(x: &privity_circuits::transfer::Statement<I, O>) -> Spend<'_> {
    Spend {
        anchor: x.anchor,
        nullifiers: &x.nullifiers,
        outputs: &x.outputs,
        now: x.now,
        exposed: (x.exposed_asset, x.exposed_value),
        party: x.party,
    }
}

impl<F: Form> Leg<F> {
    /// What rules look at.
    pub fn spend(&self) -> Spend<'_> {
        match self {
            Self::Payment(claim) => spend(claim.statement()),
            Self::Consolidation(claim) => spend(claim.statement()),
        }
    }

    fn stated(&self) -> Stated {
        match self {
            Self::Payment(claim) => stated::<Transfer2x3, _>(claim, claim.statement().context),
            Self::Consolidation(claim) => stated::<Transfer7x2, _>(claim, claim.statement().context),
        }
    }
}

fn stated<R: Settled, C: Claim<R>>(claim: &C, context: Context) -> Stated {
    Stated { key: claim.key_id(), context, inputs: claim.statement().public_inputs() }
}

impl<F: Form> Transaction<F> {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match &self.body {
            Body::Issue { .. } => Kind::Issue,
            Body::Mint { .. } => Kind::Mint,
            Body::Transfer { .. } => Kind::Transfer,
            Body::Swap { .. } => Kind::Swap,
            Body::Deal { .. } => Kind::Deal,
            Body::Release { .. } => Kind::Release,
        }
    }

    /// Its statements in order.
    pub fn stated(&self) -> Vec<Stated> {
        match &self.body {
            Body::Issue { capacity } => vec![stated::<Capacity, _>(capacity, capacity.statement().context)],
            Body::Mint { mint, .. } => vec![stated::<Mint, _>(mint, mint.statement().context)],
            Body::Transfer { leg, .. } => vec![leg.stated()],
            Body::Swap { legs } => legs.iter().map(Leg::stated).collect(),
            Body::Deal { price, buyer, supplier } => vec![
                stated::<Price, _>(price, price.statement().context),
                stated::<Transfer2x3, _>(buyer, buyer.statement().context),
                stated::<Transfer2x3, _>(supplier, supplier.statement().context),
            ],
            Body::Release { release } => vec![stated::<Release, _>(release, release.statement().context)],
        }
    }

    /// Its spends in order.
    pub fn spends(&self) -> Vec<Spend<'_>> {
        match &self.body {
            Body::Issue { .. } | Body::Mint { .. } | Body::Release { .. } => Vec::new(),
            Body::Transfer { leg, .. } => vec![leg.spend()],
            Body::Swap { legs } => legs.iter().map(Leg::spend).collect(),
            Body::Deal { buyer, supplier, .. } => vec![spend(buyer.statement()), spend(supplier.statement())],
        }
    }

    /// SHA-256(label ‖ kind ‖ per statement the number of inputs ‖ the inputs): its identity (L7).
    pub fn id(&self) -> TransactionId {
        let mut hash = Sha256::new();
        hash.update(b"privity.transaction.v1");
        hash.update([self.kind() as u8]);
        for statement in self.stated() {
            hash.update((statement.inputs.len() as u32).to_be_bytes());
            statement.inputs.iter().for_each(|input| hash.update(field::to_bytes(input)));
        }
        TransactionId(hash.finalize().into())
    }

    /// All outputs of all legs in order, as the context binds them: a release's pair included, a deal's pair not.
    pub fn outputs(&self) -> Vec<Commitment> {
        match &self.body {
            Body::Issue { capacity } => capacity.statement().outputs.to_vec(),
            Body::Mint { mint, .. } => vec![mint.statement().out],
            Body::Release { release } => {
                let x = release.statement();
                vec![x.out_supplier, x.out_buyer, x.out_capacity, x.out_pair]
            }
            _ => self.spends().iter().flat_map(|spend| spend.outputs).copied().collect(),
        }
    }

    /// The leaves that it appends, in order. With escrow a deal's `pair` stands in the payment's place and nothing for the
    /// capacity, later leaves moving up (L5); a pair of 0 is no leaf.
    pub fn leaves(&self) -> Vec<Commitment> {
        self.leaf_of_outputs().1
    }

    /// Outputs with what is delivered with them; empty unless the ciphertexts have their shape.
    pub fn deliveries(&self) -> Vec<Delivery<'_>> {
        let (places, _) = self.leaf_of_outputs();
        let notes = self.ciphertexts.recipients.iter().zip(&self.ciphertexts.senders);
        let outputs = self.outputs().into_iter().zip(places).zip(notes);
        outputs.map(|((output, leaf), (recipient, sender))| Delivery { output, leaf, recipient, sender }).collect()
    }

    /// For each output the index of its leaf, and the leaves.
    fn leaf_of_outputs(&self) -> (Vec<Option<usize>>, Vec<Commitment>) {
        let outputs = self.outputs();
        let escrow = match &self.body {
            Body::Deal { price, .. } if !price.statement().pair.is_zero() => Some(price.statement().pair),
            _ => None,
        };
        let Some(pair) = escrow else {
            return ((0..outputs.len()).map(Some).collect(), outputs);
        };
        // Outputs 0 and 3 are the payment and the capacity: the buyer's leg has three outputs.
        let places = vec![Some(0), Some(1), Some(2), None, Some(3), Some(4)];
        (places, vec![pair, outputs[1], outputs[2], outputs[4], outputs[5]])
    }

    /// The frame whose hash every statement must carry on `ledger` (L6).
    pub fn context(&self, ledger: LedgerHash) -> Context {
        let outputs = self.outputs();
        let mut frame = Frame {
            ledger,
            kind: self.kind(),
            expiry: self.expiry,
            terms: TermsId::default(),
            volume: NO_VOLUME,
            recipient: Fr::default(),
            outputs: &outputs,
            ciphertexts: &self.ciphertexts,
        };
        match &self.body {
            Body::Deal { price, .. } => {
                (frame.terms, frame.volume) = (price.statement().terms, price.statement().volume);
            }
            Body::Transfer { recipient, .. } => frame.recipient = *recipient,
            _ => {}
        }
        frame.context()
    }

    /// How many envelopes its kind carries.
    pub fn envelopes(&self) -> usize {
        if self.kind() == Kind::Deal { 2 } else { 0 }
    }
}

/// Most bytes of a claim with the most inputs.
const CLAIM_LIMIT: usize = <Proven<Price> as Codec>::LIMIT;

impl Codec for Transaction<Proofs> {
    const WHAT: &'static str = "transaction";
    const LIMIT: usize = 64 + 3 * CLAIM_LIMIT + 16 * SEALED_NOTE_BYTES + 2 * ENVELOPE_BYTES;

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.kind() as u8);
        out.extend_from_slice(&self.expiry.to_be_bytes());
        match &self.body {
            Body::Issue { capacity } => capacity.write(out),
            Body::Mint { mint, signature } => {
                mint.write(out);
                signature.write(out);
            }
            Body::Transfer { leg, recipient } => {
                leg.write(out);
                put(out, &[*recipient]);
            }
            Body::Swap { legs } => legs.iter().for_each(|leg| leg.write(out)),
            Body::Deal { price, buyer, supplier } => {
                price.write(out);
                buyer.write(out);
                supplier.write(out);
            }
            Body::Release { release } => release.write(out),
        }
        self.ciphertexts.write(out);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Self::decode(input)
    }
}

impl<F: Encoded> Transaction<F> {
    pub(crate) fn decode(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        let kind = input.u8()?;
        let expiry = input.u64()?;
        let body = match kind {
            1 => Body::Issue { capacity: F::read::<Capacity>(input)? },
            2 => Body::Mint { mint: F::read::<Mint>(input)?, signature: Codec::read(input)? },
            3 => Body::Transfer { leg: Leg::decode(input)?, recipient: input.field()? },
            4 => Body::Swap { legs: [Leg::decode(input)?, Leg::decode(input)?] },
            5 => Body::Deal {
                price: F::read::<Price>(input)?,
                buyer: F::read::<Transfer2x3>(input)?,
                supplier: F::read::<Transfer2x3>(input)?,
            },
            6 => Body::Release { release: F::read::<Release>(input)? },
            found => return Err(CodecError::Variant { what: "kind of transaction", found }),
        };
        let mut transaction = Self { expiry, body, ciphertexts: Ciphertexts::default() };
        let (outputs, envelopes) = (transaction.outputs().len(), transaction.envelopes());
        transaction.ciphertexts = Ciphertexts::read(input, outputs, envelopes)?;
        Ok(transaction)
    }
}

impl Codec for Leg<Proofs> {
    const WHAT: &'static str = "spend";
    const LIMIT: usize = 1 + <Proven<Transfer7x2> as Codec>::LIMIT;

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Payment(claim) => {
                out.push(0);
                claim.write(out);
            }
            Self::Consolidation(claim) => {
                out.push(1);
                claim.write(out);
            }
        }
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        Self::decode(input)
    }
}

impl<F: Encoded> Leg<F> {
    fn decode(input: &mut Reader<'_>) -> Result<Self, CodecError> {
        match input.u8()? {
            0 => Ok(Self::Payment(F::read::<Transfer2x3>(input)?)),
            1 => Ok(Self::Consolidation(F::read::<Transfer7x2>(input)?)),
            found => Err(CodecError::Variant { what: "shape of a spend", found }),
        }
    }
}
