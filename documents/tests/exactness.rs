//! Decimals, dates and JSON text: exact or refused.

use privity_documents::Decimal;
use privity_documents::calendar::{CalendarError, Date, DateTime};
use privity_documents::decimal::DecimalError;
use privity_documents::json::{Json, JsonError, MAX_BYTES, MAX_DEPTH};
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

#[test]
fn one_value_has_many_spellings() {
    for text in ["1E+3", "1e3", "1000", "1000.0", "10000e-1", "0.1E4", "1000.000000000000000000000"] {
        assert_eq!(decimal(text), Decimal::from_integer(1000), "{text}");
    }
    assert_eq!(decimal("-0.0"), Decimal::ZERO);
    assert_eq!(decimal("0e999999999"), Decimal::ZERO);
    assert_eq!(decimal("3.5").to_thousandths(), Ok(3_500));
    assert_eq!(decimal("0.1E1").to_string(), "1");
    assert_eq!(decimal("-12.0340").to_string(), "-12.034");
}

#[test]
fn what_is_no_number_is_refused() {
    for text in
        ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1 ", "1_000", "1,5", "٣", "1e1.5"]
    {
        assert!(matches!(Decimal::parse(text), Err(DecimalError::Syntax(_))), "{text}");
    }
}

#[test]
fn nothing_is_rounded() {
    assert_eq!(decimal("0.0005").to_thousandths(), Err(DecimalError::TooPrecise { places: 3 }));
    assert_eq!(decimal("0.5133").to_millionths(), Ok(513_300));
    assert_eq!(decimal("0.0000001").to_millionths(), Err(DecimalError::TooPrecise { places: 6 }));
    assert_eq!(Decimal::parse("1e-19"), Err(DecimalError::TooPrecise { places: 18 }));
    assert_eq!(decimal("-1").to_thousandths(), Err(DecimalError::Negative));
    assert_eq!(Decimal::parse("1e19"), Err(DecimalError::OutOfRange));
    assert_eq!(Decimal::parse("1e99999999999999999999"), Err(DecimalError::OutOfRange));
    assert_eq!(Decimal::parse(&"9".repeat(65)), Err(DecimalError::TooLong));
    // 2^64 - 1 millionths is the last that fits; 0.1 + 0.2 is 0.3.
    assert_eq!(decimal("18446744073709.551615").to_millionths(), Ok(u64::MAX));
    assert_eq!(decimal("18446744073709.551616").to_millionths(), Err(DecimalError::OutOfRange));
    assert_eq!(decimal("0.1").checked_add(decimal("0.2")), Ok(decimal("0.3")));
    assert_eq!(decimal("1142.857").checked_mul(decimal("3.5")), Ok(decimal("3999.9995")));
    assert_eq!(decimal("1e-9").checked_mul(decimal("1e-10")), Err(DecimalError::TooPrecise { places: 18 }));
    assert_eq!(decimal("1e18").checked_mul(decimal("10")), Err(DecimalError::OutOfRange));
}

proptest! {
    #[test]
    fn decimals_agree_with_scaled_integers(units in -1_000_000_000_i64..1_000_000_000, places in 0_u32..=9, shift in -8_i32..=8) {
        // units · 10^-places, written plainly and with an exponent.
        let scale = 10_i64.pow(places);
        let sign = if units < 0 { "-" } else { "" };
        let (whole, part) = (units.unsigned_abs() / scale.unsigned_abs(), units.unsigned_abs() % scale.unsigned_abs());
        let plain = if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0>width$}", width = places as usize) };
        let value = decimal(&plain);
        let other = format!("{units}E{}", -i64::from(places));
        prop_assert_eq!(value, decimal(&other));
        let moved = format!("{plain}e{shift}");
        let back = decimal(&moved);
        prop_assert_eq!(back.checked_mul(decimal(&format!("1e{}", -shift))), Ok(value));
        prop_assert_eq!(decimal(&value.to_string()), value);
        if units >= 0 {
            prop_assert_eq!(value.scaled(places), Ok(units.unsigned_abs()));
        }
    }

    #[test]
    fn order_and_sum_agree_with_integers(a in -1_000_000_000_i64..1_000_000_000, b in -1_000_000_000_i64..1_000_000_000) {
        let of = |v: i64| decimal(&format!("{v}e-4"));
        prop_assert_eq!(of(a).cmp(&of(b)), a.cmp(&b));
        prop_assert_eq!(of(a).checked_add(of(b)), Ok(of(a + b)));
        prop_assert_eq!(of(a).checked_sub(of(b)), Ok(of(a - b)));
        prop_assert_eq!(of(a).checked_mul(of(b)), Ok(decimal(&format!("{}e-8", a * b))));
    }

    #[test]
    fn days_count_up_and_every_seventh_is_a_monday(day in 4_i64..60_000) {
        // 1970-01-05 was a Monday and day 4.
        let date = (0..3000).map(|y| 1970 + y).find_map(|year| from_day(day, year)).unwrap();
        prop_assert_eq!(date.day_number(), day);
        prop_assert_eq!(date.bucket().is_ok(), day % 7 == 4);
        prop_assert_eq!(date.end(), Ok((day.unsigned_abs() + 1) * 86_400));
    }
}

/// The date of a day number if it falls in `year`: counting month by month, without the library.
fn from_day(day: i64, year: i64) -> Option<Date> {
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let before: i64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let mut rest = day - before;
    if rest < 0 || rest >= if leap(year) { 366 } else { 365 } {
        return None;
    }
    let february = if leap(year) { 29 } else { 28 };
    for (month, length) in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter().enumerate() {
        if rest < length {
            return Date::parse(&format!("{year:04}-{:02}-{:02}", month + 1, rest + 1)).ok();
        }
        rest -= length;
    }
    None
}

#[test]
fn dates_are_strict() {
    for text in [
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-3-02",
        "20260302",
        "2026-03-02 ",
        "+026-03-02",
        "2026-W10-1",
        "",
    ] {
        assert!(Date::parse(text).is_err(), "{text}");
    }
    assert!(Date::parse("2024-02-29").is_ok());
    let tuesday = Date::parse("2026-03-03").unwrap();
    assert_eq!(tuesday.bucket(), Err(CalendarError::NotMonday(tuesday)));
    assert!(matches!(Date::parse("1969-12-29").unwrap().bucket(), Err(CalendarError::TooEarly(_))));
    assert_eq!(Date::parse("1970-01-05").unwrap().bucket(), Ok(4));
}

#[test]
fn instants_respect_offsets_and_are_whole_seconds() {
    let seconds = |text: &str| DateTime::parse(text).map(|t| t.unix_seconds());
    assert_eq!(seconds("1970-01-02T00:00:00Z"), Ok(Ok(86_400)));
    assert_eq!(seconds("1970-01-01T23:00:00-01:00"), Ok(Ok(86_400)));
    assert_eq!(seconds("1970-01-02T14:00:00+14:00"), Ok(Ok(86_400)));
    assert_eq!(seconds("1970-01-02T00:00:00.000Z"), Ok(Ok(86_400)));
    assert!(matches!(seconds("1970-01-02T00:00:00.001Z"), Ok(Err(CalendarError::Fraction(_)))));
    assert!(matches!(seconds("1970-01-02T00:00:00"), Ok(Err(CalendarError::NoOffset(_)))));
    assert!(matches!(seconds("1969-12-31T23:59:59Z"), Ok(Err(CalendarError::TooEarly(_)))));
    for text in [
        "2026-03-02",
        "2026-03-02T24:00:00Z",
        "2026-03-02T10:00:60Z",
        "2026-03-02 10:00:00Z",
        "2026-03-02T10:00Z",
        "2026-03-02T10:00:00+1:00",
        "2026-03-02T10:00:00Z[UTC]",
        "2026-02-30T10:00:00Z",
        "2026-03-02T10:00:00.Z",
        "2026-03-02T10:00:00é",
    ] {
        assert!(DateTime::parse(text).is_err(), "{text}");
    }
}

#[test]
fn json_has_limits() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert!(matches!(Json::parse(nested(MAX_DEPTH + 1).as_bytes()), Err(JsonError::TooDeep(_))));
    assert!(Json::parse("[".repeat(1_000_000).as_bytes()).is_err());
    assert!(matches!(Json::parse(&vec![b' '; MAX_BYTES + 1]), Err(JsonError::TooLong { .. })));
    for text in ["{} x", "{}{}", "1 2", "", "{\"a\":1,}", "\u{feff}{}", "NaN", "01", "\"\\ud800\"", "[1 2]"] {
        assert!(matches!(Json::parse(text.as_bytes()), Err(JsonError::Syntax { .. })), "{text}");
    }
    assert_eq!(Json::parse(b"{\"\xff\":1}"), Err(JsonError::NotUtf8(2)));
    let Err(JsonError::Repeated(at)) = Json::parse(br#"{"a": [{"b/~": 1, "b/~": 1}]}"#) else {
        panic!("a name stands twice");
    };
    assert_eq!(at.as_str(), "/a/0/b~1~0");
}
