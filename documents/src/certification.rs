//! What a certifier attests: the weeks of an active capacity group.

use serde::Serialize;

use crate::capacity_group::WeekBasedCapacityGroup;
use crate::decimal::DecimalError;
use crate::json::Pointer;
use crate::links::index_weeks;
use crate::matching::{GROUP, MatchError};
use crate::resource::Resource;

/// Most weeks of one attestation (relation *capacity*).
pub const MAX_WEEKS: usize = 8;

/// The contents of one attestation: up to [`MAX_WEEKS`] weeks of one resource, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certification {
    /// Whose capacity it is.
    pub resource: Resource,
    /// The supplier's BPNL.
    pub supplier: String,
    /// The weeks, ascending by bucket.
    pub weeks: Vec<CertifiedWeek>,
}

/// One week of an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CertifiedWeek {
    /// The Monday in days from 1970-01-01.
    pub bucket: u32,
    /// The actual capacity in millionths of the unit.
    pub quantity: u64,
}

/// Why a capacity group cannot be certified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificationError {
    /// The supplier withdrew the group.
    #[error("capacity group {id} is inactive (`{pointer}` is true); certify an active state of it")]
    Inactive {
        /// The group's id.
        id: String,
        /// The flag's place.
        pointer: Pointer,
    },
    /// There is nothing to attest.
    #[error("`{0}` states no week; a certification needs at least one")]
    NoWeeks(Pointer),
    /// A capacity that an attestation cannot carry exactly.
    #[error("`{pointer}`: {source}; an attestation counts whole millionths below 2^64")]
    Quantity {
        /// The capacity's place.
        pointer: Pointer,
        /// Why.
        source: DecimalError,
    },
    /// A week that is no Monday or stands twice, or an unclear unit.
    #[error(transparent)]
    Group(#[from] MatchError),
}

/// The attestations of a group: one per [`MAX_WEEKS`] weeks, ascending, each week in exactly one.
///
/// # Errors
/// [`CertificationError`]: an inactive group, no weeks, a week that is no Monday or stands twice, a capacity finer
/// than a millionth or above 2⁶⁴ − 1 millionths.
pub fn certify(group: &WeekBasedCapacityGroup) -> Result<Vec<Certification>, CertificationError> {
    if group.capacity_group_is_inactive {
        return Err(CertificationError::Inactive {
            id: group.capacity_group_id.clone(),
            pointer: Pointer::path(&["capacityGroupIsInactive"]),
        });
    }
    let resource = Resource::of(group)?;
    let capacities = group.capacities.as_deref().unwrap_or_default();
    let array = Pointer::path(&["capacities"]);
    let index = index_weeks(GROUP, &array, capacities.iter().map(|c| c.point_in_time))?;
    let mut weeks = Vec::with_capacity(capacities.len());
    for (week, i) in index {
        let quantity = capacities[i].actual_capacity.to_millionths();
        let pointer = array.index(i).member("actualCapacity");
        weeks.push(CertifiedWeek {
            bucket: week.bucket().map_err(|e| MatchError::Value {
                document: GROUP,
                pointer: array.index(i).member("pointInTime"),
                reason: e.to_string(),
            })?,
            quantity: quantity.map_err(|source| CertificationError::Quantity { pointer, source })?,
        });
    }
    if weeks.is_empty() {
        return Err(CertificationError::NoWeeks(array));
    }
    let attestation = |weeks: &[CertifiedWeek]| Certification {
        resource: resource.clone(),
        supplier: group.supplier.clone(),
        weeks: weeks.to_vec(),
    };
    Ok(weeks.chunks(MAX_WEEKS).map(attestation).collect())
}
