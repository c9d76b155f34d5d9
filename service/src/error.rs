//! What the command says when it does not do what it was asked, and the exit code that goes with it.

mod parties;

use privity_circuits::{DecodeError, Violation};
use privity_ledger::audit::AuditError;
use privity_ledger::{ApplyError, CheckError, CodecError, Rejection, StoreError, SubmitError};
use privity_prover::{ImportError, KeyFileError, KeyProblem};
use privity_verifier::{KeyError, Refusal};
use serde_json::{Value, json};
use std::fmt;
use std::path::Path;

/// Exit codes; no later version gives one another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Code {
    /// A rule of the protocol or of the wallet forbids it.
    Rule = 1,
    /// The arguments do not fit.
    Usage = 2,
    /// A document, message, key file or text is not what it should be.
    Input = 3,
    /// Something named is not there.
    Missing = 4,
    /// A store or file cannot be read or written.
    Store = 5,
    /// Another process has the store or the wallet open.
    Busy = 6,
    /// Wrong password, or none where one is needed.
    Locked = 7,
    /// The prover failed.
    Prover = 8,
}

/// Every code with what it means, for the manual.
pub const CODES: [(u8, &str); 9] = [
    (0, "done"),
    (Code::Rule as u8, "refused: a rule of the protocol, the ledger or the wallet forbids it; the rule is named"),
    (Code::Usage as u8, "usage: the arguments do not fit; see `--help`"),
    (Code::Input as u8, "bad input: a document, message, key file, phrase or text is not what it should be"),
    (Code::Missing as u8, "not found: a file, key, wallet, member, deal or log position that was named is not there"),
    (Code::Store as u8, "store or IO: disk full, no permission, damaged or foreign store"),
    (Code::Busy as u8, "in use: another process has the store or the wallet open"),
    (Code::Locked as u8, "locked: wrong password, or none where one is needed"),
    (Code::Prover as u8, "prover: set-up or proving failed"),
];

/// A refusal: what happened, which rule says so, what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub code: Code,
    /// What happened.
    pub what: String,
    /// The rule that says so, as `T7` or `L3`.
    pub rule: Option<String>,
    /// What to do.
    pub remedy: Option<String>,
    /// Place in a document.
    pub pointer: Option<String>,
    /// The ledger's stable number of a rejection.
    pub rejection: Option<u16>,
}

impl Failure {
    /// A refusal whose text is `rule: what; remedy`, as errors here are written; rule and remedy may be absent.
    pub fn new(code: Code, text: impl fmt::Display) -> Self {
        let text = text.to_string();
        let (what, remedy) = match text.rsplit_once("; ") {
            Some((what, remedy)) => (what.to_owned(), Some(remedy.to_owned())),
            None => (text, None),
        };
        let failure = Self { code, what, rule: None, remedy, pointer: None, rejection: None };
        match failure.what.split_once(": ").map(|(rule, _)| rule.to_owned()).filter(|rule| is_rule(rule)) {
            Some(rule) => failure.rule(&rule),
            None => failure,
        }
    }

    /// The same, saying which rule; the rule's id in front of the text goes.
    pub fn rule(mut self, rule: &str) -> Self {
        if let Some(rest) = self.what.strip_prefix(rule).and_then(|rest| rest.strip_prefix(": ")) {
            self.what = rest.to_owned();
        }
        self.rule = Some(rule.to_owned());
        self
    }

    /// The same, with this remedy if it has none.
    pub fn or_remedy(mut self, remedy: &str) -> Self {
        self.remedy.get_or_insert_with(|| remedy.to_owned());
        self
    }

    /// The same, with the place in a document.
    pub fn at(mut self, pointer: impl fmt::Display) -> Self {
        self.pointer = Some(pointer.to_string());
        self
    }

    /// The same, naming the file.
    pub fn in_file(mut self, path: &Path) -> Self {
        self.what = format!("{}: {}", path.display(), self.what);
        self
    }

    /// As JSON, for standard error.
    pub fn to_json(&self) -> Value {
        let mut error = json!({ "code": self.code as u8, "what": self.what });
        let parts = [("rule", &self.rule), ("remedy", &self.remedy), ("pointer", &self.pointer)];
        for (name, value) in parts.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))) {
            error[name] = value.into();
        }
        if let Some(rejection) = self.rejection {
            error["rejection"] = rejection.into();
        }
        json!({ "error": error })
    }
}

/// Whether a text is a rule's id: a capital letter and digits.
fn is_rule(text: &str) -> bool {
    let digits = text.strip_prefix(|first: char| first.is_ascii_uppercase());
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.what)?;
        let lines = [("at", &self.pointer), ("rule", &self.rule), ("what to do", &self.remedy)];
        let mut lines = lines.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        lines.try_for_each(|(name, value)| write!(f, "\n  {name}: {value}"))
    }
}

impl std::error::Error for Failure {}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        let remedy = "change what breaks the rule; docs/protocol says why it holds";
        Self::new(Code::Rule, violation).rule(violation.rule).or_remedy(remedy)
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        let failure = Self::new(Code::Rule, &rejection).rule(rejection.rule()).or_remedy("make it anew");
        Self { rejection: Some(rejection.code()), ..failure }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(Code::Rule, refusal).rule("proof").or_remedy("ask for it again, nothing was settled")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::InUse => Code::Busy,
            StoreError::Empty => Code::Missing,
            _ => Code::Store,
        };
        Self::new(code, error)
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Rejected(rejection) => rejection.into(),
            ApplyError::Store(error) => error.into(),
        }
    }
}

impl From<CheckError> for Failure {
    fn from(error: CheckError) -> Self {
        SubmitError::from(error).into()
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Rejected(rejection) => rejection.into(),
            SubmitError::Proof(refusal) => refusal.into(),
            SubmitError::Quote(error) => Self::new(Code::Rule, error),
            SubmitError::Store(error) => error.into(),
            SubmitError::NoOperator => Self::new(Code::Missing, error),
            SubmitError::MemoReused => Self::new(Code::Usage, error),
        }
    }
}

impl From<AuditError> for Failure {
    fn from(error: AuditError) -> Self {
        let text = error.to_string();
        let failure = match error {
            AuditError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Self::new(Code::Input, "the log file is truncated; export it again")
            }
            AuditError::Io(_) => Self::new(Code::Store, format!("{text}; check space and permissions")),
            AuditError::Codec(_) | AuditError::Record { .. } => Self::new(Code::Input, text),
            AuditError::Chain { .. } | AuditError::Head => Self::new(Code::Rule, text).rule("L10"),
            AuditError::Store(error) => error.into(),
            AuditError::Proof { .. } => Self::new(Code::Rule, text).rule("proof"),
            AuditError::Rule { source: ApplyError::Store(error), .. } => error.into(),
            AuditError::Rule { source: ApplyError::Rejected(rejection), .. } => {
                let failure = Self::new(Code::Rule, text).rule(rejection.rule());
                Self { rejection: Some(rejection.code()), ..failure }
            }
        };
        failure.or_remedy("trust nothing in it; have the log exported again, and compare heads with other parties")
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        let code = match error.problem {
            KeyProblem::Missing => Code::Missing,
            KeyProblem::Io(_) => Code::Store,
            KeyProblem::SetUp(_) => Code::Prover,
            _ => Code::Input,
        };
        Self::new(code, error)
    }
}

/// Texts and bytes from outside.
macro_rules! input {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Code::Input, error).or_remedy("take it again from where it came, unedited")
            }
        })*
    };
}

input!(CodecError, DecodeError, ImportError, KeyError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_taken_apart_and_the_rule_named_once() {
        let failure = Failure::from(Rejection::TreeFull);
        assert_eq!((failure.code, failure.rejection), (Code::Rule, Some(800)));
        let failure = Failure::from(Rejection::ClockBackwards { now: 1, time: 2 });
        assert_eq!(failure.what, "the clock says 1, the ledger's time is 2 and never decreases");
        assert_eq!(failure.rule.as_deref(), Some("L4"));
        assert_eq!(failure.remedy.as_deref(), Some("correct the clock"));
        assert_eq!(failure.to_json()["error"]["rejection"], 100);
        assert_eq!(
            failure.to_string(),
            "error: the clock says 1, the ledger's time is 2 and never decreases\n  rule: L4\n  what to do: correct the clock"
        );
    }

    #[test]
    fn codes_are_listed_in_order() {
        assert!(CODES.iter().enumerate().all(|(index, (code, _))| index == usize::from(*code)));
    }
}
