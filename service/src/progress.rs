//! Progress of work that takes longer than a second, on standard error and only if somebody watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use privity_prover::Stage;
use std::io::{self, Read, Write};
use std::time::Duration;

/// A task whose length is not known.
const OPEN: &str = "{spinner} {prefix} {msg} {elapsed}";
/// A task that counts things.
const COUNTED: &str = "{spinner} {prefix} {msg} {human_pos} of {human_len} {elapsed}";
/// A task that counts bytes.
const BYTES: &str = "{spinner} {prefix} {msg} {binary_bytes} of {binary_total_bytes} {elapsed}";

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
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        let task = Task { bar, announced: self == Self::Visible };
        task.style(OPEN);
        task
    }
}

/// A task under way; its bar goes when it is dropped.
pub struct Task {
    bar: ProgressBar,
    announced: bool,
}

impl Task {
    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    /// Says what is going on.
    pub fn say(&self, what: &'static str) {
        self.bar.set_message(what);
    }

    /// Counts up to `total` things from now on.
    pub fn count(&self, total: u64) {
        self.bar.set_length(total);
        self.style(COUNTED);
    }

    /// `more` of the things are done.
    pub fn add(&self, more: u64) {
        self.bar.inc(more);
    }

    /// Counts what passes through `file`; with `total` bytes known, against them.
    pub fn bytes<T>(&self, file: T, total: Option<u64>) -> Counted<'_, T> {
        self.bar.set_length(total.unwrap_or(0));
        self.style(if total.is_some() { BYTES } else { "{spinner} {prefix} {msg} {binary_bytes} {elapsed}" });
        Counted { file, task: self }
    }

    /// How much is done, and of how much.
    pub fn done(&self) -> (u64, Option<u64>) {
        (self.bar.position(), self.bar.length())
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

/// A file whose bytes are counted as they pass.
pub struct Counted<'a, T> {
    file: T,
    task: &'a Task,
}

impl<T> Counted<'_, T> {
    /// The file.
    pub fn into_inner(self) -> T {
        self.file
    }
}

impl<T: Read> Read for Counted<'_, T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.task.add(read as u64);
        Ok(read)
    }
}

impl<T: Write> Write for Counted<'_, T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.task.add(written as u64);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_counted() {
        let task = Progress::Silent.task("test");
        let mut kept = Vec::new();
        io::copy(&mut task.bytes(&[7u8; 1_000][..], Some(1_000)), &mut kept).unwrap();
        assert_eq!((kept.len(), task.done()), (1_000, (1_000, Some(1_000))));
        let task = Progress::Silent.task("test");
        task.bytes(&mut kept, None).write_all(&[7; 10]).unwrap();
        assert_eq!(task.done().0, 10);
    }
}
