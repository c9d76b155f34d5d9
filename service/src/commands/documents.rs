//! `privity import`, `match`, `quote`

use crate::answer::Answer;
use crate::cli::documents::{Import, Match, Quote};
use crate::env::Env;
use crate::error::{Code, Failure};
use crate::files;
use crate::home::message;
use crate::terms::{self, Roles};
use privity_circuits::terms::{Policy, Terms};
use privity_documents::document::Document;
use privity_documents::matching::{Gap, MatchReport, Outcome, check_order_unit, compare as compare_weeks};
use privity_documents::price_table::PriceTable;
use privity_documents::resource::{Resource, document_hash};
use privity_documents::{DeliveryInformation, RequestForQuotation, WeekBasedCapacityGroup, WeekBasedMaterialDemand};
use privity_wallet::LedgerView;
use privity_wallet::deal::{Draft, quote as price};
use serde_json::{Value, json};
use std::path::Path;

/// Reads a document and names the file if it is refused.
pub(super) fn read<T: Document>(path: &Path) -> Result<T, Failure> {
    T::from_slice(&files::read(path)?).map_err(|error| Failure::from(error).in_file(path))
}

pub(super) fn import(args: &Import) -> Result<Answer, Failure> {
    let mut answer = Answer::new();
    if let Some(path) = &args.capacity_group {
        answer = answer.field("capacity_group", capacity_group(path)?);
    }
    if let Some(path) = &args.material_demand {
        let demand: WeekBasedMaterialDemand = read(path)?;
        let weeks: usize = demand.demand_series.iter().map(|series| series.demands.len()).sum();
        answer = answer.field(
            "material_demand",
            json!({
                "id": demand.material_demand_id,
                "material": demand.material_number_customer,
                "supplier": demand.supplier,
                "customer": demand.customer,
                "inactive": demand.material_demand_is_inactive,
                "series": demand.demand_series.len(),
                "weeks": weeks,
            }),
        );
    }
    if let Some(path) = &args.request_for_quotation {
        answer = answer.field("request_for_quotation", request(path)?);
    }
    if let Some(path) = &args.delivery_information {
        let delivery: DeliveryInformation = read(path)?;
        let deliveries: usize = delivery.positions.iter().map(|position| position.deliveries.len()).sum();
        let count = json!({ "positions": delivery.positions.len(), "deliveries": deliveries });
        answer = answer.field("delivery_information", count);
    }
    if let Some(path) = &args.price_table {
        let table = PriceTable::from_slice(&files::read(path)?).map_err(|error| Failure::from(error).in_file(path))?;
        let parts = table.parts();
        let (count, tiers) = parts.fold((0, 0), |(count, tiers), part| (count + 1, tiers + part.tiers.len()));
        answer = answer.field("price_table", json!({ "parts": count, "tiers": tiers }));
    }
    if let Some(folder) = &args.deal {
        let inputs = terms::read(folder, args.price_table.as_ref())?;
        let inputs = serde_json::to_value(&inputs).map_err(|error| Failure::new(Code::Input, error))?;
        answer = answer.field("deal", inputs);
    }
    let text = answer.fields_as_blocks();
    Ok(answer.text(text))
}

fn capacity_group(path: &Path) -> Result<Value, Failure> {
    let group: WeekBasedCapacityGroup = read(path)?;
    let resource = Resource::of(&group)?;
    let weeks = group.capacities.as_deref().unwrap_or_default();
    Ok(json!({
        "id": group.capacity_group_id,
        "name": group.name,
        "supplier": group.supplier,
        "customer": group.customer,
        "inactive": group.capacity_group_is_inactive,
        "unit": resource.unit(),
        "resource": files::hex(&resource.content_id()),
        "weeks": weeks.len(),
        "first_week": weeks.iter().map(|week| week.point_in_time).min().map(|week| week.to_string()),
        "last_week": weeks.iter().map(|week| week.point_in_time).max().map(|week| week.to_string()),
    }))
}

fn request(path: &Path) -> Result<Value, Failure> {
    let rfq: RequestForQuotation = read(path)?;
    let order = &rfq.configuration.order_quantity;
    Ok(json!({
        "id": rfq.identification.rfq_id,
        "from": rfq.header.sender,
        "to": rfq.header.receiver,
        "part": rfq.configuration.parts.part_id,
        "quantity": order.number.to_string(),
        "unit": order.unit,
        "last_delivery_date": rfq.configuration.last_delivery_date.to_string(),
        "document_hash": files::hex(&document_hash(&files::read(path)?)),
    }))
}

pub(super) fn compare(args: &Match) -> Result<Answer, Failure> {
    let group: WeekBasedCapacityGroup = read(&args.capacity_group)?;
    if let Some(path) = &args.request_for_quotation {
        check_order_unit(&read(path)?, &group).map_err(|error| Failure::from(error).in_file(path))?;
    }
    let demands = args.material_demand.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let MatchReport { weeks, gaps } = compare_weeks(&group, &demands)?;
    let rows = weeks.iter().map(|week| {
        let outcome = match week.outcome {
            Outcome::ZeroDeviation => "zero deviation",
            Outcome::Surplus => "surplus",
            Outcome::Bottleneck { flexible: true } => "bottleneck, covered by flexible capacity",
            Outcome::Bottleneck { flexible: false } => "bottleneck",
        };
        let figures = [week.load, week.actual, week.maximum, week.deviation];
        let mut row = vec![Value::from(week.week.to_string())];
        row.extend(figures.map(|figure| Value::from(figure.to_string())));
        row.push(outcome.into());
        row
    });
    let columns = ["week", "load", "actual", "maximum", "deviation", "outcome"];
    let answer = Answer::new().rows("weeks", &columns, rows.collect());
    Ok(answer.field("gaps", gaps.iter().map(gap).collect::<Vec<_>>()))
}

/// What is missing, in words; it never counts as zero.
fn gap(gap: &Gap) -> String {
    match gap {
        Gap::InactiveGroup { id } => format!("capacity group {id} is inactive: nothing is compared"),
        Gap::InactiveDemand { id } => format!("demand {id} is inactive and not counted"),
        Gap::MissingSeries { link } => format!("no demand given holds the series linked at {}", link.as_str()),
        Gap::NestedGroup { id } => format!("the demands of the nested group {id} are not given"),
        Gap::NothingLinked => "the group links no series that has an active demand".to_owned(),
        Gap::MissingCapacity { week } => format!("week {week}: the group states no capacity"),
        Gap::MissingDemand { week, id, series } => {
            format!("week {week}: demand {id} states none in {}", series.as_str())
        }
    }
}

pub(super) fn quote(env: &Env, args: &Quote) -> Result<Answer, Failure> {
    // Without a ledger the community's fee is the one of deal.toml.
    let in_force = if env.home.ledger.exists() { Some(env.view(&env.ledger()?)?.policy()?) } else { None };
    if let Some(path) = &args.draft {
        let draft: Draft = message(path)?;
        return quoted(&draft.terms, in_force.as_ref());
    }
    let Some(folder) = &args.terms.data else {
        return Err(Failure::new(Code::Usage, "nothing to price; give --data or --draft"));
    };
    let inputs = terms::read(folder, args.terms.price_table.as_ref())?;
    let mut terms = terms::terms(&inputs, &Roles::default());
    if let Some(quantity) = &args.terms.quantity {
        terms.goods.quantity = terms::thousandths(quantity)?;
    }
    let fee = &inputs.config.fee;
    let (treasury, delivery_key) = (privity_circuits::keys::Owner::default(), [0; 32]);
    let stated = Policy { flat: fee.flat, rate: u64::from(fee.rate), treasury, delivery_key };
    quoted(&terms, Some(in_force.as_ref().unwrap_or(&stated)))
}

fn quoted(terms: &Terms, policy: Option<&Policy>) -> Result<Answer, Failure> {
    let (treasury, delivery_key) = (privity_circuits::keys::Owner::default(), [0; 32]);
    let free = Policy { flat: 0, rate: 0, treasury, delivery_key };
    let quote = price(terms, policy.unwrap_or(&free))?;
    let tiers = quote.price.quantities.iter().zip(&terms.money.tiers).filter(|(_, tier)| tier.minimum > 0);
    let rounded = quote.price.unit_prices;
    let rows = tiers.enumerate().map(|(index, (quantity, tier))| {
        let unit_price = rounded.map(|prices| prices[index]);
        vec![tier.minimum.into(), tier.price.into(), (*quantity).into(), unit_price.into()]
    });
    let columns = ["minimum_thousandths", "price_millionths", "priced_thousandths", "rounded_price_millionths"];
    Ok(Answer::new()
        .rows("tiers", &columns, rows.collect())
        .field("quantity_thousandths", terms.goods.quantity)
        .field("surcharge_bp", terms.money.surcharge)
        .field("allowance_bp", terms.money.allowance)
        .field("line", quote.price.line)
        .field("set_up", terms.money.set_up)
        .field("total", quote.price.total)
        .field("fee", quote.fee)
        .field("to_pay", quote.to_pay.to_string())
        .field("capacity_millionths", quote.capacity)
        .field("rounding_millionths", quote.rounding))
}
