//! Decoders meet damaged bytes: an error or a value, never a panic; and what is accepted survives its own writer.

mod support;

use privity_documents::deal::{DealConfig, DealInputs, DealSources};
use privity_documents::json::Json;
use privity_documents::price_table::PriceTable;
use privity_documents::{
    DeliveryInformation, Document, RequestForQuotation, WeekBasedCapacityGroup, WeekBasedMaterialDemand,
};
use proptest::prelude::*;
use support::{DealFiles, read};

/// Overwrites, cuts, doubles and inserts.
fn damage(mut bytes: Vec<u8>, edits: &[(u8, usize, u8)]) -> Vec<u8> {
    const TOKENS: [&[u8]; 8] = [b"\"", b"{", b"]", b"-1e+999", b"null", b"\\ud800", b"\xff", b","];
    for &(kind, place, value) in edits {
        let at = place % (bytes.len() + 1);
        match kind % 4 {
            0 if at < bytes.len() => bytes[at] = value,
            1 => bytes.truncate(at.max(bytes.len() / 2)),
            2 => {
                let end = (at + usize::from(value)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let token = TOKENS[usize::from(value) % TOKENS.len()];
                bytes.splice(at..at, token.iter().copied());
            }
        }
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<(u8, usize, u8)>> {
    prop::collection::vec((any::<u8>(), any::<usize>(), any::<u8>()), 1..4)
}

fn decode<T: Document + PartialEq + std::fmt::Debug>(edits: &[(u8, usize, u8)]) {
    for folder in ["catena-x", "deal"] {
        let bytes = damage(read(&format!("{folder}/{}.json", T::NAME)), edits);
        if let Ok(document) = T::from_slice(&bytes) {
            let text = document.to_text().expect("what was read can be written");
            assert_eq!(T::from_slice(text.as_bytes()).as_ref(), Ok(&document));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn damaged_documents(edits in edits()) {
        decode::<WeekBasedCapacityGroup>(&edits);
        decode::<WeekBasedMaterialDemand>(&edits);
        decode::<RequestForQuotation>(&edits);
        decode::<DeliveryInformation>(&edits);
    }

    #[test]
    fn damaged_tables_and_configurations(edits in edits()) {
        let _ = PriceTable::from_slice(&damage(read("price_breaks.csv"), &edits));
        let _ = DealConfig::from_slice(&damage(read("deal/deal.toml"), &edits));
    }

    #[test]
    fn damaged_deals(which in 0_usize..6, edits in edits()) {
        let files = DealFiles::load();
        let sources = files.sources();
        let mut parts = [
            sources.capacity_group, sources.material_demand, sources.request_for_quotation,
            sources.delivery_information, sources.price_table, sources.config,
        ].map(<[u8]>::to_vec);
        parts[which] = damage(std::mem::take(&mut parts[which]), &edits);
        let _ = DealInputs::read(DealSources {
            capacity_group: &parts[0],
            material_demand: &parts[1],
            request_for_quotation: &parts[2],
            delivery_information: &parts[3],
            price_table: &parts[4],
            config: &parts[5],
        });
    }

    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Json::parse(&bytes);
        let _ = WeekBasedCapacityGroup::from_slice(&bytes);
        let _ = PriceTable::from_slice(&bytes);
        let _ = DealConfig::from_slice(&bytes);
    }

    #[test]
    fn texts(text in "\\PC{0,40}") {
        let _ = privity_documents::Decimal::parse(&text);
        let _ = privity_documents::calendar::Date::parse(&text);
        let _ = privity_documents::calendar::DateTime::parse(&text);
    }

    #[test]
    fn date_time_shapes(text in "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,14}[Z+-]?[0-9:]{0,6}") {
        if let Ok(time) = privity_documents::calendar::DateTime::parse(&text) {
            let _ = time.unix_seconds();
        }
    }
}
