//! Development set-up: one party draws the trapdoor and forgets it.

use crate::engine::rows::Rows;
use crate::engine::setup::{Trapdoor, elements};
use crate::key::SetUp;
use crate::{Cancelled, Control, ProvingKey, Stage};
use privity_arith::ntt::Domain;
use privity_circuits::Circuit;
use privity_circuits::r1cs::Shape;
use privity_verifier::KeyError;
use rand::{CryptoRng, RngCore};

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The caller asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// There is no domain for so many rows.
    #[error("the circuit has {0} rows, at most 2^32 are possible; split the relation")]
    Rows(usize),
    /// The verifying key does not pass its own checks.
    #[error("set-up made an unusable key: {0}; use a sound random generator and generate again")]
    Key(#[from] KeyError),
}

/// Keys of `C`, marked *development*: whoever ran this could have kept the trapdoor, and a production ledger refuses them.
///
/// # Errors
/// [`SetupError`] if cancelled, or for a relation whose name or number of inputs no key may have.
pub fn generate<C: Circuit>(
    rng: &mut (impl RngCore + CryptoRng),
    control: &Control<'_>,
) -> Result<ProvingKey, SetupError> {
    control.enter(Stage::Matrices)?;
    let shape = Shape::of::<C>();
    let rows = Rows::new(&shape);
    let domain = Domain::fitting(rows.size()).ok_or(SetupError::Rows(rows.size()))?;
    control.enter(Stage::SetUp)?;
    let trapdoor = Trapdoor::random(&domain, rng);
    let (parameters, queries) = elements(&rows, &domain, &trapdoor);
    let setup = SetUp { domain, parameters, queries: Some(queries) };
    Ok(ProvingKey::new(C::NAME, &shape, true, setup)?)
}
