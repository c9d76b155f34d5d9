//! The generators keep their promises.

mod common;

use std::collections::BTreeSet;

use common::{by_remainder, line_division, rng, rounds, unit_price_division};
use privity_model::sample::{self, Invalid, Remainder};
use privity_model::{Mode, Refusal, Stage, replay};

#[test]
fn schedules_cover_every_choice() {
    let rng = &mut rng(30);
    let mut seen = BTreeSet::new();
    let (mut rises, mut padded, mut free) = (0, 0, 0);
    for _ in 0..rounds(1_000) {
        let schedule = sample::schedule(rng);
        let reached = schedule.used()[0].0;
        assert!(matches!(schedule.total(reached), Ok(_) | Err(Refusal::P5)), "{schedule:?}");
        rises += usize::from(schedule.used().windows(2).any(|pair| pair[0].1 < pair[1].1));
        padded += usize::from(schedule.tiers.len() > schedule.used().len());
        free += usize::from(schedule.used().iter().any(|tier| tier.1 == 0));
        seen.insert(("tiers", schedule.used().len()));
        seen.insert(("mode", schedule.mode as usize));
        seen.insert(("stage", schedule.stage as usize));
        seen.insert(("rounding", schedule.rounding as usize));
        seen.insert(("exponent", schedule.exponent.into()));
        seen.insert(("decimals", schedule.decimals.into()));
    }
    assert_eq!(seen.len(), 8 + 2 + 2 + 4 + 7 + 7);
    assert!(rises > 0 && padded > 0 && free > 0);
}

#[test]
fn quantities_stand_around_every_break() {
    let rng = &mut rng(31);
    for _ in 0..rounds(200) {
        let schedule = sample::schedule(rng);
        for increment in [1, 1_000] {
            let quantities = sample::quantities(&schedule, increment);
            assert!(quantities.iter().all(|quantity| quantity % increment == 0));
            for &(minimum, _) in schedule.used() {
                let reaches = quantities.iter().filter(|&&q| q >= minimum && q - minimum < increment);
                let misses = quantities.iter().filter(|&&q| q < minimum && minimum - q <= increment);
                assert_eq!(reaches.count(), 1);
                assert_eq!(misses.count(), usize::from(minimum > increment));
            }
        }
    }
}

#[test]
fn terms_are_valid_and_chains_close() {
    let rng = &mut rng(32);
    let mut escrowed = 0;
    for _ in 0..rounds(500) {
        let (terms, flat, rate) = sample::terms(rng);
        let deal = terms.deal(flat, rate).expect("valid terms");
        assert_eq!(deal.escrow.is_some(), terms.escrow);
        escrowed += usize::from(terms.escrow);

        let escrow = sample::escrow(rng);
        let chain = sample::receipts(rng, &escrow);
        let releases = replay(escrow, &chain).expect("a valid chain");
        assert!(releases.last().is_some_and(|release| release.next.is_none()));
    }
    assert!(escrowed > rounds(100) && escrowed < rounds(400));
}

#[test]
fn remainders_fall_where_they_are_wanted() {
    let rng = &mut rng(33);
    let mut modes = BTreeSet::new();
    for _ in 0..rounds(300) {
        for stage in [Stage::Line, Stage::UnitPrice] {
            for wanted in Remainder::ALL {
                let (schedule, quantity) = sample::remainder(rng, stage, wanted);
                let total = schedule.total(quantity).expect("a valid schedule");
                assert_eq!(u128::from(total.total), by_remainder(&schedule, quantity), "{schedule:?} {quantity}");
                let (numerator, divisor) = match stage {
                    Stage::Line => line_division(&schedule, quantity),
                    Stage::UnitPrice => unit_price_division(&schedule, schedule.tiers[0].1),
                };
                let step = if (stage, schedule.mode) == (Stage::Line, Mode::AllUnits) { 10_000 } else { 1 };
                let expected = match wanted {
                    Remainder::Zero => 0,
                    Remainder::Half => divisor / 2,
                    Remainder::Max => divisor - step,
                };
                assert_eq!(numerator % divisor, expected, "{schedule:?} {quantity}");
                assert!(numerator > 0, "nothing to round: {schedule:?} {quantity}");
                modes.insert((stage as u8, schedule.mode as u8));
            }
        }
    }
    assert_eq!(modes.len(), 4);
}

#[test]
fn invalid_terms_break_the_named_rule() {
    let rng = &mut rng(34);
    let mut rules = BTreeSet::new();
    for case in 0..rounds(10) * Invalid::CASES {
        let sample = sample::invalid(rng, case);
        let refusal = sample.verdict().expect_err(sample.name);
        assert_eq!(refusal.rule(), sample.rule, "{}: {:?}", sample.name, sample.terms);
        rules.insert(sample.rule);
    }
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), ["P2", "P3", "P5", "P6", "P9"]);
}

#[test]
fn the_same_seed_gives_the_same_samples() {
    let (a, b) = (&mut rng(35), &mut rng(35));
    for case in 0..20 {
        assert_eq!(sample::terms(a), sample::terms(b));
        assert_eq!(sample::escrow(a), sample::escrow(b));
        assert_eq!(sample::invalid(a, case).terms, sample::invalid(b, case).terms);
    }
}
