//! The example files, read at run time.
#![allow(dead_code, reason = "each test file uses a part of these helpers")]

use std::path::PathBuf;

use privity_documents::deal::DealSources;
use privity_documents::{
    DeliveryInformation, Document, RequestForQuotation, WeekBasedCapacityGroup, WeekBasedMaterialDemand,
};

pub fn read(path: &str) -> Vec<u8> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    std::fs::read(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

pub fn text(path: &str) -> String {
    String::from_utf8(read(path)).unwrap()
}

pub fn sample<T: Document>() -> T {
    T::from_slice(&read(&format!("catena-x/{}.json", T::NAME))).unwrap()
}

pub fn deal_document<T: Document>() -> T {
    T::from_slice(&read(&format!("deal/{}.json", T::NAME))).unwrap()
}

/// The files of the example deal, to be altered.
#[derive(Clone)]
pub struct DealFiles {
    pub group: String,
    pub demand: String,
    pub rfq: String,
    pub delivery: String,
    pub table: String,
    pub config: String,
}

impl DealFiles {
    pub fn load() -> Self {
        let document = |name: &str| text(&format!("deal/{name}.json"));
        Self {
            group: document(WeekBasedCapacityGroup::NAME),
            demand: document(WeekBasedMaterialDemand::NAME),
            rfq: document(RequestForQuotation::NAME),
            delivery: document(DeliveryInformation::NAME),
            table: text("price_breaks.csv"),
            config: text("deal/deal.toml"),
        }
    }

    pub fn sources(&self) -> DealSources<'_> {
        DealSources {
            capacity_group: self.group.as_bytes(),
            material_demand: self.demand.as_bytes(),
            request_for_quotation: self.rfq.as_bytes(),
            delivery_information: self.delivery.as_bytes(),
            price_table: self.table.as_bytes(),
            config: self.config.as_bytes(),
        }
    }
}

/// Replaces what must be there.
pub fn swap(text: &mut String, from: &str, to: &str) {
    assert!(text.contains(from), "`{from}` is not in the file");
    *text = text.replace(from, to);
}
