//! Pairing arithmetic behind one seam: arkworks everywhere, blst where it builds.

mod arkworks;
#[cfg(all(feature = "blst", not(target_family = "wasm")))]
mod blst;

use crate::VerifyingKey;
use crate::groth16::{Fr, G1Affine, G2Affine};
use crate::parallel::map;
use crate::point::PointError;
use alloc::boxed::Box;
use alloc::vec::Vec;
use ark_bls12_381::G1Projective;

pub(crate) use arkworks::Arkworks;
#[cfg(all(feature = "blst", not(target_family = "wasm")))]
pub(crate) use blst::Blst;

/// The library that decodes points and computes pairings. All accept the same bytes and the same proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pairings {
    /// arkworks: every target, `no_std` included; the reference.
    Arkworks,
    /// blst: assembly for x86-64 and aarch64, which looks at run time whether the processor has MULX and ADX.
    #[cfg(all(feature = "blst", not(target_family = "wasm")))]
    Blst,
}

impl Pairings {
    /// All that this build has, the fastest last.
    pub const ALL: &[Self] = &[
        Self::Arkworks,
        #[cfg(all(feature = "blst", not(target_family = "wasm")))]
        Self::Blst,
    ];

    /// The fastest that this build has.
    pub const FASTEST: Self = Self::ALL[Self::ALL.len() - 1];
}

impl core::fmt::Display for Pairings {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Arkworks => "arkworks",
            #[cfg(all(feature = "blst", not(target_family = "wasm")))]
            Self::Blst => "blst",
        })
    }
}

/// Evaluates `$body` with `$library` naming the type behind a [`Pairings`].
macro_rules! with_library {
    ($pairings:expr, $library:ident => $body:expr) => {
        match $pairings {
            $crate::pairing::Pairings::Arkworks => {
                type $library = $crate::pairing::Arkworks;
                $body
            }
            #[cfg(all(feature = "blst", not(target_family = "wasm")))]
            $crate::pairing::Pairings::Blst => {
                type $library = $crate::pairing::Blst;
                $body
            }
        }
    };
}
pub(crate) use with_library;

/// What a library does for the verifier. Points given to [`sum`](Self::sum) and to the Miller loop are of order r or the identity.
pub(crate) trait Library: Clone + Send + Sync + 'static {
    /// A point of G₂ made ready for Miller loops.
    type G2: Clone + Send + Sync;
    /// A value of Miller loops, before the final exponentiation; of no meaning to another library.
    type Target: Clone + Send + Sync;

    /// Decodes one canonical compressed point of G₁.
    fn g1(bytes: &[u8]) -> Result<G1Affine, PointError>;

    /// Decodes one canonical compressed point of G₂.
    fn g2(bytes: &[u8]) -> Result<G2Affine, PointError>;

    /// Whether a point of the curve is of order r or the identity.
    fn in_g1(point: &G1Affine) -> bool;

    /// The same in G₂.
    fn in_g2(point: &G2Affine) -> bool;

    /// Σ scalarᵢ·pointᵢ.
    fn sum(points: &[G1Affine], scalars: &[Fr]) -> G1Projective;

    /// The same for scalars of 64 bits.
    fn short_sum(points: &[G1Affine], scalars: &[u64]) -> G1Projective;

    /// Makes a point ready.
    fn prepare(point: &G2Affine) -> Self::G2;

    /// Π of the Miller loops of all pairs; an identity on either side gives 1.
    fn miller(pairs: &[(G1Affine, Self::G2)]) -> Self::Target;

    /// The product.
    fn multiply(one: &Self::Target, other: &Self::Target) -> Self::Target;

    /// Whether the final exponentiation gives 1.
    fn is_one(value: &Self::Target) -> bool;

    /// The pairs that `prepared` holds, if they are of this library.
    fn held(prepared: &Prepared) -> Option<&KeyPairs<Self>>;
}

/// Curve and subgroup check of a point that was not decoded here.
pub(crate) fn check_g1(point: &G1Affine) -> Result<(), PointError> {
    check(point.is_on_curve(), || with_library!(Pairings::FASTEST, L => L::in_g1(point)))
}

/// The same in G₂.
pub(crate) fn check_g2(point: &G2Affine) -> Result<(), PointError> {
    check(point.is_on_curve(), || with_library!(Pairings::FASTEST, L => L::in_g2(point)))
}

fn check(on_curve: bool, in_subgroup: impl FnOnce() -> bool) -> Result<(), PointError> {
    match (on_curve, on_curve && in_subgroup()) {
        (false, _) => Err(PointError::NotOnCurve),
        (true, false) => Err(PointError::OffSubgroup),
        (true, true) => Ok(()),
    }
}

/// Pairs that share one loop's squarings.
const LOOP: usize = 16;

/// [`Library::miller`] of many pairs, in loops side by side.
pub(crate) fn miller<L: Library>(pairs: &[(G1Affine, L::G2)]) -> L::Target {
    let loops: Vec<_> = pairs.chunks(LOOP).collect();
    let values = map(loops.len(), |i| L::miller(loops[i]));
    let product = values.into_iter().reduce(|one, other| L::multiply(&one, &other));
    product.unwrap_or_else(|| L::miller(&[]))
}

/// A key's points of G₂, ready, and the Miller loop that all its equations share.
#[derive(Clone)]
pub(crate) struct KeyPairs<L: Library> {
    pub(crate) beta: L::G2,
    pub(crate) minus_gamma: L::G2,
    pub(crate) minus_delta: L::G2,
    /// Of the pair (−α, β).
    pub(crate) minus_alpha_beta: L::Target,
}

impl<L: Library> KeyPairs<L> {
    pub(crate) fn new(key: &VerifyingKey) -> Self {
        let elements = key.elements();
        let beta = L::prepare(&elements.beta);
        Self {
            minus_alpha_beta: L::miller(&[(-elements.alpha, beta.clone())]),
            beta,
            minus_gamma: L::prepare(&-elements.gamma),
            minus_delta: L::prepare(&-elements.delta),
        }
    }
}

/// What a prepared key holds.
pub(crate) enum Prepared {
    Arkworks(Box<KeyPairs<Arkworks>>),
    #[cfg(all(feature = "blst", not(target_family = "wasm")))]
    Blst(Box<KeyPairs<Blst>>),
}

impl Prepared {
    pub(crate) fn new(pairings: Pairings, key: &VerifyingKey) -> Self {
        match pairings {
            Pairings::Arkworks => Self::Arkworks(Box::new(KeyPairs::new(key))),
            #[cfg(all(feature = "blst", not(target_family = "wasm")))]
            Pairings::Blst => Self::Blst(Box::new(KeyPairs::new(key))),
        }
    }
}

#[cfg(test)]
mod tests;
