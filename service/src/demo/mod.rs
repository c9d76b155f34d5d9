//! `privity demo`: one deal from certified capacity to restored wallets, then the attacks that fail.

mod attack;
mod forge;
mod gallery;
mod integers;
mod narrator;
mod quotes;
mod spend;
mod story;
mod table;
mod world;

use crate::keyring::KeyRing;
use crate::progress::Progress;
use crate::terms;
use narrator::Narrator;
use privity_prover::EngineChoice;
use std::path::PathBuf;
use world::World;

pub use integers::{Payout, fee, payouts, total};

/// Where the demo finds what it needs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Proving keys; made there if there are none.
    pub keys: PathBuf,
    /// The deal's documents and `deal.toml`, with `price_breaks.csv` in the folder above.
    pub data: PathBuf,
    /// What proves.
    pub engine: EngineChoice,
    /// Whether key generation shows its progress.
    pub progress: Progress,
}

/// Why the demo fails.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Something of the system refused what should have worked.
    #[error("{0}")]
    Refused(Box<dyn std::error::Error + Send + Sync>),
    /// A figure is not what plain integers say.
    #[error("{what}: the system says {found}, integers say {expected}")]
    Figure {
        /// Of what.
        what: String,
        /// The system's.
        found: u128,
        /// The integers'.
        expected: u128,
    },
    /// The clock would go back.
    #[error("the story's clock would go back from {from} to {to}; correct the dates in the documents")]
    Clock {
        /// Ledger time.
        from: u64,
        /// Where it should go.
        to: u64,
    },
    /// An attack was accepted, refused for another reason, or its twin was not accepted.
    #[error("attack '{name}': expected {expected}, got {found}")]
    Attack {
        /// Which.
        name: &'static str,
        /// The refusal that it must meet.
        expected: String,
        /// What happened.
        found: String,
    },
    /// Something that the story made is not there.
    #[error("{0} is missing")]
    Missing(&'static str),
}

impl DemoError {
    fn other(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Refused(Box::new(error))
    }
}

/// Runs the demo.
///
/// # Errors
/// [`DemoError`]: a figure differs from plain integers, an honest step is refused, or an attack is not refused by its rule.
pub fn run(options: &Options) -> Result<(), DemoError> {
    let inputs = terms::read(&options.data, None).map_err(DemoError::other)?;
    let narrator = Narrator::default();
    narrator.scene("Keys and ledger");
    let world = World::found(&inputs, KeyRing::new(&options.keys, options.engine, options.progress))?;
    narrator.say(format!("development keys in {}", options.keys.display()));
    let mut story = story::Story::new(inputs, world, narrator)?;
    story.play()?;
    story.finish()
}
