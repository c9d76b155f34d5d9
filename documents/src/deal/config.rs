//! `deal.toml`: keys by role, tokens, price terms and remedies. Integers and strings only; an unknown key is an error.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::calendar::{Date, DateTime};
use crate::price_table::is_currency;
use crate::surcharge::{Lateness, WHOLE};

/// Longest configuration read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// What a deal needs beside its documents.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DealConfig {
    /// The ledger.
    pub ledger: Ledger,
    /// Which key plays which role.
    pub keys: Keys,
    /// The roles that sign receipts, awards and settlements.
    pub signers: Signers,
    /// The community token that pays.
    pub token: Token,
    /// The app token of the swap.
    pub app_token: Token,
    /// The swap between the two.
    pub swap: Swap,
    /// What is delivered, and in which week it is made.
    pub goods: Goods,
    /// What it costs.
    pub price: Price,
    /// What happens when it comes late or never.
    pub remedy: Remedy,
    /// The community's fee.
    pub fee: Fee,
}

/// The ledger's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Its name, part of the genesis.
    pub name: String,
    /// Genesis time in Unix seconds, a whole hour.
    #[serde(deserialize_with = "instant")]
    pub genesis: u64,
}

/// The key's name for each role; where and how a key is kept is the wallet's business.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Runs the ledger.
    pub operator: String,
    /// Attests capacity.
    pub certifier: String,
    /// Sells.
    pub supplier: String,
    /// Buys.
    pub buyer: String,
    /// Signs receipts.
    pub inspector: String,
    /// Decides disputes.
    pub arbiter: String,
    /// Mints tokens.
    pub issuer: String,
    /// May read the terms.
    pub auditor: String,
    /// Receives fees.
    pub treasury: String,
}

/// The roles named in the terms; an absent one is none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Signers {
    /// Signs for the buyer.
    pub buyer: String,
    /// Signs for the supplier.
    pub supplier: String,
    /// Signs receipts.
    pub inspector: Option<String>,
    /// Signs awards.
    pub arbiter: Option<String>,
    /// May read the terms.
    pub auditor: Option<String>,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Its name, part of its asset id.
    pub name: String,
    /// The ISO 4217 code that it stands for; none for an app token.
    pub currency: Option<String>,
    /// Decimal places of the minor unit, 0 to 6.
    pub exponent: u8,
    /// Minor units to mint.
    pub mint: u64,
}

/// A swap of the two tokens, in minor units of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Swap {
    /// Of the community token.
    pub token: u64,
    /// Of the app token.
    pub app_token: u64,
}

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Goods {
    /// The order's id in the customer's system, as in DeliveryInformation.
    pub customer_order: String,
    /// Thousandths of the unit that a quantity must be a multiple of.
    pub increment: u64,
    /// The Monday of the week whose capacity the order uses.
    #[serde(deserialize_with = "date")]
    pub capacity_week: Date,
}

/// What it costs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The part's number in the price table.
    pub part: u64,
    /// Its SKU: both must name the same row.
    pub sku: String,
    /// All units at the reached tier's price, or each tier its own.
    pub mode: Mode,
    /// Working days until delivery: sets the rush surcharge.
    pub rush_working_days: u32,
    /// Allowance in basis points.
    pub allowance: u16,
    /// Set-up cost in minor units.
    pub set_up: u64,
    /// How remainders are rounded.
    pub rounding: Rounding,
    /// Where rounding takes place.
    pub stage: Stage,
    /// Decimal places of the rounded unit price, 0 to 6.
    pub decimals: u8,
    /// Unix seconds from which an unescrowed payment may be spent; absent for at once.
    #[serde(default, deserialize_with = "instant")]
    pub payment_unlock: u64,
}

/// Tier mode (protocol P4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// 0.
    AllUnits = 0,
    /// 1.
    Graduated = 1,
}

/// Rounding (protocol P5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rounding {
    /// 0.
    Down = 0,
    /// 1.
    Up = 1,
    /// 2.
    HalfUp = 2,
    /// 3.
    HalfEven = 3,
}

/// Stage of rounding (protocol P5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// 0.
    Line = 0,
    /// 1.
    UnitPrice = 1,
}

/// What happens when goods come late or never.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// True if the payment goes into escrow.
    pub escrow: bool,
    /// Basis points per week or part of a week.
    pub lateness_rate: u16,
    /// Most basis points in all.
    pub lateness_cap: u16,
    /// Unix seconds from which the buyer may claim what was not delivered.
    #[serde(deserialize_with = "instant")]
    pub claim_until: u64,
}

/// The community's fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    /// Minor units per deal.
    pub flat: u64,
    /// Basis points of the total.
    pub rate: u16,
}

/// Why a configuration is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Larger than 64 KiB.
    #[error("the configuration is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("the configuration is not UTF-8")]
    NotUtf8,
    /// Not TOML, an unknown or missing key, or a value of another type; line and column inside.
    #[error("deal.toml: {0}")]
    Toml(String),
    /// A value outside its range.
    #[error("deal.toml: {key}: {rule}")]
    Range {
        /// The key.
        key: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}

impl DealConfig {
    /// Reads `deal.toml`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, ConfigError> {
        if bytes.len() > MAX_BYTES {
            return Err(ConfigError::TooLong);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| ConfigError::NotUtf8)?;
        let config: Self = toml::from_str(text).map_err(|e| ConfigError::Toml(e.to_string()))?;
        config.check_ranges()?;
        config.check_signers()?;
        Ok(config)
    }

    /// The lateness clause.
    #[must_use]
    pub fn lateness(&self) -> Lateness {
        Lateness { rate: self.remedy.lateness_rate, cap: self.remedy.lateness_cap }
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        const TIME: u64 = 1 << 40;
        const MONEY: u64 = 1 << 48;
        let code = |token: &Token| token.currency.as_deref().is_none_or(is_currency);
        let at_most_whole = |bp: u16| u64::from(bp) <= WHOLE;
        let rules: [(bool, &'static str, &'static str); 15] = [
            (self.ledger.genesis.is_multiple_of(3600), "ledger.genesis", "must be a whole hour"),
            (self.ledger.genesis < TIME, "ledger.genesis", "must lie below 2^40 seconds"),
            (code(&self.token) && code(&self.app_token), "token.currency", "must be three capital letters"),
            (self.token.currency.is_some(), "token.currency", "is needed: the price row's currency names the token"),
            (self.token.exponent <= 6, "token.exponent", "must be 0 to 6"),
            (self.app_token.exponent <= 6, "app_token.exponent", "must be 0 to 6"),
            (self.price.decimals <= 6, "price.decimals", "must be 0 to 6"),
            (at_most_whole(self.price.allowance), "price.allowance", "must be 0 to 10000 basis points"),
            (self.price.set_up < MONEY, "price.set_up", "must lie below 2^48 minor units"),
            (self.price.payment_unlock < TIME, "price.payment_unlock", "must lie below 2^40 seconds"),
            (at_most_whole(self.remedy.lateness_rate), "remedy.lateness_rate", "must be 0 to 10000 basis points"),
            (at_most_whole(self.remedy.lateness_cap), "remedy.lateness_cap", "must be 0 to 10000 basis points"),
            (self.remedy.claim_until < TIME, "remedy.claim_until", "must lie below 2^40 seconds"),
            (
                self.fee.flat < MONEY && at_most_whole(self.fee.rate),
                "fee",
                "flat below 2^48 minor units, rate 0 to 10000 basis points",
            ),
            ((1..TIME).contains(&self.goods.increment), "goods.increment", "must be 1 to 2^40 - 1 thousandths"),
        ];
        match rules.into_iter().find(|(holds, _, _)| !holds) {
            Some((_, key, rule)) => Err(ConfigError::Range { key, rule }),
            None => Ok(()),
        }
    }

    /// The wallet's rules on signers (protocol L11), as far as names tell.
    fn check_signers(&self) -> Result<(), ConfigError> {
        let fail = |key, rule| Err(ConfigError::Range { key, rule });
        let Signers { buyer, supplier, inspector, arbiter, auditor } = &self.signers;
        let keys = [
            &self.keys.operator,
            &self.keys.certifier,
            &self.keys.supplier,
            &self.keys.buyer,
            &self.keys.inspector,
            &self.keys.arbiter,
            &self.keys.issuer,
            &self.keys.auditor,
            &self.keys.treasury,
        ];
        let named = [Some(buyer), Some(supplier), inspector.as_ref(), arbiter.as_ref(), auditor.as_ref()];
        if named.into_iter().flatten().any(|name| !keys.contains(&name)) {
            return fail("signers", "must each be a key of [keys]");
        }
        if *buyer != self.keys.buyer || *supplier != self.keys.supplier {
            return fail("signers", "buyer and supplier sign with their own registered keys");
        }
        let is_party = |name: &Option<String>| name.as_ref().is_some_and(|n| n == buyer || n == supplier);
        if is_party(inspector) || is_party(arbiter) || buyer == supplier {
            return fail("signers", "inspector and arbiter must be neither party, and the parties two");
        }
        if self.remedy.escrow && inspector.is_none() && arbiter.is_none() {
            return fail("signers", "an escrow needs an inspector or an arbiter");
        }
        Ok(())
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    Date::parse(&text).map_err(D::Error::custom)
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    let time = DateTime::parse(&text).map_err(D::Error::custom)?;
    time.unix_seconds().map_err(D::Error::custom)
}
