//! Demand against capacity, as standard CX-0128 compares them.
//!
//! The load of a week is Σ (demand × load factor) over the linked, active demand series, plus the week's
//! `deltaProductionResult`. Everything is exact: a fractional load stays fractional.
//!
//! | load | result |
//! | --- | --- |
//! | load = actual | [`Outcome::ZeroDeviation`], whatever the maximum |
//! | load < actual | [`Outcome::Surplus`] |
//! | actual < load ≤ maximum | [`Outcome::Bottleneck`] that flexible capacity covers |
//! | load > maximum | [`Outcome::Bottleneck`] that it does not cover |
//!
//! A week is compared only if the group states its capacity and every linked active series states its demand.
//! Inactive documents, missing weeks and nested groups are named in the report; they never count as zero.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::calendar::Date;
use crate::capacity_group::WeekBasedCapacityGroup;
use crate::decimal::{Decimal, DecimalError};
use crate::json::Pointer;
use crate::links::{index_weeks, linked_series, unit, value};
use crate::material_demand::WeekBasedMaterialDemand;
use crate::request_for_quotation::RequestForQuotation;

/// What a comparison says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchReport {
    /// The weeks that could be compared, ascending.
    pub weeks: Vec<WeekMatch>,
    /// Weeks and series that could not, and why.
    pub gaps: Vec<Gap>,
}

/// One compared week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WeekMatch {
    /// The week's Monday.
    pub week: Date,
    /// Σ (demand × load factor) + delta production, in the group's unit.
    pub load: Decimal,
    /// Actual capacity.
    pub actual: Decimal,
    /// Maximum capacity.
    pub maximum: Decimal,
    /// Actual capacity − load.
    pub deviation: Decimal,
    /// The result.
    pub outcome: Outcome,
}

/// The result for a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The load equals the actual capacity.
    ZeroDeviation,
    /// The load is below the actual capacity.
    Surplus,
    /// The load is above the actual capacity.
    Bottleneck {
        /// True if the maximum capacity suffices.
        flexible: bool,
    },
}

/// Something that is missing, hence not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// The group is inactive: nothing is compared.
    InactiveGroup {
        /// The group's id.
        id: String,
    },
    /// A linked demand is inactive and not counted.
    InactiveDemand {
        /// The demand's id.
        id: String,
    },
    /// No document given holds this linked series: no week is complete.
    MissingSeries {
        /// The link in the capacity group.
        link: Pointer,
    },
    /// The group counts demands of another group, which are not given: no week is complete.
    NestedGroup {
        /// The other group's id.
        id: String,
    },
    /// The group links no series that has an active demand.
    NothingLinked,
    /// Some series states a demand for this week, the group no capacity.
    MissingCapacity {
        /// The week's Monday.
        week: Date,
    },
    /// The group states a capacity or another series a demand for this week, this series none.
    MissingDemand {
        /// The week's Monday.
        week: Date,
        /// The demand's id.
        id: String,
        /// The series in its demand.
        series: Pointer,
    },
}

/// Why documents cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// Two units where one is needed.
    #[error(
        "{document} at `{pointer}`: {found} does not fit the capacity group's {wanted}; convert it or state a load factor"
    )]
    Unit {
        /// The document's kind.
        document: &'static str,
        /// The unit's place.
        pointer: Pointer,
        /// The unit found.
        found: String,
        /// The unit of the capacity group.
        wanted: String,
    },
    /// `unitOfMeasureIsOmitted` contradicts `unitOfMeasure`.
    #[error("{document} at `{pointer}`: state either a unit of measure or that it is omitted")]
    UnitUnclear {
        /// The document's kind.
        document: &'static str,
        /// The flag's place.
        pointer: Pointer,
    },
    /// Load factors are stated for all links or for none.
    #[error("capacity group at `{0}`: a load factor is missing while other links have one; state it, 1 is neutral")]
    LoadFactorMissing(Pointer),
    /// A value that the standard excludes.
    #[error("{document} at `{pointer}`: {reason}")]
    Value {
        /// The document's kind.
        document: &'static str,
        /// The value's place.
        pointer: Pointer,
        /// What is wrong with it.
        reason: String,
    },
    /// A sum or product left the exact range.
    #[error("the load of week {week} is not exact: {source}")]
    Load {
        /// The week's Monday.
        week: Date,
        /// Why.
        source: DecimalError,
    },
}

pub(crate) const GROUP: &str = "WeekBasedCapacityGroup";

/// Compares the demands with the capacities of a group; demands that it does not link are left aside.
///
/// # Errors
/// [`MatchError`]: units that differ without a load factor, weeks that are no Mondays or appear twice, a maximum
/// below the actual capacity, a negative load factor, a load out of range, a demand given in two states.
pub fn compare(group: &WeekBasedCapacityGroup, demands: &[WeekBasedMaterialDemand]) -> Result<MatchReport, MatchError> {
    let mut report = MatchReport { weeks: Vec::new(), gaps: Vec::new() };
    if group.capacity_group_is_inactive {
        report.gaps.push(Gap::InactiveGroup { id: group.capacity_group_id.clone() });
        return Ok(report);
    }
    let series = linked_series(group, demands, &mut report.gaps)?;
    let nested = group.linked_capacity_groups.iter().flatten();
    report.gaps.extend(nested.map(|id| Gap::NestedGroup { id: id.clone() }));
    let capacities = group.capacities.as_deref().unwrap_or_default();
    let by_week = index_weeks(GROUP, &Pointer::path(&["capacities"]), capacities.iter().map(|c| c.point_in_time))?;
    if series.is_empty() {
        report.gaps.push(Gap::NothingLinked);
    }
    let comparable = report.gaps.iter().all(|gap| matches!(gap, Gap::InactiveDemand { .. }));
    let mut weeks: BTreeSet<Date> = by_week.keys().copied().collect();
    weeks.extend(series.iter().flat_map(|s| s.weeks.keys().copied()));
    for week in weeks {
        let Some(&at) = by_week.get(&week) else {
            report.gaps.push(Gap::MissingCapacity { week });
            continue;
        };
        let mut terms = Vec::with_capacity(series.len());
        for s in &series {
            match s.weeks.get(&week) {
                Some(demand) => terms.push((*demand, s.load_factor)),
                None => report.gaps.push(Gap::MissingDemand { week, id: s.id.clone(), series: s.pointer.clone() }),
            }
        }
        if terms.len() == series.len() && comparable {
            report.weeks.push(compare_week(week, &capacities[at], at, &terms)?);
        }
    }
    Ok(report)
}

/// Checks that an order is counted in the group's unit.
///
/// # Errors
/// [`MatchError::Unit`] with the pointer into the request, [`MatchError::UnitUnclear`].
pub fn check_order_unit(rfq: &RequestForQuotation, group: &WeekBasedCapacityGroup) -> Result<(), MatchError> {
    let wanted = group_unit(group)?;
    let configuration = &rfq.configuration;
    for (path, quantity) in [
        (&["rfqConfiguration", "orderQuantity", "measurementUnit"][..], &configuration.order_quantity),
        (&["rfqConfiguration", "parts", "partQuantity", "measurementUnit"][..], &configuration.parts.part_quantity),
    ] {
        if wanted != Some(quantity.unit.as_str()) {
            return Err(MatchError::Unit {
                document: "RequestForQuotation",
                pointer: Pointer::path(path),
                found: quantity.unit.clone(),
                wanted: wanted.unwrap_or("omitted unit").to_owned(),
            });
        }
    }
    Ok(())
}

/// The unit of a group; `None` if it states that it has none.
///
/// # Errors
/// [`MatchError::UnitUnclear`].
pub fn group_unit(group: &WeekBasedCapacityGroup) -> Result<Option<&str>, MatchError> {
    unit(GROUP, group.unit_of_measure.as_deref(), group.unit_of_measure_is_omitted)
}

fn compare_week(
    week: Date,
    capacity: &crate::capacity_group::Capacity,
    index: usize,
    terms: &[(Decimal, Decimal)],
) -> Result<WeekMatch, MatchError> {
    let (actual, maximum) = (capacity.actual_capacity, capacity.maximum_capacity);
    if maximum < actual {
        let at = Pointer::path(&["capacities"]).index(index).member("maximumCapacity");
        return Err(value(GROUP, &at, "the maximum capacity is below the actual capacity"));
    }
    let start = capacity.delta_production_result.unwrap_or(Decimal::ZERO);
    let load =
        terms.iter().try_fold(start, |sum, (demand, load_factor)| sum.checked_add(demand.checked_mul(*load_factor)?));
    let load = load.map_err(|source| MatchError::Load { week, source })?;
    let deviation = actual.checked_sub(load).map_err(|source| MatchError::Load { week, source })?;
    let outcome = match load.cmp(&actual) {
        core::cmp::Ordering::Equal => Outcome::ZeroDeviation,
        core::cmp::Ordering::Less => Outcome::Surplus,
        core::cmp::Ordering::Greater => Outcome::Bottleneck { flexible: load <= maximum },
    };
    Ok(WeekMatch { week, load, actual, maximum, deviation, outcome })
}
