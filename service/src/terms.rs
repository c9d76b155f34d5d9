//! Terms from documents and `deal.toml`: what the files say, as the protocol's values.

use crate::error::{Code, Failure};
use crate::files;
use privity_circuits::Fr;
use privity_circuits::asset::{AssetId, ResourceId};
use privity_circuits::context::LedgerId;
use privity_circuits::field::truncate;
use privity_circuits::keys::{Owner, SignerId};
use privity_circuits::terms::{
    DocumentHash, Goods, MAX_TIERS, Mode, Money, Parties, Remedy, RfqId, Rounding, Stage, Terms, Tier,
};
use privity_documents::Decimal;
use privity_documents::deal::{self, DealInputs, DealSources};
use privity_wallet::history::Reference;
use std::path::{Path, PathBuf};

/// Who is meant by the roles that `deal.toml` names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Roles {
    /// The ledger.
    pub ledger: LedgerId,
    /// Buyer and its registered signer.
    pub buyer: (Owner, SignerId),
    /// Supplier and its registered signer.
    pub supplier: (Owner, SignerId),
    /// Who certified the capacity.
    pub certifier: SignerId,
    /// To whom it was attested.
    pub origin: Owner,
    /// Signs receipts, or none.
    pub inspector: SignerId,
    /// Signs awards, or none.
    pub arbiter: SignerId,
    /// May be shown the terms, or none.
    pub auditor: SignerId,
    /// The token that pays.
    pub currency: AssetId,
}

/// Reads a deal's files from a folder; price breaks from `table`, else from the folder or the one above.
///
/// # Errors
/// [`Code::Missing`] for a missing file, [`Code::Input`] for what the files say against each other.
pub fn read(folder: &Path, table: Option<&PathBuf>) -> Result<DealInputs, Failure> {
    let file = |name: &str| files::read(&folder.join(name));
    let inside = folder.join("price_breaks.csv");
    let beside = folder.join("../price_breaks.csv");
    let table = table.cloned().unwrap_or(if inside.exists() { inside } else { beside });
    let (group, demand) = (file("WeekBasedCapacityGroup.json")?, file("WeekBasedMaterialDemand.json")?);
    let (rfq, delivery) = (file("RequestForQuotation.json")?, file("DeliveryInformation.json")?);
    let (table, config) = (files::read(&table)?, file("deal.toml")?);
    Ok(DealInputs::read(DealSources {
        capacity_group: &group,
        material_demand: &demand,
        request_for_quotation: &rfq,
        delivery_information: &delivery,
        price_table: &table,
        config: &config,
    })?)
}

/// The terms that the files make between these roles; salts are 0 until the supplier drafts.
pub fn terms(inputs: &DealInputs, roles: &Roles) -> Terms {
    let Roles { ledger, buyer, supplier, certifier, origin, inspector, arbiter, auditor, currency } = *roles;
    let salt = Fr::default();
    Terms {
        parties: Parties {
            ledger,
            buyer: buyer.0,
            supplier: supplier.0,
            buyer_signer: buyer.1,
            supplier_signer: supplier.1,
            inspector,
            arbiter,
            auditor,
            salt,
        },
        goods: Goods {
            certifier,
            origin,
            resource: ResourceId::new(truncate(&inputs.resource)),
            document: DocumentHash::new(truncate(&inputs.document_hash)),
            quantity: inputs.quantity,
            load_factor: u64::from(inputs.load_factor),
            increment: inputs.config.goods.increment,
            due: inputs.due,
            bucket: u64::from(inputs.bucket),
            salt,
        },
        money: money(inputs, currency),
        remedy: Remedy {
            escrow: inputs.config.remedy.escrow,
            claim_until: if inputs.config.remedy.escrow { inputs.config.remedy.claim_until } else { 0 },
            rate: u64::from(inputs.config.remedy.lateness_rate),
            cap: u64::from(inputs.config.remedy.lateness_cap),
            salt,
        },
    }
}

fn money(inputs: &DealInputs, currency: AssetId) -> Money {
    let price = &inputs.config.price;
    let mut tiers = [Tier::default(); MAX_TIERS];
    for (tier, row) in tiers.iter_mut().zip(&inputs.tiers) {
        *tier = Tier { minimum: row.minimum, price: row.unit_price };
    }
    Money {
        currency,
        rfq: RfqId::default(),
        exponent: u64::from(inputs.config.token.exponent),
        decimals: u64::from(price.decimals),
        mode: match price.mode {
            deal::Mode::AllUnits => Mode::AllUnits,
            deal::Mode::Graduated => Mode::Graduated,
        },
        surcharge: u64::from(inputs.surcharge),
        allowance: u64::from(price.allowance),
        set_up: price.set_up,
        rounding: match price.rounding {
            deal::Rounding::Down => Rounding::Down,
            deal::Rounding::Up => Rounding::Up,
            deal::Rounding::HalfUp => Rounding::HalfUp,
            deal::Rounding::HalfEven => Rounding::HalfEven,
        },
        stage: match price.stage {
            deal::Stage::Line => Stage::Line,
            deal::Stage::UnitPrice => Stage::UnitPrice,
        },
        payment_unlock: price.payment_unlock,
        frame: 0,
        tiers,
        salt: Fr::default(),
    }
}

/// The ERP's ids in the files.
pub fn reference(inputs: &DealInputs) -> Reference {
    let references = &inputs.references;
    Reference { order: references.order.clone(), rfq: references.rfq.clone(), material: references.material.clone() }
}

/// A quantity in units as thousandths, exact.
///
/// # Errors
/// [`Code::Input`].
pub fn thousandths(text: &str) -> Result<u64, Failure> {
    Ok(Decimal::parse(text)?.to_thousandths()?)
}

/// A quantity in units as millionths, exact.
///
/// # Errors
/// [`Code::Input`].
pub fn millionths(text: &str) -> Result<u64, Failure> {
    Ok(Decimal::parse(text)?.to_millionths()?)
}

/// A role that `deal.toml` names and the arguments identify, or neither.
///
/// # Errors
/// [`Code::Usage`] if only one of them does.
pub fn role(what: &str, named: Option<&String>, id: Option<&String>) -> Result<SignerId, Failure> {
    match (named, id) {
        (Some(_), Some(id)) => crate::directory::parse(id),
        (None, None) => Ok(SignerId::NONE),
        (Some(name), None) => {
            Err(Failure::new(Code::Usage, format!("deal.toml names `{name}` as {what}; say who that is with --{what}")))
        }
        (None, Some(_)) => {
            Err(Failure::new(Code::Usage, format!("deal.toml names no {what}; name one there, or leave --{what} out")))
        }
    }
}
