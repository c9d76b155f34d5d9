//! Receipts prefilled from DeliveryInformation.

use serde::Serialize;

use super::inputs::{DELIVERY, DealError, conflict};
use crate::delivery_information::{Delivery, DeliveryInformation, Position};
use crate::json::Pointer;
use crate::material_demand::WeekBasedMaterialDemand;

/// A receipt for an inspector to confirm and sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Delivered since the beginning, in thousandths of the unit.
    pub delivered: u64,
    /// Actual arrival, Unix seconds.
    pub time: u64,
}

/// The deliveries, and what they must agree with.
pub(super) struct Arrivals<'a> {
    pub(super) delivery: &'a DeliveryInformation,
    pub(super) origins: &'a [String],
    pub(super) demand: &'a WeekBasedMaterialDemand,
    pub(super) unit: &'a str,
    pub(super) order: &'a str,
}

impl Arrivals<'_> {
    /// Actual arrivals in order of time, summed up; deliveries still on their way are no receipts.
    pub(super) fn receipts(&self) -> Result<Vec<Receipt>, DealError> {
        let mut arrivals = Vec::new();
        for (p, position) in self.delivery.positions.iter().enumerate() {
            let at = Pointer::path(&["positions"]).index(p);
            self.check_order(position, &at)?;
            for (d, delivery) in position.deliveries.iter().enumerate() {
                arrivals.extend(self.arrival(delivery, &at.member("deliveries").index(d))?);
            }
        }
        accumulate(arrivals)
    }

    fn check_order(&self, position: &Position, at: &Pointer) -> Result<(), DealError> {
        let order = position.order_position_reference.as_ref();
        if order.map(|r| r.customer_order_id.as_str()) == Some(self.order) {
            return Ok(());
        }
        let at = at.member("orderPositionReference").member("customerOrderId");
        Err(fail(at, format!("the order is `{}`", self.order)))
    }

    /// Time and quantity of a delivery that has arrived.
    fn arrival(&self, delivery: &Delivery, at: &Pointer) -> Result<Option<(u64, u64)>, DealError> {
        let quantity = at.member("deliveryQuantity");
        if delivery.quantity.unit != self.unit {
            return Err(fail(quantity.member("unit"), format!("the order counts in {}", self.unit)));
        }
        self.check_route(delivery, &at.member("transitLocations"))?;
        let amount = delivery.quantity.value.to_thousandths();
        let amount = amount.map_err(|e| fail(quantity.member("value"), e))?;
        let mut events = delivery.transit_events.iter().enumerate();
        let Some((e, event)) = events.find(|(_, event)| event.kind == "actual-arrival") else {
            return Ok(None);
        };
        let at = at.member("transitEvents").index(e).member("dateTimeOfEvent");
        let time = event.time.unix_seconds().map_err(|e| fail(at, e))?;
        Ok(Some((time, amount)))
    }

    fn check_route(&self, delivery: &Delivery, at: &Pointer) -> Result<(), DealError> {
        let route = &delivery.transit_locations;
        let (from, to) = (&route.origin.site, &route.destination.site);
        if !self.origins.contains(from) {
            let at = at.member("origin").member("bpnsProperty");
            return Err(fail(at, format!("{from} is no location of the capacity group")));
        }
        if !self.demand.demand_series.iter().any(|series| series.customer_location == *to) {
            let at = at.member("destination").member("bpnsProperty");
            return Err(fail(at, format!("{to} is no location of the material demand")));
        }
        Ok(())
    }
}

fn accumulate(mut arrivals: Vec<(u64, u64)>) -> Result<Vec<Receipt>, DealError> {
    arrivals.sort_unstable();
    let mut receipts: Vec<Receipt> = Vec::with_capacity(arrivals.len());
    let mut delivered = 0_u64;
    for (time, amount) in arrivals.into_iter().filter(|(_, amount)| *amount > 0) {
        delivered = delivered
            .checked_add(amount)
            .filter(|sum| *sum < 1 << 40)
            .ok_or_else(|| conflict(DELIVERY, &["positions"], "delivers 2^40 thousandths or more"))?;
        match receipts.last_mut() {
            Some(last) if last.time == time => last.delivered = delivered,
            _ => receipts.push(Receipt { delivered, time }),
        }
    }
    Ok(receipts)
}

fn fail(pointer: Pointer, reason: impl ToString) -> DealError {
    DealError::Conflict { file: DELIVERY, pointer, reason: reason.to_string() }
}
