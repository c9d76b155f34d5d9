//! Which demand series draw on a capacity group, in which unit and with which load factor.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{CalendarError, Date};
use crate::capacity_group::{LinkedDemandSeries, WeekBasedCapacityGroup};
use crate::decimal::Decimal;
use crate::json::Pointer;
use crate::matching::{GROUP, Gap, MatchError, group_unit};
use crate::material_demand::{DemandSeries, WeekBasedMaterialDemand};

const DEMAND: &str = "WeekBasedMaterialDemand";

/// The first link that fits a series of this demand, and its place in the group.
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

pub(crate) struct Series {
    pub(crate) id: String,
    pub(crate) pointer: Pointer,
    pub(crate) load_factor: Decimal,
    pub(crate) weeks: BTreeMap<Date, Decimal>,
}

pub(crate) fn linked_series(
    group: &WeekBasedCapacityGroup,
    demands: &[WeekBasedMaterialDemand],
    gaps: &mut Vec<Gap>,
) -> Result<Vec<Series>, MatchError> {
    let wanted = group_unit(group)?;
    let links = group.linked_demand_series.as_deref().unwrap_or_default();
    let with_factors = links.iter().any(|l| l.load_factor.is_some());
    check_states(demands)?;
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

/// An update replaces the whole document: counting two states of one demand would count it twice.
fn check_states(demands: &[WeekBasedMaterialDemand]) -> Result<(), MatchError> {
    let mut seen = BTreeSet::new();
    match demands.iter().find(|demand| !seen.insert(uuid(&demand.material_demand_id))) {
        None => Ok(()),
        Some(demand) => Err(value(
            DEMAND,
            &Pointer::path(&["materialDemandId"]),
            format!("{} is given twice; keep the state with the latest changedAt", demand.material_demand_id),
        )),
    }
}

/// A UUID in one spelling: lower case, without `urn:uuid:`.
pub(crate) fn uuid(text: &str) -> String {
    text.strip_prefix("urn:uuid:").unwrap_or(text).to_ascii_lowercase()
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

pub(crate) fn unit<'a>(
    document: &'static str,
    unit: Option<&'a str>,
    omitted: bool,
) -> Result<Option<&'a str>, MatchError> {
    if unit.is_some() == omitted {
        return Err(MatchError::UnitUnclear { document, pointer: Pointer::path(&["unitOfMeasureIsOmitted"]) });
    }
    Ok(unit)
}

pub(crate) fn value(document: &'static str, pointer: &Pointer, reason: impl ToString) -> MatchError {
    MatchError::Value { document, pointer: pointer.clone(), reason: reason.to_string() }
}
