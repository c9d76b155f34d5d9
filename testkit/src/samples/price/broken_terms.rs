//! Terms and policies that no deal can carry: P1, P2, P3, P5, P6.

use super::{Case, Mutation};
use crate::TestRng;
use ark_ff::UniformRand;
use privity_circuits::Fr;
use privity_circuits::context::LedgerId;
use privity_circuits::keys::SignerId;
use privity_circuits::price::Deal;
use privity_circuits::terms::{CLAIM_MARGIN, MAX_TIERS, Mode, Stage, TermsId, Tier};
use rand::Rng;

pub(super) fn table() -> Vec<Mutation> {
    [opening(), goods(), money(), policy(), remedy(), tiers(), amounts()].concat()
}

/// The terms do not open.
fn opening() -> Vec<Mutation> {
    vec![
        ("P1", "another ledger", |case, rng| {
            case.x.ledger = LedgerId::new(Fr::rand(rng));
        }),
        ("P1", "the terms of another deal", |case, rng| {
            case.x.terms = TermsId::new(Fr::rand(rng));
        }),
        ("P1", "another salt of PARTIES", |case, rng| {
            case.w.terms.parties.salt = Fr::rand(rng);
        }),
        ("P1", "another salt of GOODS", |case, rng| {
            case.w.terms.goods.salt = Fr::rand(rng);
        }),
        ("P1", "another salt of REMEDY", |case, rng| {
            case.w.terms.remedy.salt = Fr::rand(rng);
        }),
        ("P1", "another inspector", |case, rng| {
            case.w.terms.parties.inspector = SignerId::new(Fr::rand(rng));
        }),
        ("P1", "a later claim", |case, rng| {
            let claim = &mut case.w.terms.remedy.claim_until;
            *claim = if *claim >> 39 == 1 { *claim - 1 } else { *claim + 1 };
            let due = case.w.terms.goods.due;
            if *claim < due + CLAIM_MARGIN {
                case.w.terms.remedy.salt = Fr::rand(rng);
                *claim = due + CLAIM_MARGIN;
            }
        }),
    ]
}

/// Fields of GOODS out of range.
fn goods() -> Vec<Mutation> {
    vec![
        ("P2", "a quantity of 41 bits", |case, _| {
            case.w.terms.goods.quantity += 1 << 40;
            case.restate();
        }),
        ("P2", "a quantity that borrows from the load factor", |case, _| {
            // The lane, and so the terms, stay what they were.
            case.w.terms.goods.quantity += 1 << 40;
            case.w.terms.goods.load_factor -= 1;
        }),
        ("P2", "no quantity", |case, _| {
            case.w.terms.goods.quantity = 0;
            case.restate();
        }),
        ("P2", "no increment", |case, _| {
            case.w.terms.goods.increment = 0;
            case.restate();
        }),
        ("P2", "an increment of 41 bits", |case, _| {
            case.w.terms.goods.increment += 1 << 40;
            case.restate();
        }),
        ("P2", "no load factor", |case, _| {
            case.w.terms.goods.load_factor = 0;
            (case.used, case.w.terms.goods.increment) = (0, 1);
            case.restate();
        }),
        ("P2", "a load factor of 33 bits", |case, _| {
            case.w.terms.goods.load_factor = 1 << 32;
            case.restate();
        }),
        ("P2", "due of 41 bits", |case, _| {
            case.w.terms.goods.due |= 1 << 40;
            case.restate();
        }),
        ("P2", "a bucket of 33 bits", |case, _| {
            case.w.terms.goods.bucket |= 1 << 32;
            case.restate();
        }),
    ]
}

/// 10⁴ and one bit that 10⁴ lacks.
fn above_all(rng: &mut TestRng) -> u64 {
    let bits = [0, 1, 2, 3, 5, 6, 7, 11, 12];
    10_000 + (1 << bits[rng.gen_range(0..bits.len())])
}

/// Fields of MONEY out of range.
fn money() -> Vec<Mutation> {
    vec![
        ("P2", "exponent 7", |case, _| {
            case.w.terms.money.exponent = 7;
            case.restate();
        }),
        ("P2", "an exponent that borrows from the decimals", |case, rng| {
            case.w.terms.money.decimals = rng.gen_range(1..=6);
            case.restate();
            case.w.terms.money.exponent += 8;
            case.w.terms.money.decimals -= 1;
        }),
        ("P2", "7 decimals", |case, _| {
            case.w.terms.money.decimals = 7;
            case.restate();
        }),
        ("P2", "a surcharge of 17 bits", |case, _| {
            case.w.terms.money.surcharge = 1 << 16;
            case.restate();
        }),
        ("P2", "an allowance above all", |case, rng| {
            case.w.terms.money.allowance = rng.gen_range(10_001..1 << 14);
            case.restate();
        }),
        ("P2", "an allowance of 15 bits", |case, _| {
            case.w.terms.money.allowance = 1 << 14;
            case.restate();
        }),
        ("P2", "a set-up of 49 bits", |case, _| {
            case.w.terms.money.set_up = 1 << 48;
            case.restate();
        }),
        ("P2", "a payment unlock of 41 bits", |case, _| {
            case.w.terms.money.payment_unlock = 1 << 40;
            case.restate();
        }),
        ("P2", "a frame", |case, rng| {
            case.w.terms.money.frame = rng.gen_range(1..=u64::MAX);
            case.restate();
        }),
        ("P2", "no first minimum", |case, _| {
            case.w.terms.money.tiers = [Tier::default(); MAX_TIERS];
            case.restate();
        }),
        ("P2", "a minimum of 41 bits", |case, rng| {
            case.w.terms.money.tiers[rng.gen_range(0..MAX_TIERS)].minimum = 1 << 40;
            case.restate();
        }),
        ("P2", "a unit price of 49 bits", |case, rng| {
            case.w.terms.money.tiers[rng.gen_range(0..MAX_TIERS)].price = 1 << 48;
            case.restate();
        }),
        ("P2", "an allowance above all, of nothing", |case, rng| {
            let money = &mut case.w.terms.money;
            money.tiers.iter_mut().for_each(|tier| tier.price = 0);
            money.allowance = if rng.r#gen() { above_all(rng) } else { 1 << 14 };
            case.restate();
        }),
    ]
}

/// The policy out of range.
fn policy() -> Vec<Mutation> {
    vec![
        ("P2", "a flat fee of 49 bits", |case, _| {
            case.w.policy.flat = 1 << 48;
            case.restate();
        }),
        ("P2", "a fee above all", |case, rng| {
            case.w.policy.rate = above_all(rng);
            case.restate();
        }),
        ("P2", "a share of more than 14 bits", |case, rng| {
            case.w.policy.rate = rng.gen_range(1 << 14..1 << 20);
            case.restate();
        }),
    ]
}

/// Fields of REMEDY out of range.
fn remedy() -> Vec<Mutation> {
    vec![
        ("P2", "an escrow that lapses a second early", |case, _| {
            case.w.terms.remedy.escrow = true;
            case.w.terms.remedy.claim_until = case.w.terms.goods.due + CLAIM_MARGIN - 1;
            case.restate();
        }),
        ("P2", "an escrow that lapses before it is due", |case, _| {
            case.w.terms.remedy.escrow = true;
            case.w.terms.remedy.claim_until = 0;
            case.restate();
        }),
        ("P2", "a claim of 41 bits", |case, _| {
            case.w.terms.remedy.claim_until = 1 << 40;
            case.restate();
        }),
        ("P2", "lateness above all", |case, rng| {
            case.w.terms.remedy.rate = above_all(rng);
            case.restate();
        }),
        ("P2", "a lateness rate of 15 bits", |case, _| {
            case.w.terms.remedy.rate = 1 << 14;
            case.restate();
        }),
        ("P2", "a lateness cap above all", |case, rng| {
            case.w.terms.remedy.cap = above_all(rng);
            case.restate();
        }),
        ("P2", "a lateness cap of 15 bits", |case, _| {
            case.w.terms.remedy.cap = 1 << 14;
            case.restate();
        }),
    ]
}

/// Tiers out of order.
fn tiers() -> Vec<Mutation> {
    fn schedule(case: &mut Case, minima: &[u64], quantity: u64) {
        let tiers = &mut case.w.terms.money.tiers;
        *tiers = [Tier::default(); MAX_TIERS];
        for (tier, minimum) in tiers.iter_mut().zip(minima) {
            (tier.minimum, tier.price) = (*minimum, 7 * u64::from(*minimum != 0));
        }
        let goods = &mut case.w.terms.goods;
        (goods.quantity, goods.increment, goods.load_factor) = (quantity, 1, 1);
        case.restate();
    }
    vec![
        ("P3", "a quantity below the first minimum", |case, _| {
            schedule(case, &[1_000, 2_000], 999);
        }),
        ("P3", "two equal minima", |case, _| {
            schedule(case, &[1_000, 2_000, 2_000], 1_500);
        }),
        ("P3", "a minimum below the one before", |case, _| {
            schedule(case, &[1_000, 3_000, 2_000], 4_000);
        }),
        ("P3", "a minimum of 0 between others", |case, _| {
            schedule(case, &[1_000, 0, 2_000], 1_500);
        }),
        ("P3", "an unused tier with a price", |case, rng| {
            schedule(case, &[1_000, 2_000], 1_500);
            case.w.terms.money.tiers[rng.gen_range(2..MAX_TIERS)].price = 1;
            case.restate();
        }),
        ("P3", "a quantity between increments", |case, rng| {
            schedule(case, &[1_000], 1_500);
            case.w.terms.goods.increment = rng.gen_range(751..1_500);
            case.restate();
        }),
        ("P3", "an increment above the quantity", |case, _| {
            schedule(case, &[1_000], 1_500);
            case.w.terms.goods.increment = 3_000;
            case.restate();
        }),
    ]
}

/// Amounts that 64 bits do not hold; the statement carries what is left of them.
fn amounts() -> Vec<Mutation> {
    vec![
        ("P5", "a line of more than 64 bits", |case, _| {
            let (goods, money) = (&mut case.w.terms.goods, &mut case.w.terms.money);
            (goods.quantity, goods.increment, goods.load_factor) = ((1 << 40) - 1, 1, 1);
            money.tiers = [Tier::default(); MAX_TIERS];
            (money.tiers[0].minimum, money.tiers[0].price) = (1, (1 << 48) - 1);
            (money.exponent, money.surcharge, money.allowance) = (6, 65_535, 0);
            case.used = goods.quantity;
            case.restate();
        }),
        ("P5", "2^64 by the set-up", |case, _| {
            near_the_top(case, 1 << 20);
            case.total = 0;
            case.restate();
        }),
        ("P6", "capacity of more than 64 bits", |case, _| {
            let (goods, money) = (&mut case.w.terms.goods, &mut case.w.terms.money);
            (goods.quantity, goods.increment, goods.load_factor) = ((1 << 40) - 1, 1, 1);
            money.tiers = [Tier::default(); MAX_TIERS];
            (money.tiers[0].minimum, money.tiers[0].price) = (1, 1);
            money.exponent = 0;
            if let Ok(deal) = Deal::of(&case.w.terms, &case.w.policy) {
                (case.total, case.fee) = (deal.quote.total, deal.fee);
            }
            let goods = &mut case.w.terms.goods;
            goods.load_factor = (1 << 32) - 1;
            case.used = goods.quantity.wrapping_mul(goods.load_factor);
            case.restate();
        }),
        ("P9", "a fee of 2^64", |case, _| {
            near_the_top(case, 0);
            (case.w.policy.flat, case.w.policy.rate) = (1 << 20, 10_000);
            (case.total, case.fee) = (0u64.wrapping_sub(1 << 20), 0);
            case.restate();
        }),
    ]
}

/// A line of 2^64 − 2^20, and `set_up`.
fn near_the_top(case: &mut Case, set_up: u64) {
    let (goods, money) = (&mut case.w.terms.goods, &mut case.w.terms.money);
    (goods.quantity, goods.increment, goods.load_factor) = (1_000 << 20, 1_000, 1);
    case.used = goods.quantity;
    money.tiers = [Tier::default(); MAX_TIERS];
    (money.tiers[0].minimum, money.tiers[0].price) = (1, (1 << 44) - 1);
    (money.exponent, money.surcharge, money.allowance) = (6, 0, 0);
    (money.mode, money.stage, money.set_up) = (Mode::AllUnits, Stage::Line, set_up);
}
