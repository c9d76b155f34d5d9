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
//! Inactive documents and missing weeks are named in the report; they never count as zero.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::calendar::{CalendarError, Date};
use crate::capacity_group::{LinkedDemandSeries, WeekBasedCapacityGroup};
use crate::decimal::{Decimal, DecimalError};
use crate::json::Pointer;
use crate::material_demand::{DemandSeries, WeekBasedMaterialDemand};
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
    #[error("{document} at `{pointer}`: {found} does not fit the capacity group's {wanted}; convert it or state a load factor")]
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

const GROUP: &str = "WeekBasedCapacityGroup";
const DEMAND: &str = "WeekBasedMaterialDemand";

/// Compares the demands with the capacities of a group; demands that it does not link are left aside.
///
/// # Errors
/// [`MatchError`]: units that differ without a load factor, weeks that are no Mondays or appear twice, a maximum
/// below the actual capacity, a negative load factor, a load out of range.
pub fn compare(
    group: &WeekBasedCapacityGroup,
    demands: &[WeekBasedMaterialDemand],
) -> Result<MatchReport, MatchError> {
    let mut report = MatchReport { weeks: Vec::new(), gaps: Vec::new() };
    if group.capacity_group_is_inactive {
        report.gaps.push(Gap::InactiveGroup { id: group.capacity_group_id.clone() });
        return Ok(report);
    }
    let series = linked_series(group, demands, &mut report.gaps)?;
    let capacities = group.capacities.as_deref().unwrap_or_default();
    let by_week = index_weeks(GROUP, &Pointer::path(&["capacities"]), capacities.iter().map(|c| c.point_in_time))?;
    if series.is_empty() {
        report.gaps.push(Gap::NothingLinked);
    }
    let comparable = !report.gaps.iter().any(|g| matches!(g, Gap::MissingSeries { .. } | Gap::NothingLinked));
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
                None => report.gaps.push(Gap::MissingDemand {
                    week,
                    id: s.id.clone(),
                    series: s.pointer.clone(),
                }),
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
pub fn check_order_unit(
    rfq: &RequestForQuotation,
    group: &WeekBasedCapacityGroup,
) -> Result<(), MatchError> {
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

/// The load that a quantity of a material puts on the group: the link that fits this demand, with its pointer.
pub(crate) fn find_link<'a>(
    group: &'a WeekBasedCapacityGroup,
    demand: &WeekBasedMaterialDemand,
) -> Option<(Pointer, &'a LinkedDemandSeries)> {
    let links = group.linked_demand_series.iter().flatten().enumerate();
    links
        .filter(|(_, link)| demand.demand_series.iter().any(|s| fits(group, link, demand, s)))
        .map(|(i, link)| (Pointer::path(&["linkedDemandSeries"]).index(i), link))
        .next()
}

struct Series {
    id: String,
    pointer: Pointer,
    load_factor: Decimal,
    weeks: BTreeMap<Date, Decimal>,
}

fn linked_series(
    group: &WeekBasedCapacityGroup,
    demands: &[WeekBasedMaterialDemand],
    gaps: &mut Vec<Gap>,
) -> Result<Vec<Series>, MatchError> {
    let wanted = group_unit(group)?;
    let links = group.linked_demand_series.as_deref().unwrap_or_default();
    let with_factors = links.iter().any(|l| l.load_factor.is_some());
    let mut series = Vec::new();
    let mut used = BTreeSet::new();
    let mut inactive = BTreeSet::new();
    for (i, link) in links.iter().enumerate() {
        let at = Pointer::path(&["linkedDemandSeries"]).index(i);
        if with_factors && link.load_factor.is_none() {
            return Err(MatchError::LoadFactorMissing(at.member("loadFactor")));
        }
        let load_factor = link.load_factor.unwrap_or(Decimal::ONE);
        if load_factor.is_negative() {
            return Err(value(GROUP, &at.member("loadFactor"), "a load factor is not negative"));
        }
        let mut found = false;
        for (d, demand) in demands.iter().enumerate() {
            for (s, candidate) in demand.demand_series.iter().enumerate() {
                if !fits(group, link, demand, candidate) {
                    continue;
                }
                found = true;
                if demand.material_demand_is_inactive {
                    inactive.insert(demand.material_demand_id.clone());
                } else if used.insert((d, s)) {
                    check_demand_unit(demand, wanted, with_factors)?;
                    series.push(read_series(demand, candidate, s, load_factor)?);
                }
            }
        }
        if !found {
            gaps.push(Gap::MissingSeries { link: at });
        }
    }
    gaps.extend(inactive.into_iter().map(|id| Gap::InactiveDemand { id }));
    Ok(series)
}

fn fits(
    group: &WeekBasedCapacityGroup,
    link: &LinkedDemandSeries,
    demand: &WeekBasedMaterialDemand,
    series: &DemandSeries,
) -> bool {
    let same_number = match (&link.material_number_supplier, &demand.material_number_supplier) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    group.supplier == demand.supplier
        && group.customer == demand.customer
        && link.material_number_customer == demand.material_number_customer
        && same_number
        && link.customer_location == series.customer_location
        && link.demand_category.code == series.demand_category.code
}

fn check_demand_unit(
    demand: &WeekBasedMaterialDemand,
    wanted: Option<&str>,
    converted: bool,
) -> Result<(), MatchError> {
    let found = unit(DEMAND, demand.unit_of_measure.as_deref(), demand.unit_of_measure_is_omitted)?;
    if converted || found == wanted {
        return Ok(());
    }
    Err(MatchError::Unit {
        document: DEMAND,
        pointer: Pointer::path(&["unitOfMeasure"]),
        found: found.unwrap_or("omitted unit").to_owned(),
        wanted: wanted.unwrap_or("omitted unit").to_owned(),
    })
}

fn read_series(
    demand: &WeekBasedMaterialDemand,
    series: &DemandSeries,
    index: usize,
    load_factor: Decimal,
) -> Result<Series, MatchError> {
    let pointer = Pointer::path(&["demandSeries"]).index(index);
    let weeks = series.demands.iter().map(|d| d.point_in_time);
    let by_week = index_weeks(DEMAND, &pointer.member("demands"), weeks)?;
    let weeks = by_week.into_iter().map(|(week, i)| (week, series.demands[i].demand)).collect();
    Ok(Series { id: demand.material_demand_id.clone(), pointer, load_factor, weeks })
}

/// Where each week stands in its array; a week that is no Monday or stands twice is refused.
pub(crate) fn index_weeks(
    document: &'static str,
    array: &Pointer,
    weeks: impl Iterator<Item = Date>,
) -> Result<BTreeMap<Date, usize>, MatchError> {
    let mut index = BTreeMap::new();
    for (i, week) in weeks.enumerate() {
        let at = array.index(i).member("pointInTime");
        week.bucket().map_err(|e: CalendarError| value(document, &at, e))?;
        if index.insert(week, i).is_some() {
            return Err(value(document, &at, format!("the week {week} is stated twice")));
        }
    }
    Ok(index)
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
    let load = terms.iter().try_fold(start, |sum, (demand, load_factor)| {
        sum.checked_add(demand.checked_mul(*load_factor)?)
    });
    let load = load.map_err(|source| MatchError::Load { week, source })?;
    let deviation = actual.checked_sub(load).map_err(|source| MatchError::Load { week, source })?;
    let outcome = match load.cmp(&actual) {
        core::cmp::Ordering::Equal => Outcome::ZeroDeviation,
        core::cmp::Ordering::Less => Outcome::Surplus,
        core::cmp::Ordering::Greater => Outcome::Bottleneck { flexible: load <= maximum },
    };
    Ok(WeekMatch { week, load, actual, maximum, deviation, outcome })
}

fn unit<'a>(
    document: &'static str,
    unit: Option<&'a str>,
    omitted: bool,
) -> Result<Option<&'a str>, MatchError> {
    if unit.is_some() == omitted {
        return Err(MatchError::UnitUnclear {
            document,
            pointer: Pointer::path(&["unitOfMeasureIsOmitted"]),
        });
    }
    Ok(unit)
}

fn value(document: &'static str, pointer: &Pointer, reason: impl ToString) -> MatchError {
    MatchError::Value { document, pointer: pointer.clone(), reason: reason.to_string() }
}
