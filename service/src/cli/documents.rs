//! `privity import`, `match`, `quote`

use clap::Args;
use std::path::PathBuf;

/// Documents to read; each is checked against its schema.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
pub struct Import {
    /// A WeekBasedCapacityGroup
    #[arg(long, value_name = "FILE")]
    pub capacity_group: Option<PathBuf>,
    /// A WeekBasedMaterialDemand
    #[arg(long, value_name = "FILE")]
    pub material_demand: Option<PathBuf>,
    /// A RequestForQuotation
    #[arg(long, value_name = "FILE")]
    pub request_for_quotation: Option<PathBuf>,
    /// A DeliveryInformation
    #[arg(long, value_name = "FILE")]
    pub delivery_information: Option<PathBuf>,
    /// Price breaks in CSV
    #[arg(long, value_name = "FILE")]
    pub price_table: Option<PathBuf>,
    /// A folder with all of these and deal.toml, checked against each other
    #[arg(long, value_name = "DIR")]
    pub deal: Option<PathBuf>,
}

/// Demand against capacity.
#[derive(Clone, Debug, Args)]
pub struct Match {
    /// A WeekBasedCapacityGroup
    #[arg(long, value_name = "FILE")]
    pub capacity_group: PathBuf,
    /// WeekBasedMaterialDemands
    #[arg(long, value_name = "FILE")]
    pub material_demand: Vec<PathBuf>,
    /// A RequestForQuotation, whose unit is compared with the group's
    #[arg(long, value_name = "FILE")]
    pub request_for_quotation: Option<PathBuf>,
}

/// A dry run.
#[derive(Clone, Debug, Args)]
pub struct Quote {
    /// A draft that was received
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    pub draft: Option<PathBuf>,
    /// What the terms are made from.
    #[command(flatten)]
    pub terms: QuoteTerms,
}

/// What a quote is made from if there is no draft.
#[derive(Clone, Debug, Args)]
pub struct QuoteTerms {
    /// A folder with the documents and deal.toml
    #[arg(long, value_name = "DIR", required_unless_present = "draft")]
    pub data: Option<PathBuf>,
    /// Price breaks [default: price_breaks.csv in the folder or beside it]
    #[arg(long, value_name = "FILE")]
    pub price_table: Option<PathBuf>,
    /// Another quantity than the RequestForQuotation's, in units
    #[arg(long, value_name = "UNITS")]
    pub quantity: Option<String>,
}
