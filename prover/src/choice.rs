//! Which engine proves, as a setting says it.

use crate::{ArkBackend, Backend, Engine, Form, Lanes, TableSetting};
use core::fmt;
use core::str::FromStr;
use privity_arith::BackendError;

/// An engine that this machine can run: `fast` (the default) or `plain` for ours, both optionally with lanes, as `fast:portable`, or
/// `ark`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineChoice {
    /// Ours, in a form and on lanes.
    Own(Form, Lanes),
    /// ark-groth16.
    Ark,
}

/// Why a setting names no engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// Another word.
    #[error("no engine is called {0:?}; there are fast, plain and ark, the first two with lanes, as fast:portable")]
    Unknown(String),
    /// The lanes are not to be had.
    #[error(transparent)]
    Lanes(#[from] BackendError),
}

impl Default for EngineChoice {
    fn default() -> Self {
        Self::Own(Form::default(), Lanes::detect())
    }
}

impl EngineChoice {
    /// The engine, without any tables yet.
    pub fn backend(self) -> Box<dyn Backend> {
        match self {
            Self::Own(form, lanes) => Box::new(Engine::new(form, lanes, TableSetting::default())),
            Self::Ark => Box::new(ArkBackend),
        }
    }
}

impl FromStr for EngineChoice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let (name, lanes) = match text.split_once(':') {
            Some((name, lanes)) => (name, Some(lanes)),
            None => (text, None),
        };
        let form = match name {
            "fast" => Form::Fast,
            "plain" => Form::Plain,
            "ark" if lanes.is_none() => return Ok(Self::Ark),
            _ => return Err(ChoiceError::Unknown(text.into())),
        };
        let lanes = match lanes {
            Some(kind) => Lanes::forced(kind.parse()?)?,
            None => Lanes::detect(),
        };
        Ok(Self::Own(form, lanes))
    }
}

impl fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(Form::Fast, lanes) => write!(f, "fast:{lanes}"),
            Self::Own(Form::Plain, lanes) => write!(f, "plain:{lanes}"),
            Self::Ark => f.write_str("ark"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_engines() {
        assert_eq!("fast".parse(), Ok(EngineChoice::default()));
        for text in ["fast:portable", "plain:portable", "ark"] {
            let choice: EngineChoice = text.parse().unwrap();
            assert_eq!(choice.to_string(), text);
        }
        assert_eq!("ark".parse::<EngineChoice>().unwrap().backend().name(), "ark-groth16");
        assert!(matches!("slow".parse::<EngineChoice>(), Err(ChoiceError::Unknown(_))));
        assert!(matches!("ark:portable".parse::<EngineChoice>(), Err(ChoiceError::Unknown(_))));
        assert!(matches!("fast:neon".parse::<EngineChoice>(), Err(ChoiceError::Lanes(BackendError::Unknown(_)))));
    }
}
