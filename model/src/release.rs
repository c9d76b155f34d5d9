//! R1 to R4: what leaves an escrowed pair and what stays in it.

use num_bigint::BigInt;
use num_rational::BigRational;

use crate::Refusal;
use crate::exact::{basis_points, ratio, whole};
use crate::terms::WEEK;

/// An escrowed pair with the terms that govern it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// q, the whole deal in thousandths.
    pub quantity: u64,
    /// Capacity per unit, in thousandths.
    pub load_factor: u64,
    /// When delivery is due, Unix seconds.
    pub due: u64,
    /// From when the buyer may take the rest back, Unix seconds.
    pub claim_until: u64,
    /// Lateness penalty per week or part of a week, basis points.
    pub rate_bp: u64,
    /// Most that lateness may cost, basis points.
    pub cap_bp: u64,
    /// Thousandths delivered and paid for so far.
    pub done: u64,
    /// Money left, minor units.
    pub v: u64,
    /// Capacity left, millionths.
    pub u: u64,
}

/// What an inspector signs: a link of the chain of receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Cumulative thousandths before.
    pub done: u64,
    /// Cumulative thousandths after, done′.
    pub done_new: u64,
    /// Time of delivery, Unix seconds.
    pub time: u64,
    /// Whether nothing more will be delivered (`final` on the protocol page).
    pub last: bool,
}

/// What one release moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// d: cumulative thousandths that count as delivered after it.
    pub delivered: u64,
    /// g: what the pieces are worth before any penalty, minor units.
    pub gross: u64,
    /// Output 0, to the supplier, minor units.
    pub pay: u64,
    /// Output 1, to the buyer: v − pay − rest, minor units.
    pub refund: u64,
    /// Capacity consumed, millionths.
    pub used: u64,
    /// Output 2, capacity back to the supplier, millionths.
    pub capacity_back: u64,
    /// Output 3, money that stays in escrow, minor units.
    pub rest: u64,
    /// Output 4, capacity that stays in escrow, millionths.
    pub capacity_rest: u64,
    /// The pair that stays; none when the release closes it.
    pub next: Option<Escrow>,
}

/// What a branch decides; R3 and R4 do the rest for all four alike.
struct Outcome {
    delivered: u64,
    gross: BigInt,
    pay: BigInt,
    used: BigInt,
    last: bool,
}

impl Escrow {
    /// *delivered*: the inspector received `done_new` thousandths in all, at `time`; `last` if no more will come.
    ///
    /// # Errors
    /// R1 if the pair is not releasable, R2 if the receipt makes no progress or is out of range, R3 if an amount is
    /// negative.
    pub fn deliver(&self, done_new: u64, time: u64, last: bool) -> Result<Release, Refusal> {
        self.check()?;
        for (value, name) in [(done_new, "done′ is 2^40 or more"), (time, "time is 2^40 or more")] {
            if value >= 1 << 40 {
                return Err(Refusal::R2(name));
            }
        }
        let progress = self.done < done_new || (last && done_new == self.done);
        if !progress {
            return Err(Refusal::R2("the receipt delivers nothing and is not the last"));
        }
        let delivered = done_new.min(self.quantity);
        let pieces = delivered - self.done;
        let share = ratio(pieces, self.quantity - self.done);
        let gross = (whole(self.v) * share).floor();
        let penalty = (&gross * self.lateness(time)).floor();
        let pay = (&gross - penalty).to_integer();
        let used = BigInt::from(self.load_factor) * pieces;
        self.settle(Outcome { delivered, gross: gross.to_integer(), pay, used, last })
    }

    /// *lapsed*: nothing was received by claim_until; the buyer gets the money and the supplier the capacity.
    ///
    /// # Errors
    /// R1 if the pair is not releasable, R2 before claim_until.
    pub fn lapse(&self, now: u64) -> Result<Release, Refusal> {
        self.check()?;
        if now < self.claim_until {
            return Err(Refusal::R2("claim_until lies ahead"));
        }
        self.settle(self.closing(0, 0))
    }

    /// *awarded*: the arbiter decides what is paid (minor units) and what capacity was used (millionths).
    ///
    /// # Errors
    /// R1 if the pair is not releasable, R3 if it does not hold that much.
    pub fn award(&self, pay: u64, used: u64) -> Result<Release, Refusal> {
        self.check()?;
        self.settle(self.closing(pay, used))
    }

    /// *agreed*: both parties decide what is paid (minor units) and what capacity was used (millionths).
    ///
    /// # Errors
    /// R1 if the pair is not releasable, R3 if it does not hold that much.
    pub fn agree(&self, pay: u64, used: u64) -> Result<Release, Refusal> {
        self.check()?;
        self.settle(self.closing(pay, used))
    }

    /// The share of the price that is lost by delivering at `time`: a rate per week begun, up to the cap.
    #[must_use]
    pub fn lateness(&self, time: u64) -> BigRational {
        let weeks_begun = ratio(time.saturating_sub(self.due), WEEK).ceil().to_integer();
        let penalty = weeks_begun * self.rate_bp;
        basis_points(penalty.min(self.cap_bp.into()))
    }

    fn closing(&self, pay: u64, used: u64) -> Outcome {
        Outcome { delivered: self.done, gross: pay.into(), pay: pay.into(), used: used.into(), last: true }
    }

    /// R1: lanes within their bit widths, something left to deliver.
    fn check(&self) -> Result<(), Refusal> {
        let widths = [
            (self.quantity, 40, "quantity is 2^40 or more"),
            (self.load_factor, 32, "load factor is 2^32 or more"),
            (self.due, 40, "due is 2^40 or more"),
            (self.claim_until, 40, "claim_until is 2^40 or more"),
            (self.rate_bp, 14, "lateness rate is 2^14 or more"),
            (self.cap_bp, 14, "lateness cap is 2^14 or more"),
            (self.done, 40, "done is 2^40 or more"),
        ];
        for (value, bits, name) in widths {
            if value >= 1 << bits {
                return Err(Refusal::R1(name));
            }
        }
        if self.done < self.quantity { Ok(()) } else { Err(Refusal::R1("everything is delivered")) }
    }

    /// R3 and the values of R4's outputs.
    fn settle(&self, outcome: Outcome) -> Result<Release, Refusal> {
        let Outcome { delivered, gross, pay, used, last } = outcome;
        let closes = last || delivered == self.quantity;
        let rest = if closes { BigInt::ZERO } else { self.v - &gross };
        let refund = self.v - &pay - &rest;
        let capacity_left = self.u - &used;

        let pay = amount(&pay, "pay")?;
        let used = amount(&used, "used capacity")?;
        let rest = amount(&rest, "rest")?;
        let refund = amount(&refund, "v − pay − rest")?;
        let capacity_left = amount(&capacity_left, "u − used")?;
        let gross = amount(&gross, "g")?;

        let (capacity_back, capacity_rest) = if closes { (capacity_left, 0) } else { (0, capacity_left) };
        let next = Self { done: delivered, v: rest, u: capacity_rest, ..*self };
        Ok(Release {
            delivered,
            gross,
            pay,
            refund,
            used,
            capacity_back,
            rest,
            capacity_rest,
            next: (!closes).then_some(next),
        })
    }
}

/// Releases an escrow by a chain of receipts; each must continue where the one before ended.
///
/// # Errors
/// R2 for a receipt that another escrow state was signed for, R1 for one after the last, and those of
/// [`Escrow::deliver`].
pub fn replay(escrow: Escrow, receipts: &[Receipt]) -> Result<Vec<Release>, Refusal> {
    let mut open = Some(escrow);
    let mut releases = Vec::new();
    for receipt in receipts {
        let pair = open.ok_or(Refusal::R1("the escrow is closed"))?;
        if receipt.done != pair.done {
            return Err(Refusal::R2("the receipt does not continue the chain"));
        }
        let release = pair.deliver(receipt.done_new, receipt.time, receipt.last)?;
        open = release.next;
        releases.push(release);
    }
    Ok(releases)
}

fn amount(value: &BigInt, name: &'static str) -> Result<u64, Refusal> {
    u64::try_from(value).map_err(|_| Refusal::R3(name))
}
