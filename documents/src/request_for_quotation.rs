//! `request_for_quotation` 3.0.0: what a customer asks a price for.

use crate::calendar::{Date, DateTime};
use crate::decimal::Decimal;
use crate::document::{aspect, document};
use crate::json::Json;

aspect! {
    /// A request for quotation.
    RequestForQuotation {
        /// Which request this is.
        identification: RfqIdentification = "rfqIdentification",
        /// What is asked for.
        configuration: RfqConfiguration = "rfqConfiguration",
        /// Who asks; kept as it came, it names people.
        sender: Json = "rfqSender",
        /// The message that carried it.
        header: MessageHeader = "cxHeader",
    }
}

aspect! {
    /// The request's own ids.
    RfqIdentification {
        /// The id in the customer's system.
        rfq_id: String = "rfqId",
        /// A name for people.
        rfq_name: String = "rfqName",
        /// When it was made; the schema does not ask for an offset.
        rfq_date_time: DateTime = "rfqDateTime",
        /// Its version.
        rfq_version: String = "rfqVersion",
        /// The system that made it.
        rfq_source: Option<String> = "rfqSource",
    }
}

aspect! {
    /// What is asked for, and when.
    RfqConfiguration {
        /// The drawing; kept as it came.
        cad_file: Json = "cadFile",
        /// The part.
        parts: Parts = "parts",
        /// The quantity to be ordered.
        order_quantity: OrderQuantity = "orderQuantity",
        /// The first day of delivery.
        first_delivery_date: Option<Date> = "firstDeliveryDate",
        /// The last day of delivery.
        last_delivery_date: Date = "lastDeliveryDate",
    }
}

aspect! {
    /// The part; material, tolerances and bill of process are kept as they came.
    Parts {
        /// The customer's number of the part.
        part_id: String = "partId",
        /// The part's name.
        part_name: String = "partName",
        /// How many of the part.
        part_quantity: OrderQuantity = "partQuantity",
    }
}

aspect! {
    /// A quantity with its unit.
    OrderQuantity {
        /// How much.
        number: Decimal = "quantityNumber",
        /// Its unit, such as `unit:piece`.
        unit: String = "measurementUnit",
    }
}

aspect! {
    /// The header of a Catena-X message.
    MessageHeader {
        /// The message's UUID.
        message_id: String = "messageId",
        /// What the message is about.
        context: String = "context",
        /// When it was sent; the schema does not ask for an offset.
        sent_date_time: DateTime = "sentDateTime",
        /// The sender's BPNL.
        sender: String = "senderBpn",
        /// The receiver's BPNL.
        receiver: String = "receiverBpn",
        /// When an answer is wanted.
        expected_response_by: Option<DateTime> = "expectedResponseBy",
        /// The message that this one answers.
        related_message_id: Option<String> = "relatedMessageId",
        /// The header's version.
        version: String = "version",
    }
}

document!(RequestForQuotation, "RequestForQuotation-schema.json");
