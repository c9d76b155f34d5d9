//! Documents, price row and configuration, checked against each other.

use serde::Serialize;

use super::config::{ConfigError, DealConfig};
use super::receipts::{Arrivals, Receipt};
use crate::calendar::CalendarError;
use crate::capacity_group::WeekBasedCapacityGroup;
use crate::certification::{Certification, CertificationError, certify};
use crate::decimal::{Decimal, DecimalError};
use crate::delivery_information::DeliveryInformation;
use crate::document::{Document, DocumentError};
use crate::json::Pointer;
use crate::links::{find_link, uuid};
use crate::matching::{GROUP, MatchError, MatchReport, check_order_unit, compare};
use crate::material_demand::WeekBasedMaterialDemand;
use crate::price_table::{PriceTable, PriceTableError, Tier};
use crate::request_for_quotation::RequestForQuotation;
use crate::resource::document_hash;
use crate::surcharge::rush_surcharge;

/// The files of a deal, as bytes.
#[derive(Clone, Copy, Debug)]
pub struct DealSources<'a> {
    /// A WeekBasedCapacityGroup.
    pub capacity_group: &'a [u8],
    /// A WeekBasedMaterialDemand.
    pub material_demand: &'a [u8],
    /// A RequestForQuotation.
    pub request_for_quotation: &'a [u8],
    /// A DeliveryInformation.
    pub delivery_information: &'a [u8],
    /// A price table.
    pub price_table: &'a [u8],
    /// `deal.toml`.
    pub config: &'a [u8],
}

/// A deal in plain integers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DealInputs {
    /// The configuration that the values below do not repeat.
    pub config: DealConfig,
    /// The attestations of the capacity group.
    pub certifications: Vec<Certification>,
    /// Demand against capacity.
    pub match_report: MatchReport,
    /// Content id of the capacity's identity.
    #[serde(serialize_with = "hex")]
    pub resource: [u8; 32],
    /// SHA-256 of the RequestForQuotation as received.
    #[serde(serialize_with = "hex")]
    pub document_hash: [u8; 32],
    /// The unit of quantities and capacity.
    pub unit: String,
    /// Ordered quantity, thousandths of the unit.
    pub quantity: u64,
    /// Quantity ÷ increment.
    pub increments: u64,
    /// Capacity that a unit takes, in thousandths.
    pub load_factor: u32,
    /// Capacity that the order takes, in millionths: quantity × load factor, exact.
    pub capacity_used: u64,
    /// The week whose capacity is used, days from 1970-01-01.
    pub bucket: u32,
    /// When the last delivery is due: the midnight (UTC) that ends the RFQ's last delivery date, Unix seconds.
    pub due: u64,
    /// Currency code of the price row, equal to the token's.
    pub currency: String,
    /// The row's tiers.
    pub tiers: Vec<Tier>,
    /// Rush surcharge in basis points.
    pub surcharge: u16,
    /// Receipts as DeliveryInformation prefills them, ascending in time.
    pub receipts: Vec<Receipt>,
    /// The ids that the parties' own systems use.
    pub references: References,
}

/// The ids that the parties' own systems use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct References {
    /// The RFQ.
    pub rfq: String,
    /// The customer's order.
    pub order: String,
    /// The customer's number of the material.
    pub material: String,
    /// The capacity group.
    pub capacity_group: String,
    /// The supplier's SKU in the price table.
    pub sku: String,
}

/// Why files do not make a deal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DealError {
    /// A document cannot be read.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The price table cannot be read.
    #[error(transparent)]
    PriceTable(#[from] PriceTableError),
    /// Demand and capacity, or units, do not fit.
    #[error(transparent)]
    Match(#[from] MatchError),
    /// The capacity group cannot be certified.
    #[error(transparent)]
    Certification(#[from] CertificationError),
    /// Two files disagree, or a value does not fit a deal.
    #[error("{file} at `{pointer}`: {reason}")]
    Conflict {
        /// The file.
        file: &'static str,
        /// The place in it: a JSON pointer, or the key's path in `deal.toml`.
        pointer: Pointer,
        /// What is wrong, and with what it conflicts.
        reason: String,
    },
}

const RFQ: &str = "RequestForQuotation";
pub(super) const DELIVERY: &str = "DeliveryInformation";
const CONFIG: &str = "deal.toml";

struct Files {
    group: WeekBasedCapacityGroup,
    demand: WeekBasedMaterialDemand,
    rfq: RequestForQuotation,
    delivery: DeliveryInformation,
    table: PriceTable,
    config: DealConfig,
}

impl DealInputs {
    /// Reads all files and checks them against each other.
    ///
    /// # Errors
    /// [`DealError`] names the file, the place and the rule.
    pub fn read(sources: DealSources<'_>) -> Result<Self, DealError> {
        let files = Files {
            group: Document::from_slice(sources.capacity_group)?,
            demand: Document::from_slice(sources.material_demand)?,
            rfq: Document::from_slice(sources.request_for_quotation)?,
            delivery: Document::from_slice(sources.delivery_information)?,
            table: PriceTable::from_slice(sources.price_table)?,
            config: DealConfig::from_slice(sources.config)?,
        };
        files.into_inputs(document_hash(sources.request_for_quotation))
    }
}

impl Files {
    fn into_inputs(self, document_hash: [u8; 32]) -> Result<DealInputs, DealError> {
        let certifications = certify(&self.group)?;
        self.check_parties()?;
        check_order_unit(&self.rfq, &self.group)?;
        let match_report = compare(&self.group, std::slice::from_ref(&self.demand))?;
        let (quantity, increments) = self.quantity()?;
        let load_factor = self.load_factor()?;
        let due = self.due()?;
        let capacity_used = u128::from(quantity) * u128::from(load_factor);
        let bucket = self.bucket(&certifications, capacity_used, due)?;
        self.check_claims(due)?;
        let (tiers, currency) = self.price(quantity)?;
        let receipts = Arrivals {
            delivery: &self.delivery,
            origins: self.group.supplier_locations.as_deref().unwrap_or_default(),
            demand: &self.demand,
            unit: &self.rfq.configuration.order_quantity.unit,
            order: &self.config.goods.customer_order,
        }
        .receipts()?;
        let resource = certifications.first().map(|c| c.resource.content_id());
        Ok(DealInputs {
            resource: resource.ok_or_else(|| conflict(GROUP, &["capacities"], "states no week"))?,
            document_hash,
            unit: self.rfq.configuration.order_quantity.unit.clone(),
            quantity,
            increments,
            load_factor,
            capacity_used: u64::try_from(capacity_used)
                .map_err(|_| conflict(RFQ, QUANTITY, "needs more capacity than 2^64 - 1 millionths"))?,
            bucket,
            due,
            currency,
            tiers,
            surcharge: rush_surcharge(self.config.price.rush_working_days),
            receipts,
            references: References {
                rfq: self.rfq.identification.rfq_id,
                order: self.config.goods.customer_order.clone(),
                material: self.demand.material_number_customer,
                capacity_group: self.group.capacity_group_id,
                sku: self.config.price.sku.clone(),
            },
            certifications,
            match_report,
            config: self.config,
        })
    }

    /// One supplier, customer and material in all documents.
    fn check_parties(&self) -> Result<(), DealError> {
        let (group, demand, rfq) = (&self.group, &self.demand, &self.rfq);
        let asset = uuid(demand.material_global_asset_id.as_deref().unwrap_or_default());
        let delivered = uuid(&self.delivery.material_global_asset_id);
        let part = &rfq.configuration.parts;
        let pairs: [(&'static str, &[&str], &str, &str); 6] = [
            ("WeekBasedMaterialDemand", &["supplier"], &demand.supplier, &group.supplier),
            ("WeekBasedMaterialDemand", &["customer"], &demand.customer, &group.customer),
            (RFQ, &["cxHeader", "receiverBpn"], &rfq.header.receiver, &group.supplier),
            (RFQ, &["cxHeader", "senderBpn"], &rfq.header.sender, &group.customer),
            (RFQ, &["rfqConfiguration", "parts", "partId"], &part.part_id, &demand.material_number_customer),
            (DELIVERY, &["materialGlobalAssetId"], &delivered, &asset),
        ];
        for (file, path, found, wanted) in pairs {
            if found != wanted {
                return Err(conflict(file, path, format!("`{found}`, but the other documents say `{wanted}`")));
            }
        }
        Ok(())
    }

    fn quantity(&self) -> Result<(u64, u64), DealError> {
        let order = &self.rfq.configuration.order_quantity;
        if order.number != self.rfq.configuration.parts.part_quantity.number {
            return Err(conflict(RFQ, QUANTITY, "differs from parts/partQuantity"));
        }
        let quantity = order.number.to_thousandths().map_err(|e| conflict(RFQ, QUANTITY, e))?;
        let increment = self.config.goods.increment;
        if quantity == 0 || quantity >= 1 << 40 {
            return Err(conflict(RFQ, QUANTITY, "must be 1 to 2^40 - 1 thousandths"));
        }
        if !quantity.is_multiple_of(increment) {
            return Err(conflict(RFQ, QUANTITY, format!("is no multiple of the increment, {increment} thousandths")));
        }
        Ok((quantity, quantity / increment))
    }

    fn load_factor(&self) -> Result<u32, DealError> {
        let Some((at, link)) = find_link(&self.group, &self.demand) else {
            return Err(conflict(GROUP, &["linkedDemandSeries"], "links no series of the material demand"));
        };
        let pointer = at.member("loadFactor");
        let fail = |reason: String| DealError::Conflict { file: GROUP, pointer: pointer.clone(), reason };
        let factor = link.load_factor.unwrap_or(Decimal::ONE);
        let factor = factor.to_thousandths().map_err(|e: DecimalError| fail(e.to_string()))?;
        match u32::try_from(factor) {
            Ok(factor) if factor > 0 => Ok(factor),
            _ => Err(fail("must be 0.001 to 4294967.295".to_owned())),
        }
    }

    fn due(&self) -> Result<u64, DealError> {
        let last = self.rfq.configuration.last_delivery_date;
        let fail = |e: CalendarError| conflict(RFQ, LAST, e);
        let due = last.end().map_err(fail)?;
        if self.rfq.configuration.first_delivery_date.is_some_and(|first| first > last) {
            return Err(conflict(RFQ, LAST, "lies before firstDeliveryDate"));
        }
        if due <= self.config.ledger.genesis {
            return Err(conflict(RFQ, LAST, "lies before the ledger's genesis"));
        }
        Ok(due)
    }

    /// The week used is stated by the group, holds enough, and all RFQ dates lie in the group's weeks.
    fn bucket(&self, certifications: &[Certification], used: u128, due: u64) -> Result<u32, DealError> {
        let week = self.config.goods.capacity_week;
        let at = &["goods", "capacity_week"][..];
        let bucket = week.bucket().map_err(|e| conflict(CONFIG, at, e))?;
        let weeks = || certifications.iter().flat_map(|c| &c.weeks);
        let Some(certified) = weeks().find(|w| w.bucket == bucket) else {
            return Err(conflict(CONFIG, at, format!("{week} is no week of the capacity group")));
        };
        if used > u128::from(certified.quantity) {
            return Err(conflict(
                CONFIG,
                at,
                format!("the order takes {used} millionths, the week has {}", certified.quantity),
            ));
        }
        if week.end().is_ok_and(|end| end > due) {
            return Err(conflict(CONFIG, at, format!("{week} lies after the last delivery date")));
        }
        let capacities = self.group.capacities.iter().flatten();
        let first = capacities.clone().map(|c| c.point_in_time).min();
        let last = capacities.map(|c| c.point_in_time.week_end()).max();
        let configuration = &self.rfq.configuration;
        for (path, date) in [(FIRST, configuration.first_delivery_date), (LAST, Some(configuration.last_delivery_date))]
        {
            if date.is_some_and(|d| first.is_none_or(|f| d < f) || last.is_none_or(|l| d > l)) {
                return Err(conflict(RFQ, path, "lies outside the weeks of the capacity group"));
            }
        }
        Ok(bucket)
    }

    fn check_claims(&self, due: u64) -> Result<(), DealError> {
        let earliest = self.config.lateness().earliest_claim_until(due);
        if self.config.remedy.escrow && self.config.remedy.claim_until < earliest {
            return Err(conflict(
                CONFIG,
                &["remedy", "claim_until"],
                format!("must be at least {earliest}: due, the weeks until the lateness cap, and 14 days"),
            ));
        }
        Ok(())
    }

    fn price(&self, quantity: u64) -> Result<(Vec<Tier>, String), DealError> {
        let wanted = &self.config.price;
        let Some(part) = self.table.part(wanted.part) else {
            return Err(conflict(CONFIG, &["price", "part"], format!("{} is not in the price table", wanted.part)));
        };
        if part.sku != wanted.sku {
            return Err(conflict(CONFIG, &["price", "sku"], format!("part {} has the sku {}", part.part, part.sku)));
        }
        if self.config.token.currency.as_ref() != Some(&part.currency) {
            return Err(conflict(
                CONFIG,
                &["token", "currency"],
                format!(
                    "the price row (line {}) is in {}; the row's currency names the token",
                    part.line, part.currency
                ),
            ));
        }
        if part.tiers.first().is_none_or(|tier| quantity < tier.minimum) {
            return Err(conflict(RFQ, QUANTITY, "lies below the row's first break"));
        }
        Ok((part.tiers.clone(), part.currency.clone()))
    }
}

fn hex<S: serde::Serializer>(id: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
    let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    serializer.serialize_str(&digits)
}

const QUANTITY: &[&str] = &["rfqConfiguration", "orderQuantity", "quantityNumber"];
const FIRST: &[&str] = &["rfqConfiguration", "firstDeliveryDate"];
const LAST: &[&str] = &["rfqConfiguration", "lastDeliveryDate"];

pub(super) fn conflict(file: &'static str, path: &[&str], reason: impl ToString) -> DealError {
    DealError::Conflict { file, pointer: Pointer::path(path), reason: reason.to_string() }
}
