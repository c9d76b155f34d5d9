//! Matching, certification and identity.

mod support;

use privity_documents::calendar::Date;
use privity_documents::certification::{CertificationError, certify};
use privity_documents::matching::{Gap, MatchError, Outcome, compare};
use privity_documents::resource::{Resource, document_hash};
use privity_documents::{Decimal, WeekBasedCapacityGroup, WeekBasedMaterialDemand};
use proptest::prelude::*;
use support::deal_document;

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn deal() -> (WeekBasedCapacityGroup, WeekBasedMaterialDemand) {
    (deal_document(), deal_document())
}

#[test]
fn the_deal_documents_show_every_outcome() {
    let (group, demand) = deal();
    let report = compare(&group, &[demand]).unwrap();
    assert_eq!(report.gaps, []);
    let seen: Vec<(String, Outcome)> = report.weeks.iter().map(|w| (w.load.to_string(), w.outcome)).collect();
    let bottleneck = |flexible| Outcome::Bottleneck { flexible };
    let expected = [
        ("3150", Outcome::Surplus),
        ("3500", Outcome::Surplus),
        ("4000", Outcome::ZeroDeviation), // 3 500 and a delta of 500
        ("3999.8", Outcome::Surplus),
        ("4200", bottleneck(true)),
        ("4550", bottleneck(false)),
        ("0", Outcome::Surplus),
        ("3999.9995", Outcome::Surplus), // not rounded to 4 000
    ];
    assert_eq!(seen, expected.map(|(load, outcome)| (load.to_owned(), outcome)));
    assert_eq!(report.weeks[7].deviation, decimal("0.0005"));
}

proptest! {
    /// The eight rows of the standard's table, by integers.
    #[test]
    fn outcomes_follow_the_table(load in 0_u32..6, actual in 0_u32..6, extra in 0_u32..3) {
        let (mut group, mut demand) = deal();
        group.linked_demand_series.as_mut().unwrap()[0].load_factor = None;
        let week = &mut group.capacities.as_mut().unwrap()[0];
        week.actual_capacity = Decimal::from_integer(actual);
        week.maximum_capacity = Decimal::from_integer(actual + extra);
        demand.demand_series[0].demands[0].demand = Decimal::from_integer(load);
        let outcome = compare(&group, &[demand]).unwrap().weeks[0].outcome;
        let expected = if load == actual { Outcome::ZeroDeviation }
            else if load < actual { Outcome::Surplus }
            else { Outcome::Bottleneck { flexible: load <= actual + extra } };
        prop_assert_eq!(outcome, expected);
    }
}

#[test]
fn missing_weeks_are_named_and_never_zero() {
    let (mut group, mut demand) = deal();
    group.capacities.as_mut().unwrap().remove(1);
    demand.demand_series[0].demands.remove(4);
    let id = demand.material_demand_id.clone();
    let report = compare(&group, &[demand]).unwrap();
    let series = privity_documents::json::Pointer::path(&["demandSeries", "0"]);
    assert_eq!(
        report.gaps,
        [
            Gap::MissingCapacity { week: date("2026-03-09") },
            Gap::MissingDemand { week: date("2026-03-30"), id, series },
        ]
    );
    assert_eq!(report.weeks.len(), 6);
    assert!(report.weeks.iter().all(|w| w.week != date("2026-03-09") && w.week != date("2026-03-30")));
}

#[test]
fn a_linked_series_without_a_document_leaves_every_week_open() {
    let (mut group, demand) = deal();
    let links = group.linked_demand_series.as_mut().unwrap();
    let mut second = links[0].clone();
    second.material_number_customer = "another".to_owned();
    links.push(second);
    let report = compare(&group, std::slice::from_ref(&demand)).unwrap();
    assert!(report.weeks.is_empty());
    assert!(matches!(&report.gaps[..], [Gap::MissingSeries { link }] if link.as_str() == "/linkedDemandSeries/1"));

    let mut other = demand.clone();
    other.material_number_customer = "another".to_owned();
    other.material_demand_id = "be4d8470-2de6-43d2-b5f8-2e5d3eebf3fd".to_owned();
    other.material_demand_is_inactive = true;
    let report = compare(&group, &[demand.clone(), other.clone()]).unwrap();
    assert_eq!((report.weeks.len(), report.gaps.len()), (8, 1), "an inactive demand is left out");

    other.material_demand_is_inactive = false;
    let report = compare(&group, &[demand, other]).unwrap();
    assert_eq!(report.weeks[0].load, decimal("6300"), "two series add up");
}

#[test]
fn a_nested_group_leaves_every_week_open() {
    let (mut group, demand) = deal();
    let id = "be4d8470-2de6-43d2-b5f8-2e5d3eebf3fd".to_owned();
    group.linked_capacity_groups = Some(vec![id.clone()]);
    let report = compare(&group, &[demand]).unwrap();
    assert_eq!((report.weeks.len(), report.gaps), (0, vec![Gap::NestedGroup { id }]));
}

#[test]
fn two_states_of_one_demand_are_not_added_up() {
    let (group, demand) = deal();
    let mut update = demand.clone();
    update.material_demand_id = format!("urn:uuid:{}", demand.material_demand_id.to_uppercase());
    let Err(MatchError::Value { pointer, .. }) = compare(&group, &[demand, update]) else {
        panic!("one demand was counted twice");
    };
    assert_eq!(pointer.as_str(), "/materialDemandId");
}

#[test]
fn units_differ_only_with_a_load_factor() {
    let (mut group, mut demand) = deal();
    demand.unit_of_measure = Some("unit:kilogram".to_owned());
    assert!(compare(&group, std::slice::from_ref(&demand)).is_ok(), "the load factor converts");
    group.linked_demand_series.as_mut().unwrap()[0].load_factor = None;
    let Err(MatchError::Unit { pointer, .. }) = compare(&group, &[demand.clone()]) else {
        panic!("kilograms were taken for pieces");
    };
    assert_eq!(pointer.as_str(), "/unitOfMeasure");
    demand.unit_of_measure_is_omitted = true;
    assert!(matches!(compare(&group, &[demand]), Err(MatchError::UnitUnclear { .. })));
}

#[test]
fn values_that_the_standard_excludes_are_refused_at_their_place() {
    let refused = |change: &dyn Fn(&mut WeekBasedCapacityGroup, &mut WeekBasedMaterialDemand), at: &str| {
        let (mut group, mut demand) = deal();
        change(&mut group, &mut demand);
        let Err(MatchError::Value { pointer, .. }) = compare(&group, &[demand]) else {
            panic!("{at} was accepted");
        };
        assert_eq!(pointer.as_str(), at);
    };
    refused(
        &|g, _| g.capacities.as_mut().unwrap()[3].maximum_capacity = decimal("3999"),
        "/capacities/3/maximumCapacity",
    );
    refused(&|g, _| g.capacities.as_mut().unwrap()[3].point_in_time = date("2026-03-02"), "/capacities/3/pointInTime");
    refused(
        &|_, d| d.demand_series[0].demands[2].point_in_time = date("2026-03-17"),
        "/demandSeries/0/demands/2/pointInTime",
    );
    refused(
        &|g, _| g.linked_demand_series.as_mut().unwrap()[0].load_factor = Some(decimal("-1")),
        "/linkedDemandSeries/0/loadFactor",
    );
}

#[test]
fn load_factors_stand_everywhere_or_nowhere() {
    let (mut group, demand) = deal();
    let links = group.linked_demand_series.as_mut().unwrap();
    let mut second = links[0].clone();
    (second.load_factor, second.demand_category.code) = (None, "A1S1".to_owned());
    links.push(second);
    let Err(MatchError::LoadFactorMissing(at)) = compare(&group, &[demand]) else {
        panic!("a missing load factor was taken for 1");
    };
    assert_eq!(at.as_str(), "/linkedDemandSeries/1/loadFactor");
}

#[test]
fn certification_lists_mondays_ascending_in_chunks_of_eight() {
    let (mut group, _) = deal();
    let capacities = group.capacities.as_mut().unwrap();
    capacities.reverse();
    let mut ninth = capacities[0].clone();
    (ninth.point_in_time, ninth.actual_capacity) = (date("2026-04-27"), decimal("0.000001"));
    capacities.insert(4, ninth);
    let attestations = certify(&group).unwrap();
    assert_eq!(attestations.iter().map(|a| a.weeks.len()).collect::<Vec<_>>(), [8, 1]);
    let weeks: Vec<(u32, u64)> =
        attestations.iter().flat_map(|a| a.weeks.iter().map(|w| (w.bucket, w.quantity))).collect();
    // 2026-03-02 is day 20 514.
    let mut expected: Vec<(u32, u64)> = (0..8).map(|i| (20_514 + 7 * i, 4_000_000_000)).collect();
    expected.push((20_570, 1));
    assert_eq!(weeks, expected);
}

#[test]
fn certification_refuses_what_it_cannot_attest() {
    let refused = |change: &dyn Fn(&mut WeekBasedCapacityGroup)| {
        let (mut group, _) = deal();
        change(&mut group);
        certify(&group).unwrap_err()
    };
    let at = |e: CertificationError| match e {
        CertificationError::Group(MatchError::Value { pointer, .. })
        | CertificationError::Quantity { pointer, .. }
        | CertificationError::NoWeeks(pointer) => pointer.as_str().to_owned(),
        other => panic!("{other}"),
    };
    assert_eq!(
        at(refused(&|g| g.capacities.as_mut().unwrap()[1].point_in_time = date("2026-03-10"))),
        "/capacities/1/pointInTime"
    );
    assert_eq!(
        at(refused(&|g| g.capacities.as_mut().unwrap()[1].point_in_time = date("2026-03-02"))),
        "/capacities/1/pointInTime"
    );
    assert_eq!(
        at(refused(&|g| g.capacities.as_mut().unwrap()[1].actual_capacity = decimal("0.0000005"))),
        "/capacities/1/actualCapacity"
    );
    assert_eq!(
        at(refused(&|g| g.capacities.as_mut().unwrap()[1].actual_capacity = decimal("1e18"))),
        "/capacities/1/actualCapacity"
    );
    assert_eq!(at(refused(&|g| g.capacities = None)), "/capacities");
}

#[test]
fn one_resource_has_one_id_however_it_is_spelled() {
    let (group, _) = deal();
    let id = Resource::of(&group).unwrap().content_id();
    let mut spelled = group.clone();
    spelled.capacity_group_id = format!("urn:uuid:{}", group.capacity_group_id.to_uppercase());
    spelled.supplier_locations = Some(vec!["BPNS6666666666yy".into(), "BPNS6666666666YY".into()]);
    assert_eq!(Resource::of(&spelled).unwrap().content_id(), id);
    let others: [&dyn Fn(&mut WeekBasedCapacityGroup); 4] = [
        &|g| g.capacity_group_id = "1157ba42-d2a8-4e28-8565-7b07830c1110".into(),
        &|g| g.supplier_locations.as_mut().unwrap().push("BPNS7777777777YY".into()),
        &|g| g.unit_of_measure = Some("unit:cycle".into()),
        &|g| (g.unit_of_measure, g.unit_of_measure_is_omitted) = (None, true),
    ];
    for change in others {
        let mut other = group.clone();
        change(&mut other);
        assert_ne!(Resource::of(&other).unwrap().content_id(), id);
    }
}

#[test]
fn the_layout_of_a_resource_is_pinned() {
    let (mut group, _) = deal();
    group.supplier_locations = Some(vec!["BPNS7777777777YY".into(), "BPNS6666666666YY".into()]);
    let mut expected = Vec::new();
    let mut field = |text: &str| {
        expected.extend((text.len() as u32).to_be_bytes());
        expected.extend(text.as_bytes());
    };
    field("privity.v1.resource");
    field("0157ba42-d2a8-4e28-8565-7b07830c1110");
    expected.extend([0, 0, 0, 2]);
    for text in ["BPNS6666666666YY", "BPNS7777777777YY", "unit:piece"] {
        expected.extend((text.len() as u32).to_be_bytes());
        expected.extend(text.as_bytes());
    }
    let resource = Resource::of(&group).unwrap();
    assert_eq!(resource.canonical_bytes(), expected);
    assert_eq!(hex(&resource.content_id()), PINNED);
    assert_eq!(hex(&document_hash(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

const PINNED: &str = "8ca8e365056d60252606b27075b8365812e41baf2ed5e5ea6c0d1f7eabf5b0a2";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
