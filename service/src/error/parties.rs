//! What wallets and documents refuse, with its exit code.

use super::{Code, Failure};
use privity_documents::certification::CertificationError;
use privity_documents::deal::DealError as InputsError;
use privity_documents::decimal::DecimalError;
use privity_documents::document::DocumentError;
use privity_documents::matching::MatchError;
use privity_documents::price_table::PriceTableError;
use privity_prover::KeyFileError;
use privity_wallet::build::BuildError;
use privity_wallet::certify::CertifyError;
use privity_wallet::deal::{DealError, TermsRefusal};
use privity_wallet::disclosure::DisclosureError;
use privity_wallet::evidence::EvidenceError;
use privity_wallet::file::FileError;
use privity_wallet::quotes::QuoteError;
use privity_wallet::scan::ScanError;
use privity_wallet::seed::PhraseError;
use privity_wallet::swap::SwapError;
use privity_wallet::{ProveError, WalletError};

/// Errors that are a rule's refusal, whose text may begin with the rule.
macro_rules! rules {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Code::Rule, error).or_remedy("correct what the message names")
            }
        })*
    };
}

/// Errors that say that a text or file is not what it should be.
macro_rules! inputs {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Code::Input, error).or_remedy(CORRECT)
            }
        })*
    };
}

/// What to do about a document whose error says only what is wrong with it.
const CORRECT: &str = "correct the document there, or give another";

rules!(EvidenceError, CertifyError);
inputs!(FileError, ScanError, PhraseError, DecimalError, PriceTableError);

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        let pointer = error.pointer().map(ToString::to_string);
        Self { pointer, ..Self::new(Code::Input, error).or_remedy(CORRECT) }
    }
}

impl From<MatchError> for Failure {
    fn from(error: MatchError) -> Self {
        let pointer = match &error {
            MatchError::Unit { pointer, .. }
            | MatchError::UnitUnclear { pointer, .. }
            | MatchError::LoadFactorMissing(pointer)
            | MatchError::Value { pointer, .. } => Some(pointer.to_string()),
            MatchError::Load { .. } => None,
        };
        Self { pointer, ..Self::new(Code::Input, error).or_remedy(CORRECT) }
    }
}

impl From<CertificationError> for Failure {
    fn from(error: CertificationError) -> Self {
        let (code, pointer) = match &error {
            CertificationError::Inactive { pointer, .. } => (Code::Rule, Some(pointer.to_string())),
            CertificationError::NoWeeks(pointer) | CertificationError::Quantity { pointer, .. } => {
                (Code::Input, Some(pointer.to_string()))
            }
            CertificationError::Group(group) => return group.clone().into(),
        };
        Self { pointer, ..Self::new(code, error).or_remedy(CORRECT) }
    }
}

impl From<InputsError> for Failure {
    fn from(error: InputsError) -> Self {
        match error {
            InputsError::Document(error) => error.into(),
            InputsError::Match(error) => error.into(),
            InputsError::Certification(error) => error.into(),
            InputsError::Conflict { ref pointer, .. } => {
                let pointer = Some(pointer.to_string());
                Self { pointer, ..Self::new(Code::Input, error).or_remedy(CORRECT) }
            }
            error => Self::new(Code::Input, error).or_remedy(CORRECT),
        }
    }
}

impl From<QuoteError> for Failure {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::Log(error) => error.into(),
            QuoteError::Store(error) => error.into(),
            QuoteError::Wallet(error) => error.into(),
            QuoteError::NoQuote | QuoteError::NoAward | QuoteError::UnknownDeal => Self::new(Code::Missing, error),
            QuoteError::Rule(_)
            | QuoteError::NotBuyer
            | QuoteError::Grant
            | QuoteError::Attempts
            | QuoteError::Deal(_) => Self::new(Code::Rule, error),
        }
    }
}

impl From<WalletError> for Failure {
    fn from(error: WalletError) -> Self {
        let code = match error {
            WalletError::Account(index) => {
                let remedy = format!("open it with `privity wallet open --accounts {}`", index.saturating_add(1));
                return Self::new(Code::Missing, format!("account {index} is not open in this wallet; {remedy}"));
            }
            WalletError::Keys(_) | WalletError::Scan(_) => Code::Input,
            WalletError::Select(_) | WalletError::Consolidate => Code::Rule,
            WalletError::Untracked(_) => Code::Missing,
        };
        Self::new(code, error).or_remedy("restore the wallet from its phrase and the ledger")
    }
}

impl From<ProveError> for Failure {
    fn from(error: ProveError) -> Self {
        match error {
            ProveError::Violation(violation) => violation.into(),
            ProveError::Prover(cause) => match cause.downcast::<KeyFileError>() {
                Ok(file) => (*file).into(),
                Err(cause) => Self::new(Code::Prover, cause).or_remedy("look at `privity keys list`"),
            },
        }
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Wallet(error) => error.into(),
            BuildError::Prove(error) => error.into(),
            BuildError::Rule(violation) => violation.into(),
            BuildError::UnknownDeal(_) => Self::new(Code::Missing, error),
            error => Self::new(Code::Rule, error),
        }
    }
}

impl From<DealError> for Failure {
    fn from(error: DealError) -> Self {
        match error {
            DealError::Terms(refusal) => refusal.into(),
            DealError::Rule(violation) => violation.into(),
            DealError::Build(error) => error.into(),
            DealError::File(error) => error.into(),
            DealError::Proof(_) => Self::new(Code::Rule, error).rule("proof"),
            DealError::Unknown(_) => Self::new(Code::Missing, error),
            error => Self::new(Code::Rule, error),
        }
    }
}

impl From<TermsRefusal> for Failure {
    fn from(error: TermsRefusal) -> Self {
        match error {
            TermsRefusal::Rule(violation) => violation.into(),
            TermsRefusal::View(error) => error.into(),
            error => Self::new(Code::Rule, error),
        }
    }
}

impl From<DisclosureError> for Failure {
    fn from(error: DisclosureError) -> Self {
        match error {
            DisclosureError::Proof(refusal) => refusal.into(),
            DisclosureError::View(error) => error.into(),
            error => Self::new(Code::Rule, error),
        }
    }
}

impl From<SwapError> for Failure {
    fn from(error: SwapError) -> Self {
        match error {
            SwapError::View(error) => error.into(),
            SwapError::Build(error) => error.into(),
            SwapError::File(error) => error.into(),
            SwapError::Proof(_) => Self::new(Code::Rule, error).rule("proof"),
            SwapError::Unknown(_) => Self::new(Code::Missing, error),
            error => Self::new(Code::Rule, error),
        }
    }
}
