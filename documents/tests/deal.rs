//! The example deal: its integers, and what happens when a file changes.

mod support;

use privity_documents::deal::{DealError, DealInputs, Mode, Receipt, Rounding, Stage};
use privity_documents::price_table::Tier;
use privity_documents::resource::document_hash;
use proptest::prelude::*;
use support::{DealFiles, swap};

const DAY: u64 = 86_400;
/// 2026-03-13T00:00:00Z: the midnight that ends the last delivery date.
const DUE: u64 = 20_525 * DAY;

fn inputs(change: impl FnOnce(&mut DealFiles)) -> Result<DealInputs, DealError> {
    let mut files = DealFiles::load();
    change(&mut files);
    DealInputs::read(files.sources())
}

#[test]
fn the_example_deal_in_integers() {
    let files = DealFiles::load();
    let deal = DealInputs::read(files.sources()).unwrap();
    assert_eq!((deal.quantity, deal.increments, deal.load_factor), (1_000_000, 1_000, 3_500));
    assert_eq!(deal.capacity_used, 3_500_000_000);
    assert_eq!((deal.bucket, deal.due), (20_521, DUE));
    assert_eq!(deal.unit, "unit:piece");
    assert_eq!(deal.currency, "USD");
    let tiers = [(100_000, 384_500), (1_000_000, 219_600)];
    assert_eq!(deal.tiers, tiers.map(|(minimum, unit_price)| Tier { minimum, unit_price }));
    assert_eq!((deal.surcharge, deal.config.price.allowance, deal.config.price.set_up), (5_000, 250, 3_500));
    let price = &deal.config.price;
    assert_eq!(
        (price.mode, price.rounding, price.stage, price.decimals),
        (Mode::AllUnits, Rounding::HalfUp, Stage::Line, 4)
    );
    assert_eq!(price.payment_unlock, 0);
    assert_eq!(deal.certifications.len(), 1);
    assert!(deal.certifications[0].weeks.iter().all(|w| w.quantity == 4_000_000_000));
    assert_eq!(deal.certifications[0].weeks.len(), 8);
    assert_eq!(deal.document_hash, document_hash(files.rfq.as_bytes()));
    assert_eq!(deal.resource, deal.certifications[0].resource.content_id());
    assert_eq!(deal.config.ledger.genesis, 20_500 * DAY);
    let receipts = [(400_000, DUE - 15 * 3600), (1_000_000, DUE + 11 * DAY + 14 * 3600 + 1800)];
    assert_eq!(deal.receipts, receipts.map(|(delivered, time)| Receipt { delivered, time }));
    let lateness = deal.config.lateness();
    assert_eq!(deal.receipts.iter().map(|r| lateness.deduction(deal.due, r.time)).collect::<Vec<_>>(), [0, 100]);
    assert!(deal.config.remedy.escrow && deal.config.remedy.claim_until >= lateness.earliest_claim_until(DUE));
}

/// 1 000 × 0.2196 × 1.5 × 0.975 = 321.165, a remainder of exactly one half.
#[test]
fn the_example_line_ends_between_two_cents() {
    let deal = inputs(|_| {}).unwrap();
    let f = (10_000 + u128::from(deal.surcharge)) * (10_000 - u128::from(deal.config.price.allowance));
    let raw = u128::from(deal.quantity) * u128::from(deal.tiers[1].unit_price) * f;
    let divisor = 1_000 * 100_000_000 * 10_000_u128;
    assert_eq!((raw / divisor, raw % divisor * 2), (32_116, divisor));
}

proptest! {
    #[test]
    fn the_quantity_is_the_rfq_s(pieces in 100_u64..=1_142) {
        let deal = inputs(|f| swap(&mut f.rfq, "1000.0", &pieces.to_string())).unwrap();
        prop_assert_eq!(deal.quantity, pieces * 1_000);
        prop_assert_eq!(deal.increments, pieces);
        prop_assert_eq!(deal.capacity_used, pieces * 3_500_000);
    }

    #[test]
    fn the_due_date_is_the_rfq_s(day in 13_u64..=29) {
        let late = inputs(|f| {
            swap(&mut f.rfq, "\"lastDeliveryDate\" : \"2026-03-12\"", &format!("\"lastDeliveryDate\" : \"2026-03-{day}\""));
            swap(&mut f.config, "2026-06-08", "2026-07-08");
        }).unwrap();
        prop_assert_eq!(late.due, DUE + (day - 12) * DAY);
        prop_assert_ne!(late.document_hash, inputs(|_| {}).unwrap().document_hash);
    }

    #[test]
    fn every_usd_row_that_1000_pieces_reach_makes_a_deal(index in 0_usize..1000) {
        let files = DealFiles::load();
        let table = privity_documents::price_table::PriceTable::from_slice(files.table.as_bytes()).unwrap();
        let rows: Vec<_> = table.parts().collect();
        let row = rows[index % rows.len()];
        let deal = inputs(|f| {
            swap(&mut f.config, "part = 15", &format!("part = {}", row.part));
            swap(&mut f.config, "541-3247-2-ND", &row.sku);
            swap(&mut f.config, "\"USD\"", &format!("\"{}\"", row.currency));
        }).unwrap();
        prop_assert_eq!(&deal.tiers, &row.tiers);
        prop_assert_eq!(&deal.currency, &row.currency);
    }
}

/// Each change alone is refused, at its place.
#[test]
fn contradictions_are_refused_at_their_place() {
    type Change = fn(&mut DealFiles);
    let cases: [(&str, &str, Change); 30] = [
        ("RequestForQuotation", "/cxHeader/receiverBpn", |f| swap(&mut f.rfq, "BPNL6666666666YY", "BPNL6666666666YZ")),
        ("RequestForQuotation", "/cxHeader/senderBpn", |f| swap(&mut f.rfq, "BPNL8888888888XX", "BPNL8888888888XY")),
        ("WeekBasedMaterialDemand", "/supplier", |f| swap(&mut f.demand, "BPNL6666666666YY", "BPNL6666666666YZ")),
        ("WeekBasedMaterialDemand", "/customer", |f| swap(&mut f.demand, "BPNL8888888888XX", "BPNL8888888888XY")),
        ("RequestForQuotation", "/rfqConfiguration/parts/partId", |f| {
            swap(&mut f.rfq, "MNR-7307-AU340474.002", "MNR-1")
        }),
        ("DeliveryInformation", "/materialGlobalAssetId", |f| swap(&mut f.delivery, "48878d48", "48878d49")),
        ("DeliveryInformation", "/materialGlobalAssetId", |f| swap(&mut f.demand, "materialGlobalAssetId", "x")),
        ("DeliveryInformation", "/positions/0/orderPositionReference/customerOrderId", |f| {
            swap(&mut f.delivery, "C-Nbr-4711", "C-Nbr-4712")
        }),
        ("DeliveryInformation", "/positions/0/deliveries/1/deliveryQuantity/value", |f| {
            swap(&mut f.delivery, "600.0", "600.0001")
        }),
        ("DeliveryInformation", "/positions/0/deliveries/0/deliveryQuantity/unit", |f| {
            swap(&mut f.delivery, "unit:piece", "unit:set")
        }),
        ("DeliveryInformation", "/positions/0/deliveries/0/transitLocations/origin/bpnsProperty", |f| {
            swap(&mut f.delivery, "BPNS6666666666YY", "BPNS6666666666YZ")
        }),
        ("DeliveryInformation", "/positions/0/deliveries/0/transitLocations/destination/bpnsProperty", |f| {
            swap(&mut f.delivery, "BPNS8888888888XX", "BPNS8888888888XY")
        }),
        ("DeliveryInformation", "/positions/0/deliveries/1/transitEvents/0/dateTimeOfEvent", |f| {
            swap(&mut f.delivery, "T15:30:00+01:00", "T15:30:00")
        }),
        ("DeliveryInformation", "/positions/0/deliveries/1/transitEvents/0/dateTimeOfEvent", |f| {
            swap(&mut f.delivery, "T15:30:00+", "T15:30:00.5+")
        }),
        ("RequestForQuotation", "/rfqConfiguration/orderQuantity/quantityNumber", |f| {
            swap(&mut f.rfq, "1000.0", "1000.5")
        }),
        ("RequestForQuotation", "/rfqConfiguration/orderQuantity/quantityNumber", |f| {
            swap(&mut f.rfq, "1000.0", "1000.0005")
        }),
        ("RequestForQuotation", "/rfqConfiguration/orderQuantity/quantityNumber", |f| swap(&mut f.rfq, "1000.0", "0")),
        ("RequestForQuotation", "/rfqConfiguration/orderQuantity/quantityNumber", |f| swap(&mut f.rfq, "1000.0", "99")),
        ("RequestForQuotation", "/rfqConfiguration/orderQuantity/quantityNumber", |f| {
            f.rfq = f.rfq.replacen("1000.0", "999", 1)
        }),
        ("RequestForQuotation", "/rfqConfiguration/lastDeliveryDate", |f| swap(&mut f.rfq, "2026-03-12", "2026-04-27")),
        ("RequestForQuotation", "/rfqConfiguration/firstDeliveryDate", |f| {
            swap(&mut f.rfq, "2026-03-11", "2026-03-01")
        }),
        ("RequestForQuotation", "/rfqConfiguration/lastDeliveryDate", |f| swap(&mut f.rfq, "2026-03-11", "2026-03-13")),
        ("RequestForQuotation", "/rfqConfiguration/lastDeliveryDate", |f| {
            swap(&mut f.config, "2026-02-16T", "2026-03-16T")
        }),
        ("WeekBasedCapacityGroup", "/linkedDemandSeries/0/loadFactor", |f| swap(&mut f.group, "3.5", "3.5001")),
        ("WeekBasedCapacityGroup", "/linkedDemandSeries/0/loadFactor", |f| swap(&mut f.group, "3.5", "0")),
        ("WeekBasedCapacityGroup", "/linkedDemandSeries", |f| swap(&mut f.demand, "\"0001\"", "\"A1S1\"")),
        ("deal.toml", "/goods/capacity_week", |f| swap(&mut f.config, "2026-03-09", "2026-04-27")),
        ("deal.toml", "/goods/capacity_week", |f| swap(&mut f.group, "3.5", "4.001")),
        ("deal.toml", "/remedy/claim_until", |f| swap(&mut f.config, "2026-06-08T00", "2026-06-04T23")),
        ("deal.toml", "/price/sku", |f| swap(&mut f.config, "part = 15", "part = 17")),
    ];
    for (file, place, change) in cases {
        match inputs(change) {
            Err(DealError::Conflict { file: found, pointer, reason }) => {
                assert_eq!((found, pointer.as_str()), (file, place), "{reason}");
            }
            other => panic!("{file} {place}: {other:?}"),
        }
    }
}

#[test]
fn the_row_s_currency_names_the_token() {
    let Err(DealError::Conflict { file, pointer, .. }) = inputs(|f| swap(&mut f.config, "\"USD\"", "\"EUR\"")) else {
        panic!("a price in USD was taken for EUR");
    };
    assert_eq!((file, pointer.as_str()), ("deal.toml", "/token/currency"));
}

#[test]
fn an_order_in_litres_is_refused() {
    let refused = inputs(|f| swap(&mut f.rfq, "unit:piece", "unit:litre"));
    assert!(matches!(refused, Err(DealError::Match(_))), "{refused:?}");
}

#[test]
fn an_inactive_group_makes_no_deal() {
    let refused =
        inputs(|f| swap(&mut f.group, "\"capacityGroupIsInactive\" : false", "\"capacityGroupIsInactive\" : true"));
    assert!(matches!(refused, Err(DealError::Certification(_))), "{refused:?}");
}

#[test]
fn receipts_are_cumulative_in_order_of_arrival() {
    let swapped = inputs(|f| {
        swap(&mut f.delivery, "400.0", "1.0");
        swap(&mut f.delivery, "2026-03-12T10:00:00+01:00", "2026-04-12T10:00:00+02:00");
    });
    let delivered: Vec<u64> = swapped.unwrap().receipts.iter().map(|r| r.delivered).collect();
    assert_eq!(delivered, [600_000, 601_000]);
    let on_the_way = inputs(|f| f.delivery = f.delivery.replacen("actual-arrival", "estimated-arrival", 1));
    let delivered: Vec<u64> = on_the_way.unwrap().receipts.iter().map(|r| r.delivered).collect();
    assert_eq!(delivered, [600_000], "what has not arrived is no receipt");
    let over = inputs(|f| swap(&mut f.delivery, "600.0", "605.0")).unwrap();
    assert_eq!(over.receipts[1].delivered, 1_005_000, "more than ordered is reported as it is");
}

#[test]
fn the_configuration_is_strict() {
    let refused = |from: &str, to: &str| {
        let error = inputs(|f| swap(&mut f.config, from, to)).unwrap_err();
        assert!(matches!(error, DealError::Config(_)), "{from} -> {to}: {error}");
        error.to_string()
    };
    assert!(refused("escrow = true", "escrow = true\nescrov = 1").contains("escrov"));
    assert!(refused("allowance = 250", "").contains("allowance"));
    assert!(refused("set_up = 3500", "set_up = 35.00").contains("floating point"));
    refused("set_up = 3500", "set_up = 281474976710656");
    refused("allowance = 250", "allowance = 10001");
    refused("lateness_rate = 50", "lateness_rate = -1");
    refused("decimals = 4", "decimals = 7");
    refused("exponent = 2", "exponent = 7");
    refused("\"half-up\"", "\"nearest\"");
    refused("2026-02-16T00:00:00Z", "2026-02-16T00:30:00Z");
    refused("2026-02-16T00:00:00Z", "2026-02-16T00:00:00");
    refused("capacity_week = \"2026-03-09\"", "capacity_week = \"09.03.2026\"");
    refused("increment = 1000", "increment = 0");
    refused("inspector = \"inspector\"\narbiter", "inspector = \"buyer\"\narbiter");
    refused("auditor = \"auditor\"\n\n", "auditor = \"nobody\"\n\n");
    refused("inspector = \"inspector\"\narbiter = \"arbiter\"\n", "");
    refused("currency = \"USD\"", "currency = \"usd\"");
    refused("currency = \"USD\"", "");
    refused("[fee]", "[fee]]");
}
