//! Changing any input of the demo's deal changes what comes of it, and three computations agree on every variant: the circuits' native
//! arithmetic, the demo's plain integers, and the model that was written from the protocol's page alone.

use privity_circuits::release::{Claim, Holding, Settlement};
use privity_circuits::terms::Policy;
use privity_documents::deal::DealInputs;
use privity_model::{Mode, Rounding, Schedule, Stage};
use privity_service::demo::{Payout, fee, payouts, total};
use privity_service::terms::{Roles, read, terms};
use std::collections::BTreeSet;
use std::path::Path;

/// File, what stands there, what shall stand there.
type Edit = (&'static str, &'static str, &'static str);

const RFQ: &str = "RequestForQuotation.json";
const DELIVERY: &str = "DeliveryInformation.json";
const CONFIG: &str = "deal.toml";

fn inputs(edits: &[Edit]) -> DealInputs {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("deal")).unwrap();
    std::fs::copy(source.join("price_breaks.csv"), folder.path().join("price_breaks.csv")).unwrap();
    for entry in std::fs::read_dir(source.join("deal")).unwrap() {
        let entry = entry.unwrap();
        let mut text = std::fs::read_to_string(entry.path()).unwrap();
        for (file, from, to) in edits.iter().filter(|(file, ..)| entry.file_name() == *file) {
            assert!(text.contains(from), "{file} does not hold {from}");
            text = text.replace(from, to);
        }
        std::fs::write(folder.path().join("deal").join(entry.file_name()), text).unwrap();
    }
    read(&folder.path().join("deal"), None).unwrap()
}

fn model(inputs: &DealInputs) -> Schedule {
    let price = &inputs.config.price;
    Schedule {
        tiers: inputs.tiers.iter().map(|tier| (tier.minimum, tier.unit_price)).collect(),
        mode: [Mode::AllUnits, Mode::Graduated][price.mode as usize],
        stage: [Stage::Line, Stage::UnitPrice][price.stage as usize],
        rounding: [Rounding::Down, Rounding::Up, Rounding::HalfUp, Rounding::HalfEven][price.rounding as usize],
        exponent: inputs.config.token.exponent,
        decimals: price.decimals,
        surcharge_bp: u64::from(inputs.surcharge),
        allowance_bp: u64::from(price.allowance),
        set_up: price.set_up,
    }
}

/// Total, fee, payouts, and the day on which the deal is due, once all three agree on them.
fn outcome(inputs: &DealInputs) -> (u64, u64, Vec<(u64, u64, u64)>, u64) {
    let policy = Policy {
        flat: inputs.config.fee.flat,
        rate: u64::from(inputs.config.fee.rate),
        treasury: Default::default(),
        delivery_key: [0; 32],
    };
    let terms = terms(inputs, &Roles::default());
    let quote = privity_wallet::deal::quote(&terms, &policy).unwrap();
    assert_eq!(quote.price.total, total(inputs));
    assert_eq!(quote.fee, fee(inputs));
    assert_eq!(quote.price.total, model(inputs).total(inputs.quantity).unwrap().total);
    let plain = payouts(inputs, &inputs.receipts);
    let mut held = Holding { done: 0, payment: quote.price.total, capacity: quote.capacity };
    for (receipt, Payout { pay, refund, rest, used, .. }) in inputs.receipts.iter().zip(&plain) {
        let claim = Claim::Delivered { delivered: receipt.delivered, time: receipt.time, last: false };
        let settled = Settlement::of(&terms, &held, &claim, receipt.time).unwrap();
        assert_eq!((settled.pay, settled.refund, settled.rest, settled.used), (*pay, *refund, *rest, *used));
        held = settled.next().unwrap_or(held);
    }
    let payouts = plain.iter().map(|payout| (payout.pay, payout.refund, payout.used)).collect();
    (quote.price.total, quote.fee, payouts, inputs.due)
}

#[test]
fn every_input_changes_the_outcome() {
    let variants: [&[Edit]; 10] = [
        &[],
        &[(RFQ, "1000.0", "900.0"), (DELIVERY, "600.0", "500.0")],
        &[(RFQ, "1000.0", "999.0"), (DELIVERY, "600.0", "599.0")],
        &[(CONFIG, "part = 15", "part = 17"), (CONFIG, "541-3247-2-ND", "RMCF0805FT100KTR-ND")],
        &[(DELIVERY, "2026-03-24", "2026-03-31")],
        &[(RFQ, "\"2026-03-12\"", "\"2026-03-14\""), (CONFIG, "rush_working_days = 3", "rush_working_days = 4")],
        &[(CONFIG, "mode = \"all-units\"", "mode = \"graduated\"")],
        &[(CONFIG, "rounding = \"half-up\"", "rounding = \"down\"")],
        &[(CONFIG, "allowance = 250", "allowance = 0")],
        &[(CONFIG, "lateness_rate = 50", "lateness_rate = 100")],
    ];
    let mut seen = BTreeSet::new();
    for edits in variants {
        assert!(seen.insert(outcome(&inputs(edits))), "{edits:?} changed nothing");
    }
}

/// The figures of the demo's deal, computed by hand: 1 000 × 0.2196 × 1.5 × 0.975 = 321.165 → 321.17, + 35.00; 400 of 1 000 pieces are
/// ⌊35 617 × 0.4⌋; the rest, two weeks late, loses 1 %.
#[test]
fn the_deal_by_hand() {
    let (total, fee, payouts, _) = outcome(&inputs(&[]));
    assert_eq!((total, fee), (35_617, 25 + 36));
    assert_eq!(payouts, [(14_246, 0, 1_400_000_000), (21_158, 213, 2_100_000_000)]);
}
