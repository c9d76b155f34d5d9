//! P2: the width of every field, used or not, and the few bounds beyond widths.

use crate::terms::{BASIS_POINTS, CLAIM_MARGIN, Goods, Money, PRICE_BITS, Policy, Remedy, Terms};
use crate::{DecodeError, Violation};

/// Largest exponent and number of decimals.
pub const MAX_DECIMALS: u64 = 6;

/// P2 of terms and policy.
///
/// # Errors
/// P2, with the bound that is broken.
pub fn check(terms: &Terms, policy: &Policy) -> Result<(), Violation> {
    check_goods(&terms.goods)?;
    check_money(&terms.money)?;
    check_remedy(&terms.remedy, terms.goods.due)?;
    check_policy(policy)
}

fn unless(holds: bool, reason: &'static str) -> Result<(), Violation> {
    Violation::unless(holds, "P2", reason)
}

fn wide(error: DecodeError) -> Violation {
    let reason = match error {
        DecodeError::Range(name) => name,
        _ => "a field is out of range; agree terms within the widths of P2",
    };
    Violation { rule: "P2", reason }
}

/// P2 of GOODS.
///
/// # Errors
/// P2, with the bound that is broken.
pub fn check_goods(goods: &Goods) -> Result<(), Violation> {
    goods.check_widths().map_err(wide)?;
    unless(goods.quantity >= 1, "the quantity is 0; order something")?;
    unless(goods.increment >= 1, "the increment is 0; 1 means any quantity")?;
    unless(goods.load_factor >= 1, "the load factor is 0; goods take capacity")
}

/// P2 of MONEY.
///
/// # Errors
/// P2, with the bound that is broken.
pub fn check_money(money: &Money) -> Result<(), Violation> {
    money.check_widths().map_err(wide)?;
    unless(money.exponent <= MAX_DECIMALS, "the exponent is above 6")?;
    unless(money.decimals <= MAX_DECIMALS, "the unit price has more than 6 decimals")?;
    unless(money.allowance <= BASIS_POINTS, "the allowance is above 10 000 basis points")?;
    unless(money.frame == 0, "frame is reserved; leave it 0")?;
    unless(money.tiers[0].minimum >= 1, "the first tier's minimum is 0; say from how many the price holds")
}

/// P2 of REMEDY.
///
/// # Errors
/// P2, with the bound that is broken.
pub fn check_remedy(remedy: &Remedy, due: u64) -> Result<(), Violation> {
    remedy.check_widths().map_err(wide)?;
    unless(remedy.rate <= BASIS_POINTS, "the lateness rate is above 10 000 basis points")?;
    unless(remedy.cap <= BASIS_POINTS, "the lateness cap is above 10 000 basis points")?;
    let claimable = remedy.claim_until.checked_sub(due);
    unless(
        !remedy.escrow || claimable.is_some_and(|margin| margin >= CLAIM_MARGIN),
        "the escrow lapses less than 14 days after the due time; name a later claim_until",
    )
}

/// P2 of the policy.
///
/// # Errors
/// P2, with the bound that is broken.
pub fn check_policy(policy: &Policy) -> Result<(), Violation> {
    unless(policy.flat >> PRICE_BITS == 0, "the flat fee is not below 2^48")?;
    unless(policy.rate <= BASIS_POINTS, "the fee rate is above 10 000 basis points")
}
