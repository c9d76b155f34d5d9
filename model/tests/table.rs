//! Every row of a real price table, at break − 1, break and break + 1, in every mode, stage and rounding.

mod common;

use std::collections::BTreeMap;

use common::by_remainder;
use privity_model::{Mode, Rounding, Schedule, Stage, sample};

const TABLE: &str = include_str!("../../examples/data/price_breaks.csv");

/// Thousandths of a piece.
const PIECE: u64 = 1_000;

/// Tiers by part; the columns are part, sku, description, break quantity, unit price, currency.
fn parts() -> BTreeMap<u64, Vec<(u64, u64)>> {
    let mut parts = BTreeMap::<u64, Vec<(u64, u64)>>::new();
    for line in TABLE.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        assert_eq!(columns.len(), 6, "a field with a comma: {line}");
        let number = |text: &str| text.parse::<u64>().expect("digits");
        let (whole, fraction) = columns[4].split_once('.').unwrap_or((columns[4], ""));
        let micro = number(&format!("{whole}{fraction:0<6}"));
        parts.entry(number(columns[0])).or_default().push((number(columns[3]) * PIECE, micro));
    }
    parts.values_mut().for_each(|tiers| tiers.sort_unstable());
    parts
}

fn schedule(tiers: &[(u64, u64)]) -> Schedule {
    Schedule {
        tiers: tiers.to_vec(),
        mode: Mode::AllUnits,
        stage: Stage::Line,
        rounding: Rounding::HalfUp,
        exponent: 2,
        decimals: 4,
        surcharge_bp: 0,
        allowance_bp: 0,
        set_up: 0,
    }
}

#[test]
fn every_row_at_its_break() {
    let mut compared = 0;
    for tiers in parts().values() {
        for (mode, stage, rounding) in variants() {
            for (surcharge_bp, allowance_bp, decimals) in [(0, 0, 4), (2_500, 300, 2)] {
                let breaks =
                    Schedule { mode, stage, rounding, surcharge_bp, allowance_bp, decimals, ..schedule(tiers) };
                for quantity in sample::quantities(&breaks, PIECE) {
                    match breaks.total(quantity) {
                        Ok(priced) => {
                            assert_eq!(u128::from(priced.total), by_remainder(&breaks, quantity))
                        }
                        Err(refusal) => assert!(refusal.rule() == "P3" && quantity < tiers[0].0),
                    }
                    compared += 1;
                }
            }
        }
    }
    println!("{compared} totals compared");
}

fn variants() -> impl Iterator<Item = (Mode, Stage, Rounding)> {
    [Mode::AllUnits, Mode::Graduated].into_iter().flat_map(|mode| {
        [Stage::Line, Stage::UnitPrice]
            .into_iter()
            .flat_map(move |stage| Rounding::ALL.into_iter().map(move |rounding| (mode, stage, rounding)))
    })
}

#[test]
fn the_table_is_whole_and_not_monotone() {
    let parts = parts();
    assert_eq!(parts.values().map(Vec::len).sum::<usize>(), 502);
    assert_eq!(parts.len(), 254);
    let rises = parts.values().filter(|tiers| tiers.windows(2).any(|pair| pair[0].1 < pair[1].1));
    assert_eq!(rises.count(), 3);
    // One piece less than the break costs more than the break, in nearly every part.
    let two: Vec<_> = parts.values().filter(|tiers| tiers.len() == 2).collect();
    let dips = two.iter().filter(|tiers| {
        let total = |quantity| schedule(tiers).total(quantity).expect("valid").total;
        total(tiers[1].0 - PIECE) > total(tiers[1].0)
    });
    assert_eq!((dips.count(), two.len()), (245, 248));
}

#[test]
fn first_and_last_rows_by_hand() {
    let parts = parts();
    // Part 11: 0.5133 from 100, 0.087 from 1 000. 100 × 0.5133 = 51.33; 101 × 0.5133 = 51.8433;
    // 999 × 0.5133 = 512.7867; 1 000 × 0.087 = 87; 1 001 × 0.087 = 87.087.
    let all_units = schedule(&parts[&11]);
    for (pieces, total) in [(100, 5_133), (101, 5_184), (999, 51_279), (1_000, 8_700), (1_001, 8_709)] {
        assert_eq!(all_units.total(pieces * PIECE).map(|t| t.total), Ok(total));
    }
    assert_eq!(all_units.total(99 * PIECE).map_err(|e| e.rule()), Err("P3"));
    // Graduated: 1 000 × 0.5133 = 513.3; one more adds 0.087: 513.387.
    let graduated = Schedule { mode: Mode::Graduated, ..all_units };
    for (pieces, total) in [(999, 51_279), (1_000, 51_330), (1_001, 51_339)] {
        assert_eq!(graduated.total(pieces * PIECE).map(|t| t.total), Ok(total));
    }
    // Part 1026 costs 1 025.0 a piece.
    assert!(parts[&1026].contains(&(PIECE, 1_025_000_000)));
}
