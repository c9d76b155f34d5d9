//! `delivery_information` 2.0.0: what was sent, and when it arrives or arrived.

use crate::calendar::DateTime;
use crate::decimal::Decimal;
use crate::document::{aspect, document};

aspect! {
    /// The deliveries of one material.
    DeliveryInformation {
        /// The material's UUID across documents.
        material_global_asset_id: String = "materialGlobalAssetId",
        /// The order positions that are served.
        positions: Vec<Position> = "positions",
    }
}

aspect! {
    /// The deliveries for one order position.
    Position {
        /// The order's ids; absent for deliveries without an order.
        order_position_reference: Option<OrderPositionReference> = "orderPositionReference",
        /// The deliveries.
        deliveries: Vec<Delivery> = "deliveries",
    }
}

aspect! {
    /// The ids of an order position.
    OrderPositionReference {
        /// The order in the supplier's system.
        supplier_order_id: Option<String> = "supplierOrderId",
        /// The order in the customer's system.
        customer_order_id: String = "customerOrderId",
        /// The position in the customer's order.
        customer_order_position_id: String = "customerOrderPositionId",
    }
}

aspect! {
    /// One delivery.
    Delivery {
        /// How much.
        quantity: ItemQuantity = "deliveryQuantity",
        /// When the data changed.
        last_updated: DateTime = "lastUpdatedOnDateTime",
        /// Departure and arrival, estimated or actual.
        transit_events: Vec<TransitEvent> = "transitEvents",
        /// From where to where.
        transit_locations: TransitLocations = "transitLocations",
        /// The carrier's number.
        tracking_number: Option<String> = "trackingNumber",
        /// The delivery clause, such as `EXW`.
        incoterm: Option<String> = "incoterm",
    }
}

aspect! {
    /// A quantity with its unit.
    ItemQuantity {
        /// How much.
        value: Decimal = "value",
        /// Its unit, such as `unit:piece`.
        unit: String = "unit",
    }
}

aspect! {
    /// A departure or an arrival.
    TransitEvent {
        /// When.
        time: DateTime = "dateTimeOfEvent",
        /// `estimated-departure`, `estimated-arrival`, `actual-departure` or `actual-arrival`.
        kind: String = "eventType",
    }
}

aspect! {
    /// Both ends of a delivery.
    TransitLocations {
        /// From where.
        origin: Location = "origin",
        /// To where.
        destination: Location = "destination",
    }
}

aspect! {
    /// A site, and optionally its address.
    Location {
        /// The site (BPNS).
        site: String = "bpnsProperty",
        /// The address (BPNA).
        address: Option<String> = "bpnaProperty",
    }
}

document!(DeliveryInformation, "DeliveryInformation-schema.json");
