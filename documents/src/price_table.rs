//! Price breaks from CSV: `supplier_part_pk,sku,description,break_quantity,unit_price,currency`.
//!
//! Unit prices may rise from tier to tier, and the total just below a break may exceed the total at it: a table states
//! prices, it promises no order among them. Only the minima of a part must ascend.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::decimal::{Decimal, DecimalError};

/// Longest table read, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Most tiers of one part (relation *price*).
pub const MAX_TIERS: usize = 8;
/// The first line of a table.
pub const HEADER: [&str; 6] = ["supplier_part_pk", "sku", "description", "break_quantity", "unit_price", "currency"];

const PRICE_LIMIT: u64 = 1 << 48;
const QUANTITY_LIMIT: u64 = 1 << 40;

/// A price table by part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceTable {
    parts: BTreeMap<u64, PricedPart>,
}

/// The price schedule of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PricedPart {
    /// The part's number in the table.
    pub part: u64,
    /// The supplier's stock-keeping unit.
    pub sku: String,
    /// Words for people.
    pub description: String,
    /// ISO 4217 code of the prices.
    pub currency: String,
    /// One to eight tiers, minima strictly ascending.
    pub tiers: Vec<Tier>,
    /// The line of the first tier.
    pub line: usize,
}

/// A price break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tier {
    /// The least quantity, in thousandths of the unit.
    pub minimum: u64,
    /// The unit price, in 10⁻⁶ of the major unit.
    pub unit_price: u64,
}

/// A table that cannot be imported, and the line that shows it (the header is line 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("price table, line {line}: {problem}")]
pub struct PriceTableError {
    /// The line.
    pub line: usize,
    /// What is wrong there.
    pub problem: PriceProblem,
}

/// What is wrong with a line of a price table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceProblem {
    /// Larger than [`MAX_BYTES`].
    #[error("the table is longer than {MAX_BYTES} bytes; split it")]
    TooLong,
    /// Not UTF-8.
    #[error("the table is not UTF-8")]
    NotUtf8,
    /// Another first line.
    #[error("expected the header {}", HEADER.join(","))]
    Header,
    /// Another number of fields, or quotes that do not close.
    #[error("expected {} fields, commas inside a field stand in double quotes", HEADER.len())]
    Fields,
    /// A part number that is no integer.
    #[error("`{0}` is not a part number")]
    Part(String),
    /// An empty SKU.
    #[error("the sku is empty")]
    EmptySku,
    /// A quantity that is no whole number from 1 to 2⁴⁰/1000.
    #[error("`{0}` is not a break quantity of whole pieces, at least 1")]
    Quantity(String),
    /// A price with too many places or out of range.
    #[error("unit price `{text}`: {source}")]
    Price {
        /// The text.
        text: String,
        /// Why.
        source: DecimalError,
    },
    /// Not three upper-case letters.
    #[error("`{0}` is not a currency code of three capital letters")]
    Currency(String),
    /// A part's rows name two currencies.
    #[error("part {part} is priced in {first} and in {second}; split it")]
    MixedCurrency {
        /// The part.
        part: u64,
        /// The currency of its first row.
        first: String,
        /// The other one.
        second: String,
    },
    /// A part has two SKUs, or a SKU two parts.
    #[error("part {part} and sku {sku} are not one to one")]
    Ambiguous {
        /// The part.
        part: u64,
        /// The SKU.
        sku: String,
    },
    /// The same break twice.
    #[error("part {part} has the break {quantity} twice")]
    Duplicate {
        /// The part.
        part: u64,
        /// The break, in pieces.
        quantity: u64,
    },
    /// A smaller break after a larger one.
    #[error("part {part}: the break {quantity} follows a larger one; sort the rows by quantity")]
    Unsorted {
        /// The part.
        part: u64,
        /// The break, in pieces.
        quantity: u64,
    },
    /// More than [`MAX_TIERS`].
    #[error("part {part} has more than {MAX_TIERS} tiers; drop those that are never reached")]
    TooManyTiers {
        /// The part.
        part: u64,
    },
}

impl PriceTable {
    /// Reads a whole table; one bad line refuses it.
    ///
    /// # Errors
    /// [`PriceTableError`] with the line.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, PriceTableError> {
        let fail = |line, problem| PriceTableError { line, problem };
        if bytes.len() > MAX_BYTES {
            return Err(fail(1, PriceProblem::TooLong));
        }
        let text = core::str::from_utf8(bytes).map_err(|e| {
            let line = 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
            fail(line, PriceProblem::NotUtf8)
        })?;
        let mut lines = text.lines().enumerate();
        let header = lines.next().and_then(|(_, line)| split_line(line));
        if header.is_none_or(|fields| fields != HEADER) {
            return Err(fail(1, PriceProblem::Header));
        }
        let mut table = Self { parts: BTreeMap::new() };
        let mut skus = BTreeMap::new();
        for (i, line) in lines {
            let row = read_row(line).map_err(|problem| fail(i + 1, problem))?;
            table.insert(row, i + 1, &mut skus).map_err(|problem| fail(i + 1, problem))?;
        }
        Ok(table)
    }

    /// All parts, by part number.
    pub fn parts(&self) -> impl Iterator<Item = &PricedPart> {
        self.parts.values()
    }

    /// The part of this number.
    #[must_use]
    pub fn part(&self, part: u64) -> Option<&PricedPart> {
        self.parts.get(&part)
    }

    /// The part of this SKU.
    #[must_use]
    pub fn sku(&self, sku: &str) -> Option<&PricedPart> {
        self.parts.values().find(|p| p.sku == sku)
    }

    fn insert(&mut self, row: Row, line: usize, skus: &mut BTreeMap<String, u64>) -> Result<(), PriceProblem> {
        let part = row.part;
        if *skus.entry(row.sku.clone()).or_insert(part) != part {
            return Err(PriceProblem::Ambiguous { part, sku: row.sku });
        }
        let entry = self.parts.entry(part).or_insert_with(|| PricedPart {
            part,
            sku: row.sku.clone(),
            description: row.description,
            currency: row.currency.clone(),
            tiers: Vec::new(),
            line,
        });
        if entry.sku != row.sku {
            return Err(PriceProblem::Ambiguous { part, sku: row.sku });
        }
        if entry.currency != row.currency {
            let first = entry.currency.clone();
            return Err(PriceProblem::MixedCurrency { part, first, second: row.currency });
        }
        let quantity = row.tier.minimum / 1000;
        if entry.tiers.iter().any(|t| t.minimum == row.tier.minimum) {
            return Err(PriceProblem::Duplicate { part, quantity });
        }
        if entry.tiers.last().is_some_and(|t| t.minimum > row.tier.minimum) {
            return Err(PriceProblem::Unsorted { part, quantity });
        }
        if entry.tiers.len() == MAX_TIERS {
            return Err(PriceProblem::TooManyTiers { part });
        }
        entry.tiers.push(row.tier);
        Ok(())
    }
}

struct Row {
    part: u64,
    sku: String,
    description: String,
    tier: Tier,
    currency: String,
}

fn read_row(line: &str) -> Result<Row, PriceProblem> {
    let fields = split_line(line).ok_or(PriceProblem::Fields)?;
    let [part, sku, description, quantity, price, currency]: [String; 6] =
        fields.try_into().map_err(|_| PriceProblem::Fields)?;
    let part = whole(&part).ok_or(PriceProblem::Part(part))?;
    if sku.is_empty() {
        return Err(PriceProblem::EmptySku);
    }
    let minimum = whole(&quantity)
        .filter(|q| *q >= 1)
        .and_then(|q| q.checked_mul(1000))
        .filter(|q| *q < QUANTITY_LIMIT)
        .ok_or(PriceProblem::Quantity(quantity))?;
    let unit_price = Decimal::parse(&price)
        .and_then(Decimal::to_millionths)
        .and_then(|p| if p < PRICE_LIMIT { Ok(p) } else { Err(DecimalError::OutOfRange) })
        .map_err(|source| PriceProblem::Price { text: price, source })?;
    if !is_currency(&currency) {
        return Err(PriceProblem::Currency(currency));
    }
    let tier = Tier { minimum, unit_price };
    Ok(Row { part, sku, description, tier, currency })
}

/// True for three capital letters, the shape of an ISO 4217 code.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())
}

/// Digits only: `parse` alone would also take a sign.
fn whole(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Splits a line of RFC 4180 (fields without line breaks); `None` if its quotes are wrong.
fn split_line(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, tail) = match rest.strip_prefix('"') {
            Some(quoted) => take_quoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, tail) = rest.split_at(end);
                if field.contains('"') {
                    return None;
                }
                (field.to_owned(), tail)
            }
        };
        fields.push(field);
        match tail.strip_prefix(',') {
            Some(next) => rest = next,
            None => return tail.is_empty().then_some(fields),
        }
    }
}

fn take_quoted(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (text, tail) = rest.split_once('"')?;
        field.push_str(text);
        match tail.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, tail)),
        }
    }
}
