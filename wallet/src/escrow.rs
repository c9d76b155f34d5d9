//! Deals as a party follows them: what the escrow holds, how each release changed it.

use crate::record;
use privity_circuits::Fr;
use privity_circuits::Violation;
use privity_circuits::keys::Owner;
use privity_circuits::note::{Commitment, Note, Nullifier, pair};
use privity_circuits::price::Deal;
use privity_circuits::release::{Claim, Holding, Settlement};
use privity_circuits::terms::{Policy, Terms};
use privity_ledger::TransactionId;
use serde::{Deserialize, Serialize};

/// The pair that a deal or its last release left.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escrow {
    /// What it holds.
    #[serde(with = "record::holding")]
    pub holding: Holding,
    /// Payment's half.
    #[serde(with = "record::note")]
    pub payment: Note,
    /// Capacity's half.
    #[serde(with = "record::note")]
    pub capacity: Note,
    /// Of the pair in the note tree.
    pub position: u32,
}

impl Escrow {
    /// The pair, a leaf of the note tree.
    pub fn pair(&self) -> Commitment {
        pair(self.payment.commitment(), self.capacity.commitment())
    }

    /// H(NULLIFIER; H(ESCROWNK; s₃), pair, position).
    pub fn nullifier(&self, terms: &Terms) -> Nullifier {
        privity_circuits::note::nullifier(terms.escrow_nullifier_key(), self.pair(), self.position)
    }
}

/// A release that the ledger settled.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// When, ledger time.
    pub time: u64,
    /// Which transaction.
    #[serde(with = "record::transaction")]
    pub transaction: TransactionId,
    /// What was claimed.
    #[serde(with = "record::claim")]
    pub claim: Claim,
    /// Minor units to the supplier.
    pub pay: u64,
    /// Minor units to the buyer.
    pub refund: u64,
    /// Minor units that lateness took off.
    pub lateness: u64,
    /// Millionths of capacity consumed.
    pub used: u64,
}

/// A release that no known evidence explains yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Ledger time.
    pub time: u64,
    /// Which transaction.
    #[serde(with = "record::transaction")]
    pub transaction: TransactionId,
    /// Of the released pair.
    pub nullifier: Nullifier,
    /// The statement's `now`.
    pub now: u64,
    /// Its outputs.
    pub outputs: [Commitment; 4],
    /// Position of the first output.
    pub first: u32,
}

/// A deal that this wallet is a party to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tracked {
    /// All that was agreed.
    pub terms: Terms,
    /// Ledger time of the deal.
    pub time: u64,
    /// The deal's transaction.
    #[serde(with = "record::transaction")]
    pub transaction: TransactionId,
    /// Minor units.
    pub total: u64,
    /// Millionths of capacity.
    pub used: u64,
    /// What is still in escrow; none if the deal had no escrow or it is closed.
    pub escrow: Option<Escrow>,
    /// Releases so far.
    pub releases: Vec<Settled>,
    /// Evidence that was received and not released yet.
    pub claims: Vec<ClaimEntry>,
    /// The X25519 keys of buyer and supplier, for the ciphertexts of releases.
    #[serde(with = "crate::hex::array")]
    pub buyer_key: [u8; 32],
    /// Of the supplier.
    #[serde(with = "crate::hex::array")]
    pub supplier_key: [u8; 32],
}

/// A claim on file.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct ClaimEntry(#[serde(with = "record::claim")] pub Claim);

redacted!(Escrow, Settled, Tracked, ClaimEntry);

/// A policy without fees: the payment and the capacity of a deal do not depend on it.
pub(crate) fn free_of_charge() -> Policy {
    Policy { flat: 0, rate: 0, treasury: Owner::default(), delivery_key: [0; 32] }
}

impl Tracked {
    /// The deal of `terms` that stands at `position` in the note tree.
    ///
    /// # Errors
    /// As [`Deal::of`]: terms that no ledger accepts.
    pub fn new(
        terms: Terms,
        keys: [[u8; 32]; 2],
        time: u64,
        transaction: TransactionId,
        position: u32,
    ) -> Result<Self, Violation> {
        let deal = Deal::of(&terms, &free_of_charge())?;
        let [payment, _, capacity] = deal.notes(&terms, &free_of_charge());
        let holding = Holding { done: 0, payment: deal.quote.total, capacity: deal.used };
        let escrow = terms.remedy.escrow.then_some(Escrow { holding, payment, capacity, position });
        Ok(Self {
            time,
            transaction,
            total: deal.quote.total,
            used: deal.used,
            escrow,
            releases: Vec::new(),
            claims: Vec::new(),
            buyer_key: keys[0],
            supplier_key: keys[1],
            terms,
        })
    }

    /// Tries to explain a release of this deal's pair by one of `hints` or of the claims on file: the notes that it paid out, by
    /// index of the output.
    pub(crate) fn explain(&mut self, seen: &Seen, hints: &[Claim]) -> Option<Vec<(usize, Note)>> {
        let escrow = self.escrow.as_ref()?;
        let nullifier = escrow.nullifier(&self.terms);
        if nullifier != seen.nullifier {
            return None;
        }
        let filed = self.claims.iter().map(|entry| &entry.0);
        let candidates = hints.iter().chain(filed).chain([&Claim::Lapsed]);
        let (claim, settlement, notes) = candidates.into_iter().find_map(|claim| {
            let settlement = Settlement::of(&self.terms, &escrow.holding, claim, seen.now).ok()?;
            let notes = settlement.notes(&self.terms, nullifier);
            (outputs(&notes) == seen.outputs).then_some((*claim, settlement, notes))
        })?;
        self.releases.push(Settled {
            time: seen.time,
            transaction: seen.transaction,
            claim,
            pay: settlement.pay,
            refund: settlement.refund,
            lateness: settlement.gross - settlement.pay,
            used: settlement.used,
        });
        self.claims.retain(|entry| entry.0 != claim);
        let [supplier, buyer, returned, payment, capacity] = notes;
        let position = seen.first + 3;
        self.escrow = settlement.next().map(|holding| Escrow { holding, payment, capacity, position });
        Some(vec![(0, supplier), (1, buyer), (2, returned)])
    }
}

/// A release's outputs: three notes and the pair of the other two.
pub(crate) fn outputs(notes: &[Note; 5]) -> [Commitment; 4] {
    let [supplier, buyer, capacity, rest, kept] = notes;
    let remaining = pair(rest.commitment(), kept.commitment());
    [supplier.commitment(), buyer.commitment(), capacity.commitment(), remaining]
}

/// Bytes of a claim in a memo.
const CLAIM_BYTES: usize = 22;
/// First bytes of a memo that states a claim.
const CLAIM_MARK: [u8; 4] = *b"rel1";

/// A claim as the memo of a release's outputs: with it a restore needs no evidence files.
pub(crate) fn claim_memo(claim: &Claim) -> [u8; CLAIM_BYTES] {
    let (branch, first, second, last) = match *claim {
        Claim::Delivered { delivered, time, last } => (0, delivered, time, last),
        Claim::Lapsed => (1, 0, 0, false),
        Claim::Awarded { pay, used } => (2, pay, used, false),
        Claim::Agreed { pay, used } => (3, pay, used, false),
    };
    let mut out = [0; CLAIM_BYTES];
    out[..4].copy_from_slice(&CLAIM_MARK);
    out[4] = branch;
    out[5..13].copy_from_slice(&first.to_be_bytes());
    out[13..21].copy_from_slice(&second.to_be_bytes());
    out[21] = 2 + u8::from(last);
    out
}

/// What [`claim_memo`] wrote. It proves nothing: [`Tracked::explain`] compares commitments.
pub(crate) fn claim_of_memo(memo: &[u8]) -> Option<Claim> {
    let memo = memo.get(..CLAIM_BYTES)?.strip_prefix(&CLAIM_MARK)?;
    let integer = |bytes: &[u8]| bytes.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let (first, second) = (integer(&memo[1..9]), integer(&memo[9..17]));
    Some(match memo[0] {
        0 => Claim::Delivered { delivered: first, time: second, last: memo[17] == 3 },
        1 => Claim::Lapsed,
        2 => Claim::Awarded { pay: first, used: second },
        3 => Claim::Agreed { pay: first, used: second },
        _ => return None,
    })
}

/// A blinding, for witnesses.
pub(crate) fn blindings(escrow: &Escrow) -> [Fr; 2] {
    [escrow.payment.blinding, escrow.capacity.blinding]
}
