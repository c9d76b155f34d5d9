//! The published sample documents, as they are.

mod support;

use privity_documents::certification::{CertificationError, certify};
use privity_documents::json::Json;
use privity_documents::matching::{Gap, MatchError, check_order_unit, compare};
use privity_documents::{
    Decimal, DeliveryInformation, Document, RequestForQuotation, WeekBasedCapacityGroup, WeekBasedMaterialDemand,
};
use support::{deal_document, read, sample};

#[test]
fn samples_import_as_they_are() {
    let group: WeekBasedCapacityGroup = sample();
    let week = &group.capacities.as_ref().unwrap()[0];
    assert_eq!(week.actual_capacity.to_millionths(), Ok(1_000_000_000));
    assert_eq!(week.agreed_capacity.unwrap().to_thousandths(), Ok(1_800_000));
    let link = &group.linked_demand_series.as_ref().unwrap()[0];
    assert_eq!(link.load_factor.unwrap().to_thousandths(), Ok(3_500));

    let demand: WeekBasedMaterialDemand = sample();
    assert_eq!(demand.demand_series[0].demands[0].demand, Decimal::from_integer(1000));

    let rfq: RequestForQuotation = sample();
    assert_eq!(rfq.configuration.order_quantity.number, Decimal::parse("2.5").unwrap());
    assert_eq!(rfq.configuration.order_quantity.unit, "unit:litre");

    let delivery: DeliveryInformation = sample();
    let item = &delivery.positions[0].deliveries[0];
    assert_eq!(item.quantity.value.to_thousandths(), Ok(20_000));
    assert_eq!(item.transit_events[0].kind, "estimated-departure");
}

#[test]
fn the_inactive_sample_group_is_refused_for_certification() {
    let mut group: WeekBasedCapacityGroup = sample();
    let Err(CertificationError::Inactive { pointer, .. }) = certify(&group) else {
        panic!("an inactive group was certified");
    };
    assert_eq!(pointer.as_str(), "/capacityGroupIsInactive");
    group.capacity_group_is_inactive = false;
    assert_eq!(certify(&group).unwrap()[0].weeks.len(), 1, "the active twin is certified");
}

#[test]
fn litres_against_pieces_are_refused_with_the_pointer() {
    let group: WeekBasedCapacityGroup = sample();
    let rfq: RequestForQuotation = sample();
    let Err(MatchError::Unit { pointer, found, wanted, .. }) = check_order_unit(&rfq, &group) else {
        panic!("litres were taken for pieces");
    };
    assert_eq!(pointer.as_str(), "/rfqConfiguration/orderQuantity/measurementUnit");
    assert_eq!((found.as_str(), wanted.as_str()), ("unit:litre", "unit:piece"));
    check_order_unit(&deal_document(), &group).unwrap();
}

#[test]
fn inactive_samples_are_named_and_not_compared() {
    let group: WeekBasedCapacityGroup = sample();
    let demand: WeekBasedMaterialDemand = sample();
    let report = compare(&group, std::slice::from_ref(&demand)).unwrap();
    let id = group.capacity_group_id.clone();
    assert_eq!((report.weeks.len(), report.gaps), (0, vec![Gap::InactiveGroup { id }]));

    let nested = group.linked_capacity_groups.clone().unwrap()[0].clone();
    let active = WeekBasedCapacityGroup { capacity_group_is_inactive: false, ..group };
    let report = compare(&active, std::slice::from_ref(&demand)).unwrap();
    let id = demand.material_demand_id;
    let gaps = vec![Gap::InactiveDemand { id }, Gap::NestedGroup { id: nested }, Gap::NothingLinked];
    assert_eq!((report.weeks.len(), report.gaps), (0, gaps));
}

fn round_trips<T: Document + PartialEq + std::fmt::Debug>() {
    for document in [sample::<T>(), deal_document::<T>()] {
        let written = document.to_text().unwrap();
        assert_eq!(T::from_slice(written.as_bytes()).unwrap(), document);
    }
}

#[test]
fn documents_round_trip() {
    round_trips::<WeekBasedCapacityGroup>();
    round_trips::<WeekBasedMaterialDemand>();
    round_trips::<RequestForQuotation>();
    round_trips::<DeliveryInformation>();
}

#[test]
fn unknown_members_are_accepted_and_kept() {
    let text = String::from_utf8(read("catena-x/WeekBasedCapacityGroup.json")).unwrap();
    let text = text.replacen('{', "{ \"x-erp\" : { \"n\" : 1.50E+400 },", 1);
    let text = text.replacen("\"loadFactor\"", "\"x-tool\" : null, \"loadFactor\"", 1);
    let group = WeekBasedCapacityGroup::from_slice(text.as_bytes()).unwrap();
    let written = group.to_text().unwrap();
    assert!(written.contains("1.50E+400") && written.contains("\"x-tool\": null"), "{written}");
}

#[test]
fn a_writer_refuses_what_the_schema_refuses() {
    let mut group: WeekBasedCapacityGroup = sample();
    group.supplier = "BPNL1".to_owned();
    let error = group.to_text().unwrap_err();
    assert_eq!(error.pointer().unwrap().as_str(), "/supplier");
}

#[test]
fn updates_are_ordered_by_their_instant() {
    let older: WeekBasedCapacityGroup = sample();
    let mut newer = older.clone();
    // Later by the clock on the wall, earlier as an instant.
    newer.changed_at = privity_documents::calendar::DateTime::parse("2023-03-10T13:27:11+02:00").unwrap();
    assert!(!newer.replaces(&older).unwrap() && older.replaces(&newer).unwrap());
    newer.capacity_group_id = "be4d8470-2de6-43d2-b5f8-2e5d3eebf3fd".to_owned();
    assert!(!older.replaces(&newer).unwrap(), "another group is not replaced");
}

#[test]
fn embedded_schemas_are_the_published_ones() {
    let published = |name: &str| Json::parse(&read(&format!("catena-x/{name}-schema.json"))).unwrap();
    assert_eq!(WeekBasedCapacityGroup::schema().as_json(), &published("WeekBasedCapacityGroup"));
    assert_eq!(WeekBasedMaterialDemand::schema().as_json(), &published("WeekBasedMaterialDemand"));
    assert_eq!(RequestForQuotation::schema().as_json(), &published("RequestForQuotation"));
    assert_eq!(DeliveryInformation::schema().as_json(), &published("DeliveryInformation"));
}
