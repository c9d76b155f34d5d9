//! Progress of work that takes longer than a second, on standard error and only if somebody watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use privity_prover::Stage;
use std::time::Duration;

/// Whether and where progress is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nowhere.
    Silent,
    /// On standard error, if it is a terminal; else a line per task that takes long.
    Visible,
}

impl Progress {
    /// A task that may take long.
    pub fn task(self, name: &str) -> Task {
        let bar = ProgressBar::new_spinner();
        if self == Self::Silent {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Task { bar, announced: self == Self::Visible }
    }
}

/// A task under way; its bar goes when it is dropped.
pub struct Task {
    bar: ProgressBar,
    announced: bool,
}

impl Task {
    /// Says what is going on.
    pub fn say(&self, what: &'static str) {
        self.bar.set_message(what);
    }

    /// Shows a prover's stage.
    pub fn stage(&self, stage: &Stage) {
        let text = match stage {
            Stage::Load => "reading the key",
            Stage::Matrices => "deriving the matrices",
            Stage::SetUp => "making a development key; once, then cached",
            Stage::Store => "writing the key",
            Stage::Witness { .. } => "computing the witness",
            Stage::Prove { .. } => "proving",
            Stage::Verify => "verifying",
        };
        self.bar.set_message(text);
        if self.announced && self.bar.is_hidden() && *stage == Stage::SetUp {
            eprintln!("{}: {text}", self.bar.prefix());
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
