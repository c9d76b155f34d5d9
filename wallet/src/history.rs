//! What happened, a line per transaction and asset, exported as CSV or JSON.

use crate::record;
use privity_circuits::asset::AssetId;
use privity_circuits::price::pricing::LINE_DIVISOR;
use privity_circuits::terms::{BASIS_POINTS, Terms, TermsId};
use privity_ledger::TransactionId;
use serde::{Deserialize, Serialize};

/// Ids that an ERP gave; they travel in the documents and stand in the local index, never on the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reference {
    /// Order number.
    pub order: String,
    /// RFQ number.
    pub rfq: String,
    /// Material number.
    pub material: String,
}

/// One asset in one transaction.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Ledger time, Unix seconds.
    pub time: u64,
    /// Which transaction.
    #[serde(with = "record::transaction")]
    pub transaction: TransactionId,
    /// Its kind, as `deal`.
    pub kind: String,
    /// Which of the wallet's accounts.
    pub account: u32,
    /// The asset.
    pub asset: AssetId,
    /// Minor units (millionths for capacity) that came in, negative if they went out.
    pub change: i128,
    /// Of a deal: its total; of a release: what its pieces are worth. Minor units.
    pub net: u64,
    /// The community's fee, minor units.
    pub fee: u64,
    /// What lateness took off, minor units.
    pub lateness: u64,
    /// Rounded minus exact price, millionths of a minor unit.
    pub rounding: i64,
    /// The deal that it belongs to.
    pub terms: Option<TermsId>,
    /// The ERP's ids.
    #[serde(default)]
    pub reference: Reference,
}

redacted!(Line);

/// Columns of the CSV export.
pub const COLUMNS: &str =
    "time,transaction,kind,account,asset,change,net,fee,lateness,rounding_millionths,terms,order,rfq,material";

/// Lines as CSV with a header, RFC 4180.
pub fn csv(lines: &[Line]) -> String {
    let mut out = format!("{COLUMNS}\r\n");
    for line in lines {
        let terms = line.terms.map(|terms| terms.to_string()).unwrap_or_default();
        let Reference { order, rfq, material } = &line.reference;
        let cells = [
            line.time.to_string(),
            line.transaction.to_string(),
            line.kind.clone(),
            line.account.to_string(),
            line.asset.to_string(),
            line.change.to_string(),
            line.net.to_string(),
            line.fee.to_string(),
            line.lateness.to_string(),
            line.rounding.to_string(),
            terms,
            quote(order),
            quote(rfq),
            quote(material),
        ];
        out.push_str(&cells.join(","));
        out.push_str("\r\n");
    }
    out
}

/// A cell; one that a spreadsheet would take for a formula is kept text.
fn quote(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// Lines as a JSON array.
///
/// # Errors
/// None in practice: every field has a JSON form.
pub fn json(lines: &[Line]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(lines)
}

/// Rounded minus exact line price in millionths of a minor unit, towards zero.
pub(crate) fn rounding(terms: &Terms, line: u64) -> i64 {
    let money = &terms.money;
    let factor = u128::from(BASIS_POINTS + money.surcharge) * u128::from(BASIS_POINTS.saturating_sub(money.allowance));
    // n·p < 2^88 and f < 2^31; the quantities of all tiers together are q < 2^40.
    let exact: u128 = (money.quantities(terms.goods.quantity).iter().zip(&money.tiers))
        .map(|(n, tier)| u128::from(*n) * u128::from(tier.price) * factor)
        .sum();
    let divisor = LINE_DIVISOR / 10u128.pow(money.exponent.min(6) as u32);
    let whole = i128::from(line) - (exact / divisor) as i128;
    let part = (exact % divisor * 1_000_000 / divisor) as i128;
    i64::try_from(whole * 1_000_000 - part).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        assert_eq!(quote("A-1"), "A-1");
        assert_eq!(quote("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(quote("=1+1"), "'=1+1");
    }
}
