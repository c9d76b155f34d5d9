//! Amounts of a deal against the integer model, which knows nothing of the circuits.

use ark_ff::UniformRand;
use privity_circuits::price::{Deal, Price, limits, pricing::Quote};
use privity_circuits::r1cs::{Cs, Shape};
use privity_circuits::terms::{Goods, Mode, Money, Policy, Rounding, Stage, Terms, Tier};
use privity_circuits::{Relation, Violation};
use privity_model::{self as model, Schedule, sample};
use privity_testkit::samples::price::{assembled, policy, terms};
use privity_testkit::{TestRng, rng, size};

/// Puts the model's schedule into MONEY.
fn carry(schedule: &Schedule, money: &mut Money) {
    money.tiers = Default::default();
    for (tier, (minimum, price)) in money.tiers.iter_mut().zip(&schedule.tiers) {
        *tier = Tier { minimum: *minimum, price: *price };
    }
    money.mode = match schedule.mode {
        model::Mode::AllUnits => Mode::AllUnits,
        model::Mode::Graduated => Mode::Graduated,
    };
    money.stage = match schedule.stage {
        model::Stage::Line => Stage::Line,
        model::Stage::UnitPrice => Stage::UnitPrice,
    };
    money.rounding = match schedule.rounding {
        model::Rounding::Down => Rounding::Down,
        model::Rounding::Up => Rounding::Up,
        model::Rounding::HalfUp => Rounding::HalfUp,
        model::Rounding::HalfEven => Rounding::HalfEven,
    };
    money.exponent = schedule.exponent.into();
    money.decimals = schedule.decimals.into();
    (money.surcharge, money.allowance) = (schedule.surcharge_bp, schedule.allowance_bp);
    money.set_up = schedule.set_up;
}

/// Puts all of the model's numbers into terms and a policy of random names.
fn deal_of(numbers: &model::Terms, fee: (u64, u64), rng: &mut TestRng) -> (Terms, Policy) {
    let (mut terms, mut policy) = (terms(rng), policy(rng));
    carry(&numbers.schedule, &mut terms.money);
    let (goods, remedy) = (&mut terms.goods, &mut terms.remedy);
    (goods.quantity, goods.increment) = (numbers.quantity, numbers.increment);
    (goods.load_factor, goods.bucket, goods.due) = (numbers.load_factor, numbers.bucket, numbers.due);
    (remedy.escrow, remedy.claim_until) = (numbers.escrow, numbers.claim_until);
    (remedy.rate, remedy.cap) = (numbers.rate_bp, numbers.cap_bp);
    (terms.money.payment_unlock, terms.money.frame) = (numbers.payment_unlock, numbers.frame);
    (policy.flat, policy.rate) = fee;
    (terms, policy)
}

fn rule<T>(outcome: &Result<T, Violation>) -> Result<(), &'static str> {
    outcome.as_ref().map(|_| ()).map_err(|violation| violation.rule)
}

/// Both say the same of `quantity`: quantities per tier, unit prices, line and total, or the rule that refuses.
fn compare(schedule: &Schedule, quantity: u64, goods: &Goods, money: &mut Money) -> Option<Quote> {
    carry(schedule, money);
    let mut goods = goods.clone();
    (goods.quantity, goods.increment) = (quantity, 1);
    let ours = money.quote(&goods);
    let theirs = schedule.total(quantity);
    assert_eq!(rule(&ours), theirs.as_ref().map(|_| ()).map_err(model::Refusal::rule));
    let (ours, theirs) = (ours.ok()?, theirs.ok()?);
    let used = theirs.quantities.len();
    assert_eq!(ours.quantities[..used], theirs.quantities);
    assert!(ours.quantities[used..].iter().all(|n| *n == 0));
    let units = ours.unit_prices.map(|prices| prices[..used].to_vec());
    assert_eq!(units, theirs.unit_prices);
    assert_eq!((ours.line, ours.total), (theirs.line, theirs.total));
    Some(ours)
}

#[test]
fn schedules_at_every_break() {
    let rng = &mut rng(1);
    let terms = terms(rng);
    let mut money = terms.money.clone();
    let mut priced = 0;
    for _ in 0..size(2_000, 40_000) {
        let schedule = sample::schedule(rng);
        for quantity in sample::quantities(&schedule, 1) {
            priced += usize::from(compare(&schedule, quantity, &terms.goods, &mut money).is_some());
        }
    }
    assert!(priced > 5_000, "only {priced} quantities had a price");
    println!("{priced} quantities priced alike");
}

#[test]
fn remainders_on_purpose() {
    let rng = &mut rng(2);
    let terms = terms(rng);
    let mut money = terms.money.clone();
    for round in 0..size(1_200, 12_000) {
        let stage = [model::Stage::Line, model::Stage::UnitPrice][round % 2];
        let wanted = sample::Remainder::ALL[round / 2 % 3];
        let (schedule, quantity) = sample::remainder(rng, stage, wanted);
        compare(&schedule, quantity, &terms.goods, &mut money);
    }
}

#[test]
fn whole_deals() {
    let rng = &mut rng(3);
    for _ in 0..size(1_000, 20_000) {
        let (numbers, flat, rate) = sample::terms(rng);
        let (terms, policy) = deal_of(&numbers, (flat, rate), rng);
        let theirs = numbers.deal(flat, rate).expect("the model drew valid terms");
        let ours = Deal::of(&terms, &policy).expect("valid for the model");
        assert_eq!(ours.quote.total, theirs.price.total);
        assert_eq!((ours.used, ours.fee), (theirs.used, theirs.fee));
    }
}

/// The rows accept the model's amounts and no others.
#[test]
fn rows_accept_the_models_amounts() {
    let rng = &mut rng(4);
    let shape = Shape::of::<Price>();
    for _ in 0..size(100, 1_000) {
        let (numbers, flat, rate) = sample::terms(rng);
        let (terms, policy) = deal_of(&numbers, (flat, rate), rng);
        let deal = numbers.deal(flat, rate).expect("the model drew valid terms");
        let amounts = [deal.price.total, deal.used, deal.fee];
        for wrong in [None, Some(0), Some(1), Some(2)] {
            let mut amounts = amounts;
            if let Some(index) = wrong {
                amounts[index] = amounts[index].wrapping_add(1);
            }
            let (x, w) = assembled(terms.clone(), policy.clone(), amounts, rng);
            let z = Cs::without_rows().synthesize::<Price>(&x, &w);
            assert_eq!(Price::check(&x, &w).is_ok(), wrong.is_none());
            assert_eq!(shape.first_violation(z.assignment()).is_none(), wrong.is_none());
        }
    }
}

#[test]
fn invalid_terms_are_refused_by_the_same_rule() {
    let rng = &mut rng(5);
    for case in 0..sample::Invalid::CASES * size(3, 30) {
        let invalid = sample::invalid(rng, case);
        // Terms hold eight tiers and no more: what the model refuses for a ninth cannot be written here.
        if invalid.terms.schedule.tiers.len() > 8 {
            continue;
        }
        let fee = (invalid.flat, invalid.rate_bp);
        let (terms, policy) = deal_of(&invalid.terms, fee, rng);
        let ours = Deal::of(&terms, &policy);
        assert_eq!(rule(&ours), Err(invalid.rule), "{}", invalid.name);
        if invalid.rule == "P2" {
            assert_eq!(rule(&limits::check(&terms, &policy)), Err("P2"), "{}", invalid.name);
        }
        let any = u64::rand(rng);
        let (x, w) = assembled(terms, policy, [any, any, any], rng);
        let z = Cs::with_rows().synthesize::<Price>(&x, &w);
        assert!(z.first_violation().is_some(), "{}", invalid.name);
    }
}
