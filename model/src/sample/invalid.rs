//! Terms that are false by one named rule.

use rand::Rng;

use super::terms;
use crate::price::MAX_TIERS;
use crate::terms::CLAIM_DELAY;
use crate::{Refusal, Rounding, Stage, Terms};

/// Terms and policy that break the protocol page, and where.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// The terms.
    pub terms: Terms,
    /// Flat fee of the policy, minor units.
    pub flat: u64,
    /// Rate of the policy, basis points.
    pub rate_bp: u64,
    /// The broken rule's id, the first if a field's width makes a later rule fail too.
    pub rule: &'static str,
    /// What was done.
    pub name: &'static str,
}

type Breaker = (&'static str, &'static str, fn(&mut Invalid));

/// Valid terms broken in the way numbered `case` modulo [`Invalid::CASES`], unused tiers not written out.
pub fn invalid(rng: &mut impl Rng, case: usize) -> Invalid {
    let (rule, name, break_it) = BREAKERS[case % BREAKERS.len()];
    let (mut terms, flat, rate_bp) = terms(rng);
    let used = terms.schedule.used().len();
    terms.schedule.tiers.truncate(used);
    let mut sample = Invalid { terms, flat, rate_bp, rule, name };
    break_it(&mut sample);
    sample
}

impl Invalid {
    /// How many ways of breaking terms there are.
    pub const CASES: usize = BREAKERS.len();

    /// What the model says.
    ///
    /// # Errors
    /// Always, unless the generator itself is wrong.
    pub fn verdict(&self) -> Result<(), Refusal> {
        self.terms.deal(self.flat, self.rate_bp).map(|_| ())
    }
}

const BREAKERS: &[Breaker] = &[
    ("P2", "quantity 0", |x| x.terms.quantity = 0),
    ("P2", "quantity 2^40", |x| {
        x.terms.quantity = 1 << 40;
        x.terms.increment = 1;
    }),
    ("P2", "increment 0", |x| x.terms.increment = 0),
    ("P2", "increment 2^40", |x| x.terms.increment = 1 << 40),
    ("P2", "first minimum 0", |x| x.terms.schedule.tiers[0].0 = 0),
    ("P2", "minimum 2^40", |x| append(x, (1 << 40, 1))),
    ("P2", "unit price 2^48", |x| x.terms.schedule.tiers[0].1 = 1 << 48),
    ("P2", "unreached tier's unit price 2^48", |x| append(x, ((1 << 40) - 1, 1 << 48))),
    ("P2", "unused tier's unit price 2^48", |x| append(x, (0, 1 << 48))),
    ("P2", "exponent 7", |x| x.terms.schedule.exponent = 7),
    ("P2", "decimals 7", |x| x.terms.schedule.decimals = 7),
    ("P2", "surcharge 2^16", |x| x.terms.schedule.surcharge_bp = 1 << 16),
    ("P2", "allowance above all", |x| x.terms.schedule.allowance_bp = 10_001),
    ("P2", "set-up 2^48", |x| x.terms.schedule.set_up = 1 << 48),
    ("P2", "flat 2^48", |x| x.flat = 1 << 48),
    ("P2", "fee rate above all", |x| x.rate_bp = 10_001),
    ("P2", "lateness rate above all", |x| x.terms.rate_bp = 10_001),
    ("P2", "lateness cap above all", |x| x.terms.cap_bp = 10_001),
    ("P2", "load factor 0", |x| x.terms.load_factor = 0),
    ("P2", "load factor 2^32", |x| x.terms.load_factor = 1 << 32),
    ("P2", "frame 1", |x| x.terms.frame = 1),
    ("P2", "bucket 2^32", |x| x.terms.bucket = 1 << 32),
    ("P2", "payment unlock 2^40", |x| x.terms.payment_unlock = 1 << 40),
    ("P2", "claim_until 2^40", |x| x.terms.claim_until = 1 << 40),
    ("P2", "due 2^40", |x| {
        x.terms.escrow = false;
        x.terms.due = 1 << 40;
    }),
    ("P2", "claim_until a second too early", |x| {
        x.terms.escrow = true;
        x.terms.claim_until = x.terms.due + CLAIM_DELAY - 1;
    }),
    ("P3", "equal minima", |x| {
        let first = x.terms.schedule.tiers[0];
        prepend(x, first);
    }),
    ("P3", "descending minima", |x| {
        let (minimum, price) = x.terms.schedule.tiers[0];
        prepend(x, (minimum + 1, price));
    }),
    ("P3", "gap between used tiers", |x| {
        x.terms.schedule.tiers.truncate(MAX_TIERS - 2);
        append(x, (0, 0));
        append(x, ((1 << 40) - 1, 1));
    }),
    ("P3", "price in an unused tier", |x| append(x, (0, 1))),
    ("P3", "quantity below the first tier", |x| {
        // One tier, so that only the quantity is wrong.
        x.terms.schedule.tiers = vec![(x.terms.quantity + 1, 1)];
    }),
    ("P3", "increment does not divide the quantity", |x| {
        x.terms.increment = x.terms.quantity + 1;
    }),
    ("P5", "line of 2^64 and far more", |x| {
        plain(x, (1 << 39, (1 << 48) - 1));
    }),
    ("P5", "total of 2^64 exactly", |x| {
        plain(x, LARGEST_LINE);
        x.terms.schedule.set_up = 1;
    }),
    ("P6", "capacity of 2^64 exactly", |x| {
        plain(x, (1 << 33, 0));
        x.terms.load_factor = 1 << 31;
    }),
    ("P9", "fee of 2^64 exactly", |x| {
        plain(x, LARGEST_LINE);
        x.rate_bp = 10_000;
        x.flat = 1;
    }),
];

/// Units × price in 10⁻⁶ = 2^64 − 1 = 65 537 · 281 470 681 808 895.
const LARGEST_LINE: (u64, u64) = (65_537_000, 281_470_681_808_895);

/// One tier that prices `quantity` thousandths at `price` 10⁻⁶ each, minor unit 10⁻⁶, nothing added or taken.
fn plain(x: &mut Invalid, (quantity, price): (u64, u64)) {
    let schedule = &mut x.terms.schedule;
    schedule.tiers = vec![(1, price)];
    schedule.stage = Stage::Line;
    schedule.rounding = Rounding::Down;
    schedule.exponent = 6;
    schedule.surcharge_bp = 0;
    schedule.allowance_bp = 0;
    schedule.set_up = 0;
    x.terms.quantity = quantity;
    x.terms.increment = 1;
    x.terms.load_factor = 1;
}

/// Adds `tier` after the used ones, in place of the eighth if there are eight.
fn append(x: &mut Invalid, tier: (u64, u64)) {
    let tiers = &mut x.terms.schedule.tiers;
    tiers.truncate(MAX_TIERS - 1);
    tiers.push(tier);
}

/// Puts `tier` first, dropping the eighth if there are eight.
fn prepend(x: &mut Invalid, tier: (u64, u64)) {
    let tiers = &mut x.terms.schedule.tiers;
    tiers.truncate(MAX_TIERS - 1);
    tiers.insert(0, tier);
}
