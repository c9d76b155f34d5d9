//! `week_based_material_demand` 3.0.1: what a customer needs from a supplier, week by week.

use crate::calendar::{CalendarError, Date, DateTime};
use crate::capacity_group::DemandCategory;
use crate::decimal::Decimal;
use crate::document::{aspect, document};
use crate::links::uuid;

aspect! {
    /// A customer's weekly demand of one material.
    WeekBasedMaterialDemand {
        /// The demand's UUID.
        material_demand_id: String = "materialDemandId",
        /// The customer's BPNL.
        customer: String = "customer",
        /// The supplier's BPNL.
        supplier: String = "supplier",
        /// The customer's number of the material.
        material_number_customer: String = "materialNumberCustomer",
        /// The supplier's number of the material.
        material_number_supplier: Option<String> = "materialNumberSupplier",
        /// The customer's words for the material.
        material_description_customer: String = "materialDescriptionCustomer",
        /// The material's UUID across documents.
        material_global_asset_id: Option<String> = "materialGlobalAssetId",
        /// The unit of the demands.
        unit_of_measure: Option<String> = "unitOfMeasure",
        /// True if the demands have no unit.
        unit_of_measure_is_omitted: bool = "unitOfMeasureIsOmitted",
        /// The series, by site and category.
        demand_series: Vec<DemandSeries> = "demandSeries",
        /// True if the demand must not be counted.
        material_demand_is_inactive: bool = "materialDemandIsInactive",
        /// Orders the updates of one demand.
        changed_at: DateTime = "changedAt",
    }
}

aspect! {
    /// The demand of one site in one category.
    DemandSeries {
        /// The customer's site (BPNS).
        customer_location: String = "customerLocation",
        /// The supplier's site that the customer expects (BPNS).
        expected_supplier_location: Option<String> = "expectedSupplierLocation",
        /// The category of the demand.
        demand_category: DemandCategory = "demandCategory",
        /// The weeks.
        demands: Vec<Demand> = "demands",
    }
}

aspect! {
    /// The demand of one week.
    Demand {
        /// The week's Monday.
        point_in_time: Date = "pointInTime",
        /// How much.
        demand: Decimal = "demand",
    }
}

document!(WeekBasedMaterialDemand, "WeekBasedMaterialDemand-schema.json");

impl WeekBasedMaterialDemand {
    /// True if this is a later state of the same demand: an update replaces the whole document.
    ///
    /// # Errors
    /// [`CalendarError::NoOffset`] if a `changedAt` built by hand lacks its offset.
    pub fn replaces(&self, earlier: &Self) -> Result<bool, CalendarError> {
        Ok(uuid(&self.material_demand_id) == uuid(&earlier.material_demand_id)
            && self.changed_at.is_after(&earlier.changed_at)?)
    }
}
