//! Progress and cancellation of long work.

/// What a long call is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading a key file.
    Load,
    /// Deriving a circuit's matrices.
    Matrices,
    /// Generating keys.
    SetUp,
    /// Writing a key file.
    Store,
    /// Checking witness `done` of `total` and computing its assignment.
    Witness {
        /// Witnesses done.
        done: usize,
        /// Witnesses in all.
        total: usize,
    },
    /// Proving, `done` of `total` proofs being ready; announced before each proof, or before each few that are made side by side.
    Prove {
        /// Proofs ready.
        done: usize,
        /// Proofs in all.
        total: usize,
    },
    /// Verifying the proofs before they are handed out.
    Verify,
}

/// The caller asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cancelled by the caller; nothing was handed out")]
pub struct Cancelled;

/// The caller's hooks into a long call: told of each stage before it starts, asked whether to go on.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    progress: &'a (dyn Fn(Stage) + Sync),
    cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Control<'a> {
    /// Calls `progress` before each stage and stops between stages once `cancelled` says so.
    pub fn new(progress: &'a (dyn Fn(Stage) + Sync), cancelled: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { progress, cancelled }
    }

    /// Calls `progress` before each stage.
    pub fn progress(progress: &'a (dyn Fn(Stage) + Sync)) -> Self {
        Self::new(progress, &|| false)
    }

    /// Announces `stage`.
    ///
    /// # Errors
    /// [`Cancelled`] if the caller wants to stop.
    pub fn enter(&self, stage: Stage) -> Result<(), Cancelled> {
        if (self.cancelled)() {
            return Err(Cancelled);
        }
        (self.progress)(stage);
        Ok(())
    }
}

impl Default for Control<'_> {
    /// Silent and unstoppable.
    fn default() -> Self {
        Self::new(&|_| (), &|| false)
    }
}
