//! Answers of the daemon's calls. What the command answers is read as one of these types, so that the document cannot say anything else.

use super::calls::{Message, Text};
use super::desk::Denied;
use crate::answer::Answer;
use crate::error::{Code, Failure};
use privity_wallet::file::Document;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

macro_rules! views {
    ($($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])+ $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Serialize, Deserialize, ToSchema)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $name { $($(#[$doc])+ pub(super) $field: $type,)* }
        )*
    };
}

views! {
    /// What a wallet holds of one asset.
    BalanceRow {
        /// The token's name; absent for capacity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(example = "community-dollar")]
        token: Option<String>,
        /// Minor units, or millionths of capacity.
        value: Text,
        /// Asset id.
        asset: String,
    }

    /// What a wallet holds.
    Balance {
        /// Ledger time up to which the wallet has read.
        #[schema(format = DateTime, example = "2026-02-16T00:00:00Z")]
        time: String,
        /// Assets of which something is unspent.
        balances: Vec<BalanceRow>,
    }

    /// Who the wallet's account is.
    Identity {
        /// What others send to.
        #[schema(example = "privity1…")]
        address: String,
        /// Owner id in the address.
        owner: String,
        /// Signer id.
        signer: String,
        /// The signer's public key, as `admit` and `register-signer` take it.
        signer_key: String,
    }

    /// A deal that settled.
    DealRow {
        /// The terms' id.
        terms: String,
        /// When it settled.
        #[schema(format = DateTime, example = "2026-02-16T00:00:00Z")]
        time: String,
        /// Minor units.
        total: Text,
        /// Millionths of capacity.
        capacity: Text,
        /// Thousandths of the unit that were released; absent if nothing is in escrow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        done: Option<Text>,
        /// Minor units in escrow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        escrow_payment: Option<Text>,
        /// Millionths of capacity in escrow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        escrow_capacity: Option<Text>,
        /// Releases so far.
        releases: Text,
        /// The customer's order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<String>,
    }

    /// A deal that is being made.
    NegotiationRow {
        /// The terms' id.
        terms: String,
        /// Until when this wallet's offer is firm.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(format = DateTime)]
        firm_until: Option<String>,
        /// The customer's order.
        order: String,
    }

    /// A wallet's deals.
    Deals {
        /// Those that settled.
        deals: Vec<DealRow>,
        /// Those that are being made.
        negotiations: Vec<NegotiationRow>,
    }

    /// What terms come to, to be read before agreeing.
    Figures {
        /// The terms' id.
        terms: String,
        /// Thousandths of the unit.
        quantity_thousandths: Text,
        /// When delivery is due.
        #[schema(format = DateTime, example = "2026-03-12T23:00:00Z")]
        due: String,
        /// The price, minor units.
        total: Text,
        /// The community's fee, minor units.
        fee: Text,
        /// What the buyer pays, minor units.
        to_pay: Text,
        /// Capacity that the deal takes, millionths.
        capacity_millionths: Text,
        /// Whether payment waits in escrow.
        escrow: bool,
        /// From when on the buyer may take an unclaimed escrow back.
        #[schema(format = DateTime, example = "2026-06-08T00:00:00Z")]
        claim_until: String,
        /// Basis points per week of lateness.
        lateness_rate_bp: Text,
        /// Most basis points of lateness.
        lateness_cap_bp: Text,
        /// Signer id of the inspector; 0 for none.
        inspector: String,
        /// Signer id of the arbiter; 0 for none.
        arbiter: String,
    }

    /// A draft, for the buyer.
    Drafted {
        /// What it comes to.
        figures: Figures,
        /// What the buyer's `request` takes.
        draft: Message,
    }

    /// A request, for the supplier.
    Requested {
        /// What it comes to.
        figures: Figures,
        /// What the supplier's `offer` takes.
        request: Message,
    }

    /// A firm offer, for the buyer.
    Offered {
        /// The terms' id.
        terms: String,
        /// Until when it can settle.
        #[schema(format = DateTime)]
        firm_until: String,
        /// What the buyer's `accept` takes.
        offer: Message,
    }

    /// An accepted deal.
    Accepted {
        /// The terms' id.
        terms: String,
        /// The transaction's id.
        id: String,
        /// Until when it can settle.
        #[schema(format = DateTime)]
        expires: String,
        /// Its bytes, base64: what `settle` takes.
        transaction: String,
    }

    /// Where something settled.
    Settled {
        /// The transaction's id.
        transaction: String,
        /// Position in the log.
        position: Text,
        /// Ledger time.
        #[schema(format = DateTime)]
        time: String,
        /// Root of the note tree behind it.
        anchor: String,
        /// Said if the wallet could not read it yet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    }

    /// A week of attested capacity.
    WeekRow {
        /// The week's number.
        bucket: Text,
        /// Its Monday.
        #[schema(format = Date, example = "2026-03-09")]
        monday: String,
        /// Millionths of capacity.
        millionths: Text,
        /// Asset id.
        asset: String,
    }

    /// A request for an attestation of capacity.
    Sought {
        /// Owner id of the supplier.
        supplier: String,
        /// The machine.
        resource: String,
        /// Index of the wallet's serial in it.
        serial: Text,
        /// Weeks that it asks for.
        weeks: Text,
        /// Attestations that the whole group takes.
        parts: Text,
        /// What the certifier takes.
        request: Message,
    }

    /// An attestation of capacity.
    Attested {
        /// Signer id of the certifier.
        certifier: String,
        /// Whether the ledger lets this signer certify.
        approved: bool,
        /// What it attests.
        weeks: Vec<WeekRow>,
        /// What the supplier's `issue` takes.
        attestation: Message,
    }

    /// Capacity notes that an attestation became.
    Issued {
        /// Where it settled.
        settled: Settled,
        /// What was issued.
        weeks: Vec<WeekRow>,
    }

    /// What an inspector or arbiter is shown.
    Briefed {
        /// The terms' id.
        terms: String,
        /// What `receipt` takes.
        brief: Message,
    }

    /// A signed receipt.
    Receipted {
        /// The terms' id.
        terms: String,
        /// Thousandths of the unit that earlier receipts had.
        done_thousandths: Text,
        /// Thousandths of the unit in all.
        delivered_thousandths: Text,
        /// When it was delivered.
        #[schema(format = DateTime)]
        time: String,
        /// What `release` takes.
        receipt: Message,
    }

    /// What a release moves, minor units; capacity in millionths.
    Movement {
        /// The part of the payment that the delivery earns.
        gross: Text,
        /// What lateness takes from it.
        lateness: Text,
        /// To the supplier.
        to_supplier: Text,
        /// Back to the buyer.
        to_buyer: Text,
        /// What stays in escrow.
        stays: Text,
        /// Capacity that was used.
        capacity_used: Text,
        /// Capacity that goes back to the supplier.
        capacity_returned: Text,
        /// Whether nothing stays.
        closes: bool,
    }

    /// A release.
    Released {
        /// What moved, or would.
        movement: Movement,
        /// Where it settled; absent for a preview.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        settled: Option<Settled>,
    }

    /// A disclosure, for its audience.
    Disclosed {
        /// Owner id of who discloses.
        claimant: String,
        /// Asset id.
        asset: String,
        /// Minor units, or millionths of capacity.
        at_least: Text,
        /// Until when the note is locked at least.
        #[schema(format = DateTime)]
        hold: String,
        /// The scope's id.
        scope: String,
        /// The note's tag within the scope.
        tag: String,
        /// What the audience checks.
        disclosure: Message,
    }

    /// A sealed letter.
    Sealed {
        /// The deal's id in the deal room.
        deal: String,
        /// The sealed bytes, base64.
        envelope: String,
        /// Owner id of the counterparty.
        counterparty: String,
        /// What the deal's id was made of; absent if the deal was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nonce: Option<String>,
    }
}

/// The command's answer as one of these types: integers become text.
pub(super) fn typed<T: DeserializeOwned>(answer: &Answer) -> Result<T, Denied> {
    Ok(serde_json::from_value(shown(answer)).map_err(|_| formless("answer"))?)
}

/// The same with a message beside it.
pub(super) fn with<T: DeserializeOwned>(answer: &Answer, name: &str, value: impl Serialize) -> Result<T, Denied> {
    let mut shown = shown(answer);
    shown[name] = serde_json::to_value(value).map_err(|_| formless(name))?;
    Ok(serde_json::from_value(shown).map_err(|_| formless(name))?)
}

/// A message as others take it.
pub(super) fn posted<T: Document>(message: &T) -> Result<Message, Failure> {
    serde_json::from_str(&message.to_json()?).map_err(|_| formless("message"))
}

fn formless(what: &str) -> Failure {
    Failure::new(Code::Prover, format!("the {what} has not the form that the document says; report it"))
}

fn shown(answer: &Answer) -> Value {
    fn text(value: Value) -> Value {
        match value {
            Value::Number(number) => Value::String(number.to_string()),
            Value::Array(items) => items.into_iter().map(text).collect(),
            Value::Object(members) => members.into_iter().map(|(name, value)| (name, text(value))).collect(),
            other => other,
        }
    }
    text(answer.to_json())
}
