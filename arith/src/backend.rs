//! Which lanes the kernels run on: found at run time, or forced by a setting.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use thiserror::Error;

use crate::selftest;

/// The kinds of lanes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// 64-bit scalar arithmetic, on any target; the reference of the others.
    Portable,
    /// Four lanes of double-precision FMA.
    Avx2,
    /// Eight lanes of 52-bit integer FMA.
    Avx512Ifma,
    /// The algorithms of [`Kind::Avx512Ifma`] over emulated instructions: slow, for tests on machines without them.
    EmulatedIfma,
    /// The algorithms of [`Kind::Avx2`] over emulated instructions: likewise.
    EmulatedAvx2,
}

impl Kind {
    /// All kinds, the fastest first, emulated ones last.
    pub const ALL: [Self; 5] = [Self::Avx512Ifma, Self::Avx2, Self::Portable, Self::EmulatedIfma, Self::EmulatedAvx2];

    /// The setting's spelling.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512Ifma => "avx512ifma",
            Self::EmulatedIfma => "emulated-ifma",
            Self::EmulatedAvx2 => "emulated-avx2",
        }
    }

    /// Whether this build and this CPU can run it.
    pub(crate) fn available(self) -> bool {
        match self {
            Self::Portable | Self::EmulatedIfma => true,
            // Its instructions are emulated by the standard library's.
            Self::EmulatedAvx2 => cfg!(feature = "std"),
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Self::Avx2 => crate::lanes::avx2::available(),
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Self::Avx512Ifma => crate::lanes::avx512::available(),
            #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
            Self::Avx2 | Self::Avx512Ifma => false,
        }
    }
}

/// Lanes that this CPU has and that gave the portable lanes' results.
///
/// A value proves that its instructions may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Backend(Kind);

/// Why a back end is not used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BackendError {
    /// The CPU or the build lacks the instructions.
    #[error("back end {0} needs instructions that this CPU or this build lacks; use `portable` or let it be detected")]
    Unavailable(&'static str),
    /// The self-test found a difference to the portable lanes.
    #[error("back end {0} was refused: its results differ from the portable ones on this CPU")]
    Differs(&'static str),
    /// No back end has this name.
    #[error("no back end is called {0:?}; there are portable, avx2 and avx512ifma")]
    Unknown(String),
}

/// What [`Backend::detect_with_warnings`] found.
#[derive(Clone, Debug)]
pub struct Detection {
    /// The fastest lanes that work.
    pub backend: Backend,
    /// Faster ones that the CPU has but that failed their self-test: to be shown as a warning.
    pub refused: Option<BackendError>,
}

impl Backend {
    /// The reference lanes, which every target has.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// The fastest lanes of this CPU that pass the self-test.
    pub fn detect() -> Self {
        Self::detect_with_warnings().backend
    }

    /// The same, with the reasons why faster ones were refused.
    pub fn detect_with_warnings() -> Detection {
        let mut refused = None;
        for kind in [Kind::Avx512Ifma, Kind::Avx2] {
            match Self::forced(kind) {
                Ok(backend) => return Detection { backend, refused },
                Err(BackendError::Unavailable(_)) => {}
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        Detection { backend: Self::PORTABLE, refused }
    }

    /// The given lanes.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`] on a CPU or in a build without the instructions, [`BackendError::Differs`] if the
    /// self-test, run once per process, found a difference to the portable lanes.
    pub fn forced(kind: Kind) -> Result<Self, BackendError> {
        if !kind.available() {
            return Err(BackendError::Unavailable(kind.name()));
        }
        let backend = Self(kind);
        if kind != Kind::Portable && !selftest::passed(backend) {
            return Err(BackendError::Differs(kind.name()));
        }
        Ok(backend)
    }

    /// Lanes that are there, without the self-test.
    #[cfg(test)]
    pub(crate) fn untested(kind: Kind) -> Self {
        assert!(kind.available());
        Self(kind)
    }

    /// The kind of lanes.
    pub fn kind(self) -> Kind {
        self.0
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for Kind {
    type Err = BackendError;

    fn from_str(name: &str) -> Result<Self, BackendError> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| BackendError::Unknown(name.into()))
    }
}

/// Evaluates an expression with `$lanes` bound to the lanes of a back end.
macro_rules! dispatch {
    ($backend:expr, $lanes:ident => $body:expr) => {
        match $backend.kind() {
            $crate::backend::Kind::Portable => {
                type $lanes = $crate::field::portable::Scalar;
                $body
            }
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            $crate::backend::Kind::Avx512Ifma => {
                type $lanes = $crate::lanes::avx512::Ifma;
                $body
            }
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            $crate::backend::Kind::Avx2 => {
                type $lanes = $crate::lanes::avx2::Fma;
                $body
            }
            #[cfg(feature = "std")]
            $crate::backend::Kind::EmulatedAvx2 => {
                type $lanes = $crate::lanes::emulated_fma::EmulatedFma;
                $body
            }
            #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
            $crate::backend::Kind::Avx512Ifma | $crate::backend::Kind::Avx2 => {
                unreachable!("a `Backend` holds only lanes that are there")
            }
            #[cfg(not(feature = "std"))]
            $crate::backend::Kind::EmulatedAvx2 => unreachable!("a `Backend` holds only lanes that are there"),
            $crate::backend::Kind::EmulatedIfma => {
                type $lanes = $crate::lanes::emulated::EmulatedIfma;
                $body
            }
        }
    };
}
pub(crate) use dispatch;
