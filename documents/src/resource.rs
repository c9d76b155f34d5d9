//! The identity of a capacity, and content ids.
//!
//! Two attestations over one machine park must name one resource, else the same hour could be certified twice. So the
//! identity is built from canonical forms only:
//!
//! ```text
//! resource = SHA-256( field("privity.v1.resource") ‖ field(group) ‖ count ‖ field(location)… ‖ field(unit) )
//! field(x) = length of x in bytes (u32, big-endian) ‖ x
//! count    = number of locations (u32, big-endian)
//! group    = the 36 characters of the capacity group's UUID, lower case, without `urn:uuid:`
//! location = a supplier location's BPNS in upper case; ascending by bytes, each once
//! unit     = the unit of measure as in the document; empty if the document says that it is omitted
//! ```

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::capacity_group::WeekBasedCapacityGroup;
use crate::links::uuid;
use crate::matching::{MatchError, group_unit};

/// The label that opens a resource's canonical bytes.
pub const LABEL: &str = "privity.v1.resource";

/// The canonical identity of a capacity group: `resource` of protocol section 3.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Resource {
    group: String,
    locations: BTreeSet<String>,
    unit: Option<String>,
}

impl Resource {
    /// The identity of a capacity group.
    ///
    /// # Errors
    /// [`MatchError::UnitUnclear`] if the group contradicts itself about its unit.
    pub fn of(group: &WeekBasedCapacityGroup) -> Result<Self, MatchError> {
        let unit = group_unit(group)?.map(str::to_owned);
        let locations = group.supplier_locations.iter().flatten();
        Ok(Self {
            group: uuid(&group.capacity_group_id),
            locations: locations.map(|l| l.to_ascii_uppercase()).collect(),
            unit,
        })
    }

    /// The canonical bytes, laid out as this module's page says.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut field = |text: &str| {
            bytes.extend(length(text.len()));
            bytes.extend(text.as_bytes());
        };
        field(LABEL);
        field(&self.group);
        bytes.extend(length(self.locations.len()));
        for text in self.locations.iter().chain([self.unit.as_ref().unwrap_or(&String::new())]) {
            bytes.extend(length(text.len()));
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    /// The content id: SHA-256 of the canonical bytes.
    #[must_use]
    pub fn content_id(&self) -> [u8; 32] {
        Sha256::digest(self.canonical_bytes()).into()
    }

    /// The unit of the capacity, if it has one.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }
}

/// The document hash: SHA-256 of a document's bytes exactly as received, so that any tool reproduces it from the file.
///
/// No canonical JSON: both parties keep the very bytes, and a re-serialised document is another document.
#[must_use]
pub fn document_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A length as u32; every text comes from a document below 2²⁴ bytes.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
