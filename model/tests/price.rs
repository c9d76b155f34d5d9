//! P2 to P6 and P9: examples computed by hand, and properties.

mod common;

use common::{by_remainder, rng, rounds};
use privity_model::price::MAX_TIERS;
use privity_model::{Mode, Refusal, Rounding, Schedule, Stage, capacity_used, fee, sample};
use rand::Rng;

/// Thousandths of a piece.
const PIECE: u64 = 1_000;

/// Tiers in pieces and 10⁻⁶; two decimals, half-up, line, all-units, nothing added or taken.
fn schedule(tiers: &[(u64, u64)]) -> Schedule {
    Schedule {
        tiers: tiers.iter().map(|&(pieces, price)| (pieces * PIECE, price)).collect(),
        mode: Mode::AllUnits,
        stage: Stage::Line,
        rounding: Rounding::HalfUp,
        exponent: 2,
        decimals: 2,
        surcharge_bp: 0,
        allowance_bp: 0,
        set_up: 0,
    }
}

/// The totals of one quantity in the modes down, up, half-up, half-even.
fn in_all_roundings(schedule: &Schedule, quantity: u64) -> [u64; 4] {
    Rounding::ALL
        .map(|rounding| Schedule { rounding, ..schedule.clone() }.total(quantity).expect("a valid schedule").total)
}

#[test]
fn row_20_units_below_the_first_tier_are_neither_free_nor_sold() {
    // 10.00 from 5 pieces, 8.00 from 10.
    let mut breaks = schedule(&[(5, 10_000_000), (10, 8_000_000)]);
    assert_eq!(breaks.total(5 * PIECE - 1), Err(Refusal::P3("the quantity is below the first tier's minimum")));
    // All-units: 6 × 10.00 = 60.00; 9.999 × 10.00 = 99.99; 10 × 8.00 = 80.00; 12 × 8.00 = 96.00.
    for (quantity, total) in [(6_000, 6_000), (9_999, 9_999), (10_000, 8_000), (12_000, 9_600)] {
        assert_eq!(breaks.total(quantity).map(|t| t.total), Ok(total));
    }
    // Graduated: the first five pieces cost what the sixth costs, 6 × 10.00 and not 1 × 10.00; 10 × 10.00 at the break
    // itself; 12 pieces are 10 × 10.00 + 2 × 8.00 = 116.00.
    breaks.mode = Mode::Graduated;
    for (quantity, total) in [(6_000, 6_000), (9_999, 9_999), (10_000, 10_000), (12_000, 11_600)] {
        assert_eq!(breaks.total(quantity).map(|t| t.total), Ok(total));
    }
    assert_eq!(breaks.total(12_000).map(|t| t.quantities), Ok(vec![10_000, 2_000]));
}

#[test]
fn row_20_an_unused_tier_has_no_price() {
    // 6 × 1.00; the price 76.00 waits in a tier that nobody agreed to.
    let mut breaks = schedule(&[(1, 1_000_000)]);
    breaks.tiers.push((0, 0));
    assert_eq!(breaks.total(6_000).map(|t| t.total), Ok(600));
    breaks.tiers[1].1 = 76_000_000;
    assert_eq!(breaks.total(6_000).map_err(|e| e.rule()), Err("P3"));
}

#[test]
fn row_21_rounding_is_a_term() {
    // 15.84 × 0.95 = 15.048.
    let mut one = schedule(&[(1, 15_840_000)]);
    one.allowance_bp = 500;
    assert_eq!(in_all_roundings(&one, PIECE), [1_504, 1_505, 1_505, 1_505]);
    // 0.125 and 0.135 lie in the middle: even neighbours 0.12 and 0.14.
    assert_eq!(in_all_roundings(&schedule(&[(1, 125_000)]), PIECE), [12, 13, 13, 12]);
    assert_eq!(in_all_roundings(&schedule(&[(1, 135_000)]), PIECE), [13, 14, 14, 14]);
    // 0.12 is exact, 0.120001 just above, 0.129999 just below the next.
    assert_eq!(in_all_roundings(&schedule(&[(1, 120_000)]), PIECE), [12, 12, 12, 12]);
    assert_eq!(in_all_roundings(&schedule(&[(1, 120_001)]), PIECE), [12, 13, 12, 12]);
    assert_eq!(in_all_roundings(&schedule(&[(1, 129_999)]), PIECE), [12, 13, 13, 13]);
}

#[test]
fn row_21_the_stage_is_a_term() {
    // Line: 3 × 0.335 = 1.005 → 1.00, 1.01, 1.01, 1.00.
    let mut three = schedule(&[(1, 335_000)]);
    assert_eq!(in_all_roundings(&three, 3 * PIECE), [100, 101, 101, 100]);
    // Unit price first: 0.335 → 0.33, 0.34, 0.34, 0.34 (33.5 has the even neighbour 34), then × 3.
    three.stage = Stage::UnitPrice;
    assert_eq!(in_all_roundings(&three, 3 * PIECE), [99, 102, 102, 102]);
    let priced = three.total(3 * PIECE).expect("valid");
    assert_eq!(priced.unit_prices, Some(vec![340_000]));
    // To one decimal 0.3, 0.4, 0.3, 0.3; to none 0, 1, 0, 0.
    three.decimals = 1;
    assert_eq!(in_all_roundings(&three, 3 * PIECE), [90, 120, 90, 90]);
    three.decimals = 0;
    assert_eq!(in_all_roundings(&three, 3 * PIECE), [0, 300, 0, 0]);
    // Both roundings: 1.5 pieces at 0.33, 0.34 → 0.495, 0.51; the line rounds once more.
    three.decimals = 2;
    assert_eq!(in_all_roundings(&three, 1_500), [49, 51, 51, 51]);
}

#[test]
fn charges_and_allowances_of_an_order_line() {
    // 120 × 50.00 = 6 000.00; − 5 % = − 300.00; + 600.00 set-up = 6 300.00.
    let mut line = schedule(&[(1, 50_000_000)]);
    line.allowance_bp = 500;
    line.set_up = 60_000;
    let priced = line.total(120 * PIECE).expect("valid");
    assert_eq!((priced.line, priced.total), (570_000, 630_000));
    // Rush by 200 % trebles the price and not the set-up: 18 000.00 − 5 % + 600.00 = 17 700.00.
    line.surcharge_bp = 20_000;
    assert_eq!(line.total(120 * PIECE).map(|t| t.total), Ok(1_770_000));
    // An allowance of everything leaves the set-up.
    line.allowance_bp = 10_000;
    assert_eq!(line.total(120 * PIECE).map(|t| t.total), Ok(60_000));
}

#[test]
fn currencies_of_no_and_of_six_decimals() {
    // 7 × 1.234567 = 8.641969.
    let mut seven = schedule(&[(1, 1_234_567)]);
    seven.exponent = 0;
    assert_eq!(in_all_roundings(&seven, 7 * PIECE), [8, 9, 9, 9]);
    seven.exponent = 6;
    assert_eq!(in_all_roundings(&seven, 7 * PIECE), [8_641_969; 4]);
    // A thousandth of a piece: 0.001234567.
    seven.tiers[0].0 = 1;
    assert_eq!(in_all_roundings(&seven, 1), [1_234, 1_235, 1_235, 1_235]);
}

#[test]
fn fee_is_flat_plus_a_share_rounded_up() {
    // 0.25 % of 6 300.00 is 15.75.
    assert_eq!(fee(630_000, 150, 25), Ok(150 + 1_575));
    // 0.01 % of one minor unit is a whole one; of 10 000 exactly one; of 10 001 two.
    assert_eq!([fee(1, 0, 1), fee(10_000, 0, 1), fee(10_001, 0, 1)], [Ok(1), Ok(1), Ok(2)]);
    assert_eq!([fee(0, 0, 10_000), fee(u64::MAX, 7, 0)], [Ok(0), Ok(7)]);
    assert_eq!([fee(u64::MAX, 0, 10_000), fee(u64::MAX, 1, 10_000)], [Ok(u64::MAX), Err(Refusal::P9)]);
    assert_eq!(fee(0, 1 << 48, 0), Err(Refusal::P2("flat fee")));
    assert_eq!(fee(0, 0, 10_001), Err(Refusal::P2("fee rate")));
}

#[test]
fn capacity_is_never_rounded() {
    // 1 000 pieces × 3.5 = 3 500 units; 0.001 × 0.001 = one millionth.
    assert_eq!(capacity_used(1_000 * PIECE, 3_500), Ok(3_500_000_000));
    assert_eq!(capacity_used(1, 1), Ok(1));
    // 2^32 · (2^32 − 1) fits, (2^32 + 2) · (2^32 − 1) = 2^64 + 2^32 − 2 does not.
    let most = (1 << 32) - 1;
    assert_eq!(capacity_used(1 << 32, most), Ok(u64::MAX - most));
    assert_eq!(capacity_used((1 << 32) + 2, most), Err(Refusal::P6));
    assert_eq!(capacity_used(1, 0).map_err(|e| e.rule()), Err("P2"));
}

#[test]
fn the_largest_total_is_2_to_the_64_minus_1() {
    // 65 537 × 281 470 681.808895 = 18 446 744 073 709.551615 = (2^64 − 1) · 10⁻⁶.
    let mut largest = schedule(&[(1, 281_470_681_808_895)]);
    largest.exponent = 6;
    assert_eq!(largest.total(65_537 * PIECE).map(|t| t.total), Ok(u64::MAX));
    largest.set_up = 1;
    assert_eq!(largest.total(65_537 * PIECE), Err(Refusal::P5));
}

#[test]
fn fractions_say_what_the_page_divides() {
    let rng = &mut rng(1);
    let mut compared = 0;
    for _ in 0..rounds(1_500) {
        let base = sample::schedule(rng);
        for quantity in sample::quantities(&base, 1) {
            for mode in [Mode::AllUnits, Mode::Graduated] {
                for stage in [Stage::Line, Stage::UnitPrice] {
                    let schedule = Schedule { mode, stage, ..base.clone() };
                    let expected = by_remainder(&schedule, quantity);
                    match schedule.total(quantity) {
                        Ok(priced) => assert_eq!(u128::from(priced.total), expected, "{schedule:?} {quantity}"),
                        Err(Refusal::P3(_)) => assert!(quantity < schedule.tiers[0].0),
                        Err(refusal) => {
                            assert_eq!(refusal, Refusal::P5, "{schedule:?} {quantity}");
                            assert!(expected >= 1 << 64, "{schedule:?} {quantity}");
                        }
                    }
                    compared += 1;
                }
            }
        }
    }
    println!("{compared} totals compared");
}

#[test]
fn graduated_counts_every_thousandth_once() {
    let rng = &mut rng(2);
    for _ in 0..rounds(300) {
        let mut breaks = sample::schedule(rng);
        breaks.mode = Mode::Graduated;
        for quantity in sample::quantities(&breaks, 1) {
            assert_eq!(breaks.quantities(quantity).iter().sum::<u64>(), quantity);
        }
        // Small ones piece by piece: the highest minimum below a thousandth's position prices it, else the first tier.
        breaks.tiers = vec![(rng.gen_range(1..20), 1), (rng.gen_range(20..40), 2), (rng.gen_range(40..60), 3)];
        let quantity = rng.gen_range(20..100);
        let mut counts = vec![0; 3];
        for position in 0..quantity {
            let tier = breaks.tiers.iter().rposition(|tier| tier.0 <= position).unwrap_or(0);
            counts[tier] += 1;
        }
        assert_eq!(breaks.quantities(quantity), counts);
    }
}

#[test]
fn roundings_are_ordered_and_a_unit_apart() {
    let rng = &mut rng(3);
    for _ in 0..rounds(1_000) {
        let (terms, _, _) = sample::terms(rng);
        let quantity = terms.quantity;
        let mut breaks = terms.schedule;
        let Ok([down, up, half_up, half_even]) = Rounding::ALL
            .map(|rounding| Schedule { rounding, ..breaks.clone() }.total(quantity).map(|t| t.total))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
            .map(|totals| <[u64; 4]>::try_from(totals).expect("four modes"))
        else {
            continue;
        };
        assert!(down <= half_even && half_even <= half_up && half_up <= up, "{breaks:?} {quantity}");
        if breaks.stage == Stage::Line {
            assert!(up - down <= 1, "{breaks:?} {quantity}");
        }
        // A dearer tier never makes a total smaller.
        let before = breaks.total(quantity).map_or(u64::MAX, |t| t.total);
        let tier = rng.gen_range(0..breaks.used().len());
        breaks.tiers[tier].1 += 1;
        let after = breaks.total(quantity).map_or(u64::MAX, |t| t.total);
        assert!(before <= after, "{breaks:?} {quantity}");
    }
}

#[test]
fn one_tier_is_the_same_in_both_modes() {
    let rng = &mut rng(4);
    for _ in 0..rounds(500) {
        let mut breaks = sample::schedule(rng);
        breaks.tiers.truncate(1);
        for quantity in sample::quantities(&breaks, 1) {
            let total = |mode| Schedule { mode, ..breaks.clone() }.total(quantity);
            assert_eq!(total(Mode::AllUnits), total(Mode::Graduated));
        }
    }
}

#[test]
fn nine_tiers_do_not_fit_and_none_price_nothing() {
    let tiers: Vec<_> = (1..=MAX_TIERS as u64 + 1).map(|minimum| (minimum, 1)).collect();
    assert!(schedule(&tiers[..MAX_TIERS]).total(9 * PIECE).is_ok());
    assert_eq!(schedule(&tiers).total(9 * PIECE).map_err(|e| e.rule()), Err("P3"));
    assert_eq!(schedule(&[]).total(PIECE).map_err(|e| e.rule()), Err("P2"));
}
