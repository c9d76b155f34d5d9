//! What a release moves: the four branches in plain integers (protocol, R2 and R3), and the five notes that follow (R4).

use super::Claim;
use crate::note::{Commitment, Note, Nullifier, pair};
use crate::terms::{BASIS_POINTS, QUANTITY_BITS, TIME_BITS, Terms, WEEK};
use crate::{DecodeError, Fr, Violation};

/// The amounts of one release. Money in minor units, capacity in millionths, quantities in thousandths of the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// d: thousandths that count as delivered after this release; `done` unless the inspector said more.
    pub delivered: u64,
    /// g: what the pieces are worth before any penalty.
    pub gross: u64,
    /// To the supplier.
    pub pay: u64,
    /// To the buyer: v − pay − rest.
    pub refund: u64,
    /// Capacity consumed.
    pub used: u64,
    /// Capacity that returns to the supplier.
    pub returned: u64,
    /// Money that stays in escrow.
    pub rest: u64,
    /// Capacity that stays in escrow.
    pub kept: u64,
    /// Whether this release is the last of its escrow.
    pub closes: bool,
}

/// What an escrowed pair holds after `done` thousandths were settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Thousandths settled so far.
    pub done: u64,
    /// v, minor units.
    pub payment: u64,
    /// u, millionths.
    pub capacity: u64,
}

/// What a branch decides, before anybody asks whether the pair holds that much.
pub(super) struct Outcome {
    delivered: u64,
    gross: u128,
    pay: i128,
    used: u128,
    closes: bool,
}

impl Settlement {
    /// The amounts that `claim` moves out of `held` at ledger time `now` (Unix seconds). Signatures are not looked at.
    ///
    /// # Errors
    /// R1 if the pair cannot be released, R2 if the claim does not fit it, R3 if it does not hold that much.
    pub fn of(terms: &Terms, held: &Holding, claim: &Claim, now: u64) -> Result<Self, Violation> {
        held.check(terms)?;
        Outcome::of(terms, held, claim, now)?.settle(held)
    }

    /// The five notes: supplier's, buyer's, capacity, and the halves of the pair that stays; blindings H(BLIND; s₃, nf, i).
    ///
    /// When closing, the halves hold nothing and their owner is E(q), which nothing can release.
    pub fn notes(&self, terms: &Terms, nf: Nullifier) -> [Note; 5] {
        let (currency, asset) = (terms.money.currency, terms.capacity_asset());
        let (supplier, buyer) = (terms.parties.supplier, terms.parties.buyer);
        let escrow = terms.escrow_owner(self.next_done(terms));
        let holders = [
            (currency, self.pay, supplier),
            (currency, self.refund, buyer),
            (asset, self.returned, supplier),
            (currency, self.rest, escrow),
            (asset, self.kept, escrow),
        ];
        let mut index = 0;
        holders.map(|(asset, value, owner)| {
            let blinding = terms.blinding(nf.field(), index);
            index += 1;
            Note { asset, value, unlock: 0, owner, blinding }
        })
    }

    /// Of which `done` the remaining pair's owner is: d, or q when closing.
    pub fn next_done(&self, terms: &Terms) -> u64 {
        if self.closes { terms.goods.quantity } else { self.delivered }
    }

    /// What stays in escrow; none when closing.
    pub fn next(&self) -> Option<Holding> {
        let next = Holding { done: self.delivered, payment: self.rest, capacity: self.kept };
        (!self.closes).then_some(next)
    }
}

/// The four outputs of a statement: supplier's, buyer's, capacity's note and the pair that stays.
pub(super) fn commitments(notes: &[Note; 5]) -> [Commitment; 4] {
    let [supplier, buyer, capacity, rest, kept] = notes;
    let remaining = pair(rest.commitment(), kept.commitment());
    [supplier.commitment(), buyer.commitment(), capacity.commitment(), remaining]
}

impl Holding {
    /// R1's integers: the widths of GOODS and REMEDY, done < 2^40, done < q.
    pub(super) fn check(&self, terms: &Terms) -> Result<(), Violation> {
        let wide = |_: DecodeError| Violation {
            rule: "R1",
            reason: "a field of the terms is too wide; only terms that a deal accepted have an escrow",
        };
        terms.goods.check_widths().map_err(wide)?;
        terms.remedy.check_widths().map_err(wide)?;
        Violation::unless(self.done >> QUANTITY_BITS == 0, "R1", "done is not below 2^40 thousandths")?;
        Violation::unless(
            self.done < terms.goods.quantity,
            "R1",
            "all of the quantity is settled; a closed escrow releases nothing more",
        )
    }
}

impl Outcome {
    /// R2's integers; `held` has passed R1.
    pub(super) fn of(terms: &Terms, held: &Holding, claim: &Claim, now: u64) -> Result<Self, Violation> {
        match *claim {
            Claim::Delivered { delivered, time, last } => Self::delivered(terms, held, delivered, time, last),
            Claim::Lapsed => {
                let waited = now.checked_sub(terms.remedy.claim_until);
                Violation::unless(
                    waited.is_some_and(|seconds| seconds >> TIME_BITS == 0),
                    "R2",
                    "the escrow has not lapsed; wait until claim_until",
                )?;
                Ok(Self::closing(held, 0, 0))
            }
            Claim::Awarded { pay, used } | Claim::Agreed { pay, used } => Ok(Self::closing(held, pay, used)),
        }
    }

    fn closing(held: &Holding, pay: u64, used: u64) -> Self {
        Self {
            delivered: held.done,
            gross: u128::from(pay),
            pay: i128::from(pay),
            used: u128::from(used),
            closes: true,
        }
    }

    fn delivered(terms: &Terms, held: &Holding, cumulative: u64, time: u64, last: bool) -> Result<Self, Violation> {
        let (goods, remedy) = (&terms.goods, &terms.remedy);
        let ranged = cumulative >> QUANTITY_BITS == 0 && time >> TIME_BITS == 0;
        Violation::unless(ranged, "R2", "the receipt's quantity or time is not below 2^40")?;
        Violation::unless(
            held.done < cumulative || (last && held.done == cumulative),
            "R2",
            "the receipt adds nothing and is not the last; release receipts in their order",
        )?;
        let delivered = cumulative.min(goods.quantity);
        let pieces = u128::from(delivered - held.done);
        // v < 2^64 and pieces < 2^40.
        let gross = u128::from(held.payment) * pieces / u128::from(goods.quantity - held.done);
        let weeks = time.saturating_sub(goods.due).div_ceil(WEEK);
        let share = remedy.cap.min(remedy.rate * weeks);
        let penalty = gross * u128::from(share) / u128::from(BASIS_POINTS);
        Ok(Self {
            delivered,
            gross,
            // Below 2^78 in size.
            pay: gross as i128 - penalty as i128,
            used: u128::from(goods.load_factor) * pieces,
            closes: last || delivered == goods.quantity,
        })
    }

    /// R3.
    pub(super) fn settle(self, held: &Holding) -> Result<Settlement, Violation> {
        let rest = if self.closes { 0 } else { i128::from(held.payment) - self.gross as i128 };
        let refund = i128::from(held.payment) - self.pay - rest;
        let left = i128::from(held.capacity) - self.used as i128;
        let left = amount(left, "the pair does not hold the capacity used")?;
        Ok(Settlement {
            delivered: self.delivered,
            gross: amount(self.gross as i128, "the pieces are worth 2^64 minor units or more")?,
            pay: amount(self.pay, "the penalty exceeds what the pieces are worth")?,
            refund: amount(refund, "the pair does not hold the payment")?,
            used: amount(self.used as i128, "the capacity used is 2^64 millionths or more")?,
            returned: if self.closes { left } else { 0 },
            rest: amount(rest, "more would be released than the pair holds")?,
            kept: if self.closes { 0 } else { left },
            closes: self.closes,
        })
    }
}

/// An integer of 64 bits.
fn amount(value: i128, reason: &'static str) -> Result<u64, Violation> {
    u64::try_from(value).map_err(|_| Violation { rule: "R3", reason })
}

/// The halves of an escrowed pair as notes of `terms`.
pub(super) fn halves(terms: &Terms, held: &Holding, blindings: [Fr; 2]) -> [Note; 2] {
    let owner = terms.escrow_owner(held.done);
    let [payment, capacity] = blindings;
    [
        Note { asset: terms.money.currency, value: held.payment, unlock: 0, owner, blinding: payment },
        Note { asset: terms.capacity_asset(), value: held.capacity, unlock: 0, owner, blinding: capacity },
    ]
}
