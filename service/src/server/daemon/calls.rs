//! Bodies of the daemon's calls. Integers are decimal text; messages between wallets are the objects that the command writes to files,
//! documents are their texts.

use crate::error::{Code, Failure};
use crate::server::room::{Act, Letter};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An integer as decimal text without leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ToSchema)]
#[schema(as = Integer, value_type = String, pattern = "^(0|[1-9][0-9]*)$", max_length = 39, example = "1000")]
pub(super) struct Text(pub(super) u128);

impl Text {
    /// As 64 bits.
    pub(super) fn small(self) -> Result<u64, Failure> {
        let wrong = |_| Failure::new(Code::Input, "an integer is out of range; it has at most 64 bits");
        u64::try_from(self.0).map_err(wrong)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let canonical = text == "0" || text.starts_with(|first: char| ('1'..='9').contains(&first));
        let value = if canonical { text.parse().ok() } else { None };
        value.map(Self).ok_or_else(|| serde::de::Error::custom("an integer as decimal text"))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// A message between wallets, as the command writes it to a file. Pass it on unchanged.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// What it is.
    #[schema(example = "privity.draft")]
    kind: String,
    /// The version of its form.
    #[schema(example = 1)]
    version: u32,
    /// Its contents, which the wallet that it is for reads.
    #[schema(value_type = Object)]
    body: Map<String, Value>,
}

/// The documents of a deal as JSON texts: their bytes count, since the terms hold a hash of the request for quotation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Documents {
    /// A WeekBasedCapacityGroup.
    #[schema(content_media_type = "application/json")]
    pub(super) capacity_group: String,
    /// A WeekBasedMaterialDemand.
    #[schema(content_media_type = "application/json")]
    pub(super) material_demand: String,
    /// A RequestForQuotation.
    #[schema(content_media_type = "application/json")]
    pub(super) request_for_quotation: String,
    /// A DeliveryInformation.
    #[schema(content_media_type = "application/json")]
    pub(super) delivery_information: String,
    /// The price table, CSV.
    #[schema(content_media_type = "text/csv")]
    pub(super) price_table: String,
    /// `deal.toml`.
    #[schema(content_media_type = "application/toml")]
    pub(super) config: String,
}

/// Capacity that the supplier wants attested.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SeekCall {
    /// A WeekBasedCapacityGroup, as JSON text.
    #[schema(content_media_type = "application/json")]
    pub(super) capacity_group: String,
    /// Which of the attestations that the group takes, from 1; the first if absent.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub(super) part: Option<u32>,
}

/// A request to attest, as the certifier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttestCall {
    /// The supplier's request.
    pub(super) request: Message,
    /// The WeekBasedCapacityGroup that it was made from, as JSON text.
    #[schema(content_media_type = "application/json")]
    pub(super) capacity_group: String,
}

/// An attestation to turn into capacity notes, as the supplier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueCall {
    /// The certifier's attestation.
    pub(super) attestation: Message,
}

/// Tokens to mint, as their issuer, or to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PayCall {
    /// The token by name; to send, any asset by id as well.
    #[schema(example = "community-dollar")]
    pub(super) asset: String,
    /// Minor units, or millionths of capacity.
    pub(super) amount: Text,
    /// The recipient's address.
    pub(super) to: String,
    /// Words that the recipient alone reads.
    #[serde(default)]
    pub(super) memo: String,
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
    pub(super) draft: Message,
}

/// A request to sign, as the supplier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfferCall {
    /// The buyer's request.
    pub(super) request: Message,
    /// Seconds for which the offer is firm; 600 if absent.
    #[serde(default)]
    pub(super) expires_in: Option<Text>,
}

/// An offer to accept, as the buyer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AcceptCall {
    /// The supplier's offer.
    pub(super) offer: Message,
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
    pub(super) brief: Message,
    /// Thousandths of the unit delivered in all.
    pub(super) delivered: Text,
    /// When, Unix seconds.
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
    pub(super) evidence: Message,
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
    pub(super) at_least: Text,
    /// The note is locked at least until then, Unix seconds; 0 for no hold.
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
