//! `week_based_capacity_group` 3.0.1: what a supplier can make for a customer, week by week.

use crate::calendar::{CalendarError, Date, DateTime};
use crate::decimal::Decimal;
use crate::document::{aspect, document};
use crate::json::Json;
use crate::links::uuid;

aspect! {
    /// A supplier's weekly capacities and the demand series that draw on them.
    WeekBasedCapacityGroup {
        /// The group's UUID, with or without `urn:uuid:`.
        capacity_group_id: String = "capacityGroupId",
        /// A name for people.
        name: String = "name",
        /// The customer's BPNL.
        customer: String = "customer",
        /// The supplier's BPNL.
        supplier: String = "supplier",
        /// The supplier's sites (BPNS).
        supplier_locations: Option<Vec<String>> = "supplierLocations",
        /// The unit of the capacities.
        unit_of_measure: Option<String> = "unitOfMeasure",
        /// True if the capacities have no unit.
        unit_of_measure_is_omitted: bool = "unitOfMeasureIsOmitted",
        /// The demand series that draw on this capacity.
        linked_demand_series: Option<Vec<LinkedDemandSeries>> = "linkedDemandSeries",
        /// The weeks.
        capacities: Option<Vec<Capacity>> = "capacities",
        /// Groups nested in this one.
        linked_capacity_groups: Option<Vec<String>> = "linkedCapacityGroups",
        /// Alert thresholds, kept as they came.
        demand_volatility_parameters: Option<Json> = "demandVolatilityParameters",
        /// True if the capacity must not be used.
        capacity_group_is_inactive: bool = "capacityGroupIsInactive",
        /// Orders the updates of one group.
        changed_at: DateTime = "changedAt",
    }
}

aspect! {
    /// A demand series that draws on the group.
    LinkedDemandSeries {
        /// The customer's number of the material.
        material_number_customer: String = "materialNumberCustomer",
        /// The supplier's number of the material.
        material_number_supplier: Option<String> = "materialNumberSupplier",
        /// The customer's site (BPNS).
        customer_location: String = "customerLocation",
        /// The category of the demand.
        demand_category: DemandCategory = "demandCategory",
        /// Capacity that one unit of demand takes; 1 if absent.
        load_factor: Option<Decimal> = "loadFactor",
    }
}

aspect! {
    /// The category of a demand, a four-character code.
    DemandCategory {
        /// The code, `0001` for none.
        code: String = "demandCategoryCode",
    }
}

aspect! {
    /// The capacity of one week.
    Capacity {
        /// The week's Monday.
        point_in_time: Date = "pointInTime",
        /// What the supplier plans to have.
        actual_capacity: Decimal = "actualCapacity",
        /// What the supplier could reach.
        maximum_capacity: Decimal = "maximumCapacity",
        /// What was agreed, for information.
        agreed_capacity: Option<Decimal> = "agreedCapacity",
        /// Production moved into (+) or out of (−) this week, counted with the demand.
        delta_production_result: Option<Decimal> = "deltaProductionResult",
    }
}

document!(WeekBasedCapacityGroup, "WeekBasedCapacityGroup-schema.json");

impl WeekBasedCapacityGroup {
    /// True if this is a later state of the same group: an update replaces the whole document.
    ///
    /// # Errors
    /// [`CalendarError::NoOffset`] if a `changedAt` built by hand lacks its offset.
    pub fn replaces(&self, earlier: &Self) -> Result<bool, CalendarError> {
        Ok(uuid(&self.capacity_group_id) == uuid(&earlier.capacity_group_id)
            && self.changed_at.is_after(&earlier.changed_at)?)
    }
}
