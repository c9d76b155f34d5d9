//! Catena-X documents, price tables and exact decimals: what a company already has, read into the plain integers
//! that the protocol speaks.
//!
//! Every decoder takes bytes, has a length and a depth limit, refuses what follows the document and names the place
//! of an error by its JSON pointer (RFC 6901) or its line. Numbers are read from their text and are never rounded.
//!
//! | module | reads |
//! | --- | --- |
//! | [`WeekBasedCapacityGroup`], [`WeekBasedMaterialDemand`], [`RequestForQuotation`], [`DeliveryInformation`] | the documents, checked against the schemas that ship here |
//! | [`matching`] | demand against capacity, by CX-0128 |
//! | [`resource`], [`certification`] | the identity of a capacity and the weeks to attest |
//! | [`price_table`], [`surcharge`] | price breaks, rush surcharges, lateness clauses |
//! | [`deal`] | all of these with one configuration file: the inputs of a deal |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod calendar;
mod capacity_group;
pub mod certification;
pub mod deal;
pub mod decimal;
mod delivery_information;
pub mod document;
pub mod json;
mod links;
pub mod matching;
mod material_demand;
pub mod price_table;
mod request_for_quotation;
pub mod resource;
pub mod schema;
pub mod surcharge;

pub use capacity_group::{Capacity, DemandCategory, LinkedDemandSeries, WeekBasedCapacityGroup};
pub use decimal::Decimal;
pub use delivery_information::{
    Delivery, DeliveryInformation, ItemQuantity, Location, OrderPositionReference, Position, TransitEvent,
    TransitLocations,
};
pub use document::{Document, DocumentError};
pub use material_demand::{Demand, DemandSeries, WeekBasedMaterialDemand};
pub use request_for_quotation::{
    MessageHeader, OrderQuantity, Parts, RequestForQuotation, RfqConfiguration, RfqIdentification,
};
