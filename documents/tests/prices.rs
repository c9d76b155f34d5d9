//! The price table, surcharges and lateness.

mod support;

use privity_documents::price_table::{HEADER, MAX_TIERS, PriceProblem, PriceTable, Tier};
use privity_documents::surcharge::{Lateness, rush_surcharge};
use support::read;

#[test]
fn the_whole_published_table_imports() {
    let bytes = read("price_breaks.csv");
    let lines = bytes.iter().filter(|b| **b == b'\n').count() - 1;
    let table = PriceTable::from_slice(&bytes).unwrap();
    let rows: usize = table.parts().map(|p| p.tiers.len()).sum();
    println!("{} parts, {rows} of {lines} rows imported", table.parts().count());
    assert_eq!((table.parts().count(), rows, lines), (254, 502, 502));
    let count = |code: &str| table.parts().filter(|p| p.currency == code).map(|p| p.tiers.len()).sum::<usize>();
    assert_eq!(["USD", "AUD", "CAD", "CNY"].map(count), [304, 66, 66, 66]);
}

#[test]
fn rows_become_thousandths_and_millionths() {
    let table = PriceTable::from_slice(&read("price_breaks.csv")).unwrap();
    let part = table.part(15).unwrap();
    let tiers = [(100_000, 384_500), (1_000_000, 219_600)];
    assert_eq!(part.tiers, tiers.map(|(minimum, unit_price)| Tier { minimum, unit_price }));
    assert_eq!((part.sku.as_str(), part.currency.as_str(), part.line), ("541-3247-2-ND", "USD", 6));
    assert_eq!(table.sku("541-3247-2-ND"), Some(part));
    assert_eq!(table.part(1020).unwrap().tiers[0].unit_price, 1_000_000_000);
    assert!(table.part(16).is_none());
}

/// Sums every row again from the text with integers alone.
#[test]
fn every_row_agrees_with_its_text() {
    let bytes = read("price_breaks.csv");
    let table = PriceTable::from_slice(&bytes).unwrap();
    for line in std::str::from_utf8(&bytes).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (whole, fraction) = fields[4].split_once('.').unwrap();
        let price = whole.parse::<u64>().unwrap() * 1_000_000 + format!("{fraction:0<6}").parse::<u64>().unwrap();
        let minimum = fields[3].parse::<u64>().unwrap() * 1000;
        let part = table.part(fields[0].parse().unwrap()).unwrap();
        assert!(part.tiers.contains(&Tier { minimum, unit_price: price }), "{line}");
    }
}

fn parse(rows: &str) -> Result<PriceTable, (usize, PriceProblem)> {
    let text = format!("{}\n{rows}", HEADER.join(","));
    PriceTable::from_slice(text.as_bytes()).map_err(|e| (e.line, e.problem))
}

#[test]
fn bad_lines_are_named() {
    let refused = |rows: &str| parse(rows).unwrap_err();
    let part = 1;
    assert_eq!(refused("1,a,,1,1.0,USD\n1,a,,1,2.0,USD"), (3, PriceProblem::Duplicate { part, quantity: 1 }));
    assert_eq!(refused("1,a,,10,1.0,USD\n1,a,,2,2.0,USD"), (3, PriceProblem::Unsorted { part, quantity: 2 }));
    let nine: String = (1..=9).map(|q| format!("1,a,,{q},1.0,USD\n")).collect();
    assert_eq!(refused(&nine), (10, PriceProblem::TooManyTiers { part }));
    let eight: String = (1..=MAX_TIERS).map(|q| format!("1,a,,{q},1.0,USD\n")).collect();
    assert_eq!(parse(&eight).unwrap().part(1).unwrap().tiers.len(), 8);
    assert_eq!(refused("1,a,,1,1.0,usd"), (2, PriceProblem::Currency("usd".into())));
    assert_eq!(refused("1,a,,1,1.0,US"), (2, PriceProblem::Currency("US".into())));
    let (first, second) = ("USD".to_owned(), "EUR".to_owned());
    assert_eq!(refused("1,a,,1,1.0,USD\n1,a,,2,1.0,EUR"), (3, PriceProblem::MixedCurrency { part, first, second }));
    assert_eq!(refused("1,a,,1,1.0,USD\n2,a,,2,1.0,USD"), (3, PriceProblem::Ambiguous { part: 2, sku: "a".into() }));
    assert_eq!(refused("1,a,,1,1.0,USD\n1,b,,2,1.0,USD"), (3, PriceProblem::Ambiguous { part, sku: "b".into() }));
    for quantity in ["0", "-1", "1.5", "+1", "", "1099511628", "99999999999999999999"] {
        assert_eq!(refused(&format!("1,a,,{quantity},1.0,USD")), (2, PriceProblem::Quantity(quantity.into())));
    }
    for price in ["0.0000001", "-1", "1,0", "", "281474976.710656", "NaN"] {
        assert_eq!(refused(&format!("1,a,,1,\"{price}\",USD")).0, 2, "{price}");
    }
    assert!(parse("1,a,,1,281474976.710655,USD").is_ok());
    for row in ["1,a,,1,1.0", "1,a,,1,1.0,USD,", "", "1,\"a,,1,1.0,USD", "1,a\"b,,1,1.0,USD", "1,\"a\"b,,1,1.0,USD"] {
        assert_eq!(refused(&format!("{row}\n")), (2, PriceProblem::Fields), "{row}");
    }
    assert_eq!(refused("x,a,,1,1.0,USD"), (2, PriceProblem::Part("x".into())));
    assert_eq!(refused("1,,,1,1.0,USD"), (2, PriceProblem::EmptySku));
    assert_eq!(PriceTable::from_slice(b"a,b\n").unwrap_err().problem, PriceProblem::Header);
    assert_eq!(PriceTable::from_slice(b"").unwrap_err().problem, PriceProblem::Header);
    assert_eq!(PriceTable::from_slice(b"a\nb\n\xff").unwrap_err().line, 3);
}

#[test]
fn quoted_fields_hold_commas_and_quotes() {
    let table = parse("1,\"a\",\"2\"\" pipe, black\",1,1.0,USD\r\n").unwrap();
    assert_eq!(table.part(1).unwrap().description, "2\" pipe, black");
    assert_eq!(table.part(1).unwrap().sku, "a");
}

#[test]
fn rush_surcharges_are_the_shop_s() {
    let surcharges: Vec<u16> = (0..=6).map(rush_surcharge).collect();
    assert_eq!(surcharges, [20_000, 10_000, 7_500, 5_000, 2_500, 0, 0]);
    assert_eq!(rush_surcharge(u32::MAX), 0);
}

#[test]
fn lateness_counts_weeks_or_parts_up_to_the_cap() {
    let clause = Lateness { rate: 50, cap: 500 };
    let (due, week) = (1_773_360_000, 604_800);
    for (late, expected) in
        [(0, 0), (1, 50), (week, 50), (week + 1, 100), (10 * week, 500), (10 * week + 1, 500), (99 * week, 500)]
    {
        assert_eq!(clause.deduction(due, due + late), expected, "{late} seconds late");
    }
    assert_eq!(clause.deduction(due, due - 1), 0);
    assert_eq!(clause.earliest_claim_until(due), due + 12 * week);
    assert_eq!(Lateness { rate: 0, cap: 500 }.earliest_claim_until(due), due + 2 * week);
    assert_eq!(Lateness { rate: 300, cap: 500 }.earliest_claim_until(due), due + 4 * week);
}
