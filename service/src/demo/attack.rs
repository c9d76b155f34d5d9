//! An attack that was refused, and why.

use super::DemoError;
use std::fmt::Display;

/// What was tried, and which rule refused it.
pub struct Attack {
    name: &'static str,
    rule: &'static str,
    refusal: String,
}

impl Attack {
    /// Takes the outcome of an attack whose honest twin goes to the same place: it must be an error that `expected` recognises.
    ///
    /// # Errors
    /// [`DemoError::Attack`] if the attack was accepted, or refused for another reason.
    pub fn judge<T, E: Display>(
        name: &'static str,
        rule: &'static str,
        outcome: Result<T, E>,
        expected: impl FnOnce(&E) -> bool,
    ) -> Result<Self, DemoError> {
        let found = |found: String| DemoError::Attack { name, expected: format!("a refusal by {rule}"), found };
        match outcome {
            Ok(_) => Err(found("it was accepted".into())),
            Err(error) if expected(&error) => Ok(Self { name, rule, refusal: error.to_string() }),
            Err(error) => Err(found(error.to_string())),
        }
    }

    /// The line of the gallery.
    pub fn line(&self) -> String {
        format!("{:<52} {:<3} {}", self.name, self.rule, self.refusal)
    }
}
