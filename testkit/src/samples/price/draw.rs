//! Random terms that a deal can carry, and terms whose divisions leave a chosen remainder.

use crate::TestRng;
use ark_ff::UniformRand;
use privity_circuits::Fr;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::context::LedgerId;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::price::pricing::{LINE_DIVISOR, UNIT_DIVISOR};
use privity_circuits::terms::{
    BASIS_POINTS, CLAIM_MARGIN, DocumentHash, Goods, MAX_TIERS, Mode, Money, Parties, Policy, Remedy, RfqId, Rounding,
    Stage, Terms, Tier,
};
use rand::Rng;
use rand::seq::SliceRandom;

const QUANTITY: u64 = 1 << 40;
const PRICE: u64 = 1 << 48;
const TIME: u64 = 1 << 40;

/// An integer of 1 to `limit` with a random number of digits; `limit` itself now and then.
fn scattered(limit: u64, rng: &mut TestRng) -> u64 {
    match rng.gen_range(0..16) {
        0 => limit,
        _ => rng.gen_range(1..=limit) >> rng.gen_range(0..limit.ilog2().max(1)),
    }
    .max(1)
}

fn field(rng: &mut TestRng) -> Fr {
    Fr::rand(rng)
}

/// 0 or a random signer.
fn perhaps(rng: &mut TestRng) -> SignerId {
    match rng.r#gen() {
        true => SignerId::new(field(rng)),
        false => SignerId::NONE,
    }
}

fn parties(rng: &mut TestRng) -> Parties {
    Parties {
        ledger: LedgerId::new(field(rng)),
        buyer: Owner::new(field(rng)),
        supplier: Owner::new(field(rng)),
        buyer_signer: SignerId::new(field(rng)),
        supplier_signer: SignerId::new(field(rng)),
        inspector: perhaps(rng),
        arbiter: perhaps(rng),
        auditor: perhaps(rng),
        salt: field(rng),
    }
}

/// 1 to 8 ascending minima.
fn minima(rng: &mut TestRng) -> Vec<u64> {
    let count = rng.gen_range(1..=MAX_TIERS);
    let mut minima = std::collections::BTreeSet::from([scattered(QUANTITY - 1, rng)]);
    while minima.len() < count {
        let last = minima.last().copied().unwrap_or(1);
        minima.insert(match rng.gen_range(0..4) {
            0 => last.saturating_add(1).min(QUANTITY - 1),
            1 => last.saturating_sub(1).max(1),
            _ => scattered(QUANTITY - 1, rng),
        });
    }
    minima.into_iter().collect()
}

/// A quantity at a break, beside one, or anywhere from the first minimum on.
fn quantity(minima: &[u64], rng: &mut TestRng) -> u64 {
    let edge = minima.choose(rng).copied().unwrap_or(1);
    let quantity = match rng.gen_range(0..5) {
        0 => edge,
        1 => edge - 1,
        2 => edge + 1,
        3 => QUANTITY - 1,
        _ => rng.gen_range(minima[0]..QUANTITY),
    };
    quantity.clamp(minima[0], QUANTITY - 1)
}

fn goods(quantity: u64, rng: &mut TestRng) -> Goods {
    let divisors: Vec<u64> = (1..=64).filter(|d| quantity.is_multiple_of(*d)).collect();
    let divisor = divisors.choose(rng).copied().unwrap_or(1);
    let most = (u64::MAX / quantity).min((1 << 32) - 1);
    Goods {
        certifier: SignerId::new(field(rng)),
        origin: Owner::new(field(rng)),
        resource: ResourceId::new(field(rng)),
        document: DocumentHash::new(field(rng)),
        quantity,
        load_factor: scattered(most, rng),
        increment: if rng.r#gen() { divisor } else { quantity / divisor },
        due: scattered(TIME - 1 - CLAIM_MARGIN, rng),
        bucket: scattered((1 << 32) - 1, rng),
        salt: field(rng),
    }
}

fn rounding(rng: &mut TestRng) -> Rounding {
    let all = [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven];
    all[rng.gen_range(0..4)]
}

fn money(minima: &[u64], rng: &mut TestRng) -> Money {
    let mut tiers = [Tier::default(); MAX_TIERS];
    let highest = scattered(PRICE - 1, rng);
    for (tier, minimum) in tiers.iter_mut().zip(minima) {
        let price = match rng.gen_range(0..8) {
            0 => 0,
            1 => highest,
            _ => rng.gen_range(0..=highest),
        };
        *tier = Tier { minimum: *minimum, price };
    }
    let basis = |top: u64, rng: &mut TestRng| if rng.r#gen() { 0 } else { scattered(top, rng) };
    Money {
        currency: AssetId::new(field(rng)),
        rfq: RfqId::new(if rng.r#gen() { field(rng) } else { Fr::from(0u64) }),
        exponent: rng.gen_range(0..=6),
        decimals: rng.gen_range(0..=6),
        mode: if rng.r#gen() { Mode::AllUnits } else { Mode::Graduated },
        surcharge: basis((1 << 16) - 1, rng),
        allowance: basis(BASIS_POINTS, rng),
        set_up: basis(PRICE - 1, rng),
        rounding: rounding(rng),
        stage: if rng.r#gen() { Stage::Line } else { Stage::UnitPrice },
        payment_unlock: basis(TIME - 1, rng),
        frame: 0,
        tiers,
        salt: field(rng),
    }
}

fn remedy(due: u64, rng: &mut TestRng) -> Remedy {
    let earliest = due + CLAIM_MARGIN;
    Remedy {
        escrow: rng.r#gen(),
        claim_until: match rng.gen_range(0..3) {
            0 => earliest,
            1 => TIME - 1,
            _ => rng.gen_range(earliest..TIME),
        },
        rate: rng.gen_range(0..=BASIS_POINTS),
        cap: rng.gen_range(0..=BASIS_POINTS),
        salt: field(rng),
    }
}

/// Terms within P2 and P3; the total may still be too large.
pub fn terms(rng: &mut TestRng) -> Terms {
    if rng.gen_ratio(1, 4) {
        let remainders = [Remainder::Zero, Remainder::Half, Remainder::Largest];
        let stage = if rng.r#gen() { Stage::Line } else { Stage::UnitPrice };
        return with_remainder(remainders[rng.gen_range(0..3)], stage, rng);
    }
    let minima = minima(rng);
    let goods = goods(quantity(&minima, rng), rng);
    Terms { parties: parties(rng), money: money(&minima, rng), remedy: remedy(goods.due, rng), goods }
}

/// A policy within P2.
pub fn policy(rng: &mut TestRng) -> Policy {
    Policy {
        flat: if rng.r#gen() { 0 } else { scattered(PRICE - 1, rng) },
        rate: if rng.r#gen() { rng.gen_range(0..=BASIS_POINTS) } else { 25 },
        treasury: Owner::new(field(rng)),
        delivery_key: rng.r#gen(),
    }
}

/// Thousandths that each tier of [`roomy`] terms prices.
pub const STEP: u64 = 100_000_000_000;

/// Terms whose integers leave each other room, for whoever lies about one of them: all eight tiers are reached, and each of their whole
/// unit prices is worth a whole number of minor units.
pub fn roomy(rng: &mut TestRng) -> Terms {
    let minima: Vec<u64> = (0..MAX_TIERS as u64).map(|k| (STEP * k).max(1)).collect();
    let mut goods = goods(STEP * MAX_TIERS as u64, rng);
    goods.increment = STEP;
    let mut money = money(&minima, rng);
    (money.exponent, money.decimals, money.stage) = (if rng.r#gen() { 6 } else { 0 }, 0, Stage::UnitPrice);
    (money.surcharge, money.allowance) = coprime(4_000, rng);
    money.set_up = rng.gen_range(0..1 << 20);
    for tier in &mut money.tiers {
        tier.price = rng.gen_range(1..1_000_000_000);
    }
    Terms { parties: parties(rng), money, remedy: remedy(goods.due, rng), goods }
}

/// Such terms in which the unit price of `tier` leaves `rest`, rounded half up.
pub fn roomy_with(tier: usize, rest: u128, rng: &mut TestRng) -> Terms {
    let mut terms = roomy(rng);
    let money = &mut terms.money;
    (money.exponent, money.rounding, money.mode) = (0, Rounding::HalfUp, Mode::Graduated);
    money.tiers[tier].price =
        (rest * inverse(factor(money.surcharge, money.allowance), UNIT_DIVISOR) % UNIT_DIVISOR) as u64;
    terms
}

/// f, 10⁻⁸.
fn factor(surcharge: u64, allowance: u64) -> u128 {
    u128::from(BASIS_POINTS + surcharge) * u128::from(BASIS_POINTS - allowance)
}

/// A surcharge and an allowance below `top` whose f is coprime to 10, so that every remainder occurs.
fn coprime(top: u64, rng: &mut TestRng) -> (u64, u64) {
    let coprime = |x: u64| !x.is_multiple_of(2) && !x.is_multiple_of(5);
    loop {
        let (up, down) = (rng.gen_range(0..top), rng.gen_range(0..top.min(BASIS_POINTS)));
        if coprime(BASIS_POINTS + up) && coprime(BASIS_POINTS - down) {
            break (up, down);
        }
    }
}

/// What a division leaves of its divisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    /// Nothing.
    Zero,
    /// Exactly half.
    Half,
    /// One less than the divisor.
    Largest,
    /// This many, less than the divisor.
    Exactly(u128),
}

/// Terms of one tier without decimals whose line (stage line) or unit price (stage unit price) leaves `remainder`.
pub fn with_remainder(remainder: Remainder, stage: Stage, rng: &mut TestRng) -> Terms {
    let (surcharge, allowance) = coprime(1 << 16, rng);
    let factor = factor(surcharge, allowance);
    let divisor = match stage {
        Stage::Line => LINE_DIVISOR,
        Stage::UnitPrice => UNIT_DIVISOR,
    };
    let wanted = match remainder {
        Remainder::Zero => return without_remainder(stage, rng),
        Remainder::Half => divisor / 2,
        Remainder::Largest => divisor - 1,
        Remainder::Exactly(rest) => rest,
    };
    let odd = |top: u64, rng: &mut TestRng| rng.gen_range(0..top / 10) * 10 + 3;
    let (quantity, price) = match (stage, remainder) {
        // Odd multiples of 10⁶ and of 5·10^10.
        (Stage::Line, Remainder::Half) => {
            (1_000_000 * odd(QUANTITY / 1_000_000, rng), 50_000_000_000 * odd(PRICE / 50_000_000_000, rng))
        }
        _ => loop {
            let quantity = odd(QUANTITY, rng);
            let known = match stage {
                Stage::Line => factor * u128::from(quantity) % divisor,
                Stage::UnitPrice => factor,
            };
            let price = wanted * inverse(known, divisor) % divisor;
            // Below 2^48 about once in 350 draws for the line.
            if price < u128::from(PRICE) {
                break (quantity, price as u64);
            }
        },
    };
    let goods = goods(quantity, rng);
    let mut money = money(&[rng.gen_range(1..=quantity)], rng);
    (money.exponent, money.decimals) = (0, 0);
    (money.surcharge, money.allowance, money.stage) = (surcharge, allowance, stage);
    // Another multiple of the divisor changes the quotient's parity, not the remainder.
    let step = divisor.min(u128::from(PRICE)) as u64;
    money.tiers[0].price = price + rng.gen_range(0..=(PRICE - 1 - price) / step) * step;
    Terms { parties: parties(rng), money, remedy: remedy(goods.due, rng), goods }
}

/// Whole units at whole prices.
fn without_remainder(stage: Stage, rng: &mut TestRng) -> Terms {
    let goods = goods(1_000 * rng.gen_range(1..QUANTITY / 1_000), rng);
    let mut money = money(&[rng.gen_range(1..=goods.quantity)], rng);
    (money.surcharge, money.allowance, money.stage) = (0, 0, stage);
    money.tiers[0].price = 1_000_000 * rng.gen_range(0..PRICE / 1_000_000);
    Terms { parties: parties(rng), money, remedy: remedy(goods.due, rng), goods }
}

/// 1/x mod 10^k for an x coprime to 10, by Newton's iteration on the inverse mod 10.
fn inverse(x: u128, modulus: u128) -> u128 {
    let start = match x % 10 {
        3 => 7,
        7 => 3,
        digit => digit,
    };
    let mut inverse = start;
    for _ in 0..5 {
        let error = x % modulus * inverse % modulus;
        inverse = inverse * ((2 + modulus - error) % modulus) % modulus;
    }
    inverse
}
