//! Generators for differential tests; the same seed gives the same samples.

mod invalid;
mod remainder;

pub use invalid::{Invalid, invalid};
pub use remainder::{Remainder, remainder};

use rand::Rng;
use rand::seq::SliceRandom;

use crate::price::MAX_TIERS;
use crate::terms::{CLAIM_DELAY, WEEK};
use crate::{Escrow, Mode, Receipt, Rounding, Schedule, Stage, Terms};

/// A valid schedule of 1 to 8 tiers: any mode, stage, rounding, exponent and decimals, prices up or down, some of
/// them 0, surcharge, allowance and set-up in half of the cases each, unused tiers written out or not.
pub fn schedule(rng: &mut impl Rng) -> Schedule {
    let count = rng.gen_range(1..=MAX_TIERS);
    let minimum_bits = rng.gen_range(4..=36);
    let mut minima = Vec::new();
    while minima.len() < count {
        let minimum = rng.gen_range(1..=1_u64 << minimum_bits);
        if !minima.contains(&minimum) {
            minima.push(minimum);
        }
    }
    minima.sort_unstable();
    let price_bits = rng.gen_range(0..=47);
    let mut tiers: Vec<_> =
        minima.into_iter().map(|minimum| (minimum, rng.gen_range(0..=1_u64 << price_bits))).collect();
    if rng.r#gen() {
        tiers.resize(MAX_TIERS, (0, 0));
    }
    Schedule {
        tiers,
        mode: mode(rng),
        stage: stage(rng),
        rounding: rounding(rng),
        exponent: rng.gen_range(0..=6),
        decimals: rng.gen_range(0..=6),
        surcharge_bp: sometimes(rng, (1 << 16) - 1),
        allowance_bp: sometimes(rng, 10_000),
        set_up: sometimes(rng, (1 << 48) - 1),
    }
}

/// For each used tier the last multiple of `increment` (thousandths, at least 1) before its minimum, the first that
/// reaches it, and the next. Those before the first minimum are refused by P3; 0 and values of 2^40 or more are left
/// out.
#[must_use]
pub fn quantities(schedule: &Schedule, increment: u64) -> Vec<u64> {
    let mut all: Vec<u64> = schedule
        .used()
        .iter()
        .map(|tier| tier.0.next_multiple_of(increment))
        .flat_map(|reaches| [reaches - increment, reaches, reaches + increment])
        .filter(|quantity| (1..1 << 40).contains(quantity))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Valid terms with a fee policy `(terms, flat, rate in basis points)`; about half of them escrowed, the quantity
/// often at a break.
pub fn terms(rng: &mut impl Rng) -> (Terms, u64, u64) {
    loop {
        let (terms, flat, rate) = (candidate(rng), sometimes(rng, (1 << 48) - 1), sometimes(rng, 10_000));
        if terms.deal(flat, rate).is_ok() {
            return (terms, flat, rate);
        }
    }
}

/// Terms that may still overflow 64 bits somewhere or miss the first tier.
fn candidate(rng: &mut impl Rng) -> Terms {
    let schedule = schedule(rng);
    let increment = *[1, 1, 10, 250, 1_000, 1_000, 12_000].choose(rng).unwrap_or(&1);
    let edges = quantities(&schedule, increment);
    let quantity = match edges.choose(rng) {
        Some(&edge) if rng.gen_bool(0.7) => edge,
        _ => magnitude(rng, 38).next_multiple_of(increment),
    };
    let escrow = rng.r#gen();
    let (rate_bp, cap_bp) = lateness(rng);
    let mut terms = Terms {
        schedule,
        quantity,
        increment,
        load_factor: magnitude(rng, 32),
        bucket: rng.gen_range(0..1_u64 << 32),
        due: rng.gen_range(0..1_u64 << 39),
        payment_unlock: rng.gen_range(0..1_u64 << 40),
        frame: 0,
        escrow,
        claim_until: rng.gen_range(0..1_u64 << 40),
        rate_bp,
        cap_bp,
    };
    if escrow {
        let earliest = if rng.r#gen() { terms.due + CLAIM_DELAY } else { terms.advised_claim_until() };
        terms.claim_until = earliest + sometimes(rng, 1 << 20);
    }
    terms
}

/// An open pair of accepted terms, somewhere on its way: money of any size down to 0, capacity for exactly the
/// pieces that are left.
pub fn escrow(rng: &mut impl Rng) -> Escrow {
    let quantity = magnitude(rng, 40);
    let load_factor = magnitude(rng, 32).min(u64::MAX / quantity);
    let done = if rng.r#gen() { 0 } else { rng.gen_range(0..quantity) };
    let due = rng.gen_range(0..1_u64 << 39);
    let (rate_bp, cap_bp) = lateness(rng);
    Escrow {
        quantity,
        load_factor,
        due,
        claim_until: due + CLAIM_DELAY + sometimes(rng, 1 << 20),
        rate_bp,
        cap_bp,
        done,
        v: rng.r#gen::<u64>() >> rng.gen_range(0..=63),
        u: load_factor * (quantity - done),
    }
}

/// A chain of 1 to 6 receipts that delivers the whole escrow, on time or late by seconds to many weeks; the last one
/// sometimes says so, sometimes counts more than was ordered.
pub fn receipts(rng: &mut impl Rng, escrow: &Escrow) -> Vec<Receipt> {
    let mut stops: Vec<u64> = (0..rng.gen_range(0..6)).map(|_| rng.gen_range(escrow.done..escrow.quantity)).collect();
    let excess = sometimes(rng, (1 << 40) - 1 - escrow.quantity);
    stops.push(escrow.quantity + excess);
    stops.sort_unstable();
    stops.dedup();
    stops.retain(|&stop| stop > escrow.done);
    let mut done = escrow.done;
    let links = stops.into_iter().map(|done_new| {
        let time = delivery_time(rng, escrow.due);
        let last = done_new >= escrow.quantity && rng.r#gen();
        let receipt = Receipt { done, done_new, time, last };
        done = done_new;
        receipt
    });
    links.collect()
}

/// Around the due time, at the exact ends of weeks, and anywhere.
fn delivery_time(rng: &mut impl Rng, due: u64) -> u64 {
    let weeks = rng.gen_range(0..=15) * WEEK;
    match rng.gen_range(0..6) {
        0 => rng.gen_range(0..=due),
        1 => due,
        2 => due + weeks,
        3 => due + weeks + 1,
        4 => (due + weeks).saturating_sub(1),
        _ => rng.gen_range(0..1 << 40),
    }
}

fn lateness(rng: &mut impl Rng) -> (u64, u64) {
    match rng.gen_range(0..4) {
        0 => (50, 500),
        1 => (0, 0),
        _ => (rng.gen_range(0..=10_000), rng.gen_range(0..=10_000)),
    }
}

/// 1 to 2^`bits` − 1, every length of number equally often.
fn magnitude(rng: &mut impl Rng, bits: u32) -> u64 {
    let length = rng.gen_range(1..=bits);
    rng.gen_range(1..1 << length)
}

/// 0 in half of the cases, `most` in an eighth, else anything between.
fn sometimes(rng: &mut impl Rng, most: u64) -> u64 {
    match rng.gen_range(0..8) {
        0..4 => 0,
        4 => most,
        _ => rng.gen_range(0..=most),
    }
}

fn mode(rng: &mut impl Rng) -> Mode {
    if rng.r#gen() { Mode::AllUnits } else { Mode::Graduated }
}

fn stage(rng: &mut impl Rng) -> Stage {
    if rng.r#gen() { Stage::Line } else { Stage::UnitPrice }
}

fn rounding(rng: &mut impl Rng) -> Rounding {
    Rounding::ALL[rng.gen_range(0..Rounding::ALL.len())]
}
