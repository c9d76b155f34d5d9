//! Bodies of the daemon's calls. Integers are decimal text; messages between wallets are the objects that the command writes to files.

use crate::server::room::{Act, Letter};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An integer as decimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text(pub(super) u64);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let canonical = text == "0" || text.starts_with(|first: char| ('1'..='9').contains(&first));
        let value = if canonical { text.parse().ok() } else { None };
        value.map(Self).ok_or_else(|| serde::de::Error::custom("an integer as decimal text"))
    }
}

/// The documents of a deal, as they came: their bytes count, since the terms hold a hash of the request for quotation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Documents {
    /// A WeekBasedCapacityGroup.
    #[schema(value_type = Object)]
    pub(super) capacity_group: Box<RawValue>,
    /// A WeekBasedMaterialDemand.
    #[schema(value_type = Object)]
    pub(super) material_demand: Box<RawValue>,
    /// A RequestForQuotation.
    #[schema(value_type = Object)]
    pub(super) request_for_quotation: Box<RawValue>,
    /// A DeliveryInformation.
    #[schema(value_type = Object)]
    pub(super) delivery_information: Box<RawValue>,
    /// The price table, CSV.
    pub(super) price_table: String,
    /// `deal.toml`.
    pub(super) config: String,
}

/// Terms to draft, as their supplier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftCall {
    /// What the terms are made from.
    pub(super) documents: Documents,
    /// The buyer's address.
    pub(super) buyer: String,
    /// Signer id of the certifier of the capacity.
    pub(super) certifier: String,
    /// Address or owner to whom the capacity was attested; this account if absent.
    #[serde(default)]
    pub(super) origin: Option<String>,
    /// Signer id of the inspector, if `deal.toml` names one.
    #[serde(default)]
    pub(super) inspector: Option<String>,
    /// Signer id of the arbiter, if `deal.toml` names one.
    #[serde(default)]
    pub(super) arbiter: Option<String>,
    /// Signer id of the auditor, if `deal.toml` names one.
    #[serde(default)]
    pub(super) auditor: Option<String>,
    /// The token that pays, by name or asset id; the one that `deal.toml` names if absent.
    #[serde(default)]
    pub(super) currency: Option<String>,
}

/// A draft to answer, as its buyer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestCall {
    /// The supplier's draft.
    #[schema(value_type = Object)]
    pub(super) draft: Value,
}

/// A request to sign, as the supplier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferCall {
    /// The buyer's request.
    #[schema(value_type = Object)]
    pub(super) request: Value,
    /// Seconds for which the offer is firm; 600 if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) expires_in: Option<Text>,
}

/// An offer to accept, as the buyer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptCall {
    /// The supplier's offer.
    #[schema(value_type = Object)]
    pub(super) offer: Value,
}

/// A transaction to settle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettleCall {
    /// What `accept` answered, base64.
    pub(super) transaction: String,
}

/// A deal of this wallet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TermsCall {
    /// The terms' id.
    pub(super) terms: String,
}

/// A receipt to sign, as the inspector.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceiptCall {
    /// The inspection brief that a party sent.
    #[schema(value_type = Object)]
    pub(super) brief: Value,
    /// Thousandths of the unit delivered in all.
    #[schema(value_type = String)]
    pub(super) delivered: Text,
    /// When, Unix seconds.
    #[schema(value_type = String)]
    pub(super) time: Text,
    /// Whether nothing more will be delivered.
    #[serde(default)]
    pub(super) last: bool,
}

/// An escrow to release.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseCall {
    /// A receipt or an award.
    #[schema(value_type = Object)]
    pub(super) evidence: Value,
    /// Only say what would move.
    #[serde(default)]
    pub(super) preview: bool,
}

/// Funds or capacity to prove.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DiscloseCall {
    /// The token by name, or any asset by id.
    pub(super) asset: String,
    /// The note holds at least this, minor units (millionths for capacity).
    #[schema(value_type = String)]
    pub(super) at_least: Text,
    /// The note is locked at least until then, Unix seconds; 0 for no hold.
    #[schema(value_type = String)]
    pub(super) hold: Text,
    /// An RFQ's id, or a week's Monday as YYYY-MM-DD: within it a note is pledged once.
    pub(super) scope: String,
    /// Signer id of the audience.
    pub(super) audience: String,
}

/// A letter to seal for the deal room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SealCall {
    /// The deal's id; absent for the envelope that opens it: then the nonce is drawn here.
    #[serde(default)]
    pub(super) deal: Option<String>,
    /// What you do.
    pub(super) act: Act,
    /// The envelope's number.
    pub(super) sequence: u64,
    /// The counterparty's address.
    pub(super) to: String,
    /// What goes in.
    pub(super) letter: Letter,
}

/// An envelope to open.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenCall {
    /// The deal's id.
    pub(super) deal: String,
    /// What its sender did.
    pub(super) act: Act,
    /// Its number.
    pub(super) sequence: u64,
    /// The sealed bytes, base64.
    pub(super) envelope: String,
}
